"""A JSON Schema for the values of each form, as ``show --format json`` gives them."""

from typing import Any

from tpdocs.forms.fields import Differs, Field, Kind, When
from tpdocs.forms.standard import FIELDS, FORMS, FormSpec
from tpdocs.language import Phrase, phrase

_TIME = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$"
_DAY = r"^\d{4}-\d{2}-\d{2}$"


def json_schema(form: FormSpec) -> dict[str, Any]:
    """The schema of a form. Nothing is required by it, for incomplete is valid: ``x-required`` says what findings ask for."""
    if form.model is None:
        paths: dict[str, dict[str, Any]] = {}
        for path in form.shows:
            paths.setdefault(path.partition(".")[0], {})[path.partition(".")[2]] = _schema(FIELDS[path])
        properties = {key: _object(fields) | {"title": FORMS[key].title} for key, fields in paths.items()}
    else:
        properties = {one.name: _schema(one) for one in form.fields}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": form.title,
        "description": f"{form.code}, {form.key}, version {form.about.version}",
        **_object(properties),
    }


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _schema(one: Field) -> dict[str, Any]:
    told: dict[str, Any] = {"title": one.label, **_type(one)}
    if one.help:
        told["description"] = one.help
    told["x-source"] = one.source
    if one.required:
        told["x-required"] = required_words(one).say()
    if one.computed:
        told["readOnly"] = True
    return told


def required_words(one: Field) -> Phrase:
    """When a field is required, in words; nothing where it is not."""
    if isinstance(one.required, When | Differs):
        return phrase("required when {reason}", reason=one.required.words(FIELDS[one.required.path].label))
    if one.other_of:
        return phrase("required when “其他” is chosen")
    return phrase("required") if one.required else phrase("")


def _type(one: Field) -> dict[str, Any]:
    labels = [choice.label for choice in one.choices]
    match one.kind:
        case Kind.ROWS:
            return {
                "type": ["array", "null"],
                "items": _object({column.name: _schema(column) for column in one.columns}),
            }
        case Kind.MANY:
            return {"type": ["array", "null"], "items": {"enum": labels}}
        case Kind.ONE:
            return {"enum": [*labels, None]}
        case Kind.YES_NO:
            return {"type": ["boolean", "null"]}
        case Kind.TIME | Kind.DATE:
            return {"type": ["string", "null"], "pattern": _TIME if one.kind is Kind.TIME else _DAY}
        case _:
            return {"type": ["string", "null"]}
