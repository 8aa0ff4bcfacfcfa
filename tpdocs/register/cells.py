"""What stands in a cell, in the shape it is kept, compared and written in.

A cell is plain JSON: nothing, a text, a number; ``["d", 46100]`` a day, ``["m", ...]`` and ``["s", ...]`` a time to the minute or
second in Excel's days, ``["l", "打开", path]`` a link. So what was written can lie in the ledger and be compared years later.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tpdocs.forms.moment import Moment

Shown = Any  # None, str, int, float, or a list as told above
Plain = str | float | bool | None

LONGEST = 32_767  # UTF-16 units a cell of Excel holds
SURELY_FITTING = LONGEST // 2  # characters: none takes more than two of these
CUT = "…（过长，此处截断，全文见表单）"
_CUT_MARK = CUT[:9]  # what is left of it where something was typed before it in a cell that was full
_EPOCH = datetime(1899, 12, 30)  # day 0 of Excel's calendar, as it is right from 1900-03-01 on
_EPOCH_1904 = datetime(1904, 1, 1)
_DAY = timedelta(days=1)
_FIRST_DATE = datetime(1900, 3, 1)  # Excel believes in 1900-02-29; before that its dates are off by one
_PRECISIONS = {"day": "d", "minute": "m", "second": "s"}
_PRECISIONS_BY_LENGTH = {len("2026-02-13"): "d", len("2026-02-13T16:00"): "m", len("2026-02-13T16:00:30"): "s"}
SAME_TIME = 1e-6  # a tenth of a second, in days: what is lost on the way through a program's own rounding
DAYS_OFF_1904 = (_EPOCH_1904 - _EPOCH).days


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file of the desk, relative to the workbook."""

    target: str
    text: str


Cell = str | int | Moment | Link | datetime | None


def shown(cell: Cell) -> Shown:
    """A value as it is kept and written."""
    if cell is None or isinstance(cell, int):
        return cell
    if isinstance(cell, Moment):
        return [_PRECISIONS[cell.precision], serial(cell.at)] if cell.at >= _FIRST_DATE else str(cell)
    if isinstance(cell, datetime):
        return ["m", serial(cell)]
    if isinstance(cell, Link):
        return ["l", cell.text, cell.target]
    return fitting(str(cell)) or None


def shown_time(text: str) -> Shown:
    """The same for a time or day as the record keeps it (ISO 8601): there are many, so not by way of a `Moment`."""
    at = datetime.fromisoformat(text)
    return [_PRECISIONS_BY_LENGTH[len(text)], serial(at)] if at >= _FIRST_DATE else text.replace("T", " ")


def plain(cell: Shown) -> Plain:
    """What a program that reads the workbook finds in the cell."""
    found: Plain = cell[1] if type(cell) is list else cell
    return found


def plain_row(cells: Sequence[Shown]) -> list[Plain]:
    """The same for a row."""
    return [cell[1] if type(cell) is list else cell for cell in cells]


def serial(at: datetime) -> float | int:
    """A time in Excel's days."""
    days = (at - _EPOCH) / _DAY
    return int(days) if days == int(days) else days


def moment_of(days: float, *, since_1904: bool = False) -> Moment | None:
    """A time from Excel's days, to the minute or second it says; None when it is none."""
    try:
        at = (_EPOCH_1904 if since_1904 else _EPOCH) + timedelta(seconds=round(days * 86400))
    except OverflowError:
        return None
    if at == at.replace(hour=0, minute=0, second=0):
        return Moment(at, "day")
    return Moment(at, "second" if at.second else "minute")


def in_1904(cell: Shown) -> Shown:
    """The same cell for a workbook whose calendar begins in 1904."""
    return [cell[0], cell[1] - DAYS_OFF_1904] if type(cell) is list and cell[0] in "dms" else cell


def same(theirs: Plain, ours: Plain) -> bool:
    """Whether two cells say the same; an empty text is nothing."""
    if theirs == ours:
        return True
    if isinstance(theirs, (int, float)) and isinstance(ours, (int, float)):
        return abs(theirs - ours) < SAME_TIME
    return theirs in (None, "") and ours in (None, "")


def is_link(cell: Shown) -> bool:
    """Whether a cell is a link."""
    return type(cell) is list and cell[0] == "l"


def says(there: Shown, wanted: Shown) -> bool:
    """Whether a cell says what it should. All links show the same, so of one it is only true where just that was written there."""
    return bool(there == wanted) or (not is_link(wanted) and same(plain(there), plain(wanted)))


_ERRORS = frozenset(
    [
        "#N/A",
        "#DIV/0!",
        "#REF!",
        "#NAME?",
        "#VALUE!",
        "#NUM!",
        "#NULL!",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#GETTING_DATA",
        "#BUSY!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#EXTERNAL!",
        "#PYTHON!",
    ]
)


def is_error(value: object) -> bool:
    """Whether a cell holds what a formula comes to that cannot be calculated, which is no value of anything."""
    return value in _ERRORS


def is_of_a_cut_text(theirs: object, ours: object) -> bool:
    """Whether somebody changed a cell that shows only the beginning of a text: the rest is not in it. A text written anew is whole."""
    return isinstance(ours, str) and ours.endswith(CUT) and isinstance(theirs, str) and _CUT_MARK in theirs


def fitting(text: str) -> str:
    """`text` as far as a cell of Excel holds it, with a mark where it was cut."""
    if len(text) <= SURELY_FITTING or len(text.encode("utf-16-le")) // 2 <= LONGEST:
        return text
    room = (LONGEST - len(CUT)) * 2
    return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT


_LETTERS = re.compile(r"([A-Z]{1,3})(\d+)")


def column_number(letters: str) -> int:
    """``A`` is 1, ``AA`` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 is ``A``, 27 ``AA``."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass(frozen=True, slots=True)
class Range:
    """A range of cells by numbers from 1, both ends in it."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def of(cls, text: str) -> "Range | None":
        """From ``A1:K20`` or ``A1``; None for anything else, such as a whole column."""
        found = _LETTERS.findall(text.replace("$", "").upper())
        if not found or len(found) > 2 or text.count(":") != len(found) - 1:  # noqa: PLR2004 - two corners
            return None
        (left, top), (right, bottom) = found[0], found[-1]
        return cls(column_number(left), int(top), column_number(right), int(bottom))

    def __str__(self) -> str:
        start = f"{column_letters(self.left)}{self.top}"
        end = f"{column_letters(self.right)}{self.bottom}"
        return start if start == end else f"{start}:{end}"
