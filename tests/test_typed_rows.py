"""Rows that people typed into the register, in copies and while it is open: whose problem each is, and what of it counts."""

from datetime import datetime

import pytest

from tests.conftest import NOW
from tests.register_tools import Edit, cli, codes, shown, verdicts
from tests.test_hands import rest
from tests.test_ingest import problem_of
from tests.test_settling import conflicts, held_open
from tests.test_sync import FULL_ROW, typed_row
from tpdocs.actions.setting import set_fields
from tpdocs.actions.sync import RegisterWaitsError, sync
from tpdocs.desk.folder import Desk
from tpdocs.register.columns import ACTIONS, HINT, PROBLEMS

OTHERS = (
    {"问题标题": "乙问题网络断"},
    {"问题发生时间": datetime(2026, 3, 19, 8, 0)},
    {"上报人": "别人"},
)


def waited(desk: Desk) -> dict[str, str]:
    """A sync while somebody has the register open."""
    with pytest.raises(RegisterWaitsError) as told:
        sync(desk, NOW)
    return verdicts(told.value.synced)


@pytest.mark.parametrize("other", OTHERS)
def test_another_problem_typed_in_an_older_copy_is_another_problem(busy, other):
    copy = busy.register.read_bytes()
    typed_row(busy)
    sync(busy, NOW)
    busy.register.write_bytes(copy)
    typed_row(busy, **other)
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP010": "new"}
    assert "possible_duplicate" in codes(done)
    first, second = problem_of(busy, "TP009").report, problem_of(busy, "TP010").report
    assert (first.title, first.reported_by) == (FULL_ROW["问题标题"], FULL_ROW["上报人"])
    assert (second.title, second.reported_by) == tuple({**FULL_ROW, **other}[name] for name in ("问题标题", "上报人"))
    rest(busy)


def test_the_same_problem_typed_in_two_copies_is_one_and_what_they_say_otherwise_is_a_conflict(busy):
    copy = busy.register.read_bytes()
    typed_row(busy, 受理人="受理的人")
    sync(busy, NOW)
    busy.register.write_bytes(copy)
    typed_row(busy, 影响范围="三楼")
    assert verdicts(sync(busy, NOW)) == {"TP009": "conflict"}
    assert conflicts(busy) == [("三楼", "全部")]
    assert problem_of(busy, "TP009").get("triage.accepted_by") == "受理的人"
    assert shown(busy).cell("TP009", "受理人").value == "受理的人"


def test_a_row_put_above_one_that_waits_for_its_number_does_not_get_it(busy):
    typed_row(busy)
    owner = held_open(busy)
    assert waited(busy) == {"TP009": "new"}
    with Edit(busy) as book:
        for heading, value in {**FULL_ROW, "问题标题": "乙问题网络断"}.items():
            book[PROBLEMS].put(11, heading, FULL_ROW[heading])
            book[PROBLEMS].put(10, heading, value)
    owner.unlink()
    assert verdicts(sync(busy, NOW)) == {"TP010": "new"}
    assert [shown(busy).cell(row, "问题编号").value for row in (10, 11)] == ["TP010", "TP009"]
    assert problem_of(busy, "TP009").report.title == FULL_ROW["问题标题"]
    rest(busy)


def test_a_row_that_waits_for_its_number_is_corrected_as_often_as_one_likes(busy):
    typed_row(busy)
    owner = held_open(busy)
    assert waited(busy) == {"TP009": "new"}
    for title, system in (("第二个标题", "二号机房"), ("第三个标题", "三号机房")):
        with Edit(busy) as book:
            book[PROBLEMS].put(10, "问题标题", title)
            book[PROBLEMS].put(10, "涉及系统/模块", system)
        assert waited(busy) == {"TP009": "changed"}
        assert waited(busy) == {}
        assert problem_of(busy, "TP009").report.title == title
    # What is set back to what it said first cannot be told from an older copy.
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "问题标题", FULL_ROW["问题标题"])
    owner.unlink()
    assert verdicts(sync(busy, NOW)) == {"TP009": "conflict"}
    assert conflicts(busy) == [(FULL_ROW["问题标题"], "第三个标题")]
    assert problem_of(busy, "TP009").get("report.system") == "三号机房"


