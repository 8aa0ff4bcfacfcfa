"""What stands in the register, sheet by sheet, as plain rows: no workbook is touched here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from tpdocs.checks.deadlines import Deadline
from tpdocs.checks.workdays import Due
from tpdocs.codes.kinds import KINDS, MISSING
from tpdocs.findings import Finding
from tpdocs.forms.fields import OTHER, Field, Kind
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import ORDER, STATUSES, Problem, Stored
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.forms.values import text_of
from tpdocs.ledger.entries import Document

PROBLEMS, TODO, ACTIONS, DOCUMENTS, NOTES = "问题登记表", "待办与超期", "行动项", "表单台账", "说明"
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


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a file of the desk, relative to the workbook."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class Invalid:
    """A raw text that could not become a value: shown as it was written, and marked."""

    text: str


Cell = str | int | Moment | Link | Invalid | datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The ledger at one revision with its findings: everything the register is made of."""

    desk_id: str
    revision: int
    now: datetime
    problems: Sequence[Problem]
    reviews: dict[str, Stored]
    findings: Sequence[Finding]
    deadlines: dict[str, list[Deadline]]
    owners: dict[str, str]
    documents: Sequence[Document]

    def findings_by_number(self) -> dict[str, list[Finding]]:
        """The findings of each problem."""
        grouped: dict[str, list[Finding]] = {}
        for one in self.findings:
            grouped.setdefault(one.number, []).append(one)
        return grouped

    def documents_by_number(self) -> dict[str, dict[str, Document]]:
        """The newest document of each form of each problem."""
        grouped: dict[str, dict[str, Document]] = {}
        for one in self.documents:
            grouped.setdefault(one.subject, {})[one.form] = one
        return grouped


@dataclass(frozen=True)
class Column:
    """One column of the register: its heading, width in characters, and what stands in it.

    `path` names the field it shows; columns without one are computed.
    """

    heading: str
    width: float
    path: str = ""
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
    wraps: bool = False

    @cached_property
    def field(self) -> Field | None:
        """The field it shows."""
        return FIELDS.get(self.path)


@dataclass(frozen=True)
class Sheet:
    """One table of the register."""

    name: str
    table: str
    columns: tuple[Column, ...]
    rows: list[list[Cell]] = field(default_factory=list)


def _field_column(path: str) -> Column:
    one = FIELDS[path]
    width = {Kind.LONG: 36.0, Kind.TIME: 17.0, Kind.DATE: 12.0, Kind.YES_NO: 10.0}.get(one.kind, 16.0)
    width = 34.0 if path == "report.title" else max(width, 2.2 * len(one.label) + 2)
    choices = tuple(choice.label for choice in one.options) if one.kind is not Kind.MANY else ()
    return Column(one.label, width, path, one.kind, choices, path == "report.title")


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


COMPUTED = (
    Column("问题状态", 10, choices=STATUSES),
    Column("当前阶段", 21),
    Column("轮次", 6),
    Column("待交表单", 22),
    Column("责任人", 18),
    Column("截止时间", 17, kind=Kind.TIME),
    Column("超期天数", 9),
    Column("缺项数", 8),
)
FILES = tuple(Column(f"{FORMS[form].code}文件", 9) for form in ORDER)
PROBLEM_COLUMNS = (
    Column(FIELDS["report.number"].label, 10, "report.number"),
    _field_column("report.title"),
    *COMPUTED,
    *(_field_column(path) for path in _shown_fields()),
    *FILES,
)
TODO_COLUMNS = (
    Column("责任人", 26), Column("类别", 10, choices=tuple(KIND_WORDS[kind] for kind in KINDS)), Column("问题编号", 10),
    Column("问题标题", 32, wraps=True), Column("表单", 24), Column("字段", 24, wraps=True), Column("情况", 52, wraps=True),
    Column("怎么办", 52, wraps=True), Column("截止时间", 17, kind=Kind.TIME), Column("程度", 9),
)  # fmt: skip
ACTION_COLUMNS = (
    Column("编号", 11), Column("来源", 12), Column("轮次", 6), Column("序号", 6), Column("内容", 44, wraps=True),
    Column("后续处理计划", 44, wraps=True), Column("责任人", 14), Column("计划完成日期", 13, kind=Kind.DATE),
    Column("实际完成日期", 13, kind=Kind.DATE), Column("状态", 10, choices=(OPEN_ACTION, LATE_ACTION, DONE_ACTION)),
)  # fmt: skip
DOCUMENT_COLUMNS = (
    Column("编号", 11), Column("表单", 24), Column("轮次", 6), Column("文件名", 44, wraps=True),
    Column("收到时间", 18, kind=Kind.TIME), Column("校验值", 20), Column("存档文件", 12),
)  # fmt: skip


