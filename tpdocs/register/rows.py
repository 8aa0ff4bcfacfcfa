"""What the register says about one problem or review: its row and its lines in the lists. No workbook is touched here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

from tpdocs.checks.deadlines import Deadline
from tpdocs.checks.workdays import Due
from tpdocs.codes.kinds import CONFLICT, INVALID, KINDS, MISSING
from tpdocs.findings import Finding
from tpdocs.forms.fields import OTHER, Field, Kind
from tpdocs.forms.moment import Moment, read_moment
from tpdocs.forms.problem import ORDER, REGISTER_SOURCE, WITHDRAWN, Problem, Stored
from tpdocs.forms.standard import FIELDS, FORMS, located
from tpdocs.forms.values import EMPTY, text_of
from tpdocs.ledger.entries import DocumentLine
from tpdocs.register.cells import SURELY_FITTING, Cell, Link, Shown, fitting, shown, shown_time
from tpdocs.register.columns import (
    DONE_ACTION,
    KIND_WORDS,
    LATE_ACTION,
    OPEN_ACTION,
    RESIDUAL,
    SEVERITY_WORDS,
    SHOWN_PATHS,
    SUGGESTION,
)

_FORM_NAMES = {spec.code: spec.name for spec in FORMS.values()}
_NAMES_BY_KEY = {key: spec.name for key, spec in FORMS.items()}
_HINTS_ABOUT = frozenset({*SHOWN_PATHS, "report.title"})
_TIMES = (Kind.TIME, Kind.DATE)
NEVER = "9999"


def _is_text(one: Field) -> bool:
    """Whether a text among the values of a field is what the register shows of it."""
    return one.kind not in _TIMES and not one.opens_other


_SHOWN_BY_FORM = [
    (form, [(FIELDS[path], FIELDS[path].name, _is_text(FIELDS[path])) for path in paths])
    for form, paths in groupby(SHOWN_PATHS, key=lambda path: path.partition(".")[0])
]


@dataclass(frozen=True, slots=True)
class About:
    """Everything that a problem's lines are made of; `files` are the paths of its newest documents by form."""

    problem: Problem
    findings: Sequence[Finding]
    deadlines: Sequence[Deadline]
    owner: str
    files: Mapping[str, str]


@dataclass(slots=True)
class Face:
    """What the register shows of one problem (or of one review, which has no `row`). It holds until the time `until`."""

    number: str
    row: list[Shown] | None = None
    todo: list[list[Shown]] = field(default_factory=list)
    actions: list[list[Shown]] = field(default_factory=list)
    conflicts: list[list[Shown]] = field(default_factory=list)
    until: str = NEVER
    reported: str = ""


def problem_face(about: About, now: datetime) -> Face:
    """What the register shows of a problem at a time."""
    problem = about.problem
    due = next(iter(about.deadlines), None)
    missing = sum(one.kind == MISSING for one in about.findings)
    cells: list[Cell] = [
        problem.status,
        problem.stage,
        problem.round,
        "、".join(FORMS[key].name for key in problem.due_forms),
    ]
    cells += [about.owner or None, due.due.at if due else None, _days_late(due, now), missing, _hint(about.findings)]
    row = [problem.number, value_cell(problem, "report.title"), *map(shown, cells)]
    for form, fields in _SHOWN_BY_FORM:
        state = problem.state(form)
        row += _field_cells(state, fields) if state is not None else [None] * len(fields)
    row += [shown(Link(about.files[form], "打开")) if form in about.files else None for form in ORDER]
    reported = problem.get("report.reported_at")
    live = problem.status != WITHDRAWN
    return Face(
        problem.number,
        row,
        [_todo_row(one, problem.get("report.title")) for one in about.findings],
        _residual_rows(problem, now) if live else [],
        [row for state in problem.stored for row in _conflict_rows(problem.number, state)] if live else [],
        _holds_until(about.deadlines, now),
        reported[: len("2026-02-13")] if reported else "",
    )


def review_face(period: str, review: Stored, findings: Iterable[Finding], now: datetime) -> Face:
    """What the register shows of a review."""
    rows = _suggestion_rows(period, review, now)
    return Face(
        period, None, [_todo_row(one, None) for one in findings], rows, _conflict_rows(period, review), _midnight(now)
    )


