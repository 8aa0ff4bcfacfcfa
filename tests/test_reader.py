"""What people and editors do to a form, and what is read from it nevertheless."""

import io
from copy import deepcopy

import pytest
from docx import Document
from lxml import etree

from tests.conftest import SHELF, blank, filled, reading_of, record_in
from tests.docx_tools import (
    PNG,
    Doc,
    above,
    cell,
    custom_part,
    foreign_control,
    paragraph,
    row,
    run,
    text_box,
    with_part,
    wrap,
    wrapped,
    xml,
)
from tests.records import full_record
from tpdocs.actions.incoming import read_file
from tpdocs.forms.standard import ALL_FORMS, FIELDS
from tpdocs.forms.values import Record, parse_record, parse_value, raw_finding
from tpdocs.word.package import CUSTOM_PART, DEFAULT_LIMITS, Package
from tpdocs.word.reading import BY_BOOKMARK, BY_CONTROL, BY_LABEL, Found, Reading
from tpdocs.word.xml import NS_A, NS_MC, NS_R, NS_W14, w, w14

TITLE, TYPE, SEVERITY, OCCURRED = "表1 行2 格2", "表1 行3 格2", "表1 行4 格2", "表1 行6 格2"
DESCRIPTION, REPRODUCIBLE, REPRODUCTION = "表2 行1 格2", "表2 行3 格2", "表2 行4 格2"
STEPS: list[dict[str, str | None]] = [
    {"at": "2026-03-02T09:15", "operation": "查日志", "result": "连接超时", "new_problem": "无", "by": "李雷"},
    {"at": "2026-03-02T10:00", "operation": "抓包", "result": "丢包", "new_problem": None, "by": "韩梅梅"},
]
BY_HAND: dict[str, str | None] = {
    "at": "2026-03-02T11:30",
    "operation": "换网线",
    "result": "恢复",
    "new_problem": "无",
    "by": "王芳",
}


def report(**values) -> Doc:
    return Doc(filled("F01", Record("report", values)))


def investigation(*steps) -> Doc:
    return Doc(filled("F03", Record("investigation", {"steps": list(steps)})))


def findings(reading: Reading) -> list[tuple[str, str, str]]:
    return [(one.code, one.field, one.place) for one in reading.findings]


def value_of(reading: Reading, path: str):
    form, _, name = path.partition(".")
    return parse_record(form, [FIELDS[path]], reading.answers(form)).values.get(name)


# Text beside the control


