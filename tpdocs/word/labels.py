"""What counts as a label: the words of our own forms where the form is known, else how labels of Chinese forms look."""

import re
import unicodedata
from functools import lru_cache
from typing import Protocol

from tpdocs.forms.fields import Field, normal_label
from tpdocs.forms.standard import FIELDS, FormSpec

NONE, WEAK, STRONG = 0, 1, 2
_LONGEST, _LONGEST_WITH_HINT = 16, 160
_PROSE = re.compile(r"[。！？!?；;，,“”\"《》]|[:：].")
_DIGITS = re.compile(r"\d")
_CJK = re.compile(r"[\u4e00-\u9fff]")
# What labels of forms end with: out of 2,096 label cells of 65 real forms hardly one has a colon or a style to know it by.
_ENDS = re.compile(
    r"(?:名称|名|姓名|性质|属性|特征|特性|编号|编码|代码|代号|号码|序号|工号|单号|号|日期|时间|年月|期限|周期|时长|工期|期|起止|人|人员|者|员|负责人|单位|部门|科室|班组|小组|组别|"
    r"机构|公司名称|电话|手机|传真|邮箱|邮件|邮编|地址|住址|地点|场所|位置|类型|类别|种类|分类|级别|等级|程度|优先级|状态|阶段|版本|版次|型号|规格|"
    r"分析|事由|用途|议题|决议|决定|车型|分工|目的地|出发地|温度|湿度|描述|说明|内容|概述|概要|摘要|简介|详情|现象|原因|依据|理由|措施|方案|对策|办法|方法|方式|步骤|过程|流程|结果|结论|意见|建议|评价|评分|得分|"
    r"分数|情况|备注|附注|附件|附录|签字|签名|签章|盖章|签收|审核|审批|批准|复核|校对|编制|拟制|会签|确认|验证|验收|要求|目的|目标|范围|影响|风险|"
    r"计划|进度|频率|频次|数量|金额|价格|单价|总价|合计|小计|费用|预算|性别|年龄|民族|籍贯|学历|学位|专业|职务|职称|岗位|职位|政治面貌|婚姻状况|"
    r"标题|题目|主题|名目|项目|课题|来源|渠道|模块|系统|环境|平台|设备|仪器|软件|硬件|产品|样品|客户|用户|供应商|厂家|产地|品牌|关键词|关键字|"
    r"密级|页数|份数|字数|条件|标准|指标|参数|数据|记录|清单|目录|问题|事项|任务|工作|处理|处置|整改|跟踪|反馈|经验|教训|心得|总结|小结|评语|"
    r"责任|执行|实施|检查|测试|检验|评审|主持|参与|抄送|主送|收件|发件|标识|标记|配置|单元|用例|步长|前提|预期|实际|实测|偏差|差异|"
    r"照片|证件|身份证|户口|学校|院系|班级|学号|导师|成绩|荣誉|奖励|奖项|简历|特长|爱好|健康状况|联系方式|通讯方式|方向|资格|资质|身份|关系|称谓|大写|小写)$"
)
_STARTS = re.compile(r"^(?:是否|有无|能否|可否)")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
_NAME = re.compile(rf"[{_SURNAMES}][\u4e00-\u9fff]{{1,2}}|[{_SURNAMES}][某××*]{{1,2}}")
_NO_NAMES = frozenset(
    [
        "付款",
        "付费",
        "高度",
        "高温",
        "高级",
        "余额",
        "余量",
        "任务",
        "任职",
        "任期",
        "程序",
        "白天",
        "金属",
        "江苏",
        "江西",
        "黄色",
        "白色",
        "万元",
        "路线",
        "路径",
        "严重",
        "严格",
        "范例",
        "温差",
        "向导",
        "方面",
    ]
)
_UNITS = re.compile(r"(?:公司|集团|学院|大学|中心|处|局|厅|科|部|组|室|队|厂|店)$")
_SAID = re.compile(
    r"^(?:是|否|有|无|男|女|汉族|同意|不同意|通过|不通过|合格|不合格|正常|异常|完成|未完成|已完成|高|中|低|紧急|一般|良好|优秀|本科|硕士|博士|大专|党员|群众|团员|已婚|未婚)$"
)
_NOTES = frozenset(
    (
        *(
            "注",
            "注意",
            "说明",
            "填表说明",
            "填写说明",
            "使用说明",
            "提示",
            "例",
            "例如",
            "如",
            "附",
            "附注",
            "其中",
            "要求",
            "图",
            "表",
        ),
        *(
            "note",
            "notes",
            "nb",
            "ex",
            "eg",
            "e.g",
            "example",
            "source",
            "tip",
            "hint",
            "warning",
            "caution",
            "important",
        ),
        *("figure", "table", "error"),
    )
)
# What leads into the sentence after a colon and names nothing: 系统由以下部分组成：, 本文的目的是：, 他说：.
_LEADS_IN = re.compile(
    r"(?:(?<!是)是|(?<![行作])为|如下|下列|包括|包含|由.*组成|有[一二两三四五六七八九十几]|[他她它你我们]说|指出|认为|表示|强调|例如)$"
)
# Signs of code, of links, of brackets that close in the value.
_NO_LATIN_LABEL = re.compile(r"[<>{}=|\[\]]|^[/*\\-]|^\([^)]*$|\w\.\w")


