"""``ingest``: read everything, then take it in portion by portion, each committed before its files are moved."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.changes import TakenBackError, ledger_of, take_back_if
from tpdocs.actions.collect import collect
from tpdocs.actions.filing import (
    Filing,
    attach,
    attached_beside,
    clear_away,
    clear_inbox,
    take_late_attachments,
)
from tpdocs.actions.incoming import Incoming, in_order, read_file, read_files
from tpdocs.actions.limits import limits_of
from tpdocs.actions.on_record import OnRecord
from tpdocs.actions.outgoing import outgoing_for, write_outgoing
from tpdocs.actions.staging import Staging
from tpdocs.actions.taking_in import NEW, REJECTED, REVISED, UNCHANGED, FileOutcome, Intake, RecordOutcome
from tpdocs.actions.workers import Workers, few
from tpdocs.codes.kinds import ERROR, WARNING
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, UsageError
from tpdocs.findings import Finding
from tpdocs.forms.standard import FORMS
from tpdocs.ledger.store import Ledger, Transaction

PORTION = 200
_ABOUT_THE_FILE = frozenset(("macros", "was_converted"))


@dataclass(slots=True)
class Options:
    """How to ingest."""

    attach: list[Path] = field(default_factory=list)
    dry_run: bool = False
    jobs: int = 0
    comment: str = ""
    person: str = ""


@dataclass(slots=True)
class Ingested:
    """What an ingest did. `written` are receipts, `returned` copies with comments, `skipped` files that are no forms, `failed` what could not be written or cleared away."""

    batch: int = 0
    files: list[FileOutcome] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    returned: list[Path] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def needs_a_person(self) -> bool:
        """Whether a file was rejected or something could not be written."""
        return bool(self.failed) or any(
            one.outcome == REJECTED or any(record.outcome == REJECTED for record in one.records) for one in self.files
        )

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        return {"batch": self.batch or None, "files": [_file_json(forms) for forms in by_file(self.files)]}


def _file_json(forms: list[FileOutcome]) -> dict[str, Any]:
    return {
        "path": str(forms[0].incoming.path),
        "sha256": forms[0].incoming.sha256 or None,
        "outcome": outcome_of(forms),
        "records": [_record_json(record) for one in forms for record in one.records],
        "findings": [finding.as_json() for one in forms for finding in one.findings],
    }


def _record_json(one: RecordOutcome) -> dict[str, Any]:
    changes = [{"field": f"{one.form}.{change.field}", "old": change.old, "new": change.new} for change in one.changes]
    findings = [finding.as_json() for finding in one.findings]
    return {
        "form": FORMS[one.form].code,
        "number": one.number,
        "outcome": one.outcome,
        "changes": changes,
        "findings": findings,
    }


def ingest(
    desk: Desk,
    paths: list[Path],
    options: Options,
    now: datetime,
    step: Callable[[int, int], None] = lambda _done, _all: None,
) -> Ingested:
    """Take documents into the ledger. `step` is told how many of how many files have been read."""
    collected = collect(paths or [desk.inbox])
    result = Ingested()
    for path in collected.absent:
        incoming = Incoming(path, refused=Finding(code="no_such_file"))
        result.files.append(FileOutcome(incoming, findings=[Finding(code="no_such_file")]))
    if options.attach and not collected.forms:
        raise UsageError("--attach goes with the forms of exactly one problem; these are of {count}.", count=0)
    # The workers come before the threads: a process with threads is not safely copied.
    with (
        desk.staging() as folder,
        Workers(options.jobs, len(collected.forms)) as workers,
        Staging(folder) as staging,
    ):
        batch = _Batch(desk, options, now, result, workers, None if options.dry_run else staging)
        ordered = in_order(_read_all(batch, collected.forms, step))
        with ledger_of(desk) as ledger:
            _take_all(batch, ledger, ordered)
            _settle_receipts(batch)
        _settle_others(batch, collected.beside)
    return result


@dataclass(frozen=True, slots=True)
class _Batch:
    """One run of ``ingest``: where, how, when, what came of it, and who works for it; no `staging` in a dry run."""

    desk: Desk
    options: Options
    now: datetime
    result: Ingested
    workers: Workers
    staging: Staging | None

    @property
    def at(self) -> str:
        return self.now.isoformat(timespec="seconds")

    def begun(self, transaction: Transaction) -> int:
        """The number of the batch, given with its first transaction."""
        if not self.result.batch:
            options = self.options
            self.result.batch = transaction.begin_batch("ingest", self.at, options.person, options.comment)
        return self.result.batch


def _read_all(batch: _Batch, paths: list[Path], step: Callable[[int, int], None]) -> list[Incoming]:
    shelf = Shelf.of(batch.desk)
    if len(paths) > few():
        shelf.fill()
    folder = batch.staging.folder if batch.staging else None
    reader = partial(read_file, shelf=shelf, limits=limits_of(batch.desk), staging=folder)
    done = iter(range(1, len(paths) + 1))

    def told(one: Incoming) -> None:
        if batch.staging:
            batch.staging.flush(one.staged)
        step(next(done), len(paths))

    return read_files(paths, reader, batch.workers, told)


def _take_all(batch: _Batch, ledger: Ledger, ordered: list[Incoming]) -> None:
    """Portion by portion; where one cannot be written, what was taken in before it stays taken in."""
    on_record: OnRecord | None = None
    # A dry run takes everything back, so it has to be of one piece.
    size = max(len(ordered), 1) if batch.options.dry_run else PORTION
    for start in range(0, len(ordered), size):
        try:
            on_record = _take_portion(batch, ledger, ordered[start : start + size], on_record)
        except NotWrittenError as error:
            if on_record is None:
                raise
            reason = Finding(code="not_copied", parts={"error": str(error)})
            batch.result.files += [FileOutcome(one, findings=[one.refused or reason]) for one in ordered[start:]]
            return


def _take_portion(batch: _Batch, ledger: Ledger, portion: list[Incoming], on_record: OnRecord | None) -> OnRecord:
    """One transaction: the bytes are in the archive before the revision is committed, the inbox is cleared after."""
    desk, options, result = batch.desk, batch.options, batch.result
    outcomes: list[FileOutcome] = []
    revision = 0
    try:
        with Filing(desk, batch.staging) as filing, ledger.transaction() as transaction:
            known = on_record or OnRecord(transaction)
            number = batch.begun(transaction)
            intake = Intake(
                transaction,
                desk.settings,
                batch.now,
                number,
                known,
                filing.keep,
                ledger.desk_id,
                (desk.root / "archive").absolute(),
                options.person,
            )
            outcomes = [intake.take_in(form) for one in portion for form in one.forms]
            attach(filing, transaction, outcomes, options.attach, number)
            revision = transaction.last_revision()
            take_back_if(options.dry_run)
            filing.settle()
    except TakenBackError:
        result.batch = 0
        result.files += outcomes
        return known
    result.files += outcomes
    told = {"revision": str(revision), "desk": ledger.desk_id}
    batch.workers.later(write_outgoing, outgoing_for(desk, by_file(outcomes), told, batch.now))
    for forms in by_file(outcomes):
        clear_inbox(desk, forms, result.failed)
    return known


def _settle_receipts(batch: _Batch) -> None:
    for target, reason in batch.workers.results():
        if target is None:
            batch.result.failed.append(reason)
        elif target.parent == batch.desk.outbox:
            batch.result.written.append(target)
        else:
            batch.result.returned.append(target)


def _settle_others(batch: _Batch, beside: list[Path]) -> None:
    """What lay beside the forms: attachments of theirs, attachments a form on record still lacks, and the rest."""
    result = batch.result
    claimed = {path for one in result.files if one.outcome != REJECTED for path in attached_beside(one)}
    # A Word file that a form names as its attachment is no form that was rejected.
    result.files = [
        one for one in result.files if one.outcome != REJECTED or one.incoming.path.absolute() not in claimed
    ]
    others = [path for path in beside if path.absolute() not in claimed]
    # What lies in the inbox waits for somebody; what lies in a folder that was named may have nothing to do with us.
    waiting = [path for path in others if batch.desk.holds_in_inbox(path)]
    result.skipped += [path for path in others if path not in waiting]
    late = _late_attachments(batch, waiting) if waiting else {}
    for path in waiting:
        if path in late:
            number, digest, _ = late[path]
            result.files.append(
                FileOutcome(Incoming(path, digest), REVISED, [RecordOutcome("report", number, REVISED)])
            )
        else:
            stray = Finding(code="stray_file")
            result.files.append(FileOutcome(Incoming(path, refused=stray), findings=[stray]))


def _late_attachments(batch: _Batch, paths: list[Path]) -> dict[Path, tuple[str, str, str]]:
    desk, options, result = batch.desk, batch.options, batch.result
    late: dict[Path, tuple[str, str, str]] = {}
    with ledger_of(desk) as ledger:
        try:
            with Filing(desk, batch.staging) as filing, ledger.transaction() as transaction:
                late = take_late_attachments(filing, transaction, paths, batch.begun(transaction))
                take_back_if(options.dry_run or not late)
                filing.settle()
        except TakenBackError:
            result.batch = 0 if options.dry_run or not any(one.records for one in result.files) else result.batch
            return late
    for path, (_, digest, kept_at) in late.items():
        clear_away(desk, path, digest, kept_at, result.failed)
    return late


def by_file(outcomes: list[FileOutcome]) -> list[list[FileOutcome]]:
    """What became of each file: of its form, or of all of them where it holds several."""
    found: list[list[FileOutcome]] = []
    for one in outcomes:
        if one.incoming.part > 1 and found and found[-1][0].incoming.path == one.incoming.path:
            found[-1].append(one)
        else:
            found.append([one])
    return found


def outcome_of(forms: list[FileOutcome]) -> str:
    """What became of a file with these forms: the first of new, revised, unchanged, rejected that one of them has."""
    told = {one.outcome for one in forms}
    return next(one for one in (NEW, REVISED, UNCHANGED, REJECTED) if one in told)


def counted(outcomes: list[FileOutcome]) -> dict[str, int]:
    """How many files had which outcome."""
    counts: dict[str, int] = {}
    for forms in by_file(outcomes):
        outcome = outcome_of(forms)
        counts[outcome] = counts.get(outcome, 0) + 1
    return counts


def grave(findings: list[Finding]) -> list[Finding]:
    """Errors and warnings, and what is said about the file itself: that its macros were not run, that it was converted."""
    return [one for one in findings if one.severity in (ERROR, WARNING) or one.code in _ABOUT_THE_FILE]
