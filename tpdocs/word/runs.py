"""What a run shows: text, signs out of symbol fonts, the boxes and lists of old forms, pictures, text boxes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from tpdocs.word.xml import BR, CR, NS_A, NS_MC, NS_R, TAB, VAL, P, R, T, child, is_on, w

_TEXT = {BR: "\n", CR: "\n", TAB: "\t", w("noBreakHyphen"): "\u2011", w("softHyphen"): "\u00ad"}
_CHOICE, _ALTERNATE, _FALLBACK = (f"{{{NS_MC}}}{name}" for name in ("Choice", "AlternateContent", "Fallback"))
_UNSEEN = frozenset((w("del"), w("moveFrom")))
_BLIP, _EMBED = f"{{{NS_A}}}blip", f"{{{NS_R}}}embed"
_SYMBOL, _RUBY, _RUBY_BASE, _BOX_CONTENT = w("sym"), w("ruby"), w("rubyBase"), w("txbxContent")
# Boxes out of symbol fonts leave nothing in w:t. The last two digits of the sign's number, for its font.
_SYMBOLS = {
    **{("Wingdings", sign): "☑" for sign in ("FE", "FC")},
    **{("Wingdings", sign): "☒" for sign in ("FD", "78")},
    **{("Wingdings", sign): "□" for sign in ("A8", "6F", "71", "72")},
    **{("Wingdings 2", sign): "☑" for sign in ("52", "50")},
    **{("Wingdings 2", sign): "☒" for sign in ("53", "54", "51")},
    **{("Wingdings 2", sign): "□" for sign in ("A3", "30")},
}
_SYMBOLS |= {("Webdings", sign): shown for sign, shown in (("61", "☑"), ("72", "☒"), ("63", "□"), ("67", "■"))}
_SYMBOL_FONTS = frozenset(font for font, _ in _SYMBOLS)
_LATIN, _PRIVATE = 0x100, frozenset(map(chr, range(0xF000, 0xF100)))
FONTS, _ASCII_FONT = w("rFonts"), w("ascii")
_OBJECT = "{urn:schemas-microsoft-com:office:office}OLEObject"
_VML_IMAGE, _RELATION = "{urn:schemas-microsoft-com:vml}imagedata", f"{{{NS_R}}}id"
_WORD_ART = "{urn:schemas-microsoft-com:vml}textpath"
_RUN_FACTS, VANISH = w("rPr"), w("vanish")
STRUCK = (w("strike"), w("dstrike"))
FIELD, _FIELD_FACTS, _LEGACY_BOX, _LEGACY_LIST = w("fldChar"), w("ffData"), w("checkBox"), w("ddList")
_FIELD_SORT = w("fldCharType")


@dataclass(slots=True)
class Picture:
    """A picture or embedded object; `relation` is the id of its part."""

    relation: str


@dataclass(slots=True)
class TextBox:
    """The text of a floating text box, which stands outside every cell."""

    text: str


@dataclass(slots=True)
class FieldMark:
    """Where the result of a field begins or ends; only `walk` sees these, while it reads a paragraph."""

    ends: bool


def run_segments(run: etree._Element, out: list[Any]) -> None:
    """Append what a run shows."""
    for element in run:
        name = element.tag
        if name == T:
            if element.text:
                out.append(element.text)
        elif name in _TEXT:
            out.append(_TEXT[name])
        elif (special := _SPECIAL.get(name)) is not None:
            special(element, out)


def _symbol(sign: etree._Element, out: list[Any]) -> None:
    font = sign.get(w("font"), "")
    out.append(_SYMBOLS.get((font, sign.get(w("char"), "").upper()[-2:]), "\ufffd"))


def symbol_font(run: etree._Element) -> str:
    """The symbol font that a run is set in: there a letter is a sign, R a ticked box; empty for any other font."""
    facts = child(run, _RUN_FACTS)
    fonts = child(facts, FONTS) if facts is not None else None
    return symbol_font_of(fonts) if fonts is not None else ""


def symbol_font_of(fonts: etree._Element) -> str:
    """The symbol font among a run's fonts; empty where there is none."""
    name = fonts.get(_ASCII_FONT, "")
    return name if name in _SYMBOL_FONTS else ""


