"""Label and value side by side, below one another, after a colon; rows under a header; boxes with their options.

This reads any form. What counts as a label is left to a judge; a label followed by a label is never a pair, a label with
nothing beside it has no value.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tpdocs.word.labels import NONE, STRONG, WEAK, Judge
from tpdocs.word.lines import is_blank, pairs_in_line, value_of
from tpdocs.word.signs import Option, has_marks, is_ticked, options_in, text_before_marks
from tpdocs.word.walk import Container, TableRow, Walk

BESIDE, BELOW, INLINE, HEADED, MATRIX = "beside", "below", "inline", "header", "matrix"


@dataclass(slots=True)
class Pair:
    """A label with its value; `group` is the label of the group it stands in, `heading` the last one before it, `written` the value as it was typed."""

    label: str
    value: str
    place: str
    how: str
    group: str = ""
    heading: str = ""
    options: list[Option] = field(default_factory=list)
    written: str = ""

    @property
    def name(self) -> str:
        """The label with its group: ``组/标签``."""
        return f"{self.group}/{self.label}" if self.group else self.label


@dataclass(slots=True)
class HeadedRows:
    """Rows under a header row."""

    label: str
    columns: list[str]
    rows: list[list[str]]
    places: list[str]
    place: str


@dataclass(slots=True)
class Outline:
    """What a document says as a form: pairs (with options where the value is boxes), row tables, and everything else.

    `bare` are labels with nothing beside them; a table whose rows are all empty has none.
    """

    pairs: list[Pair] = field(default_factory=list)
    bare: list[Pair] = field(default_factory=list)
    tables: list[HeadedRows] = field(default_factory=list)
    outside: list[tuple[str, str]] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)


def outline(found: Walk, judge: Judge) -> Outline:
    """The outline of a document."""
    return _Outliner(found, judge).made


@dataclass(slots=True)
class _Cell:
    container: Container
    start: int
    text: str

    @property
    def place(self) -> str:
        return self.container.place


class _Outliner:
    def __init__(self, found: Walk, judge: Judge) -> None:
        self.judge = judge
        self.made = Outline()
        self.heading = ""
        self.trusted: set[tuple[int, int]] = set()
        tables: dict[int, list[TableRow]] = {}
        for row in found.rows:
            tables.setdefault(row.table, []).append(row)
        for container in found.containers:
            if container.row is None:
                self._paragraph(container)
            elif rows := tables.pop(container.row.table, None):
                self._table(rows)

    def _paragraph(self, container: Container) -> None:
        for line in container.text.split("\n"):
            pairs = pairs_in_line(line, self.judge)
            for label, value in pairs:
                self._pair(label, value, container.place, INLINE)
            if not pairs and line.strip():
                self.heading = line.strip()
                self.made.headings.append((container.place, self.heading))
                self.made.outside.append((container.place, self.heading))

    def _table(self, rows: list[TableRow]) -> None:
        grid = [_cells_of(row) for row in rows]
        sides = _side_labels(rows, grid, self.judge)
        number = 0
        while number < len(grid):
            cells = [one for one in grid[number] if (number, one.start) not in sides.starts]
            end = self._header(grid, number, sides)
            if end > number:
                self._headed(grid, number, end, sides)
                number = end
                continue
            below = sides.without(grid, number + 1) if number + 1 < len(grid) else []
            if len(cells) == len(below) == 1 and self._stands_above(cells[0], below[0]):
                self._pair(_one_line(cells[0].text), below[0].text, below[0].place, BELOW, sides.group_of(number))
                number += 2
                continue
            self.trusted = _value_columns(grid, self.judge)
            self._row(cells, sides.group_of(number))
            number += 1

    def _stands_above(self, label: _Cell, value: _Cell) -> bool:
        """A label over the whole width with its value in the row below."""
        if self.judge.strength(label.text) != STRONG or has_marks(label.text) or is_blank(value.text):
            return False
        return self.judge.strength(value.text) == NONE and not self._has_label(value.text)

    def _header(self, grid: list[list[_Cell]], number: int, sides: "_Sides") -> int:
        """Where the rows under a header in this row end; the row's own number when it is no header."""
        head = sides.without(grid, number)
        if len(head) < 2 or any(is_blank(one.text) or has_marks(one.text) for one in head):  # noqa: PLR2004
            return number
        end = number + 1
        starts = [one.start for one in head]
        while end < len(grid) and [one.start for one in sides.without(grid, end)] == starts:
            if all(self.judge.strength(one.text) == STRONG for one in sides.without(grid, end)):
                break
            end += 1
        below = [sides.without(grid, row) for row in range(number + 1, end)]
        if not below:
            return number
        if _tick_columns([[one.text for one in row] for row in below]):
            return end
        if any(self.judge.strength(one.text) == NONE for one in head):
            return number
        return end if self._headed_score(below) > self._paired_score([head, *below]) else number

    def _headed_score(self, rows: list[list[_Cell]]) -> float:
        weights = {NONE: 1.0, WEAK: -0.3, STRONG: -1.0}
        told = [0.5 if is_blank(one.text) else weights[self.judge.strength(one.text)] for row in rows for one in row]
        return sum(told) / len(told)

    def _paired_score(self, rows: list[list[_Cell]]) -> float:
        if len(rows[0]) % 2:
            return -1.0
        as_label, as_value = {NONE: -1.0, WEAK: 0.5, STRONG: 1.0}, {NONE: 1.0, WEAK: 0.0, STRONG: -1.0}
        told = []
        for row in rows:
            for position, one in enumerate(row):
                if is_blank(one.text):
                    told.append(0.5 if position % 2 else -1.0)
                else:
                    told.append((as_value if position % 2 else as_label)[self.judge.strength(one.text)])
        return sum(told) / len(told)

    def _headed(self, grid: list[list[_Cell]], number: int, end: int, sides: "_Sides") -> None:
        head = sides.without(grid, number)
        columns = [_one_line(one.text) for one in head]
        label = sides.group_of(number) or self.heading
        kept, places = [], []
        for row in range(number + 1, end):
            cells = sides.without(grid, row)
            if not _only_counted(cells):
                kept.append([value_of(one.text) for one in cells])
                places.append(cells[0].place)
        if kept and (marked := _tick_columns(kept)):
            self._matrix(columns, kept, places, marked)
            return
        self.made.tables.append(HeadedRows(_one_line(label), columns, kept, places, head[0].place))

    def _matrix(self, columns: list[str], rows: list[list[str]], places: list[str], marked: list[int]) -> None:
        for row, place in zip(rows, places, strict=True):
            options = [Option(columns[position], bool(is_ticked(row[position]))) for position in marked]
            label = next((one for position, one in enumerate(row) if position not in marked and one), "")
            others = [one for position, one in enumerate(row) if position not in marked and one][1:]
            if label:
                self.made.pairs.append(Pair(label, "", place, MATRIX, heading=self.heading, options=options))
            self.made.outside += [(place, one) for one in others]

    def _row(self, cells: list[_Cell], group: str) -> None:
        position = 0
        while position < len(cells):
            position += self._cell(cells, position, group)

    def _cell(self, cells: list[_Cell], position: int, group: str) -> int:
        """Take the cell at a position in hand; returns how many cells were taken."""
        here = cells[position]
        following = cells[position + 1] if position + 1 < len(cells) else None
        strength = NONE if is_blank(here.text) or has_marks(here.text) else self.judge.strength(here.text)
        if strength == NONE or following is None:
            self._alone(here, group)
            return 1
        if is_blank(following.text):
            self._pair(here.text, "", following.place, BESIDE, group)
            return 2
        next_strength = self.judge.strength(following.text)
        if next_strength == STRONG and not has_marks(following.text) and not self._is_trusted(cells, position):
            return 1
        if strength == WEAK and (next_strength == WEAK or self._has_label(following.text)):
            self._alone(here, group)
            return 1
        self._pair(_one_line(here.text), following.text, following.place, BESIDE, group)
        return 2

    def _is_trusted(self, cells: list[_Cell], position: int) -> bool:
        """Whether the next cell is a value although it looks like a label: so are the others of its column."""
        head = {_one_line(one.text) for one in cells} <= _HEADS_OF_PAIRS
        return not head and (cells[position].start, cells[position + 1].start) in self.trusted

    def _has_label(self, text: str) -> bool:
        return bool(pairs_in_line(text.partition("\n")[0], self.judge))

    def _alone(self, cell: _Cell, group: str) -> None:
        """A cell that has no label beside it: pairs after colons, a label with its value below it, or just text."""
        text = cell.text
        if is_blank(text):
            return
        if has_marks(text):
            before = text_before_marks(text)
            # Where the marks stand after their options, what stands before the first is an option and no label.
            is_option = not before.rstrip().endswith((":", "：")) and options_in(text)[:1] == [
                one for one in options_in(text)[:1] if one.text == before.strip()
            ]
            if not is_option and self.judge.strength(before):
                self._pair(_one_line(before), text[len(before) :], cell.place, INLINE, group)
            else:
                self.made.outside.append((cell.place, text.strip()))
            return
        first, _, rest = text.strip().partition("\n")
        if rest.strip() and self.judge.strength(first) == STRONG and not pairs_in_line(first, self.judge):
            self._pair(first, rest, cell.place, BELOW, group)
            return
        loose = self._lines(cell, group)
        if loose:
            self.made.outside.append((cell.place, "\n".join(loose)))
            if self.judge.strength(loose[0]) != STRONG or len(loose) > 1:
                self.heading = loose[0]
                self.made.headings.append((cell.place, loose[0]))

    def _lines(self, cell: _Cell, group: str) -> list[str]:
        """The pairs in the lines of a cell, a value going on until the next label; returns the lines before the first."""
        loose: list[str] = []
        open_pair: tuple[str, list[str]] | None = None
        for line in cell.text.split("\n"):
            named = _SUB_FIELD.match(line)
            pairs = [(named[1], line[named.end() :])] if named else pairs_in_line(line, self.judge)
            if not pairs:
                if open_pair is None:
                    loose += [line.strip()] if line.strip() else []
                else:
                    open_pair[1].append(line)
                continue
            if open_pair is not None:
                self._pair(open_pair[0], "\n".join(open_pair[1]), cell.place, INLINE, group)
            for label, value in pairs[:-1]:
                self._pair(label, value, cell.place, INLINE, group)
            open_pair = pairs[-1][0], [pairs[-1][1]]
        if open_pair is not None:
            self._pair(open_pair[0], "\n".join(open_pair[1]), cell.place, INLINE, group)
        return loose

    def _pair(self, label: str, value: str, place: str, how: str, group: str = "") -> None:
        name = _one_line(label).rstrip(":：").strip()
        told = Pair(name, value_of(value), place, how, _one_line(group), self.heading, written=value)
        if has_marks(value):
            told.options = options_in(value)
        (self.made.pairs if told.value or told.options else self.made.bare).append(told)


