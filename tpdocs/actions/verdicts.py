"""What became of what people wrote: verdicts on rows and cells, and what taking the register in came to."""

from dataclasses import dataclass, field
from typing import Any

from tpdocs.actions.refusals import Refusals
from tpdocs.findings import Finding
from tpdocs.forms.fields import Kind
from tpdocs.register.cells import Plain, moment_of
from tpdocs.register.columns import Column
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

    def as_json(self) -> dict[str, str]:
        """The documented JSON."""
        return {"field": self.path, "label": self.label, "old": self.old, "new": self.new, "verdict": self.verdict}


@dataclass(slots=True)
class RowVerdict:
    """What became of one row; the worst of its cells. `row` is that of the sheet, of one that has no number."""

    number: str
    verdict: str = UNCHANGED
    cells: list[CellVerdict] = field(default_factory=list)
    row: int = 0

    def add(self, cell: CellVerdict) -> None:
        """A cell that differs."""
        self.cells.append(cell)
        self.verdict = min(self.verdict, cell.verdict, key=_WORST.index)

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        who: dict[str, Any] = {"number": None, "row": self.row} if self.row else {"number": self.number}
        return {**who, "verdict": self.verdict, "cells": [one.as_json() for one in self.cells]}


@dataclass(slots=True)
class Taken:
    """What taking the register in came to.

    `held` are cells (by number and place) that keep what somebody typed, `hints` say why where the ledger does not know of it;
    `opened` are rows that became problems, `hinted` what to say beside those that did not; `given_up` are fields for which
    somebody chose the system's value (by number, form, round and name), with the text that gives way; `refusals` are what was not taken in.
    """

    verdicts: dict[str, RowVerdict] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    held: dict[str, set[int]] = field(default_factory=dict)
    hints: dict[str, list[str]] = field(default_factory=dict)
    opened: dict[int, str] = field(default_factory=dict)
    hinted: dict[int, str | None] = field(default_factory=dict)
    given_up: dict[tuple[str, str, int, str], str] = field(default_factory=dict)
    refusals: Refusals = field(default_factory=Refusals)

    def row(self, number: str) -> RowVerdict:
        """The verdict on a row."""
        return self.verdicts.setdefault(number, RowVerdict(number))

    def say(self, code: str, number: str = "", label: str = "", **parts: str) -> None:
        """Something to flag."""
        self.findings.append(Finding(code=code, number=number, label=label, parts=parts))


def answer_text(value: Plain, column: Column) -> str:
    """What a cell says, as somebody would write it on the form."""
    if value is None:
        return ""
    if value == UNREAD:
        return "（未计算的公式）"
    if isinstance(value, bool):
        return ("是" if value else "否") if column.kind is Kind.YES_NO else ("TRUE" if value else "FALSE")
    if isinstance(value, float):
        if column.kind in _DATES and (moment := moment_of(value)):
            return str(moment)
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def told(value: Plain, column: Column) -> str:
    """What we wrote, in our own calendar."""
    return answer_text(float(value) if isinstance(value, int) else value, column)
