"""The workbook itself: real Excel tables, formats, colours, drop-downs, print set-up, and who it belongs to."""

import io
import zipfile
from copy import copy
from datetime import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import IntProperty, StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo

from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import ARCHIVED, CLOSED, TO_CLOSE, TO_VERIFY, WAITING, WITHDRAWN
from tpdocs.register.sheet_xml import SheetRows
from tpdocs.register.sheets import (
    ACTIONS,
    DOCUMENTS,
    DONE_ACTION,
    LATE_ACTION,
    NOTES,
    PROBLEMS,
    TODO,
    Cell,
    Column,
    Invalid,
    Link,
    Sheet,
    Snapshot,
    sheets,
)

LONGEST = 32_767  # UTF-16 units a cell of Excel holds
CUT = "…（过长，此处截断，全文见表单）"
_FORMULA_STARTS = ("=", "+", "-", "@")
_FONT = "微软雅黑"
_LINE = Side(style="thin", color="D9D9D9")
_FIRST_DATE = datetime(1900, 3, 1)  # Excel believes in 1900-02-29; before that its dates are off by one
_DAY_FORMAT, _MINUTE_FORMAT, _SECOND_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss"
_RED, _AMBER, _GREEN, _BLUE, _GREY = "F8CBAD", "FFE699", "C6E0B4", "DDEBF7", "E7E6E6"
_COLOURS = {WAITING: _AMBER, TO_VERIFY: _BLUE, TO_CLOSE: _BLUE, CLOSED: _GREEN, ARCHIVED: _GREY, WITHDRAWN: _GREY}
_FROZEN = {PROBLEMS: "C2", TODO: "B2", ACTIONS: "B2", DOCUMENTS: "B2"}
_EMPTY_LINES = 200  # drop-downs reach this far below the last row, for rows that people add


def workbook_bytes(snapshot: Snapshot) -> bytes:
    """The register as the bytes of an .xlsx file."""
    book: Any = Workbook()
    book.remove(book.active)
    filled: dict[str, SheetRows] = {}
    for number, sheet in enumerate(sheets(snapshot), 1):
        filled[f"sheet{number}.xml"] = _write_sheet(book.create_sheet(sheet.name), sheet)
    _write_notes(book.create_sheet(NOTES), snapshot)
    book.custom_doc_props.append(StringProperty(name="tpdocs.desk", value=snapshot.desk_id))
    book.custom_doc_props.append(IntProperty(name="tpdocs.revision", value=snapshot.revision))
    book.properties.creator = "tpdocs"
    book.properties.title = "问题登记表"
    saved = io.BytesIO()
    book.save(saved)
    return _with_rows(saved.getvalue(), filled)


def _with_rows(frame: bytes, filled: dict[str, SheetRows]) -> bytes:
    """The workbook that openpyxl made, with the data rows in its sheets."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(frame)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as target,
    ):
        for name in source.namelist():
            folder, _, part = name.rpartition("/")
            data = source.read(name)
            if folder == "xl/worksheets" and part in filled:
                data = filled[part].put_into(data)
            elif folder == "xl/tables" and (rows := filled.get(part.replace("table", "sheet"))):
                data = rows.grow_table(data)
            elif folder == "xl/worksheets/_rels" and (rows := filled.get(part.removesuffix(".rels"))):
                data = rows.relations(data)
            target.writestr(name, data)
    return made.getvalue()


class _Styles:
    """The number of each kind of cell's format, registered with the workbook once."""

    def __init__(self, worksheet: Any) -> None:
        self._worksheet = worksheet
        self._made: dict[tuple[str, bool, str], int] = {}

    def of(self, column: Column, sort: str, number_format: str = "General") -> int:
        key = (sort, column.wraps, number_format)
        if key not in self._made:
            cell = self._worksheet.cell(row=1, column=1)
            before = copy(cell._style)
            colour = {"link": "0563C1", "invalid": "C00000"}.get(sort, "000000")
            cell.font = Font(name=_FONT, size=10, color=colour, underline="single" if sort == "link" else None)
            across = "center" if sort in ("link", "number") or number_format != "General" else "left"
            cell.alignment = Alignment(vertical="center", horizontal=across, wrap_text=column.wraps)
            cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
            cell.number_format = number_format
            # The cell borrowed for this is a heading with a fill of its own.
            cell.fill = PatternFill("solid", start_color=_RED) if sort == "invalid" else PatternFill()
            if sort == "quoted":
                # A cell that looks like a formula stays text when somebody edits it.
                cell._style.quotePrefix = 1
            self._made[key] = cell.style_id
            cell._style = before
        return self._made[key]


