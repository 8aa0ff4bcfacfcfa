"""What people did to the register that is no value: colours, borders, links, remarks beside, a table put on another sheet."""

from copy import copy
from typing import Any

import openpyxl
import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests.conftest import NOW, filled
from tests.records import good
from tests.register_tools import Edit, cli, codes, shown, verdicts
from tests.test_hands import rest, saved_again
from tests.test_ingest import problem_of, put, take
from tests.test_marks import MORE, check_rows
from tpdocs.actions.setting import set_fields
from tpdocs.actions.sync import sync
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record
from tpdocs.register.columns import ACTIONS, DOCUMENTS, HINT, PROBLEM_SHEET, PROBLEMS, TODO

GREEN = PatternFill("solid", fgColor="FF00FF00")
THICK = Border(left=Side(style="thick", color="FFFF0000"))


def sheet_of(desk: Desk, name: str) -> Worksheet:
    return openpyxl.load_workbook(desk.register)[name]


def coloured(desk: Desk, name: str, column: int) -> set[int]:
    sheet = sheet_of(desk, name)
    return {row for row in range(2, sheet.max_row + 1) if sheet.cell(row, column).fill.fill_type == "solid"}


def line(sheet: Worksheet, row: int) -> tuple[Any, ...]:
    return tuple(sheet.cell(row, column).value for column in (3, 5, 6))


def more_lines(desk: Desk) -> None:
    """More lines on 待办与超期, by two writings: of a workbook as others saved it, and as tpdocs left it."""
    set_fields(desk, "TP001", MORE, NOW)
    sync(desk, NOW)
    set_fields(desk, "TP007", MORE, NOW)
    sync(desk, NOW)


