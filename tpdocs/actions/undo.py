"""``undo``: a batch taken back by revisions that compensate its own; refused where later changes build on it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tpdocs.actions.changes import one_change, take_back_if
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError
from tpdocs.forms.problem import ORDER, REOPENED, WITHDRAWAL
from tpdocs.forms.standard import FORMS
from tpdocs.language import Phrase, phrase
from tpdocs.ledger.entries import NewRevision
from tpdocs.ledger.merge import Change
from tpdocs.ledger.store import Transaction
from tpdocs.ledger.undoing import EVENT, GONE, Step, standing

_LISTED = 10
_EMPTY: dict[str, Any] = {"values": {}, "raw": {}, "places": {}, "conflicts": {}, "typed": {}}
_BY_FIELD = tuple(_EMPTY)


class NotUndoneError(TpdocsError):
    """A batch cannot be taken back; nothing was changed."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of one form of one problem. `what`: ``changed`` back field by field, ``gone`` or ``back`` as a whole, an ``event``, a problem ``withdrawn``."""

    number: str
    form: str
    changes: tuple[Change, ...] = ()
    what: str = "changed"


@dataclass(slots=True)
class Undone:
    """What an ``undo`` did: its own batch (0 in a dry run), and what was taken back."""

    of: int
    batch: int = 0
    taken: list[TakenBack] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        taken = [
            {
                "number": one.number,
                "form": FORMS[one.form].code if one.form in FORMS else None,
                "what": one.what,
                "changes": [{"field": f"{one.form}.{each.field}", "old": each.old, "new": each.new} for each in one.changes],
            }
            for one in self.taken
        ]  # fmt: skip
        return {"batch": self.batch or None, "undone": self.of, "taken": taken}


def undo(
    desk: Desk, number: int, now: datetime, *, person: str = "", comment: str = "", dry_run: bool = False
) -> Undone:
    """Take a batch back; NotUndoneError when there is none, it changed nothing, was taken back, or later changes build on it."""
    done = Undone(number)
    with one_change(desk) as transaction:
        _check(transaction, number)
        at = now.isoformat(timespec="seconds")
        done.batch = transaction.begin_batch("undo", at, person, comment)
        undoing = _Undo(transaction, number, done, at, person)
        for subject in transaction.undoing.subjects(number):
            undoing.subject(subject)
        if undoing.against:
            raise _refused(number, undoing.against)
        transaction.undoing.note(done.batch, number)
        take_back_if(dry_run)
    if dry_run:
        done.batch = 0
    return done


def _check(transaction: Transaction, number: int) -> None:
    undoing = transaction.undoing
    if undoing.command(number) is None:
        raise NotUndoneError("There is no batch {batch}; “tpdocs batches” lists them.", batch=number)
    if by := undoing.undone.get(number):
        raise NotUndoneError(
            "Batch {batch} was taken back already, by batch {by}. “tpdocs undo {by}” puts it on record again.", batch=number, by=by
        )  # fmt: skip
    if not undoing.subjects(number):
        raise NotUndoneError("Batch {batch} changed nothing on record; there is nothing to take back.", batch=number)


def _refused(number: int, against: list[Phrase]) -> NotUndoneError:
    shown = against[:_LISTED]
    more = len(against) - len(shown)
    if more:
        shown.append(phrase("and {count} more", count=more))
    return NotUndoneError(
        "Batch {batch} cannot be taken back, for later changes build on it: {reasons}. Take those back first.",
        batch=number, reasons=shown,
    )  # fmt: skip