def as_signs(text: str, font: str) -> str:
    """A text as a symbol font shows it; what is no box of it stays as it is."""
    return "".join(
        _SYMBOLS.get((font, f"{ord(one) & 0xFF:02X}"), one) if ord(one) < _LATIN or one in _PRIVATE else one
        for one in text
    )


def _phonetic_guide(guide: etree._Element, out: list[Any]) -> None:
    """The base is what was written, the small signs above only say how it sounds."""
    base = child(guide, _RUBY_BASE)
    for inner in base.iterchildren(R) if base is not None else ():
        run_segments(inner, out)


def once(element: etree._Element) -> etree._Element:
    """Of what stands there twice, for new and for old programs, what new ones show; anything else as it is."""
    if element.tag != _ALTERNATE:
        return element
    choice = child(element, _CHOICE)
    choice = child(element, _FALLBACK) if choice is None else choice
    return element if choice is None else choice


def _twice(alternate: etree._Element, out: list[Any]) -> None:
    run_segments(once(alternate), out)


def _field(mark: etree._Element, out: list[Any]) -> None:
    """A field has its result between two marks; a box or a list of Word 97 leaves no text of its own."""
    if (sort := mark.get(_FIELD_SORT)) in ("separate", "end"):
        out.append(FieldMark(sort == "end"))
        return
    facts = child(mark, _FIELD_FACTS)
    if facts is None:
        return
    if (box := child(facts, _LEGACY_BOX)) is not None:
        state = child(box, w("checked"))
        # What the form was made with counts only where nobody has touched the box.
        ticked = is_on(state) if state is not None else is_on(child(box, w("default")))
        out.append("☑" if ticked else "□")
    elif (choices := child(facts, _LEGACY_LIST)) is not None:
        entries = [one.get(VAL, "") for one in choices.iterchildren(w("listEntry"))]
        told = child(choices, w("result"))
        told = child(choices, w("default")) if told is None else told
        number = told.get(VAL, "0") if told is not None else "0"
        if number.isdigit() and int(number) < len(entries):
            out.append(entries[int(number)])


def _drawing(element: etree._Element, out: list[Any]) -> None:
    for box in _below(element, _BOX_CONTENT):
        lines: list[Any] = []
        for paragraph in _below(box, P):
            lines.append("\n" if lines else "")
            for run in _below(paragraph, R):
                if not is_hidden(run):
                    run_segments(run, lines)
        out.append(TextBox("".join(one for one in lines if isinstance(one, str))))
        out += [one for one in lines if isinstance(one, TextBox)]
    out.extend(TextBox(art.get("string", "")) for art in element.iter(_WORD_ART))
    out.extend(Picture(blip.get(_EMBED, "")) for blip in element.iter(_BLIP))
    out.extend(Picture(image.get(_RELATION, "")) for image in element.iter(_VML_IMAGE, _OBJECT))


def _below(parent: etree._Element, wanted: str) -> Iterator[etree._Element]:
    """The outermost elements of a name that are shown: no deleted text, what stands there twice once."""
    for element in once(parent):
        if element.tag == wanted:
            yield element
        elif element.tag not in _UNSEEN:
            yield from _below(element, wanted)


def is_struck(run: etree._Element) -> bool:
    """Whether a run is struck out."""
    facts = child(run, _RUN_FACTS)
    return facts is not None and any(is_on(child(facts, name)) for name in STRUCK)


def is_hidden(run: etree._Element) -> bool:
    """Whether a run is formatted so that nobody sees it."""
    facts = child(run, _RUN_FACTS)
    return facts is not None and is_on(child(facts, VANISH))


_SPECIAL: dict[str, Callable[[etree._Element, list[Any]], None]] = {
    w("drawing"): _drawing,
    w("pict"): _drawing,
    w("object"): _drawing,
    _SYMBOL: _symbol,
    _RUBY: _phonetic_guide,
    _ALTERNATE: _twice,
    FIELD: _field,
}
