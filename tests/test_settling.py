"""Conflicts settled, actions that moved, older copies and registers that were open: what somebody meant is what is on record, or it is told."""

import json
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, filled
from tests.register_tools import Edit, cli, cli_plain, codes, shown, verdicts
from tests.test_doctor import damage
from tests.test_hands import rest
from tests.test_ingest import problem_of, put, take
from tests.test_lists import listed, told
from tests.test_lists import take as update_with
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import RegisterWaitsError, sync
from tpdocs.actions.undo import undo
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError
from tpdocs.forms.values import Record
from tpdocs.register.columns import ACTIONS, CONFLICTS, HINT, PROBLEMS

THEIRS, OURS = "登记表值", "系统值"


def action(problem: str, owner: str, due: str) -> dict[str, Any]:
    return {"problem": problem, "plan": "做", "owner": owner, "due": due, "done_at": None}


def verified(desk: Desk, *actions: dict[str, Any]) -> None:
    """A verification of TP002 with these actions comes in, filled by hand."""
    state = problem_of(desk, "TP002").state("verification")
    assert state is not None
    record = Record("verification", {**state.values, "residual": True, "residuals": list(actions)})
    path = put(
        desk,
        f"f06-{len(list((desk.root / 'archive').rglob('*.docx')))}",
        filled("F06", record, number="TP002", title=problem_of(desk, "TP002").report.title or ""),
    )
    (one,) = take(desk, path).files
    assert one.outcome == "revised"


def actions_of(desk: Desk) -> list[tuple[str, str, str | None]]:
    state = problem_of(desk, "TP002").state("verification")
    assert state is not None
    return [(row["problem"], row["owner"], row["done_at"]) for row in state.values.get("residuals") or []]


def mark(desk: Desk, what: str, heading: str, value: Any) -> None:
    """Somebody fills in a cell of the action that says so."""
    with Edit(desk) as book:
        sheet = book[ACTIONS]
        row = next(row for row in range(2, sheet.sheet.max_row + 1) if sheet.cell(row, "内容").value == what)
        sheet.put(row, heading, value)


def choose(desk: Desk, number: str, side: str) -> None:
    with Edit(desk) as book:
        book[CONFLICTS].put(number, "取舍", side)


def in_conflict(desk: Desk, number: str = "TP001", theirs: str = "表里", ours: str = "系统") -> bytes:
    """A title that was changed on both sides; returns the register as it was before."""
    before = desk.register.read_bytes()
    with Edit(desk) as book:
        book[PROBLEMS].put(number, "问题标题", theirs)
    set_fields(desk, number, {"report.title": ours}, NOW)
    assert verdicts(sync(desk, NOW)) == {number: "conflict"}
    return before


def conflicts(desk: Desk) -> list[tuple[str, str]]:
    sheet = shown(desk, CONFLICTS)
    rows = range(2, sheet.sheet.max_row + 1)
    return [
        (sheet.cell(row, THEIRS).value, sheet.cell(row, OURS).value) for row in rows if sheet.cell(row, "编号").value
    ]


@pytest.mark.parametrize(("side", "expected"), [(THEIRS, "丙"), (OURS, "丁")])
def test_a_choice_about_rows_keeps_the_rows(busy, side, expected):
    verified(busy, action("甲事", "甲", "2026-03-25"), action("乙事", "乙", "2026-03-26"))
    sync(busy, NOW)
    mark(busy, "乙事", "责任人", "丁")
    sync(busy, NOW)
    verified(busy, action("甲事", "甲", "2026-04-25"), action("乙事", "丙", "2026-04-26"))
    sync(busy, NOW)
    assert len(conflicts(busy)) == 1
    choose(busy, "TP002", side)
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    assert [one[:2] for one in actions_of(busy)] == [("甲事", "甲"), ("乙事", expected)]
    assert conflicts(busy) == []
    rest(busy)


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (["乙事"], [("乙事", "2026-03-19")]),
        (["新事", "甲事", "乙事"], [("新事", None), ("甲事", None), ("乙事", "2026-03-19")]),
        (["甲事", "乙事，改了说法"], [("甲事", None), ("乙事，改了说法", "2026-03-19")]),
    ],
)
def test_an_action_is_told_by_what_it_says(busy, new, expected):
    verified(busy, action("甲事", "甲", "2026-03-25"), action("乙事", "乙", "2026-03-26"))
    sync(busy, NOW)
    mark(busy, "乙事", "实际完成日期", datetime(2026, 3, 19))
    verified(busy, *(action(what, "甲", "2026-03-25") for what in new))
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    assert [(what, done) for what, _, done in actions_of(busy)] == expected
    rest(busy)


