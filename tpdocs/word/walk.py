"""One walk over a document's main part: every cell and loose paragraph with its text and our controls, in order.

Nothing that shows text is left out: runs inside links, insertions, controls of other programs; tables inside cells and
controls. Deleted and moved-away text is skipped.
"""

from dataclasses import dataclass, field

from lxml import etree

from tpdocs.word.tags import Tag, parse_tag
from tpdocs.word.xml import (
    BR,
    CHECKBOX,
    CHECKED,
    CR,
    NS_A,
    NS_MC,
    NS_R,
    NS_W14,
    OFF,
    SDT,
    SDT_CONTENT,
    SDT_PR,
    SHOWING,
    TAB,
    TAG,
    TBL,
    TC,
    TR,
    VAL,
    P,
    R,
    T,
    child,
    is_on,
    w,
)

_TEXT = {BR: "\n", CR: "\n", TAB: "\t", w("noBreakHyphen"): "\u2011", w("softHyphen"): "\u00ad"}
_PICTURES = frozenset({w("drawing"), w("pict"), w("object")})
_CHOICE, _ALTERNATE = f"{{{NS_MC}}}Choice", f"{{{NS_MC}}}AlternateContent"
_SKIPPED = frozenset(
    {w(name) for name in ("pPr", "rPr", "tcPr", "trPr", "tblPr", "tblGrid", "del", "moveFrom", "sdtPr", "sectPr")}
    | {w("bookmarkStart"), w("bookmarkEnd"), w("proofErr"), w("lastRenderedPageBreak")}
)
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
_VML_IMAGE, _RELATION = "{urn:schemas-microsoft-com:vml}imagedata", f"{{{NS_R}}}id"
_ROW_FACTS, _DELETED = w("trPr"), w("del")
_W14_VAL = f"{{{NS_W14}}}val"


@dataclass(slots=True)
class Control:
    """One of our content controls as it stands in the document; `facts` are its properties."""

    tag: Tag
    text: str
    facts: etree._Element

    @property
    def showing_prompt(self) -> bool:
        """Whether it says that it shows its prompt."""
        return is_on(child(self.facts, SHOWING))

    @property
    def checked(self) -> bool | None:
        """The stored state of a check box; None for anything else."""
        box = child(self.facts, CHECKBOX)
        if box is None:
            return None
        state = child(box, CHECKED)
        # LibreOffice 7.0 writes the value in the main namespace.
        return state is not None and (state.get(_W14_VAL) or state.get(VAL) or "1") not in OFF


@dataclass(slots=True)
class Picture:
    """A picture or embedded object; `relation` is the id of its part."""

    relation: str


@dataclass(slots=True)
class TextBox:
    """The text of a floating text box, which stands outside every cell."""

    text: str


Segment = str | Control | Picture | TextBox


@dataclass(slots=True, eq=False)
class Container:
    """A table cell, or a paragraph outside tables: what it holds, in order."""

    place: str
    row: "TableRow | None" = None
    column: int = 0
    segments: list[Segment] = field(default_factory=list)
    # Asked for again and again, so kept after the first time; the segments no longer change then.
    _controls: list[Control] | None = None
    _loose_text: str | None = None

    @property
    def controls(self) -> list[Control]:
        """Our controls in it."""
        if self._controls is None:
            self._controls = [one for one in self.segments if isinstance(one, Control)]
        return self._controls

    @property
    def pictures(self) -> list[Picture]:
        """The pictures in it."""
        return [one for one in self.segments if isinstance(one, Picture)]

    @property
    def text_boxes(self) -> list[TextBox]:
        """The text boxes anchored in it."""
        return [one for one in self.segments if isinstance(one, TextBox)]

    @property
    def loose_text(self) -> str:
        """Its text outside our controls."""
        if self._loose_text is None:
            self._loose_text = "".join([one for one in self.segments if isinstance(one, str)])
        return self._loose_text


@dataclass(slots=True, eq=False)
class TableRow:
    """A table row with its cells."""

    table: int
    number: int
    element: etree._Element
    cells: list[Container] = field(default_factory=list)


@dataclass(slots=True)
class Walk:
    """The containers of a document in reading order, and its table rows."""

    containers: list[Container] = field(default_factory=list)
    rows: list[TableRow] = field(default_factory=list)


def walk(root: etree._Element) -> Walk:
    """Everything that the main part (or a header or footer) shows, cell by cell and paragraph by paragraph."""
    return _Walker().over(root)


