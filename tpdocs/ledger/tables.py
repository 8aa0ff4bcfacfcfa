"""The tables of the ledger and the short steps that brought them about."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    text,
)

from tpdocs.errors import TpdocsError

metadata = MetaData()

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))

batch = Table(
    "batch",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("at", Text, nullable=False),
)

# A number is given by a row here and never taken away again.
problem = Table(
    "problem",
    metadata,
    Column("serial", Integer, primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
)

# `answers` is what this document said, before it was merged: the base for the next copy of it.
document = Table(
    "document",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("answers", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    UniqueConstraint("sha256", "subject", "form", "round"),
    Index("document_by_subject", "subject", "form", "round"),
)

# A state is one form of one problem in one round as of this revision; `changes` says what this revision changed.
revision = Table(
    "revision",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("document_id", Integer, ForeignKey("document.id")),
    Column("person", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("state", JSON, nullable=False),
    Column("changes", JSON, nullable=False),
    Index("revision_by_subject", "subject", "form", "round", "id"),
    sqlite_autoincrement=True,
)

attachment = Table(
    "attachment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("batch_id", Integer, ForeignKey("batch.id"), nullable=False),
    Column("document_id", Integer, ForeignKey("document.id")),
    Column("subject", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
    UniqueConstraint("subject", "sha256", "name"),
)

# What the register showed, for telling what people changed in it from what changed in the ledger. `written` is one writing of
# the workbook, with the last entries it knew; `layout` is where things stand in the newest.
written = Table(
    "written",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("document", Integer, nullable=False),
    Column("attachment", Integer, nullable=False),
    Column("made_with", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("layout", Text, nullable=False),
    sqlite_autoincrement=True,
)

# What the newest register shows of a problem or review, until a time when the clock alone changes it.
face = Table(
    "face",
    metadata,
    Column("number", Text, primary_key=True),
    Column("until", Text, nullable=False),
    Column("reported", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("lists", Text, nullable=False),
    Column("position", Integer, nullable=False),
    # Every sync asks for these, and the cells beside them are a hundred times as much to read.
    Index("face_by_time", "until", "reported", "position", "number"),
)

# What a row showed up to (not with) the writing `before`; null when it was not there yet.
shown_before = Table(
    "shown_before",
    metadata,
    Column("sheet", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("before", Integer, ForeignKey("written.id"), primary_key=True),
    Column("cells", Text),
)

# A batch that takes another one back; what that changed is changed back by revisions of its own.
undoing = Table(
    "undoing",
    metadata,
    Column("batch_id", Integer, ForeignKey("batch.id"), primary_key=True),
    Column("undone_id", Integer, ForeignKey("batch.id"), nullable=False),
)


def _first_tables(connection: Connection) -> None:
    metadata.create_all(connection)


def _places_of_attachments(connection: Connection) -> None:
    if "place" not in {one["name"] for one in inspect(connection).get_columns("attachment")}:
        connection.execute(text("ALTER TABLE attachment ADD COLUMN place TEXT NOT NULL DEFAULT ''"))


def _faces(connection: Connection) -> None:
    metadata.create_all(connection, [written, face, shown_before])


def _undoing(connection: Connection) -> None:
    metadata.create_all(connection, [undoing])


def _faces_by_time(connection: Connection) -> None:
    for index in face.indexes:
        index.create(connection, checkfirst=True)


# Each step runs once, in order, in one transaction with the note that it ran. Never change one that has been released.
MIGRATIONS: tuple[Callable[[Connection], None], ...] = (
    _first_tables,
    _places_of_attachments,
    _faces,
    _undoing,
    _faces_by_time,
)
_VERSION = "schema_version"
META = "SELECT value FROM meta WHERE key = :key"  # plain SQL, for every command asks


def is_current(connection: Connection, path: Path) -> bool:
    """Whether the tables are of this version; TpdocsError when they are of a newer one, or the file is no ledger."""
    return _steps_done(connection, path) == len(MIGRATIONS)


def migrate(connection: Connection, path: Path, *, create: bool) -> None:
    """Bring the ledger to this version; TpdocsError when it was written by a newer one, or is no ledger at all."""
    done = 0 if create and not _has_notes(connection) else _steps_done(connection, path)
    for number, step in enumerate(MIGRATIONS[done:], done + 1):
        step(connection)
        connection.execute(meta.delete().where(meta.c.key == _VERSION))
        connection.execute(meta.insert().values(key=_VERSION, value=str(number)))


def _has_notes(connection: Connection) -> bool:
    wanted = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
    return bool(connection.exec_driver_sql(wanted).scalar())


def _steps_done(connection: Connection, path: Path) -> int:
    if not _has_notes(connection):
        raise TpdocsError(
            "The ledger {path} is empty or of another program. Restore it from a backup by “tpdocs doctor --repair”.",
            path=path,
        )
    done = int(connection.exec_driver_sql(META, {"key": _VERSION}).scalar() or 0)
    if done > len(MIGRATIONS):
        raise TpdocsError(
            "The ledger was written by a newer tpdocs (version {done} of its tables, this one knows {known}). Update tpdocs.",
            done=done,
            known=len(MIGRATIONS),
        )
    return done
