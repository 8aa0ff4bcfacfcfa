"""The register as other programs see it: openpyxl, calamine where it is there, LibreOffice."""

import io
import re
import zipfile
from datetime import datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.office import convert
from tests.records import AWKWARD
from tpdocs.actions.document_list import DocumentLines
from tpdocs.actions.facing import Facing, keep, problem_lines
from tpdocs.actions.register_out import There, register_with
from tpdocs.actions.verdicts import Taken
from tpdocs.config import Settings
from tpdocs.forms.problem import Problem, Stored
from tpdocs.forms.values import clean
from tpdocs.ledger.entries import Document, DocumentLine
from tpdocs.register.cells import CUT, LONGEST, fitting
from tpdocs.register.columns import ACTIONS, CONFLICTS, DOCUMENTS, HINT, NOTES, PROBLEM_COLUMNS, PROBLEMS, TODO
from tpdocs.register.rows import document_row

REPORT = {
    "title": "标题",
    "reported_at": "2026-03-19T10:00",
    "reported_by": "张三",
    "severity": "紧急",
    "type": "其他",
    "type_other": "机房断电",
}


class Lines(DocumentLines):
    """The lines of documents that no ledger knows."""

    def __init__(self, rows: list[list[Any]]) -> None:
        self.rows = rows

    def every(self) -> list[list[Any]]:
        return self.rows


def register_bytes(*problems: Problem, documents=()) -> bytes:
    """A new register of these problems."""
    view = Facing()
    for one in problems:
        own = {document.form: document.path for document in documents if document.subject == one.number}
        keep(view, problem_lines(one, own, Settings(), NOW))
    rows = Lines(
        [document_row(DocumentLine._make(getattr(one, name) for name in DocumentLine._fields)) for one in documents]
    )
    out = register_with("d" * 32, view, rows, There(None), Taken(), None, {})
    return out.writer.result({"desk": "d" * 32, "revision": "7", "written": "1"})


def problem(number: str = "TP001", raw=None, **values) -> Problem:
    return Problem(number, (Stored("report", 1, {**REPORT, **values}, raw or {}, revision=1),), revision=1)


def opened(*problems: Problem, documents=()):
    return openpyxl.load_workbook(io.BytesIO(register_bytes(*problems, documents=documents)))


def cell(book, heading: str, row: int = 2):
    sheet = book[PROBLEMS]
    position = [column.heading for column in PROBLEM_COLUMNS].index(heading) + 1
    return sheet.cell(row, position)


def test_six_sheets_five_of_them_real_tables():
    book = opened(problem())
    assert book.sheetnames == [PROBLEMS, TODO, ACTIONS, CONFLICTS, DOCUMENTS, NOTES]
    for name in (PROBLEMS, TODO, ACTIONS, CONFLICTS, DOCUMENTS):
        sheet = book[name]
        (table,) = sheet.tables.values()
        assert table.ref == sheet.dimensions
        assert table.autoFilter.ref == table.ref
        assert [column.name for column in table.tableColumns] == [one.value for one in sheet[1]]
        assert sheet.freeze_panes
        assert sheet.print_title_rows == "$1:$1"


def test_the_workbook_carries_desk_and_revision():
    properties = {one.name: one.value for one in opened(problem()).custom_doc_props.props}
    assert properties == {"tpdocs.desk": "d" * 32, "tpdocs.revision": "7", "tpdocs.written": "1"}


def test_computed_columns_tell_where_a_problem_stands():
    book = opened(problem(reported_at="2026-03-12T10:00"))
    told = {
        name: cell(book, name).value
        for name in ("问题编号", "问题状态", "当前阶段", "轮次", "待交表单", "责任人", "超期天数")
    }
    assert told == {
        "问题编号": "TP001", "问题状态": "待受理", "当前阶段": "2 问题受理与初步分析", "轮次": 1, "待交表单": "F02 问题受理及初步分析表",
        "责任人": "技术支持受理人", "超期天数": 7,
    }  # fmt: skip
    assert cell(book, "截止时间").value == datetime(2026, 3, 13, 23, 59, 59)
    assert cell(book, "缺项数").value == sum(row[1].value == "缺失" for row in book[TODO].iter_rows(min_row=2))


def test_choices_show_their_other_text_and_times_are_dates():
    book = opened(problem(occurred_at="2026-03-18", reproducible=False))
    assert cell(book, "问题类型").value == "其他：机房断电"
    assert cell(book, "是否可复现").value == "否"
    assert (cell(book, "问题发生时间").value, cell(book, "问题发生时间").number_format) == (
        datetime(2026, 3, 18),
        "yyyy-mm-dd",
    )
    assert (cell(book, "上报时间").value, cell(book, "上报时间").number_format) == (
        datetime(2026, 3, 19, 10),
        "yyyy-mm-dd hh:mm",
    )


