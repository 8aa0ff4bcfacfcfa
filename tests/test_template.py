"""Templates that people restyle, their faults, and the blanks made from them."""

import io
import os
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.shared import RGBColor
from lxml import etree
from openxml_audit import FileFormat, OpenXmlValidator

from tests.conftest import SHELF, blank, filled, reading_of, record_in
from tests.docx_tools import Doc, above, paragraph, parts_of, retyped, row, run, text_box, with_paragraph, zipped
from tests.records import full_record
from tpdocs.actions.blanks import Shelf
from tpdocs.actions.forms_out import write_blanks
from tpdocs.actions.templates import check_templates, tags_of
from tpdocs.codes.kinds import DOCUMENT, ERROR
from tpdocs.desk.folder import shipped
from tpdocs.errors import TpdocsError
from tpdocs.findings import Finding
from tpdocs.forms.fields import Kind
from tpdocs.forms.standard import ALL_FORMS, FIELDS, FORMS, form_named
from tpdocs.forms.values import Record
from tpdocs.word.faults import template_faults
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.package import CUSTOM_PART, Package
from tpdocs.word.read import read
from tpdocs.word.tags import Tag, parse_tag
from tpdocs.word.template import make_blank
from tpdocs.word.walk import walk
from tpdocs.word.xml import NS_MC, NS_W14, w

CODES = [form.code for form in ALL_FORMS]
F01, F03 = form_named("F01"), form_named("F03")


def shipped_template(code: str) -> Path:
    (path,) = shipped("templates").glob(f"{code}*.docx")
    return path


def template(code: str = "F01") -> bytes:
    return shipped_template(code).read_bytes()


@pytest.fixture
def faults(tmp_path):
    def check(data: bytes, name: str = "F01.docx") -> list[Finding]:
        path = tmp_path / name
        path.write_bytes(data)
        return check_templates([path])[path]

    return check


def told(found: list[Finding]) -> list[tuple[str, str, str]]:
    """Code, place and the text that is wrong; each must have words of its own."""
    for one in found:
        assert (one.kind, one.severity) == (DOCUMENT, ERROR)
        assert one.message("en")
        assert one.advice("en")
    return [(one.code, one.place, one.parts["value"]) for one in found]


# Faults, one by one


def test_a_field_that_does_not_exist(faults):
    found = faults(retyped(template(), "{{ report.department }}", "{{ report.departement }}"))
    assert told(found) == [("template_unknown_field", "表3 行3 格2", "{{ report.departement }}")]
    assert found[0].form == "F01"


def test_a_table_that_is_no_form_is_unknown(faults):
    found = faults(with_paragraph(template(), "{{ customer.name }}"))
    assert [(code, value) for code, _, value in told(found)] == [("template_unknown_field", "{{ customer.name }}")]


def test_a_field_of_another_form(faults):
    found = faults(retyped(template(), "{{ report.department }}", "{{ triage.analyst }}"))
    assert told(found) == [("template_foreign_field", "表3 行3 格2", "{{ triage.analyst }}")]
    assert found[0].parts["form_name"] == "F01 问题上报记录"


def test_a_row_table_of_another_form(faults):
    found = faults(retyped(template(), "report.attachments", "solution.steps"))
    assert ("template_foreign_field", "表4 行2 格1", "{%tr for item in solution.steps %}") in told(found)


def test_a_required_field_without_a_place(faults):
    found = faults(retyped(template(), "{{ report.title }}", ""))
    assert told(found) == [("template_no_place", "", "{{ report.title }}")]
    assert found[0].label == "问题标题"
    assert "问题标题" in found[0].message("en")


def test_a_field_that_is_not_required_may_be_left_out(faults):
    assert faults(retyped(template(), "{{ report.department }}", "")) == []


def test_the_number_has_to_stand_on_every_form_of_a_problem(faults):
    found = faults(retyped(template("F03"), "{{ report.number }}", ""), "F03.docx")
    assert told(found) == [("template_no_place", "", "{{ report.number }}")]
    assert found[0].label == "问题编号"


def test_a_required_row_table_without_a_place(faults):
    doc = Doc(template("F03"))
    for one in [one for one in doc.root.iter(w("tr")) if re.search(r"\{%|step\.", "".join(one.itertext()))]:
        one.getparent().remove(one)
    assert told(faults(doc.bytes, "F03.docx")) == [
        ("template_no_place", "", "{%tr for row in investigation.steps %}"),
    ]


def test_a_required_column_without_a_place(faults):
    found = faults(retyped(template("F10"), "{{ row.owner }}", ""), "F10.docx")
    assert [(code, value) for code, _, value in told(found)] == [("template_no_place", "{{ row.owner }}")]
    assert (found[0].place[:1], found[0].label) == ("表", "责任人")


def test_a_field_that_is_required_only_in_some_cases_has_to_have_a_place_too(faults):
    # “可复现”时必填: without a place the finding could never be settled.
    assert told(faults(retyped(template(), "{{ report.reproduction }}", ""))) == [
        ("template_no_place", "", "{{ report.reproduction }}"),
    ]


def test_a_required_field_that_stands_in_the_header_only_has_no_place_to_come_back_from(faults):
    doc = Doc(retyped(template(), "{{ report.title }}", ""), "word/header1.xml")
    doc.root.append(paragraph("{{ report.title }}"))
    assert set(told(faults(doc.bytes))) & {
        ("template_not_allowed", "页眉", "{{ report.title }}"),
        ("template_no_place", "", "{{ report.title }}"),
    }


