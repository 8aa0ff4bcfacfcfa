"""What people do to a register that nobody expects: none of it is lost, and all of it is told."""

import json
from datetime import timedelta

import pytest
from lxml import etree

from tests.conftest import NOW
from tests.register_tools import Edit, cli, codes, parts_of, resaved, shown, verdicts
from tests.test_ingest import numbers_in, problem_of
from tests.test_sync import FULL_ROW
from tpdocs.actions.doctor import check_up
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import sync
from tpdocs.actions.undo import undo
from tpdocs.desk.folder import Desk
from tpdocs.register.columns import ACTIONS, CONFLICTS, DOCUMENTS, HINT, PROBLEMS, TODO

CLOSED_BY = "关闭人(受理人)"


def full_row(desk: Desk, row: int, **more) -> None:
    with Edit(desk) as book:
        for heading, value in {**FULL_ROW, **more}.items():
            book[PROBLEMS].put(row, heading, value)


def saved_again(desk: Desk) -> None:
    desk.register.write_bytes(resaved(desk.register.read_bytes()))


def rest(desk: Desk) -> None:
    """A second sync, of the file as it is and as another program saves it, says nothing and records nothing."""
    for _ in range(2):
        done = sync(desk, NOW)
        assert (verdicts(done), codes(done), done.batch) == ({}, [], 0)
        saved_again(desk)


def test_nothing_is_written_over_what_stands_below_the_table(busy):
    with Edit(busy) as book:
        for heading, value in {"问题标题": "人写的半行", "受理人": "钱"}.items():
            book[PROBLEMS].put(11, heading, value)
    sync(busy, NOW)
    rows = {**FULL_ROW, "问题标题": "又一个"}, {**FULL_ROW, "问题标题": "又二个", "上报人": "别人"}
    path = busy.root / "new.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False, default=str) for one in rows), "utf-8")
    told = cli(busy, "update", str(path), "--mode", "insert")
    assert "have no room" in told.output
    assert shown(busy).cell(11, "问题标题").value == "人写的半行"
    assert numbers_in(busy.register) == [f"TP00{number}" for number in range(1, 9)]
    with Edit(busy) as book:
        for heading in ("问题标题", "受理人"):
            book[PROBLEMS].put(11, heading, None)
    sync(busy, NOW)
    assert numbers_in(busy.register) == [*(f"TP00{number}" for number in range(1, 9)), "TP009", "TP010"]
    assert problem_of(busy, "TP010").report.title == "又二个"
    rest(busy)


@pytest.mark.parametrize("between", ["totals", "caption"])
def test_a_problem_typed_where_nobody_reads_it_is_told(busy, between):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        if between == "totals":
            table = sheet.tables["tp_problems"]
            table.ref, table.totalsRowCount = table.ref.replace("9", "10"), 1
            sheet.cell(10, 1).value = "汇总"
        else:
            sheet.cell(11, 1).value = "以下为新增："
    full_row(busy, 12)
    assert codes(sync(busy, NOW)) == ["row_apart"]
    assert shown(busy).cell(12, "问题标题").value == FULL_ROW["问题标题"]


def test_a_block_of_somebodys_below_the_problems_is_left_alone(busy):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        for row in range(12, 15):
            for column in range(2, 14):
                sheet.cell(row, column).value = f"月{row}-{column}"
    assert codes(sync(busy, NOW)) == ["row_apart"] * 3
    sheet = shown(busy).sheet
    assert [sheet.cell(13, column).value for column in range(1, 15)] == [
        None,
        *(f"月13-{one}" for one in range(2, 14)),
        None,
    ]
    assert sheet.tables["tp_problems"].ref.endswith("9")


def test_a_new_problem_leaves_an_empty_row_before_a_remark(busy):
    with Edit(busy) as book:
        book.book[PROBLEMS].cell(11, 1).value = "备注：周五清理"
    rows = busy.root / "n.jsonl"
    rows.write_text(json.dumps(FULL_ROW, ensure_ascii=False, default=str), "utf-8")
    assert "have no room" in cli(busy, "update", str(rows), "--mode", "insert").output
    for _ in range(2):
        saved_again(busy)
        assert codes(sync(busy, NOW)) == ["no_room"]
    assert shown(busy).cell(11, "问题编号").value == "备注：周五清理"
    assert shown(busy).cell(11, HINT).value is None


def test_a_row_typed_below_an_empty_one_opens_a_problem(busy):
    full_row(busy, 11)
    assert verdicts(sync(busy, NOW)) == {"TP009": "new"}
    assert shown(busy).cell(11, "问题编号").value == "TP009"
    rest(busy)


