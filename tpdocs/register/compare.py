"""What people changed in the register: its cells against what tpdocs wrote there. Nothing is decided here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from tpdocs.register.book import Book, TableAt
from tpdocs.register.cells import Plain, Shown, in_1904, is_link, plain, same
from tpdocs.register.columns import DOCUMENT_SHEET, PROBLEM_SHEET, SETTLED
from tpdocs.register.deflate import Chunk, Packing
from tpdocs.register.keys import joined_key, key_of_row
from tpdocs.register.matching import Matched, Matcher, Run
from tpdocs.register.scan import ROWS, UNREAD, Blocks, edges, rows_in


class Base(Protocol):
    """What the rows of a table showed."""

    def get(self, key: str) -> list[Shown] | None:
        """What a row showed; None when it was not there."""

    def every_key(self) -> Iterable[str]:
        """The keys of all rows that were there."""


_LIKE_A_ROW, _FEW = 4, 6  # cells
FEW_ROWS = 4  # fewer than these are told faster one by one than column by column
_KEEP_THEIR_LINES = (PROBLEM_SHEET, DOCUMENT_SHEET)  # in the others lines come and go


@dataclass(slots=True)
class Difference:
    """A cell that does not say what was written there: its column's place, what was written, what stands there.

    `restored`: it was taken in already, and says again what it said before that.
    """

    place: int
    base: Plain
    theirs: Plain
    restored: bool = False


@dataclass(slots=True)
class KnownRow:
    """A row of ours as it lies in the workbook; `written` is what it said, where it differs."""

    number: int
    differences: list[Difference] = field(default_factory=list)
    written: Sequence[Shown] = ()
    values: dict[int, Plain] | None = None


@dataclass(slots=True)
class Compared:
    """A table against its base: known rows by key, rows without a key, keys that stand there twice or that nobody gave, and keys gone.

    `bottom` is the last row of the table, `below` the first row below it in which anything stands; `chunks` the sheet, packed. `hints`
    are what stands in our column of hints, by row, where a key stands twice or nobody gave it; `apart` rows below that nobody reads.
    """

    rows: dict[str, KnownRow] = field(default_factory=dict)
    new: list[tuple[int, dict[int, Plain]]] = field(default_factory=list)
    twice: dict[str, list[int]] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    bottom: int = 0
    below: int = 0
    hints: dict[int, Plain] = field(default_factory=dict)
    apart: list[int] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)

    def put_in_order(self) -> None:
        """Everything by row: those of one shape were looked at together."""
        self.rows = dict(sorted(self.rows.items(), key=lambda one: one[1].number))
        self.unknown = dict(sorted(self.unknown.items(), key=lambda one: one[1]))
        self.new.sort(key=lambda one: one[0])
        for numbers in self.twice.values():
            numbers.sort()

    def refill(self, places: frozenset[int]) -> None:
        """Empty cells of columns that were away when the register was written are no edits: they are filled again."""
        for row in self.rows.values():
            row.differences = [one for one in row.differences if one.theirs is not None or one.place not in places]


def compared(book: Book, table: TableAt, base: Base, *, whole: bool, keep: bool = False) -> Compared:
    """A table against what was written in it. `whole`: the rows' values are wanted, and not only where they differ.

    `keep`: the sheet is going to be written, so it is packed again on the way and need not be read twice.
    """
    return book.reading(
        table.sheet_part, lambda blocks: _Comparison(book, table, base, whole=whole, keep=keep).of(blocks)
    )


class _Comparison:
    """One pass over a sheet."""

    def __init__(self, book: Book, table: TableAt, base: Base, *, whole: bool, keep: bool) -> None:
        self._table, self._base, self._whole, self._keep = table, base, whole, keep
        self._since_1904 = book.since_1904
        self._matcher = matcher_for(book, table)
        self._places = list(table.letters)
        self._keys = [self._places.index(place) for place in table.sheet.key_positions]
        settled = table.sheet.position(table.sheet.settled) if table.sheet.settled else None
        self._settled_at = self._places.index(settled) if settled in self._places else None
        self._hints = table.sheet.position(table.sheet.hints) if table.sheet.hints else -1
        self._complete = self._places == list(range(len(table.sheet.columns)))
        self._packing = Packing.of(book.parts[table.sheet_part])
        self.found = Compared()

    def of(self, blocks: Blocks) -> Compared:
        """What came of it."""
        told, found = Extent(self._table), self.found
        for rows in told.rows(blocks, self._pack if self._keep else None):
            at_once = not self._whole and bool(rows) and rows[-1][0] <= told.last
            for run in self._matcher.runs(rows, in_order=not at_once):
                if run.count < FEW_ROWS or not at_once or not self._run(run):
                    self._one_by_one(run, told)
        found.put_in_order()
        found.bottom, found.below, found.apart = told.bottom, told.below, told.apart
        found.gone = [key for key in self._base.every_key() if not _is_there(key, found)]
        return found

    def _pack(self, block: bytes, first: int, last: int) -> None:
        self.found.chunks.append(self._packing.read(block, first, last))

    def _one_by_one(self, run: Run, told: "Extent") -> None:
        for at in range(run.count):
            here = run.row(at)
            if here.number <= told.last or told.goes_on(here):
                self._row(here)

    def _run(self, run: Run) -> bool:
        """Take rows in at once; False where one of them has no key, or one that stands there already or that nobody gave."""
        found = self.found.rows
        keys = list(map(joined_key, zip(*(run.column(at) for at in self._keys), strict=True)))
        known = [self._base.get(key) if key not in found and key not in self.found.twice else None for key in keys]
        every = [cells for cells in known if cells is not None]
        if len(every) < len(keys) or len(set(keys)) < len(keys):
            return False
        odd = run.differing([self._as_dated(self._there(cells)) for cells in every])
        if odd is None:
            return False
        for at, (key, (number, _)) in enumerate(zip(keys, run.rows, strict=True)):
            row = found[key] = KnownRow(number)
            if at in odd:
                self._tell(row, run.row(at), every[at], odd[at])
        return True

    def _there(self, known: Sequence[Shown]) -> Sequence[Shown]:
        """The cells of the columns that are there."""
        return known if self._complete else [known[place] for place in self._places]

    def _as_dated(self, written: Sequence[Shown]) -> Sequence[Shown]:
        """Cells as this workbook counts its days."""
        return [in_1904(cell) for cell in written] if self._since_1904 else written

    def _row(self, here: Matched) -> None:
        found, places = self.found, self._places
        key = key_of_row(here, self._keys)
        if not key:
            values: dict[int, Plain] = {
                place: value for place, value in zip(places, here.values(), strict=True) if value is not None
            }
            if values:
                found.new.append((here.number, values))
            return
        if key in found.rows or key in found.twice:
            self._twice(key, here)
            return
        known = self._base.get(key)
        if known is None:
            if self._settled_at is None or here.text(self._settled_at) != SETTLED:
                found.unknown[key] = max(here.number, found.unknown.get(key, 0))
                self._note_hint(here, None)
            return
        row = found.rows[key] = KnownRow(here.number)
        self._tell(row, here, known)
        if self._whole:
            row.values = {place: plain(cell) for place, cell in zip(places, self._there(known), strict=True)}
            row.values |= {one.place: one.theirs for one in row.differences}

    def _tell(self, row: KnownRow, here: Matched, known: Sequence[Shown], places: Sequence[int] | None = None) -> None:
        """Note where a row does not say what it did; `places`: the columns where it may not, if that is known."""
        row.differences = list(self._differences(here, self._there(known), places))
        row.written = known if row.differences else ()

    def _twice(self, key: str, here: Matched) -> None:
        found, other = self.found, self.found.rows.pop(key, None)
        if other is not None:
            found.twice[key] = [other.number]
            hints = {one.place: one.theirs for one in other.differences}
            if self._hints in hints:
                found.hints[other.number] = hints[self._hints]
        found.twice[key].append(here.number)
        self._note_hint(here, self._base.get(key))

    def _note_hint(self, here: Matched, written: Sequence[Shown] | None) -> None:
        """What stands in our column of hints and was not written there for that key."""
        if self._hints in self._places:
            value = here.value(self._places.index(self._hints))
            if written is None or not same(value, plain(written[self._hints])):
                self.found.hints[here.number] = value

    def _differences(
        self, here: Matched, written: Sequence[Shown], places: Sequence[int] | None
    ) -> Iterator[Difference]:
        told, links = set(), self._matcher.links
        may_stray = places is None or not set(links).isdisjoint(places)
        if places is None:
            places = here.differing(self._as_dated(written))
        every = here.values() if len(places) > _FEW else None
        for at in places:
            theirs, ours = every[at] if every else here.value(at), plain(written[at])
            if not same(theirs, ours) and not _is_our_formula(theirs, written[at]):
                told.add(at)
                yield Difference(self._places[at], ours, theirs)
        for at, value in here.strays(written).items() if may_stray else ():
            if at not in told:
                yield Difference(self._places[at], plain(written[at]), value)


def matcher_for(book: Book, table: TableAt) -> Matcher:
    """What reads a table's rows for comparing."""
    fixed = (at for at, place in enumerate(table.letters) if place not in table.sheet.editable)
    links = (at for at, place in enumerate(table.letters) if table.sheet.columns[place].is_link)
    return Matcher(book.reader(table), frozenset(fixed), tuple(links))


