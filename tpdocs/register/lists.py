"""Plain lists that people keep and other programs write: .xlsx, .csv and .jsonl, read into texts by row."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tpdocs.errors import TpdocsError, UsageError
from tpdocs.findings import Finding
from tpdocs.forms.fields import NO, YES
from tpdocs.register.book import UNREADABLE, Book
from tpdocs.register.cells import Plain

REASON = "原因"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
SUFFIXES = (".xlsx", ".csv", ".jsonl")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_SEPARATORS = ",;\t"
_LOOKED_AT, _ENOUGH = 20, 2  # rows in which the headings are looked for, and how many of a row tell it
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


@dataclass(slots=True)
class ListRow:
    """One row: its number in the file, its texts by heading, and what is wrong with it before anybody looks at fields."""

    number: int
    cells: dict[str, str] = field(default_factory=dict)
    fault: Finding | None = None
    line: str = ""


@dataclass(slots=True)
class ListFile:
    """A list as it was read. `encoding` and `separator` are those of a .csv; `properties` are ours, where the list is an export of ours."""

    suffix: str
    headings: list[str]
    rows: list[ListRow]
    encoding: str = "utf-8-sig"
    separator: str = ","
    properties: dict[str, str] = field(default_factory=dict)


class ListError(TpdocsError):
    """A list cannot be read; nothing was changed."""


def read_list(path: Path, is_heading: Callable[[str], bool]) -> ListFile:
    """The list in a file; ListError says why there is none. `is_heading` knows the headings that are looked for."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError("{path} is no list: it must end in .xlsx, .csv or .jsonl.", path=path)
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ListError("There is no file {path}.", path=path) from error
    except OSError as error:
        raise ListError(
            "{path} cannot be read ({error}). Close it in other programs, check that you may read it, and try again.",
            path=path, error=error.strerror or str(error),
        ) from error  # fmt: skip
    if not data.strip():
        raise ListError("{path} is empty.", path=path)
    reader = {".xlsx": _from_xlsx, ".csv": _from_csv, ".jsonl": _from_jsonl}[suffix]
    return reader(path, data, is_heading)


