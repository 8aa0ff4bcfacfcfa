"""The register as a two-way face: what people change there counts, and nothing of it is lost."""

import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from tests.conftest import NOW, filled
from tests.office import convert
from tests.records import RESIDUAL, good
from tests.register_tools import Edit, Sheet, cli, cli_plain, codes, parts_of, resaved, shown, verdicts
from tests.test_ingest import ingest_told, numbers_in, opened, problem_of, put, report
from tpdocs.actions.demo import run as make_demo
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.setting import batches
from tpdocs.actions.sync import sync
from tpdocs.actions.written_rows import WrittenRows
from tpdocs.checks.rules import check_problem
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError
from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import Record
from tpdocs.ledger.store import Ledger
from tpdocs.register.book import Book, RegisterError
from tpdocs.register.columns import ACTIONS, CONFLICTS, HINT, PROBLEMS, TODO
from tpdocs.register.compare import compared
from tpdocs.word.package import Package, compressed, zip_bytes


def test_a_changed_cell_is_a_revision_with_the_register_as_its_source(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "改过的标题")
        book[PROBLEMS].put("TP005", "受理人", "赵六")
        book[PROBLEMS].put("TP005", "受理时间", datetime(2026, 3, 16, 9, 30))
    done = sync(busy, NOW, person="张三")
    assert verdicts(done) == {"TP001": "changed", "TP005": "changed"}
    assert problem_of(busy, "TP001").report.title == "改过的标题"
    assert problem_of(busy, "TP005").get("triage.accepted_at") == "2026-03-16T09:30"
    ledger = Ledger(busy.ledger)
    with ledger.reading() as transaction:
        last = transaction.history("TP001")[-1]
    ledger.close()
    assert (last.source, last.person, [one["field"] for one in last.changes]) == ("register", "张三", ["title"])
    assert verdicts(sync(busy, NOW)) == {}


def test_a_dry_run_says_the_same_and_writes_nothing(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "改过的标题")
    before, ledger = busy.register.read_bytes(), busy.ledger.read_bytes()
    assert verdicts(sync(busy, NOW, dry_run=True)) == {"TP001": "changed"}
    assert (busy.register.read_bytes(), busy.ledger.read_bytes()) == (before, ledger)


def test_what_cannot_be_a_value_stays_in_its_cell_with_the_reason_until_it_is_mended(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "上报时间", "不知道")
        book[PROBLEMS].put("TP003", "严重程度", "很急")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP002": "invalid", "TP003": "invalid"}
    assert problem_of(busy, "TP002").get("report.reported_at") == "2026-02-24T09:35"
    sheet = shown(busy)
    assert sheet.cell("TP002", "上报时间").value == "不知道"
    assert "“上报时间”" in sheet.cell("TP002", HINT).value
    assert "“严重程度”" in sheet.cell("TP003", HINT).value
    found = [one.code for one in check_problem(problem_of(busy, "TP002"), busy.settings, NOW)]
    assert "typed_time" in found
    # Nothing new is recorded as long as nobody mends it.
    revision = done.revision
    busy.register.write_bytes(resaved(busy.register.read_bytes()))
    again = sync(busy, NOW)
    assert (verdicts(again), again.revision) == ({}, revision)
    assert shown(busy).cell("TP002", "上报时间").value == "不知道"
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "上报时间", datetime(2026, 2, 24, 10, 0))
        book[PROBLEMS].put("TP003", "严重程度", "高")
    sync(busy, NOW)
    assert problem_of(busy, "TP002").get("report.reported_at") == "2026-02-24T10:00"
    assert "上报时间" not in (shown(busy).cell("TP002", HINT).value or "")


