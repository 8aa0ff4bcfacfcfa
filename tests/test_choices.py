"""Which choice of a field is ticked in a text, wherever people put the tick; and what they wrote beside the boxes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import reading_of
from tests.test_reader import report
from tpdocs.forms.standard import FIELDS
from tpdocs.word.choices import cell_answers, chosen
from tpdocs.word.package import Package
from tpdocs.word.signs import options_in
from tpdocs.word.xml import w

YES_NO, FREQUENCY, SEVERITY = FIELDS["report.reproducible"], FIELDS["report.frequency"], FIELDS["report.severity"]
BOX = "report.reproducible:是"
METHODS = FIELDS["investigation.methods"]


@pytest.mark.parametrize(
    ("field", "text", "ticked"),
    [
        (YES_NO, "是√ 否", ["是"]),
        (YES_NO, "√是 否", ["是"]),
        (YES_NO, "是 否√", ["否"]),
        (YES_NO, "是 ✔ / 否", ["是"]),
        (YES_NO, "是/否√", ["否"]),
        (YES_NO, "是√ 否×", ["是"]),
        (YES_NO, "×是 √否", ["否"]),
        (YES_NO, "□是√ □否", ["是"]),
        (YES_NO, "是√  □否", ["是"]),
        (YES_NO, "□是 □否(√)", ["否"]),
        (YES_NO, "□是（√） □否", ["是"]),
        (YES_NO, "是（√） 否（ ）", ["是"]),
        (YES_NO, "V是 □否", ["是"]),
        (YES_NO, "☑是 ☑否", ["是", "否"]),
        (YES_NO, "□是\n■否", ["否"]),
        (FREQUENCY, "必现 频繁√ 偶发 仅一次", ["频繁"]),
        (FREQUENCY, "必现、频繁√、偶发", ["频繁"]),
        (FREQUENCY, "必现 √频繁 偶发", ["频繁"]),
        (FREQUENCY, "□必现 √ 频繁 □偶发", ["频繁"]),
        (FREQUENCY, "必现□ 频繁☑ 偶发□", ["频繁"]),
        (FREQUENCY, "□必现 √□频繁 □偶发", ["频繁"]),
        (SEVERITY, "□紧急(核心业务中断) □高（主要功能异常）√ □中(次要功能受影响)", ["高"]),
        (METHODS, "√日志分析 √代码审查 环境测试", ["日志分析", "代码审查"]),
        (METHODS, "日志分析√ 代码审查√ 环境测试", ["日志分析", "代码审查"]),
    ],
)
def test_a_tick_belongs_to_the_choice_it_touches(field, text, ticked):
    told = chosen(field, text)
    assert (told.ticked, told.unsure, told.remarks, told.strange) == (ticked, False, [], [])


@pytest.mark.parametrize("text", ["是√否", "是 √ 否", "□是 □否 √", "□是 √ □否", "是√□否"])
def test_a_tick_that_may_belong_to_either_is_told_and_not_guessed(text):
    assert chosen(YES_NO, text).unsure
    assert cell_answers(YES_NO, text)["reproducible"] == text


@pytest.mark.parametrize(
    ("text", "ticked", "remarks"),
    [
        ("☑是 □否（不是每次都能重现）", ["是"], ["（不是每次都能重现）"]),
        ("☑是 □否\n说明：领导说周五前要解决", ["是"], ["说明：领导说周五前要解决"]),
        ("见附页 ☑是 □否", ["是"], ["见附页"]),
        ("□是 ■否 不确定", ["否"], ["不确定"]),
    ],
)
def test_what_is_written_beside_the_boxes_is_a_remark(text, ticked, remarks):
    told = chosen(YES_NO, text)
    assert (told.ticked, told.remarks) == (ticked, remarks)


def test_what_stands_behind_other_is_its_text_and_not_a_remark():
    told = chosen(FREQUENCY, "□必现 ☑其他：每逢月末")
    assert (told.ticked, told.other, told.remarks) == (["其他"], "每逢月末", [])
    told = chosen(FREQUENCY, "其他√：每逢月末")
    assert (told.ticked, told.other) == (["其他"], "每逢月末")
    told = chosen(FREQUENCY, "☑必现 □其他：____\n周五起更多")
    assert (told.ticked, told.other, told.remarks) == (["必现"], "", ["周五起更多"])


@given(st.text(alphabet="是否□☑√✓×V其他：必现 频繁\n(（)）/、x_", max_size=30))
def test_any_text_gives_choices_of_the_field_and_loses_no_word(text):
    told = chosen(FREQUENCY, text)
    assert set(told.ticked) <= {one.label for one in FREQUENCY.options}
    assert len(set(told.ticked)) == len(told.ticked)


def test_without_a_box_only_the_word_that_is_touched_is_ticked():
    assert [(one.text, one.ticked) for one in options_in("通过√ 不通过")] == [("通过", True), ("不通过", False)]
    assert [(one.text, one.ticked) for one in options_in("□是√ □否")] == [("是", True), ("否", False)]
    assert options_in("是√否") == options_in("是 √ 否") == []


def test_a_tick_typed_beside_empty_boxes_of_ours_is_read():
    doc = report(title="登录失败")
    option = next(one for one in doc.body.iter() if one.text and one.text.startswith("是") and BOX in tags_of(one))
    option.text = option.text.replace("是", "是√", 1)
    reading = reading_of(doc.bytes)
    assert reading.found["report.reproducible"].answer == ("是",)
    assert not reading.outside


def tags_of(element) -> list[str]:
    """The tags of the controls in the paragraph of an element."""
    paragraph = next(one for one in element.iterancestors() if one.tag == w("p"))
    return [one.get(w("val"), "") for one in paragraph.iter(w("tag"))]


def test_a_package_knows_where_its_links_lead():
    assert Package(report(title="登录失败").bytes).links == frozenset()
