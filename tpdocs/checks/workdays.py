"""The Chinese working calendar, with make-up days, as far as it has been published; after that weekdays, marked 暂定."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache

import chinese_calendar

from tpdocs.config import Calendar
from tpdocs.forms.moment import Moment

PROVISIONAL = "（暂定）"
_SUNDAY_AND_SATURDAY = (5, 6)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A due day, which lasts until 23:59:59, or until its clock time where a plan names one.

    Provisional: it rests on days that no calendar has been published for.
    """

    day: date
    provisional: bool = False
    clock: time | None = None

    @classmethod
    def of(cls, planned: Moment) -> "Due":
        """What a plan says, at its precision."""
        return cls(planned.day, clock=None if planned.only_a_day else planned.at.time())

    @property
    def at(self) -> datetime:
        """The last second of it."""
        return datetime.combine(self.day, self.clock or time(23, 59, 59))

    def __str__(self) -> str:
        clock = f" {self.clock:%H:%M}" if self.clock else ""
        return f"{self.day.isoformat()}{clock}{PROVISIONAL if self.provisional else ''}"


@lru_cache(maxsize=4096)
def is_working_day(day: date, calendar: Calendar) -> tuple[bool, bool]:
    """Whether people work that day, and whether that is only assumed."""
    if day in calendar.working_days:
        return True, False
    if day in calendar.days_off:
        return False, False
    try:
        return bool(chinese_calendar.is_workday(day)), False
    except NotImplementedError:
        return day.weekday() not in _SUNDAY_AND_SATURDAY, True


def working_days_after(start: date, count: int, calendar: Calendar) -> Due:
    """The day on which `count` working days after `start` have gone by; for 0 the day itself or the next working day."""
    day, left, assumed = start, count, False
    if count == 0:
        while True:
            works, provisional = is_working_day(day, calendar)
            assumed |= provisional
            if works:
                return Due(day, assumed)
            day += _DAY
    while left:
        day += _DAY
        works, provisional = is_working_day(day, calendar)
        assumed |= provisional
        left -= works
    return Due(day, assumed)
