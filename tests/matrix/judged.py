"""Whether a document was read right: every filled field exactly, or a finding that names it, and nothing else."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.conftest import SHELF
from tpdocs.actions.incoming import Incoming, read_file
from tpdocs.forms.fields import Kind
from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import Record
from tpdocs.word.package import DEFAULT_LIMITS

EXACT, TOLD, WRONG = "exact", "told", "wrong"


@dataclass
class Verdict:
    """Fields that came back exactly, those a finding names, and what is wrong without one."""

    exact: set[str] = field(default_factory=set)
    told: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()

    @property
    def word(self) -> str:
        """All in one word."""
        return WRONG if self.wrong else TOLD if self.told else EXACT


def judged(path: Path, values: dict[str, Any]) -> Verdict:
    """How a file was read, of which these are the answers (by field path; rows as tuples of their columns)."""
    incoming = read_file(path, SHELF, DEFAULT_LIMITS)
    verdict = Verdict(codes=frozenset(one.code for one in incoming.findings))
    if incoming.refused is not None:
        refused = incoming.refused.code
        if refused == "nothing_filled_in" and not values:
            return verdict
        return Verdict(told=dict.fromkeys(values, refused), codes=frozenset({refused}))
    found = _told(incoming)
    raw = {f"{form}.{name.partition('[')[0]}" for form, record in incoming.records.items() for name in record.raw}
    named: dict[str, str] = {}
    for one in incoming.findings:
        named.setdefault(one.field.partition("[")[0], one.code)
    for path_of, value in values.items():
        got = found.pop(path_of, None)
        if got == value:
            verdict.exact.add(path_of)
        elif got is not None and path_of in raw:
            verdict.told[path_of] = f"invalid: {got!r}"  # what is no value is kept as written, and told by every check
        elif path_of in named:
            verdict.told[path_of] = f"{named[path_of]}: {got!r}"
        else:
            verdict.wrong[path_of] = f"{got!r} instead of {value!r}"
    verdict.wrong |= {path_of: f"{got!r} was never written" for path_of, got in found.items() if path_of not in named}
    return verdict


def _told(incoming: Incoming) -> dict[str, Any]:
    return {path: value for record in incoming.records.values() for path, value in values_of(record).items()}


def values_of(record: Record) -> dict[str, Any]:
    """What a record says, by field path; rows as tuples of their columns, wrong values as they were written."""
    told: dict[str, Any] = {}
    for name, value in {**record.raw, **record.values}.items():
        one = FIELDS.get(f"{record.form}.{name}")
        if one is not None and one.kind is Kind.ROWS and isinstance(value, list):
            columns = [column.name for column in one.columns if not column.other_of]
            told[one.path] = [tuple(row.get(column) for column in columns) for row in value]
        elif value not in (None, "", []) and "[" not in name:
            told[f"{record.form}.{name}"] = value
    return told
