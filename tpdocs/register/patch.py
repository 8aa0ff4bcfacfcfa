"""Changing cells, rows and ranges of a sheet in its XML; everything that is not ours stays byte for byte."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from tpdocs.register.cells import Range, Shown, column_letters, column_number
from tpdocs.register.deflate import Chunk, Packing
from tpdocs.register.filled_down import LOOKED_AT, Formulas, RowFormula, filled_down
from tpdocs.register.formats import Appearance
from tpdocs.register.scan import FORMULA, escaped, rows_in
from tpdocs.register.shared_formulas import SHARED, Masters, master_in, master_of, spelled_out

_ROW_START = re.compile(rb"<row\b[^>]*?(/?)>")
_SPANS = re.compile(rb'\sspans="[^"]*"')
_CELL = re.compile(rb"<c(?=[\s/>])([^>]*?)(?:/>|>.*?</c>)", re.DOTALL)
_PLACE = re.compile(rb'\sr="([A-Z]+)\d+"')
_USUAL_HEAD = re.compile(rb'<c r="([A-Z]+)\d+" s="(\d+)"')
_CELL_END = b"</c>"
_STYLE = re.compile(rb'\ss="(\d+)"')
_FORMULA_CELL = re.compile(rb'<c r="([A-Z]+)\d+"[^>]*><f[\s/>]')
_CACHED = re.compile(rb"<v(?:\s[^>]*)?>[^<]*</v>|<v/>")
_CONTENT = re.compile(rb"<(?:f|v|is)[\s/>]")
_SQREF = re.compile(rb'(\ssqref=")([^"]*)(")')
# Formats and drop-downs that newer Excel keeps apart, such as data bars and lists that stand on another sheet.
_NEWER_SQREF = re.compile(rb"(<xm:sqref>)([^<]*)(</xm:sqref>)")
_DIMENSION = re.compile(rb'(<dimension\b[^>]*\sref=")([^"]*)"')
_REF = re.compile(rb'(\sref=")([^"]*)"')
_RANGES = re.compile(rb"<(?:conditionalFormatting|dataValidation)\b[^>]*>")
_FILTER = re.compile(rb"<autoFilter\b[^>]*>")
StyleFor = Callable[[int, int | None, Shown], int]


def cell_xml(place: str, style: int, value: Shown) -> str:
    """A cell with a value in the shape that `cells` tells of."""
    head = f'<c r="{place}" s="{style}"'
    if value is None or value == "":
        return f"{head}/>"
    if type(value) is str:
        return f'{head} t="inlineStr"><is><t xml:space="preserve">{escaped(value)}</t></is></c>'
    if type(value) is not list:
        return f"{head}><v>{value}</v></c>"
    if value[0] == "l":
        target, text = (one.replace('"', '""') for one in (value[2], value[1]))
        return f'{head} t="str"><f>HYPERLINK("{escaped(target)}","{escaped(text)}")</f><v>{escaped(value[1])}</v></c>'
    return f"{head}><v>{value[1]}</v></c>"


@dataclass
class SheetChange:
    """What is to change in a table's sheet: cells by row and letters, and rows below its last one.

    `range` is that of the table with the rows that people typed below it, `filed` the one that the file says, `bottom` the last row
    afterwards. `inserted` are rows that the sheet has not, for nothing stood there. `typed` are rows that somebody typed below the others: cells
    of theirs without a format get that of their column (`models`, which look as they did: `looks`). `filled` are formulas that people filled down beside ours, which go on in new rows.
    """

    letters: Mapping[int, str]
    range: Range
    filed: Range
    style_for: StyleFor
    table: str = ""
    updates: dict[int, dict[int, Shown]] = field(default_factory=dict)
    appended: list[Sequence[Shown]] = field(default_factory=list)
    inserted: dict[int, Sequence[Shown]] = field(default_factory=dict)
    shrink_to: int = 0
    models: dict[int, int] = field(default_factory=dict)
    looks: Mapping[int, Appearance] = field(default_factory=dict)
    look_of: Callable[[int], Appearance] = lambda _: ("", "", "")
    typed: set[int] = field(default_factory=set)
    masters_gone: Masters = field(default_factory=dict)
    filled: Mapping[str, tuple[int, RowFormula]] = field(default_factory=dict)
    _chunks: Sequence[Chunk] = ()

    @property
    def bottom(self) -> int:
        """The table's last row afterwards."""
        return self.shrink_to or self.range.bottom + len(self.appended)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing is to change."""
        return not (self.updates or self.appended or self.inserted) and self.bottom == self.range.bottom

    def apply(self, chunks: Sequence[Chunk], packing: Packing) -> list[Chunk]:
        """The sheet with the changes made; chunks without a change are kept as they are packed."""
        found: list[Chunk] = []
        self._chunks = chunks
        touched, waiting = sorted(self.updates), self.waiting()
        if (self.typed or waiting) and not self.models:
            self._learn_from(chunks)
        if self.typed or waiting:
            self._look_for_filled_down(chunks)
        for number, one in enumerate(chunks):
            if number == 0:
                found.append(packing.chunk(self._head(one.data)))
            elif number == len(chunks) - 1:
                found += self.new_rows(waiting, packing)
                found.append(packing.chunk(self._tail(one.data)))
            elif _any_between(touched, one.first, one.last) or (waiting and one.last >= next(iter(waiting))):
                first, data = self._rows(list(rows_in(one.data, one.first - 1)), waiting)
                found.append(packing.chunk(data, first, one.last))
            elif self.masters_gone and SHARED in (data := one.data):
                found.append(packing.chunk(spelled_out(data, self.masters_gone), one.first, one.last))
            else:
                found.append(one)
        return found

    def waiting(self) -> dict[int, Sequence[Shown]]:
        """The new rows by number."""
        return dict(sorted(self.inserted.items())) | dict(enumerate(self.appended, self.range.bottom + 1))

    def _rows(self, rows: list[tuple[int, bytes]], waiting: dict[int, Sequence[Shown]]) -> tuple[int, bytes]:
        """The rows with their changes, and the number of the first; new ones go in at their place, and into empty rows that are there."""
        out: list[bytes] = []
        first = rows[0][0]
        for number, row in rows:
            while waiting and (new := next(iter(waiting))) < number:
                first = min(first, new)
                out.append(self._new_row(new, waiting.pop(new)))
            if number in waiting:
                cells = waiting.pop(number)
                self.updates[number] = {place: cells[place] for place in self.letters}
                self.typed.add(number)
            new_row = self._row(row, number) if number in self.updates else row
            out.append(spelled_out(new_row, self.masters_gone))
        return first, b"".join(out)

    def _learn_from(self, chunks: Sequence[Chunk]) -> None:
        """New rows look as others do that nobody coloured."""
        places = {letters: place for place, letters in self.letters.items()}
        seen: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for number, row in (told for one in chunks[1:-1] for told in rows_in(one.data, one.first - 1)):
            looked_at = number - self.range.top - 1
            is_enough = looked_at >= _LOOKED_AT_MOST or (looked_at >= _LOOKED_AT and self._is_known(seen))
            if number > self.range.bottom or is_enough:
                break
            for letters, style in _styles_of(row) if looked_at >= 0 and number not in self.typed else ():
                if letters in places:
                    seen[places[letters]][style] += 1
        self.models = {place: max(styles, key=self._rank(place, styles)) for place, styles in seen.items()}

    def _is_known(self, seen: Mapping[int, Counter[int]]) -> bool:
        """Whether there are cells that look as ours did, as far as that is known."""
        return all(any(self.look_of(style) == look for style in seen.get(at, ())) for at, look in self.looks.items())

    def _rank(self, place: int, styles: Counter[int]) -> Callable[[int], tuple[bool, bool, int]]:
        def rank(style: int) -> tuple[bool, bool, int]:
            look = self.look_of(style)
            return look == self.looks.get(place), not look[0], styles[style]

        return rank

    def _look_for_filled_down(self, chunks: Sequence[Chunk]) -> None:
        inside = [one for one in chunks[1:-1] if one.first <= self.range.bottom]
        last: list[tuple[int, bytes]] = []
        for one in reversed(inside):
            there = rows_in(one.data, one.first - 1)
            last[:0] = [
                row for row in there if self.range.top < row[0] <= self.range.bottom and row[0] not in self.typed
            ]
            if len(last) >= LOOKED_AT:
                break
        ours = frozenset(letters.encode() for letters in self.letters.values())
        formulas = Formulas(lambda shared: master_of((one.data for one in inside), shared))
        self.filled = filled_down([formulas.beside(*row, ours) for row in last[-LOOKED_AT:]], self.table, self.range)

    def _filled_into(self, number: int, cells: dict[str, bytes]) -> None:
        """Formulas that go on in a new row, where nothing else stands."""
        for letters, (style, formula) in self.filled.items():
            if _is_empty(cells.get(letters, b"")):
                cells[letters] = b'<c r="%s%d" s="%d">%s</c>' % (letters.encode(), number, style, formula.xml(number))

    def _model(self, place: int) -> int | None:
        """The format of a cell of ours that lost its own."""
        if not self.models and self._chunks:
            self._learn_from(self._chunks)
            self._chunks = ()  # once is enough, also where nothing has a format
        return self.models.get(place)

    def _row(self, row: bytes, number: int) -> bytes:
        return self._replaced(row, number) or self._rebuilt(row, number)

    def _replaced(self, row: bytes, number: int) -> bytes | None:
        """The row with only its changed cells exchanged; None where one is not there yet, or a formula of somebody's stands beside."""
        if number in self.typed or (b"<f" in row and not self._has_only_our_formulas(row)):
            return None
        shares, now = SHARED in row, []
        for place, value in self.updates[number].items():
            name = f"{self.letters[place]}{number}"
            start = row.find(b'<c r="%s"' % name.encode())
            usual = _USUAL_HEAD.match(row, start) if start >= 0 else None
            head = row.find(b">", usual.end() if usual else start) if start >= 0 else -1
            last = head if row[head - 1 : head] == b"/" else row.find(_CELL_END, head)
            if head < 0 or last < 0:
                return None
            end = row.find(b">", last) + 1
            if shares:
                self.masters_gone |= master_in(row[start:end], name)
            known = int(usual[2]) if usual else _style_of(row[start : head + 1])
            known = known or self._model(place) or 0
            now.append((start, end, cell_xml(name, self.style_for(place, known, value), value).encode()))
        return _exchanged(row, now)

    def _has_only_our_formulas(self, row: bytes) -> bool:
        ours = {letters.encode() for letters in self.letters.values()}
        formulas = _FORMULA_CELL.findall(row)
        return len(formulas) == len(FORMULA.findall(row)) and ours.issuperset(formulas)

    def _rebuilt(self, row: bytes, number: int) -> bytes:
        new = {self.letters[place]: (place, value) for place, value in self.updates[number].items()}
        match = _ROW_START.match(row)
        if match is None:
            return row
        start = _SPANS.sub(b"", match[0])
        start = start[:-2] + b">" if match[1] else start
        if b' r="' not in start:
            start = start.replace(b"<row", b'<row r="%d"' % number, 1)
        cells: dict[str, bytes] = {}
        # What a formula of somebody's came to may depend on what changes here. Excel calculates it anew as the workbook tells it to;
        # LibreOffice only where no result is kept.
        ours = set(self.letters.values())
        end = match.end()
        for letters, at, xml in _cells_of(row):
            end = at
            if letters not in new:
                if letters not in ours and FORMULA.search(xml):
                    xml = _CACHED.sub(b"", xml)  # noqa: PLW2901
                cells[letters] = xml if _PLACE.search(xml[: xml.find(b">")]) else _placed(xml, letters, number)
                continue
            self.masters_gone |= master_in(xml, f"{letters}{number}")
            place, value = new.pop(letters)
            known = _style_of(xml) or self._model(place) or 0
            cells[letters] = cell_xml(f"{letters}{number}", self.style_for(place, known, value), value).encode()
        for letters, (place, value) in new.items():
            if value is not None or number in self.typed:
                style_id = self.style_for(place, self._model(place), value)
                cells[letters] = cell_xml(f"{letters}{number}", style_id, value).encode()
        if number in self.typed:
            self._filled_into(number, cells)
        rest = b"" if match[1] else row[end:]
        ordered = sorted(cells, key=column_number) if new or number in self.typed else cells
        return start + b"".join(cells[letters] for letters in ordered) + (rest or b"</row>")

    @cached_property
    def _order(self) -> list[tuple[int, str, int | None, str]]:
        """The columns as they stand in the sheet: place among ours, letters, format of new cells, how an empty one ends."""
        order = sorted(self.letters, key=lambda place: column_number(self.letters[place]))
        models = ((place, self.models.get(place)) for place in order)
        return [(place, self.letters[place], model, f'" s="{model or 0}"/>') for place, model in models]

    def _new_row(self, number: int, row: Sequence[Shown]) -> bytes:
        style_for = self.style_for
        cells = [
            f'<c r="{letters}{number}{empty}'
            if (value := row[place]) is None
            else cell_xml(f"{letters}{number}", style_for(place, model, value), value)
            for place, letters, model, empty in self._order
        ]
        if self.filled:
            by_column = {letters: cell.encode() for (_, letters, _, _), cell in zip(self._order, cells, strict=True)}
            self._filled_into(number, by_column)
            inside = b"".join(by_column[letters] for letters in sorted(by_column, key=column_number))
            return b'<row r="%d">%s</row>' % (number, inside)
        return f'<row r="{number}">{"".join(cells)}</row>'.encode()

    def new_rows(self, waiting: Mapping[int, Sequence[Shown]], packing: Packing) -> list[Chunk]:
        """Rows of ours, packed."""
        found: list[Chunk] = []
        numbers = list(waiting)
        for start in range(0, len(numbers), _ROWS_A_CHUNK):
            part = numbers[start : start + _ROWS_A_CHUNK]
            data = b"".join(self._new_row(number, waiting[number]) for number in part)
            found.append(packing.chunk(data, part[0], part[-1]))
        return found

    def _head(self, head: bytes) -> bytes:
        def grown(match: re.Match[bytes]) -> bytes:
            at = Range.of(match[2].decode())
            if at is None or at.bottom >= self.bottom:
                return match[0]
            return match[1] + str(Range(at.left, at.top, at.right, self.bottom)).encode() + b'"'

        return _DIMENSION.sub(grown, head, count=1)

    def _tail(self, tail: bytes) -> bytes:
        if self.bottom == self.filed.bottom:
            return tail
        tail = _RANGES.sub(lambda match: _SQREF.sub(self._grown_ranges, match[0]), tail)
        tail = _NEWER_SQREF.sub(self._grown_ranges, tail)
        return _FILTER.sub(lambda match: with_range(match[0], self.filed, self.bottom), tail, count=1)

    def _grown_ranges(self, match: re.Match[bytes]) -> bytes:
        """Formats and drop-downs that cover the table's last row cover its new ones too, as they do in Excel."""
        found = []
        for text in match[2].decode().split():
            at = Range.of(text)
            if at is not None and at.top <= self.filed.bottom <= at.bottom and at.top != at.bottom:
                reach = max(at.bottom, self.bottom)  # what reaches further reaches far enough
                text = str(Range(at.left, at.top, at.right, min(reach, _LAST_ROW)))  # noqa: PLW2901
            found.append(text)
        return match[1] + " ".join(found).encode() + match[3]


