"""What was done so far: batches, every revision of a problem, documents in the order they came."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Table, func, select

from tpdocs.forms.problem import WITHDRAWAL
from tpdocs.ledger.engine import among
from tpdocs.ledger.entries import BatchEntry, DocumentLine, Revision
from tpdocs.ledger.tables import attachment, batch, document, revision
from tpdocs.ledger.undoing import EVENT, GONE, Undoing

_LINES = 1_000  # at a time
# Plain SQL for what every sync asks.
_DOCUMENTS = f"SELECT {', '.join(DocumentLine._fields)} FROM document WHERE id > :after ORDER BY id"  # noqa: S608 - names of ours
_FILES = "SELECT id, subject, form, path FROM document WHERE {where} ORDER BY id"


def batches(connection: Connection) -> list[BatchEntry]:
    """What was done, oldest first."""
    counts: dict[Table, dict[int, int]] = {document: {}, revision: {}}
    for table, told in counts.items():
        for number, count in connection.execute(select(table.c.batch_id, func.count()).group_by(table.c.batch_id)):
            told[number] = count
    subjects: dict[int, dict[str, None]] = {}
    for one in connection.execute(select(revision.c.batch_id, revision.c.subject).order_by(revision.c.id)):
        subjects.setdefault(one.batch_id, {})[one.subject] = None
    undone = Undoing(connection).undone
    return [
        BatchEntry(
            one.id, one.command, one.at, one.person, one.comment, counts[document].get(one.id, 0),
            counts[revision].get(one.id, 0), tuple(subjects.get(one.id, ())), undone.get(one.id, 0),
        )
        for one in connection.execute(select(batch).order_by(batch.c.id))
    ]  # fmt: skip


def history(connection: Connection, subject: str = "") -> list[Revision]:
    """Every revision of a problem, or of all, oldest first."""
    joined = revision.join(batch, revision.c.batch_id == batch.c.id).outerjoin(
        document, revision.c.document_id == document.c.id
    )
    columns = (revision, batch.c.comment, document.c.name.label("document_name"))
    wanted = select(*columns).select_from(joined).order_by(revision.c.id)
    rows = connection.execute(wanted.where(revision.c.subject == subject) if subject else wanted)
    found = []
    standing: dict[tuple[str, str, int], Mapping[str, Any]] = {}
    for one in rows:
        before = standing.get((one.subject, one.form, one.round), {})
        standing[one.subject, one.form, one.round] = one.state
        (new, over), (typed, answered) = (_told_apart(before, one.state, part) for part in ("conflicts", "typed"))
        found.append(
            Revision(
                one.id, one.batch_id, one.subject, one.form, one.round, one.source, one.document_name or "",
                one.person, one.at, one.comment, one.changes, new, one.state.get("event", ""), bool(one.state.get(GONE)),
                one.state.get("duplicate_of", ""), typed, (*over, *answered),
            )
        )  # fmt: skip
    return found


def _told_apart(before: Mapping[str, Any], now: Mapping[str, Any], part: str) -> tuple[dict[str, Any], list[str]]:
    """What stands in a part of a form's state that did not before, and what stands there no longer: the rows of a table may have moved."""
    was, there = before.get(part, {}), now.get(part, {})
    new = {name: told for name, told in there.items() if was.get(name) != told}
    return new, [name for name, told in was.items() if name not in there and told not in there.values()]


class Log:
    """What is read of the whole ledger, line by line."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def documents(self, after: int = 0) -> Iterator[DocumentLine]:
        """The documents after one, in the order they came, without what was noted about them: there may be hundreds of thousands."""
        for part in self._connection.exec_driver_sql(_DOCUMENTS, {"after": after}).partitions(_LINES):
            yield from cast("Sequence[DocumentLine]", part)  # rows of just these columns: they need not be made anew

    def newest_files(self, subjects: Sequence[str] | None) -> dict[str, dict[str, str]]:
        """Where the newest document of each form lies (relative to the desk), by problem and form; of all problems for None.

        The newest that stands, if any does: what was taken back is still in the archive, but the record says something else.
        """
        gone = Undoing(self._connection).documents
        where, these = among("subject", subjects)
        rows = self._connection.exec_driver_sql(_FILES.format(where=where), these).all()
        found: dict[str, dict[str, str]] = {}
        for _, subject, form, path in sorted(rows, key=lambda one: one.id not in gone) if gone else rows:
            found.setdefault(subject, {})[form] = path
        return found

    def revisions(self) -> int:
        """How many revisions there are."""
        return int(self._connection.scalar(select(func.count()).select_from(revision)) or 0)

    def files(self) -> Iterator[tuple[str, str, str]]:
        """Every file that the archive keeps: its problem, where it is (relative to the desk), its hash."""
        for table in (document, attachment):
            for one in self._connection.execute(select(table.c.subject, table.c.path, table.c.sha256)):
                yield one.subject, one.path, one.sha256

    def withdrawn(self) -> set[str]:
        """The problems that are withdrawn now."""
        newest = (
            select(func.max(revision.c.id))
            .where(revision.c.form == EVENT)
            .group_by(revision.c.subject, revision.c.round)
        )
        wanted = select(revision.c.subject, revision.c.state).where(revision.c.id.in_(newest)).order_by(revision.c.id)
        last = {one.subject: one.state["event"] for one in self._connection.execute(wanted) if not one.state.get(GONE)}
        return {subject for subject, event in last.items() if event == WITHDRAWAL}
