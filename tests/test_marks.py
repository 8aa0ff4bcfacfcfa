"""What stands below, beside and on the lines of the register's lists: it stays with its line, and nothing is written over it."""

import io
import re
import zipfile
from copy import copy
from datetime import datetime, time
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.table import Table

from tests.conftest import NOW
from tests.register_tools import Edit, cli, codes, parts_of, shown, verdicts
from tests.test_hands import rest, saved_again
from tests.test_ingest import problem_of
from tests.test_lists import listed, take, told
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import sync
from tpdocs.actions.undo import undo
from tpdocs.desk.folder import Desk
from tpdocs.register.columns import ACTIONS, CONFLICTS, DOCUMENTS, HINT, PROBLEMS, SETTLED, TODO
from tpdocs.register.rows import todo_order

GREEN = PatternFill("solid", fgColor="FF00FF00")
MORE = {f"report.{name}": "" for name in ("severity", "occurred_at", "frequency", "impact")}


def check_rows(desk: Desk) -> None:
    """No row and no cell stands twice, each cell in its row, and no formula refers to one that is gone."""
    for name, data in parts_of(desk.register).items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        text = data.decode()
        numbers = [int(one) for one in re.findall(r'<row\b[^>]*?\sr="(\d+)"', text)]
        assert numbers == sorted(set(numbers)), name
        places = re.findall(r'<c\b[^>]*?\sr="([A-Z]+\d+)"', text)
        assert len(places) == len(set(places)), name
        for number, inside in re.findall(r'<row\b[^>]*?\sr="(\d+)"[^>]*>(.*?)</row>', text, re.DOTALL):
            assert set(re.findall(r'<c\b[^>]*?\sr="[A-Z]+(\d+)"', inside)) <= {number}, name
        masters = set(re.findall(r'<f\b[^>]*\bref="[^"]*"[^>]*\bsi="(\d+)"', text))
        masters |= set(re.findall(r'<f\b[^>]*\bsi="(\d+)"[^>]*\bref="', text))
        assert set(re.findall(r'<f\b[^>]*\bsi="(\d+)"', text)) <= masters, name


def lines(desk: Desk, name: str = TODO) -> list[tuple[Any, ...]]:
    """The lines of a list that say something."""
    rows = openpyxl.load_workbook(desk.register)[name].iter_rows(min_row=2, values_only=True)
    return [row for row in rows if any(value is not None for value in row)]


def new_problems(count: int) -> list[dict[str, Any]]:
    """Rows of a list that hold what a report needs."""
    same = {"发现人": "乙", "联系方式": "1", "严重程度": "低", "问题类型": "系统故障", "问题描述(现象)": "x", "影响范围": "y", "发生频率": "必现",
            "涉及系统/模块": "z", "是否可复现": "否", "问题发生时间": "2026-03-19", "上报时间": "2026-03-20 08:00"}  # fmt: skip
    return [{"问题标题": f"新{number}", "上报人": f"甲{number}", **same} for number in range(count)]


