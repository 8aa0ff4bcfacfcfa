"""F07 问题关闭通知."""

from typing import Annotated

from tpdocs.forms.fields import About, Form, Text, long, moment, text
from tpdocs.forms.moment import Moment


class Closure(Form):
    """F07: the problem is closed, and whoever took part is told."""

    about = About("F07", "closure", "问题关闭通知", 5, ("技术支持受理人",), "closed_at", by_round=True)

    status: Annotated[Text, text("问题状态", computed=True, hint="由系统填写", help="关闭后为“已关闭”。")] = None
    closed_by: Annotated[Text, text("关闭人(受理人)", required=True, hint="姓名", help="关闭问题的受理人。")] = None
    closed_at: Annotated[Moment | None, moment("关闭时间", required=True, help="关闭的时间。")] = None
    recipients: Annotated[
        Text, long("通知对象", required=True, hint="上报人和协作部门", help="上报人和参与过的部门。")
    ] = None
    summary: Annotated[
        Text, long("处理概要", required=True, hint="原因、方案、验证结果", help="原因、方案和验证结果。")
    ] = None
    residual_risk: Annotated[
        Text,
        long(
            "遗留风险",
            required=True,
            none_stands=True,
            hint="没有写“无”",
            help="没有写“无”，有则写明计划、责任人和日期。",
        ),
    ] = None
    remarks: Annotated[Text, long("备注", source="D", hint="其他要说明的事", help="其他要说明的事。")] = None