def _holds_until(deadlines: Sequence[Deadline], now: datetime) -> str:
    """When the clock changes something: at the end of the day, or earlier where a plan names an hour; never where nothing is open."""
    if not deadlines:
        return NEVER
    hours = [_iso(one.due.at + timedelta(seconds=1)) for one in deadlines if one.due.at >= now]
    return min([_midnight(now), *hours])


def _midnight(now: datetime) -> str:
    return _iso(datetime.combine(now.date() + timedelta(days=1), time()))


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _days_late(due: Deadline | None, now: datetime) -> int | None:
    return (now.date() - due.due.day).days if due is not None and due.is_overdue(now) else None


def _hint(findings: Iterable[Finding]) -> str | None:
    """What cannot be right in the cells of the row; its label in quotation marks is what colours the cell."""
    told = [
        f"{one.message('zh')}。{one.advice('zh')}"
        for one in findings
        if one.kind in (INVALID, CONFLICT) and one.field in _HINTS_ABOUT
    ]
    return "\n".join(told) or None


def value_cell(problem: Problem, path: str) -> Shown:
    """What the register shows of a field: its value, its 其他 text with it; what somebody typed there that is none stays there."""
    form, _, name = path.partition(".")
    state = problem.state(form)
    return face_cell(state, name) if state is not None else None


def _field_cells(state: Stored, fields: Sequence[tuple[Field, str, bool]]) -> list[Shown]:
    """The same for many fields of a form, with their names, and whether they are texts."""
    if state.conflicts or state.typed:
        return [face_cell(state, name) for _, name, _ in fields]
    values, raw = state.values, state.raw
    # Most are texts that fit.
    return [
        value
        if type(value := values.get(name)) is str and is_text and 0 < len(value) <= SURELY_FITTING
        else _record_cell(one, values, raw, name)
        for one, name, is_text in fields
    ]


def face_cell(state: Stored, key: str) -> Shown:
    """The same for a field of one form, or a cell of one of its rows (``residuals[1].due``)."""
    if state.conflicts or state.typed:
        conflict = state.conflicts.get(key)
        if conflict is not None and conflict["source"] == REGISTER_SOURCE:
            return _as_typed(located(FORMS[state.form], key)[0], conflict["theirs"])
        if key in state.typed:
            return _as_typed(located(FORMS[state.form], key)[0], state.typed[key])
    return record_cell(state, key)


def _as_typed(one: Field, text: str) -> Shown:
    moment = read_moment(text) if one.kind in (Kind.TIME, Kind.DATE) else None
    return shown(moment or text)


def record_cell(state: Stored, key: str) -> Shown:
    """What is on record for it, as the register would show it."""
    one, values = _on_record(state, key)
    return _record_cell(one, values, state.raw, key)


def record_text(state: Stored, key: str) -> str:
    """What is on record for it, in words."""
    one, values = _on_record(state, key)
    value = values.get(one.name)
    return fitting(_words(one, value, values) if value is not None else state.raw.get(key, ""))


def _on_record(state: Stored, key: str) -> tuple[Field, Mapping[str, Any]]:
    """A field or column, and the values among which its own is."""
    spec = FORMS[state.form]
    one = spec.by_name.get(key) or located(spec, key)[0]
    if not one.row_of:
        return one, state.values
    row = int(key.partition("[")[2].partition("]")[0])
    rows = state.values.get(one.row_of) or []
    return one, rows[row - 1] if row <= len(rows) else {}


def _record_cell(one: Field, values: Mapping[str, Any], raw: Mapping[str, str], key: str) -> Shown:
    value = values.get(one.name)
    if value is None:
        return fitting(raw.get(key, "")) or None
    if one.kind in _TIMES:
        return shown_time(value)
    return fitting(_words(one, value, values)) or None


def _words(one: Field, value: Any, values: Mapping[str, Any]) -> str:
    text = text_of(one, value)
    if one.opens_other and (told := values.get(f"{one.name}_other")):
        return text.replace(OTHER, f"{OTHER}：{told}")
    return text