def test_what_was_typed_for_an_action_that_is_gone_is_told(busy):
    verified(busy, action("甲事", "甲", "2026-03-25"), action("乙事", "乙", "2026-03-26"))
    sync(busy, NOW)
    mark(busy, "甲事", "实际完成日期", datetime(2026, 3, 19))
    verified(busy, action("乙事", "乙", "2026-03-26"))
    done = sync(busy, NOW)
    assert [(one.code, one.number, one.label, one.parts["value"]) for one in done.findings] == [
        ("action_gone", "TP002", "实际完成日期", "2026-03-19")
    ]
    assert done.needs_a_person
    assert actions_of(busy) == [("乙事", "乙", None)]


@pytest.mark.parametrize(
    ("typed", "choices", "other"),
    [
        ("进一步排查日志、需求澄清、其他：核对主备", ["进一步排查日志", "需求澄清", "其他"], "核对主备"),
        ("其他：核对A、B", ["其他"], "核对A、B"),
        ("其他：核对A、B、需求澄清", ["需求澄清", "其他"], "核对A、B"),
        ("需求澄清，其他（甲、乙）", ["需求澄清", "其他"], "甲、乙"),
        ("需求澄清、其他", ["需求澄清", "其他"], None),
    ],
)
def test_several_choices_keep_what_other_is(busy, typed, choices, other):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "处理方向", typed)
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    problem = problem_of(busy, "TP002")
    assert (problem.get("triage.direction"), problem.get("triage.direction_other")) == (choices, other)
    rest(busy)


def test_what_other_is_may_be_told_before_it_is_chosen(busy, tmp_path):
    set_fields(busy, "TP001", {"report.type_other": "甲", "report.type": "其他"}, NOW)
    assert problem_of(busy, "TP001").get("report.type_other") == "甲"
    rows = [{"问题编号": "TP002", "report.type_other": "乙", "report.type": "其他"}]
    update_with(busy, listed(tmp_path, rows, "a.jsonl"))
    assert problem_of(busy, "TP002").get("report.type_other") == "乙"


def test_an_older_copy_settles_nothing(busy):
    first = in_conflict(busy)
    # The copy of him whose value is on record, saved once more, and the choice of somebody who saw another conflict.
    busy.register.write_bytes(first)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "系统")
    assert verdicts(sync(busy, NOW)) == {}
    assert conflicts(busy) == [("表里", "系统")]
    seen = busy.register.read_bytes()
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "又改")
    sync(busy, NOW)
    assert conflicts(busy) == [("又改", "系统")]
    busy.register.write_bytes(seen)
    choose(busy, "TP001", THEIRS)
    assert codes(sync(busy, NOW)) == ["register_older", "choice_outdated"]
    assert (problem_of(busy, "TP001").report.title, conflicts(busy)) == ("系统", [("又改", "系统")])


def test_a_form_that_takes_the_place_of_a_conflict_with_the_register_says_so(busy):
    in_conflict(busy, "TP002")
    report = problem_of(busy, "TP002").state("report")
    assert report is not None
    other = filled("F01", Record("report", {**report.values, "title": "表单里又不一样"}), number="TP002")
    (one,) = take(busy, put(busy, "other", other)).files
    (told_of,) = [found for found in one.records[0].findings if found.code == "conflict_displaced"]
    assert (told_of.label, told_of.parts["value"]) == ("问题标题", "表里")
    assert "type it there again" in told_of.advice()
    sync(busy, NOW)
    assert conflicts(busy) == [("表单里又不一样", "系统")]
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "问题标题", told_of.parts["value"])
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    assert (problem_of(busy, "TP002").report.title, conflicts(busy)) == ("表里", [])