def test_what_could_not_be_read_is_shown_as_it_was_written_and_marked():
    book = opened(problem(raw={"occurred_at": "上周三左右"}))
    assert cell(book, "问题发生时间").value == "上周三左右"
    # The colour comes of the hint, so it goes along when people sort.
    assert "“问题发生时间”" in cell(book, HINT).value
    rules = [rule.formula[0] for one in book[PROBLEMS].conditional_formatting for rule in one.rules]
    assert any(rule.startswith('ISNUMBER(FIND("“"&A$1&"”"') for rule in rules)


@pytest.mark.parametrize("text", ["=1+1", "+8613800000000", "-5", "@all", "=cmd|'/c calc'!A0"])
def test_text_that_looks_like_a_formula_is_text(text):
    one = cell(opened(problem(title=text)), "问题标题")
    assert (one.value, one.data_type) == (text, "s") or (one.value, one.data_type) == (text, "inlineStr")
    assert one.quotePrefix


@given(st.sampled_from(AWKWARD) | st.text(max_size=40).map(clean).filter(str.strip))
def test_any_text_survives_the_workbook(text):
    raw = register_bytes(problem(title=text))
    sheet = zipfile.ZipFile(io.BytesIO(raw)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet.replace("<f>HYPERLINK", "")
    shown = cell(openpyxl.load_workbook(io.BytesIO(raw)), "问题标题").value
    # Excel and LibreOffice read _x005F_ as the underscore; openpyxl hands it out as it stands.
    assert re.sub("_x005F_(?=x[0-9A-Fa-f]{4}_)", "_", shown) == text


def test_text_too_long_for_a_cell_is_cut_and_marked():
    assert fitting("字" * LONGEST) == "字" * LONGEST
    cut = fitting("字" * (LONGEST + 1))
    assert cut.endswith(CUT)
    assert len(cut) == LONGEST
    emoji = fitting("😀" * 20_000)
    assert emoji.endswith(CUT)
    assert len(emoji.encode("utf-16-le")) // 2 <= LONGEST
    assert cell(opened(problem(description="长" * 40_000)), "问题描述(现象)").value.endswith(CUT)


def test_documents_are_linked_relative_to_the_workbook():
    one = Document(
        1,
        "TP001",
        "report",
        1,
        "上报 #1.docx",
        "archive/TP001/ab-上报 #1.docx",
        "ab" * 32,
        "2026-03-19T11:00:00",
    )
    book = opened(problem(), documents=[one])
    link = cell(book, "F01文件")
    assert link.value == '=HYPERLINK("archive/TP001/ab-上报 #1.docx","打开")'
    assert [row[3].value for row in book[DOCUMENTS].iter_rows(min_row=2)] == ["上报 #1.docx"]


def test_the_to_do_sheet_speaks_chinese_and_goes_by_owner():
    book = opened(problem("TP001", reported_at="2026-03-12T10:00"), problem("TP002"))
    rows = [[one.value for one in row] for row in book[TODO].iter_rows(min_row=2)]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    overdue = next(row for row in rows if row[1] == "超期")
    assert overdue[2] == "TP001"
    assert "受理" in overdue[6]


def test_residuals_are_actions_with_a_state():
    residuals = [
        {"problem": "甲", "plan": "补", "owner": "李四", "due": "2026-03-19", "done_at": None},
        {"problem": "乙", "plan": "补", "owner": "李四", "due": "2026-03-25", "done_at": None},
        {"problem": "丙", "plan": "补", "owner": "李四", "due": "2026-03-01", "done_at": "2026-03-10"},
    ]
    one = Problem("TP001", (problem().stored[0], Stored("verification", 1, {"residuals": residuals, "residual": True})))
    rows = [[cell.value for cell in row] for row in opened(one)[ACTIONS].iter_rows(min_row=2)]
    assert [(row[4], row[9]) for row in rows] == [("甲", "超期"), ("乙", "未完成"), ("丙", "已完成")]


def test_drop_downs_offer_the_choices_and_take_other_texts():
    sheet = opened(problem())[PROBLEMS]
    severity = next(one for one in sheet.data_validations.dataValidation if one.formula1 == '"紧急,高,中,低"')
    assert severity.errorStyle == "warning"
    assert all(len(one.formula1) <= 257 for one in sheet.data_validations.dataValidation)


def test_an_empty_register_is_a_valid_workbook():
    book = opened()
    assert book[PROBLEMS].tables["tp_problems"].ref.endswith("2")


@pytest.mark.office
def test_libreoffice_opens_it_and_shows_what_stands_there(tmp_path):
    path = tmp_path / "in" / "register.xlsx"
    path.parent.mkdir()
    path.write_bytes(register_bytes(problem(title="=1+1 & <b>"), problem("TP002", title="_x0041_")))
    saved = openpyxl.load_workbook(convert(path, "xlsx", tmp_path))
    assert [cell(saved, "问题标题", row).value for row in (2, 3)] == ["=1+1 & <b>", "_x0041_"]
    assert cell(saved, "上报时间").value == datetime(2026, 3, 19, 10)
    assert saved.sheetnames == [PROBLEMS, TODO, ACTIONS, CONFLICTS, DOCUMENTS, NOTES]
