"""Rows that people typed into the register: each a new problem once it holds what a report needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tpdocs.actions.cell_merge import CellMerge, no_value
from tpdocs.actions.editing import refused_of
from tpdocs.actions.on_record import key_of_report
from tpdocs.actions.opening import Opened, Opening
from tpdocs.actions.register_in import ProblemsIn, hint_of
from tpdocs.actions.verdicts import INVALID, NEW, CellVerdict, answer_text
from tpdocs.findings import Finding
from tpdocs.forms.fields import Field
from tpdocs.forms.problem import Problem
from tpdocs.forms.values import Record
from tpdocs.language import phrase
from tpdocs.ledger.store import Transaction
from tpdocs.register.cells import Plain, plain, same
from tpdocs.register.columns import FIELD_POSITIONS, HINT, PROBLEM_SHEET
from tpdocs.register.compare import Compared, Difference
from tpdocs.register.rows import value_cell

_HINT_AT = PROBLEM_SHEET.position(HINT)
_MOST = 0.5  # of what a row said
_BEGINS = [phrase("a row that opens a problem does not end it; type it again once the row has its number")]
NewRow = tuple[Mapping[int, Plain], dict[str, dict[str, str]]]  # cells, answers by form and field


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
        rows = {row: (values, self._answers(values)) for row, values in found.new}
        born = self._without_a_row(found) if found.new else {}
        opened = self._who_opened(rows, born)
        for row, (values, answers) in rows.items():
            if row in opened:
                self._adopt(row, values, opened[row], born[opened[row]])
            elif answers:
                self._open(row, values, answers, self.opening.report(answers))
            elif values.get(_HINT_AT) in self.merge.before.hints:
                self.merge.taken.hinted[row] = None  # emptied by somebody; our words go too
            elif values.get(_HINT_AT) is not None:
                self.merge.taken.say("row_not_taken", row=str(row), sheet=PROBLEM_SHEET.name)

    def _answers(self, values: Mapping[int, Plain]) -> dict[str, dict[str, str]]:
        answers: dict[str, dict[str, str]] = {}
        for place, value in values.items():
            column = PROBLEM_SHEET.columns[place]
            if column.editable and (text := answer_text(value, column)):
                form, _, name = column.path.partition(".")
                told = answers.setdefault(form, {})
                if no_value(Difference(place, None, value)) is None:
                    told[name] = text
        return answers

    def _without_a_row(self, found: Compared) -> dict[str, Problem]:
        """Problems that rows opened which never got their number: the register was open, or tpdocs was killed before it was written.

        As they were then, by number.
        """
        there = {*found.rows, *found.twice, *found.unknown}
        born = self.transaction.opened_after(self.known_revision, "register")
        told = {number: self.transaction.problem(number, as_of=first) for number, first in born.items()}
        return {number: one for number, one in told.items() if one is not None and number not in there}

    def _who_opened(self, rows: Mapping[int, NewRow], born: Mapping[str, Problem]) -> dict[int, str]:
        """Which rows opened those problems: those that say the same, and of a register that had to wait those that say most of it still.

        Anything less is another problem: two people report alike, and one copies the row of another.
        """
        reports = {row: key_of_report(self.opening.report(answers)) for row, (_, answers) in rows.items() if answers}
        keys = {number: self._keys(number, one) for number, one in born.items()}
        fitting = [(0.0, row, number) for row, key in reports.items() for number in born if key in keys[number]]
        if self.merge.current:
            shares = [
                (self._share(rows[row][0], number, one), row, number) for row in reports for number, one in born.items()
            ]
            fitting += sorted((-share, row, number) for share, row, number in shares if share >= _MOST)
        found: dict[int, str] = {}
        for _, row, number in fitting:
            if row not in found and number not in found.values():
                found[row] = number
        return found

    def _keys(self, number: str, then: Problem) -> list[tuple[str, ...]]:
        """By what a row that opened a problem is known: what it said then, and when it was taken in last."""
        state = then.state("report")
        told = [key_of_report(Record("report", dict(state.values), dict(state.raw)))] if state else []
        if number in self.said:
            told.append(key_of_report(self.opening.report(self._answers(self.said[number]))))
        return [key for key in told if all(key)]

    def _share(self, values: Mapping[int, Plain], number: str, then: Problem) -> float:
        """How much of what a row said that opened a problem this one says."""
        said = self.said.get(number) or _shown(then)
        told = [place for place in FIELD_POSITIONS if said.get(place) is not None]
        return sum(same(values.get(place), said[place]) for place in told) / len(told) if told else 0.0

    def _adopt(self, row: int, values: Mapping[int, Plain], number: str, then: Problem) -> None:
        """A row gets the number of the problem it opened; what was changed in it since is taken in like in any other row.

        An older copy may be somebody else's, who typed the same problem: what it does not say is not cleared, and where it says
        something else both stand.
        """
        first = _shown(then)
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

    def _open(self, row: int, values: Mapping[int, Plain], answers: dict[str, dict[str, str]], report: Record) -> None:
        taken, where = self.merge.taken, {"row": str(row), "sheet": PROBLEM_SHEET.name}
        if lacking := self.opening.lacking(report):
            self._incomplete(row, values, self._why_not(lacking, answers, where))
        elif known := self.opening.known.same(report):
            self._incomplete(row, values, [Finding(code="row_known", parts={**where, "other": known})])
        else:
            opened = self.opening.open(answers)
            taken.findings += [opened.near] if opened.near is not None else []
            taken.opened[row] = opened.number
            taken.touched.add(opened.number)
            taken.row(opened.number).verdict = NEW
            self._not_taken(opened, values)

    def _not_taken(self, opened: Opened, values: Mapping[int, Plain]) -> None:
        """What was typed in a new row and is no part of what opens a problem, or no value."""
        number, computed = opened.number, []
        problem = self.transaction.problem(number)
        for place, value in values.items():
            column, one = PROBLEM_SHEET.columns[place], Difference(place, None, value)
            if column.editable and (code := no_value(one)) is not None:
                self.rows.refuse(number, one, column, Finding(code=code, number=number, label=column.heading), 1)
            elif column.path in opened.refused:
                self.merge.tell(number, one, column, INVALID, column.path)
                self.rows.hold(number, one)
            elif column.path.startswith("closure.") and problem is not None:
                self.rows.refuse_close(number, one, column, problem.reasons_not_to_close() or _BEGINS, 1)
            elif column.path.startswith("archive.") and problem is not None:
                self.rows.refuse_close(number, one, column, problem.reasons_not_to_archive() or _BEGINS, 1)
            elif not column.editable and not self.merge.is_ours(one, column):
                computed.append(f"{column.heading}“{answer_text(value, column)}”")
        if computed:  # told at once: whoever copies a row copies them all
            self.merge.taken.say("computed_row", number, value="、".join(computed), sheet=PROBLEM_SHEET.name)

    @staticmethod
    def _why_not(lacking: list[Field], answers: dict[str, dict[str, str]], where: dict[str, str]) -> list[Finding]:
        """What keeps a row from being a problem: fields that are empty, and those that hold what is no value."""
        wrong = refused_of(
            "report", {one.name: told for one in lacking if (told := answers.get("report", {}).get(one.name))}
        )
        empty = "、".join(one.label for one in lacking if one.name not in wrong)
        found = [Finding(code="row_incomplete", parts={**where, "labels": empty})] if empty else []
        for one in wrong.values():
            code = "row_time" if one.code == "invalid_time" else "row_choice"
            found.append(replace(one, code=code, parts={**one.parts, **where}))
        return found

    def _incomplete(self, row: int, values: Mapping[int, Plain], findings: list[Finding]) -> None:
        taken, name = self.merge.taken, f"第{row}行"
        taken.findings += findings
        if self.merge.before.is_hint(values.get(_HINT_AT)):
            taken.hinted[row] = "\n".join(map(hint_of, findings))
        taken.row(name).verdict, taken.row(name).row = INVALID, row
        for one in findings:
            if one.field:
                taken.row(name).add(CellVerdict(one.field, one.label, "", str(one.parts["value"]), INVALID))


def _shown(problem: Problem) -> dict[int, Plain]:
    """What the register shows of the fields of a problem."""
    return {place: plain(value_cell(problem, PROBLEM_SHEET.columns[place].path)) for place in FIELD_POSITIONS}
