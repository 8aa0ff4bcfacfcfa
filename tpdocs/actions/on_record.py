"""What is on record while a batch is taken in: the problems, and what tells a copy or a duplicate."""

from collections.abc import Iterable

from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import Record, squeezed
from tpdocs.ledger.store import Transaction

_SAME_REPORT = ("reported_by", "occurred_at", "title")


class KnownReports:
    """The reports on record by what tells a copy or a duplicate: reporter, time and title."""

    def __init__(self, reports: Iterable[tuple[str, Record]]) -> None:
        self._by_two: dict[tuple[str, ...], str] = {}
        self._same: dict[tuple[str, ...], str] = {}
        self._titles: dict[str, str] = {}
        for number, report in reports:
            self.add(number, report)

    def add(self, number: str, report: Record) -> None:
        """A report that is on record from now on."""
        key = key_of_report(report)
        if all(key):
            self._same.setdefault(key, number)
        if key[2]:
            self._titles.setdefault(key[2], number)
        for pair in _pairs(key):
            self._by_two.setdefault(pair, number)

    def same(self, report: Record) -> str:
        """The problem this is a corrected copy of: reporter, time and title agree."""
        key = key_of_report(report)
        return self._same.get(key, "") if all(key) else ""

    def near(self, report: Record) -> tuple[str, str]:
        """A problem that two of the three agree with, or the title alone, and what agrees; empty texts if there is none."""
        key = key_of_report(report)
        for pair in _pairs(key):
            if found := self._by_two.get(pair):
                return found, "、".join(FIELDS[f"report.{name}"].label for name in pair[::2])
        if key[2] and (found := self._titles.get(key[2])):
            return found, FIELDS["report.title"].label
        return "", ""

    def titled(self, title: str) -> str:
        """The problem with exactly that title."""
        return self._titles.get(squeezed(title), "")


class OnRecord(KnownReports):
    """What is on record, in memory for the length of a batch: the problems, and what tells a copy or a duplicate."""

    def __init__(self, transaction: Transaction) -> None:
        problems = transaction.problems()
        self.problems = {one.number: one for one in problems}
        self.reviews = transaction.reviews()
        self.hashes = transaction.hashes()
        states = ((one.number, one.state("report")) for one in problems)
        super().__init__(
            (number, Record("report", dict(state.values), dict(state.raw))) for number, state in states if state
        )


def key_of_report(report: Record) -> tuple[str, ...]:
    """Reporter, time and title as they are compared."""
    return tuple(squeezed(str(report.values.get(name) or "")) for name in _SAME_REPORT)


def _pairs(key: tuple[str, ...]) -> list[tuple[str, ...]]:
    named = [(name, value) for name, value in zip(_SAME_REPORT, key, strict=True) if value]
    return [one + other for position, one in enumerate(named) for other in named[position + 1 :]]
