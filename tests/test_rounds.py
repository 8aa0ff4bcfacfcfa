"""What is typed in a row counts for the round that it showed, and what could not be taken in is not forgotten."""

import json
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from tests.conftest import NOW, filled
from tests.records import good
from tests.register_tools import Edit, cli, cli_plain, codes, shown, verdicts
from tests.test_hands import rest, saved_again
from tests.test_ingest import problem_of, put, take
from tests.test_lists import listed
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import RegisterWaitsError, sync
from tpdocs.actions.undo import undo
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record
from tpdocs.register.columns import ACTIONS, CONFLICTS, DOCUMENTS, HINT, PROBLEMS

CLOSED_BY = "关闭人(受理人)"
FAILED: dict[str, Any] = {"conclusion": "不通过", "return_to": "方案制定", "resolved": False}
FIRST = {"problem": "遗留一", "plan": "计划一", "owner": "甲", "due": "2026-04-01"}
SECOND = {"problem": "遗留二", "plan": "计划二", "owner": "乙", "due": "2026-04-02"}


def came(desk: Desk, form: str, number: str, round_: int = 1, **changes: Any) -> list[str]:
    """A filled form taken in, and the register brought up to date; the codes of what was told of it."""
    properties = {"round": str(round_)} if round_ > 1 else None
    data = filled(form, Record(form, good(form, **changes)), properties=properties, number=number)
    (one,) = take(desk, put(desk, f"{form}.docx", data)).files
    return [found.code for found in one.records[0].findings]


def with_actions(desk: Desk, *rows: dict[str, Any]) -> list[str]:
    return came(desk, "verification", "TP002", residual=True, residuals=list(rows))


def row_of_action(sheet: Any, what: str, owner: str = "") -> int:
    """The row of an action that says this, and is that owner's if one is named."""
    rows = range(2, sheet.sheet.max_row + 1)
    told = ((row, sheet.cell(row, "内容").value, sheet.cell(row, "责任人").value) for row in rows)
    return next(row for row, says, whose in told if says == what and owner in {"", whose})


def typed_in_action(desk: Desk, what: str, owner: str = "", **cells: Any) -> None:
    with Edit(desk) as book:
        row = row_of_action(book[ACTIONS], what, owner)
        for heading, value in cells.items():
            book[ACTIONS].put(row, heading, value)


def said(desk: Desk, number: str, form: str, round_: int, name: str) -> Any:
    state = problem_of(desk, number).own_state(form, round_)
    return state.values.get(name) if state is not None else None


def test_what_was_typed_for_a_closed_round_stays_in_it_when_the_problem_is_reopened(busy):
    assert cli(busy, "close", "TP002", "--by", "王五").exit_code == 0
    shown_round = problem_of(busy, "TP002").round
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "用户满意度", "满意")
    told = cli(busy, "reopen", "TP002", "--reason", "再次出现")
    assert f"showed round {shown_round}, and went there; by now round {shown_round + 1} is open" in told.output
    assert said(busy, "TP002", "feedback", shown_round, "satisfaction") == "满意"
    assert said(busy, "TP002", "feedback", shown_round + 1, "satisfaction") is None
    assert shown(busy).cell("TP002", "用户满意度").value is None
    rest(busy)


