"""Status, stage, round and what is due next, all derived; and the checks over one problem and over the reviews."""

import copy
import tomllib
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.records import FAILED_TO_INVESTIGATION, FAILED_TO_SOLUTION, GOOD, RESIDUAL, good
from tpdocs.checks.deadlines import deadlines, owner_of
from tpdocs.checks.rules import RULES, TIME_ORDER, check_problem, check_reviews, is_period, period_of
from tpdocs.checks.workdays import Due, is_working_day, working_days_after
from tpdocs.codes import CODES
from tpdocs.config import DEFAULT_FILE, Calendar, Deadlines, Review, Settings, load_settings
from tpdocs.errors import TpdocsError
from tpdocs.findings import Finding
from tpdocs.forms.closure import Closure
from tpdocs.forms.investigation import Investigation
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import ORDER, REOPENED, STATUSES, WITHDRAWAL, Problem, Stored, duration_text
from tpdocs.forms.standard import FORMS
from tpdocs.forms.verification import Verification
from tpdocs.language import Phrase

EVENING = datetime(2026, 3, 6, 17, 0)
QUIET = Settings()
AS_SHIPPED = Settings.model_validate(tomllib.loads(DEFAULT_FILE))


def stored(form: str, number: int = 1, raw: dict[str, str] | None = None, **changes: Any) -> Stored:
    return Stored(form, number, good(form, **changes), raw or {}, revision=1)


def up_to(form: str, *more: Stored, events: tuple[str, ...] = ()) -> Problem:
    """A problem with every form up to that one; `more` replaces or adds."""
    problem = Problem("TP001", tuple(stored(key) for key in ORDER[: ORDER.index(form) + 1]), events)
    for one in more:
        problem = problem.with_state(one)
    return problem


def whole(**changes: dict[str, Any]) -> Problem:
    """The whole problem with some values changed, by form."""
    return up_to("archive", *(stored(form, **values) for form, values in changes.items()))


def found(problem: Problem, settings: Settings = QUIET, now: datetime = EVENING) -> list[tuple[str, str]]:
    return sorted((one.code, one.field) for one in check_problem(problem, settings, now))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


# Status, stage and what is due, row by row of the standard's table.

ROWS_OF_THE_TABLE = [
    ("待受理", up_to("report"), "2 问题受理与初步分析", ("triage",)),
    ("受理中", up_to("report", stored("triage", analysed_at=None)), "2 问题受理与初步分析", ("triage",)),
    ("受理中", up_to("report", stored("triage", complete=False)), "2 问题受理与初步分析", ("triage",)),
    ("排查中", up_to("report", stored("triage", complete=False, supplemented_at="2026-03-02T10:00")), "3 问题排查与定位", ("investigation",)),
    ("排查中", up_to("triage"), "3 问题排查与定位", ("investigation",)),
    ("排查中", up_to("triage", stored("investigation", root_cause=None)), "3 问题排查与定位", ("investigation",)),
    ("方案制定", up_to("investigation"), "4 解决方案制定与实施", ("solution",)),
    ("方案制定", up_to("investigation", stored("solution", review_conclusion=None)), "4 解决方案制定与实施", ("solution",)),
    ("方案制定", up_to("investigation", stored("solution", review_conclusion="不通过")), "4 解决方案制定与实施", ("solution",)),
    ("实施中", up_to("solution"), "4 解决方案制定与实施", ("implementation",)),
    ("实施中", up_to("investigation", stored("solution", review_conclusion="有条件通过")), "4 解决方案制定与实施", ("implementation",)),
    ("实施中", up_to("solution", stored("implementation", finished_at=None)), "4 解决方案制定与实施", ("implementation",)),
    ("待验证", up_to("implementation"), "5 问题验证与关闭", ("verification",)),
    ("待验证", up_to("implementation", stored("verification", conclusion=None)), "5 问题验证与关闭", ("verification",)),
    ("待关闭", up_to("verification"), "5 问题验证与关闭", ("closure",)),
    ("已关闭", up_to("closure"), "6 反馈与归档", ("feedback", "archive")),
    ("已关闭", up_to("feedback"), "6 反馈与归档", ("archive",)),
    ("已归档", up_to("archive"), "6 反馈与归档", ()),
    ("已归档", up_to("closure", stored("archive")), "6 反馈与归档", ("feedback",)),
    ("已撤销", up_to("report", events=(WITHDRAWAL,)), "6 反馈与归档", ()),
    ("已撤销", up_to("closure", events=(WITHDRAWAL,)), "6 反馈与归档", ()),
]  # fmt: skip


@pytest.mark.parametrize(("status", "problem", "stage", "due"), ROWS_OF_THE_TABLE)
def test_the_status_is_derived_by_the_table(status, problem, stage, due):
    assert (problem.status, problem.stage, problem.due_forms, problem.round) == (status, stage, due, 1)
    assert problem.is_open is (status not in ("已关闭", "已归档", "已撤销"))


def test_the_table_above_has_every_status():
    assert {row[0] for row in ROWS_OF_THE_TABLE} == set(STATUSES)


def test_the_first_output_that_is_not_there_decides_whatever_later_ones_are():
    without_triage = Problem("TP001", (stored("report"), stored("investigation"), stored("solution")))
    assert without_triage.status == "待受理"


def test_a_root_cause_that_only_holds_the_place_is_no_root_cause():
    assert up_to("triage", stored("investigation", root_cause="待定")).status == "排查中"


def test_priority_is_the_reported_severity_until_triage_sets_one():
    assert up_to("report").priority == "高"
    assert up_to("report", stored("triage", priority="低")).priority == "低"
    assert up_to("report", stored("triage", priority=None)).priority == "高"


