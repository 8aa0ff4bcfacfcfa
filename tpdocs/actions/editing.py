"""Changing fields of problems on record by hand: from the register, from a list of updates, from the command line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tpdocs.findings import Finding
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.problem import Problem, Stored
from tpdocs.forms.standard import FORMS
from tpdocs.forms.values import Plain, Record, parse_record, raw_finding
from tpdocs.ledger.entries import NewRevision
from tpdocs.ledger.merge import Change
from tpdocs.ledger.store import REVIEW, Transaction


@dataclass(slots=True)
class Edited:
    """What became of some new answers of one form: what changed, what is no value, and the revision that keeps it (0 for none)."""

    changes: list[Change] = field(default_factory=list)
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

    def edit(self, subject: str, spot: "Spot", answers: Mapping[str, str]) -> Edited:
        """New answers (by field name) for a form; an empty one clears. What is no value is kept as typed, beside the record."""
        spec, before = FORMS[spot.form], spot.state
        values, raw = dict(before.values), dict(before.raw)
        typed, conflicts = dict(before.typed), {name: dict(sides) for name, sides in before.conflicts.items()}
        done = Edited()
        for name, answer in answers.items():
            one = spec.by_name[name]
            told = parse_record(spot.form, spec.fields, {name: answer})
            if name in told.raw:
                done.refused[name] = _finding(one, answer)
                typed[name] = answer
                continue
            typed.pop(name, None)
            for part in (name, f"{name}_other" if one.opens_other else name):
                self._take(part, told, values, raw, done)
            if any(change.field == name for change in done.changes):
                conflicts.pop(name, None)
        if done.changes or typed != dict(before.typed) or conflicts != _plain(before.conflicts):
            state = {
                "values": values, "raw": raw, "places": dict(before.places), "conflicts": conflicts, "typed": typed,
            }  # fmt: skip
            done.revision = self.append(subject, spot, state, done.changes)
        return done

    @staticmethod
    def _take(name: str, told: Record, values: dict[str, Plain], raw: dict[str, str], done: Edited) -> None:
        old, new = values.get(name), told.values.get(name)
        if old == new and name not in raw:
            return
        if old is not None or new is not None or name in raw:
            done.changes.append(Change(name, old if old is not None else raw.get(name), new))
        raw.pop(name, None)
        if new is None:
            values.pop(name, None)
        else:
            values[name] = new

    def edit_cell(self, subject: str, spot: "Spot", table: str, row: int, answers: Mapping[str, str]) -> Edited:
        """New answers for cells of one row of a row table, by column."""
        spec, before = FORMS[spot.form], spot.state
        one = spec.by_name[table]
        rows = [dict(each) for each in before.values.get(table) or []]
        typed, raw, done = dict(before.typed), dict(before.raw), Edited()
        for name, answer in answers.items():
            column, key = one.column(name), f"{table}[{row}].{name}"
            told = parse_record(spot.form, (column,), {column.name: answer})
            if told.raw:
                done.refused[name] = _finding(column, answer)
                typed[key] = answer
                continue
            typed.pop(key, None)
            raw.pop(key, None)
            rows[row - 1][name] = told.values.get(column.name)
        if rows != (before.values.get(table) or []):
            done.changes.append(Change(table, before.values.get(table), rows))
        if done.changes or typed != dict(before.typed):
            state = {
                "values": {**before.values, table: rows}, "raw": raw, "places": dict(before.places),
                "conflicts": _plain(before.conflicts), "typed": typed,
            }  # fmt: skip
            done.revision = self.append(subject, spot, state, done.changes)
        return done

    def append(self, subject: str, spot: "Spot", state: dict[str, Any], changes: list[Change]) -> int:
        """A new state of a form."""
        new = NewRevision(subject, spot.form, spot.round, self.source, self.person, state, changes)
        return self.transaction.add_revision(self.batch(), self.now.isoformat(timespec="seconds"), new)


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


def review_spot(review: Stored) -> Spot:
    """Where a change of a review goes."""
    return Spot(REVIEW, 1, review)


def _finding(one: Field, answer: str) -> Finding:
    found = raw_finding(one, answer)
    if found is not None:
        return found
    # A dash or 待定 is no date and no choice either; on a form it only means that the answer is missing.
    code = "invalid_time" if one.kind in (Kind.TIME, Kind.DATE) else "invalid_choice"
    choices = "、".join(choice.label for choice in one.options)
    return Finding(code=code, field=one.path, label=one.label, parts={"value": answer, "choices": choices})


def _plain(conflicts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {name: dict(sides) for name, sides in conflicts.items()}