def test_a_copy_of_an_earlier_round_is_held_against_that_round(busy):
    copy = busy.register.read_bytes()
    came(busy, "implementation", "TP003")
    came(busy, "verification", "TP003", **FAILED)
    sync(busy, NOW)
    assert problem_of(busy, "TP003").round == 2
    busy.register.write_bytes(copy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "实施完成时间", datetime(2026, 3, 15, 10, 0))
    done = sync(busy, NOW)
    assert (verdicts(done), "round_over" in codes(done)) == ({"TP003": "conflict"}, True)
    assert problem_of(busy, "TP003").own_state("implementation", 2) is None
    assert [shown(busy, CONFLICTS).cell(2, heading).value for heading in ("轮次", "登记表值")] == [
        1,
        "2026-03-15 10:00",
    ]
    assert shown(busy).cell("TP003", "实施完成时间").value is None


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_a_list_of_an_earlier_round_is_refused(busy, tmp_path, suffix):
    assert cli(busy, "close", "TP002", "--by", "王五").exit_code == 0
    path = tmp_path / f"all.{suffix}"
    assert cli(busy, "export", "problems", "--out", str(path)).exit_code == 0
    if suffix == "xlsx":
        book = openpyxl.load_workbook(path)
        sheet = book.worksheets[0]
        at = [cell.value for cell in sheet[1]].index("用户满意度") + 1
        sheet.cell(3, at).value = "满意"
        book.save(path)
    else:
        rows = [{"问题编号": "TP002", "轮次": str(problem_of(busy, "TP002").round), "用户满意度": "满意"}]
        path = listed(tmp_path, rows, "one.csv")
    assert cli(busy, "reopen", "TP002", "--reason", "再次出现").exit_code == 0
    told = cli(busy, "update", str(path))
    assert (told.exit_code, "by now round" in told.output) == (1, True)
    assert problem_of(busy, "TP002").state("feedback") is None


def test_what_was_not_taken_in_is_told_each_time_and_not_written_over(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "李四")
        book[PROBLEMS].put("TP003", "关闭时间", datetime(2026, 3, 18, 10, 0))
    assert codes(sync(busy, NOW)) == ["typed_close", "typed_close"]
    before = busy.register.read_bytes()
    for _ in range(2):
        assert verdicts(sync(busy, NOW)) == {"TP003": "invalid"}
        assert busy.register.read_bytes() == before  # nothing is to be written
    told = json.loads(cli(busy, "sync", "--format", "json").stdout)
    assert [row["verdict"] for row in told["rows"] if row["number"] == "TP003"] == ["invalid"]
    # Another reason beside it does not push it out, and the ledger does not write over what stands there.
    set_fields(busy, "TP003", {"report.severity": ""}, NOW)
    came(busy, "triage", "TP003", accepted_at="2026-03-02T10:00")
    sync(busy, NOW)
    sheet = shown(busy)
    assert sheet.cell("TP003", CLOSED_BY).value == "李四"
    assert CLOSED_BY in sheet.cell("TP003", HINT).value
    with Edit(busy) as book:
        for heading in (CLOSED_BY, "关闭时间"):
            book[PROBLEMS].put("TP003", heading, None)
    assert codes(sync(busy, NOW)) == []
    assert CLOSED_BY not in (shown(busy).cell("TP003", HINT).value or "")
    rest(busy)


def test_half_a_row_is_told_until_it_is_whole_or_gone(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "问题标题", "只有标题")
    for _ in range(3):
        done = sync(busy, NOW)
        assert codes(done) == ["row_incomplete"]
    rows = json.loads(cli(busy, "sync", "--format", "json").stdout)["rows"]
    assert [(one["row"], one["verdict"]) for one in rows if one["number"] is None] == [(10, "invalid")]
    assert "invalid  row 10" in cli(busy, "sync").output
    put(busy, "new.docx", filled("report", Record("report", good("report", title="另一件事"))))
    taken = cli(busy, "ingest", "--format", "json")
    register = json.loads(taken.stdout)["register"]
    assert (taken.exit_code, [row["verdict"] for row in register["rows"]]) == (1, ["invalid"])
    with Edit(busy) as book:
        book[PROBLEMS].put(10, "问题标题", None)
    assert codes(sync(busy, NOW)) == []
    rest(busy)


