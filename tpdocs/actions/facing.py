"""What the register should show now: the lines of every problem and review, made anew only where something has changed."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tpdocs import __version__
from tpdocs.checks.deadlines import deadlines, next_owner
from tpdocs.checks.rules import check_problem, check_reviews
from tpdocs.config import Settings
from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem, Stored
from tpdocs.ledger.faces import KeptFace, Lists, Written
from tpdocs.ledger.store import Transaction
from tpdocs.register.cells import Shown
from tpdocs.register.columns import ACTION_SHEET, CONFLICT_SHEET, SHEETS, TODO_SHEET
from tpdocs.register.rows import About, Face, document_row, problem_face, review_face, todo_order

_TODO, _ACTIONS, _CONFLICTS = TODO_SHEET.table, ACTION_SHEET.table, CONFLICT_SHEET.table


@dataclass(slots=True)
class Facing:
    """The faces that are new or changed (by number), and the lines of all others in the lists; `written`: those of the newest writing.

    `typed` are those of them in which texts stand that are no values, with the round that is open.
    """

    fresh: dict[str, KeptFace] = field(default_factory=dict)
    lists: dict[str, Mapping[str, list[list[Shown]]]] = field(default_factory=dict)
    written: Lists = field(default_factory=dict)
    reviews: dict[str, Stored] = field(default_factory=dict)
    typed: dict[str, int] = field(default_factory=dict)

    def rows(self, table: str) -> list[list[Shown]]:
        """All lines of a list, in our order."""
        return in_order(self.lists, table)

    def rows_written(self, table: str) -> list[list[Shown]]:
        """Those that the newest writing showed, in the same order."""
        return in_order(self.written, table)


def in_order(lists: Lists, table: str) -> list[list[Shown]]:
    """The lines of a list, in our order."""
    order = sorted(lists, key=lambda number: (number[:2] != "TP", len(number), number))
    found = [row for number in order for row in lists[number].get(table, ())]
    return sorted(found, key=todo_order) if table == _TODO else found


def made_with(settings: Settings) -> str:
    """By what is known that lines made earlier are made as they would be now: version, columns, settings."""
    columns = [(sheet.table, sheet.headings) for sheet in SHEETS]
    told = repr((__version__, columns, settings.model_dump_json()))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def facing(
    transaction: Transaction, settings: Settings, now: datetime, last: Written | None, *, whole: bool = False,
    written: Lists | None = None,
) -> Facing:  # fmt: skip
    """What the register should show; all of it is made anew when that was never done, or with another tpdocs or settings, or later.

    `written`: the lines of the newest writing, where they have been read already.
    """
    faces, at = transaction.faces, now.isoformat(timespec="seconds")
    whole = whole or last is None or last.made_with != made_with(settings) or last.at > at
    written = faces.lists() if written is None else written
    found = Facing(lists={} if whole else dict(written), written=written)
    wanted = None if whole or last is None else faces.changed_since(last, at)
    refresh(found, transaction, settings, now, wanted)
    return found


def refresh(
    found: Facing, transaction: Transaction, settings: Settings, now: datetime, numbers: Iterable[str] | None
) -> None:
    """Make the lines of these problems anew (all of them for None), and those of all reviews."""
    problems = transaction.problems_named(numbers)
    files = transaction.log.newest_files(None if numbers is None else [problem.number for problem in problems])
    for problem in problems:
        if any(one.typed for one in problem.stored):
            found.typed[problem.number] = problem.round
        keep(found, problem_lines(problem, files.get(problem.number, {}), settings, now))
    found.lists = {number: lists for number, lists in found.lists.items() if number.startswith("TP")}
    found.reviews = transaction.reviews()
    first = min((one.reported for one in found.fresh.values() if one.reported), default="")
    first = min(filter(None, (first, transaction.faces.first_report())), default="")
    told = check_reviews(found.reviews, date.fromisoformat(first) if first else None, settings, now)
    # One that showed a line and is not due any more, as with other settings, shows none now.
    before = (number for number in found.written if not number.startswith("TP"))
    for period in sorted({*found.reviews, *before, *(one.number for one in told)}):
        mine = [one for one in told if one.number == period]
        keep(found, review_face(period, found.reviews.get(period, Stored("review")), mine, now))


def problem_lines(problem: Problem, files: Mapping[str, str], settings: Settings, now: datetime) -> Face:
    """What the register shows of a problem; `files` are the paths of its newest documents by form."""
    due = deadlines(problem, settings)
    findings: list[Finding] = check_problem(problem, settings, now, due)
    return problem_face(About(problem, findings, due, next_owner(problem, settings), files), now)


def keep(found: Facing, face: Face) -> None:
    """Take a face in."""
    lists = {_TODO: face.todo, _ACTIONS: face.actions, _CONFLICTS: face.conflicts}
    found.fresh[face.number] = KeptFace.of(face.number, face.until, face.reported, face.row, lists)
    found.lists[face.number] = lists


def document_rows(transaction: Transaction, after: int = 0) -> Iterator[list[Shown]]:
    """The lines of all documents, or of those after one, oldest first."""
    return map(document_row, transaction.log.documents(after))
