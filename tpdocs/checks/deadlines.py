"""When what is open now is due, and who should do it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from tpdocs.checks.workdays import Due, working_days_after
from tpdocs.config import Settings
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import (
    ACCEPTING,
    CLOSED,
    IMPLEMENTING,
    INVESTIGATING,
    PLANNING,
    TO_CLOSE,
    TO_VERIFY,
    WAITING,
    WITHDRAWN,
    Problem,
)
from tpdocs.forms.solution import Solution
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.forms.values import is_answer

ACCEPTANCE, STAGE, CLOSING, IMPLEMENTATION, ACTION = "acceptance", "stage", "closing", "implementation", "action"


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something open with a due day. `sort` says which words it takes, `path` the field that would settle it."""

    sort: str
    form: str
    path: str
    due: Due
    owner: str
    round: int = 1
    row: int = 0
    action: str = ""

    def is_overdue(self, now: datetime) -> bool:
        """Whether the due day is over."""
        return now > self.due.at

    def is_due_soon(self, now: datetime, settings: Settings) -> bool:
        """Whether it is due within the working days that the settings name."""
        if self.is_overdue(now):
            return False
        horizon = working_days_after(now.date(), settings.deadlines.due_soon, settings.calendar)
        return self.due.day <= horizon.day


def deadlines(problem: Problem, settings: Settings) -> list[Deadline]:
    """Everything of a problem that is open and has a due day, the next stage output first, then the actions."""
    if problem.status == WITHDRAWN:
        return []
    return [*_stage_deadlines(problem, settings), *_actions(problem)]


def _stage_deadlines(problem: Problem, settings: Settings) -> Iterable[Deadline]:
    if problem.status in (WAITING, ACCEPTING) and problem.get("triage.accepted_at") is None:
        # A form that does not say when it was accepted does not show that it was.
        reported = problem.report.reported_at
        if reported is not None:
            due = working_days_after(reported.day, settings.deadlines.acceptance, settings.calendar)
            yield Deadline(ACCEPTANCE, "triage", "triage.accepted_at", due, settings.people.acceptor)
    elif problem.status == IMPLEMENTING:
        solution = problem.now(Solution)
        if solution is not None and solution.planned_at is not None:
            owner = owner_of(problem, "implementation", settings)
            due = Due.of(solution.planned_at)
            yield Deadline(IMPLEMENTATION, "implementation", "solution.planned_at", due, owner, problem.round)
    else:
        for form, start in _running(problem):
            term = getattr(settings.deadlines, form).get(problem.priority)
            if start is not None and term is not None:
                due = working_days_after(start.day, term, settings.calendar)
                path = f"{form}.{FORMS[form].about.done}"
                yield Deadline(
                    CLOSING if form == "closure" else STAGE,
                    form,
                    path,
                    due,
                    owner_of(problem, form, settings),
                    problem.round,
                )


def _running(problem: Problem) -> list[tuple[str, Moment | None]]:
    """The stages that are running, and since when: the stage before was done, or the round began.

    A time that is missing or no time must not stop the clock: then the last one known before it counts.
    """
    began = problem.round_began
    since: dict[str, Callable[[], Moment | None]] = {
        ACCEPTING: lambda: _known(problem, "triage.supplemented_at", "triage.accepted_at", "report.reported_at"),
        INVESTIGATING: lambda: began or _known(problem, "triage.analysed_at"),
        PLANNING: lambda: _solution_began(problem),
        TO_VERIFY: lambda: _known(problem, "implementation.finished_at"),
        TO_CLOSE: lambda: _known(problem, "verification.verified_at", "implementation.finished_at"),
        CLOSED: lambda: _known(problem, "closure.closed_at", "verification.verified_at"),
    }
    start = since.get(problem.status)
    return [(form, start()) for form in problem.due_forms] if start else []


def _known(problem: Problem, *paths: str) -> Moment | None:
    """The first of these times that is on record."""
    return next((Moment.from_iso(value) for path in paths if (value := problem.get(path))), None)


def _solution_began(problem: Problem) -> Moment | None:
    if problem.starts_at_solution(problem.round):
        return problem.round_began
    return _known(problem, "investigation.located_at", "triage.analysed_at")


def _actions(problem: Problem) -> Iterable[Deadline]:
    for one in problem.residuals:
        what = one.residual
        if what.due is not None and what.done_at is None:
            owner = what.owner or problem.get("triage.accepted_by") or ""
            path = f"verification.residuals[{one.row}].due"
            action = what.problem or what.plan or ""
            yield Deadline(ACTION, "verification", path, Due(what.due.day), owner, one.round, one.row, action)


def owner_of(problem: Problem, form: str, settings: Settings) -> str:
    """Who should act on a form: who filled it in, else who the forms before it name, else the role."""
    if form == "report":
        name = _said(problem, "report.reported_by") or _said(problem, "report.discovered_by")
        contact = _said(problem, "report.contact")
        return f"{name}（{contact}）" if name and contact else name or settings.people.acceptor
    for path in _OWNERS[form]:
        if name := _said(problem, path):
            return name
    return settings.people.archivist if form == "archive" else settings.people.acceptor


def _said(problem: Problem, path: str) -> str:
    """An answer that says something: 待定 and 同上 name nobody."""
    value = problem.get(path)
    return str(value) if is_answer(FIELDS[path], value) else ""


def next_owner(problem: Problem, settings: Settings) -> str:
    """Who should act next: on the form due next, or else on the first action that is open; empty when nothing is to be done."""
    if problem.due_forms:
        return owner_of(problem, problem.due_forms[0], settings)
    return next((one.owner for one in _actions(problem)), "") if problem.status != WITHDRAWN else ""


_ACCEPTOR = ("triage.accepted_by",)
_LEAD = ("investigation.lead", "triage.analyst", *_ACCEPTOR)
_OWNERS = {
    "triage": ("triage.analyst", *_ACCEPTOR),
    "investigation": _LEAD,
    "solution": ("solution.author", *_LEAD),
    "implementation": ("implementation.owner", "solution.author", *_LEAD),
    "verification": ("verification.filled_by", *_LEAD),
    "closure": ("closure.closed_by", *_ACCEPTOR),
    "feedback": ("feedback.informed_by", *_ACCEPTOR),
    "archive": ("archive.archivist",),
}
