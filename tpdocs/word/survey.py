"""Everything a reader sees in a Word file, known form or not: pairs, choices, rows, controls and what is left over."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from tpdocs.findings import Finding
from tpdocs.forms.fields import BOXES, Kind
from tpdocs.forms.standard import FIELDS, FormSpec
from tpdocs.word.labels import Lexicon
from tpdocs.word.outlines import Pair
from tpdocs.word.package import Package
from tpdocs.word.pairs import outline
from tpdocs.word.read import FindLayout, read_all
from tpdocs.word.reading import Found, Reading
from tpdocs.word.sides import side_texts
from tpdocs.word.walk import shown_text, walk
from tpdocs.word.xml import ALIAS, CHECKBOX, DATE, DROPDOWN, SDT, SDT_CONTENT, SDT_PR, TAG, VAL, P, child, w

_KINDS = {CHECKBOX: "checkbox", DATE: "date", DROPDOWN: "list", w("comboBox"): "list", w("picture"): "picture"}


@dataclass(slots=True)
class Survey:
    """The parts of ``inspect``'s JSON, each a list of plain objects, and the findings."""

    form: str = ""
    version: str = ""
    pairs: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    controls: list[dict[str, Any]] = field(default_factory=list)
    outside: list[dict[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def survey(package: Package, layout_for: FindLayout) -> Survey:
    """What a document says. One of our forms is read as such, any other by how its labels look."""
    made = Survey(controls=list(_controls(package.main)))
    for reading in read_all(package, layout_for):
        if reading.form is None:
            _unknown(package, made)
        else:
            _known(reading, reading.form, made)
    return made


def _known(reading: Reading, form: FormSpec, made: Survey) -> None:
    made.form = made.form or form.code
    made.version = made.version or reading.properties.get("version", "")
    made.findings += reading.findings
    made.outside += [{"place": place, "text": text} for place, text in reading.outside]
    for path in form.shows:
        if (one := reading.found.get(path)) is not None:
            _field(one, made)


def _field(one: Found, made: Survey) -> None:
    spec = FIELDS[one.path]
    if isinstance(one.answer, list):
        rows = [[str(row.get(column.name, "")).strip() for column in spec.columns] for row in one.answer]
        kept = [row for row in rows if any(row)]
        if kept:
            columns = [column.label for column in spec.columns]
            made.rows.append({"label": spec.label, "columns": columns, "rows": kept, "place": one.place})
    elif isinstance(one.answer, tuple):
        options = [choice.label for choice in spec.options]
        made.choices.append(
            {"label": spec.label, "options": options, "checked": list(one.answer), "place": one.place, "how": one.how}
        )
    elif value := str(one.answer).strip():
        made.pairs.append({"label": spec.label, "value": value, "place": one.place, "how": one.how})
        if spec.kind in BOXES and spec.kind is not Kind.YES_NO:
            made.pairs[-1]["options"] = [choice.label for choice in spec.options]


def _unknown(package: Package, made: Survey) -> None:
    found = walk(package.main, package.most_cells, signs=package.has_signs)
    told = outline(found, Lexicon())
    for pair in told.pairs:
        if pair.options:
            made.choices.append(_choice(pair))
        else:
            made.pairs.append({"label": pair.name, "value": pair.value, "place": pair.place, "how": pair.how})
    for table in told.tables:
        if table.rows:
            made.rows.append({"label": table.label, "columns": table.columns, "rows": table.rows, "place": table.place})
    made.outside = [
        {"place": place, "text": text} for place, text in (*told.outside, *found.hidden, *side_texts(package))
    ]
    if found.tracked:
        made.findings.append(Finding(code="tracked_changes"))


def _choice(pair: Pair) -> dict[str, Any]:
    return {
        "label": pair.name,
        "options": [one.text for one in pair.options],
        "checked": [one.text for one in pair.options if one.ticked],
        "place": pair.place,
        "how": pair.how,
    }


def _controls(root: etree._Element) -> Iterator[dict[str, Any]]:
    """Every content control, whoever made it."""
    for control in root.iter(SDT):
        facts, content = child(control, SDT_PR), child(control, SDT_CONTENT)
        if facts is None or content is None:
            continue
        kind = next((_KINDS[one.tag] for one in facts if one.tag in _KINDS), "text")
        paragraphs = list(content.iter(P))
        text = "\n".join(map(shown_text, paragraphs)) if paragraphs else shown_text(content)
        told = {name: one.get(VAL, "") if (one := child(facts, tag)) is not None else None for name, tag in _NAMED}
        yield {**told, "kind": kind, "text": text}


_NAMED = (("tag", TAG), ("alias", ALIAS))