@pytest.mark.parametrize("suffix", ["xlsx", "csv", "jsonl"])
def test_an_export_that_nobody_changed_settles_nothing(busy, tmp_path, suffix):
    in_conflict(busy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "严重程度", "很急")
    sync(busy, NOW)
    path = tmp_path / f"all.{suffix}"
    assert cli(busy, "export", "problems", "--out", str(path)).exit_code == 0
    assert {verdict for _, verdict, _ in told(update_with(busy, path))} == {"unchanged"}
    assert conflicts(busy) == [("表里", "系统")]
    # Who says what is on record settles it.
    assert "settled" in cli(busy, "set", "TP001", "report.title=系统").output
    assert conflicts(busy) == []


def test_a_row_without_number_and_one_with_it_change_the_same_problem(busy, tmp_path):
    get = problem_of(busy, "TP007").get
    known = {
        "问题标题": get("report.title"),
        "上报人": get("report.reported_by"),
        "问题发生时间": get("report.occurred_at"),
    }
    rows: list[dict[str, Any]] = [
        {"问题编号": "", **known, "当前临时处理措施": "先这样", "联系方式": ""},
        {"问题编号": "TP007", "联系方式": "139"},
    ]
    update_with(busy, listed(tmp_path, rows, "a.jsonl"), mode="upsert")
    problem = problem_of(busy, "TP007")
    assert (problem.get("report.workaround"), problem.get("report.contact")) == ("先这样", "139")


def test_a_slip_that_is_cleared_again_closes_and_archives_nothing(busy):
    def type_in(value: Any) -> None:
        with Edit(busy) as book:
            book[PROBLEMS].put("TP002", "关闭时间", value)
            book[PROBLEMS].put("TP004", "归档时间", value)

    was = {number: problem_of(busy, number).status for number in ("TP002", "TP004")}
    type_in("2026-03-20 16:00")
    assert codes(sync(busy, NOW)) == ["typed_archive"]
    assert problem_of(busy, "TP002").status == "已关闭"
    type_in(None)
    sync(busy, NOW)
    assert {number: problem_of(busy, number).status for number in was} == was
    rest(busy)
    undo(busy, batches(busy)[-1].id, NOW)
    assert problem_of(busy, "TP002").status == "已关闭"
    with pytest.raises(TpdocsError, match="not closed"):
        set_fields(busy, "TP004", {"archive.archived_at": "2026-03-20 16:00"}, NOW)


def held_open(desk: Desk) -> Path:
    owner = desk.root / "~$register.xlsx"
    owner.write_bytes(b"\x05Zhang" + bytes(160))
    return owner


def test_who_has_the_register_open_goes_on_in_it(busy):
    old = problem_of(busy, "TP001").report.title
    owner = held_open(busy)
    for first, second in (("写错", old), ("第一次", "第二次")):
        number = "TP001" if second == old else "TP002"
        with Edit(busy) as book:
            book[PROBLEMS].put(number, "问题标题", first)
        with pytest.raises(RegisterWaitsError):
            sync(busy, NOW)
        assert problem_of(busy, number).report.title == first
        with Edit(busy) as book:
            book[PROBLEMS].put(number, "问题标题", second)
    owner.unlink()
    # What was set back may be an older copy, so it is asked; a correction is one.
    assert verdicts(sync(busy, NOW)) == {"TP002": "changed"}
    assert problem_of(busy, "TP002").report.title == "第二次"
    assert conflicts(busy) == [(old, "写错")]
    choose(busy, "TP001", THEIRS)
    sync(busy, NOW)
    assert problem_of(busy, "TP001").report.title == old
    rest(busy)


