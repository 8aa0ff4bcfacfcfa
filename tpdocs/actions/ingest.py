"""``ingest``: read everything, then take it in portion by portion, each committed before its files are moved."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.collect import collect
from tpdocs.actions.incoming import Incoming, in_order, read_files
from tpdocs.actions.taking_in import REJECTED, FileOutcome, Intake, RecordOutcome, Reports
from tpdocs.desk.files import put_aside, safe_name, sha256_of, write_whole
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, UsageError
from tpdocs.findings import ERROR, WARNING, Finding
from tpdocs.forms.standard import FORMS
from tpdocs.ledger.store import Ledger, Transaction
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.package import Limits

PORTION = 200
_MEGABYTE = 2**20
_FILE_NAME = re.compile(r"[^\s/\\]+\.[A-Za-z0-9]{1,8}")
_HASH_SHOWN = 16


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
    """What an ingest did. `written` are receipts, `failed` what could not be written or cleared away."""

    batch: int = 0
    files: list[FileOutcome] = field(default_factory=list)
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
    shelf = Shelf.of(desk)
    if collected.forms:
        shelf.fill()
    done = iter(range(1, len(collected.forms) + 1))
    incoming_files = read_files(
        collected.forms, shelf, limits_of(desk), options.jobs, lambda _one: step(next(done), len(collected.forms))
    )
    with desk.locked(), _ledger(desk) as ledger:
        ordered = iter(in_order(incoming_files))
        reports: Reports | None = None
        while portion := list(islice(ordered, PORTION)):
            reports = _take_portion(desk, ledger, portion, options, now, result, reports)
    claimed = {path for one in result.files for path in _attached_beside(one)}
    for path in collected.beside:
        if path.absolute() not in claimed:
            result.files.append(_stray(path))
    return result


@contextmanager
def _ledger(desk: Desk) -> Iterator[Ledger]:
    ledger = Ledger(desk.ledger)
    try:
        yield ledger
    finally:
        ledger.close()


def _stray(path: Path) -> FileOutcome:
    return FileOutcome(Incoming(path), "ignored", findings=[Finding(code="stray_file")])


def _take_portion(
    desk: Desk,
    ledger: Ledger,
    portion: list[Incoming],
    options: Options,
    now: datetime,
    result: Ingested,
    reports: Reports | None,
) -> Reports:
    """One transaction: the bytes are in the archive before the revision is committed, the inbox is cleared after."""
    outcomes: list[FileOutcome] = []
    at = now.isoformat(timespec="seconds")
    revision = 0
    try:
        with ledger.transaction() as transaction:
            reports = reports or Reports(transaction.problems())
            if not result.batch:
                result.batch = transaction.begin_batch("ingest", at, options.person, options.comment)

            def keep(subject: str, incoming: Incoming, data: bytes) -> str:
                return _keep(desk, subject, incoming, data, dry_run=options.dry_run)

            intake = Intake(
                transaction, desk.settings, now, result.batch, reports, keep, ledger.desk_id, options.person
            )
            outcomes = [intake.take_in(one) for one in portion]
            _attach(desk, transaction, outcomes, options, result.batch)
            revision = transaction.last_revision()
            _undo_if(options.dry_run)
    except _Undo:
        result.batch = 0
        result.files += outcomes
        return reports or Reports([])
    result.files += outcomes
    for one in outcomes:
        _finish(desk, one, revision, ledger.desk_id, result)
    return reports


def _keep(desk: Desk, subject: str, incoming: Incoming, data: bytes, *, dry_run: bool) -> str:
    """Copy a document into its problem's archive, under its hash; returns where, relative to the desk."""
    target = desk.archive(subject) / f"{incoming.sha256[:_HASH_SHOWN]}-{safe_name(incoming.path.name)}"
    if not dry_run:
        put_aside(incoming.path, target, data)
    return target.relative_to(desk.root).as_posix()


