"""Rows of a table held against what was written there, many cells at a time.

Of 20,000 rows with 85 columns nearly all say what was written, and most are of few shapes: the same tags, other texts. So rows are cut
into tags and texts in one go; by its tags it is known where the text of each column stands, and the texts are compared as lists: of rows
of one shape that follow each other column by column, of others row by row. Only in a row where one differs are the cells read for what
they are.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby

from tpdocs.register.cells import Plain, Range, Shown, column_number, is_link, plain, same
from tpdocs.register.scan import UNREAD, CellParts, RowReader, cell_at, cells_of, formula_of, unescaped
from tpdocs.register.shapes import (
    NODE,
    SPELLINGS,
    TEXT_NODES,
    Shape,
    Spelling,
    are_close,
    has_path,
    have_paths,
    leads_there,
    read_texts,
    shape_of,
    tags_of,
    written_texts,
)
from tpdocs.word.xml import texts_of

_MOST_SHAPES = 2_000
_ROW = b"<row"


class Matcher:
    """Reads rows for comparing: `reader` knows the columns and what their cells are; those at `fixed` nobody may edit, at `links` links stand."""

    def __init__(self, reader: RowReader, fixed: frozenset[int] = frozenset(), links: tuple[int, ...] = ()) -> None:
        self.reader, self._fixed, self.links = reader, fixed, links
        self.spelling = SPELLINGS[0]  # how numbers were spelled in the last row that was as written
        self._shapes: dict[bytes, Shape | None] = {}

    def row(self, number: int, data: bytes) -> "Matched":
        """One row."""
        return self.runs([(number, data)])[0].row(0)

    def runs(self, rows: list[tuple[int, bytes]], *, in_order: bool = True) -> "list[Run]":
        """Rows that follow each other, by number; together those of one shape, where they need not be `in_order` from near and far."""
        found: list[Run] = []
        at = 0
        for part in self.cut(b"".join(data for _, data in rows)):
            part.rows = rows[at : at + part.count]
            at += part.count
            found.append(part)
        if at != len(rows):
            return [Run(self, None, 0, [], len(rows), rows)]
        return found if in_order else _together(found)

    def cut(self, data: bytes) -> "list[Run]":
        """The same of rows as they stand in a sheet, where they need not be taken one by one."""
        pieces = TEXT_NODES.split(data)
        nodes, found, at = pieces[1::2], [], 0
        for tags, alike in groupby(tags_of(pieces).split(_ROW)[1:]):
            count, width = sum(1 for _ in alike), tags.count(NODE)
            found.append(Run(self, self._shape(_ROW + tags), width, nodes[at : at + count * width], count))
            at += count * width
        return found

    def shared(self, nodes: Iterable[bytes]) -> list[str] | None:
        """The shared strings of these numbers; None where one is no number, or one that no string has."""
        try:
            return list(map(self.reader.strings.__getitem__, map(int, nodes)))
        except (ValueError, IndexError):
            return None

    def _shape(self, tags: bytes) -> Shape | None:
        if tags not in self._shapes:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            self._shapes[tags] = shape_of(tags, self.reader.where, self._fixed)
        return self._shapes[tags]


@dataclass
class Run:
    """Rows of one shape, `width` text nodes in each; no shape where their cells have to be read one by one."""

    matcher: Matcher
    shape: Shape | None
    width: int
    nodes: list[bytes]
    count: int
    rows: list[tuple[int, bytes]] = field(default_factory=list)

    def row(self, at: int) -> "Matched":
        """One of its rows by itself."""
        number, data = self.rows[at]
        shape = self.shape
        if shape is None:
            return _OddRow(number, self.matcher, data)
        nodes = self.nodes[at * self.width : (at + 1) * self.width]
        here = Matched(number, self.matcher, data, shape, [*nodes, b""])
        return here if self._has_all_texts or here.has_texts else _OddRow(number, self.matcher, data)

    @property
    def _has_all_texts(self) -> bool:
        """Whether it is known already that the texts of all rows can be told: mostly one cell of few rows is asked for then."""
        return "_texts" in self.__dict__ and None not in self._texts.values()

    def column(self, at: int) -> list[str]:
        """What the column at that place shows, row by row."""
        node, _ = self.shape.nodes[at] if self.shape is not None else (-1, False)
        found = self._texts[node] if node >= 0 else None
        return found if found is not None else [self.row(one).text(at) for one in range(self.count)]

    @cached_property
    def _texts(self) -> dict[int, list[str] | None]:
        """What stands at each text node that is a column's, row by row; None where that has to be told one by one."""
        every = self.shape.nodes if self.shape is not None else ()
        plain = [node for node, is_shared in every if node >= 0 and not is_shared]
        told = read_texts([one for node in plain for one in self.nodes[node :: self.width]])
        starts = range(0, len(plain) * self.count, self.count)
        found = {
            node: told[start : start + self.count] if told is not None else None
            for node, start in zip(plain, starts, strict=True)
        }
        return found | {
            node: self.matcher.shared(self.nodes[node :: self.width]) for node, is_shared in every if is_shared
        }

    def says(self, written: Sequence[Sequence[Shown]]) -> bool:
        """Whether all rows show what was written, at a glance (they may say the same where they do not)."""
        return self.differing(written) == {}

    def differing(self, written: Sequence[Sequence[Shown]]) -> dict[int, list[int]] | None:
        """In which columns the rows do not show what was written, by row, at a glance (they may say the same all the same).

        None where that has to be told row by row.
        """
        shape = self.shape
        if shape is None:
            return None
        odd, texts, nothing = self._led_astray(written), self._texts, [""] * self.count
        rows: Iterable[int]
        for at, (cells, (node, _)) in enumerate(zip(zip(*written, strict=True), shape.nodes, strict=True)):
            shown = texts[node] if node >= 0 else nothing
            # Most columns are empty or hold plain texts.
            if shown == list(cells) or (node < 0 and cells.count(None) == self.count):
                continue
            if at in shape.unread:
                rows = (one for one, cell in enumerate(cells) if not is_link(cell) and cell not in (None, ""))
            elif shown is None:
                return None
            else:
                rows = self._differing(cells, shown)
            for one in rows:
                if at not in (known := odd.setdefault(one, [])):
                    known.append(at)
        return odd

    def _differing(self, cells: Sequence[Shown], shown: list[str]) -> Iterable[int]:
        matcher = self.matcher
        for spelling in (matcher.spelling, *SPELLINGS):
            if shown == written_texts(cells, spelling):
                matcher.spelling = spelling
                return ()
        told = zip(shown, written_texts(cells, matcher.spelling), strict=True)
        return [at for at, (one, other) in enumerate(told) if one != other]

    def _led_astray(self, written: Sequence[Sequence[Shown]]) -> dict[int, list[int]]:
        """The rows with links that lead elsewhere than they should, or nowhere, and their columns."""
        odd: dict[int, list[int]] = {}
        for at in self.matcher.links:
            node = self.shape.formulas.get(at) if self.shape is not None else None
            nodes = self.nodes[node :: self.width] if node is not None else [b""] * self.count
            links = [(one, cells[at]) for one, cells in enumerate(written) if is_link(cells[at])]
            # Most say so to the letter; only where one does not are all read.
            if links and not have_paths([nodes[one] for one, _ in links], [link[2] for _, link in links]):
                told = read_texts(nodes) or [""] * self.count
                for one, link in links:
                    if not leads_there(told[one], link):
                        odd.setdefault(one, []).append(at)
        return odd


