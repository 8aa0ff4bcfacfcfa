"""The three ways to a field, on forms that lost their controls, their bookmarks, or both; random damage to random records."""

import io
import random
from typing import Any

import docx
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.conftest import SHELF, filled, reading_of, record_in
from tests.damage import HABITS, bare, without_controls, without_tags
from tests.docx_tools import Doc, run, with_part, wrapped
from tests.matrix.judged import judged, values_of
from tests.records import AWKWARD, full_record, records
from tpdocs.actions.incoming import read_file
from tpdocs.forms.fields import Kind
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.forms.values import Record
from tpdocs.forms.years import with_years
from tpdocs.word.package import DEFAULT_LIMITS
from tpdocs.word.reading import BY_BOOKMARK, BY_CONTROL, BY_LABEL
from tpdocs.word.xml import w

DAMAGES = {"no controls": without_controls, "no tags": without_tags, "bare": bare}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_full_form_comes_back_whole(form, damage):
    record = full_record(form)
    data = DAMAGES[damage](filled(FORMS[form].code, record))
    assert record_in(data, form) == record
    reading = reading_of(data)
    assert (reading.form, reading.outside) == (FORMS[form], [])
    assert [one.code for one in reading.findings] == []
    ways = {one.how for path, one in reading.found.items() if FIELDS[path].kind is not Kind.ROWS}
    assert ways == ({BY_LABEL} if damage == "bare" else {BY_BOOKMARK})


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", FORMS)
def test_a_blank_form_stays_empty(form, damage):
    data = DAMAGES[damage](filled(FORMS[form].code))
    assert record_in(data, form) == Record(form)
    reading = reading_of(data)
    assert (reading.outside, [one.code for one in reading.findings]) == ([], [])


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_dossier_comes_back_whole_each_stage_its_own(damage):
    stages = [full_record(form) for form in FORMS if form not in ("archive", "review")]
    data = DAMAGES[damage](filled("F00", *stages))
    for record in stages:
        assert record_in(data, record.form) == record


def spoiled_at(data: bytes, paths: set[str]) -> bytes:
    """The controls and bookmarks of some fields gone, those of the others whole."""
    doc = Doc(data)
    for control in doc.controls():
        tag = control.find(f"{w('sdtPr')}/{w('tag')}").get(w("val"))
        if tag.partition(":")[0].partition("[")[0].removesuffix("_other") in paths:
            start, end = control.getprevious(), control.getnext()
            for one in list(control.find(w("sdtContent"))):
                control.addprevious(one)
            for one in (start, end, control):
                one.getparent().remove(one)
    return doc.bytes


@given(st.data())
def test_whatever_fields_lost_their_controls_the_record_is_the_same(data):
    form = data.draw(st.sampled_from(list(FORMS)))
    record = full_record(form)
    fields = [one for one in FORMS[form].fields if not one.other_of]
    lost = data.draw(st.sets(st.sampled_from([one.path for one in fields])))
    spoiled = spoiled_at(filled(FORMS[form].code, record), lost)
    assert record_in(spoiled, form) == record
    how = {path: one.how for path, one in reading_of(spoiled).found.items() if not FIELDS[path].other_of}
    assert {path for path, way in how.items() if way == BY_LABEL and path.startswith(form)} == {
        path for path in lost if path in how
    }
    assert BY_CONTROL in how.values() or len(lost) == len(fields)


def said_without_boxes(text: object) -> bool:
    """Whether a text holds signs that are boxes where there are no controls to tell."""
    return not any(sign in str(text) for sign in "☑□√〔〕【】（(：:_")


@given(st.data())
def test_any_record_comes_back_without_its_controls_or_a_finding_names_the_field(data):
    form = data.draw(st.sampled_from(list(FORMS)))
    record = data.draw(records(form))
    spoiled = without_controls(filled(FORMS[form].code, record))
    reading = reading_of(spoiled)
    got = record_in(spoiled, form)
    named = {one.field.partition("[")[0] for one in reading.findings}
    for one in FORMS[form].fields:
        wanted = record.values.get(one.name)
        if one.computed or wanted is None or one.kind is Kind.ROWS or one.path in named:
            continue
        assert got.values.get(one.name) == wanted, one.path


