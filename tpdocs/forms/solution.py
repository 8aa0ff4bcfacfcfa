"""F04 技术解决方案文档."""

from typing import Annotated

from tpdocs.forms.choices import ANYTHING_ELSE, FAILED, PASSED, PASSED_WITH_CONDITIONS
from tpdocs.forms.fields import About, Form, Row, Text, When, long, many, moment, one, other, rows, text, yes_no
from tpdocs.forms.moment import Moment


class SolutionStep(Row):
    """One step of the plan."""

    step: Annotated[Text, long("步骤", hint="做什么")] = None
    owner: Annotated[Text, text("责任人", hint="姓名")] = None
    planned_start: Annotated[Moment | None, moment("计划开始")] = None
    planned_finish: Annotated[Moment | None, moment("计划完成")] = None


class Solution(Form):
    """F04: the solution and its technical review."""

    about = About("F04", "solution", "技术解决方案文档", 4, ("方案制定人", "技术评审人"), "reviewed_at", by_round=True)

    author: Annotated[Text, text("方案制定人", required=True, hint="姓名", help="制定方案的人。")] = None
    kinds: Annotated[
        tuple[str, ...],
        many(
            "方案类型",
            "代码修复",
            "配置调整",
            "硬件更换",
            "流程优化",
            ANYTHING_ELSE,
            required=True,
            help="方案包含哪些类型的改动，可以多选。",
        ),
    ] = ()
    kinds_other: Annotated[Text, other("方案类型")] = None
    content: Annotated[
        Text, long("解决方案内容", required=True, hint="改什么、怎么改", help="长期解决办法的内容。")
    ] = None
    steps: Annotated[
        tuple[SolutionStep, ...], rows("实施步骤", required=True, spare=4, help="分几步、谁负责、什么时候做。")
    ] = ()
    feasibility: Annotated[
        Text, long("可行性说明", required=True, hint="资源、技术、时间上是否可行", help="为什么可行。")
    ] = None
    risk: Annotated[
        Text,
        long(
            "风险与控制措施",
            required=True,
            none_stands=True,
            hint="可能的风险和控制办法，没有写“无”",
            help="可能的风险和控制办法。",
        ),
    ] = None
    rollback: Annotated[
        Text,
        long("回退方案", source="D", none_stands=True, hint="失败时怎样恢复，没有写“无”", help="实施失败时怎样恢复。"),
    ] = None
    major_change: Annotated[bool | None, yes_no("是否涉及重大变更", required=True, help="重大变更要跨部门评审。")] = (
        None
    )
    reviewers: Annotated[
        Text, text("技术评审人", required=True, hint="姓名，多人用顿号分开", help="参加评审的人。")
    ] = None
    review_departments: Annotated[
        Text,
        text(
            "参与评审部门",
            required=When("solution.major_change", finding="major_change_without_departments"),
            hint="重大变更时填写",
            help="重大变更时参加评审的部门。",
        ),
    ] = None
    reviewed_at: Annotated[Moment | None, moment("评审时间", required=True, help="评审结束的时间。")] = None
    review_conclusion: Annotated[
        Text, one("评审结论", PASSED, PASSED_WITH_CONDITIONS, FAILED, required=True, help="通过后才能实施。")
    ] = None
    review_opinion: Annotated[
        Text,
        long(
            "评审意见",
            required=When("solution.review_conclusion", (PASSED,), unless=True),
            source="D",
            hint="不是“通过”时，写明条件或原因",
            help="有条件通过的条件，或不通过的原因。",
        ),
    ] = None
    planned_at: Annotated[
        Moment | None, moment("计划完成时间", required=True, help="实施计划在什么时间完成，超过即为超期。")
    ] = None