def test_an_older_copy_takes_nothing_back_that_was_typed_while_the_register_was_open(busy):
    older, action_of = busy.register.read_bytes(), "6单审批中的历史单据金额仍为0（另11单已作废重建）"
    owner = held_open(busy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "开着时改的")
    mark(busy, action_of, "责任人", "别人")
    with pytest.raises(RegisterWaitsError):
        sync(busy, NOW)
    owner.unlink()
    sync(busy, NOW)
    busy.register.write_bytes(older)
    done = sync(busy, NOW)
    assert (verdicts(done), codes(done)) == ({}, ["register_older"])
    assert problem_of(busy, "TP001").report.title == shown(busy).cell("TP001", "问题标题").value == "开着时改的"
    assert actions_of(busy)[0][1] == "别人"
    rest(busy)


def test_what_was_taken_back_while_the_register_was_open_is_not_taken_in_again(busy):
    severity = shown(busy).cell("TP003", "严重程度").value
    old = problem_of(busy, "TP001").report.title
    owner = held_open(busy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "写错")
        book[PROBLEMS].put("TP003", "严重程度", "很急")
    mark(busy, "6单审批中的历史单据金额仍为0（另11单已作废重建）", "责任人", "别人")
    with pytest.raises(RegisterWaitsError):
        sync(busy, NOW)
    assert undo(busy, batches(busy)[-1].id, NOW).taken
    owner.unlink()
    done = sync(busy, NOW)
    assert problem_of(busy, "TP001").report.title == old
    assert shown(busy).cell("TP001", "问题标题").value == old
    assert actions_of(busy)[0][1] != "别人"
    # What was no value was of that batch too.
    assert verdicts(done) == {}
    assert shown(busy).cell("TP003", "严重程度").value == severity
    rest(busy)


def test_copies_of_another_time_are_kept_aside(busy):
    later = iter(NOW + timedelta(minutes=number) for number in range(1, 20))

    def titled(title: str) -> None:
        at = next(later)
        set_fields(busy, "TP001", {"report.title": title}, at)
        sync(busy, at)

    titled("以前")
    older = busy.ledger.read_bytes()
    titled("丢了一")
    titled("丢了二")
    busy.ledger.write_bytes(older)
    assert cli(busy, "doctor", "--repair").exit_code in (0, 1)
    titled("现在")
    copies = sorted((busy.root / "backup").glob("ledger-??????.db"))
    with closing(sqlite3.connect(copies[-1])) as copy:
        assert "现在" in copy.execute("SELECT state FROM revision ORDER BY id DESC").fetchone()[0]
    assert list((busy.root / "backup").glob("ledger-of-another-time-*.db"))
    damage(busy.ledger)
    assert cli(busy, "doctor", "--repair").exit_code == 0
    assert problem_of(busy, "TP001").report.title == "现在"


@pytest.mark.parametrize("choice", [THEIRS, OURS])
@pytest.mark.parametrize(("theirs", "ours"), [("", "系统改的"), ("表里改的", "")])
def test_a_conflict_with_an_empty_side_is_settled_like_any_other(busy, theirs, ours, choice):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "联系方式", theirs or None)
    set_fields(busy, "TP001", {"report.contact": ours}, NOW)
    assert verdicts(sync(busy, NOW)) == {"TP001": "conflict"}
    assert conflicts(busy) == [(theirs or "（空）", ours or "（空）")]
    assert "“（空）”" in str(shown(busy).cell("TP001", HINT).value)
    choose(busy, "TP001", choice)
    assert verdicts(sync(busy, NOW)) == {"TP001": "changed"}
    assert problem_of(busy, "TP001").get("report.contact") == ((theirs if choice == THEIRS else ours) or None)
    assert (shown(busy).cell("TP001", "联系方式").value or "") == (theirs if choice == THEIRS else ours)
    assert conflicts(busy) == []
    rest(busy)