def _write_sheet(worksheet: Any, sheet: Sheet) -> SheetRows:
    _write_head(worksheet, sheet)
    styles = _Styles(worksheet)
    rows = SheetRows()
    rows.start(len(sheet.columns))
    for row in sheet.rows:
        for column, value in zip(sheet.columns, row, strict=True):
            _write_cell(rows, value, column, styles)
        rows.end_row()
    if not sheet.rows:
        # A table needs a row below its header, else Excel calls the file damaged.
        for column in sheet.columns:
            rows.empty(styles.of(column, "text"))
        rows.end_row()
    last = len(rows.lines) + 1
    # Only two rows for now: openpyxl makes every cell of a table's range.
    table = Table(displayName=sheet.table, ref=f"A1:{get_column_letter(len(sheet.columns))}2")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    worksheet.add_table(table)
    worksheet.freeze_panes = _FROZEN[sheet.name]
    _drop_downs(worksheet, sheet, last)
    _colours(worksheet, sheet, last)
    _print_set_up(worksheet, sheet)
    return rows


def _write_head(worksheet: Any, sheet: Sheet) -> None:
    for position, column in enumerate(sheet.columns, 1):
        cell = worksheet.cell(row=1, column=position, value=column.heading)
        cell.font = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
        computed = sheet.name == PROBLEMS and (not column.path or column.path == "report.number")
        cell.fill = PatternFill("solid", start_color="7F7F7F" if computed else "1F4E78")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
        worksheet.column_dimensions[get_column_letter(position)].width = column.width
    worksheet.row_dimensions[1].height = 30


def _write_cell(rows: SheetRows, value: Cell, column: Column, styles: _Styles) -> None:
    if isinstance(value, Moment) and value.at >= _FIRST_DATE:
        formats = {"day": _DAY_FORMAT, "minute": _MINUTE_FORMAT, "second": _SECOND_FORMAT}
        rows.time(styles.of(column, "time", formats[value.precision]), value.at)
    elif isinstance(value, datetime):
        rows.time(styles.of(column, "time", _MINUTE_FORMAT), value)
    elif isinstance(value, Link):
        rows.link(styles.of(column, "link"), value.text, value.target)
    elif isinstance(value, Invalid):
        rows.text(styles.of(column, "invalid"), fitting(value.text))
    elif isinstance(value, int):
        rows.number(styles.of(column, "number"), value)
    elif value is None:
        rows.empty(styles.of(column, "text"))
    else:
        text = str(value)
        rows.text(styles.of(column, "quoted" if text.startswith(_FORMULA_STARTS) else "text"), fitting(text))


