"""Rows held against what was written, whoever wrote the XML: quickly found or read cell by cell, the differences are the same."""

from html import escape
from typing import Any

import lxml.etree
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records import AWKWARD
from tpdocs.forms.values import clean
from tpdocs.register.cells import column_letters, plain, same
from tpdocs.register.line_order import numbers_of, runs_of
from tpdocs.register.matching import Matcher
from tpdocs.register.patch import cell_xml
from tpdocs.register.scan import RowReader, rows_in, unescaped
from tpdocs.register.shapes import have_paths, leads_there
from tpdocs.register.strings import shared_strings
from tpdocs.word.xml import texts_of

_TEXT = st.sampled_from([*AWKWARD, "1", "46083", "_x0041_", "a&#20;b", " 前后有空格 "]) | st.text(max_size=12).map(
    clean
)
_DAYS = st.floats(36_000, 60_000).map(lambda days: round(days, 9))
_CELL = st.one_of(
    st.none(), _TEXT.filter(bool), st.integers(0, 400), st.tuples(st.sampled_from("dms"), _DAYS).map(list),
    st.just(["l", "打开", "archive/TP001/a & b.docx"]),
)  # fmt: skip
_ROW = st.lists(_CELL, min_size=3, max_size=3)


def in_place(cells: list[Any], _strings: list[str]) -> str:
    """As we write them ourselves."""
    return "".join(cell_xml(f"{column_letters(at + 1)}7", 1, cell) for at, cell in enumerate(cells))


def _told(cells: list[Any]) -> list[tuple[str, Any]]:
    return [(column_letters(at + 1), plain(cell)) for at, cell in enumerate(cells)]


def numbered(cells: list[Any], _strings: list[str]) -> str:
    """As openpyxl does: each sign beyond ASCII by its number, empty cells as numbers."""
    found = ""
    for letters, value in _told(cells):
        if isinstance(value, str):
            text = escape(value, quote=False).encode("ascii", "xmlcharrefreplace").decode()
            found += f'<c r="{letters}7" s="1" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
        else:
            found += f'<c r="{letters}7" s="1" t="n">' + ("" if value is None else f"<v>{float(value)!r}</v>") + "</c>"
    return found


def shared(cells: list[Any], strings: list[str]) -> str:
    """As Excel, WPS Office and LibreOffice do: texts by their number, numbers with fewer digits, what is empty left out or not."""
    found = ""
    for letters, value in _told(cells):
        if isinstance(value, str):
            strings.append(value)
            found += f'<c r="{letters}7" s="12" t="s"><v>{len(strings) - 1}</v></c>'
        elif value is not None:
            found += f'<c r="{letters}7" s="7"><v>{value:.15g}</v></c>'
        elif letters == "B":
            found += f'<c r="{letters}7" s="7"/>'
    return found


def without_places(cells: list[Any], _strings: list[str]) -> str:
    """As programs do that count."""
    return in_place(cells, _strings).replace(' r="A7"', "").replace(' r="B7"', "").replace(' r="C7"', "")


def in_pieces(cells: list[Any], _strings: list[str]) -> str:
    """Texts of several formats."""
    found = ""
    for letters, value in _told(cells):
        if isinstance(value, str):
            runs = [escape(part, quote=True) for part in (value[:2], value[2:])]
            inside = "".join(
                f'<r><rPr><color rgb="FF0000"/></rPr><t xml:space="preserve">{run}</t></r>' for run in runs
            )
            found += f'<c r="{letters}7" t="inlineStr"><is>{inside}</is></c>'
        elif value is not None:
            found += f'<c r="{letters}7"><v>{value}</v></c>'
    return found


@given(_ROW, _ROW, st.sampled_from([in_place, numbered, shared, without_places, in_pieces]), st.booleans())
def test_what_differs_is_found_in_every_way_of_writing(written, there, writer, foreign):
    strings: list[str] = []
    cells = writer(there, strings) + ('<c r="F7" t="n"><v>5</v></c>' if foreign else "")
    items = "".join(f'<si><t xml:space="preserve">{escape(one)}</t></si>' for one in strings)
    sheet = f'<row r="7" spans="1:6" ht="17">{cells}</row>'.encode()
    reader = RowReader({"A": 0, "B": 1, "C": 2}, shared_strings([f"<sst>{items}</sst>".encode()]), {})
    reader.texts = frozenset()
    ((number, row),) = rows_in(sheet, 0)
    matched = Matcher(reader).row(number, row)
    slowly = reader.read(number, row)
    expected = [at for at in range(3) if not same(slowly.values[at], plain(written[at]))]
    found = [at for at in matched.differing(written) if not same(matched.value(at), plain(written[at]))]
    assert [Matcher(reader).row(number, row).value(at) for at in range(3)] == slowly.values  # one cell at a time
    # Excel's own _x0041_ is read as the sign it stands for; a text of somebody's that looks like one we escape ourselves.
    assert found == expected
    assert matched.values() == slowly.values
    assert matched.foreign == foreign
    assert [matched.text(at) == "" for at in range(3)] == [value is None for value in slowly.values]