def test_what_was_typed_for_one_action_stands_when_a_form_changes_another(busy):
    with_actions(busy, FIRST, SECOND)
    sync(busy, NOW)
    typed_in_action(busy, "遗留一", 实际完成日期="三月十八号前后", 责任人="登记表的人")
    with_actions(busy, {**FIRST, "owner": "表单的人"}, SECOND)
    (row_told,) = [one for one in sync(busy, NOW).verdicts if one.number == "TP002"]
    assert sorted(one.verdict for one in row_told.cells) == ["conflict", "invalid"]
    # Another row changes, and one comes before it.
    new = {"problem": "遗留零", "plan": "计划零", "owner": "丙", "due": "2026-04-03"}
    with_actions(busy, new, {**FIRST, "owner": "表单的人"}, {**SECOND, "plan": "改了"})
    sync(busy, NOW)
    sheet = shown(busy, ACTIONS)
    row = row_of_action(sheet, "遗留一")
    assert [sheet.cell(row, one).value for one in ("实际完成日期", "责任人")] == ["三月十八号前后", "登记表的人"]
    state = problem_of(busy, "TP002").own_state("verification", 1)
    assert state is not None
    assert (list(state.typed), list(state.conflicts)) == (["residuals[2].done_at"], ["residuals[2].owner"])
    # A form that answers it anew goes first, and says so.
    told = with_actions(busy, new, {**FIRST, "owner": "丁", "done_at": "2026-03-18"}, SECOND)
    assert told.count("answer_displaced") == 2
    sync(busy, NOW)
    typed_in_action(busy, "遗留一", 责任人="登记表的人")  # again, as is advised
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    assert shown(busy, ACTIONS).cell(row, "责任人").value == "登记表的人"
    rest(busy)


def test_a_form_that_says_what_the_register_said_displaces_nothing(busy):
    with_actions(busy, FIRST, SECOND)
    sync(busy, NOW)
    typed_in_action(busy, "遗留一", 责任人="登记表的人")
    with_actions(busy, {**FIRST, "owner": "表单的人"}, SECOND)
    sync(busy, NOW)
    assert "answer_displaced" not in with_actions(busy, {**FIRST, "owner": "登记表的人"}, SECOND)
    sync(busy, NOW)
    rest(busy)


def test_undo_names_every_change_that_stands_against_it_and_none_that_was_taken_back(busy):
    for title in ("甲", "乙"):
        set_fields(busy, "TP003", {"report.title": title}, NOW)
    first, second = (one.id for one in batches(busy)[-2:])
    undo(busy, second, NOW)
    set_fields(busy, "TP003", {"report.title": "丙"}, NOW)
    third = batches(busy)[-1].id
    told = cli(busy, "undo", str(first)).output
    assert f"(batch {third}, set" in told
    assert f"(batch {second}, set" not in told


def test_what_a_withdrawn_problem_repeats_is_shown(busy, tmp_path):
    assert cli(busy, "withdraw", "TP008", "--reason", "重复", "--duplicate-of", "TP007").exit_code == 0
    assert "withdrawn, repeats TP007" in cli(busy, "show", "TP008").output
    assert "withdrawn, repeats TP007" in cli_plain(busy, "history", "TP008").output
    told = json.loads(cli(busy, "show", "TP008", "--format", "json").stdout)["withdrawn"]
    assert (told["reason"], told["duplicate_of"]) == ("重复", "TP007")
    assert json.loads(cli(busy, "show", "TP007", "--format", "json").stdout)["withdrawn"] is None
    path = tmp_path / "h.jsonl"
    assert cli(busy, "export", "history", "--out", str(path)).exit_code == 0
    assert "withdrawn TP007" in path.read_text("utf-8")


def test_reviews_that_are_not_due_any_more_are_not_missing(busy):
    later = datetime(2026, 6, 20, 18, 0)
    sync(busy, later)
    settings = busy.root / "tpdocs.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace('every = "month"', 'every = "never"'), "utf-8")
    assert settings.read_text("utf-8") != text
    sync(busy, later)
    saved_again(busy)
    assert codes(sync(busy, later)) == []


def test_an_edited_link_is_told_once(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "F01文件", "我的")
    assert codes(sync(busy, NOW)) == ["computed_cell"]


def test_a_field_is_set_once(busy):
    for other in ("report.title=b", "问题标题=b"):
        told = cli(busy, "set", "TP003", "report.title=a", other)
        assert (told.exit_code, "given twice" in told.output) == (2, True)