@dataclass(slots=True)
class _Undo:
    """One batch on its way back; `against` is what later changes build on it."""

    transaction: Transaction
    number: int
    done: Undone
    at: str
    person: str
    against: list[Phrase] = field(default_factory=list)
    opened: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.opened = self.transaction.undoing.opened(self.number)

    def subject(self, subject: str) -> None:
        """Everything the batch did to a problem or review."""
        steps = self.transaction.undoing.steps(subject)
        places = dict.fromkeys((one.form, one.round) for one in steps if one.batch == self.number)
        if subject in self.opened:
            self._opened(subject, steps)
            return
        for form, number in places:
            here = [one for one in steps if (one.form, one.round) == (form, number)]
            self._place(subject, here, steps)

    def _opened(self, subject: str, steps: list[Step]) -> None:
        """A problem keeps its number for good: one whose opening is taken back is withdrawn, with everything it says."""
        self._built_on(subject, [one for one in steps if one.batch > self.number])
        events = sum(one.form == EVENT and not one.is_gone for one in steps)
        state = {
            "values": {}, "raw": {}, "event": WITHDRAWAL, "at": self.at, "reason": f"撤销批次 {self.number}", "duplicate_of": "",
        }  # fmt: skip
        self._append(subject, EVENT, events + 1, state, [])
        self.done.taken.append(TakenBack(subject, EVENT, what="withdrawn"))

    def _place(self, subject: str, here: list[Step], steps: list[Step]) -> None:
        mine = [position for position, one in enumerate(here) if one.batch == self.number]
        before = here[mine[0] - 1] if mine[0] else None
        after, now = here[mine[-1]], here[-1]
        whole = before is None or before.is_gone or after.is_gone or now.is_gone or after.form == EVENT
        if not whole and before is not None:
            self._fields(subject, before, after, now, here)
            return
        if any(now.state.get(part, {}) != after.state.get(part, {}) for part in (*_BY_FIELD, GONE)):
            self._built_on(subject, here[mine[-1] + 1 :], always=True)
        if not after.is_gone:
            self._built_on(subject, [one for one in steps if one.id > after.id and _is_later(one, after)])
        if after.form == EVENT and not after.is_gone:
            state, what = {**after.state, GONE: True}, "event"
        elif before is not None and not before.is_gone:
            state, what = before.state, "back"
        elif after.is_gone:
            return
        else:
            state, what = {**_EMPTY, GONE: True}, "gone"
        self._append(subject, after.form, after.round, state, [])
        self.done.taken.append(TakenBack(subject, after.form, what=what))

    def _fields(self, subject: str, before: Step, after: Step, now: Step, here: list[Step]) -> None:
        """The fields that the batch changed, each to what it said before, if it still says what the batch made of it."""
        state = {part: dict(now.state.get(part, {})) for part in _BY_FIELD}
        changes = []
        for name in _names_that_differ(before.state, after.state):
            if _part(now.state, name) != _part(after.state, name):
                later = [one for one in here if one.id > after.id]
                self._built_on(subject, _changes(later, after, name), name, always=True)
                continue
            for part in _BY_FIELD:
                kept = {key: value for key, value in state[part].items() if key.partition("[")[0] != name}
                back = {
                    key: value for key, value in before.state.get(part, {}).items() if key.partition("[")[0] == name
                }
                state[part] = {**kept, **back}
            old, new = (_value(told, name) for told in (now.state, state))
            if old != new:
                changes.append(Change(name, old, new))
        if state == {part: now.state.get(part, {}) for part in _BY_FIELD}:
            return
        self._append(subject, now.form, now.round, state, changes)
        self.done.taken.append(TakenBack(subject, now.form, tuple(changes)))

    def _append(self, subject: str, form: str, number: int, state: dict[str, Any], changes: list[Change]) -> None:
        new = NewRevision(subject, form, number, "command", self.person, state, changes)
        self.transaction.add_revision(self.done.batch, self.at, new)

    def _built_on(self, subject: str, later: Iterable[Step], name: str = "", *, always: bool = False) -> None:
        """Note what stands against; `always` where a difference is seen, whoever made it."""
        found = list(later)
        telling = standing(found, self.transaction.undoing.undone) or (found if always else [])
        for one in {(each.batch, each.form): each for each in telling}.values():
            command, at = self.transaction.undoing.command(one.batch) or ("", "")
            what = (
                FORMS[one.form].by_name[name].label if name else FORMS[one.form].name if one.form in FORMS else command
            )
            self.against.append(
                phrase("{number} “{what}” (batch {batch}, {command}, {at})", number=subject, what=what, batch=one.batch,
                       command=command, at=at.replace("T", " "))
            )  # fmt: skip


def _is_later(one: Step, after: Step) -> bool:
    """Whether something was put on record on top of a form or event: later stages and rounds, a reopening after closing."""
    reopening = one.form == EVENT and one.state.get("event") == REOPENED
    if after.form == EVENT:
        on_a_round = after.state.get("event") == REOPENED and one.form in FORMS and FORMS[one.form].about.by_round
        return one.form == EVENT or on_a_round
    if after.form not in ORDER or one.form not in ORDER:
        return reopening and after.form == "closure"
    if FORMS[after.form].about.by_round and FORMS[one.form].about.by_round:
        return (one.round, ORDER.index(one.form)) > (after.round, ORDER.index(after.form))
    return ORDER.index(one.form) > ORDER.index(after.form)


def _names_that_differ(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    keys = {
        key.partition("[")[0]: None for state in (first, second) for part in _BY_FIELD for key in state.get(part, {})
    }
    return [name for name in keys if _part(first, name) != _part(second, name)]


def _part(state: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """All that a state says about a field; where it stood in a document is no part of that."""
    return [
        {key: value for key, value in state.get(part, {}).items() if key.partition("[")[0] == name}
        for part in _BY_FIELD
        if part != "places"
    ]


def _value(state: Mapping[str, Any], name: str) -> Any:
    found = state["values"].get(name)
    return found if found is not None else state["raw"].get(name)


def _changes(later: list[Step], after: Step, name: str) -> list[Step]:
    """The revisions that made a field say something else since the batch; the last one where none did."""
    found, previous = [], _part(after.state, name)
    for one in later:
        told = _part(one.state, name)
        if told != previous:
            found.append(one)
        previous = told
    return found or later[-1:]
