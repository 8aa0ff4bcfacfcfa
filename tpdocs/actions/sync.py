"""``sync``: the register written anew from the ledger, unless somebody changed it meanwhile."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tpdocs.checks.deadlines import deadlines, next_owner
from tpdocs.checks.rules import check_problem, check_reviews
from tpdocs.config import Settings
from tpdocs.desk.files import free_name, sha256_of, write_whole
from tpdocs.desk.folder import Desk
from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem, Stored
from tpdocs.ledger.store import Ledger, Transaction
from tpdocs.register.sheets import Snapshot
from tpdocs.register.workbook import workbook_bytes

_WRITTEN = "register_sha256"
_BESIDE = "register_beside_sha256"
_SECOND = "register-new.xlsx"


@dataclass(frozen=True, slots=True)
class Synced:
    """Where the register was written; `beside` when somebody had changed it and this is a second file."""

    path: Path
    beside: bool
    revision: int
    problems: int
    findings: list[Finding]


def all_findings(
    problems: list[Problem], reviews: dict[str, Stored], settings: Settings, now: datetime
) -> list[Finding]:
    """What is to flag about all problems and reviews."""
    found = [finding for problem in problems for finding in check_problem(problem, settings, now)]
    days = [problem.report.reported_at.day for problem in problems if problem.report.reported_at is not None]
    return found + check_reviews(reviews, min(days, default=None), settings, now)


def snapshot_of(transaction: Transaction, settings: Settings, now: datetime) -> Snapshot:
    """Everything the register is made of."""
    problems, reviews = transaction.problems(), transaction.reviews()
    return Snapshot(
        desk_id=transaction.desk_id(),
        revision=transaction.last_revision(),
        now=now,
        problems=problems,
        reviews=reviews,
        findings=all_findings(problems, reviews, settings, now),
        deadlines={problem.number: deadlines(problem, settings) for problem in problems},
        owners={problem.number: next_owner(problem, settings) for problem in problems},
        documents=transaction.documents(),
    )


def sync(desk: Desk, now: datetime, *, dry_run: bool = False) -> Synced:
    """Write the register; NotWrittenError when another program holds it open (the ledger is right all the same)."""
    with desk.locked():
        ledger = Ledger(desk.ledger)
        try:
            with ledger.reading() as transaction:
                snapshot = snapshot_of(transaction, desk.settings, now)
                told = {key: transaction.meta(key) for key in (_WRITTEN, _BESIDE)}
            path, key = _target(desk, told)
            beside = key == _BESIDE
            done = Synced(path, beside, snapshot.revision, len(snapshot.problems), list(snapshot.findings))
            if not dry_run:
                data = workbook_bytes(snapshot)
                # Both hashes count as ours until the new file is in place: a crash in between must not look like an edit.
                _tell(ledger, key, f"{told[key]} {sha256_of(data)}")
                write_whole(path, data)
                _tell(ledger, key, sha256_of(data))
                if not beside:
                    _remove_second(desk, told[_BESIDE])
        finally:
            ledger.close()
    return done


def _remove_second(desk: Desk, hashes: str) -> None:
    """The file written beside a changed register has had its day, unless somebody works in it."""
    second = desk.root / _SECOND
    if second.exists() and _as_we_left_it(second, hashes):
        second.unlink()


def _tell(ledger: Ledger, key: str, hashes: str) -> None:
    with ledger.transaction() as transaction:
        transaction.set_meta(key, hashes.strip())


def _target(desk: Desk, told: dict[str, str]) -> tuple[Path, str]:
    """The register, or a file beside it when it is not as tpdocs left it."""
    if _as_we_left_it(desk.register, told[_WRITTEN]):
        return desk.register, _WRITTEN
    beside = desk.root / _SECOND
    return (beside if _as_we_left_it(beside, told[_BESIDE]) else free_name(beside)), _BESIDE


def _as_we_left_it(path: Path, hashes: str) -> bool:
    try:
        return not path.exists() or sha256_of(path.read_bytes()) in hashes.split()
    except OSError:
        # What cannot be read may be somebody's work.
        return False