class Extent:
    """Which rows of a sheet are data of a table: those in its range, and those that people wrote right below it.

    `bottom` is the last of these, `below` the first row after them in which anything stands; `apart` are rows after that which look
    like rows of the table, and which nobody reads.
    """

    def __init__(self, table: TableAt) -> None:
        self.table = table
        self.bottom, self.below = self.last, 0
        self.apart: list[int] = []
        places = list(table.letters)
        self._needed = [places.index(at) for at in sorted(table.sheet.needed) if at in places]
        self._key = places.index(table.sheet.key_positions[0])

    @property
    def last(self) -> int:
        """The last data row that the file says the table has."""
        return self.table.range.bottom - int(self.table.has_totals)

    def rows(
        self, blocks: Blocks, pack: Callable[[bytes, int, int], None] | None = None
    ) -> Iterator[list[tuple[int, bytes]]]:
        """The rows below the headings, block by block; `pack` is handed every block, with its first and last row."""
        before, top = 0, self.table.range.top
        for sort, block in blocks:
            rows = list(rows_in(block, before)) if sort == ROWS else []
            if rows:
                before = rows[-1][0]
                yield rows if rows[0][0] > top else [row for row in rows if row[0] > top]
            if pack is not None:
                pack(block, rows[0][0] if rows else 0, before if rows else 0)

    def goes_on(self, here: Matched) -> bool:
        """Whether a row below the table is one of its own; notes where they end and what stands below.

        People type below an empty row too: what fills several columns there is a row like the others, and no remark; a problem there has
        its number or all that a report needs, or it may be anything. What stands beside the table is in nobody's way, but for a text
        beside a list: it would be taken for one about the line that comes there.
        """
        number, filled = here.number, here.filled
        foreign = here.stands_inside(self.table.range) or (here.foreign and self.table.sheet not in _KEEP_THEIR_LINES)
        if self.table.limit and number >= self.table.limit:
            self.below = self.below or number
            return False
        adjacent = number == self.bottom + 1 and filled
        if not self.table.has_totals and not self.below and (adjacent or self._is_like_a_row(here, filled)):
            self.bottom = number
            return True
        if filled >= _LIKE_A_ROW:
            self.apart.append(number)
        if (filled or foreign) and not self.below:
            self.below = number
        return False

    def _is_like_a_row(self, here: Matched, filled: int) -> bool:
        if filled < _LIKE_A_ROW or not self._needed:
            return filled >= _LIKE_A_ROW
        is_numbered = here.text(self._key).strip().upper().startswith("TP")
        return is_numbered or all(here.value(at) is not None for at in self._needed)


