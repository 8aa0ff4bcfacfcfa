"""Several forms in one file: people paste one below the other, forty and more of them; each is read by itself."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from tpdocs.forms.fields import Kind, normal_label
from tpdocs.forms.standard import ALL_FORMS, FIELDS, FormSpec
from tpdocs.word.by_label import names_form
from tpdocs.word.containers import Container, Walk
from tpdocs.word.labels import vocabulary
from tpdocs.word.lines import pairs_in_line

DOSSIER = "dossier"
_ENOUGH, _SEVERAL, _LONGEST_LABEL = 3, 2, 60
_LAST_OF_TITLES = frozenset(form.title[-1] for form in ALL_FORMS)


@dataclass(slots=True)
class _Line:
    """A row of a table (with the tables inside its cells) or a paragraph: its containers, the fields met in it, its title."""

    start: int
    end: int
    row: bool
    keys: set[str] = field(default_factory=set)
    title: FormSpec | None = None


def sections(found: Walk, form: FormSpec) -> list[Walk]:
    """The parts of a document that hold a form each; the document itself where it holds only one.

    A new one begins where the first field of the one before comes again, with enough of the others after it (a single
    field met twice is a pasted row), and takes the title right above it along; or at the title of another form. The
    dossier has the titles of the others as headings, and is one form.
    """
    if _holds_one(found, form):
        return [found]
    lines = _lines(found, form)
    cuts: list[int] = []
    seen: set[str] = set()
    first: set[str] = set()
    current = form
    for number, line in enumerate(lines):
        if first & line.keys and _comes_again(lines, number, seen, first):
            if (cut := _with_title(lines, number)) not in cuts:
                cuts.append(cut)
            seen, first = set(), set()
        elif (
            seen
            and form.key != DOSSIER
            and line.title
            and line.title != current
            and _begins_other(lines, number, found)
        ):
            cuts.append(number)
            seen, first, current = set(), set(), line.title
        first = first or line.keys
        seen |= line.keys
    if not cuts:
        return [found]
    starts = [0, *(lines[cut].start for cut in cuts), len(found.containers)]
    return [_part(found, start, end) for start, end in pairwise(starts)]


def _holds_one(found: Walk, form: FormSpec) -> bool:
    """Whether a document plainly holds one form, as nearly all do: no control of ours twice, none of another form, no second title."""
    tags = {id(control.tag): control.tag for one in found.containers for control in one.controls}
    if not tags or len(tags) != sum(len(one.controls) for one in found.containers):
        return False
    if form.key != DOSSIER and {tag.path.partition(".")[0] for tag in tags.values()} - {form.key, "report"}:
        return False
    texts = [one.text for one in found.containers if one.row is None]
    return (
        sum(1 for one in texts if one.rstrip()[-1:] in _LAST_OF_TITLES and names_form(one)) < _SEVERAL
        or form.key == DOSSIER
    )


def _lines(found: Walk, form: FormSpec) -> list[_Line]:
    controlled = any(one.controls for one in found.containers)
    last = {id(one.row): position for position, one in enumerate(found.containers) if one.row is not None}
    lines: list[_Line] = []
    position = 0
    while position < len(found.containers):
        here = found.containers[position]
        end = position + 1 if here.row is None else last[id(here.row)] + 1
        line = _Line(position, end, here.row is not None)
        inside = found.containers[position:end]
        line.keys = set(_tagged(inside) if controlled else _labelled(inside, form))
        if not line.keys:
            line.title = next((title for one in inside if (title := names_form(one.text))), None)
        lines.append(line)
        position = end
    return lines


def _tagged(containers: Iterable[Container]) -> Iterable[str]:
    for one in containers:
        for control in one.controls:
            if not control.tag.column:
                yield control.tag.path


def _labelled(containers: Iterable[Container], form: FormSpec) -> Iterable[str]:
    """The labels that only one field of the form has, and no column."""
    words = vocabulary(form)
    for one in containers:
        text = one.text
        told = [normal_label(text)] if len(text) < _LONGEST_LABEL else []
        if one.row is None or not words.fields.get("".join(told)):
            told = [normal_label(label) for line in text.split("\n") for label, _ in pairs_in_line(line, words)]
        for label in told:
            fields = words.fields.get(label, ())
            if len(fields) == 1 and not fields[0].row_of and FIELDS[fields[0].path].kind is not Kind.ROWS:
                yield label


def _comes_again(lines: list[_Line], number: int, seen: set[str], first: set[str]) -> bool:
    """Whether what follows, up to where the first field comes once more, is for the most part what has been met before."""
    again: set[str] = set()
    for position, line in enumerate(lines[number:]):
        if position and first & line.keys:
            break
        again |= line.keys & seen
    return len(again) >= max(_ENOUGH, (len(seen) + 1) // 2)


def _begins_other(lines: list[_Line], number: int, found: Walk) -> bool:
    """Whether the title of another form stands here by itself, with enough of that form's fields below it."""
    title = lines[number].title
    if title is None or sum(1 for one in found.containers[lines[number].start : lines[number].end] if one.text) != 1:
        return False
    end = next((one.start for one in lines[number + 1 :] if one.title), len(found.containers))
    below = found.containers[lines[number].end : end]
    controlled = any(one.controls for one in below)
    keys = {key for key in _tagged(below) if key.startswith(f"{title.key}.")} if controlled else _labelled(below, title)
    return len(set(keys)) >= _ENOUGH


def _with_title(lines: list[_Line], number: int) -> int:
    """Where the section of a line begins: at the title above it; before a table, at the paragraphs after the last one."""
    start = number
    while start and not lines[start - 1].keys:
        start -= 1
        if lines[start].title:
            return start
    if not lines[number].row:
        return number
    start = number
    while start and not lines[start - 1].row and not lines[start - 1].keys:
        start -= 1
    return start


def _part(found: Walk, start: int, end: int) -> Walk:
    inside = found.containers[start:end]
    places = {one.place for one in inside}
    rows = {id(one.row) for one in inside if one.row is not None}
    return Walk(
        containers=inside,
        rows=[row for row in found.rows if id(row) in rows],
        tracked=found.tracked,
        doubled=found.doubled,
        run_together=found.run_together & places,
        foreign_parts=found.foreign_parts,
        whole=False,
        hidden=[(place, text) for place, text in found.hidden if place in places],
        struck=[(place, text) for place, text in found.struck if place in places],
    )
