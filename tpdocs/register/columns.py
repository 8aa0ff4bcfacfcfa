"""What the register is made of: its tables and their columns, which of them people may edit, and what tells a row from another."""

from dataclasses import dataclass
from functools import cached_property

from tpdocs.codes.kinds import KINDS
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.problem import ORDER, STATUSES
from tpdocs.forms.standard import FIELDS, FORMS, field_at

PROBLEMS, TODO, ACTIONS, CONFLICTS, DOCUMENTS = "问题登记表", "待办与超期", "行动项", "冲突", "表单台账"
NOTES = "说明"
KIND_WORDS = {
    "overdue": "超期",
    "invalid": "无效",
    "inconsistent": "矛盾",
    "conflict": "冲突",
    "missing": "缺失",
    "due_soon": "即将到期",
    "document": "表单",
}
SEVERITY_WORDS = {"error": "须处理", "warning": "请留意", "info": "供参考"}
OPEN_ACTION, LATE_ACTION, DONE_ACTION = "未完成", "超期", "已完成"
RESIDUAL, SUGGESTION = "遗留问题", "改进建议"
TAKE_THEIRS, TAKE_OURS = "登记表值", "系统值"
SETTLED = "已处理"

# Of the later stages: the people, the times, the conclusion and the main text.
_LATER = {
    "investigation": "lead investigators departments liaison root_cause located_at",
    "solution": "author content planned_at reviewers reviewed_at review_conclusion",
    "implementation": "owner started_at finished_at result",
    "verification": "filled_by verifier verified_at resolved conclusion return_to",
    "closure": "closed_by closed_at summary",
    "feedback": "informed_by informed_at satisfaction prevention",
    "archive": "archivist archived_at keywords",
}


@dataclass(frozen=True)
class Column:
    """One column of the register: its heading, width in characters, and what stands in it.

    `path` names the field it shows; columns without one are computed. `editable`: what people write there is taken in.
    """

    heading: str
    width: float
    path: str = ""
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    wraps: bool = False
    editable: bool = False
    is_link: bool = False

    @cached_property
    def field(self) -> Field | None:
        """The field it shows."""
        return field_at(self.path)