def test_a_row_table_in_the_header_has_no_place_to_come_back_from(faults):
    doc = Doc(template(), "word/header1.xml")
    doc.root.append(Doc(template()).body.findall(w("tbl"))[3])
    shown = Doc(template())
    shown.body.remove(shown.body.findall(w("tbl"))[3])
    doc.parts["word/document.xml"] = parts_of(shown.bytes)["word/document.xml"]
    found = told(faults(doc.bytes))
    assert ("template_not_allowed", "页眉", "{%tr for item in report.attachments %}") in found


def test_a_field_twice(faults):
    found = faults(retyped(template(), "{{ report.department }}", "{{ report.title }}"))
    assert told(found) == [("template_repeated", "表3 行3 格2", "{{ report.title }}")]


def test_a_row_table_twice(faults):
    doc = Doc(template())
    table = doc.body.findall(w("tbl"))[3]
    table.addnext(etree.fromstring(etree.tostring(table)))
    found = faults(doc.bytes)
    assert told(found) == [("template_repeated", "表5 行2 格1", "{%tr for item in report.attachments %}")]


def test_a_column_twice(faults):
    found = faults(retyped(template(), "{{ item.note }}", "{{ item.name }}"))
    assert told(found) == [("template_repeated", "表4 行3 格3", "{{ item.name }}")]


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("{{ report.department", "{{ report.department"),
        ("report.department }}", "t }}"),
        ("{{ report.department }", "{{ report.department"),
        ("{% if x", "{% if x"),
        ("{# note", "{# note"),
    ],
)
def test_a_tag_that_is_not_closed_or_not_opened(faults, typed, near):
    found = faults(retyped(template(), "{{ report.department }}", typed))
    assert told(found) == [("template_broken_tag", "表3 行3 格2", near)]


def test_a_tag_that_runs_over_two_paragraphs_is_broken_in_both(faults):
    doc = Doc(retyped(template(), "{{ report.department }}", ""))
    doc.body.find(w("sectPr")).addprevious(paragraph("{{ report."))
    doc.body.find(w("sectPr")).addprevious(paragraph("department }}"))
    found = told(faults(doc.bytes))
    assert [code for code, _, _ in found] == ["template_broken_tag", "template_broken_tag"]
    assert [place[:1] for _, place, _ in found] == ["段", "段"]
    assert found[0][1] != found[1][1]


def test_a_tag_that_runs_over_two_paragraphs_of_a_cell_is_a_fault(faults):
    doc = Doc(retyped(template(), "{{ report.department }}", ""))
    place = doc.body.findall(w("tbl"))[2].findall(f".//{w('tr')}")[2].findall(w("tc"))[1]
    for one in place.findall(w("p")):
        place.remove(one)
    place.extend([paragraph("{{ report."), paragraph("department }}")])
    found = faults(doc.bytes)
    assert [(one.code, one.place) for one in found][:1] == [("template_broken_tag", "表3 行3 格2")]


@pytest.mark.parametrize(
    "typed",
    [
        "{% if report.reproducible %}",
        "{% endif %}",
        "{%p if report.reproducible %}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{{ report.department|upper }}",
        "{{ report.department|default(“无”) }}",
        "{{ report.department or report.contact }}",
        "{{ 1 + 1 }}",
        "{{ report['department'] }}",
        "{{ }}",
        "{# a note #}",
        "{%r raw %}",
    ],
)
def test_what_does_not_come_back_is_not_allowed(faults, typed):
    found = faults(retyped(template(), "{{ report.department }}", typed))
    assert told(found) == [("template_not_allowed", "表3 行3 格2", typed)]


@pytest.mark.parametrize("typed", ["{{report.department}}", "{{  report.department  }}", "{{- report.department -}}"])
def test_blanks_inside_a_tag_do_not_matter(faults, typed):
    data = retyped(template(), "{{ report.department }}", typed)
    assert faults(data) == []
    assert "report.department" in FormDocument(make_blank(F01, data).data).paths


def loop_on(path: str) -> bytes:
    return retyped(template(), "{%tr for item in report.attachments %}", f"{{%tr for item in {path} %}}")


@pytest.mark.parametrize("path", ["report.title", "report.nothing", "attachments", "report"])
def test_a_loop_over_what_is_no_row_table(faults, path):
    tag = f"{{%tr for item in {path} %}}"
    found = faults(loop_on(path))
    assert told(found) == [("template_loop", "表4 行2 格1", tag)]


def test_a_row_table_as_a_plain_tag(faults):
    found = faults(retyped(template(), "{{ report.department }}", "{{ report.attachments }}"))
    assert [one for one in told(found) if one[1] == "表3 行3 格2"] == [
        ("template_loop", "表3 行3 格2", "{{ report.attachments }}")
    ]
    assert found[0].parts["example"] == "{%tr for row in report.attachments %}"


@pytest.mark.parametrize("typed", ["{% for item in report.attachments %}", "{%p for item in report.attachments %}"])
def test_a_loop_that_is_not_over_table_rows(faults, typed):
    found = faults(retyped(template(), "{%tr for item in report.attachments %}", typed))
    assert ("template_loop", "表4 行2 格1", typed) in told(found)


