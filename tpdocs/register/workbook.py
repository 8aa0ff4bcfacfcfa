"""The workbook itself: real Excel tables, formats, colours, drop-downs, print set-up, and who it belongs to."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.formatting.rule import Rule
from openpyxl.packaging.custom import StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableStyleInfo

from tpdocs.forms.fields import Kind
from tpdocs.forms.problem import ARCHIVED, CLOSED, TO_CLOSE, TO_VERIFY, WAITING, WITHDRAWN
from tpdocs.register.columns import (
    ACTIONS,
    CONFLICTS,
    DOCUMENTS,
    DONE_ACTION,
    FILES,
    LATE_ACTION,
    NOTES,
    PROBLEMS,
    SHEETS,
    TODO,
    Sheet,
)
from tpdocs.register.styles import DAY_FORMAT, MINUTE_FORMAT

_FONT = "微软雅黑"
_LINE = Side(style="thin", color="D9D9D9")
_CENTRED = frozenset(("轮次", "超期天数", "缺项数", "序号"))
_RED, _AMBER, _GREEN, _BLUE, _GREY = "F8CBAD", "FFE699", "C6E0B4", "DDEBF7", "E7E6E6"
_COLOURS = {WAITING: _AMBER, TO_VERIFY: _BLUE, TO_CLOSE: _BLUE, CLOSED: _GREEN, ARCHIVED: _GREY, WITHDRAWN: _GREY}
_FROZEN = {PROBLEMS: "C2"}
_EMPTY_LINES = 200  # drop-downs reach this far below the last row, for rows that people add


def frame(desk_id: str) -> bytes:
    """An empty register: its sheets with their tables, formats, drop-downs and colours, one empty row in each."""
    book = _book_of(SHEETS)
    _write_notes(book.create_sheet(NOTES), desk_id)
    book.custom_doc_props.append(StringProperty(name="tpdocs.desk", value=desk_id))
    return _saved(book)


def frame_of(sheets: Sequence[Sheet]) -> bytes:
    """A workbook with only these, one empty row in each."""
    return _saved(_book_of(sheets))


def _book_of(sheets: Sequence[Sheet]) -> Any:
    book: Any = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    book.properties.creator = "tpdocs"
    book.properties.title = sheets[0].name
    return book


def _saved(book: Any) -> bytes:
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def _write_sheet(worksheet: Any, sheet: Sheet) -> None:
    _write_head(worksheet, sheet)
    for position, column in enumerate(sheet.columns, 1):
        cell = worksheet.cell(row=2, column=position)
        is_link = column in FILES or column.heading == "存档文件"
        cell.font = Font(
            name=_FONT, size=10, color="0563C1" if is_link else "000000", underline="single" if is_link else None
        )
        centred = is_link or column.kind in (Kind.TIME, Kind.DATE) or column.heading in _CENTRED
        cell.alignment = Alignment(
            vertical="center", horizontal="center" if centred else "left", wrap_text=column.wraps
        )
        cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
        if column.kind is Kind.DATE:
            cell.number_format = DAY_FORMAT
        elif column.kind is Kind.TIME:
            cell.number_format = MINUTE_FORMAT
    table = Table(displayName=sheet.table, ref=f"A1:{get_column_letter(len(sheet.columns))}2")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleLight1", showRowStripes=True)
    worksheet.add_table(table)
    worksheet.freeze_panes = _FROZEN.get(sheet.name, "B2")
    _drop_downs(worksheet, sheet, 2)
    _colours(worksheet, sheet, 2)
    _print_set_up(worksheet, sheet)


def _write_head(worksheet: Any, sheet: Sheet) -> None:
    for position, column in enumerate(sheet.columns, 1):
        cell = worksheet.cell(row=1, column=position, value=column.heading)
        cell.font = Font(name=_FONT, size=10, bold=True, color="FFFFFF")
        computed = not column.editable
        cell.fill = PatternFill("solid", start_color="7F7F7F" if computed else "1F4E78")
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        cell.border = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
        worksheet.column_dimensions[get_column_letter(position)].width = column.width
    worksheet.row_dimensions[1].height = 30


def _drop_downs(worksheet: Any, sheet: Sheet, last: int) -> None:
    for position, column in enumerate(sheet.columns, 1):
        if not column.choices or not column.editable:
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

    if sheet.hints:
        # What the hint speaks of, by the label in quotation marks: so a cell keeps its colour wherever its row is sorted to.
        hint = letters[sheet.hints]
        style = DifferentialStyle(fill=PatternFill(bgColor=_RED, fill_type="solid"))
        wrong: Any = Rule(type="expression", formula=[f'ISNUMBER(FIND("“"&A$1&"”",${hint}2))'])
        wrong.dxf = style
        worksheet.conditional_formatting.add(f"A2:{get_column_letter(len(sheet.columns))}{last + _EMPTY_LINES}", wrong)
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


def _write_notes(worksheet: Any, desk_id: str) -> None:
    lines: list[tuple[str, str]] = [
        ("说明", ""),
        ("这是什么", "技术问题的登记表。每行一个问题，内容取自各阶段表单和在本表中的修改。"),
        ("工作台编号", desk_id),
        (
            PROBLEMS,
            (
                "蓝色表头的列可以直接修改，下次 tpdocs sync 时收入台账；灰色表头的列由系统计算，改了会被还原。"
                "在末尾新加一行、编号留空，必填项填齐后即登记为新问题。排序、筛选、加列、加批注、加图表都不受影响；删除的行会补回，"
                "要撤销问题请用 tpdocs withdraw。红底的格子有误，原因见“校验提示”。"
            ),
        ),
        (TODO, "需要有人处理的事项，按责任人排列：超期、无效、矛盾、冲突、缺失、即将到期。"),
        (ACTIONS, "验证报告中的遗留问题和复盘报告中的改进建议，填写实际完成日期后视为完成；责任人和日期可以直接修改。"),
        (
            CONFLICTS,
            "同一内容在登记表和系统中改得不一样：在“取舍”一列选“登记表值”或“系统值”，下次 tpdocs sync 时生效。",
        ),
        (DOCUMENTS, "收到的每一份表单，点“打开”可看原件；校验值是文件 SHA-256 的前 16 位。"),
        ("暂定", "到期日标有“暂定”的，表示该年的节假日安排尚未公布，按周一至周五推算。"),
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
