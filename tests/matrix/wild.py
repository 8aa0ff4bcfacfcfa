"""What the census of real forms found, rebuilt with invented content: labels, layouts, boxes, dates, tracked changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.docx_tools import parts_of, zipped
from tests.matrix.drawn import Block, drawn, with_header

TITLE = "问题上报记录"


@dataclass(frozen=True)
class Construct:
    """One shape of a filled form: what it is, how it looks, what it says (by field path), and what has to be told of it."""

    key: str
    what: str
    blocks: tuple[Block, ...]
    values: dict[str, Any]
    told: frozenset[str] = frozenset()
    change: Callable[[bytes], bytes] = field(default=lambda data: data)

    def document(self, *, filled: bool = True) -> bytes:
        """The document, filled in or blank."""
        return self.change(drawn(*self.blocks, filled=filled))


def _report(key: str, what: str, *blocks: Block, told: str = "", **values: Any) -> Construct:
    paths = {f"report.{name}": value for name, value in values.items()}
    return Construct(key, what, (TITLE, *blocks), paths, frozenset(told.split()))


def _form(key: str, what: str, *blocks: Block, told: str = "", **values: Any) -> Construct:
    """Of any form: ``investigation__lead`` is the path ``investigation.lead``."""
    paths = {name.replace("__", "."): value for name, value in values.items()}
    return Construct(key, what, blocks, paths, frozenset(told.split()))


LABELS = (
    _report("label-beside", "label without colon, value in the next cell", ["上报人 | ⟪赵一⟫"], reported_by="赵一"),
    _report("label-colon", "`标签：值` inside one cell", ["上报人：⟪赵一⟫"], reported_by="赵一"),
    _report(
        "labels-spaces", "several pairs in a cell, spaces between", ["上报人：⟪赵一⟫   所属部门:⟪运维部⟫   联系方式：⟪8001⟫"],
        reported_by="赵一", department="运维部", contact="8001",
    ),
    _report(
        "labels-joined", "several pairs in a cell, nothing between", ["上报人：⟪赵一⟫联系方式：⟪8001⟫所属部门：⟪运维部⟫"],
        reported_by="赵一", department="运维部", contact="8001",
    ),
    _report("label-line", "`标签：值` as a paragraph", "上报人：⟪赵一⟫", "涉及系统：⟪订单系统⟫", reported_by="赵一", system="订单系统"),
    _report(
        "labels-line", "several pairs in a line", "上报人：⟪赵一⟫    所属部门：⟪运维部⟫    联系方式：⟪8001⟫",
        reported_by="赵一", department="运维部", contact="8001",
    ),
    _report(
        "label-underlined", "the value an underlined run", "上报人：{u:  ⟪赵一¦      ⟫  }  所属部门：{u:  ⟪运维部¦      ⟫  }",
        reported_by="赵一", department="运维部",
    ),
    _report("label-tabs", "tabs between label and value", "上报人：\t⟪赵一⟫\t所属部门：\t⟪运维部⟫", reported_by="赵一", department="运维部"),
    _report("label-spaced", "spaced out: `上  报  人`", ["上  报  人 | ⟪赵一⟫", "所 属\u3000部 门 | ⟪运维部⟫"], reported_by="赵一", department="运维部"),
    _report("colon-spaced", "a space before the colon", "上报人 ：⟪赵一⟫", ["所属部门  : | ⟪运维部⟫"], reported_by="赵一", department="运维部"),
    _report("label-upright", "one character a paragraph", ["问\n题\n描\n述 | ⟪页面打不开⟫"], description="页面打不开"),
    _report("label-runs", "split over runs", ["{b:上}报{u:人} | ⟪赵⟫{b:⟪一⟫}⟪二⟫"], reported_by="赵一二"),
    _report("label-broken", "broken by a line end", ["问题{br}描述 | ⟪页面打不开⟫"], description="页面打不开"),
    _report("label-hint", "with a hint in brackets", ["问题描述（现象，可附页） | ⟪页面打不开⟫", "上报人（签字）： | ⟪赵一⟫"], description="页面打不开", reported_by="赵一"),
    _report("label-slash", "a slash that separates nothing", ["涉及系统/模块 | ⟪订单/支付⟫"], system="订单/支付"),
    _report("label-numbered", "numbered: `1、` `（2）` `③`", ["1、上报人 | ⟪赵一⟫", "（2）所属部门 | ⟪运维部⟫", "③联系方式 | ⟪8001⟫"], reported_by="赵一", department="运维部", contact="8001"),
    _report("label-wide", "full width, with a star", ["问题描述（现象）＊： | ⟪页面打不开⟫"], description="页面打不开"),
    _report("label-other-name", "another name of the same field", ["发现人 | ⟪钱二⟫ | 发生时间 | ⟪2026-03-02 09:15⟫"], discovered_by="钱二", occurred_at="2026-03-02T09:15"),
    _report("label-linked", "label and value in links, fields, controls of others", ["{link:上报人} | {link:⟪赵一⟫}", "{google:所属部门} | {google:⟪运维部⟫}", "联系方式 | {field:⟪8001⟫}"], reported_by="赵一", department="运维部", contact="8001"),
)  # fmt: skip

LAYOUTS = (
    _report("pairs-two", "two pairs a row", ["上报人 | ⟪赵一⟫ | 所属部门 | ⟪运维部⟫", "联系方式 | ⟪8001⟫ | 发现人 | ⟪钱二⟫"], reported_by="赵一", department="运维部", contact="8001", discovered_by="钱二"),
    _report("pairs-three", "three pairs a row", ["上报人 | ⟪赵一⟫ | 所属部门 | ⟪运维部⟫ | 联系方式 | ⟪8001⟫"], reported_by="赵一", department="运维部", contact="8001"),
    _report("span", "merged cells in a row", ["2>问题标题 | 4>⟪页面打不开⟫", "上报人 | 2>⟪赵一⟫ | 2>所属部门 | ⟪运维部⟫"], title="页面打不开", reported_by="赵一", department="运维部"),
    _report(
        "group", "a group label merged over several pairs",
        ["v:提出 | 上报人 | ⟪赵一⟫", "^ | 上报时间 | ⟪2026-03-02 10:00⟫", "v:发现 | 发现人 | ⟪钱二⟫", "^ | 发生时间 | ⟪2026-03-01⟫"],
        reported_by="赵一", reported_at="2026-03-02T10:00", discovered_by="钱二", occurred_at="2026-03-01",
    ),
    _report("label-label", "a label followed by a label is no pair", ["上报人 | 所属部门 | 联系方式", "问题标题 | 2>⟪页面打不开⟫"], title="页面打不开"),
    _report("below-cell", "the value below the label in the same cell", ["2>问题描述：\n⟪页面打不开\n刷新无效⟫", "上报人 | ⟪赵一⟫"], description="页面打不开\n刷新无效", reported_by="赵一"),
    _report("below-row", "the value in the row below, full width", ["2>问题描述", "2>⟪点击保存后无响应，重启无效。⟫", "上报人 | ⟪赵一⟫"], description="点击保存后无响应，重启无效。", reported_by="赵一"),
    _report("sub-fields", "`【】` sub-fields in one cell", ["【问题描述】\n⟪页面打不开\n刷新无效⟫\n【影响范围】\n⟪全部用户⟫"], description="页面打不开\n刷新无效", impact="全部用户"),
    _report("value-then-empty", "empty cells after the value", ["上报人 | ⟪赵一⟫ |  | ", "所属部门 | ⟪运维部⟫ |  | "], reported_by="赵一", department="运维部"),
    _report("empty-rows", "wholly empty rows", ["上报人 | ⟪赵一⟫", " | ", " | ", "所属部门 | ⟪运维部⟫"], reported_by="赵一", department="运维部"),
    _report("header-rows", "rows under a header", ["名称 | 类型 | 说明", "⟪a.log⟫ | ⟪日志文件⟫ | ⟪崩溃时⟫", "⟪b.png⟫ | ⟪错误截图⟫ | "], attachments=[("a.log", "日志文件", "崩溃时"), ("b.png", "错误截图", None)]),
    _report("header-inside", "header and rows inside the form's own table", ["上报人 | 2>⟪赵一⟫", "名称 | 类型 | 说明", "⟪a.log⟫ | ⟪日志文件⟫ | ⟪崩溃时⟫", " |  | ", "所属部门 | 2>⟪运维部⟫"], reported_by="赵一", department="运维部", attachments=[("a.log", "日志文件", "崩溃时")]),
    _report("in-control", "whole tables inside one block-level control", (["上报人 | ⟪赵一⟫", "所属部门 | ⟪运维部⟫"],), reported_by="赵一", department="运维部"),
    _report("nested", "a table inside a cell", ["上报信息 | @@上报人&⟪赵一⟫//所属部门&⟪运维部⟫"], reported_by="赵一", department="运维部"),
    Construct("page-header", "a page header that names another form", (TITLE, ["上报人 | ⟪赵一⟫"]), {"report.reported_by": "赵一"}, frozenset({"unplaced_text"}), lambda data: with_header(data, "F03 问题排查报告　上报人：王五")),
    _report("signature", "signature and date at the end of a value cell", ["问题描述 | ⟪页面打不开⟫\n    签字：        年   月   日", "上报人 | ⟪赵一⟫"], description="页面打不开", reported_by="赵一"),
    _report("skeleton", "only the skeleton of a date is empty", ["上报人 | ⟪赵一⟫ | 上报时间 |     年   月   日"], reported_by="赵一"),
    _report("floating", "pairs in a text box", "⟪ ⟫{floating:上报人：⟪赵一⟫//所属部门：⟪运维部⟫}", reported_by="赵一", department="运维部"),
    _report("floating-value", "the value in a text box over its cell", ["上报人 | {floating:⟪赵一⟫}", "所属部门 | ⟪运维部⟫"], reported_by="赵一", department="运维部"),
    _report("outside", "text and rows outside every field", ["上报人 | ⟪赵一⟫", "天气 | ⟪晴⟫"], "⟪另：请尽快处理。⟫", reported_by="赵一", told="unplaced_text"),
    _form("title-only", "a form known by its title only", "F03 问题排查报告", ["处理组负责人 | ⟪李四⟫"], investigation__lead="李四"),
)  # fmt: skip

_SEVERITY = "紧急 □高 □中 □低"
BOXES = (
    _report("box-square", "`□`/`■`", [f"严重程度 | ⟪■¦□⟫{_SEVERITY}"], severity="紧急"),
    _report("box-ballot", "`☐`/`☑`", ["严重程度 | ☐紧急 ⟪☑¦☐⟫高 ☐中 ☐低"], severity="高"),
    _report("box-cross", "`☐`/`☒`", ["严重程度 | ☐紧急 ⟪☒¦☐⟫高 ☐中 ☐低"], severity="高"),
    _report("box-check", "`√` in place of the box", ["严重程度 | □紧急 ⟪√¦□⟫高 □中 □低"], severity="高"),
    _report("box-beside", "`√` typed beside the box", ["严重程度 | □紧急 □⟪√⟫高 □中 □低"], severity="高"),
    _report("box-wingdings", "Wingdings 2 symbols", ["严重程度 | {symbol:Wingdings 2=F0A3}紧急 {symbol:Wingdings 2=⟪F052¦F0A3⟫}高 {symbol:Wingdings 2=F0A3}中 {symbol:Wingdings 2=F0A3}低"], severity="高"),
    _report("box-wingdings-1", "Wingdings symbols", ["严重程度 | {symbol:Wingdings=F0A8}紧急 {symbol:Wingdings=⟪F0FE¦F0A8⟫}高 {symbol:Wingdings=F0A8}中 {symbol:Wingdings=F0A8}低"], severity="高"),
    _report("box-private", "private-use characters whose font was lost", ["严重程度 | \uf0a3紧急 ⟪\uf052¦\uf0a3⟫高 \uf0a3中 \uf0a3低"], severity="高"),
    _report("box-after", "the mark after its option", ["严重程度 | 紧急□ 高⟪☑¦□⟫ 中□ 低□"], severity="高"),
    _report("box-after-line", "marks after, several lines", ["上报渠道 | 企业内部工单系统 ☐ 项目管理工具 ⟪☑¦☐⟫\n专项沟通群 ☐ 其他 ☐"], channel="项目管理工具"),
    _report("box-cells", "one option a cell", ["严重程度 | □紧急 | ⟪☑¦□⟫高 | □中 | □低"], severity="高"),
    _report("box-own-cells", "box and option in cells of their own", ["严重程度 | □ | 紧急 | ⟪☑¦□⟫ | 高 | □ | 中"], severity="高"),
    _report("box-rows", "options under one another beside a merged label", ["v:严重程度 | □紧急", "^ | ⟪☑¦□⟫高", "^ | □中", "^ | □低", "上报人 | ⟪赵一⟫"], severity="高", reported_by="赵一"),
    _report("box-lines", "one option a line", ["严重程度 | □紧急\n⟪☑¦□⟫高\n□中\n□低"], severity="高"),
    _report("box-matrix", "a tick alone in a matrix cell", ["评价项 | 紧急 | 高 | 中 | 低", "严重程度 |  | ⟪√⟫ |  | "], severity="高"),
    _report("box-close", "options with nothing between", ["严重程度 | □紧急⟪☑¦□⟫高□中□低"], severity="高"),
    _report("box-tabs", "tabs and `；` between options", ["严重程度 | □紧急\t⟪☑¦□⟫高；□中；□低"], severity="高"),
    _report("box-inline", "label and options in one cell", ["2>严重程度：□紧急 ⟪☑¦□⟫高 □中 □低"], severity="高"),
    _report("box-line", "label and options in a paragraph", "严重程度：□紧急 ⟪☑¦□⟫高 □中 □低", severity="高"),
    _report("box-two-questions", "two questions with boxes in one cell", ["2>是否可复现：⟪☑¦□⟫是 □否  严重程度：□紧急 ⟪☑¦□⟫高 □中 □低"], reproducible=True, severity="高"),
    _report("box-brackets", "`[x]` and `[ ]`", ["严重程度 | [ ]紧急 [⟪x¦ ⟫]高 [ ]中 [ ]低"], severity="高"),
    _report("box-round", "`（√）` and `（ ）`", ["严重程度 | （ ）紧急 （⟪√¦ ⟫）高 （ ）中 （ ）低"], severity="高"),
    _report("box-other", "`其他` with its text", ["上报渠道 | □企业内部工单系统 □项目管理工具 □专项沟通群 ⟪☑¦□⟫其他：⟪电话¦____⟫"], channel="其他", channel_other="电话"),
    _report("box-other-line", "`其他` with its text underlined", ["上报渠道 | □专项沟通群 ⟪☑¦□⟫其他{u:  ⟪电话¦    ⟫  }"], channel="其他", channel_other="电话"),
    _report("box-w14", "check box controls of others", ["严重程度 | {box:0}紧急 {box:⟪1¦0⟫}高 {box:0}中 {box:0}低"], severity="高"),
    _report("box-legacy", "boxes of Word 97", ["严重程度 | {ticks:off}紧急 {ticks:⟪on¦off⟫}高 {ticks:off}中 {ticks:off}低"], severity="高"),
    _report("box-legacy-default", "boxes of Word 97, as made", ["严重程度 | {ticks:none}紧急 {ticks:⟪default¦none⟫}高 {ticks:none}中"], severity="高"),
    _report("box-two", "two ticks where one is allowed", ["严重程度 | □紧急 ⟪☑¦□⟫高 ⟪☑¦□⟫中 □低"], severity="高、中"),
    _report("box-yes-no", "yes and no", ["是否可复现 | □是 ⟪☑¦□⟫否"], reproducible=False),
    _form("box-many", "several where several are allowed", "F03 问题排查报告", ["排查方式 | ⟪☑¦□⟫日志分析 □代码审查 ⟪☑¦□⟫用户访谈"], investigation__methods=["日志分析", "用户访谈"]),
    _form("box-in-rows", "yes and no in the rows of a table", "F06 问题验证报告", ["验证项 | 预期结果 | 实际结果 | 是否通过", "⟪登录⟫ | ⟪成功⟫ | ⟪失败⟫ | □是 ⟪☑¦□⟫否"], verification__checks=[("登录", "成功", "失败", False)]),
)  # fmt: skip

FIELDS_OF_OLD_FORMS = (
    _report("legacy-text", "text fields of Word 97", ["上报人 | {legacy_text:⟪赵一⟫}", "所属部门：{legacy_text:⟪运维部⟫}"], reported_by="赵一", department="运维部"),
    _report("legacy-list", "a list of Word 97", ["严重程度 | {legacy_list:紧急,高,中,低,⟪1¦9⟫}"], severity="高"),
    _report("list", "a drop-down of others", ["严重程度 | {list:紧急,高,中,低,⟪高¦⟫}"], severity="高"),
    _report("prompt", "prompts of others are empty", ["上报人 | {prompt:单击此处输入文字。}", "所属部门 | {control:⟪运维部⟫}"], department="运维部"),
    _report("na", "`/`, `无`, `暂无`, `待定` stay as written", ["上报人 | ⟪待定⟫ | 联系方式 | ⟪/⟫"], reported_by="待定", contact="/"),
)  # fmt: skip


def _date(key: str, written: str, value: str) -> Construct:
    return _report(
        f"date-{key}",
        f"`{written}`",
        [f"发生时间 | ⟪{written}¦  年  月  日⟫", "上报人 | ⟪赵一⟫"],
        occurred_at=value,
        reported_by="赵一",
    )


DATES = (
    _date("cn", "2025年3月10日", "2025-03-10"),
    _date("cn-padded", "2025年03月10日 08:30", "2025-03-10T08:30"),
    _date("cn-spaced", "2016年04月19 日", "2016-04-19"),
    _date("cn-wide", "2016\u3000年\u30004\u3000月\u300019\u3000日", "2016-04-19"),
    _date("cn-clock", "2025年3月10日下午3点20分", "2025-03-10T15:20"),
    _date("iso", "2025-05-08", "2025-05-08"),
    _date("iso-short", "2025-5-1 9:05", "2025-05-01T09:05"),
    _date("slash", "2025/5/11", "2025-05-11"),
    _date("dots", "2016.03.08", "2016-03-08"),
    _date("dots-short", "2025.4.30", "2025-04-30"),
    _date("digits", "20250518", "2025-05-18"),
    _date("numerals", "二零二五年五月六日", "2025-05-06"),
    _date("numerals-mixed", "二0二五年十二月二十六日", "2025-12-26"),
    _report(
        "date-no-year",
        "`4月14日`, the year from another date",
        ["发生时间 | ⟪4月14日¦⟫ | 上报时间 | ⟪2026-04-15 10:00⟫"],
        occurred_at="2026-04-14",
        reported_at="2026-04-15T10:00",
        told="year_assumed",
    ),
    _report(
        "date-range",
        "a range is no time",
        ["发生时间 | ⟪2026.3.1-3.5⟫", "上报人 | ⟪赵一⟫"],
        occurred_at="2026.3.1-3.5",
        reported_by="赵一",
    ),
    _report(
        "date-masked",
        "`2026.XX.XX`",
        ["发生时间 | ⟪2026.XX.XX⟫", "上报人 | ⟪赵一⟫"],
        occurred_at="2026.XX.XX",
        reported_by="赵一",
    ),
)

CHANGES = (
    _report("inserted", "insertions are read", ["上报人 | ⟪赵⟫{inserted:⟪一⟫}", "所属部门 | ⟪运维部⟫"], reported_by="赵一", department="运维部", told="tracked_changes"),
    _report("deleted", "deletions are not", ["上报人 | {deleted:⟪王五⟫}⟪赵一⟫", "所属部门 | ⟪运维部⟫"], reported_by="赵一", department="运维部", told="tracked_changes"),
    _report("moved", "moved text counts once", ["上报人 | {moved_away:⟪赵一⟫}", "发现人 | {moved_here:⟪赵一⟫}"], discovered_by="赵一", told="tracked_changes"),
    _report("hidden", "text that nobody sees", ["上报人 | ⟪赵一⟫{hidden:⟪（张三）⟫}", "所属部门 | ⟪运维部⟫"], reported_by="赵一", department="运维部", told="unplaced_text"),
    _report("ruby", "phonetic guides", ["上报人 | ⟪赵⟫{ruby:⟪一⟫}"], reported_by="赵一"),
)  # fmt: skip


def _strict(data: bytes) -> bytes:
    """The package in the strict namespaces of ISO 29500."""
    parts = {}
    for name, part in parts_of(data).items():
        strict = part.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        )
        strict = strict.replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        parts[name] = part if name == "[Content_Types].xml" else strict
    return zipped(parts)  # fmt: skip


def _renamed(data: bytes) -> bytes:
    """The main part by another name."""
    parts = parts_of(data)
    told = {
        name.replace("word/document.xml", "word/document2.xml").replace("document.xml.rels", "document2.xml.rels"): part
        for name, part in parts.items()
    }
    for name in ("[Content_Types].xml", "_rels/.rels"):
        told[name] = told[name].replace(b"word/document.xml", b"word/document2.xml")
    return zipped(told)


_PLAIN = (TITLE, ["上报人 | ⟪赵一⟫"])
PACKAGES = (
    Construct("strict", "strict OOXML", _PLAIN, {"report.reported_by": "赵一"}, change=_strict),
    Construct("main-part", "a main part by another name", _PLAIN, {"report.reported_by": "赵一"}, change=_renamed),
)

SECTIONS = {
    "Labels": LABELS,
    "Layout": LAYOUTS,
    "Boxes": BOXES,
    "Fields of old forms and of others": FIELDS_OF_OLD_FORMS,
    "Dates": DATES,
    "Tracked changes and hidden text": CHANGES,
    "Packages": PACKAGES,
}
