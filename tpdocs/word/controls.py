"""The XML of a content control: run-level, typed, with tag, alias and a bookmark round it."""

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import count, pairwise

from lxml import etree

from tpdocs.forms.fields import BOXES, OTHER, Choice, Field, Kind
from tpdocs.word.tags import Tag
from tpdocs.word.xml import (
    BOOKMARK_END,
    BOOKMARK_START,
    BR,
    CHECKBOX,
    CHECKED,
    DATE,
    DROPDOWN,
    ID,
    NS_W14,
    RPR,
    SDT,
    SDT_CONTENT,
    SDT_PR,
    SHOWING,
    TAB,
    VAL,
    XML_SPACE,
    R,
    T,
    child,
    w,
    w14,
)

_BREAKS = re.compile("([\n\t])")
TICKED, EMPTY = "☑", "□"
_BOX_FONT = "宋体"
_PLAIN_TEXT, _MULTI_LINE = w("text"), w("multiLine")
_HINT_COLOUR = "7F7F7F"
_FIRST_ID = 710_000_000
_LINE = 36.0  # full-width characters of 10.5 pt that a line of a full-width cell holds
_SIGN, _MARGINS = 210, 216  # twentieths of a point: such a character, and what a cell keeps free at its sides


class Numbers:
    """Ids for controls and bookmarks that no other element of the document has."""

    def __init__(self, root: etree._Element) -> None:
        used = [int(one.get(w("id"), "0")) for one in root.iter(BOOKMARK_START) if one.get(w("id"), "0").isdigit()]
        self.bookmarks: Iterator[int] = count(max(used, default=0) + 1)
        taken = {one.get(VAL) for one in root.iter(ID)}
        self.controls: Iterator[int] = (number for number in count(_FIRST_ID) if str(number) not in taken)


def pieces(tag: Tag, run_format: etree._Element | None, numbers: Numbers, room: float = _LINE) -> list[etree._Element]:
    """What replaces a template's tag: one control, or a box for each option with its label, or a drop-down in rows.

    `room` is how many full-width characters a line of its cell holds.
    """
    field = tag.field
    if field.kind not in BOXES or tag.column:
        made = _control(tag, run_format, numbers)
        if field.opens_other:
            made += _control(Tag(tag.path, tag.row, f"{tag.column}_other"), run_format, numbers)
        return made
    made = []
    for choice, after in zip(field.options, _between(field, room), strict=True):
        made += _control(Tag(tag.path, option=choice.label), run_format, numbers)
        if choice.label == OTHER:
            made.append(plain_run(f"{choice.printed}：", run_format))
            made += _control(Tag(f"{tag.path}_other"), run_format, numbers)
        else:
            made.append(plain_run(choice.printed + after, run_format))
    return made


def room_in(cell: etree._Element | None) -> float:
    """How many full-width characters of 10.5 pt a line of a cell holds; outside of cells, and in wide ones, a line's worth."""
    facts = child(cell, w("tcPr")) if cell is not None else None
    width = child(facts, w("tcW")) if facts is not None else None
    told = width.get(w("w"), "") if width is not None and width.get(w("type"), "dxa") == "dxa" else ""
    return min(_LINE, (int(told) - _MARGINS) / _SIGN) if told.isdigit() else _LINE


def _between(field: Field, line: float) -> list[str]:
    """What stands after each option: blanks, or a line end where the next would be torn from its box."""
    room = line
    after: list[str] = []
    for choice, following in pairwise((*field.options, None)):
        room -= _width(choice)
        wraps = following is not None and room < _width(following)
        after.append("" if following is None else "\n" if wraps else "  ")
        room = line if wraps else room
    return after


def _width(choice: Choice | None) -> float:
    """The width of box, option and blanks in full-width characters; 其他 has room for some text."""
    printed = choice.printed if choice else ""
    return sum(0.5 if sign.isascii() else 1 for sign in printed) + (7 if printed == OTHER else 2)


def plain_run(text: str, run_format: etree._Element | None) -> etree._Element:
    """A run of that text in that format."""
    run = etree.Element(R)
    if run_format is not None:
        run.append(deepcopy(run_format))
    add_text(run, text)
    return run


def add_text(run: etree._Element, text: str) -> None:
    """Append text to a run, line breaks as ``w:br`` and tabs as ``w:tab``."""
    for part in _BREAKS.split(text):
        if part == "\n":
            run.append(etree.Element(BR))
        elif part == "\t":
            run.append(etree.Element(TAB))
        elif part:
            element = etree.SubElement(run, T)
            element.text = part
            if part[0].isspace() or part[-1].isspace() or "  " in part:
                element.set(XML_SPACE, "preserve")


