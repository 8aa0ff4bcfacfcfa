"""Taking a batch back: what it changed says again what it said before, unless later changes build on it."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import NOW, filled
from tests.records import good
from tests.register_tools import Edit, cli, cli_plain, shown
from tests.test_ingest import outcomes, problem_of, put, take
from tests.test_lists import NEW_ROW
from tpdocs.actions.look import reading, show_problem
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import sync
from tpdocs.actions.undo import NotUndoneError, undo
from tpdocs.actions.updating import UpdateOptions, update
from tpdocs.cli.app import app
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record, told_apart
from tpdocs.register.columns import PROBLEMS
from tpdocs.register.lists import csv_bytes


def state_of(desk: Desk, number: str = "TP001") -> dict[str, Any]:
    """Everything on record about a problem, but for what only says when and how."""
    told = show_problem(desk, number, NOW).as_json()
    return {name: told[name] for name in ("status", "round", "forms", "raw")}


def report_of(title: str = "甲", **changes) -> bytes:
    return filled("F01", Record("report", good("report", title=title, **changes)))


def life(desk: Desk) -> None:
    """A report and its triage, each a batch of its own."""
    put(desk, "report", report_of())
    take(desk)
    put(desk, "triage", filled("F02", Record("triage", good("triage")), number="TP001", title="甲"))
    take(desk)


def test_fields_say_again_what_they_said_and_an_undo_can_be_undone(desk):
    life(desk)
    before = state_of(desk)
    set_fields(desk, "TP001", {"report.system": "别的系统", "report.workaround": "重启", "triage.group": "产品组"}, NOW)
    changed = state_of(desk)
    done = undo(desk, 3, NOW, person="张三")
    assert state_of(desk) == before
    assert {one.form for one in done.taken} == {"report", "triage"}
    assert [one.undone_by for one in batches(desk)] == [0, 0, 4, 0]
    undo(desk, 4, NOW)
    assert state_of(desk) == changed
    undo(desk, 3, NOW)
    assert state_of(desk) == before
    with pytest.raises(NotUndoneError, match="by batch 6"):
        undo(desk, 3, NOW)


def test_a_later_change_of_another_field_stays_and_one_of_the_same_field_stands_against_it(desk):
    life(desk)
    set_fields(desk, "TP001", {"report.system": "甲系统"}, NOW)
    set_fields(desk, "TP001", {"report.workaround": "重启"}, NOW)
    undo(desk, 3, NOW)
    problem = problem_of(desk, "TP001")
    assert (problem.get("report.system"), problem.get("report.workaround")) == (good("report")["system"], "重启")
    set_fields(desk, "TP001", {"report.workaround": "切换"}, NOW)
    with pytest.raises(NotUndoneError, match=r"TP001 “当前临时处理措施” \(batch 6, set"):
        undo(desk, 4, NOW)
    undo(desk, 6, NOW)
    undo(desk, 4, NOW)
    assert problem_of(desk, "TP001").get("report.workaround") is None


def test_a_form_goes_off_the_record_and_its_document_stays_archived(desk):
    life(desk)
    undo(desk, 2, NOW)
    problem = problem_of(desk, "TP001")
    assert (problem.status, problem.state("triage")) == ("待受理", None)
    with reading(desk) as transaction:
        (document,) = [one for one in transaction.documents("TP001") if one.form == "triage"]
        assert transaction.history("TP001")[-1].gone
    assert (desk.root / document.path).exists()
    # The same file again is taken in again, for nothing of it is on record any more.
    put(desk, "again", (desk.root / document.path).read_bytes())
    assert outcomes(take(desk)) == {"again.docx": ("new", "TP001")}
    assert problem_of(desk, "TP001").status == "排查中"
    assert outcomes(take(desk, desk.root / document.path)) == {document.path.rpartition("/")[2]: ("unchanged", "TP001")}


def test_the_link_of_a_form_opens_the_document_that_stands(desk):
    life(desk)
    put(desk, "later", filled("F02", Record("triage", good("triage", group="产品组")), number="TP001", title="甲"))
    take(desk)
    with reading(desk) as transaction:
        first, later = [one.path for one in transaction.documents("TP001") if one.form == "triage"]

    def opened() -> str:
        sync(desk, NOW)
        return str(shown(desk).cell("TP001", "F02文件").value)

    assert later in opened()
    undo(desk, 3, NOW)
    assert first in opened()
    undo(desk, 2, NOW)
    assert "HYPERLINK" in opened()  # of the form nothing is on record, but it lies in the archive


def test_an_opening_is_a_withdrawal_and_what_builds_on_it_stands_against_it(desk):
    life(desk)
    with pytest.raises(NotUndoneError, match=r"TP001 “F02 问题受理及初步分析表” \(batch 2, ingest"):
        undo(desk, 1, NOW)
    assert problem_of(desk, "TP001").status == "排查中"
    undo(desk, 2, NOW)
    done = undo(desk, 1, NOW)
    assert problem_of(desk, "TP001").status == "已撤销"
    assert problem_of(desk, "TP001").report.title == "甲"
    put(desk, "next", report_of("乙", reported_by="别人"))
    assert outcomes(take(desk)) == {"next.docx": ("new", "TP002")}
    put(desk, "same", report_of())
    taken = take(desk)
    assert [one.code for one in taken.files[0].records[0].findings] == ["problem_withdrawn"]
    undo(desk, done.batch, NOW)
    assert problem_of(desk, "TP001").status == "待受理"


def test_what_was_never_there_or_changed_nothing_is_one_sentence(desk):
    life(desk)
    put(desk, "again", report_of())
    take(desk)
    with pytest.raises(NotUndoneError, match="no batch 9"):
        undo(desk, 9, NOW)
    with pytest.raises(NotUndoneError, match="changed nothing"):
        undo(desk, 3, NOW)


def test_withdrawing_and_reopening_are_taken_back_too(busy):
    for command in (("withdraw", "TP003", "--reason", "重复"), ("reopen", "TP001", "--reason", "再次出现")):
        before = state_of(busy, command[1])
        assert cli(busy, *command).exit_code == 0
        assert state_of(busy, command[1]) != before
        last = batches(busy)[-1].id
        assert cli(busy, "undo", str(last)).exit_code == 0
        assert state_of(busy, command[1]) == before


def test_a_whole_ingest_of_the_samples_comes_back_and_forth(busy):
    """Whatever an ingest did, to many problems at once, is taken back and put on record again, the register with it."""
    numbers = [f"TP00{number}" for number in range(1, 9)]
    before = {number: state_of(busy, number) for number in numbers}
    told = cli(busy, "undo", "1", "--format", "json")
    assert told.exit_code == 0, told.output
    assert {one["number"] for one in json.loads(told.output)["taken"]} >= set(numbers)
    assert {state_of(busy, number)["status"] for number in numbers} == {"已撤销"}
    assert shown(busy).cell("TP001", "问题状态").value == "已撤销"
    again = batches(busy)[-1].id
    assert cli(busy, "undo", str(again)).exit_code == 0
    assert {number: state_of(busy, number) for number in numbers} == before
    assert shown(busy).cell("TP001", "问题状态").value == "已归档"


def test_what_people_changed_in_the_register_is_a_batch_like_any_other(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP001", "问题标题", "改过的标题")
        book[PROBLEMS].put("TP003", "严重程度", "很急")
    before = state_of(busy, "TP001"), state_of(busy, "TP003")
    done = sync(busy, NOW)
    told = CliRunner().invoke(app, ["--desk", str(busy.root), "undo", str(done.batch), "--now", "2026-03-20 17:00"])
    assert told.exit_code == 0, told.output
    assert "改过的标题 -> " in told.output
    assert (state_of(busy, "TP001"), state_of(busy, "TP003")) == before
    sheet = shown(busy)
    assert sheet.cell("TP001", "问题标题").value == before[0]["forms"]["report"]["title"]
    assert (sheet.cell("TP003", "严重程度").value, sheet.cell("TP003", "校验提示").value) == (before[1]["forms"]["report"]["severity"], None)  # fmt: skip


def test_what_was_opened_and_taken_back_may_be_opened_again_from_a_list(desk, tmp_path):
    path = tmp_path / "new.csv"
    path.write_bytes(csv_bytes([list(NEW_ROW), list(map(str, NEW_ROW.values()))]))
    first = update(desk, path, UpdateOptions(mode="insert"), NOW)
    assert [one.verdict for one in update(desk, path, UpdateOptions(mode="insert"), NOW).rows] == ["invalid"]
    undo(desk, first.batch, NOW)
    again = update(desk, path, UpdateOptions(mode="insert"), NOW)
    assert [(one.number, one.verdict) for one in again.rows] == [("TP002", "new")]


def test_a_dry_run_says_the_same_and_writes_nothing(desk):
    life(desk)
    before = desk.ledger.read_bytes()
    assert [one.what for one in undo(desk, 2, NOW, dry_run=True).taken] == ["gone"]
    assert desk.ledger.read_bytes() == before


def test_of_rows_those_are_shown_that_differ(busy):
    rows = [{"problem": f"遗留{name}" * 9, "plan": "计划" * 9, "owner": "甲", "due": "2026-04-01"} for name in "一二三"]
    for owner in ("甲", "乙"):
        record = Record(
            "verification", good("verification", residual=True, residuals=[*rows[:2], {**rows[2], "owner": owner}])
        )
        put(busy, f"v{owner}.docx", filled("F06", record, number="TP002"))
        take(busy)
    for tell, *command in ((cli, "undo", str(batches(busy)[-1].id), "--dry-run"), (cli_plain, "history", "TP002")):
        line = [one for one in tell(busy, *command).output.splitlines() if "遗留问题" in one][-1]
        old, new = line.split(" -> ")
        assert "遗留一" not in line
        assert sorted(("；乙；" in old, "；乙；" in new)) == [False, True], line


def test_long_texts_are_cut_where_they_differ():
    same = "同" * 200
    assert told_apart("短", "新") == ("短", "新")
    assert told_apart("a\nb", "a\nc") == ("a b", "a c")
    old, new = told_apart(f"{same}旧的尾巴", f"{same}新的尾巴")
    assert (len(old), old[0], old[-4:], new[-4:]) == (25, "…", "旧的尾巴", "新的尾巴")
    assert told_apart(f"{same}\n一行", f"{same}\n二行") == ("一行", "二行")
    assert told_apart(f"{same}\n一行\n二行", f"{same}\n一行") == ("二行", "…")
    assert told_apart(f"{same}\n一行", f"{same}\n一行\n二行") == ("…", "二行")
    assert told_apart("", same) == ("", same[:59] + "…")
    assert told_apart(same, f"{same}多") == (f"…{same[:20]}", f"…{same[:20]}多")
