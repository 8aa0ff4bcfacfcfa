"""Rows of a table held against what was written there, many cells at a time.

Of 20,000 rows with 85 columns nearly all say what was written, and most are of few shapes: the same tags, other texts. So a row is cut
into tags and texts in one go; by its tags it is known where the text of each column stands, and the texts are compared as a list.
Only in a row where one differs are the cells read for what they are.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any

from tpdocs.register.cells import SAME_TIME, Plain, Shown
from tpdocs.register.scan import ANY_CELL, CellParts, RowReader, attributes_of, cells_of, named_signs

_BETWEEN = "\x1e"  # no sign of XML, so no cell holds it
_BETWEEN_BYTES = _BETWEEN.encode()
_TEXT_NODES = re.compile(rb">([^<]+)<")
_NODE = b"\x1f"
_NODE_BETWEEN = b">" + _NODE + b"<"
_SHOWN_NODE = re.compile(rb"\x1f(?=</[vt]>)")
_MOST_SHAPES = 2_000
Pick = Callable[[Sequence[Any]], tuple[Any, ...]]


def _picking(places: Sequence[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


def written_texts(cells: Sequence[Shown]) -> list[str]:
    """What was written in a row, as the texts that stand in the XML."""
    return [cell if type(cell) is str else "" if cell is None else _other(cell) for cell in cells]


def _other(cell: Shown) -> str:
    told = cell[1] if type(cell) is list else cell
    return told if type(told) is str else repr(told)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Where the text of each column stands among the text nodes of a row: first those that are numbers of shared strings.

    `order` are the columns in that order, `at` where each column stands in it.
    """

    shared: Pick
    plain: Pick
    order: Pick
    columns: tuple[int, ...]
    at: tuple[int, ...]
    beside: bool


class Matcher:
    """Reads rows for comparing: `reader` knows the columns and what their cells are."""

    def __init__(self, reader: RowReader) -> None:
        self._reader = reader
        self._shapes: dict[bytes, _Shape | None] = {}

    def row(self, number: int, data: bytes) -> "Matched":
        """One row."""
        pieces = _TEXT_NODES.split(data)
        tags = _NODE_BETWEEN.join(pieces[::2]).replace(b'%d"' % number, b'"')
        if tags in self._shapes:
            shape = self._shapes[tags]
        else:
            if len(self._shapes) >= _MOST_SHAPES:
                self._shapes.clear()
            shape = self._shapes[tags] = self._shape_of(tags)
        if shape is None:
            return _OddRow(number, self._reader, data)
        nodes = pieces[1::2]
        nodes.append(b"")
        try:
            texts: list[Any] = list(map(self._reader.strings.__getitem__, map(int, shape.shared(nodes))))
        except (ValueError, IndexError):  # no number, or one that no string has
            return _OddRow(number, self._reader, data)
        others = shape.plain(nodes)
        joined = _BETWEEN_BYTES.join(others)
        numbered = b"&#" in joined
        if numbered:
            texts = [text.encode("ascii", "xmlcharrefreplace") for text in texts] + joined.split(_BETWEEN_BYTES)
        elif others:
            texts += named_signs(joined.decode()).split(_BETWEEN)
        return Matched(number, self._reader, data, shape, texts, numbered=numbered)

    def _shape_of(self, tags: bytes) -> _Shape | None:
        """From the tags of a row, with a mark for each text; None for a row with cells of several texts."""
        where = self._reader.where
        found = dict.fromkeys(where.values(), (-1, False))
        beside, node, end = False, 0, 0
        for match in ANY_CELL.finditer(tags):
            node += tags[end : match.start()].count(_NODE)
            end = match.end()
            facts, inner = attributes_of(match[1]), match[2] or b""
            letters = facts.get(b"r", b"")
            shown = [one.start() for one in _SHOWN_NODE.finditer(inner)]
            if not letters.isalpha() or len(shown) > 1 or b"<r" in inner:
                return None
            at = node + inner[: shown[0]].count(_NODE) if shown else -1
            node += inner.count(_NODE)
            if letters not in where:
                beside |= bool(inner)
            else:
                found[where[letters]] = at, facts.get(b"t") == b"s" and at >= 0
        shared = [place for place, (_, is_shared) in found.items() if is_shared]
        plain = [place for place, (_, is_shared) in found.items() if not is_shared]
        columns = (*shared, *plain)
        at_places = dict(zip(columns, range(len(columns)), strict=True))
        return _Shape(
            _picking([found[place][0] for place in shared]), _picking([found[place][0] for place in plain]), _picking(columns),
            columns, tuple(at_places[place] for place in range(len(columns))), beside,
        )  # fmt: skip


class Matched:
    """A row on its way through a comparison: its texts, and its cells when they are asked for."""

    def __init__(
        self, number: int, reader: RowReader, data: bytes, shape: _Shape, texts: list[Any], *, numbered: bool
    ) -> None:  # fmt: skip
        self.number, self.foreign = number, shape.beside
        self._reader, self._data, self._shape, self._texts, self._numbered = reader, data, shape, texts, numbered

    @cached_property
    def _cells(self) -> dict[bytes, CellParts]:
        return {cell[0]: cell for cell in cells_of(self._data)}

    def value(self, at: int) -> Plain:
        """What the cell of the column at that place really holds."""
        cell = self._cells.get(self._reader.columns[at])
        return self._reader.value_of(cell, at) if cell is not None else None

    def values(self) -> list[Plain]:
        """The same for all columns."""
        return [self.value(at) for at in range(len(self._reader.columns))]

    def text(self, at: int) -> str:
        """What the column at that place shows."""
        told = self._texts[self._shape.at[at]]
        if isinstance(told, str):
            return told
        return told.decode() if b"&" not in told else str(self.value(at))

    def differing(self, cells: Sequence[Shown]) -> list[int]:
        """Where the row does not show what was written (the cells there may say the same all the same)."""
        mine: list[Any] = self._texts
        written: list[Any] = list(self._shape.order(written_texts(cells)))
        if self._numbered:
            # openpyxl writes each Chinese character as a number; doing so too is quicker than undoing it.
            joined = _BETWEEN.join(written).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            written = joined.encode("ascii", "xmlcharrefreplace").split(_BETWEEN_BYTES)
        if mine == written:
            return []
        columns = self._shape.columns
        return sorted(
            columns[at]
            for at, (one, other) in enumerate(zip(mine, written, strict=True))
            if one != other and not (type(cells[columns[at]]) is not str and _are_close(one, other))
        )

    @property
    def filled(self) -> int:
        """How many of our columns hold something."""
        return sum(value is not None for value in self.values())

    @property
    def is_empty(self) -> bool:
        """Whether none of our columns holds anything."""
        return not self.filled


class _OddRow(Matched):
    """A row whose cells have to be read one by one."""

    def __init__(self, number: int, reader: RowReader, data: bytes) -> None:
        self.number = number
        self._reader, self._data = reader, data
        ours = frozenset(reader.columns)
        self.foreign = any(
            cell[3] or cell[4] or cell[5] for letters, cell in self._cells.items() if letters not in ours
        )

    def text(self, at: int) -> str:
        value = self.value(at)
        return "" if value is None else str(value)

    def differing(self, cells: Sequence[Shown]) -> list[int]:
        return list(range(len(cells)))


def _are_close(one: str | bytes, other: str | bytes) -> bool:
    """Whether two numbers are the same but for how a program wrote them."""
    try:
        return abs(float(one) - float(other)) < SAME_TIME
    except ValueError:
        return False