def test_a_loop_outside_a_table(faults):
    data = retyped(template(), "{%tr for item in report.attachments %}", "")
    doc = Doc(data)
    doc.body.find(w("sectPr")).addprevious(paragraph("{%tr for item in report.attachments %}"))
    found = told(faults(doc.bytes))
    assert [one[0] for one in found if one[2] == "{%tr for item in report.attachments %}"][:1] == ["template_loop"]


def test_a_loop_without_its_end(faults):
    found = faults(retyped(template(), "{%tr endfor %}", ""))
    assert told(found) == [("template_broken_tag", "表4 行2 格1", "{%tr for item in report.attachments %}")]
    assert found[0].parts["close"] == "{%tr endfor %}"


def test_an_end_without_its_loop(faults):
    found = faults(retyped(template(), "{%tr for item in report.attachments %}", ""))
    assert ("template_broken_tag", "表4 行4 格1", "{%tr endfor %}") in told(found)
    assert {one.code for one in found} == {"template_broken_tag", "template_unknown_field"}


@pytest.mark.parametrize(
    ("tag", "place"), [("{%tr for item in report.attachments %}", "表4 行2 格1"), ("{%tr endfor %}", "表4 行4 格1")]
)
def test_other_text_in_the_row_of_a_loop(faults, tag, place):
    found = faults(retyped(template(), tag, f"附件 {tag}"))
    assert told(found) == [("template_loop_text", place, tag)]


def test_a_tag_in_the_row_of_a_loop_would_be_lost(faults):
    tag = "{%tr endfor %}"
    data = retyped(retyped(template(), "{{ report.title }}", ""), tag, f"{tag}{{{{ report.title }}}}")
    assert ("template_loop_text", "表4 行4 格1", tag) in told(faults(data))


def test_a_column_that_does_not_exist(faults):
    found = faults(retyped(template(), "{{ item.note }}", "{{ item.notes }}"))
    assert told(found) == [("template_unknown_field", "表4 行3 格3", "{{ item.notes }}")]


@pytest.mark.parametrize(
    ("old", "typed", "place"),
    [
        ("{{ report.department }}", "{{ report.type_other }}", "表3 行3 格2"),
        ("{{ item.note }}", "{{ item.type_other }}", "表4 行3 格3"),
    ],
)
def test_the_text_of_other_is_not_written_by_itself(faults, old, typed, place):
    assert told(faults(retyped(template(), old, typed))) == [("template_unknown_field", place, typed)]


def test_what_only_the_engine_sees_is_a_fault_too(faults):
    # docxtpl also expands the document's properties.
    document = Document(io.BytesIO(template()))
    document.core_properties.title = "{{ nobody.knows }}"
    saved = io.BytesIO()
    document.save(saved)
    found = faults(saved.getvalue())
    assert [(one.code, one.place) for one in found] == [("template_fails", "")]
    assert "nobody" in found[0].message("en")


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "empty_file"), (b"no template", "not_word"), (b"PK\3\4", "cut_short"), (zipped({"a": b""}), "not_word")],
)
def test_a_template_that_is_none(faults, data, code):
    assert [one.code for one in faults(data)] == [code]


def test_a_template_that_is_not_there(tmp_path):
    path = tmp_path / "F01.docx"
    assert [one.code for one in check_templates([path])[path]] == ["no_such_file"]


def test_every_fault_in_one_run_each_with_its_place(faults):
    data = template()
    for old, new in (
        ("{{ report.title }}", "{{ report.titel }}"),
        ("{{ report.occurred_at }}", "{{ triage.accepted_at }}"),
        ("{{ report.impact }}", "{{ report.impact"),
        ("{{ report.workaround }}", "{% if report.workaround %}"),
        ("{{ report.department }}", "{{ report.contact }}"),
        ("{{ item.note }}", "{{ item.notes }}"),
        ("{%tr endfor %}", "{%tr endfor %}完"),
    ):
        data = retyped(data, old, new)
    assert Counter(told(faults(data))) == Counter(
        [
            ("template_unknown_field", "表1 行2 格2", "{{ report.titel }}"),
            ("template_foreign_field", "表1 行6 格2", "{{ triage.accepted_at }}"),
            ("template_broken_tag", "表2 行2 格2", "{{ report.impact"),
            ("template_not_allowed", "表2 行5 格2", "{% if report.workaround %}"),
            ("template_repeated", "表3 行3 格4", "{{ report.contact }}"),
            ("template_unknown_field", "表4 行3 格3", "{{ item.notes }}"),
            ("template_loop_text", "表4 行4 格1", "{%tr endfor %}"),
            ("template_no_place", "", "{{ report.title }}"),
            ("template_no_place", "", "{{ report.impact }}"),
            ("template_no_place", "", "{{ report.occurred_at }}"),
        ]
    )


def test_a_fault_in_the_header_has_the_header_as_its_place(faults):
    doc = Doc(template(), "word/header1.xml")
    doc.root.append(paragraph("{{ report.titel }}"))
    assert told(faults(doc.bytes)) == [("template_unknown_field", "页眉", "{{ report.titel }}")]


def test_a_template_without_a_code_in_its_name_is_known_by_its_tags(faults):
    found = faults(retyped(template("F04"), "{{ solution.author }}", "{{ solution.autor }}"), "my solution.docx")
    assert [(one.code, one.form) for one in found] == [("template_unknown_field", "F04"), ("template_no_place", "F04")]


