"""``template check``, ``template fields`` and ``schema``."""

from pathlib import Path
from typing import Any

from tpdocs.findings import DocumentError, Finding
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.schema import json_schema, required_words
from tpdocs.forms.standard import ALL_FORMS, form_named
from tpdocs.word.faults import template_faults
from tpdocs.word.package import read_bytes


def check_templates(paths: list[Path]) -> dict[Path, list[Finding]]:
    """The faults of each file; one that cannot be opened has that as its fault."""
    found = {}
    for path in paths:
        try:
            found[path] = template_faults(read_bytes(path), path.name)
        except DocumentError as error:
            found[path] = [error.finding]
    return found


def tags_of(name: str | None) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """For the form named, or each: its name, and of every tag the tag itself, the label, and what it is in words."""
    forms = [form_named(name)] if name else list(ALL_FORMS)
    return [(form.name, [line for one in form.shown if not one.other_of for line in _lines(one)]) for form in forms]


def _lines(one: Field) -> list[tuple[str, str, str]]:
    if one.kind is not Kind.ROWS:
        return [(f"{{{{ {one.path} }}}}", one.label, _words(one))]
    columns = [column for column in one.columns if not column.other_of]
    head = (f"{{%tr for row in {one.path} %}} ... {{%tr endfor %}}", one.label, _words(one))
    return [head, *((f"{{{{ row.{column.name} }}}}", column.label, _words(column)) for column in columns)]


def _words(one: Field) -> str:
    choices = " / ".join(choice.label for choice in one.choices)
    return "  ".join(part for part in (one.kind.value, choices, required_words(one).say(), one.help) if part)


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema of a form."""
    return json_schema(form_named(name))
