"""What the ledger knows, put into the register: only the cells that have to change."""

from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field
from functools import partial

from tpdocs.actions.document_list import DocumentLines
from tpdocs.actions.facing import Facing
from tpdocs.actions.lists_out import Before, Out, arranged, say_no_room
from tpdocs.actions.refusals import Refusals
from tpdocs.actions.verdicts import Taken
from tpdocs.ledger.faces import KeptFace, Lists, Written
from tpdocs.register.book import Book, TableAt
from tpdocs.register.cells import Range, Shown
from tpdocs.register.columns import (
    DOCUMENT_SHEET,
    HINT,
    LIST_SHEETS,
    PROBLEM_SHEET,
    SHEETS,
)
from tpdocs.register.compare import Compared
from tpdocs.register.patch import SheetChange
from tpdocs.register.writing import Place, Writer, cells_to_write, digest_of

_HINT_AT = PROBLEM_SHEET.position(HINT)
TWICE = -1  # the place of a problem whose number stands in several rows: these are left alone


@dataclass(slots=True)
class There:
    """The register as it lies there: opened, compared where people changed it, and what its newest writing showed.

    `newest`: it is of that writing; `is_as_left`: it is that very file; `lists` are its lines, where they had to be read.
    """

    book: Book | None
    found: dict[str, Compared] = field(default_factory=dict)
    kept: dict[str, KeptFace] = field(default_factory=dict)
    newest: bool = False
    is_as_left: bool = False
    lists: Lists | None = None


def register_with(
    desk_id: str,
    view: Facing,
    documents: DocumentLines,
    there: There,
    taken: Taken,
    last: Written | None,
    old: Mapping[str, KeptFace],
) -> Out:
    """The register with everything that it should show: as we left it, as people changed it, or a new one."""
    lists = {sheet.table: view.rows(sheet.table) for sheet in LIST_SHEETS if sheet is not DOCUMENT_SHEET}
    if there.book is None:
        lists[DOCUMENT_SHEET.table] = documents.every()
        return _new(desk_id, view, lists, there.kept)
    every = _places_in(last)
    out = Out(Writer(there.book, every), refusals=Refusals.of(last))
    if there.found:
        places = every if there.newest else {}
        _into_changed(out, view, lists, there, taken, places)
        _documents_of_people(out, documents, taken, places.get(DOCUMENT_SHEET.table))
    elif last is not None:
        _into_ours(out, view, lists, last, old, taken)
        _documents_of_ours(out, documents, last, taken)
    return out


def _places_in(last: Written | None) -> dict[str, Place]:
    """Where the tables stood at the last writing."""
    kept = last.layout if last is not None else {}
    found = {sheet.table: Place.of(sheet, kept[sheet.table]) for sheet in SHEETS if sheet.table in kept}
    return {name: place for name, place in found.items() if place is not None}


def _documents_of_ours(out: Out, documents: DocumentLines, last: Written, taken: Taken) -> None:
    place = _places_in(last).get(DOCUMENT_SHEET.table)
    if place is None:
        return
    if not documents.has_new:
        out.writer.places[DOCUMENT_SHEET.table] = place
        return
    out.nothing = False
    if not documents.put_into_ours(out.writer, place):
        # Never written anew: somebody may have written beside its lines since they were last read one by one.
        every = documents.every()
        arranged(out, place.table, every, taken, Before(place, every[: len(every) - documents.new]), edited=False)


def _documents_of_people(out: Out, documents: DocumentLines, taken: Taken, last: Place | None) -> None:
    at = out.writer.book.tables.get(DOCUMENT_SHEET.table)
    if at is None:
        return
    lacking = documents.put_into_theirs(out.writer, at)
    if lacking is None:
        every = documents.every()
        before = Before(last, every[: len(every) - documents.new]) if last is not None else Before()
        arranged(out, at, every, taken, before)
        return
    out.nothing &= not lacking
    if last is not None:
        for row in lacking[: max(0, len(lacking) - documents.new)]:
            taken.say("line_gone", str(row[0]), sheet=DOCUMENT_SHEET.name)