def test_an_error_in_a_new_row_is_no_value(busy):
    typed_row(busy, 上报人="#N/A", 受理人="#REF!")
    done = sync(busy, NOW)
    assert codes(done) == ["row_incomplete"]
    assert "上报人" in done.findings[0].message("zh")
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "上报人", "钱七")
    for _ in range(2):
        done = sync(busy, NOW)
        assert codes(done) == ["no_value"]
        assert verdicts(done) == {"TP009": "invalid"}
    assert problem_of(busy, "TP009").get("triage.accepted_by") is None
    assert shown(busy).cell("TP009", "受理人").value == "#REF!"


def test_a_text_that_is_no_value_in_a_new_row_is_told(busy):
    typed_row(busy, 受理时间="某日")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP009": "invalid"}
    assert done.needs_a_person
    assert [(one.label, one.new, one.verdict) for one in done.verdicts[0].cells] == [("受理时间", "某日", "invalid")]
    assert shown(busy).cell("TP009", "受理时间").value == "某日"
    assert "受理时间" in shown(busy).cell("TP009", HINT).value
    rest(busy)


def test_what_was_refused_while_the_register_is_open_is_corrected_there(busy):
    at = shown(busy).cell("TP003", "上报时间").value
    owner = held_open(busy)
    typed = {"三月某日": "invalid", at: "", "又某日": "invalid", datetime(2026, 3, 1, 9, 30): "changed"}
    for value, expected in typed.items():
        with Edit(busy) as book:
            book[PROBLEMS].put("TP003", "上报时间", value)
        assert waited(busy) == ({"TP003": expected} if expected else {})
        assert waited(busy) == {}
    owner.unlink()
    assert verdicts(sync(busy, NOW)) == {}
    assert shown(busy).cell("TP003", "上报时间").value == datetime(2026, 3, 1, 9, 30)
    rest(busy)


@pytest.mark.parametrize("last", ["again", "back", "agreed"])
def test_a_conflict_in_an_open_register_follows_what_is_typed_there(busy, last):
    title = problem_of(busy, "TP001").report.title
    owner = held_open(busy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "表里的标题")
    set_fields(busy, "TP001", {"report.title": "系统里的标题"}, NOW)
    assert waited(busy) == {"TP001": "conflict"}
    typed = {"again": "表里又一个", "back": title, "agreed": "系统里的标题"}[last]
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", typed)
    owner.unlink()
    assert verdicts(sync(busy, NOW)) == ({} if last == "agreed" else {"TP001": "conflict"})
    assert conflicts(busy) == ([] if last == "agreed" else [(typed, "系统里的标题")])
    assert problem_of(busy, "TP001").report.title == "系统里的标题"
    rest(busy)


@pytest.mark.parametrize(
    ("name", "key", "heading"), [(PROBLEMS, "TP001", "受理人"), (ACTIONS, "TP002", "实际完成日期")]
)
def test_a_formula_that_nobody_calculated_is_told_in_an_empty_cell_too(busy, name, key, heading):
    with Edit(busy) as book:
        book[name].put(key, heading, None)
    sync(busy, NOW)
    with Edit(busy) as book:
        book[name].put(key, heading, "=TODAY()")
    for _ in range(2):
        done = sync(busy, NOW)
        assert (verdicts(done), codes(done)) == ({key: "invalid"}, ["no_value"])
    # Something else in its row changes: it is not written over.
    set_fields(busy, key, {"report.title": "别的标题"}, NOW)
    sync(busy, NOW)
    assert shown(busy, name).cell(key, heading).value == "=TODAY()"


def test_a_row_put_above_a_corrected_one_does_not_get_its_number(busy):
    typed_row(busy)
    owner = held_open(busy)
    assert waited(busy) == {"TP009": "new"}
    with Edit(busy) as book:
        for heading, value in {**FULL_ROW, "问题标题": "乙问题网络断", "问题描述(现象)": "网络断了"}.items():
            book[PROBLEMS].put(11, heading, FULL_ROW[heading])
            book[PROBLEMS].put(10, heading, value)
        book[PROBLEMS].put(11, "问题标题", "改过的标题")
    owner.unlink()
    assert verdicts(sync(busy, NOW)) == {"TP009": "changed", "TP010": "new"}
    assert [problem_of(busy, number).report.title for number in ("TP009", "TP010")] == ["改过的标题", "乙问题网络断"]


