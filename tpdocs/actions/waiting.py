"""What was taken in from a register that could not be written then: the workbook still says it, so it is no edit a second time.

Who had the register open goes on in it: what is corrected there again is taken in again. What is set back to what was written cannot be
told from an older copy, so it is a conflict. All of it is kept with the layout of the newest writing and gone with the next one.
"""

from collections.abc import Mapping
from typing import Any

from tpdocs.actions.refusals import Refusals
from tpdocs.actions.verdicts import Taken
from tpdocs.ledger.faces import KeptFace, Lists, Written
from tpdocs.register.cells import Plain, plain, same
from tpdocs.register.columns import ACTION_SHEET, CONFLICT_SHEET, PROBLEM_SHEET
from tpdocs.register.compare import Compared
from tpdocs.register.keys import key_of

_KEY, _OPENED = "taken", "opened"
Cells = dict[str, dict[int, Plain]]  # by key and place


def layout_with(last: Written, found: Mapping[str, Compared], taken: Taken) -> dict[str, Any]:
    """The layout of the newest writing with what has been taken in since, and what was refused; of an older copy nothing is `found`."""
    told: dict[str, dict[str, dict[str, Plain]]] = {
        table: {key: dict(cells) for key, cells in rows.items()} for table, rows in last.layout.get(_KEY, {}).items()
    }
    for sheet in (PROBLEM_SHEET, ACTION_SHEET, CONFLICT_SHEET):
        rows = found[sheet.table].rows if sheet.table in found else {}
        for key, row in rows.items():
            places = sheet.editable - taken.refusals.cells.get(key, {}).keys()
            if known := {str(one.place): one.theirs for one in row.differences if one.place in places}:
                told.setdefault(sheet.table, {}).setdefault(key, {}).update(known)
    refused = taken.refusals
    hints = Refusals.of(last).hints | refused.hints  # those in the workbook stand there still
    kept = Refusals(hints, refused.cells, refused.rounds).kept()
    return {**last.layout, **kept, _KEY: told, _OPENED: _opened(last, found, taken)}


def _opened(last: Written, found: Mapping[str, Compared], taken: Taken) -> dict[str, Mapping[Any, Plain]]:
    """What rows say that have opened a problem and do not show its number yet."""
    rows = dict(found[PROBLEM_SHEET.table].new) if PROBLEM_SHEET.table in found else {}
    told = dict(last.layout.get(_OPENED, {}))
    for row, number in taken.opened.items() if rows else ():
        refused = taken.refusals.cells.get(number, {})
        told[number] = {place: value for place, value in rows[row].items() if place not in refused}
    return told


def opened(last: Written | None) -> dict[str, dict[int, Plain]]:
    """What rows without a number said when they were taken in last, by the number that they opened."""
    told = last.layout.get(_OPENED, {}) if last is not None else {}
    return {number: {int(place): value for place, value in cells.items()} for number, cells in told.items()}


def recall(last: Written, faces: Mapping[str, KeptFace], lists: Lists) -> dict[str, Cells]:
    """Let rows say what the workbook does by now; returns what they said when they were written, by table."""
    told: dict[str, dict[str, dict[str, Plain]]] = last.layout.get(_KEY, {})
    before: dict[str, Cells] = {}
    for key, cells in told.get(PROBLEM_SHEET.table, {}).items():
        face = faces.get(key)
        row = face.cells if face is not None else None
        if face is not None and row is not None:
            before.setdefault(PROBLEM_SHEET.table, {})[key] = _replaced(row, cells)
            face.set_cells(row)
    for sheet in (ACTION_SHEET, CONFLICT_SHEET):
        taken = told.get(sheet.table, {})
        for row in (line for one in (lists.values() if taken else ()) for line in one.get(sheet.table, ())):
            key = key_of(sheet, row)
            if key in taken:
                before.setdefault(sheet.table, {})[key] = _replaced(row, taken[key])
    return before


def mark_restored(found: Compared, before: Cells) -> None:
    """Note of differences whether the cell says again what was written."""
    for key, cells in before.items():
        row = found.rows.get(key)
        for one in row.differences if row is not None else ():
            one.restored = one.place in cells and same(one.theirs, cells[one.place])


def _replaced(row: list[Any], cells: Mapping[str, Plain]) -> dict[int, Plain]:
    was = {int(place): plain(row[int(place)]) for place in cells}
    for place, value in cells.items():
        row[int(place)] = value
    return was
