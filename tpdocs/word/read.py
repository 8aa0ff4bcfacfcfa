"""A filled document becomes a reading: for each field what was found, where and how, and what belongs to no field.

Three ways lead to a field, in this order: our control, the bookmark round it, its label. The later ones are gone only where
an earlier one leads nowhere, or where a label says that a control stands in the wrong place; then all are compared.
"""

from collections.abc import Callable, Mapping

from lxml import etree

from tpdocs.forms.fields import BOXES, Field, Kind, normal_label
from tpdocs.forms.standard import FIELDS, FORMS, FormSpec, find_form
from tpdocs.forms.values import shortened, squeezed
from tpdocs.word.by_bookmark import find_by_bookmark
from tpdocs.word.by_control import ByControl
from tpdocs.word.by_label import Labelled, find_by_label, form_by_title, names_form
from tpdocs.word.containers import Walk
from tpdocs.word.labels import vocabulary
from tpdocs.word.layout import Layout
from tpdocs.word.lines import pairs_in_line
from tpdocs.word.package import Package
from tpdocs.word.reading import BY_CONTROL, BY_LABEL, Found, Reading
from tpdocs.word.repeated import say_once, tell_lost_lines
from tpdocs.word.sections import sections
from tpdocs.word.sides import drawn_texts, media, side_texts, without_figures
from tpdocs.word.walk import walk

_LONGEST_LABEL = 60
_OF_THE_DESK = frozenset(("desk", "form", "template", "version"))
FindLayout = Callable[[FormSpec, str], Layout]


def read(package: Package, layout_for: FindLayout) -> Reading:
    """The reading of a document's only form, or of its first; `layout_for` gives the layout of a form, by the hash of its template."""
    return read_all(package, layout_for)[0]


def read_all(package: Package, layout_for: FindLayout) -> list[Reading]:
    """A reading of every form in a document; at least one, which may be of no form."""
    found = walk(package.main, package.most_cells, signs=package.has_signs)
    form = _identify(package.properties, found)
    if form is None:
        return [Reading(properties=package.properties)]
    parts = sections(found, form)
    readings = [_read_form(package, one, _form_of(one, form), layout_for) for one in parts]
    if len(readings) > 1:
        for one in readings:
            one.properties = _for_number(package.properties, one)
    _about_the_file(readings, package, found, layout_for(form, package.properties.get("template", "")))
    return readings


def _form_of(part: Walk, form: FormSpec) -> FormSpec:
    """The form that a part of a document is: one pasted below another brings its own title, or its own controls."""
    return form if part.whole else _identify({}, part) or form


def _for_number(properties: dict[str, str], one: Reading) -> dict[str, str]:
    """What the file says it was written for holds of the one form with that number only: the others were pasted in."""
    shown = squeezed(one.text("report.number")).upper()
    if shown and shown == properties.get("number"):
        return properties
    return {name: value for name, value in properties.items() if name in _OF_THE_DESK}


def _about_the_file(readings: list[Reading], package: Package, found: Walk, layout: Layout) -> None:
    """What is to be said about the file as a whole goes with its first form."""
    first = readings[0]
    for place, text in side_texts(package, layout.parts_beside):
        if without_figures(text) not in layout.beside and not layout.knows(text):
            first.outside.append((place, text))
            first.add("unplaced_text", None, place, value=shortened(text))
    for text in drawn_texts(package, layout.parts_beside):
        first.outside.append(("", text))
        first.add("object_not_read", None, "", value=shortened(text))
    for target in package.links - layout.links:
        first.outside.append(("", target))
        first.add("link_kept", None, "", value=shortened(target))
    shown = {part for reading in readings for _, _, part in reading.pictures}
    first.pictures += [("", "", part) for part in media(package, layout.parts_beside) if part not in shown]
    if found.tracked:
        first.add("tracked_changes", None, "")
    if any(name.endswith("vbaProject.bin") for name in package.names):
        first.add("macros", None, "")
    if found.foreign_parts:
        first.add("foreign_part", None, "", count=str(found.foreign_parts))


def _read_form(package: Package, found: Walk, form: FormSpec, layout_for: FindLayout) -> Reading:
    reading = Reading(form=form, properties=package.properties)
    layout = layout_for(form, reading.properties.get("template", ""))
    control = ByControl(reading, layout, package)
    control.over(found)
    loose, boxes = control.loose, control.boxes
    wanted = {path for path in layout.paths if not FIELDS[path].computed and not FIELDS[path].other_of}
    if wanted - reading.found.keys() or _misplaced(found, form):
        loose = _other_ways(reading, package.main, found, layout, loose)
        boxes = [(place, text) for place, text in boxes if not _was_read(text, place, reading)]
    say_once(reading, found)
    for place, texts in grouped(found.struck).items():
        reading.add("struck_out", _field_at(reading, place), place, value=shortened("".join(texts)))
    reading.outside += [*boxes, *loose, *found.hidden]
    for place, text in reading.outside:
        reading.add("unplaced_text", None, place, value=shortened(text))
    # A signature is no answer; who signed, and when, is kept all the same.
    reading.outside += control.signed
    for path in sorted(wanted - reading.found.keys()):
        reading.add("field_not_found", FIELDS[path], "")
    tell_lost_lines(reading, form, found)
    if not found.whole and found.containers:
        reading.start = found.containers[0].place
    return reading


