"""F03 问题排查报告."""

from typing import Annotated

from tpdocs.forms.choices import ANYTHING_ELSE
from tpdocs.forms.fields import About, Form, Row, Text, When, long, many, moment, other, rows, text, yes_no
from tpdocs.forms.moment import Moment


class InvestigationStep(Row):
    """One step of the investigation."""

    at: Annotated[Moment | None, moment("时间")] = None
    operation: Annotated[Text, long("操作", hint="做了什么", help="做了什么。")] = None
    result: Annotated[Text, long("中间结果", hint="看到什么", help="得到什么结果。")] = None
    new_problem: Annotated[
        Text, long("新发现的问题", also=("新发觉的问题",), hint="没有写“无”", help="过程中新遇到的问题。")
    ] = None
    by: Annotated[Text, text("执行人", hint="姓名")] = None


class Investigation(Form):
    """F03: the investigation and the root cause."""

    about = About(
        "F03",
        "investigation",
        "问题排查报告",
        3,
        ("处理组负责人", "排查执行人", "跨部门协作接口人"),
        "located_at",
        by_round=True,
    )

    lead: Annotated[Text, text("处理组负责人", required=True, hint="姓名", help="组织排查的人。")] = None
    investigators: Annotated[
        Text, text("排查执行人", required=True, hint="姓名，多人用顿号分开", help="参与排查的人。")
    ] = None
    methods: Annotated[
        tuple[str, ...],
        many(
            "排查方式",
            "日志分析",
            "代码审查",
            "环境测试",
            "用户访谈",
            ANYTHING_ELSE,
            required=True,
            help="用了哪些方式，可以多选。",
        ),
    ] = ()
    methods_other: Annotated[Text, other("排查方式")] = None
    steps: Annotated[
        tuple[InvestigationStep, ...],
        rows("排查过程", required=True, spare=4, help="每一步操作、中间结果和新发现的问题，一步一行。"),
    ] = ()
    collaboration: Annotated[
        bool | None, yes_no("是否需要跨部门协作", required=True, help="是否需要其他部门或第三方配合。")
    ] = None
    departments: Annotated[
        Text,
        text(
            "协作部门",
            required=When("investigation.collaboration"),
            hint="需要协作时填写",
            help="配合的部门；关闭时也要通知他们。",
        ),
    ] = None
    liaison: Annotated[
        Text,
        text(
            "跨部门协作接口人",
            required=When("investigation.collaboration"),
            hint="需要协作时填写",
            help="跨部门协作由谁对接。",
        ),
    ] = None
    collaboration_request: Annotated[
        Text,
        long(
            "协同申请",
            required=When("investigation.collaboration"),
            none_stands=True,
            hint="需要协作时，写明要什么支持",
            help="需要什么支持，如硬件、第三方技术对接。",
        ),
    ] = None
    root_cause: Annotated[Text, long("根本原因", required=True, hint="问题的根源及证据", help="问题的根源和证据。")] = (
        None
    )
    impact: Annotated[
        Text, long("确认影响范围", required=True, hint="排查后确认的影响范围", help="排查后确认的影响范围。")
    ] = None
    interim: Annotated[
        bool | None, yes_no("是否需要临时解决方案", required=True, help="长期方案实施前要不要临时办法。")
    ] = None
    interim_solution: Annotated[
        Text,
        long(
            "临时处理方案",
            required=When("investigation.interim"),
            none_stands=True,
            hint="需要时填写，如数据回滚、功能降级",
            help="临时办法，如数据回滚、功能降级。",
        ),
    ] = None
    located_at: Annotated[
        Moment | None, moment("定位完成时间", required=True, source="D", help="根本原因确认的时间。")
    ] = None
