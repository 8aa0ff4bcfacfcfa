"""Choices that several forms share."""

from tpdocs.forms.fields import OTHER, Choice

SYSTEM_FAULT = Choice("系统故障")
FUNCTION_DEFECT = Choice("功能缺陷")
PERFORMANCE = Choice("功能问题", "响应慢等性能问题", also=("性能问题",))
SECURITY = Choice("安全漏洞")
HOW_TO = Choice("操作疑问")
REQUIREMENT = Choice("需求疑问")
ANYTHING_ELSE = Choice(OTHER)

PROBLEM_TYPES = (SYSTEM_FAULT, FUNCTION_DEFECT, PERFORMANCE, SECURITY, HOW_TO, ANYTHING_ELSE)
ACCEPTED_TYPES = (SYSTEM_FAULT, FUNCTION_DEFECT, PERFORMANCE, SECURITY, HOW_TO, REQUIREMENT, ANYTHING_ELSE)

URGENT = "紧急"
LEVELS = (URGENT, "高", "中", "低")
SEVERITIES = (
    Choice(URGENT, "核心业务中断"),
    Choice("高", "主要功能异常"),
    Choice("中", "次要功能受影响"),
    Choice("低", "轻微影响或建议优化"),
)

PASSED, PASSED_WITH_CONDITIONS, FAILED = "通过", "有条件通过", "不通过"
REVIEW_PASSED = (PASSED, PASSED_WITH_CONDITIONS)
BACK_TO_INVESTIGATION, BACK_TO_SOLUTION = "问题排查", "方案制定"
SUCCEEDED = "成功"
TO_IMPROVE = "需改进"
