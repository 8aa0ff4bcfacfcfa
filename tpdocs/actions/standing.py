"""What the register said of a form and the record did not take over: what of it stands when a newer document of the form comes in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tpdocs.findings import Finding
from tpdocs.forms.problem import REGISTER_SOURCE, Stored
from tpdocs.forms.standard import FORMS, located
from tpdocs.forms.values import text_of
from tpdocs.ledger.merge import Merged

Said = TypeVar("Said")
Row = Mapping[str, Any]
# Tables, and what tells their rows from each other.
ROWS_TOLD_APART = {"residuals": "problem", "suggestions": "suggestion"}


def row_now(was: Sequence[Row], row: int, now: Sequence[Row], table: str) -> int:
    """Where a row of a form stands by now; 0 where it is gone, or it cannot be told which it is.

    A newer form may have taken rows away, put some before it, or worded it anew; of several that say the same, each may be another's.
    """
    if not 1 <= row <= len(was):
        return 0
    said, what = was[row - 1], ROWS_TOLD_APART[table]
    if len(was) == len(now) and all(
        one == other for at, (one, other) in enumerate(zip(was, now, strict=True), 1) if at != row
    ):
        return row  # nothing else has changed
    alike = [at for at, one in enumerate(now, 1) if one.get(what) == said.get(what)]
    if len(alike) == 1 and sum(one.get(what) == said.get(what) for one in was) == 1:
        return alike[0]
    same = [at for at in alike if now[at - 1] == said]
    if len(same) == 1 and sum(one == said for one in was) == 1:
        return same[0]
    others_stand = len(was) == len(now) and all(
        one.get(what) == other.get(what) for at, (one, other) in enumerate(zip(was, now, strict=True), 1) if at != row
    )
    return row if others_stand and not alike else 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What stood before a merge: texts that are no values, conflicts. `document` is the file that came in.

    `is_settled`: whoever wrote it knew what other forms had said, and left the record as it is.
    """

    before: Stored | None
    merged: Merged
    document: str
    is_settled: bool

    @property
    def typed(self) -> dict[str, str]:
        """The texts in the register that are no values, until a form answers the field anew."""
        return self._kept(self.before.typed if self.before is not None else {})

    @property
    def conflicts(self) -> dict[str, dict[str, str]]:
        """The conflicts that stand: old ones until a form settles them, and the new ones. What the register said was on no form."""
        old = self.before.conflicts if self.before is not None else {}
        old = {name: one for name, one in old.items() if not self.is_settled or one["source"] == REGISTER_SOURCE}
        new = {name: {**sides, "source": self.document} for name, sides in self.merged.conflicts.items()}
        return {**{name: dict(sides) for name, sides in self._kept(old).items()}, **new}

    def _kept(self, told: Mapping[str, Said]) -> dict[str, Said]:
        return {key: said for name, said in told.items() if (key := self._name_now(name))}

    def _name_now(self, name: str) -> str:
        """Under what name a field or cell is kept by now; empty where the document answers it anew."""
        table, bracket, rest = name.partition("[")
        if all(change.field != table for change in self.merged.changes):
            return name
        if not bracket or table not in ROWS_TOLD_APART or self.before is None:
            return ""
        row_text, _, column = rest.partition("].")
        old, new = self.before.values.get(table) or [], self.merged.values.get(table) or []
        row = int(row_text)
        now = row_now(old, row, new, table)
        if not now:
            return ""
        key = f"{table}[{now}].{column}"
        said, says = (
            (old[row - 1].get(column), self.before.raw.get(name)),
            (new[now - 1].get(column), self.merged.raw.get(key)),
        )
        return key if said == says else ""

    def displaced(self, number: str) -> list[Finding]:
        """What the register said and shows no longer: a field has one conflict at a time, and a form that answers anew goes first."""
        if self.before is None:
            return []
        told = {name: one["theirs"] for name, one in self.before.conflicts.items() if one["source"] == REGISTER_SOURCE}
        found = (self._displaced(number, name, text) for name, text in {**told, **self.before.typed}.items())
        return [one for one in found if one is not None]

    def _displaced(self, number: str, name: str, text: str) -> Finding | None:
        key, before = self._name_now(name), self.before
        now = self.conflicts.get(key)
        if before is None or key in self.typed or (now is not None and now["source"] == REGISTER_SOURCE):
            return None
        spec = FORMS[before.form]
        field, path, label = located(spec, name)
        if text in ((now or {}).get("theirs"), text_of(field, value_at(self.merged.values, key or name))):
            return None
        parts = {"value": text, "name": self.document}
        code = "answer_displaced" if now is None else "conflict_displaced"
        return Finding(code=code, number=number, form=spec.code, field=path, label=label, parts=parts)


def value_at(values: Mapping[str, Any], key: str) -> Any:
    """What a state keeps by key, of a table's cell too; None where there is no such row."""
    table, bracket, rest = key.partition("[")
    if not bracket:
        return values.get(key)
    row, _, column = rest.partition("].")
    rows = values.get(table) or []
    return rows[int(row) - 1].get(column) if int(row) <= len(rows) else None
