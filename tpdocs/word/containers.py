"""What a walk over a document gives: cells and paragraphs with what they hold, rows, and facts about the whole."""

from dataclasses import dataclass, field

from lxml import etree

from tpdocs.word.runs import FieldMark, Picture, TextBox
from tpdocs.word.tags import Tag
from tpdocs.word.xml import CHECKBOX, CHECKED, NS_W14, OFF, SHOWING, VAL, child, is_on, w

CELL_FACTS = w("tcPr")
_SPAN, _MERGE = w("gridSpan"), w("vMerge")
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


Segment = str | Control | Picture | TextBox | FieldMark


@dataclass(slots=True, eq=False)
class Container:
    """A table cell, or a paragraph outside tables: what it holds, in order."""

    place: str
    element: etree._Element
    row: "TableRow | None" = None
    column: int = 0
    segments: list[Segment] = field(default_factory=list)
    # Asked for again and again, so kept after the first time; the segments no longer change then.
    _controls: list[Control] | None = None
    _loose_text: str | None = None
    _span_and_merge: tuple[int, bool | None] | None = None

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
    def text(self) -> str:
        """All its text, that of controls too."""
        return "".join(
            [one if isinstance(one, str) else one.text for one in self.segments if isinstance(one, str | Control)]
        )

    @property
    def span(self) -> int:
        """How many columns of the grid a cell takes."""
        return self._facts[0]

    @property
    def merged(self) -> bool | None:
        """True where cells below are merged into this one, False where this one is merged into the one above; else None."""
        return self._facts[1]

    @property
    def _facts(self) -> tuple[int, bool | None]:
        if self._span_and_merge is None:
            facts = child(self.element, CELL_FACTS)
            span = child(facts, _SPAN) if facts is not None else None
            merge = child(facts, _MERGE) if facts is not None else None
            width = span.get(VAL, "1") if span is not None else "1"
            merged = None if merge is None else merge.get(VAL, "continue") == "restart"
            self._span_and_merge = int(width) if width.isdigit() else 1, merged
        return self._span_and_merge

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
    _merged: frozenset[int] | None = None

    @property
    def merged_starts(self) -> frozenset[int]:
        """The columns of the grid at which a cell is merged into the one above."""
        if self._merged is None:
            found, start = set(), 0
            for cell in self.cells:
                if cell.merged is False:
                    found.add(start)
                start += cell.span
            self._merged = frozenset(found)
        return self._merged


@dataclass(slots=True)
class Walk:
    """The containers of a document in reading order, and its table rows; `tracked`: with changes not yet accepted.

    `hidden` is text that nobody sees, `struck` what is struck out, with its place. `doubled` are the names of controls whose text an editor wrote several
    times over, losing its line ends, `run_together` the places where that happened to texts that no longer stand in controls.
    A part of a document, one form of several, is not `whole`.
    """

    containers: list[Container] = field(default_factory=list)
    rows: list[TableRow] = field(default_factory=list)
    tracked: bool = False
    doubled: set[str] = field(default_factory=set)
    run_together: set[str] = field(default_factory=set)
    foreign_parts: int = 0
    whole: bool = True
    hidden: list[tuple[str, str]] = field(default_factory=list)
    struck: list[tuple[str, str]] = field(default_factory=list)
