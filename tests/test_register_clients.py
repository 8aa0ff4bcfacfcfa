"""Registers that went through other programs: whatever those made or people added beside our cells is there before and after a sync."""

import re
import subprocess
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree
from openxml_audit import FileFormat, OpenXmlValidator

from tests.conftest import NOW, filled
from tests.docx_tools import PNG
from tests.office import UNO_PYTHON, convert, require_office
from tests.records import good
from tests.register_makers import MACROS, MAKERS, by_openpyxl, made_by_xlsxwriter
from tests.register_tools import check_links, codes, parts_of, verdicts
from tests.test_ingest import opened, problem_of, put, report
from tests.test_sync import FULL_ROW
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.setting import set_fields
from tpdocs.actions.sync import sync
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record
from tpdocs.register.columns import PROBLEM_SHEET, PROBLEMS, SHEETS

NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
TYPES, RELS, CHAIN = "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/calcChain.xml"
CHANGES = {
    ("TP001", "问题标题"): "别的程序里改的标题",
    ("TP003", "受理人"): "赵六",
    ("TP004", "上报人"): "=1+1 <钱> & 七",
}


def errors_in(path: Path) -> Counter[str]:
    """What a schema check says of a workbook, without the places."""
    told = OpenXmlValidator(file_format=FileFormat.OFFICE_2019, max_errors=2000).validate(str(path))
    return Counter(re.sub(r"\d+", "#", f"{one.part_uri} {one.description}") for one in told.errors)