def test_both_sides_changed_is_a_conflict_that_a_person_settles(busy):
    old = busy.register.read_bytes()
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "系统这边改的")
        book[PROBLEMS].put("TP002", "问题标题", "第二个系统这边改的")
    sync(busy, NOW)
    # Somebody saves an older copy over it, with changes of his own.
    busy.register.write_bytes(old)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "旧文件里改的")
        book[PROBLEMS].put("TP002", "问题标题", "旧文件里改的第二个")
        book[PROBLEMS].put("TP003", "受理人", "只在旧文件里改")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP001": "conflict", "TP002": "conflict", "TP003": "changed"}
    assert problem_of(busy, "TP001").report.title == "系统这边改的"
    assert problem_of(busy, "TP003").get("triage.accepted_by") == "只在旧文件里改"
    conflicts = shown(busy, CONFLICTS)
    row = conflicts.row("TP001")
    assert [conflicts.cell(row, name).value for name in ("登记表值", "系统值", "取舍")] == [
        "旧文件里改的", "系统这边改的", None
    ]  # fmt: skip
    assert shown(busy).cell("TP001", "问题标题").value == "旧文件里改的"
    with Edit(busy) as book:
        book[CONFLICTS].put("TP001", "取舍", "登记表值")
        book[CONFLICTS].put("TP002", "取舍", "系统值")
    sync(busy, NOW)
    assert problem_of(busy, "TP001").report.title == "旧文件里改的"
    assert problem_of(busy, "TP002").report.title == "第二个系统这边改的"
    sheet = shown(busy)
    assert sheet.cell("TP001", "问题标题").value == "旧文件里改的"
    assert sheet.cell("TP002", "问题标题").value == "第二个系统这边改的"
    assert shown(busy, CONFLICTS).cell(2, "编号").value is None


def conflicts_of(desk: Desk, number: str, form: str = "report") -> Mapping[str, Mapping[str, str]]:
    state = problem_of(desk, number).state(form)
    return state.conflicts if state is not None else {}


def test_two_conflicts_in_one_form_stand_both_and_go_when_they_are_settled_elsewhere(busy):
    old = busy.register.read_bytes()
    assert cli(busy, "set", "TP001", "report.title=系统标题", "report.system=系统模块").exit_code == 0
    busy.register.write_bytes(old)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "表中标题")
        book[PROBLEMS].put("TP001", "涉及系统/模块", "表中模块")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP001": "conflict"}
    assert [cell.verdict for cell in done.verdicts[0].cells] == ["conflict", "conflict"]
    assert set(conflicts_of(busy, "TP001")) == {"title", "system"}
    # Whoever sets the field anew has decided; the cell then says so, and no later save brings the old text back.
    assert cli(busy, "set", "TP001", "report.title=第三个标题").exit_code == 0
    assert shown(busy).cell("TP001", "问题标题").value == "第三个标题"
    busy.register.write_bytes(resaved(busy.register.read_bytes()))
    assert verdicts(sync(busy, NOW)) == {}
    assert problem_of(busy, "TP001").report.title == "第三个标题"
    # Another text in the cell itself stays a conflict; what is on record, typed there, settles it.
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "涉及系统/模块", "又一个模块")
    assert verdicts(sync(busy, NOW)) == {"TP001": "conflict"}
    assert conflicts_of(busy, "TP001")["system"]["theirs"] == "又一个模块"
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "涉及系统/模块", "系统模块")
    sync(busy, NOW)
    assert conflicts_of(busy, "TP001") == {}
    assert shown(busy, CONFLICTS).cell(2, "编号").value is None


def test_a_conflict_about_a_number_in_a_text_column_is_settled_once(busy):
    old = busy.register.read_bytes()
    assert cli(busy, "set", "TP001", "report.contact=13800000001").exit_code == 0
    busy.register.write_bytes(old)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "联系方式", 13800000002)
    assert verdicts(sync(busy, NOW)) == {"TP001": "conflict"}
    with Edit(busy) as book:
        book[CONFLICTS].put("TP001", "取舍", "系统值")
    sync(busy, NOW)
    assert shown(busy).cell("TP001", "联系方式").value == "13800000001"
    assert conflicts_of(busy, "TP001") == {}


def test_an_old_copy_without_changes_takes_nothing_back(busy):
    old = busy.register.read_bytes()
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "新标题")
    sync(busy, NOW)
    busy.register.write_bytes(old)
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({}, ["register_older"])
    assert problem_of(busy, "TP001").report.title == "新标题"
    assert shown(busy).cell("TP001", "问题标题").value == "新标题"


def test_an_edit_of_a_computed_cell_is_told_and_put_back(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "问题状态", "已关闭")
    done = sync(busy, NOW)
    assert codes(done) == ["computed_cell"]
    assert shown(busy).cell("TP003", "问题状态").value == "实施中"


