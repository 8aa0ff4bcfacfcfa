"""Dates that somebody wrote without a year take that of the form's other dates, if these agree; it is always told."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from tpdocs.findings import Finding
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.values import Record, parse_value

_NO_YEAR = re.compile(r"\d{1,2}\s*月\s*\d{1,2}\s*[日号]?.*", re.DOTALL)
_CELL = re.compile(r"(?P<table>\w+)\[(?P<row>\d+)\]\.(?P<column>\w+)")
_TIMES = (Kind.TIME, Kind.DATE)


@dataclass(slots=True)
class _Lacking:
    key: str
    field: Field
    text: str


def with_years(record: Record, fields: dict[str, Field]) -> tuple[Record, list[Finding]]:
    """The record with these dates as values, and a finding for each; as it was where the form's years differ or there are none."""
    lacking = list(_lacking(record, fields))
    years = set(_years(record, fields))
    if not lacking or len(years) != 1:
        return record, []
    (year,) = years
    values, raw, found = dict(record.values), dict(record.raw), []
    for one in lacking:
        value, _ = parse_value(one.field, f"{year}年{unicodedata.normalize('NFKC', one.text).strip()}")
        if value is None:
            continue
        del raw[one.key]
        if cell := _CELL.fullmatch(one.key):
            rows = [dict(row) for row in values[cell["table"]]]
            rows[int(cell["row"]) - 1][cell["column"]] = value
            values[cell["table"]] = rows
        else:
            values[one.key] = value
        parts = {"value": one.text, "year": year}
        path = f"{record.form}.{one.key}"
        found.append(Finding(code="year_assumed", field=path, label=one.field.label, parts=parts))
    return Record(record.form, values, raw, record.found), found


def _lacking(record: Record, fields: dict[str, Field]) -> Iterator[_Lacking]:
    for key, text in record.raw.items():
        cell = _CELL.fullmatch(key)
        field = fields[cell["table"]].column(cell["column"]) if cell else fields[key]
        if field.kind in _TIMES and _NO_YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip()):
            yield _Lacking(key, field, text)


def _years(record: Record, fields: dict[str, Field]) -> Iterator[str]:
    for name, value in record.values.items():
        field = fields[name]
        if field.kind in _TIMES:
            yield str(value)[:4]
        elif field.kind is Kind.ROWS:
            times = [column.name for column in field.columns if column.kind in _TIMES]
            yield from (str(row[name])[:4] for row in value for name in times if row.get(name))
