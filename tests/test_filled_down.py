"""Formulas of people's beside ours: they go on in new rows, and what stands beside a table is in nobody's way."""

import re
from typing import Any

import openpyxl
import pytest
from lxml import etree
from openpyxl.styles import PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableColumn, TableFormula

from tests.conftest import NOW
from tests.docx_tools import with_part
from tests.register_tools import Edit, cli, codes, parts_of, shown
from tests.test_hands import rest, saved_again
from tests.test_lists import listed
from tests.test_marks import MORE, check_rows, lines, new_problems
from tests.test_sync import FULL_ROW
from tpdocs.actions.setting import set_fields
from tpdocs.actions.sync import sync
from tpdocs.desk.folder import Desk
from tpdocs.register.columns import DOCUMENTS, PROBLEM_SHEET, PROBLEMS, TODO
from tpdocs.register.filled_down import RowFormula
from tpdocs.register.shared_formulas import translated

WIDTH = len(PROBLEM_SHEET.columns)
BESIDE = get_column_letter(WIDTH + 1)
GREEN = PatternFill("solid", fgColor="FF00FF00")


def more_problems(desk: Desk, tmp_path: Any, first: int = 0, last: int = 2) -> None:
    rows = listed(tmp_path, new_problems(last)[first:], f"{first}.jsonl")
    assert cli(desk, "update", str(rows), "--mode", "insert").exit_code == 0


def column(desk: Desk, letters: str, name: str = PROBLEMS) -> list[Any]:
    sheet = openpyxl.load_workbook(desk.register)[name]
    return [sheet[f"{letters}{row}"].value for row in range(2, sheet.max_row + 1)]


def fill_down(desk: Desk, formula: str, name: str = PROBLEMS, letters: str = BESIDE, last: int = 0) -> None:
    with Edit(desk) as book:
        sheet = book.book[name]
        for row in range(2, (last or sheet.max_row) + 1):
            sheet[f"{letters}{row}"] = formula.replace("§", str(row))


def in_the_table(desk: Desk, formula: str) -> None:
    """Make the column beside ours one of the table, calculated, as Excel does when somebody types next to it."""
    with Edit(desk) as book:
        sheet = book.book[PROBLEMS]
        table = sheet.tables["tp_problems"]
        sheet[f"{BESIDE}1"] = "剩余"
        table.ref = re.sub(r":[A-Z]+", f":{BESIDE}", table.ref)
        table.autoFilter.ref = table.ref
        new = TableColumn(id=WIDTH + 1, name="剩余")
        new.calculatedColumnFormula = TableFormula(attr_text=formula)
        table.tableColumns.append(new)


def test_a_formula_filled_down_beside_the_table_goes_on_in_new_rows(busy, tmp_path):
    fill_down(busy, '=IF(B§="","",LEN(B§)*$B$1)')
    with Edit(busy) as book:
        for row in range(2, 10):
            book.book[PROBLEMS][f"{BESIDE}{row}"].number_format = "0.00"
    sync(busy, NOW)
    more_problems(busy, tmp_path)
    assert column(busy, BESIDE) == [f'=IF(B{row}="","",LEN(B{row})*$B$1)' for row in range(2, 12)]
    assert openpyxl.load_workbook(busy.register)[PROBLEMS][f"{BESIDE}11"].number_format == "0.00"
    check_rows(busy)
    # The next time as tpdocs left it, and once more as others save it.
    more_problems(busy, tmp_path, 2, 4)
    saved_again(busy)
    more_problems(busy, tmp_path, 4, 6)
    assert [one for one in column(busy, BESIDE) if not one] == []
    check_rows(busy)
    rest(busy)


def test_a_calculated_column_of_the_table_goes_on_in_new_rows(busy, tmp_path):
    in_the_table(busy, "LEN(tp_problems[[#This Row],[问题标题]])")
    fill_down(busy, "=LEN(tp_problems[[#This Row],[问题标题]])")
    more_problems(busy, tmp_path)
    assert column(busy, BESIDE) == ["=LEN(tp_problems[[#This Row],[问题标题]])"] * 10
    check_rows(busy)
    rest(busy)


def test_formulas_that_rows_share_go_on_in_new_rows(busy, tmp_path):
    fill_down(busy, "=B§&C§")
    parts = parts_of(busy.register)
    text = parts["xl/worksheets/sheet1.xml"].decode()
    text = text.replace("<f>B2&amp;C2</f>", f'<f t="shared" ref="{BESIDE}2:{BESIDE}9" si="7">B2&amp;C2</f>')
    text = re.sub(r"<f>B\d+&amp;C\d+</f>", '<f t="shared" si="7"/>', text)
    assert text.count('si="7"') == 8
    busy.register.write_bytes(with_part(busy.register.read_bytes(), "xl/worksheets/sheet1.xml", text.encode()))
    more_problems(busy, tmp_path)
    assert re.findall(r"<f>(B\d+&amp;C\d+)</f>", parts_of(busy.register)["xl/worksheets/sheet1.xml"].decode()) == [
        "B10&amp;C10", "B11&amp;C11",
    ]  # fmt: skip
    check_rows(busy)


