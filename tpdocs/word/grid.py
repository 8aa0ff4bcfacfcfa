"""The grid of a table: its cells, cells that name a group, columns of labels, of values, of ticks."""

import re
from dataclasses import dataclass

from tpdocs.word.labels import NONE, STRONG, Judge
from tpdocs.word.lines import is_blank
from tpdocs.word.signs import has_marks, is_ticked, options_in
from tpdocs.word.walk import Container, TableRow

_A_FEW = 2
_ANSWERS = re.compile(r"实测|实际|结果|结论|得分|评分|自评|判定|情况|金额|实收")
_VERDICTS = frozenset(
    [
        "通过",
        "不通过",
        "未通过",
        "不适用",
        "是",
        "否",
        "有",
        "无",
        "合格",
        "不合格",
        "正常",
        "异常",
        "符合",
        "不符合",
        "基本符合",
        "满意",
        "很满意",
        "非常满意",
        "一般",
        "较满意",
        "不满意",
        "优",
        "良",
        "中",
        "差",
        "优秀",
        "良好",
        "合适",
        "不合适",
        "同意",
        "不同意",
        "完成",
        "未完成",
        "部分符合",
        "N/A",
        "NA",
        "Y",
        "N",
        "Yes",
        "No",
    ]
)
COUNTED = re.compile(r"[(（]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[)）.、]?")
_SPACES = re.compile(r"\s+")
_CJK_SPACE = re.compile(r"(?<=[\u4e00-\u9fff（）()])\s+(?=[\u4e00-\u9fff（）()])")


@dataclass(slots=True)
class Cell:
    """A cell with the grid column it starts at and its text."""

    container: Container
    start: int
    text: str

    @property
    def place(self) -> str:
        """Where it stands."""
        return self.container.place


def only_printed(columns: list[str], rows: list[list[str]]) -> bool:
    """Whether only the leading columns of a check list are written on, those that ask for an answer empty in every row."""
    empty = [
        all(not row[at] or (has_marks(row[at]) and not any(one.ticked for one in options_in(row[at]))) for row in rows)
        for at in range(len(columns))
    ]
    first = empty.index(True) if True in empty else len(empty)
    return first > 0 and all(empty[first:]) and any(_ANSWERS.search(one) for one in columns[first:])


def only_counted(cells: list[Cell]) -> bool:
    """Whether nothing is filled in on a row but the number it was printed with."""
    written = [(position, one.text.strip()) for position, one in enumerate(cells) if not is_blank(one.text)]
    return not written or (len(written) == 1 and written[0][0] == 0 and COUNTED.fullmatch(written[0][1]) is not None)


class Sides:
    """Cells merged over several rows that name a group, by where they start and which rows they cover."""

    def __init__(self) -> None:
        self.starts: set[tuple[int, int]] = set()
        self.groups: dict[int, list[str]] = {}

    def group_of(self, row: int) -> str:
        """The label of the groups that a row belongs to."""
        return "/".join(one_line(one).rstrip(":：") for one in self.groups.get(row, ()))

    def without(self, grid: list[list[Cell]], row: int) -> list[Cell]:
        """The cells of a row without those that name a group."""
        return [one for one in grid[row] if (row, one.start) not in self.starts]


def side_labels(rows: list[TableRow], grid: list[list[Cell]], judge: Judge) -> Sides:
    """The cells that name a group of rows on their right."""
    sides = Sides()
    for number, cells in enumerate(grid):
        for cell in cells:
            if cell.container.merged is not True or judge.strength(cell.text) == NONE:
                continue
            end = number + 1
            while end < len(rows) and cell.start in _merged_starts(rows[end]):
                end += 1
            if all(has_marks(one.text) for row in range(number, end) for one in grid[row] if one.start > cell.start):
                continue
            inside = [one for row in range(number, end) for one in grid[row] if one.start > cell.start]
            # With one value beside it, it is a plain label however high it stands.
            if end - number > 1 and len(inside) > 1 and any(judge.strength(one.text) for one in inside):
                sides.starts.add((number, cell.start))
                for row in range(number, end):
                    sides.groups.setdefault(row, []).append(cell.text)
    return sides


def _merged_starts(row: TableRow) -> set[int]:
    found, start = set(), 0
    for cell in row.cells:
        if cell.merged is False:
            found.add(start)
        start += cell.span
    return found


def cells_of(row: TableRow) -> list[Cell]:
    """The cells of a row with the grid column they start at, without those merged into the one above."""
    found, start = [], 0
    for cell in row.cells:
        if cell.merged is not False:
            found.append(Cell(cell, start, cell.text))
        start += cell.span
    return found


def value_columns(grid: list[list[Cell]], judge: Judge) -> set[tuple[int, int]]:
    """Pairs of columns (by where they start) of which the first holds labels and the second, plainly, values."""
    seen: dict[tuple[int, int], list[tuple[int, int]]] = {}
    blank: dict[tuple[int, int], int] = {}
    for cells in grid:
        if len(cells) % 2:
            continue
        for label, value in zip(cells[::2], cells[1::2], strict=True):
            if not is_blank(label.text) and is_blank(value.text):
                blank[label.start, value.start] = blank.get((label.start, value.start), 0) + 1
            if not is_blank(label.text) and not is_blank(value.text):
                told = judge.strength(label.text), judge.strength(value.text)
                seen.setdefault((label.start, value.start), []).append(told)
    return {
        key
        for key, told in seen.items()
        if all(label != NONE for label, _ in told)
        and (
            sum(value == NONE for _, value in told) * 3 >= len(told)
            or (len(told) > _A_FEW and not blank.get(key) and sum(label == STRONG for label, _ in told) * 2 > len(told))
        )
    }


def tick_columns(rows: list[list[str]], heads: list[str]) -> list[int]:
    """The columns of a matrix that hold ticks and nothing else; none where no more than one does."""
    found = []
    for position in range(len(rows[0])):
        cells = [row[position].strip() for row in rows]
        if all(not one or (len(one) <= 2 and is_ticked(one) is not None) for one in cells):  # noqa: PLR2004 - a sign and a blank
            found.append(position)
    if any(is_ticked(row[position]) is not None for row in rows for position in found):
        boxed = [
            position for position in found if heads[position] in _VERDICTS or any(row[position].strip() for row in rows)
        ]
        return boxed if len(boxed) > 1 else []
    said = [position for position in found if heads[position] in _VERDICTS]
    return said if len(said) > 1 else []


def one_line(text: str) -> str:
    """A label as people would write it on one line: spaced out and one sign a line, it is still one word."""
    return _SPACES.sub(" ", _CJK_SPACE.sub("", text.strip()))
