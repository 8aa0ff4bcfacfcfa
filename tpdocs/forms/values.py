"""From what somebody wrote to a value, field by field, and back; what cannot be a value keeps its raw text."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from tpdocs.findings import Finding
from tpdocs.forms.fields import BOXES, NO, OTHER, YES, Choice, Field, Kind
from tpdocs.forms.moment import Moment, read_moment

EMPTY = "（空）"  # one side of a conflict that somebody cleared: nothing at all would not tell
Plain = Any  # what JSON can hold: str, bool, list, dict, None
Raw = str | tuple[str, ...] | list[dict[str, Any]]

# XML 1.0 allows no control characters but tab and line ends, Word refuses C1, and a lone surrogate is no text.
_FORBIDDEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c]")
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
_PLACEHOLDER = re.compile(
    r"[-—–_/\\.。…*x×~?]+|无|暂无|没有|不涉及|不适用|待定|待补充|待填写?|未定|不详|略|同上|n/?a|tbd|none"
)
# What nearly every text begins with, and no placeholder does: told at a glance, for registers ask this of a million texts.
_ANSWER = re.compile(r"(?![无暂没不待未略同nNtTxX])[0-9A-Za-z\u4e00-\u9fff]|[无暂没不待未略同]\S{12}")
surely_answers = _ANSWER.match  # whether a text that is a value is surely an answer
_NONE = re.compile(r"无|暂无|没有|不涉及|不适用|none|n/?a")
_BETWEEN_CHOICES = re.compile(r"[、,;/|\s]+")
_OTHER_AMONG_OTHERS = re.compile(rf"(?:^|(?<=[、,，;；/|\s])){OTHER}\s*([:：(（])")
_LAST_CHOICE = re.compile(r"(.*?)\s*[、,，;；/|]\s*([^、,，;；/|]+)", re.DOTALL)
_OTHER_WITH_TEXT = re.compile(rf"{OTHER}\s*(?:[:：(（]|\s)\s*(?P<what>.+?)\s*[)）]?", re.DOTALL)
_YES = frozenset({"是", "yes", "y", "true", "√", "✓", "✔", "☑", "有", "通过", "完整"})
_NO = frozenset({"否", "no", "n", "false", "×", "✗", "✘", "不是", "不", "不通过", "未通过", "没有", "不完整"})


def clean(text: str) -> str:
    """Text as the record keeps it: line ends as newlines, no control characters."""
    return _FORBIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def folded(text: str) -> str:
    """For comparing only: half-width, lower case, no white space at the ends."""
    return unicodedata.normalize("NFKC", text).strip().lower()


@lru_cache(maxsize=8192)
def squeezed(text: str) -> str:
    """For comparing only: half-width, lower case, no white space at all."""
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def is_placeholder(text: str) -> bool:
    """Whether the text only holds the place of an answer: ``-``, ``/``, 无, 待定, XX."""
    if _ANSWER.match(text):
        return False
    return _PLACEHOLDER.fullmatch(squeezed(text)) is not None


def says_none(text: str) -> bool:
    """Whether the text says that there is none: 无 and its like."""
    return _NONE.fullmatch(squeezed(text)) is not None


def is_answer(one: Field, value: Plain) -> bool:
    """Whether a value answers a field that needs content: 待定 and its like do not, 无 only where it may stand."""
    if value is None:
        return False
    if not isinstance(value, str) or _ANSWER.match(value):
        return True
    if one.kind in (Kind.TEXT, Kind.LONG) and is_placeholder(value):
        return (one.none_stands or bool(one.row_of)) and says_none(value)
    return True


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one form: `values` by field name where valid, `raw` text where not (rows: ``steps[2].at``).

    Fields in neither are empty. `found` names the fields whose place the document had: empty clears, not found keeps.
    """

    form: str
    values: dict[str, Plain] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    found: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is filled in."""
        return not self.values and not self.raw

    @property
    def digest(self) -> str:
        """A short hash of values and raw texts, to tell a form that came back as it was sent out."""
        told = json.dumps([self.values, self.raw], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def state(self, name: str) -> tuple[Plain, tuple[tuple[str, str], ...]]:
        """Value and raw texts of one field: what a merge compares."""
        if not self.raw:
            return self.values.get(name), ()
        prefix = f"{name}["
        raw = tuple(sorted(item for item in self.raw.items() if item[0] == name or item[0].startswith(prefix)))
        return self.values.get(name), raw


def parse_record(form: str, fields: Sequence[Field], answers: Mapping[str, Raw]) -> Record:
    """The record that the answers (by field name) of one form make; nothing raises, what is wrong stays as raw text."""
    values: dict[str, Plain] = {}
    raw: dict[str, str] = {}
    for one in fields:
        answer = answers.get(one.name)
        if answer is None or answer in ("", (), []):
            continue
        if one.kind is Kind.ROWS:
            if rows := _parse_rows(one, answer, raw):
                values[one.name] = rows
            continue
        _store(one, one.name, answer, values, raw)
        _keep_other_text(one, answer, values)
    return Record(form, values, raw, frozenset(answers))


def _store(one: Field, key: str, answer: Raw, values: dict[str, Plain], raw: dict[str, str], name: str = "") -> None:
    value, text = parse_value(one, answer)
    if value is not None:
        values[name or key] = value
    elif text:
        raw[key] = text


def _keep_other_text(one: Field, answer: Raw, values: dict[str, Plain]) -> None:
    """Somebody typed ``其他：机房断电`` where a choice was wanted: the text belongs to the field that 其他 opens."""
    if not one.opens_other or not isinstance(answer, str):
        return
    text = clean(answer).strip()
    if one.kind is Kind.MANY:
        what = _choices_and_other(one, text)[1]
    else:
        match = _OTHER_WITH_TEXT.fullmatch(text)
        what = match["what"] if match else ""
    if what:
        values.setdefault(f"{one.name}_other", what)


def _parse_rows(table: Field, answer: Raw, raw: dict[str, str]) -> list[dict[str, Plain]]:
    kept: list[dict[str, Plain]] = []
    for row in answer:
        if not isinstance(row, dict):
            continue
        values: dict[str, Plain] = {}
        texts: dict[str, str] = {}
        for column in table.columns:
            if row.get(column.name):
                _store(
                    column, f"{table.name}[{len(kept) + 1}].{column.name}", row[column.name], values, texts, column.name
                )
                _keep_other_text(column, row[column.name], values)
        if values or texts:
            kept.append({column.name: values.get(column.name) for column in table.columns})
            raw.update(texts)
    return kept


def parse_value(one: Field, answer: Raw) -> tuple[Plain, str]:
    """Value and raw text of one answer: the value if it is one, else None and the text as written."""
    if isinstance(answer, tuple):
        return _parse_ticks(one, answer)
    text = clean(str(answer))
    if one.kind is Kind.LONG:
        return _BLANK_LINES.sub("", text).rstrip() or None, ""
    text = text.strip()
    if not text or one.kind is Kind.TEXT:
        return text or None, ""
    value: Plain
    if one.kind in (Kind.TIME, Kind.DATE):
        value = _parse_moment(one, text)
    elif one.kind is Kind.YES_NO:
        value = _parse_yes_no(text)
    elif one.kind is Kind.ONE:
        value = _choice_named(one, text)
    else:
        value = _parse_many(one, text)
    return (value, "") if value is not None else (None, text)


def _parse_ticks(one: Field, ticks: tuple[str, ...]) -> tuple[Plain, str]:
    if one.kind is Kind.MANY:
        return [choice.label for choice in one.choices if choice.label in ticks] or None, ""
    if len(ticks) == 1:
        return (ticks[0] == YES, "") if one.kind is Kind.YES_NO else (ticks[0], "")
    return None, "、".join(ticks)


def _parse_moment(one: Field, text: str) -> str | None:
    found = read_moment(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    if one.kind is Kind.DATE and found.precision != "day":
        # A date picker of another program may add a midnight; a real clock time is more than a date can keep.
        return found.day.isoformat() if found.at == Moment.of_day(found.day).at else None
    return found.isoformat()


def _parse_yes_no(text: str) -> bool | None:
    bare = squeezed(text)
    return True if bare in _YES else False if bare in _NO else None


@lru_cache(maxsize=512)
def _choices_by_word(choices: tuple[Choice, ...]) -> dict[str, str]:
    words = {}
    for choice in choices:
        for word in (choice.label, choice.printed, choice.gloss, *choice.also):
            words[squeezed(word)] = choice.label
    words.pop("", None)
    return words


def _choice_named(one: Field, text: str) -> str | None:
    if found := _choices_by_word(one.choices).get(squeezed(text)):
        return found
    return OTHER if one.opens_other and _OTHER_WITH_TEXT.fullmatch(text) else None


def _choices_and_other(one: Field, text: str) -> tuple[str, str]:
    """Several choices, and what stands after 其他：, which may hold what stands between choices; choices may follow it again."""
    match = _OTHER_AMONG_OTHERS.search(text) if one.opens_other else None
    if match is None:
        return text, ""
    choices, what = f"{text[: match.start()]}、{OTHER}", text[match.end() :]
    known = _choices_by_word(one.choices)
    while (last := _LAST_CHOICE.fullmatch(what)) and known.get(squeezed(last[2]), OTHER) != OTHER:
        choices, what = f"{choices}、{last[2]}", last[1]
    what = what.strip()
    is_in_brackets = match[1] in "(（" and what.endswith((")", "）"))
    return choices, what[:-1].rstrip() if is_in_brackets else what


def _parse_many(one: Field, text: str) -> list[str] | None:
    choices = unicodedata.normalize("NFKC", _choices_and_other(one, text)[0])
    named = [_choice_named(one, word) for word in _BETWEEN_CHOICES.split(choices) if word]
    if not named or None in named:
        return None
    return [choice.label for choice in one.choices if choice.label in named]


def raw_finding(one: Field, text: str, **facts: str) -> Finding | None:
    """What is wrong with a raw text that could not become a value; None for a placeholder, which is only missing."""
    if is_placeholder(text):
        return None
    parts = {"value": shortened(text), **facts}
    if one.kind in (Kind.TIME, Kind.DATE):
        return Finding(code="invalid_time", field=one.path, label=one.label, parts=parts)
    named = [part for part in text.split("、") if part in {choice.label for choice in one.options}]
    if one.kind in BOXES and one.kind is not Kind.MANY and len(named) > 1:
        parts["count"] = str(len(named))
        return Finding(code="too_many_choices", field=one.path, label=one.label, parts=parts)
    parts["choices"] = "、".join(choice.label for choice in one.options)
    return Finding(code="invalid_choice", field=one.path, label=one.label, parts=parts)


def text_of(one: Field, value: Plain) -> str:
    """A value as people read it on a form or in the register; empty for None."""
    if value is None:
        return ""
    if one.kind is Kind.YES_NO:
        return YES if value else NO
    if one.kind in (Kind.TIME, Kind.DATE):
        # Only the T of ISO 8601: the history shows texts here that are no times.
        return f"{value[:10]} {value[11:]}" if value[10:11] == "T" else str(value)
    if one.kind is Kind.MANY:
        return "、".join(value)
    if one.kind is Kind.ROWS:
        return "\n".join(
            "；".join(text_of(column, row[column.name]) for column in one.columns if row.get(column.name) is not None)
            for row in value
        )
    return str(value)


def recorded_text(one: Field, value: Plain) -> str:
    """The same of a value as the history keeps it: what could not become one stands there as the text it was."""
    is_raw = isinstance(value, str) and one.kind in (Kind.ROWS, Kind.MANY, Kind.YES_NO)
    return str(value) if is_raw else text_of(one, value)


def shortened(text: str, length: int = 60) -> str:
    """One line of at most `length` characters, for messages."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def told_apart(old: str, new: str, *, length: int = 60) -> tuple[str, str]:
    """Two texts for messages, of at most `length` characters each, cut so that they show where they differ."""
    if max(len(old), len(new)) > length and old and new:
        old, new = _unlike_lines(old.splitlines(), new.splitlines())
        told = enumerate(zip(old, new, strict=False))
        alike = next((at for at, (one, other) in told if one != other), min(len(old), len(new)))
        start = alike - length // 3
        if start > 0 and min(len(old), len(new)) > length:
            old, new = f"…{old[start:]}", f"…{new[start:]}"
    return shortened(old, length), shortened(new, length)


def _unlike_lines(old: list[str], new: list[str]) -> tuple[str, str]:
    """Without the lines that begin or end both: of rows of a table those that differ."""
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    # A line more or less is no field that was empty, or is by now.
    return "\n".join(old) or "…", "\n".join(new) or "…"
