"""Bringing the lines of a list to what they should be, beside whatever people wrote among them."""

from collections.abc import Iterable, Mapping, Sequence

from tpdocs.forms.standard import FORMS
from tpdocs.register.cells import Shown
from tpdocs.register.columns import (
    ACTION_SHEET,
    CONFLICT_SHEET,
    DOCUMENT_SHEET,
    DONE_ACTION,
    KIND_WORDS,
    LATE_ACTION,
    OPEN_ACTION,
    RESIDUAL,
    SETTLED,
    SEVERITY_WORDS,
    SUGGESTION,
    TODO_SHEET,
    Sheet,
)
from tpdocs.register.keys import key_of
from tpdocs.register.line_order import is_reordered
from tpdocs.register.lines import Line, LineKey, Lines
from tpdocs.register.patch import SheetChange
from tpdocs.register.writing import Place

_FORM_NAMES = frozenset(spec.name for spec in FORMS.values())
_VOCABULARY: dict[str, dict[str, frozenset[str]]] = {
    TODO_SHEET.table: {"类别": frozenset(KIND_WORDS.values()), "程度": frozenset(SEVERITY_WORDS.values())},
    ACTION_SHEET.table: {"来源": frozenset((RESIDUAL, SUGGESTION)), "状态": frozenset((OPEN_ACTION, LATE_ACTION, DONE_ACTION))},
    CONFLICT_SHEET.table: {"表单": _FORM_NAMES},
    DOCUMENT_SHEET.table: {"表单": _FORM_NAMES},
}  # fmt: skip


def arrange(
    change: SheetChange, sheet: Sheet, found: Lines, wanted: Sequence[Sequence[Shown]], *,
    theirs: frozenset[LineKey] = frozenset(), was: Mapping[LineKey, Sequence[Shown]] | None = None,
) -> list[int]:  # fmt: skip
    """Bring the rows of a list to what they should be; rows beside which people wrote something stay where they are.

    `theirs` are the keys of rows that people wrote themselves: nothing of these is touched. `was` is what rows said before.

    Returns in which rows the wanted lines stand then, 0 for those of people. Rows go on in the order that people sorted them to, new ones below.
    """
    every = rows_by_key(sheet, wanted)
    by_key = {key: cells for key, cells in every.items() if key not in theirs}
    pinned = {key: row for key, row in found.rows.items() if row.foreign or key in theirs}
    order = [key for key in by_key if key not in pinned]
    if found.is_sorted:
        known = sorted((row.number, key) for key, row in found.rows.items() if key in by_key and key not in pinned)
        order = [key for _, key in known] + [key for key in order if key not in found.rows]
    taken = {row.number for row in pinned.values()}
    there = {row.number: row for row in found.rows.values()}
    places, number = {key: row.number for key, row in pinned.items()}, change.range.top
    for key in order:
        number += 1
        while number in taken:
            number += 1
        places[key] = number
        _put_row(change, found, there.get(number) or Line(number), by_key[key])
    for key, row in pinned.items():
        cells = by_key.get(key)
        if cells is not None:
            _put_row(change, found, row, cells)
        elif sheet.settled and key not in theirs and not is_settled(sheet, row):
            over = {**_put_back(sheet, row, (was or {}).get(key)), sheet.position(sheet.settled): SETTLED}
            change.updates[row.number] = {at: cell for at, cell in over.items() if at in change.letters}
    for spare in sorted(there):
        if spare > number and spare not in taken:
            change.updates[spare] = dict.fromkeys(change.letters)
    bottom = max([change.range.top + 1, *places.values()])
    if bottom < change.range.bottom:
        change.shrink_to = bottom
    return [places[key] if key in by_key else 0 for key in every]


def is_sorted_by_people(found: Lines, known: Iterable[LineKey], last: Place | None) -> bool:
    """Whether somebody sorted a list: the file says so, or its lines stand in another order than they were written (`known`: in ours)."""
    keys = list(known)
    now = [found.rows[key].number for key in keys if key in found.rows]
    if found.is_sorted or last is None or now == sorted(now):
        return found.is_sorted
    written = zip(keys, last.line_numbers(len(keys)), strict=False)
    there = [(found.rows[key].number, at) for key, at in written if at and key in found.rows]
    return last.is_sorted or is_reordered([number for number, _ in there], [at for _, at in there])


def may_be_ours(sheet: Sheet, row: Line) -> bool:
    """Whether a line of an older copy may be one that tpdocs wrote then: what is not is somebody's own."""
    values = row.values
    return is_settled(sheet, row) or all(
        values.get(sheet.position(heading)) in words for heading, words in _VOCABULARY[sheet.table].items()
    )


def _put_back(sheet: Sheet, row: Line, was: Sequence[Shown] | None) -> dict[int, Shown]:
    """The computed cells of a row that people changed, as they were."""
    return row.differing(was, row.hold.keys() - sheet.editable) if was is not None else {}


def is_settled(sheet: Sheet, row: Line) -> bool:
    """Whether a row is a line of ours that is over, and stays for what people wrote beside it."""
    return bool(sheet.settled) and row.values.get(sheet.position(sheet.settled)) == SETTLED


def _put_row(change: SheetChange, found: Lines, there: Line, cells: Sequence[Shown]) -> None:
    if there.number > change.range.bottom:
        change.appended.append(cells)
    elif there.number not in found.numbers:
        change.inserted[there.number] = cells
    elif new := there.differing(cells, change.letters):
        change.updates[there.number] = new


def rows_by_key(sheet: Sheet, rows: Iterable[Sequence[Shown]]) -> dict[LineKey, Sequence[Shown]]:
    """The rows of a list by key."""
    found: dict[LineKey, Sequence[Shown]] = {}
    seen: dict[str, int] = {}
    for row in rows:
        key = key_of(sheet, row)
        seen[key] = number = seen.get(key, 0) + 1
        found[key, number] = row
    return found