def sheets(snapshot: Snapshot) -> tuple[Sheet, ...]:
    """The four tables of the register, filled."""
    return (
        Sheet(PROBLEMS, "tp_problems", PROBLEM_COLUMNS, _problem_rows(snapshot)),
        Sheet(TODO, "tp_todo", TODO_COLUMNS, _todo_rows(snapshot)),
        Sheet(ACTIONS, "tp_actions", ACTION_COLUMNS, _action_rows(snapshot)),
        Sheet(DOCUMENTS, "tp_documents", DOCUMENT_COLUMNS, _document_rows(snapshot)),
    )


def _problem_rows(snapshot: Snapshot) -> list[list[Cell]]:
    findings, documents = snapshot.findings_by_number(), snapshot.documents_by_number()
    paths = [column.path for column in PROBLEM_COLUMNS if column.path][2:]
    rows: list[list[Cell]] = []
    for problem in snapshot.problems:
        due = next(iter(snapshot.deadlines.get(problem.number, [])), None)
        missing = sum(one.kind == MISSING for one in findings.get(problem.number, []))
        row: list[Cell] = [problem.number, value_cell(problem, "report.title")]
        row += [problem.status, problem.stage, problem.round, "、".join(FORMS[key].name for key in problem.due_forms)]
        row += [
            snapshot.owners.get(problem.number),
            due.due.at if due else None,
            _days_late(due, snapshot.now),
            missing,
        ]
        row += [value_cell(problem, path) for path in paths]
        row += [_link(documents.get(problem.number, {}).get(form)) for form in ORDER]
        rows.append(row)
    return rows


def _days_late(due: Deadline | None, now: datetime) -> int | None:
    return (now.date() - due.due.day).days if due is not None and due.is_overdue(now) else None


def _link(one: Document | None) -> Link | None:
    return Link(one.path, "打开") if one else None


def value_cell(problem: Problem, path: str) -> Cell:
    """What a field shows: its value, its 其他 text with it; a raw text, marked, where there is no value."""
    form, _, name = path.partition(".")
    state = problem.state(form)
    if state is None:
        return None
    one = FIELDS[path]
    value = state.values.get(name)
    if value is None:
        return Invalid(state.raw[name]) if name in state.raw else None
    if one.kind in (Kind.TIME, Kind.DATE):
        return Moment.from_iso(value)
    text = text_of(one, value)
    if one.opens_other and (told := state.values.get(f"{name}_other")):
        return text.replace(OTHER, f"{OTHER}：{told}")
    return text


def _todo_rows(snapshot: Snapshot) -> list[list[Cell]]:
    titles = {one.number: one.report.title for one in snapshot.problems}
    forms = {spec.code: spec.name for spec in FORMS.values()}
    by_owner = sorted(
        snapshot.findings, key=lambda one: (one.owner, KINDS.index(one.kind), len(one.number), one.number)
    )
    return [
        [
            one.owner, KIND_WORDS[one.kind], one.number, titles.get(one.number), forms.get(one.form, one.form), one.label,
            one.message("zh"), one.advice("zh"), datetime.fromisoformat(one.due) if one.due else None, SEVERITY_WORDS[one.severity],
        ]
        for one in by_owner
    ]  # fmt: skip


def _action_rows(snapshot: Snapshot) -> list[list[Cell]]:
    rows: list[list[Cell]] = []
    for problem in snapshot.problems:
        for one in problem.residuals:
            what = one.residual
            state = _action_state(what.due, what.done_at, snapshot.now)
            rows.append(
                [
                    problem.number,
                    "遗留问题",
                    one.round,
                    one.row,
                    what.problem,
                    what.plan,
                    what.owner,
                    what.due,
                    what.done_at,
                    state,
                ]
            )
    for period, review in snapshot.reviews.items():
        for number, row in enumerate(review.values.get("suggestions") or [], 1):
            due, done = _moment(row.get("due")), _moment(row.get("done_at"))
            state = _action_state(due, done, snapshot.now)
            rows.append(
                [
                    period,
                    "改进建议",
                    None,
                    number,
                    row.get("suggestion"),
                    row.get("kind"),
                    row.get("owner"),
                    due,
                    done,
                    state,
                ]
            )
    return rows


def _moment(text: str | None) -> Moment | None:
    return Moment.from_iso(text) if text else None


def _action_state(due: Moment | None, done: Moment | None, now: datetime) -> str:
    if done is not None:
        return DONE_ACTION
    return LATE_ACTION if due is not None and now > Due(due.day).at else OPEN_ACTION


def _document_rows(snapshot: Snapshot) -> list[list[Cell]]:
    return [
        [
            one.subject, FORMS[one.form].name, one.round, one.name, datetime.fromisoformat(one.at), one.sha256[:16],
            Link(one.path, "打开"),
        ]
        for one in snapshot.documents
    ]  # fmt: skip
