"""The register as it lies there, whoever saved it last: whose it is, which of its sheets are ours, where their columns stand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from posixpath import dirname, join, normpath
from typing import Any, TypeVar

from tpdocs.errors import TpdocsError
from tpdocs.findings import DocumentError
from tpdocs.forms.values import squeezed
from tpdocs.register.cells import DAYS_OFF_1904, Plain, Range, column_letters
from tpdocs.register.columns import SHEETS, Sheet
from tpdocs.register.deflate import beginning, inflated
from tpdocs.register.formats import NS, CellFormats
from tpdocs.register.scan import (
    Blocks,
    NotPlainError,
    RowReader,
    blocks,
    every_row,
    plain_pieces,
    plain_rows,
    widest,
)
from tpdocs.register.strings import shared_strings
from tpdocs.word.package import Limits, Package, RawPart
from tpdocs.word.xml import in_default_namespace, is_well_formed, parse_xml

_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
Result = TypeVar("Result")
_MOST = 2**30
LIMITS = Limits(_MOST, 10_000, 4 * _MOST, _MOST, 100_000, 10**9, 10**9)
_LOOKED_AT = 20
_WORKBOOK, _STYLES = "xl/workbook.xml", "styles"


class RegisterError(TpdocsError):
    """The register cannot be read; the ledger goes on without it."""

    exit_code = 1


@dataclass(slots=True)
class TableAt:
    """Where one of our tables is: parts, range, and which letters its columns have (by their place among ours)."""

    sheet: Sheet
    sheet_part: str
    table_part: str
    range: Range
    has_totals: bool = False
    letters: dict[int, str] = field(default_factory=dict)
    missing: list[str] = field(
        default_factory=list
    )  # headings that are not there, or of which it is not clear which is ours
    twice: list[str] = field(default_factory=list)
    limit: int = 0  # the first row of somebody else's table below, 0 where there is none: tables may not overlap


UNREADABLE = (RegisterError, DocumentError)  # the second where a part is damaged, which shows when it is read


class Book:
    """A register opened for reading; nothing in it is changed. DocumentError where a part turns out to be damaged."""

    def __init__(self, data: bytes) -> None:
        self._odd: set[str] = set()
        try:
            self.package = Package(data, LIMITS)
            self.parts: dict[str, RawPart] = {one.name: one for one in self.package.raw_parts()}
            self._read_structure()
        except DocumentError as error:
            raise refused(error) from error

    def _read_structure(self) -> None:
        if _WORKBOOK not in self.package.names:
            raise RegisterError(
                "{path} is no Excel workbook (.xlsx). Put the register back in its place, or remove the file and run “tpdocs sync”.",
                path="register.xlsx",
            )
        workbook = self.package.read(_WORKBOOK)
        if _STRICT in workbook:
            raise RegisterError(
                "The register was saved as “Strict Open XML”. Save it as an ordinary Excel workbook (.xlsx) and run “tpdocs sync” again."
            )
        self.workbook = parse_xml(workbook, _WORKBOOK, LIMITS.tags)
        targets = self.relations(_WORKBOOK)
        self.sheet_parts: dict[str, str] = {
            one.get("name", ""): targets.get(one.get(_R_ID, ""), ("", ""))[1]
            for one in self.workbook.iter(f"{{{NS}}}sheet")
        }
        self._named = {sort.rpartition("/")[2]: path for sort, path in targets.values()}

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The parts that a part refers to: type and path by id."""
        rels = join(dirname(part), "_rels", f"{part.rpartition('/')[2]}.rels")
        if rels not in self.package.names:
            return {}
        found = {}
        for one in parse_xml(self.package.read(rels), rels, LIMITS.tags):
            target = one.get("Target", "")
            path = target[1:] if target.startswith("/") else normpath(join(dirname(part), target))
            if one.get("TargetMode") != "External":
                found[one.get("Id", "")] = one.get("Type", ""), path
        return found

    @property
    def properties(self) -> dict[str, str]:
        """Whose register it is and which writing of it."""
        return self.package.properties

    @property
    def written(self) -> int:
        """The number of the writing that it was saved from; 0 when it does not say."""
        return self._number("written")

    @property
    def revision(self) -> int:
        """The last revision of the ledger that it knows; 0 when it does not say."""
        return self._number("revision")

    def _number(self, name: str) -> int:
        told = self.properties.get(name, "").partition(".")[0]
        return int(told) if told.isdecimal() else 0

    @cached_property
    def since_1904(self) -> bool:
        """Whether its calendar begins in 1904, as on old Macs."""
        facts = next(self.workbook.iter(f"{{{NS}}}workbookPr"), None)
        return facts is not None and facts.get("date1904") in ("1", "true")

    @cached_property
    def strings(self) -> list[str]:
        """The shared strings."""
        part = self._named.get("sharedStrings", "")
        if part not in self.parts:
            return []
        raw = self.parts[part]
        try:
            if _is_usual(beginning(raw)):
                return shared_strings(plain_pieces(inflated(raw)))
        except (NotPlainError, UnicodeDecodeError):
            pass
        return shared_strings([in_default_namespace(self.package.read(part), NS)])

    def forget_texts(self) -> None:
        """Give the memory of the shared strings free; they are read again if anybody asks."""
        self.__dict__.pop("strings", None)

    @property
    def styles_part(self) -> str:
        """The part with the formats of cells."""
        return self._named.get(_STYLES, "xl/styles.xml")

    @cached_property
    def formats(self) -> CellFormats:
        """The formats of its cells."""
        part = self.styles_part
        root = parse_xml(self.package.read(part), part, LIMITS.tags) if part in self.package.names else None
        return CellFormats(root, since_1904=self.since_1904)

    def reading(self, part: str, use: Callable[[Blocks], Result]) -> Result:
        """What `use` makes of the blocks of a sheet: streamed, and once more from a tree where it has not the usual shape."""
        raw = self.parts[part]
        if part not in self._odd and _is_usual(beginning(raw)):
            try:
                return use(plain_rows(blocks(plain_pieces(inflated(raw)))))
            except (NotPlainError, UnicodeDecodeError):
                self._odd.add(part)
        return use(blocks([in_default_namespace(self.package.read(part), NS)]))

    @cached_property
    def tables(self) -> dict[str, TableAt]:
        """Our tables that are there, by name, with their columns."""
        ours = {one.table: one for one in SHEETS}
        found: dict[str, TableAt] = {}
        ranges: dict[str, list[Range]] = {}
        for part in self.sheet_parts.values():
            for sort, path in self.relations(part).values():
                if not sort.endswith("/table") or path not in self.package.names:
                    continue
                root = parse_xml(self.package.read(path), path, LIMITS.tags)
                sheet = ours.get(root.get("displayName", "")) or ours.get(root.get("name", ""))
                at = Range.of(root.get("ref", ""))
                ranges.setdefault(part, []).extend([at] if at is not None else [])
                if sheet is not None and at is not None and root.get("headerRowCount", "1") != "0":
                    totals = root.get("totalsRowCount", "0") not in ("0", "")
                    found[sheet.table] = TableAt(sheet, part, path, at, totals)
        for one in found.values():
            self._find_columns(one)
            one.limit = min((at.top for at in ranges[one.sheet_part] if _is_below(at, one.range)), default=0)
        return found

    def _find_columns(self, table: TableAt) -> None:
        header = self._row(table.sheet_part, table.range.top, table.range)
        headings: dict[str, list[str]] = {}
        for letters, text in header.items():
            headings.setdefault(squeezed(str(text)), []).append(letters)
        for place, column in enumerate(table.sheet.columns):
            letters_of = headings.get(squeezed(column.heading), [])
            if column.heading in table.sheet.key and len(letters_of) != 1:
                raise _key_error(table.sheet.name, column.heading, twice=bool(letters_of))
            if len(letters_of) > 1:
                letters_of = _beside_its_neighbours(table.sheet, place, letters_of, header)
                table.twice += [column.heading] * (len(letters_of) > 1)
            if len(letters_of) == 1:
                table.letters[place] = letters_of[0]
            else:
                table.missing.append(column.heading)

    def _row(self, part: str, wanted: int, at: Range) -> dict[str, Any]:
        every = [column_letters(number) for number in range(at.left, at.right + 1)]
        reader = RowReader({one: place for place, one in enumerate(every)}, self.strings, {})

        def found(blocks: Blocks) -> dict[str, Any]:
            for number, row in every_row(blocks):
                if number == wanted:
                    return dict(zip(every, reader.read(number, row).values, strict=True))
                if number > wanted:
                    break
            return {}

        return self.reading(part, found)

    def rows(self, part: str) -> list[tuple[int, list[Plain]]]:
        """Every row of any sheet, from its first column on, dates as texts; as wide as its first rows are."""
        return self.reading(part, self._all_rows)

    def _all_rows(self, blocks: Blocks) -> list[tuple[int, list[Plain]]]:
        rows = every_row(blocks)
        first = list(islice(rows, _LOOKED_AT))
        width = max((widest(row) for _, row in first), default=0)
        reader = RowReader(
            {column_letters(place + 1): place for place in range(width)}, self.strings, self.formats.looks
        )
        reader.texts = frozenset(range(width))
        return [(number, reader.read(number, row).values) for number, row in chain(first, rows)]

    def reader(self, table: TableAt) -> RowReader:
        """A reader of a table's rows: their values by the place of the column among ours."""
        where = {letters: place for place, letters in enumerate(table.letters.values())}
        reader = RowReader(where, self.strings, self.formats.looks)
        columns = [table.sheet.columns[place] for place in table.letters]
        reader.texts = frozenset(place for place, one in enumerate(columns) if one.kind.name not in ("TIME", "DATE"))
        reader.days_off = DAYS_OFF_1904 if self.since_1904 else 0
        return reader


