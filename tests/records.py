"""Records for the tests: any that the declarations allow, with text that tends to break things."""

from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from tpdocs.forms.fields import OTHER, Field, Kind
from tpdocs.forms.standard import FORMS
from tpdocs.forms.values import Record, parse_record, parse_value

AWKWARD = [
    "R&D <team>", "\"引号\" 'single'", "{{ report.title }}", "{% if x %}", "{_{ a }_}", "{# no #}", "]]>", "&lt;b&gt;", "=1+1",
    "第一行\n第二行", "行一\n\n\n行四", "制表\t符", "\ttab first", "😀🧑‍💻", "ＡＢＣ１２３，。：", "a  b   c", "_x000D_", "☑ □ √", "《标题》（附）",
    "<w:t>", "\\n", "%s {0}", "\u200b零宽", "e\u0301", "𠮷野家", "[1].x:是", "〔一半", "半〕", "无", "-", "https://example.com/?a=1&b=2",
    "\u3000\u3000首行缩进", "长" * 400,
]  # fmt: skip
_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
_TEXT = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(_SIGNS | st.sampled_from("\n\t<>&'\"{}%"), min_size=1, max_size=60),
    st.lists(st.sampled_from(AWKWARD), min_size=2, max_size=3).map("\n".join),
)
_DAY = st.dates(date(1990, 1, 1), date(2100, 12, 31)).map(lambda day: day.isoformat())
_TIME = st.datetimes(datetime(1990, 1, 1), datetime(2100, 12, 31))


def answers(one: Field) -> st.SearchStrategy:
    """Any value a field can hold."""
    labels = [choice.label for choice in one.choices]
    match one.kind:
        case Kind.TEXT | Kind.LONG:
            # What is on record has been through the parser once; a prompt counts as nothing.
            parsed = _TEXT.map(lambda text: parse_value(one, text)[0])
            return parsed.filter(lambda text: text is not None and "〔" not in text[:1] + text[-1:])
        case Kind.TIME:
            return st.one_of(
                _DAY,
                _TIME.map(lambda at: at.isoformat(timespec="minutes")),
                _TIME.map(lambda at: at.isoformat(timespec="seconds")),
            )
        case Kind.DATE:
            return _DAY
        case Kind.ONE:
            return st.sampled_from(labels)
        case Kind.MANY:
            return st.sets(st.sampled_from(labels), min_size=1).map(
                lambda chosen: [label for label in labels if label in chosen]
            )
        case Kind.YES_NO:
            return st.booleans()
        case _:
            row = st.fixed_dictionaries({column.name: st.none() | answers(column) for column in one.columns})
            return st.lists(
                row.filter(lambda cells: any(value is not None for value in cells.values())), min_size=1, max_size=7
            )


@st.composite
def records(draw, form: str) -> Record:
    """Any record of a form, with raw texts where values were wrong."""
    record = Record(form)
    for one in FORMS[form].fields:
        if one.computed:
            continue
        sort = draw(st.integers(0, 9))
        if sort == 0 and one.kind in (Kind.TIME, Kind.DATE):
            record.raw[one.name] = draw(st.sampled_from(["下周三左右", "2026-13-45", "待定", "20260230", "3月中旬"]))
        elif sort == 0 and one.kind is Kind.ONE:
            record.raw[one.name] = "、".join(choice.label for choice in one.choices[:2])
        elif sort > 1:
            record.values[one.name] = draw(answers(one))
    return record


def full_record(form: str, text: str = "文字 & <字>\n第二行") -> Record:
    """A record of a form with every field filled in."""

    def value(one: Field):
        match one.kind:
            case Kind.TEXT | Kind.LONG:
                return f"{one.label}：{text}"
            case Kind.TIME:
                return "2026-03-02T09:15"
            case Kind.DATE:
                return "2026-03-02"
            case Kind.ONE:
                return OTHER if one.opens_other else one.choices[0].label
            case Kind.MANY:
                return [choice.label for choice in one.choices]
            case Kind.YES_NO:
                return True
            case _:
                return [{column.name: value(column) for column in one.columns} for _ in range(one.spare + 2)]

    return Record(form, {one.name: value(one) for one in FORMS[form].fields if not one.computed})


