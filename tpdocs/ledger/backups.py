"""Copies of the ledger, by SQLite's own backup: whole whatever happens meanwhile. And whether a ledger is sound."""

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from tpdocs.errors import NotWrittenError
from tpdocs.language import Phrase, phrase
from tpdocs.ledger.engine import LedgerError, is_damage, unusable
from tpdocs.ledger.tables import MIGRATIONS

KEPT = 7
_NAME = "ledger-??????.db"


def back_up(ledger: Path, batch: int, folder: Path) -> Path | None:
    """A copy as of a batch, the last seven kept; None when that is there already.

    Where an older ledger was put back, batches get numbers again that copies have: those are kept under another name, for the newest
    copy of this time must not be one of the other.
    """
    target = folder / f"ledger-{batch:06d}.db"
    try:
        for path in folder.glob(_NAME):
            if path >= target and not _is_of_this_time(ledger, path, batch):
                path.replace(_name_aside(path))
        if target.exists():
            return None
        _copy(ledger, target)
        for old in sorted(folder.glob(_NAME))[:-KEPT]:
            old.unlink(missing_ok=True)
    except OSError as error:
        raise _not_written(target, error) from error
    return target


def _is_of_this_time(ledger: Path, copy: Path, number: int) -> bool:
    """Whether a copy knows a batch as the ledger does; one that cannot be read does not."""
    epoch = "(SELECT value FROM meta WHERE key = 'epoch')"
    wanted = f"SELECT at, command, person, comment, {epoch} FROM batch WHERE id = ?"  # noqa: S608 - both are ours
    try:
        with closing(_opened(ledger, "ro")) as here, closing(_opened(copy, "ro")) as there:
            told = [one.execute(wanted, (number,)).fetchone() for one in (here, there)]
    except sqlite3.Error:
        return False
    return bool(told[0] == told[1])


def _name_aside(path: Path) -> Path:
    name = path.name.replace("ledger-", "ledger-of-another-time-")
    found = path.with_name(name)
    number = 1
    while found.exists():
        number += 1
        found = path.with_name(f"{Path(name).stem}-{number}.db")
    return found


def copied_beside(backup: Path, ledger: Path) -> Path:
    """A copy of a backup beside the ledger, to be put in its place: only what is there whole may take that."""
    copy = ledger.with_suffix(".restored")
    _copy(backup, copy)
    return copy


def _copy(source: Path, target: Path) -> None:
    part = target.with_suffix(".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with closing(_opened(source, "ro")) as here, closing(sqlite3.connect(part)) as copy:
            # A part of a copy is worth nothing, so nothing has to be kept for taking back what was written of it.
            copy.execute("PRAGMA journal_mode = OFF")
            copy.execute("PRAGMA synchronous = OFF")
            here.backup(copy)
        with part.open("r+b") as whole:  # Windows flushes only what may be written to
            os.fsync(whole.fileno())
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise _not_written(target, error) from error


def _not_written(target: Path, error: Exception) -> NotWrittenError:
    return NotWrittenError(
        "The copy {path} of the ledger cannot be written ({error}). Make room on the disk or check your rights, and try again.",
        path=target, error=getattr(error, "strerror", None) or error,
    )  # fmt: skip


def _opened(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True)


def backups_in(folder: Path) -> list[Path]:
    """The backups there are, newest first."""
    return sorted(folder.glob(_NAME), reverse=True)


def fault_in(path: Path) -> str | Phrase:
    """What is wrong with a ledger's file, in SQLite's words; empty when it is sound. A crash that it is still marked by is mended.

    LedgerError where that cannot be told: somebody holds the file, or it may not be read.
    """
    try:
        with closing(_opened(path, "rw")) as connection:
            told = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            loose = connection.execute("PRAGMA foreign_key_check").fetchall()
            facts = dict(connection.execute("SELECT key, value FROM meta").fetchall())
    except sqlite3.Error as error:
        if not is_damage(error):
            raise unusable(path, error) from error
        return str(error)
    if told != ["ok"]:
        return "; ".join(told)
    if loose:
        return phrase("{count} rows refer to others that are not there", count=str(len(loose)))
    if not facts.get("desk_id") or not facts.get("schema_version", "").isdecimal():
        return phrase("it belongs to no desk")
    return ""


def fault_in_copy(path: Path) -> str | Phrase:
    """The same of a backup: one that cannot be looked at is none."""
    try:
        return fault_in(path)
    except LedgerError as error:
        return str(error.parts["error"])


def is_of_a_newer_version(path: Path) -> bool:
    """Whether a sound ledger was written by a newer tpdocs."""
    with closing(_opened(path, "ro")) as connection:
        told = connection.execute("SELECT value FROM meta WHERE key = 'schema_version'").fetchone()
    return int(told[0]) > len(MIGRATIONS)


def batches_after(path: Path, number: int) -> list[tuple[int, str, str]]:
    """Number, command and time of the batches after one, as far as a file that may be damaged still tells."""
    try:
        with closing(_opened(path, "ro")) as connection:
            wanted = "SELECT id, command, at FROM batch WHERE id > ? ORDER BY id"
            return [(int(one[0]), str(one[1]), str(one[2])) for one in connection.execute(wanted, (number,))]
    except sqlite3.Error:
        return []


def last_batch(path: Path) -> tuple[int, str]:
    """Number and time of a sound ledger's last batch; 0 and an empty text when it has none."""
    with closing(_opened(path, "ro")) as connection:
        found = connection.execute("SELECT id, at FROM batch ORDER BY id DESC LIMIT 1").fetchone()
    return (int(found[0]), str(found[1])) if found else (0, "")
