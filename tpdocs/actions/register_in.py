"""What people changed in the register, taken into the ledger: field by field, against what was written there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tpdocs.actions.editing import Editor, Spot, review_spot, spot_of
from tpdocs.findings import Finding
from tpdocs.forms.fields import Kind
from tpdocs.forms.problem import REGISTER_SOURCE, Problem, Stored
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.forms.values import parse_record, squeezed
from tpdocs.language import Phrase
from tpdocs.ledger.store import REVIEW, Transaction
from tpdocs.register.cells import Plain, moment_of, plain, same, shown
from tpdocs.register.columns import (
    ACTION_SHEET,
    CONFLICT_SHEET,
    PROBLEM_SHEET,
    SUGGESTION,
    TAKE_OURS,
    TAKE_THEIRS,
    Column,
)
from tpdocs.register.compare import Compared, Difference
from tpdocs.register.rows import value_cell
from tpdocs.register.scan import UNREAD

UNCHANGED, NEW, CHANGED, GONE, CONFLICT, INVALID = "unchanged", "new", "changed", "gone", "conflict", "invalid"
_WORST = (INVALID, CONFLICT, NEW, CHANGED, GONE, UNCHANGED)
_DATES = (Kind.TIME, Kind.DATE)


@dataclass(slots=True)
class CellVerdict:
    """What became of one cell."""

    path: str
    label: str
    old: str
    new: str
    verdict: str


@dataclass(slots=True)
class RowVerdict:
    """What became of one row; the worst of its cells."""

    number: str
    verdict: str = UNCHANGED
    cells: list[CellVerdict] = field(default_factory=list)

    def add(self, cell: CellVerdict) -> None:
        """A cell that differs."""
        self.cells.append(cell)
        self.verdict = min(self.verdict, cell.verdict, key=_WORST.index)


@dataclass(slots=True)
class Taken:
    """What taking the register in came to.

    `held` are cells (by number and place) that keep what somebody typed; `opened` are rows that became problems,
    `incomplete` those that lack something; `given_up` are fields for which somebody chose the system's value.
    """

    verdicts: dict[str, RowVerdict] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    held: dict[str, set[int]] = field(default_factory=dict)
    held_actions: dict[str, set[int]] = field(default_factory=dict)
    opened: dict[int, str] = field(default_factory=dict)
    incomplete: dict[int, str] = field(default_factory=dict)
    given_up: set[tuple[str, str]] = field(default_factory=set)

    def row(self, number: str) -> RowVerdict:
        """The verdict on a row."""
        return self.verdicts.setdefault(number, RowVerdict(number))


def answer_text(value: Plain, column: Column, *, since_1904: bool) -> str:
    """What a cell says, as somebody would write it on the form."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return ("是" if value else "否") if column.kind is Kind.YES_NO else ("TRUE" if value else "FALSE")
    if isinstance(value, float):
        if column.kind in _DATES and (moment := moment_of(value, since_1904=since_1904)):
            return str(moment)
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