def test_values_are_found_by_path():
    problem = up_to("triage")
    assert problem.get("report.number") == "TP001"
    assert problem.get("triage.accepted_by") == "王五"
    assert problem.get("solution.content") is None
    assert problem.report.occurred_at == Moment(at("2026-03-02T08:30"))


# Rounds.


def test_a_failed_verification_opens_a_round_at_the_solution_and_the_investigation_still_holds():
    problem = up_to("verification", stored("verification", **FAILED_TO_SOLUTION))
    assert (problem.round, problem.status, problem.due_forms) == (2, "方案制定", ("solution",))
    inherited = problem.state("investigation")
    assert inherited is not None
    assert inherited.round == 1
    assert problem.own_state("investigation", 2) is None
    assert problem.state("solution") is None
    assert problem.get("investigation.root_cause") == "连接池上限过小"
    assert problem.round_began == Moment(at("2026-03-05T10:00"))


@pytest.mark.parametrize("return_to", ["问题排查", None])
def test_a_failed_verification_opens_a_round_at_the_investigation(return_to):
    problem = up_to("verification", stored("verification", conclusion="不通过", return_to=return_to))
    assert (problem.round, problem.status, problem.due_forms) == (2, "排查中", ("investigation",))
    assert problem.state("investigation") is None
    assert problem.state("investigation", 1) is not None
    assert problem.now(Investigation) is None


def test_two_rounds_sent_back_to_the_solution_inherit_through_both():
    failed = stored("verification", **FAILED_TO_SOLUTION)
    again = stored("verification", 2, **FAILED_TO_SOLUTION)
    problem = up_to("verification", failed, stored("solution", 2), stored("implementation", 2), again)
    assert (problem.round, problem.status) == (3, "方案制定")
    inherited = problem.state("investigation")
    assert inherited is not None
    assert inherited.round == 1
    own = problem.with_state(stored("investigation", 2, root_cause="另一个原因"))
    assert own.get("investigation.root_cause") == "另一个原因"


def test_a_second_round_goes_through_to_the_end():
    failed = stored("verification", **FAILED_TO_SOLUTION)
    second = [stored("solution", 2), stored("implementation", 2), stored("verification", 2), stored("closure", 2)]
    seen = []
    problem = up_to("verification", failed)
    for one in second:
        problem = problem.with_state(one)
        seen.append((problem.round, problem.status))
    assert seen == [(2, "实施中"), (2, "待验证"), (2, "待关闭"), (2, "已关闭")]


def test_correcting_a_verification_never_takes_a_round_back_that_has_begun():
    problem = up_to("verification", stored("verification", **FAILED_TO_SOLUTION), stored("solution", 2))
    corrected = problem.with_state(stored("verification"))
    assert corrected.round == 2


def test_reopening_opens_a_round_in_which_nothing_is_closed():
    problem = up_to("archive", events=(REOPENED,))
    assert (problem.round, problem.status, problem.due_forms) == (2, "排查中", ("investigation",))
    assert problem.is_open
    assert problem.now(Closure) is None
    assert problem.at(Closure, 1) is not None


def test_reopening_opens_one_more_round_after_a_failed_verification():
    failed = stored("verification", **FAILED_TO_SOLUTION)
    second = [stored("solution", 2), stored("implementation", 2), stored("verification", 2), stored("closure", 2)]
    problem = Problem("TP001", up_to("verification", failed, *second).stored, (REOPENED,))
    assert (problem.round, problem.status) == (3, "排查中")


def test_a_round_that_was_reopened_fails_and_opens_the_next():
    again = [stored(form, 2) for form in ("investigation", "solution", "implementation")]
    failed = stored("verification", 2, **FAILED_TO_INVESTIGATION)
    problem = up_to("closure", *again, failed, events=(REOPENED,))
    assert (problem.round, problem.status) == (3, "排查中")


def test_withdrawing_is_for_good():
    assert up_to("archive", events=(REOPENED, WITHDRAWAL)).status == "已撤销"


@pytest.mark.parametrize(
    ("when", "number"),
    [
        (None, 2), ("2026-03-05T09:59", 1), ("2026-03-05T10:00", 1), ("2026-03-05T10:01", 2), ("2026-03-05", 1),
        ("2026-03-06", 2), ("2026-03-04", 1),
    ],
)  # fmt: skip
def test_a_form_belongs_to_the_round_that_was_open_at_its_own_time(when, number):
    problem = up_to("verification", stored("verification", **FAILED_TO_SOLUTION))
    assert problem.round_at(Moment.from_iso(when) if when else None) == number


def test_what_was_left_over_in_any_round_is_counted():
    failed = stored(
        "verification", **FAILED_TO_SOLUTION, residual=True, residuals=[RESIDUAL, {**RESIDUAL, "problem": "二"}]
    )
    second = stored("verification", 2, residual=True, residuals=[{**RESIDUAL, "problem": "三"}])
    problem = up_to("verification", failed, stored("solution", 2), stored("implementation", 2), second)
    assert [(one.round, one.row, one.residual.problem) for one in problem.residuals] == [
        (1, 1, "监控未覆盖"),
        (1, 2, "二"),
        (2, 1, "三"),
    ]


def test_the_typed_form_of_a_round():
    problem = up_to("verification", stored("verification", **FAILED_TO_SOLUTION))
    first = problem.at(Verification, 1)
    assert first is not None
    assert first.conclusion == "不通过"
    assert problem.now(Verification) is None


# The gate before closing.


def lacking(**changes: Any) -> Problem:
    row = {**RESIDUAL, **changes}
    return up_to("verification", stored("verification", residual=True, residuals=[row]))


