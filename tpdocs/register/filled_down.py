"""Formulas that people filled down a column beside ours: they speak of their row, whatever stands in it, and so go on in new rows."""

import re
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from tpdocs.register.cells import Range, column_letters
from tpdocs.register.scan import CellParts, attributes_of, cells_of, escaped, formula_of
from tpdocs.register.shared_formulas import APART, NOT_AFTER, NOT_BEFORE, Master, translated

LOOKED_AT = 5  # rows; Excel goes by as many when it extends a list
_ROW = "\x00"  # stands for the number of the row
_OTHER_ROW = re.compile(rf"{NOT_BEFORE}\$?[A-Z]{{1,3}}\d+{NOT_AFTER}")
_OWN_ROW = re.compile(rf"(?<![\w!$])\$?([A-Z]+){_ROW}")  # of this sheet
_THIS_ROW = ("[#This Row]", "[@")


@dataclass(frozen=True, slots=True)
class RowFormula:
    """A formula that speaks of its own row: `text` with that row's number left open."""

    text: str

    @classmethod
    def of(cls, formula: str, number: int) -> "RowFormula | None":
        """From the formula of a cell in that row; None where it does not speak of its row, or of another one as seen from there."""
        own = re.compile(rf"{NOT_BEFORE}(\$?[A-Z]{{1,3}}){number}{NOT_AFTER}")
        parts = APART.split(formula.replace("\r\n", "\n").replace("\r", "\n"))
        parts[::2] = [own.sub(rf"\1{_ROW}", one) for one in parts[::2]]
        speaks_of_it = any(_ROW in one for one in parts) or any(one in formula for one in _THIS_ROW)
        if not speaks_of_it or any(map(_OTHER_ROW.search, parts[::2])):
            return None
        return cls("".join(parts))

    def xml(self, number: int) -> bytes:
        """The formula for a row."""
        return f"<f>{escaped(self.text.replace(_ROW, str(number)))}</f>".encode()

    def reads(self, table: str, known: Container[str]) -> bool:
        """Whether it reads its row of our table, or in one of these columns: a small table beside ours has formulas of its own."""
        ours = any(f"{table}{one}" in self.text for one in ("[[#This Row]", "[@"))
        return ours or any(one in known for one in _OWN_ROW.findall(self.text))


class Formulas:
    """The formulas of rows that are shown in turn, those too that cells share; `master` looks for one that stands in none of them."""

    def __init__(self, master: Callable[[bytes], Master | None] = lambda _: None) -> None:
        self._masters: dict[bytes, Master | None] = {}
        self._master = master

    def beside(self, number: int, row: bytes, ours: frozenset[bytes]) -> dict[bytes, tuple[int, RowFormula | None]]:
        """By column what stands beside our columns in a row and is calculated: the cell's format, and its formula if it is one of the row."""
        cells = (cell for cell in cells_of(row) if cell[3] and cell[0] not in ours)
        return {cell[0]: (int(cell[1] or 0), self._of(number, cell)) for cell in cells}

    def _of(self, number: int, cell: CellParts) -> RowFormula | None:
        facts = attributes_of(cell[3][: cell[3].find(b">")])
        if facts.get(b"t", b"normal") not in (b"normal", b"shared"):
            return None
        text, shared, place = formula_of(cell), facts.get(b"si", b""), f"{cell[0].decode()}{number}"
        if text:
            if shared:
                self._masters[shared] = text, place
            return RowFormula.of(text, number)
        if shared not in self._masters:
            self._masters[shared] = self._master(shared)
        master = self._masters[shared]
        # One filled down and to the right is another in each column.
        return RowFormula.of(translated(*master, place), number) if master is not None else None


def filled_down(
    rows: Sequence[Mapping[bytes, tuple[int, RowFormula | None]]], table: str, at: Range
) -> dict[str, tuple[int, RowFormula]]:
    """What goes on below these last rows of a table, by column: a format and a formula that most of them have, and not only one."""
    usual: dict[str, tuple[int, RowFormula]] = {}
    for letters in {one for row in rows for one in row}:
        told = [row[letters] for row in rows if letters in row]
        count = Counter(formula for _, formula in told if formula is not None)
        formula, often = count.most_common(1)[0] if count else (None, 0)
        if formula is None or often < 2 or often * 2 <= len(rows):  # noqa: PLR2004 - more than one, and most
            continue
        style = next(style for style, one in reversed(told) if one == formula)
        usual[letters.decode()] = style, formula
    known = {column_letters(number) for number in range(at.left, at.right + 1)}
    found: dict[str, tuple[int, RowFormula]] = {}
    while more := {one: told for one, told in usual.items() if one not in found and told[1].reads(table, known)}:
        found |= more
        known |= more.keys()  # others may read these
    return found
