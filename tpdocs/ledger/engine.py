"""How SQLite is opened: transactions as SQL has them, one writer at a time."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event

from tpdocs.errors import TpdocsError

BUSY_SECONDS = 60
READING = "tpdocs_reading"
_MANY = 500  # SQLite takes a limited number of parameters a statement
Item = TypeVar("Item")


def portions(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in as many parts as statements are needed to name them."""
    return (items[start : start + _MANY] for start in range(0, len(items), _MANY))


def engine_of(path: Path) -> Engine:
    """The engine of a ledger's file."""
    engine = create_engine(
        f"sqlite:///{path.as_posix()}",
        connect_args={"timeout": BUSY_SECONDS},
        # Non-ASCII stays readable in the file, and a JSON path with a Chinese key can find something.
        json_serializer=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # pysqlite's own transaction handling would leave DDL outside of it and begin late, so it is switched off.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        # A write-ahead log needs memory shared by all who use it, which a network share cannot give: it would damage the ledger.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            connection.execute("PRAGMA journal_mode = DELETE")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes loses against others; an immediate one waits its turn.
        reading = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def unusable(path: Path, error: sqlite3.Error) -> TpdocsError:
    """What to say of an error of SQLite's: nothing was changed in any case, for a transaction is all or nothing."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return TpdocsError(
            "The ledger {path} is damaged ({error}). “tpdocs doctor --repair” restores the newest good backup and says what it lacks.",
            path=path, error=error,
        )  # fmt: skip
    if name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return TpdocsError(
            "The ledger {path} cannot be written ({error}). Nothing was changed; make room on the disk and try again.", path=path, error=error
        )  # fmt: skip
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return TpdocsError(
            "The ledger {path} cannot be opened for writing ({error}). Nothing was changed; check your rights to the file and its folder.",
            path=path, error=error,
        )  # fmt: skip
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return TpdocsError("The ledger {path} is in use by another program ({error}). Nothing was changed; try again later.", path=path, error=error)  # fmt: skip
    return TpdocsError("The ledger {path} cannot be used: {error}", path=path, error=error)
