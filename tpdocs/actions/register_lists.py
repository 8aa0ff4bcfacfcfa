"""What people changed on the sheets of actions and conflicts, taken into the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tpdocs.actions.cell_merge import CellMerge, no_value
from tpdocs.actions.editing import Spot, review_spot, spot_of
from tpdocs.actions.standing import ROWS_TOLD_APART, row_now
from tpdocs.actions.verdicts import CHANGED, INVALID, CellVerdict, answer_text
from tpdocs.forms.fields import OTHER, Kind
from tpdocs.forms.problem import REGISTER_SOURCE
from tpdocs.forms.standard import FORMS, FormSpec, located
from tpdocs.forms.values import squeezed
from tpdocs.ledger.store import REVIEW, Transaction
from tpdocs.register.cells import Shown
from tpdocs.register.columns import (
    ACTION_SHEET,
    CONFLICT_SHEET,
    SUGGESTION,
    TAKE_OURS,
    TAKE_THEIRS,
    Column,
    Sheet,
)
from tpdocs.register.compare import Compared, Difference
from tpdocs.register.keys import BETWEEN_KEYS
from tpdocs.register.rows import side_shown


@dataclass(slots=True)
class ListsIn:
    """Takes actions and choices in."""

    transaction: Transaction
    merge: CellMerge
    known_revision: int  # the last that the workbook knew
    waiting: Mapping[str, frozenset[str]] = field(default_factory=dict)  # lines that have had no room, by list

    def actions(self, found: Compared) -> None:
        """Owner and dates of actions."""
        for key, row in found.rows.items():
            if row.differences:
                self._action(key, row.differences)
        self._told_rows(found, ACTION_SHEET)

    def _action(self, key: str, differences: list[Difference]) -> None:
        subject, source, round_text, row_text = key.split(BETWEEN_KEYS)
        form, table = (REVIEW, "suggestions") if source == SUGGESTION else ("verification", "residuals")
        spot, then = self._spot(subject, form, round_text), self._spot(subject, form, round_text, self.known_revision)
        was, now = ((one.state.values.get(table) or [] if one is not None else []) for one in (then, spot))
        row = row_now(was, int(row_text), now, table)
        if spot is None or not row:
            self._lost(subject, row_text, differences)
            return
        stays = row == int(row_text)
        wanted: dict[str, tuple[Difference, Column]] = {}
        for one in differences:
            column = ACTION_SHEET.columns[one.place]
            name = f"{table}[{row}].{column.path.rpartition('.')[2]}"
            if not column.editable:
                self.merge.computed(subject, one, column, ACTION_SHEET)
            elif (code := no_value(one)) is not None:
                self.merge.taken.say(code, subject, located(FORMS[form], name)[2])
                self.merge.tell(subject, one, column, INVALID, f"{form}.{name}")
                if stays:  # else the line shows another action from now on
                    self._hold(key, one, column)
            elif not self.merge.is_given_up(subject, spot, name, one, column):
                wanted[name] = one, column
        # What is no value, and conflicts, the ledger knows: they are shown where the action stands by now.
        self.merge.form(subject, spot, wanted, lambda _: None)

    def _hold(self, key: str, one: Difference, column: Column) -> None:
        """A cell of a line that keeps what was typed, of which the ledger does not know."""
        self.merge.taken.held.setdefault(key, set()).add(one.place)
        self.merge.taken.refusals.add(key, one.place, answer_text(one.theirs, column))

    def _lost(self, subject: str, row: str, differences: list[Difference]) -> None:
        """What was typed for an action that is not there any more."""
        for one in differences:
            column = ACTION_SHEET.columns[one.place]
            if column.editable:
                told = {"row": row, "value": answer_text(one.theirs, column)}
                self.merge.taken.say("action_gone", subject, column.heading, **told)

    def _spot(self, subject: str, form: str, round_text: str, as_of: int | None = None) -> Spot | None:
        if form == REVIEW:
            review = self.transaction.reviews(as_of).get(subject)
            return review_spot(review) if review is not None else None
        problem = self.transaction.problem(subject, as_of=as_of)
        return spot_of(problem, form, int(round_text or 1)) if problem is not None else None

    def choices(self, found: Compared) -> None:
        """What people chose on the sheet of conflicts."""
        place = CONFLICT_SHEET.position("取舍")
        for key, row in found.rows.items():
            for one in row.differences:
                if one.place == place:
                    if one.theirs is not None and not self._choice(key, squeezed(str(one.theirs)), row.written):
                        self._hold(key, one, CONFLICT_SHEET.columns[place])
                elif CONFLICT_SHEET.columns[one.place].heading not in CONFLICT_SHEET.key:
                    number, column = key.partition(BETWEEN_KEYS)[0], CONFLICT_SHEET.columns[one.place]
                    self.merge.computed(number, one, column, CONFLICT_SHEET)
        self._told_rows(found, CONFLICT_SHEET)

    def _told_rows(self, found: Compared, sheet: Sheet) -> None:
        """Rows that people added, that stand there twice, or that are gone."""
        say = self.merge.taken.say
        for row_number, _ in found.new:
            say("row_not_taken", row=str(row_number), sheet=sheet.name)
        for key, row_at in found.unknown.items():
            say("row_not_taken", row=str(row_at), sheet=sheet.name, value=key)
        for key, rows in found.twice.items():
            say("number_twice", key.partition(BETWEEN_KEYS)[0], rows="、".join(map(str, rows)), sheet=sheet.name)
        waiting = self.waiting.get(sheet.table, frozenset())
        for key in (one for one in found.gone if one not in waiting):
            say("line_gone", key.partition(BETWEEN_KEYS)[0], sheet=sheet.name)

    def _choice(self, key: str, choice: str, seen: Sequence[Shown]) -> bool:
        """One choice; False where it is neither of the two. `seen` is what the row showed, for that may be another conflict by now."""
        subject, form_name, round_text, label = key.split(BETWEEN_KEYS)
        spec = next((one for one in FORMS.values() if one.code == form_name[:3].upper()), None)
        spot = self._spot(subject, spec.key, round_text) if spec is not None else None
        if spec is None or spot is None:
            return True
        name = self._name_now(spec, spot, subject, round_text, label)
        if not name:
            self.merge.taken.say("choice_outdated", number=subject, label=label)
            return True
        one, _, heading = located(spec, name)
        taken, lacks_rows = self.merge.taken, one.kind is Kind.ROWS and "state" not in spot.state.conflicts[name]
        if choice not in (TAKE_THEIRS, TAKE_OURS) or (choice == TAKE_THEIRS and lacks_rows):
            taken.say("choice_unclear", number=subject, label=heading, value=choice)
            return False
        sides = spot.state.conflicts[name]
        if not _are_seen(sides, seen):
            taken.say("choice_outdated", number=subject, label=heading)
            return True
        # What 其他 is belongs to the choice: both come from the same side.
        names = [one for one in (name, f"{name}_other") if one in spot.state.conflicts]
        theirs = {one: spot.state.conflicts[one] for one in names} if choice == TAKE_THEIRS else {}
        states = {one: told["state"] for one, told in theirs.items() if "state" in told}
        answers = {one: told["theirs"] for one, told in theirs.items() if one not in states}
        if choice == TAKE_OURS and one.opens_other and OTHER not in (spot.state.values.get(name) or ""):
            answers[f"{name}_other"] = ""
        done = self.merge.editor.edit(subject, spot, answers, dict.fromkeys(names), states)
        if choice == TAKE_OURS and sides["source"] == REGISTER_SOURCE:
            taken.given_up[subject, spec.key, spot.round, name] = sides["theirs"]
        taken.touched.add(subject)
        verdict = INVALID if name in done.refused else CHANGED
        old, new = (sides[one] for one in (("ours", "theirs") if choice == TAKE_THEIRS else ("theirs", "ours")))
        taken.row(subject).add(CellVerdict(f"{spec.key}.{name}", heading, old, new, verdict))
        return True

    def _name_now(self, spec: FormSpec, spot: Spot, subject: str, round_text: str, label: str) -> str:
        """The field in conflict that a row is about; one of an action may stand elsewhere by now. Empty when there is none."""
        then = self._spot(subject, spec.key, round_text, self.known_revision)
        name = _named(spec, then, label) if then is not None else ""
        table, bracket, rest = name.partition("[")
        if not bracket or then is None or table not in ROWS_TOLD_APART:
            return _named(spec, spot, label)
        row_text, _, column = rest.partition("].")
        was, now = ((one.state.values.get(table) or []) for one in (then, spot))
        name = f"{table}[{row_now(was, int(row_text), now, table)}].{column}"
        return name if name in spot.state.conflicts else ""


def _are_seen(sides: Mapping[str, str], seen: Sequence[Shown]) -> bool:
    """Whether a row of conflicts showed both sides as they are."""
    return all(
        str(seen[CONFLICT_SHEET.position(heading)] or "") == side_shown(sides[side])
        for heading, side in ((TAKE_THEIRS, "theirs"), (TAKE_OURS, "ours"))
    )


def _named(spec: FormSpec, spot: Spot, label: str) -> str:
    """The field in conflict that has this label; empty when none has."""
    return next((name for name in spot.state.conflicts if squeezed(located(spec, name)[2]).upper() == label), "")