def _together(runs: Sequence[Run]) -> list[Run]:
    """One run of each shape."""
    found: dict[Shape | None, Run] = {}
    for run in runs:
        first = found.setdefault(run.shape, run)
        if first is not run:
            first.nodes += run.nodes
            first.rows += run.rows
            first.count += run.count
    return list(found.values())


class Matched:
    """A row on its way through a comparison: its texts, and its cells when they are asked for.

    `foreign`: people wrote something beside it; `calculates`: they have formulas there.
    """

    def __init__(self, number: int, matcher: Matcher, data: bytes, shape: Shape, nodes: list[bytes]) -> None:
        self.number, self.foreign, self.calculates = number, shape.beside, shape.calculates
        self._matcher, self._reader, self._data = matcher, matcher.reader, data
        self._shape, self._nodes = shape, nodes

    @property
    def has_texts(self) -> bool:
        """Whether all its texts can be told without reading cell by cell."""
        return self._texts is not None

    @cached_property
    def _texts(self) -> list[str] | None:
        texts = self._matcher.shared(self._shape.shared(self._nodes))
        others = read_texts(self._shape.plain(self._nodes)) if texts is not None else None
        return texts + others if texts is not None and others is not None else None

    @cached_property
    def _cells(self) -> dict[bytes, CellParts]:
        return {cell[0]: cell for cell in cells_of(self._data)}

    def value(self, at: int) -> Plain:
        """What the cell of the column at that place really holds."""
        letters = self._reader.columns[at]
        # Mostly one cell of many is asked for.
        cell = cell_at(self._data, letters, self.number) if "_cells" not in self.__dict__ else None
        cell = cell or self._cells.get(letters)
        return self._reader.value_of(cell, at) if cell is not None else None

    def values(self) -> list[Plain]:
        """The same for all columns."""
        cells = (self._cells.get(letters) for letters in self._reader.columns)
        return [self._reader.value_of(cell, at) if cell is not None else None for at, cell in enumerate(cells)]

    def text(self, at: int) -> str:
        """What the column at that place shows."""
        return self._texts[self._shape.at[at]] if self._texts is not None else ""

    def differing(self, cells: Sequence[Shown]) -> list[int]:
        """Where the row does not show what was written (the cells there may say the same all the same)."""
        mine, matcher = self._texts or [], self._matcher
        written = self._written(cells, matcher.spelling)
        if mine == written:
            return []
        for spelling in SPELLINGS:
            if spelling is not matcher.spelling and mine == self._written(cells, spelling):
                matcher.spelling = spelling
                return []
        columns = self._shape.columns
        return sorted(
            columns[at]
            for at, (one, other) in enumerate(zip(mine, written, strict=True))
            if one != other and not (type(cells[columns[at]]) is not str and are_close(one, other))
        )

    def strays(self, cells: Sequence[Shown]) -> dict[int, Plain]:
        """What stands where links should be and leads elsewhere, or nowhere, by place; it may show the same all the same."""
        links = [at for at in self._matcher.links if is_link(cells[at]) and not self._surely_leads_there(at, cells[at])]
        told = zip(links, self._formulas(links), strict=True) if links else ()
        return {at: f"={text}" if text else self.value(at) for at, text in told if not leads_there(text, cells[at])}

    def _surely_leads_there(self, at: int, cell: Shown) -> bool:
        """Whether the path of a link stands in its formula to the letter, as nearly all do: then nothing need be read."""
        node = self._shape.formulas.get(at)
        return node is not None and has_path(self._nodes[node], cell[2])

    def _formulas(self, places: Sequence[int]) -> list[str]:
        """The formulas in some columns; empty where there is none, or only a shared one."""
        known = self._shape.formulas
        nodes = [self._nodes[known[at]] if at in known else b"" for at in places]
        found = read_texts(nodes)
        return found if found is not None else [unescaped(text) for text in texts_of(nodes)]

    def _written(self, cells: Sequence[Shown], spelling: Spelling) -> list[str]:
        """What was written, in the order in which the row was read."""
        texts = written_texts(cells, spelling)
        for place in self._shape.unread:
            texts[place] = "" if is_link(cells[place]) else texts[place]
        return list(self._shape.order(texts))

    @property
    def shape(self) -> Hashable:
        """The same for rows with cells in the same columns that are written alike; None for a row that is like no other."""
        return self._shape

    @property
    def filled(self) -> int:
        """How many of our columns hold something."""
        return sum(value is not None for value in self.values())

    def stands_inside(self, table: Range) -> bool:
        """Whether anything of somebody's stands beside our columns and within a table."""
        ours = frozenset(self._reader.columns)
        inside = (cell for cell in self._cells.values() if cell[0] not in ours and any(cell[3:]))
        return any(table.left <= column_number(cell[0].decode()) <= table.right for cell in inside)

    @property
    def is_empty(self) -> bool:
        """Whether none of our columns holds anything."""
        return not self.filled