@dataclass(slots=True)
class Intake:
    """Takes the differences in; `since_1904` is the workbook's calendar, `current` whether it is of the newest writing."""

    transaction: Transaction
    editor: Editor
    taken: Taken
    since_1904: bool = False
    current: bool = True

    # the problems

    def problems(self, found: Compared) -> None:
        """The rows of known problems."""
        changed = {key: row.differences for key, row in found.rows.items() if row.differences}
        for problem in self.transaction.problems_named(changed):
            self._problem(problem, changed[problem.number])
        for key in found.gone:
            self.taken.row(key).verdict = GONE
            self._say("row_gone", number=key, sheet=PROBLEM_SHEET.name)
        for key, rows in found.twice.items():
            self.taken.row(key).verdict = INVALID
            self._say("number_twice", number=key, rows="、".join(map(str, rows)), sheet=PROBLEM_SHEET.name)
        for key, row in found.unknown.items():
            self.taken.row(key).verdict = INVALID
            self._say("unknown_row", value=key, row=str(row), sheet=PROBLEM_SHEET.name)

    def _problem(self, problem: Problem, differences: list[Difference]) -> None:
        number = problem.number
        by_form: dict[str, dict[str, tuple[Difference, Column]]] = {}
        for one in differences:
            column = PROBLEM_SHEET.columns[one.place]
            if not column.editable:
                self._computed(number, one, column)
                continue
            if one.theirs == UNREAD:
                self._refuse(
                    number,
                    one,
                    column,
                    Finding(code="no_value", number=number, label=column.heading, parts={"row": number}),
                )
                continue
            if (number, column.path) in self.taken.given_up or self._is_settled(problem, one, column):
                continue
            form, _, name = column.path.partition(".")
            by_form.setdefault(form, {})[name] = one, column
        for form, wanted in by_form.items():
            self._form(problem, form, wanted)

    def _computed(self, number: str, one: Difference, column: Column) -> None:
        if not self.current or one.theirs == UNREAD:
            return  # what it said in an older writing is not known any more, and a formula says what it always does
        value = answer_text(one.theirs, column, since_1904=self.since_1904)
        self.taken.row(number).add(self._cell(one, column, CHANGED))
        self._say("computed_cell", number=number, label=column.heading, value=value)

    def _cell(self, one: Difference, column: Column, verdict: str, path: str = "") -> CellVerdict:
        old, new = self._told(one.base, column), answer_text(one.theirs, column, since_1904=self.since_1904)
        return CellVerdict(path or (column.path if column.editable else ""), column.heading, old, new, verdict)

    def _is_settled(self, problem: Problem, one: Difference, column: Column) -> bool:
        """Whether the cell says what is on record by now, or differs from it on both sides: then it is a conflict."""
        ours = plain(shown(value_cell(problem, column.path)))
        form, _, name = column.path.partition(".")
        spot = spot_of(problem, form)
        known = spot.state.conflicts.get(name)
        if same(one.theirs, ours):
            if known and known["source"] == REGISTER_SOURCE:
                self._drop_conflict(problem, spot, name)
            return True
        standing = known is not None and known["source"] == REGISTER_SOURCE
        if not standing and same(ours, one.base):
            return False
        theirs = answer_text(one.theirs, column, since_1904=self.since_1904)
        told = {"theirs": theirs, "ours": self._told(ours, column), "source": REGISTER_SOURCE}
        if known != told:
            self._keep_conflict(problem, spot, name, told)
        self.taken.held.setdefault(problem.number, set()).add(one.place)
        self.taken.row(problem.number).add(self._cell(replace(one, base=ours), column, CONFLICT))
        return True

    @staticmethod
    def _told(value: Plain, column: Column) -> str:
        """What we wrote, in our own calendar."""
        return answer_text(float(value) if isinstance(value, int) else value, column, since_1904=False)

    def _drop_conflict(self, problem: Problem, spot: Spot, name: str) -> None:
        conflicts = {key: dict(sides) for key, sides in spot.state.conflicts.items() if key != name}
        self._append(problem.number, spot, conflicts=conflicts)

    def _keep_conflict(self, problem: Problem, spot: Spot, name: str, told: dict[str, str]) -> None:
        conflicts = {key: dict(sides) for key, sides in spot.state.conflicts.items()} | {name: told}
        self._append(problem.number, spot, conflicts=conflicts)

    def _append(self, subject: str, spot: Spot, **parts: Any) -> None:
        kept = spot.state
        state = {
            "values": dict(kept.values), "raw": dict(kept.raw), "places": dict(kept.places),
            "conflicts": {name: dict(sides) for name, sides in kept.conflicts.items()}, "typed": dict(kept.typed), **parts,
        }  # fmt: skip
        self.editor.append(subject, spot, state, [])
        self.taken.touched.add(subject)

    def _form(self, problem: Problem, form: str, wanted: Mapping[str, tuple[Difference, Column]]) -> None:
        number = problem.number
        # Two differences in one form may each have appended a conflict: the newest state counts.
        now = (self.transaction.problem(number) if number in self.taken.touched else None) or problem
        spot = spot_of(now, form)
        if form == "closure" and spot.state.revision == 0 and (reasons := now.reasons_not_to_close()):
            for one, column in wanted.values():
                if one.theirs is not None:
                    self._close(number, one, column, reasons)
            return
        answers = {
            name: answer_text(one.theirs, column, since_1904=self.since_1904) for name, (one, column) in wanted.items()
        }
        done = self.editor.edit(number, spot, answers)
        if done.revision:
            self.taken.touched.add(number)
        changed = {change.field for change in done.changes}
        for name, (one, column) in wanted.items():
            if name in done.refused:
                self._hold(number, one)
            elif name not in changed and f"{name}_other" not in changed:
                continue  # written otherwise, saying the same
            verdict = INVALID if name in done.refused else CHANGED
            self.taken.row(number).add(self._cell(one, column, verdict))

    def _close(self, number: str, one: Difference, column: Column, reasons: list[Phrase]) -> None:
        parts = {"reason": reasons}
        self._refuse(number, one, column, Finding(code="typed_close", number=number, label=column.heading, parts=parts))

    def _refuse(self, number: str, one: Difference, column: Column, finding: Finding) -> None:
        self.taken.findings.append(finding)
        self._hold(number, one)
        self.taken.row(number).add(self._cell(one, column, INVALID))

    def _hold(self, number: str, one: Difference) -> None:
        self.taken.held.setdefault(number, set()).add(one.place)

    def _say(self, code: str, number: str = "", label: str = "", **parts: str) -> None:
        self.taken.findings.append(Finding(code=code, number=number, label=label, parts=parts))

    # new rows

    def new_rows(self, found: Compared, open_problem: Callable[[], str]) -> None:
        """Rows without a number: each a new problem when it holds what a report needs."""
        for row, values in found.new:
            answers: dict[str, dict[str, str]] = {}
            for place, value in values.items():
                column = PROBLEM_SHEET.columns[place]
                if (
                    column.editable
                    and value != UNREAD
                    and (text := answer_text(value, column, since_1904=self.since_1904))
                ):
                    form, _, name = column.path.partition(".")
                    answers.setdefault(form, {})[name] = text
            if answers:
                self._new_row(row, answers, open_problem)

    def _new_row(self, row: int, answers: dict[str, dict[str, str]], open_problem: Callable[[], str]) -> None:
        spec = FORMS["report"]
        told = parse_record("report", spec.fields, answers.get("report", {}))
        lacking = [
            one.label
            for one in spec.fields
            if one.name not in told.values
            and not one.computed
            and one.kind is not Kind.ROWS
            and _is_needed(one, told.values)
        ]
        if lacking:
            labels = "、".join(lacking)
            finding = Finding(
                code="row_incomplete", parts={"row": str(row), "sheet": PROBLEM_SHEET.name, "labels": labels}
            )
            self.taken.findings.append(finding)
            self.taken.incomplete[row] = finding.message("zh") + "。"
            self.taken.verdicts[f"第{row}行"] = RowVerdict(f"第{row}行", INVALID)
            return
        number = open_problem()
        for form, wanted in answers.items():
            if form != "closure":
                self.editor.edit(number, Spot(form, 1, Stored(form)), wanted)
        self.taken.opened[row] = number
        self.taken.touched.add(number)
        verdict = self.taken.row(number)
        verdict.verdict = NEW

    # the actions

    def actions(self, found: Compared) -> None:
        """Owner and dates of actions."""
        for key, row in found.rows.items():
            if row.differences:
                self._action(key, row.differences)
        for row_number, _ in found.new:
            self._say("row_not_taken", row=str(row_number), sheet=ACTION_SHEET.name)
        for key, row_at in found.unknown.items():
            self._say("row_not_taken", row=str(row_at), sheet=ACTION_SHEET.name, value=key)

    def _action(self, key: str, differences: list[Difference]) -> None:
        subject, source, round_text, row_text = key.split("\x1f")
        suggestion = source == SUGGESTION
        table, row = ("suggestions" if suggestion else "residuals"), int(row_text)
        spot = self._action_spot(subject, suggestion=suggestion, number=round_text)
        answers: dict[str, str] = {}
        by_name: dict[str, tuple[Difference, Column]] = {}
        for one in differences:
            column = ACTION_SHEET.columns[one.place]
            if not column.editable:
                self._computed(subject, one, column)
            else:
                name = column.path.rpartition(".")[2]
                answers[name] = answer_text(one.theirs, column, since_1904=self.since_1904)
                by_name[name] = one, column
        rows = spot.state.values.get(table) or [] if spot is not None else []
        if spot is None or not answers or row > len(rows):
            return
        done = self.editor.edit_cell(subject, spot, table, row, answers)
        self.taken.touched.update([subject] if done.revision else [])
        for name, (one, column) in by_name.items():
            verdict = INVALID if name in done.refused else CHANGED
            if verdict == INVALID:
                self.taken.held_actions.setdefault(key, set()).add(one.place)
            path = f"{'review' if suggestion else 'verification'}.{table}[{row}].{name}"
            self.taken.row(subject).add(self._cell(one, column, verdict, path))

    def _action_spot(self, subject: str, *, suggestion: bool, number: str) -> Spot | None:
        if suggestion:
            review = self.transaction.reviews().get(subject)
            return review_spot(review) if review is not None else None
        problem = self.transaction.problem(subject)
        return spot_of(problem, "verification", int(number or 1)) if problem is not None else None

    # the conflicts

    def choices(self, found: Compared) -> None:
        """What people chose on the sheet of conflicts."""
        place = CONFLICT_SHEET.position("取舍")
        for key, row in found.rows.items():
            for one in row.differences:
                if one.place == place and one.theirs is not None:
                    self._choice(key, str(one.theirs).strip())

    def _choice(self, key: str, choice: str) -> None:
        subject, form_name, round_text, label = key.split("\x1f")
        spec = next((one for one in FORMS.values() if one.code == form_name[:3].upper()), None)
        if spec is None:
            return
        problem = self.transaction.problem(subject) if spec.key != REVIEW else None
        review = self.transaction.reviews().get(subject) if spec.key == REVIEW else None
        spot = spot_of(problem, spec.key, int(round_text or 1)) if problem else review_spot(review) if review else None
        name = next((one.name for one in spec.fields if squeezed(one.label).upper() == label), "")
        if spot is None or name not in spot.state.conflicts:
            return
        if choice not in (TAKE_THEIRS, TAKE_OURS):
            self._say("choice_unclear", number=subject, label=FIELDS[f"{spec.key}.{name}"].label, value=choice)
            return
        if choice == TAKE_THEIRS:
            self.editor.edit(subject, spot, {name: spot.state.conflicts[name]["theirs"]})
        else:
            kept = {other: dict(sides) for other, sides in spot.state.conflicts.items() if other != name}
            self._append(subject, spot, conflicts=kept)
            self.taken.given_up.add((subject, f"{spec.key}.{name}"))
        self.taken.touched.add(subject)
        verdict = self.taken.row(subject)
        path = f"{spec.key}.{name}"
        verdict.add(CellVerdict(path, FIELDS[path].label, "", choice, CHANGED))


def _is_needed(one: Any, values: Mapping[str, Any]) -> bool:
    """Whether a report needs a field: always, or as the fields are that it depends on."""
    if one.other_of:
        chosen = values.get(one.other_of)
        return chosen == "其他" or (isinstance(chosen, list) and "其他" in chosen)
    if one.required is True:
        return True
    return bool(one.required) and bool(one.required.holds(lambda path: values.get(path.partition(".")[2])))
