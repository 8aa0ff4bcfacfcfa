"""``doctor``: whether a desk is sound: its ledger, its archive, its register, its backups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tpdocs.actions.changes import ledger_of
from tpdocs.actions.sync import sync
from tpdocs.actions.verdicts import INVALID, UNCHANGED
from tpdocs.codes.kinds import ERROR, WARNING
from tpdocs.desk.files import held_back, sha256_of
from tpdocs.desk.folder import Desk
from tpdocs.desk.place import is_on_a_share
from tpdocs.errors import NotWrittenError
from tpdocs.findings import Finding
from tpdocs.language import Phrase
from tpdocs.ledger.backups import backups_in, fault_in, fault_in_copy, is_of_a_newer_version
from tpdocs.ledger.engine import LedgerError
from tpdocs.ledger.store import Transaction
from tpdocs.register.book import RegisterError, broken_part
from tpdocs.register.columns import SHEETS

LEDGER, ARCHIVE, REGISTER, BACKUPS = "ledger", "archive", "register", "backups"
PARTS = (LEDGER, ARCHIVE, REGISTER, BACKUPS)
_HASH_SHOWN = 16
_TEMPORARY = (".tpdocs-*.tmp", "ledger*.part", "*.restored")


@dataclass(slots=True)
class CheckUp:
    """What was found, by part of the desk; a part without findings is sound. `counted` says how much of it was looked at; None where it was not."""

    findings: dict[str, list[Finding]] = field(default_factory=lambda: {part: [] for part in PARTS})
    counted: dict[str, int | None] = field(default_factory=lambda: dict.fromkeys(PARTS))

    @property
    def every(self) -> list[Finding]:
        """All findings."""
        return [one for found in self.findings.values() for one in found]

    @property
    def needs_a_person(self) -> bool:
        """Whether something has to be done."""
        return any(one.severity in (ERROR, WARNING) for one in self.every)

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        parts = [
            {"part": part, "looked_at": self.counted[part], "findings": [one.as_json() for one in self.findings[part]]}
            for part in PARTS
        ]
        return {"sound": not self.needs_a_person, "parts": parts}

    def say(self, part: str, code: str, number: str = "", **parts: str | Phrase) -> None:
        """Something wrong."""
        self.findings[part].append(Finding(code=code, number=number, parts=parts))


def check_up(desk: Desk, now: datetime) -> CheckUp:
    """Look at everything; nothing is changed."""
    found = CheckUp()
    good = _look_at_backups(desk, found)
    if _look_at_ledger(desk, found, good):
        with ledger_of(desk) as ledger, ledger.reading() as transaction:
            _look_at_archive(desk, transaction, found)
        _look_at_register(desk, now, found)
    for path in _leftovers(desk):
        found.say(REGISTER, "desk_leftover", path=path.relative_to(desk.root).as_posix())
    return found


def _look_at_ledger(desk: Desk, found: CheckUp, good: int) -> bool:
    """Whether the ledger can be used."""
    path, usual = desk.ledger, desk.root / "ledger.db"
    if is_on_a_share(path):
        found.say(LEDGER, "desk_on_share", path=str(path))
    if not path.exists():
        if usual.exists():
            found.say(LEDGER, "desk_ledger_elsewhere", path=str(path), other=str(usual))
        else:
            found.say(LEDGER, "desk_ledger_missing", path=str(path))
        return False
    try:
        with desk.locked():  # what another process is writing looks damaged
            fault = fault_in(path)
    except LedgerError as error:
        found.say(LEDGER, "desk_ledger_unusable", error=str(error).rstrip("."))
        return False
    if fault:
        code = "desk_ledger_damaged" if good else "desk_ledger_lost"
        found.say(LEDGER, code, path=str(path), error=fault, archive=str(desk.root / "archive"))
        return False
    if is_of_a_newer_version(path):
        found.say(LEDGER, "desk_ledger_newer", path=str(path))
        return False
    with ledger_of(desk) as ledger, ledger.reading() as transaction:
        found.counted[LEDGER] = transaction.log.revisions()
    return True


def _look_at_archive(desk: Desk, transaction: Transaction, found: CheckUp) -> None:
    """Every file that the ledger knows lies there with the bytes it was taken in with; what else lies there is told."""
    known: set[Path] = set()
    count = 0
    for number, path_text, digest in transaction.log.files():
        path = desk.root / path_text
        if path in known:
            continue
        known.add(path)
        count += 1
        facts = {"path": path_text, "hash": digest[:_HASH_SHOWN]}
        try:
            if sha256_of(path.read_bytes()) != digest:
                found.say(ARCHIVE, "desk_file_altered", number, **facts)
        except OSError:
            found.say(ARCHIVE, "desk_file_missing", number, **facts)
    found.counted[ARCHIVE] = count
    for path in archived_files(desk):
        if path not in known:
            found.say(ARCHIVE, "desk_file_unknown", path=path.relative_to(desk.root).as_posix())


def archived_files(desk: Desk) -> list[Path]:
    """Every file in the archive."""
    return sorted(
        path for path in (desk.root / "archive").rglob("*") if path.is_file() and not path.name.startswith(".")
    )


def _look_at_register(desk: Desk, now: datetime, found: CheckUp) -> None:
    if not desk.register.exists():
        found.say(REGISTER, "desk_register_missing")
        return
    if held := held_back(desk.register):
        found.say(REGISTER, "desk_register_open", error=str(held).rstrip("."))
    try:
        done = sync(desk, now, dry_run=True)
    except (RegisterError, NotWrittenError) as error:
        found.say(REGISTER, "desk_register_unusable", error=str(error).rstrip("."))
        return
    found.counted[REGISTER] = done.problems
    if part := broken_part(desk.register.read_bytes()):
        found.say(REGISTER, "desk_register_part", path=part)
    if changed := sum(one.verdict not in (UNCHANGED, INVALID) for one in done.verdicts):
        found.say(REGISTER, "desk_register_changes", count=str(changed))
    if refused := sum(one.verdict == INVALID for one in done.verdicts):
        found.say(REGISTER, "desk_register_refused", count=str(refused))
    with ledger_of(desk) as ledger, ledger.reading() as transaction:
        last, now_known = transaction.faces.newest(), transaction.faces.known()
        waiting = transaction.faces.without_room()
    shown = last is not None and (last.revision, last.document, last.attachment) == (
        now_known.revision, now_known.document, now_known.attachment
    )  # fmt: skip
    if not shown or done.older or waiting:
        found.say(REGISTER, "desk_register_behind")
    for lacking in _lacking(last.layout if last is not None else {}):
        found.say(REGISTER, "desk_register_lacks", name=lacking)


def _lacking(layout: Mapping[str, Any]) -> Iterator[str]:
    """The sheets and columns that the register had not when it was written last: sync tells of them once, when they go."""
    for sheet in SHEETS if layout else ():
        if sheet.table not in layout:
            yield sheet.name
        else:
            yield from (f"{sheet.name} · {heading}" for heading in layout[sheet.table]["missing"])


def _look_at_backups(desk: Desk, found: CheckUp) -> int:
    """How many good ones there are."""
    every = backups_in(desk.root / "backup")
    faults = {path: fault_in_copy(path) for path in every}
    found.counted[BACKUPS] = len(every)
    good = sum(not fault for fault in faults.values())
    for path, fault in faults.items():
        if fault:
            found.say(
                BACKUPS, "desk_backup_bad" if good else "desk_backups_bad", path=path.name, error=fault, count=str(good)
            )
    if not every:
        found.say(BACKUPS, "desk_no_backup")
    return good


def _leftovers(desk: Desk) -> Iterator[Path]:
    """Files that were being written when a tpdocs was ended."""
    with desk.locked():
        for folder in (desk.root, desk.root / "backup", desk.outbox, desk.root / "returned"):
            for pattern in _TEMPORARY:
                yield from sorted(folder.glob(pattern))
