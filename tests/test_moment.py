"""Times in the spellings people use, at the precision they wrote."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpdocs.forms.fields import date, moment
from tpdocs.forms.moment import Moment, read_moment
from tpdocs.forms.values import parse_value

AT = moment("时间")
DAY = date("日期")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-02-13", "2026-02-13"), ("2026年2月13日", "2026-02-13"), ("2026 年 02 月 13 日", "2026-02-13"), ("2026/2/13", "2026-02-13"),
        ("2026.02.13", "2026-02-13"), ("20260213", "2026-02-13"), ("２０２６年２月１３日", "2026-02-13"), ("2026年2月13号", "2026-02-13"),
        ("2026-02-13 16:00", "2026-02-13T16:00"), ("2026-02-13T16:00:30", "2026-02-13T16:00:30"), ("2026年2月13日16时", "2026-02-13T16:00"),
        ("2026年2月13日 16时05分", "2026-02-13T16:05"), ("2026年2月13日16点30分15秒", "2026-02-13T16:30:15"), ("2026/2/13 下午4:05", "2026-02-13T16:05"),
        ("2026-2-13 4:05 PM", "2026-02-13T16:05"), ("2026-2-13 下午4点半", "2026-02-13T16:30"), ("2026-02-13 上午9点", "2026-02-13T09:00"),
        ("2026-02-13 12:30 AM", "2026-02-13T00:30"), ("2026-02-13（星期五）16:00", "2026-02-13T16:00"), ("2026-02-13 周五", "2026-02-13"),
        ("2026-02-13T08:00:00Z", "2026-02-13T16:00:00"), ("2026-02-13T16:00+08:00", "2026-02-13T16:00"), ("2026-02-13 24:00", "2026-02-14T00:00"),
        ("2026-02-13　16：00", "2026-02-13T16:00"), ("2028-02-29", "2028-02-29"), ("20260213 16:05", "2026-02-13T16:05"),
        ("二〇二六年二月十三日", "2026-02-13"), ("二零二六年十二月三十一日", "2026-12-31"), ("二0二六年十月二十日", "2026-10-20"),
        ("二〇二六年二月十日下午三点", "2026-02-10T15:00"), ("20260213T1600", "2026-02-13T16:00"), ("20260213T160030", "2026-02-13T16:00:30"),
        ("2026年2月13日。", "2026-02-13"), ("2026-02-13 中午1点", "2026-02-13T13:00"), ("2026-02-13 中午12点", "2026-02-13T12:00"),
        ("2026-02-13 晚上9点", "2026-02-13T21:00"), ("2026-02-13T16:00-05:00", "2026-02-14T05:00"),
    ],
)  # fmt: skip
def test_the_usual_spellings(written, meant):
    assert parse_value(AT, written) == (meant, "")


@pytest.mark.parametrize(
    "written",
    [
        "2026-02-30",
        "2026-13-01",
        "2026-02-13 25:00",
        "2026-02-13 16:61",
        "2月13日",
        "下周三",
        "13/02/2026",
        "2026",
        "16:00",
        "待定",
        "2026-02-13 16:00-17:00",
        "2026年2月13日 14:00-16:00",
        "2026-02-13 14:00:00-15:00",
        "2026-02-13 晚上12点",
        "2026-02-13 晚上1点",
        "0026-02-13",
        "2206-02-13",
        "二三年二月三日",
    ],
)
def test_what_is_no_time_keeps_its_text(written):
    assert parse_value(AT, written) == (None, written)


def test_a_date_takes_no_clock_but_a_pickers_midnight():
    assert parse_value(DAY, "2026-02-13 00:00") == ("2026-02-13", "")
    assert parse_value(DAY, "2026-02-13 16:00") == (None, "2026-02-13 16:00")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31)), st.sampled_from(["day", "minute", "second"]))
def test_iso_and_back_at_every_precision(at, precision):
    kept = {"day": at.replace(hour=0, minute=0, second=0, microsecond=0), "minute": at.replace(second=0, microsecond=0)}
    one = Moment(kept.get(precision, at.replace(microsecond=0)), precision)
    assert Moment.from_iso(one.isoformat()) == one
    assert read_moment(str(one)) == one


@pytest.mark.parametrize(
    ("first", "second", "before"),
    [
        ("2026-02-13", "2026-02-13T16:00", False), ("2026-02-12", "2026-02-13T00:30", True), ("2026-02-13T15:59", "2026-02-13T16:00", True),
        ("2026-02-13T16:00:10", "2026-02-13T16:00", False), ("2026-02-13T16:00:10", "2026-02-13T16:00:20", True),
        ("2026-02-13T16:00", "2026-02-13T00:00", False), ("2026-02-13T00:00", "2026-02-13T16:00", False),
    ],
)  # fmt: skip
def test_times_are_compared_at_the_coarser_precision(first, second, before):
    assert Moment.from_iso(first).is_before(Moment.from_iso(second)) is before


def test_the_end_of_a_day_is_its_last_second():
    assert Moment.from_iso("2026-02-13").end == datetime(2026, 2, 13, 23, 59, 59)
    assert Moment.from_iso("2026-02-13T16:00").end == datetime(2026, 2, 13, 16, 0)
