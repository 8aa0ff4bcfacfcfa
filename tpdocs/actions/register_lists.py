"""What people changed on the sheets of actions and conflicts, taken into the ledger."""

from dataclasses import dataclass

from tpdocs.actions.cell_merge import CellMerge
from tpdocs.actions.editing import Spot, review_spot, spot_of
from tpdocs.actions.verdicts import CHANGED, CellVerdict
from tpdocs.forms.problem import REGISTER_SOURCE
from tpdocs.forms.standard import FORMS, FormSpec, located
from tpdocs.forms.values import squeezed
from tpdocs.ledger.store import REVIEW, Transaction
from tpdocs.register.columns import ACTION_SHEET, CONFLICT_SHEET, HINT, SUGGESTION, TAKE_OURS, TAKE_THEIRS, Column
from tpdocs.register.compare import BETWEEN_KEYS, Compared, Difference


@dataclass(slots=True)
class ListsIn:
    """Takes actions and choices in."""

    transaction: Transaction
    merge: CellMerge

    def actions(self, found: Compared) -> None:
        """Owner and dates of actions."""
        say = self.merge.taken.say
        for key, row in found.rows.items():
            if row.differences:
                self._action(key, row.differences)
        for row_number, _ in found.new:
            say("row_not_taken", row=str(row_number), sheet=ACTION_SHEET.name)
        for key, row_at in found.unknown.items():
            say("row_not_taken", row=str(row_at), sheet=ACTION_SHEET.name, value=key)

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
                if one.place == place and one.theirs is not None:
                    self._choice(key, str(one.theirs).strip())

    def _choice(self, key: str, choice: str) -> None:
        subject, form_name, round_text, label = key.split(BETWEEN_KEYS)
        spec = next((one for one in FORMS.values() if one.code == form_name[:3].upper()), None)
        spot = self._spot(subject, spec.key, round_text) if spec is not None else None
        if spec is None or spot is None:
            return
        name = _named(spec, spot, label)
        if not name:
            return
        taken, heading = self.merge.taken, located(spec, name)[2]
        if choice not in (TAKE_THEIRS, TAKE_OURS):
            taken.say("choice_unclear", number=subject, label=heading, value=choice)
            return
        answers = {name: spot.state.conflicts[name]["theirs"]} if choice == TAKE_THEIRS else {}
        self.merge.editor.edit(subject, spot, answers, {name: None})
        sides = spot.state.conflicts[name]
        if choice == TAKE_OURS and sides["source"] == REGISTER_SOURCE:
            taken.given_up[subject, f"{spec.key}.{name}"] = sides["theirs"]
        taken.touched.add(subject)
        taken.row(subject).add(CellVerdict(f"{spec.key}.{name}", heading, "", choice, CHANGED))


def _named(spec: FormSpec, spot: Spot, label: str) -> str:
    """The field in conflict that has this label; empty when none has."""
    return next((name for name in spot.state.conflicts if squeezed(located(spec, name)[2]).upper() == label), "")
