"""Rows that people typed into the register, in copies and while it is open: whose problem each is, and what of it counts."""

from datetime import datetime

import pytest

from tests.conftest import NOW
from tests.register_tools import Edit, codes, shown, verdicts
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