def said(reasons: list[Phrase], language: str = "zh") -> list[str]:
    return [one.say(language) for one in reasons]


@pytest.mark.parametrize(
    ("problem", "reasons"),
    [
        (up_to("verification"), []),
        (lacking(), []),
        (lacking(plan=None, owner=None, due=None, done_at="2026-03-05"), []),
        (lacking(plan=None), ["遗留问题“监控未覆盖”没有写明后续处理计划"]),
        (lacking(owner=None, due=None), ["遗留问题“监控未覆盖”没有写明责任人、计划完成日期"]),
        (lacking(problem=None, due=None), ["遗留问题“1”没有写明计划完成日期"]),
        (up_to("report"), ["问题状态为“待受理”", "第1轮没有《问题验证报告》"]),
        (up_to("implementation", stored("verification", conclusion=None)), ["问题状态为“待验证”", "“验证结论”不是“通过”"]),
        (up_to("verification", stored("verification", resolved=False)), ["“是否彻底解决”是“否”"]),
        (
            up_to("verification", stored("verification", residual=True)),
            ["“是否有遗留问题”是“是”，但“遗留问题及后续计划”没有填写"],
        ),
        (
            up_to("verification", stored("verification", resolved=False, residual=True, residuals=[{**RESIDUAL, "owner": None}])),
            ["“是否彻底解决”是“否”", "遗留问题“监控未覆盖”没有写明责任人"],
        ),
        (
            up_to("verification", stored("verification", **FAILED_TO_SOLUTION)),
            ["问题状态为“方案制定”", "第2轮没有《问题验证报告》"],
        ),
        (up_to("closure"), ["问题状态为“已关闭”"]),
        (up_to("archive"), ["问题状态为“已归档”"]),
        (up_to("verification", events=(WITHDRAWAL,)), ["问题状态为“已撤销”"]),
    ],
)  # fmt: skip
def test_the_gate_before_closing_gives_every_reason(problem, reasons):
    assert said(problem.reasons_not_to_close()) == reasons


def test_a_residual_of_an_earlier_round_is_a_reason_too_while_this_round_is_not_verified():
    failed = stored("verification", **FAILED_TO_SOLUTION, residual=True, residuals=[{**RESIDUAL, "owner": None}])
    assert said(up_to("verification", failed).reasons_not_to_close()) == [
        "问题状态为“方案制定”",
        "第2轮没有《问题验证报告》",
        "遗留问题“监控未覆盖”没有写明责任人",
    ]


def test_the_reasons_are_said_in_the_users_language():
    problem = up_to("verification", stored("verification", resolved=False, residual=True))
    assert said(problem.reasons_not_to_close(), "en") == [
        "“是否彻底解决” is “否”", "“是否有遗留问题” is “是”, but “遗留问题及后续计划” is not filled in",
    ]  # fmt: skip


@pytest.mark.parametrize("placeholder", ["待定", "-", "XX"])
def test_a_residual_whose_owner_only_holds_the_place_is_not_planned(placeholder):
    assert said(lacking(owner=placeholder).reasons_not_to_close()) == ["遗留问题“监控未覆盖”没有写明责任人"]


# What is flagged about the forms, one change of the whole problem each.


def test_there_is_nothing_to_flag_about_the_whole_problem():
    assert found(whole()) == []
    assert found(whole(), AS_SHIPPED) == []


