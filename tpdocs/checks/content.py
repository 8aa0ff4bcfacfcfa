"""Rules about one form: what is missing, what is invalid, what its document was noted for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from tpdocs.codes.kinds import INFO
from tpdocs.findings import Finding
from tpdocs.forms.fields import OTHER, Differs, Field, Get, Kind, When
from tpdocs.forms.problem import REGISTER_SOURCE, Stored
from tpdocs.forms.standard import FIELDS, FORMS, FormSpec, cell_label, located
from tpdocs.forms.values import EMPTY, is_answer, is_placeholder, raw_finding, shortened, surely_answers


def form_findings(one: Stored, number: str, get: Get, owner: Callable[[], str]) -> list[Finding]:
    """Everything that is to say about one form as it is on record; `owner` is asked for only where there is something."""
    found = list(_of_form(one, number, get))
    name = owner() if found else ""
    return [replace(told, owner=name) for told in found]


def _of_form(one: Stored, number: str, get: Get) -> Iterator[Finding]:
    spec = FORMS[one.form]
    facts = {"number": number, "form": spec.code}
    parts = {"form_name": spec.name}
    yield from _missing(one, spec, get, facts, parts)
    yield from _invalid(one, spec, facts, parts)
    yield from _typed(one, spec, facts)
    yield from _conflicts(one, spec, facts)
    for note in one.findings:
        if note.severity != INFO:
            yield _of(note, facts, parts)


def _of(note: Finding, facts: dict[str, str], parts: dict[str, str]) -> Finding:
    kept = {name: getattr(note, name) for name in ("code", "field", "label", "place")}
    return Finding(**{**facts, **kept}, parts={**parts, **note.parts})


@cache
def _may_be_missing(form: str) -> tuple[Field, ...]:
    """The fields of a form that are ever required, and its row tables."""
    return tuple(
        one
        for one in FORMS[form].fields
        if one.kind is Kind.ROWS or (not one.computed and (one.required or one.other_of))
    )


def _missing(one: Stored, spec: FormSpec, get: Get, facts: dict[str, str], parts: dict[str, str]) -> Iterator[Finding]:
    values = one.values
    for field in _may_be_missing(one.form):
        value = values.get(field.name)
        if type(value) is str and surely_answers(value):
            continue
        if field.kind is Kind.ROWS:
            if value:
                yield from _missing_in_rows(one, field, _where(one, field, facts), parts)
            if field.computed or not field.required:
                continue
        if not (is_answer(field, value) if value is not None else _has_raw_answer(one, field)):
            yield from _not_answered(one, spec, field, get, facts, parts)


def _not_answered(
    one: Stored, spec: FormSpec, field: Field, get: Get, facts: dict[str, str], parts: dict[str, str]
) -> Iterator[Finding]:
    """What is to say of a field without an answer: nothing where none is required."""
    if field.other_of:
        chosen = one.values.get(field.other_of)
        if chosen is not None and (chosen == OTHER or (isinstance(chosen, list) and OTHER in chosen)):
            told = {**parts, "choice_label": spec.by_name[field.other_of].label}
            yield Finding(code="missing_other", **_where(one, field, facts), parts=told)
    elif field.required is True:
        code = "missing_rows" if field.kind is Kind.ROWS else "missing_field"
        yield Finding(code=code, **_where(one, field, facts), parts=parts)
    elif isinstance(field.required, When | Differs) and field.required.holds(get):
        condition = field.required
        reason = condition.words(FIELDS[condition.path].label)
        yield Finding(code=condition.finding, **_where(one, field, facts), parts={**parts, "reason": reason})


def _where(one: Stored, field: Field, facts: dict[str, str]) -> dict[str, Any]:
    return {**facts, "field": field.path, "label": field.label, "place": one.places.get(field.name, "")}


def _has_raw_answer(one: Stored, field: Field) -> bool:
    """Whether there is a raw text that is more than a placeholder: that is an answer, only not a valid one."""
    if not one.raw:
        return False
    raw = [text for key, text in one.raw.items() if key == field.name or key.startswith(f"{field.name}[")]
    return any(not is_placeholder(text) for text in raw)


def _missing_in_rows(one: Stored, table: Field, where: dict[str, Any], parts: dict[str, str]) -> Iterator[Finding]:
    for number, row in enumerate(one.values.get(table.name) or [], 1):
        for column in table.columns:
            raw = one.raw.get(f"{table.name}[{number}].{column.name}", "")
            if is_answer(column, row.get(column.name)) or (raw and not is_placeholder(raw)):
                continue
            spot = {
                **where,
                "field": f"{table.path}[{number}].{column.name}",
                "label": cell_label(table, number, column),
            }
            if column.other_of and row.get(column.other_of) == OTHER:
                choice = cell_label(table, number, table.column(column.other_of))
                yield Finding(code="missing_other", **spot, parts={**parts, "choice_label": choice})
            elif column.required is True:
                yield Finding(code="missing_field", **spot, parts=parts)


def _invalid(one: Stored, spec: FormSpec, facts: dict[str, str], parts: dict[str, str]) -> Iterator[Finding]:
    for key, text in one.raw.items():
        field, path, label = located(spec, key)
        found = raw_finding(field, text)
        if found is not None:
            place = one.places.get(key.partition("[")[0], "")
            yield Finding(
                **{**facts, "code": found.code, "field": path, "label": label, "place": place},
                parts={**parts, **found.parts},
            )


def _typed(one: Stored, spec: FormSpec, facts: dict[str, str]) -> Iterator[Finding]:
    """What somebody typed into the register and is no value."""
    for key, text in one.typed.items():
        field, path, label = located(spec, key)
        code = "typed_time" if field.kind in (Kind.TIME, Kind.DATE) else "typed_choice"
        parts = {"value": shortened(text), "choices": "、".join(choice.label for choice in field.options)}
        yield Finding(code=code, **facts, field=path, label=label, parts=parts)


def _conflicts(one: Stored, spec: FormSpec, facts: dict[str, str]) -> Iterable[Finding]:
    for name, sides in one.conflicts.items():
        _, path, label = located(spec, name)
        parts = {
            "value": sides["ours"] or EMPTY,
            "other_value": sides["theirs"] or EMPTY,
            "source": sides["source"],
            "form_name": spec.name,
        }
        code = "register_conflict" if sides["source"] == REGISTER_SOURCE else "conflict_field"
        if code == "register_conflict":
            parts |= {"value": parts["other_value"], "other_value": parts["value"]}
        yield Finding(code=code, **facts, field=path, label=label, parts=parts)