def _control(tag: Tag, run_format: etree._Element | None, numbers: Numbers) -> list[etree._Element]:
    number = str(next(numbers.bookmarks))
    start = etree.Element(BOOKMARK_START, {w("id"): number, w("name"): tag.bookmark})
    end = etree.Element(BOOKMARK_END, {w("id"): number})
    control = etree.Element(SDT)
    facts = etree.SubElement(control, SDT_PR)
    if run_format is not None:
        facts.append(deepcopy(run_format))
    field = tag.field
    alias = f"{field.label}：{tag.option}" if tag.option else field.label
    for name, value in (("alias", alias), ("tag", str(tag)), ("id", str(next(numbers.controls)))):
        etree.SubElement(facts, w(name), {VAL: value})
    content = etree.Element(SDT_CONTENT)
    if tag.option:
        facts.append(_check_box())
        content.append(_box_run(EMPTY, run_format))
    else:
        etree.SubElement(facts, SHOWING)
        facts.append(_typed(field))
        content.append(prompt_run(field, run_format))
    control.append(content)
    return [start, control, end]


def _check_box() -> etree._Element:
    box = etree.Element(CHECKBOX, nsmap={"w14": NS_W14})
    etree.SubElement(box, CHECKED, {w14("val"): "0"})
    for name, glyph in (("checkedState", TICKED), ("uncheckedState", EMPTY)):
        etree.SubElement(box, w14(name), {w14("val"): f"{ord(glyph):04X}", w14("font"): _BOX_FONT})
    return box


def _typed(field: Field) -> etree._Element:
    if field.kind in (Kind.TIME, Kind.DATE):
        date = etree.Element(DATE)
        clock = " HH:mm" if field.kind is Kind.TIME else ""
        for name, value in (
            ("dateFormat", f"yyyy-MM-dd{clock}"),
            ("lid", "zh-CN"),
            ("storeMappedDataAs", "dateTime" if clock else "date"),
            ("calendar", "gregorian"),
        ):
            etree.SubElement(date, w(name), {VAL: value})
        return date
    if field.options:
        drop = etree.Element(DROPDOWN)
        for choice in field.options:
            etree.SubElement(drop, w("listItem"), {w("displayText"): choice.printed, w("value"): choice.label})
        return drop
    text = etree.Element(w("text"))
    if field.kind is Kind.LONG:
        text.set(w("multiLine"), "1")
    return text


def _box_run(glyph: str, run_format: etree._Element | None) -> etree._Element:
    run = plain_run(glyph, run_format)
    facts = child(run, RPR)
    if facts is None:
        facts = etree.Element(RPR)
        run.insert(0, facts)
    for old in facts.findall(w("rFonts")):
        facts.remove(old)
    # One font on every slot and the hint, else a leading box is drawn in a Latin font, smaller than the others.
    fonts = {w(slot): _BOX_FONT for slot in ("ascii", "hAnsi", "eastAsia", "cs")}
    position = 1 if facts.find(w("rStyle")) is not None else 0
    facts.insert(position, etree.Element(w("rFonts"), {w("hint"): "eastAsia", **fonts}))
    return run


def prompt_run(field: Field, run_format: etree._Element | None) -> etree._Element:
    """The grey prompt of a field that is not filled in, in the format given otherwise."""
    run = plain_run(field.prompt, run_format)
    facts = child(run, RPR)
    if facts is None:
        facts = etree.Element(RPR)
        run.insert(0, facts)
    for old in facts.findall(w("color")):
        facts.remove(old)
    colour = etree.Element(w("color"), {VAL: _HINT_COLOUR})
    following = [one for one in facts if etree.QName(one).localname in _AFTER_COLOUR]
    if following:
        following[0].addprevious(colour)
    else:
        facts.append(colour)
    return run


_AFTER_COLOUR = frozenset(
    [
        "spacing",
        "w",
        "kern",
        "position",
        "sz",
        "szCs",
        "highlight",
        "u",
        "effect",
        "bdr",
        "shd",
        "fitText",
        "vertAlign",
        "rtl",
        "cs",
        "em",
        "lang",
        "eastAsianLayout",
        "specVanish",
        "oMath",
    ]
)