@pytest.mark.parametrize("code", CODES)
def test_a_shipped_template_has_no_fault(code):
    path = shipped_template(code)
    assert check_templates([path]) == {path: []}


# What may be used


def test_every_field_of_every_form_is_listed():
    listed = {name: [tag for tag, _, _ in lines] for name, lines in tags_of(None)}
    assert list(listed) == [form.name for form in ALL_FORMS]
    for form in ALL_FORMS:
        wanted = []
        for one in form.shown:
            if one.other_of:
                continue
            if one.kind is Kind.ROWS:
                wanted.append(f"{{%tr for row in {one.path} %}} ... {{%tr endfor %}}")
                wanted += [f"{{{{ row.{column.name} }}}}" for column in one.columns if not column.other_of]
            else:
                wanted.append(f"{{{{ {one.path} }}}}")
        assert listed[form.name] == wanted
    shown = {path for form in ALL_FORMS for path in form.shows}
    assert shown == set(FIELDS)


def test_what_is_listed_makes_a_template_without_fault(faults):
    document = Document()
    for _, lines in tags_of("F03"):
        rows: list[str] = []
        for tag, _, _ in lines:
            if tag.startswith("{%"):
                start, end = tag.split(" ... ")
            elif tag.startswith("{{ row."):
                rows.append(tag)
            else:
                document.add_paragraph(tag)
    table = document.add_table(3, 5)
    table.cell(0, 0).text, table.cell(2, 0).text = start, end
    for number, tag in enumerate(rows):
        table.cell(1, number).text = tag
    saved = io.BytesIO()
    document.save(saved)
    assert faults(saved.getvalue(), "F03.docx") == []
    record = full_record("investigation")
    made = FormDocument(make_blank(F03, saved.getvalue()).data).fill(Content().add(record))
    assert record_in(made, "investigation") == record


def test_fields_of_one_form_are_listed_by_code_key_or_title():
    assert tags_of("F03") == tags_of("investigation") == tags_of("问题排查报告")
    assert [name for name, _ in tags_of("f03")] == ["F03 问题排查报告"]


# Templates restyled


def runs_of(control) -> tuple[str, set[str], str]:
    """Text of a control, the names of its run formats, and the colour of its text."""
    texts, formats, colours = "", set(), set()
    for one in control.find(w("sdtContent")).iter(w("r")):
        facts = one.find(w("rPr"))
        names = {etree.QName(fact).localname for fact in facts} if facts is not None else set()
        formats |= names
        if "color" in names:
            colours.add(facts.find(w("color")).get(w("val")))
        texts += "".join(one.itertext())
    return texts, formats, "".join(sorted(colours))


def made_of(template_bytes: bytes, form=F01) -> FormDocument:
    return FormDocument(make_blank(form, template_bytes).data)


def test_a_tag_keeps_the_format_of_its_run():
    document = Document(io.BytesIO(template()))
    place = document.tables[2].cell(2, 1).paragraphs[0]
    (tag,) = place.runs
    tag.bold, tag.font.color.rgb = True, RGBColor(0xFF, 0, 0)
    saved = io.BytesIO()
    document.save(saved)
    made = made_of(saved.getvalue())
    empty = Doc(made.fill(Content())).control("report.department")
    assert runs_of(empty) == ("〔上报人的部门〕", {"b", "color"}, "7F7F7F")
    full = Doc(made.fill(Content({"report.department": "财务部"}))).control("report.department")
    assert runs_of(full) == ("财务部", {"b", "color"}, "FF0000")


def test_a_tag_split_over_three_runs_keeps_the_format_of_the_first(faults):
    # Word splits a tag wherever the spelling was checked or the cursor stood.
    document = Document(io.BytesIO(template()))
    place = document.tables[2].cell(2, 1).paragraphs[0]
    (tag,) = place.runs
    tag.text = "{{ rep"
    tag.bold, tag.font.color.rgb = True, RGBColor(0xFF, 0, 0)
    place.add_run("ort.depart").italic = True
    place.add_run("ment }}").underline = True
    saved = io.BytesIO()
    document.save(saved)
    assert faults(saved.getvalue()) == []
    made = made_of(saved.getvalue()).fill(Content({"report.department": "财务部"}))
    assert runs_of(Doc(made).control("report.department")) == ("财务部", {"b", "color"}, "FF0000")
    assert record_in(made, "report").values == {"department": "财务部"}
    assert reading_of(made).outside == []


def test_a_tag_with_spelling_marks_and_revision_ids_in_it_works(faults):
    doc = Doc(template())
    (old,) = [one for one in doc.root.iter(w("t")) if one.text == "{{ report.department }}"]
    home = old.getparent()
    for text in ("{", "{ report", ".", "department ", "}", "}"):
        home.addprevious(run(text, rsidR="00AB12CD"))
        home.addprevious(etree.Element(w("proofErr"), {w("type"): "spellStart"}))
    home.getparent().remove(home)
    data = doc.bytes
    assert faults(data) == []
    made = made_of(data).fill(Content({"report.department": "财务部"}))
    assert record_in(made, "report").values == {"department": "财务部"}


def sentence(before: str, after: str) -> bytes:
    data = retyped(template(), "{{ report.department }}", "")
    return with_paragraph(data, f"{before}{{{{ report.department }}}}{after}")


