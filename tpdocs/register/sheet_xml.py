"""The rows of a sheet as XML, put into a sheet that openpyxl made: cell by cell through openpyxl, writing a register took nearly three times as long."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from urllib.parse import quote

from openpyxl.utils import get_column_letter

_EPOCH = datetime(1899, 12, 30)  # day 0 of Excel's calendar, as it is right from 1900-03-01 on
_DAY = timedelta(days=1)
_LINK_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BEFORE_LINKS = re.compile(rb"<(?:printOptions|pageMargins)\b")
# Excel reads _x0041_ in a cell as the sign with that number, so a text that holds this has its underscore escaped.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(slots=True)
class SheetRows:
    """The data rows of a sheet, from row 2 on."""

    lines: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    letters: list[str] = field(default_factory=list)

    def start(self, columns: int) -> None:
        """Say how many columns there are."""
        self.letters = [get_column_letter(position) for position in range(1, columns + 1)]

    def _place(self) -> str:
        return f"{self.letters[len(self.cells)]}{len(self.lines) + 2}"

    def text(self, style: int, text: str) -> None:
        """The next cell: text, whatever it looks like."""
        plain = escape(_ESCAPE.sub("_x005F_", text) if "_x" in text else text, quote=False)
        self.cells.append(
            f'<c r="{self._place()}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{plain}</t></is></c>'
        )

    def number(self, style: int, value: float) -> None:
        """The next cell: a number."""
        self.cells.append(f'<c r="{self._place()}" s="{style}"><v>{value}</v></c>')

    def time(self, style: int, at: datetime) -> None:
        """The next cell: a date, with or without clock."""
        days = (at - _EPOCH) / _DAY
        self.number(style, int(days) if days == int(days) else round(days, 9))

    def link(self, style: int, text: str, target: str) -> None:
        """The next cell: a link to a file beside the workbook."""
        self.links.append((self._place(), target))
        self.text(style, text)

    def empty(self, style: int) -> None:
        """The next cell: nothing, but formatted."""
        self.cells.append(f'<c r="{self._place()}" s="{style}"/>')

    def end_row(self) -> None:
        """The row is full."""
        self.lines.append(f'<row r="{len(self.lines) + 2}">{"".join(self.cells)}</row>')
        self.cells = []

    @property
    def range(self) -> str:
        """The range of header and rows: ``A1:K20``."""
        return f"A1:{self.letters[-1]}{len(self.lines) + 1}"

    def grow_table(self, table: bytes) -> bytes:
        """The table part with its range and its filter over all rows."""
        return re.sub(rb'(?<=\bref=")[^"]*', self.range.encode(), table)

    def put_into(self, sheet: bytes) -> bytes:
        """The sheet part with these rows below its header row, and the links named."""
        made = sheet.replace(b"</sheetData>", "".join(self.lines).encode() + b"</sheetData>", 1)
        made = re.sub(rb'(?<=<dimension ref=")[^"]*', self.range.encode(), made, count=1)
        if not self.links:
            return made
        links = "".join(
            f'<hyperlink ref="{place}" r:id="rIdLink{number}"/>' for number, (place, _) in enumerate(self.links)
        )
        element = f'<hyperlinks xmlns:r="{_R}">{links}</hyperlinks>'.encode()
        return _BEFORE_LINKS.sub(lambda match: element + match[0], made, count=1)

    def relations(self, existing: bytes) -> bytes:
        """The sheet's relationships with the links' targets added."""
        return existing.replace(b"</Relationships>", "".join(_relations(self.links)).encode() + b"</Relationships>", 1)


def _relations(links: Iterable[tuple[str, str]]) -> Iterable[str]:
    for number, (_, target) in enumerate(links):
        address = escape(quote(target, safe="/!$&'()*+,;=:@-._~"))
        yield f'<Relationship xmlns="{_RELATIONS}" Id="rIdLink{number}" Type="{_LINK_TYPE}" Target="{address}" TargetMode="External"/>'