@given(st.data())
def test_whatever_people_and_editors_do_to_a_form_it_comes_back_or_a_finding_names_the_field(tmp_path_factory, data):
    form = data.draw(st.sampled_from(list(FORMS)))
    record = data.draw(st.one_of(st.just(full_record(form, "文字 & <字>")), st.just(full_record(form)), records(form)))
    habits = data.draw(st.lists(st.sampled_from(list(HABITS)), min_size=1, max_size=4, unique=True))
    # A text that stands twice in a row without a control to tell is one text.
    assume("controls doubled" not in habits or not {"tags lost", "controls unwrapped"} & set(habits))
    doc = Doc(filled(FORMS[form].code, record))
    rng = random.Random(data.draw(st.integers(0, 2**32)))  # noqa: S311 - only to vary the damage
    for habit in sorted(habits, key=lambda one: one != "labels spaced out"):  # while labels are still whole
        HABITS[habit](doc, rng)
    path = tmp_path_factory.mktemp("habits") / "a.docx"
    path.write_bytes(doc.bytes)
    values = values_of(record)
    wrong = judged(path, values).wrong
    # Without a control to tell, a text made of boxes and brackets is boxes and brackets.
    assert {one: told for one, told in wrong.items() if said_without_boxes(values.get(one))} == {}


# What people and editors do to labels.


def relabelled(data: bytes, old: str, change: Any) -> bytes:
    """The cell of a label written anew: its text as it was is replaced by what `change` puts there."""
    doc = Doc(data)
    texts = [one for one in doc.root.iter(w("t")) if (one.text or "").startswith(old)]
    assert texts, old
    cell = next(one for one in texts[0].iterancestors(w("tc")))
    for one in cell.findall(w("p")):
        cell.remove(one)
    change(cell)
    return doc.bytes


def as_paragraphs(*texts: str) -> Any:
    def change(cell: Any) -> None:
        for text in texts:
            cell.append(wrapped("p", run(text)))

    return change


@pytest.mark.parametrize(
    "change",
    [
        as_paragraphs("问 题 标 题"),
        as_paragraphs("问    题\u3000标题"),
        as_paragraphs("问", "题", "标", "题"),
        as_paragraphs("问题标题："),
        as_paragraphs("问题标题 :"),
        as_paragraphs("问题标题（必填）"),
        as_paragraphs("1. 问题标题"),
        as_paragraphs("一、问题标题*"),
        lambda cell: cell.append(wrapped("p", run("问题"), run("标"), run("题"))),
    ],
    ids=range(9),
)
def test_a_label_is_known_however_it_is_written(change):
    data = relabelled(bare(filled("F01", full_record("report"))), "问题标题", change)
    found = reading_of(data).found["report.title"]
    assert (found.answer, found.how) == (full_record("report").values["title"], BY_LABEL)


def test_a_control_that_stands_beside_the_label_of_another_field_is_told_with_both_answers():
    record = Record("report", {"title": "登录失败", "reported_by": "张三", "discovered_by": "李四"})
    doc = Doc(filled("F01", record))
    one, other = doc.cell("report.reported_by"), doc.cell("report.discovered_by")
    here, there = list(one.findall(w("p"))), list(other.findall(w("p")))
    for paragraph in here:
        other.append(paragraph)
    for paragraph in there:
        one.append(paragraph)
    reading = reading_of(doc.bytes)
    assert reading.text("report.reported_by") == "张三"
    told = {finding.field: (finding.parts["value"], finding.parts["other_value"]) for finding in reading.findings}
    assert told == {"report.reported_by": ("张三", "李四"), "report.discovered_by": ("李四", "张三")}
    assert {finding.code for finding in reading.findings} == {"ways_disagree"}