def read_with_own(blank_bytes: bytes, data: bytes):
    """The reading against the layout of the blank itself."""
    from tpdocs.word.layout import layout_of  # noqa: PLC0415

    return read(Package(data), lambda _form, _key: layout_of(blank_bytes))


def test_a_tag_in_the_middle_of_a_sentence_works_both_ways():
    made = make_blank(F01, sentence("本问题由", "负责跟进。"))
    data = FormDocument(made.data).fill(Content({"report.department": "财务部"}))
    reading = read_with_own(made.data, data)
    found = reading.found["report.department"]
    assert (found.answer, found.place[:1], found.how) == ("财务部", "段", "control")
    assert (reading.outside, reading.findings) == ([], [])
    empty = read_with_own(made.data, made.data)
    assert empty.found["report.department"].answer == ""
    assert (empty.outside, empty.findings) == ([], [])


@pytest.mark.parametrize(
    ("side", "typed", "answer"),
    [("before", "总部", "总部\n财务部"), ("after", "和行政部", "财务部\n和行政部")],
)
def test_text_typed_into_a_sentence_is_told_from_the_sentence(side, typed, answer):
    made = make_blank(F01, sentence("本问题由", "负责跟进。"))
    doc = Doc(FormDocument(made.data).fill(Content({"report.department": "财务部"})))
    control = doc.control("report.department")
    control.addprevious(run(typed)) if side == "before" else control.addnext(run(typed))
    reading = read_with_own(made.data, doc.bytes)
    assert reading.found["report.department"].answer == answer
    assert [one.code for one in reading.findings] == ["text_ran_out"]
    assert reading.outside == []


def test_two_tags_in_one_sentence_work_both_ways():
    data = retyped(retyped(template(), "{{ report.department }}", ""), "{{ report.contact }}", "")
    made = make_blank(F01, with_paragraph(data, "由{{ report.department }}联系{{ report.contact }}。"))
    values = {"department": "财务部", "contact": "8001"}
    filled_in = FormDocument(made.data).fill(Content().add(Record("report", dict(values))))
    assert record_in(filled_in, "report").values == values
    reading = read_with_own(made.data, filled_in)
    assert (reading.outside, reading.findings) == ([], [])
    doc = Doc(filled_in)
    doc.paragraph("report.contact").append(run("分机2"))
    reading = read_with_own(made.data, doc.bytes)
    assert [text for _, text in reading.outside] == ["分机2"]


def test_smart_quotes_of_the_template_stay_as_they_are():
    made = make_blank(F01, sentence("部门（“全称”、‘不要简称’）：", "…以上"))
    shown = next(one for one in walk(Package(made.data).main).containers if "全称" in one.loose_text)
    assert shown.loose_text == "部门（“全称”、‘不要简称’）：…以上"
    data = FormDocument(made.data).fill(Content({"report.department": "“财务”部"}))
    reading = read_with_own(made.data, data)
    assert reading.found["report.department"].answer == "“财务”部"
    assert (reading.outside, reading.findings) == ([], [])


def test_awkward_words_in_a_template_stay_as_they_are():
    words = "R&D <试行> 100% {x} # 注"
    made = make_blank(F01, sentence(f"{words}：", ""))
    assert [one.loose_text for one in walk(Package(made.data).main).containers if "试行" in one.loose_text] == [
        f"{words}："
    ]


def test_a_field_alone_in_a_paragraph_is_read_with_the_paragraph():
    made = make_blank(F01, sentence("", ""))
    doc = Doc(FormDocument(made.data).fill(Content({"report.department": "财务部"})))
    doc.paragraph("report.department").append(run("（北京）"))
    reading = read_with_own(made.data, doc.bytes)
    assert reading.found["report.department"].answer == "财务部（北京）"


def test_a_template_whose_main_part_has_another_name_makes_a_blank():
    # Word for the web and SharePoint write word/document2.xml.
    parts = parts_of(template())
    parts["word/document2.xml"] = parts.pop("word/document.xml")
    parts["word/_rels/document2.xml.rels"] = parts.pop("word/_rels/document.xml.rels")
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"word/document.xml", b"word/document2.xml")
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(b"/word/document.xml", b"/word/document2.xml")
    made = FormDocument(make_blank(F01, zipped(parts)).data)
    assert made.paths == set(F01.shows)
    record = full_record("report")
    assert record_in(made.fill(Content().add(record)), "report") == record


# A desk's own templates


def own_template(desk, data: bytes, name: str = "F01-own.docx") -> Path:
    path: Path = desk.root / "templates" / name
    path.write_bytes(data)
    return path


def restyled() -> bytes:
    """F01 without its guidance, with another heading and one more line."""
    doc = Doc(retyped(template(), "二、问题描述", "问题经过"))
    for one in doc.body.findall(w("p"))[:2]:
        doc.body.remove(one)
    return with_paragraph(doc.bytes, "本表由信息中心保存三年。")


def test_a_desks_own_template_overrides_only_its_form(desk):
    shelf = Shelf.of(desk)
    before = {form.code: shelf.blank(form).key for form in ALL_FORMS}
    own_template(desk, restyled())
    after = {form.code: Shelf.of(desk).blank(form).key for form in ALL_FORMS}
    assert {code for code in before if before[code] != after[code]} == {"F01"}
    texts = [one.loose_text for one in walk(Package(Shelf.of(desk).blank(F01).data).main).containers]
    assert "问题经过" in texts
    assert "二、问题描述" not in texts


