"""Copies of the ledger, by SQLite's own backup: whole whatever happens meanwhile."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tpdocs.errors import NotWrittenError

KEPT = 7


def back_up(ledger: Path, batch: int, folder: Path) -> Path | None:
    """A copy as of a batch, the last seven kept; None when that is there already."""
    target = folder / f"ledger-{batch:06d}.db"
    if target.exists():
        return None
    part = target.with_suffix(".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        source = f"{ledger.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(source, uri=True)) as here, closing(sqlite3.connect(part)) as copy:
            here.backup(copy)
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise NotWrittenError("The backup {path} cannot be written: {error}", path=target, error=error) from error
    for old in sorted(folder.glob("ledger-*.db"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return target