def _todo_row(one: Finding, title: str | None) -> list[Shown]:
    due = datetime.fromisoformat(one.due) if one.due else None
    cells: list[Cell] = [
        one.owner, KIND_WORDS[one.kind], one.number, title, _FORM_NAMES.get(one.form, one.form), one.label,
        one.message("zh"), one.advice("zh"), due, SEVERITY_WORDS[one.severity],
    ]  # fmt: skip
    return [shown(cell) for cell in cells]


_KIND_ORDER = {KIND_WORDS[kind]: number for number, kind in enumerate(KINDS)}


def todo_order(row: Sequence[Shown]) -> tuple[str, int, int, str]:
    """By owner, then by kind and number."""
    return row[0] or "", _KIND_ORDER[row[1]], len(row[2] or ""), row[2] or ""


def _residual_rows(problem: Problem, now: datetime) -> list[list[Shown]]:
    rows: list[list[Shown]] = []
    for one in problem.residuals:
        what, state = one.residual, problem.own_state("verification", one.round)
        if state is not None:
            rows.append(
                [
                    problem.number, RESIDUAL, one.round, one.row, shown(what.problem), shown(what.plan),
                    *_action_cells(state, "residuals", one.row), _action_state(what.due, what.done_at, now),
                    shown(_action_hint(state, "residuals", one.row)),
                ]
            )  # fmt: skip
    return rows


def _suggestion_rows(period: str, review: Stored, now: datetime) -> list[list[Shown]]:
    rows: list[list[Shown]] = []
    for number, row in enumerate(review.values.get("suggestions") or [], 1):
        due, done = _moment(row.get("due")), _moment(row.get("done_at"))
        hint = _action_hint(review, "suggestions", number)
        rows.append(
            [
                period, SUGGESTION, None, number, shown(row.get("suggestion")), shown(row.get("kind")),
                *_action_cells(review, "suggestions", number), _action_state(due, done, now), shown(hint),
            ]
        )  # fmt: skip
    return rows


def _action_cells(state: Stored, table: str, row: int) -> list[Shown]:
    """Owner and dates, which people may edit."""
    return [face_cell(state, f"{table}[{row}].{name}") for name in ("owner", "due", "done_at")]


def _action_hint(state: Stored, table: str, row: int) -> str | None:
    """What cannot be right in the cells of an action; its heading in quotation marks is what colours the cell."""
    told = []
    for column in FIELDS[f"{state.form}.{table}"].columns:
        key = f"{table}[{row}].{column.name}"
        if text := state.typed.get(key):
            told.append(f"“{column.label}”不是日期：“{text}”。请改成 2026-02-13 的样子。")
        if (sides := state.conflicts.get(key)) and sides["source"] == REGISTER_SOURCE:
            told.append(f"“{column.label}”在登记表和系统中都改过，系统值是“{sides['ours']}”。请到“冲突”表取舍。")
    return "\n".join(told) or None


def _moment(text: str | None) -> Moment | None:
    return Moment.from_iso(text) if text else None


def _action_state(due: Moment | None, done: Moment | None, now: datetime) -> str:
    if done is not None:
        return DONE_ACTION
    return LATE_ACTION if due is not None and now > Due(due.day).at else OPEN_ACTION


def _conflict_rows(number: str, state: Stored) -> list[list[Shown]]:
    spec = FORMS[state.form]
    sides: Mapping[str, Mapping[str, str]] = state.conflicts
    return [
        [
            shown(cell)
            for cell in (
                number, spec.name, state.round, located(spec, name)[2], side_shown(one["theirs"]), side_shown(one["ours"]),
                None, one["source"],
            )
        ]
        for name, one in sides.items()
    ]  # fmt: skip


def side_shown(text: str) -> str:
    """What the sheet of conflicts shows of one side."""
    return fitting(text or EMPTY)


def document_row(one: DocumentLine) -> list[Shown]:
    """The line of a document; made plainly, for there may be hundreds of thousands."""
    subject, form, number, name, digest, at, path = one
    return [subject, _NAMES_BY_KEY[form], number, fitting(name), _time_of(at), digest[:16], ["l", "打开", path]]


@lru_cache(maxsize=4096)
def _time_of(at: str) -> Shown:
    """A batch's time, which many documents share."""
    return shown(datetime.fromisoformat(at))
