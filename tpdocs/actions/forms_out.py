"""``blank``, ``next`` and ``close``: forms going out."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.prefill import closure_values, prefilled
from tpdocs.desk.files import free_name, safe_name, write_whole
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, TpdocsError, UsageError
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import Problem
from tpdocs.forms.standard import ALL_FORMS, FORMS, FormSpec, form_named
from tpdocs.forms.values import Record, squeezed
from tpdocs.language import Phrase
from tpdocs.ledger.entries import NewRevision
from tpdocs.ledger.merge import Change
from tpdocs.ledger.store import Ledger, Transaction


def write_blanks(desk: Desk | None, names: list[str], folder: Path) -> list[Path]:
    """Blank forms into a folder; all of them when none is named. Files that are there already are not overwritten."""
    forms = [form_named(name) for name in names] or list(ALL_FORMS)
    shelf = Shelf.of(desk)
    blanks = [(form, shelf.blank(form).data) for form in forms]  # all of them before the first is written
    written = []
    for form, data in blanks:
        path = free_name(folder / f"{form.code}-{safe_name(form.title)}.docx")
        write_whole(path, data)
        written.append(path)
    return written


_SHORT_NUMBER = re.compile(r"TP0*(\d{1,9})")


def known_problem(transaction: Transaction, number: str) -> Problem:
    """The problem of that number; TpdocsError when it was never given."""
    found = transaction.problem(full_number(number))
    if found is None:
        raise TpdocsError("There is no problem {number} on record. “tpdocs list” shows the numbers.", number=number)
    return found


def full_number(number: str) -> str:
    """``tp1`` is TP001: people leave the noughts out."""
    bare = squeezed(number).upper()
    match = _SHORT_NUMBER.fullmatch(bare)
    return f"TP{int(match[1]):03d}" if match else bare


def write_next(desk: Desk, number: str, folder: Path, wanted: list[str], dry_run: bool = False) -> list[Path]:  # noqa: FBT001, FBT002
    """The forms due next for a problem, or those named, prefilled; returns where they were written."""
    ledger = Ledger(desk.ledger)
    try:
        with ledger.reading() as transaction:
            problem = known_problem(transaction, number)
            documents = transaction.documents(problem.number)
            revision = transaction.last_revision()
    finally:
        ledger.close()
    forms = [form_named(name) for name in wanted] or [FORMS[key] for key in problem.due_forms]
    written = []
    for form in forms:
        if form.key in ("review", "dossier"):
            raise UsageError("{form} is not written for a single problem; use “tpdocs blank”.", form=form.name)
        data = prefilled(problem, form, Shelf.of(desk), ledger.desk_id, revision, documents, desk.settings)
        path = folder / _file_name(problem, form)
        if not dry_run:
            path = free_name(path)
            write_whole(path, data)
        written.append(path)
    return written


def _file_name(problem: Problem, form: FormSpec) -> str:
    again = f"-第{problem.round}轮" if problem.round > 1 and form.about.by_round else ""
    return f"{problem.number}-{form.code}-{safe_name(form.title)}{again}.docx"


class NotClosableError(TpdocsError):
    """The gate before closing is not met."""

    def __init__(self, number: str, reasons: list[Phrase]) -> None:
        super().__init__("{number} cannot be closed: {reasons}", number=number, reasons=reasons)
        self.reasons = reasons


@dataclass(slots=True)
class ClosedProblem:
    """What closing did: where the notice is, or why it could not be written (the closure is on record all the same)."""

    number: str
    revision: int = 0
    notice: Path | None = None
    failed: list[str] = field(default_factory=list)


def close(
    desk: Desk, number: str, by: str, at: Moment, now: datetime, person: str, *, dry_run: bool = False
) -> ClosedProblem:
    """Commit the closure, then write the notice; NotClosableError with every reason, and nothing recorded, when the gate is not met."""
    with desk.locked():
        ledger = Ledger(desk.ledger)
        try:
            with ledger.transaction() as transaction:
                problem = known_problem(transaction, number)
                if reasons := problem.reasons_not_to_close():
                    raise NotClosableError(problem.number, reasons)
                record = _closure(problem, by, at, desk)
                done = ClosedProblem(problem.number)
                if dry_run:
                    return done
                done.revision = _commit(transaction, problem, record, now, person)
            with ledger.transaction() as transaction:
                problem = known_problem(transaction, number)
                documents = transaction.documents(problem.number)
        finally:
            ledger.close()
        data = prefilled(
            problem, FORMS["closure"], Shelf.of(desk), ledger.desk_id, done.revision, documents, desk.settings
        )
        # A notice written for filling in by hand may lie there, with something in it already.
        done.notice = free_name(desk.outbox / _file_name(problem, FORMS["closure"]))
        try:
            write_whole(done.notice, data)
        except NotWrittenError as error:
            done.failed.append(str(error))
    return done


def _closure(problem: Problem, by: str, at: Moment, desk: Desk) -> Record:
    values = closure_values(problem, [], desk.settings)
    values.pop("status")
    values["closed_at"] = at.isoformat()
    if by:
        values["closed_by"] = by
    return Record("closure", {name: value for name, value in values.items() if value})


def _commit(transaction: Transaction, problem: Problem, record: Record, now: datetime, person: str) -> int:
    moment = now.isoformat(timespec="seconds")
    batch = transaction.begin_batch("close", moment, person)
    state = {"values": record.values, "raw": {}, "places": {}, "conflicts": {}}
    changes = [Change(name, None, value) for name, value in record.values.items()]
    new = NewRevision(problem.number, "closure", problem.round, "command", person, state, changes)
    return transaction.add_revision(batch, moment, new)
