"""What people did to rows of a list that is no text: notes, colours, hiding. It belongs to the line, so the line stays where it is."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tpdocs.register.book import LIMITS, Book, TableAt
from tpdocs.register.cells import Range
from tpdocs.register.filled_down import Formulas, RowFormula
from tpdocs.register.formats import Appearance
from tpdocs.register.scan import cells_of
from tpdocs.word.xml import parse_xml

_HIDDEN = re.compile(rb'<row\b[^>]*?\shidden="(?:1|true)"')
_STYLE = re.compile(rb' s="(\d+)"')
_LINK = re.compile(rb'<hyperlink\b[^>]*?\sref="([^"]*)"')
_NOTES = ("/comments", "/threadedComment")
Styles = tuple[tuple[bytes, int], ...]  # the formats of a row's cells by column


def _noted(book: Book, part: str) -> set[int]:
    """The rows with a note or a comment on one of their cells."""
    rows: set[int] = set()
    for sort, path in book.relations(part).values():
        if sort.endswith(_NOTES) and path in book.package.names:
            places = (
                Range.of(one.get("ref", "")) for one in parse_xml(book.package.read(path), path, LIMITS.tags).iter()
            )
            rows |= {place.top for place in places if place is not None}
    return rows


@dataclass(slots=True)
class Marks:
    """Finds the marked rows of a table; each is to be shown in turn, then `rows` tells. `looks` are those that our columns had."""

    book: Book
    table: TableAt
    looks: Mapping[int, Appearance]
    _seen: dict[int, Styles] = field(default_factory=dict)
    _kinds: dict[tuple[Hashable, ...], Styles] = field(
        default_factory=dict
    )  # most rows are alike: one list for all of them
    _marked: set[int] = field(default_factory=set)
    _linked: list[Range] = field(default_factory=list)
    _formulas: Formulas = field(default_factory=Formulas)
    _calculated: dict[int, dict[bytes, RowFormula | None]] = field(default_factory=dict)

    def see(self, number: int, row: bytes, shape: Hashable) -> None:
        """Look at a row. Those of one `shape` (None for a row like no other) have cells in the same columns."""
        kind = (shape, *_STYLE.findall(row))
        styles = self._kinds.get(kind)
        if styles is None or shape is None:
            ours = {letters.encode() for letters in self.table.letters.values()}
            cells = [(cell[0], int(cell[1] or 0)) for cell in cells_of(row)]
            styles = tuple(cell for cell in cells if cell[0] in ours)
            self._kinds[kind] = styles
        self._seen[number] = styles
        if _HIDDEN.match(row):
            self._marked.add(number)

    def see_formulas(self, number: int, row: bytes) -> None:
        """Look at the formulas beside a row, be it a line's or an empty one's."""
        ours = frozenset(letters.encode() for letters in self.table.letters.values())
        there = self._formulas.beside(number, row, ours)
        self._calculated[number] = {letters: formula for letters, (_, formula) in there.items()}

    def _with_own_formulas(self) -> set[int]:
        """The rows with a formula beside that is not filled down: it says something of that line, as a text does."""
        counts = Counter(one for row in self._calculated.values() for one in row.items())
        return {
            number
            for number, row in self._calculated.items()
            if any(not one[1] or counts[one] < 2 for one in row.items())  # noqa: PLR2004
        }

    def see_end(self, tail: bytes) -> None:
        """Look at what stands below the rows of the sheet: links that people put on cells."""
        places = (Range.of(one.decode()) for one in _LINK.findall(tail))
        self._linked += [place for place in places if place is not None]

    def rows(self) -> set[int]:
        """The rows that are marked: noted, linked, hidden, or of a colour, font, border or formula that most in the column have not."""
        formats, counts = self.book.formats, Counter(self._seen.values())
        letters_of = self.table.letters
        known = {letters_of[at].encode(): look for at, look in self.looks.items() if at in letters_of}
        usual = _usual(counts, formats.appearances, known)
        odd = {styles for styles in counts if _differs(styles, formats.appearances, usual)}
        coloured = {number for number, styles in self._seen.items() if styles in odd}
        linked = {number for number in self._seen if any(one.top <= number <= one.bottom for one in self._linked)}
        noted = _noted(self.book, self.table.sheet_part) | self._with_own_formulas()
        return self._marked | coloured | linked | (noted & self._seen.keys())


def _cells(styles: Styles, told: Sequence[Appearance]) -> Iterator[tuple[bytes, Appearance]]:
    return ((letters, told[style]) for letters, style in styles if style < len(told))


def _differs(styles: Styles, told: Sequence[Appearance], usual: Mapping[bytes, Appearance]) -> bool:
    """Whether the cells of a row are not all as is usual in their column."""
    return any(look != usual.get(letters, look) for letters, look in _cells(styles, told))


def _usual(
    rows: Mapping[Styles, int], told: Sequence[Appearance], known: Mapping[bytes, Appearance]
) -> dict[bytes, Appearance]:
    """What is usual in each column: what ours had, if any still has it, or else what most have of those without a fill."""
    counts: dict[bytes, Counter[Appearance]] = {}
    for styles, count in rows.items():
        for letters, look in _cells(styles, told):
            counts.setdefault(letters, Counter())[look] += count
    return {
        letters: max(found, key=lambda one: (one == known.get(letters), not one[0], found[one]))
        for letters, found in counts.items()
    }