def test_a_block_filled_down_and_to_the_right_goes_on_in_each_column_as_it_reads_there(busy, tmp_path):
    second = get_column_letter(WIDTH + 2)
    fill_down(busy, "=LEN(A§)")
    fill_down(busy, "=LEN(B§)", letters=second)
    text = parts_of(busy.register)["xl/worksheets/sheet1.xml"].decode()
    text = text.replace("<f>LEN(A2)</f>", f'<f t="shared" ref="{BESIDE}2:{second}9" si="3">LEN(A2)</f>')
    text = re.sub(r"<f>LEN\([AB]\d+\)</f>", '<f t="shared" si="3"/>', text)
    assert text.count('si="3"') == 16
    busy.register.write_bytes(with_part(busy.register.read_bytes(), "xl/worksheets/sheet1.xml", text.encode()))
    more_problems(busy, tmp_path)
    assert [column(busy, letters)[-1] for letters in (BESIDE, second)] == ["=LEN(A11)", "=LEN(B11)"]


def test_formulas_that_read_each_other_go_on_whichever_stands_first(busy, tmp_path):
    second = get_column_letter(WIDTH + 2)
    fill_down(busy, f"={second}§*2")
    fill_down(busy, "=LEN(B§)", letters=second)
    more_problems(busy, tmp_path)
    assert [column(busy, letters)[-1] for letters in (BESIDE, second)] == [f"={second}11*2", "=LEN(B11)"]


def test_a_table_of_somebodys_beside_ours_gets_nothing_below_it(busy, tmp_path):
    first, last = get_column_letter(WIDTH + 2), get_column_letter(WIDTH + 3)
    with Edit(busy) as book:
        sheet = book.book[PROBLEMS]
        for row in range(1, 10):
            sheet[f"{first}{row}"] = "数" if row == 1 else row
            sheet[f"{last}{row}"] = "倍" if row == 1 else "=我的表[[#This Row],[数]]*2"
        sheet.add_table(Table(displayName="我的表", ref=f"{first}1:{last}9"))
    more_problems(busy, tmp_path)
    assert column(busy, last)[-2:] == [None, None]


@pytest.mark.parametrize(
    "formula",
    [
        f"=COUNTIF(C:C,{get_column_letter(WIDTH + 2)}§)",  # a small table of somebody's own, which stands beside by chance
        "=1+1",
        "=B3&C§",
        "=待办与超期!B§",
        '=B§&"A7"&Q7',
    ],
)  # fmt: skip
def test_other_formulas_beside_are_left_where_they_are(busy, tmp_path, formula):
    fill_down(busy, formula)
    before = column(busy, BESIDE)
    more_problems(busy, tmp_path)
    assert column(busy, BESIDE) == [*before, None, None]
    rest(busy)


def test_a_formula_that_most_rows_do_not_have_is_not_filled_down(busy, tmp_path):
    fill_down(busy, "=B§")
    with Edit(busy) as book:
        for row in (6, 7, 8):
            book.book[PROBLEMS][f"{BESIDE}{row}"] = "已核对"
        book.book[PROBLEMS][f"{BESIDE}3"] = ArrayFormula(f"{BESIDE}3", "=SUM(LEN(B3))")
    before = column(busy, BESIDE)[2:]
    more_problems(busy, tmp_path)
    assert column(busy, BESIDE)[2:] == [*before, None, None]


def test_formulas_filled_down_beyond_the_table_and_remarks_beside_it_are_in_nobodys_way(busy, tmp_path):
    fill_down(busy, "=B§", last=40)
    with Edit(busy) as book:
        book.book[PROBLEMS].cell(11, WIDTH + 3).value = "图例：红色为紧急"
        book.book[DOCUMENTS].cell(30, 15).value = "盘点人：甲"
    assert codes(sync(busy, NOW)) == []
    more_problems(busy, tmp_path, 0, 3)
    assert [one for one in column(busy, "A") if one] == [f"TP{number:03}" for number in range(1, 12)]
    assert column(busy, BESIDE) == [f"=B{row}" for row in range(2, 41)]
    assert openpyxl.load_workbook(busy.register)[PROBLEMS].cell(11, WIDTH + 3).value == "图例：红色为紧急"
    assert openpyxl.load_workbook(busy.register)[DOCUMENTS].cell(30, 15).value == "盘点人：甲"
    check_rows(busy)
    rest(busy)


def test_a_row_that_somebody_typed_gets_the_formula_and_one_with_a_text_keeps_it(busy):
    fill_down(busy, "=LEN(B§)")
    with Edit(busy) as book:
        for row, title in ((10, "新一"), (11, "新二")):
            for heading, value in {**FULL_ROW, "问题标题": title}.items():
                book[PROBLEMS].put(row, heading, value)
        book.book[PROBLEMS][f"{BESIDE}11"] = "自己写的"
    sync(busy, NOW)
    assert shown(busy).cell(11, "问题编号").value == "TP010"
    assert column(busy, BESIDE)[-2:] == ["=LEN(B10)", "自己写的"]
    rest(busy)


