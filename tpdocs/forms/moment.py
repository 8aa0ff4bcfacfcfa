"""Points in time at the precision somebody wrote them down: a day, a minute or a second."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_BEIJING = timezone(timedelta(hours=8))
_DAY = r"(?P<year>\d{4})\s*(?:[-/.]|年)\s*(?P<month>\d{1,2})\s*(?:[-/.]|月)\s*(?P<day>\d{1,2})\s*[日号]?"
_COMPACT = r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})"
_WEEKDAY = r"(?:\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?)?"
_HALF = r"(?P<half>上午|早上|凌晨|中午|下午|傍晚|晚上|晚|AM|PM)?"
_CLOCK = (
    r"(?:[T,]?\s*"
    + _HALF
    + r"\s*(?P<hour>\d{1,2})\s*(?:[:点时]\s*(?:(?P<minute>\d{1,2})|(?P<thirty>半)|整)?\s*(?:[:分]\s*)?"
    r"(?:(?P<second>\d{1,2})(?:\.\d+)?\s*秒?)?|(?=\s*[AP]M))\s*(?P<after>AM|PM)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_BASIC = r"[T ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z|[+-]\d{2}:?\d{2})?"
_FORMS = (
    *(re.compile(day + _WEEKDAY + r"\s*" + _CLOCK, re.IGNORECASE) for day in (_DAY, _COMPACT)),
    re.compile(_COMPACT + _BASIC),
)
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚", "pm"})
_FIRST_YEAR, _LAST_YEAR = 1990, 2100  # beyond these somebody mistyped the year
_NUMERALS = {sign: str(number) for number, sign in enumerate("〇一二三四五六七八九")} | {"零": "0", "○": "0", "0": "0"}
_CHINESE_YEAR = re.compile(r"[〇零○0一二三四五六七八九]{4}(?=\s*年)")
_CHINESE_NUMBER = re.compile(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=\s*[月日号点时分秒])")


@dataclass(frozen=True, slots=True, order=False)
class Moment:
    """A naive point in time in the desk's time zone and how exactly it is known (``day``, ``minute`` or ``second``)."""

    at: datetime
    precision: str = "minute"

    @classmethod
    def of_day(cls, day: date) -> "Moment":
        """That day, without a clock time."""
        return cls(datetime.combine(day, time()), "day")

    @classmethod
    def from_iso(cls, text: str) -> "Moment":
        """From the ISO 8601 text that `isoformat` gives; ValueError for anything else."""
        if len(text) == len("2026-02-13"):
            return cls.of_day(date.fromisoformat(text))
        return cls(datetime.fromisoformat(text), "second" if len(text) > len("2026-02-13T16:00") else "minute")

    @property
    def day(self) -> date:
        """The calendar day."""
        return self.at.date()

    def isoformat(self) -> str:
        """ISO 8601 at this precision: ``2026-02-13``, ``2026-02-13T16:00`` or ``2026-02-13T16:00:30``."""
        if self.precision == "day":
            return self.day.isoformat()
        return self.at.isoformat(timespec="seconds" if self.precision == "second" else "minutes")

    def __str__(self) -> str:
        return self.isoformat().replace("T", " ")

    def is_before(self, other: "Moment") -> bool:
        """Whether this is earlier, compared at the coarser of the two precisions.

        A clock of exactly 00:00 counts as a day only: date pickers write midnight for a plain date.
        """
        if self.only_a_day or other.only_a_day:
            return self.day < other.day
        if "minute" in (self.precision, other.precision):
            return self.at.replace(second=0) < other.at.replace(second=0)
        return self.at < other.at

    @property
    def only_a_day(self) -> bool:
        """Whether no more than the day is known."""
        return self.precision == "day" or self.at.time() == time()

    @property
    def end(self) -> datetime:
        """The last second it may mean: the end of the day for a day."""
        return datetime.combine(self.day, time(23, 59, 59)) if self.only_a_day else self.at

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.no_info_after_validator_function(cls.from_iso, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text]),
            serialization=core_schema.plain_serializer_function_ser_schema(cls.isoformat, when_used="json"),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$"}


def read_moment(text: str) -> Moment | None:
    """The moment that `text` (already folded to half-width) names, or None if it names none.

    Takes the usual Chinese and ISO spellings, with or without clock: ``2026年2月13日 16时``, ``2026/2/13 下午4:30``,
    ``2026-02-13T16:00+08:00``, ``20260213``. A zone other than Beijing's is converted.
    """
    bare = _with_figures(text.strip().rstrip("。."))
    for form in _FORMS:
        if match := form.fullmatch(bare):
            # 16:00-17:00 is a span of time; only in ISO 8601 is -17:00 a zone.
            span = (match["zone"] or "").startswith("-") and "T" not in bare.upper()
            return None if span else _moment_of(match)
    return None


def _with_figures(text: str) -> str:
    """Chinese numerals of a date as figures: 二〇二六年二月十三日."""
    if "年" not in text or not set(text) & set("一二三四五六七八九十"):
        return text
    text = _CHINESE_YEAR.sub(lambda match: "".join(_NUMERALS[sign] for sign in match[0]), text)

    def number(match: re.Match[str]) -> str:
        tens, ten, ones = match.groups()
        if not (tens or ten or ones) or (tens and ones and not ten):
            return match[0]
        return f"{(_NUMERALS[tens] if tens else '1') if ten else ''}{_NUMERALS[ones or tens] if (ones or not ten) else '0'}"

    return _CHINESE_NUMBER.sub(number, text)


def _moment_of(match: re.Match[str]) -> Moment | None:
    part = match.groupdict()
    try:
        day = datetime(int(part["year"]), int(part["month"]), int(part["day"]))
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            return None
        if part["hour"] is None:
            return Moment(day, "day")
        minute = 30 if part.get("thirty") else int(part["minute"] or 0)
        seconds = timedelta(minutes=minute, seconds=int(part["second"] or 0))
        hour = _hour(int(part["hour"]), (part.get("half") or part.get("after") or "").lower())
        if hour is None:
            return None
        if minute > 59 or int(part["second"] or 0) > 59 or timedelta(hours=hour) + seconds > timedelta(days=1):  # noqa: PLR2004
            return None
        at = day + timedelta(hours=hour) + seconds
        if zone := part["zone"]:
            at = datetime.fromisoformat(at.isoformat() + zone.upper()).astimezone(_BEIJING).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return Moment(at, "second" if part["second"] else "minute")


def _hour(hour: int, half: str) -> int | None:
    """The hour of the day; None for what may be this night or the next: 晚上12点, 晚上1点."""
    noon, evening = 12, 5
    if half in ("晚上", "晚") and (hour == noon or hour < evening):
        return None
    if half == "中午" and hour < evening:
        return hour + noon
    if half in _AFTERNOON and hour < noon:
        return hour + noon
    if half in ("am", "凌晨") and hour == noon:
        return 0
    return hour