def typed(*lines: str, table: list[list[str]] | None = None) -> bytes:
    """A document that somebody typed, made by python-docx."""
    document = docx.Document()
    for line in lines:
        document.add_paragraph(line)
    if table:
        made = document.add_table(len(table), len(table[0]))
        for row, texts in zip(made.rows, table, strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def test_a_report_typed_as_plain_lines_is_read():
    data = typed(
        "问题上报记录",
        "问题标题：订单无法提交",
        "问题类型：系统故障    严重程度：高",
        "问题发觉人：李四  上报人：张三  联系方式：13800000000",
        "发生时间：2026年3月2日 9:30",
        "是否可复现：□是 ☑否",
        "影响范围：___全部门店___",
    )
    values = record_in(data, "report").values
    assert values == {
        "title": "订单无法提交", "type": "系统故障", "severity": "高", "discovered_by": "李四", "reported_by": "张三",
        "contact": "13800000000", "occurred_at": "2026-03-02T09:30", "reproducible": False, "impact": "全部门店",
    }  # fmt: skip


def test_a_report_typed_as_a_table_is_read_with_what_is_extra_told():
    data = typed(
        "F01 问题上报记录",
        table=[
            ["问题标题", "订单无法提交", "上报人", "张三"],
            ["影响范围", "全部门店", "天气", "晴"],
            ["问题描述", "点击后无响应", "", ""],
        ],
    )
    reading = reading_of(data)
    assert record_in(data, "report").values == {
        "title": "订单无法提交", "reported_by": "张三", "impact": "全部门店", "description": "点击后无响应",
    }  # fmt: skip
    assert [text for _, text in reading.outside] == ["天气", "晴"]


@pytest.mark.parametrize("text", [text for text in AWKWARD if text.strip() and not set(text) & set("〔〕")])
def test_awkward_text_comes_back_by_bookmark(text):
    record = Record("report", {"title": " ".join(text.split()) or "x", "description": text.rstrip()})
    got = record_in(without_controls(filled("F01", record)), "report").values
    assert got.get("title", "").strip() == record.values["title"].strip()


# What stands beside the body.


def with_note(data: bytes, part: str, content: bytes) -> bytes:
    return with_part(data, part, content)


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


@pytest.mark.parametrize(
    ("part", "content", "told"),
    [
        ("word/header9.xml", b"<w:hdr %s><w:p><w:r><w:t>X</w:t></w:r></w:p></w:hdr>", ("页眉", "X")),
        ("word/footer9.xml", b"<w:ftr %s><w:p><w:r><w:t>X</w:t></w:r></w:p></w:ftr>", ("页脚", "X")),
        (
            "word/footnotes.xml",
            (
                b'<w:footnotes %s><w:footnote w:type="separator"><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>'
                b"<w:footnote><w:p><w:r><w:t>X</w:t></w:r></w:p></w:footnote></w:footnotes>"
            ),
            ("脚注", "X"),
        ),
        (
            "word/comments.xml",
            (
                b'<w:comments %s><w:comment w:author="A"><w:p><w:r><w:t>X</w:t></w:r></w:p></w:comment>'
                b'<w:comment w:author="tpdocs"><w:p><w:r><w:t>Y</w:t></w:r></w:p></w:comment></w:comments>'
            ),
            ("批注（A）", "X"),
        ),
    ],
)
def test_headers_notes_and_comments_are_told_and_are_no_answers(part, content, told):
    record = full_record("report")
    data = with_note(filled("F01", record), part, content % W)
    reading = reading_of(data)
    assert reading.outside == [told]
    assert [one.code for one in reading.findings] == ["unplaced_text"]
    assert record_in(data, "report") == record


# Dates without a year.


def test_a_date_without_a_year_takes_that_of_the_rest_of_the_form(tmp_path):
    record = Record("report", {"title": "题", "reported_at": "2026-03-02T10:00"}, {"occurred_at": "3月1日 16:30"})
    path = tmp_path / "a.docx"
    path.write_bytes(filled("F01", record))
    incoming = read_file(path, SHELF, DEFAULT_LIMITS)
    assert incoming.records["report"].values["occurred_at"] == "2026-03-01T16:30"
    assert incoming.records["report"].raw == {}
    assert [(one.code, one.field, one.parts["year"]) for one in incoming.findings] == [
        ("year_assumed", "report.occurred_at", "2026")
    ]


@pytest.mark.parametrize("others", [{}, {"started_at": "2025-12-31", "finished_at": "2026-01-02"}])
def test_without_one_year_to_go_by_the_text_stays_as_it_was_written(others):
    record = Record("implementation", others, {"nodes[1].at": "1月1日"})
    assert with_years(record, FORMS["implementation"].by_name) == (record, [])


def test_a_cell_of_a_row_takes_the_year_too():
    rows = [{"at": None, "node": "其他"}]
    record = Record("implementation", {"started_at": "2026-01-02", "nodes": rows}, {"nodes[1].at": "1月1日 9点"})
    got, found = with_years(record, FORMS["implementation"].by_name)
    assert got.values["nodes"][0]["at"] == "2026-01-01T09:00"
    assert (got.raw, [one.field for one in found]) == ({}, ["implementation.nodes[1].at"])
    assert rows[0]["at"] is None
