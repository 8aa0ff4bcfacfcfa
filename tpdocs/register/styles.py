"""The formats of cells: for a date or a text that begins like a formula, the format that the cell has with only that changed."""

import copy
from typing import Any

from tpdocs.register.book import Book
from tpdocs.register.cells import Shown
from tpdocs.register.formats import NS, is_date_format
from tpdocs.word.xml import parse_xml, xml_bytes

DAY_FORMAT, MINUTE_FORMAT, SECOND_FORMAT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "yyyy-mm-dd hh:mm:ss"
_FORMATS = {"d": DAY_FORMAT, "m": MINUTE_FORMAT, "s": SECOND_FORMAT}
_OURS = frozenset(_FORMATS.values())
FORMULA_STARTS = ("=", "+", "-", "@")
_FIRST_OWN = 164


class Styles:
    """The cell formats of a workbook; one that is lacking is added at the end, so the others keep their numbers."""

    def __init__(self, book: Book) -> None:
        self.part = book.styles_part
        self.changed = False
        self._root: Any = parse_xml(book.package.read(self.part), self.part, 10**9)
        self._formats: Any = next(self._root.iter(f"{{{NS}}}cellXfs"))
        self._codes: dict[str, str] = {
            one.get("numFmtId", ""): one.get("formatCode", "") for one in self._root.iter(f"{{{NS}}}numFmt")
        }
        self._made: dict[tuple[int, str], int] = {}

    @property
    def data(self) -> bytes:
        """The part as it is to be written."""
        return xml_bytes(self._root)

    def for_cell(self, _place: int, style: int | None, value: Shown) -> int:
        """The format for a value in a cell that has the format `style` so far."""
        known = style or 0
        if type(value) is str:
            return self._with(known, "quoted") if value.startswith(FORMULA_STARTS) else known
        return self._with(known, value[0]) if type(value) is list and value[0] in _FORMATS else known

    def _with(self, style: int, trait: str) -> int:
        if (style, trait) not in self._made:
            self._made[style, trait] = self._found_or_added(style, trait)
        return self._made[style, trait]

    def _found_or_added(self, style: int, trait: str) -> int:
        style = style if style < len(self._formats) else 0
        wanted = copy.deepcopy(self._formats[style])
        if trait == "quoted":
            wanted.set("quotePrefix", "1")
        else:
            number = wanted.get("numFmtId", "0")
            code = self._codes.get(number, "")
            shows_clock = "h" in code.lower() or number in ("22", "18", "19", "20", "21")
            if code == _FORMATS[trait]:
                return style
            if code not in _OURS and is_date_format(int(number), code) and (trait == "d" or shows_clock):
                return style  # somebody's own way of showing dates
            wanted.set("numFmtId", self._number_of(_FORMATS[trait]))
            wanted.set("applyNumberFormat", "1")
        facts = _facts(wanted)
        for number, one in enumerate(self._formats):
            if _facts(one) == facts:
                return number
        self._formats.append(wanted)
        self._formats.set("count", str(len(self._formats)))
        self.changed = True
        return len(self._formats) - 1

    def _number_of(self, code: str) -> str:
        """The number of a number format, added where the workbook does not have it."""
        for number, known in self._codes.items():
            if known.replace("\\", "").lower() == code:
                return number
        number = str(max([_FIRST_OWN - 1, *(int(one) for one in self._codes)]) + 1)
        formats = next(self._root.iter(f"{{{NS}}}numFmts"), None)
        if formats is None:
            formats = self._root.makeelement(f"{{{NS}}}numFmts")
            self._root.insert(0, formats)
        formats.append(self._root.makeelement(f"{{{NS}}}numFmt", {"numFmtId": number, "formatCode": code}))
        formats.set("count", str(len(formats)))
        self._codes[number] = code
        self.changed = True
        return number


def _facts(one: Any) -> tuple[Any, ...]:
    """What a format is, without the marks that only say what of it was set."""
    told = {name: value for name, value in one.attrib.items() if not name.startswith("apply")}
    for name in ("quotePrefix", "pivotButton"):
        told.setdefault(name, "0")
        told[name] = {"false": "0", "true": "1"}.get(told[name], told[name])
    inside = [(child.tag, sorted(child.attrib.items())) for child in one]
    return sorted(told.items()), inside