def test_a_list_that_shrank_and_grows_again_uses_the_rows_that_are_there(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP005", "联系方式", "139")
    before = len(lines(busy))
    sync(busy, NOW)
    assert len(lines(busy)) < before
    set_fields(busy, "TP007", MORE, NOW)
    sync(busy, NOW)
    check_rows(busy)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    assert sheet.tables["tp_todo"].ref.endswith(str(len(lines(busy)) + 1))
    saved_again(busy)
    rest(busy)


def test_new_problems_go_into_empty_rows_that_are_there_and_keep_their_colour(busy, tmp_path):
    with Edit(busy) as book:
        for row in (10, 11, 12):
            book.book[PROBLEMS].row_dimensions[row].height = 40
            for column in range(1, 5):
                book.book[PROBLEMS].cell(row, column).fill = GREEN
    sync(busy, NOW)
    rows = new_problems(4)
    assert cli(busy, "update", str(listed(tmp_path, rows, "n.jsonl")), "--mode", "insert").exit_code == 0
    check_rows(busy)
    sheet = openpyxl.load_workbook(busy.register)[PROBLEMS]
    assert [sheet.cell(row, 1).value for row in range(10, 14)] == ["TP009", "TP010", "TP011", "TP012"]
    assert (sheet.row_dimensions[11].height, sheet.cell(11, 2).fill.fgColor.rgb) == (40, "FF00FF00")
    assert sheet.tables["tp_problems"].ref.endswith("13")
    saved_again(busy)
    rest(busy)


def test_notes_and_formulas_below_a_list_stay_and_lines_wait_for_room(busy):
    bottom = len(lines(busy)) + 1
    with Edit(busy) as book:
        book.book[TODO].cell(bottom + 3, 1).value = "本周例会：备注"
        book.book[TODO].cell(bottom + 3, 5).value = "=COUNTA(A2:A9)"
    sync(busy, NOW)
    set_fields(busy, "TP001", MORE, NOW)
    assert codes(sync(busy, NOW)) == ["no_room"]
    check_rows(busy)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    assert (sheet.cell(bottom + 3, 1).value, sheet.cell(bottom + 3, 5).value) == ("本周例会：备注", "=COUNTA(A2:A9)")
    with Edit(busy) as book:
        for column in (1, 5):
            book.book[TODO].cell(bottom + 3, column).value = None
    sync(busy, NOW)
    assert [line[5] for line in lines(busy) if line[2] == "TP001"]
    assert len(lines(busy)) + 1 > bottom + 3
    check_rows(busy)


def test_a_problem_that_waits_for_room_is_not_written_into_the_row_of_another(busy):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        sheet.delete_rows(sheet.max_row)  # the row of TP008, so what is below moves up with its table
        sheet.delete_rows(4)
        sheet.tables["tp_problems"].ref = sheet.tables["tp_problems"].ref.replace("9", "7")
        sheet.cell(9, 1).value = "备注"
    assert "no_room" in codes(sync(busy, NOW))
    before = {number: shown(busy).cell(number, "问题标题").value for number in ("TP004", "TP005", "TP006", "TP007")}
    set_fields(busy, "TP003", {"report.title": "等位置的"}, NOW)
    assert codes(sync(busy, NOW)) == ["no_room"]
    assert {number: shown(busy).cell(number, "问题标题").value for number in before} == before
    with Edit(busy) as book:
        book.book[PROBLEMS].cell(9, 1).value = None
    assert verdicts(sync(busy, NOW)) == {}
    assert shown(busy).cell("TP003", "问题标题").value == "等位置的"
    rest(busy)


def test_lines_that_wait_for_room_are_not_told_as_deleted(busy):
    bottom = len(lines(busy)) + 1
    with Edit(busy) as book:
        book.book[TODO].cell(bottom + 3, 1).value = "备注"
    sync(busy, NOW)
    set_fields(busy, "TP001", MORE, NOW)
    for _ in range(3):
        assert codes(sync(busy, NOW)) == ["no_room"]
        saved_again(busy)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    assert sheet.cell(bottom + 3, 1).value == "备注"
    assert not any(sheet.cell(bottom + 2, column).value for column in range(1, 11))
    assert sheet.tables["tp_todo"].ref == f"A1:J{bottom + 1}"


def test_lines_of_a_sorted_list_that_wait_for_room_are_not_told_as_deleted(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, values in enumerate(sorted(rows, key=lambda row: str(row[5])), 2):
            for column, value in enumerate(values, 1):
                sheet.cell(number, column).value = value
        sheet.cell(sheet.max_row + 3, 1).value = "备注"
    sync(busy, NOW)
    set_fields(busy, "TP001", MORE, NOW)
    for _ in range(3):
        assert codes(sync(busy, NOW)) == ["no_room"]
        saved_again(busy)


def test_conflicts_that_wait_for_room_are_not_told_as_deleted(busy):
    with Edit(busy) as book:
        book.book[CONFLICTS].cell(4, 1).value = "备注"
        for number in (1, 2, 3):
            book[PROBLEMS].put(f"TP00{number}", "联系方式", "表里")
            set_fields(busy, f"TP00{number}", {"report.contact": "系统"}, NOW)
    for _ in range(3):
        assert set(codes(sync(busy, NOW))) == {"no_room"}
        saved_again(busy)


@pytest.mark.parametrize("name", [PROBLEMS, TODO, ACTIONS])
def test_a_table_of_somebodys_below_is_not_grown_over(busy, name):
    with Edit(busy) as book:
        sheet = book.book[name]
        top = sheet.max_row + 3
        for row, cells in enumerate(
            [("小组", "人数", "已办", "未办", "说明"), ("组1", 1, 2, 3, "x"), ("组2", 2, 4, 6, "y")], top
        ):
            for column, value in enumerate(cells, 1):
                sheet.cell(row, column).value = value
        sheet.add_table(Table(displayName="我的表", ref=f"A{top}:E{top + 2}"))
        ours = next(iter(sheet.tables.values())).ref
    sync(busy, NOW)
    sheet = openpyxl.load_workbook(busy.register)[name]
    assert [sheet.cell(top + 1, column).value for column in range(1, 6)] == ["组1", 1, 2, 3, "x"]
    refs = [one.ref for one in sheet.tables.values()]
    assert refs == [ours, f"A{top}:E{top + 2}"]
    rest(busy)


def test_what_somebody_typed_into_a_list_stays_when_the_same_window_is_saved_again(busy):
    with Edit(busy) as book:
        for name in (TODO, ACTIONS, CONFLICTS, DOCUMENTS):
            sheet = book.book[name]
            row = max(at for at in range(1, sheet.max_row + 1) if sheet.cell(at, 1).value) + 1
            for column, value in enumerate(("我", "问一下", "x", "y", "z"), 1):
                sheet.cell(row, column).value = value
    mine = busy.register.read_bytes()
    assert codes(sync(busy, NOW)).count("row_not_taken") == 4
    busy.register.write_bytes(mine)
    done = sync(busy, NOW)
    assert codes(done).count("row_not_taken") == 4
    for name in (TODO, ACTIONS, CONFLICTS, DOCUMENTS):
        assert ("我", "问一下", "x", "y", "z") in [line[:5] for line in lines(busy, name)]
    check_rows(busy)


def test_a_font_that_another_program_puts_in_is_no_mark(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        for row in range(2, sheet.max_row + 1, 3):
            for column in range(1, 11):
                cell = sheet.cell(row, column)
                cell.font = copy(cell.font) + Font(name="Noto Sans CJK SC", family=2)
    sync(busy, NOW)
    assert cli(busy, "withdraw", "TP005", "--reason", "x").exit_code == 0
    assert SETTLED not in {cell for line in lines(busy) for cell in line}
    assert "TP005" not in {line[2] for line in lines(busy)}


def test_a_cell_that_was_cleared_with_its_look_gets_both_back(busy):
    with Edit(busy) as book:
        for sheet, row, column in ((book.book[TODO], 4, 7), (book.book[PROBLEMS], 3, 8)):
            cell = sheet.cell(row, column)
            cell.value, cell.style = None, "Normal"
    sync(busy, NOW)
    book = openpyxl.load_workbook(busy.register)
    for name, row, column in ((TODO, 4, 7), (PROBLEMS, 3, 8)):
        cell, other = book[name].cell(row, column), book[name].cell(row + 1, column)
        assert cell.value is not None
        assert (cell.alignment.wrap_text, cell.border.left.style, cell.font.name) == (
            other.alignment.wrap_text, other.border.left.style, other.font.name,
        )  # fmt: skip
    rest(busy)


def test_heights_and_colours_beside_lines_stay(busy):
    with Edit(busy) as book:
        book.book[TODO].row_dimensions[5].height = 44
        book.book[TODO].cell(6, 13).fill = GREEN
    sync(busy, NOW)
    for number in ("TP001", "TP007"):
        set_fields(busy, number, MORE, NOW)
        sync(busy, NOW)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    assert (sheet.row_dimensions[5].height, sheet.cell(6, 13).fill.fgColor.rgb) == (44, "FF00FF00")


def test_a_row_of_totals_stays_whatever_becomes_of_the_lines_above(busy):
    bottom = len(lines(busy)) + 1
    with Edit(busy) as book:
        table: Table = book.book[TODO].tables["tp_todo"]
        table.ref = f"A1:J{bottom + 1}"
        table.totalsRowCount = 1
        table.tableColumns[0].totalsRowLabel = "汇总"
        book.book[TODO].cell(bottom + 1, 1).value = "汇总"
        book.book[TODO].cell(bottom + 1, 2).value = "=SUBTOTAL(103,tp_todo[类别])"
    sync(busy, NOW)
    set_fields(busy, "TP001", MORE, NOW)
    assert codes(sync(busy, NOW)) == ["no_room"]
    assert cli(busy, "withdraw", "TP005", "--reason", "x").exit_code == 0
    check_rows(busy)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    assert (sheet.tables["tp_todo"].ref, sheet.tables["tp_todo"].totalsRowCount) == (f"A1:J{bottom + 1}", 1)
    assert sheet.cell(bottom + 1, 2).value == "=SUBTOTAL(103,tp_todo[类别])"


def test_notes_colours_and_hidden_rows_stay_with_their_line(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        places = [row for row in range(2, sheet.max_row) if sheet.cell(row, 3).value == "TP005"][:3]
        noted, green, hidden = places
        sheet.cell(noted, 6).comment = Comment("我问过他了", "我")
        sheet.cell(green, 2).fill = GREEN
        sheet.row_dimensions[hidden].hidden = True
        before = [[sheet.cell(row, column).value for column in (1, 2, 3, 5, 6)] for row in places]
    sync(busy, NOW)
    set_fields(busy, "TP001", MORE, NOW)
    sync(busy, NOW)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    assert [[sheet.cell(row, column).value for column in (1, 2, 3, 5, 6)] for row in places] == before
    note = sheet.cell(noted, 6).comment
    assert note is not None
    assert note.text == "我问过他了"
    assert [row for row in range(2, sheet.max_row) if sheet.cell(row, 2).fill.fgColor.rgb == "FF00FF00"] == [green]
    assert [row for row, facts in sheet.row_dimensions.items() if facts.hidden] == [hidden]
    assert len(lines(busy)) == len({line[2:7] for line in lines(busy)})


def test_a_marked_line_that_is_over_stays_where_the_column_that_would_say_so_was_renamed(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        row = next(row for row in range(2, sheet.max_row) if sheet.cell(row, 3).value == "TP005")
        sheet.cell(row, 6).comment = Comment("我问过他了", "我")
        last = sheet.max_column
        sheet.cell(1, last).value = sheet.tables["tp_todo"].tableColumns[last - 1].name = "我的程度"
    sync(busy, NOW)
    assert cli(busy, "withdraw", "TP005", "--reason", "x").exit_code == 0
    check_rows(busy)
    mine = [line for line in lines(busy) if line[2] == "TP005"]
    assert mine
    assert SETTLED not in {cell for line in mine for cell in line}
    assert openpyxl.load_workbook(busy.register)[TODO].cell(row, 6).comment is not None


def sorted_by(desk: Desk, name: str, column: int, *, reverse: bool = False) -> list[Any]:
    """A list's lines sorted as LibreOffice does it, which notes nothing of it in the file; returns their keys."""
    with Edit(desk) as book:
        sheet = book.book[name]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        rows.sort(key=lambda row: str(row[column]), reverse=reverse)
        for number, row in enumerate(rows, 2):
            for place, value in enumerate(row, 1):
                sheet.cell(number, place).value = value
    return [(row[2], row[4], row[5]) for row in rows]


def keys_of(desk: Desk) -> list[Any]:
    return [(line[2], line[4], line[5]) for line in lines(desk)]


def test_a_list_sorted_in_a_program_that_does_not_note_it_stays_so(busy):
    ours = keys_of(busy)
    mine = sorted_by(busy, TODO, 2, reverse=True)
    assert mine != ours
    assert codes(sync(busy, NOW)) == []
    assert keys_of(busy) == mine
    set_fields(busy, "TP001", MORE, NOW)
    for _ in range(2):
        sync(busy, NOW)
        assert keys_of(busy)[: len(mine)] == mine
        assert {key[0] for key in keys_of(busy)[len(mine) :]} == {"TP001"}
        saved_again(busy)
    assert cli(busy, "withdraw", "TP005", "--reason", "x").exit_code == 0
    assert [key for key in keys_of(busy) if key in mine] == [key for key in mine if key[0] != "TP005"]
    check_rows(busy)
    # Sorted as we do it, it is ours again: new lines go where they belong.
    with Edit(busy) as book:
        sheet = book.book[TODO]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        rows = sorted((row for row in rows if row[2]), key=lambda row: todo_order([row[0], row[1], row[2]]))
        for number, row in enumerate(rows, 2):
            for place, value in enumerate(row, 1):
                sheet.cell(number, place).value = value
    sync(busy, NOW)
    before = keys_of(busy)
    set_fields(busy, "TP007", MORE, NOW)
    sync(busy, NOW)
    after = keys_of(busy)
    assert [key for key in after if key in before] == before
    assert after[: len(before)] != before
    rest(busy)


def test_a_line_that_stays_for_a_mark_does_not_make_a_list_sorted(busy):
    with Edit(busy) as book:
        sheet = book.book[TODO]
        sheet.cell(len(lines(busy)) + 1, 2).fill = GREEN  # the last one, which will not be in its place
    set_fields(busy, "TP001", MORE, NOW)
    sync(busy, NOW)
    saved_again(busy)
    sync(busy, NOW)
    before = keys_of(busy)
    set_fields(busy, "TP007", MORE, NOW)
    sync(busy, NOW)
    assert keys_of(busy)[: len(before)] != before
    check_rows(busy)
    rest(busy)


def test_a_line_that_was_over_comes_to_life_again(busy):
    with Edit(busy) as book:
        sheet = book[ACTIONS]
        sheet.sheet.cell(sheet.row("TP002"), 13).value = "盯着"
    sync(busy, NOW)
    was = shown(busy, ACTIONS).cell("TP002", "状态").value
    assert cli(busy, "withdraw", "TP002", "--reason", "x").exit_code == 0
    assert shown(busy, ACTIONS).cell("TP002", "状态").value == SETTLED
    last = batches(busy)[-1].id
    saved_again(busy)
    assert codes(sync(busy, NOW)) == []  # it is no line that somebody added
    undo(busy, last, NOW)
    sync(busy, NOW)
    assert shown(busy, ACTIONS).cell("TP002", "状态").value == was
    saved_again(busy)
    rest(busy)


def test_a_choice_that_was_taken_back_is_not_made_again(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "影响范围", "表3")
    set_fields(busy, "TP003", {"report.impact": "账3"}, NOW)
    sync(busy, NOW)
    with Edit(busy) as book:
        sheet = book[CONFLICTS]
        sheet.put("TP003", "取舍", "登记表值")
        sheet.put("TP003", "登记表值", "改了又选")
        sheet.sheet.cell(sheet.row("TP003"), len(sheet.columns) + 2).value = "按现场"
    assert verdicts(sync(busy, NOW)) == {"TP003": "changed"}
    line = shown(busy, CONFLICTS)
    assert (line.cell("TP003", "来源").value, line.cell("TP003", "登记表值").value) == (SETTLED, "表3")
    undo(busy, batches(busy)[-1].id, NOW)
    sync(busy, NOW)
    line = shown(busy, CONFLICTS)
    assert (line.cell("TP003", "取舍").value, line.cell("TP003", "来源").value) == (None, "登记表")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP005", "所属部门", "别的")
    assert verdicts(sync(busy, NOW)) == {"TP005": "changed"}
    assert problem_of(busy, "TP003").get("report.impact") == "账3"


def test_formulas_that_share_one_that_is_replaced_say_it_themselves(busy):
    data = parts_of(busy.register)
    sheet = data["xl/worksheets/sheet1.xml"].decode()
    at = get_column_letter(shown(busy).columns["影响范围"])
    for row in range(2, 10):
        shared = f'ref="{at}2:{at}9" si="0">B2&amp;"！"</f>' if row == 2 else 'si="0"/>'
        new = f'<c r="{at}{row}" t="str"><f t="shared" {shared}<v>值{row}</v></c>'
        old = re.search(rf'<c r="{at}{row}"[^>]*?(?:/>|>.*?</c>)', sheet, re.DOTALL)
        assert old is not None
        sheet = sheet.replace(old[0], new)
    with zipfile.ZipFile(busy.register, "w") as archive:
        for name, part in data.items():
            archive.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else part)
    assert len(verdicts(sync(busy, NOW))) == 8
    set_fields(busy, "TP001", {"report.impact": "新的影响"}, NOW)
    sync(busy, NOW)
    check_rows(busy)
    now = shown(busy)
    assert [now.cell(number, "影响范围").value for number in ("TP001", "TP002", "TP008")] == [
        "新的影响",
        '=B3&"！"',
        '=B9&"！"',
    ]


def test_a_column_that_comes_back_empty_is_filled_again(busy):
    names = {number: problem_of(busy, number).get("triage.accepted_by") for number in ("TP001", "TP002", "TP003")}
    done_at = {row: shown(busy, ACTIONS).cell(row, "实际完成日期").value for row in range(2, 6)}
    for name, heading in ((PROBLEMS, "受理人"), (ACTIONS, "实际完成日期")):
        with Edit(busy) as book:
            column = book[name].columns[heading]
            for row in range(1, book[name].sheet.max_row + 1):
                book[name].sheet.cell(row, column).value = "别的" if row == 1 else None
        assert "column_missing" in codes(sync(busy, NOW))
        with Edit(busy) as book:
            book[name].sheet.cell(1, column).value = heading
            if name == PROBLEMS:
                book[name].sheet.cell(book[name].row("TP003"), column).value = "赵六"
        assert verdicts(sync(busy, NOW)) == ({"TP003": "changed"} if name == PROBLEMS else {})
    assert {number: problem_of(busy, number).get("triage.accepted_by") for number in names} == {
        **names,
        "TP003": "赵六",
    }
    assert shown(busy).cell("TP001", "受理人").value == names["TP001"]
    assert {row: shown(busy, ACTIONS).cell(row, "实际完成日期").value for row in done_at} == done_at


def test_of_two_columns_with_one_heading_ours_is_known_by_its_neighbours_or_neither_is_read(busy):
    names = [problem_of(busy, f"TP00{number}").get("triage.accepted_by") for number in range(1, 9)]
    with Edit(busy) as book:
        book.book[PROBLEMS].cell(1, 90).value = "受理人"
        book.book[PROBLEMS].cell(2, 90).value = "我的备注"
    assert codes(sync(busy, NOW)) == []
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        heading = next(at for at in range(1, 85) if sheet.cell(1, at).value == "受理人")
        sheet.insert_cols(heading)
        sheet.cell(1, heading).value = "受理人"
        sheet.cell(2, heading).value = "我的备注"
    assert "column_twice" in codes(sync(busy, NOW))
    assert [problem_of(busy, f"TP00{number}").get("triage.accepted_by") for number in range(1, 9)] == names


def test_a_cell_that_shows_only_the_beginning_of_a_text_does_not_cut_it(busy, tmp_path):
    long = "很长的文字。" * 6000
    set_fields(busy, "TP001", {"report.impact": long}, NOW)
    sync(busy, NOW)
    with Edit(busy) as book:
        cell = book[PROBLEMS].cell("TP001", "影响范围")
        cell.value = f"改{cell.value[1:]}"
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({"TP001": "invalid"}, ["cell_cut"])
    assert problem_of(busy, "TP001").get("report.impact") == long
    assert "影响范围" in shown(busy).cell("TP001", HINT).value
    rows = [{"问题编号": "TP001", "影响范围": cell.value}]
    assert told(take(busy, listed(tmp_path, rows, "a.xlsx"))) == [("TP001", "invalid", ["cell_cut"])]
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "影响范围", "写成短的")
    assert verdicts(sync(busy, NOW)) == {"TP001": "changed"}
    assert problem_of(busy, "TP001").get("report.impact") == "写成短的"


@pytest.mark.parametrize(
    ("value", "look", "expected"),
    [(time(14, 30), "h:mm", "14:30"), (time(8, 5, 9), "h:mm:ss", "08:05:09"), (0.5, "0%", "50%"), (7, "000", "007"), (datetime(2026, 3, 1), "yyyy-mm-dd", "2026-03-01")],
)  # fmt: skip
def test_in_a_text_what_a_number_shows_is_what_is_meant(busy, tmp_path, value, look, expected):
    with Edit(busy) as book:
        cell = book[PROBLEMS].cell("TP001", "影响范围")
        cell.value, cell.number_format = value, look
    assert verdicts(sync(busy, NOW)) == {"TP001": "changed"}
    assert problem_of(busy, "TP001").get("report.impact") == expected
    other = openpyxl.Workbook()
    sheet = other["Sheet"]
    for row in (["问题编号", "影响范围"], ["TP002", value]):
        sheet.append(row)
    sheet.cell(2, 2).number_format = look
    other.save(tmp_path / "list.xlsx")
    take(busy, tmp_path / "list.xlsx")
    assert problem_of(busy, "TP002").get("report.impact") == expected


def test_an_error_is_no_value(busy, tmp_path):
    was = problem_of(busy, "TP001").get("report.contact")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "联系方式", "#N/A")
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({"TP001": "invalid"}, ["no_value"])
    rows = [{"问题编号": "TP001", "联系方式": "#DIV/0!"}]
    assert told(take(busy, listed(tmp_path, rows, "a.csv"))) == [("TP001", "invalid", ["list_formula"])]
    assert problem_of(busy, "TP001").get("report.contact") == was


def test_what_has_no_room_is_told_until_it_has_and_was_never_missing(busy, tmp_path):
    with Edit(busy) as book:
        book.book[PROBLEMS].cell(10, 2).value = "备注一"
        book.book[PROBLEMS].cell(11, 2).value = None
        book.book[PROBLEMS].cell(12, 2).value = "备注"
        book.book[PROBLEMS].cell(10, 2).value = None
    sync(busy, NOW)
    rows = new_problems(4)
    cli(busy, "update", str(listed(tmp_path, rows, "n.jsonl")), "--mode", "insert")
    for _ in range(2):
        assert codes(sync(busy, NOW)) == ["no_room"]
    assert "does not show all" in cli(busy, "doctor").output
    with Edit(busy) as book:
        book.book[PROBLEMS].cell(12, 2).value = None
        book.book[PROBLEMS].cell(40, 2).value = "备注"
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({}, [])
    assert shown(busy).cell("TP012", "问题标题").value == "新3"


def test_an_old_copy_over_a_new_one_is_said(busy):
    old = busy.register.read_bytes()
    set_fields(busy, "TP001", {"report.impact": "新"}, NOW)
    sync(busy, NOW)
    busy.register.write_bytes(old)
    assert codes(sync(busy, NOW)) == ["register_older"]
    assert shown(busy).cell("TP001", "影响范围").value == "新"


def test_a_strict_workbook_is_one_sentence(busy):
    parts = parts_of(busy.register)
    main, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data.replace(main, strict))
    busy.register.write_bytes(out.getvalue())
    done = cli(busy, "sync")
    assert (done.exit_code, "Strict Open XML" in done.stderr) == (1, True)


def test_signs_at_which_python_would_cut_a_line_are_no_line_ends_of_a_jsonl(busy, tmp_path):
    set_fields(busy, "TP001", {"report.impact": "前\u2028后\x85末"}, NOW)
    path = tmp_path / "e.jsonl"
    assert cli(busy, "export", "problems", "--out", str(path)).exit_code == 0
    assert {one.verdict for one in take(busy, path).rows} == {"unchanged"}
    assert "\u2028" in path.read_text("utf-8")


def changed_in_xml(desk: Desk, part: str, old: str, new: str) -> None:
    """A change of a sheet's XML as another program might have written it."""
    data = parts_of(desk.register)
    name = f"xl/worksheets/{part}.xml"
    told = re.sub(old, new, data[name].decode(), count=1, flags=re.DOTALL)
    assert told != data[name].decode()
    with zipfile.ZipFile(desk.register, "w") as archive:
        for one, content in data.items():
            archive.writestr(one, told if one == name else content)


def test_a_text_that_might_hold_a_sign_by_its_number_loses_no_row(busy):
    with Edit(busy) as book:
        book[ACTIONS].put("TP002", "责任人", "wang_xm")
        book[PROBLEMS].put("TP001", "影响范围", "user_xxx")
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({"TP001": "changed", "TP002": "changed"}, [])
    assert shown(busy, ACTIONS).cell("TP002", "责任人").value == "wang_xm"
    saved_again(busy)
    rest(busy)


def test_rounds_are_the_same_however_a_program_writes_them(busy):
    changed_in_xml(busy, "sheet3", r'(<c r="C3"[^>]*)><v>2</v>', r"\1><v>2.0</v>")
    with Edit(busy):
        pass
    changed_in_xml(busy, "sheet3", r'(<c r="C3"[^>]*)><v>2</v>', r"\1><v>2.0</v>")
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({}, [])


def test_a_computed_cell_that_shows_nothing_is_told_and_put_back(busy):
    changed_in_xml(busy, "sheet1", r'<c r="C2"( s="\d+")[^>]*>.*?</c>', r'<c r="C2"\1 t="str"><f>""</f><v></v></c>')
    assert codes(sync(busy, NOW)) == ["computed_cell"]
    assert shown(busy).cell("TP001", "问题状态").value == "已归档"


def test_a_sheet_with_white_space_before_a_very_long_row_is_read(busy):
    with Edit(busy) as book:
        rng = range(0x4E00, 0x4E00 + 20000)
        for column in (100, 101, 102, 103):
            book.book[PROBLEMS].cell(1, column).value = "".join(map(chr, rng))[:32000]
    changed_in_xml(busy, "sheet1", "<sheetData>", "<sheetData>\n ")
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({}, [])


def test_an_emoji_in_two_halves_is_one_sign_and_half_a_sign_stops_nothing(busy):
    cell = r'(<c r="AW4"[^>]*?)(?: t="\w+")?(?:/>|>.*?</c>)'
    changed_in_xml(busy, "sheet1", cell, r'\1 t="inlineStr"><is><t>明天_xD83D__xDE00_和_xD83D_</t></is></c>')
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP003": "invalid"}
    assert next(one for one in done.verdicts if one.number == "TP003").cells[0].new.startswith("明天😀和")
