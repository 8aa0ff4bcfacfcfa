"""Rows of a table held against what was written there, many cells at a time.

Of 20,000 rows with 85 columns nearly all say what was written, and most are of few shapes: the same tags, other texts. So a row is cut
into tags and texts in one go; by its tags it is known where the text of each column stands, and the texts are compared as a list.
Only in a row where one differs are the cells read for what they are.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

from tpdocs.register.cells import SAME_TIME, Plain, Range, Shown, column_number, is_link, plain, same
from tpdocs.register.scan import (
    ANY_CELL,
    FORMULA,
    UNREAD,
    CellParts,
    RowReader,
    attributes_of,
    cell_at,
    cells_of,
    formula_of,
    named_signs,
    unescaped,
)
from tpdocs.word.xml import texts_of

_BETWEEN = "\x1e"  # no sign of XML, so no cell holds it
_BETWEEN_BYTES = _BETWEEN.encode()
_TEXT_NODES = re.compile(rb">([^<]+)<")
_NODE = b"\x1f"
_NODE_BETWEEN = b">" + _NODE + b"<"
_DIGITS = b"0123456789"
_FORMULA_NODE = _NODE + b"</f>"
_SHOWN_NODE = re.compile(rb"\x1f(?=</[vt]>)")
_ESCAPES = b"_x"  # what may be a sign by its number, as Excel writes some
_MOST_SHAPES = 2_000
Pick = Callable[[Sequence[Any]], tuple[Any, ...]]


def _picking(places: Sequence[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


Spelling = Callable[[float], str]
# How numbers are written: by us, by LibreOffice, by openpyxl and by Excel. The same ones come again and again: rounds, days, counts.
_SPELLINGS: tuple[Spelling, ...] = tuple(
    lru_cache(maxsize=4096, typed=True)(one) for one in (repr, "{:.15g}".format, "{:.16g}".format, "{:.17g}".format)
)


def written_texts(cells: Sequence[Shown], spelling: Spelling = _SPELLINGS[0]) -> list[str]:
    """What was written in a row, as the texts that stand in the XML of somebody who spells numbers so."""
    # All in one expression: of 20,000 rows this is asked of a million cells and more, and calls took more than half of the time.
    return [
        cell
        if type(cell) is str
        else ""
        if cell is None
        else spelling(cell)
        if type(cell) is not list
        else spelling(cell[1])
        if cell[0] != "l"
        else cell[1]
        for cell in cells
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """Where the text of each column stands among the text nodes of a row: first those that are numbers of shared strings.

    `order` are the columns in that order, `at` where each column stands in it; `nodes` tells of each column the number of its
    node (-1 where it has none) and whether that is the number of a shared string. `unread` are those in whose cells a formula stands
    that nobody has calculated and nobody may edit: a link says what it always does. `formulas` are those with a formula, and its node.
    `beside`: something of somebody's stands in other columns; `calculates`: a formula does, which alone is nothing beside.
    """

    shared: Pick
    plain: Pick
    order: Pick
    columns: tuple[int, ...]
    at: tuple[int, ...]
    nodes: tuple[tuple[int, bool], ...]
    unread: frozenset[int]
    formulas: dict[int, int]
    beside: bool
    calculates: bool


def _tags(pieces: Sequence[bytes]) -> bytes:
    """The tags of rows with a mark for each text, without digits: the numbers of rows and formats make no other shape."""
    return _NODE_BETWEEN.join(pieces[::2]).translate(None, _DIGITS)


class Matcher:
    """Reads rows for comparing: `reader` knows the columns and what their cells are; those at `fixed` nobody may edit, at `links` links stand."""

    def __init__(self, reader: RowReader, fixed: frozenset[int] = frozenset(), links: tuple[int, ...] = ()) -> None:
        self.reader, self._fixed, self.links = reader, fixed, links
        self.spelling = _SPELLINGS[0]  # how numbers were spelled in the last row that was as written
        self._shapes: dict[bytes, _Shape | None] = {}

    def row(self, number: int, data: bytes) -> "Matched":
        """One row."""
        pieces = _TEXT_NODES.split(data)
        shape = self._shape(_tags(pieces))
        if shape is None:
            return _OddRow(number, self, data)
        nodes = pieces[1::2]
        nodes.append(b"")
        try:
            texts = list(map(self.reader.strings.__getitem__, map(int, shape.shared(nodes))))
        except (ValueError, IndexError):  # no number, or one that no string has
            return _OddRow(number, self, data)
        others = _read(shape.plain(nodes))
        if others is None:
            return _OddRow(number, self, data)
        return Matched(number, self, data, shape, texts + others, nodes)

    def block(self, data: bytes) -> "MatchedBlock | None":
        """Many rows at once, where all have the same shape; None where they have not."""
        pieces = _TEXT_NODES.split(data)
        tags = _tags(pieces)
        end = tags.find(b"<row", 1)
        first = tags[:end] if end > 0 else tags
        count = len(tags) // len(first)
        if tags != first * count:
            return None
        shape = self._shape(first)
        return MatchedBlock(count, self, shape, pieces[1::2], first.count(_NODE)) if shape is not None else None

    def _shape(self, tags: bytes) -> _Shape | None:
        if tags not in self._shapes:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            self._shapes[tags] = self._shape_of(tags)
        return self._shapes[tags]

    def _shape_of(self, tags: bytes) -> _Shape | None:
        """From the tags of a row, with a mark for each text; None for a row whose cells have to be read one by one."""
        where = self.reader.where
        found = dict.fromkeys(where.values(), (-1, False))
        unread: set[int] = set()
        formulas: dict[int, int] = {}
        beside, calculates, node, end = False, False, 0, 0
        for match in ANY_CELL.finditer(tags):
            node += tags[end : match.start()].count(_NODE)
            end = match.end()
            facts, inner = attributes_of(match[1]), match[2] or b""
            letters = facts.get(b"r", b"")
            shown = [one.start() for one in _SHOWN_NODE.finditer(inner)]
            if not letters.isalpha() or len(shown) > 1 or b"<r" in inner:
                return None
            at = node + inner[: shown[0]].count(_NODE) if shown else -1
            if letters in where and (formula := inner.find(_FORMULA_NODE)) >= 0:
                formulas[where[letters]] = node + inner[:formula].count(_NODE)
            node += inner.count(_NODE)
            if letters not in where:
                is_formula = FORMULA.search(inner) is not None
                calculates |= is_formula
                beside |= bool(inner) and not is_formula
            else:
                found[where[letters]] = at, facts.get(b"t") == b"s" and at >= 0
                calculated = facts.get(b"t") == b"str"  # to an empty text
                if at < 0 and not calculated and FORMULA.search(inner):
                    if where[letters] not in self._fixed:
                        return None  # somebody's own, which shows nothing and is not empty all the same
                    unread.add(where[letters])
        shared = [place for place, (_, is_shared) in found.items() if is_shared]
        plain = [place for place, (_, is_shared) in found.items() if not is_shared]
        columns = (*shared, *plain)
        at_places = dict(zip(columns, range(len(columns)), strict=True))
        return _Shape(
            _picking([found[place][0] for place in shared]), _picking([found[place][0] for place in plain]), _picking(columns),
            columns, tuple(at_places[place] for place in range(len(columns))),
            tuple(found[place] for place in range(len(columns))), frozenset(unread), formulas, beside, calculates,
        )  # fmt: skip


class Matched:
    """A row on its way through a comparison: its texts, and its cells when they are asked for.

    `foreign`: people wrote something beside it; `calculates`: they have formulas there.
    """

    def __init__(
        self, number: int, matcher: Matcher, data: bytes, shape: _Shape, texts: list[str], nodes: list[bytes]
    ) -> None:
        self.number, self.foreign, self.calculates = number, shape.beside, shape.calculates
        self._matcher, self._reader, self._data = matcher, matcher.reader, data
        self._shape, self._texts, self._nodes = shape, texts, nodes

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
        return self._texts[self._shape.at[at]]

    def differing(self, cells: Sequence[Shown]) -> list[int]:
        """Where the row does not show what was written (the cells there may say the same all the same)."""
        mine, matcher = self._texts, self._matcher
        written = self._written(cells, matcher.spelling)
        if mine == written:
            return []
        for spelling in _SPELLINGS:
            if spelling is not matcher.spelling and mine == self._written(cells, spelling):
                matcher.spelling = spelling
                return []
        columns = self._shape.columns
        return sorted(
            columns[at]
            for at, (one, other) in enumerate(zip(mine, written, strict=True))
            if one != other and not (type(cells[columns[at]]) is not str and _are_close(one, other))
        )

    def strays(self, cells: Sequence[Shown]) -> dict[int, Plain]:
        """What stands where links should be and leads elsewhere, or nowhere, by place; it may show the same all the same."""
        links = [at for at in self._matcher.links if is_link(cells[at]) and not self._surely_leads_there(at, cells[at])]
        told = zip(links, self._formulas(links), strict=True) if links else ()
        return {at: f"={text}" if text else self.value(at) for at, text in told if not _leads_there(text, cells[at])}

    def _surely_leads_there(self, at: int, cell: Shown) -> bool:
        """Whether the path of a link stands in its formula to the letter, as nearly all do: then nothing need be read."""
        node = self._shape.formulas.get(at)
        return node is not None and _has_path(self._nodes[node], cell[2])

    def _formulas(self, places: Sequence[int]) -> list[str]:
        """The formulas in some columns; empty where there is none, or only a shared one."""
        known = self._shape.formulas
        nodes = [self._nodes[known[at]] if at in known else b"" for at in places]
        found = _read(nodes)
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


class MatchedBlock:
    """Rows of one shape, compared column by column."""

    def __init__(self, count: int, matcher: Matcher, shape: _Shape, nodes: list[bytes], width: int) -> None:
        self.count = count
        self._matcher, self._shape, self._nodes, self._width = matcher, shape, nodes, width

    def shows(self, rows: Sequence[Sequence[Shown]]) -> bool:
        """Whether the rows show just what was written, as far as can be told at a glance."""
        return self._leads(rows) and all(
            (at in self._shape.unread and all(map(is_link, written)))
            or self._column_shows(written, node, shared=shared)
            for at, (written, (node, shared)) in enumerate(zip(zip(*rows, strict=True), self._shape.nodes, strict=True))
        )

    def _leads(self, rows: Sequence[Sequence[Shown]]) -> bool:
        """Whether the links lead where they should."""
        for at in self._matcher.links:
            node = self._shape.formulas.get(at)
            nodes = self._nodes[node :: self._width] if node is not None else []
            if nodes and all(
                is_link(row[at]) and _has_path(one, row[at][2]) for one, row in zip(nodes, rows, strict=True)
            ):
                continue
            formulas = _read(nodes) if nodes else [""] * self.count
            if formulas is None or not all(
                _leads_there(formula, row[at]) for formula, row in zip(formulas, rows, strict=True)
            ):
                return False
        return True

    def _column_shows(self, written: Sequence[Shown], node: int, *, shared: bool) -> bool:
        nodes = self._nodes[node :: self._width] if node >= 0 else [b""] * self.count
        if shared:
            try:
                texts = list(map(self._matcher.reader.strings.__getitem__, map(int, nodes)))
            except (ValueError, IndexError):
                return False
            return texts == written_texts(written)
        told = _read(nodes)
        if told is None:
            return False
        matcher = self._matcher
        for spelling in (matcher.spelling, *_SPELLINGS):
            if told == written_texts(written, spelling):
                matcher.spelling = spelling
                return True
        return False


def _read(nodes: Sequence[bytes]) -> list[str] | None:
    """Texts as they read; None where one may hold a sign by its number, as Excel writes some."""
    joined = _BETWEEN_BYTES.join(nodes)
    if _ESCAPES in joined:
        return None
    if b"&#" in joined:
        return texts_of(nodes)
    return named_signs(joined.decode()).split(_BETWEEN) if nodes else []


def _has_path(node: bytes, path: str) -> bool:
    """Whether a formula as it is written in the XML holds just that path as a text; where it holds a sign by its number it is not told."""
    if not path or "&" in path or '"' in path or "<" in path or "_x" in path:
        return False
    told = path.encode()
    return b'"%s"' % told in node or b"&quot;%s&quot;" % told in node


def _leads_there(formula: str, cell: Shown) -> bool:
    path = cell[2].replace('"', '""') if is_link(cell) else ""
    return not path or f'"{path}"' in formula


def _are_close(one: str, other: str) -> bool:
    """Whether two numbers are the same but for how a program wrote them."""
    try:
        return abs(float(one) - float(other)) < SAME_TIME
    except ValueError:
        return False