def _is_there(key: str, found: Compared) -> bool:
    return key in found.rows or key in found.twice or key in found.unknown


def shown_exactly(
    book: Book, table: TableAt, rows: Iterable[Sequence[Shown]]
) -> tuple[list[Chunk], Iterator[Sequence[Shown]]] | None:
    """The packed sheet, and the rows that come after those it shows; None when it does not show just these, in this order."""
    if table.missing or list(table.letters) != list(range(len(table.sheet.columns))):
        return None
    return book.reading(table.sheet_part, lambda blocks: _InOrder(book, table, rows).of(blocks))


class _InOrder:
    """One pass over a list that should show just these rows, in this order."""

    def __init__(self, book: Book, table: TableAt, rows: Iterable[Sequence[Shown]]) -> None:
        self._told, self._matcher = Extent(table), matcher_for(book, table)
        self._packing = Packing.of(book.parts[table.sheet_part])
        self._waiting = iter(rows)

    def of(self, blocks: Blocks) -> tuple[list[Chunk], Iterator[Sequence[Shown]]] | None:
        """The sheet packed, and the rows it does not show yet; None where it shows anything else."""
        chunks: list[Chunk] = []
        before = 0
        for sort, block in blocks:
            first, last = edges(block, before) if sort == ROWS else (0, 0)
            if sort == ROWS and not self._shows(*self._without_headings(block, before, first), last):
                return None
            chunks.append(self._packing.read(block, first, last))
            before = last or before
        return chunks, self._waiting

    def _without_headings(self, block: bytes, before: int, first: int) -> tuple[bytes, int, int]:
        """What of a block lies below the headings, the number of the row before it and that of its first row."""
        top = self._told.table.range.top
        if first > top:
            return block, before, first
        above = b"".join(row for number, row in rows_in(block, before) if number <= top)
        rest = block[len(above) :] if block.startswith(above) else b""
        return (rest, top, edges(rest, top)[0]) if rest else (block, before, first)

    def _shows(self, block: bytes, before: int, first: int, last: int) -> bool:
        """Whether a block shows the rows that come next; many rows of one shape are told at once, which takes a third of the time."""
        inside = first > self._told.table.range.top and last <= self._told.last
        runs = self._matcher.cut(block) if inside else []
        if not runs or sum(run.count for run in runs) != last - first + 1:
            return self._row_by_row(block, before, self._waiting)
        wanted = list(islice(self._waiting, last - first + 1))
        rest = iter(wanted)
        is_shown = len(wanted) == last - first + 1 and all(run.says(list(islice(rest, run.count))) for run in runs)
        return is_shown or self._row_by_row(block, before, iter(wanted))

    def _row_by_row(self, block: bytes, before: int, rows: Iterator[Sequence[Shown]]) -> bool:
        told = self._told
        for number, data in rows_in(block, before):
            if number <= told.table.range.top:
                continue
            here = self._matcher.row(number, data)
            if number > told.last:
                if here.stands_inside(told.table.range) or not here.is_empty:
                    return False
                continue
            wanted = next(rows, None)
            if wanted is None or any(_says_otherwise(here.value(at), wanted[at]) for at in here.differing(wanted)):
                return False
            if here.strays(wanted):
                return False
        return True


def _says_otherwise(theirs: Plain, ours: Shown) -> bool:
    """Whether a cell that nobody may edit differs."""
    return not _is_our_formula(theirs, ours) and not same(theirs, plain(ours))


def _is_our_formula(theirs: Plain, ours: Shown) -> bool:
    """Whether it is a link, the only formula of ours, that nobody has calculated: it says what it always does."""
    return theirs is UNREAD and is_link(ours)