class _OddRow(Matched):
    """A row whose cells have to be read one by one."""

    def __init__(self, number: int, matcher: Matcher, data: bytes) -> None:
        self.number = number
        self._matcher, self._reader, self._data = matcher, matcher.reader, data
        ours = frozenset(self._reader.columns)
        beside = [cell for letters, cell in self._cells.items() if letters not in ours]
        self.calculates = any(cell[3] for cell in beside)
        self.foreign = any(not cell[3] and (cell[4] or cell[5]) for cell in beside)

    shape = None

    def text(self, at: int) -> str:
        value = self.value(at)
        return "" if value is None else str(int(value) if isinstance(value, float) and value.is_integer() else value)

    def differing(self, cells: Sequence[Shown]) -> list[int]:
        values = (self.value(at) for at in range(len(cells)))
        told = zip(values, cells, strict=True)
        return [
            at
            for at, (value, cell) in enumerate(told)
            if not same(value, plain(cell)) and not (value is UNREAD and is_link(cell))
        ]

    def _surely_leads_there(self, _at: int, _cell: Shown) -> bool:
        return False

    def _formulas(self, places: Sequence[int]) -> list[str]:
        cells = (self._cells.get(self._reader.columns[at]) for at in places)
        return [formula_of(cell) if cell is not None else "" for cell in cells]