@pytest.mark.parametrize("name", ["F01.docx", "F01-问题上报.docx", "F01_own.docx"])
def test_a_desks_own_template_is_found_by_the_code_in_its_name(desk, name):
    own_template(desk, restyled(), name)
    assert Shelf.of(desk).blank(F01).key != SHELF.blank(F01).key


@pytest.mark.parametrize("name", ["~$F01.docx", "~$1-own.docx", "f01.txt", "F02-own.docx"])
def test_other_files_in_the_folder_are_no_template_of_the_form(desk, name):
    own_template(desk, restyled(), name)
    assert Shelf.of(desk).blank(F01).key == SHELF.blank(F01).key


def test_a_form_handed_out_before_a_restyle_is_read_without_loose_text(desk):
    record = full_record("report")
    handed_out = FormDocument(Shelf.of(desk).blank(F01).data).fill(Content().add(record))
    own_template(desk, restyled())
    reading = read(Package(handed_out), Shelf.of(desk).layout)
    assert (reading.outside, reading.findings) == ([], [])
    assert record_in(handed_out, "report") == record
    newer = FormDocument(Shelf.of(desk).blank(F01).data).fill(Content().add(record))
    assert newer != handed_out
    reading = read(Package(newer), Shelf.of(desk).layout)
    assert (reading.outside, reading.findings) == ([], [])


def test_the_prompt_of_an_earlier_version_is_taken_off_what_was_typed_into_it(desk):
    earlier = retyped(Shelf.of(desk).blank(F01).data, FIELDS["report.title"].prompt, "〔一行说清楚〕")
    shelf = Shelf.of(desk)
    key = Package(earlier).properties["template"]
    (desk.blanks / f"F01-{key}.docx").write_bytes(earlier)
    typed = retyped(earlier, "〔一行说清楚〕", "〔一行说清楚〕订单提交失败")
    reading = read(Package(typed), shelf.layout)
    assert reading.text("report.title") == "订单提交失败"
    assert [(one.code, one.field) for one in reading.findings] == [("prompt_left", "report.title")]
    assert read(Package(earlier), shelf.layout).text("report.title") == ""


def test_without_the_blanks_it_kept_a_desk_would_take_old_words_for_text(desk):
    handed_out = Shelf.of(desk).blank(F01).data
    own_template(desk, restyled())
    shutil.rmtree(desk.blanks)
    reading = read(Package(handed_out), Shelf.of(desk).layout)
    assert "二、问题描述" in [text for _, text in reading.outside]
    assert {one.code for one in reading.findings} == {"unplaced_text"}


def test_a_blank_that_was_kept_damaged_is_made_anew(desk):
    made = Shelf.of(desk).blank(F01)
    (kept,) = desk.blanks.glob("F01-*.docx")
    for content in (b"", b"PK\3\4", made.data[:5000]):
        kept.write_bytes(content)
        assert Shelf.of(desk).blank(F01).data == made.data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: retyped(data, "{{ report.department }}", "{{ report.departement }}"),
        lambda data: retyped(data, "{{ item.note }}", "{{ item.notes }}"),
        lambda data: retyped(data, "{{ report.department }}", "{{ report.department"),
        lambda data: retyped(data, "{%tr endfor %}", ""),
        lambda data: retyped(data, "{{ report.department }}", "{{ report.department.x }}"),
        lambda data: data[:3000],
        lambda _data: b"no template",
        lambda _data: b"",
    ],
    ids=["field", "column", "tag not closed", "loop not closed", "part of a field", "cut short", "text", "empty"],
)
def test_a_broken_template_is_an_error_that_names_the_file(desk, spoil):
    Shelf.of(desk).blank(F01)
    kept = set(desk.blanks.iterdir())
    path = own_template(desk, spoil(template()))
    with pytest.raises(TpdocsError) as caught:
        Shelf.of(desk).blank(F01)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 3
    assert {one for one in desk.blanks.iterdir() if one.name.startswith("F01")} <= kept
    assert Shelf.of(desk).blank(F03).data


def test_a_template_cannot_reach_into_python(desk):
    own_template(desk, retyped(template(), "{{ report.department }}", "{{ report.__class__.__mro__ }}"))
    with pytest.raises(TpdocsError):
        Shelf.of(desk).blank(F01)


# Blanks


@pytest.fixture(scope="module", params=CODES)
def forms(request) -> list[tuple[str, bytes]]:
    """A form blank, and filled with everything, rows beyond the spare ones included."""
    code = request.param
    keys = list(FORMS) if code == "F00" else dict.fromkeys(["report", form_named(code).key])
    return [("blank", blank(code)), ("full", filled(code, *(full_record(key) for key in keys)))]


def each_root(data: bytes) -> dict[str, Any]:
    parts = parts_of(data)
    return {name: etree.fromstring(parts[name]) for name in parts if re.fullmatch(r"word/[a-z]+\d*\.xml", name)}


def test_ids_and_names_of_controls_and_bookmarks_are_unique(forms):
    for name, data in forms:
        roots = each_root(data).values()
        controls = [one.get(w("val")) for root in roots for one in root.iterfind(f".//{w('sdtPr')}/{w('id')}")]
        assert len(controls) >= 20, name
        assert [one for one, count in Counter(controls).items() if count > 1] == [], name
        starts = [one for root in roots for one in root.iter(w("bookmarkStart"))]
        ends = Counter(one.get(w("id")) for root in roots for one in root.iter(w("bookmarkEnd")))
        ids, names = (Counter(one.get(w(key)) for one in starts) for key in ("id", "name"))
        assert [one for one, count in names.items() if count > 1] == [], name
        assert [one for one, count in ids.items() if count > 1] == [], name
        assert ends == ids, name


