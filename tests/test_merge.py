"""Merging a form that came again: field by field against what its sender started from."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpdocs.forms.standard import FORMS
from tpdocs.forms.values import Record
from tpdocs.ledger.merge import Change, Merged, merge

FORM = FORMS["investigation"]
FIELDS = tuple(FORM.by_name[name] for name in ("lead", "methods", "steps", "collaboration", "root_cause", "located_at"))
NAMES = frozenset(one.name for one in FIELDS)
EMPTY: tuple[Any, tuple[()]] = (None, ())


def row(operation: str, when: str | None = None) -> dict[str, Any]:
    return {"at": when, "operation": operation, "result": None, "new_problem": None, "by": None}


# Few values each, so that the three sides agree as often as they differ: (value, raw texts by key).
STATES: dict[str, list[tuple[Any, dict[str, str]]]] = {
    "lead": [("孙七", {}), ("周八", {}), ("=1+1", {})],
    "methods": [(["日志分析"], {}), (["日志分析", "代码审查"], {})],
    "steps": [
        ([row("看日志", "2026-03-02")], {}),
        ([row("看日志"), row("抓包")], {"steps[2].at": "下午"}),
        ([row("看日志"), row("抓包")], {"steps[2].at": "傍晚前"}),
        ([row("看日志"), row("抓包")], {}),
        ([row("看日志"), row("抓包")], {"steps[1].at": "下午", "steps[2].at": "下午"}),
    ],
    "collaboration": [(True, {}), (False, {}), (None, {"collaboration": "是、否"})],
    "root_cause": [("甲\n乙", {}), ("甲", {})],
    "located_at": [("2026-03-03", {}), ("2026-03-03T10:00", {}), (None, {"located_at": "下周"}), (None, {"located_at": "月底"})],
}  # fmt: skip


def record(**states: tuple[Any, dict[str, str]]) -> Record:
    values = {name: value for name, (value, _) in states.items() if value is not None}
    raw = {key: text for _, texts in states.values() for key, text in texts.items()}
    return Record("investigation", values, raw, NAMES)


RECORDS = st.fixed_dictionaries({name: st.sampled_from([(None, {}), *kept]) for name, kept in STATES.items()}).map(
    lambda states: record(**states)
)
FOUND = st.sets(st.sampled_from(sorted(NAMES))).map(frozenset)


def same(merged: Any, expected: Record) -> bool:
    return (merged.values, merged.raw) == (expected.values, expected.raw)


@given(base=RECORDS, ours=RECORDS)
def test_a_copy_without_changes_changes_nothing(base, ours):
    merged = merge(FIELDS, base, ours, base)
    assert same(merged, ours)
    assert (merged.changes, merged.conflicts) == ([], {})


def words(merged: Merged) -> dict[str, dict[str, str]]:
    """Both sides of each conflict in words."""
    return {name: {side: told[side] for side in ("ours", "theirs")} for name, told in merged.conflicts.items()}


@given(base=RECORDS, theirs=RECORDS)
def test_what_nobody_changed_meanwhile_is_taken_over_entirely(base, theirs):
    merged = merge(FIELDS, base, base, theirs)
    assert same(merged, theirs)
    assert {change.field for change in merged.changes} == {
        name for name in NAMES if base.state(name) != theirs.state(name)
    }
    assert merged.conflicts == {}


@given(base=RECORDS, ours=RECORDS, theirs=RECORDS, found=FOUND)
def test_every_field_follows_the_one_that_changed_it(base, ours, theirs, found):
    theirs = replace(theirs, found=found)
    merged = merge(FIELDS, base, ours, theirs)
    result = Record("investigation", merged.values, merged.raw)
    changed, conflicts = set(), set()
    for name in NAMES:
        before, here, there = base.state(name), ours.state(name), theirs.state(name)
        if there == EMPTY and name not in found:
            expected = here
        elif here == before:
            expected = there
        else:
            expected = here
            if there not in (before, here):
                conflicts.add(name)
        assert result.state(name) == expected, name
        if expected != here:
            changed.add(name)
    assert {change.field for change in merged.changes} == changed
    assert set(merged.conflicts) == conflicts
    for name in conflicts:  # what the other side's words stand for
        assert json.loads(merged.conflicts[name]["state"]) == json.loads(json.dumps(theirs.state(name)))


@given(base=RECORDS, ours=RECORDS, theirs=RECORDS, found=FOUND)
def test_merging_the_same_copy_again_changes_nothing_more(base, ours, theirs, found):
    theirs = replace(theirs, found=found)
    once = merge(FIELDS, base, ours, theirs)
    twice = merge(FIELDS, base, Record("investigation", once.values, once.raw), theirs)
    assert (twice.values, twice.raw, twice.changes) == (once.values, once.raw, [])
    assert twice.conflicts == once.conflicts


@given(base=RECORDS, ours=RECORDS, theirs=RECORDS)
def test_merging_leaves_what_it_was_given_as_it_was(base, ours, theirs):
    before = repr((base, ours, theirs))
    merged = merge(FIELDS, base, ours, theirs)
    merged.values["lead"] = "别人"
    merged.raw["lead"] = "别人"
    assert repr((base, ours, theirs)) == before


@given(base=RECORDS, ours=RECORDS, theirs=RECORDS)
def test_a_change_tells_old_and_new(base, ours, theirs):
    for change in merge(FIELDS, base, ours, theirs).changes:
        for side, told in ((ours, change.old), (theirs, change.new)):
            value, raw = side.state(change.field)
            assert told == (value if value is not None else "；".join(text for _, text in raw) or None)


def one_field(name: str, base: int | None, ours: int | None, theirs: int | None, *, found: bool = True) -> Any:
    """Merge one field; the sides are positions in `STATES`, None is empty."""
    base_record, our_record, their_record = (
        record(**({name: STATES[name][at]} if at is not None else {})) for at in (base, ours, theirs)
    )
    if not found:
        their_record = replace(their_record, found=frozenset())
    return merge(FIELDS, base_record, our_record, their_record)


def test_empty_clears():
    merged = one_field("lead", 0, 0, None)
    assert (merged.values, merged.changes) == ({}, [Change("lead", "孙七", None)])


def test_not_found_keeps():
    merged = one_field("lead", 0, 0, None, found=False)
    assert (merged.values, merged.changes) == ({"lead": "孙七"}, [])


@pytest.mark.parametrize("name", STATES)
def test_not_found_keeps_a_field_of_any_kind_with_its_raw_texts(name):
    for position, (value, raw) in enumerate(STATES[name]):
        merged = one_field(name, position, position, None, found=False)
        assert (merged.values.get(name), merged.raw) == (value, raw)
        cleared = one_field(name, position, position, None)
        assert (cleared.values, cleared.raw) == ({}, {})


def test_both_changed_differently_is_a_conflict_with_both_texts_and_ours_stays():
    merged = one_field("lead", None, 0, 1)
    assert merged.values == {"lead": "孙七"}
    assert words(merged) == {"lead": {"ours": "孙七", "theirs": "周八"}}
    assert merged.changes == []


def test_both_changed_to_the_same_is_no_conflict():
    merged = one_field("methods", None, 1, 1)
    assert (merged.values, merged.conflicts, merged.changes) == ({"methods": ["日志分析", "代码审查"]}, {}, [])
    assert merged.settled == ["methods"]


def test_ours_changed_alone_stays():
    merged = one_field("root_cause", 0, 1, 0)
    assert (merged.values, merged.conflicts, merged.changes) == ({"root_cause": "甲"}, {}, [])


def test_what_was_cleared_meanwhile_and_changed_by_the_sender_is_a_conflict():
    merged = one_field("lead", 0, None, 1)
    assert merged.values == {}
    assert words(merged) == {"lead": {"ours": "", "theirs": "周八"}}


def test_what_was_changed_meanwhile_and_cleared_by_the_sender_is_a_conflict():
    merged = one_field("lead", 0, 1, None)
    assert merged.values == {"lead": "周八"}
    assert words(merged) == {"lead": {"ours": "周八", "theirs": ""}}


def test_raw_texts_of_cells_merge_with_their_table():
    merged = one_field("steps", 3, 3, 1)
    assert merged.values == {"steps": [row("看日志"), row("抓包")]}
    assert merged.raw == {"steps[2].at": "下午"}
    assert [change.field for change in merged.changes] == ["steps"]
    replaced = one_field("steps", 4, 4, 2)
    assert replaced.raw == {"steps[2].at": "傍晚前"}
    assert one_field("steps", 1, 1, 3).raw == {}


def test_raw_texts_of_cells_can_conflict():
    merged = one_field("steps", 3, 1, 2)
    assert merged.raw == {"steps[2].at": "下午"}
    assert words(merged) == {"steps": {"ours": "看日志\n抓包；下午", "theirs": "看日志\n抓包；傍晚前"}}


def test_a_raw_text_gives_way_to_a_value_and_the_other_way_round():
    assert one_field("located_at", 2, 2, 0).values == {"located_at": "2026-03-03"}
    assert one_field("located_at", 2, 2, 0).raw == {}
    back = one_field("located_at", 0, 0, 2)
    assert (back.values, back.raw) == ({}, {"located_at": "下周"})
    assert back.changes == [Change("located_at", "2026-03-03", "下周")]
    assert words(one_field("located_at", 0, 1, 3)) == {"located_at": {"ours": "2026-03-03 10:00", "theirs": "月底"}}


def test_the_raw_texts_of_a_field_whose_name_begins_alike_are_left_alone():
    fields = FORMS["verification"].fields
    base = Record("verification", {}, {"residuals[1].due": "月底", "residual": "是、否"})
    theirs = Record(
        "verification", {"residual": True}, {"residuals[1].due": "月底"}, frozenset({"residual", "residuals"})
    )
    merged = merge(fields, base, base, theirs)
    assert (merged.values, merged.raw) == ({"residual": True}, {"residuals[1].due": "月底"})
