"""A list of the register brought to what it should say, beside whatever people wrote into it."""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tpdocs.actions.facing import in_order
from tpdocs.actions.refusals import Refusals
from tpdocs.actions.verdicts import Taken, answer_text
from tpdocs.findings import Finding
from tpdocs.ledger.faces import Lists, Written
from tpdocs.register.arranging import arrange, is_settled, is_sorted_by_people, may_be_ours, rows_by_key
from tpdocs.register.book import TableAt
from tpdocs.register.cells import Plain, Range, Shown, is_link, plain, same
from tpdocs.register.columns import ACTION_SHEET, CONFLICT_SHEET, DOCUMENT_SHEET, Sheet
from tpdocs.register.keys import key_of
from tpdocs.register.line_order import runs_of
from tpdocs.register.lines import LineKey, Lines, lines_of
from tpdocs.register.patch import SheetChange
from tpdocs.register.scan import UNREAD
from tpdocs.register.writing import Place, Writer, digest_of


@dataclass(frozen=True, slots=True)
class Before:
    """What is known of a list from the newest writing: where it stood and its lines; nothing in an older copy."""

    place: Place | None = None
    lines: list[list[Shown]] | None = None


@dataclass(slots=True)
class Out:
    """A register on its way: the workbook being written, where problems stand in it, and what in it is not taken in."""

    writer: Writer
    positions: dict[str, int] = field(default_factory=dict)
    nothing: bool = True
    refusals: Refusals = field(default_factory=Refusals)

    def layout(self) -> dict[str, Any]:
        """Where things stand, as the ledger keeps it."""
        return {**{name: place.kept() for name, place in self.writer.places.items()}, **self.refusals.kept()}


def say_no_room(count: int, sheet: Sheet, below: int, taken: Taken) -> None:
    """Tell that so many rows wait, for something stands where they would go."""
    parts = {"count": str(count), "sheet": sheet.name, "row": str(below)}
    taken.findings.append(Finding(code="no_room", parts=parts))


def arranged(
    out: Out,
    table: TableAt,
    rows: list[list[Shown]],
    taken: Taken,
    before: Before,
    *,
    edited: bool = True,
    twice: Container[str] = (),
) -> None:
    """A list brought to what it should say, beside whatever people wrote into it; `before` is what is known of it."""
    sheet, shown, was = table.sheet, out.writer.shown, before.lines
    known = rows_by_key(sheet, map(shown, was or []))
    found = lines_of(out.writer.book, table, known, out.writer.looks_of(table))
    found.is_sorted = is_sorted_by_people(found, known, before.place)
    added = _added(sheet, found, known if was is not None else None)
    theirs = frozenset(key for key in found.rows if key[0] in twice) | added
    if edited and sheet not in (ACTION_SHEET, CONFLICT_SHEET):  # of these it has been told
        _tell_edits(table, found, _written(known, before.place), added, taken)
    change = out.writer.change(table)
    change.range = Range(table.range.left, table.range.top, table.range.right, found.bottom)
    wanted = [list(shown(row)) for row in rows]
    for key, places in (taken.held if edited else {}).items():
        there = found.rows.get((key, 1))
        if there is not None:
            _keep_typed(sheet, wanted, key, places, there.values)
    numbers = arrange(change, sheet, found, wanted, theirs=theirs, was=known)
    if table.has_totals:
        change.shrink_to = 0  # the row of totals stays where it is, and empty rows above it
    _leave_what_is_below(change, found, table, taken)
    out.nothing &= change.is_nothing
    out.writer.put(table, change, chunks=found.chunks, digest=digest_of(rows))
    place = out.writer.places[sheet.table]
    # From now on nobody knows what of people's lies on its rows; to the documents lines are only added, so there it does not matter.
    place.touched = sheet is not DOCUMENT_SHEET or found.is_touched or bool(theirs)
    # Lines that wait for room stand nowhere.
    order = runs_of(number if number <= change.bottom else 0 for number in numbers)
    place.is_sorted, place.order = found.is_sorted, order if place.touched else []


def _added(sheet: Sheet, found: Lines, known: Mapping[LineKey, Sequence[Shown]] | None) -> frozenset[LineKey]:
    """The lines that people wrote themselves; in an older copy what is `known` of it is not."""
    if known is None:
        return frozenset(key for key, line in found.rows.items() if not may_be_ours(sheet, line))
    return frozenset(key for key in found.rows.keys() - known.keys() if not is_settled(sheet, found.rows[key]))


def _written(known: Mapping[LineKey, Sequence[Shown]], place: Place | None) -> dict[LineKey, Sequence[Shown]]:
    """The lines that had room where the list was written last."""
    numbers = place.line_numbers(len(known)) if place is not None else []
    if len(numbers) != len(known):
        return dict(known)
    return {key: row for (key, row), number in zip(known.items(), numbers, strict=True) if number}


def without_room(sheet: Sheet, last: Written | None, lists: Lists) -> frozenset[str]:
    """The lines of a list that the newest writing had no room for."""
    place = Place.of(sheet, last.layout[sheet.table]) if last is not None and sheet.table in last.layout else None
    if place is None or not place.order:
        return frozenset()
    known = rows_by_key(sheet, in_order(lists, sheet.table))
    return frozenset(key for key, _ in known.keys() - _written(known, place).keys())


def _leave_what_is_below(change: SheetChange, found: Lines, table: TableAt, taken: Taken) -> None:
    """New lines go down to what stands below a list, but for an empty row, or it would be the next of them; the others wait, and that is told."""
    room = found.below - found.bottom - (1 if table.has_totals else 2)
    if found.below and change.appended and len(change.appended) > room:
        room = max(0, room)
        say_no_room(len(change.appended) - room, table.sheet, found.below, taken)
        del change.appended[room:]


def _tell_edits(
    table: TableAt, found: Lines, known: Mapping[LineKey, Sequence[Shown]], added: Iterable[LineKey], taken: Taken
) -> None:
    """What people changed in a list that is computed, and is put back."""
    sheet, number_at = table.sheet, table.sheet.key_positions[0]
    for key, cells in known.items():
        number, row = str(cells[number_at] or ""), found.rows.get(key)
        if row is None:
            taken.say("line_gone", number, sheet=sheet.name)
        for place, value in row.hold.items() if row is not None else ():
            if not same(value, plain(cells[place])) and not (value is UNREAD and is_link(cells[place])):
                column = sheet.columns[place]
                told = answer_text(value, column)
                taken.say("computed_cell", number, column.heading, value=told, sheet=sheet.name)
    for key in sorted(added, key=lambda one: found.rows[one].number):
        if any(value is not None for value in found.rows[key].values.values()):
            taken.say("row_not_taken", row=str(found.rows[key].number), sheet=sheet.name)


def _keep_typed(
    sheet: Sheet, wanted: list[list[Shown]], key: str, places: set[int], values: Mapping[int, Plain]
) -> None:
    for row in wanted:
        if key_of(sheet, row) == key:
            for place in places:
                row[place] = values.get(place)
