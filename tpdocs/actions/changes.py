"""One change of the ledger at a time: under the desk's lock, all or nothing, taken back in a dry run."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from tpdocs.desk.folder import Desk
from tpdocs.ledger.store import Ledger, Transaction


class TakenBackError(Exception):
    """Takes everything back that was done in a `change`; it goes no further than there."""


def take_back_if(wanted: bool) -> None:  # noqa: FBT001
    """End a change as if it had not been."""
    if wanted:
        raise TakenBackError


@contextmanager
def ledger_of(desk: Desk) -> Iterator[Ledger]:
    """The desk's ledger, while nobody else changes the desk."""
    with desk.locked():
        ledger = Ledger(desk.ledger)
        try:
            yield ledger
        finally:
            ledger.close()


@contextmanager
def change(ledger: Ledger) -> Iterator[Transaction]:
    """A transaction that `take_back_if` may end."""
    try:
        with ledger.transaction() as transaction:
            yield transaction
    except TakenBackError:
        return


@contextmanager
def one_change(desk: Desk) -> Iterator[Transaction]:
    """Both, where there is only one transaction."""
    with ledger_of(desk) as ledger, change(ledger) as transaction:
        yield transaction


class Batch:
    """A batch that is begun when the first thing is changed; `number` is 0 until then."""

    def __init__(self, transaction: Transaction, command: str, now: datetime, person: str, comment: str) -> None:
        self.number = 0
        self._begin: Callable[[], int] = lambda: transaction.begin_batch(
            command, now.isoformat(timespec="seconds"), person, comment
        )

    def __call__(self) -> int:
        """Its number."""
        self.number = self.number or self._begin()
        return self.number
