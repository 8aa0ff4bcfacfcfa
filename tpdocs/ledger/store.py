"""The ledger of a desk: opened, read, and appended to in transactions of which it is the one owner."""

import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import DatabaseError

from tpdocs.errors import TpdocsError
from tpdocs.findings import Finding, restored
from tpdocs.forms.problem import Problem, Stored
from tpdocs.forms.values import Record
from tpdocs.ledger.backups import back_up
from tpdocs.ledger.engine import READING, among, decoded, engine_of, unusable
from tpdocs.ledger.entries import Attachment, BatchEntry, Document, NewDocument, NewRevision, Revision
from tpdocs.ledger.faces import Faces
from tpdocs.ledger.log import Log, batches, history
from tpdocs.ledger.states import State, problem_of, record_of, stored_of
from tpdocs.ledger.tables import META, attachment, batch, document, is_current, meta, migrate, problem, revision
from tpdocs.ledger.undoing import GONE, Undoing

REVIEW = "review"
_DESK_ID, _EPOCH, _FLOOR = "desk_id", "epoch", "revision_floor"
_GAP = 10_000  # more revisions than seven batches bring
# Plain SQL for what every sync asks: built of parts it took longer to be put together than to be answered.
_LAST_BATCH = "SELECT max(id) FROM batch"
_NUMBERS = "SELECT number FROM problem WHERE {where} ORDER BY serial"
_FILES = "SELECT subject, name FROM attachment WHERE {where}"
_STATES = (
    "SELECT id, subject, form, round, state FROM revision WHERE id IN"
    " (SELECT max(id) FROM revision WHERE {where} GROUP BY subject, form, round) ORDER BY id"
)
# Of most documents there is nothing to flag; what is noted of these is not even unpacked.
_NOTES = (
    "SELECT subject, form, round, notes FROM document WHERE id IN"
    " (SELECT max(id) FROM document WHERE {where} AND NOT {gone} GROUP BY subject, form, round)"
    " AND json_array_length(notes, '$.findings') > 0"
)


