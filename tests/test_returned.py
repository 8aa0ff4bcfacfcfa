"""Copies that go back to the sender with comments, and come in again."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openxml_audit import FileFormat, OpenXmlValidator

from tests.conftest import NOW, filled, reading_of
from tests.docx_tools import Doc, parts_of, with_part
from tests.records import full_record, good
from tpdocs.actions.ingest import Ingested, Options, ingest
from tpdocs.actions.look import check, show_problem
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record
from tpdocs.word.comments import Note, with_comments
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.xml import w

AT = datetime(2026, 3, 20, 17, 0)


def take(desk: Desk) -> Ingested:
    return ingest(desk, [], Options(), NOW)


def comments(data: bytes) -> list[tuple[str, str]]:
    """Author and text of each comment."""
    root: Any = etree.fromstring(parts_of(data)["word/comments.xml"])
    return [
        (one.get(w("author")), "\n".join("".join(p.itertext()) for p in one.iter(w("p"))))
        for one in root.iter(w("comment"))
    ]


def commented_texts(data: bytes) -> list[str]:
    """The text that each comment is put round, in the order of the comments."""
    doc = Doc(data)
    found = {}
    for start in doc.root.iter(w("commentRangeStart")):
        paragraph = start.getparent()
        found[int(start.get(w("id")))] = "".join(one.text or "" for one in paragraph.iter(w("t")))
    return [found[number] for number in sorted(found)]


def faulty(desk: Desk) -> Path:
    """A report with a missing and an invalid answer; returns the copy that goes back."""
    record = Record("report", good("report", contact=None), {"occurred_at": "下周"})
    record.values.pop("occurred_at")
    (desk.inbox / "上报.docx").write_bytes(filled("F01", record))
    (returned,) = take(desk).returned
    return returned


def test_a_form_with_faults_goes_back_with_a_comment_at_each(desk):
    returned = faulty(desk)
    assert returned.parent == desk.root / "returned"
    data = returned.read_bytes()
    told = comments(data)
    assert {author for author, _ in told} == {"tpdocs"}
    assert told[0][1].startswith("TP001 问题上报记录\n共有 2 处需要处理")
    assert sorted(text.partition("\n")[0] for _, text in told[1:]) == [
        "“联系方式”没有填写",
        "“问题发生时间”不是日期或时间：“下周”",
    ]
    assert commented_texts(data)[0] == "问题上报记录"
    assert sorted(commented_texts(data)[1:]) == sorted(["下周", "〔电话或邮箱〕"])
    assert reading_of(data).text("report.number") == "TP001"


def test_the_corrected_copy_is_taken_in_as_a_correction_and_its_comments_are_no_answers(desk):
    returned = faulty(desk)
    corrected = FormDocument(returned.read_bytes()).fill(
        Content({"report.contact": "13800000000", "report.occurred_at": "2026-03-01T08:00"})
    )
    returned.unlink()
    (desk.inbox / "改正.docx").write_bytes(corrected)
    taken = take(desk)
    (one,) = taken.files
    assert (one.outcome, one.number) == ("revised", "TP001")
    assert sorted(change.field for change in one.records[0].changes) == ["contact", "occurred_at"]
    assert [finding.code for finding in one.records[0].findings] == []
    assert taken.returned == []
    assert check(desk, ["TP001"], NOW).findings[0].kind != "invalid"
    assert show_problem(desk, "TP001", NOW).as_json()["forms"]["report"]["contact"] == "13800000000"


def test_a_form_without_faults_does_not_go_back(desk):
    (desk.inbox / "a.docx").write_bytes(filled("F01", Record("report", good("report"))))
    assert take(desk).returned == []


def test_a_rejected_form_goes_back_once_and_stays_where_it_is(desk):
    data = filled("F02", full_record("triage"), number="TP050", title="没有登记过")
    (desk.inbox / "a.docx").write_bytes(data)
    (returned,) = take(desk).returned
    assert "TP050" in comments(returned.read_bytes())[1][1]
    assert take(desk).returned == []
    assert (desk.inbox / "a.docx").read_bytes() == data


def test_comments_of_people_stay_and_ours_are_written_anew():
    data = filled("F01", full_record("report"))
    theirs = (
        b'<w:comments xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        b'<w:comment w:id="5" w:author="A"><w:p><w:r><w:t>X</w:t></w:r></w:p></w:comment></w:comments>'
    )
    relation = (
        b'<Relationship Id="rIdC" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"'
        b' Target="comments.xml"/></Relationships>'
    )
    data = with_part(data, "word/comments.xml", theirs)
    rels = parts_of(data)["word/_rels/document.xml.rels"].replace(b"</Relationships>", relation)
    data = with_part(data, "word/_rels/document.xml.rels", rels)
    once = with_comments(data, [Note("一"), Note("二", "report.title")], AT)
    assert comments(once) == [("A", "X"), ("tpdocs", "一"), ("tpdocs", "二")]
    twice = with_comments(once, [Note("三", place="表1 行2 格2")], AT)
    assert comments(twice) == [("A", "X"), ("tpdocs", "三")]
    assert len(commented_texts(twice)) == 1
    assert len(list(Doc(twice).root.iter(w("commentReference")))) == 1


@pytest.mark.parametrize("form", ["F01", "F03", "F06"])
def test_a_copy_with_comments_is_valid(form, tmp_path):
    path = tmp_path / "a.docx"
    notes = [
        Note("摘要\n第二行"),
        Note("题", "report.title"),
        Note("格", place="表2 行1 格2"),
        Note("没有这里", place="表99 行1 格1"),
    ]
    path.write_bytes(with_comments(filled(form), notes, AT))
    result = OpenXmlValidator(file_format=FileFormat.OFFICE_2019, max_errors=20).validate(str(path))
    assert [str(error) for error in result.errors] == []
