"""The declarations hold together: labels, choices, names that Word can keep, the schema."""

import re
from collections import Counter

import pytest

from tpdocs.codes import CODES
from tpdocs.codes.kinds import KINDS
from tpdocs.forms.fields import OTHER, Differs, Kind, When, normal_label
from tpdocs.forms.problem import ORDER
from tpdocs.forms.schema import json_schema
from tpdocs.forms.standard import ALL_FORMS, DOSSIER, FIELDS, FORMS, IDENTITY, every_field, field_at, find_form
from tpdocs.register.columns import PROBLEM_COLUMNS
from tpdocs.word.tags import Tag, parse_tag

# The standard's own table: every form with its code, key and fields, in its order. `_other` texts follow their choice.
STANDARD = {
    (
        "F01",
        "report",
        "问题上报记录",
    ): "number title type severity description impact frequency occurred_at system reproducible "
    "reproduction workaround channel discovered_by reported_by contact department reported_at attachments",
    (
        "F02",
        "triage",
        "问题受理及初步分析表",
    ): "accepted_by accepted_at complete missing supplemented_at type group analyst category "
    "priority priority_reason emergency direction analysis analysed_at related",
    ("F03", "investigation", "问题排查报告"): "lead investigators methods steps collaboration departments liaison "
    "collaboration_request root_cause impact interim interim_solution located_at",
    (
        "F04",
        "solution",
        "技术解决方案文档",
    ): "author kinds content steps feasibility risk rollback major_change reviewers "
    "review_departments reviewed_at review_conclusion review_opinion planned_at",
    ("F05", "implementation", "实施方案执行记录"): "owner started_at nodes comparison result deviation finished_at",
    (
        "F06",
        "verification",
        "问题验证报告",
    ): "filled_by verifier role checks resolved new_issues new_issues_note residual residuals "
    "conclusion return_to verified_at",
    ("F07", "closure", "问题关闭通知"): "status closed_by closed_at recipients summary residual_risk remarks",
    (
        "F08",
        "feedback",
        "用户反馈记录",
    ): "informed_by informed_at summary duration prevention satisfaction comments user",
    (
        "F09",
        "archive",
        "问题归档文档",
    ): "archivist archived_at documents keywords symptom cause solution prevention lessons",
    ("F10", "review", "问题处理复盘报告"): "period organizer participants held_at figures conclusions suggestions",
}
COLUMNS = {
    "report.attachments": "name type note",
    "investigation.steps": "at operation result new_problem by",
    "solution.steps": "step owner planned_start planned_finish",
    "implementation.nodes": "at node content by",
    "implementation.comparison": "metric before after note",
    "verification.checks": "item expected actual passed",
    "verification.residuals": "problem plan owner due done_at",
    "archive.documents": "file form sha256",
    "review.suggestions": "suggestion kind owner due done_at",
}
NONE_STANDS = (
    "report.workaround solution.risk solution.rollback investigation.collaboration_request investigation.interim_solution "
    "feedback.prevention archive.prevention feedback.comments implementation.deviation closure.residual_risk"
)


@pytest.mark.parametrize("form", STANDARD)
def test_every_form_has_the_fields_of_the_standard_in_its_order(form):
    code, key, title = form
    spec = FORMS[key]
    assert (spec.code, spec.title) == (code, title)
    assert [one.name for one in spec.fields if not one.other_of] == STANDARD[form].split()


def test_every_row_table_has_the_columns_of_the_standard():
    found = {
        one.path: " ".join(c.name for c in one.columns if not c.other_of)
        for one in FIELDS.values()
        if one.kind is Kind.ROWS
    }
    assert found == COLUMNS


def test_fields_where_none_is_an_answer():
    assert {one.path for one in FIELDS.values() if one.none_stands} == set(NONE_STANDS.split())


def test_the_dossier_has_no_field_of_its_own():
    assert DOSSIER.fields == ()
    assert len(ALL_FORMS) == 11
    assert {path.partition(".")[0] for path in DOSSIER.shows} == set(ORDER)


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: form.code)
def test_normalised_labels_are_unique_within_a_form(form):
    names = Counter(name for one in form.shown for name in one.names)
    assert {name: count for name, count in names.items() if count > 1} == {}
    for table in form.shown:
        columns = Counter(name for column in table.columns for name in column.names)
        assert all(count == 1 for count in columns.values())