_ROWS_A_CHUNK = 24
_LOOKED_AT, _LOOKED_AT_MOST = 20, 400  # rows
_LAST_ROW = 1_048_576


def _exchanged(row: bytes, cells: list[tuple[int, int, bytes]]) -> bytes:
    """A row with other cells from so far to so far."""
    out: list[bytes] = []
    at = 0
    for start, end, new in sorted(cells):
        out += row[at:start], new
        at = end
    return b"".join((*out, row[at:]))


def _is_empty(cell: bytes) -> bool:
    return not _CONTENT.search(cell)


def _any_between(numbers: Sequence[int], first: int, last: int) -> bool:
    return bisect_left(numbers, first) < bisect_right(numbers, last)


def _cells_of(row: bytes) -> Iterable[tuple[str, int, bytes]]:
    """Each cell of a row: its column's letters, where it ends, its XML."""
    place = 0
    for match in _CELL.finditer(row):
        told = _PLACE.search(match[0][: match[0].find(b">") + 1])
        letters = told[1].decode() if told else column_letters(place + 1)
        place = column_number(letters)
        yield letters, match.end(), match[0]


def _styles_of(row: bytes) -> Iterable[tuple[str, int]]:
    """The format of each cell of a row that has one, by its column's letters."""
    told = _USUAL_HEAD.findall(row)
    if len(told) == row.count(b"<c"):
        return [(letters.decode(), int(style)) for letters, style in told]
    known = ((letters, _style_of(xml)) for letters, _, xml in _cells_of(row))
    return [(letters, style) for letters, style in known if style is not None]


def _style_of(cell: bytes) -> int | None:
    style = _STYLE.search(cell[: cell.find(b">")])
    return int(style[1]) if style else None


def _placed(xml: bytes, letters: str, number: int) -> bytes:
    """A cell that did not say where it stands; beside new ones it has to."""
    return xml.replace(b"<c", f'<c r="{letters}{number}"'.encode(), 1)


def with_range(element: bytes, old: Range, bottom: int) -> bytes:
    """A start tag with its range brought to a new last row, if it is that of the table."""

    def moved(match: re.Match[bytes]) -> bytes:
        at = Range.of(match[2].decode())
        if at is None or (at.left, at.top, at.bottom) != (old.left, old.top, old.bottom):
            return match[0]
        return match[1] + str(Range(at.left, at.top, at.right, bottom)).encode() + b'"'

    return _REF.sub(moved, element, count=1)


def grown_table(part: bytes, old: Range, bottom: int) -> bytes:
    """A table part with its range and its filter over all rows."""
    tags = re.compile(rb"<(?:table|autoFilter)\b[^>]*>")
    return tags.sub(lambda match: with_range(match[0], old, bottom), part)
