"""Rows under a header, told apart from labels with values beside them."""

from tpdocs.word.grid import Cell, Sides, is_counted, one_line, tick_columns
from tpdocs.word.labels import NONE, STRONG, WEAK, Judge
from tpdocs.word.lines import is_blank
from tpdocs.word.signs import has_marks


def header_end(grid: list[list[Cell]], number: int, sides: Sides, judge: Judge) -> int:
    """Where the rows under a header in this row end; the row's own number when it is no header."""
    head = sides.without(grid, number)
    if len(head) < 2 or any(is_blank(one.text) or has_marks(one.text) for one in head):  # noqa: PLR2004
        return number
    end = number + 1
    starts = [one.start for one in head]
    while end < len(grid) and [one.start for one in sides.without(grid, end)] == starts:
        if all(judge.strength(one.text) == STRONG for one in sides.without(grid, end)):
            break
        end += 1
    below = [sides.without(grid, row) for row in range(number + 1, end)]
    if not below:
        return number
    if tick_columns([[one.text for one in row] for row in below], [one_line(one.text) for one in head]):
        return end
    if judge.strength(head[0].text) and is_counted([one.text for one in head[1:]]):
        return end
    if any(judge.strength(one.text) == NONE for one in head):
        return number
    return end if _headed_score(below, judge) > _paired_score([head, *below], judge) else number


def _headed_score(rows: list[list[Cell]], judge: Judge) -> float:
    weights = {NONE: 1.0, WEAK: -0.3, STRONG: -1.0}
    told = [0.5 if is_blank(one.text) else weights[judge.strength(one.text)] for row in rows for one in row]
    return sum(told) / len(told)


def _paired_score(rows: list[list[Cell]], judge: Judge) -> float:
    if len(rows[0]) % 2:
        return -1.0
    as_label, as_value = {NONE: -1.0, WEAK: 0.5, STRONG: 1.0}, {NONE: 1.0, WEAK: 0.0, STRONG: -1.0}
    told = []
    for row in rows:
        for position, one in enumerate(row):
            if is_blank(one.text):
                told.append(0.5 if position % 2 else -1.0)
            else:
                told.append((as_value if position % 2 else as_label)[judge.strength(one.text)])
    return sum(told) / len(told)
