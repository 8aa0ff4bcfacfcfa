"""The rules about a problem as a whole and about the reviews: each a small pure function, together a tuple."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise

from tpdocs.checks.content import form_findings
from tpdocs.checks.deadlines import ACTION, IMPLEMENTATION, Deadline, deadlines, owner_of
from tpdocs.checks.workdays import Due, working_days_after
from tpdocs.config import Settings
from tpdocs.findings import Finding, worst_first
from tpdocs.forms.choices import PASSED, REVIEW_PASSED, URGENT
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import ORDER, WITHDRAWN, Problem, Stored
from tpdocs.forms.standard import FIELDS, FORMS, cell_label

Rule = Callable[[Problem, Settings, datetime], Iterable[Finding]]

_DAY = len("2026-02-13")
_REVIEWS_SINCE = timedelta(days=366)
TIME_ORDER = (
    "report.occurred_at",
    "report.reported_at",
    "triage.accepted_at",
    "triage.analysed_at",
    "investigation.located_at",
    "solution.reviewed_at",
    "implementation.started_at",
    "implementation.finished_at",
    "verification.verified_at",
    "closure.closed_at",
    "feedback.informed_at",
    "archive.archived_at",
)


def forms_as_filled_in(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """What is missing, invalid or contradictory on each form that holds now."""
    for form in ORDER:
        one = problem.state(form)
        if one is not None:
            yield from form_findings(one, problem.number, problem.get, partial(owner_of, problem, form, settings))


def forms_handed_in(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """A stage output that is not on record while a later one is."""
    there = [form for form in ORDER if problem.state(form) is not None]
    if not there:
        return
    last = there[-1]
    for form in ORDER[: ORDER.index(last)]:
        if form not in there:
            spec = FORMS[form]
            parts = {"form_name": spec.name, "later_name": FORMS[last].name}
            yield Finding(
                code="missing_form", number=problem.number, form=spec.code, label=spec.title,
                owner=owner_of(problem, form, settings), parts=parts,
            )  # fmt: skip


def times_in_order(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Each time against the one before it that is known."""
    known = [(path, value) for path in TIME_ORDER if (value := problem.get(path))]
    for (earlier, one), (later, other) in pairwise(known):
        if one <= other and (len(one) == len(other) or one[:_DAY] < other[:_DAY]):
            continue  # ISO 8601 sorts as a text does, and nearly all are in order
        before, after = Moment.from_iso(one), Moment.from_iso(other)
        if after.is_before(before):
            form = later.partition(".")[0]
            parts = {"value": str(after), "other_label": FIELDS[earlier].label, "other_value": str(before)}
            yield _about(problem, later, "times_out_of_order", owner_of(problem, form, settings), parts)