def test_a_new_row_opens_a_problem_once_it_holds_what_a_report_needs(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        row = sheet.sheet.max_row + 1
        sheet.put(row, "问题标题", "新行登记的问题")
        sheet.put(row, "上报人", "钱七")
    done = sync(busy, NOW)
    assert codes(done) == ["row_incomplete"]
    assert "严重程度" in shown(busy).cell(10, HINT).value
    values = {
        "问题类型": "其他：机房断电", "严重程度": "高", "问题描述(现象)": "描述", "影响范围": "全部", "发生频率": "偶发",
        "问题发生时间": datetime(2026, 3, 20, 8, 0), "涉及系统/模块": "机房", "是否可复现": "否", "问题发觉人": "钱七",
        "联系方式": 13800001111, "上报时间": datetime(2026, 3, 20, 9, 0), "受理人": "赵六",
    }  # fmt: skip
    with Edit(busy) as book:
        for heading, value in values.items():
            book[PROBLEMS].put(10, heading, value)
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP009": "new"}
    problem = problem_of(busy, "TP009")
    assert (problem.report.contact, problem.get("report.type_other")) == ("13800001111", "机房断电")
    assert problem.get("triage.accepted_by") == "赵六"
    sheet = shown(busy)
    assert (sheet.cell(10, "问题编号").value, sheet.cell(10, HINT).value) == ("TP009", None)
    assert sheet.sheet.tables["tp_problems"].ref.endswith("10")


FULL_ROW = {
    "问题标题": "新行登记的问题", "上报人": "钱七", "问题类型": "系统故障", "严重程度": "高", "问题描述(现象)": "描述", "影响范围": "全部",
    "发生频率": "偶发", "问题发生时间": datetime(2026, 3, 20, 8, 0), "涉及系统/模块": "机房", "是否可复现": "否", "问题发觉人": "钱七",
    "联系方式": "13800001111", "上报时间": datetime(2026, 3, 20, 9, 0),
}  # fmt: skip


def typed_row(desk: Desk, **changes: Any) -> None:
    with Edit(desk) as book:
        sheet = book[PROBLEMS]
        row = sheet.sheet.max_row + 1
        for heading, value in {**FULL_ROW, **changes}.items():
            sheet.put(row, heading, value)


def test_a_new_row_opens_one_problem_however_often_its_register_could_not_be_written(busy):
    typed_row(busy)
    owner = busy.root / "~$register.xlsx"
    owner.write_bytes(b"\x03abc")
    for _ in range(2):
        with pytest.raises(NotWrittenError):
            sync(busy, NOW)
    # Meanwhile the person goes on typing in the same row.
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "涉及系统/模块", "二号机房")
        book[PROBLEMS].put(10, "问题标题", "新行登记的问题（补充）")
    owner.unlink()
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP009": "changed"}
    problem = problem_of(busy, "TP009")
    assert (problem.get("report.system"), problem.report.title) == ("二号机房", "新行登记的问题（补充）")
    assert numbers_in(busy.register) == [f"TP00{number}" for number in range(1, 10)]
    assert verdicts(sync(busy, NOW)) == {}


def test_a_new_row_opens_one_problem_when_tpdocs_died_before_it_wrote_the_number(busy):
    typed_row(busy)
    before = busy.register.read_bytes()
    assert verdicts(sync(busy, NOW)) == {"TP009": "new"}
    busy.register.write_bytes(before)
    assert cli(busy, "set", "TP009", "report.system=别处改的").exit_code == 0
    assert shown(busy).cell(10, "问题编号").value == "TP009"
    assert shown(busy).cell(10, "涉及系统/模块").value == "别处改的"
    assert numbers_in(busy.register)[-1] == "TP009"


def test_a_copied_row_without_its_number_opens_no_second_problem(busy):
    typed_row(busy)
    sync(busy, NOW)
    typed_row(busy)
    done = sync(busy, NOW)
    assert codes(done) == ["row_known"]
    assert "TP009" in shown(busy).cell(11, HINT).value
    with Edit(busy) as book:
        book[PROBLEMS].put(11, "问题标题", "另一个标题")
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({"TP010": "new"}, ["possible_duplicate"])


def test_what_is_said_beside_an_unfinished_row_goes_when_the_row_is_emptied(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "问题标题", "没写完")
    sync(busy, NOW)
    assert shown(busy).cell(10, HINT).value
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "问题标题", None)
    assert codes(sync(busy, NOW)) == []
    assert shown(busy).cell(10, HINT).value is None


CLOSED_BY = FIELDS["closure.closed_by"].label