class _Walker:
    def __init__(self) -> None:
        self.found = Walk()
        self.tables = 0
        self.paragraphs = 0

    def over(self, root: etree._Element) -> Walk:
        body = root.find(w("body"))
        self._blocks(root if body is None else body, None)
        return self.found

    def _blocks(self, parent: etree._Element, cell: Container | None) -> None:
        for element in parent:
            name = element.tag
            if name == P:
                self._paragraph(element, cell)
            elif name == TBL:
                self._table(element)
            elif name == SDT:
                self._block_control(element, cell)
            elif name not in _SKIPPED and isinstance(name, str):
                self._blocks(element, cell)

    def _paragraph(self, element: etree._Element, cell: Container | None) -> None:
        if cell is None:
            self.paragraphs += 1
            cell = Container(f"段{self.paragraphs}")
            self.found.containers.append(cell)
        elif cell.segments:
            cell.segments.append("\n")
        self._inline(element, cell.segments)

    def _block_control(self, element: etree._Element, cell: Container | None) -> None:
        facts, content = _parts(element)
        control = _own_control(facts)
        if content is None:
            return
        if control is None or content.find(f".//{SDT}") is not None:
            self._blocks(content, cell)
            return
        if cell is None:
            self.paragraphs += 1
            cell = Container(f"段{self.paragraphs}")
            self.found.containers.append(cell)
        inner = _Walker()
        inner._blocks(content, inside := Container(""))
        control.text = inside.loose_text
        cell.segments += [control, *inside.pictures, *inside.text_boxes]

    def _table(self, element: etree._Element) -> None:
        self.tables += 1
        table = self.tables
        for number, row in enumerate(_flat(element, TR), 1):
            found = TableRow(table, number, row)
            self.found.rows.append(found)
            for column, tc in enumerate(_flat(row, TC)):
                cell = Container(f"表{table} 行{number} 格{column + 1}", found, column)
                found.cells.append(cell)
                self.found.containers.append(cell)
                self._blocks(tc, cell)

    def _inline(self, parent: etree._Element, out: list[Segment]) -> None:
        for element in parent:
            name = element.tag
            if name == R:
                _run(element, out)
            elif name == SDT:
                self._inline_control(element, out)
            elif name not in _SKIPPED and isinstance(name, str):
                self._inline(element, out)

    def _inline_control(self, element: etree._Element, out: list[Segment]) -> None:
        facts, content = _parts(element)
        if content is None:
            return
        control = _own_control(facts)
        if control is None:
            self._inline(content, out)
            return
        inside: list[Segment] = []
        self._inline(content, inside)
        out.append(control)
        if len(inside) == 1 and isinstance(inside[0], str):
            control.text = inside[0]
        else:
            control.text = "".join([one for one in inside if isinstance(one, str)])
            out += [one for one in inside if not isinstance(one, str)]


def _run(run: etree._Element, out: list[Segment]) -> None:
    for element in run:
        name = element.tag
        if name == T:
            if element.text:
                out.append(element.text)
        elif name in _TEXT:
            out.append(_TEXT[name])
        elif name in _PICTURES:
            _drawing(element, out)
        elif name == _SYMBOL:
            font = element.get(w("font"), "")
            out.append(_SYMBOLS.get((font, element.get(w("char"), "").upper()[-2:]), "\ufffd"))
        elif name == _RUBY and (base := child(element, _RUBY_BASE)) is not None:
            # A phonetic guide: the base is what was written, the small signs above only say how it sounds.
            for inner in base.iterchildren(R):
                _run(inner, out)
        elif name == _ALTERNATE and (choice := child(element, _CHOICE)) is not None:
            # The same picture or text box stands there twice, for new and for old programs.
            _run(choice, out)


def _drawing(element: etree._Element, out: list[Segment]) -> None:
    for box in element.iter(_BOX_CONTENT):
        lines: list[Segment] = []
        for paragraph in box.iter(P):
            lines += ["\n" if lines else "", *(one.text or "" for one in paragraph.iter(T))]
        out.append(TextBox("".join(one for one in lines if isinstance(one, str))))
    out.extend(Picture(blip.get(_EMBED, "")) for blip in element.iter(_BLIP))
    out.extend(Picture(image.get(_RELATION, "")) for image in element.iter(_VML_IMAGE))


def _parts(control: etree._Element) -> tuple[etree._Element | None, etree._Element | None]:
    """Properties and content of a content control. A plain loop: this runs for every control of every document."""
    facts, content = None, None
    for element in control:
        name = element.tag
        if name == SDT_PR:
            facts = element
        elif name == SDT_CONTENT:
            content = element
    return facts, content


def _own_control(facts: etree._Element | None) -> Control | None:
    if facts is None or (fact := child(facts, TAG)) is None:
        return None
    tag = parse_tag(fact.get(VAL, ""))
    return None if tag is None else Control(tag, "", facts)


def _flat(parent: etree._Element, wanted: str) -> list[etree._Element]:
    """Rows of a table or cells of a row, also those inside a control or an insertion; deleted rows are left out."""
    found = []
    for element in parent:
        name = element.tag
        if name == wanted and not (wanted == TR and _is_deleted(element)):
            found.append(element)
        elif name != wanted and name not in _SKIPPED and isinstance(name, str):
            found += _flat(element, wanted)
    return found


def _is_deleted(row: etree._Element) -> bool:
    facts = child(row, _ROW_FACTS)
    return facts is not None and child(facts, _DELETED) is not None
