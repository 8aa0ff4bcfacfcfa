"""The lines of a list as they lie in a workbook that people saved: what each says, and whether anybody marked it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tpdocs.register.book import Book, TableAt
from tpdocs.register.cells import Plain, Shown, plain_row, says
from tpdocs.register.compare import FEW_ROWS, Extent, matcher_for
from tpdocs.register.deflate import Chunk, Packing
from tpdocs.register.formats import Appearance
from tpdocs.register.keys import key_of, key_of_row
from tpdocs.register.marks import Marks
from tpdocs.register.matching import Matched, Run
from tpdocs.register.scan import ROWS, Blocks

_SORTED = b"<sortState"
# What tells a line from others, and how often that came before, for a field may have two findings.
LineKey = tuple[str, int]


@dataclass(slots=True)
class Line:
    """A line of ours as it lies in the workbook: what was `written` there where it says just that, else what its cells `hold`.

    `foreign`: people wrote something beside it, or marked it.
    """

    number: int
    foreign: bool = False
    written: Sequence[Shown] | None = None
    hold: Mapping[int, Plain] = field(default_factory=dict)

    @property
    def values(self) -> Mapping[int, Plain]:
        """What its cells hold, by place among our columns; those that are not there may be missing."""
        return self.hold if self.written is None else dict(enumerate(plain_row(self.written)))

    def differing(self, cells: Sequence[Shown], places: Iterable[int]) -> dict[int, Shown]:
        """The cells of a line that it does not say, of those at these places."""
        if self.written is None:
            hold = self.hold
            return {at: cells[at] for at in places if at not in hold or not says(hold[at], cells[at])}
        written = self.written
        told = {at: cells[at] for at in places if written[at] != cells[at]}
        return {at: cell for at, cell in told.items() if not says(written[at], cell)}


@dataclass(slots=True)
class Lines:
    """A list with its lines.

    `bottom` is the last row of the table, `below` the first row below it in which anything stands; `numbers` are those of all rows
    that the sheet has, for one that is quite empty need not be there; `chunks` the sheet, packed; `is_sorted` whether somebody sorted it.
    """

    rows: dict[LineKey, Line] = field(default_factory=dict)
    bottom: int = 0
    below: int = 0
    numbers: set[int] = field(default_factory=set)
    chunks: list[Chunk] = field(default_factory=list)
    is_sorted: bool = False

    @property
    def is_touched(self) -> bool:
        """Whether lines cannot just be added at its end."""
        return self.is_sorted or self.below > 0 or any(line.foreign for line in self.rows.values())


def lines_of(
    book: Book, table: TableAt, known: Mapping[LineKey, Sequence[Shown]], looks: Mapping[int, Appearance]
) -> Lines:
    """The lines of a list. `known` is what was written there, as this workbook counts its days, `looks` how its cells looked."""
    found = book.reading(table.sheet_part, lambda blocks: _Listing(book, table, known, looks).of(blocks))
    found.is_sorted |= _SORTED in book.package.read(table.table_part)
    return found


class _Listing:
    """One pass over a sheet: a line that says what was written there is known by its texts, only others are read cell by cell.

    Most lists lie there as they were written, so of each line it is asked first whether it is the one that comes next.
    """

    def __init__(
        self, book: Book, table: TableAt, known: Mapping[LineKey, Sequence[Shown]], looks: Mapping[int, Appearance]
    ) -> None:
        self._sheet, self._known = table.sheet, known
        self._matcher, self._places = matcher_for(book, table), list(table.letters)
        self._complete = self._places == list(range(len(table.sheet.columns)))
        self._keys = [self._places.index(place) for place in table.sheet.key_positions]
        self._told, self._marks = Extent(table), Marks(book, table, looks)
        self._packing = Packing.of(book.parts[table.sheet_part])
        self._seen: dict[str, int] = {}
        self._order, self._next = list(known), 0
        self.found = Lines()

    def of(self, blocks: Blocks) -> Lines:
        """What came of it."""
        found, told = self.found, self._told
        for rows in told.rows(self._watched(blocks), self._pack):
            found.numbers.update(number for number, _ in rows)
            for run in self._matcher.runs(rows):
                for at in range(self._next_lines(run), run.count):
                    here = run.row(at)
                    if here.number <= told.last or told.goes_on(here):
                        self._line(here, run.rows[at][1])
        found.bottom, found.below = told.bottom, told.below
        marked = self._marks.rows()
        for line in found.rows.values():
            line.foreign |= line.number in marked
        return found

    def _watched(self, blocks: Blocks) -> Blocks:
        for sort, block in blocks:
            if sort != ROWS:
                self.found.is_sorted |= _SORTED in block
                self._marks.see_end(block)
            yield sort, block

    def _pack(self, block: bytes, first: int, last: int) -> None:
        self.found.chunks.append(self._packing.read(block, first, last))

    def _next_lines(self, run: Run) -> int:
        """Take in those lines of a run that are the ones that come next, if all of them say so; returns how many that are."""
        shape, keys = run.shape, self._order[self._next : self._next + run.count]
        is_plain = shape is not None and self._complete and not shape.calculates and run.rows[-1][0] <= self._told.last
        if run.count < FEW_ROWS or not is_plain or len(keys) < run.count:
            return 0
        if not run.says([self._known[key] for key in keys]):
            return 0
        taken = 0
        for key, (number, data) in zip(keys, run.rows, strict=True):
            if key != self._counted(key[0]):
                break
            self._marks.see(number, data, shape)
            self._add(key, Line(number, shape is not None and shape.beside, self._known[key]))
            taken += 1
        self._next += taken
        return taken

    def _line(self, here: Matched, data: bytes) -> None:
        line = self._as_written(here) or self._as_it_is(here, data)
        if line is not None:
            self._marks.see(here.number, data, here.shape)
        if here.calculates:
            self._marks.see_formulas(here.number, data)

    def _as_written(self, here: Matched) -> Line | None:
        if self._next < len(self._order):
            key = self._order[self._next]
            if key == self._counted(key[0]) and (line := self._if_it_says(key, here)):
                self._next += 1
                return self._add(key, line)
        key = self._counted(key_of_row(here, self._keys))
        line = self._if_it_says(key, here) if key[0] and key in self._known else None
        if line is None:
            return None
        self._next = self._place_of[key] + 1
        return self._add(key, line)

    @cached_property
    def _place_of(self) -> dict[LineKey, int]:
        return {key: place for place, key in enumerate(self._order)}

    def _if_it_says(self, key: LineKey, here: Matched) -> Line | None:
        """The line, if it says what was written under that key."""
        known = self._known[key]
        written = known if self._complete else [known[place] for place in self._places]
        if here.differing(written):
            return None
        if strays := here.strays(written):
            hold = dict(zip(self._places, plain_row(written), strict=True))
            return Line(here.number, here.foreign, hold=hold | {self._places[at]: told for at, told in strays.items()})
        return Line(here.number, here.foreign, known)

    def _as_it_is(self, here: Matched, data: bytes) -> Line | None:
        row = self._matcher.reader.read(here.number, data)
        values: list[Plain] = [None] * len(self._sheet.columns)
        for place, value in zip(self._places, row.values, strict=True):
            values[place] = value
        key = self._counted(key_of(self._sheet, values))
        if not key[0] and not here.foreign and all(one is None for one in row.values):
            return None
        hold = dict(zip(self._places, row.values, strict=True))
        return self._add(key, Line(here.number, here.foreign, hold=hold))

    def _counted(self, key: str) -> LineKey:
        return key, self._seen.get(key, 0) + 1

    def _add(self, key: LineKey, line: Line) -> Line:
        self.found.rows[key] = line
        self._seen[key[0]] = key[1]
        return line