def test_a_cell_that_cannot_be_taken_says_why_until_it_is_cleared(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "王五")
        book[PROBLEMS].put("TP004", "上报人", "=A1&B1")
    done = sync(busy, NOW)
    assert sorted(codes(done)) == ["no_value", "typed_close"]
    sheet = shown(busy)
    assert f"“{CLOSED_BY}”" in sheet.cell("TP003", HINT).value
    assert "“上报人”" in sheet.cell("TP004", HINT).value
    assert (sheet.cell("TP003", CLOSED_BY).value, sheet.cell("TP004", "上报人").value) == ("王五", "=A1&B1")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, None)
        book[PROBLEMS].put("TP004", "上报人", "孙八")
    assert codes(sync(busy, NOW)) == []
    sheet = shown(busy)
    assert f"“{CLOSED_BY}”" not in (sheet.cell("TP003", HINT).value or "")
    assert "“上报人”" not in (sheet.cell("TP004", HINT).value or "")


def test_a_row_that_was_removed_comes_back(busy):
    with Edit(busy) as book:
        book.book[PROBLEMS].delete_rows(book[PROBLEMS].row("TP004"))
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP004": "gone"}
    assert sorted(numbers_in(busy.register)) == [f"TP00{number}" for number in range(1, 9)]
    assert verdicts(sync(busy, NOW)) == {}


def test_rows_and_columns_may_stand_in_any_order(busy):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for number, row in enumerate(reversed(rows), 2):
            for column, value in enumerate(row, 1):
                sheet.cell(number, column).value = value
        columns = book[PROBLEMS].columns
        one, other = columns["上报人"], columns["问题标题"]
        for row in range(1, sheet.max_row + 1):
            first, second = sheet.cell(row, one).value, sheet.cell(row, other).value
            sheet.cell(row, one).value, sheet.cell(row, other).value = second, first
        book[PROBLEMS].put("TP001", "问题标题", "换了列的标题")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP001": "changed"}
    assert problem_of(busy, "TP001").report.title == "换了列的标题"
    assert numbers_in(busy.register) == [f"TP00{number}" for number in range(8, 0, -1)]