def _new(desk_id: str, view: Facing, lists: Mapping[str, list[list[Shown]]], kept: Mapping[str, KeptFace]) -> Out:
    # openpyxl makes the frame of a new register, and takes a tenth of a second to load: nothing else here needs it.
    from tpdocs.register.workbook import frame  # noqa: PLC0415

    book = Book(frame(desk_id))
    out = Out(Writer(book), nothing=False)
    every = {**kept, **view.fresh}
    problems = [one for one in every.values() if one.has_row]
    problems.sort(key=lambda one: (len(one.number), one.number))
    for sheet in SHEETS:
        table = book.tables[sheet.table]
        rows = [one.cells or [] for one in problems] if sheet is PROBLEM_SHEET else lists[sheet.table]
        change = out.writer.change(table)
        if rows:
            change.updates = {table.range.top + 1: dict(enumerate(rows[0]))}
            change.appended = list(rows[1:])
        out.writer.put(table, change, digest=digest_of(rows))
    first = book.tables[PROBLEM_SHEET.table].range.top + 1
    _place(out, view, {one.number: first + at for at, one in enumerate(problems)}, kept)
    return out


def _place(out: Out, view: Facing, positions: Mapping[str, int], kept: Mapping[str, KeptFace]) -> None:
    for number, position in positions.items():
        before = kept.get(number)
        if number in view.fresh:
            view.fresh[number].position = position
        elif before is None or before.position != position:
            out.positions[number] = position


def _into_ours(
    out: Out,
    view: Facing,
    lists: Mapping[str, list[list[Shown]]],
    last: Written,
    old: Mapping[str, KeptFace],
    taken: Taken,
) -> None:
    """Into the workbook as we left it: where everything stands is known, so only what changes is read at all."""
    for place in _places_in(last).values():
        sheet = place.table.sheet
        if sheet is PROBLEM_SHEET:
            change = out.writer.change(place.table, place.models)
            _problem_changes(out, change, view, old, place.below, taken)
            out.nothing &= change.is_nothing
            out.writer.put(place.table, change, kept=place, below=place.below)
            continue
        if sheet is not DOCUMENT_SHEET:
            out.nothing &= digest_of(lists[sheet.table]) == place.digest
            _list_into_ours(out, place, lists[sheet.table], taken, partial(view.rows_written, sheet.table))


def _list_into_ours(
    out: Out, place: Place, rows: list[list[Shown]], taken: Taken, was: Callable[[], list[list[Shown]]]
) -> None:
    digest = digest_of(rows)
    if digest == place.digest:
        out.writer.places[place.table.sheet.table] = place
    elif place.touched or not place.models:
        arranged(out, place.table, rows, taken, Before(place, was()), edited=False)
    else:
        out.writer.rewrite(place.table, place, rows, digest)


def _problem_changes(
    out: Out, change: SheetChange, view: Facing, old: Mapping[str, KeptFace], below: int, taken: Taken
) -> None:
    fresh = [one for one in view.fresh.values() if one.has_row]
    fresh.sort(key=lambda one: (len(one.number), one.number))
    positions: dict[str, int] = {}
    lacking: dict[str, Sequence[Shown]] = {}
    for one in fresh:
        before = old.get(one.number)
        wanted = out.writer.shown(one.cells or [])
        if before is not None and before.position == TWICE:
            positions[one.number] = TWICE
        elif before is not None and before.position and before.has_row:
            positions[one.number] = before.position
            was = out.writer.shown(before.cells or [])
            new = {place: wanted[place] for place in change.letters if place >= len(was) or was[place] != wanted[place]}
            if new:
                change.updates[before.position] = new
        else:
            lacking[one.number] = wanted
    if not _has_no_room(lacking, change.range.bottom, below, taken):
        for number, wanted in lacking.items():
            change.appended.append(wanted)
            positions[number] = change.range.bottom + len(change.appended)
    _place(out, view, positions, old)


def _has_no_room(lacking: Sized, bottom: int, below: int, taken: Taken) -> bool:
    """Whether something stands where new rows would go, or would be taken for the next of them: then they wait, and that is told."""
    if not lacking or not below or below > bottom + len(lacking) + 1:
        return False
    say_no_room(len(lacking), PROBLEM_SHEET, below, taken)
    return True


