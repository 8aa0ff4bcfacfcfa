"""One walk over a document's main part: every cell and loose paragraph with its text and our controls, in order.

Nothing that shows text is left out: runs inside links, insertions, controls of other programs; tables inside cells and
controls. Deleted and moved-away text is skipped.
"""

from collections.abc import Iterable

from lxml import etree

from tpdocs.findings import DocumentError
from tpdocs.word.containers import CELL_FACTS, Container, Control, Segment, TableRow, Walk
from tpdocs.word.echoes import without_echoes
from tpdocs.word.runs import (
    FIELD,
    FONTS,
    STRUCK,
    VANISH,
    FieldMark,
    as_signs,
    is_hidden,
    is_struck,
    once,
    run_segments,
    symbol_font,
    symbol_font_of,
)
from tpdocs.word.signs import is_ticked
from tpdocs.word.tags import parse_tag
from tpdocs.word.xml import (
    ALIAS,
    CHECKBOX,
    CHECKED,
    NS_W14,
    OFF,
    RPR,
    SDT,
    SDT_CONTENT,
    SDT_PR,
    SHOWING,
    TAG,
    TBL,
    TC,
    TR,
    VAL,
    P,
    R,
    child,
    is_on,
    w,
)

_SKIPPED = frozenset(
    {w(name) for name in ("pPr", "rPr", "tcPr", "trPr", "tblPr", "tblGrid", "del", "moveFrom", "sdtPr", "sectPr")}
    | {w("bookmarkStart"), w("bookmarkEnd"), w("proofErr"), w("lastRenderedPageBreak")}
)
_ROW_FACTS, _DELETED, _CELL_DELETED = w("trPr"), w("del"), w("cellDel")
_PARAGRAPH_FACTS, _RUN_FACTS = w("pPr"), w("rPr")
_MOST_CONTAINERS = 6_000  # where nobody sets another limit; each takes its time to read
_TRACKED, _ALT_CHUNK = (w("ins"), w("del"), w("moveFrom"), w("moveTo")), w("altChunk")
_W14_VAL = f"{{{NS_W14}}}val"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"


def walk(root: etree._Element, most: int = _MOST_CONTAINERS, *, signs: bool = True) -> Walk:
    """Everything that the main part (or a header or footer) shows, cell by cell and paragraph by paragraph.

    DocumentError when that is more than `most` of them. Where no run is set in a symbol font, `signs` is False.
    """
    walker = _Walker()
    walker.most, walker.signs = most, signs
    return walker.over(root)


def shown_text(elements: Iterable[etree._Element]) -> str:
    """The text that some elements of a paragraph show."""
    out: list[Segment] = []
    _Walker().inline(elements, out)
    if any(type(one) is FieldMark for one in out):
        without_echoes(out, 0)
    return "".join(one if isinstance(one, str) else one.text for one in out if isinstance(one, str | Control))