def contact_in_conflict(desk: Desk) -> None:
    with Edit(desk) as book:
        book[PROBLEMS].put("TP003", "联系方式", "登记表甲")
    set_fields(desk, "TP003", {"report.contact": "系统乙"}, NOW)
    assert verdicts(sync(desk, NOW)) == {"TP003": "conflict"}


def chosen(desk: Desk, choice: str, row: int = 2) -> None:
    with Edit(desk) as book:
        book[CONFLICTS].put(row, "取舍", choice)


@pytest.mark.parametrize("choice", ["登记表值", "系统值"])
def test_a_choice_counts_for_the_values_that_were_seen(busy, choice):
    contact_in_conflict(busy)
    chosen(busy, choice)
    report = problem_of(busy, "TP003").state("report")
    assert report is not None
    data = filled("F01", Record("report", {**report.values, "contact": "表单丙"}), number="TP003")
    take(busy, put(busy, "f01.docx", data))
    assert "choice_outdated" in codes(sync(busy, NOW))
    assert problem_of(busy, "TP003").report.contact == "系统乙"
    assert [shown(busy, CONFLICTS).cell(2, heading).value for heading in ("登记表值", "系统值")] == ["表单丙", "系统乙"]
    rest(busy)


def test_a_choice_on_what_is_settled_by_then_is_told(busy):
    contact_in_conflict(busy)
    chosen(busy, "登记表值")
    told = cli(busy, "set", "TP003", "report.contact=系统丙")
    assert (told.exit_code, "are not in conflict now" in told.output) == (1, True)
    assert problem_of(busy, "TP003").report.contact == "系统丙"
    rest(busy)


def test_a_choice_made_while_the_register_waits_is_taken_once_and_a_second_one_told(busy):
    contact_in_conflict(busy)
    owner = busy.register.with_name(f"~${busy.register.name}")
    owner.write_bytes(b"\x05Alice".ljust(165))
    chosen(busy, "登记表值")
    assert "changed  TP003" in cli(busy, "sync").output
    assert "TP003" not in cli(busy, "sync").output
    assert problem_of(busy, "TP003").report.contact == "登记表甲"
    chosen(busy, "系统值")
    assert "are not in conflict now" in cli(busy, "sync").output
    owner.unlink()
    sync(busy, NOW)
    assert problem_of(busy, "TP003").report.contact == "登记表甲"
    rest(busy)


ALIKE = [{"problem": "补充测试", "plan": "计划", "owner": one, "due": "2026-04-01"} for one in ("张三", "李四")]


@pytest.mark.parametrize(
    ("typed", "later", "done"),
    [
        ("李四", [ALIKE[0]], {}),
        ("张三", [ALIKE[1]], {}),
        ("李四", ALIKE[::-1], {"李四": "2026-03-19"}),
        ("李四", ALIKE, {"李四": "2026-03-19"}),
        ("李四", [{**ALIKE[0], "plan": "改了"}, ALIKE[1]], {"李四": "2026-03-19"}),
        ("李四", [ALIKE[0], {**ALIKE[1], "plan": "改了"}], {"李四": "2026-03-19"}),
    ],
)
def test_of_two_actions_that_say_the_same_each_keeps_its_own(busy, typed, later, done):
    with_actions(busy, *ALIKE)
    sync(busy, NOW)
    typed_in_action(busy, "补充测试", typed, 实际完成日期=datetime(2026, 3, 19))
    with_actions(busy, *later)
    told = codes(sync(busy, NOW))
    state = problem_of(busy, "TP002").own_state("verification", 1)
    assert state is not None
    assert {one["owner"]: one["done_at"] for one in state.values["residuals"] if one.get("done_at")} == done
    assert ("action_gone" in told) == (not done)
    rest(busy)


