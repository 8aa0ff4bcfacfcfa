"""``withdraw`` and ``reopen``: what happens to a problem as a whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tpdocs.actions.changes import one_change, take_back_if
from tpdocs.actions.forms_out import known_problem
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError, UsageError
from tpdocs.forms.problem import ARCHIVED, CLOSED, REOPENED, WITHDRAWAL, WITHDRAWN, Problem
from tpdocs.ledger.entries import NewRevision
from tpdocs.ledger.store import Transaction
from tpdocs.ledger.undoing import EVENT


@dataclass(frozen=True, slots=True)
class Happened:
    """A problem after an event."""

    number: str
    status: str
    round: int


def withdraw(
    desk: Desk, number: str, reason: str, duplicate_of: str, now: datetime, person: str = "", *, dry_run: bool = False
) -> Happened:
    """Take a problem out of lists and figures, for good kept; TpdocsError when that has been done already."""
    _need(reason)
    with one_change(desk) as transaction:
        problem = known_problem(transaction, number)
        if problem.status == WITHDRAWN:
            raise TpdocsError("{number} has been withdrawn already.", number=problem.number)
        other = known_problem(transaction, duplicate_of).number if duplicate_of else ""
        if other == problem.number:
            raise UsageError("{number} cannot be a duplicate of itself.", number=other)
        done = _append(transaction, problem, WITHDRAWAL, reason, now, person, {"duplicate_of": other})
        take_back_if(dry_run)
    return done


def reopen(desk: Desk, number: str, reason: str, now: datetime, person: str = "", *, dry_run: bool = False) -> Happened:
    """Begin a new round of a closed problem, or take a withdrawal back; TpdocsError when it is open."""
    _need(reason)
    with one_change(desk) as transaction:
        problem = known_problem(transaction, number)
        if problem.status not in (CLOSED, ARCHIVED, WITHDRAWN):
            raise TpdocsError(
                "{number} is open (“{status}”); there is nothing to reopen.", number=problem.number, status=problem.status
            )  # fmt: skip
        done = _append(transaction, problem, REOPENED, reason, now, person, {})
        take_back_if(dry_run)
    return done


def _need(reason: str) -> None:
    if not reason.strip():
        raise UsageError("Say why with --reason TEXT.")


def _append(
    transaction: Transaction,
    problem: Problem,
    event: str,
    reason: str,
    now: datetime,
    person: str,
    more: dict[str, Any],
) -> Happened:
    at = now.isoformat(timespec="seconds")
    batch = transaction.begin_batch("withdraw" if event == WITHDRAWAL else "reopen", at, person, reason)
    state = {"values": {}, "raw": {}, "event": event, "at": at, "reason": reason, **more}
    number = len(problem.events) + 1
    transaction.add_revision(batch, at, NewRevision(problem.number, EVENT, number, "command", person, state, []))
    now_is = transaction.problem(problem.number) or problem
    return Happened(now_is.number, now_is.status, now_is.round)
