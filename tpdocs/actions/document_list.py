"""The register's list of documents: the longest of its lists, to which lines are only ever added."""

from collections.abc import Sequence

from tpdocs.actions.facing import document_rows
from tpdocs.ledger.store import Transaction
from tpdocs.register.book import TableAt
from tpdocs.register.cells import Shown
from tpdocs.register.compare import shown_exactly
from tpdocs.register.writing import Place, Writer


class DocumentLines:
    """The lines of all documents; `known` is the last one that the register shows, 0 where all lines have to be made anew."""

    def __init__(self, transaction: Transaction, known: int) -> None:
        self._transaction, self._known = transaction, known

    @property
    def has_new(self) -> bool:
        """Whether there are any that the register does not show."""
        return self._transaction.faces.known().document > self._known

    @property
    def new(self) -> int:
        """How many there are that the register does not show."""
        return sum(1 for _ in document_rows(self._transaction, self._known))

    def every(self) -> list[list[Shown]]:
        """All of them."""
        return list(document_rows(self._transaction))

    def put_into_ours(self, writer: Writer, place: Place) -> bool:
        """Add the new ones to a list as we left it; False where that cannot be done."""
        if place.touched or not place.models or not self._known:
            return False
        change = writer.change(place.table, place.models)
        change.appended = list(map(writer.shown, document_rows(self._transaction, self._known)))
        writer.put(place.table, change, kept=place)
        return True

    def put_into_theirs(self, writer: Writer, table: TableAt) -> list[Sequence[Shown]] | None:
        """Add those that are lacking to a list of somebody else's saving that shows the others as they are, and return them; None where it does not."""
        found = shown_exactly(writer.book, table, map(writer.shown, document_rows(self._transaction)))
        if found is None:
            return None
        chunks, lacking = found
        change = writer.change(table)
        change.appended = list(lacking)
        writer.put(table, change, chunks=chunks)
        return change.appended