def test_every_control_has_tag_alias_and_bookmark_within_words_limits(forms):
    # Word takes 64 characters of a tag or a title, and 40 of a bookmark's name, which begins with a letter.
    for _, data in forms:
        doc = Doc(data)
        tags = []
        for control in doc.controls():
            facts = control.find(w("sdtPr"))
            text = facts.find(w("tag")).get(w("val"))
            tag = parse_tag(text)
            assert tag is not None
            assert str(tag) == text
            assert len(text) <= 64
            alias = facts.find(w("alias")).get(w("val"))
            assert alias == (f"{tag.field.label}：{tag.option}" if tag.option else tag.field.label)
            assert len(alias) <= 64
            before, after = control.getprevious(), control.getnext()
            assert (before.tag, after.tag) == (w("bookmarkStart"), w("bookmarkEnd"))
            assert before.get(w("id")) == after.get(w("id"))
            name = before.get(w("name"))
            assert re.fullmatch(r"[A-Za-z]\w{0,39}", name, re.ASCII)
            tags.append(text)
        assert len(tags) == len(set(tags))


def test_bookmarks_of_far_rows_are_cut_to_words_limit_and_stay_different():
    names = [Tag("investigation.steps", number, "new_problem").bookmark for number in range(99_990, 100_010)]
    assert {len(name) for name in names} == {40}
    assert len(set(names)) == len(names)
    assert names[0] == "tp_investigation_steps_99990_new_problem"


def test_every_control_stands_in_a_run_of_text(forms):
    # Controls round paragraphs, cells or rows do not survive other editors.
    for _, data in forms:
        doc = Doc(data)
        assert {control.getparent().tag for control in doc.controls()} == {w("p")}
        assert doc.controls() == list(doc.root.iter(w("sdt")))


def test_an_empty_control_shows_the_prompt_of_its_field(forms):
    _, data = forms[0]
    for control in Doc(data).controls():
        facts = control.find(w("sdtPr"))
        tag = parse_tag(facts.find(w("tag")).get(w("val")))
        assert tag is not None
        text = "".join(control.find(w("sdtContent")).itertext())
        flag = facts.find(w("showingPlcHdr"))
        if tag.option:
            assert (text, flag) == ("□", None)
        else:
            assert (text, flag is not None) == (tag.field.prompt, True)


def test_a_filled_control_shows_no_prompt(forms):
    _, data = forms[1]
    empty = [one for one in Doc(data).controls() if one.find(f"{w('sdtPr')}/{w('showingPlcHdr')}") is not None]
    computed = {one.path for one in FIELDS.values() if one.computed}
    assert {one.find(f"{w('sdtPr')}/{w('tag')}").get(w("val")) for one in empty} <= computed


def test_the_kinds_of_control_are_those_of_the_fields(forms):
    wanted = {
        Kind.TEXT: "text",
        Kind.LONG: "text",
        Kind.TIME: "date",
        Kind.DATE: "date",
        Kind.ONE: "dropDownList",
        Kind.YES_NO: "dropDownList",
    }
    for control in Doc(forms[0][1]).controls():
        facts = control.find(w("sdtPr"))
        tag = parse_tag(facts.find(w("tag")).get(w("val")))
        assert tag is not None
        kind = etree.QName(facts[-1]).localname
        assert kind == ("checkbox" if tag.option else wanted[tag.field.kind]), str(tag)
        if kind == "text":
            assert (facts[-1].get(w("multiLine")) == "1") is (tag.field.kind is Kind.LONG)
        if kind == "dropDownList":
            shown = [one.get(w("displayText")) for one in facts[-1]]
            assert shown == [choice.printed for choice in tag.field.options]


def test_check_boxes_need_a_namespace_that_is_declared_and_may_be_ignored(forms):
    for _, data in forms:
        root = Doc(data).root
        assert root.nsmap["w14"] == NS_W14
        ignorable = root.get(f"{{{NS_MC}}}Ignorable").split()
        assert "w14" in ignorable
        assert set(ignorable) <= set(root.nsmap)
        assert parts_of(data)["word/document.xml"].count(b"xmlns:w14=") == 1


def test_a_blank_says_which_form_it_is(forms):
    for _, data in forms:
        properties = Package(data).properties
        form = form_named(properties["form"])
        assert properties == {"form": form.code, "version": "1", "template": SHELF.blank(form).key}
        shown = "".join(Doc(data, "word/header1.xml").root.itertext())
        assert shown == f"{form.code} {form.title}版本 V1"
        parts = parts_of(data)
        assert parts["[Content_Types].xml"].count(b'PartName="/docProps/custom.xml"') == 1
        assert parts["_rels/.rels"].count(CUSTOM_PART.encode()) == 1


def test_no_run_is_empty(forms):
    # Word for the web does not toggle a check box whose paragraph holds an empty run.
    for name, data in forms:
        for part, root in each_root(data).items():
            empty = [one for one in root.iter(w("r")) if not [child for child in one if child.tag != w("rPr")]]
            assert empty == [], (name, part)
            assert [one for one in root.iter(w("t")) if not one.text] == [], (name, part)


