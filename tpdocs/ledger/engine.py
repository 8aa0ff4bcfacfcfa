"""How SQLite is opened: transactions as SQL has them, one writer at a time."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Connection, Engine, create_engine, event, func, select

from tpdocs.errors import TpdocsError

BUSY_SECONDS = 60
READING = "tpdocs_reading"
# SQLite's own two megabytes run over in a sync: then the journal is flushed more than once, and pages are read again.
_CACHE_KB = 8192
_BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
_FULL = ("SQLITE_FULL", "SQLITE_IOERR")
_NO_RIGHT = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")
_NO_DAMAGE = (*_BUSY, *_FULL, *_NO_RIGHT, "SQLITE_NOMEM", "SQLITE_INTERRUPT")


def one_of(column: ColumnElement[Any], items: Iterable[Any]) -> ColumnElement[bool]:
    """The condition that a column holds one of these, however many: as parameters SQLite takes a limited number of them."""
    listed = func.json_each(encoded(list(items))).table_valued("value")
    return column.in_(select(listed.c.value))


def among(column: str, items: Iterable[Any] | None) -> tuple[str, dict[str, Any]]:
    """The same for a statement in plain SQL, with its parameters; any content for None."""
    if items is None:
        return "1", {}
    told = f"{column} IN (SELECT value FROM json_each(:{column}))"  # noqa: S608 - a name of ours
    return told, {column: encoded(list(items))}


_decode = json.JSONDecoder().raw_decode


def encoded(value: Any) -> str:
    """What the ledger keeps as JSON, short, with non-ASCII as it is; Python's own encoder takes three times as long."""
    return to_json(value).decode()


def decoded(text: str) -> Any:
    """What the ledger keeps as JSON. We wrote it, so there is nothing before or after it to look for: there are many."""
    return _decode(text)[0]


def engine_of(path: Path) -> Engine:
    """The engine of a ledger's file."""
    engine = create_engine(
        f"sqlite:///{path.as_posix()}",
        connect_args={"timeout": BUSY_SECONDS},
        json_deserializer=decoded,
        # Non-ASCII stays readable in the file, and a JSON path with a Chinese key can find something.
        json_serializer=encoded,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # pysqlite's own transaction handling would leave DDL outside of it and begin late, so it is switched off.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        # A write-ahead log needs memory shared by all who use it, which a network share cannot give: it would damage the ledger.
        if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            connection.execute("PRAGMA journal_mode = DELETE")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes loses against others; an immediate one waits its turn.
        reading = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


class LedgerError(TpdocsError):
    """The ledger cannot be read or written; nothing was changed by the transaction, for it is all or nothing."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether an error of SQLite's tells of the file, and not of who holds it, of rights or of the disk."""
    return not getattr(error, "sqlite_errorname", "").startswith(_NO_DAMAGE)


def unusable(path: Path, error: sqlite3.Error) -> LedgerError:
    """What to say of an error of SQLite's."""
    name = getattr(error, "sqlite_errorname", "")
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return LedgerError(
            "The ledger {path} is damaged ({error}). “tpdocs doctor --repair” restores the newest good backup and says what it lacks.",
            path=path, error=error,
        )  # fmt: skip
    if name.startswith(_FULL):
        return LedgerError(
            "The ledger {path} cannot be written ({error}). Nothing was changed; make room on the disk and try again.", path=path, error=error
        )  # fmt: skip
    if name.startswith(_NO_RIGHT):
        return LedgerError(
            "The ledger {path} cannot be opened for writing ({error}). Nothing was changed; check your rights to the file and its folder.",
            path=path, error=error,
        )  # fmt: skip
    if name.startswith(_BUSY):
        return LedgerError("The ledger {path} is in use by another program ({error}). Nothing was changed; try again later.", path=path, error=error)  # fmt: skip
    return LedgerError("The ledger {path} cannot be used: {error}", path=path, error=error)
