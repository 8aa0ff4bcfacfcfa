"""``set`` and ``batches``: fields of one problem changed from the command line, and what was done so far."""

from dataclasses import dataclass, field
from datetime import datetime

from tpdocs.actions.changes import Batch, one_change, take_back_if
from tpdocs.actions.editing import Edited, Editor, spot_of
from tpdocs.actions.forms_out import known_problem
from tpdocs.actions.look import reading
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError, UsageError
from tpdocs.findings import Finding
from tpdocs.forms.fields import Field, Kind, normal_label
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.ledger.entries import BatchEntry
from tpdocs.ledger.merge import Change


@dataclass(slots=True)
class SetFields:
    """What a ``set`` changed, by path, and what it refused; `settled`: it said what is on record, and that settled something."""

    number: str
    settled: bool = False
    changes: list[tuple[str, Change]] = field(default_factory=list)
    refused: list[Finding] = field(default_factory=list)
    batch: int = 0


def set_fields(
    desk: Desk, number: str, answers: dict[str, str], now: datetime, *, person: str = "", comment: str = "", dry_run: bool = False
) -> SetFields:  # fmt: skip
    """New answers by path or label; all of them or, when one is no value of its field, none."""
    by_form: dict[str, dict[str, str]] = {}
    for name, answer in answers.items():
        one = field_named(name)
        if one.name in by_form.setdefault(one.form, {}):
            raise UsageError("“{label}” is given twice.", label=name)
        by_form[one.form][one.name] = answer
    with one_change(desk) as transaction:
        problem = known_problem(transaction, number)
        done = SetFields(problem.number)
        batch = Batch(transaction, "set", now, person, comment)
        editor = Editor(transaction, batch, now, "command", person)
        for form, wanted in by_form.items():
            spot = spot_of(problem, form)
            if form == "closure" and spot.state.revision == 0:
                raise TpdocsError("{number} is closed with “tpdocs close {number}”, which also writes the notice.", number=problem.number)  # fmt: skip
            if form == "archive" and spot.state.revision == 0 and problem.reasons_not_to_archive():
                raise TpdocsError("{number} is not closed, so it cannot be archived. “tpdocs close {number}” closes it.", number=problem.number)  # fmt: skip
            _tell(done, form, editor.edit(problem.number, spot, wanted))
        take_back_if(dry_run or bool(done.refused) or not (done.changes or done.settled))
        done.batch = batch.number
    return done


def _tell(done: SetFields, form: str, edited: Edited) -> None:
    done.settled |= bool(edited.revision)
    done.changes += [(f"{form}.{change.field}", change) for change in edited.changes]
    done.refused += edited.refused.values()


def field_named(name: str) -> Field:
    """The field of a path or of a label that only one has; UsageError for anything else and for what cannot be set by hand."""
    one = FIELDS.get(name.strip())
    if one is None:
        label = normal_label(name)
        found = [each for each in FIELDS.values() if label in each.names and each.form != "review"]
        if len(found) > 1:
            raise UsageError("“{name}” is the label of several fields: {paths}. Name one by its path.", name=name, paths="、".join(each.path for each in found))  # fmt: skip
        one = found[0] if found else None
    if one is None:
        raise UsageError("There is no field “{name}”; the README lists the paths.", name=name)
    if one.computed or one.kind is Kind.ROWS or one.form not in FORMS or one.form == "review":
        raise UsageError("“{name}” cannot be set by hand; it comes of the forms.", name=name)
    return one


def batches(desk: Desk) -> list[BatchEntry]:
    """What was done, oldest first."""
    with reading(desk) as transaction:
        return transaction.batches()
