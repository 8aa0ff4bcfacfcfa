"""``list``, ``show``, ``history`` and ``check``: looking, never writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tpdocs.actions.forms_out import known_problem
from tpdocs.checks.deadlines import deadlines, next_owner
from tpdocs.checks.rules import check_problem, check_reviews
from tpdocs.codes.kinds import FAILING_KINDS
from tpdocs.config import Settings
from tpdocs.desk.folder import Desk
from tpdocs.findings import Finding, worst_first
from tpdocs.forms.fields import Field
from tpdocs.forms.problem import ORDER, WITHDRAWN, Problem, Stored
from tpdocs.forms.standard import FORMS
from tpdocs.ledger.entries import Attachment, Document, Revision
from tpdocs.ledger.store import Ledger, Transaction


@contextmanager
def reading(desk: Desk) -> Iterator[Transaction]:
    """A transaction that is only read from."""
    ledger = Ledger(desk.ledger)
    try:
        with ledger.reading() as transaction:
            yield transaction
    finally:
        ledger.close()


def all_findings(
    problems: list[Problem], reviews: dict[str, Stored], settings: Settings, now: datetime
) -> list[Finding]:
    """What is to flag about all problems and reviews."""
    found = [finding for problem in problems for finding in check_problem(problem, settings, now)]
    days = [problem.report.reported_at.day for problem in problems if problem.report.reported_at is not None]
    return found + check_reviews(reviews, min(days, default=None), settings, now)


def list_problems(desk: Desk, now: datetime, *, everything: bool = True) -> list[dict[str, Any]]:
    """One object a problem: number, title, status, stage, round, priority, owner, due, overdue, counts of findings by kind.

    `everything`: those that were withdrawn too.
    """
    with reading(desk) as transaction:
        problems = [one for one in transaction.problems() if everything or one.status != WITHDRAWN]
    found = []
    for problem in problems:
        due = next(iter(deadlines(problem, desk.settings)), None)
        counts: dict[str, int] = {}
        for finding in check_problem(problem, desk.settings, now):
            counts[finding.kind] = counts.get(finding.kind, 0) + 1
        found.append(
            {
                "number": problem.number,
                "title": problem.report.title,
                "status": problem.status,
                "stage": problem.stage,
                "round": problem.round,
                "priority": problem.priority,
                "next": [FORMS[key].code for key in problem.due_forms],
                "owner": next_owner(problem, desk.settings) or None,
                "due": due.due.at.isoformat() if due else None,
                "provisional": bool(due and due.due.provisional),
                "overdue": bool(due and due.is_overdue(now)),
                "findings": counts,
            }
        )
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything about one problem; `withdrawal` is what took it out of the lists, if it is withdrawn."""

    problem: Problem
    findings: list[Finding]
    documents: list[Document]
    attachments: list[Attachment]
    withdrawal: Revision | None = None

    def as_json(self) -> dict[str, Any]:
        """The documented JSON: forms as they hold now, raw texts by path."""
        forms: dict[str, Any] = {}
        raw: dict[str, str] = {}
        for form in ORDER:
            state = self.problem.state(form)
            if state is not None:
                forms[form] = values_json(FORMS[form].fields, state)
                raw |= {f"{form}.{key}": text for key, text in state.raw.items()}
        if "report" in forms:
            forms["report"]["number"] = self.problem.number
        if "closure" in forms:
            forms["closure"]["status"] = self.problem.status
        if "archive" in forms:
            # The form says what was on record when it was written; this says what is.
            forms["archive"]["documents"] = [
                {"file": one.name, "form": FORMS[one.form].name, "sha256": one.sha256} for one in self.documents
            ]
        return {
            "number": self.problem.number,
            "status": self.problem.status,
            "stage": self.problem.stage,
            "round": self.problem.round,
            "withdrawn": self._withdrawn_json(),
            "forms": forms,
            "raw": raw,
            "attachments": [asdict(one) for one in self.attachments],
            "notes": self.notes,
            "findings": [finding.as_json() for finding in self.findings],
        }

    def _withdrawn_json(self) -> dict[str, str | None] | None:
        one = self.withdrawal
        return {"at": one.at, "reason": one.comment, "duplicate_of": one.duplicate_of or None} if one else None

    @property
    def notes(self) -> list[dict[str, str]]:
        """What the documents held outside every field, in full: form, file, place and text."""
        return [
            {"form": FORMS[one.form].code, "file": one.name, "place": place, "text": text}
            for one in self.documents
            for place, text in one.notes.get("outside", [])
        ]


def values_json(fields: tuple[Field, ...], state: Stored) -> dict[str, Any]:
    """Every field of a form; absent or invalid null, rows a list of objects, several choices a list."""
    return {one.name: state.values.get(one.name) for one in fields}


def show_problem(desk: Desk, number: str, now: datetime) -> Shown:
    """One problem as it is on record; TpdocsError when the number was never given."""
    with reading(desk) as transaction:
        problem = known_problem(transaction, number)
        documents = transaction.documents(problem.number)
        attachments = transaction.attachments(problem.number)
        events = [one for one in transaction.history(problem.number) if one.event and not one.gone]
    withdrawal = events[-1] if events and problem.status == WITHDRAWN else None
    return Shown(problem, check_problem(problem, desk.settings, now), documents, attachments, withdrawal)


def history_of(desk: Desk, number: str) -> tuple[str, list[Revision]]:
    """The number of a problem, or the month of a review, and every revision of it, oldest first."""
    with reading(desk) as transaction:
        subject = number if number in transaction.reviews() else known_problem(transaction, number).number
        return subject, transaction.history(subject)


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of a check."""

    now: datetime
    findings: list[Finding]

    def fails(self, kinds: tuple[str, ...] = FAILING_KINDS) -> bool:
        """Whether there is a finding of one of the kinds."""
        return any(one.kind in kinds for one in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        return {"now": self.now.isoformat(timespec="seconds"), "findings": [one.as_json() for one in self.findings]}


def check(desk: Desk, numbers: list[str], now: datetime, *, everything: bool = False) -> Checked:
    """Findings about the problems named; about all open ones and the reviews when none is; `everything`: closed ones too."""
    with reading(desk) as transaction:
        if numbers:
            problems = [known_problem(transaction, number) for number in numbers]
            return Checked(
                now, worst_first(one for problem in problems for one in check_problem(problem, desk.settings, now))
            )
        problems, reviews = transaction.problems(), transaction.reviews()
    found = all_findings(problems, reviews, desk.settings, now)
    if not everything:
        closed = {problem.number for problem in problems if not problem.is_open}
        # A closed problem is over but for what is still to be done about it.
        found = [one for one in found if one.number not in closed or one.kind in ("overdue", "due_soon")]
    return Checked(now, worst_first(found))
