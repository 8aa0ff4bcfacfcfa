"""A list as a workbook of its own: one sheet with a table, made like those of the register."""

from collections.abc import Mapping, Sequence

from tpdocs.register.book import Book, TableAt
from tpdocs.register.cells import Range, Shown, column_letters
from tpdocs.register.columns import Sheet
from tpdocs.register.writing import Writer

_SHEET, _TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"


def list_bytes(sheet: Sheet, rows: Sequence[Sequence[Shown]], properties: Mapping[str, str]) -> bytes:
    """The workbook of a list; texts stay texts, whatever they begin with."""
    from tpdocs.register.workbook import frame_of  # noqa: PLC0415 - openpyxl takes long to load, and few commands write a list

    writer = Writer(Book(frame_of((sheet,))))
    width = len(sheet.columns)
    letters = {place: column_letters(place + 1) for place in range(width)}
    table = TableAt(sheet, _SHEET, _TABLE, Range(1, 1, width, 2), letters=letters)
    change = writer.change(table)
    if rows:
        change.updates = {2: dict(enumerate(rows[0]))}
        change.appended = list(rows[1:])
    writer.put(table, change)
    return writer.result(properties)
