"""The links of the register lead to the document that their row names: all of them show the same, so it is the formula that counts."""

import re
import zipfile
from collections.abc import Callable

import pytest

from tests.conftest import NOW, filled
from tests.records import good
from tests.register_tools import Edit, check_links, cli, codes, links, parts_of, shown, verdicts
from tests.test_hands import rest
from tests.test_ingest import put, take
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import sync
from tpdocs.actions.undo import undo
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record
from tpdocs.register.columns import DOCUMENTS, PROBLEMS, TODO

PROBLEM_PART, DOCUMENT_PART = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet5.xml"


def edited(desk: Desk, part: str, change: Callable[[str], str]) -> None:
    """A sheet changed as Excel would do it: what formulas came to stays with them, which openpyxl does not keep."""
    parts = parts_of(desk.register)
    text = parts[part].decode()
    parts[part] = change(text).encode()
    assert parts[part].decode() != text
    with zipfile.ZipFile(desk.register, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def touched(desk: Desk, title: str = "人改的") -> None:
    """The register saved by somebody who changed a title."""
    edited(
        desk,
        PROBLEM_PART,
        lambda text: re.sub(r'(<c r="B3"[^>]*>).*?</c>', rf"\1<is><t>{title}</t></is></c>", text, count=1),
    )


def exchanged(text: str, first: int, second: int) -> str:
    """Two rows in each other's place."""
    one, other = (re.findall(rf'<row r="{number}".*?</row>', text, re.DOTALL)[0] for number in (first, second))
    there = re.sub(rf'r="([A-Z]*){first}"', rf'r="\g<1>{second}"', one)
    here = re.sub(rf'r="([A-Z]*){second}"', rf'r="\g<1>{first}"', other)
    return text.replace(one, "<!>").replace(other, there).replace("<!>", here)


def retargeted(desk: Desk, part: str) -> None:
    """The first link of a sheet made to lead elsewhere; it shows the same as before."""
    edited(desk, part, lambda text: re.sub(r'HYPERLINK\("[^"]*"', 'HYPERLINK("https://example.com/x"', text, count=1))


def test_the_links_of_the_sample_lead_where_they_should(busy):
    check_links(busy)
    assert len(links(busy, DOCUMENTS)) > 30


def test_documents_sorted_by_a_person_lead_to_their_own_files(busy):
    edited(busy, DOCUMENT_PART, lambda text: exchanged(text, 3, 4))
    mine = links(busy, DOCUMENTS)
    assert codes(sync(busy, NOW)) == []
    check_links(busy)
    assert links(busy, DOCUMENTS) == mine
    rest(busy)
    put(busy, "more", filled("F02", Record("triage", good("triage", analyst="钱一")), number="TP007"))
    take(busy)
    sync(busy, NOW)
    check_links(busy)
    assert links(busy, DOCUMENTS)[:-1] == mine


def test_a_document_that_is_not_in_its_place_is_put_there_with_its_link(busy):
    before = len(links(busy, DOCUMENTS))
    edited(busy, DOCUMENT_PART, lambda text: re.sub(r'<row r="3".*?</row>', "", text, flags=re.DOTALL))
    assert codes(sync(busy, NOW)) == ["line_gone"]
    check_links(busy)
    assert len(links(busy, DOCUMENTS)) == before
    for row in (5, before + 1):  # somewhere, and at the end
        with Edit(busy) as book:
            book.book[DOCUMENTS].delete_rows(row)
        assert codes(sync(busy, NOW)) == ["line_gone"]
        check_links(busy)
        assert len(links(busy, DOCUMENTS)) == before
    rest(busy)


@pytest.mark.parametrize("how", ["as left", "in Excel", "in openpyxl"])
def test_a_newer_form_gets_the_link_of_its_problem(busy, how):
    put(busy, "newer", filled("F02", Record("triage", good("triage", analyst="钱一")), number="TP007"))
    put(busy, "first", filled("F02", Record("triage", good("triage", analyst="孙二")), number="TP001"))
    if how == "in Excel":
        touched(busy)
    elif how == "in openpyxl":
        with Edit(busy) as book:
            book[PROBLEMS].put("TP002", "问题标题", "人改的")
    take(busy)
    sync(busy, NOW)
    check_links(busy)
    assert [heading for number, heading, _ in links(busy, PROBLEMS) if number == "TP007"] == ["F01文件", "F02文件"]
    if how == "in Excel":
        touched(busy, "再改")
    undo(busy, next(one.id for one in reversed(batches(busy)) if one.command == "ingest"), NOW)
    sync(busy, NOW)
    check_links(busy)
    rest(busy)


@pytest.mark.parametrize(
    ("part", "heading", "number"), [(PROBLEM_PART, "F01文件", "TP001"), (DOCUMENT_PART, "存档文件", "TP001")]
)
def test_a_link_that_somebody_let_lead_elsewhere_is_told_and_put_back(busy, part, heading, number):
    retargeted(busy, part)
    done = sync(busy, NOW)
    (told,) = done.findings
    assert (told.code, told.number, told.label) == ("computed_cell", number, heading)
    assert "https://example.com/x" in told.message()
    check_links(busy)
    rest(busy)


@pytest.mark.parametrize("how", ["values", "shared", "longer"])
def test_links_that_lost_their_formula_or_lead_past_the_file_are_put_back(busy, how):
    new = {
        "values": (r"<f>HYPERLINK[^<]*</f>", ""),
        "shared": (r"<f>HYPERLINK[^<]*</f>", '<f t="shared" si="0"/>'),
        "longer": (r'HYPERLINK\("([^"]*)"', r'HYPERLINK("D:\\\\旧电脑/\1"'),
    }[how]
    edited(busy, PROBLEM_PART, lambda text: re.sub(*new, text, count=3))
    edited(busy, DOCUMENT_PART, lambda text: re.sub(*new, text))
    assert set(codes(sync(busy, NOW))) == {"computed_cell"}
    check_links(busy)
    rest(busy)


def test_a_link_in_a_row_that_is_read_cell_by_cell_is_put_back_too(busy):
    set_fields(busy, "TP001", {"report.impact": "a_x0041_b"}, NOW)
    retargeted(busy, PROBLEM_PART)
    assert codes(sync(busy, NOW)) == ["computed_cell"]
    check_links(busy)
    rest(busy)


def test_a_formula_typed_over_what_is_computed_is_told_and_put_back_before_it_is_calculated(busy):
    status = shown(busy).cell("TP003", "问题状态").value
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "问题状态", "=1+1")
        book[PROBLEMS].put("TP001", "F01文件", "=1+1")
        sheet = book.book[TODO]
        row = next(row for row in range(2, sheet.max_row) if sheet.cell(row, 3).value == "TP005")
        was = sheet.cell(row, 8).value
        sheet.cell(row, 8).value = "=1+1"
    done = sync(busy, NOW)
    assert {one.label for one in done.findings} == {"问题状态", "F01文件", "怎么办"}
    assert set(codes(done)) == {"computed_cell"}
    assert verdicts(done) == {"TP001": "changed", "TP003": "changed"}
    assert shown(busy).cell("TP003", "问题状态").value == status
    assert shown(busy, TODO).sheet.cell(row, 8).value == was
    check_links(busy)
    rest(busy)


def test_links_follow_when_lines_move(busy):
    touched(busy)
    assert cli(busy, "withdraw", "TP005", "--reason", "x").exit_code == 0
    set_fields(busy, "TP001", {"report.impact": ""}, NOW)
    edited(busy, DOCUMENT_PART, lambda text: exchanged(text, 2, 7))
    sync(busy, NOW)
    check_links(busy)