def second_round(desk: Desk) -> bytes:
    """TP003 in its second round, all of it but the closing; returns the register of the first."""
    came(desk, "implementation", "TP003")
    sync(desk, NOW)
    copy = desk.register.read_bytes()
    came(desk, "verification", "TP003", **FAILED)
    for form in ("solution", "implementation", "verification"):
        came(desk, form, "TP003", 2)
    sync(desk, NOW)
    assert (problem_of(desk, "TP003").round, problem_of(desk, "TP003").status) == (2, "待关闭")
    return copy


def test_a_round_that_is_over_is_not_closed(busy):
    busy.register.write_bytes(second_round(busy))
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "李四")
    done = sync(busy, NOW)
    assert ("typed_close" in codes(done), verdicts(done)) == (True, {"TP003": "invalid"})
    assert "round 1 is over" in done.findings[-1].message()
    assert problem_of(busy, "TP003").status == "待关闭"
    assert shown(busy).cell("TP003", CLOSED_BY).value is None
    rest(busy)


def test_a_closing_that_was_refused_does_not_close_by_itself_later(busy):
    came(busy, "implementation", "TP003")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "李四")
    assert codes(sync(busy, NOW)) == ["typed_close"]
    came(busy, "verification", "TP003")
    for _ in range(2):
        done = sync(busy, NOW)
        assert "it was typed before that could be" in done.findings[0].message()
        saved_again(busy)
    assert cli(busy, "close", "TP003", "--by", "王五").exit_code == 1
    assert [shown(busy, CONFLICTS).cell(2, heading).value for heading in ("登记表值", "系统值")] == ["李四", "王五"]
    assert problem_of(busy, "TP003").status == "已关闭"


def test_typed_anew_it_closes(busy):
    came(busy, "implementation", "TP003")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "李四")
    sync(busy, NOW)
    came(busy, "verification", "TP003")
    sync(busy, NOW)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "关闭时间", datetime(2026, 3, 20, 16, 0))
    assert verdicts(sync(busy, NOW)) == {"TP003": "changed"}
    assert problem_of(busy, "TP003").status == "已关闭"
    rest(busy)


def test_the_choice_for_one_round_is_none_for_another(busy):
    copy = busy.register.read_bytes()
    came(busy, "implementation", "TP003", owner="系统乙")
    came(busy, "verification", "TP003", **FAILED)
    sync(busy, NOW)
    busy.register.write_bytes(copy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "实施责任人", "登记表甲")
    sync(busy, NOW)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "实施责任人", "登记表甲")
    chosen(busy, "系统值")
    sync(busy, NOW)
    assert [said(busy, "TP003", "implementation", number, "owner") for number in (1, 2)] == ["系统乙", "登记表甲"]
    rest(busy)


def test_what_was_typed_for_a_round_that_is_taken_back_is_told(busy):
    came(busy, "implementation", "TP003", finished_at=None)
    came(busy, "verification", "TP003", **FAILED)
    sync(busy, NOW)
    number = batches(busy)[-1].id
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "实施完成时间", datetime(2026, 3, 20, 9, 0))
        book[PROBLEMS].put("TP003", "联系方式", "139")
    told = cli(busy, "undo", str(number)).output
    assert "“联系方式” of TP003" not in told
    assert "showed round 2, which is off the record; it went to round 1" in told
    assert said(busy, "TP003", "implementation", 1, "finished_at") == "2026-03-20T09:00"


def test_a_text_that_is_no_value_is_told_when_its_row_shows_the_next_round(busy):
    came(busy, "implementation", "TP003")
    sync(busy, NOW)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "实施完成时间", "三月十八号晚上")
        book[PROBLEMS].put("TP003", "实施责任人", "#REF!")
    sync(busy, NOW)
    came(busy, "verification", "TP003", **FAILED)
    done = sync(busy, NOW)
    assert {one.parts["value"] for one in done.findings if one.code == "round_left"} == {"三月十八号晚上", "#REF!"}
    sheet = shown(busy)
    assert [sheet.cell("TP003", heading).value for heading in ("实施完成时间", "实施责任人")] == [None, None]
    rest(busy)


