"""The register as other programs make it: the same rows, with everything people add beside them."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import xlsxwriter  # type: ignore[import-untyped]

from tests.docx_tools import PNG
from tpdocs.desk.folder import Desk
from tpdocs.register.book import Book
from tpdocs.register.columns import NOTES, PROBLEMS, SHEETS

MACROS = b"not run by anybody"


@dataclass
class Made:
    """How XlsxWriter is to make it. `top` is how many rows stand above the table of problems."""

    options: dict[str, Any] = field(default_factory=dict)
    top: int = 0
    macros: bool = False
    after: Callable[[dict[str, bytes]], dict[str, bytes]] | None = None


def without_places(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Rows and cells that do not say where they are, as some programs leave them: only full rows from the top can be told so."""
    name = "xl/worksheets/sheet1.xml"
    sheet = parts[name].decode()

    def bare(row: re.Match[str]) -> str:
        cells = re.sub(r'<c r="[A-Z]+\d+"', "<c", row[0])
        return re.sub(r'<row r="\d+"', "<row", cells)

    rows = re.sub(r"<row .*?</row>", bare, sheet, flags=re.DOTALL)
    return {**parts, name: rows.encode()}


def with_inline_strings(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Texts in the cells of the sheet of problems themselves, as programs leave them that write row by row; the other sheets share theirs."""
    name = "xl/worksheets/sheet1.xml"
    items = re.findall(r"<si>(.*?)</si>", parts["xl/sharedStrings.xml"].decode(), re.DOTALL)
    sheet = re.sub(
        r' t="s"><v>(\d+)</v>', lambda match: f' t="inlineStr"><is>{items[int(match[1])]}</is>', parts[name].decode()
    )
    return {**parts, name: sheet.encode()}


def as_excel_would(parts: dict[str, bytes]) -> dict[str, bytes]:
    """With a slicer and a chain of calculation, as Excel saves it."""
    return with_a_slicer(with_a_chain(parts))


def with_a_chain(parts: dict[str, bytes]) -> dict[str, bytes]:
    """A chain of calculation, which names cells: one that names a cell without a formula makes Excel repair the file."""
    rels, kind = (
        "xl/_rels/workbook.xml.rels",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain",
    )
    chain = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><c r="CI2" i="1"/></calcChain>'
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml.calcChain+xml"
    return {
        **parts,
        "xl/calcChain.xml": chain.encode(),
        rels: parts[rels].replace(
            b"</Relationships>",
            f'<Relationship Id="rIdChain" Type="{kind}" Target="calcChain.xml"/></Relationships>'.encode(),
        ),
        "[Content_Types].xml": parts["[Content_Types].xml"].replace(
            b"</Types>", f'<Override PartName="/xl/calcChain.xml" ContentType="{content}"/></Types>'.encode()
        ),
    }


def with_a_slicer(parts: dict[str, bytes]) -> dict[str, bytes]:
    """A slicer on the sheet of problems, which neither XlsxWriter nor openpyxl can make."""
    name, rels = "xl/worksheets/sheet1.xml", "xl/worksheets/_rels/sheet1.xml.rels"
    kind = "http://schemas.microsoft.com/office/2007/relationships/slicer"
    listed = (
        '<ext uri="{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}" xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        '<x14:slicerList xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><x14:slicer r:id="rIdSlicer"/>'
        "</x14:slicerList></ext></extLst>"
    )
    slicer = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<slicers xmlns="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        '<slicer name="状态" cache="Slicer_状态" caption="问题状态" rowHeight="241300"/></slicers>'
    )
    changed = {
        name: parts[name].replace(b"</extLst>", listed.encode()),
        rels: parts[rels].replace(
            b"</Relationships>",
            f'<Relationship Id="rIdSlicer" Type="{kind}" Target="../slicers/slicer1.xml"/></Relationships>'.encode(),
        ),
        "xl/slicers/slicer1.xml": slicer.encode(),
        "[Content_Types].xml": parts["[Content_Types].xml"].replace(
            b"</Types>",
            b'<Override PartName="/xl/slicers/slicer1.xml" ContentType="application/vnd.ms-excel.slicer+xml"/></Types>',
        ),
    }
    return {**parts, **changed}


MAKERS = {
    "shared strings": Made(after=as_excel_would),
    "inline strings": Made(after=with_inline_strings),
    "since 1904": Made({"date_1904": True}),
    "a title above": Made(top=3),
    "no places": Made(after=without_places),
    "macros": Made(macros=True),
}


def made_by_xlsxwriter(
    desk: Desk, how: Made, folder: Path, changes: Mapping[tuple[str, str], Any], new: Mapping[str, Any]
) -> Path:
    """The desk's register made anew: changed cells by number and heading, one new row, and all kinds of things beside."""
    data = desk.register.read_bytes()
    source, facts = openpyxl.load_workbook(io.BytesIO(data)), Book(data).properties
    target = folder / ("register.xlsm" if how.macros else "register.xlsx")
    book = xlsxwriter.Workbook(str(target), how.options)
    _Maker(book, how, changes, new).make(source, facts, folder)
    book.close()
    if how.after is not None:
        with zipfile.ZipFile(target) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, part in how.after(parts).items():
                archive.writestr(name, part)
    return target


class _Maker:
    def __init__(self, book: Any, how: Made, changes: Mapping[tuple[str, str], Any], new: Mapping[str, Any]) -> None:
        self.book, self.how, self.changes, self.new = book, how, changes, new
        self.day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.title = book.add_format({"bold": True, "align": "center", "bg_color": "#FFF2CC"})
        self.mine = book.add_format({"font_color": "#C00000"})

    def make(self, source: Any, facts: Mapping[str, str], folder: Path) -> None:
        for name, value in facts.items():
            self.book.set_custom_property(f"tpdocs.{name}", value, "text")
        for sheet in SHEETS:
            self._sheet(source[sheet.name], sheet.table, self.how.top if sheet.name == PROBLEMS else 0)
        notes = self.book.add_worksheet(NOTES)
        notes.write("A1", "说明")
        self._things_of_people(folder)

    def _sheet(self, source: Any, table: str, top: int) -> None:
        sheet = self.book.add_worksheet(source.title)
        rows = [[cell.value for cell in row] for row in source.iter_rows()]
        problems = source.title == PROBLEMS
        if problems and self.new:
            rows.append([self.new.get(str(heading)) for heading in rows[0]])
        width = len(rows[0])
        if top:
            sheet.merge_range(0, 0, 1, 5, "2026 年技术问题总表（人工维护的标题）", self.title)
        for number, row in enumerate(rows):
            height = {}
            if problems and number in (3, 4):
                height = {"level": 1, "hidden": number == 3}
            if height:
                sheet.set_row(number + top, 20, None, height)
            for column, value in enumerate(row):
                key = (str(row[0]), str(rows[0][column]))
                told = self.changes.get(key, value) if number and problems else value
                self._cell(sheet, number + top, column, told)
            if problems:
                self._cell(sheet, number + top, width, None)
                sheet.write(number + top, width + 1, "我的备注" if number == 0 else f"备注{number}", self.mine)
                if number:
                    sheet.write_formula(number + top, width + 2, f"=LEN(B{number + top + 1})", None, 5)
        options = {"name": table, "columns": [{"header": str(one)} for one in rows[0]], "style": "Table Style Medium 9"}
        last = len(rows) - 1 - bool(problems and self.new)
        sheet.add_table(top, 0, top + max(last, 1), width - 1, options)
        if problems:
            self._beside(sheet, top, width, last)

    def _cell(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self.day)
        elif isinstance(value, str) and value.startswith("=HYPERLINK"):
            sheet.write_formula(row, column, value, None, "打开")
        elif isinstance(value, str):
            sheet.write_string(row, column, value)
        elif value is not None:
            sheet.write(row, column, value)
        elif self.how.after is without_places:
            sheet.write_blank(row, column, None, self.mine)

    def _beside(self, sheet: Any, top: int, width: int, last: int) -> None:
        """What people add to the sheet of problems itself."""
        sheet.write_comment(top + 1, 1, "问过上报人，等回复", {"author": "甲"})
        sheet.write_url(top + 1, width + 4, "https://example.com/?a=1&b=2", string="工单链接")
        sheet.data_validation(top + 1, width + 1, top + 50, width + 1, {"validate": "list", "source": ["是", "否"]})
        sheet.conditional_format(
            top + 1, width + 2, top + 1 + last, width + 2, {"type": "data_bar", "data_bar_2010": True}
        )
        sheet.conditional_format(top + 1, 0, top + last, 0, {"type": "duplicate", "format": self.mine})
        sheet.add_sparkline(top + 1, width + 5, {"range": f"'{PROBLEMS}'!A{top + 2}:E{top + 2}"})
        sheet.insert_textbox(top + 20, 3, "这里是文本框")
        sheet.freeze_panes(top + 1, 2)
        sheet.protect("", {"format_cells": True, "insert_rows": True, "sort": True, "autofilter": True})
        sheet.set_landscape()
        sheet.print_area(0, 0, 100, 20)
        sheet.repeat_rows(top)

    def _things_of_people(self, folder: Path) -> None:
        mine = self.book.add_worksheet("我的统计")
        for number in range(1, 7):
            mine.write(number, 0, f"第{number}月")
            mine.write_formula(number, 1, f"=COUNTA('{PROBLEMS}'!A:A)+{number}", None, 10 + number)
        chart = self.book.add_chart({"type": "column"})
        chart.add_series({"categories": "=我的统计!$A$2:$A$7", "values": "=我的统计!$B$2:$B$7"})
        mine.insert_chart("D2", chart)
        picture = folder / "logo.png"
        picture.write_bytes(PNG)
        mine.insert_image("D20", str(picture))
        mine.insert_textbox("H2", "备注框")
        mine.insert_checkbox("A10", True)
        mine.hide()
        self.book.define_name("我的区域", "=我的统计!$A$2:$B$7")
        if self.how.macros:
            macros = folder / "vbaProject.bin"
            macros.write_bytes(MACROS)
            self.book.add_vba_project(str(macros))


def by_openpyxl(desk: Desk, changes: Mapping[tuple[str, str], Any]) -> None:
    """The same register changed by openpyxl, with what that can add."""
    from openpyxl.chart import BarChart, Reference  # noqa: PLC0415
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.workbook.defined_name import DefinedName  # noqa: PLC0415

    book: Any = openpyxl.load_workbook(desk.register)
    sheet = book[PROBLEMS]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        for (number, heading), value in changes.items():
            if sheet.cell(row, 1).value == number:
                cell = sheet.cell(row, columns[heading])
                cell.value = value
                cell.data_type = "s"
    sheet.cell(1, 90).value = "我的备注"
    sheet.cell(3, 90).value = "=LEN(B3)"
    sheet.cell(3, 2).comment = Comment("问过上报人", "甲")
    sheet.row_dimensions[4].hidden = True
    sheet.row_dimensions[5].outlineLevel = 1
    sheet.print_area = "A1:T100"
    sheet.protection.enable()
    mine = book.create_sheet("我的图")
    for row in range(1, 6):
        mine.cell(row, 1).value = row
    chart = BarChart()
    chart.add_data(Reference(mine, min_col=1, min_row=1, max_row=5))
    mine.add_chart(chart, "C3")
    book.defined_names["我的区域"] = DefinedName("我的区域", attr_text="我的图!$A$1:$A$5")
    book.save(desk.register)
