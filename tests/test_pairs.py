"""Any form at all: which label has which value, on the layouts of real forms rebuilt with invented content by python-docx."""

import io
import json

import docx
import pytest

from tests.docx_tools import Doc, paragraph, text_box
from tests.test_cli import run
from tpdocs.word.labels import NONE, STRONG, WEAK, Lexicon
from tpdocs.word.outlines import Outline
from tpdocs.word.package import Package
from tpdocs.word.pairs import outline
from tpdocs.word.signs import options_in
from tpdocs.word.walk import walk

Table = list[list[str]]


def made(*blocks: str | Table) -> bytes:
    """Paragraphs and tables; ``<`` merges a cell into the one on its left, ``^`` into the one above."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            document.add_paragraph(block)
            continue
        table = document.add_table(len(block), len(block[0]))
        for down, texts in enumerate(block):
            for across, text in enumerate(texts):
                if text in ("<", "^"):
                    other = (down, across - 1) if text == "<" else (down - 1, across)
                    table.cell(*other).merge(table.cell(down, across))
                else:
                    table.cell(down, across).text = text
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def outlined(*blocks: str | Table) -> Outline:
    return outline(walk(Package(made(*blocks)).main), Lexicon())


def pairs(*blocks: str | Table) -> dict[str, str]:
    told = outlined(*blocks)
    return {one.name: one.value for one in told.pairs if not one.options}


def ticks(*blocks: str | Table) -> dict[str, list[str]]:
    return {
        one.name: [option.text for option in one.options if option.ticked]
        for one in outlined(*blocks).pairs
        if one.options
    }


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([[["姓名", "张三", "性别", "男"], ["部门", "技术部", "职务", "经理"]]], {"姓名": "张三", "性别": "男", "部门": "技术部", "职务": "经理"}),
        ([[["问 题 编 号", "WT-003", "级    别", "一般"]]], {"问题编号": "WT-003", "级别": "一般"}),
        ([[["问\n题\n性\n质", "设备故障"]]], {"问题性质": "设备故障"}),
        ([[["软件标识/版本", "ABC/V1.0", "审批人/日期", "李四/2024.3.5"]]], {"软件标识/版本": "ABC/V1.0", "审批人/日期": "李四/2024.3.5"}),
        ([[["备注", "无", "", ""]]], {"备注": "无"}),
        ([[["附件", "/"]]], {"附件": "/"}),
        ([[["问题描述", "<"], ["点击保存后无响应，重启无效。", "<"]]], {"问题描述": "点击保存后无响应，重启无效。"}),
        ([[["问题描述：\n点击保存后无响应。\n重启无效。"]]], {"问题描述": "点击保存后无响应。\n重启无效。"}),
        ([[["【依据】规程第3条\n【操作】重启服务\n再次登录"]]], {"依据": "规程第3条", "操作": "重启服务\n再次登录"}),
        ([[["提出", "提出人", "张三"], ["^", "日期", "2025-03-10"], ["处理", "处理人", "李四"], ["^", "日期", "2025-03-12"]]],
         {"提出/提出人": "张三", "提出/日期": "2025-03-10", "处理/处理人": "李四", "处理/日期": "2025-03-12"}),
        (["编号：TP-001    日期：2025年3月10日"], {"编号": "TP-001", "日期": "2025年3月10日"}),
        (["单位：北京某某公司  联系人：王五 电话：010-1234567 时间：12:30"], {"单位": "北京某某公司", "联系人": "王五", "电话": "010-1234567", "时间": "12:30"}),
        (["姓    名：张三     日  期：2025-3-1"], {"姓名": "张三", "日期": "2025-3-1"}),
        (["联系人：___王五___ 网址：http://example.com/a:b"], {"联系人": "王五", "网址": "http://example.com/a:b"}),
        ([[["政治面貌", "党员", "岗位", "文员"], ["民族", "汉族", "学历", "本科"]]], {"政治面貌": "党员", "岗位": "文员", "民族": "汉族", "学历": "本科"}),
        ([[["原因分析", "接触不良"], ["处理措施", "更换光模块"], ["用途", "科研"]]], {"原因分析": "接触不良", "处理措施": "更换光模块", "用途": "科研"}),
        ([[["处理意见", "同意修改\n签字：李刚   日期：2025年3月1日"]]],
         {"处理意见": "同意修改", "处理意见/签字": "李刚", "处理意见/日期": "2025年3月1日"}),
        ([[["测试方", "单位", "某所", "测试人员", "陶喆"]]], {"测试方/单位": "某所", "测试方/测试人员": "陶喆"}),
        ([[["项目", "内容"], ["项目名称", "订单系统"], ["项目经理", "李四"], ["开始时间", "2025/5/11"]]],
         {"项目名称": "订单系统", "项目经理": "李四", "开始时间": "2025/5/11"}),
    ],
)  # fmt: skip
def test_values_stand_beside_below_or_behind_their_labels(blocks, expected):
    assert pairs(*blocks) == expected


@pytest.mark.parametrize(
    "blocks",
    [
        [[["姓名", "", "性别", ""], ["部门", "", "职务", ""], ["主要经历", "<", "<", "<"]]],
        [[["序号", "测试项", "预期结果", "实际结果"], ["1", "", "", ""], ["2", "", "", ""]]],
        [[["甲方", "乙方"], ["", ""]]],
        [[["提出", "提出人", ""], ["^", "日期", "   年   月   日"]]],
        ["联系人：手机：电子邮箱：", "单位:   从业类别:", "日期：____年__月__日"],
        ["说明：本表一式两份，由各单位留存。", "注：带*的必须填写。", "填表说明：用黑色钢笔填写。"],
        [[["审查意见：\n\n签字：        年  月  日"]]],
        ["关于开展安全检查的通知", "各部门：", "请于3月1日前上报，具体如下："],
        [[["处理意见", "\n\n签字：   日期：    年   月   日"], ["经办部门意见：\n\n签字：      年  月  日", "<"]]],
        [[["工期", "自    年  月  日至    年  月  日，共   天"], ["金额", "人民币          （￥      ）"], ["页数", "共   页"], ["联系方式", "（手机）"]]],
        ["编制：      校对：     会计：     出纳："],
        [[["序号", "检验项目", "标准要求", "实测值", "结论"], ["1", "外观", "无划痕", "", ""], ["2", "尺寸", "±0.1", "", ""]]],
        [[["问题受理及处理情况登记表", "<"], ["受理人", ""], ["签字", "年  月  日"]]],
    ],
)  # fmt: skip
def test_a_blank_form_says_nothing(blocks):
    told = outlined(*blocks)
    assert [(one.name, one.value) for one in told.pairs] == []
    assert [row for table in told.tables for row in table.rows] == []


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([[["问题类型", "☑系统故障 □功能缺陷"]]], {"问题类型": ["系统故障"]}),
        ([[["问题类型：□系统故障 ■功能缺陷"]]], {"问题类型": ["功能缺陷"]}),
        ([[["课题类别", "科研课题 ☐ 社会调查 ☑ 其它 ☐"]]], {"课题类别": ["社会调查"]}),
        ([[["是否合格", "[x] 是  [ ] 否"]]], {"是否合格": ["是"]}),
        ([[["是否合格", "是（√）  否（ ）"]]], {"是否合格": ["是"]}),
        ([[["处理方式", "□√维修  □更换"]]], {"处理方式": ["维修"]}),
        ([[["检查项", "通过", "未通过", "不适用"], ["文档齐全", "√", "", ""], ["代码评审", "", "√", ""]]], {"文档齐全": ["通过"], "代码评审": ["未通过"]}),
        ([[["征询意见", "■同意", "□不同意", "□弃权"]]], {"征询意见": ["同意"]}),
        ([[["服务方式", "☑上门 □远程"]]], {"服务方式": ["上门"]}),
        ([[["问题性质（请在□内打√）", "☑程序 □文档"]]], {"问题性质（请在□内打√）": ["程序"]}),
        ([[["序号", "检查内容", "通过", "不通过"], ["1", "文档齐全", "√", ""], ["2", "代码评审", "", "√"]]], {"文档齐全": ["通过"], "代码评审": ["不通过"]}),
        (["审查结果（填√）：  ☑通过   □不通过"], {"审查结果（填√）": ["通过"]}),
    ],
)  # fmt: skip
def test_boxes_are_read_with_the_option_they_belong_to(blocks, expected):
    assert ticks(*blocks) == expected


def test_rows_under_a_header_are_rows():
    (table,) = outlined(
        "测试记录",
        [["序号", "测试项", "预期结果", "实际结果"], ["1", "登录", "成功", "成功"], ["2", "退出", "成功", ""]],
    ).tables
    assert (table.columns, table.rows) == (
        ["序号", "测试项", "预期结果", "实际结果"], [["1", "登录", "成功", "成功"], ["2", "退出", "成功", ""]],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("☑ 是 ☐ 否", [("是", True), ("否", False)]),
        ("是 ☑ 否 ☐", [("是", True), ("否", False)]),
        ("□有，持有    证 ☑无", [("有，持有    证", False), ("无", True)]),
        ("\uf0fe甲 \uf0a8乙", [("甲", True), ("乙", False)]),
        ("调用 main() 和 f(x)", []),
        ("●一 ○二", []),
    ],
)
def test_marks_before_or_after_their_options(text, options):
    assert [(one.text, one.ticked) for one in options_in(text)] == options


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        ("姓名", STRONG), ("联系 电话", STRONG), ("是否通过", STRONG), ("Name:", STRONG), ("张三", NONE), ("技术部", NONE), ("2025年3月", NONE),
        ("某某股份有限公司", NONE), ("男", NONE), ("订单无法提交，请处理。", NONE), ("注", NONE), ("", NONE), ("甲方", WEAK),
    ],
)  # fmt: skip
def test_what_looks_like_a_label(text, strength):
    assert Lexicon().strength(text) == strength


def test_inspect_reads_a_form_that_is_none_of_ours(tmp_path):
    path = tmp_path / "other.docx"
    path.write_bytes(
        made("设备维修单", [["设备名称", "打印机", "数量", "2"], ["处理方式", "☑维修 □更换", "", ""]], "备注：已通知")
    )
    told = json.loads(run("inspect", path, "--format", "json").stdout)
    assert list(told) == ["file", "form", "version", "pairs", "choices", "rows", "controls", "outside", "findings"]
    assert (told["form"], told["version"], told["rows"], told["controls"], told["findings"]) == (None, None, [], [], [])
    assert [(one["label"], one["value"]) for one in told["pairs"]] == [
        ("设备名称", "打印机"),
        ("数量", "2"),
        ("备注", "已通知"),
    ]
    assert told["choices"] == [
        {"label": "处理方式", "options": ["维修", "更换"], "checked": ["维修"], "place": "表1 行2 格2", "how": "beside"}
    ]
    assert told["outside"] == [{"place": "段1", "text": "设备维修单"}]


def test_inspect_goes_on_after_a_file_that_is_none(tmp_path):
    (tmp_path / "a.docx").write_bytes(b"PK no zip")
    (tmp_path / "b.docx").write_bytes(made("设备名称：打印机"))
    done = run("inspect", tmp_path / "a.docx", tmp_path / "b.docx", "--format", "json")
    first, second = json.loads(done.stdout)
    assert (done.exit_code, [one["code"] for one in first["findings"]], first["pairs"]) == (1, ["cut_short"], [])
    assert [(one["label"], one["value"]) for one in second["pairs"]] == [("设备名称", "打印机")]


def test_text_boxes_are_read_too():
    doc = Doc(made("维修单"))
    doc.body.insert(0, paragraph(text_box("编号：W-01")))
    told = outline(walk(Package(doc.bytes).main), Lexicon())
    assert [(one.name, one.value) for one in told.pairs] == [("编号", "W-01")]


def test_a_sheet_that_shares_a_few_labels_with_ours_is_none_of_ours(tmp_path):
    path = tmp_path / "other.docx"
    path.write_bytes(made("缺陷单", [["缺陷编号", "B-7", "严重程度", "高"], ["预期结果", "成功", "实际结果", "失败"]]))
    told = json.loads(run("inspect", path, "--format", "json").stdout)
    assert told["form"] is None
    assert {one["label"]: one["value"] for one in told["pairs"]} == {
        "缺陷编号": "B-7", "严重程度": "高", "预期结果": "成功", "实际结果": "失败",
    }  # fmt: skip


def test_two_labels_over_words_and_figures_are_a_header_and_no_pair():
    told = outlined([["品名", "数量"], ["螺丝", "10"], ["螺母", "20"]])
    assert not told.pairs
    assert [(one.columns, one.rows) for one in told.tables] == [(["品名", "数量"], [["螺丝", "10"], ["螺母", "20"]])]
