"""One cell of the register merged into the ledger: what was written, what stands there, what the ledger says now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto

from tpdocs.actions.editing import Editor, Spot
from tpdocs.actions.refusals import Refusals
from tpdocs.actions.verdicts import CHANGED, CONFLICT, INVALID, CellVerdict, Taken, answer_text, told
from tpdocs.findings import Finding
from tpdocs.forms.problem import REGISTER_SOURCE, Stored
from tpdocs.forms.standard import FORMS, located
from tpdocs.register.cells import Plain, is_error, is_of_a_cut_text, plain, same
from tpdocs.register.columns import ACTION_SHEET, HINT, PROBLEM_SHEET, Column, Sheet
from tpdocs.register.compare import Difference
from tpdocs.register.rows import face_cell, record_cell
from tpdocs.register.scan import UNREAD


class _Way(Enum):
    """What a cell comes to: it says what is on record, settles a conflict with that, is taken in, or differs on both sides."""

    SAME = auto()
    SETTLED = auto()
    TAKEN = auto()
    CONFLICT = auto()


def _way(state: Stored, key: str, one: Difference, record: Plain, *, current: bool) -> _Way:
    known = state.conflicts.get(key)
    standing = known is not None and known["source"] == REGISTER_SOURCE
    ours = plain(face_cell(state, key))
    if same(one.theirs, record):
        # A text that was no value goes when the cell says again what is on record; an older copy never showed it.
        if not current:
            return _Way.SAME
        return _Way.SETTLED if standing else _Way.TAKEN if key in state.typed else _Way.SAME
    if same(one.theirs, ours):
        return _Way.SAME
    return _Way.CONFLICT if standing or one.restored or not same(ours, one.base) else _Way.TAKEN


Wanted = Mapping[str, tuple[Difference, Column]]


@dataclass(slots=True)
class CellMerge:
    """Merges differences; `current`: the workbook is of the newest writing.

    `before` is what was not taken in then and may stand there still.
    """

    editor: Editor
    taken: Taken
    current: bool = True
    before: Refusals = field(default_factory=Refusals)

    def form(self, subject: str, spot: Spot, wanted: Wanted, hold: Callable[[Difference], None]) -> None:
        """The cells of one form, by field name or cell of a row; `hold` is told those that keep what somebody typed."""
        answers: dict[str, str] = {}
        conflicts: dict[str, dict[str, str] | None] = {}
        for key, (one, column) in wanted.items():
            record = plain(record_cell(spot.state, key))
            match _way(spot.state, key, one, record, current=self.current):
                case _Way.SETTLED:
                    conflicts[key] = None
                case _Way.TAKEN:
                    answers[key] = answer_text(one.theirs, column)
                case _Way.CONFLICT:
                    sides = {"theirs": answer_text(one.theirs, column), "ours": told(record, column)}
                    conflicts[key] = {**sides, "source": REGISTER_SOURCE}
                    hold(one)
                    self.tell(subject, replace(one, base=record), column, CONFLICT, f"{spot.form}.{key}")
        done = self.editor.edit(subject, spot, answers, conflicts)
        if done.revision:
            self.taken.touched.add(subject)
        for key in dict.fromkeys((*answers, *conflicts)):
            self._tell_displaced(subject, spot, key, *wanted[key])
        for key in answers:
            one, column = wanted[key]
            if key in done.refused:
                hold(one)
                self.tell(subject, one, column, INVALID, f"{spot.form}.{key}")
                self.taken.findings.append(typed_finding(done.refused[key], subject))
            elif key in done.keys:  # else written otherwise, saying the same
                self.tell(subject, one, column, CHANGED, f"{spot.form}.{key}")

    def _tell_displaced(self, subject: str, spot: Spot, key: str, one: Difference, column: Column) -> None:
        """Of an older copy what it pushes out: what somebody typed since, and was not taken over, it never showed."""
        known = spot.state.conflicts.get(key)
        stood = known["theirs"] if known and known["source"] == REGISTER_SOURCE else spot.state.typed.get(key)
        if not self.current and stood not in (None, answer_text(one.theirs, column)):
            sheet = ACTION_SHEET if "[" in key else PROBLEM_SHEET
            self.taken.say("copy_displaced", subject, _label(spot.form, key, column), value=stood, sheet=sheet.name)

    def is_given_up(self, subject: str, spot: Spot, key: str, one: Difference, column: Column) -> bool:
        """Whether somebody chose the system's value instead of what this cell still says."""
        return self.taken.given_up.get((subject, spot.form, spot.round, key)) == answer_text(one.theirs, column)

    def computed(self, subject: str, one: Difference, column: Column, sheet: Sheet) -> None:
        """An edit of what is computed: told, and put back when the register is written."""
        if self.is_ours(one, column):
            return
        self.tell(subject, one, column, CHANGED)
        value = answer_text(one.theirs, column)
        self.taken.say("computed_cell", subject, column.heading, value=value, sheet=sheet.name)

    def is_ours(self, one: Difference, column: Column) -> bool:
        """Whether what stands in the column of hints may be ours: why cells were not taken in is no part of what was written."""
        return column.heading == HINT and (not self.current or self.before.is_hint(one.theirs))

    def tell(self, subject: str, one: Difference, column: Column, verdict: str, path: str = "") -> None:
        """The verdict on a cell."""
        theirs = answer_text(one.theirs, column)
        form, _, key = path.partition(".")
        label = _label(form, key, column)
        self.taken.row(subject).add(CellVerdict(path, label, told(one.base, column), theirs, verdict))

    def refuse(self, subject: str, one: Difference, column: Column) -> None:
        """A cell that keeps what was typed and of which the ledger does not know."""
        self.tell(subject, one, column, INVALID, column.path)


def _label(form: str, key: str, column: Column) -> str:
    """What a cell is called: that of an action says which."""
    return located(FORMS[form], key)[2] if "[" in key else column.heading


def typed_finding(found: Finding, number: str) -> Finding:
    """What is wrong with an answer, said of the register."""
    return replace(found, number=number, code="typed_time" if found.code == "invalid_time" else "typed_choice")


def no_value(one: Difference) -> str | None:
    """Why what stands in a cell cannot be meant as its value, by code; None where it can."""
    if one.theirs == UNREAD or is_error(one.theirs):
        return "no_value"
    return "cell_cut" if is_of_a_cut_text(one.theirs, one.base) else None
