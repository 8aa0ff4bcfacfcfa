"""Cells exchanged in a row, whoever wrote it: what is not to change stays byte for byte."""

import re
from html import escape
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.test_matching import _ROW, in_pieces, in_place, numbered, shared, without_places
from tpdocs.register.cells import Range, plain, same
from tpdocs.register.deflate import Packing
from tpdocs.register.patch import SheetChange
from tpdocs.register.scan import RowReader, rows_in, shared_strings

_BEFORE, _BESIDE = b'<c r="F7" s="4"><v>5</v></c>', b'<c r="G7" s="9" t="inlineStr"><is><t>A7 "B7" &gt; x</t></is></c>'


def changed(row: bytes, letters: dict[int, str], updates: dict[int, Any]) -> bytes:
    """A row after a change of its cells."""
    at = Range(1, 6, 3, 7)
    change = SheetChange(letters, at, at, lambda _place, style, _value: style or 0, updates={7: updates}, models={0: 1})
    packing = Packing(thorough=False)
    sheet = [packing.read(b"<sheetData>", 0, 0), packing.read(row, 7, 7), packing.read(b"</sheetData>", 0, 0)]
    return change.apply(sheet, packing)[1].data


@given(
    _ROW, _ROW, st.sets(st.integers(0, 2), min_size=1), st.permutations("ABC"), st.booleans(),
    st.sampled_from([in_place, numbered, shared, without_places, in_pieces]),
)  # fmt: skip
def test_only_the_cells_that_change_are_exchanged(there, wanted, which, order, foreign, writer):
    strings: list[str] = []
    cells = writer(there, strings).encode() + (_BEFORE + _BESIDE if foreign else b"")
    row = b'<row r="7" spans="1:7" ht="17">' + cells + b"</row>"
    letters = dict(enumerate(order))
    made = changed(row, letters, {at: wanted[at] for at in which})
    items = "".join(f'<si><t xml:space="preserve">{escape(one)}</t></si>' for one in strings)
    reader = RowReader({one: at for at, one in letters.items()}, shared_strings([f"<sst>{items}</sst>".encode()]), {})
    reader.texts = frozenset()
    ((number, new),) = rows_in(made, 0)
    before, after = reader.read(7, row).values, reader.read(number, new).values
    for at in range(3):
        assert same(after[at], plain(wanted[at]) if at in which else before[at])
    assert not foreign or made.endswith(_BEFORE + _BESIDE + b"</row>")


def test_a_style_is_kept_and_an_odd_cell_is_exchanged_whole():
    row = b'<row r="7"><c r="A7" s="3" t="s"><v>0</v></c><c r="B7" s="5" cm="1"/><c s="6" r="C7"><is><t>x</t></is></c></row>'
    made = changed(row, {0: "A", 1: "B", 2: "C"}, {1: "neu", 0: 4})
    assert made == (
        b'<row r="7"><c r="A7" s="3"><v>4</v></c><c r="B7" s="5" t="inlineStr"><is><t xml:space="preserve">neu</t></is></c>'
        b'<c s="6" r="C7"><is><t>x</t></is></c></row>'
    )
    assert re.findall(rb' s="(\d)"', changed(row, {0: "A", 2: "C"}, {2: "y"})) == [b"3", b"5", b"6"]
