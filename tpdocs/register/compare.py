"""What people changed in the register: its cells against what tpdocs wrote there. Nothing is decided here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from tpdocs.forms.values import squeezed
from tpdocs.register.book import ROWS, Book, TableAt
from tpdocs.register.cells import Plain, Shown, plain_row, same
from tpdocs.register.columns import Sheet
from tpdocs.register.scan import UNREAD, RowCells, rows_in


class Base(Protocol):
    """What the rows of a table showed."""

    def get(self, key: str) -> list[Shown] | None:
        """What a row showed; None when it was not there."""

    def every_key(self) -> Iterable[str]:
        """The keys of all rows that were there."""


BETWEEN_KEYS = "\x1f"


@dataclass(slots=True)
class Difference:
    """A cell that does not say what was written there: its column's place, what was written, what stands there."""

    place: int
    base: Plain
    theirs: Plain


@dataclass(slots=True)
class KnownRow:
    """A row of ours as it lies in the workbook."""

    number: int
    differences: list[Difference] = field(default_factory=list)
    values: dict[int, Plain] | None = None
    foreign: bool = False


@dataclass(slots=True)
class Compared:
    """A table against its base: known rows by key, rows without a key, keys that stand there twice or that nobody gave, and keys gone."""

    rows: dict[str, KnownRow] = field(default_factory=dict)
    new: list[tuple[int, dict[int, Plain]]] = field(default_factory=list)
    twice: dict[str, list[int]] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    bottom: int = 0
    below: int = 0


def key_of(sheet: Sheet, values: Iterable[Any]) -> str:
    """What tells a row from the others of its table; empty for a row that does not say."""
    told = list(values)
    parts = [_key_text(told[place]) for place in sheet.key_positions]
    return BETWEEN_KEYS.join(parts) if parts[0] else ""


def _key_text(value: Any) -> str:
    if isinstance(value, list):
        value = value[1]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else squeezed(str(value)).upper()


def rows_of(book: Book, table: TableAt, found: Compared) -> Iterator[RowCells]:
    """The data rows of a table, those that people wrote right below it too; tells `found` where they end and what stands below."""
    reader = book.reader(table)
    before = table.range.top
    last = found.bottom = table.range.bottom - int(table.has_totals)
    for sort, block in book.blocks(table.sheet_part):
        if sort != ROWS:
            continue
        for number, row in rows_in(block, before):
            before = number
            if number <= table.range.top:
                continue
            cells = reader.read(number, row)
            filled = any(one is not None for one in cells.values)
            if number <= last:
                yield cells
            elif not table.has_totals and filled and number == found.bottom + 1 and not found.below:
                found.bottom = number
                yield cells
            elif (filled or cells.foreign) and not found.below:
                found.below = number


def compared(book: Book, table: TableAt, base: Base, *, whole: bool) -> Compared:
    """A table against what was written in it. `whole`: the rows' values are wanted, and not only where they differ."""
    found = Compared()
    places = list(table.letters)
    keys = [places.index(place) for place in table.sheet.key_positions]
    complete = len(places) == len(table.sheet.columns)
    for row in rows_of(book, table, found):
        key = BETWEEN_KEYS.join(_key_text(row.values[at]) for at in keys) if row.values[keys[0]] is not None else ""
        if not key.strip(BETWEEN_KEYS):
            values: dict[int, Plain] = {
                place: value for place, value in zip(places, row.values, strict=True) if value is not None
            }
            if values:
                found.new.append((row.number, values))
            continue
        if key in found.rows or key in found.twice:
            first = found.rows.pop(key, None)
            found.twice.setdefault(key, [first.number] if first else []).append(row.number)
            continue
        known = base.get(key)
        if known is None:
            found.unknown[key] = row.number
            continue
        written = plain_row(known)
        told = written if complete else [written[place] for place in places]
        here = KnownRow(row.number, foreign=row.foreign)
        if row.values != told:
            here.differences = [
                Difference(place, ours, theirs)
                for place, ours, theirs in zip(places, told, row.values, strict=True)
                if theirs is not ours
                and not same(theirs, ours)
                # A formula of ours that nobody has calculated says what it always does.
                and (theirs is not UNREAD or place in table.sheet.editable)
            ]
        if whole:
            here.values = dict(zip(places, row.values, strict=True))
        found.rows[key] = here
    found.gone = [key for key in base.every_key() if not _is_there(key, found)]
    return found


def _is_there(key: str, found: Compared) -> bool:
    return key in found.rows or key in found.twice or key in found.unknown


def listed(book: Book, table: TableAt) -> Compared:
    """The rows of a list, each by its key and how often that came before: a field may have two findings."""
    found = Compared()
    places = list(table.letters)
    seen: dict[str, int] = {}
    for row in rows_of(book, table, found):
        values: list[Plain] = [None] * len(table.sheet.columns)
        for place, value in zip(places, row.values, strict=True):
            values[place] = value
        key = key_of(table.sheet, values)
        seen[key] = seen.get(key, 0) + 1
        if key or row.foreign:
            known = KnownRow(row.number, values=dict(zip(places, row.values, strict=True)), foreign=row.foreign)
            found.rows[numbered(key, seen[key])] = known
    return found


def numbered(key: str, number: int) -> str:
    """The key of the n-th row that has it."""
    return f"{key}\x1e{number}"