_BOXED = re.compile("[□■☐☑☒√✓✔✅▣⊠\uf0a8\uf0fe]|[\\[［][ xX√]?[\\]］]")


_ROUND = re.compile(r"\([^()]*\)")
_TWO_LANGUAGES = re.compile(r"([^A-Za-z]*[\u4e00-\u9fff][^A-Za-z]*?)[\s/(]*[A-Za-z][A-Za-z .,'&/-]{1,30}\)?:?")
_ENGLISH = re.compile(
    r"(?:[A-Za-z./'&-]+ ){0,3}(?:name|date|no\.?|number|id|e-?mail|phone|telephone|tel\.?|fax|mobile|address|title|department|dept\.?|"
    r"version|status|type|owner|author|description|remarks?|comments?|priority|severity|signature|position|company|project|"
    r"subject|reason|result|amount|quantity|qty\.?|price|total|location|city|country|gender|sex|age|nationality|category|"
    r"qq|wechat|manager|approver|applicant|reviewer|reported by|prepared by|approved by|checked by)",
    re.IGNORECASE,
)


def ends_after_name(text: str, length: int) -> bool:
    """Whether a text without its last signs is just somebody's name: 张三丰批准, 周九领导."""
    return _NAME.fullmatch(text[: len(text) - length]) is not None


class Judge(Protocol):
    """Says how much a text looks like a label."""

    def strength(self, text: str) -> int:
        """`STRONG`, `WEAK` or `NONE`."""


class Vocabulary:
    """The labels of one of our forms, by every name they go by; `fields` of a label are its fields and columns."""

    def __init__(self, form: FormSpec) -> None:
        self.form = form
        self.fields: dict[str, list[Field]] = {}
        for path in form.shows:
            field = FIELDS[path]
            for one in (field, *field.columns):
                if not one.other_of:
                    for name in one.names:
                        self.fields.setdefault(name, []).append(one)

    def strength(self, text: str) -> int:
        """A label of the form, or nothing."""
        return STRONG if len(text) <= _LONGEST * 4 and normal_label(text) in self.fields else NONE


@lru_cache
def vocabulary(form: FormSpec) -> Vocabulary:
    """The vocabulary of a form."""
    return Vocabulary(form)


class Lexicon:
    """How labels of Chinese forms look, for documents that are none of our forms."""

    def strength(self, text: str) -> int:
        """Strong for what ends as labels do or with a colon, weak for other short words."""
        return _lexical_strength(text)


@lru_cache(maxsize=8192)
def _lexical_strength(text: str) -> int:
    if len(text) > _LONGEST_WITH_HINT:
        return NONE
    bare = unicodedata.normalize("NFKC", text).strip()
    if twice := _TWO_LANGUAGES.fullmatch(bare):
        # 申请人 Applicant: what it is in Chinese decides.
        return _lexical_strength(twice[1] + (":" if bare.endswith(":") else ""))
    label = normal_label(text)
    if not label or len(label) > _LONGEST or label in _NOTES or _PROSE.search(_ROUND.sub("", bare).rstrip(":")):
        return NONE
    return _chinese(bare, label) if _CJK.search(label) else _foreign(bare, label)


def is_bare_latin(text: str) -> bool:
    """Whether a text without a Chinese sign has no colon to say that it is a label."""
    return not _CJK.search(text) and not text.rstrip().endswith((":", "："))


def _foreign(bare: str, label: str) -> int:
    if _NO_LATIN_LABEL.search(bare):
        return NONE
    if bare.endswith(":") and len(label) > 1 and not _DIGITS.search(label):
        return STRONG
    return WEAK if _ENGLISH.fullmatch(bare) else NONE


def _chinese(bare: str, label: str) -> int:
    colon = bare.endswith(":")
    if _LEADS_IN.search(label) and not _STARTS.search(label):
        return NONE
    if not colon and (_SAID.fullmatch(label) or _BOXED.search(_ROUND.sub("", bare))):
        return NONE
    if colon or _ENDS.search(label) or _STARTS.search(label):
        # 3号 and 2025年3月 end as labels do.
        return NONE if _DIGITS.search(label) else STRONG
    named = _NAME.fullmatch(label) and label not in _NO_NAMES
    if named or _DIGITS.search(label) or _UNITS.search(label) or _SAID.fullmatch(label):
        return NONE
    return WEAK if len(label) <= 10 else NONE  # noqa: PLR2004 - ten signs