def test_no_part_is_named_that_is_not_there(forms):
    for _, data in forms:
        parts = parts_of(data)
        named = re.findall(rb'PartName="/([^"]+)"', parts["[Content_Types].xml"])
        assert {one.decode() for one in named} <= set(parts)
        assert "word/stylesWithEffects.xml" not in parts
        for rels in [one for one in parts if one.endswith(".rels")]:
            folder = rels.partition("_rels/")[0]
            relations: Any = etree.fromstring(parts[rels])
            for one in relations:
                if one.get("TargetMode") != "External":
                    target = one.get("Target")
                    path = target[1:] if target.startswith("/") else os.path.normpath(folder + target)
                    assert path in parts, (rels, target)


@pytest.fixture(scope="module")
def validator() -> OpenXmlValidator:
    return OpenXmlValidator(file_format=FileFormat.OFFICE_2019, max_errors=20)


def with_light_styles(data: bytes) -> bytes:
    """The document with nothing but the names of its styles: they are most of what there is to check."""
    doc = Doc(data, "word/styles.xml")
    for style in list(doc.root):
        if style.tag != w("style"):
            doc.root.remove(style)
        for fact in list(style):
            if fact.tag != w("name"):
                style.remove(fact)
    return doc.bytes


def test_the_schema_checker_has_nothing_to_say(forms, validator, tmp_path):
    (_, empty), (_, full) = forms
    assert parts_of(full)["word/styles.xml"] == parts_of(empty)["word/styles.xml"]
    for name, data in (("blank", empty), ("full", with_light_styles(full))):
        path = tmp_path / f"{name}.docx"
        path.write_bytes(data)
        result = validator.validate(path)
        assert [str(one) for one in result.errors] == [], name
        assert result.is_valid


def test_the_schema_checker_sees_a_fault(validator, tmp_path):
    doc = Doc(blank("F01"))
    doc.facts("report.title").append(etree.Element(w("nothing")))
    path = tmp_path / "bad.docx"
    path.write_bytes(doc.bytes)
    assert not validator.validate(path).is_valid


def test_making_a_blank_twice_gives_the_same_bytes_and_key():
    first = make_blank(F01, template())
    make_blank.cache_clear()
    second = make_blank(F01, template())
    assert first is not second
    assert (first.data, first.key) == (second.data, second.key)
    assert make_blank(F01, restyled()).key != first.key


def test_row_tables_have_their_spare_rows():
    for form in FORMS.values():
        for one in form.fields:
            if one.kind is Kind.ROWS:
                tags = [parse_tag(control.get(w("val"))) for control in Doc(blank(form.code)).root.iter(w("tag"))]
                numbers = {tag.row for tag in tags if tag is not None and tag.path == one.path}
                assert numbers == set(range(1, one.spare + 1)), one.path


def test_header_rows_are_repeated_on_every_page():
    for form in FORMS.values():
        for one in form.fields:
            if one.kind is Kind.ROWS:
                doc = Doc(blank(form.code))
                first = doc.row(f"{one.path}[1].{one.columns[0].name}")
                head = above(first, "tbl").find(w("tr"))
                assert head.find(f"{w('trPr')}/{w('tblHeader')}") is not None, one.path


def test_a_hand_made_row_in_a_template_stays_the_templates():
    doc = Doc(template())
    doc.body.findall(w("tbl"))[3].append(row("（附件可另附页）", "", ""))
    made = make_blank(F01, doc.bytes)
    reading = read_with_own(made.data, made.data)
    assert (reading.outside, reading.findings) == ([], [])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _data: (shipped("samples") / "forms" / "90-周会纪要.docx").read_bytes(),
        lambda data: retyped(data, "{{ report.workaround }}", "{{ report.workaround|upper }}"),
        lambda data: retyped(data, "{{ report.workaround }}", "{{ report['workaround'] }}"),
        lambda data: retyped(data, "{{ report.workaround }}", "{{ report.title }}"),
    ],
    ids=["no template", "filter", "index", "twice"],
)
def test_a_desks_faulty_template_makes_no_blank_and_nothing_is_half_written(desk, tmp_path, spoil):
    own_template(desk, spoil(template()))
    with pytest.raises(TpdocsError, match=r"F01-own.docx cannot be used: .*template check"):
        write_blanks(desk, [], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_tag_in_a_text_box_is_a_fault():
    box = text_box("{{ report.workaround }}")
    doc = Doc(retyped(template(), "{{ report.workaround }}", ""))
    doc.body.insert(0, paragraph(box))
    told = [(one.code, one.place) for one in template_faults(doc.bytes, "F01.docx")]
    assert ("template_not_allowed", "段1") in told


@pytest.mark.parametrize(
    "written",
    [
        "{report.workaround}", "{ { report.workaround } }", "｛｛ report.workaround ｝｝", "{_{ report.workaround }_}",
        "{{ report.workaround }}}", "{{ report.workaround }", "{{{ report.workaround }}",
    ],
)  # fmt: skip
def test_a_tag_with_wrong_braces_is_a_fault(written):
    told = [one.code for one in template_faults(retyped(template(), "{{ report.workaround }}", written), "F01.docx")]
    assert set(told) & {"template_broken_tag", "template_not_allowed"}
