"""What stands in the register and was not taken in. The ledger does not know of it, so it is kept with the layout of the newest writing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tpdocs.findings import Finding
from tpdocs.forms.standard import FORMS, located
from tpdocs.ledger.faces import KeptFace, Written
from tpdocs.ledger.store import Transaction
from tpdocs.register.cells import Plain
from tpdocs.register.columns import PROBLEM_SHEET

_KEY = "refused"
_ROUND_AT = PROBLEM_SHEET.position("轮次")


@dataclass(slots=True)
class Refusals:
    """`hints` are what tpdocs wrote into 校验提示 about it; `cells` those of problems, by number and place, with what was typed.

    `rounds` are those that their rows showed when they were typed. Of the lines of lists the cells stand by the line's key.
    """

    hints: set[str] = field(default_factory=set)
    cells: dict[str, dict[int, str]] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, last: Written | None) -> "Refusals":
        """Those of the newest writing."""
        told: Mapping[str, Any] = (last.layout.get(_KEY) if last is not None else None) or {}
        cells = {
            number: {int(place): text for place, text in cells.items()}
            for number, cells in told.get("cells", {}).items()
        }
        return cls(set(told.get("hints", ())), cells, dict(told.get("rounds", {})))

    @property
    def any(self) -> bool:
        """Whether anything stands in the register that was not taken in."""
        return bool(self.hints or self.cells)

    def kept(self) -> dict[str, Any]:
        """For the layout."""
        return {_KEY: {"hints": sorted(self.hints), "cells": self.cells, "rounds": self.rounds}}

    def add(self, key: str, place: int, text: str, shown: int = 0) -> None:
        """A cell that was not taken in, in a row that showed that round."""
        self.cells.setdefault(key, {})[place] = text
        if shown:
            self.rounds.setdefault(key, shown)

    def keep(self, before: "Refusals", was_read: Callable[[str, int], bool]) -> None:
        """The cells of problems that were not read this time (by number and place) stay refused."""
        for number, shown in before.rounds.items():
            for place, text in before.cells[number].items():
                if not was_read(number, place):
                    self.add(number, place, text, shown)

    def stood(self, number: str, place: int, text: str) -> bool:
        """Whether a cell said just that before, and was not taken in then."""
        return self.cells.get(number, {}).get(place) == text

    def is_hint(self, text: Plain) -> bool:
        """Whether 校验提示 says what tpdocs wrote there, or was emptied, as by somebody who has seen to it."""
        return text is None or text in self.hints


def left_in_rounds(transaction: Transaction, typed: Mapping[str, int], old: Mapping[str, KeptFace]) -> list[Finding]:
    """Texts that are no values and that rows showed until now, for another round than theirs is open: nobody sees them any more.

    `typed` are the problems with such texts whose rows are made anew, with the round that is open; `old` what rows showed.
    """
    found = []
    for number, now in typed.items():
        before = old.get(number)
        then = _round_of(before) if before is not None else 0
        problem = transaction.problem(number) if then and then != now else None
        for state in problem.stored if problem is not None else ():
            if state.round != then or not FORMS[state.form].about.by_round:
                continue
            for name, text in state.typed.items():
                parts = {"value": text, "round": str(then), "now": str(now)}
                label = located(FORMS[state.form], name)[2]
                found.append(Finding(code="round_left", number=number, label=label, parts=parts))
    return found


def _round_of(face: KeptFace) -> int:
    cells = face.cells
    return int(cells[_ROUND_AT] or 0) if cells else 0
