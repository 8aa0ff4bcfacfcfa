"""F02 问题受理及初步分析表."""

from typing import Annotated

from tpdocs.forms.choices import ACCEPTED_TYPES, ANYTHING_ELSE, LEVELS
from tpdocs.forms.fields import About, Differs, Form, Text, When, long, many, moment, one, other, text, yes_no
from tpdocs.forms.moment import Moment


class Triage(Form):
    """F02: acceptance and first analysis."""

    about = About("F02", "triage", "问题受理及初步分析表", 2, ("技术支持受理人", "初步分析负责人"), "analysed_at")

    accepted_by: Annotated[Text, text("受理人", required=True, hint="姓名", help="技术支持团队中受理问题的人。")] = None
    accepted_at: Annotated[Moment | None, moment("受理时间", required=True, help="上报后一个工作日之内。")] = None
    complete: Annotated[bool | None, yes_no("信息是否完整", required=True, help="上报的信息够不够开始分析。")] = None
    missing: Annotated[
        Text,
        long(
            "需补充的信息",
            required=When("triage.complete", (False,)),
            hint="不完整时，写明还缺什么",
            help="信息不完整时，写明请上报人补充什么。",
        ),
    ] = None
    supplemented_at: Annotated[Moment | None, moment("补充完成时间", source="D", help="上报人补齐信息的时间。")] = None
    type: Annotated[
        Text, one("受理确认类型", *ACCEPTED_TYPES, required=True, help="受理人确认的类型，可与上报时不同。")
    ] = None
    type_other: Annotated[Text, other("受理确认类型")] = None
    group: Annotated[
        Text, one("处理组", "运维组", "开发组", "产品组", ANYTHING_ELSE, required=True, help="分配给哪个组处理。")
    ] = None
    group_other: Annotated[Text, other("处理组")] = None
    analyst: Annotated[Text, text("初步分析负责人", required=True, hint="姓名", help="负责初步分析的人。")] = None
    category: Annotated[
        Text,
        one(
            "问题分类",
            "硬件故障",
            "软件Bug",
            "配置错误",
            "操作问题",
            ANYTHING_ELSE,
            required=True,
            help="初步判断问题出在哪一类。",
        ),
    ] = None
    category_other: Annotated[Text, other("问题分类")] = None
    priority: Annotated[
        Text, one("优先级", *LEVELS, required=True, help="由上报时的严重程度出发调整，后续各阶段的时限由它决定。")
    ] = None
    priority_reason: Annotated[
        Text,
        long(
            "优先级调整说明",
            required=Differs("triage.priority", "report.severity"),
            source="D",
            hint="与上报的严重程度不同时，写明原因",
            help="优先级与上报时的严重程度不同时，写明原因。",
        ),
    ] = None
    emergency: Annotated[bool | None, yes_no("是否启动应急响应", required=True, help="优先级为“紧急”时应当启动。")] = (
        None
    )
    direction: Annotated[
        tuple[str, ...],
        many(
            "处理方向",
            "进一步排查日志",
            "复现环境搭建",
            "需求澄清",
            ANYTHING_ELSE,
            required=True,
            help="下一步往哪个方向处理，可以多选。",
        ),
    ] = ()
    direction_other: Annotated[Text, other("处理方向")] = None
    analysis: Annotated[Text, long("初步分析说明", required=True, hint="初步判断及依据", help="初步的判断和依据。")] = (
        None
    )
    analysed_at: Annotated[
        Moment | None, moment("初步分析完成时间", required=True, source="D", help="初步分析结束、转入排查的时间。")
    ] = None
    related: Annotated[
        Text,
        text(
            "关联问题编号", source="D", hint="如 TP001，没有留空", help="经确认与本问题重复或相关的问题，用顿号分开。"
        ),
    ] = None