def test_a_number_that_stands_twice_or_was_never_given_is_told(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        sheet.put(sheet.sheet.max_row + 1, "问题编号", "TP001")
        sheet.put(sheet.sheet.max_row + 1, "问题编号", "TP999")
        sheet.put("TP001", "问题标题", "不会收入")
    done = sync(busy, NOW)
    assert sorted(codes(done)) == ["number_twice", "unknown_row"]
    assert problem_of(busy, "TP001").report.title != "不会收入"


def test_actions_are_done_and_moved_in_the_register(busy):
    with Edit(busy) as book:
        sheet = book[ACTIONS]
        sheet.put("TP002", "实际完成日期", datetime(2026, 3, 20))
        sheet.put("TP002", "责任人", "周八")
        row = sheet.row("2026-02")
        sheet.put(row, "计划完成日期", "下周")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP002": "changed", "2026-02": "invalid"}
    residual = problem_of(busy, "TP002").residuals[0].residual
    assert (residual.owner, str(residual.done_at)) == ("周八", "2026-03-20")
    sheet = shown(busy, ACTIONS)
    assert sheet.cell("TP002", "状态").value == "已完成"
    assert sheet.cell("2026-02", "计划完成日期").value == "下周"
    assert "计划完成日期" in sheet.cell("2026-02", HINT).value


def test_what_was_typed_beside_an_action_stays_when_the_list_is_written_anew(busy):
    with Edit(busy) as book:
        book[ACTIONS].put("2026-02", "计划完成日期", "下周")
    sync(busy, NOW)
    assert cli(busy, "set", "TP002", "report.title=别的标题").exit_code == 0
    put(busy, "more", filled_verification())
    ingest(busy, [], Options(), NOW)
    sync(busy, NOW)
    assert shown(busy, ACTIONS).cell("2026-02", "计划完成日期").value == "下周"
    assert "计划完成日期" in shown(busy, ACTIONS).cell("2026-02", HINT).value


def filled_verification() -> bytes:
    record = Record("verification", {**good("verification"), "residual": True, "residuals": [RESIDUAL]})
    return filled("F06", record, number="TP003")


def test_an_action_changed_on_both_sides_is_a_conflict_too(busy):
    old = busy.register.read_bytes()
    with Edit(busy) as book:
        book[ACTIONS].put("TP002", "责任人", "系统这边的人")
    sync(busy, NOW)
    busy.register.write_bytes(old)
    with Edit(busy) as book:
        book[ACTIONS].put("TP002", "责任人", "旧文件里的人")
        book[ACTIONS].put("TP002", "实际完成日期", datetime(2026, 3, 19))
    done = sync(busy, NOW)
    assert [(cell.path, cell.verdict) for cell in done.verdicts[0].cells] == [
        ("verification.residuals[1].owner", "conflict"), ("verification.residuals[1].done_at", "changed"),
    ]  # fmt: skip
    assert problem_of(busy, "TP002").residuals[0].residual.owner == "系统这边的人"
    conflicts = shown(busy, CONFLICTS)
    assert conflicts.cell("TP002", "字段").value == "遗留问题及后续计划 第1行 责任人"
    assert "“责任人”" in shown(busy, ACTIONS).cell("TP002", HINT).value
    assert "register_conflict" in [one.code for one in check_problem(problem_of(busy, "TP002"), busy.settings, NOW)]
    assert "旧文件里的人" in cli_plain(busy, "history", "TP002").output
    with Edit(busy) as book:
        book[CONFLICTS].put("TP002", "取舍", "登记表值")
    sync(busy, NOW)
    assert problem_of(busy, "TP002").residuals[0].residual.owner == "旧文件里的人"
    assert shown(busy, ACTIONS).cell("TP002", HINT).value is None


def test_what_people_added_stays_byte_for_byte(busy):
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        sheet.cell(1, 90).value = "我的备注"
        sheet.cell(3, 90).value = "请尽快"
        sheet.cell(3, 2).comment = Comment("问过上报人", "张三")
        mine = book.book.create_sheet("我的图")
        for number in range(1, 6):
            mine.cell(number, 1).value = number
        chart = BarChart()
        chart.add_data(Reference(mine, min_col=1, min_row=1, max_row=5))
        mine.add_chart(chart, "C3")
    before = parts_of(busy.register)
    opened_more(busy)
    done = sync(busy, NOW)
    assert done.written
    after = parts_of(busy.register)
    changed = {name for name in before if before[name] != after.get(name)}
    assert set(after) == set(before)
    ours = {"docProps/custom.xml", "xl/workbook.xml"} | {f"xl/worksheets/sheet{number}.xml" for number in range(1, 6)}
    ours |= {f"xl/tables/table{number}.xml" for number in range(1, 6)}
    assert changed <= ours, changed - ours
    sheet = shown(busy)
    assert sheet.sheet.cell(3, 90).value == "请尽快"
    assert sheet.sheet.cell(3, 2).comment.text == "问过上报人"
    assert numbers_in(busy.register)[-1] == "TP009"


def opened_more(desk: Desk) -> None:
    """One more problem, which is in no register yet."""
    put(desk, "more", report(title="另一个问题", reported_by="别人"))
    ingest(desk, [], Options(), NOW)


def test_a_note_beside_a_line_of_a_list_stays_beside_it(busy):
    with Edit(busy) as book:
        sheet = book[TODO]
        sheet.sheet.cell(1, 15).value = "我的备注"
        row = next(row for row in range(2, 30) if sheet.sheet.cell(row, 3).value == "TP005")
        sheet.sheet.cell(row, 15).value = "已经问过了"
        told = [sheet.sheet.cell(row, column).value for column in range(1, 11)]
    opened_more(busy)
    sync(busy, NOW + timedelta(days=1))
    sheet = shown(busy, TODO).sheet
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 15).value == "已经问过了")
    assert [sheet.cell(row, column).value for column in (3, 5, 6)] == [told[2], told[4], told[5]]


@pytest.mark.parametrize("name", ["~$register.xlsx", ".~lock.register.xlsx#"])
def test_a_register_that_is_open_waits_while_the_ledger_goes_on(busy, name):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "存过盘的修改")
    owner = busy.root / name
    owner.write_bytes(b"\x05Alice" + b" " * 49 if name[0] == "~" else b",alice,host,20.03.2026 17:00,file:///x;")
    before = busy.register.read_bytes()
    with pytest.raises(NotWrittenError, match=r"open \((?i:alice)\)"):
        sync(busy, NOW)
    assert busy.register.read_bytes() == before
    assert problem_of(busy, "TP001").report.title == "存过盘的修改"
    owner.unlink()
    done = sync(busy, NOW)
    assert (done.written, verdicts(done)) == (True, {})


