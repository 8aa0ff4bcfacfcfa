"""``update``: many problems changed or opened at once, from a list."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tpdocs.actions.changes import Batch, one_change, take_back_if
from tpdocs.actions.editing import Editor, refused_of, spot_of
from tpdocs.actions.forms_out import full_number
from tpdocs.actions.opening import Opening
from tpdocs.actions.setting import field_named
from tpdocs.actions.verdicts import CHANGED, INVALID, NEW, UNCHANGED, CellVerdict
from tpdocs.desk.files import free_name, without_mark, write_whole
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, UsageError
from tpdocs.findings import Finding
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.moment import read_moment
from tpdocs.forms.problem import REGISTER_SOURCE, Problem
from tpdocs.forms.standard import FIELDS, FORMS
from tpdocs.forms.values import folded, shortened, text_of
from tpdocs.ledger.merge import Change
from tpdocs.ledger.store import Transaction
from tpdocs.register.cells import is_error, is_of_a_cut_text, shown
from tpdocs.register.columns import PROBLEM_SHEET, Column, Sheet
from tpdocs.register.listing import list_bytes
from tpdocs.register.lists import REASON, ListError, ListFile, ListRow, csv_bytes, jsonl_bytes, read_list
from tpdocs.register.rows import record_text
from tpdocs.register.scan import UNREAD

Mode = Literal["update", "insert", "upsert"]
_NUMBER = FIELDS["report.number"]
_ENDINGS = ("closure", "archive")  # forms that end a problem
_NUMBER_HEADINGS = frozenset((_NUMBER.label, _NUMBER.path, "number"))
_BY_HEADING = {one.heading: one.path for one in PROBLEM_SHEET.columns}
_REJECTED, _ROUND, _LONGEST_ROUND = ".rejected", "轮次", 4


@dataclass(frozen=True, slots=True)
class UpdateOptions:
    """How to take a list in. `clear_empty`: an empty cell empties its field, instead of leaving it alone."""

    mode: Mode = "update"
    dry_run: bool = False
    all_or_nothing: bool = False
    clear_empty: bool = False
    comment: str = ""
    person: str = ""


@dataclass(slots=True)
class UpdatedRow:
    """What became of one row of the list; `reasons` say why it was rejected."""

    row: int
    number: str = ""
    verdict: str = UNCHANGED
    cells: list[CellVerdict] = field(default_factory=list)
    reasons: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        return {
            "row": self.row,
            "number": self.number or None,
            "verdict": self.verdict,
            "cells": [one.as_json() for one in self.cells],
            "reasons": [one.message() for one in self.reasons],
        }


@dataclass(slots=True)
class Updated:
    """What an ``update`` did: its batch (0 when nothing was written), each row, where the rejected ones were written to."""

    batch: int = 0
    rows: list[UpdatedRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rejected: Path | None = None

    @property
    def bad(self) -> list[UpdatedRow]:
        """The rows that were rejected."""
        return [one for one in self.rows if one.verdict == INVALID]

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        return {
            "batch": self.batch or None,
            "rows": [one.as_json() for one in self.rows],
            "findings": [one.as_json() for one in self.findings],
            "rejected": str(self.rejected) if self.rejected else None,
        }


def update(desk: Desk, path: Path, options: UpdateOptions, now: datetime) -> Updated:
    """Take a list in; the rows that are wrong are left out (or, with `all_or_nothing`, keep all others out) and written beside it."""
    told = read_list(path, lambda heading: heading in _NUMBER_HEADINGS or _path_of(heading) is not None)
    done = Updated()
    columns = _columns(told, path, options.mode, done)
    with one_change(desk) as transaction:
        batch = Batch(transaction, "update", now, options.person, options.comment or path.name)
        editor = Editor(transaction, batch, now, "command", options.person)
        rows = _Rows(transaction, editor, options, columns, told)
        done.rows = rows.take()
        done.findings += rows.near
        take_back_if(options.dry_run or bool(options.all_or_nothing and done.bad))
        done.batch = batch.number
    if done.bad and not options.dry_run:
        kept_out = told.rows if options.all_or_nothing else None
        try:
            done.rejected = _write_rejected(path, told, done, kept_out)
        except NotWrittenError as error:  # what was taken in is on record all the same, and has to be told
            done.findings.append(Finding(code="list_rejects_unwritten", parts={"error": str(error).rstrip(".")}))
    return done


def _path_of(heading: str) -> str | None:
    """The path of the field that a heading names: a path, a heading of the register, a label that only one field has."""
    if heading in FIELDS or heading in _BY_HEADING:
        return _BY_HEADING.get(heading) or (heading if heading in FIELDS else None)
    try:
        return field_named(heading).path
    except UsageError:
        return None


def _columns(told: ListFile, path: Path, mode: Mode, done: Updated) -> dict[str, Field]:
    """The fields of the columns by heading; what cannot be taken in is told and left out."""
    found: dict[str, Field] = {}
    left_out: dict[str, list[str]] = {}
    for heading in told.headings:
        if heading in _NUMBER_HEADINGS or heading == REASON:
            continue
        name = _path_of(heading)
        try:
            one = field_named(name) if name else None
        except UsageError:
            one = None
        if one is None:
            known = heading in PROBLEM_SHEET.headings or heading in FIELDS
            left_out.setdefault("list_column_computed" if known else "list_column_ignored", []).append(heading)
            continue
        # The objects of a .jsonl may each name a field in another way.
        if one in found.values() and told.suffix != ".jsonl":
            raise ListError("{path} has two columns for “{label}”. Remove one of them.", path=path, label=one.label)
        found[heading] = one
    if told.suffix != ".jsonl" and sum(one in _NUMBER_HEADINGS for one in told.headings) > 1:
        raise ListError("{path} has two columns for “{label}”. Remove one of them.", path=path, label=_NUMBER.label)
    done.findings += [Finding(code=code, label="、".join(labels)) for code, labels in left_out.items()]
    if mode == "update" and not any(one in _NUMBER_HEADINGS for one in told.headings):
        raise ListError(
            "{path} has no column “{label}”, by which problems are known. Add it, or say --mode insert for new problems.",
            path=path, label=_NUMBER.label,
        )  # fmt: skip
    if not found:
        raise ListError("{path} has no column of a field that can be changed by hand.", path=path)
    return found


class _Rows:
    """The rows of a list on their way into the ledger."""

    def __init__(
        self, transaction: Transaction, editor: Editor, options: UpdateOptions, columns: Mapping[str, Field], told: ListFile
    ) -> None:  # fmt: skip
        self._transaction, self._editor, self._options, self._columns = transaction, editor, options, columns
        self._opening = Opening(editor)
        self._opened: set[str] = set()
        self._list = told
        self.near: list[Finding] = []
        numbers = {number for row in told.rows if (number := _number_in(row))}
        self._problems = {one.number: one for one in transaction.problems_named(numbers)}
        self._then = self._as_exported(numbers)
        # What round a row shows: as of the export, or as it says itself.
        self._rounds = {
            number: int(text)
            for row in told.rows
            if (number := _number_in(row))
            and (text := row.cells.get(_ROUND, "").strip()).isdecimal()
            and len(text) <= _LONGEST_ROUND
        }
        self._rounds |= {number: one.round for number, one in self._then.items()}
        self._places: dict[str, list[int]] = {}
        for row in told.rows:
            self._places.setdefault(_number_in(row), []).append(row.number)

    def _as_exported(self, numbers: set[str]) -> dict[str, Problem]:
        """The problems as the list shows them, where it was exported from this desk and says when."""
        facts = self._list.properties
        revision = facts.get("revision", "")
        if facts.get("desk") != self._transaction.desk_id() or not revision.isdecimal():
            return {}
        return {one.number: one for one in self._transaction.problems_named(numbers, as_of=int(revision))}

    def take(self) -> list[UpdatedRow]:
        """All rows."""
        return [self._row(row) for row in self._list.rows]

    def _row(self, row: ListRow) -> UpdatedRow:
        done = UpdatedRow(row.number, _number_in(row))
        answers = self._answers(row, done)
        if not done.reasons:
            (self._change if done.number else self._open)(done, answers)
        if done.reasons:
            done.verdict = INVALID
        return done

    def _answers(self, row: ListRow, done: UpdatedRow) -> dict[str, dict[str, str]]:
        """The texts by form and field; notes what is wrong with the row as a whole."""
        number, mode = done.number, self._options.mode
        if row.fault is not None:
            done.reasons.append(row.fault)
        elif not number and mode == "update":
            done.reasons.append(Finding(code="list_number_missing", label=_NUMBER.label))
        elif number and mode == "insert":
            done.reasons.append(Finding(code="list_number_given", parts={"value": number}))
        elif number and number not in self._problems:
            done.reasons.append(Finding(code="list_number_unknown", parts={"value": number}))
        elif number and len(self._places[number]) > 1:
            rows = "、".join(map(str, self._places[number]))
            done.reasons.append(Finding(code="list_number_twice", parts={"value": number, "rows": rows}))
        found: dict[str, dict[str, str]] = {}
        for heading, one in self._columns.items():
            text = row.cells.get(heading)
            if text is None or (not text.strip() and not self._options.clear_empty):
                continue
            if text == UNREAD or is_error(text):
                done.reasons.append(Finding(code="list_formula", label=heading))
            if found.setdefault(one.form, {}).setdefault(one.name, text) != text:
                done.reasons.append(Finding(code="list_field_twice", label=one.label))
        return found

    def _change(self, done: UpdatedRow, answers: dict[str, dict[str, str]]) -> None:
        problem = self._problems[done.number]
        wanted = {form: self._changed(form, told, problem, done) for form, told in answers.items()}
        if done.reasons:
            return
        for form, told in wanted.items():
            edited = self._editor.edit(done.number, spot_of(problem, form), told)
            for change in edited.changes:
                done.verdict = CHANGED
                done.cells.append(_cell(form, change))

    def _changed(self, form: str, answers: dict[str, str], problem: Problem, done: UpdatedRow) -> dict[str, str]:
        """The answers that say something else than the record, and than when the list was exported; notes what is wrong with them."""
        spot = spot_of(problem, form)
        then = self._then.get(problem.number, problem)
        found = {}
        for name, text in answers.items():
            one = FIELDS[f"{form}.{name}"]
            now, was = _shown_text(problem, one), _shown_text(then, one)
            # An export shows what the register does: what somebody typed there that is no value, or is in conflict.
            if any(
                _says(one, text, known) for known in (was, now, *_typed_texts(problem, one), *_typed_texts(then, one))
            ):
                continue
            if is_of_a_cut_text(text, now) or is_of_a_cut_text(text, was):
                done.reasons.append(Finding(code="cell_cut", number=problem.number, label=one.label))
            if was != now:
                parts = {"value": shortened(was), "other_value": shortened(now), "theirs": shortened(text)}
                done.reasons.append(Finding(code="list_changed_since", label=one.label, parts=parts))
            found[name] = text
        shown = self._rounds.get(problem.number) or problem.round
        if found and FORMS[form].about.by_round and shown < problem.round:
            labels = "、".join(FIELDS[f"{form}.{name}"].label for name in found)
            parts = {"round": str(shown), "now": str(problem.round)}
            done.reasons.append(Finding(code="list_round_over", number=problem.number, label=labels, parts=parts))
        done.reasons += _refused(form, found)
        if form in _ENDINGS and found and spot.state.revision == 0:
            labels = "、".join(FIELDS[f"{form}.{name}"].label for name in found)
            if form == "closure":
                done.reasons.append(Finding(code="list_closes", number=problem.number, label=labels))
            elif against := problem.reasons_not_to_archive():
                told = Finding(code="list_archives", number=problem.number, label=labels, parts={"reason": against})
                done.reasons.append(told)
        return found

    def _open(self, done: UpdatedRow, answers: dict[str, dict[str, str]]) -> None:
        report = self._opening.report(answers)
        if known := self._opening.known.same(report):
            if self._options.mode == "insert" or known in self._opened:
                done.reasons.append(Finding(code="list_known", parts={"other": known}))
                return
            done.number = known
            self._problems |= {one.number: one for one in self._transaction.problems_named([known])}
            self._change(done, answers)
            self._problems |= {one.number: one for one in self._transaction.problems_named([known])}
        elif refused := [why for form, told in answers.items() for why in _refused(form, told)]:
            done.reasons += refused
        elif lacking := self._opening.lacking(report):
            done.reasons.append(Finding(code="list_lacking", parts={"labels": "、".join(one.label for one in lacking)}))
        elif ending := next((form for form in _ENDINGS if form in answers), ""):
            labels = "、".join(FIELDS[f"{ending}.{name}"].label for name in answers[ending])
            done.reasons.append(Finding(code="list_closes", number=_NUMBER.label, label=labels))
        else:
            opened = self._opening.open(answers)
            self._opened.add(opened.number)
            done.number, done.verdict = opened.number, NEW
            self.near += [opened.near] if opened.near is not None else []


def _refused(form: str, answers: Mapping[str, str]) -> list[Finding]:
    """The answers that are no values, said of a list."""
    told = refused_of(form, answers).values()
    return [replace(one, code="list_time" if one.code == "invalid_time" else "list_choice") for one in told]


def _number_in(row: ListRow) -> str:
    told = next((text for heading, text in row.cells.items() if heading in _NUMBER_HEADINGS and text.strip()), "")
    return full_number(told) if told.strip() else ""


def _shown_text(problem: Problem, one: Field) -> str:
    """What a list shows of a field."""
    state = problem.state(one.form)
    return record_text(state, one.name) if state is not None else ""


def _typed_texts(problem: Problem, one: Field) -> list[str]:
    """What the register shows of a field instead of what is on record."""
    state = problem.state(one.form)
    if state is None:
        return []
    conflict = state.conflicts.get(one.name)
    theirs = [conflict["theirs"]] if conflict is not None and conflict["source"] == REGISTER_SOURCE else []
    return [*theirs, *([state.typed[one.name]] if one.name in state.typed else [])]


def _says(one: Field, text: str, known: str) -> bool:
    """Whether a text of a list says what is known. Other programs write a time with seconds, and a day with a midnight."""
    if text.strip() == known.strip():
        return True
    if one.kind not in (Kind.TIME, Kind.DATE):
        return False
    typed, there = (read_moment(folded(told)) for told in (text, known))
    return typed is not None and there is not None and typed.at == there.at


def _cell(form: str, change: Change) -> CellVerdict:
    one = FIELDS[f"{form}.{change.field}"]
    old, new = (
        value if isinstance(value, str) and one.kind.value in ("many", "yes/no") else text_of(one, value)
        for value in (change.old, change.new)
    )
    return CellVerdict(one.path, one.label, old, new, CHANGED)


def _write_rejected(path: Path, told: ListFile, done: Updated, kept_out: list[ListRow] | None) -> Path:
    """The rejected rows as they were, with the reason in a column of its own, in a file of the same kind beside the list.

    With those that they `kept_out`, if any: whoever mends the file and gives it again gives all.
    """
    why = {one.row: "；".join(finding.message() for finding in one.reasons) for one in done.bad}
    rows = kept_out or [row for row in told.rows if row.number in why]
    stem = without_mark(path.stem, _REJECTED)
    target = free_name(path.with_name(f"{stem}{_REJECTED}{path.suffix}"))
    write_whole(target, _WRITERS[told.suffix](told, rows, why))
    return target


def _headings(told: ListFile) -> list[str]:
    return [*(one for one in told.headings if one != REASON), REASON]


def _table(told: ListFile, rows: list[ListRow], why: Mapping[int, str]) -> list[list[str]]:
    found = []
    for row in rows:
        cells = {name: "" if text == UNREAD else text for name, text in row.cells.items()}
        found.append([{**cells, REASON: why.get(row.number, "")}.get(name, "") for name in _headings(told)])
    return found


def _rejected_csv(told: ListFile, rows: list[ListRow], why: Mapping[int, str]) -> bytes:
    return csv_bytes([_headings(told), *_table(told, rows, why)], told.encoding, told.separator)


def _rejected_jsonl(_told: ListFile, rows: list[ListRow], why: Mapping[int, str]) -> bytes:
    def as_it_was(row: ListRow) -> dict[str, Any]:
        broken = row.fault is not None and row.fault.code == "list_line_broken"
        return {"line": row.line} if broken else json.loads(row.line)

    return jsonl_bytes({**as_it_was(row), REASON: why.get(row.number, "")} for row in rows)


def _rejected_xlsx(told: ListFile, rows: list[ListRow], why: Mapping[int, str]) -> bytes:
    sheet = Sheet("未收入", "tp_rejected", tuple(Column(one, 24, wraps=True) for one in _headings(told)), (REASON,))
    # Of an export the rows go on belonging to it: what was changed on record since is still told.
    facts = {name: value for name, value in told.properties.items() if name in ("desk", "revision")}
    return list_bytes(sheet, [[shown(cell) for cell in row] for row in _table(told, rows, why)], facts)


_WRITERS: dict[str, Callable[[ListFile, list[ListRow], Mapping[int, str]], bytes]] = {
    ".csv": _rejected_csv,
    ".jsonl": _rejected_jsonl,
    ".xlsx": _rejected_xlsx,
}