def implementation_reviewed(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Implementation needs a passed review."""
    passed = problem.get("solution.review_conclusion") in REVIEW_PASSED
    if problem.state("implementation") is not None and not passed:
        yield _about(problem, "solution.review_conclusion", "not_reviewed", owner_of(problem, "solution", settings))


def urgency_answered(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """紧急 calls for the emergency response."""
    if problem.get("triage.priority") == URGENT and problem.get("triage.emergency") is False:
        parts = {"other_label": FIELDS["triage.priority"].label}
        yield _about(problem, "triage.emergency", "emergency_not_started", owner_of(problem, "triage", settings), parts)


def closing_verified(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Closing needs a passed verification."""
    if problem.state("closure") is not None and problem.get("verification.conclusion") != PASSED:
        yield _about(
            problem, "closure.closed_at", "closed_without_verification", owner_of(problem, "closure", settings)
        )


def attachments_there(problem: Problem, settings: Settings, _now: datetime) -> Iterator[Finding]:
    """A file that the report names has not come."""
    for name in problem.missing_attachments:
        owner = owner_of(problem, "report", settings)
        yield _about(problem, "report.attachments", "attachment_not_found", owner, {"value": name})


def due_days(problem: Problem, due: Iterable[Deadline], settings: Settings, now: datetime) -> Iterator[Finding]:
    """What is overdue or due soon."""
    for one in due:
        late = one.is_overdue(now)
        if late or one.is_due_soon(now, settings):
            yield _due_finding(problem, one, "overdue" if late else "due_soon")


def _due_finding(problem: Problem, one: Deadline, suffix: str) -> Finding:
    spec = FORMS[one.form]
    parts = {"due_text": str(one.due), "form_name": spec.name, "action": one.action, "priority": problem.priority or ""}
    if one.sort == ACTION:
        table = FIELDS["verification.residuals"]
        label = cell_label(table, one.row, table.column("due"))
    else:
        label = FIELDS[one.path].label
        parts["plan_label"] = label if one.sort == IMPLEMENTATION else ""
    return Finding(
        code=f"{one.sort}_{suffix}",
        number=problem.number, form=spec.code, field=one.path, label=label, owner=one.owner,
        due=one.due.at.isoformat(), parts=parts,
    )  # fmt: skip


def _about(problem: Problem, path: str, code: str, owner: str, parts: dict[str, str] | None = None) -> Finding:
    form, _, name = path.partition(".")
    state = problem.state(form)
    place = state.places.get(name, "") if state else ""
    words = {"form_name": FORMS[form].name, **(parts or {})}
    label = FIELDS[path].label
    return Finding(
        code=code,
        number=problem.number,
        form=FORMS[form].code,
        field=path,
        label=label,
        place=place,
        owner=owner,
        parts=words,
    )


RULES: tuple[Rule, ...] = (
    forms_as_filled_in,
    forms_handed_in,
    times_in_order,
    implementation_reviewed,
    urgency_answered,
    closing_verified,
    attachments_there,
)


def check_problem(
    problem: Problem, settings: Settings, now: datetime, due: Iterable[Deadline] | None = None
) -> list[Finding]:
    """All findings about a problem; none about a withdrawn one. `due`: its deadlines, where they are known already."""
    if problem.status == WITHDRAWN:
        return []
    found = [one for rule in RULES for one in rule(problem, settings, now)]
    return worst_first(
        [*found, *due_days(problem, deadlines(problem, settings) if due is None else due, settings, now)]
    )


_PERIOD = re.compile(r"(?P<year>\d{4})-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4]))")


def period_of(day: date, every: str) -> str:
    """The period a day lies in: ``2026-11`` or ``2026-Q4``."""
    return f"{day:%Y-%m}" if every == "month" else f"{day.year}-Q{(day.month + 2) // 3}"


def is_period(text: str) -> bool:
    """Whether it is a month or a quarter as reviews are called."""
    return _PERIOD.fullmatch(text) is not None


def _next_period_begins(period: str) -> date:
    year, _, rest = period.partition("-")
    month = int(rest) if not rest.startswith("Q") else 3 * int(rest[1])
    return date(int(year) + month // 12, month % 12 + 1, 1)


def check_reviews(
    reviews: dict[str, Stored], first_report: date | None, settings: Settings, now: datetime
) -> list[Finding]:
    """Findings about the reviews: what is missing on one, suggestions overdue, a review not held."""
    found: list[Finding] = []
    for period, one in reviews.items():
        owner = str(one.values.get("organizer") or settings.people.organizer)
        found += form_findings(one, period, one.get, partial(str, owner))
        found += _suggestions(period, one, settings, now)
    if first_report is not None and settings.review.every != "never":
        found += _reviews_not_held(reviews, first_report, settings, now)
    return worst_first(found)


def _suggestions(period: str, one: Stored, settings: Settings, now: datetime) -> Iterator[Finding]:
    table = FIELDS["review.suggestions"]
    for number, row in enumerate(one.values.get("suggestions") or [], 1):
        if not row.get("due") or row.get("done_at"):
            continue
        due = Due(Moment.from_iso(row["due"]).day)
        owner = row.get("owner") or settings.people.organizer
        deadline = Deadline(ACTION, "review", f"review.suggestions[{number}].due", due, owner)
        late = deadline.is_overdue(now)
        if late or deadline.is_due_soon(now, settings):
            parts = {"due_text": str(due), "form_name": FORMS["review"].name, "action": row.get("suggestion") or ""}
            yield Finding(
                code="action_overdue" if late else "action_due_soon", number=period, form="F10", field=deadline.path,
                label=cell_label(table, number, table.column("due")), owner=owner, due=due.at.isoformat(), parts=parts,
            )  # fmt: skip


def _reviews_not_held(reviews: dict[str, Stored], first: date, settings: Settings, now: datetime) -> Iterator[Finding]:
    # Whoever held none for years is not helped by a line for each month of them.
    period = period_of(max(first, now.date() - _REVIEWS_SINCE), settings.review.every)
    while (begins := _next_period_begins(period)) <= now.date():
        held = reviews.get(period)
        due = working_days_after(begins - timedelta(days=1), settings.review.within, settings.calendar)
        deadline = Deadline("review", "review", "review.held_at", due, settings.people.organizer)
        if held is None or not held.values.get("held_at"):
            late = deadline.is_overdue(now)
            if late or deadline.is_due_soon(now, settings):
                parts = {"period": period, "due_text": str(due), "form_name": FORMS["review"].name}
                yield Finding(
                    code="review_overdue" if late else "review_due_soon", number=period, form="F10", field="review.held_at",
                    label=FIELDS["review.held_at"].label, owner=deadline.owner, due=due.at.isoformat(), parts=parts,
                )  # fmt: skip
        period = period_of(begins, settings.review.every)
