"""Label and value side by side, below one another, after a colon; rows under a header; boxes with their options.

This reads any form. What counts as a label is left to a judge; a label followed by a label is never a pair, a label with
nothing beside it has no value.
"""

import re

from tpdocs.word.answers import (
    asks_for_much,
    begins_with_label,
    has_own_label,
    is_option,
    is_printed,
    is_question,
    only_labels,
    questions_in,
)
from tpdocs.word.containers import Container, TableRow, Walk
from tpdocs.word.grid import (
    COUNTED,
    Cell,
    Sides,
    grid_of,
    one_line,
    only_counted,
    only_printed,
    side_labels,
    text_in_box,
    tick_columns,
    value_columns,
)
from tpdocs.word.headed import HEADS_OF_PAIRS, header_end
from tpdocs.word.labels import NONE, STRONG, WEAK, Judge, Lexicon, is_bare_latin
from tpdocs.word.lines import (
    SIGNED,
    is_blank,
    pairs_in_line,
    value_of,
    without_date_beside,
    without_signatures,
    written_in,
)
from tpdocs.word.outlines import BELOW, BESIDE, INLINE, MATRIX, HeadedRows, Outline, Pair
from tpdocs.word.signs import TICKED, Option, has_marks, is_ticked, options_in, text_before_marks

_MOST_LOOKED = 20_000  # rows below the rows of one table, each looked at as a header
_MOST_COLUMNS = 63  # more than that no editor makes


def outline(found: Walk, judge: Judge) -> Outline:
    """The outline of a document."""
    return _Outliner(found, judge).made