class _Walker:
    def __init__(self) -> None:
        self.found = Walk()
        self.tables = 0
        self.paragraphs = 0
        self.first = ("", "")
        self.most = _MOST_CONTAINERS
        self.rare: frozenset[str] = frozenset()
        self.signs = True
        self.here: Container | None = None

    def over(self, root: etree._Element) -> Walk:
        body = root.find(w("body"))
        # One look for all that is rare: asking every run, cell and paragraph would take a quarter of the time again.
        met = [one.tag for one in root.iter(VANISH, *STRUCK, _CELL_DELETED, _ALT_CHUNK, FIELD, *_TRACKED)]
        self.rare = frozenset(met)
        self.signs = self.signs and any(symbol_font_of(one) for one in root.iter(FONTS))
        self._blocks(root if body is None else body, None)
        self.found.tracked = not self.rare.isdisjoint(_TRACKED)
        self.found.foreign_parts = met.count(_ALT_CHUNK)
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
                self._blocks(once(element), cell)

    def _paragraph(self, element: etree._Element, cell: Container | None) -> None:
        goes_on = _DELETED in self.rare and _goes_on(element)
        if cell is None:
            cell = self.here if goes_on and self.here is not None else self._paragraph_container(element)
        elif cell.segments and not goes_on:
            cell.segments.append("\n")
        self.here = cell
        start = len(cell.segments)
        self.inline(element, cell.segments)
        if FIELD in self.rare and without_echoes(cell.segments, start):
            self.found.run_together.add(cell.place)

    def _keep(self, container: Container) -> Container:
        if len(self.found.containers) >= self.most:
            raise DocumentError("too_long", part="")
        self.found.containers.append(container)
        return container

    def _paragraph_container(self, element: etree._Element) -> Container:
        self.paragraphs += 1
        return self._keep(Container(f"段{self.paragraphs}", element))

    def _block_control(self, element: etree._Element, cell: Container | None) -> None:
        facts, content = _parts(element)
        control = _own_control(facts)
        if content is None:
            return
        if control is None or content.find(f".//{SDT}") is not None:
            if not _shows_prompt(element):
                self._blocks(content, cell)
            return
        if cell is None:
            cell = self._paragraph_container(element)
        inner = _Walker()
        inner.rare, inner.signs = self.rare, self.signs
        inner._blocks(content, inside := Container("", content))
        control.text = inside.loose_text
        cell.segments += [control, *inside.pictures, *inside.text_boxes]

    def _table(self, element: etree._Element) -> None:
        self.tables += 1
        table = self.tables
        for number, row in enumerate(_flat(element, TR, deletable=_DELETED in self.rare), 1):
            found = TableRow(table, number, row)
            self.found.rows.append(found)
            for column, tc in enumerate(_flat(row, TC, deletable=_CELL_DELETED in self.rare)):
                cell = Container(f"表{table} 行{number} 格{column + 1}", tc, found, column)
                found.cells.append(cell)
                self._keep(cell)
                if not _in_prompt(tc, row):
                    self._blocks(tc, cell)

    def inline(self, parent: Iterable[etree._Element], out: list[Segment]) -> None:
        for element in parent:
            name = element.tag
            if name == R:
                if VANISH in self.rare and is_hidden(element):
                    self._note(element, self.found.hidden)
                elif self.signs and (font := symbol_font(element)):
                    inside: list[Segment] = []
                    run_segments(element, inside)
                    out += [as_signs(one, font) if isinstance(one, str) else one for one in inside]
                else:
                    run_segments(element, out)
                if not self.rare.isdisjoint(STRUCK) and is_struck(element):
                    self._note(element, self.found.struck)
            elif name == SDT:
                self._inline_control(element, out)
            elif name == _MATH_TEXT:
                out.append(element.text or "")
            elif name not in _SKIPPED and isinstance(name, str):
                self.inline(once(element), out)

    def _note(self, run: etree._Element, among: list[tuple[str, str]]) -> None:
        inside: list[Segment] = []
        run_segments(run, inside)
        text = "".join(one for one in inside if isinstance(one, str)).strip()
        if text:
            among.append((self.here.place if self.here else "", text))

    def _foreign(
        self, control: etree._Element, facts: etree._Element | None, content: etree._Element, out: list[Segment]
    ) -> None:
        """A control that is none of ours: its text; of a box the sign we know, whatever glyphs it was set up with."""
        box = child(facts, CHECKBOX) if facts is not None else None
        if box is None and facts is not None and is_on(child(facts, SHOWING)):
            return
        inside: list[Segment] = []
        self.inline(content, inside)
        inside = [one for one in inside if not isinstance(one, FieldMark)]
        text = "".join([one for one in inside if isinstance(one, str)])
        if box is None:
            if not self._written_again(control, _alias(facts), text, out):
                # In one piece: what comes again is compared with it.
                out += [text] if all(isinstance(one, str) for one in inside) else inside
            return
        if is_ticked(text) is None and len(text.strip()) <= 1:
            state = child(box, CHECKED)
            ticked = state is not None and (state.get(_W14_VAL) or state.get(VAL) or "1") not in OFF
            inside = ["☑" if ticked else "□"]
        out += inside

    def _written_again(self, control: etree._Element, alias: str, text: str, out: list[Segment]) -> bool:
        """LibreOffice 7.4 writes a text once in whole, then for each of its pieces the piece and the whole again."""
        before = control.getprevious()
        while before is not None and before.tag == R and all(one.tag == RPR for one in before):
            before = before.getprevious()  # ONLYOFFICE puts an empty run between any two
        follows = before is not None and before.tag == SDT
        known, whole = self.first
        if alias and follows and known == alias and whole and text.endswith(whole):
            # Where the text had lines, their ends were written before it, all in one place.
            if out[-2:] == ["\n", whole]:
                self.found.doubled.add(alias)
            return True
        if control.find(f".//{SDT}") is None:  # what stands inside is nearer to what follows
            self.first = alias, text
        return False

    def _inline_control(self, element: etree._Element, out: list[Segment]) -> None:
        facts, content = _parts(element)
        if content is None:
            return
        control = _own_control(facts)
        if control is None:
            self._foreign(element, facts, content, out)
            return
        inside: list[Segment] = []
        self.inline(content, inside)
        out.append(control)
        if len(inside) == 1 and isinstance(inside[0], str):
            control.text = inside[0]
        else:
            control.text = "".join([one for one in inside if isinstance(one, str)])
            out += [one for one in inside if not isinstance(one, str | FieldMark)]