def test_what_somebody_writes_into_our_hint_of_a_row_that_is_left_alone_stays(busy):
    with Edit(busy) as book:
        sheet = book[PROBLEMS]
        for row, number, text in ((10, "TP002", "留这行"), (11, "合计", "=COUNTA(A2:A9)")):
            sheet.put(row, "问题编号", number)
            sheet.put(row, "问题标题", "抄来的")
            sheet.put(row, HINT, text)
    assert sorted(codes(sync(busy, NOW))) == ["number_twice", "unknown_row"]
    assert [shown(busy).cell(row, HINT).value for row in (10, 11)] == ["留这行", "=COUNTA(A2:A9)"]


def test_nothing_is_written_for_what_is_only_told_again(busy):
    name = "排查报告_xiugai.docx"
    put(busy, name, filled("F01", Record("report", good("report", title="又一个"))))
    cli(busy, "ingest")
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "严重程度", "#N/A")
        sheet = book.book[DOCUMENTS]
        sheet.cell(sheet.max_row + 1, 1).value = "我的一行"
    sync(busy, NOW)
    before = busy.register.read_bytes()
    for _ in range(2):
        assert "no_value" in codes(sync(busy, NOW))
        assert busy.register.read_bytes() == before


@pytest.mark.parametrize("suffix", [".xls", ".ods", ".et"])
def test_a_register_that_was_saved_as_another_kind_is_told(busy, suffix):
    busy.register.replace(busy.register.with_suffix(suffix))
    done = sync(busy, NOW)
    assert codes(done) == ["register_kind"]
    assert f"register{suffix}" in done.findings[0].message()
    assert cli(busy, "sync").exit_code == 1


def test_a_second_register_that_nobody_reads_is_told(busy):
    other = busy.root / "register.xlsm"
    other.write_bytes(busy.register.read_bytes())
    assert codes(sync(busy, NOW)) == ["register_two"]
    told = cli(busy, "set", "TP001", "report.title=新")
    assert (told.exit_code, "register.xlsm lies beside register.xlsx" in told.output) == (1, True)
    busy.register.unlink()
    assert codes(sync(busy, NOW)) == ["register_older"]


ZERO = {"problem": "遗留零", "plan": "计划零", "owner": "丙", "due": "2026-04-03"}


@pytest.mark.parametrize(
    ("heading", "typed", "first"),
    [
        ("计划完成日期", "四月中", FIRST),
        ("实际完成日期", "三月底", FIRST),
        ("责任人", "表里的人", {**FIRST, "owner": "表单的人"}),
    ],
)
def test_what_was_refused_for_an_action_stays_with_it_when_a_form_puts_another_before_it(busy, heading, typed, first):
    with_actions(busy, FIRST, SECOND)
    sync(busy, NOW)
    typed_in_action(busy, "遗留一", **{heading: typed})
    with_actions(busy, ZERO, first, SECOND)
    assert verdicts(sync(busy, NOW)) in ({"TP002": "invalid"}, {"TP002": "conflict"})
    sheet = shown(busy, ACTIONS)
    assert sheet.cell(row_of_action(sheet, "遗留一"), heading).value == typed
    for what, row in (("遗留零", ZERO), ("遗留二", SECOND)):
        at = row_of_action(sheet, what)
        assert (sheet.cell(at, "责任人").value, sheet.cell(at, "实际完成日期").value) == (row["owner"], None)
    rest(busy)
    state = problem_of(busy, "TP002").own_state("verification", 1)
    assert state is not None
    assert [row["owner"] for row in state.values["residuals"]] == ["丙", first["owner"], "乙"]