def _only_counted(cells: list[_Cell]) -> bool:
    """Whether nothing is filled in on a row but the number it was printed with."""
    written = [(position, one.text.strip()) for position, one in enumerate(cells) if not is_blank(one.text)]
    return not written or (len(written) == 1 and written[0][0] == 0 and _COUNTED.fullmatch(written[0][1]) is not None)


class _Sides:
    """Cells merged over several rows that name a group, by where they start and which rows they cover."""

    def __init__(self) -> None:
        self.starts: set[tuple[int, int]] = set()
        self.groups: dict[int, list[str]] = {}

    def group_of(self, row: int) -> str:
        return "/".join(_one_line(one).rstrip(":：") for one in self.groups.get(row, ()))

    def without(self, grid: list[list[_Cell]], row: int) -> list[_Cell]:
        return [one for one in grid[row] if (row, one.start) not in self.starts]


def _side_labels(rows: list[TableRow], grid: list[list[_Cell]], judge: Judge) -> _Sides:
    sides = _Sides()
    for number, cells in enumerate(grid):
        for cell in cells:
            if cell.container.merged is not True or judge.strength(cell.text) == NONE:
                continue
            end = number + 1
            while end < len(rows) and cell.start in _merged_starts(rows[end]):
                end += 1
            inside = [one for row in range(number, end) for one in grid[row] if one.start > cell.start]
            # With one value beside it, it is a plain label however high it stands.
            if end - number > 1 and len(inside) > 1 and any(judge.strength(one.text) for one in inside):
                sides.starts.add((number, cell.start))
                for row in range(number, end):
                    sides.groups.setdefault(row, []).append(cell.text)
    return sides


