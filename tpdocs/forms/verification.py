"""F06 问题验证报告."""

from typing import Annotated

from tpdocs.forms.choices import BACK_TO_INVESTIGATION, BACK_TO_SOLUTION, FAILED, PASSED
from tpdocs.forms.fields import About, Form, Row, Text, When, date, long, moment, one, rows, text, yes_no
from tpdocs.forms.moment import Moment


class Check(Row):
    """One thing verified."""

    item: Annotated[Text, long("验证项", hint="验证什么")] = None
    expected: Annotated[Text, long("预期结果", hint="应当怎样")] = None
    actual: Annotated[Text, long("实际结果", hint="实际怎样")] = None
    passed: Annotated[bool | None, yes_no("是否通过")] = None


class Residual(Row):
    """Something left over, with a plan: an action that can be overdue."""

    problem: Annotated[Text, long("遗留问题", required=True, hint="还有什么没解决")] = None
    plan: Annotated[Text, long("后续处理计划", required=True, hint="打算怎么处理")] = None
    owner: Annotated[Text, text("责任人", required=True, hint="姓名")] = None
    due: Annotated[Moment | None, date("计划完成日期", required=True)] = None
    done_at: Annotated[Moment | None, date("实际完成日期", source="D")] = None


class Verification(Form):
    """F06: whether the problem is gone."""

    about = About("F06", "verification", "问题验证报告", 5, ("处理组", "验证人"), "verified_at", by_round=True)

    filled_by: Annotated[Text, text("填写人(处理组)", required=True, hint="姓名", help="处理组中写这份报告的人。")] = (
        None
    )
    verifier: Annotated[Text, text("验证人", required=True, hint="姓名", help="做验证的人。")] = None
    role: Annotated[
        Text, one("验证人身份", "问题上报人", "指定测试人员", required=True, help="由上报人或指定的测试人员验证。")
    ] = None
    checks: Annotated[
        tuple[Check, ...], rows("验证项", required=True, spare=4, also=("验证项目",), help="验证了什么，结果怎样。")
    ] = ()
    resolved: Annotated[bool | None, yes_no("是否彻底解决", required=True, help="问题是否完全消失。")] = None
    new_issues: Annotated[bool | None, yes_no("是否引入新问题", required=True, help="改动有没有带来新问题。")] = None
    new_issues_note: Annotated[
        Text,
        long(
            "新问题说明",
            required=When("verification.new_issues"),
            hint="引入新问题时填写",
            help="带来了什么新问题。",
        ),
    ] = None
    residual: Annotated[bool | None, yes_no("是否有遗留问题", required=True, help="还有没有留待以后处理的事。")] = None
    residuals: Annotated[
        tuple[Residual, ...],
        rows(
            "遗留问题及后续计划",
            required=When("verification.residual"),
            help="每项写明计划、责任人和日期；超过日期未完成即为超期。",
        ),
    ] = ()
    conclusion: Annotated[
        Text, one("验证结论", PASSED, FAILED, required=True, help="通过后才能关闭；不通过则退回，进入下一轮。")
    ] = None
    return_to: Annotated[
        Text,
        one(
            "退回阶段",
            BACK_TO_INVESTIGATION,
            BACK_TO_SOLUTION,
            required=When("verification.conclusion", (FAILED,)),
            source="D",
            help="不通过时退回到哪个阶段。",
        ),
    ] = None
    verified_at: Annotated[Moment | None, moment("验证时间", required=True, source="D", help="验证结束的时间。")] = None