class _Outliner:
    def __init__(self, found: Walk, judge: Judge) -> None:
        self.judge = judge
        # Where every label is known by name, nothing else is guessed from how things look.
        self.guessing = isinstance(judge, Lexicon)
        self.made = Outline()
        self.heading = ""
        self.trusted: set[tuple[int, int]] = set()
        self.latin = False
        tables: dict[int, list[TableRow]] = {}
        for row in found.rows:
            tables.setdefault(row.table, []).append(row)
        for container in found.containers:
            self._boxes(container)
            if container.row is None:
                self._paragraph(container)
            elif rows := tables.pop(container.row.table, None):
                self._table(rows)

    def _paragraph(self, container: Container) -> None:
        for line in container.text.split("\n"):
            pairs = pairs_in_line(line, self.judge)
            for label, told in pairs:
                value, date = without_date_beside(label, told) if self.guessing else (told, "")
                self._pair(label, value, container.place, INLINE)
                if date:
                    self.made.outside.append((container.place, date))
            if not pairs and line.strip():
                self.heading = line.strip()
                self.made.headings.append((container.place, self.heading))
                self.made.outside.append((container.place, self.heading))

    def _boxes(self, container: Container) -> None:
        if text_in_box(container, self.judge):
            return
        for box in container.text_boxes:
            for line in box.text.split("\n"):
                pairs = pairs_in_line(line, self.judge)
                for label, value in pairs:
                    self._pair(label, value, container.place, INLINE)
                if not pairs and line.strip():
                    self.made.outside.append((container.place, line.strip()))

    def _table(self, rows: list[TableRow]) -> None:
        grid = grid_of(rows, self.judge)
        sides = side_labels(rows, grid, self.judge)
        # One English word without a colon may be anything; a table with several of them beside their values is a form.
        latin = [row for row, cells in enumerate(grid) for one in cells[::2] if self._is_latin_label(one.text)]
        self.latin = len(latin) > 2 and len(set(latin)) > 1  # noqa: PLR2004
        headed: set[int] = set()
        ends: dict[int, int] = {}
        number = looked = 0
        while number < len(grid):
            # Every row as a header of all rows below: in a very long table only its first rows are tried.
            end = header_end(grid, number, sides, self.judge) if looked <= _MOST_LOOKED else number
            looked += len(grid) - number
            if end > number:
                ends[number] = end
                headed.update(range(number, end))
                number = end
            else:
                number += 1
        self.trusted = value_columns([one for n, one in enumerate(grid) if n not in headed], self.judge)
        number = 0
        while number < len(grid):
            cells = [one for one in grid[number] if (number, one.start) not in sides.starts]
            end = ends.get(number, number)
            if end > number:
                self._headed(grid, number, end, sides)
                number = end
                continue
            below = sides.without(grid, number + 1) if number + 1 < len(grid) else []
            if len(cells) == len(below) == 1 and self._stands_above(cells[0], below[0]):
                self._pair(one_line(cells[0].text), below[0].text, below[0].place, BELOW, sides.group_of(number))
                number += 2
                continue
            self._row(cells, sides.group_of(number))
            number += 1

    def _is_latin_label(self, text: str) -> bool:
        return is_bare_latin(text.rstrip(" :：")) and self.judge.strength(text) != NONE

    def _stands_above(self, label: Cell, value: Cell) -> bool:
        """A label over the whole width with its value in the row below."""
        if self.judge.strength(label.text) != STRONG or has_marks(label.text) or is_blank(value.text):
            return False
        strength = self.judge.strength(value.text)
        told = strength == NONE or (strength == WEAK and ("、" in value.text or asks_for_much(label.text)))
        return bool(told) and not begins_with_label(value.text, self.judge)

    def _headed(self, grid: list[list[Cell]], number: int, end: int, sides: "Sides") -> None:
        head = sides.without(grid, number)
        columns = [one_line(one.text) for one in head]
        label = sides.group_of(number) or self.heading
        kept, places = [], []
        for row in range(number + 1, end):
            cells = sides.without(grid, row)
            if not only_counted(cells):
                kept.append([self._value(one.text) for one in cells])
                places.append(cells[0].place)
        if kept and self.guessing and not tick_columns(kept, columns) and only_printed(columns, kept):
            kept, places = [], []
        if kept and (marked := tick_columns(kept, columns)):
            self._matrix(columns, kept, places, marked)
            return
        self.made.tables.append(HeadedRows(one_line(label), columns, kept, places, head[0].place))

    def _matrix(self, columns: list[str], rows: list[list[str]], places: list[str], marked: list[int]) -> None:
        for row, place in zip(rows, places, strict=True):
            options = [Option(columns[position], bool(is_ticked(row[position]))) for position in marked]
            texts = [one for position, one in enumerate(row) if position not in marked and one]
            if len(texts) > 1 and COUNTED.fullmatch(texts[0]):
                texts = texts[1:]
            label, others = (texts or [""])[0], texts[1:]
            if label:
                self.made.pairs.append(Pair(label, "", place, MATRIX, heading=self.heading, options=options))
            self.made.outside += [(place, one) for one in others]

    def _row(self, cells: list[Cell], group: str) -> None:
        heads = self.guessing and len(cells) > 1 and {one_line(one.text) for one in cells} <= HEADS_OF_PAIRS
        if heads or len(cells) > _MOST_COLUMNS:
            self.made.outside += [(one.place, one_line(one.text)) for one in cells if not is_blank(one.text)]
            return
        if self._begins_with_group(cells):
            group, cells = "/".join(filter(None, (group, one_line(cells[0].text).rstrip(":：")))), cells[1:]
        position = 0
        while position < len(cells):
            position += self._cell(cells, position, group)

    def _begins_with_group(self, cells: list[Cell]) -> bool:
        """Whether the first cell of a row names the group of the pairs after it, without being merged with any."""
        told = [NONE if is_blank(one.text) or has_marks(one.text) else self.judge.strength(one.text) for one in cells]
        labels, others = told[1::2], told[2::2]
        return len(told) % 2 == 1 and bool(labels and told[0]) and set(labels) == {STRONG} and set(others) != {STRONG}

    def _cell(self, cells: list[Cell], position: int, group: str) -> int:
        """Take the cell at a position in hand; returns how many cells were taken."""
        here = cells[position]
        following = cells[position + 1] if position + 1 < len(cells) else None
        strength = NONE if is_blank(here.text) or has_marks(here.text) else self.judge.strength(here.text)
        if self.guessing and not self.latin and is_bare_latin(here.text):
            strength = NONE
        if strength == NONE and following is not None and (self.guessing and is_question(here.text, following.text)):
            strength = WEAK
        if strength == NONE or following is None:
            self._alone(here, group)
            return 1
        if is_blank(following.text):
            return self._label_before_blank(cells, position, group)
        if self._stands_alone(cells, position, strength):
            if strength == WEAK or has_marks(following.text):
                self._alone(here, group)
            return 1
        return 2 if self._several_choices(following, here.text, group) else self._label(cells, position, group)

    def _label_before_blank(self, cells: list[Cell], position: int, group: str) -> int:
        """A label with an empty cell beside it; where every label is known, the one text before the next label is its answer."""
        here, following = cells[position], cells[position + 1]
        if self.guessing:
            self._pair(here.text, "", following.place, BESIDE, group)
            return 2
        end = position + 1
        while end < len(cells) and (is_blank(cells[end].text) or self.judge.strength(cells[end].text) == NONE):
            end += 1
        written = [one for one in cells[position + 1 : end] if not is_blank(one.text)]
        if len(written) == 1 and not has_marks(written[0].text) and not begins_with_label(written[0].text, self.judge):
            self._pair(here.text, written[0].text, written[0].place, BESIDE, group)
            return end - position
        # So are the prompts: what looks like one may be an answer.
        self._pair(here.text, following.text, following.place, BESIDE, group)
        return 2

    def _stands_alone(self, cells: list[Cell], position: int, strength: int) -> bool:
        """Whether a label has its answer not in the next cell: that one is a label too, or says itself what it answers."""
        following = cells[position + 1].text
        if has_marks(following):
            return has_own_label(following, self.judge)
        next_strength = self.judge.strength(following)
        if next_strength == STRONG:
            return not self._is_value(cells, position)
        if strength == STRONG:
            return False
        return begins_with_label(following, self.judge) or (
            next_strength == WEAK and not self._is_value(cells, position)
        )

    def _label(self, cells: list[Cell], position: int, group: str) -> int:
        """A label with its answer beside it, in one cell or, boxes, in several; returns how many cells were taken."""
        here, following = cells[position], cells[position + 1]
        count, text = 2, following.text
        if has_marks(text):
            while position + count < len(cells) and is_option(more := cells[position + count].text):
                text, count = f"{text}\n{more}", count + 1
        value, signed = without_signatures(text, self.judge) if self.guessing else (text, [])
        self._pair(one_line(here.text), value, following.place, BESIDE, group)
        for label, told in signed:
            self._pair(
                label, told, following.place, INLINE, "/".join(filter(None, (group, one_line(here.text).rstrip(":："))))
            )
        return count

    def _several_choices(self, cell: Cell, label: str, group: str) -> bool:
        """Take a cell in which several questions stand, each with its boxes."""
        told = questions_in(cell.text, self.judge)
        inner = "/".join(filter(None, (group, one_line(label).rstrip(":："))))
        for name, value in told:
            self._pair(name, value, cell.place, INLINE, inner)
        return bool(told)

    def _is_value(self, cells: list[Cell], position: int) -> bool:
        """Whether the next cell is a value although it looks like a label: by its column, its width, its row."""
        if {one_line(one.text) for one in cells} <= HEADS_OF_PAIRS:
            return False
        here, following = cells[position], cells[position + 1]
        if len(cells) == len((here, following)) and following.container.span > here.container.span:
            return True
        labels, values = cells[::2], cells[1::2]
        in_turn = position % 2 == 0 and len(labels) == len(values)
        if in_turn and all(self.judge.strength(one.text) and not has_marks(one.text) for one in labels):
            written = [self.judge.strength(one.text) for one in values if not is_blank(one.text)]
            plain = NONE in written or (
                len(labels) > 1 and WEAK in written and all(self.judge.strength(one.text) == STRONG for one in labels)
            )
            return plain or self._is_trusted(cells, position)
        return self._is_trusted(cells, position)

    def _is_trusted(self, cells: list[Cell], position: int) -> bool:
        """Whether the next cell is a value although it looks like a label: so are the others of its column."""
        head = {one_line(one.text) for one in cells} <= HEADS_OF_PAIRS
        # Labels only, and one too many for pairs, are headings.
        head |= len(cells) % 2 == 1 and all(self.judge.strength(one.text) == STRONG for one in cells)
        return not head and (cells[position].start, cells[position + 1].start) in self.trusted

    def _alone(self, cell: Cell, group: str) -> None:
        """A cell that has no label beside it: pairs after colons, a label with its value below it, or just text."""
        text = cell.text
        if is_blank(text):
            return
        if has_marks(text):
            if self._several_choices(cell, "", group):
                return
            before = text_before_marks(text)
            # Where the marks stand after their options, what stands before the first is an option and no label.
            is_option = not before.rstrip().endswith((":", "：")) and options_in(text)[:1] == [
                one for one in options_in(text)[:1] if one.text == before.strip()
            ]
            if not is_option and self.judge.strength(before):
                self._pair(one_line(before), text[len(before) :], cell.place, INLINE, group)
            else:
                self.made.outside.append((cell.place, text.strip()))
            return
        first, _, rest = text.strip().partition("\n")
        if rest.strip() and self.judge.strength(first) == STRONG and not pairs_in_line(first, self.judge):
            self._pair(first, rest, cell.place, BELOW, group)
            return
        loose = self._lines(cell, group)
        if loose:
            self.made.outside.append((cell.place, "\n".join(loose)))
            if self.judge.strength(loose[0]) != STRONG or len(loose) > 1:
                self.heading = loose[0]
                self.made.headings.append((cell.place, loose[0]))

    def _lines(self, cell: Cell, group: str) -> list[str]:
        """The pairs in the lines of a cell, a value going on until the next label; returns the lines before the first."""
        loose: list[str] = []
        first = ""
        open_pair: tuple[str, list[str]] | None = None
        for line in cell.text.split("\n"):
            named = _SUB_FIELD.match(line)
            pairs = [(named[1], line[named.end() :])] if named else pairs_in_line(line, self.judge)
            if not pairs:
                if open_pair is None:
                    loose += [line.strip()] if line.strip() else []
                else:
                    open_pair[1].append(line)
                continue
            if open_pair is not None:
                self._pair(open_pair[0], "\n".join(open_pair[1]), cell.place, INLINE, group)
            if self.guessing and (first or loose) and all(SIGNED.search(one) for one, _ in pairs):
                inner = "/".join(
                    filter(None, (group, first or (loose[0].rstrip(":：") if self.judge.strength(loose[0]) else "")))
                )
                for label, value in pairs:
                    self._pair(label, value, cell.place, INLINE, inner)
                open_pair = None
                continue
            first = first or pairs[0][0]
            for label, value in pairs[:-1]:
                self._pair(label, value, cell.place, INLINE, group)
            open_pair = pairs[-1][0], [pairs[-1][1]]
        if open_pair is not None:
            self._pair(open_pair[0], "\n".join(open_pair[1]), cell.place, INLINE, group)
        return loose

    def _pair(self, label: str, value: str, place: str, how: str, group: str = "") -> None:
        name = one_line(label).rstrip(":：").strip()
        told = Pair(name, self._value(value), place, how, one_line(group), self.heading, written=value)
        if self.guessing and how in (BESIDE, INLINE) and is_printed(name, told.value, self.judge):
            told.value = ""
        if has_marks(value):
            told.options = options_in(value)
            if self.guessing and not told.options and not set(value) & TICKED and not text_before_marks(value).strip():
                told.value = ""  # boxes for the figures of a number, a box that nobody ticked
        elif self.guessing and how in (BESIDE, BELOW) and told.value and only_labels(told.value, self.judge):
            told.value = ""
        (self.made.pairs if told.value or told.options else self.made.bare).append(told)

    def _value(self, text: str) -> str:
        return value_of(text) if self.guessing else written_in(text)


_SUB_FIELD = re.compile(r"\s*【([^】]{1,16})】[ \u3000]*[:：]?")