def _attach(desk: Desk, transaction: Transaction, outcomes: list[FileOutcome], options: Options, batch: int) -> None:
    """Files named on the forms and lying beside them, pictures in the documents, and the files of ``--attach``."""
    taken = [one for one in outcomes if one.records and one.document_id is not None]
    numbers = {one.number for one in taken}
    if options.attach and len(numbers) != 1:
        raise UsageError(
            "--attach goes with the forms of exactly one problem; these are of {count}.", count=len(numbers)
        )
    given = {path.name: path for path in options.attach}
    for one in taken:
        folder = one.incoming.path.absolute().parent
        for name in _names_of_attachments(one):
            path = given.pop(name, folder / name)
            if path.is_file():
                _keep_attachment(desk, transaction, one, name, path.read_bytes(), batch, dry_run=options.dry_run)
            elif name not in {known[0] for known in transaction.attachments(one.number)}:
                one.records[0].findings.append(
                    Finding(
                        code="attachment_not_found",
                        number=one.number,
                        form="F01",
                        field="report.attachments",
                        parts={"value": name},
                    )
                )
        for picture in one.incoming.pictures:
            _keep_attachment(desk, transaction, one, picture.name, picture.data, batch, dry_run=options.dry_run)
    for path in given.values():
        _keep_attachment(desk, transaction, taken[0], path.name, path.read_bytes(), batch, dry_run=options.dry_run)


def _names_of_attachments(one: FileOutcome) -> list[str]:
    report = one.incoming.records.get("report")
    rows = report.values.get("attachments", []) if report else []
    return [row["name"] for row in rows if row.get("name") and _FILE_NAME.fullmatch(row["name"])]


def _attached_beside(one: FileOutcome) -> list[Path]:
    folder = one.incoming.path.absolute().parent
    return [folder / name for name in _names_of_attachments(one)]


def _keep_attachment(
    desk: Desk, transaction: Transaction, one: FileOutcome, name: str, data: bytes, batch: int, *, dry_run: bool
) -> None:
    digest = sha256_of(data)
    target = desk.archive(one.number) / f"{digest[:_HASH_SHOWN]}-{safe_name(name)}"
    if not dry_run:
        put_aside(Path(), target, data)
    path = target.relative_to(desk.root).as_posix()
    transaction.add_attachment(batch, one.document_id, one.number, digest, name, path)


def _finish(desk: Desk, one: FileOutcome, revision: int, desk_id: str, result: Ingested) -> None:
    """After the commit: the receipt of a new problem, and the inbox cleared of what is safe in the archive."""
    if one.opened:
        properties = {"number": one.opened, "round": "1", "revision": str(revision), "desk": desk_id}
        document = FormDocument((desk.root / one.kept_at).read_bytes())
        content = Content({"report.number": one.opened})
        target = desk.outbox / f"{one.opened}-F01-{safe_name(FORMS['report'].title)}.docx"
        try:
            write_whole(target, document.fill(content, properties))
            result.written.append(target)
        except NotWrittenError as error:
            result.failed.append(str(error))
    if one.kept_at and one.outcome != REJECTED and _lies_in(one.incoming.path, desk.inbox):
        for path in (one.incoming.path, *_attached_beside(one)):
            _clear_away(desk, path, one, result)


def _lies_in(path: Path, folder: Path) -> bool:
    return folder.absolute() in path.absolute().parents


def _clear_away(desk: Desk, path: Path, one: FileOutcome, result: Ingested) -> None:
    """Remove a file from the inbox, if the archive holds exactly its bytes."""
    try:
        if not path.is_file():
            return
        digest = sha256_of(path.read_bytes())
        folder = desk.archive(one.number)
        kept = next(iter(folder.glob(f"{digest[:_HASH_SHOWN]}-*")), None)
        if kept is not None and sha256_of(kept.read_bytes()) == digest:
            path.unlink()
    except OSError as error:
        result.failed.append(f"{path}: {error.strerror or error}")


def counted(files: list[FileOutcome]) -> dict[str, int]:
    """How many files had which outcome."""
    counts: dict[str, int] = {}
    for one in files:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
    return counts


def grave(findings: list[Finding]) -> list[Finding]:
    """Only errors and warnings."""
    return [one for one in findings if one.severity in (ERROR, WARNING)]
