"""Changing fields of problems on record by hand: from the register, from a list of updates, from the command line."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tpdocs.findings import Finding
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.problem import Problem, Stored
from tpdocs.forms.standard import FORMS, located
from tpdocs.forms.values import Record, parse_record, raw_finding
from tpdocs.ledger.entries import NewRevision
from tpdocs.ledger.merge import Change
from tpdocs.ledger.store import REVIEW, Transaction
from tpdocs.ledger.undoing import GONE

_PARTS = ("values", "raw", "places", "conflicts", "typed")


@dataclass(frozen=True, slots=True)
class Spot:
    """A form of a problem in a round, and what is on record for it."""

    form: str
    round: int
    state: Stored


def spot_of(problem: Problem, form: str, number: int | None = None) -> Spot:
    """Where a change of a form goes: the round that shows it, else the open one."""
    state = problem.state(form) if number is None else problem.own_state(form, number)
    if state is not None:
        return Spot(form, state.round, state)
    where = (problem.round if number is None else number) if FORMS[form].about.by_round else 1
    return Spot(form, where, Stored(form, where))


def spot_shown(problem: Problem, form: str, number: int) -> Spot:
    """Where a change goes of what was shown of a form in a round: there, though another one may be open by now."""
    if not FORMS[form].about.by_round or number >= problem.round:
        return spot_of(problem, form)
    state = problem.state(form, number)
    return Spot(form, state.round, state) if state is not None else Spot(form, number, Stored(form, number))


def review_spot(review: Stored) -> Spot:
    """Where a change of a review goes."""
    return Spot(REVIEW, 1, review)


@dataclass(slots=True)
class Edited:
    """What became of some new answers of one form: what changed, what is no value, and the revision that keeps it (0 for none).

    `keys` are those of the answers that changed something.
    """

    changes: list[Change] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    refused: dict[str, Finding] = field(default_factory=dict)
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Editor:
    """Who changes what, when, and by which batch; `batch` gives its number when the first change is made."""

    transaction: Transaction
    batch: Callable[[], int]
    now: datetime
    source: str
    person: str = ""

    def edit(
        self,
        subject: str,
        spot: Spot,
        answers: Mapping[str, str],
        conflicts: Mapping[str, Mapping[str, str] | None] | None = None,
        states: Mapping[str, str] | None = None,
    ) -> Edited:
        """New answers for a form, by field name or cell (``residuals[1].due``); an empty one clears.

        What is no value is kept as typed, beside the record. `conflicts` are new ones, or None for those that are settled; `states`
        are fields as a conflict keeps them.
        """
        draft, done = _Draft(spot), Edited()
        for name, state in (states or {}).items():
            draft.put(name, state)
        # What 其他 is comes after it, in whatever order they were told: a new choice takes the old text away.
        for key in sorted(answers, key=lambda one: bool(located(FORMS[spot.form], one)[0].other_of)):
            draft.answer(key, answers[key], done)
        for key, sides in (conflicts or {}).items():
            draft.settle(key, keep_typed=key in answers)
            if sides is not None:
                draft.parts["conflicts"][key] = dict(sides)
        done.changes = draft.changes()
        if done.changes or draft.differs:
            new = NewRevision(subject, spot.form, spot.round, self.source, self.person, draft.state(), done.changes)
            done.revision = self.transaction.add_revision(self.batch(), self.now.isoformat(timespec="seconds"), new)
        return done


def refused_of(form: str, answers: Mapping[str, str]) -> dict[str, Finding]:
    """The answers (by field name) that are no values of their fields."""
    spec = FORMS[form]
    found = {}
    for key, answer in answers.items():
        one = located(spec, key)[0]
        if parse_record(form, (one,), {one.name: answer}).raw:
            found[key] = not_a_value(one, answer)
    return found


class _Draft:
    """A state on its way to the next one."""

    def __init__(self, spot: Spot) -> None:
        self._spot = spot
        self.parts: dict[str, dict[str, Any]] = _parts_of(spot.state)
        self._touched: dict[str, None] = {}

    @property
    def differs(self) -> bool:
        """Whether it says anything that the state did not."""
        return self.parts != _parts_of(self._spot.state)

    def state(self) -> dict[str, Any]:
        """As the ledger keeps it. A form of which nothing is left was typed by mistake: it is off the record, and closes nothing."""
        is_empty = not any(self.parts[part] for part in ("values", "raw", "conflicts", "typed"))
        return {**self.parts, GONE: True} if is_empty and self._spot.form != "report" else self.parts

    def answer(self, key: str, answer: str, done: Edited) -> None:
        """A new answer."""
        one = located(FORMS[self._spot.form], key)[0]
        told = parse_record(self._spot.form, (one,), {one.name: answer})
        if told.raw:
            done.refused[key] = not_a_value(one, answer)
            self.parts["typed"][key] = answer
            return
        self.settle(key)
        if self._cell(key, one, told) if one.row_of else self._field(one, told):
            done.keys.add(key)
            if one.opens_other:
                self.parts["conflicts"].pop(f"{key}_other", None)

    def settle(self, key: str, *, keep_typed: bool = False) -> None:
        """No conflict about a field any more, and what was typed there that is no value goes."""
        self.parts["conflicts"].pop(key, None)
        if not keep_typed:
            self.parts["typed"].pop(key, None)

    def put(self, name: str, state: str) -> None:
        """A field as a conflict keeps it, with all its rows."""
        value, raw = json.loads(state)
        cells = f"{name}["
        for part in ("raw", "typed", "conflicts"):
            kept = self.parts[part]
            self.parts[part] = {key: told for key, told in kept.items() if key != name and not key.startswith(cells)}
        self.parts["raw"].update(dict(raw))
        self.parts["values"].pop(name, None)
        if value is not None:
            self.parts["values"][name] = value
        self._touched[name] = None

    def _field(self, one: Field, told: Record) -> bool:
        before = self._kept((one.name, f"{one.name}_other"))
        for name in (one.name, f"{one.name}_other" if one.opens_other else one.name):
            self._touched[name] = None
            self.parts["raw"].pop(name, None)
            self.parts["values"].pop(name, None)
            if name in told.values:
                self.parts["values"][name] = told.values[name]
        return before != self._kept((one.name, f"{one.name}_other"))

    def _kept(self, names: Iterable[str]) -> list[Any]:
        return [self.parts[part].get(name) for part in ("values", "raw") for name in names]

    def _cell(self, key: str, one: Field, told: Record) -> bool:
        row = int(key.partition("[")[2].partition("]")[0])
        rows = [dict(each) for each in self.parts["values"].get(one.row_of) or []]
        if row > len(rows):
            return False  # a form has taken that row away
        was = dict(rows[row - 1]), self.parts["raw"].pop(key, None)
        for name in (one.name, f"{one.name}_other" if one.opens_other else one.name):
            rows[row - 1][name] = told.values.get(name)
        self.parts["values"][one.row_of] = rows
        self._touched[one.row_of] = None
        return was != (rows[row - 1], None)

    def changes(self) -> list[Change]:
        """What differs from the state, field by field; a raw text stands for a value where there was none."""
        before = self._spot.state
        found = []
        for name in self._touched:
            old, new = before.values.get(name), self.parts["values"].get(name)
            if old != new or before.raw.get(name) != self.parts["raw"].get(name):
                found.append(Change(name, old if old is not None else before.raw.get(name), new))
        return found


def _parts_of(state: Stored) -> dict[str, dict[str, Any]]:
    return {
        part: {key: dict(value) if part == "conflicts" else value for key, value in getattr(state, part).items()}
        for part in _PARTS
    }


def not_a_value(one: Field, answer: str) -> Finding:
    """What to say of an answer that is no value of its field."""
    found = raw_finding(one, answer)
    if found is not None:
        return found
    # A dash or 待定 is no date and no choice either; on a form it only means that the answer is missing.
    code = "invalid_time" if one.kind in (Kind.TIME, Kind.DATE) else "invalid_choice"
    choices = "、".join(choice.label for choice in one.options)
    return Finding(code=code, field=one.path, label=one.label, parts={"value": answer, "choices": choices})
