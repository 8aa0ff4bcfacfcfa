"""Opening a problem without a form: from a row that somebody typed into the register or a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tpdocs.actions.editing import Editor, Spot
from tpdocs.actions.on_record import KnownReports
from tpdocs.findings import Finding
from tpdocs.forms.fields import OTHER, Field, Kind
from tpdocs.forms.problem import Stored
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.forms.values import Record, parse_record

Answers = Mapping[str, Mapping[str, str]]


@dataclass(slots=True)
class Opened:
    """A problem that was opened: its number, whether it may be one that is on record already, and which answers are no values, by path."""

    number: str
    near: Finding | None = None
    refused: set[str] = field(default_factory=set)


class Opening:
    """Opens problems; `answers` are texts by form and field name."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._transaction = editor.transaction

    @cached_property
    def known(self) -> KnownReports:
        """The reports on record; a problem that was withdrawn, or whose opening was taken back, may be opened again."""
        withdrawn = self._transaction.log.withdrawn()
        return KnownReports(told for told in self._transaction.reports() if told[0] not in withdrawn)

    @staticmethod
    def report(answers: Answers) -> Record:
        """The report that the answers make."""
        return parse_record("report", FORMS["report"].fields, answers.get("report", {}))

    @staticmethod
    def lacking(report: Record) -> list[Field]:
        """What a report needs and this one does not hold, or not as a value."""
        return [
            one
            for one in FORMS["report"].fields
            if one.name not in report.values
            and not one.computed
            and one.kind is not Kind.ROWS
            and _is_needed(one, report.values)
        ]

    def open(self, answers: Answers) -> Opened:
        """A new problem with these answers."""
        report = self.report(answers)
        near, agree = self.known.near(report)
        number = self._transaction.give_number(self._editor.batch())
        opened = Opened(number)
        for form, wanted in answers.items():
            if form not in ("closure", "archive"):  # nothing ends as it begins
                done = self._editor.edit(number, Spot(form, 1, Stored(form)), wanted)
                opened.refused |= {f"{form}.{name}" for name in done.refused}
        self.known.add(number, report)
        if near:
            title, parts = FIELDS["report.title"], {"other": near, "agree": agree}
            opened.near = Finding(
                code="possible_duplicate", number=number, field=title.path, label=title.label, parts=parts
            )
        return opened


def _is_needed(one: Field, values: Mapping[str, Any]) -> bool:
    """Whether a report needs a field: always, or as the fields are that it depends on."""
    if one.other_of:
        chosen = values.get(one.other_of)
        return chosen == OTHER or (isinstance(chosen, list) and OTHER in chosen)
    if isinstance(one.required, bool):
        return one.required
    return one.required.holds(lambda path: values.get(path.partition(".")[2]))