@pytest.mark.parametrize("one", list(every_field()), ids=lambda one: one.path)
def test_a_field_is_fit_to_be_shown(one):
    assert one.label == one.label.strip()
    assert one.source in ("S", "D")
    assert one.row_of or one.help.endswith("。"), "every field says what belongs there"
    assert (one.kind in (Kind.ONE, Kind.MANY)) == bool(one.choices)
    assert one.prompt.startswith("〔")
    if one.opens_other:
        other = field_at(f"{one.path}_other")
        assert other is not None
        assert other.other_of == one.name
    if isinstance(one.required, When):
        assert field_at(one.required.path) is not None
        assert one.required.finding in CODES
    if isinstance(one.required, Differs):
        assert field_at(one.required.path) is not None
        assert field_at(one.required.other) is not None


def test_tags_and_bookmarks_fit_into_word():
    tags = []
    for one in every_field():
        row, column = (99, one.name) if one.row_of else (0, "")
        path = one.path.rpartition(".")[0] if one.row_of else one.path
        options = [""] if one.row_of or not one.options else [choice.label for choice in one.options]
        tags += [Tag(path, row, column, option) for option in options]
    for tag in tags:
        assert len(str(tag)) <= 64
        assert len(tag.bookmark) <= 40
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", tag.bookmark)
        assert parse_tag(str(tag)) == tag
    assert len({tag.bookmark for tag in tags}) == len(tags)


@pytest.mark.parametrize(
    "text", ["report.nothing", "report.title:系统故障", "report.type:没有", "steps[1].x", "Report.title", "", "tp"]
)
def test_foreign_tags_are_none_of_ours(text):
    assert parse_tag(text) is None


def test_choices_keep_the_words_of_the_standard():
    kinds = FIELDS["report.type"]
    assert [choice.label for choice in kinds.choices] == [
        "系统故障",
        "功能缺陷",
        "功能问题",
        "安全漏洞",
        "操作疑问",
        OTHER,
    ]
    assert kinds.choices[2].also == ("性能问题",)
    assert [choice.printed for choice in FIELDS["report.severity"].choices][:3] == [
        "紧急(核心业务中断)",
        "高(主要功能异常)",
        "中(次要功能受影响)",
    ]
    assert "需求疑问" in [choice.label for choice in FIELDS["triage.type"].choices]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("问 题 标 题：", "问题标题"), ("问题描述（现象）", "问题描述"), ("1、上报人", "上报人"), ("（二）影响范围:", "影响范围"),
        ("涉及系统／模块*", "涉及系统/模块"), ("审查结果【填√】", "审查结果"), ("①受理人", "受理人"),
    ],
)  # fmt: skip
def test_labels_are_compared_without_what_people_add(written, meant):
    assert normal_label(written) == meant


def test_forms_are_found_by_code_key_and_title_in_any_case():
    assert find_form("f01") is find_form("REPORT") is find_form("问题上报记录") is FORMS["report"]
    assert find_form("F11") is None


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: form.code)
def test_the_schema_names_every_field(form):
    schema = json_schema(form)
    assert schema["title"] == form.title
    if form is DOSSIER:
        named = {f"{key}.{name}" for key, part in schema["properties"].items() for name in part["properties"]}
        assert named == set(form.shows)
    else:
        assert list(schema["properties"]) == [one.name for one in form.fields]
        assert all(schema["properties"][one.name]["title"] == one.label for one in form.fields)


def test_identity_stands_on_every_form_but_the_review():
    assert all(set(IDENTITY) <= set(form.shows) for form in ALL_FORMS if form.key != "review")
    assert not set(IDENTITY) & set(FORMS["review"].shows)


def test_the_register_shows_every_single_value_of_report_and_triage():
    shown = {column.path for column in PROBLEM_COLUMNS}
    single = {
        one.path
        for key in ("report", "triage")
        for one in FORMS[key].fields
        if one.kind is not Kind.ROWS and not one.other_of
    }
    assert single <= shown
    headings = [column.heading for column in PROBLEM_COLUMNS]
    assert len(set(headings)) == len(headings)


def test_every_code_of_a_finding_has_a_known_kind():
    assert {code.kind for code in CODES.values()} == set(KINDS)
