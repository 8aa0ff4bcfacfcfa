"""F08 用户反馈记录."""

from typing import Annotated

from tpdocs.forms.choices import TO_IMPROVE
from tpdocs.forms.fields import About, Form, Text, When, long, moment, one, text
from tpdocs.forms.moment import Moment


class Feedback(Form):
    """F08: the reporter hears the result and says how content they are."""

    about = About("F08", "feedback", "用户反馈记录", 6, ("技术支持受理人", "上报人"), "informed_at", by_round=True)

    informed_by: Annotated[
        Text, text("反馈人(受理人)", required=True, hint="姓名", help="把结果告诉上报人的受理人。")
    ] = None
    informed_at: Annotated[Moment | None, moment("反馈时间", required=True, help="告诉上报人的时间。")] = None
    summary: Annotated[
        Text, long("处理结果(解决方案)", required=True, hint="问题怎样解决的", help="问题怎样解决的。")
    ] = None
    duration: Annotated[
        Text, text("处理时长", required=True, hint="由系统计算", help="从上报到关闭用了多久，由系统计算。")
    ] = None
    prevention: Annotated[
        Text,
        long("预防措施", required=True, none_stands=True, hint="怎样避免再次发生", help="怎样避免再次发生。"),
    ] = None
    satisfaction: Annotated[
        Text, one("用户满意度", "满意", "基本满意", TO_IMPROVE, required=True, help="上报人对处理是否满意。")
    ] = None
    comments: Annotated[
        Text,
        long(
            "用户意见",
            required=When("feedback.satisfaction", (TO_IMPROVE,)),
            none_stands=True,
            source="D",
            hint="选“需改进”时填写",
            help="上报人的意见。",
        ),
    ] = None
    user: Annotated[Text, text("反馈用户", required=True, hint="上报人姓名", help="给出意见的上报人。")] = None