def test_of_a_cell_that_stands_there_twice_every_reading_takes_the_last():
    row = b'<row r="7"><c r="A7" t="n"><v>1</v></c><c r="B7" t="n"><v>2</v></c><c r="A7" t="n"><v>3</v></c></row>'
    reader = RowReader({"A": 0, "B": 1}, [], {})
    for again in (row, row.replace(b'r="A7" t="n"><v>3', b't="n" r="A7"><v>3')):
        here = [Matcher(reader).row(7, again) for _ in range(3)]
        assert reader.read(7, again).values == [3, 2] == here[0].values()
        assert (here[1].value(0), here[1].value(1), here[2].text(0)) == (3, 2, "3")


_KINDS = tuple(
    st.none() | kind
    for kind in (_TEXT, _DAYS.map(lambda days: ["m", days]), st.just(["l", "打开", "a/b.docx"]), st.integers(0, 9))
)


@given(
    st.lists(st.tuples(*_KINDS), min_size=1, max_size=5).map(lambda rows: [row for row in rows for _ in range(2)]),
    st.sampled_from([in_place, numbered, shared, in_pieces, without_places]),
    st.none() | st.tuples(st.integers(0, 9), st.integers(0, 3), _TEXT),
    st.booleans(),
)
def test_rows_of_one_shape_are_told_at_once(rows, writer, edit, in_order):
    strings: list[str] = []
    there = [list(row) for row in rows]
    if edit is not None:
        there[edit[0] % len(there)][edit[1]] = edit[2]
    block = "".join(
        f'<row r="{number}" spans="1:4" ht="17">{writer(row, strings).replace("7" + chr(34), f"{number}" + chr(34))}</row>'
        for number, row in enumerate(there, 7)
    ).encode()
    items = "".join(f'<si><t xml:space="preserve">{escape(one)}</t></si>' for one in strings)
    where = {column_letters(at + 1): at for at in range(4)}
    reader = RowReader(where, shared_strings([f"<sst>{items}</sst>".encode()]), {})
    matcher = Matcher(reader, frozenset({2}), (2,))
    lying = list(rows_in(block, 6))
    runs, by_number = matcher.runs(lying, in_order=in_order), dict(zip(range(7, 99), rows, strict=False))
    assert sorted(row for run in runs for row in run.rows) == lying
    for run in runs:
        wanted = [list(by_number[number]) for number, _ in run.rows]
        odd = run.differing(wanted)
        assert run.says(wanted) is (odd == {})
        for place, (cells, (number, data)) in enumerate(zip(wanted, run.rows, strict=True)):
            here, alone = run.row(place), matcher.row(number, data)
            assert (here.number, here.values()) == (number, alone.values())
            assert [run.column(column)[place] for column in range(4)] == [alone.text(column) for column in range(4)]
            differs = [one for one in alone.differing(cells) if not same(alone.value(one), plain(cells[one]))]
            assert odd is None or set(odd.get(place, ())) >= {*differs, *alone.strays(cells)}
    if not in_order:
        assert len({run.shape for run in runs}) == len(runs)
    if edit is None and writer is in_place and runs[0].shape is not None and b"_x" not in block:
        assert runs[0].says([by_number[number] for number, _ in runs[0].rows])


def test_documents_lists_are_told_at_once_however_numbers_are_spelled():
    rows = [[f"TP{number:03d}", ["m", 46083 + number / 7], ["l", "打开", f"a{number}.docx"]] for number in range(1, 40)]
    for spelling in ("{!r}", "{:.15g}", "{:.16g}", "{:.17g}"):
        block = "".join(
            f'<row r="{at}"><c r="A{at}" s="{at % 3}" t="inlineStr"><is><t>{row[0]}</t></is></c>'
            f'<c r="B{at}"><v>{spelling.format(row[1][1])}</v></c><c r="C{at}"><f>HYPERLINK("{row[2][2]}")</f><v/></c></row>'
            for at, row in enumerate(rows, 2)
        ).encode()
        matcher = Matcher(RowReader({"A": 0, "B": 1, "C": 2}, [], {}), frozenset({2}), (2,))
        (here,) = matcher.cut(block)
        assert here.count == len(rows)
        assert here.says(rows)
        assert here.differing([*rows[:-1], ["TP040", *rows[-1][1:]]]) == {38: [0]}
        assert here.differing([*rows[:-1], [*rows[-1][:2], ["l", "打开", "b.docx"]]]) == {38: [2]}
        assert [one.count for one in matcher.cut(block + b'<row r="99"><c r="A99"/></row>')] == [39, 1]
        # A formula that nobody has calculated is no answer where people may edit.
        assert [one.shape for one in Matcher(matcher.reader).cut(block)] == [None]


_PATHS = st.lists(st.text(st.sampled_from("ab/中_x0041&\"<'"), max_size=12), min_size=1, max_size=4)