def _into_changed(
    out: Out,
    view: Facing,
    lists: Mapping[str, list[list[Shown]]],
    there: There,
    taken: Taken,
    places: Mapping[str, Place],
) -> None:
    """Into a workbook that people changed: every row of ours is brought to what it should say, wherever it stands."""
    book = out.writer.book
    table = book.tables[PROBLEM_SHEET.table]
    _problems_of_people(out, table, view, there, taken)
    for sheet in LIST_SHEETS:
        at = book.tables.get(sheet.table)
        if at is not None and sheet is not DOCUMENT_SHEET:
            before = Before(places[sheet.table], view.rows_written(sheet.table)) if sheet.table in places else Before()
            twice = there.found[sheet.table].twice if sheet.table in there.found else {}
            arranged(out, at, lists[sheet.table], taken, before, twice=twice)


def _problems_of_people(out: Out, table: TableAt, view: Facing, there: There, taken: Taken) -> None:
    found, kept = there.found[PROBLEM_SHEET.table], there.kept
    every = {**kept, **view.fresh}
    change = out.writer.change(table)
    change.range = Range(table.range.left, table.range.top, table.range.right, found.bottom)
    positions: dict[str, int] = {}
    for key, row in found.rows.items():
        face = every.get(key)
        if face is None or not face.has_row:
            continue
        positions[key] = row.number
        now: Mapping[int, Shown] | None = row.values
        if now is None and (key in view.fresh or row.differences):
            written = row.written or kept[key].cells or []
            now = {place: written[place] for place in change.letters}
            now |= {one.place: one.theirs for one in row.differences}
        if now is None:
            continue
        if new := cells_to_write(now, _wanted(face, taken), frozenset(taken.held.get(key, ()))):
            change.updates[row.number] = dict(zip(new, out.writer.shown(list(new.values())), strict=True))
    for at, number in taken.opened.items():
        kept_as_typed = taken.held.get(number, set())
        cells = enumerate(out.writer.shown(_wanted(every[number], taken)))
        change.updates[at] = {place: cell for place, cell in cells if place not in kept_as_typed}
        positions[number] = at
        change.typed.add(at)
    positions |= dict.fromkeys(found.twice, TWICE)
    _say_beside(change, out, every, there, taken)
    lacking = _lacking(every, positions, found)
    has_room = not _has_no_room(lacking, found.bottom, found.below, taken)
    for one in lacking:
        if has_room:
            change.appended.append(out.writer.shown(one.cells or []))
        # One that waits stands nowhere: where it stood may be another's row by now.
        positions[one.number] = change.range.bottom + len(change.appended) if has_room else 0
    change.updates = {at: of_this for at, cells in change.updates.items() if (of_this := _of_this(cells, change))}
    out.nothing &= change.is_nothing
    out.writer.put(table, change, chunks=found.chunks, below=found.below)
    _place(out, view, positions, kept)


def _say_beside(change: SheetChange, out: Out, every: Mapping[str, KeptFace], there: There, taken: Taken) -> None:
    """Why rows and cells were not taken in, where that does not stand beside them yet."""
    before = out.refusals.hints if there.is_as_left else set()
    told = {str(_wanted(every[number], taken)[_HINT_AT]) for number in taken.hints if number in every}
    out.refusals = taken.refusals
    out.refusals.hints |= told | {hint for hint in taken.hinted.values() if hint}
    for at, hint in taken.hinted.items():
        if hint not in before:
            change.updates.setdefault(at, {})[_HINT_AT] = hint


def _wanted(face: KeptFace, taken: Taken) -> list[Shown]:
    """What a row should say, with why its cells were not taken."""
    cells = list(face.cells or [])
    if told := taken.hints.get(face.number):
        cells[_HINT_AT] = "\n".join(filter(None, [cells[_HINT_AT], *told]))
    return cells


def _lacking(every: Mapping[str, KeptFace], positions: Mapping[str, int], found: Compared) -> list[KeptFace]:
    """The problems without a row, in order."""
    there = positions.keys() | found.twice.keys()
    lacking = [one for number, one in every.items() if one.has_row and number not in there]
    return sorted(lacking, key=lambda one: (len(one.number), one.number))


def _of_this(cells: Mapping[int, Shown], change: SheetChange) -> dict[int, Shown]:
    return {place: value for place, value in cells.items() if place in change.letters}