class Ledger:
    """The ledger in a SQLite file. Reading and writing go through `transaction`, one at a time across processes."""

    def __init__(self, path: Path, *, create: bool = False) -> None:
        if not create and not path.exists():
            raise TpdocsError(
                "The ledger {path} is missing. Put it back there, or restore it from a backup by “tpdocs doctor --repair”; “tpdocs init” makes a new, empty desk.",
                path=path,
            )
        self._path = path
        self._engine = engine_of(path)
        with self.reading() as transaction:
            current = not create and is_current(transaction.connection, path=path)
            self.desk_id = transaction.meta(_DESK_ID) if current else ""
        if not self.desk_id:
            with self.transaction() as transaction:
                migrate(transaction.connection, create=create, path=path)
                self.desk_id = transaction.desk_id()

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """All or nothing; a second process waits. Everything read inside is as of its beginning."""
        with self._connected(reading=False) as connection:
            transaction = Transaction(connection)
            yield transaction
            transaction.flush()

    @contextmanager
    def reading(self) -> Iterator["Transaction"]:
        """To read from only: waits for nobody, and works where the ledger may not be written to."""
        with self._connected(reading=True) as connection:
            yield Transaction(connection)

    @contextmanager
    def _connected(self, *, reading: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect().execution_options(**{READING: reading}) as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            if isinstance(error.orig, sqlite3.Error):
                raise unusable(self._path, error.orig) from error
            raise

    def back_up(self, folder: Path) -> Path | None:
        """Copy the ledger, once a batch, keeping the last copies; None when the last batch has its copy."""
        with self.reading() as transaction:
            last = int(transaction.connection.exec_driver_sql(_LAST_BATCH).scalar() or 0)
        return back_up(self._path, last, folder) if last else None

    def close(self) -> None:
        """Give the file free."""
        self._engine.dispose()


class Transaction:
    """What can be read from and appended to the ledger. Nothing is ever changed or deleted.

    Numbers, documents and revisions are written in one go, before anything is read and at the end: one by one they took
    longer than reading the documents did. Their ids are given here, which is safe because a transaction has the ledger to itself.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[Table, list[dict[str, Any]]] = {problem: [], document: [], revision: []}
        self._last_ids: dict[Table, int] = {}

    @property
    def connection(self) -> Connection:
        """The connection, with everything written that was appended so far."""
        self.flush()
        return self._connection

    def flush(self) -> None:
        """Write what is waiting; documents first, for revisions refer to them."""
        for table, rows in self._waiting.items():
            if rows:
                self._connection.execute(insert(table), rows)
                rows.clear()

    def desk_id(self) -> str:
        """The id of this desk, made with the ledger."""
        found = self.meta(_DESK_ID)
        if not found:
            found = uuid.uuid4().hex
            self.set_meta(_DESK_ID, found)
        return found

    def meta(self, key: str) -> str:
        """A note that tpdocs keeps for itself; empty when there is none."""
        return self.connection.exec_driver_sql(META, {"key": key}).scalar() or ""

    def set_meta(self, key: str, value: str) -> None:
        """Keep a note."""
        self.connection.execute(meta.delete().where(meta.c.key == key))
        self.connection.execute(insert(meta).values(key=key, value=value))

    @property
    def faces(self) -> Faces:
        """What the register showed."""
        return Faces(self.connection)

    @cached_property
    def undoing(self) -> Undoing:
        """Which batches were taken back."""
        return Undoing(self.connection)

    def begin_anew(self) -> None:
        """After a backup was restored: what the lost part of the ledger wrote is told from what comes now.

        Registers are known by an epoch, revisions by a gap in their numbers.
        """
        self.set_meta(_EPOCH, uuid.uuid4().hex)
        self.set_meta(_FLOOR, str(self.last_revision() + _GAP))

    @property
    def epoch(self) -> str:
        """Since which restoring of a backup it is this ledger; empty as long as none was."""
        return self.meta(_EPOCH)

    def last_revision(self) -> int:
        """The number of the newest revision; 0 in an empty ledger."""
        return self._last_ids.get(revision) or self._last_used_id(revision)

    # appending

    def begin_batch(self, command: str, at: str, person: str = "", comment: str = "") -> int:
        """A new batch; returns its number."""
        return self._insert(batch, {"command": command, "at": at, "person": person, "comment": comment})

    def give_number(self, batch_id: int) -> str:
        """The next free number: TP001 ... TP999, TP1000. Never given twice."""
        serial = self._next_id(problem)
        number = f"TP{serial:03d}"
        self._waiting[problem].append({"serial": serial, "number": number, "batch_id": batch_id})
        return number

    def add_document(self, batch_id: int, at: str, new: NewDocument) -> int:
        """Record a document; returns its id. One that comes again after its batch was taken back keeps its entry."""
        place = (new.sha256, new.subject, new.form, new.round)
        if known := next((one for one, told in self.undoing.documents.items() if told == place), 0):
            return known
        answers = {"values": new.answers.values, "raw": new.answers.raw, "found": sorted(new.answers.found)}
        answers["as"] = new.written_as
        told = {name: getattr(new, name) for name in ("sha256", "subject", "form", "round", "name", "path", "notes")}
        return self._later(document, {**told, "batch_id": batch_id, "at": at, "answers": answers})

    def add_revision(self, batch_id: int, at: str, new: NewRevision) -> int:
        """Append a state; returns the revision's number."""
        told = {
            name: getattr(new, name)
            for name in ("subject", "form", "round", "source", "document_id", "person", "state")
        }
        changes = [{"field": one.field, "old": one.old, "new": one.new} for one in new.changes]
        return self._later(revision, {**told, "batch_id": batch_id, "at": at, "changes": changes})

    def add_attachment(self, batch_id: int, document_id: int | None, subject: str, one: Attachment) -> bool:
        """Record a file that came with a form; False when it is on record already."""
        same = (attachment.c.subject == subject) & (attachment.c.sha256 == one.sha256) & (attachment.c.name == one.name)
        if self.connection.scalar(select(attachment.c.id).where(same)):
            return False
        values = {"subject": subject, "sha256": one.sha256, "name": one.name, "path": one.path, "place": one.place}
        self.connection.execute(insert(attachment).values(batch_id=batch_id, document_id=document_id, **values))
        return True

    def _later(self, table: Table, values: dict[str, Any]) -> int:
        number = self._next_id(table)
        self._waiting[table].append({**values, "id": number})
        return number

    def _next_id(self, table: Table) -> int:
        last = self._last_ids.get(table)
        self._last_ids[table] = number = (self._last_used_id(table) if last is None else last) + 1
        return number

    def _last_used_id(self, table: Table) -> int:
        (key,) = table.primary_key.columns
        last = int(self.connection.scalar(select(func.max(key))) or 0)
        return max(last, int(self.meta(_FLOOR) or 0)) if table is revision else last

    def _insert(self, table: Table, values: dict[str, Any]) -> int:
        key: Any = self.connection.execute(insert(table), values).inserted_primary_key
        return int(key[0])

    # reading

    def has_problem(self, number: str) -> bool:
        """Whether that number has been given."""
        return self.connection.scalar(select(problem.c.serial).where(problem.c.number == number)) is not None

    def numbers(self) -> list[str]:
        """All numbers given so far, in order."""
        return self._given(None)

    def problem(self, number: str, as_of: int | None = None) -> Problem | None:
        """One problem, now or as of a revision; None when the number was never given."""
        if not self.has_problem(number):
            return None
        return self._problems([number], as_of).get(number, Problem(number))

    def problems(self, as_of: int | None = None) -> list[Problem]:
        """All problems by number, now or as of a revision."""
        found = self._problems(None, as_of)
        return [found.get(number, Problem(number)) for number in self.numbers() if as_of is None or number in found]

    def problems_named(self, numbers: Iterable[str] | None, as_of: int | None = None) -> list[Problem]:
        """These problems by number, now or as of a revision, those never given left out; all for None."""
        if numbers is None:
            return self.problems(as_of)
        given = self._given(set(numbers))
        states = self._problems(given, as_of)
        return [states.get(number, Problem(number)) for number in given]

    def reviews(self, as_of: int | None = None) -> dict[str, Stored]:
        """The reviews on record, by period, now or as of a revision."""
        return {one.subject: stored_of(one, {}) for one in self._states("form = 'review'", None, as_of)}

    def reports(self) -> Iterator[tuple[str, Record]]:
        """The report of every problem, by number: far less than the problems are."""
        for one in self._states("form = 'report'", None, None):
            yield one.subject, Record("report", one.state["values"], one.state["raw"])

    def opened_after(self, known: int, source: str) -> dict[str, int]:
        """The problems that a source has opened after a revision, with the last revision of the batch that did."""
        first = select(func.min(revision.c.id)).where(revision.c.form == "report").group_by(revision.c.subject)
        born = select(revision.c.subject, revision.c.batch_id).where(
            revision.c.id.in_(first), revision.c.id > known, revision.c.source == source
        )
        found = {}
        for one in self.connection.execute(born):
            mine = (revision.c.batch_id == one.batch_id) & (revision.c.subject == one.subject)
            found[one.subject] = int(self.connection.scalar(select(func.max(revision.c.id)).where(mine)) or 0)
        return found

    def _given(self, numbers: Iterable[str] | None) -> list[str]:
        """Those of these numbers (of all for None) that were given, in order."""
        where, these = among("number", numbers)
        return list(self.connection.exec_driver_sql(_NUMBERS.format(where=where), these).scalars())

    def _problems(self, numbers: list[str] | None, as_of: int | None) -> dict[str, Problem]:
        notes, files = self._notes(numbers), self._names_of_files(numbers)
        grouped: dict[str, list[State]] = {}
        for state in self._states("form != 'review'", numbers, as_of):
            grouped.setdefault(state.subject, []).append(state)
        return {number: problem_of(number, states, notes, files) for number, states in grouped.items()}

    def _names_of_files(self, subjects: list[str] | None) -> dict[str, list[str]]:
        where, these = among("subject", subjects)
        names: dict[str, list[str]] = {}
        for subject, name in self.connection.exec_driver_sql(_FILES.format(where=where), these):
            names.setdefault(subject, []).append(name)
        return names

    def _states(self, where: str, subjects: list[str] | None, as_of: int | None) -> list[State]:
        """The newest state of every form and round, of forms that a condition names."""
        about, these = among("subject", subjects)
        wanted = _STATES.format(where=f"{where} AND {about}" + ("" if as_of is None else " AND id <= :as_of"))
        rows = self.connection.exec_driver_sql(wanted, {**these, "as_of": as_of})
        states = [State(number, subject, form, at, decoded(state)) for number, subject, form, at, state in rows]
        return [one for one in states if not one.state.get(GONE)]

    def _notes(self, subjects: list[str] | None) -> dict[tuple[str, str, int], list[Finding]]:
        (where, these), (gone, those) = among("subject", subjects), among("id", self.undoing.documents)
        rows = self.connection.exec_driver_sql(_NOTES.format(where=where, gone=gone), these | those)
        return {
            (subject, form, number): [restored(note) for note in decoded(notes)["findings"]]
            for subject, form, number, notes in rows
        }

    def hashes(self) -> set[str]:
        """The hashes of all documents."""
        return set(self.connection.scalars(select(document.c.sha256).where(self.undoing.stands())))

    def document_with(self, sha256: str) -> list[Document]:
        """The entries of a document that was taken in with exactly these bytes (several for a dossier)."""
        return self._documents((document.c.sha256 == sha256) & self.undoing.stands())

    def documents(self, subject: str | None = None) -> list[Document]:
        """The documents of a problem, or all, oldest first."""
        return self._documents(document.c.subject == subject if subject else document.c.id > 0)

    def last_answers(self, subject: str, form: str, number: int, written_as: str) -> Record:
        """What the newest document of the same kind said about a form in a round; an empty record when there is none.

        A dossier never held what a form of its own said: measured against that, its empty fields would clear the record.
        """
        where = (document.c.subject == subject) & (document.c.form == form) & (document.c.round == number)
        newest = select(document.c.answers).where(where & self.undoing.stands()).order_by(document.c.id.desc())
        same = (found for found in self.connection.scalars(newest) if found.get("as", "") == written_as)
        return next((record_of(form, found) for found in same), Record(form))

    def _documents(self, where: Any) -> list[Document]:
        columns = [
            document.c[name] for name in ("id", "subject", "form", "round", "name", "path", "sha256", "at", "notes")
        ]
        return [
            Document(*one) for one in self.connection.execute(select(*columns).where(where).order_by(document.c.id))
        ]

    def attachments(self, subject: str) -> list[Attachment]:
        """The files that came with a problem's forms."""
        rows = self.connection.execute(
            select(attachment).where(attachment.c.subject == subject).order_by(attachment.c.id)
        )
        return [Attachment(one.name, one.path, one.sha256, one.place) for one in rows]

    @property
    def log(self) -> Log:
        """What is read of the whole ledger, line by line."""
        return Log(self.connection)

    def batches(self) -> list[BatchEntry]:
        """What was done, oldest first."""
        return batches(self.connection)

    def history(self, subject: str = "") -> list[Revision]:
        """Every revision of a problem, or of all, oldest first."""
        return history(self.connection, subject)
