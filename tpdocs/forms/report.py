"""F01 问题上报记录."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from tpdocs.forms.choices import ANYTHING_ELSE, PROBLEM_TYPES, SEVERITIES
from tpdocs.forms.fields import About, Form, Row, Text, When, long, moment, one, other, rows, text, yes_no
from tpdocs.forms.moment import Moment


class Attachment(Row):
    """A file or picture that came with the report."""

    name: Annotated[Text, text("名称", hint="文件名或贴图", help="附件的文件名，也可以直接贴图。")] = None
    type: Annotated[Text, one("类型", "错误截图", "日志文件", "异常录屏", ANYTHING_ELSE)] = None
    type_other: Annotated[Text, other("类型")] = None
    note: Annotated[Text, text("说明", help="附件里能看到什么。")] = None


class Report(Form):
    """F01: what the person who met the problem knows about it."""

    about = About("F01", "report", "问题上报记录", 1, ("问题发觉人", "上报人"), "reported_at")

    number: Annotated[
        Text,
        text("问题编号", computed=True, hint="登记后自动编号", help="登记时由系统给出，如 TP001；新上报的问题留空。"),
    ] = None
    title: Annotated[
        Text,
        text(
            "问题标题",
            required=True,
            hint="一句话说清问题，如：某系统登录页验证码不显示",
            help="一行之内说清问题的核心。",
        ),
    ] = None
    type: Annotated[
        Text, one("问题类型", *PROBLEM_TYPES, required=True, help="响应慢、卡顿等性能问题选“功能问题”。")
    ] = None
    type_other: Annotated[Text, other("问题类型")] = None
    severity: Annotated[
        Text,
        one(
            "严重程度",
            *SEVERITIES,
            required=True,
            also=("紧急程度",),
            help="按对业务的影响选择，受理时可以调整优先级。",
        ),
    ] = None
    description: Annotated[
        Text,
        long(
            "问题描述(现象)",
            required=True,
            also=("问题描述", "问题现象描述"),
            hint="看到了什么、报错原文、何时开始",
            help="看到的现象和报错原文，不写推测。",
        ),
    ] = None
    impact: Annotated[
        Text, long("影响范围", required=True, hint="哪些用户、业务、地点受影响", help="受影响的用户、业务和地点。")
    ] = None
    frequency: Annotated[
        Text,
        one("发生频率", "必现", "频繁", "偶发", "仅一次", ANYTHING_ELSE, required=True, help="问题出现得有多频繁。"),
    ] = None
    frequency_other: Annotated[Text, other("发生频率")] = None
    occurred_at: Annotated[
        Moment | None,
        moment("问题发生时间", required=True, also=("发生时间",), help="第一次出现的时间，不知道钟点可以只写日期。"),
    ] = None
    system: Annotated[
        Text,
        text("涉及系统/模块", required=True, also=("涉及系统",), hint="系统名称/模块名称", help="出问题的系统和模块。"),
    ] = None
    reproducible: Annotated[bool | None, yes_no("是否可复现", required=True, help="按同样的步骤能否再次看到问题。")] = (
        None
    )
    reproduction: Annotated[
        Text,
        long(
            "复现步骤",
            required=When("report.reproducible"),
            hint="可复现时，一步一行写明操作",
            help="可复现时，一步一行写明怎样操作能看到问题。",
        ),
    ] = None
    workaround: Annotated[
        Text,
        long(
            "当前临时处理措施",
            also=("临时处理措施",),
            none_stands=True,
            hint="已采取的临时办法，没有写“无”",
            help="已经采取的临时办法。",
        ),
    ] = None
    channel: Annotated[
        Text,
        one("上报渠道", "企业内部工单系统", "项目管理工具", "专项沟通群", ANYTHING_ELSE, help="问题从哪个渠道提交。"),
    ] = None
    channel_other: Annotated[Text, other("上报渠道")] = None
    discovered_by: Annotated[
        Text,
        text(
            "问题发觉人", required=True, also=("发现人", "问题发现人", "发觉人"), hint="姓名", help="最先遇到问题的人。"
        ),
    ] = None
    reported_by: Annotated[Text, text("上报人", required=True, hint="姓名", help="提交这份记录的人。")] = None
    contact: Annotated[
        Text,
        text("联系方式", required=True, source="D", hint="电话或邮箱", help="受理人需要补充信息时怎样找到上报人。"),
    ] = None
    department: Annotated[Text, text("所属部门", source="D", hint="上报人的部门", help="上报人的部门。")] = None
    reported_at: Annotated[
        Moment | None,
        moment("上报时间", required=True, source="D", help="提交的时间，一个工作日的受理时限由此起算。"),
    ] = None
    attachments: Annotated[
        tuple[Attachment, ...],
        rows("附件", help="错误截图、日志、录屏等；文件随表一起提交，图片也可以直接贴在表里。"),
    ] = ()


_FILE_NAME = re.compile(r"[^/\\:\n\t]+\.[A-Za-z0-9]{1,8}")


def named_files(attachments: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """The files that the attachments of a report name, without folders; a description without a suffix names none."""
    names = (str(row.get("name") or "").replace("\\", "/").rpartition("/")[2].strip() for row in attachments or ())
    return [name for name in names if _FILE_NAME.fullmatch(name)]