def _from_csv(path: Path, data: bytes, is_heading: Callable[[str], bool]) -> ListFile:
    text, encoding = _decoded(path, data)
    first = text.lstrip().partition("\n")[0]
    told = re.match(r"sep=(.)\r?\n", text)
    separator = told[1] if told else max(_SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text[told.end() :] if told else text, newline=""), delimiter=separator, strict=True)
    try:
        rows = [(number, [_unguarded(cell) for cell in cells]) for number, cells in enumerate(lines, 1 + bool(told))]
    except csv.Error as error:
        raise ListError(
            "{path}, line {line}: quotation marks do not match ({error}). Open it in Excel or WPS Office and save it as CSV again.",
            path=path, line=lines.line_num, error=error,
        ) from error  # fmt: skip
    found = _by_headings(path, rows, is_heading)
    found.encoding, found.separator = encoding, separator
    return found


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    """The text of a file and its encoding: what its first bytes say, else UTF-8, else that of a Chinese Windows."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, "replace"), encoding
    for encoding in ("utf-8", "gb18030"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ListError("{path} is neither UTF-8 nor GBK. Save it as “CSV UTF-8” and try again.", path=path)


def guarded(text: str) -> str:
    """A text that a spreadsheet would take for a formula, with the mark that keeps it a text."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) or _GUARDED.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def _from_jsonl(path: Path, data: bytes, _is_heading: Callable[[str], bool]) -> ListFile:
    text, _ = _decoded(path, data)
    found = ListFile(".jsonl", [], [], "utf-8")
    headings: dict[str, None] = {}
    for number, line in enumerate(text.split("\n"), 1):  # splitlines cuts at signs that JSON leaves as they are
        if not line.strip():
            continue
        row = ListRow(number, line=line)
        found.rows.append(row)
        try:
            told = json.loads(line, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            row.fault = Finding(code="list_line_broken", parts={"error": str(error)})
            continue
        if not isinstance(told, dict):
            row.fault = Finding(code="list_line_broken", parts={"error": type(told).__name__})
            continue
        for key, value in told.items():
            headings[key] = None
            if (words := _words(value)) is None:
                row.fault = Finding(code="list_value_nested", label=key)
            else:
                row.cells[key] = words
    found.headings = list(headings)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no name stands twice: which of two values is meant nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(next(name for name in names if names.count(name) > 1) + " × 2")
    return found


def _words(value: Any) -> str | None:
    """A value of JSON as somebody would write it on the form; None for what is more than that."""
    match value:
        case None:
            return ""
        case bool():
            return YES if value else NO
        case str():
            return value
        case int() | float():
            return _number(float(value)) if isinstance(value, float) else str(value)
        case list() if all(isinstance(one, str) for one in value):
            return "、".join(value)
        case _:
            return None


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def _from_xlsx(path: Path, data: bytes, is_heading: Callable[[str], bool]) -> ListFile:
    try:
        book = Book(data)
        parts = [part for part in book.sheet_parts.values() if part in book.parts]
        if not parts:
            raise ListError("{path} has no sheet with cells.", path=path)
        # A workbook made of a .csv of ours by a spreadsheet has its marks in the cells, for they are no formulas there either.
        as_told = (lambda text: text) if book.properties.get("desk") else _unguarded
        rows = [(number, [as_told(_text(cell)) for cell in cells]) for number, cells in book.rows(parts[0])]
    except UNREADABLE as error:
        raise ListError(
            "{path} cannot be read: it is damaged, has a password, or is no ordinary .xlsx. Open it in Excel, WPS Office or LibreOffice and save it as .xlsx.",
            path=path,
        ) from error
    found = _by_headings(path, rows, is_heading)
    found.properties = book.properties
    return found


def _text(cell: Plain) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    return _number(cell) if isinstance(cell, float) else str(cell)


def _by_headings(path: Path, rows: Iterable[tuple[int, Sequence[str]]], is_heading: Callable[[str], bool]) -> ListFile:
    """The rows under the first row that holds known headings."""
    stream = iter(rows)
    headings: list[str] = []
    for position, (_, cells) in enumerate(stream):
        known = [cell.strip() for cell in cells]
        count = sum(map(is_heading, filter(None, known)))
        # People's own columns may be many; of a title or remark hardly two cells are just headings.
        if count >= _ENOUGH or count > sum(map(bool, known)) // 3:
            headings = known
            break
        if position >= _LOOKED_AT:
            break
    if not headings:
        raise ListError(
            "{path} has no row of headings that are labels or paths of fields, such as 问题编号 and 问题标题.",
            path=path,
        )
    twice = next((one for number, one in enumerate(headings) if one and one in headings[:number]), "")
    if twice:
        raise ListError("{path} has the column “{label}” twice. Remove one of them.", path=path, label=twice)
    return ListFile(path.suffix.lower(), [one for one in headings if one], list(_filled(headings, stream)))


def _filled(headings: list[str], rows: Iterator[tuple[int, Sequence[str]]]) -> Iterator[ListRow]:
    for number, cells in rows:
        told = {name: cell for name, cell in zip(headings, cells, strict=False) if name}
        if any(cell.strip() for name, cell in told.items() if name != REASON):
            under_none = (cell for name, cell in zip(headings, cells, strict=False) if not name)
            further = [cell for cell in (*under_none, *cells[len(headings) :]) if cell.strip()]
            fault = Finding(code="list_too_wide", parts={"value": "、".join(further)}) if further else None
            yield ListRow(number, told, fault)


def csv_bytes(rows: Iterable[Sequence[str]], encoding: str = "utf-8-sig", separator: str = ",") -> bytes:
    """A .csv; texts that look like formulas are marked as texts. UTF-8 with the mark that tells Excel so, unless asked otherwise."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator)
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")


def jsonl_bytes(rows: Iterable[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
