"""Rows that people typed into the register: each a new problem once it holds what a report needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tpdocs.actions.cell_merge import CellMerge, no_value
from tpdocs.actions.on_record import key_of_report
from tpdocs.actions.opening import Opened, Opening
from tpdocs.actions.register_in import ProblemsIn, hint_of
from tpdocs.actions.verdicts import INVALID, NEW, answer_text
from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem
from tpdocs.forms.values import Record
from tpdocs.ledger.store import Transaction
from tpdocs.register.cells import Plain, plain, same
from tpdocs.register.columns import FIELD_POSITIONS, HINT, PROBLEM_SHEET
from tpdocs.register.compare import Compared, Difference
from tpdocs.register.rows import value_cell

_HINT_AT = PROBLEM_SHEET.position(HINT)
_WHOLE, _ALIKE = 3, 2  # of reporter, time and title


@dataclass(slots=True)
class NewRows:
    """Takes rows without a number in; `known_revision` is the last that the workbook knew.

    `said` is what those said that have opened a problem while the register could not be written, by its number.
    """

    transaction: Transaction
    merge: CellMerge
    rows: ProblemsIn
    opening: Opening
    known_revision: int
    said: Mapping[str, Mapping[int, Plain]] = field(default_factory=dict)

    def take(self, found: Compared) -> None:
        """All rows without a number."""
        told = [(row, values, self._answers(values)) for row, values in found.new]
        reports = {row: self.opening.report(answers) for row, _, answers in told if answers}
        born = self._without_a_row(found) if found.new else {}
        opened = self._who_opened(reports, born)
        for row, values, answers in told:
            if row in opened:
                self._adopt(row, values, opened[row], born[opened[row]])
            elif answers:
                self._open(row, values, answers, reports[row])
            elif values.get(_HINT_AT) in self.merge.before.hints:
                self.merge.taken.hinted[row] = None  # emptied by somebody; our words go too
            elif values.get(_HINT_AT) is not None:
                self.merge.taken.say("row_not_taken", row=str(row), sheet=PROBLEM_SHEET.name)

    def _answers(self, values: Mapping[int, Plain]) -> dict[str, dict[str, str]]:
        answers: dict[str, dict[str, str]] = {}
        for place, value in values.items():
            column = PROBLEM_SHEET.columns[place]
            is_value = no_value(Difference(place, None, value)) is None
            if column.editable and is_value and (text := answer_text(value, column)):
                form, _, name = column.path.partition(".")
                answers.setdefault(form, {})[name] = text
        return answers

    def _without_a_row(self, found: Compared) -> dict[str, Problem]:
        """Problems that rows opened which never got their number: the register was open, or tpdocs was killed before it was written.

        As they were then, by number.
        """
        there = {*found.rows, *found.twice, *found.unknown}
        born = self.transaction.opened_after(self.known_revision, "register")
        told = {number: self.transaction.problem(number, as_of=first) for number, first in born.items()}
        return {number: one for number, one in told.items() if one is not None and number not in there}

    def _who_opened(self, reports: Mapping[int, Record], born: Mapping[str, Problem]) -> dict[int, str]:
        """Which rows opened those problems: those that say the same, and of a register that had to wait one that says nearly that.

        Anything less is another problem: two people report alike, and one copies the row of the other.
        """
        keys = {number: self._keys(number, one) for number, one in born.items()}
        found: dict[int, str] = {}
        for enough in (_WHOLE, _ALIKE) if self.merge.current else (_WHOLE,):
            for row, report in reports.items():
                free = [number for number in born if number not in found.values()]
                fitting = [number for number in free if _agree(key_of_report(report), keys[number]) >= enough]
                if row not in found and (len(fitting) == 1 or (fitting and enough == _WHOLE)):
                    found[row] = fitting[0]
        return found

    def _keys(self, number: str, then: Problem) -> list[tuple[str, ...]]:
        """By what a row that opened a problem is known: what it said then, and when it was taken in last."""
        state = then.state("report")
        told = [key_of_report(Record("report", dict(state.values), dict(state.raw)))] if state else []
        if number in self.said:
            told.append(key_of_report(self.opening.report(self._answers(self.said[number]))))
        return told

    def _adopt(self, row: int, values: dict[int, Plain], number: str, then: Problem) -> None:
        """A row gets the number of the problem it opened; what was changed in it since is taken in like in any other row.

        An older copy may be somebody else's, who typed the same problem: what it does not say is not cleared, and where it says
        something else both stand.
        """
        first = {place: plain(value_cell(then, PROBLEM_SHEET.columns[place].path)) for place in FIELD_POSITIONS}
        said, current = self.said.get(number), self.merge.current
        written = {place: said.get(place) for place in first} if said is not None else first
        differences = [
            Difference(place, base, values.get(place), restored=not current or same(values.get(place), first[place]))
            for place, base in written.items()
            if not same(values.get(place), base) and (current or values.get(place) is not None)
        ]
        problem = self.transaction.problem(number)
        if problem is not None and differences:
            self.rows.problem(problem, differences, then.round)
        self.merge.taken.opened[row] = number

    def _open(self, row: int, values: dict[int, Plain], answers: dict[str, dict[str, str]], report: Record) -> None:
        taken, where = self.merge.taken, {"row": str(row), "sheet": PROBLEM_SHEET.name}
        if lacking := self.opening.lacking(report):
            self._incomplete(row, values, Finding(code="row_incomplete", parts={**where, "labels": "、".join(lacking)}))
        elif known := self.opening.known.same(report):
            self._incomplete(row, values, Finding(code="row_known", parts={**where, "other": known}))
        else:
            opened = self.opening.open(answers)
            taken.findings += [opened.near] if opened.near is not None else []
            taken.opened[row] = opened.number
            taken.touched.add(opened.number)
            taken.row(opened.number).verdict = NEW
            self._not_taken(opened, values)

    def _not_taken(self, opened: Opened, values: dict[int, Plain]) -> None:
        """What was typed in a new row and is no part of what opens a problem, or no value."""
        number = opened.number
        problem = self.transaction.problem(number)
        for place, value in values.items():
            column, one = PROBLEM_SHEET.columns[place], Difference(place, None, value)
            if column.editable and (code := no_value(one)) is not None:
                self.rows.refuse(number, one, column, Finding(code=code, number=number, label=column.heading), 1)
            elif column.path in opened.refused:
                self.merge.tell(number, one, column, INVALID, column.path)
                self.rows.hold(number, one)
            elif column.path.startswith("closure.") and problem is not None:
                self.rows.refuse_close(number, one, column, problem.reasons_not_to_close(), 1)
            elif column.path.startswith("archive.") and problem is not None:
                self.rows.refuse_close(number, one, column, problem.reasons_not_to_archive(), 1)
            elif not column.editable:
                self.merge.computed(number, one, column)

    def _incomplete(self, row: int, values: dict[int, Plain], finding: Finding) -> None:
        taken, name = self.merge.taken, f"第{row}行"
        taken.findings.append(finding)
        if self.merge.before.is_hint(values.get(_HINT_AT)):
            taken.hinted[row] = hint_of(finding)
        taken.row(name).verdict, taken.row(name).row = INVALID, row


def _agree(mine: tuple[str, ...], theirs: list[tuple[str, ...]]) -> int:
    """In how many of reporter, time and title two reports agree."""
    return max((sum(one == other != "" for one, other in zip(mine, key, strict=False)) for key in theirs), default=0)