def test_formulas_filled_down_beside_a_list_are_no_marks_and_go_on_too(busy):
    letters = "L"
    set_fields(busy, "TP001", MORE, NOW)
    sync(busy, NOW)
    fill_down(busy, '=IF(H§="","",H§&"!")', TODO, letters)
    with Edit(busy) as book:
        book.book[TODO]["M3"] = '=HYPERLINK("会议.docx","会议纪要")'
    before = lines(busy)
    sync(busy, NOW)
    kept = before[1][2]
    with Edit(busy) as book:
        book[PROBLEMS].put("TP005", "联系方式", "139")
    sync(busy, NOW)
    assert len([line for line in lines(busy) if line[2]]) < len(before)
    set_fields(busy, "TP007", MORE, NOW)
    set_fields(busy, "TP003", MORE, NOW)
    sync(busy, NOW)
    sheet = openpyxl.load_workbook(busy.register)[TODO]
    rows = range(2, int(sheet.tables["tp_todo"].ref.rpartition("J")[2]) + 1)
    assert [sheet[f"{letters}{row}"].value for row in rows] == [f'=IF(H{row}="","",H{row}&"!")' for row in rows]
    assert (sheet["M3"].value, sheet["C3"].value) == ('=HYPERLINK("会议.docx","会议纪要")', kept)
    check_rows(busy)
    rest(busy)


@pytest.mark.parametrize(
    ("formula", "there"),
    [
        ("A2+$B2+C$2+$D$2", "C5+$B5+E$2+$D$2"),
        ("SUM(A:B,2:3,$A:$A)", "SUM(C:D,5:6,$A:$A)"),
        ('LOG10(A10)&"A2"', 'LOG10(C13)&"A2"'),
        ("Sheet1!B2+'A2'!C2", "Sheet1!D5+'A2'!E5"),
        ("SUM(N2:OFFSET(N2,1,1))", "SUM(P5:OFFSET(P5,1,1))"),
        ("LEN(B2:#REF!)", "LEN(D5:#REF!)"),
        ("表[[#This Row],[A2]]*1E5", "表[[#This Row],[A2]]*1E5"),
    ],
)
def test_a_shared_formula_reads_in_each_cell_as_far_from_there(formula, there):
    assert translated(formula, "D2", "F5") == there
    assert translated(there, "F5", "D2") == formula


def test_what_lies_beyond_the_sheet_is_gone():
    assert translated("A1+B2", "C3", "A2") == "#REF!+#REF!"


@pytest.mark.parametrize("formula", ["LEN(B§:#REF!)", "IF(LEN(B§)>3,\r\n1,2)", "B§&#SPILL!"])
def test_no_formula_stops_a_sync(busy, tmp_path, formula):
    fill_down(busy, "=B§")
    text = parts_of(busy.register)["xl/worksheets/sheet1.xml"].decode()
    told = formula.replace("&", "&amp;")
    text = text.replace("<f>B2</f>", f'<f t="shared" ref="{BESIDE}2:{BESIDE}9" si="5">{told.replace("§", "2")}</f>')
    text = re.sub(r"<f>B\d+</f>", '<f t="shared" si="5"/>', text)
    busy.register.write_bytes(with_part(busy.register.read_bytes(), "xl/worksheets/sheet1.xml", text.encode()))
    more_problems(busy, tmp_path)
    # openpyxl reads no such workbook.
    rows = etree.fromstring(parts_of(busy.register)["xl/worksheets/sheet1.xml"])
    told = [one.text for one in rows.iterfind(f".//{{*}}c[@r='{BESIDE}11']/{{*}}f")]
    assert told == [formula.replace("§", "11").replace("\r", "")]


@pytest.mark.parametrize(
    ("formula", "number", "text"),
    [
        ("B5&$C5&$D$5", 5, "B\0&$C\0&$D$5"),
        ('IF(A5="A5","",A5)', 5, 'IF(A\0="A5","",A\0)'),
        ("'A5'!B5+A5", 5, "'A5'!B\0+A\0"),
        ("LOG10(A10)", 10, "LOG10(A\0)"),
        ("COUNTIF($B$2:B5,B5)", 5, "COUNTIF($B$2:B\0,B\0)"),
        ("表[[#This Row],[A5]]*2", 7, "表[[#This Row],[A5]]*2"),
        ("问题A5+1", 5, None),
        ("A4+A5", 5, None),
        ("SUM(A$2:A$9)", 5, None),
    ],
)
def test_a_formula_speaks_of_its_row_or_it_does_not(formula, number, text):
    assert RowFormula.of(formula, number) == (RowFormula(text) if text is not None else None)