def test_a_heading_that_comes_back_brings_no_old_text_with_it(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put(1, "问题标题", "标题")
    assert codes(sync(busy, NOW)) == ["column_missing"]
    assert cli(busy, "set", "TP002", "report.title=命令改").exit_code == 0
    assert cli(busy, "set", "TP003", "report.title=也用命令改").exit_code == 0
    with Edit(busy) as book:
        book[PROBLEMS].sheet.cell(1, 2).value = "问题标题"
        book[PROBLEMS].sheet.cell(4, 2).value = "没有表头时在表里改"
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP003": "conflict"}
    assert problem_of(busy, "TP002").report.title == "命令改"
    assert shown(busy).cell("TP002", "问题标题").value == "命令改"
    assert shown(busy).cell("TP003", "问题标题").value == "没有表头时在表里改"
    rest(busy)


def test_rows_that_people_add_to_lists_stay_and_are_told(busy):
    added: dict[str, dict[str, object]] = {
        ACTIONS: {"编号": "TP003", "来源": "遗留问题", "轮次": 1, "序号": 1, "内容": "我加的", "责任人": "张"},
        DOCUMENTS: {"编号": "我的行", "文件名": "说明文件"},
        TODO: {"责任人": "我", "情况": "自己记的事"},
    }
    with Edit(busy) as book:
        for name, values in added.items():
            sheet = book[name]
            row = sheet.sheet.max_row + 1
            for heading, value in values.items():
                sheet.put(row, heading, value)
    assert sorted(codes(sync(busy, NOW))) == ["row_not_taken"] * 3
    for name, (heading, value) in {
        ACTIONS: ("内容", "我加的"), DOCUMENTS: ("文件名", "说明文件"), TODO: ("情况", "自己记的事"),
    }.items():  # fmt: skip
        sheet = shown(busy, name)
        assert value in [sheet.cell(row, heading).value for row in range(2, sheet.sheet.max_row + 1)], name
    # They stay when the lists change beside them, too, whoever saved the file last.
    for days in (2, 4):
        sync(busy, NOW + timedelta(days=days))
        for name, (heading, value) in {ACTIONS: ("内容", "我加的"), TODO: ("情况", "自己记的事")}.items():
            sheet = shown(busy, name)
            assert value in [sheet.cell(row, heading).value for row in range(2, sheet.sheet.max_row + 1)], (name, days)
        saved_again(busy)


def test_rows_of_actions_that_are_gone_or_stand_there_twice_are_told(busy):
    with Edit(busy) as book:
        sheet = book[ACTIONS]
        row, copy = sheet.row("TP002"), sheet.sheet.max_row + 1
        for column in range(1, sheet.sheet.max_column + 1):
            sheet.sheet.cell(copy, column).value = sheet.sheet.cell(row, column).value
        sheet.put(row, "责任人", "第一个")
        sheet.put(copy, "责任人", "第二个")
    assert codes(sync(busy, NOW)) == ["number_twice"]
    sheet = shown(busy, ACTIONS)
    assert {"第一个", "第二个"} <= {sheet.cell(row, "责任人").value for row in range(2, sheet.sheet.max_row + 1)}
    with Edit(busy) as book:
        sheet = book[ACTIONS]
        for column in range(1, sheet.sheet.max_column + 1):
            sheet.sheet.cell(copy, column).value = None
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    assert problem_of(busy, "TP002").residuals[0].residual.owner == "第一个"
    with Edit(busy) as book:
        book[ACTIONS].sheet.delete_rows(book[ACTIONS].row("TP002"))
    assert codes(sync(busy, NOW)) == ["line_gone"]
    assert shown(busy, ACTIONS).cell("TP002", "责任人").value == "第一个"


def test_edits_of_lists_that_are_computed_are_told_and_put_back(busy):
    with Edit(busy) as book:
        book[DOCUMENTS].put(2, "文件名", "改了名.docx")
        before = book[TODO].cell(3, "情况").value
        book[TODO].put(3, "情况", "改了字")
    assert codes(sync(busy, NOW)) == ["computed_cell", "computed_cell"]
    assert shown(busy, DOCUMENTS).cell(2, "文件名").value.endswith("F01.docx")
    assert shown(busy, TODO).cell(3, "情况").value == before


def test_what_a_new_row_says_beyond_a_report_is_kept_or_told(busy):
    full_row(busy, 10, **{CLOSED_BY: "某人", "问题状态": "已关闭"})
    done = sync(busy, NOW)
    assert sorted(codes(done)) == ["computed_row", "typed_close"]
    sheet = shown(busy)
    assert (sheet.cell("TP009", CLOSED_BY).value, sheet.cell("TP009", "问题状态").value) == ("某人", "待受理")
    assert f"“{CLOSED_BY}”" in sheet.cell("TP009", HINT).value


def test_rows_with_one_number_are_left_alone_until_one_goes(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        sheet.put("TP002", "问题标题", "原行改")
        sheet.put(10, "问题编号", "TP002")
        sheet.put(10, "问题标题", "复制行改")
    assert codes(sync(busy, NOW)) == ["number_twice"]
    sheet = shown(busy)
    assert "TP002" in sheet.cell(3, HINT).value
    assert "TP002" in sheet.cell(10, HINT).value
    assert cli(busy, "set", "TP002", "report.title=命令").exit_code == 1  # for it is told again
    sheet = shown(busy)
    assert [sheet.cell(row, "问题标题").value for row in (3, 10)] == ["原行改", "复制行改"]
    with Edit(busy) as book:
        book[PROBLEMS].sheet.delete_rows(10)
    assert verdicts(sync(busy, NOW)) == {"TP002": "conflict"}
    assert shown(busy).cell("TP002", "问题标题").value == "原行改"
    rest(busy)


def test_choosing_a_text_that_is_no_value_is_no_change(busy):
    old = busy.register.read_bytes()
    assert cli(busy, "set", "TP001", "report.severity=低").exit_code == 0
    busy.register.write_bytes(old)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "严重程度", "超高")
    assert verdicts(sync(busy, NOW)) == {"TP001": "conflict"}
    with Edit(busy) as book:
        book[CONFLICTS].put("TP001", "取舍", "都可以")
    assert codes(sync(busy, NOW)) == ["choice_unclear"]
    assert shown(busy, CONFLICTS).cell("TP001", "取舍").value == "都可以"
    with Edit(busy) as book:
        book[CONFLICTS].put("TP001", "取舍", "登记表 值")
    done = sync(busy, NOW)
    (cell,) = next(one for one in done.verdicts if one.verdict != "unchanged").cells
    assert (cell.old, cell.new, cell.verdict) == ("低", "超高", "invalid")
    assert problem_of(busy, "TP001").report.severity == "低"


def test_a_register_that_waits_tells_what_was_taken_in_from_it(busy):
    owner = busy.root / ".~lock.register.xlsx#"
    owner.write_text(",甲,host,20.03.2026 17:00,file:///x;", "utf-8")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "严重程度", "超")
        book[PROBLEMS].put("TP003", "问题标题", "好")
    told = cli(busy, "sync")
    assert told.exit_code == 1
    assert "invalid  严重程度" in told.output
    assert "changed  问题标题" in told.output
    assert "甲" in told.stderr


