"""The XML of a sheet, row by row as bytes: a tree of 20,000 rows takes a gigabyte, and the rows nobody touched are to stay as they are.

Any workbook comes down to the one shape that is read here: the default namespace, no comments, no CDATA (`book` sees to it).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import cast

from tpdocs.findings import DocumentError
from tpdocs.register.cells import Plain, column_letters
from tpdocs.register.deflate import CHUNK_BYTES
from tpdocs.register.formats import Look
from tpdocs.word.xml import texts_of

HEAD, ROWS, TAIL = "head", "rows", "tail"
Blocks = Iterable[tuple[str, bytes]]
_DATA = re.compile(rb"<sheetData\s*(/?)>")
_END = b"</sheetData>"
_ROW = re.compile(rb"<row[\s/>]")
# Attributes in single quotes, blanks beside their signs or in end tags: XML has them, no program that is known writes them so.
_ODD_TAG = re.compile(rb'<(?:row|c)(?=[\s/>])(?!(?:\s+[\w:.-]+="[^"]*")*\s*/?>)|</(?:row|c)\s')
_LOOKED_AT = 2**12
_ROW_NUMBER = re.compile(rb'<row\b[^>]*?\sr="(\d+)"')
# A cell as Excel, WPS Office, LibreOffice and openpyxl write it. Groups: column, style, type, formula, value, text.
_CELL = re.compile(
    rb'<c r="([A-Z]{1,3})\d+"(?: s="(\d+)")?(?: t="(\w+)")?(?: [cvp][mh]="\d+")*\s*'
    rb"(?:/>|>(<f[^>]*?(?:/>|>[^<]*</f>))?(?:<v[^>]*>([^<]*)</v>|<v/>|<is><t[^>]*>([^<]*)</t></is>|<is><t/></is>)?</c>)"
)
FORMULA = re.compile(rb"<f[\s/>]")
_FORMULA_TEXT = re.compile(rb"<f\b[^>]*>([^<]+)</f>")
ANY_CELL = re.compile(rb"<c(?=[\s/>])([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_VALUE = re.compile(rb"<v(?:\s[^>]*)?>([^<]*)</v>")
_TEXT = re.compile(rb"<t(?:\s[^>]*)?>([^<]*)</t>")
_PHONETIC = re.compile(rb"<rPh\b.*?</rPh>", re.DOTALL)
_ENTITY = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#(\d+)|(lt|gt|amp|quot|apos));")
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Excel reads _x0041_ in a cell as the sign with that number, so a text that holds this has its underscore escaped.
_LIKE_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NO_XML = re.compile(
    "[\x00-\x08\x0b-\x1f\ufffe\uffff]"
)  # a carriage return among them, for readers make a newline of it
_EXACT_DIGITS = 15  # more than these a floating point number does not keep
UNREAD = "\ufffcUNREAD"  # a formula whose value nobody has calculated yet


CellParts = tuple[bytes, bytes, bytes, bytes, bytes, bytes]  # column, style, type, formula, value, text


@dataclass(slots=True)
class RowCells:
    """One row: its number and the values of the columns asked for."""

    number: int
    values: list[Plain]


class NotPlainError(Exception):
    """A part is not in the shape that is read here; `book` brings it there."""


def plain_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces of a part as long as there is no comment and no CDATA in them; NotPlainError where there is."""
    last = b""
    for piece in pieces:
        # The second sign is looked for first, for it is rare.
        if b"!" in piece and (b"<!" in piece or (last == b"<" and piece[:1] == b"!")):
            raise NotPlainError
        last = piece[-1:]
        yield piece