def test_most_lines_coloured_the_new_ones_are_not(busy):
    sync(busy, NOW)
    with Edit(busy) as book:
        sheet = book.book[TODO]
        rows = range(2, sheet.max_row * 2 // 3)
        for row in rows:
            sheet.cell(row, 4).fill = GREEN
    marked = {line(sheet_of(busy, TODO), row) for row in rows}
    sync(busy, NOW)
    more_lines(busy)
    sheet = sheet_of(busy, TODO)
    assert {line(sheet, row) for row in coloured(busy, TODO, 4)} == marked


def test_a_problem_that_comes_back_has_no_colour_though_most_have(busy):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        for row in range(2, 8):
            sheet.cell(row, 2).fill = GREEN
        sheet.delete_rows(sheet.max_row)
    assert codes(sync(busy, NOW)) == ["row_gone"]
    assert coloured(busy, PROBLEMS, 2) == set(range(2, 8))


def test_a_column_coloured_as_a_whole_stays_so_with_new_rows(busy):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        for row in range(1, 10):
            sheet.cell(row, 2).fill = GREEN
        sheet.delete_rows(9)
    sync(busy, NOW)
    assert coloured(busy, PROBLEMS, 2) == {*range(2, 9), 10}


@pytest.mark.parametrize(("name", "value"), [("border", THICK), ("alignment", Alignment(horizontal="right", indent=2))])
def test_borders_and_the_way_texts_stand_stay_on_a_line(busy, name, value):
    with Edit(busy) as book:
        for column in range(1, 11):
            setattr(book.book[TODO].cell(6, column), name, copy(value))
    before = line(sheet_of(busy, TODO), 6)
    sync(busy, NOW)
    more_lines(busy)
    cell = sheet_of(busy, TODO).cell(6, 2)
    assert (cell.border.left.style if name == "border" else cell.alignment.indent) == (
        "thick" if name == "border" else 2
    )
    if name == "border":  # a mark, so the line stays with it
        assert line(sheet_of(busy, TODO), 6) == before


def test_a_link_that_somebody_put_on_a_line_stays_with_it(busy):
    with Edit(busy) as book:
        cell = book.book[TODO]["D8"]
        font = copy(cell.font)
        cell.hyperlink = "https://example.com/8"
        cell.font = font
    before = line(sheet_of(busy, TODO), 8)
    sync(busy, NOW)
    more_lines(busy)
    assert cli(busy, "withdraw", "TP005", "--reason", "x").exit_code == 0
    sheet = sheet_of(busy, TODO)
    assert sheet["D8"].hyperlink.target == "https://example.com/8"
    assert line(sheet, 8) == before


def test_remarks_beside_the_documents_outlive_other_settings(busy):
    remarks = {"I1": "备注(我的列)", "I3": "已打印存档", "I4": "缺签字，已催"}
    with Edit(busy) as book:
        for place, text in remarks.items():
            book.book[DOCUMENTS][place] = text
    take(busy, put(busy, "x.docx", filled("F02", Record("triage", good("triage", analyst="张三")), number="TP001")))
    sync(busy, NOW)
    settings = busy.root / "tpdocs.toml"
    told = settings.read_text("utf-8").replace("due_soon = 1", "due_soon = 2")
    settings.write_text(told, "utf-8")
    assert "due_soon = 2" in told
    for _ in range(2):
        sync(busy, NOW)
        sheet = sheet_of(busy, DOCUMENTS)
        assert {place: sheet[place].value for place in remarks} == remarks
        set_fields(busy, "TP001", {"report.contact": "139"}, NOW)


def test_what_stands_below_a_list_stays_whatever_it_is(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        sheet["L42"] = '=COUNTIF(B:B,"缺失")'
        sheet["C44"].fill = GREEN
        sheet.row_dimensions[46].height = 40
        sheet["A46"].fill = PatternFill()
        sheet.row_dimensions[47].hidden = True
    sync(busy, NOW)
    more_lines(busy)
    more_lines(busy)
    sheet = sheet_of(busy, TODO)
    assert sheet["L42"].value == '=COUNTIF(B:B,"缺失")'
    assert sheet["C44"].fill.fgColor.rgb == "FF00FF00"
    assert (sheet.row_dimensions[46].height, sheet.row_dimensions[47].hidden) == (40, True)


@pytest.mark.parametrize("name", [TODO, DOCUMENTS])
def test_a_list_that_grows_ends_at_a_table_of_somebodys_below_it(busy, name):
    with Edit(busy) as book:
        sheet = book.book[name]
        top = sheet.max_row + 4
        for row in range(top, top + 4):
            for column in range(1, 6):
                sheet.cell(row, column).value = f"{row}-{column}"
        sheet.add_table(Table(displayName="我的表", ref=f"A{top}:E{top + 3}"))
    sync(busy, NOW)
    for number in range(4):
        set_fields(busy, f"TP00{number + 4}", MORE, NOW)
        put(
            busy,
            "x.docx",
            filled("F01", Record("report", good("report", title=f"又一个{number}", reporter=f"甲{number}"))),
        )
        cli(busy, "ingest")
    ours, theirs = (one.ref for one in sheet_of(busy, name).tables.values())
    assert theirs == f"A{top}:E{top + 3}"
    assert int(ours.rpartition(":")[2].lstrip("ABCDEFGHIJ")) < top
    assert sheet_of(busy, name).cell(top + 1, 2).value == f"{top + 1}-2"


def test_formats_of_cells_that_say_nothing_stay_too(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        for place, name, value in (
            ("B30", "alignment", Alignment(horizontal="right")),
            ("C31", "protection", Protection(locked=False)),
        ):
            setattr(sheet[place], name, value)
        sheet["B3"].number_format = "000"
    sync(busy, NOW)
    more_lines(busy)
    more_lines(busy)
    sheet = sheet_of(busy, TODO)
    assert (sheet["B30"].alignment.horizontal, sheet["C31"].protection.locked) == ("right", False)
    assert sheet["B3"].number_format == "000"


def test_a_format_that_reaches_the_end_of_a_list_grows_with_it_and_no_further(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        bottom = sheet.max_row
        sheet.conditional_formatting.add(f"B2:B{bottom}", Rule(type="expression", formula=['B2="x"']))
    sync(busy, NOW)
    for number in range(4):
        set_fields(busy, "TP001", {"report.severity": "" if number % 2 == 0 else "高"}, NOW)
        sync(busy, NOW)
    ranges = [
        str(one.sqref) for one in sheet_of(busy, TODO).conditional_formatting if str(one.sqref).startswith("B2:B")
    ]
    assert f"B2:B{bottom + 1}" in ranges


def moved_beside(desk: Desk, gap: int = 3) -> None:
    """The table of 待办与超期 cut and pasted beside the problems, as LibreOffice and Excel do it."""
    with Edit(desk) as book:
        old, new = book.book[TODO], book.book[PROBLEMS]
        table = old.tables.pop("tp_todo")
        left = len(PROBLEM_SHEET.columns) + gap
        bottom = int(table.ref.rpartition("J")[2])
        for row in range(1, bottom + 1):
            for column in range(1, 11):
                source, target = old.cell(row, column), new.cell(row, left + column - 1)
                target.value, target._style = source.value, copy(source._style)
                source.value = None
        table.ref = f"{get_column_letter(left)}1:{get_column_letter(left + 9)}{bottom}"
        table.autoFilter.ref = table.ref
        new.add_table(table)


def test_two_tables_on_one_sheet_are_both_written(busy):
    sync(busy, NOW)
    moved_beside(busy)
    sync(busy, NOW)
    for contact in ("1", "2"):
        set_fields(
            busy, "TP001", {"report.impact": f"影响{contact}", "report.severity": "" if contact == "1" else "高"}, NOW
        )
        set_fields(busy, "TP003", {"report.contact": "" if contact == "1" else "139"}, NOW)
        sync(busy, NOW)
        assert shown(busy).cell("TP001", "影响范围").value == f"影响{contact}"
        saved_again(busy)
        done = sync(busy, NOW)
        assert (verdicts(done), done.batch) == ({}, 0)
    assert problem_of(busy, "TP001").report.severity == "高"
    check_rows(busy)


@pytest.mark.parametrize("name", [PROBLEMS, ACTIONS])
def test_what_somebody_writes_into_our_hints_is_told_and_put_back(busy, name):
    with Edit(busy) as book:
        book[name].put("TP002", HINT, "已电话确认，客户同意延期")
    done = sync(busy, NOW)
    assert codes(done) == ["computed_cell"]
    assert done.findings[0].parts["value"] == "已电话确认，客户同意延期"
    rest(busy)


def test_our_own_hints_are_no_edits_and_a_hint_that_was_emptied_is_none(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "严重程度", "#REF!")
        book[PROBLEMS].put(10, "问题标题", "只有标题")
    assert codes(sync(busy, NOW)) == ["no_value", "row_incomplete"]
    hints = [shown(busy).cell(row, HINT).value for row in ("TP002", 10)]
    assert all(hints)
    for _ in range(2):
        saved_again(busy)
        assert codes(sync(busy, NOW)) == ["no_value", "row_incomplete"]
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", HINT, None)
        book[PROBLEMS].put(10, HINT, f"{hints[1]}（我来补）")
    assert codes(sync(busy, NOW)) == ["no_value", "row_incomplete"]
    # In a row that is none of ours what somebody wrote stays.
    assert [shown(busy).cell(row, HINT).value for row in ("TP002", 10)] == [hints[0], f"{hints[1]}（我来补）"]


def test_a_row_with_nothing_but_a_remark_in_our_hints_is_told_and_left(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put(10, HINT, "下周补")
    assert codes(sync(busy, NOW)) == ["row_not_taken"]
    assert shown(busy).cell(10, HINT).value == "下周补"


def test_a_red_font_that_most_lines_have_by_now_is_still_a_mark(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        for row in range(2, sheet.max_row * 2 // 3):
            sheet.cell(row, 4).font = Font(name="宋体", color="FFFF0000", size=10)
    red = {line(sheet_of(busy, TODO), row) for row in range(2, sheet.max_row * 2 // 3)}
    sync(busy, NOW)
    more_lines(busy)
    sheet = sheet_of(busy, TODO)
    rows = (row for row in range(2, sheet.max_row + 1) if _colour(sheet.cell(row, 4)) == "FFFF0000")
    assert {line(sheet, row) for row in rows} == red


def _colour(cell: Any) -> str:
    return str(cell.font.color.rgb) if cell.font.color is not None else ""
