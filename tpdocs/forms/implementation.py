"""F05 实施方案执行记录."""

from typing import Annotated

from tpdocs.forms.choices import ANYTHING_ELSE, SUCCEEDED
from tpdocs.forms.fields import About, Form, Row, Text, When, long, moment, one, other, rows, text
from tpdocs.forms.moment import Moment


class Node(Row):
    """One key moment of the implementation."""

    at: Annotated[Moment | None, moment("时间")] = None
    node: Annotated[Text, one("节点", "代码提交", "配置更新", "测试验证", ANYTHING_ELSE)] = None
    node_other: Annotated[Text, other("节点")] = None
    content: Annotated[Text, long("内容", hint="做了什么")] = None
    by: Annotated[Text, text("执行人", hint="姓名")] = None


class Comparison(Row):
    """One figure before and after."""

    metric: Annotated[Text, text("指标", hint="如平均响应时间")] = None
    before: Annotated[Text, text("实施前", hint="数值")] = None
    after: Annotated[Text, text("实施后", hint="数值")] = None
    note: Annotated[Text, text("说明")] = None


class Implementation(Form):
    """F05: what was done, when, and what it changed."""

    about = About("F05", "implementation", "实施方案执行记录", 4, ("实施责任人",), "finished_at", by_round=True)

    owner: Annotated[Text, text("实施责任人", required=True, hint="姓名", help="对实施负责的人。")] = None
    started_at: Annotated[Moment | None, moment("实施开始时间", required=True, source="D", help="开始实施的时间。")] = (
        None
    )
    nodes: Annotated[
        tuple[Node, ...], rows("关键节点记录", required=True, spare=4, help="代码提交、配置更新、测试验证等节点。")
    ] = ()
    comparison: Annotated[
        tuple[Comparison, ...], rows("实施前后对比", required=True, help="实施前后的指标或测试结果。")
    ] = ()
    result: Annotated[
        Text, one("实施结果", SUCCEEDED, "部分成功", "失败已回退", required=True, source="D", help="实施的结果。")
    ] = None
    deviation: Annotated[
        Text,
        long(
            "偏差说明",
            required=When("implementation.result", (SUCCEEDED,), unless=True),
            source="D",
            none_stands=True,
            hint="不是“成功”时，写明偏差",
            help="与计划不同的地方和原因。",
        ),
    ] = None
    finished_at: Annotated[Moment | None, moment("实施完成时间", required=True, help="实施结束的时间。")] = None
