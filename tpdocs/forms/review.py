"""F10 问题处理复盘报告."""

from typing import Annotated

from tpdocs.forms.fields import About, Form, Row, Text, date, long, one, rows, text
from tpdocs.forms.moment import Moment


class Suggestion(Row):
    """One improvement: an action that can be overdue."""

    suggestion: Annotated[Text, long("建议", required=True, hint="改进什么")] = None
    kind: Annotated[Text, one("类型", "流程优化", "技术改进")] = None
    owner: Annotated[Text, text("责任人", required=True, hint="姓名")] = None
    due: Annotated[Moment | None, date("计划完成日期", required=True)] = None
    done_at: Annotated[Moment | None, date("实际完成日期", source="D")] = None


class Review(Form):
    """F10: the review of a month or quarter, over all problems."""

    about = About("F10", "review", "问题处理复盘报告", 6, ("复盘组织人",), "held_at")

    period: Annotated[
        Text,
        text("复盘周期", hint="如 2026-11 或 2026-Q4", help="一个月（2026-11）或一个季度（2026-Q4）。"),
    ] = None
    organizer: Annotated[Text, text("复盘组织人", required=True, hint="姓名", help="组织复盘的人。")] = None
    participants: Annotated[Text, text("参与人", source="D", hint="姓名，多人用顿号分开", help="参加复盘的人。")] = None
    held_at: Annotated[Moment | None, date("复盘时间", required=True, source="D", help="复盘在哪一天进行。")] = None
    figures: Annotated[
        Text,
        long(
            "统计",
            hint="数量、高频类型、平均解决时长、重复问题、超期、满意度",
            help="按类型、分类、优先级和阶段的数量，高频类型，平均解决时长，重复问题，超期和满意度。",
        ),
    ] = None
    conclusions: Annotated[Text, long("复盘结论", required=True, hint="看到了什么规律", help="复盘得出的结论。")] = None
    suggestions: Annotated[
        tuple[Suggestion, ...],
        rows("改进建议", required=True, help="流程或技术上的改进，各有责任人和日期；超过日期未完成即为超期。"),
    ] = ()
