"""What people changed in the rows of problems on record, taken into the ledger."""

from collections.abc import Container
from dataclasses import dataclass

from tpdocs.actions.cell_merge import CellMerge, Wanted, no_value
from tpdocs.actions.editing import Spot, spot_of, spot_shown
from tpdocs.actions.verdicts import GONE, INVALID, answer_text
from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem
from tpdocs.forms.standard import FORMS
from tpdocs.language import Phrase, phrase
from tpdocs.ledger.store import Transaction
from tpdocs.register.columns import PROBLEM_SHEET, Column
from tpdocs.register.compare import Compared, Difference

_ROUND_AT = PROBLEM_SHEET.position("轮次")


@dataclass(slots=True)
class ProblemsIn:
    """Takes the rows of problems in."""

    transaction: Transaction
    merge: CellMerge

    def take(self, found: Compared, columns: Container[int]) -> None:
        """All known rows, and what is wrong with the others; `columns` are those that are there."""
        taken = self.merge.taken
        taken.refusals.keep(self.merge.before, lambda number, place: number in found.rows and place in columns)
        changed = {key: row for key, row in found.rows.items() if row.differences}
        for problem in self.transaction.problems_named(changed):
            row = changed[problem.number]
            shown = int(row.written[_ROUND_AT] or problem.round)
            self.problem(
                problem, [one for one in row.differences if not self._is_left_behind(problem, one, shown)], shown
            )
        for key in found.gone:
            taken.row(key).verdict = GONE
            taken.say("row_gone", number=key, sheet=PROBLEM_SHEET.name)
        for key, rows in found.twice.items():
            taken.row(key).verdict = INVALID
            parts = {"rows": "、".join(map(str, rows)), "sheet": PROBLEM_SHEET.name}
            self._beside(rows, Finding(code="number_twice", number=key, parts=parts), found)
        for key, at in found.unknown.items():
            taken.row(key).verdict = INVALID
            parts = {"value": key, "row": str(at), "sheet": PROBLEM_SHEET.name}
            self._beside([at], Finding(code="unknown_row", parts=parts), found)
        for at in found.apart:
            taken.say("row_apart", row=str(at), sheet=PROBLEM_SHEET.name)

    def _beside(self, rows: list[int], finding: Finding, found: Compared) -> None:
        """What is wrong with rows is said beside them too."""
        self.merge.taken.findings.append(finding)
        # The row may be anybody's own, such as sums; what stands in it stays.
        free = [row for row in rows if self.merge.before.is_hint(found.hints.get(row))]
        self.merge.taken.hinted |= dict.fromkeys(free, hint_of(finding))

    def problem(self, problem: Problem, differences: list[Difference], shown: int) -> None:
        """The cells of a row that do not say what was written there; it showed the round `shown`."""
        by_form: dict[str, dict[str, tuple[Difference, Column]]] = {}
        for one in differences:
            column = PROBLEM_SHEET.columns[one.place]
            if not column.editable:
                self.merge.computed(problem.number, one, column, PROBLEM_SHEET)
            elif (code := no_value(one)) is not None:
                told = Finding(code=code, number=problem.number, label=column.heading)
                self.refuse(
                    problem.number, one, column, told, shown, is_over=shown < problem.round and _is_by_round(column)
                )
            else:
                form, _, name = column.path.partition(".")
                if not self.merge.is_given_up(problem.number, spot_shown(problem, form, shown), name, one, column):
                    by_form.setdefault(form, {})[name] = one, column
        for form, wanted in by_form.items():
            self._form(problem, form, wanted, shown)

    def _is_left_behind(self, problem: Problem, one: Difference, shown: int) -> bool:
        """Whether a cell says what was not taken in when its row showed another round: it is told a last time, and goes."""
        column, before = PROBLEM_SHEET.columns[one.place], self.merge.before
        text, then, now = answer_text(one.theirs, column), before.rounds.get(problem.number, shown), problem.round
        if then == now or not before.stood(problem.number, one.place, text) or not _is_by_round(column):
            return False
        self.merge.taken.say("round_left", problem.number, column.heading, value=text, round=str(then), now=str(now))
        return True

    def _form(self, problem: Problem, form: str, wanted: Wanted, shown: int) -> None:
        spot, now = spot_shown(problem, form, shown), spot_of(problem, form)
        is_over = spot.round < now.round
        if spot.state.revision == 0 and (reasons := self._reasons_against(problem, spot, wanted, is_over=is_over)):
            for one, column in wanted.values():
                if one.theirs is not None:
                    self.refuse_close(problem.number, one, column, reasons, shown, is_over=is_over)
            return
        if is_over or (shown > problem.round and FORMS[form].about.by_round):
            labels = "、".join(column.heading for _, column in wanted.values())
            rounds = {"round": str(shown), "now": str(problem.round)}
            self.merge.taken.say("round_over" if is_over else "round_gone", problem.number, labels, **rounds)
        # The row shows the round that is open now, so what was typed for another one does not stay in it.
        self.merge.form(problem.number, spot, wanted, lambda one: None if is_over else self.hold(problem.number, one))

    def refuse_close(
        self, number: str, one: Difference, column: Column, reasons: list[Phrase], shown: int, *, is_over: bool = False
    ) -> None:
        """A cell that would close or archive a problem that cannot be; it stays, unless its round is over."""
        code = "typed_archive" if column.path.startswith("archive.") else "typed_close"
        told = Finding(code=code, number=number, label=column.heading, parts={"reason": reasons})
        self.refuse(number, one, column, told, shown, is_over=is_over)

    def _reasons_against(self, problem: Problem, spot: Spot, wanted: Wanted, *, is_over: bool) -> list[Phrase]:
        """What stands against a form that is begun in the register: one that would end the problem, which it cannot."""
        if spot.form not in ("closure", "archive"):
            return []
        if is_over:
            return [phrase("round {round} is over", round=spot.round)]
        reasons = problem.reasons_not_to_close() if spot.form == "closure" else problem.reasons_not_to_archive()
        # Nobody touched it since it was refused: a problem is not closed by what arrives meanwhile.
        cells = [(one.place, answer_text(one.theirs, column)) for one, column in wanted.values()]
        stood = all(self.merge.before.stood(problem.number, place, text) for place, text in cells)
        return reasons or ([phrase("it was typed before that could be")] if stood else [])

    def refuse(
        self, number: str, one: Difference, column: Column, finding: Finding, shown: int, *, is_over: bool = False
    ) -> None:
        """A cell that is not taken in; it keeps what was typed, unless its round is over."""
        taken = self.merge.taken
        taken.findings.append(finding)
        self.merge.refuse(number, one, column)
        if not is_over:
            taken.refusals.add(number, one.place, answer_text(one.theirs, column), shown)
            taken.hints.setdefault(number, []).append(hint_of(finding))
            self.hold(number, one)

    def hold(self, number: str, one: Difference) -> None:
        """A cell keeps what was typed when the register is written."""
        self.merge.taken.held.setdefault(number, set()).add(one.place)


def _is_by_round(column: Column) -> bool:
    return column.field is not None and FORMS[column.field.form].about.by_round


def hint_of(finding: Finding) -> str:
    """A finding as the register says it."""
    return f"{finding.message('zh')}。{finding.advice('zh')}"