def test_a_closing_is_taken_back_after_what_was_changed_in_it(busy):
    assert cli(busy, "close", "TP002", "--by", "张三").exit_code == 0
    closing = batches(busy)[-1].id
    set_fields(busy, "TP002", {"closure.summary": "改"}, NOW)
    undo(busy, closing + 1, NOW)
    undo(busy, closing, NOW)
    assert problem_of(busy, "TP002").status == "待关闭"


def test_a_number_that_was_seen_is_not_given_again_after_a_repair(busy):
    full_row(busy, 10)
    sync(busy, NOW)
    (busy.root / "backup" / "ledger-000002.db").unlink()
    busy.ledger.write_bytes(b"nothing")
    told = cli(busy, "doctor", "--repair")
    assert "TP009" in told.output
    assert numbers_in(busy.register)[-1] == "TP009"
    full_row(busy, 11, 问题标题="另一件事")
    sync(busy, NOW)
    assert problem_of(busy, "TP010").report.title == "另一件事"
    assert problem_of(busy, "TP009").report.title is None


@pytest.mark.parametrize("sign", ["\x07", "\x0b", "\x1f", "\ufffe", "\uffff", "\r"])
def test_signs_that_xml_has_no_room_for_leave_the_register_a_workbook(busy, sign):
    """Excel writes a vertical tab pasted from Word as _x000B_; what is typed so comes back so, in a conflict, in a hint, on a line."""
    typed = f"前_x{ord(sign):04X}_后"
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "严重程度", typed)  # no choice
        book[PROBLEMS].put("TP002", "影响范围", typed)  # will differ on both sides
        book[ACTIONS].put("TP002", "计划完成日期", typed)  # no date
    set_fields(busy, "TP002", {"report.impact": "台账改的"}, NOW)
    sync(busy, NOW)
    for _ in range(2):
        for name, data in parts_of(busy.register).items():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(data)
        assert "desk_register_part" not in [one.code for one in check_up(busy, NOW).every]
        assert shown(busy).cell("TP001", "严重程度").value == typed
        set_fields(busy, "TP003", {"report.contact": "2"}, NOW)
        sync(busy, NOW)
