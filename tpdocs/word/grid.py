"""The grid of a table: its cells, cells that name a group, columns of labels, of values, of ticks."""

import re
from dataclasses import dataclass

from tpdocs.word.containers import Container, TableRow
from tpdocs.word.labels import NONE, STRONG, Judge
from tpdocs.word.lines import is_blank, pairs_in_line
from tpdocs.word.signs import has_marks, is_ticked, options_in, text_before_marks

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
_COUNT = re.compile(r"^(?:第|No\.?)? ?(\d{1,2}) ?(?:次|组|点|号|#)?$")
_SPACES = re.compile(r"\s+")
_CJK_SPACE = re.compile(r"(?<=[\u4e00-\u9fff（）()])\s+(?=[\u4e00-\u9fff（）()])")


@dataclass(slots=True)
class Cell:
    """A cell with the grid column it starts at and its text."""

    container: Container
    start: int
    text: str
    merged: bool = False

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
    asked = any(_ANSWERS.search(one) for one in columns[first:]) or (first == 1 and is_counted(columns[1:]))
    return first > 0 and all(empty[first:]) and asked


def only_counted(cells: list[Cell]) -> bool:
    """Whether nothing is filled in on a row but the number it was printed with."""
    written = [(position, one.text.strip()) for position, one in enumerate(cells) if not is_blank(one.text)]
    return not written or (len(written) == 1 and written[0][0] == 0 and COUNTED.fullmatch(written[0][1]) is not None)


def is_counted(texts: list[str]) -> bool:
    """Whether some headings only count: 1, 2, 3 or 第1次, 第2次."""
    return len(texts) > 1 and [_COUNT.sub(r"\1", one.strip()) for one in texts] == [
        str(n) for n in range(1, len(texts) + 1)
    ]


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
            if not cell.merged or judge.strength(cell.text) == NONE:
                continue
            end = _end_of(rows, number, cell)
            if all(has_marks(one.text) for row in range(number, end) for one in grid[row] if one.start > cell.start):
                continue
            inside = [one for row in range(number, end) for one in grid[row] if one.start > cell.start]
            # With one value beside it, it is a plain label however high it stands.
            if end - number > 1 and len(inside) > 1 and any(judge.strength(one.text) for one in inside):
                sides.starts.add((number, cell.start))
                for row in range(number, end):
                    sides.groups.setdefault(row, []).append(cell.text)
    return sides


def grid_of(rows: list[TableRow], judge: Judge) -> list[list[Cell]]:
    """The cells of a table, row by row, without those merged into the one above; a row that is all taken is empty.

    Options one a row, boxes in cells of their own and headers of two rows are put together.
    """
    grid: list[list[Cell]] = []
    under: set[int] = set()
    for row in rows:
        found, start, merged = [], 0, set()
        for cell in row.cells:
            # A cell merged into nothing is a cell: programs leave such ones behind when they delete the row above.
            if cell.merged is False and start in under:
                merged.add(start)
            else:
                found.append(Cell(cell, start, text_in_box(cell, judge) or cell.text, cell.merged is True))
                merged |= {start} if cell.merged else set()
            start += cell.span
        under = merged
        grid.append(_with_boxes(found))
    for number in range(len(grid) - 1):
        _join_options(rows, grid, number, judge)
        _join_header(rows, grid, number, judge)
    return grid


def text_in_box(container: Container, judge: Judge) -> str:
    """What stands in the text boxes of an otherwise empty cell: there people wrote its value, unless labels stand there too."""
    if container.row is None or not container.text_boxes or not is_blank(container.text):
        return ""
    text = "\n".join(one.text for one in container.text_boxes)
    return "" if any(pairs_in_line(line, judge) for line in text.split("\n")) else text


def _with_boxes(cells: list[Cell]) -> list[Cell]:
    """A row in which boxes and their options stand in turn, each box with its option in one cell."""
    boxes = [position for position, one in enumerate(cells) if _is_box(one.text)]
    if len(boxes) < _A_FEW:
        return cells
    after = boxes[-1] == len(cells) - 1
    partners = [position - 1 if after else position + 1 for position in boxes]
    told = [cells[one].text if 0 <= one < len(cells) else "" for one in partners]
    if any(is_blank(one) or has_marks(one) for one in told):
        return cells
    found = []
    for position, cell in enumerate(cells):
        if position in boxes:
            text = f"{told[boxes.index(position)]}{cell.text}" if after else f"{cell.text}{told[boxes.index(position)]}"
            found.append(Cell(cell.container, cell.start, text))
        elif position not in partners:
            found.append(cell)
    return found


def _is_box(text: str) -> bool:
    return len(text.strip()) <= _A_FEW and is_ticked(text) is not None


def _end_of(rows: list[TableRow], number: int, cell: Cell) -> int:
    """The row after the last that a cell is merged over."""
    end = number + 1
    while end < len(rows) and cell.start in rows[end].merged_starts:
        end += 1
    return end


def _end_of_options(grid: list[list[Cell]], number: int, cell: Cell) -> int:
    """The row after the last option of a label whose merging was lost: below it the cells are empty."""
    end = number + 1
    while end < len(grid) and len(grid[end]) == _A_FEW:
        below, option = grid[end]
        if below.start != cell.start or not is_blank(below.text) or not _is_option(option.text):
            break
        end += 1
    return end


def _join_options(rows: list[TableRow], grid: list[list[Cell]], number: int, judge: Judge) -> None:
    """Options under one another beside a label that is merged over their rows: all of them its answer."""
    for cell in grid[number]:
        if is_blank(cell.text) or judge.strength(cell.text) == NONE or has_marks(cell.text):
            continue
        covered = range(number, _end_of(rows, number, cell) if cell.merged else _end_of_options(grid, number, cell))
        inside = [[one for one in grid[row] if one.start > cell.start] for row in covered]
        told = [one for row in inside for one in row if not is_blank(one.text)]
        if len(covered) < _A_FEW or len(inside[0]) != 1 or not all(_is_option(one.text) for one in told):
            continue
        first = inside[0][0]
        first.text = "\n".join(one.text.strip() for one in told)
        cell.merged = False
        for row in covered[1:]:
            grid[row] = [one for one in grid[row] if one.start < cell.start]
        return


def _is_option(text: str) -> bool:
    return has_marks(text) and not text_before_marks(text).rstrip().endswith((":", "："))


def _join_header(rows: list[TableRow], grid: list[list[Cell]], number: int, judge: Judge) -> None:
    """A header of two rows, some columns of the first having columns of their own in the second: one row, ``得分/自评``."""
    above, below = grid[number], grid[number + 1]
    whole = [one for one in above if one.merged and _end_of(rows, number, one) == number + 2]
    parted = [one for one in above if not one.merged and one.container.span > 1]
    if not whole or not parted or len(whole) + len(parted) != len(above) or len(below) < _A_FEW:
        return
    if any(is_blank(one.text) or has_marks(one.text) or not judge.strength(one.text) for one in (*above, *below)):
        return
    columns = [Cell(one.container, one.start, one.text) for one in whole]
    for one in below:
        over = [each for each in parted if each.start <= one.start < each.start + each.container.span]
        if not over:
            return
        columns.append(Cell(one.container, one.start, f"{one_line(over[0].text)}/{one_line(one.text)}"))
    columns.sort(key=lambda one: one.start)
    if number + 2 < len(grid) and [one.start for one in grid[number + 2]] == [one.start for one in columns]:
        grid[number], grid[number + 1] = [], columns


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