def ours_in(path: Path) -> dict[str, tuple[str, str]]:
    """Sheet part and table part of each of our tables."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if match := re.fullmatch(r"xl/worksheets/_rels/(sheet\d+\.xml)\.rels", name):
                for table in re.findall(r"\.\./tables/(\w+\.xml)|/xl/tables/(\w+\.xml)", archive.read(name).decode()):
                    part = f"xl/tables/{table[0] or table[1]}"
                    root: Any = etree.fromstring(archive.read(part))
                    found[root.get("displayName")] = f"xl/worksheets/{match[1]}", part
    return found


def beside(path: Path, table: str) -> tuple[list[Any], list[Any], str]:
    """What of a sheet is not ours: its cells beside the table, what its rows say of themselves, and everything outside the rows."""
    sheet_part, table_part = ours_in(path)[table]
    with zipfile.ZipFile(path) as archive:
        roots: list[Any] = [etree.fromstring(archive.read(part)) for part in (sheet_part, table_part)]
        root, table_root = roots
        strings = ["".join(map(str, one.itertext())) for one in etree.fromstring(archive.read("xl/sharedStrings.xml"))] if "xl/sharedStrings.xml" in archive.namelist() else []  # fmt: skip
    left, right = (openpyxl.utils.cell.coordinate_from_string(one)[0] for one in table_root.get("ref").split(":"))
    columns = range(*(openpyxl.utils.column_index_from_string(one) for one in (left, right)))
    cells, rows, place, number = [], [], 0, 0
    for row in root.iter(f"{{{NS['m']}}}row"):
        number = int(row.get("r") or number + 1)
        facts = {name: value for name, value in row.attrib.items() if name not in ("r", "spans")}
        if facts:
            rows.append((number, facts))
        place = 0
        for cell in row:
            told = cell.get("r")
            place = openpyxl.utils.column_index_from_string(re.sub(r"\d", "", told)) if told else place + 1
            if place not in columns and place != columns.stop:
                value = cell.findtext("m:v", "", NS)
                shown = strings[int(value)] if cell.get("t") == "s" else value
                formula = cell.findtext("m:f", "", NS)
                cells.append((number, place, formula, "" if formula else shown, cell.get("s")))
    for data in root.findall("m:sheetData", NS):
        root.remove(data)
    rest = re.sub(r'( ref| sqref)="[^"]*"|(<xm:sqref)>[^<]*', r"\1\2", etree.tostring(root).decode())
    return cells, rows, rest


def check_nothing_lost(before: Path, after: Path) -> list[str]:
    """Every part that is not ours is there byte for byte; of ours everything beside our cells. Returns the parts compared."""
    mine = {part for pair in ours_in(before).values() for part in pair}
    may_differ = {*mine, "docProps/custom.xml", "xl/workbook.xml", "xl/styles.xml"}
    was, now = parts_of(before), parts_of(after)
    if CHAIN in was:
        may_differ |= {TYPES, RELS, CHAIN}
    assert set(now) == set(was) - {CHAIN}
    compared = sorted(name for name in was if name not in may_differ)
    assert [name for name in compared if was[name] != now[name]] == []
    for sheet in SHEETS:
        cells, rows, rest = beside(before, sheet.table)
        new_cells, new_rows, new_rest = beside(after, sheet.table)
        assert [one for one in cells if one not in new_cells] == []
        assert [one for one in rows if one not in new_rows] == []
        assert new_rest == rest
    styles: list[Any] = [etree.fromstring(parts["xl/styles.xml"]).find("m:cellXfs", NS) for parts in (was, now)]
    assert [etree.tostring(one) for one in styles[0]] == [etree.tostring(one) for one in styles[1]][: len(styles[0])]
    assert not (errors_in(after) - errors_in(before))
    if CHAIN in was:
        assert not any(b"calcChain" in now[name] for name in (TYPES, RELS))
    assert b'fullCalcOnLoad="1"' in now["xl/workbook.xml"]
    return compared


def check_it_grew(path: Path) -> None:
    """Range, filter, dimension, drop-downs and formats of the table of problems cover its last row."""
    sheet_part, table_part = (etree.fromstring(parts_of(path)[part]) for part in ours_in(path)["tp_problems"])
    bottom = int(re.sub(r".*\D", "", table_part.get("ref") or ""))
    told: list[Any] = [table_part.find("m:autoFilter", NS), sheet_part.find("m:dimension", NS)]
    assert {int(re.sub(r".*\D", "", one.get("ref"))) >= bottom for one in told if one is not None} == {True}
    ranges: list[Any] = [
        *sheet_part.iter(f"{{{NS['m']}}}dataValidation"),
        *sheet_part.iter(f"{{{NS['m']}}}conditionalFormatting"),
    ]
    assert all(int(re.sub(r".*\D", "", one.get("sqref"))) >= bottom for one in ranges)
    newer = [one.text or "" for one in sheet_part.iter("{http://schemas.microsoft.com/office/excel/2006/main}sqref")]
    assert all(int(re.sub(r".*\D", "", one)) >= bottom for one in newer if ":" in one)


def loaded(path: Path, **options: Any) -> Any:
    """A workbook in openpyxl, which says of much that it will not keep it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*extension is not supported", UserWarning)
        return openpyxl.load_workbook(path, **options)


def table_of(path: Path, table: str = "tp_problems") -> list[dict[str, Any]]:
    """The rows of a table as openpyxl reads them."""
    book = loaded(path)
    sheet = next(one for one in book if table in one.tables)
    rows = [[cell.value for cell in row] for row in sheet[sheet.tables[table].ref]]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