CASES: list[tuple[dict[str, dict[str, Any]], list[tuple[str, str]]]] = [
    ({"report": {"title": None}}, [("missing_field", "report.title")]),
    *(({"report": {"title": text}}, [("missing_field", "report.title")]) for text in ("-", "/", "无", "待定", "XX", "—", "暂无", "n/a", "不详", "略", "同上", "？？")),
    ({"report": {"title": "无法登录"}}, []),
    ({"report": {"workaround": None}}, []),
    ({"report": {"workaround": "无"}}, []),
    ({"report": {"reproduction": None}}, [("missing_when", "report.reproduction")]),
    ({"report": {"reproducible": False, "reproduction": None}}, []),
    ({"report": {"reproducible": None, "reproduction": None}}, [("missing_field", "report.reproducible")]),
    ({"report": {"type": "其他"}}, [("missing_other", "report.type_other")]),
    ({"report": {"type": "其他", "type_other": "待定"}}, [("missing_other", "report.type_other")]),
    ({"report": {"type": "其他", "type_other": "机房断电"}}, []),
    ({"report": {"channel": None}}, []),
    ({"report": {"attachments": [{"name": "截图一", "type": "其他", "type_other": None, "note": None}]}}, [("missing_other", "report.attachments[1].type_other")]),
    ({"report": {"attachments": [{"name": "截图一", "type": "错误截图", "type_other": None, "note": "无"}]}}, []),
    ({"report": {"attachments": [{"name": "a.png", "type": "错误截图", "type_other": None, "note": "无"}]}}, [("attachment_not_found", "report.attachments")]),
    ({"triage": {"complete": False, "supplemented_at": "2026-03-02T10:00"}}, [("missing_when", "triage.missing")]),
    ({"triage": {"complete": False, "supplemented_at": "2026-03-02T10:00", "missing": "截图"}}, []),
    ({"triage": {"priority": "低"}}, [("missing_when", "triage.priority_reason")]),
    ({"triage": {"priority": "低", "priority_reason": "只影响一人"}}, []),
    ({"triage": {"priority": "紧急", "priority_reason": "全国", "emergency": False}}, [("emergency_not_started", "triage.emergency")]),
    ({"triage": {"priority": "紧急", "priority_reason": "全国", "emergency": True}}, []),
    ({"triage": {"priority": "紧急", "priority_reason": "全国", "emergency": None}}, [("missing_field", "triage.emergency")]),
    ({"triage": {"direction": ["其他"]}}, [("missing_other", "triage.direction_other")]),
    ({"triage": {"direction": None}}, [("missing_field", "triage.direction")]),
    ({"triage": {"related": None}}, []),
    ({"investigation": {"steps": None}}, [("missing_rows", "investigation.steps")]),
    ({"investigation": {"methods": ["日志分析", "其他"], "methods_other": "抓包"}}, []),
    ({"investigation": {"collaboration": True}},
     [("missing_when", f"investigation.{name}") for name in ("collaboration_request", "departments", "liaison")]),
    ({"investigation": {"collaboration": True, "collaboration_request": "无", "departments": "网络部", "liaison": "冯二"}}, []),
    ({"investigation": {"interim": True}}, [("missing_when", "investigation.interim_solution")]),
    ({"investigation": {"interim": True, "interim_solution": "不适用"}}, []),
    ({"investigation": {"interim": True, "interim_solution": "待定"}}, [("missing_when", "investigation.interim_solution")]),
    ({"solution": {"risk": "无"}}, []),
    ({"solution": {"risk": "-"}}, [("missing_field", "solution.risk")]),
    ({"solution": {"feasibility": "无"}}, [("missing_field", "solution.feasibility")]),
    ({"solution": {"major_change": True}}, [("major_change_without_departments", "solution.review_departments")]),
    ({"solution": {"major_change": True, "review_departments": "财务部"}}, []),
    ({"solution": {"review_conclusion": "有条件通过"}}, [("missing_when", "solution.review_opinion")]),
    ({"solution": {"review_conclusion": "有条件通过", "review_opinion": "夜间实施"}}, []),
    ({"solution": {"review_conclusion": "不通过", "review_opinion": "重做"}}, [("not_reviewed", "solution.review_conclusion")]),
    ({"implementation": {"result": "部分成功"}}, [("missing_when", "implementation.deviation")]),
    ({"implementation": {"result": "失败已回退", "deviation": "无"}}, []),
    ({"implementation": {"nodes": None, "comparison": None}}, [("missing_rows", "implementation.comparison"), ("missing_rows", "implementation.nodes")]),
    ({"verification": {"new_issues": True}}, [("missing_when", "verification.new_issues_note")]),
    ({"verification": {"residual": True}}, [("missing_when", "verification.residuals")]),
    ({"verification": {"residual": True, "residuals": [{**RESIDUAL, "done_at": "2026-03-06"}]}}, []),
    ({"verification": {"residual": True, "residuals": [{**RESIDUAL, "plan": None, "owner": None, "due": None}]}},
     [("missing_field", f"verification.residuals[1].{name}") for name in ("due", "owner", "plan")]),
    ({"verification": {"residual": True, "residuals": [{**RESIDUAL, "owner": "待定"}]}}, [("missing_field", "verification.residuals[1].owner")]),
    ({"verification": {"conclusion": None}},
     [("closed_without_verification", "closure.closed_at"), ("missing_field", "verification.conclusion")]),
    ({"closure": {"residual_risk": "无"}}, []),
    ({"closure": {"summary": "无"}}, [("missing_field", "closure.summary")]),
    ({"feedback": {"satisfaction": "需改进"}}, [("missing_when", "feedback.comments")]),
    ({"feedback": {"satisfaction": "需改进", "comments": "无"}}, []),
    ({"feedback": {"prevention": "无"}}, []),
    ({"archive": {"prevention": "无"}}, []),
    ({"archive": {"lessons": "暂无"}}, [("missing_field", "archive.lessons")]),
    # Times are compared at the coarser of the two precisions.
    ({"report": {"reported_at": "2026-03-02"}}, []),
    ({"report": {"occurred_at": "2026-03-02T09:00:30"}}, []),
    ({"report": {"occurred_at": "2026-03-02T09:01"}}, [("times_out_of_order", "report.reported_at")]),
    ({"report": {"occurred_at": "2026-03-03"}}, [("times_out_of_order", "report.reported_at")]),
    ({"report": {"reported_at": "2026-03-02T00:00"}}, []),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_one_change_gives_exactly_these_findings(changes, expected):
    assert found(whole(**changes)) == expected


RAW_CASES = [
    ("report", {"reported_at": None}, {"reported_at": "下周三左右"}, [("invalid_time", "report.reported_at")]),
    ("report", {"reported_at": None}, {"reported_at": "待定"}, [("missing_field", "report.reported_at")]),
    ("triage", {}, {"supplemented_at": "待定"}, []),
    ("triage", {}, {"supplemented_at": "补齐了"}, [("invalid_time", "triage.supplemented_at")]),
    ("report", {"type": None}, {"type": "系统故障、功能缺陷"}, [("too_many_choices", "report.type")]),
    ("report", {"type": None}, {"type": "断电"}, [("invalid_choice", "report.type")]),
    ("report", {"reproducible": None}, {"reproducible": "是、否"}, [("too_many_choices", "report.reproducible")]),
    ("implementation", {}, {"nodes[1].node": "发布"}, [("invalid_choice", "implementation.nodes[1].node")]),
    ("investigation", {}, {"steps[1].at": "上午吧"}, [("invalid_time", "investigation.steps[1].at")]),
    (
        "verification", {"residual": True, "residuals": [{**RESIDUAL, "due": None}]}, {"residuals[1].due": "月底"},
        [("invalid_time", "verification.residuals[1].due")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("form", "changes", "raw", "expected"), RAW_CASES)
def test_a_raw_text_is_invalid_or_missing(form, changes, raw, expected):
    assert found(up_to("archive", stored(form, 1, raw, **changes))) == expected


def test_a_finding_about_a_cell_tells_its_row_in_the_words_of_the_form():
    problem = up_to("archive", stored("implementation", 1, {"nodes[1].node": "发布"}))
    (one,) = check_problem(problem, QUIET, EVENING)
    assert one.label == "关键节点记录 第1行 节点"
    assert all(part in one.message("en") for part in (one.label, "“发布”", "代码提交、配置更新、测试验证、其他"))
    assert (one.number, one.form, one.owner) == ("TP001", "F05", "郑十")


@pytest.mark.parametrize("position", range(1, len(TIME_ORDER)))
def test_each_time_is_held_against_the_one_before_it(position):
    earlier, later = TIME_ORDER[position - 1], TIME_ORDER[position]
    form, _, name = later.partition(".")
    key, _, before = earlier.partition(".")
    too_early = (at(GOOD[key][before]) - timedelta(days=1)).isoformat(timespec="minutes")
    assert found(whole(**{form: {name: too_early}})) == [("times_out_of_order", later)]


def test_a_time_that_is_not_known_is_skipped_in_the_order():
    problem = whole(triage={"accepted_at": None}, report={"reported_at": "2026-03-02T11:30"})
    assert found(problem) == [("missing_field", "triage.accepted_at"), ("times_out_of_order", "triage.analysed_at")]


@pytest.mark.parametrize(
    ("form", "more"),
    [
        ("triage", []),
        ("investigation", []),
        ("solution", [("not_reviewed", "solution.review_conclusion")]),
        ("implementation", []),
        ("verification", [("closed_without_verification", "closure.closed_at")]),
        ("closure", []),
        ("feedback", []),
    ],
)
def test_a_stage_output_that_was_skipped_is_flagged(form, more):
    problem = Problem("TP001", tuple(one for one in whole().stored if one.form != form))
    flagged = check_problem(problem, QUIET, EVENING)
    assert sorted((one.code, one.field) for one in flagged) == sorted([("missing_form", ""), *more])
    (missing,) = [one for one in flagged if one.code == "missing_form"]
    assert (missing.form, missing.label) == (FORMS[form].code, FORMS[form].title)


def test_an_inherited_investigation_is_not_missing_in_the_second_round():
    second = stored("solution", 2, planned_at="2026-03-20")
    assert found(up_to("verification", stored("verification", **FAILED_TO_SOLUTION), second)) == []
    back = stored("verification", **FAILED_TO_INVESTIGATION)
    assert found(up_to("verification", back, second)) == [("missing_form", "")]


def test_times_of_another_round_are_not_compared():
    failed = stored("verification", **FAILED_TO_INVESTIGATION)
    second = stored("investigation", 2, located_at="2026-03-05T15:00")
    assert found(up_to("verification", failed, second)) == []


def test_what_was_noted_about_a_document_is_shown_unless_it_is_only_information():
    warning = Finding(
        code="possible_duplicate", field="report.title", label="问题标题", parts={"other": "TP009", "agree": "上报人"}
    )
    info = Finding(code="hidden_picture", field="report.title", label="问题标题", parts={"value": "image1.png"})
    noted = Stored("report", 1, GOOD["report"], findings=(warning, info))
    (one,) = check_problem(up_to("archive", noted), QUIET, EVENING)
    assert (one.code, one.number, one.form) == ("possible_duplicate", "TP001", "F01")
    assert all(part in one.message("en") for part in ("TP009", "上报人"))


def test_a_conflict_is_flagged_with_both_values():
    sides = {"impact": {"ours": "全部门店", "theirs": "华南", "source": "b.docx"}}
    (one,) = check_problem(up_to("archive", Stored("report", 1, GOOD["report"], conflicts=sides)), QUIET, EVENING)
    assert (one.kind, one.code, one.field) == ("conflict", "conflict_field", "report.impact")
    assert all(part in one.message("en") for part in ("“影响范围”", "“全部门店”", "b.docx", "“华南”"))


def test_a_withdrawn_problem_has_no_findings():
    bad = stored("report", 1, {"reported_at": "下周"}, title=None, reported_at=None)
    assert check_problem(up_to("report", bad), QUIET, EVENING) != []
    assert check_problem(up_to("report", bad, events=(WITHDRAWAL,)), QUIET, EVENING) == []
    assert deadlines(up_to("report", events=(WITHDRAWAL,)), QUIET) == []


def test_checks_change_nothing_and_say_the_same_twice():
    changes: dict[str, dict[str, Any]] = {
        "report": {"type": "其他", "reported_at": "2026-03-01"},
        "verification": {"residual": True, "residuals": [dict(RESIDUAL)]},
    }
    problem = whole(**changes)
    before = copy.deepcopy(problem.stored)
    later = datetime(2026, 6, 1)
    for rule in RULES:
        assert list(rule(problem, AS_SHIPPED, later)) == list(rule(problem, AS_SHIPPED, later))
    first = check_problem(problem, AS_SHIPPED, later)
    assert first == check_problem(problem, AS_SHIPPED, later)
    assert {one.code for one in first} == {"missing_other", "times_out_of_order", "action_overdue"}
    assert problem.stored == before


# Who should act.


@pytest.mark.parametrize(
    ("problem", "form", "owner"),
    [
        (up_to("report"), "report", "张三（13800000000）"),
        (up_to("report", stored("report", contact=None)), "report", "张三"),
        (up_to("report", stored("report", reported_by=None)), "report", "李四（13800000000）"),
        (Problem("TP001"), "report", "技术支持受理人"),
        (up_to("report"), "triage", "技术支持受理人"),
        (up_to("triage"), "triage", "赵六"),
        (up_to("triage"), "investigation", "赵六"),
        (up_to("investigation"), "solution", "孙七"),
        (up_to("solution"), "implementation", "吴九"),
        (up_to("implementation"), "verification", "孙七"),
        (up_to("verification"), "closure", "王五"),
        (up_to("closure"), "feedback", "王五"),
        (up_to("closure"), "archive", "知识库管理员"),
        (up_to("archive"), "archive", "钱一"),
    ],
)
def test_who_should_act(problem, form, owner):
    assert owner_of(problem, form, QUIET) == owner


# Terms.


def due_of(problem: Problem, settings: Settings = QUIET) -> list[tuple[str, str, str]]:
    return [(one.sort, one.path, str(one.due)) for one in deadlines(problem, settings)]


@pytest.mark.parametrize(
    ("reported", "due"),
    [
        ("2026-02-13T16:00", "2026-02-14"),
        ("2026-09-30", "2026-10-08"),
        ("2026-03-06T17:59", "2026-03-09"),
        ("2026-03-07T10:00", "2026-03-09"),
        ("2027-03-02T10:00", "2027-03-03（暂定）"),
        ("2027-03-05T10:00", "2027-03-08（暂定）"),
    ],
)
def test_acceptance_is_due_with_the_next_chinese_working_day(reported, due):
    problem = up_to("report", stored("report", occurred_at=None, reported_at=reported))
    assert due_of(problem) == [("acceptance", "triage.accepted_at", due)]


def test_a_term_lasts_until_the_last_second_of_its_day_and_is_flagged_from_then_on():
    problem = up_to("report", stored("report", occurred_at=None, reported_at="2026-02-13T16:00"))

    def told(now: str) -> list[tuple[str, str, str]]:
        flagged = [one for one in check_problem(problem, QUIET, at(now)) if one.kind in ("overdue", "due_soon")]
        return [(one.code, one.due, one.owner) for one in flagged]

    due = "2026-02-14T23:59:59"
    assert told("2026-02-13T17:00") == [("acceptance_due_soon", due, "技术支持受理人")]
    assert told("2026-02-14T23:59:59") == [("acceptance_due_soon", due, "技术支持受理人")]
    assert told("2026-02-15T00:00:00") == [("acceptance_overdue", due, "技术支持受理人")]


def test_a_term_in_a_year_without_a_calendar_is_marked_in_its_message():
    problem = up_to("report", stored("report", occurred_at=None, reported_at="2027-03-02T10:00"))
    (one,) = [one for one in check_problem(problem, QUIET, at("2027-03-04T09:00")) if one.kind == "overdue"]
    assert "2027-03-03（暂定）" in one.message("en")
    assert one.due == "2027-03-03T23:59:59"


def test_days_off_and_working_days_of_the_desk_come_before_the_calendar():
    calendar = Calendar(days_off=frozenset({date(2026, 3, 3)}), working_days=frozenset({date(2026, 3, 7)}))
    settings = Settings(calendar=calendar)
    assert due_of(up_to("report"), settings)[0][2] == "2026-03-04"
    friday = up_to("report", stored("report", reported_at="2026-03-06T10:00"))
    assert due_of(friday, settings)[0][2] == "2026-03-07"
    assert is_working_day(date(2027, 1, 2), Calendar()) == (False, True)
    assert is_working_day(date(2027, 1, 2), Calendar(working_days=frozenset({date(2027, 1, 2)}))) == (True, False)


@pytest.mark.parametrize(
    ("start", "count", "day"),
    [("2026-03-02", 0, "2026-03-02"), ("2026-03-07", 0, "2026-03-09"), ("2026-02-13", 2, "2026-02-24"), ("2026-04-03", 3, "2026-04-09")],
)  # fmt: skip
def test_working_days_are_counted_from_the_day_after(start, count, day):
    assert working_days_after(date.fromisoformat(start), count, Calendar()) == Due(date.fromisoformat(day))


def test_what_was_done_late_is_not_overdue_any_more():
    late = up_to("report", stored("triage", accepted_at="2026-03-09T09:30", analysed_at="2026-03-09T10:00"))
    assert found(late, QUIET, datetime(2026, 6, 1)) == []


@pytest.mark.parametrize(
    ("problem", "sort", "path", "due"),
    [
        (up_to("report", stored("triage", analysed_at=None)), "stage", "triage.analysed_at", "2026-03-03"),
        (
            up_to("report", stored("triage", complete=False, missing="截图", analysed_at=None, supplemented_at="2026-03-04")),
            "stage", "triage.analysed_at", "2026-03-05",
        ),
        (up_to("triage"), "stage", "investigation.located_at", "2026-03-05"),
        (up_to("investigation"), "stage", "solution.reviewed_at", "2026-03-06"),
        (up_to("implementation"), "stage", "verification.verified_at", "2026-03-06"),
        (up_to("verification"), "closing", "closure.closed_at", "2026-03-09"),
        (up_to("verification", stored("verification", **FAILED_TO_SOLUTION)), "stage", "solution.reviewed_at", "2026-03-10"),
        (up_to("verification", stored("verification", **FAILED_TO_INVESTIGATION)), "stage", "investigation.located_at", "2026-03-10"),
    ],
)  # fmt: skip
def test_the_later_stages_have_terms_from_the_settings_file(problem, sort, path, due):
    assert due_of(problem, AS_SHIPPED) == [(sort, path, due)]
    assert due_of(problem, QUIET) == []
    overdue = [one for one in check_problem(problem, AS_SHIPPED, datetime(2026, 6, 1)) if one.kind == "overdue"]
    assert [one.code for one in overdue] == [f"{sort}_overdue"]
    assert "(term from the settings, priority 高)" in overdue[0].message("en")


def test_after_closing_feedback_and_archive_are_due():
    assert due_of(up_to("closure"), AS_SHIPPED) == [
        ("stage", "feedback.informed_at", "2026-03-10"),
        ("stage", "archive.archived_at", "2026-03-19"),
    ]
    assert due_of(up_to("feedback"), AS_SHIPPED) == [("stage", "archive.archived_at", "2026-03-19")]


def test_a_term_can_be_changed_or_switched_off_in_the_file(tmp_path):
    path = tmp_path / "tpdocs.toml"

    def read(text: str) -> Settings:
        path.write_text(text, encoding="utf-8")
        return load_settings(path)

    problem = up_to("triage")
    head, _, rest = DEFAULT_FILE.partition("[deadlines.investigation]")
    section, _, tail = rest.partition("[deadlines.solution]")
    assert due_of(problem, read(DEFAULT_FILE))[0][2] == "2026-03-05"
    changed = section.replace('"高" = 3', '"高" = 1')
    assert (
        due_of(problem, read(f"{head}[deadlines.investigation]{changed}[deadlines.solution]{tail}"))[0][2]
        == "2026-03-03"
    )
    without_level = section.replace('"高" = 3', "")
    assert due_of(problem, read(f"{head}[deadlines.investigation]{without_level}[deadlines.solution]{tail}")) == []
    assert due_of(problem, read(f"{head}[deadlines.solution]{tail}")) == []
    assert read("") == Settings()


def test_a_placeholder_names_nobody():
    problem = up_to("report", stored("report", reported_by="同上", discovered_by="李四", contact="/"))
    assert owner_of(problem, "report", QUIET) == "李四"


def test_reviews_are_asked_for_no_further_back_than_a_year():
    told = check_reviews({}, date(2003, 1, 1), Settings(), at("2026-03-20T17:00"))
    assert (len(told), told[0].number, told[-1].number) == (12, "2025-03", "2026-02")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("\n[deadlines", "line 2: this is no valid TOML"),
        ("[deadlines]\nacceptance = -1", "deadlines.acceptance: this must be at least 0"),
        ("[limits]\nfile_mb = 0", "limits.file_mb: this must be at least 1"),
        ("[deadlines]\nacceptance = 1.5", "deadlines.acceptance: this must be a whole number"),
        ("[deadline]\nacceptance = 1", "deadline: there is no such setting"),
        ('[deadlines.triage]\n"很急" = 1', "deadlines.triage.*: this must be one of '紧急'"),
        ('[review]\nevery = "week"', "review.every: this must be one of 'month'"),
        ("[people]\nacceptor = 1", "people.acceptor: this must be a text in quotation marks"),
        ('[calendar]\ndays_off = ["1.10."]', "calendar.days_off.0: this must be a day such as 2026-10-01"),
        ("calendar = 1", "calendar: this must be a section"),
        ("[calendar]\ndays_off = 1", "calendar.days_off: this must be a section or a list"),
    ],
)  # fmt: skip
def test_settings_that_cannot_be_are_one_clear_error(tmp_path, text, says):
    path = tmp_path / "tpdocs.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TpdocsError, match=says) as caught:
        load_settings(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 3


def test_implementation_is_held_against_the_plan_and_only_while_it_is_open():
    plan = stored("solution", planned_at="2026-03-05")
    problem = up_to("solution", plan)
    assert due_of(problem) == [("implementation", "solution.planned_at", "2026-03-05")]
    assert found(problem, QUIET, at("2026-03-05T23:00")) == [("implementation_due_soon", "solution.planned_at")]
    assert found(problem, QUIET, at("2026-03-06T00:00")) == [("implementation_overdue", "solution.planned_at")]
    done = problem.with_state(stored("implementation", finished_at="2026-03-09T10:00"))
    assert found(done, QUIET, at("2026-03-10T00:00")) == []


def test_a_plan_with_a_clock_time_is_late_from_that_time_on():
    problem = up_to("solution", stored("solution", planned_at="2026-03-05T10:00"))
    assert found(problem, QUIET, at("2026-03-05T09:59")) == [("implementation_due_soon", "solution.planned_at")]
    assert found(problem, QUIET, at("2026-03-05T15:00")) == [("implementation_overdue", "solution.planned_at")]


def test_a_residual_is_open_until_it_is_done_also_on_a_closed_problem():
    left = stored("verification", residual=True, residuals=[{**RESIDUAL, "done_at": "2026-03-06"}, dict(RESIDUAL)])
    problem = up_to("archive", left)
    assert due_of(problem) == [("action", "verification.residuals[2].due", "2026-03-20")]
    (one,) = check_problem(problem, QUIET, at("2026-03-21T00:00"))
    assert (one.code, one.field, one.owner, one.due) == (
        "action_overdue", "verification.residuals[2].due", "孙七", "2026-03-20T23:59:59",
    )  # fmt: skip
    assert all(part in one.message("en") for part in ("遗留问题及后续计划 第2行", "“监控未覆盖”", "2026-03-20"))
    assert found(problem, QUIET, at("2026-03-19T09:00")) == [("action_due_soon", "verification.residuals[2].due")]
    assert found(problem, QUIET, at("2026-03-18T09:00")) == []


@pytest.mark.parametrize(
    ("days", "now", "expected"),
    [
        (0, "2026-03-02T17:00", []), (0, "2026-03-03T09:00", ["acceptance_due_soon"]), (1, "2026-03-02T17:00", ["acceptance_due_soon"]),
        (5, "2026-02-26T09:00", ["acceptance_due_soon"]), (0, "2026-03-04T00:00", ["acceptance_overdue"]),
    ],
)  # fmt: skip
def test_how_long_before_is_soon_is_a_setting(days, now, expected):
    settings = Settings(deadlines=Deadlines(due_soon=days))
    assert [code for code, _ in found(up_to("report"), settings, at(now))] == expected


# Reviews.

SUGGESTION = {"suggestion": "加评审", "kind": "流程优化", "owner": "孙七", "due": "2026-03-31", "done_at": None}
REVIEW = {
    "period": "2026-02", "organizer": "钱一", "held_at": "2026-03-10", "conclusions": "配置类问题多", "suggestions": [SUGGESTION],
}  # fmt: skip


def reviews_found(
    reviews: dict[str, Stored], first: str | None, now: str, settings: Settings = QUIET
) -> list[tuple[str, str, str, str]]:
    flagged = check_reviews(reviews, date.fromisoformat(first) if first else None, settings, at(now))
    return [(one.code, one.number, one.field, one.due[:10]) for one in flagged]


def test_a_review_that_was_not_held_is_flagged_from_its_term_on():
    assert reviews_found({}, "2026-03-02", "2026-03-31T10:00") == []
    assert reviews_found({}, "2026-03-02", "2026-04-15T10:00") == [
        ("review_due_soon", "2026-03", "review.held_at", "2026-04-15")
    ]
    assert reviews_found({}, "2026-03-02", "2026-04-16T00:00") == [
        ("review_overdue", "2026-03", "review.held_at", "2026-04-15")
    ]
    assert reviews_found({}, None, "2026-06-01T00:00") == []


def test_a_review_term_that_begins_on_a_sunday_has_all_its_working_days():
    assert reviews_found({}, "2026-01-05", "2026-02-14T00:00") == [
        ("review_overdue", "2026-01", "review.held_at", "2026-02-13")
    ]
    assert reviews_found({}, "2026-01-05", "2026-02-13T10:00") == [
        ("review_due_soon", "2026-01", "review.held_at", "2026-02-13")
    ]


def test_a_review_is_held_for_each_period_since_the_first_report():
    late = reviews_found({"2026-02": Stored("review", 1, REVIEW)}, "2026-01-05", "2026-04-30T00:00")
    assert [(code, number) for code, number, _, _ in late] == [
        ("review_overdue", "2026-01"),
        ("action_overdue", "2026-02"),
        ("review_overdue", "2026-03"),
    ]


def test_reviews_by_quarter_or_never():
    quarterly = Settings(review=Review(every="quarter", within=10))
    assert reviews_found({}, "2026-02-02", "2026-04-16T00:00", quarterly) == [
        ("review_overdue", "2026-Q1", "review.held_at", "2026-04-15")
    ]
    assert reviews_found({}, "2026-02-02", "2027-04-16T00:00", Settings(review=Review(every="never"))) == []


def test_a_suggestion_is_an_action_until_it_is_done():
    never = Settings(review=Review(every="never"))
    one = Stored("review", 1, REVIEW)
    assert reviews_found({"2026-02": one}, None, "2026-03-29T10:00", never) == []
    assert reviews_found({"2026-02": one}, None, "2026-03-31T10:00", never) == [
        ("action_due_soon", "2026-02", "review.suggestions[1].due", "2026-03-31")
    ]
    (late,) = check_reviews({"2026-02": one}, None, never, at("2026-04-01T00:00"))
    assert (late.code, late.owner, late.form) == ("action_overdue", "孙七", "F10")
    done = Stored("review", 1, {**REVIEW, "suggestions": [{**SUGGESTION, "done_at": "2026-04-05"}]})
    assert reviews_found({"2026-02": done}, None, "2026-06-01T00:00", never) == []


def test_what_is_missing_on_a_review_is_flagged_for_its_organizer():
    bare = Stored("review", 1, {"period": "2026-02", "organizer": "钱一", "held_at": "2026-03-10"})
    flagged = check_reviews({"2026-02": bare}, None, QUIET, EVENING)
    assert [(one.code, one.field, one.number, one.owner) for one in flagged] == [
        ("missing_field", "review.conclusions", "2026-02", "钱一"),
        ("missing_rows", "review.suggestions", "2026-02", "钱一"),
    ]


@pytest.mark.parametrize(
    ("day", "every", "period"),
    [("2026-11-30", "month", "2026-11"), ("2026-12-01", "quarter", "2026-Q4"), ("2026-03-31", "quarter", "2026-Q1"), ("2026-04-01", "quarter", "2026-Q2")],
)  # fmt: skip
def test_the_period_of_a_day(day, every, period):
    assert period_of(date.fromisoformat(day), every) == period
    assert is_period(period)


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "2026", "2026-1", "", "2026-Q0", "x2026-01"])
def test_what_is_no_period(text):
    assert not is_period(text)


def test_a_december_review_is_due_in_the_next_year():
    assert [row[:2] for row in reviews_found({}, "2025-12-03", "2026-01-31T00:00")] == [("review_overdue", "2025-12")]


# Words and small things.


@pytest.mark.parametrize(
    ("end", "text"),
    [
        ("2026-03-02T09:00:59", "不到1分钟"), ("2026-03-02T09:01", "1分"), ("2026-03-02T11:00", "2小时"), ("2026-03-05T13:20", "3天4小时20分"),
        ("2026-03-04T09:00", "2天"), ("2026-03-01T09:00", "不到1分钟"),
    ],
)  # fmt: skip
def test_how_long_it_took_in_words(end, text):
    assert duration_text(at("2026-03-02T09:00"), at(end)) == text


def test_every_message_and_advice_can_be_put_into_words():
    for code in CODES:
        one = Finding(code=code, label="标签")
        assert one.message("en")
        assert "{" not in one.message("en") + one.advice("en")