@given(_PATHS, _PATHS, st.sampled_from(["&quot;", '"', "'"]), st.booleans())
def test_paths_told_at_a_glance_are_surely_there(paths, others, quote, alike):
    there = paths if alike else (others * len(paths))[: len(paths)]
    nodes = [
        f"HYPERLINK({quote}{escape(one.replace(chr(34), chr(34) * 2))}{quote},{quote}打开{quote})".encode()
        for one in there
    ]
    told = have_paths(nodes, paths)
    if told:
        texts = [unescaped(one) for one in texts_of(nodes)]
        assert all(leads_there(text, ["l", "打开", path]) for text, path in zip(texts, paths, strict=True))
    # A sign that is written by its number, as this writes an apostrophe, is not told at a glance.
    if alike and quote != "'" and not any(not path or any(sign in path for sign in "&\"<x'") for path in paths):
        assert told


def test_a_number_of_a_string_that_is_not_there_is_no_text():
    reader = RowReader({"A": 0}, ["x"], {})
    row = b'<row r="2"><c r="A2" t="s"><v>7</v></c></row>'
    assert Matcher(reader).row(2, row).values() == [None]
    assert Matcher(reader).row(2, row).differing(["x"]) == [0]


def test_strings_with_phonetics_runs_and_nothing_in_them():
    data = (
        b'<sst xmlns="x"><si><t>a</t><phoneticPr fontId="1" type="noConversion"/></si><si><r><t>b</t></r><r><t xml:space="preserve"> c</t></r>'
        b"<rPh sb='0' eb='1'><t>no</t></rPh></si><si/><si><t/></si><si><t>&lt;d&gt; &#20013;</t></si><si><t>_x0041_</t></si></sst>"
    )
    wanted = ["a", "b c", "", "", "<d> 中", "A"]
    assert shared_strings([data]) == wanted
    assert shared_strings([data[at : at + 7] for at in range(0, len(data), 7)]) == wanted


@pytest.mark.parametrize("odd", ["<t/>", " <t>y</t>", "<extLst/><t>y</t>", "<rPr/><t>y</t>"])
def test_a_run_that_is_written_otherwise_takes_no_other_text_with_it(odd):
    look = "<rPr><b/></rPr>"
    items = (
        f"<r>{look}<t>A</t></r><r>{look}{odd}</r>",
        "<t>B</t>",
        f"<r>{look}<t>C</t></r><r>{look}<t>c</t></r>",
        "<t>D</t>",
    )
    data = f"<sst>{''.join(f'<si>{one}</si>' for one in items)}</sst>".encode()
    assert shared_strings([data]) == ["Ay" if "y" in odd else "A", "B", "Cc", "D"]


def test_strings_of_one_text_each_and_nothing_between_them():
    data = b'<sst count="3"><si><t>a</t></si>\n <si><t xml:space="preserve"> b\r\n</t></si><si/><si><t>&amp;c &gt; d></t></si></sst>'
    assert shared_strings([data]) == ["a", " b\n", "", "&c > d>"]
    assert shared_strings([data.replace(b"<si/>", b"")]) == ["a", " b\n", "&c > d>"]
    assert shared_strings([b"<sst><si><t>&#20013;&#x6587;</t></si><si><t>_x0041_</t></si></sst>"]) == ["中文", "A"]
    assert shared_strings([b'<sst count="0"/>']) == []


_ITEM_TEXT = st.text(st.sampled_from("ab中《 \n&<"), max_size=4)
_KEPT = '<t xml:space="preserve">', "<t>"


def _run(text: str, tag: str, look: str) -> str:
    return f"<r>{look}{tag}{escape(text)}</t></r>" if text else f"<r>{look}<t/></r>"


_RUN = st.builds(
    _run, _ITEM_TEXT, st.sampled_from(_KEPT), st.sampled_from(['<rPr><b/><sz val="10"/></rPr>', "<rPr/>", ""])
)
_ITEM = st.one_of(
    st.lists(_RUN, min_size=1, max_size=3).map("".join),
    st.builds(lambda text, tag: f"{tag}{escape(text)}</t>", _ITEM_TEXT, st.sampled_from(_KEPT)),
    st.builds(lambda run: run + "<rPh sb='0' eb='1'><t>no</t></rPh><phoneticPr fontId='1'/>", _RUN),
    st.just("<t/>"),
)


def _is_phonetic(text: lxml.etree._Element) -> bool:
    above = text.getparent()
    return above is not None and above.tag == "{x}rPh"


@given(st.lists(_ITEM, max_size=6), st.integers(0, 400))
def test_strings_of_runs_are_what_a_tree_says(items, cut):
    data = f'<sst xmlns="x">{"".join(f"<si>{one}</si>" for one in items)}</sst>'.encode()
    tree = lxml.etree.fromstring(data)
    texts = [[each.text or "" for each in one.iter("{x}t") if not _is_phonetic(each)] for one in tree]
    wanted = ["".join(one) for one in texts]
    assert shared_strings([data]) == wanted
    assert shared_strings([data[:cut], data[cut:]]) == wanted


@given(st.lists(st.integers(0, 40)))
def test_runs_stand_for_their_numbers(numbers):
    runs = runs_of(numbers)
    assert numbers_of(runs) == numbers
    assert len(runs) == len([at for at in range(len(numbers)) if at == 0 or numbers[at] != numbers[at - 1] + 1])