def test_an_edit_of_what_is_computed_is_told_in_an_older_copy_too(busy):
    copy = busy.register.read_bytes()
    for title in ("新的标题", "更新的标题"):
        assert cli(busy, "set", "TP002", f"report.title={title}").exit_code == 0
    busy.register.write_bytes(copy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "当前阶段", "写在阶段里")
        book[PROBLEMS].put("TP002", "责任人", "写在责任人里")
    done = sync(busy, NOW)
    assert codes(done) == ["register_older", "computed_cell", "computed_cell"]
    assert [(one.number, one.label) for one in done.findings[1:]] == [("TP001", "当前阶段"), ("TP002", "责任人")]
    assert shown(busy).cell("TP001", "当前阶段").value != "写在阶段里"
    rest(busy)


@pytest.mark.parametrize(("heading", "typed", "in_conflict"), [("上报时间", "某日", False), ("问题标题", "甲的", True)])
def test_what_an_older_copy_pushes_out_is_told(busy, heading, typed, in_conflict):
    copy = busy.register.read_bytes()
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", heading, typed)
    if in_conflict:
        set_fields(busy, "TP001", {"report.title": "系统的"}, NOW)
    sync(busy, NOW)
    busy.register.write_bytes(copy)
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", heading, "另一日" if heading == "上报时间" else "乙的")
    done = sync(busy, NOW)
    assert codes(done)[:2] == ["register_older", "copy_displaced"]
    assert f"said “{typed}” on the sheet “{PROBLEMS}”" in done.findings[1].message()
    rest(busy)


def lines_of_history(desk: Desk, number: str = "TP001") -> list[str]:
    """What the last entry of the history says below its head."""
    lines = cli_plain(desk, "history", number).output.splitlines()
    *_, last = [at for at, line in enumerate(lines) if line[:1] != " "]
    return [line.strip() for line in lines[last + 1 :]]


def revisions_of(desk: Desk, number: str = "TP001") -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(cli_plain(desk, "history", number, "--format", "json").stdout)["revisions"]
    return told


@pytest.mark.parametrize(("side", "expected"), [(OURS, "settled, what is on record stays"), (THEIRS, "系统 -> 表里")])
def test_the_history_says_how_a_conflict_was_settled(busy, side, expected):
    in_conflict(busy)
    assert lines_of_history(busy) == ["问题标题: conflict, “系统” on record, “表里” in 登记表"]
    choose(busy, "TP001", side)
    sync(busy, NOW)
    assert lines_of_history(busy) == [f"问题标题: {expected}"]
    last = revisions_of(busy)[-1]
    assert (last["settled"], last["conflicts"], last["typed"]) == (["report.title"], [], {})


def test_the_history_says_what_was_typed_and_is_no_value(busy):
    was = shown(busy).cell("TP001", "上报时间").value
    for typed, expected in (
        ("某日", ["上报时间: “某日” typed in the register, which is no value there"]),
        (was, ["上报时间: settled, what is on record stays"]),
    ):
        with Edit(busy) as book:
            book[PROBLEMS].put("TP001", "上报时间", typed)
        sync(busy, NOW)
        assert lines_of_history(busy) == expected
    assert [one["typed"] for one in revisions_of(busy)[-2:]] == [{"report.reported_at": "某日"}, {}]


def test_an_older_copy_that_pushes_out_what_was_typed_for_an_action_says_where_to_type_it(busy):
    verified(busy, action("遗留一", "甲", "2026-04-01"))
    sync(busy, NOW)
    copy = busy.register.read_bytes()
    mark(busy, "遗留一", "实际完成日期", "某日")
    sync(busy, NOW)
    busy.register.write_bytes(copy)
    mark(busy, "遗留一", "实际完成日期", datetime(2026, 3, 19))
    (told_of,) = [one for one in sync(busy, NOW).findings if one.code == "copy_displaced"]
    assert f"said “某日” on the sheet “{ACTIONS}”" in told_of.message()
    assert told_of.label == "遗留问题及后续计划 第1行 实际完成日期"
    rest(busy)
