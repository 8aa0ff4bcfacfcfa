"""What people changed in the rows of problems on record, taken into the ledger."""

from dataclasses import dataclass

from tpdocs.actions.cell_merge import CellMerge, Wanted
from tpdocs.actions.editing import spot_of, spot_shown
from tpdocs.actions.verdicts import GONE, INVALID
from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem
from tpdocs.language import Phrase
from tpdocs.ledger.store import Transaction
from tpdocs.register.cells import is_error, is_of_a_cut_text
from tpdocs.register.columns import PROBLEM_SHEET, Column
from tpdocs.register.compare import Compared, Difference
from tpdocs.register.scan import UNREAD

_ROUND_AT = PROBLEM_SHEET.position("轮次")


@dataclass(slots=True)
class ProblemsIn:
    """Takes the rows of problems in."""

    transaction: Transaction
    merge: CellMerge

    def take(self, found: Compared) -> None:
        """All known rows, and what is wrong with the others."""
        taken = self.merge.taken
        changed = {key: row for key, row in found.rows.items() if row.differences}
        for problem in self.transaction.problems_named(changed):
            row = changed[problem.number]
            self.problem(problem, row.differences, int(row.written[_ROUND_AT] or problem.round))
        for key in found.gone:
            taken.row(key).verdict = GONE
            taken.say("row_gone", number=key, sheet=PROBLEM_SHEET.name)
        for key, rows in found.twice.items():
            taken.row(key).verdict = INVALID
            parts = {"rows": "、".join(map(str, rows)), "sheet": PROBLEM_SHEET.name}
            self._beside(rows, Finding(code="number_twice", number=key, parts=parts))
        for key, at in found.unknown.items():
            taken.row(key).verdict = INVALID
            parts = {"value": key, "row": str(at), "sheet": PROBLEM_SHEET.name}
            self._beside([at], Finding(code="unknown_row", parts=parts))

    def _beside(self, rows: list[int], finding: Finding) -> None:
        """What is wrong with rows is said beside them too, for a finding is told only once."""
        self.merge.taken.findings.append(finding)
        self.merge.taken.hinted |= dict.fromkeys(rows, hint_of(finding))

    def problem(self, problem: Problem, differences: list[Difference], shown: int) -> None:
        """The cells of a row that do not say what was written there; it showed the round `shown`."""
        by_form: dict[str, dict[str, tuple[Difference, Column]]] = {}
        for one in differences:
            column = PROBLEM_SHEET.columns[one.place]
            if not column.editable:
                self.merge.computed(problem.number, one, column)
            elif (code := _no_value(one)) is not None:
                self._refuse(
                    problem.number, one, column, Finding(code=code, number=problem.number, label=column.heading)
                )
            elif not self.merge.is_given_up(problem.number, column.path, one, column):
                form, _, name = column.path.partition(".")
                by_form.setdefault(form, {})[name] = one, column
        for form, wanted in by_form.items():
            self._form(problem, form, wanted, shown)

    def _form(self, problem: Problem, form: str, wanted: Wanted, shown: int) -> None:
        spot, now = spot_shown(problem, form, shown), spot_of(problem, form)
        if spot.state.revision == 0 and (reasons := _reasons_against(problem, form)):
            for one, column in wanted.values():
                if one.theirs is not None:
                    self.refuse_close(problem.number, one, column, reasons)
            return
        is_over = spot.round < now.round
        if is_over:
            labels = "、".join(column.heading for _, column in wanted.values())
            rounds = {"round": str(spot.round), "now": str(problem.round)}
            self.merge.taken.say("round_over", problem.number, labels, **rounds)
        # The row shows the round that is open now, so what was typed for another one does not stay in it.
        self.merge.form(problem.number, spot, wanted, lambda one: None if is_over else self._hold(problem.number, one))

    def refuse_close(self, number: str, one: Difference, column: Column, reasons: list[Phrase]) -> None:
        """A cell that would close or archive a problem that cannot be."""
        code = "typed_archive" if column.path.startswith("archive.") else "typed_close"
        told = Finding(code=code, number=number, label=column.heading, parts={"reason": reasons})
        self._refuse(number, one, column, told)

    def _refuse(self, number: str, one: Difference, column: Column, finding: Finding) -> None:
        taken = self.merge.taken
        taken.findings.append(finding)
        taken.hints.setdefault(number, []).append(hint_of(finding))
        self._hold(number, one)
        self.merge.refuse(number, one, column)

    def _hold(self, number: str, one: Difference) -> None:
        self.merge.taken.held.setdefault(number, set()).add(one.place)


def _reasons_against(problem: Problem, form: str) -> list[Phrase]:
    """What stands against a form that is begun in the register: one that would end the problem, which it cannot."""
    if form == "closure":
        return problem.reasons_not_to_close()
    return problem.reasons_not_to_archive() if form == "archive" else []


def _no_value(one: Difference) -> str | None:
    """Why what stands in a cell cannot be meant as its value; None where it can."""
    if one.theirs == UNREAD or is_error(one.theirs):
        return "no_value"
    return "cell_cut" if is_of_a_cut_text(one.theirs, one.base) else None


def hint_of(finding: Finding) -> str:
    """A finding as the register says it."""
    return f"{finding.message('zh')}。{finding.advice('zh')}"