def blocks(pieces: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    """A sheet cut up: what stands before the rows, blocks of whole rows, what stands after them."""
    stream = iter(pieces)
    buffer = b""
    match: re.Match[bytes] | None = None
    for piece in stream:
        buffer += piece
        match = _DATA.search(buffer)
        if match:
            break
    if match is None:
        yield HEAD, buffer
        return
    yield HEAD, buffer[: match.start()] + b"<sheetData>"
    buffer = buffer[match.end() :]
    if match[1]:
        yield TAIL, _END + buffer + b"".join(stream)
        return
    buffer = buffer.lstrip()
    while (end := buffer.find(_END)) < 0:
        yield from _whole_rows(buffer)
        buffer = buffer[_last_row(buffer) :]
        more = next(stream, b"")
        if not more:
            raise DocumentError("cut_short")
        buffer = buffer + more if buffer else more.lstrip()
    if end:
        yield from _whole_rows(buffer[:end], last=True)
    yield TAIL, buffer[end:] + b"".join(stream)


def plain_rows(blocks: Blocks) -> Blocks:
    """The blocks of a sheet, if its first rows are written as every usual program writes them; NotPlainError where they are not."""
    seen = False
    for sort, block in blocks:
        if sort == ROWS and not seen:
            head, seen = block[:_LOOKED_AT], True
            if _ODD_TAG.search(head, 0, head.rfind(b">") + 1):
                raise NotPlainError
        yield sort, block


def _last_row(buffer: bytes) -> int:
    """Where the last row of a buffer begins: it may not be whole."""
    at = len(buffer)
    while (at := buffer.rfind(b"<row", 0, at)) > 0:
        if buffer[at + 4 : at + 5] in b" >/\t\r\n":
            return at
    return 0


def _whole_rows(buffer: bytes, *, last: bool = False) -> Iterator[tuple[str, bytes]]:
    end = len(buffer) if last else _last_row(buffer)
    start = 0
    while start < end:
        cut = end
        if end - start > CHUNK_BYTES:
            after = _ROW.search(buffer, start + CHUNK_BYTES, end)
            cut = after.start() if after else end
        yield ROWS, buffer[start:cut]
        start = cut


def rows_in(block: bytes, before: int) -> Iterator[tuple[int, bytes]]:
    """The rows of a block with their numbers; `before` is the number of the row before, for rows that do not say theirs."""
    starts = [match.start() for match in _ROW.finditer(block)]
    for start, end in zip(starts, [*starts[1:], len(block)], strict=True):
        row = block[start:end]
        number = _ROW_NUMBER.match(row)
        before = int(number[1]) if number else before + 1
        yield before, row


def edges(block: bytes, before: int) -> tuple[int, int]:
    """The numbers of the first and last row of a block."""
    first, last = _ROW_NUMBER.match(block), _ROW_NUMBER.match(block, _last_row(block))
    if first and last:
        return int(first[1]), int(last[1])
    numbers = [number for number, _ in rows_in(block, before)]
    return numbers[0], numbers[-1]


def every_row(blocks: Blocks) -> Iterator[tuple[int, bytes]]:
    """All rows of a sheet with their numbers."""
    before = 0
    for sort, block in blocks:
        if sort == ROWS:
            for number, row in rows_in(block, before):
                before = number
                yield number, row


def text_of(data: bytes) -> str:
    """The text of an element as a reader of the workbook shows it."""
    text = data.decode()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    return unescaped(text)


def unescaped(text: str) -> str:
    """A text with the signs that Excel writes by their number; a sign of two halves is one, half a sign is none."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def escaped(text: str) -> str:
    """A text as it stands in the XML of a workbook, signs that XML has no room for by their number, as Excel writes them."""
    if "_x" in text:
        text = _LIKE_ESCAPED.sub("_x005F_", text)
    if not text.isprintable():
        text = _NO_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", text)
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


def _entity(match: re.Match[str]) -> str:
    if match[3]:
        return _NAMED[match[3]]
    number = int(match[1], 16) if match[1] else int(match[2])
    return chr(number) if number < 0x110000 else ""  # noqa: PLR2004 - the end of Unicode


def named_signs(text: str) -> str:
    """A text with the signs that XML writes by name."""
    if "&" not in text:
        return text
    return (
        text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", '"')
        .replace("&apos;", "'")
        .replace("&amp;", "&")
    )


class RowReader:
    """Reads rows: `where` gives the place of each column's letters among the values; `looks` says how a cell's format shows a number."""

    def __init__(self, where: dict[str, int], strings: list[str], looks: Mapping[bytes, Look]) -> None:
        self.where = {letters.encode(): place for letters, place in where.items()}
        self.columns = list(self.where)
        self.strings = strings
        self.looks = looks
        self.texts: frozenset[int] = frozenset()
        self.days_off = 0  # how many days this workbook's calendar is behind ours

    def read(self, number: int, row: bytes) -> RowCells:
        """One row."""
        cells = cells_of(row)
        found = RowCells(number, [None] * len(self.where))
        values, where = found.values, self.where
        numbered: list[tuple[int, bytes]] = []
        for letters, style, sort, formula, value, text in cells:
            place = where.get(letters)
            if place is None:
                continue
            if sort == b"s":
                values[place] = self.shared(value)
            elif text:
                if b"&#" in text:
                    numbered.append((place, text))
                else:
                    values[place] = text_of(text)
            elif value:
                values[place] = self._value(sort, value, style, place)
            elif formula and sort != b"str":
                values[place] = UNREAD
        for (place, _), told in zip(numbered, texts_of([text for _, text in numbered]), strict=True):
            values[place] = unescaped(told)
        return found

    def value_of(self, cell: CellParts, place: int) -> Plain:
        """What one cell of a column at `place` holds, in our calendar."""
        _, style, sort, formula, value, text = cell
        if sort == b"s":
            return self.shared(value)
        if text:
            return unescaped(texts_of([text])[-1]) if b"&#" in text else text_of(text)
        if value:
            found = self._value(sort, value, style, place)
            # A column that is none of texts is one of dates.
            return (
                found + self.days_off if self.days_off and type(found) is float and place not in self.texts else found
            )
        return UNREAD if formula and sort != b"str" else None

    def shared(self, value: bytes) -> str | None:
        """The shared string of a number; None when there is none."""
        number = int(value) if value.isdigit() else len(self.strings)
        return self.strings[number] if number < len(self.strings) else None

    def _value(self, sort: bytes, value: bytes, style: bytes, place: int) -> Plain:
        if sort == b"b":
            return value.strip() == b"1"
        if sort in (b"str", b"e", b"d"):
            return text_of(value)
        try:
            number = float(value)
        except ValueError:
            return text_of(value)
        if place not in self.texts:
            return number
        # In a column of texts a date or share is what somebody typed and Excel took for one: what it shows is meant.
        look = self.looks.get(style)
        if look is not None:
            return look(number)
        return text_of(value) if value.isdigit() and len(value) > _EXACT_DIGITS else number


def cells_of(row: bytes) -> list[CellParts]:
    """The cells of a row."""
    cells: list[CellParts] = _CELL.findall(row)
    return cells if len(cells) == row.count(b"<c") else list(_odd_cells(row))


def cell_at(row: bytes, letters: bytes, number: int) -> CellParts | None:
    """One cell of a row; None where it is not there just once, or not written as most are."""
    place = b' r="%s%d"' % (letters, number)
    match = _CELL.match(row, row.find(b"<c" + place)) if row.count(place) == 1 else None
    return cast("CellParts", match.groups(b"")) if match else None


def _odd_cells(row: bytes) -> Iterator[CellParts]:
    """The cells of a row in whatever shape they are."""
    place = 0
    for match in ANY_CELL.finditer(row):
        facts = attributes_of(match[1])
        told = re.match(rb"[A-Z]+", facts.get(b"r", b""))
        letters = told[0] if told else column_letters(place + 1).encode()
        place = _column_number(letters)
        inner = match[2] or b""
        value = _VALUE.search(inner)
        text = runs_of(inner) if b"<is" in inner else b""
        formula = inner if FORMULA.search(inner) else b""
        yield letters, facts.get(b"s", b""), facts.get(b"t", b""), formula, value[1] if value else b"", text


def runs_of(inner: bytes) -> bytes:
    """The text of an item or cell as it is escaped there: all its runs, and nothing of phonetic guides."""
    return b"".join(_TEXT.findall(_PHONETIC.sub(b"", inner)))


def formula_of(cell: CellParts) -> str:
    """The formula of a cell; empty where it has none, or only shares one."""
    told = _FORMULA_TEXT.search(cell[3])
    return unescaped(texts_of([told[1]])[-1]) if told else ""


def attributes_of(tag: bytes) -> dict[bytes, bytes]:
    """The attributes in a tag."""
    return {name: double or single for name, double, single in _ATTRIBUTE.findall(tag)}


def widest(row: bytes) -> int:
    """The number of a row's last column."""
    places = re.findall(rb'<c\b[^>]*?\sr="([A-Z]+)\d+"', row)
    return max(map(_column_number, places), default=0) or len(ANY_CELL.findall(row))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