def test_an_error_is_nobody_s_name(busy):
    with_actions(busy, FIRST, SECOND)
    sync(busy, NOW)
    typed_in_action(busy, "遗留一", 责任人="#N/A")
    for _ in range(2):
        done = sync(busy, NOW)
        assert (verdicts(done), codes(done)) == ({"TP002": "invalid"}, ["no_value"])
    set_fields(busy, "TP001", {"report.title": "别处改的"}, NOW)
    with_actions(busy, FIRST, {**SECOND, "owner": "丁"})
    sheet = shown(busy, ACTIONS)
    assert sheet.cell(row_of_action(sheet, "遗留一"), "责任人").value == "#N/A"
    assert said(busy, "TP002", "verification", 1, "residuals")[0]["owner"] == "甲"
    typed_in_action(busy, "遗留一", 责任人="甲")
    assert verdicts(sync(busy, NOW)) == {}
    rest(busy)


def test_a_choice_is_about_the_action_it_was_made_for(busy):
    with_actions(busy, FIRST, SECOND)
    sync(busy, NOW)
    for what in ("遗留一", "遗留二"):
        typed_in_action(busy, what, 责任人="表里的人")
    with_actions(busy, {**FIRST, "owner": "表单的人"}, {**SECOND, "owner": "表单的人"})
    assert verdicts(sync(busy, NOW)) in ({"TP002": "conflict"}, {})
    chosen(busy, "登记表值", 3)
    with_actions(busy, ZERO, {**FIRST, "owner": "表单的人"}, {**SECOND, "owner": "表单的人"})
    sync(busy, NOW)
    owners = [row["owner"] for row in said(busy, "TP002", "verification", 1, "residuals")]
    assert owners == ["丙", "表单的人", "表里的人"]


@pytest.mark.parametrize("open_again", [True, False])
def test_a_closing_that_was_refused_in_an_open_register_closes_nothing_later(busy, open_again):
    came(busy, "implementation", "TP003")
    owner = busy.root / "~$register.xlsx"
    owner.write_bytes(b"\x05Zhang" + bytes(160))
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "李四")
    with pytest.raises(RegisterWaitsError):
        sync(busy, NOW)
    if not open_again:
        owner.unlink()
    came(busy, "verification", "TP003")
    owner.unlink(missing_ok=True)
    done = sync(busy, NOW)
    assert "it was typed before that could be" in done.findings[0].message()
    assert problem_of(busy, "TP003").status != "已关闭"


@pytest.mark.parametrize("away", ["twice", "mistyped", "renamed", "older"])
def test_a_closing_that_was_refused_closes_nothing_after_it_could_not_be_read(busy, away):
    came(busy, "implementation", "TP003")
    copy = busy.register.read_bytes()
    owner = busy.root / "~$register.xlsx"
    if away == "older":
        assert cli(busy, "set", "TP001", "report.title=别处改的").exit_code == 0
        busy.register.write_bytes(copy)
        owner.write_bytes(b"\x05Zhang" + bytes(160))
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", CLOSED_BY, "李四")
        row, heading = book[PROBLEMS].row("TP003"), book[PROBLEMS].columns[CLOSED_BY]
    cli(busy, "sync")
    changes = {
        "twice": (10, 1, "TP003", None),
        "mistyped": (row, 1, "TP0O3", "TP003"),
        "renamed": (1, heading, "我的", CLOSED_BY),
    }
    for at in (2, 3) if away in changes else ():
        with Edit(busy) as book:
            where = changes[away]
            book[PROBLEMS].sheet.cell(where[0], where[1]).value = where[at]
            if at == 3 and away == "mistyped":  # the row that came back for it
                book[PROBLEMS].sheet.delete_rows(10)
        cli(busy, "sync")
        if at == 2:
            came(busy, "verification", "TP003")
    if away == "older":
        came(busy, "verification", "TP003")
        owner.unlink()
    cli(busy, "sync")
    assert problem_of(busy, "TP003").status != "已关闭"


def test_a_review_has_a_history_too(busy):
    told = cli_plain(busy, "history", "2026-02")
    assert (told.exit_code, "复盘" in told.output) == (0, True), told.output
    assert json.loads(cli_plain(busy, "history", "2026-02", "--format", "json").stdout)["number"] == "2026-02"
    assert cli_plain(busy, "history", "2025-01").exit_code == 3