def _is_below(other: Range, ours: Range) -> bool:
    return other.top > ours.bottom and other.left <= ours.right and ours.left <= other.right


def _is_usual(head: bytes) -> bool:
    """Whether a part is UTF-8 without a prefix for our namespace."""
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return (
        start.startswith(b"<")
        and b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"' in head
        and b"utf-16" not in head[:200].lower()
    )


def _beside_its_neighbours(sheet: Sheet, place: int, letters: list[str], header: dict[str, Any]) -> list[str]:
    """Of columns with the same heading the one that stands where ours does; all of them where that does not tell."""
    order = list(header)
    texts = [squeezed(str(header[one] or "")) for one in order]
    around = [squeezed(one) for one in sheet.headings]

    def fits(one: str) -> bool:
        at = order.index(one)
        before = at > 0 and place > 0 and texts[at - 1] == around[place - 1]
        after = at + 1 < len(order) and place + 1 < len(around) and texts[at + 1] == around[place + 1]
        return before or after

    fitting = [one for one in letters if fits(one)]
    return fitting if len(fitting) == 1 else letters


def _key_error(sheet: str, column: str, *, twice: bool) -> RegisterError:
    if twice:
        return RegisterError(
            "The sheet “{sheet}” of the register has the column “{column}” twice. Rename the one that is not the system's, or rename the file and run “tpdocs sync”, which writes a new one.",
            sheet=sheet,
            column=column,
        )
    return RegisterError(
        "The sheet “{sheet}” of the register has no column “{column}” any more. Give that column its heading back, or rename the file and run “tpdocs sync”, which writes a new one.",
        sheet=sheet,
        column=column,
    )


def broken_part(data: bytes) -> str:
    """The first part of a workbook that Excel would not open, empty where there is none: we read some that it does not."""
    parts = Package(data, LIMITS).raw_parts()
    xml = (one for one in parts if one.name.endswith((".xml", ".rels")))
    return next((one.name for one in xml if not is_well_formed(inflated(one))), "")


def refused(error: DocumentError) -> RegisterError:
    """What to say of a register in which a part cannot be read."""
    if error.finding.code == "encrypted":
        return RegisterError(
            "The register is encrypted. Open it with its password, save it without one and run “tpdocs sync” again."
        )
    return RegisterError(
        "The register cannot be read: it is damaged or no .xlsx. Repair or rename it and run “tpdocs sync”, which writes a new one if there is none."
    )


__all__ = ["LIMITS", "NS", "UNREADABLE", "Book", "RegisterError", "TableAt", "broken_part", "refused"]
