"""The standard put together: the forms by code and key, and every field by its path."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tpdocs.errors import UsageError
from tpdocs.forms.archive import Archive
from tpdocs.forms.closure import Closure
from tpdocs.forms.feedback import Feedback
from tpdocs.forms.fields import About, Field, Form, Kind, declared
from tpdocs.forms.implementation import Implementation
from tpdocs.forms.investigation import Investigation
from tpdocs.forms.report import Report
from tpdocs.forms.review import Review
from tpdocs.forms.solution import Solution
from tpdocs.forms.triage import Triage
from tpdocs.forms.verification import Verification

STAGES = {
    1: "问题发觉与上报",
    2: "问题受理与初步分析",
    3: "问题排查与定位",
    4: "解决方案制定与实施",
    5: "问题验证与关闭",
    6: "反馈与归档",
}
IDENTITY = ("report.number", "report.title", "report.type", "report.type_other", "report.severity")


# Each form is there once: compared by identity, for hashing all its fields took a fifth of reading by labels.
@dataclass(frozen=True, eq=False)
class FormSpec:
    """One form of the standard: what it is, the fields it owns, the fields it shows."""

    about: About
    model: type[Form] | None
    fields: tuple[Field, ...]
    shows: tuple[str, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields it owns, by name."""
        return {field.name: field for field in self.fields}

    @property
    def code(self) -> str:
        """``F01``."""
        return self.about.code

    @property
    def key(self) -> str:
        """``report``."""
        return self.about.key

    @property
    def title(self) -> str:
        """``问题上报记录``."""
        return self.about.title

    @property
    def name(self) -> str:
        """Code and title, as people call it: ``F01 问题上报记录``."""
        return f"{self.about.code} {self.about.title}"

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """Every field that stands on the form: the identity block, then its own (F00: those of the others)."""
        return tuple(FIELDS[path] for path in self.shows)


def _put_together() -> dict[str, FormSpec]:
    models = (
        Report,
        Triage,
        Investigation,
        Solution,
        Implementation,
        Verification,
        Closure,
        Feedback,
        Archive,
        Review,
    )
    forms = {}
    for model in models:
        fields = declared(model, model.about.key)
        own = tuple(field.path for field in fields)
        identity = () if model in (Report, Review) else IDENTITY
        forms[model.about.key] = FormSpec(model.about, model, fields, identity + own)
    return forms


FORMS = _put_together()
FIELDS: dict[str, Field] = {field.path: field for form in FORMS.values() for field in form.fields}

# 根本原因, 解决方案 and 预防措施 stand in the dossier already, so of the archive it shows only what is new.
_DOSSIER_ARCHIVE = ("archive.archivist", "archive.archived_at", "archive.keywords", "archive.lessons")
DOSSIER = FormSpec(
    About("F00", "dossier", "问题处理记录", 1, ("各阶段责任人",)),
    None,
    (),
    tuple(
        path
        for key, form in FORMS.items()
        if key not in ("archive", "review")
        for path in form.shows
        if path[: len(key)] == key
    )
    + _DOSSIER_ARCHIVE,
)
ALL_FORMS: tuple[FormSpec, ...] = (DOSSIER, *FORMS.values())
_CELL = re.compile(r"(?P<table>\w+)\[(?P<row>\d+)\]\.(?P<column>\w+)")
_BY_NAME = {name.lower(): form for form in ALL_FORMS for name in (form.code, form.key, form.title)}


def form_named(name: str) -> FormSpec:
    """The form of that code, key or title, in any case; UsageError if there is none."""
    found = find_form(name)
    if found is None:
        raise UsageError("There is no form “{name}”; the forms are F00 to F10.", name=name)
    return found


def find_form(name: str) -> FormSpec | None:
    """The form of that code, key or title, in any case, or None."""
    return _BY_NAME.get(name.strip().lower())


def field_at(path: str) -> Field | None:
    """The field or column at a path such as ``investigation.steps.operation``, or None."""
    if found := FIELDS.get(path):
        return found
    table, _, column = path.rpartition(".")
    rows = FIELDS.get(table)
    if rows is None or rows.kind is not Kind.ROWS:
        return None
    return next((one for one in rows.columns if one.name == column), None)


def every_field() -> Iterator[Field]:
    """All fields of all forms, each row table followed by its columns."""
    for field in FIELDS.values():
        yield field
        yield from field.columns


def located(spec: FormSpec, key: str) -> tuple[Field, str, str]:
    """Field, path and label of what a state keeps by key: ``reviewed_at`` or ``steps[2].at``."""
    if field := spec.by_name.get(key):
        return field, field.path, field.label
    match = _CELL.fullmatch(key)
    if match is None:
        raise KeyError(key)
    table = spec.by_name[match["table"]]
    column = table.column(match["column"])
    return column, f"{spec.key}.{key}", cell_label(table, int(match["row"]), column)


def cell_label(table: Field, row: int, column: Field) -> str:
    """``排查过程 第2行 时间``."""
    return f"{table.label} 第{row}行 {column.label}"
