"""``ingest``: read everything, then take it in portion by portion, each committed before its files are moved."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.collect import collect
from tpdocs.actions.filing import Filing, attach, attached_beside, clear_away, finish, take_late_attachments
from tpdocs.actions.incoming import FEW, Incoming, in_order, read_files
from tpdocs.actions.taking_in import REJECTED, REVISED, FileOutcome, Intake, OnRecord, RecordOutcome
from tpdocs.codes import ERROR, WARNING
from tpdocs.desk.folder import Desk
from tpdocs.errors import UsageError
from tpdocs.findings import Finding
from tpdocs.forms.standard import FORMS
from tpdocs.ledger.store import Ledger
from tpdocs.word.package import Limits

PORTION = 200
_MEGABYTE = 2**20


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
    """What an ingest did. `written` are receipts, `skipped` files that are no forms, `failed` what could not be written or cleared away."""

    batch: int = 0
    files: list[FileOutcome] = field(default_factory=list)
    skipped: list[Path] = field(default_factory=list)
    written: list[Path] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def needs_a_person(self) -> bool:
        """Whether a file was rejected or something could not be written."""
        return bool(self.failed) or any(
            one.outcome == REJECTED or any(record.outcome == REJECTED for record in one.records) for one in self.files
        )

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        return {"batch": self.batch or None, "files": [_file_json(one) for one in self.files]}


def _file_json(one: FileOutcome) -> dict[str, Any]:
    return {
        "path": str(one.incoming.path),
        "sha256": one.incoming.sha256 or None,
        "outcome": one.outcome,
        "records": [_record_json(record) for record in one.records],
        "findings": [finding.as_json() for finding in one.findings],
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


class _Undo(Exception):  # noqa: N818 - not an error: it takes a dry run back
    pass


def _undo_if(wanted: bool) -> None:  # noqa: FBT001
    if wanted:
        raise _Undo


def limits_of(desk: Desk) -> Limits:
    """The limits that the desk's settings give."""
    told = desk.settings.limits
    return Limits(
        file_bytes=told.file_mb * _MEGABYTE,
        unpacked_bytes=told.unpacked_mb * _MEGABYTE,
        xml_bytes=told.part_mb * _MEGABYTE,
    )


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
    shelf = Shelf.of(desk)
    if len(collected.forms) > FEW:
        shelf.fill()
    done = iter(range(1, len(collected.forms) + 1))
    incoming_files = read_files(
        collected.forms, shelf, limits_of(desk), options.jobs, lambda _one: step(next(done), len(collected.forms))
    )
    with desk.locked(), _ledger(desk) as ledger:
        ordered = iter(in_order(incoming_files))
        on_record: OnRecord | None = None
        # A dry run takes everything back, so it has to be of one piece.
        while portion := list(islice(ordered, len(incoming_files) if options.dry_run else PORTION)):
            on_record = _take_portion(desk, ledger, portion, options, now, result, on_record)
    _settle_others(desk, collected.beside, options, now, result)
    return result


@contextmanager
def _ledger(desk: Desk) -> Iterator[Ledger]:
    ledger = Ledger(desk.ledger)
    try:
        yield ledger
    finally:
        ledger.close()


def _settle_others(desk: Desk, beside: list[Path], options: Options, now: datetime, result: Ingested) -> None:
    """What lay beside the forms: attachments of theirs, attachments a form on record still lacks, and the rest."""
    claimed = {path for one in result.files if one.outcome != REJECTED for path in attached_beside(one)}
    # A Word file that a form names as its attachment is no form that was rejected.
    result.files = [
        one for one in result.files if one.outcome != REJECTED or one.incoming.path.absolute() not in claimed
    ]
    others = [path for path in beside if path.absolute() not in claimed]
    # What lies in the inbox waits for somebody; what lies in a folder that was named may have nothing to do with us.
    waiting = [path for path in others if desk.inbox.absolute() in path.absolute().parents]
    result.skipped += [path for path in others if path not in waiting]
    late = _late_attachments(desk, waiting, options, now, result) if waiting else {}
    for path in waiting:
        if path in late:
            number, digest, _ = late[path]
            result.files.append(
                FileOutcome(Incoming(path, digest), REVISED, [RecordOutcome("report", number, REVISED)])
            )
        else:
            stray = Finding(code="stray_file")
            result.files.append(FileOutcome(Incoming(path, refused=stray), findings=[stray]))


def _late_attachments(
    desk: Desk, paths: list[Path], options: Options, now: datetime, result: Ingested
) -> dict[Path, tuple[str, str, str]]:
    filing = Filing(desk, dry_run=options.dry_run)
    late: dict[Path, tuple[str, str, str]] = {}
    with desk.locked(), _ledger(desk) as ledger:
        try:
            with ledger.transaction() as transaction:
                if not result.batch:
                    at = now.isoformat(timespec="seconds")
                    result.batch = transaction.begin_batch("ingest", at, options.person, options.comment)
                late = take_late_attachments(filing, transaction, paths, result.batch)
                _undo_if(options.dry_run or not late)
                filing.settle()
        except _Undo:
            result.batch = 0 if options.dry_run or not any(one.records for one in result.files) else result.batch
            return late
    for path, (_, digest, kept_at) in late.items():
        clear_away(desk, path, digest, kept_at, result.failed)
    return late


def _take_portion(
    desk: Desk,
    ledger: Ledger,
    portion: list[Incoming],
    options: Options,
    now: datetime,
    result: Ingested,
    on_record: OnRecord | None,
) -> OnRecord:
    """One transaction: the bytes are in the archive before the revision is committed, the inbox is cleared after."""
    outcomes: list[FileOutcome] = []
    filing = Filing(desk, dry_run=options.dry_run)
    at = now.isoformat(timespec="seconds")
    revision = 0
    try:
        with ledger.transaction() as transaction:
            known = on_record or OnRecord(transaction)
            if not result.batch:
                result.batch = transaction.begin_batch("ingest", at, options.person, options.comment)

            intake = Intake(
                transaction, desk.settings, now, result.batch, known, filing.keep, ledger.desk_id, options.person
            )
            outcomes = [intake.take_in(one) for one in portion]
            attach(filing, transaction, outcomes, options.attach, result.batch)
            revision = transaction.last_revision()
            _undo_if(options.dry_run)
            filing.settle()
    except _Undo:
        result.batch = 0
        result.files += outcomes
        return known
    result.files += outcomes
    for one in outcomes:
        finish(desk, one, {"revision": str(revision), "desk": ledger.desk_id}, result.written, result.failed)
    return known


def counted(files: list[FileOutcome]) -> dict[str, int]:
    """How many files had which outcome."""
    counts: dict[str, int] = {}
    for one in files:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
    return counts


def grave(findings: list[Finding]) -> list[Finding]:
    """Only errors and warnings."""
    return [one for one in findings if one.severity in (ERROR, WARNING)]
