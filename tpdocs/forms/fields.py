"""What a field is: label, kind, choices, when it is required. The forms declare theirs with these."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from tpdocs.language import Phrase, phrase

OTHER = "其他"
YES, NO = "是", "否"

Text = str | None
Get = Callable[[str], Any]


class Kind(StrEnum):
    """The kinds of field of the standard."""

    TEXT = "text"
    LONG = "long"
    TIME = "time"
    DATE = "date"
    ONE = "one"
    MANY = "many"
    YES_NO = "yes/no"
    ROWS = "rows"


BOXES = frozenset({Kind.ONE, Kind.MANY, Kind.YES_NO})


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to choose: the standard's word, a gloss printed after it, other words the reader takes for it."""

    label: str
    gloss: str = ""
    also: tuple[str, ...] = ()

    @property
    def printed(self) -> str:
        """As the form prints it: ``紧急(核心业务中断)``."""
        return f"{self.label}({self.gloss})" if self.gloss else self.label


@dataclass(frozen=True, slots=True)
class When:
    """A field is required when another one holds one of `values` (or, with `unless`, none of them)."""

    path: str
    values: tuple[Any, ...] = (True,)
    unless: bool = False
    finding: str = "missing_when"

    def holds(self, get: Get) -> bool:
        """Whether it is required, given a function from path to value; an unanswered question requires nothing."""
        value = get(self.path)
        return value is not None and (value in self.values) is not self.unless

    def words(self, label: str) -> Phrase:
        """The condition in the words on the form."""
        told = "、".join({True: YES, False: NO}.get(value, str(value)) for value in self.values)
        if self.unless:
            return phrase("“{label}” is not “{value}”", label=label, value=told)
        return phrase("“{label}” is “{value}”", label=label, value=told)


@dataclass(frozen=True, slots=True)
class Differs:
    """A field is required when two others hold different values."""

    path: str
    other: str
    finding: str = "missing_when"

    def holds(self, get: Get) -> bool:
        """Whether both are answered, and differently."""
        ours, theirs = get(self.path), get(self.other)
        return ours is not None and theirs is not None and ours != theirs

    def words(self, label: str) -> Phrase:
        """The condition in the words on the form."""
        return phrase("“{label}” is not the severity that was reported", label=label)


Required = bool | When | Differs


