"""What rows of the ledger tell: states of forms, and the problems that they make."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem, Stored
from tpdocs.forms.values import Record
from tpdocs.ledger.undoing import EVENT

Notes = Mapping[tuple[str, str, int], Sequence[Finding]]  # by problem, form and round


def record_of(form: str, kept: dict[str, Any]) -> Record:
    """A record from what the ledger keeps of it."""
    return Record(form, kept["values"], kept["raw"], frozenset(kept.get("found", ())))


class State(NamedTuple):
    """The newest state of a form in a round, as the ledger keeps it."""

    id: int
    subject: str
    form: str
    round: int
    state: dict[str, Any]


def problem_of(number: str, states: Sequence[State], notes: Notes, files: Mapping[str, Iterable[str]]) -> Problem:
    """A problem from its states, oldest first; `notes` are what its documents were noted for, `files` the names of those that came with them."""
    events = [one.state for one in states if one.form.startswith(EVENT)]
    return Problem(
        number,
        tuple(stored_of(one, notes) for one in states if not one.form.startswith(EVENT)),
        tuple(one["event"] for one in events),
        states[-1].id,
        frozenset(files.get(number, ())),
        tuple(one.get("at", "") for one in events),
    )


def stored_of(one: State, notes: Notes) -> Stored:
    """A form as it is on record."""
    state, said = one.state, notes.get((one.subject, one.form, one.round), ())
    return Stored(
        one.form, one.round, state["values"], state["raw"], state.get("places", {}), state.get("conflicts", {}),
        state.get("typed", {}), tuple(said), one.id,
    )  # fmt: skip