__all__ = ["AWKWARD", "answers", "full_record", "parse_record", "records"]


# One whole problem in which there is nothing to flag: tests change one thing in it.
GOOD: dict[str, dict[str, Any]] = {
    "report": {
        "title": "订单系统提交失败", "type": "系统故障", "severity": "高", "description": "提交订单时报 500", "impact": "全部门店",
        "frequency": "必现", "occurred_at": "2026-03-02T08:30", "system": "订单系统/下单", "reproducible": True,
        "reproduction": "打开下单页\n点提交", "channel": "专项沟通群", "discovered_by": "李四", "reported_by": "张三",
        "contact": "13800000000", "department": "门店部", "reported_at": "2026-03-02T09:00",
    },
    "triage": {
        "accepted_by": "王五", "accepted_at": "2026-03-02T09:30", "complete": True, "type": "系统故障", "group": "运维组",
        "analyst": "赵六", "category": "配置错误", "priority": "高", "emergency": False, "direction": ["进一步排查日志"],
        "analysis": "连接池耗尽", "analysed_at": "2026-03-02T11:00",
    },
    "investigation": {
        "lead": "孙七", "investigators": "周八", "methods": ["日志分析"],
        "steps": [{"at": "2026-03-02T14:00", "operation": "看日志", "result": "连接超时", "new_problem": "无", "by": "周八"}],
        "collaboration": False, "root_cause": "连接池上限过小", "impact": "全部门店", "interim": False,
        "located_at": "2026-03-03T10:00",
    },
    "solution": {
        "author": "吴九", "kinds": ["配置调整"], "content": "上限调到 200",
        "steps": [{"step": "改配置", "owner": "郑十", "planned_start": "2026-03-04", "planned_finish": "2026-03-04"}],
        "feasibility": "可行", "risk": "无", "major_change": False, "reviewers": "王五", "reviewed_at": "2026-03-03T15:00",
        "review_conclusion": "通过", "planned_at": "2026-03-05T18:00",
    },
    "implementation": {
        "owner": "郑十", "started_at": "2026-03-04T09:00",
        "nodes": [{"at": "2026-03-04T10:00", "node": "配置更新", "node_other": None, "content": "改上限", "by": "郑十"}],
        "comparison": [{"metric": "错误率", "before": "12%", "after": "0", "note": None}],
        "result": "成功", "finished_at": "2026-03-04T17:00",
    },
    "verification": {
        "filled_by": "孙七", "verifier": "张三", "role": "问题上报人",
        "checks": [{"item": "下单", "expected": "成功", "actual": "成功", "passed": True}],
        "resolved": True, "new_issues": False, "residual": False, "conclusion": "通过", "verified_at": "2026-03-05T10:00",
    },
    "closure": {
        "closed_by": "王五", "closed_at": "2026-03-05T16:00", "recipients": "张三", "summary": "已解决", "residual_risk": "无",
    },
    "feedback": {
        "informed_by": "王五", "informed_at": "2026-03-06T09:00", "summary": "上限调到 200", "duration": "3天7小时", "prevention": "加监控",
        "satisfaction": "满意", "user": "张三",
    },
    "archive": {
        "archivist": "钱一", "archived_at": "2026-03-06T15:00", "keywords": "连接池", "symptom": "报 500", "cause": "上限过小",
        "solution": "调大", "prevention": "加监控", "lessons": "容量要预估",
    },
}  # fmt: skip
RESIDUAL: dict[str, Any] = {
    "problem": "监控未覆盖",
    "plan": "补监控",
    "owner": "孙七",
    "due": "2026-03-20",
    "done_at": None,
}
FAILED_TO_SOLUTION: dict[str, Any] = {"conclusion": "不通过", "return_to": "方案制定"}
FAILED_TO_INVESTIGATION: dict[str, Any] = {"conclusion": "不通过", "return_to": "问题排查"}


def good(form: str, **changes: Any) -> dict[str, Any]:
    """The values of a form out of `GOOD`; None takes a value out."""
    return {name: value for name, value in {**GOOD[form], **changes}.items() if value is not None}