@pytest.mark.parametrize("name", MAKERS)
def test_a_register_made_by_xlsxwriter(busy, tmp_path, name):
    how = MAKERS[name]
    made = made_by_xlsxwriter(busy, how, tmp_path, CHANGES, {**FULL_ROW, "受理人": "周八"})
    busy.register.unlink()
    register = busy.root / made.name
    register.write_bytes(made.read_bytes())
    desk = Desk(busy.root)
    assert desk.register == register
    # Meanwhile the ledger has gone on by itself.
    set_fields(desk, "TP002", {"report.title": "台账里改的", "report.occurred_at": "2026-02-23 08:15:30"}, NOW)
    opened(desk)
    before = tmp_path / f"before{register.suffix}"
    before.write_bytes(made.read_bytes())
    done = sync(desk, NOW)
    assert (verdicts(done), codes(done)) == (
        {"TP001": "changed", "TP003": "changed", "TP004": "changed", "TP010": "new"},
        [],
    )
    assert (problem_of(desk, "TP004").report.reported_by, problem_of(desk, "TP010").get("triage.accepted_by")) == (
        CHANGES["TP004", "上报人"],
        "周八",
    )
    rows = {row["问题编号"]: row for row in table_of(register)}
    assert list(rows) == [*(f"TP00{number}" for number in range(1, 9)), "TP010", "TP009"]
    assert rows["TP002"]["问题标题"] == "台账里改的"
    assert f"{rows['TP002']['问题发生时间']:%Y-%m-%d %H:%M:%S}" == "2026-02-23 08:15:30"
    assert rows["TP004"]["上报人"] == "=1+1 <钱> & 七"
    compared = check_nothing_lost(before, register)
    check_it_grew(register)
    wanted = {
        "xl/charts/chart1.xml",
        "xl/media/image1.png",
        "xl/drawings/drawing1.xml",
        "xl/drawings/drawing2.xml",
        "xl/comments1.xml",
    }
    assert wanted <= set(compared)
    if name == "shared strings":
        assert {"xl/slicers/slicer1.xml", "xl/sharedStrings.xml"} <= set(compared)
    if how.macros:
        assert parts_of(register)["xl/vbaProject.bin"] == MACROS
    # And nothing is said about it the second time.
    again = sync(desk, NOW)
    assert (verdicts(again), codes(again), again.batch) == ({}, [], 0)


def test_a_register_changed_by_openpyxl(busy, tmp_path):
    by_openpyxl(busy, CHANGES)
    before = tmp_path / "before.xlsx"
    before.write_bytes(busy.register.read_bytes())
    opened(busy)
    assert verdicts(sync(busy, NOW)) == {"TP001": "changed", "TP003": "changed", "TP004": "changed"}
    compared = check_nothing_lost(before, busy.register)
    check_it_grew(busy.register)
    assert {"xl/charts/chart1.xml", "xl/comments/comment1.xml"} <= set(compared)
    assert [row["问题编号"] for row in table_of(busy.register)] == [f"TP00{number}" for number in range(1, 10)]


@pytest.mark.office
@pytest.mark.parametrize("name", MAKERS)
def test_libreoffice_opens_what_became_of_it(busy, tmp_path, name):
    how = MAKERS[name]
    made = made_by_xlsxwriter(busy, how, tmp_path, CHANGES, FULL_ROW)
    busy.register.unlink()
    (busy.root / made.name).write_bytes(made.read_bytes())
    desk = Desk(busy.root)
    set_fields(desk, "TP002", {"report.title": "台账里改的"}, NOW)
    sync(desk, NOW)
    saved = convert(desk.register, "xlsx", tmp_path / "out")
    theirs = loaded(saved, data_only=True)[PROBLEMS]
    head = how.top + 1
    columns = {cell.value: cell.column for cell in theirs[head]}
    for row, mine in enumerate(table_of(desk.register), head + 1):
        for column in PROBLEM_SHEET.columns:
            if column.editable:
                assert theirs.cell(row, columns[column.heading]).value == mine[column.heading], (row, column.heading)
    # What a formula of somebody's came to beside a cell that changed is calculated anew.
    assert theirs.cell(head + 2, len(PROBLEM_SHEET.columns) + 3).value == len("台账里改的")


