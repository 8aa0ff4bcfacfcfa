"""Work in a register in LibreOffice as a person would, over UNO: ``python3 edit_in_libreoffice.py REGISTER PICTURE``.

Runs with the Python that has LibreOffice's ``uno`` module. Changes cells, sorts, filters, colours, hides, adds a column with formulas,
notes, a row, a chart, a picture, a pivot table and a sheet, deletes a row, and saves the file where it was. What it did goes by headings.
"""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent / "samples"))

import uno
from com.sun.star.awt import Point, Rectangle, Size
from com.sun.star.table import CellRangeAddress, TableSortField
from fill_in_libreoffice import Office, property_value

PROBLEMS, ACTIONS, DOCUMENTS = "问题登记表", "行动项", "表单台账"
FULL_ROW = {
    "问题标题": "在表里登记的问题", "上报人": "钱七", "问题类型": "系统故障", "严重程度": "高", "问题描述(现象)": "描述", "影响范围": "全部",
    "发生频率": "偶发", "问题发生时间": "2026-03-20 08:00", "涉及系统/模块": "机房", "是否可复现": "否", "问题发觉人": "钱七",
    "联系方式": "'13800001111", "上报时间": "2026-03-20 09:00",
}  # fmt: skip


class Sheet:
    """A sheet by headings and keys."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        cursor = sheet.createCursor()
        cursor.gotoEndOfUsedArea(False)
        self.bottom, self.right = cursor.RangeAddress.EndRow, cursor.RangeAddress.EndColumn
        self.columns = {sheet.getCellByPosition(at, 0).String: at for at in range(self.right + 1)}

    def row(self, key: str) -> int:
        """The row of a key."""
        return next(at for at in range(1, self.bottom + 1) if self.sheet.getCellByPosition(0, at).String == key)

    def cell(self, key: str | int, heading: str) -> Any:
        """A cell."""
        row = self.row(key) if isinstance(key, str) else key
        return self.sheet.getCellByPosition(self.columns[heading], row)


def change(document: Any) -> None:
    """What counts: cells, an action that is done, a new row, a row that is deleted."""
    sheet = Sheet(document.Sheets.getByName(PROBLEMS))
    sheet.cell("TP001", "问题标题").String = "在 LibreOffice 里改的标题"
    sheet.cell("TP005", "受理人").String = "赵六"
    sheet.cell("TP005", "受理时间").FormulaLocal = "2026-03-16 09:30"
    sheet.cell("TP003", "严重程度").String = "很急"
    sheet.cell("TP003", "问题状态").String = "已关闭"
    actions = Sheet(document.Sheets.getByName(ACTIONS))
    actions.cell("TP002", "实际完成日期").FormulaLocal = "2026-03-20"
    new = sheet.bottom + 1
    for heading, value in FULL_ROW.items():
        sheet.cell(new, heading).FormulaLocal = value
    document.Sheets.getByName(PROBLEMS).Rows.removeByIndex(sheet.row("TP004"), 1)


def add_beside(sheet: Any) -> None:
    """A column of one's own with a formula, a note, a colour, a hidden row, a wide column."""
    told = Sheet(sheet)
    at = len(told.columns)
    sheet.getCellByPosition(at, 0).String = "我的备注"
    sheet.getCellByPosition(at + 1, 0).String = "标题长度"
    for row in range(1, told.bottom + 1):
        sheet.getCellByPosition(at, row).String = f"备注 {sheet.getCellByPosition(0, row).String}"
        sheet.getCellByPosition(at + 1, row).Formula = f"=LEN(B{row + 1})"
    sheet.Annotations.insertNew(told.cell("TP001", "问题标题").CellAddress, "问过上报人，等回复")
    told.cell("TP002", "问题标题").CellBackColor = 0xFFF2CC
    sheet.Rows.getByIndex(told.row("TP006")).IsVisible = False
    sheet.Columns.getByIndex(1).Width = 9000


def sort_by(sheet: Any, heading: str) -> None:
    """Sort the table by a column, the rows of people beside it with it."""
    told = Sheet(sheet)
    field = TableSortField()
    field.Field, field.IsAscending = told.columns[heading], False
    area = sheet.getCellRangeByPosition(0, 0, told.right, told.bottom)
    fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
    area.sort((property_value("SortFields", fields), property_value("ContainsHeader", True)))


def add_sheets(document: Any, picture: Path) -> None:
    """A sheet with a chart and a picture, one with a pivot table over the register."""
    document.Sheets.insertNewByName("我的图", document.Sheets.Count)
    mine = document.Sheets.getByName("我的图")
    for row in range(6):
        mine.getCellByPosition(0, row).String = "月份" if row == 0 else f"{row}月"
        mine.getCellByPosition(1, row).Formula = "数量" if row == 0 else str(row * 3)
    area = mine.getCellRangeByName("A1:B6").RangeAddress
    place = Rectangle()
    place.X, place.Y, place.Width, place.Height = 8000, 500, 10000, 7000
    mine.Charts.addNewByName("我的图表", place, (area,), True, True)
    shape = document.createInstance("com.sun.star.drawing.GraphicObjectShape")
    shape.GraphicURL = picture.as_uri()
    shape.Position, shape.Size = Point(8000, 9000), Size(2000, 2000)
    mine.DrawPage.add(shape)
    document.Sheets.insertNewByName("我的透视表", document.Sheets.Count)
    pivot = document.Sheets.getByName("我的透视表")
    source = document.Sheets.getByName(PROBLEMS)
    told = Sheet(source)
    address = CellRangeAddress()
    address.Sheet, address.EndRow, address.EndColumn = source.RangeAddress.Sheet, told.bottom, len(told.columns) - 3
    tables = pivot.DataPilotTables
    descriptor = tables.createDataPilotDescriptor()
    descriptor.SourceRange = address
    fields = descriptor.DataPilotFields
    fields.getByName("严重程度").Orientation = uno.Enum("com.sun.star.sheet.DataPilotFieldOrientation", "ROW")
    fields.getByName("问题编号").Orientation = uno.Enum("com.sun.star.sheet.DataPilotFieldOrientation", "DATA")
    fields.getByName("问题编号").Function = uno.Enum("com.sun.star.sheet.GeneralFunction", "COUNT")
    tables.insertNewByName("我的透视", pivot.getCellByPosition(0, 0).CellAddress, descriptor)


def main() -> None:
    """Do all of it."""
    register, picture = Path(sys.argv[1]), Path(sys.argv[2])
    office = Office()
    try:
        document = office.desktop.loadComponentFromURL(
            register.as_uri(), "_blank", 0, (property_value("Hidden", True),)
        )
        change(document)
        add_beside(document.Sheets.getByName(PROBLEMS))
        sort_by(document.Sheets.getByName(PROBLEMS), "问题标题")
        sort_by(document.Sheets.getByName(DOCUMENTS), "文件名")
        add_sheets(document, picture)
        document.storeToURL(register.as_uri(), (property_value("FilterName", "Calc MS Excel 2007 XML"),))
        document.close(True)
    finally:
        office.close()


if __name__ == "__main__":
    main()
