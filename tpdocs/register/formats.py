"""The formats of a workbook's cells: what people see of them, and how they show numbers."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tpdocs.register.cells import moment_of

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_BUILT_IN_SHARES = frozenset((9, 10))
_ZEROS = re.compile("0{2,}")
_DATE_FORMAT = re.compile(r"[ymdhs]", re.IGNORECASE)
_QUOTED_OR_COLOUR = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
# The name of a font is a program's affair: LibreOffice writes texts in another one where it has not ours, and texts in Chinese in another
# one than numbers.
_UNSEEN = frozenset(("name", "family", "charset", "scheme", "bgColor"))
# Without more said these are not there: no border on that side, no pattern.
_EMPTY = frozenset(
    (*("left", "right", "top", "bottom", "start", "end", "diagonal", "vertical", "horizontal"), "patternFill")
)
_OFF: tuple[list[tuple[str, str]], ...] = (
    [("val", "0")], [("val", "false")], [("val", "none")], [("patternType", "none")], [("style", "none")],
)  # fmt: skip
Look = Callable[[float], str]
Appearance = tuple[str, str, str]


class CellFormats:
    """The formats by number; `root` is the part with them, None where there is none."""

    def __init__(self, root: Any, *, since_1904: bool) -> None:
        self._root, self._since_1904 = root, since_1904

    @cached_property
    def _every(self) -> list[Any]:
        found = next(self._root.iter(f"{{{NS}}}cellXfs"), None) if self._root is not None else None
        return list(found) if found is not None else []

    @cached_property
    def appearances(self) -> list[Appearance]:
        """Fill, font and border of each as people see them."""
        fills, fonts, borders = (self._seen(name) for name in ("fills", "fonts", "borders"))
        return [
            (
                fills.get(one.get("fillId", "0"), ""),
                fonts.get(one.get("fontId", "0"), ""),
                borders.get(one.get("borderId", "0"), ""),
            )
            for one in self._every
        ]

    def _seen(self, name: str) -> dict[str, str]:
        return {str(number): _in_a_line(one) for number, one in enumerate(self._root.iterfind(f"{{{NS}}}{name}/*"))}

    @cached_property
    def looks(self) -> dict[bytes, Look]:
        """How numbers show in the formats that show them as something else: dates, shares, numbers with zeros before."""
        if self._root is None:
            return {}
        codes = {one.get("numFmtId"): one.get("formatCode", "") for one in self._root.iter(f"{{{NS}}}numFmt")}
        found = {}
        for number, one in enumerate(self._every):
            look = self._look(int(one.get("numFmtId", "0")), codes.get(one.get("numFmtId"), ""))
            if look is not None:
                found[str(number).encode()] = look
        return found

    def _look(self, number: int, code: str) -> Look | None:
        if is_date_format(number, code):
            return self._as_date
        if number in _BUILT_IN_SHARES or code.endswith("%"):
            return lambda value: f"{value * 100:.10g}%"
        if _ZEROS.fullmatch(code):
            return lambda value: f"{value:0{len(code)}.0f}" if value.is_integer() else str(value)
        return None

    def _as_date(self, days: float) -> str:
        if 0 <= days < 1:  # a clock time alone
            clock = (datetime.min + timedelta(seconds=round(days * 86400))).time()
            return clock.isoformat("seconds" if clock.second else "minutes")
        moment = moment_of(days, since_1904=self._since_1904)
        return str(moment) if moment is not None else str(days)


def is_date_format(number: int, code: str) -> bool:
    """Whether a number format shows dates or times."""
    return bool(_DATE_FORMAT.search(_QUOTED_OR_COLOUR.sub("", code))) if code else number in _BUILT_IN_DATES


def _in_a_line(one: Any) -> str:
    """What stands inside a fill, font, border or format: what is on, with its values."""
    told = []
    for part in one.iter():
        name = part.tag.rpartition("}")[2]
        facts = sorted((key, value[-6:].upper() if key == "rgb" else value) for key, value in part.attrib.items())
        if name in _UNSEEN or part is one or facts in _OFF or (name in _EMPTY and not facts):
            continue
        told.append(f"{name} {[fact for fact in facts if fact not in (('val', '1'), ('val', 'true'))]}")
    return "; ".join(sorted(told))
