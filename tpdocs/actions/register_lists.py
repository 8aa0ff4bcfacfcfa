"""What people changed on the sheets of actions and conflicts, taken into the ledger."""

from dataclasses import dataclass

from tpdocs.actions.cell_merge import CellMerge
from tpdocs.actions.editing import Spot, review_spot, spot_of
from tpdocs.actions.verdicts import CHANGED, INVALID, CellVerdict
from tpdocs.forms.problem import REGISTER_SOURCE
from tpdocs.forms.standard import FORMS, FormSpec, located
from tpdocs.forms.values import squeezed
from tpdocs.ledger.store import REVIEW, Transaction
from tpdocs.register.columns import (
    ACTION_SHEET,
    CONFLICT_SHEET,
    HINT,
    SUGGESTION,
    TAKE_OURS,
    TAKE_THEIRS,
    Column,
    Sheet,
)
from tpdocs.register.compare import BETWEEN_KEYS, Compared, Difference


@dataclass(slots=True)
class ListsIn:
    """Takes actions and choices in."""

    transaction: Transaction
    merge: CellMerge

    def actions(self, found: Compared) -> None:
        """Owner and dates of actions."""
        for key, row in found.rows.items():
            if row.differences:
                self._action(key, row.differences)
        self._told_rows(found, ACTION_SHEET)

    def _action(self, key: str, differences: list[Difference]) -> None:
        subject, source, round_text, row_text = key.split(BETWEEN_KEYS)
        suggestion = source == SUGGESTION
        table, row = ("suggestions" if suggestion else "residuals"), int(row_text)
        spot = self._spot(subject, REVIEW if suggestion else "verification", round_text)
        if spot is None or row > len(spot.state.values.get(table) or []):
            return
        wanted: dict[str, tuple[Difference, Column]] = {}
        for one in differences:
            column = ACTION_SHEET.columns[one.place]
            if column.editable:
                name = f"{table}[{row}].{column.path.rpartition('.')[2]}"
                if not self.merge.is_given_up(subject, f"{spot.form}.{name}", one, column):
                    wanted[name] = one, column
            elif column.heading != HINT:
                self.merge.computed(subject, one, column)
        held = self.merge.taken.held.setdefault(key, set())
        self.merge.form(subject, spot, wanted, lambda one: held.add(one.place))

    def _spot(self, subject: str, form: str, round_text: str) -> Spot | None:
        if form == REVIEW:
            review = self.transaction.reviews().get(subject)
            return review_spot(review) if review is not None else None
        problem = self.transaction.problem(subject)
        return spot_of(problem, form, int(round_text or 1)) if problem is not None else None

    def choices(self, found: Compared) -> None:
        """What people chose on the sheet of conflicts."""
        place = CONFLICT_SHEET.position("取舍")
        for key, row in found.rows.items():
            for one in row.differences:
                if one.place == place:
                    if one.theirs is not None and not self._choice(key, squeezed(str(one.theirs))):
                        self.merge.taken.held.setdefault(key, set()).add(place)
                elif CONFLICT_SHEET.columns[one.place].heading not in CONFLICT_SHEET.key:
                    self.merge.computed(key.partition(BETWEEN_KEYS)[0], one, CONFLICT_SHEET.columns[one.place])
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
        for key in found.gone:
            say("row_gone", key.partition(BETWEEN_KEYS)[0], sheet=sheet.name)

    def _choice(self, key: str, choice: str) -> bool:
        """One choice; False where it is neither of the two."""
        subject, form_name, round_text, label = key.split(BETWEEN_KEYS)
        spec = next((one for one in FORMS.values() if one.code == form_name[:3].upper()), None)
        spot = self._spot(subject, spec.key, round_text) if spec is not None else None
        if spec is None or spot is None:
            return True
        name = _named(spec, spot, label)
        if not name:
            return True
        taken, heading = self.merge.taken, located(spec, name)[2]
        if choice not in (TAKE_THEIRS, TAKE_OURS):
            taken.say("choice_unclear", number=subject, label=heading, value=choice)
            return False
        answers = {name: spot.state.conflicts[name]["theirs"]} if choice == TAKE_THEIRS else {}
        done = self.merge.editor.edit(subject, spot, answers, {name: None})
        sides = spot.state.conflicts[name]
        if choice == TAKE_OURS and sides["source"] == REGISTER_SOURCE:
            taken.given_up[subject, f"{spec.key}.{name}"] = sides["theirs"]
        taken.touched.add(subject)
        verdict = INVALID if name in done.refused else CHANGED
        new = sides["theirs"] if choice == TAKE_THEIRS else sides["ours"]
        taken.row(subject).add(CellVerdict(f"{spec.key}.{name}", heading, sides["ours"], new, verdict))
        return True


def _named(spec: FormSpec, spot: Spot, label: str) -> str:
    """The field in conflict that has this label; empty when none has."""
    return next((name for name in spot.state.conflicts if squeezed(located(spec, name)[2]).upper() == label), "")
