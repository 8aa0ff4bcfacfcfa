"""Files on their way into the archive, attachments with them, receipts out of it, and the inbox cleared behind them."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from tpdocs.actions.incoming import Incoming
from tpdocs.actions.staging import Staging
from tpdocs.actions.taking_in import REJECTED, FileOutcome
from tpdocs.desk.files import move_whole, put_aside, safe_name, sha256_of
from tpdocs.desk.folder import Desk
from tpdocs.errors import UsageError
from tpdocs.findings import Finding
from tpdocs.forms.report import named_files
from tpdocs.forms.standard import FIELDS
from tpdocs.ledger.entries import Attachment
from tpdocs.ledger.store import Transaction

_HASH_SHOWN = 16
_WRITERS = 4


class Filing:
    """The archive's door. Nothing is there before `settle`; what was put there goes again when the batch is not recorded."""

    def __init__(self, desk: Desk, staging: Staging | None = None) -> None:
        """`staging` is where documents wait; without one (a dry run) nothing is written at all."""
        self._desk = desk
        self._staging = staging
        self._staged: dict[Path, Path] = {}
        self._waiting: dict[Path, bytes] = {}
        self._new: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for target in self._new:
                target.unlink(missing_ok=True)

    def keep(self, subject: str, incoming: Incoming) -> str:
        """A document for its problem's archive, under its hash; returns where, relative to the desk."""
        target = self._target(subject, incoming.path.name, incoming.sha256)
        if incoming.staged is not None:
            self._staged[target] = incoming.staged
        return target.relative_to(self._desk.root).as_posix()

    def put(self, subject: str, name: str, digest: str, data: bytes) -> str:
        """Bytes for a problem's archive; returns where, relative to the desk."""
        target = self._target(subject, name, digest)
        self._waiting[target] = data
        return target.relative_to(self._desk.root).as_posix()

    def _target(self, subject: str, name: str, digest: str) -> Path:
        first = f"{digest[:_HASH_SHOWN]}-"
        # One taken in again from the archive lies there under its hash already.
        return self._desk.archive(subject) / f"{first}{safe_name(name.removeprefix(first))}"

    def settle(self) -> None:
        """Everything is on the disk, or NotWrittenError."""
        if self._staging is None:
            return
        waiting = Counter(self._staged.values())
        for target, staged in self._staged.items():
            self._staging.await_flushed(staged)
            waiting[staged] -= 1
            # A file with the forms of several problems goes into the archive of each.
            if put_aside(target, staged.read_bytes()) if waiting[staged] else move_whole(staged, target):
                self._new.append(target)
        # By threads: flushing a disk takes longer than everything else.
        with ThreadPoolExecutor(_WRITERS) as pool:
            written = list(pool.map(put_aside, self._waiting.keys(), self._waiting.values()))
        self._new += [target for target, new in zip(self._waiting, written, strict=True) if new]


def attach(
    filing: Filing, transaction: Transaction, outcomes: list[FileOutcome], files: list[Path], batch: int
) -> None:
    """Files named on the forms and lying beside them, pictures in the documents, and the files given by name."""
    taken = [one for one in outcomes if one.records and one.document_id is not None]
    numbers = {one.number for one in taken}
    if files and len(numbers) != 1:
        raise UsageError(
            "--attach goes with the forms of exactly one problem; these are of {count}.", count=len(numbers)
        )
    given = {path.name: path for path in files}
    for one in taken:
        folder = one.incoming.path.absolute().parent
        for name in _names_of_attachments(one):
            path = given.pop(name, folder / name)
            if path.is_file():
                _attach(filing, transaction, one, name, path.read_bytes(), batch)
            elif name not in {known.name for known in transaction.attachments(one.number)}:
                one.records[0].findings.append(attachment_missing(one.number, name))
        for picture in one.incoming.pictures:
            _attach(filing, transaction, one, picture.name, picture.data, batch, picture.place)
    for path in given.values():
        _attach(filing, transaction, taken[0], path.name, path.read_bytes(), batch)


def _attach(
    filing: Filing, transaction: Transaction, one: FileOutcome, name: str, data: bytes, batch: int, place: str = ""
) -> None:
    digest = sha256_of(data)
    path = filing.put(one.number, name, digest, data)
    transaction.add_attachment(batch, one.document_id, one.number, Attachment(name, path, digest, place))
    one.attached.append((name, digest, path))


def _names_of_attachments(one: FileOutcome) -> list[str]:
    report = one.incoming.records.get("report")
    return named_files(report.values.get("attachments")) if report else []


def attachment_missing(number: str, name: str) -> Finding:
    """A file that a report names and that did not come with it."""
    field = FIELDS["report.attachments"]
    return Finding(
        code="attachment_not_found",
        number=number,
        form="F01",
        field=field.path,
        label=field.label,
        parts={"value": name},
    )


def take_late_attachments(
    filing: Filing, transaction: Transaction, paths: list[Path], batch: int
) -> dict[Path, tuple[str, str, str]]:
    """Files in the inbox that exactly one report on record names and still lacks: problem, hash and place of each."""
    lacking: dict[str, list[str]] = {}
    for problem in transaction.problems():
        for name in problem.missing_attachments:
            lacking.setdefault(name, []).append(problem.number)
    taken = {}
    for path in paths:
        if len(numbers := lacking.get(path.name, [])) == 1:
            data = path.read_bytes()
            digest = sha256_of(data)
            kept_at = filing.put(numbers[0], path.name, digest, data)
            transaction.add_attachment(batch, None, numbers[0], Attachment(path.name, kept_at, digest))
            taken[path] = numbers[0], digest, kept_at
    return taken


def attached_beside(one: FileOutcome) -> list[Path]:
    """Where the attachments that a form names would lie beside it."""
    folder = one.incoming.path.absolute().parent
    return [folder / name for name in _names_of_attachments(one)]


def clear_inbox(desk: Desk, forms: list[FileOutcome], failed: list[str]) -> None:
    """After the commit: the inbox cleared of a file whose forms are all safe in the archive."""
    first = forms[0].incoming
    if any(one.outcome == REJECTED or not one.kept_at for one in forms) or not desk.holds_in_inbox(first.path):
        return
    clear_away(desk, first.path, first.sha256, forms[0].kept_at, failed)
    for one in forms:
        for name, digest, kept_at in one.attached:
            clear_away(desk, one.incoming.path.parent / name, digest, kept_at, failed)


def clear_away(desk: Desk, path: Path, digest: str, kept_at: str, failed: list[str]) -> None:
    """Remove a file from the inbox, if it is still the one that was taken in and the archive holds exactly its bytes."""
    try:
        if path.is_file() and all(sha256_of(one.read_bytes()) == digest for one in (path, desk.root / kept_at)):
            path.unlink()
    except OSError as error:
        failed.append(f"{path}: {error.strerror or error}")
