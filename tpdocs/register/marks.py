"""What people did to rows of a list that is no text: notes, colours, hiding. It belongs to the line, so the line stays where it is."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from tpdocs.register.book import LIMITS, Book, TableAt
from tpdocs.register.cells import Range
from tpdocs.register.scan import cells_of
from tpdocs.word.xml import parse_xml

_HIDDEN = re.compile(rb'<row\b[^>]*?\shidden="(?:1|true)"')
_SHAPED = re.compile(rb'<row\b[^>]*?\s(?:customHeight="(?:1|true)"|customFormat="(?:1|true)"|outlineLevel="[1-9])')
_STYLE = re.compile(rb' s="(\d+)"')
_NOTES = ("/comments", "/threadedComment")
Look = tuple[str, str]  # fill and font
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
    """Finds the marked rows of a table; each is to be shown in turn, then `rows` tells."""

    book: Book
    table: TableAt
    _seen: dict[int, Styles] = field(default_factory=dict)
    _kinds: dict[tuple[Hashable, ...], Styles] = field(
        default_factory=dict
    )  # most rows are alike: one list for all of them
    _marked: set[int] = field(default_factory=set)
    carries: bool = False  # whether rows have anything else of people's: a height, an outline, a colour beside

    def see(self, number: int, row: bytes, shape: Hashable) -> None:
        """Look at a row. Those of one `shape` (None for a row like no other) have cells in the same columns."""
        kind = (shape, *_STYLE.findall(row))
        styles = self._kinds.get(kind)
        if styles is None or shape is None:
            ours = {letters.encode() for letters in self.table.letters.values()}
            cells = [(cell[0], int(cell[1] or 0)) for cell in cells_of(row)]
            styles = tuple(cell for cell in cells if cell[0] in ours)
            self.carries |= any(style and letters not in ours for letters, style in cells)
            self._kinds[kind] = styles
        self.carries |= _SHAPED.match(row) is not None
        self._seen[number] = styles
        if _HIDDEN.match(row):
            self._marked.add(number)

    def rows(self) -> set[int]:
        """The rows that are marked: noted, hidden, or of a colour or font that most in the column have not."""
        looks = self.book.appearances
        counts = Counter(self._seen.values())
        told = {
            styles: [(letters, looks[style]) for letters, style in styles if style < len(looks)] for styles in counts
        }
        usual = _usual((one, count) for styles, count in counts.items() for one in told[styles])
        odd = {styles for styles, cells in told.items() if any(look != usual[letters] for letters, look in cells)}
        coloured = {number for number, styles in self._seen.items() if styles in odd}
        return self._marked | coloured | (_noted(self.book, self.table.sheet_part) & self._seen.keys())


def _usual(cells: Iterable[tuple[tuple[bytes, Look], int]]) -> dict[bytes, Look]:
    counts: dict[bytes, Counter[Look]] = {}
    for (letters, look), count in cells:
        counts.setdefault(letters, Counter())[look] += count
    # Where as many are coloured as are not, a cell without a fill is the usual one.
    return {letters: max(found, key=lambda look: (found[look], not look[0])) for letters, found in counts.items()}