def fitting(text: str) -> str:
    """`text` as far as a cell of Excel holds it, with a mark where it was cut."""
    if len(text) * 2 <= LONGEST or len(text.encode("utf-16-le")) // 2 <= LONGEST:
        return text
    room = (LONGEST - len(CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT


def _drop_downs(worksheet: Any, sheet: Sheet, last: int) -> None:
    for position, column in enumerate(sheet.columns, 1):
        if not column.choices or not column.path:
            continue
        letter = get_column_letter(position)
        # A warning, not a stop: 其他 takes a text after it.
        rule = DataValidation(
            type="list",
            formula1=f'"{",".join(column.choices)}"',
            allow_blank=True,
            errorStyle="warning",
            showErrorMessage=True,
        )
        rule.add(f"{letter}2:{letter}{last + _EMPTY_LINES}")
        worksheet.add_data_validation(rule)


def _colours(worksheet: Any, sheet: Sheet, last: int) -> None:
    letters = {column.heading: get_column_letter(position) for position, column in enumerate(sheet.columns, 1)}

    def rule(heading: str, formula: str, colour: str, *, bold: bool = False) -> None:
        letter = letters[heading]
        style = DifferentialStyle(
            fill=PatternFill(bgColor=colour, fill_type="solid"), font=Font(bold=True) if bold else None
        )
        made: Any = Rule(type="expression", formula=[formula.format(f"${letter}2")])
        made.dxf = style
        worksheet.conditional_formatting.add(f"{letter}2:{letter}{last + _EMPTY_LINES}", made)

    if sheet.name == PROBLEMS:
        for status, colour in _COLOURS.items():
            rule("问题状态", f'{{}}="{status}"', colour)
        rule("超期天数", "AND(ISNUMBER({0}),{0}>0)", _RED, bold=True)
        rule("缺项数", "AND(ISNUMBER({0}),{0}>0)", _AMBER)
        for heading in ("严重程度", "优先级"):
            rule(heading, '{}="紧急"', _RED, bold=True)
            rule(heading, '{}="高"', _AMBER)
    elif sheet.name == TODO:
        for words, colour in (
            ("超期", _RED),
            ("无效", _RED),
            ("矛盾", _RED),
            ("冲突", _RED),
            ("缺失", _AMBER),
            ("即将到期", _BLUE),
        ):
            rule("类别", f'{{}}="{words}"', colour)
    elif sheet.name == ACTIONS:
        rule("状态", f'{{}}="{LATE_ACTION}"', _RED, bold=True)
        rule("状态", f'{{}}="{DONE_ACTION}"', _GREEN)


def _print_set_up(worksheet: Any, sheet: Sheet) -> None:
    worksheet.page_setup.orientation = "landscape"
    worksheet.page_setup.paperSize = worksheet.PAPERSIZE_A4
    worksheet.page_setup.fitToHeight = 0
    # The problem sheet is too wide for one page; its first columns come first and are repeated.
    worksheet.page_setup.fitToWidth = 0 if sheet.name == PROBLEMS else 1
    worksheet.sheet_properties.pageSetUpPr.fitToPage = sheet.name != PROBLEMS
    worksheet.print_title_rows = "1:1"
    if sheet.name == PROBLEMS:
        worksheet.print_title_cols = "A:B"
        worksheet.page_setup.scale = 60
    worksheet.oddHeader.center.text = sheet.name
    worksheet.oddFooter.center.text = "第 &P 页 共 &N 页"
    worksheet.page_margins.left = worksheet.page_margins.right = 0.4


def _write_notes(worksheet: Any, snapshot: Snapshot) -> None:
    lines: list[tuple[str, str]] = [
        ("说明", ""),
        ("这是什么", "技术问题的登记表，由 tpdocs 根据台账写出。每行一个问题，内容取自各阶段表单的最新版本。"),
        ("生成时间", f"{snapshot.now:%Y-%m-%d %H:%M}"),
        ("台账版本", str(snapshot.revision)),
        ("工作台编号", snapshot.desk_id),
        (
            PROBLEMS,
            "灰色表头的列由系统计算；蓝色表头的列来自表单。红底的格子是表单上写了、但不能识别的内容，原样保留。",
        ),
        (TODO, "需要有人处理的事项，按责任人排列：超期、无效、矛盾、冲突、缺失、即将到期。"),
        (ACTIONS, "验证报告中的遗留问题和复盘报告中的改进建议，填写实际完成日期后视为完成。"),
        (DOCUMENTS, "收到的每一份表单，点“打开”可看原件；校验值是文件 SHA-256 的前 16 位。"),
        ("暂定", "到期日标有“暂定”的，表示该年的节假日安排尚未公布，按周一至周五推算。"),
        ("改了怎么办", "如果有人改动过本文件，tpdocs 不会覆盖它，而是另写一份并提示。"),
    ]
    for number, (name, words) in enumerate(lines, 1):
        head, text = worksheet.cell(row=number, column=1, value=name), worksheet.cell(row=number, column=2, value=words)
        head.font = Font(name=_FONT, size=14 if number == 1 else 10, bold=True)
        text.font = Font(name=_FONT, size=10)
        head.alignment = Alignment(vertical="top")
        text.alignment = Alignment(vertical="top", wrap_text=True)
        text.data_type = "s"
    worksheet.column_dimensions["A"].width = 16
    worksheet.column_dimensions["B"].width = 90
    worksheet.sheet_view.showGridLines = False
    worksheet.page_setup.orientation = "portrait"
    worksheet.page_setup.paperSize = worksheet.PAPERSIZE_A4
    worksheet.page_setup.fitToHeight = 0
    worksheet.sheet_properties.pageSetUpPr.fitToPage = True