@dataclass(frozen=True)
class Field:
    """The declaration of one field. `name`, `form` and `row_of` are given when the standard is put together.

    `hint` is the fill-in prompt, `help` says what belongs there, `source` is ``S`` where the standard names the field
    and ``D`` where this project adds it. `none_stands`: 无 is an answer here, not a gap.
    """

    label: str
    kind: Kind
    required: Required = False
    choices: tuple[Choice, ...] = ()
    also: tuple[str, ...] = ()
    hint: str = ""
    help: str = ""
    source: Literal["S", "D"] = "S"
    none_stands: bool = False
    computed: bool = False
    spare: int = 3
    name: str = ""
    form: str = ""
    row_of: str = ""
    other_of: str = ""
    columns: tuple["Field", ...] = field(default=(), repr=False)

    @cached_property
    def path(self) -> str:
        """``report.title``; a column of a row table: ``investigation.steps.operation``."""
        return ".".join(part for part in (self.form, self.row_of, self.name) if part)

    @cached_property
    def prompt(self) -> str:
        """What stands in the empty box. The brackets set it apart from anything people write."""
        default = {Kind.TIME: "年-月-日 时:分", Kind.DATE: "年-月-日"}.get(
            self.kind, "选择" if self.options else "填写"
        )
        return f"〔{self.hint or default}〕"

    @cached_property
    def opens_other(self) -> bool:
        """Whether one of the choices is 其他, which opens a text."""
        return any(choice.label == OTHER for choice in self.choices)

    @cached_property
    def options(self) -> tuple[Choice, ...]:
        """The boxes of the field: its choices, or 是 and 否."""
        return (Choice(YES), Choice(NO)) if self.kind is Kind.YES_NO else self.choices

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Every label the field is known by, normalised."""
        return tuple(dict.fromkeys(normal_label(name) for name in (self.label, *self.also)))

    def column(self, name: str) -> "Field":
        """The column of that name; KeyError if there is none."""
        return next((column for column in self.columns if column.name == name), None) or _no_column(self, name)


def _no_column(table: Field, name: str) -> Field:
    raise KeyError(f"{table.path}.{name}")


@dataclass(frozen=True, slots=True)
class About:
    """What a form is: code, key, name, stage, who fills it in, the field that says when its stage was done.

    `version` is printed in the header; it grows when a field is added, renamed or dropped.
    """

    code: str
    key: str
    title: str
    stage: int
    filled_by: tuple[str, ...]
    done: str = ""
    by_round: bool = False
    version: int = 1


class Row(BaseModel):
    """One row of a row table."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Form(BaseModel):
    """The values of one form of one problem; everything is optional, what is missing is a finding."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    about: ClassVar[About]


def text(label: str, **facts: Any) -> Field:
    """A field of one line."""
    return Field(label, Kind.TEXT, **facts)


def long(label: str, **facts: Any) -> Field:
    """A field of several lines."""
    return Field(label, Kind.LONG, **facts)


def moment(label: str, **facts: Any) -> Field:
    """A date with or without clock time."""
    return Field(label, Kind.TIME, **facts)


def date(label: str, **facts: Any) -> Field:
    """A plain date."""
    return Field(label, Kind.DATE, **facts)


def one(label: str, *choices: str | Choice, **facts: Any) -> Field:
    """One of the choices."""
    return Field(label, Kind.ONE, choices=_choices(choices), **facts)


def many(label: str, *choices: str | Choice, **facts: Any) -> Field:
    """Any of the choices."""
    return Field(label, Kind.MANY, choices=_choices(choices), **facts)


def yes_no(label: str, **facts: Any) -> Field:
    """是 or 否."""
    return Field(label, Kind.YES_NO, **facts)


def rows(label: str, **facts: Any) -> Field:
    """A table whose rows repeat; its columns are the fields of the row class."""
    return Field(label, Kind.ROWS, **facts)


def other(label: str) -> Field:
    """The text that the choice 其他 of the field before it opens; its name is that field's name and ``_other``."""
    return Field(f"{label}其他说明", Kind.TEXT, hint="请注明", help=f"“{label}”选“其他”时写明是什么。", source="D")


def _choices(given: Iterable[str | Choice]) -> tuple[Choice, ...]:
    return tuple(Choice(choice) if isinstance(choice, str) else choice for choice in given)


def declared(model: type[BaseModel], form: str, row_of: str = "") -> tuple[Field, ...]:
    """The fields that a form or row class declares, in order, each knowing its path."""
    found = []
    for name, info in model.model_fields.items():
        fact = next(item for item in info.metadata if isinstance(item, Field))
        owner = name.removesuffix("_other") if name.endswith("_other") else ""
        columns = declared(_row_class(info.annotation), form, name) if fact.kind is Kind.ROWS else ()
        found.append(replace(fact, name=name, form=form, row_of=row_of, other_of=owner, columns=columns))
    return tuple(found)


def _row_class(annotation: Any) -> type[BaseModel]:
    row: type[BaseModel] = annotation.__args__[0]
    return row


_BRACKETED = re.compile(r"[(（\[【〔][^)）\]】〕]*[)）\]】〕]")
_NUMBERING = re.compile(r"^(?:\(?\d{1,2}[.、)]|[(]?[一二三四五六七八九十]{1,3}[.、)])")
_CIRCLED = "".join(map(chr, range(0x2460, 0x2474)))  # ① to ⑳; folding would leave bare digits


@lru_cache(maxsize=4096)
def normal_label(label: str) -> str:
    """A label as it is compared: no white space, half-width, no trailing colon or star, no hint in brackets, no numbering."""
    folded = "".join(unicodedata.normalize("NFKC", label.strip().lstrip(_CIRCLED)).split())
    bare = _NUMBERING.sub("", folded)
    return (_BRACKETED.sub("", bare) or bare).rstrip(":*").lower()
