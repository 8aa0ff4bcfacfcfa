"""Rows under a header, told apart from labels with values beside them."""

import re

from tpdocs.word.grid import Cell, Sides, is_counted, one_line, tick_columns
from tpdocs.word.labels import NONE, STRONG, WEAK, Judge, Lexicon
from tpdocs.word.lines import is_blank
from tpdocs.word.signs import has_marks

HEADS_OF_PAIRS = frozenset(
    (
        *("项目", "内容", "字段", "值", "信息", "填写内容", "名称", "说明", "填写说明", "参数", "数值", "取值", "术语"),
        *("释义", "含义", "定义", "解释", "岗位", "职责", "书名", "作者", "类型", "备注"),
    )
)
_FIGURES = re.compile(r"[\d\s.,%％/:+-]+")
_FOUR = 4  # cells of two pairs


def header_end(grid: list[list[Cell]], number: int, sides: Sides, judge: Judge) -> int:
    """Where the rows under a header in this row end; the row's own number when it is no header."""
    head = sides.without(grid, number)
    if len(head) < 2 or any(is_blank(one.text) or has_marks(one.text) for one in head):  # noqa: PLR2004
        return number
    end = number + 1
    starts = [one.start for one in head]
    while end < len(grid) and [one.start for one in sides.without(grid, end)] == starts:
        row = sides.without(grid, end)
        if all(judge.strength(one.text) == STRONG for one in row) or _is_one_pair(row, judge):
            break
        end += 1
    while isinstance(judge, Lexicon) and end > number + 2 and _is_row_of_pairs(sides.without(grid, end - 1), judge):
        end -= 1  # the form goes on below the rows in the same columns
    below = [sides.without(grid, row) for row in range(number + 1, end)]
    return end if below and _is_header(head, below, judge) else number


def _is_header(head: list[Cell], below: list[list[Cell]], judge: Judge) -> bool:
    if tick_columns([[one.text for one in row] for row in below], [one_line(one.text) for one in head]):
        return True
    if judge.strength(head[0].text) and is_counted([one.text for one in head[1:]]):
        return True
    guessing = isinstance(judge, Lexicon)
    if guessing and any(heads(head, below, judge) for heads in (_over_data, _over_words, _over_figures)):
        return True
    # 说明 before a sentence is no label, above a column it is.
    told = [STRONG if guessing and one_line(one.text) in HEADS_OF_PAIRS else judge.strength(one.text) for one in head]
    return NONE not in told and _headed_score(below, judge) > _paired_score([head, *below], judge)


def _is_one_pair(cells: list[Cell], judge: Judge) -> bool:
    """Whether a row of three columns or more is a known label with one value: the form goes on below the rows."""
    if isinstance(judge, Lexicon) or len(cells) < 3 or judge.strength(cells[0].text) != STRONG:  # noqa: PLR2004
        return False
    return not is_blank(cells[1].text) and all(is_blank(one.text) for one in cells[2:])


def _is_row_of_pairs(cells: list[Cell], judge: Judge) -> bool:
    """Whether a row in four columns or more is plainly labels and values in turn."""
    if len(cells) < _FOUR or len(cells) % 2:
        return False
    told = [NONE if is_blank(one.text) else judge.strength(one.text) for one in cells]
    return set(told[::2]) == {STRONG} and STRONG not in told[1::2]


def _over_data(head: list[Cell], below: list[list[Cell]], judge: Judge) -> bool:
    """Whether a row heads a plain data table: where pairs would have their next label, most rows have figures and the like."""
    if len(head) < 3 or len(below) < 2 or any(_FIGURES.fullmatch(one.text) for one in head):  # noqa: PLR2004
        return False
    named = sum(judge.strength(one.text) != NONE for one in head)
    told = [judge.strength(one.text) for row in below for one in row[2::2] if not is_blank(one.text)]
    return named * 2 >= len(head) and len(told) >= len(below) and told.count(NONE) * 2 > len(told)


def _over_words(head: list[Cell], below: list[list[Cell]], judge: Judge) -> bool:
    """Whether a row of nothing but labels says one twice, or has four columns and no label where pairs would have one below."""
    told = [judge.strength(one.text) for one in head]
    names, half = [one_line(one.text) for one in head], len(head) // 2
    if NONE not in told and half > 1 and names == names[:half] * 2:
        return True  # 省份 省会 省份 省会
    if len(head) < _FOUR or NONE in told or set(told[1::2]) != {STRONG}:
        return False
    written = [row for row in below if not all(is_blank(one.text) for one in row)]
    return bool(written) and not any(
        judge.strength(one.text) == STRONG for row in written for one in row[::2] if not is_blank(one.text)
    )


def _over_figures(head: list[Cell], below: list[list[Cell]], judge: Judge) -> bool:
    """Whether two labels stand over a list of words with a figure each: 品名 数量 over 螺丝 10, 螺母 20."""
    if len(head) != 2 or len(below) < 2 or any(judge.strength(one.text) != STRONG for one in head):  # noqa: PLR2004
        return False
    return all(
        judge.strength(row[0].text) != STRONG and not is_blank(row[0].text) and _FIGURES.fullmatch(row[1].text.strip())
        for row in below
    )


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
