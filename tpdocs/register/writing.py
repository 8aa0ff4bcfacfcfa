"""Writing the register: only the cells that are ours and have changed, in the workbook as it lies there or in a new one."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from pydantic_core import to_json

from tpdocs.register.book import Book, TableAt
from tpdocs.register.cells import Range, Shown, in_1904, says
from tpdocs.register.columns import Sheet
from tpdocs.register.deflate import Chunk, Packing, chunks_of, part_of, table_of
from tpdocs.register.formats import Appearance
from tpdocs.register.line_order import Runs, numbers_of
from tpdocs.register.patch import SheetChange, grown_table
from tpdocs.register.scan import ROWS, Blocks, rows_in
from tpdocs.register.styles import Styles
from tpdocs.word.package import CONTENT_TYPES, PropertyParts, RawPart, compressed, zip_bytes

_CALC = re.compile(rb"<calcPr\b([^>]*?)(/?)>")
_FULL = re.compile(rb'\sfullCalcOnLoad="[^"]*"')
_CHAIN = re.compile(rb"<(?:Override|Relationship)\b[^>]*calcChain[^>]*/>")
_WORKBOOK, _WORKBOOK_RELS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass(slots=True)
class Place:
    """Where a table stands in the workbook as we left it."""

    table: TableAt
    models: dict[int, int]
    chunks: list[list[int]] = field(default_factory=list)
    digest: str = ""
    touched: bool = False
    below: int = 0  # the first row below the table in which something stands
    is_sorted: bool = False
    looks: dict[int, Appearance] = field(
        default_factory=dict
    )  # of the cells of each column, whatever program saves them
    order: Runs = field(default_factory=list)  # where the lines of a list were written, if not one below the other

    def line_numbers(self, count: int) -> list[int]:
        """The rows in which its so many lines were written, in our order; none where that is not known."""
        if self.order:
            return numbers_of(self.order)
        top = self.table.range.top
        return [] if self.touched else list(range(top + 1, top + 1 + count))

    def kept(self) -> dict[str, Any]:
        """As the ledger keeps it."""
        at = self.table
        return {
            "sheet": at.sheet_part, "table": at.table_part, "range": str(at.range), "totals": at.has_totals,
            "limit": at.limit, "letters": list(at.letters.items()), "models": list(self.models.items()), "chunks": self.chunks,
            "digest": self.digest, "touched": self.touched, "missing": at.missing, "below": self.below,
            "sorted": self.is_sorted, "order": self.order, "looks": list(self.looks.items()),
        }  # fmt: skip

    @classmethod
    def of(cls, sheet: Sheet, kept: Mapping[str, Any]) -> "Place | None":
        """From what the ledger kept."""
        at = Range.of(kept["range"])
        if at is None:
            return None
        letters = {int(place): name for place, name in kept["letters"]}
        table = TableAt(sheet, kept["sheet"], kept["table"], at, kept["totals"], letters, list(kept["missing"]))
        table.limit = kept.get("limit", 0)
        models = {int(place): style for place, style in kept["models"]}
        looks = {int(place): (fill, font, border) for place, (fill, font, border) in kept.get("looks", ())}
        return cls(
            table, models, kept["chunks"], kept["digest"], kept["touched"], kept.get("below", 0), kept.get("sorted", False),
            looks, kept.get("order", []),
        )  # fmt: skip


class Writer:
    """Puts changes into a workbook; `result` is the new one. `last` is where the tables stood at the last writing."""

    def __init__(self, book: Book, last: Mapping[str, Place] | None = None) -> None:
        self.book, self._last = book, last or {}
        self.styles = Styles(book)
        self.replaced: dict[str, RawPart] = {}
        self.places: dict[str, Place] = {}
        self._chunks: dict[str, list[Chunk]] = {}  # of the sheets that were written

    def change(self, table: TableAt, models: Mapping[int, int] | None = None) -> SheetChange:
        """A change of a table's sheet, to be filled."""
        at = Range(table.range.left, table.range.top, table.range.right, table.range.bottom - int(table.has_totals))
        return SheetChange(
            table.letters, at, at, self.styles.for_cell, table.sheet.table, models=dict(models or {}),
            looks=self.looks_of(table), look_of=self._look_of,
        )  # fmt: skip

    def looks_of(self, table: TableAt) -> Mapping[int, Appearance]:
        """How the cells of a table's columns looked at the last writing."""
        place = self._last.get(table.sheet.table)
        return place.looks if place is not None else {}

    def _look_of(self, style: int) -> Appearance:
        every = self.book.formats.appearances
        return every[style] if style < len(every) else ("", "", "")

    def shown(self, row: Sequence[Shown]) -> Sequence[Shown]:
        """The cells of a row as this workbook counts its days."""
        return [in_1904(value) for value in row] if self.book.since_1904 else row

    def put(
        self, table: TableAt, change: SheetChange, *, kept: Place | None = None, chunks: Sequence[Chunk] = (), digest: str = "",
        below: int = 0,
    ) -> None:  # fmt: skip
        """Write a changed sheet; `kept` when it lies there as we left it, `chunks` when it was packed on the way already."""
        raw = self.book.parts[table.sheet_part]
        packing = Packing.of(raw)
        if change.is_nothing and kept is not None:
            self.places[table.sheet.table] = replace(kept, below=below)
            return
        if table.sheet_part in self._chunks:
            chunks = self._chunks[table.sheet_part]
        elif kept is not None and kept.chunks:
            chunks = chunks_of(raw, kept.chunks)
        elif not chunks:
            chunks = self.book.reading(table.sheet_part, partial(_chunks, packing=packing))
        self._keep(table, change, change.apply(chunks, packing), digest)
        self.places[table.sheet.table].below = below

    def rewrite(self, table: TableAt, kept: Place, rows: Sequence[Sequence[Shown]], digest: str) -> None:
        """Write all rows of a list anew, of a workbook that nobody has saved but us."""
        raw = self.book.parts[table.sheet_part]
        packing = Packing.of(raw)
        head, *middle, tail = chunks_of(raw, kept.chunks)
        at = table.range
        change = SheetChange(
            table.letters,
            Range(at.left, at.top, at.right, at.top),
            at,
            self.styles.for_cell,
            appended=list(rows),
            models=kept.models,
        )
        if not rows:
            change.appended = [[None] * len(table.sheet.columns)]
        above = b"".join(
            row
            for one in middle
            if one.first <= at.top
            for number, row in rows_in(one.data, one.first - 1)
            if number <= at.top
        )
        first = [packing.chunk(above, 1, at.top)]
        # The tail's ranges grow from where the table ended before.
        whole = SheetChange(table.letters, at, at, self.styles.for_cell, shrink_to=change.bottom)
        chunks = [
            packing.chunk(change._head(head.data)), *first, *change.new_rows(change.waiting(), packing),
            packing.chunk(whole._tail(tail.data)),
        ]  # fmt: skip
        self._keep(table, whole, chunks, digest, models=kept.models)

    def _keep(
        self,
        table: TableAt,
        change: SheetChange,
        chunks: Sequence[Chunk],
        digest: str,
        *,
        models: Mapping[int, int] | None = None,
    ) -> None:
        self._chunks[table.sheet_part] = list(chunks)
        self.replaced[table.sheet_part] = part_of(table.sheet_part, chunks)
        old, bottom = table.range, change.bottom + int(table.has_totals)
        if bottom != old.bottom:
            grown = grown_table(self.book.package.read(table.table_part), old, bottom)
            self.replaced[table.table_part] = compressed(table.table_part, grown)
        now = TableAt(
            table.sheet, table.sheet_part, table.table_part, Range(old.left, old.top, old.right, bottom), table.has_totals,
            table.letters, table.missing, limit=table.limit,
        )  # fmt: skip
        models = dict(models or change.models)
        known = self._last.get(table.sheet.table)
        is_new = known is None or (models and models != known.models)
        looks = {at: self._look_of(style) for at, style in models.items()} if is_new else self.looks_of(table)
        self.places[table.sheet.table] = Place(now, models, digest=digest, looks=dict(looks))

    def result(self, properties: Mapping[str, str]) -> bytes:
        """The new workbook."""
        self.book.forget_texts()
        for place in self.places.values():
            if (part := place.table.sheet_part) in self._chunks:
                place.chunks = table_of(self._chunks[part])
        parts = dict(self.book.parts)
        for name, data in PropertyParts(self.book.package).holding(properties).items():
            parts[name] = compressed(name, data)
        parts |= self.replaced
        if self.styles.changed:
            parts[self.styles.part] = compressed(self.styles.part, self.styles.data)
        if self.replaced:
            self._recalculate(parts)
        return zip_bytes(list(parts.values()))

    def _recalculate(self, parts: dict[str, RawPart]) -> None:
        """Formulas are calculated anew on opening; the chain of calculation, which names cells, is made anew by Excel."""
        book = self.book.package
        workbook = book.read(_WORKBOOK)
        match = _CALC.search(workbook)
        if match and b'fullCalcOnLoad="1"' not in match[1]:
            facts = _FULL.sub(b"", match[1])
            now = (
                workbook[: match.start()]
                + b"<calcPr"
                + facts
                + b' fullCalcOnLoad="1"'
                + match[2]
                + b">"
                + workbook[match.end() :]
            )
            parts[_WORKBOOK] = compressed(_WORKBOOK, now)
        chain = [name for name in parts if name.rpartition("/")[2] == "calcChain.xml"]
        for name in chain:
            del parts[name]
        if chain:
            for name in (CONTENT_TYPES, _WORKBOOK_RELS):
                data = book.read(name)
                parts[name] = compressed(name, _CHAIN.sub(b"", data))


def _chunks(blocks: Blocks, packing: Packing) -> list[Chunk]:
    found, before = [], 0
    for sort, block in blocks:
        first = last = 0
        if sort == ROWS:
            for number, _ in rows_in(block, before):
                first, last = first or number, number
            before = last or before
        found.append(packing.read(block, first, last))
    return found


def digest_of(rows: Iterable[Sequence[Shown]]) -> str:
    """By what a list is known not to have changed."""
    return hashlib.sha256(to_json(list(rows))).hexdigest()[:16]


def cells_to_write(now: Mapping[int, Shown], wanted: Sequence[Shown], held: frozenset[int]) -> dict[int, Shown]:
    """The cells of a row that do not say what they should; `now` is what was written there or was read, those held keep what somebody typed."""
    return {
        place: cell
        for place, value in now.items()
        # Most say it to the letter; asking that here first takes a fifth of the time.
        if value != (cell := wanted[place]) and place not in held and not says(value, cell)
    }