def _goes_on(paragraph: etree._Element) -> bool:
    """Whether the end of the paragraph before this one was deleted: the two are one."""
    before = paragraph.getprevious()
    facts = child(before, _PARAGRAPH_FACTS) if before is not None and before.tag == P else None
    mark = child(facts, _RUN_FACTS) if facts is not None else None
    return mark is not None and child(mark, _DELETED) is not None


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


def _alias(facts: etree._Element | None) -> str:
    named = child(facts, ALIAS) if facts is not None else None
    return named.get(VAL, "") if named is not None else ""


def _own_control(facts: etree._Element | None) -> Control | None:
    if facts is None or (fact := child(facts, TAG)) is None:
        return None
    tag = parse_tag(fact.get(VAL, ""))
    return None if tag is None else Control(tag, "", facts)


def _flat(parent: etree._Element, wanted: str, *, deletable: bool) -> list[etree._Element]:
    """Rows of a table or cells of a row, also those inside a control or an insertion; without the deleted ones, if there are any."""
    found = []
    for element in parent:
        name = element.tag
        if name == wanted and not (deletable and _is_deleted(element)):
            found.append(element)
        elif name != wanted and name not in _SKIPPED and isinstance(name, str):
            found += _flat(element, wanted, deletable=deletable)
    return found


def _is_deleted(element: etree._Element) -> bool:
    """Whether a row or a cell is gone, by a change that nobody has accepted yet."""
    row = element.tag == TR
    facts = child(element, _ROW_FACTS if row else CELL_FACTS)
    return facts is not None and child(facts, _DELETED if row else _CELL_DELETED) is not None


def _shows_prompt(control: etree._Element) -> bool:
    """Whether a control of another program shows its prompt, and nothing in it has been filled in."""
    facts = child(control, SDT_PR)
    if facts is None or not is_on(child(facts, SHOWING)):
        return False
    return next(control.iterdescendants(SDT), None) is None


def _in_prompt(cell: etree._Element, row: etree._Element) -> bool:
    """Whether a control round a cell shows its prompt."""
    parent = cell.getparent()
    while parent is not None and parent is not row:
        if parent.tag == SDT and _shows_prompt(parent):
            return True
        parent = parent.getparent()
    return False
