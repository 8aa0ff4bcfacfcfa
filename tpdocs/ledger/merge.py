"""Merging a form that was sent in again, field by field, against what it was based on."""

import json
from dataclasses import dataclass, field
from typing import Any

from tpdocs.forms.fields import Field
from tpdocs.forms.values import Plain, Record, text_of

RawTexts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a revision changed; values as the record keeps them, raw text where they are none."""

    field: str
    old: Plain
    new: Plain


@dataclass(slots=True)
class Merged:
    """The state after a merge, what changed, and where both sides changed the same field differently."""

    values: dict[str, Plain]
    raw: dict[str, str]
    changes: list[Change] = field(default_factory=list)
    conflicts: dict[str, dict[str, str]] = field(default_factory=dict)
    settled: list[str] = field(default_factory=list)


def merge(fields: tuple[Field, ...], base: Record, ours: Record, theirs: Record) -> Merged:
    """`ours` with everything that differs between `base` and `theirs`; empty clears, not found keeps.

    Changed on both sides to different values: ours stays and the field is among the conflicts with both texts. What the other
    side's text stands for is kept with it (``state``, as JSON): rows cannot be read from a text again.
    """
    merged = Merged(dict(ours.values), dict(ours.raw))
    for one in fields:
        name = one.name
        if name not in theirs.found and theirs.state(name) == (None, ()):
            continue
        before, here, there = base.state(name), ours.state(name), theirs.state(name)
        if there in (before, here):
            if there == here and there != before:
                merged.settled.append(name)
            continue
        if here != before:
            sides = {"ours": told(one, here), "theirs": told(one, there)}
            merged.conflicts[name] = {**sides, "state": json.dumps(there, ensure_ascii=False)}
            continue
        merged.changes.append(Change(name, _plain(here), _plain(there)))
        _put(merged, name, there)
    return merged


def _put(merged: Merged, name: str, state: tuple[Plain, RawTexts]) -> None:
    value, raw = state
    for key in [key for key in merged.raw if key == name or key.startswith(f"{name}[")]:
        del merged.raw[key]
    merged.raw.update(dict(raw))
    if value is None:
        merged.values.pop(name, None)
    else:
        merged.values[name] = value


def _plain(state: tuple[Plain, RawTexts]) -> Any:
    value, raw = state
    return value if value is not None else ("；".join(text for _, text in raw) or None)


def told(one: Field, state: tuple[Plain, RawTexts]) -> str:
    """A field's state in words: its value and whatever raw texts it keeps."""
    value, raw = state
    return "；".join(part for part in (text_of(one, value), *(text for _, text in raw)) if part)