def test_a_register_that_windows_will_not_let_go_waits_while_the_ledger_goes_on(busy, monkeypatch):
    """Excel holds it without an owner file to be seen: replacing it is a sharing violation."""
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "存过盘的修改")
    before, replace = busy.register.read_bytes(), Path.replace

    def held(self: Path, target: Path) -> Path:
        if target == busy.register:
            raise PermissionError(
                13, "The process cannot access the file because it is being used by another process", str(target)
            )
        return replace(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", held)
        told = cli(busy, "sync")
    assert told.exit_code == 1
    assert "being used by another process" in told.stderr
    assert busy.register.read_bytes() == before
    assert not list(busy.root.glob(".tpdocs-*.tmp"))
    assert problem_of(busy, "TP001").report.title == "存过盘的修改"
    opened(busy)
    done = sync(busy, NOW)
    assert (verdicts(done), done.written) == ({}, True)
    assert numbers_in(busy.register)[-1] == "TP009"


def test_the_last_three_versions_are_kept(busy):
    for number in range(5):
        with Edit(busy) as book:
            book[PROBLEMS].put("TP001", "问题标题", f"第{number}版")
        sync(busy, NOW)
    kept = sorted((busy.root / "backup").glob("register-*.xlsx"))
    assert len(kept) == 3
    newest = Sheet(openpyxl.load_workbook(kept[-1]), PROBLEMS)
    assert newest.cell("TP001", "问题标题").value == "第4版"


def wrong(desk: Desk, how: str) -> None:
    if how == "no workbook":
        desk.register.write_bytes(b"PK\x03\x04 nothing")
    elif how == "a text":
        desk.register.write_text("问题编号,问题标题\n", "utf-8")
    elif how == "encrypted":
        mark = "EncryptedPackage".encode("utf-16-le")
        desk.register.write_bytes(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(512) + mark + bytes(512))
    elif how == "cut short":
        desk.register.write_bytes(desk.register.read_bytes()[:9000])
    elif how in ("broken sheet", "half a sheet"):
        parts = parts_of(desk.register)
        whole = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = whole[: 2000 if how == "broken sheet" else whole.index(b'<row r="5"')]
        with zipfile.ZipFile(desk.register, "w") as archive:
            for name, data in parts.items():
                archive.writestr(name, data)
    elif how == "another desk":
        other = Desk(desk.root.parent / "other")
        make_demo(other.root, lambda _: None)
        shutil.copy(other.register, desk.register)
    else:
        with Edit(desk) as book:
            sheet = book.book[PROBLEMS]
            if how == "no key":
                sheet.cell(1, 1).value = "编码"
            elif how == "two keys":
                sheet.cell(1, 5).value = "问题编号"
            else:
                del sheet.tables["tp_problems"]


WRONG = [
    "no workbook",
    "a text",
    "encrypted",
    "cut short",
    "broken sheet",
    "half a sheet",
    "another desk",
    "no key",
    "two keys",
    "no table",
]


@pytest.mark.parametrize("how", WRONG)
def test_a_register_that_cannot_be_taken_in_is_one_sentence_and_stays_as_it_is(busy, how):
    wrong(busy, how)
    before = busy.register.read_bytes()
    # The ledger goes on without it.
    put(busy, "more", report(title="另一个问题", reported_by="别人"))
    taken = cli(busy, "ingest")
    assert taken.exit_code == 1
    assert "Traceback" not in taken.output
    assert problem_of(busy, "TP009").report.title == "另一个问题"
    with pytest.raises(RegisterError) as told:
        sync(busy, NOW)
    assert "tpdocs sync" in str(told.value)
    assert busy.register.read_bytes() == before
    assert told.value.exit_code == 1


def test_flipped_bits_are_never_taken_for_what_people_typed(busy):
    with Edit(busy):
        pass  # saved by another program, so every cell is read
    whole = busy.register.read_bytes()
    before = busy.ledger.read_bytes()
    package = Package(whole)
    # Bits that unpack all the same, to what somebody could have typed: only the checksum tells.
    made = [
        replace(compressed(one.name, package.read(one.name).replace(b"TP002", b"TP008")), crc=one.crc)
        for one in package.raw_parts()
    ]
    places = range(101, len(whole), len(whole) // 60)
    for data in (zip_bytes(made), *(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :] for at in places)):
        busy.register.write_bytes(data)
        try:
            done = sync(busy, NOW, dry_run=True)
        except RegisterError:
            continue
        assert verdicts(done) == {}
    assert busy.ledger.read_bytes() == before


def test_a_register_that_somebody_saves_meanwhile_is_read_again(busy, monkeypatch):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "先存的")
    titles = iter(["正在同步时存的"])

    def saved_meanwhile(path: Path, data: bytes | None) -> bool:
        if title := next(titles, ""):
            with Edit(busy) as book:
                book[PROBLEMS].put("TP002", "问题标题", title)
        return path.read_bytes() == data

    monkeypatch.setattr("tpdocs.actions.sync.lies_there", saved_meanwhile)
    done = sync(busy, NOW)
    assert done.written
    assert (problem_of(busy, "TP001").report.title, problem_of(busy, "TP002").report.title) == (
        "先存的",
        "正在同步时存的",
    )
    assert [one.command for one in batches(busy)].count("sync") == 1
    sheet = shown(busy)
    assert (sheet.cell("TP001", "问题标题").value, sheet.cell("TP002", "问题标题").value) == (
        "先存的",
        "正在同步时存的",
    )
    titles = iter(f"第{number}次存的" for number in range(10))
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "问题标题", "还要改")
    with pytest.raises(NotWrittenError, match="is being changed"):
        sync(busy, NOW)


