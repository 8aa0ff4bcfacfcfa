"""Rows that people typed into the register: each a new problem once it holds what a report needs."""

from dataclasses import dataclass

from tpdocs.actions.cell_merge import CellMerge
from tpdocs.actions.on_record import key_of_report
from tpdocs.actions.opening import Opening
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
from tpdocs.register.scan import UNREAD

_HINT_AT = PROBLEM_SHEET.position(HINT)
_ALIKE = 2  # of reporter, time and title


@dataclass(slots=True)
class NewRows:
    """Takes rows without a number in; `known_revision` is the last that the workbook knew."""

    transaction: Transaction
    merge: CellMerge
    rows: ProblemsIn
    opening: Opening
    known_revision: int

    def take(self, found: Compared) -> None:
        """All rows without a number."""
        born = self._without_a_row(found) if found.new else {}
        for row, values in found.new:
            answers = self._answers(values)
            if answers:
                report = self.opening.report(answers)
                number = _matching(report, born)
                if number:
                    self._adopt(row, values, number, born.pop(number))
                else:
                    self._open(row, values, answers, report)
            elif values.get(_HINT_AT) in self.merge.before.hints:
                self.merge.taken.hinted[row] = None  # emptied by somebody; our words go too
            elif values.get(_HINT_AT) is not None:
                self.merge.taken.say("row_not_taken", row=str(row), sheet=PROBLEM_SHEET.name)

    def _answers(self, values: dict[int, Plain]) -> dict[str, dict[str, str]]:
        answers: dict[str, dict[str, str]] = {}
        for place, value in values.items():
            column = PROBLEM_SHEET.columns[place]
            if column.editable and value != UNREAD and (text := answer_text(value, column)):
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

    def _adopt(self, row: int, values: dict[int, Plain], number: str, then: Problem) -> None:
        """A row gets the number of the problem it opened; what was changed in it since is taken in like in any other row."""
        written = {place: plain(value_cell(then, PROBLEM_SHEET.columns[place].path)) for place in FIELD_POSITIONS}
        differences = [
            Difference(place, base, values.get(place))
            for place, base in written.items()
            if not same(values.get(place), base)
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
            number, near = self.opening.open(answers)
            if near is not None:
                taken.findings.append(near)
            taken.opened[row] = number
            taken.touched.add(number)
            taken.row(number).verdict = NEW
            self._not_taken(number, values)

    def _not_taken(self, number: str, values: dict[int, Plain]) -> None:
        """What was typed in a new row and is no part of what opens a problem."""
        problem = self.transaction.problem(number)
        for place, value in values.items():
            column, one = PROBLEM_SHEET.columns[place], Difference(place, None, value)
            if column.path.startswith("closure.") and problem is not None:
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


def _matching(report: Record, born: dict[str, Problem]) -> str:
    """The one problem whose opening row this can be; empty when none can, or more than one."""
    wanted = key_of_report(report)
    found = []
    for number, one in born.items():
        state = one.state("report")
        told = key_of_report(Record("report", dict(state.values), dict(state.raw))) if state else ()
        alike = sum(mine == theirs != "" for mine, theirs in zip(wanted, told, strict=False))
        if alike == len(wanted):
            return number
        if alike >= _ALIKE:
            found.append(number)
    return found[0] if len(found) == 1 else ""
