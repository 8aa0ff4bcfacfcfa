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
_FORMS = tuple(re.compile(day + _WEEKDAY + r"\s*" + _CLOCK, re.IGNORECASE) for day in (_DAY, _COMPACT))
_AFTERNOON = frozenset({"下午", "傍晚", "晚上", "晚", "pm"})


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
    for form in _FORMS:
        if match := form.fullmatch(text.strip()):
            return _moment_of(match)
    return None


def _moment_of(match: re.Match[str]) -> Moment | None:
    part = match.groupdict()
    try:
        day = datetime(int(part["year"]), int(part["month"]), int(part["day"]))
        if part["hour"] is None:
            return Moment(day, "day")
        minute = 30 if part["thirty"] else int(part["minute"] or 0)
        seconds = timedelta(minutes=minute, seconds=int(part["second"] or 0))
        hour = _hour(int(part["hour"]), (part["half"] or part["after"] or "").lower())
        if minute > 59 or int(part["second"] or 0) > 59 or timedelta(hours=hour) + seconds > timedelta(days=1):  # noqa: PLR2004
            return None
        at = day + timedelta(hours=hour) + seconds
        if zone := part["zone"]:
            at = datetime.fromisoformat(at.isoformat() + zone.upper()).astimezone(_BEIJING).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return Moment(at, "second" if part["second"] else "minute")


def _hour(hour: int, half: str) -> int:
    noon = 12
    if half in _AFTERNOON and hour < noon:
        return hour + noon
    if half in ("am", "凌晨") and hour == noon:
        return 0
    return hour
