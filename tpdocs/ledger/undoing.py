"""Batches that were taken back, and what has to be known to take one back. Nothing is deleted: a batch compensates another."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, insert, select

from tpdocs.ledger.engine import one_of
from tpdocs.ledger.tables import batch, document, problem, revision, undoing

EVENT = "event"  # the form of a revision that tells of a problem as a whole
_UNDONE = "SELECT batch_id, undone_id FROM undoing ORDER BY batch_id DESC"
GONE = "gone"  # the mark of a state that says: this form, or event, is not on record any more


@dataclass(frozen=True, slots=True)
class Step:
    """One revision of a form (or event) of a problem in a round: by which batch, and the state it left."""

    id: int
    batch: int
    form: str
    round: int
    state: dict[str, Any]

    @property
    def is_gone(self) -> bool:
        """Whether it took the form off the record."""
        return bool(self.state.get(GONE))


class Undoing:
    """Reads and notes which batches stand."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def undone(self) -> dict[int, int]:
        """Batches that do not stand, by number, with the batch that took each back; one that was itself taken back does not count."""
        rows = self._connection.exec_driver_sql(_UNDONE).all()
        found: dict[int, int] = {}
        for one in rows:
            if one.batch_id not in found:
                found.setdefault(one.undone_id, one.batch_id)
        return found

    def note(self, batch_id: int, undone_id: int) -> None:
        """A batch takes another back."""
        self._connection.execute(insert(undoing).values(batch_id=batch_id, undone_id=undone_id))

    def command(self, number: int) -> tuple[str, str] | None:
        """What a batch did and when; None when there is none of that number."""
        found = self._connection.execute(select(batch.c.command, batch.c.at).where(batch.c.id == number)).first()
        return (found.command, found.at) if found else None

    def subjects(self, number: int) -> list[str]:
        """The problems and reviews that a batch changed."""
        wanted = select(revision.c.subject).where(revision.c.batch_id == number).order_by(revision.c.id)
        return list(dict.fromkeys(self._connection.scalars(wanted)))

    def opened(self, number: int) -> set[str]:
        """The problems that a batch opened."""
        return set(self._connection.scalars(select(problem.c.number).where(problem.c.batch_id == number)))

    def steps(self, subject: str) -> list[Step]:
        """Every revision of a problem or review, oldest first."""
        columns = [revision.c[name] for name in ("id", "batch_id", "form", "round", "state")]
        rows = self._connection.execute(select(*columns).where(revision.c.subject == subject).order_by(revision.c.id))
        return [Step(one.id, one.batch_id, one.form, one.round, one.state) for one in rows]

    @cached_property
    def documents(self) -> dict[int, tuple[str, str, str, int]]:
        """Documents that count as not taken in, because nothing that they brought stands: hash, problem, form and round by id."""
        if not self.undone:
            return {}
        columns = [document.c[name] for name in ("id", "sha256", "subject", "form", "round")]
        rows = self._connection.execute(select(*columns).where(one_of(document.c.batch_id, self.undone)))
        found = {one.id: (one.sha256, one.subject, one.form, one.round) for one in rows}
        again = select(revision.c.document_id).where(~one_of(revision.c.batch_id, self.undone))
        for one in self._connection.scalars(again.where(one_of(revision.c.document_id, found))):
            found.pop(one, None)
        return found

    def stands(self) -> Any:
        """The condition of a query for documents that count."""
        return ~one_of(document.c.id, self.documents) if self.documents else document.c.id > 0


def standing(steps: Iterable[Step], undone: dict[int, int]) -> list[Step]:
    """Those of batches that stand, the batches that take others back left out."""
    takers = set(undone.values())
    return [one for one in steps if one.batch not in undone and one.batch not in takers]