def test_columns_that_were_renamed_or_taken_out_are_told_and_left_alone(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        sheet.put(1, "上报渠道", "渠道（新名）")
        sheet.sheet.delete_cols(sheet.columns["所属部门"])
    done = sync(busy, NOW)
    assert [(one.code, one.label) for one in done.findings] == [
        ("column_missing", "上报渠道"),
        ("column_missing", "所属部门"),
    ]
    assert verdicts(done) == {}
    assert problem_of(busy, "TP001").get("report.department")
    opened(busy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "少了列以后改的")
    assert verdicts(sync(busy, NOW)) == {"TP001": "changed"}
    assert numbers_in(busy.register)[-1] == "TP009"
    assert shown(busy).sheet.cell(1, shown(busy).columns["渠道（新名）"]).value == "渠道（新名）"


def test_the_next_day_the_figures_move_on_by_themselves(busy):
    late = shown(busy).cell("TP005", "超期天数").value
    sync(busy, NOW + timedelta(days=3))
    assert shown(busy).cell("TP005", "超期天数").value == (late or 0) + 3


def test_many_problems_are_updated_in_chunks_and_read_back(desk):
    for number in range(120):
        put(desk, f"f{number}", report(title=f"问题{number}", reported_by=f"人{number}"))
    assert ingest_told(desk).exit_code == 0
    ledger = Ledger(desk.ledger)
    with ledger.reading() as transaction:
        (first, *_), last = transaction.numbers(), transaction.faces.newest()
    ledger.close()
    assert last is not None
    assert len(last.layout["tp_problems"]["chunks"]) > 3
    with Edit(desk) as book:
        book[PROBLEMS].put("TP060", "问题标题", "改了")
    sync(desk, NOW)
    opened(desk)
    sync(desk, NOW)
    sheet = shown(desk)
    assert sheet.cell("TP060", "问题标题").value == "改了"
    assert [sheet.sheet.cell(row, 1).value for row in range(2, sheet.sheet.max_row + 1)][:2] == [first, "TP002"]


def test_rows_that_look_unlike_are_told_in_their_order(desk):
    for number in range(16):
        put(desk, f"f{number}", report(title=f"问题{number}", reported_by=f"人{number}"))
    assert ingest_told(desk).exit_code == 0
    with Edit(desk) as book:
        sheet = book[PROBLEMS]
        for row in range(3, 18, 2):
            sheet.sheet.row_dimensions[row].height = 30
        for row, told in ((8, None), (9, None), (12, "TP006"), (14, None), (15, "TP098"), (16, "TP099")):
            sheet.sheet.cell(row, 1).value = told
    book, ledger = Book(desk.register.read_bytes()), Ledger(desk.ledger)
    with ledger.reading() as transaction:
        base = WrittenRows.of_problems(transaction.faces.faces())
    ledger.close()
    found = compared(book, book.tables["tp_problems"], base, whole=False)
    assert found.twice == {"TP006": [7, 12]}
    assert list(found.unknown.items()) == [("TP098", 15), ("TP099", 16)]
    assert [number for number, _ in found.new] == [8, 9, 14]
    assert [row.number for row in found.rows.values()] == [*range(2, 7), 10, 11, 13, 17]
    assert not any(row.differences for row in found.rows.values())


@pytest.mark.office
def test_libreoffice_saves_it_and_nothing_looks_changed(busy, tmp_path):
    shutil.copy(convert(busy.register, "xlsx", tmp_path), busy.register)
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done), done.batch) == ({}, [], 0)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "改过")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP001": "changed"}
    shutil.copy(convert(busy.register, "xlsx", tmp_path), busy.register)
    assert verdicts(sync(busy, NOW)) == {}


