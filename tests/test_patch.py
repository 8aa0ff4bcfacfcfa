"""Cells exchanged in a row, whoever wrote it: what is not to change stays byte for byte."""

import re
import subprocess
import sys
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.docx_tools import with_part
from tests.register_tools import Edit, cli, parts_of, shown
from tests.test_hands import rest
from tests.test_ingest import problem_of
from tests.test_matching import _ROW, in_pieces, in_place, numbered, shared, without_places
from tpdocs.register.cells import Range, plain, same
from tpdocs.register.columns import PROBLEMS
from tpdocs.register.deflate import Packing
from tpdocs.register.patch import SheetChange
from tpdocs.register.scan import RowReader, rows_in
from tpdocs.register.strings import shared_strings

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


_SHEET = "xl/worksheets/sheet1.xml"
_TAGS = re.compile(r"<(?:row|c) [^>]*>")
SHAPES: dict[str, Callable[[str], str | bytes]] = {
    "single quotes": lambda xml: _TAGS.sub(lambda tag: tag[0].replace('"', "'"), xml),
    "blanks in tags": lambda xml: _TAGS.sub(lambda tag: tag[0].replace("=", " = "), xml),
    "blanks in end tags": lambda xml: xml.replace("</c>", "</c >").replace("</row>", "</row\n>"),
    "CDATA": lambda xml: re.sub(r">([^<>&]+)</t>", r"><![CDATA[\1]]></t>", xml),
    "comments": lambda xml: xml.replace("<row ", '<!-- <row r="9"> --><row '),
    "a prefix": lambda xml: re.sub(r"<(/?)(?=\w)", r"<\1x:", xml).replace(" xmlns=", " xmlns:x="),
    "UTF-16": lambda xml: re.sub(r"^<\?.*?\?>", "", xml).encode("utf-16"),
    "lines": lambda xml: xml.replace("</c>", "</c>\r\n  ").replace("</row>", "</row>\n"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sheet_may_have_any_shape_that_xml_allows(busy, shape):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "问题标题", "人改的 a & b")
    data = busy.register.read_bytes()
    made = SHAPES[shape](parts_of(busy.register)[_SHEET].decode())
    sheet = made if isinstance(made, bytes) else made.encode()
    etree.fromstring(sheet)
    busy.register.write_bytes(with_part(data, _SHEET, sheet))
    assert cli(busy, "set", "TP002", "report.contact=新的电话").exit_code == 0
    assert problem_of(busy, "TP003").report.title == "人改的 a & b"
    etree.fromstring(parts_of(busy.register)[_SHEET])
    assert shown(busy).cell("TP002", "联系方式").value == "新的电话"
    assert shown(busy).cell("TP003", "问题标题").value == "人改的 a & b"
    rest(busy)


def test_what_tpdocs_keeps_in_a_workbook_is_written_alike_whoever_saved_it(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "问题标题", "人改的")
    # In a process of its own, for openpyxl tells all others how names are shortened.
    command = [sys.executable, "-m", "tpdocs", "--desk", str(busy.root), "sync", "--now", "2026-03-20 17:00"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    written = parts_of(busy.register)["docProps/custom.xml"]
    assert (b"<vt:lpwstr" in written, b":ns" in written) == (True, False)