def _merged_starts(row: TableRow) -> set[int]:
    found, start = set(), 0
    for cell in row.cells:
        if cell.merged is False:
            found.add(start)
        start += cell.span
    return found


def _cells_of(row: TableRow) -> list[_Cell]:
    """The cells of a row with the grid column they start at, without those merged into the one above."""
    found, start = [], 0
    for cell in row.cells:
        if cell.merged is not False:
            found.append(_Cell(cell, start, cell.text))
        start += cell.span
    return found


def _value_columns(grid: list[list[_Cell]], judge: Judge) -> set[tuple[int, int]]:
    """Pairs of columns (by where they start) of which the first holds labels and the second, plainly, values."""
    seen: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for cells in grid:
        if len(cells) % 2:
            continue
        for label, value in zip(cells[::2], cells[1::2], strict=True):
            if not is_blank(label.text) and not is_blank(value.text):
                told = judge.strength(label.text), judge.strength(value.text)
                seen.setdefault((label.start, value.start), []).append(told)
    return {
        key
        for key, told in seen.items()
        if all(label != NONE for label, _ in told) and sum(value == NONE for _, value in told) * 3 >= len(told)
    }


def _tick_columns(rows: list[list[str]]) -> list[int]:
    """The columns of a matrix that hold ticks and nothing else; none where no more than one does."""
    found = []
    for position in range(len(rows[0])):
        cells = [row[position].strip() for row in rows]
        if all(not one or (len(one) <= 2 and is_ticked(one) is not None) for one in cells):  # noqa: PLR2004 - a sign and a blank
            found.append(position)
    return found if len(found) > 1 and any(is_ticked(row[position]) for row in rows for position in found) else []


_COUNTED = re.compile(r"[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)）.、]?")
_SUB_FIELD = re.compile(r"\s*【([^】]{1,16})】[ \u3000]*[:：]?")
_HEADS_OF_PAIRS = frozenset(("项目", "内容", "字段", "值", "信息", "填写内容", "名称", "说明", "填写说明"))
_SPACES = re.compile(r"\s+")
_CJK_SPACE = re.compile(r"(?<=[\u4e00-\u9fff（）()])\s+(?=[\u4e00-\u9fff（）()])")


def _one_line(text: str) -> str:
    """A label as people would write it on one line: spaced out and one sign a line, it is still one word."""
    return _SPACES.sub(" ", _CJK_SPACE.sub("", text.strip()))


def values(made: Outline) -> Iterator[Pair]:
    """The pairs that hold a text."""
    return (pair for pair in made.pairs if pair.value and not pair.options)