def test_two_rows_of_one_meeting_are_corrected_while_the_register_is_open(busy):
    about = [
        {"问题描述(现象)": f"描述{name}", "影响范围": f"影响{name}", "涉及系统/模块": f"系统{name}"} for name in "甲乙"
    ]
    for name, more in zip("甲乙", about, strict=True):
        typed_row(busy, 问题标题=f"标题{name}", **more)
    owner = held_open(busy)
    assert waited(busy) == {"TP009": "new", "TP010": "new"}
    with Edit(busy) as book:
        for row, name in ((10, "甲"), (11, "乙")):
            book[PROBLEMS].put(row, "问题标题", f"改过的{name}")
            book[PROBLEMS].put(row, "上报人", "改过的人")
    owner.unlink()
    assert verdicts(sync(busy, NOW)) == {"TP009": "changed", "TP010": "changed"}
    assert [problem_of(busy, number).report.title for number in ("TP009", "TP010")] == ["改过的甲", "改过的乙"]


def test_a_row_with_nothing_but_errors_is_told(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "问题标题", "#N/A")
        book[PROBLEMS].put(10, "上报人", "#REF!")
    for _ in range(2):
        assert codes(sync(busy, NOW)) == ["row_incomplete"]
    assert shown(busy).cell(10, "问题标题").value == "#N/A"


def test_a_new_row_that_is_closed_already_says_why_it_is_not(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        cells = {heading: sheet.cell("TP001", heading).value for heading in sheet.columns}
        for heading, value in cells.items():
            if heading not in {"问题编号", HINT} and not str(value).startswith("="):
                sheet.put(10, heading, value)
        sheet.put(10, "问题标题", "旧问题补录")
        sheet.put(10, "上报人", "别人")
    done = sync(busy, NOW)
    (told,) = [one for one in done.findings if one.code == "typed_close" and one.label == "关闭时间"]
    assert not told.message().endswith(": ")
    assert problem_of(busy, "TP009").status != "已关闭"


def test_a_new_row_tells_what_is_empty_from_what_is_no_value(busy):
    typed_row(busy, 问题类型="系统坏了", 问题发生时间="昨天下午", 影响范围=None)
    done = sync(busy, NOW)
    assert codes(done) == ["row_incomplete", "row_choice", "row_time"]
    assert done.findings[0].parts["labels"] == "影响范围"
    assert [(cell.label, cell.new, cell.verdict) for cell in done.verdicts[0].cells] == [
        ("问题类型", "系统坏了", "invalid"),
        ("问题发生时间", "昨天下午", "invalid"),
    ]
    hint = shown(busy).cell(10, HINT).value
    assert all(words in hint for words in ("影响范围", "“系统坏了”", "“昨天下午”"))
    with Edit(busy) as book:
        for heading in ("问题类型", "问题发生时间", "影响范围"):
            book[PROBLEMS].put(10, heading, FULL_ROW[heading])
    assert verdicts(sync(busy, NOW)) == {"TP009": "new"}
    rest(busy)


def test_what_is_told_names_the_action_the_sheet_and_what_was_put_back(busy):
    with Edit(busy) as book:
        book[ACTIONS].put("TP002", "责任人", "新的人")
        book[PROBLEMS].put("TP002", "责任人", "写在这里")
        book[PROBLEMS].put("TP003", "严重程度", "很急")
    told = cli(busy, "sync").output
    assert "changed  遗留问题及后续计划 第1行 责任人" in told
    assert "put back  责任人" in told
    assert "“责任人” of TP002 on the sheet “问题登记表” is computed" in told
    assert "“严重程度” in the register says “很急”" in told


def test_a_row_that_was_copied_is_told_once_for_all_its_computed_cells(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        new = sheet.sheet.max_row + 1
        for column in range(2, sheet.sheet.max_column + 1):
            sheet.sheet.cell(new, column).value = sheet.sheet.cell(sheet.row("TP007"), column).value
        sheet.put(new, "问题标题", "照着另一个写的")
    done = sync(busy, NOW)
    assert verdicts(done) == {"TP009": "new"}
    (told,) = [one for one in done.findings if one.code in ("computed_row", "computed_cell")]
    assert (told.code, told.severity) == ("computed_row", "warning")
    for words in ("问题状态“", "当前阶段“", "轮次“1”"):
        assert words in told.message()
    assert shown(busy).cell("TP009", "问题状态").value == problem_of(busy, "TP009").status
    rest(busy)