# Withdrawing, reopening and setting.


def test_withdrawing_and_reopening_can_be_tried(busy):
    before = (busy.ledger.read_bytes(), busy.register.read_bytes())
    for arguments, told in (
        (("withdraw", "TP007", "--reason", "重复上报"), "TP007 is withdrawn."),
        (("reopen", "TP001", "--reason", "再次出现"), "TP001 is open again: round 2, status 排查中."),
    ):
        done = cli(busy, *arguments, "--dry-run")
        assert (done.exit_code, done.output.splitlines()) == (0, [told, "Dry run: nothing was written."])
    assert (busy.ledger.read_bytes(), busy.register.read_bytes()) == before


def test_a_withdrawn_problem_is_out_of_lists_and_figures_and_kept_for_good(busy):
    told = cli(busy, "withdraw", "TP007", "--reason", "重复上报", "--duplicate-of", "TP008")
    assert told.exit_code == 0, told.output
    assert problem_of(busy, "TP007").status == "已撤销"
    assert "TP007" not in cli(busy, "list").output
    assert "TP007" in cli(busy, "list", "--all").output
    assert not check_problem(problem_of(busy, "TP007"), busy.settings, NOW)
    assert shown(busy).cell("TP007", "问题状态").value == "已撤销"
    assert cli(busy, "withdraw", "TP007", "--reason", "再次").exit_code == 3
    assert cli(busy, "withdraw", "TP006", "--reason", "x", "--duplicate-of", "TP006").exit_code == 2
    # Taken back, it is where it was, in the same round.
    assert cli(busy, "reopen", "TP007", "--reason", "不是重复").exit_code == 0
    problem = problem_of(busy, "TP007")
    assert (problem.status, problem.round) == ("待受理", 1)


def test_reopening_a_closed_problem_begins_a_round_whose_clock_starts_then(busy):
    before = problem_of(busy, "TP001")
    assert before.status == "已归档"
    told = cli(busy, "reopen", "TP001", "--reason", "问题再次出现")
    assert told.exit_code == 0, told.output
    problem = problem_of(busy, "TP001")
    assert (problem.status, problem.round) == ("排查中", before.round + 1)
    assert str(problem.round_began) == "2026-03-20 17:00"
    assert cli(busy, "reopen", "TP001", "--reason", "x").exit_code == 3
    assert "reopened" in cli_plain(busy, "history", "TP001").output
    assert "reopen" in cli_plain(busy, "batches").output


def test_fields_are_set_by_path_or_label_all_or_none(busy):
    told = cli(busy, "set", "TP003", "涉及系统/模块=新系统", "report.severity=高", "--comment", "电话确认")
    assert told.exit_code == 0, told.output
    assert problem_of(busy, "TP003").get("report.system") == "新系统"
    assert shown(busy).cell("TP003", "涉及系统/模块").value == "新系统"
    told = cli(busy, "set", "TP003", "report.title=不该写入", "report.severity=很急")
    assert told.exit_code == 1
    assert problem_of(busy, "TP003").report.title != "不该写入"
    assert cli(busy, "set", "TP003", "report.workaround=").exit_code == 0
    assert problem_of(busy, "TP003").get("report.workaround") is None
    for wrong_name in ("没有这一栏=1", "report.number=TP9", "report.attachments=x", "没有等号"):
        assert cli(busy, "set", "TP003", wrong_name).exit_code == 2, wrong_name
    assert cli(busy, "set", "TP003", "closure.closed_by=张三").exit_code == 3
    batches = json.loads(cli_plain(busy, "batches", "--format", "json").output)["batches"]
    assert [(one["command"], one["comment"], one["subjects"]) for one in batches[1:2]] == [
        ("set", "电话确认", ["TP003"])
    ]