@dataclass(frozen=True)
class Sheet:
    """One table of the register. A row is told from another by the columns named in `key`."""

    name: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    settled: str = ""
    hints: str = ""

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The headings, in order."""
        return tuple(column.heading for column in self.columns)

    @cached_property
    def key_positions(self) -> tuple[int, ...]:
        """Where the columns of the key stand."""
        return tuple(self.headings.index(one) for one in self.key)

    @cached_property
    def editable(self) -> frozenset[int]:
        """Where the columns stand that people may edit."""
        return frozenset(number for number, column in enumerate(self.columns) if column.editable)

    @cached_property
    def needed(self) -> frozenset[int]:
        """Where the columns stand that no report may leave empty."""
        fields = ((at, column.field) for at, column in enumerate(self.columns) if column.editable)
        return frozenset(at for at, one in fields if one is not None and one.form == "report" and one.required is True)

    def position(self, heading: str) -> int:
        """Where a column stands."""
        return self.headings.index(heading)


def _field_column(path: str) -> Column:
    one = FIELDS[path]
    width = {Kind.LONG: 36.0, Kind.TIME: 17.0, Kind.DATE: 12.0, Kind.YES_NO: 10.0}.get(one.kind, 16.0)
    width = 34.0 if path == "report.title" else max(width, 2.2 * len(one.label) + 2)
    choices = tuple(choice.label for choice in one.options) if one.kind is not Kind.MANY else ()
    return Column(one.label, width, path, one.kind, choices, path == "report.title", editable=True)


def _shown_fields() -> list[str]:
    paths = []
    for form in ("report", "triage"):
        paths += [
            one.path
            for one in FORMS[form].fields
            if one.kind is not Kind.ROWS and not one.computed and not one.other_of
        ]
    for form, names in _LATER.items():
        paths += [f"{form}.{name}" for name in names.split()]
    return [path for path in paths if path != "report.title"]


NUMBER, HINT = FIELDS["report.number"].label, "校验提示"
COMPUTED = (
    Column("问题状态", 10, choices=STATUSES),
    Column("当前阶段", 21),
    Column("轮次", 6),
    Column("待交表单", 22),
    Column("责任人", 18),
    Column("截止时间", 17, kind=Kind.TIME),
    Column("超期天数", 9),
    Column("缺项数", 8),
    Column(HINT, 30, wraps=True),
)
FILES = tuple(Column(f"{FORMS[form].code}文件", 9, is_link=True) for form in ORDER)
SHOWN_PATHS = tuple(_shown_fields())
PROBLEM_COLUMNS = (
    Column(NUMBER, 10, "report.number"),
    _field_column("report.title"),
    *COMPUTED,
    *(_field_column(path) for path in SHOWN_PATHS),
    *FILES,
)
TODO_COLUMNS = (
    Column("责任人", 26), Column("类别", 10, choices=tuple(KIND_WORDS[kind] for kind in KINDS)), Column("问题编号", 10),
    Column("问题标题", 32, wraps=True), Column("表单", 24), Column("字段", 24, wraps=True), Column("情况", 52, wraps=True),
    Column("怎么办", 52, wraps=True), Column("截止时间", 17, kind=Kind.TIME), Column("程度", 9),
)  # fmt: skip
ACTION_COLUMNS = (
    Column("编号", 11), Column("来源", 12), Column("轮次", 6), Column("序号", 6), Column("内容", 44, wraps=True),
    Column("后续处理计划", 44, wraps=True), Column("责任人", 14, "verification.residuals.owner", editable=True),
    Column("计划完成日期", 13, "verification.residuals.due", kind=Kind.DATE, editable=True),
    Column("实际完成日期", 13, "verification.residuals.done_at", kind=Kind.DATE, editable=True),
    Column("状态", 10, choices=(OPEN_ACTION, LATE_ACTION, DONE_ACTION)), Column(HINT, 30, wraps=True),
)  # fmt: skip
CONFLICT_COLUMNS = (
    Column("编号", 11), Column("表单", 24), Column("轮次", 6), Column("字段", 24, wraps=True),
    Column(TAKE_THEIRS, 40, wraps=True), Column(TAKE_OURS, 40, wraps=True),
    Column("取舍", 12, choices=(TAKE_THEIRS, TAKE_OURS), editable=True), Column("来源", 30, wraps=True),
)  # fmt: skip
DOCUMENT_COLUMNS = (
    Column("编号", 11), Column("表单", 24), Column("轮次", 6), Column("文件名", 44, wraps=True),
    Column("收到时间", 18, kind=Kind.TIME), Column("校验值", 20), Column("存档文件", 12, is_link=True),
)  # fmt: skip

PROBLEM_SHEET = Sheet(PROBLEMS, "tp_problems", PROBLEM_COLUMNS, (NUMBER,), hints=HINT)
TODO_SHEET = Sheet(TODO, "tp_todo", TODO_COLUMNS, ("问题编号", "表单", "字段"), settled="程度")
ACTION_SHEET = Sheet(
    ACTIONS, "tp_actions", ACTION_COLUMNS, ("编号", "来源", "轮次", "序号"), settled="状态", hints=HINT
)
CONFLICT_SHEET = Sheet(CONFLICTS, "tp_conflicts", CONFLICT_COLUMNS, ("编号", "表单", "轮次", "字段"), settled="来源")
DOCUMENT_SHEET = Sheet(
    DOCUMENTS, "tp_documents", DOCUMENT_COLUMNS, ("编号", "表单", "轮次", "校验值"), settled="存档文件"
)
SHEETS = (PROBLEM_SHEET, TODO_SHEET, ACTION_SHEET, CONFLICT_SHEET, DOCUMENT_SHEET)
LIST_SHEETS = SHEETS[1:]
FIELD_POSITIONS = tuple(number for number, column in enumerate(PROBLEM_COLUMNS) if column.editable)