def check_what_stands_beside(desk: Desk, folder: Path) -> None:
    """What the person wrote beside the problems is there, and LibreOffice shows what we wrote, the formulas beside it calculated."""
    sheet = loaded(desk.register)[PROBLEMS]
    places = {cell.value: cell.column for cell in sheet[1]}
    numbers = {sheet.cell(row, 1).value: row for row in range(2, sheet.max_row + 1)}
    assert all(
        sheet.cell(numbers[number], places["我的备注"]).value == f"备注 {number}"
        for number in ("TP001", "TP005", "TP008")
    )
    assert sheet.cell(numbers["TP001"], places["问题标题"]).comment.text.endswith("等回复")
    assert sheet.row_dimensions[numbers["TP006"]].hidden
    theirs = loaded(convert(desk.register, "xlsx", folder / "out"), data_only=True)[PROBLEMS]
    length, title = (places[one] for one in ("标题长度", "问题标题"))
    told = [(theirs.cell(row, title).value, theirs.cell(row, length).value) for row in numbers.values()]
    assert all(shown == len(text) for text, shown in told if shown is not None)


@pytest.mark.office
def test_a_person_at_work_in_libreoffice_while_forms_come_in(busy, tmp_path):
    require_office()
    picture = tmp_path / "logo.png"
    picture.write_bytes(PNG)
    script = Path(__file__).parent / "edit_in_libreoffice.py"
    subprocess.run([UNO_PYTHON, str(script), str(busy.register), str(picture)], check=True, timeout=120)
    before = tmp_path / "before.xlsx"
    before.write_bytes(busy.register.read_bytes())
    sheet = loaded(before)[PROBLEMS]
    order = [sheet.cell(row, 1).value for row in range(2, sheet.max_row + 1) if sheet.cell(row, 2).value]
    # Meanwhile forms come in: a new problem, and a correction of one that the person changed elsewhere in its row.
    put(busy, "more", report(title="期间收到的问题", reported_by="别人"))
    put(busy, "triage", filled("F02", Record("triage", good("triage", analyst="钱一")), number="TP007"))
    ingest(busy, [], Options(), NOW)
    done = sync(busy, NOW, person="张三")
    assert verdicts(done) == {
        "TP001": "changed", "TP002": "changed", "TP003": "invalid", "TP004": "gone", "TP005": "changed", "TP010": "new",
    }  # fmt: skip
    assert sorted(codes(done)) == ["computed_cell", "row_gone", "typed_choice"]
    assert problem_of(busy, "TP001").report.title == "在 LibreOffice 里改的标题"
    assert problem_of(busy, "TP005").get("triage.accepted_at") == "2026-03-16T09:30"
    assert problem_of(busy, "TP010").report.contact == "13800001111"
    assert str(problem_of(busy, "TP002").residuals[0].residual.done_at) == "2026-03-20"
    # The rows stand as they were sorted, with the numbers that were lacking; what was missing comes below.
    rows = table_of(busy.register)
    filled_in = [number or "TP010" for number in order]
    assert [row["问题编号"] for row in rows] == [*filled_in, *sorted({"TP004", "TP009", "TP010"} - set(filled_in))]
    by_number = {row["问题编号"]: row for row in rows}
    assert by_number["TP007"]["初步分析负责人"] == "钱一"
    assert by_number["TP003"]["严重程度"] == "很急"
    assert "“严重程度”" in by_number["TP003"]["校验提示"]
    assert by_number["TP003"]["问题状态"] == "实施中"
    check_links(busy)
    compared = check_nothing_lost(before, busy.register)
    wanted = {
        "xl/charts/chart1.xml", "xl/media/image1.png", "xl/drawings/drawing1.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml",
        "xl/pivotTables/pivotTable1.xml", "xl/pivotCache/pivotCacheDefinition1.xml", "xl/pivotCache/pivotCacheRecords1.xml",
        "xl/sharedStrings.xml", "xl/worksheets/sheet7.xml", "xl/worksheets/sheet8.xml", "xl/theme/theme1.xml",
    }  # fmt: skip
    assert wanted <= set(compared)
    again = sync(busy, NOW)
    assert (verdicts(again), codes(again), again.batch) == ({}, [], 0)
    check_what_stands_beside(busy, tmp_path)