def grouped(texts: list[tuple[str, str]]) -> dict[str, list[str]]:
    """Texts by their place."""
    found: dict[str, list[str]] = {}
    for place, text in texts:
        found.setdefault(place, []).append(text)
    return found


def _field_at(reading: Reading, place: str) -> Field | None:
    """The field whose answer stands at a place."""
    return next((FIELDS[path] for path, one in reading.found.items() if one.place == place), None)


def _other_ways(
    reading: Reading, root: etree._Element, found: Walk, layout: Layout, loose: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Go the other ways; returns what they leave of the texts that belong to no control."""
    form = reading.form
    if form is None:
        return loose
    labelled = find_by_label(found, form, layout.all_prompts)
    for path, one in find_by_bookmark(root, found, layout.options).items():
        # Rows stand safely under their header; the bookmarks of their cells move when a file goes through RTF.
        under_header = FIELDS[path].kind is Kind.ROWS and path in labelled.found
        if path in layout.paths and not under_header:
            reading.found.setdefault(path, one)
    for answer in labelled.found.values():
        _compare(reading, answer, layout)
        if reading.found[answer.path].how != BY_CONTROL:
            reading.outside += [(answer.place, text) for text in answer.strange if not layout.knows(text)]
    for answer in labelled.again:
        _disagree(reading, reading.found[answer.path], answer.as_found)
    places, words = {place for place, _ in loose}, vocabulary(form).fields
    return [
        (place, text)
        for place, text in labelled.outside
        if place in places and not layout.knows(text) and not _is_label(text, words) and not names_form(text)
    ]


def _was_read(text: str, place: str, reading: Reading) -> bool:
    """Whether a text box holds labels of ours with their values, or is the value of the cell it lies over."""
    words = vocabulary(reading.form) if reading.form else None
    if words and all(pairs_in_line(line, words) for line in text.split("\n") if line.strip()):
        return True
    return any(one.place == place and str(one.answer).strip() == text for one in reading.found.values())


def _is_label(text: str, words: Mapping[str, object]) -> bool:
    return len(text) < _LONGEST_LABEL and normal_label(text) in words


def _compare(reading: Reading, answer: Labelled, layout: Layout) -> None:
    """Take what stands at a label where no other way led to the field; else the two have to agree."""
    known = reading.found.setdefault(answer.path, answer.as_found)
    if known.answer == () and isinstance(answer.answer, str) and answer.answer:
        # The boxes are empty, and beside them stands a mark that may belong to either of two choices.
        reading.found[answer.path] = answer.as_found
    elif known.how != BY_LABEL and _differ(known, answer.answer, layout):
        _disagree(reading, known, answer.as_found)


def _misplaced(found: Walk, form: FormSpec) -> bool:
    """Whether the label beside a control is that of another field: somebody moved the one without the other."""
    words = vocabulary(form).fields
    for row in found.rows:
        for before, cell in zip(row.cells, row.cells[1:], strict=False):
            controls = cell.controls
            if not controls or before.controls or controls[0].tag.column:
                continue
            label = before.loose_text
            named = words.get(normal_label(label)) if len(label) < _LONGEST_LABEL else None
            path = controls[0].tag.path.removesuffix("_other")
            if named and all(one.path != path for one in named):
                return True
    return False


def _differ(known: Found, answer: object, layout: Layout) -> bool:
    """Whether two ways lead to different answers; where the template has words of its own beside the control, that says nothing."""
    field = FIELDS[known.path]
    if field.kind is Kind.ROWS or not answer or any(layout.round_controls.get(known.path, ())):
        return False
    if field.kind in BOXES:
        return isinstance(known.answer, tuple) and isinstance(answer, tuple) and set(known.answer) != set(answer)
    return squeezed(str(known.answer)) != squeezed(str(answer))


def _disagree(reading: Reading, known: Found, other: Found) -> None:
    """Two places say different things: the first way's answer stands, an empty one gives way; both are told."""
    one = FIELDS[known.path]
    if not known.answer:
        reading.found[known.path] = other
    told = {"value": _told(known.answer), "other_value": _told(other.answer), "other_place": other.place}
    reading.add("ways_disagree", one, known.place, **told)


def _told(answer: object) -> str:
    return shortened("、".join(answer) if isinstance(answer, tuple) else str(answer))


def _identify(properties: dict[str, str], found: Walk) -> FormSpec | None:
    """The form by its custom property, else by whose fields most of its controls are; identity fields say nothing."""
    if form := find_form(properties.get("form", "")):
        return form
    counts: dict[str, int] = {}
    for container in found.containers:
        for control in container.controls:
            key = control.tag.path.partition(".")[0]
            counts[key] = counts.get(key, 0) + 1
    others = {key: number for key, number in counts.items() if key != "report"} or counts
    if len(others) > 2:  # noqa: PLR2004 - fields of three stages in one document: the dossier
        return find_form("F00")
    return FORMS[max(others, key=lambda key: others[key])] if others else form_by_title(found)