def test_text_typed_after_the_control_is_read_with_it():
    doc = report(title="登录失败")
    doc.paragraph("report.title").append(run("（仅手机端）"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败（仅手机端）"
    assert findings(reading) == [("text_ran_out", "report.title", TITLE)]
    assert reading.findings[0].parts == {"value": "登录失败（仅手机端）"}
    assert reading.findings[0].label == "问题标题"
    assert reading.outside == []


def test_text_typed_before_the_control_is_read_with_it():
    doc = report(title="登录失败")
    doc.control("report.title").addprevious(run("手机端"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "手机端登录失败"
    assert findings(reading) == [("text_ran_out", "report.title", TITLE)]


def test_text_on_both_sides_of_the_control_is_read_in_its_order():
    doc = report(title="登录")
    doc.control("report.title").addprevious(run("手机端"))
    doc.paragraph("report.title").append(run("失败"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "手机端登录失败"
    assert findings(reading) == [("text_ran_out", "report.title", TITLE)]


def test_text_typed_beside_an_untouched_prompt_is_the_answer():
    doc = report()
    doc.paragraph("report.title").append(run("登录失败"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert findings(reading) == [("text_ran_out", "report.title", TITLE)]


def test_a_second_paragraph_in_the_cell_belongs_to_the_answer():
    doc = report(description="第一段")
    doc.cell("report.description").append(paragraph("第二段"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.description"].answer == "第一段\n第二段"
    assert findings(reading) == [("text_ran_out", "report.description", DESCRIPTION)]


def test_only_the_first_of_several_paragraphs_stayed_inside_and_all_are_read():
    # LibreOffice keeps just the first paragraph of a multi-paragraph control in it.
    doc = report(description="现象：白屏")
    for text in ("报错：E-1001", "", "开始：早上九点"):
        doc.cell("report.description").append(paragraph(text) if text else paragraph())
    assert record_in(doc.bytes, "report").values == {
        "description": "现象：白屏\n报错：E-1001\n\n开始：早上九点",
    }
    assert findings(reading_of(doc.bytes)) == [("text_ran_out", "report.description", DESCRIPTION)]


def test_a_paragraph_above_the_control_belongs_to_the_answer():
    doc = report(description="第二段")
    doc.paragraph("report.description").addprevious(paragraph("第一段"))
    assert value_of(reading_of(doc.bytes), "report.description") == "第一段\n第二段"


def test_empty_paragraphs_round_the_control_change_nothing():
    doc = report(description="只有一段")
    doc.paragraph("report.description").addprevious(paragraph())
    doc.cell("report.description").extend([paragraph(), paragraph("  ")])
    reading = reading_of(doc.bytes)
    assert reading.found["report.description"].answer == "只有一段"
    assert reading.findings == []


def test_the_first_character_outside_a_date_control_belongs_to_the_date():
    # LibreOffice 7.0 does this to every date.
    doc = report(occurred_at="2026-03-02")
    doc.put("report.occurred_at", "026-03-02")
    doc.control("report.occurred_at").addprevious(run("2"))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "report.occurred_at") == "2026-03-02"
    assert findings(reading) == [("text_ran_out", "report.occurred_at", OCCURRED)]


def test_text_beside_boxes_is_kept_and_reported():
    doc = report(type="系统故障")
    doc.paragraph("report.type:系统故障").append(run("机房断电"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == ("系统故障",)
    assert reading.outside == [(TYPE, "机房断电")]
    assert findings(reading) == [("unplaced_text", "", TYPE)]


def test_text_beside_boxes_that_repeats_the_forms_own_words_is_reported_whole():
    doc = report(type="系统故障")
    doc.paragraph("report.type:系统故障").append(run("，其他：系统故障引起的功能缺陷"))
    assert reading_of(doc.bytes).outside == [(TYPE, "，其他：系统故障引起的功能缺陷")]


# Prompts


@pytest.mark.parametrize(
    ("before", "after"),
    [("", "登录失败"), ("登录失败", ""), ("", " 登录失败"), ("登录失败\n", "")],
    ids=["in front", "behind", "in front with a blank", "behind on its own line"],
)
def test_a_prompt_left_beside_the_answer_is_taken_off(before, after):
    doc = report()
    doc.put("report.title", before + FIELDS["report.title"].prompt + after)
    doc.unflag("report.title")
    reading = reading_of(doc.bytes)
    assert value_of(reading, "report.title") == "登录失败"
    assert findings(reading) == [("prompt_left", "report.title", TITLE)]
    assert reading.findings[0].parts == {"value": "登录失败"}


@pytest.mark.parametrize("at", [1, 5, len(FIELDS["report.title"].prompt) - 1])
def test_an_answer_typed_into_the_prompt_is_found_in_it(at):
    prompt = FIELDS["report.title"].prompt
    doc = report()
    doc.put("report.title", run(prompt[:at]), run("登录失败"), run(prompt[at:]))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert findings(reading) == [("prompt_left", "report.title", TITLE)]


def test_half_a_prompt_in_the_control_and_half_outside_leaves_the_answer():
    prompt = FIELDS["report.title"].prompt
    doc = report()
    doc.put("report.title", prompt[:4])
    doc.paragraph("report.title").append(run(f"登录失败{prompt[4:]}"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert {"text_ran_out", "prompt_left"} == {one.code for one in reading.findings}


def test_a_prompt_in_a_row_is_taken_off_and_the_cell_named():
    doc = investigation(STEPS[0])
    doc.put("investigation.steps[1].operation", f"{FIELDS['investigation.steps'].column('operation').prompt}查日志")
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == [STEPS[0]]
    assert [(one.code, one.place) for one in reading.findings] == [("prompt_left", "表3 行2 格2")]


@pytest.mark.parametrize("flag", [None, "1", "true", "on"])
def test_the_placeholder_flag_on_a_real_answer_does_not_lose_it(flag):
    doc = report(title="登录失败")
    doc.flag("report.title", flag)
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert reading.findings == []


@pytest.mark.parametrize("flag", [None, "1", "true", "on"])
def test_a_prompt_of_another_version_under_the_flag_is_empty(flag):
    doc = report()
    doc.put("report.title", "〔旧版提示〕")
    doc.flag("report.title", flag)
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == ""
    assert reading.findings == []


@pytest.mark.parametrize("flag", ["0", "false", "off"])
def test_text_in_prompt_brackets_is_an_answer_when_the_flag_is_off(flag):
    doc = report()
    doc.put("report.title", "〔旧版提示〕")
    doc.flag("report.title", flag)
    assert reading_of(doc.bytes).found["report.title"].answer == "〔旧版提示〕"


@pytest.mark.parametrize("flag", [None, "1", "true"])
def test_an_empty_control_and_the_known_prompt_are_empty(flag):
    doc = report()
    doc.put("report.title")
    doc.flag("report.title", flag)
    doc.flag("report.system", flag)
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == ""
    assert reading.found["report.system"].answer == ""
    assert reading.findings == []


def test_the_known_prompt_is_empty_where_the_flag_was_lost():
    # LibreOffice 7 drops the flag of text controls.
    doc = report()
    doc.unflag("report.title")
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == ""
    assert reading.findings == []


WORDS_OWN = [
    "单击或点击此处输入文字。",
    "单击此处输入文字。",
    "单击或点击以输入日期。",
    "单击此处输入日期。",
    "选择一项。",
    "Click or tap here to enter text.",
    "Click here to enter text.",
    "Click or tap to enter a date.",
    "Choose an item.",
]


@pytest.mark.parametrize("prompt", WORDS_OWN)
def test_the_prompts_of_word_itself_are_empty(prompt):
    # Word shows them where somebody emptied a control whose own prompt it does not know.
    doc = report()
    doc.put("report.title", prompt)
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == ""
    assert reading.findings == []


def test_the_prompt_of_word_itself_is_empty_where_the_flag_was_lost():
    doc = report()
    doc.put("report.title", "单击或点击此处输入文字。")
    doc.unflag("report.title")
    assert reading_of(doc.bytes).found["report.title"].answer == ""


def test_an_answer_that_contains_the_prompt_of_word_is_an_answer():
    doc = report(title="点击此处输入文字后页面报错")
    assert reading_of(doc.bytes).found["report.title"].answer == "点击此处输入文字后页面报错"


# Dates


def full_date(doc: Doc, tag: str, value: str) -> None:
    doc.facts(tag).find(w("date")).set(w("fullDate"), value)


def test_a_date_under_its_prompt_is_empty_whatever_it_stores():
    # ONLYOFFICE stores the present time in every empty date it saves.
    doc = report()
    full_date(doc, "report.occurred_at", "2026-03-20T17:00:00Z")
    reading = reading_of(doc.bytes)
    assert reading.found["report.occurred_at"].answer == ""
    assert record_in(doc.bytes, "report").is_empty


def test_the_date_that_shows_wins_over_the_date_that_is_stored():
    doc = report(occurred_at="2026-03-02T09:15")
    full_date(doc, "report.occurred_at", "2020-01-01T00:00:00Z")
    assert record_in(doc.bytes, "report").values == {"occurred_at": "2026-03-02T09:15"}


def test_a_text_that_is_no_date_stays_as_it_was_written():
    doc = report(occurred_at="2026-03-02")
    doc.put("report.occurred_at", "上周三左右")
    record = record_in(doc.bytes, "report")
    assert (record.values, record.raw) == ({}, {"occurred_at": "上周三左右"})


# Boxes


def mark(doc: Doc, tag: str, sign: str, stored: str) -> None:
    doc.put(tag, sign)
    doc.facts(tag).find(w14("checkbox")).find(w14("checked")).set(w14("val"), stored)


@pytest.mark.parametrize("sign", ["☑", "☒", "√", "✓", "✔", "■", "▣"])
@pytest.mark.parametrize("stored", ["1", "true"])
def test_every_usual_sign_is_a_tick(sign, stored):
    doc = report()
    mark(doc, "report.type:系统故障", sign, stored)
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == ("系统故障",)
    assert reading.findings == []


@pytest.mark.parametrize("sign", ["☒", "√", "■"])
def test_a_sign_typed_over_the_empty_box_is_a_tick_and_the_stored_state_is_told(sign):
    # WPS users type over the box instead of clicking it; what it stores stays 0.
    doc = report()
    mark(doc, "report.type:系统故障", sign, "0")
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == ("系统故障",)
    assert findings(reading) == [("mark_disagrees", "report.type", TYPE)]
    assert reading.findings[0].parts == {"choice": "系统故障", "look": "☑", "stored": "□"}


@pytest.mark.parametrize("sign", ["□", "☐"])
def test_an_empty_sign_over_a_stored_tick_is_no_tick(sign):
    doc = report(type="系统故障")
    mark(doc, "report.type:系统故障", sign, "1")
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == ()
    assert findings(reading) == [("mark_disagrees", "report.type", TYPE)]
    assert reading.findings[0].parts == {"choice": "系统故障", "look": "□", "stored": "☑"}


def test_a_letter_v_typed_over_the_empty_box_is_a_tick():
    doc = report()
    mark(doc, "report.type:系统故障", "V", "0")
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == ("系统故障",)
    assert findings(reading) == [("mark_disagrees", "report.type", TYPE)]


def test_a_sign_over_a_box_that_may_mean_yes_or_no_is_reported():
    doc = report()
    mark(doc, "report.type:系统故障", "×", "0")
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == ()
    assert reading.outside == [(TYPE, "×")]
    assert findings(reading) == [("unplaced_text", "", TYPE)]


@pytest.mark.parametrize(("font", "char"), [("Wingdings", "F0FE"), ("Wingdings 2", "F052"), ("Wingdings", "F0FC")])
def test_a_tick_put_in_as_a_wingdings_symbol_is_a_tick(font, char):
    doc = report()
    doc.put("report.type:系统故障", xml(f'<w:r><w:sym w:font="{font}" w:char="{char}"/></w:r>'))
    assert reading_of(doc.bytes).found["report.type"].answer == ("系统故障",)


@pytest.mark.parametrize(("value", "expected"), [("1", ("系统故障",)), ("true", ("系统故障",)), ("0", ())])
def test_the_state_is_read_in_the_wrong_namespace_too(value, expected):
    # LibreOffice 7.0 writes w:val where w14:val belongs.
    doc = report()
    state = doc.facts("report.type:系统故障").find(w14("checkbox")).find(w14("checked"))
    del state.attrib[w14("val")]
    state.set(w("val"), value)
    doc.put("report.type:系统故障")
    assert reading_of(doc.bytes).found["report.type"].answer == expected
    doc.put("report.type:系统故障", "☑" if expected else "□")
    reading = reading_of(doc.bytes)
    assert reading.found["report.type"].answer == expected
    assert reading.findings == []


def test_a_state_without_a_value_is_on():
    doc = report()
    state = doc.facts("report.type:系统故障").find(w14("checkbox")).find(w14("checked"))
    del state.attrib[w14("val")]
    doc.put("report.type:系统故障")
    assert reading_of(doc.bytes).found["report.type"].answer == ("系统故障",)


def test_several_boxes_where_one_is_allowed_keep_what_was_ticked():
    doc = report()
    mark(doc, "report.severity:紧急", "☑", "1")
    mark(doc, "report.severity:高", "☑", "1")
    record = record_in(doc.bytes, "report")
    assert (record.values, record.raw) == ({}, {"severity": "紧急、高"})
    found = raw_finding(FIELDS["report.severity"], record.raw["severity"])
    assert found is not None
    assert (found.code, found.field, found.parts) == (
        "too_many_choices",
        "report.severity",
        {"value": "紧急、高", "count": "2"},
    )


def test_yes_and_no_both_ticked_is_neither():
    doc = report()
    mark(doc, "report.reproducible:是", "☑", "1")
    mark(doc, "report.reproducible:否", "☑", "1")
    record = record_in(doc.bytes, "report")
    assert (record.values, record.raw) == ({}, {"reproducible": "是、否"})
    found = raw_finding(FIELDS["report.reproducible"], "是、否")
    assert found is not None
    assert found.code == "too_many_choices"


def test_several_boxes_where_many_are_allowed_are_a_list_in_the_forms_order():
    doc = Doc(filled("F03"))
    mark(doc, "investigation.methods:用户访谈", "☑", "1")
    mark(doc, "investigation.methods:日志分析", "√", "1")
    record = record_in(doc.bytes, "investigation")
    assert (record.values, record.raw) == ({"methods": ["日志分析", "用户访谈"]}, {})


def test_a_ticked_box_that_lost_its_control_is_reported_where_it_stands():
    doc = report(severity="高")
    doc.unwrap("report.severity:高")
    reading = reading_of(doc.bytes)
    assert reading.outside == [(SEVERITY, "☑")]
    assert findings(reading) == [("unplaced_text", "", SEVERITY)]


# How editors cut text up


@pytest.mark.parametrize("text", ["登录失败 E-1001", "😀 R&D <b>"])
def test_runs_of_one_character_each_are_one_text(text):
    doc = report(title="?")
    doc.put("report.title", *(run(sign, rsidR=f"00A1B2{number:02X}") for number, sign in enumerate(text)))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == text
    assert reading.findings == []


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        ("<w:r><w:t>一</w:t><w:br/><w:t>二</w:t></w:r>", "一\n二"),
        ("<w:r><w:t>一</w:t><w:cr/><w:t>二</w:t></w:r>", "一\n二"),
        ("<w:r><w:t>一\n二</w:t></w:r>", "一\n二"),
        ("<w:r><w:t>一</w:t><w:tab/><w:t>二</w:t></w:r>", "一\t二"),
        ("<w:r><w:t>TP</w:t><w:noBreakHyphen/><w:t>1</w:t></w:r>", "TP\u20111"),
        ('<w:hyperlink w:anchor="x"><w:r><w:t>https://a.b/?c=1</w:t></w:r></w:hyperlink>', "https://a.b/?c=1"),
        ('<w:smartTag w:element="date"><w:r><w:t>三月</w:t></w:r></w:smartTag><w:r><w:t>二日</w:t></w:r>', "三月二日"),
        (
            """<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "x"</w:instrText></w:r>
            <w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>链接</w:t></w:r>
            <w:r><w:fldChar w:fldCharType="end"/></w:r>""",
            "链接",
        ),
        ('<w:r><w:t>一</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:t>二</w:t></w:r>', "一二"),
        ("<w:r><w:lastRenderedPageBreak/><w:t>一</w:t></w:r>", "一"),
        (
            # 拼音指南: the characters stand below their reading.
            """<w:r><w:ruby><w:rt><w:r><w:t>wáng</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>王</w:t></w:r></w:rubyBase>
            </w:ruby></w:r><w:r><w:t>芳</w:t></w:r>""",
            "王芳",
        ),
    ],
    ids=[
        "line break",
        "carriage return",
        "newline in the text",
        "tab",
        "hyphen that does not break",
        "link",
        "smart tag",
        "field code",
        "spelling mark",
        "page break mark",
        "phonetic guide",
    ],
)
def test_what_a_control_shows_is_read(made, expected):
    doc = report(description="?")
    doc.put("report.description", *xml(f"<w:p>{made}</w:p>"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.description"].answer == expected
    assert reading.findings == []


def test_foreign_controls_inside_ours_are_looked_into():
    # Google Docs wraps ordinary runs in controls of its own.
    doc = report(title="?")
    doc.put("report.title", run("登录"), foreign_control(run("失"), foreign_control(run("败"))))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert reading.findings == []


@pytest.mark.parametrize("level", ["sdt", "p", "tc", "tr"])
def test_foreign_controls_round_ours_are_looked_through(level):
    doc = report(title="登录失败", type="系统故障")
    control = doc.control("report.title")
    wrap(control if level == "sdt" else above(control, level), foreign_control())
    reading = reading_of(doc.bytes)
    assert (reading.found["report.title"].answer, reading.found["report.title"].place) == ("登录失败", TITLE)
    assert (reading.found["report.type"].answer, reading.found["report.type"].place) == (("系统故障",), TYPE)
    assert reading.findings == []
    assert reading.outside == []


def test_foreign_text_beside_ours_in_a_foreign_control_belongs_to_the_cell():
    doc = report(title="登录")
    doc.paragraph("report.title").append(foreign_control(run("失败")))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert findings(reading) == [("text_ran_out", "report.title", TITLE)]


def test_our_control_round_whole_paragraphs_is_read_whole():
    doc = report(description="?")
    control, home = doc.control("report.description"), doc.cell("report.description")
    doc.put("report.description", paragraph("第一段"), paragraph("第二段"))
    for one in home.findall(w("p")):
        home.remove(one)
    home.append(control)
    reading = reading_of(doc.bytes)
    assert (reading.found["report.description"].answer, reading.found["report.description"].place) == (
        "第一段\n第二段",
        DESCRIPTION,
    )
    assert reading.findings == []


def test_text_in_a_text_box_is_kept_and_reported():
    doc = report(title="登录失败")
    doc.body.insert(0, paragraph(text_box("请今天处理")))
    reading = reading_of(doc.bytes)
    assert reading.outside == [("段1", "请今天处理")]
    assert findings(reading) == [("unplaced_text", "", "段1")]


@pytest.mark.parametrize("where", ["cell", "row", "control", "control round paragraphs"])
def test_text_in_a_text_box_anchored_in_an_answer_is_kept_and_reported(where):
    doc = report(description="见右", attachments=[attachment(name="a.png")])
    place = DESCRIPTION
    if where == "cell":
        doc.paragraph("report.description").append(text_box("请今天处理"))
    elif where == "row":
        place = "表4 行2 格1"
        doc.paragraph("report.attachments[1].name").append(text_box("请今天处理"))
    elif where == "control":
        doc.content("report.description").append(text_box("请今天处理"))
    else:
        control, home = doc.control("report.description"), doc.cell("report.description")
        doc.put("report.description", paragraph("见右", text_box("请今天处理")))
        home.remove(control.getparent())
        home.append(control)
    reading = reading_of(doc.bytes)
    assert reading.found["report.description"].answer == "见右"
    assert reading.outside == [(place, "请今天处理")]
    assert findings(reading) == [("unplaced_text", "", place)]


def test_a_table_pasted_into_an_answer_is_kept_and_reported():
    doc = report(description="数据如下")
    table = etree.Element(w("tbl"))
    table.append(row("用户", "次数"))
    table.append(row("张三", "17"))
    doc.cell("report.description").extend([table, paragraph()])
    reading = reading_of(doc.bytes)
    assert reading.found["report.description"].answer == "数据如下"
    assert [text for _, text in reading.outside] == ["用户", "次数", "张三", "17"]
    assert {one.code for one in reading.findings} == {"unplaced_text"}
    assert reading.found["report.impact"].place == "表2 行2 格2"


# Tracked changes


def test_insertions_are_read_and_deletions_skipped_inside_a_control():
    doc = report(title="?")
    deleted = xml('<w:del w:id="7"><w:r><w:delText>旧</w:delText></w:r></w:del>')
    doc.put("report.title", run("登录"), deleted, wrapped("ins", "失败", id="8"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert [one.code for one in reading.findings] == ["tracked_changes"]


def test_text_moved_away_is_skipped_and_text_moved_here_is_read():
    doc = report(title="?")
    doc.put(
        "report.title", wrapped("moveTo", "登录失败", id="7"), run("，"), wrapped("moveFrom", "旧文", id="8"), run("急")
    )
    assert reading_of(doc.bytes).found["report.title"].answer == "登录失败，急"


def test_deleted_text_that_still_is_ordinary_text_is_skipped():
    # Some editors leave w:t instead of w:delText inside a deletion.
    doc = report(title="登录失败")
    doc.paragraph("report.title").append(wrapped("del", "旧文", id="7"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert [one.code for one in reading.findings] == ["tracked_changes"]


def test_a_control_inside_an_insertion_is_read():
    doc = report(title="登录失败")
    wrap(doc.control("report.title"), wrapped("ins", id="7"))
    reading = reading_of(doc.bytes)
    assert (reading.found["report.title"].answer, reading.found["report.title"].place) == ("登录失败", TITLE)
    assert [one.code for one in reading.findings] == ["tracked_changes"]


def test_a_control_inside_a_deletion_is_gone():
    doc = report(title="登录失败")
    wrap(doc.control("report.title"), wrapped("del", id="7"))
    reading = reading_of(doc.bytes)
    assert reading.text("report.title") == ""
    assert [one.code for one in reading.findings] == ["tracked_changes"]


@pytest.mark.parametrize(("change", "kept"), [("del", [STEPS[1]]), ("ins", STEPS)])
def test_a_row_deleted_in_tracked_changes_is_skipped_and_an_inserted_one_read(change, kept):
    doc = investigation(*STEPS)
    first = doc.row("investigation.steps[1].at")
    first.insert(0, xml(f'<w:trPr><w:{change} w:id="7" w:author="x"/></w:trPr>'))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == kept
    assert [one.code for one in reading.findings] == ["tracked_changes"]


# Fields lost and fields twice


def test_a_control_taken_away_is_read_by_its_bookmark():
    doc = report(title="登录失败", system="门户")
    doc.unwrap("report.title")
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"] == Found("report.title", "登录失败", TITLE, BY_BOOKMARK)
    assert (reading.outside, reading.findings) == ([], [])
    assert reading.found["report.system"].how == BY_CONTROL


def test_a_cell_typed_over_is_read_by_its_label():
    doc = report(title="登录失败")
    place = doc.cell("report.title")
    for one in place.findall(w("p")):
        place.remove(one)
    place.append(paragraph("门户打不开"))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"] == Found("report.title", "门户打不开", TITLE, BY_LABEL)
    assert (reading.outside, reading.findings) == ([], [])


def test_a_control_taken_away_with_its_text_leaves_an_empty_answer_at_its_label():
    doc = report(title="登录失败")
    control = doc.control("report.title")
    control.getparent().remove(control)
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"] == Found("report.title", "", TITLE, BY_LABEL)
    assert (reading.outside, reading.findings) == ([], [])


def test_a_row_taken_out_of_the_form_is_told():
    doc = report(title="登录失败")
    row = doc.row("report.title")
    row.getparent().remove(row)
    reading = reading_of(doc.bytes)
    assert "report.title" not in reading.found
    assert findings(reading) == [("field_not_found", "report.title", "")]
    assert "title" not in parse_record("report", [FIELDS["report.title"]], reading.answers("report")).found


def test_boxes_that_all_lost_their_controls_are_read_by_bookmark_and_without_those_by_label():
    doc = report(severity="高")
    for label in ("紧急", "高", "中", "低"):
        doc.unwrap(f"report.severity:{label}")
    assert reading_of(doc.bytes).found["report.severity"] == Found("report.severity", ("高",), SEVERITY, BY_BOOKMARK)
    for mark in [*doc.root.iter(w("bookmarkStart")), *doc.root.iter(w("bookmarkEnd"))]:
        mark.getparent().remove(mark)
    reading = reading_of(doc.bytes)
    assert reading.found["report.severity"] == Found("report.severity", ("高",), SEVERITY, BY_LABEL)
    assert (reading.outside, reading.findings) == ([], [])


def test_the_number_that_only_the_tool_gives_is_not_missed():
    doc = report(title="登录失败")
    control = doc.control("report.number")
    control.getparent().remove(control)
    assert reading_of(doc.bytes).findings == []


@pytest.mark.parametrize("same_cell", [True, False])
def test_the_same_answer_twice_is_one_answer(same_cell):
    # LibreOffice 7.4 writes a control with Chinese text several times, side by side.
    doc = report(title="登录失败")
    copy = deepcopy(doc.control("report.title"))
    doc.paragraph("report.title").append(copy) if same_cell else doc.body.insert(0, paragraph(copy))
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "登录失败"
    assert reading.findings == []
    assert reading.outside == []


@pytest.mark.parametrize("same_cell", [True, False])
def test_two_answers_to_one_field_are_told_and_the_first_is_read(same_cell):
    doc = report(title="登录失败")
    copy = deepcopy(doc.control("report.title"))
    doc.paragraph("report.title").append(copy) if same_cell else doc.cell("report.title").addnext(cell(copy))
    shown = copy.find(f".//{w('t')}")
    shown.text = "门户打不开"
    reading = reading_of(doc.bytes)
    assert (reading.found["report.title"].answer, reading.found["report.title"].place) == ("登录失败", TITLE)
    assert findings(reading) == [("repeated_field", "report.title", TITLE if same_cell else "表1 行2 格3")]
    assert reading.findings[0].parts == {"value": "登录失败", "other_value": "门户打不开", "count": "2"}


def test_three_answers_to_one_field_are_told_as_three():
    doc = report(title="一")
    for text in ("二", "三"):
        copy = deepcopy(doc.controls("report.title")[0])
        copy.find(f".//{w('t')}").text = text
        doc.row("report.title").append(cell(copy)) if text == "二" else doc.controls("report.title")[-1].addnext(copy)
    reading = reading_of(doc.bytes)
    assert reading.found["report.title"].answer == "一"
    assert findings(reading) == [("repeated_field", "report.title", "表1 行2 格3")]
    assert reading.findings[0].parts == {"value": "一", "other_value": "二；三", "count": "3"}


def test_an_empty_copy_before_the_answer_does_not_hide_it():
    doc = report(title="登录失败")
    copy = deepcopy(Doc(blank("F01")).control("report.title"))
    doc.body.insert(0, paragraph(copy))
    reading = reading_of(doc.bytes)
    assert (reading.found["report.title"].answer, reading.found["report.title"].place) == ("登录失败", TITLE)
    assert reading.findings == []


# Row tables


def test_a_row_added_by_hand_is_read_by_its_columns():
    doc = investigation(*STEPS)
    last = doc.row("investigation.steps[4].at")
    last.addnext(row("2026-03-02 11:30", "换网线", "恢复", "无", "王芳"))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == [*STEPS, BY_HAND]
    assert findings(reading) == [("row_without_boxes", "investigation.steps", "表3 行6 格1")]
    assert reading.outside == []


def test_a_row_added_by_hand_between_others_keeps_its_place():
    doc = investigation(*STEPS)
    doc.row("investigation.steps[1].at").addnext(row("2026年3月2日 11时30分", "换网线", "恢复", "无", "王芳"))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == [STEPS[0], BY_HAND, STEPS[1]]
    assert findings(reading) == [("row_without_boxes", "investigation.steps", "表3 行3 格1")]


def test_a_row_added_by_hand_above_all_others_is_read():
    doc = investigation(*STEPS)
    doc.row("investigation.steps[1].at").addprevious(row("2026-03-02 11:30", "换网线", "恢复", "无", "王芳"))
    assert value_of(reading_of(doc.bytes), "investigation.steps") == [BY_HAND, *STEPS]


def test_an_empty_row_added_by_hand_is_nothing():
    doc = investigation(*STEPS)
    doc.row("investigation.steps[4].at").addnext(row("", "", "", "", ""))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == STEPS
    assert reading.findings == []


def test_a_row_added_by_hand_with_other_columns_is_kept_and_reported():
    doc = investigation(*STEPS)
    doc.row("investigation.steps[2].at").addnext(row("换网线", "王芳"))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == STEPS
    assert reading.outside == [("表3 行4 格1", "换网线"), ("表3 行4 格2", "王芳")]
    assert {one.code for one in reading.findings} == {"unplaced_text"}


def test_a_pasted_row_repeats_tags_and_ids_and_is_a_row_of_its_own():
    doc = investigation(*STEPS)
    first = doc.row("investigation.steps[1].at")
    copy = deepcopy(first)
    first.addnext(copy)
    texts = [one for one in copy.iter(w("t")) if one.text]
    for shown, text in zip(texts, ("2026-03-02 11:30", "换网线", "恢复", "无", "王芳"), strict=True):
        shown.text = text
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == [STEPS[0], BY_HAND, STEPS[1]]
    assert reading.findings == []


def test_rows_are_read_in_the_order_they_stand_in():
    doc = investigation(*STEPS)
    doc.row("investigation.steps[1].at").addprevious(doc.row("investigation.steps[2].at"))
    assert value_of(reading_of(doc.bytes), "investigation.steps") == [STEPS[1], STEPS[0]]


def test_empty_rows_between_filled_ones_are_left_out_and_wrong_values_counted_without_them():
    doc = Doc(filled("F03"))
    doc.put("investigation.steps[2].operation", "查日志")
    doc.put("investigation.steps[4].at", "昨天")
    record = record_in(doc.bytes, "investigation")
    empty = dict.fromkeys(STEPS[0])
    assert record.values == {"steps": [{**empty, "operation": "查日志"}, empty]}
    assert record.raw == {"steps[2].at": "昨天"}
    assert reading_of(doc.bytes).findings == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_cell_whose_control_is_lost_is_read_by_its_column(number):
    doc = investigation(*STEPS)
    doc.unwrap(f"investigation.steps[{number}].operation")
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == STEPS
    assert reading.outside == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_row_whose_controls_are_all_lost_is_read_by_its_columns(number):
    doc = investigation(*STEPS)
    for column in STEPS[0]:
        doc.unwrap(f"investigation.steps[{number}].{column}")
    if number == 2:
        for one in doc.row("investigation.steps[1].at").getnext().iter(w("t")):
            one.text = "" if "〔" in (one.text or "") else one.text
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == STEPS
    assert findings(reading) == [("row_without_boxes", "investigation.steps", f"表3 行{number + 1} 格1")]
    assert reading.outside == []


def test_a_prompt_that_lost_its_control_in_a_row_is_no_answer():
    doc = investigation(STEPS[0])
    doc.unwrap("investigation.steps[2].operation")
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == [STEPS[0]]


def test_a_prompt_that_lost_its_control_in_a_cell_is_no_answer():
    doc = report(system="门户")
    doc.unwrap("report.title")
    reading = reading_of(doc.bytes)
    assert reading.text("report.title") == ""
    assert (reading.outside, reading.findings) == ([], [])


@pytest.mark.parametrize("number", [1, 2])
def test_a_row_of_prompts_that_lost_their_controls_is_empty(number):
    # ONLYOFFICE drops the controls of a row that it copies and keeps their text.
    doc = report(title="登录失败")
    for column in ("name", "type", "type_other", "note"):
        doc.unwrap(f"report.attachments[{number}].{column}")
    reading = reading_of(doc.bytes)
    assert value_of(reading, "report.attachments") is None
    assert (reading.outside, reading.findings) == ([], [])


def test_a_choice_beside_a_prompt_that_both_lost_their_controls_is_the_choice():
    doc = report(attachments=[attachment(name="a.png", type="日志文件"), attachment(name="b.png")])
    for column in ("name", "type", "type_other", "note"):
        doc.unwrap(f"report.attachments[1].{column}")
    record = record_in(doc.bytes, "report")
    rows = [attachment(name="a.png", type="日志文件"), attachment(name="b.png")]
    assert (record.values, record.raw) == ({"attachments": rows}, {})


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_table_pasted_into_a_row_is_kept_and_every_row_read_once(number):
    steps = [*STEPS, BY_HAND, STEPS[0]]
    doc = investigation(*steps)
    table = etree.Element(w("tbl"))
    table.append(row("包", "丢失"))
    table.append(row("100", "37"))
    doc.cell(f"investigation.steps[{number}].result").extend([table, paragraph()])
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == steps
    assert [text for _, text in reading.outside] == ["包", "丢失", "100", "37"]
    assert {one.code for one in reading.findings} == {"unplaced_text"}


def test_text_that_ran_out_in_a_row_is_read_with_its_cell():
    doc = investigation(*STEPS)
    doc.cell("investigation.steps[1].operation").append(paragraph("再查一遍"))
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == [{**STEPS[0], "operation": "查日志\n再查一遍"}, STEPS[1]]
    assert [(one.code, one.place) for one in reading.findings] == [("text_ran_out", "表3 行2 格2")]


def test_a_row_table_continued_in_a_second_table_is_one():
    doc = investigation(*STEPS)
    second = doc.row("investigation.steps[2].at")
    table = etree.Element(w("tbl"))
    above(second, "tbl").addnext(table)
    table.append(second)
    table.addprevious(paragraph())
    reading = reading_of(doc.bytes)
    assert value_of(reading, "investigation.steps") == STEPS
    assert reading.findings == []


def attachment(**columns) -> dict[str, str | None]:
    return {"name": None, "type": None, "type_other": None, "note": None, **columns}


def test_a_dropdown_is_read_as_it_shows():
    doc = report()
    doc.put("report.attachments[1].type", "日志文件")
    doc.unflag("report.attachments[1].type")
    # Word stores the last choice; what shows may have been changed by a program that does not know it.
    doc.facts("report.attachments[1].type").find(w("dropDownList")).set(w("lastValue"), "错误截图")
    record = record_in(doc.bytes, "report")
    assert (record.values, record.raw) == ({"attachments": [attachment(type="日志文件")]}, {})


@pytest.mark.parametrize("shown", ["其他：自定义", "其他:自定义", "其他（自定义）", "其他 自定义"])
def test_other_with_its_text_in_a_dropdown_fills_the_field_that_other_opens(shown):
    doc = report()
    doc.put("report.attachments[1].type", shown)
    record = record_in(doc.bytes, "report")
    assert (record.values, record.raw) == ({"attachments": [attachment(type="其他", type_other="自定义")]}, {})


def test_the_own_box_of_other_wins_over_text_in_the_dropdown():
    doc = report()
    doc.put("report.attachments[1].type", "其他：自定义")
    doc.put("report.attachments[1].type_other", "录音")
    assert record_in(doc.bytes, "report").values == {"attachments": [attachment(type="其他", type_other="录音")]}


def test_a_text_in_a_dropdown_that_is_no_choice_stays_as_it_was_written():
    doc = report()
    doc.put("report.attachments[1].type", "录音笔")
    record = record_in(doc.bytes, "report")
    assert (record.values, record.raw) == ({"attachments": [attachment()]}, {"attachments[1].type": "录音笔"})


@pytest.mark.parametrize(
    ("path", "shown", "label"),
    [
        ("report.severity", "紧急(核心业务中断)", "紧急"),
        ("report.severity", "紧急（核心业务中断）", "紧急"),
        ("report.severity", " 高 ", "高"),
        ("report.severity", "主要功能异常", "高"),
        ("report.type", "功能问题(响应慢等性能问题)", "功能问题"),
        ("report.type", "性能问题", "功能问题"),
        ("report.type", "其他：机房断电", "其他"),
    ],
)
def test_a_choice_is_known_with_and_without_its_gloss(path, shown, label):
    assert parse_value(FIELDS[path], shown) == (label, "")


# What belongs to no field


def test_a_paragraph_between_the_tables_is_kept_and_reported():
    doc = report(title="登录失败")
    doc.body.findall(w("tbl"))[1].addprevious(paragraph("补充：请今天处理"))
    reading = reading_of(doc.bytes)
    assert reading.outside == [("段5", "补充：请今天处理")]
    assert findings(reading) == [("unplaced_text", "", "段5")]
    assert reading.findings[0].parts == {"value": "补充：请今天处理"}


def test_text_typed_into_a_label_cell_is_kept_and_reported():
    doc = report(system="门户")
    label = doc.row("report.title").findall(w("tc"))[0]
    label.append(paragraph("登录失败"))
    reading = reading_of(doc.bytes)
    ((place, text),) = reading.outside
    assert place == "表1 行2 格1"
    assert "登录失败" in text
    assert findings(reading) == [("unplaced_text", "", "表1 行2 格1")]


def test_a_long_text_outside_is_kept_whole_and_told_short():
    doc = report(title="登录失败")
    doc.body.insert(0, paragraph("很长" * 100))
    reading = reading_of(doc.bytes)
    assert reading.outside == [("段1", "很长" * 100)]
    assert reading.findings[0].parts == {"value": "很长" * 29 + "很…"}


@pytest.mark.parametrize(
    "signed",
    [
        "问题发觉人签字：张三\t日期：2026年3月2日",
        "问题发觉人签字：  张三  日期：2026-03-02",
        "问题发觉人签字：____张三____\t日期：____2026__年__3_月__2_日",
        "问题发觉人签字:张三",
    ],
)
def test_a_signature_line_filled_in_is_not_reported(signed):
    doc = report(title="登录失败")
    line = next(one for one in doc.body.findall(w("p")) if "问题发觉人签字" in "".join(one.itertext()))
    line.addprevious(paragraph(signed))
    doc.body.remove(line)
    reading = reading_of(doc.bytes)
    assert [text for _, text in reading.outside] == [signed]
    assert not [one for one in reading.findings if one.code == "unplaced_text"]
    assert reading.findings == []


def test_the_forms_own_text_in_other_spacing_and_width_is_not_reported():
    doc = report(title="登录失败")
    for one in doc.root.iter(w("t")):
        if one.text == "问题标题":
            one.text = "问 题 标 题"
        elif one.text == "问题描述(现象)":
            one.text = "问题描述（现象）"
    assert reading_of(doc.bytes).findings == []


# Pictures


def test_a_picture_pasted_into_an_attachment_cell_is_its_name():
    doc = report(title="登录失败")
    doc.put("report.attachments[1].name", doc.add_image())
    reading = reading_of(doc.bytes)
    assert reading.pictures == [("表4 行2 格1", "report.attachments", "word/media/image9.png")]
    assert value_of(reading, "report.attachments") == [attachment(name="[图片 image9.png]")]
    assert reading.findings == []


def test_a_picture_beside_the_prompt_of_an_attachment_cell_is_its_name():
    doc = report(title="登录失败")
    doc.cell("report.attachments[2].name").append(paragraph(doc.add_image()))
    reading = reading_of(doc.bytes)
    assert reading.pictures == [("表4 行3 格1", "report.attachments", "word/media/image9.png")]
    assert value_of(reading, "report.attachments") == [attachment(name="[图片 image9.png]")]
    assert reading.findings == []


def test_a_name_typed_beside_a_picture_stays_its_name():
    doc = report(attachments=[attachment(name="登录页截图")])
    doc.paragraph("report.attachments[1].name").append(doc.add_image())
    reading = reading_of(doc.bytes)
    assert value_of(reading, "report.attachments") == [attachment(name="登录页截图")]
    assert reading.pictures == [("表4 行2 格1", "report.attachments", "word/media/image9.png")]


def test_a_picture_in_another_field_is_told():
    doc = report(description="见图")
    doc.paragraph("report.description").append(doc.add_image())
    reading = reading_of(doc.bytes)
    assert reading.found["report.description"].answer == "见图"
    assert reading.pictures == [(DESCRIPTION, "report.description", "word/media/image9.png")]
    assert findings(reading) == [("hidden_picture", "report.description", DESCRIPTION)]
    assert reading.findings[0].parts == {"value": "image9.png"}


def test_a_picture_written_for_new_and_old_programs_is_one_picture():
    doc = report(title="登录失败")
    picture = doc.add_image()[0]
    both = etree.fromstring(
        f'<r xmlns:mc="{NS_MC}" xmlns:w14="{NS_W14}"><mc:AlternateContent><mc:Choice Requires="w14"/>'
        "<mc:Fallback/></mc:AlternateContent></r>"
    )[0]
    both[0].append(picture)
    both[1].append(deepcopy(picture))
    doc.put("report.attachments[1].name", wrapped("r", both))
    assert len(reading_of(doc.bytes).pictures) == 1


def test_an_old_vml_picture_is_a_picture():
    doc = report(title="登录失败")
    doc.add_image()
    old = (
        '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata xmlns:r="'
        f'{NS_R}" r:id="rId99"/></v:shape></w:pict></w:r>'
    )
    doc.put("report.attachments[1].name", xml(old))
    assert reading_of(doc.bytes).pictures == [("表4 行2 格1", "report.attachments", "word/media/image9.png")]


def test_a_picture_that_shows_nowhere_in_the_text_is_kept_without_a_place():
    doc = report(title="登录失败")
    doc.put("report.attachments[1].name", doc.add_image())
    for blip in doc.root.iter(f"{{{NS_A}}}blip"):
        blip.set(f"{{{NS_R}}}link", blip.attrib.pop(f"{{{NS_R}}}embed"))
    assert reading_of(doc.bytes).pictures == [("", "", "word/media/image9.png")]


def test_the_bytes_of_a_picture_come_with_the_file(tmp_path):
    doc = report(title="登录失败")
    doc.put("report.attachments[1].name", doc.add_image())
    path = tmp_path / "form.docx"
    path.write_bytes(doc.bytes)
    incoming = read_file(path, SHELF, DEFAULT_LIMITS)
    assert incoming.refused is None
    assert [(one.name, one.data) for one in incoming.pictures] == [("image9.png", PNG)]


# Which form it is


@pytest.mark.parametrize("code", [form.code for form in ALL_FORMS])
def test_a_form_without_its_property_is_known_by_its_tags(code):
    reading = reading_of(with_part(blank(code), CUSTOM_PART, None))
    assert reading.form is not None
    assert reading.form.code == code
    assert reading.properties == {}
    assert reading.findings == []


def test_a_property_that_names_no_form_gives_way_to_the_tags():
    data = with_part(blank("F04"), CUSTOM_PART, custom_part(tpdocs__form="F99"))
    reading = reading_of(data)
    assert reading.form is not None
    assert reading.form.code == "F04"


def test_the_property_wins_over_the_tags():
    reading = reading_of(with_part(blank("F04"), CUSTOM_PART, custom_part(tpdocs__form="F05")))
    assert reading.form is not None
    assert reading.form.code == "F05"


def test_a_document_with_neither_our_title_nor_our_labels_is_no_form():
    document = Document()
    document.add_paragraph("会议纪要")
    document.add_table(1, 2).cell(0, 1).text = "登录失败"
    saved = io.BytesIO()
    document.save(saved)
    reading = reading_of(saved.getvalue())
    assert reading.form is None
    assert (reading.found, reading.outside, reading.findings) == ({}, [], [])


def test_controls_of_others_make_no_form():
    document = Document()
    document.add_paragraph()._p.append(foreign_control(run("x"), tag="report.nothing"))
    saved = io.BytesIO()
    document.save(saved)
    assert reading_of(saved.getvalue()).form is None


# Where and how


def test_every_field_says_where_it_stood_and_how_it_was_found():
    reading = reading_of(filled("F01", full_record("report")))
    assert {path: (one.place, one.how) for path, one in reading.found.items()} == {
        "report.number": ("表1 行1 格2", "control"),
        "report.reported_at": ("表1 行1 格4", "control"),
        "report.title": (TITLE, "control"),
        "report.type": (TYPE, "control"),
        "report.type_other": (TYPE, "control"),
        "report.severity": (SEVERITY, "control"),
        "report.frequency": ("表1 行5 格2", "control"),
        "report.frequency_other": ("表1 行5 格2", "control"),
        "report.occurred_at": (OCCURRED, "control"),
        "report.system": ("表1 行6 格4", "control"),
        "report.description": (DESCRIPTION, "control"),
        "report.impact": ("表2 行2 格2", "control"),
        "report.reproducible": (REPRODUCIBLE, "control"),
        "report.reproduction": (REPRODUCTION, "control"),
        "report.workaround": ("表2 行5 格2", "control"),
        "report.channel": ("表3 行1 格2", "control"),
        "report.channel_other": ("表3 行1 格2", "control"),
        "report.discovered_by": ("表3 行2 格2", "control"),
        "report.reported_by": ("表3 行2 格4", "control"),
        "report.department": ("表3 行3 格2", "control"),
        "report.contact": ("表3 行3 格4", "control"),
        "report.attachments": ("表4 行2", "control"),
    }


@pytest.mark.parametrize("code", [form.code for form in ALL_FORMS])
def test_every_field_that_a_form_shows_is_found_on_it(code):
    form = next(one for one in ALL_FORMS if one.code == code)
    reading = reading_of(blank(code))
    assert set(reading.found) == set(form.shows)
    assert all(one.place and one.how == "control" for one in reading.found.values())


def test_a_filled_form_read_twice_gives_the_same():
    data = filled("F01", full_record("report"))
    assert reading_of(data) == reading_of(data)


def test_properties_come_back_as_they_were_written():
    reading = reading_of(filled("F02", properties={"number": "TP001", "round": "2", "revision": "7"}))
    told = {name: reading.properties[name] for name in ("form", "version", "number", "round", "revision")}
    assert told == {"form": "F02", "version": "1", "number": "TP001", "round": "2", "revision": "7"}
    assert Package(filled("F02")).properties.keys() == {"form", "version", "template"}
