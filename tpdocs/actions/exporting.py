"""``export``: any list as .xlsx, .csv or .jsonl."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tpdocs.actions.facing import document_rows, facing
from tpdocs.actions.verdicts import told
from tpdocs.desk.files import write_whole
from tpdocs.desk.folder import Desk
from tpdocs.errors import UsageError
from tpdocs.forms.fields import Kind
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import WITHDRAWN
from tpdocs.forms.standard import FORMS, located
from tpdocs.forms.values import text_of
from tpdocs.ledger.store import Ledger, Transaction
from tpdocs.register.cells import Shown, moment_of, plain, shown
from tpdocs.register.columns import (
    ACTION_SHEET,
    CONFLICT_SHEET,
    DOCUMENT_SHEET,
    PROBLEM_SHEET,
    TODO_SHEET,
    Column,
    Sheet,
)
from tpdocs.register.listing import list_bytes
from tpdocs.register.lists import SUFFIXES, csv_bytes, jsonl_bytes

_BATCHES = Sheet(
    "批次", "tp_batches",
    (
        Column("批次", 8), Column("时间", 18, kind=Kind.TIME), Column("命令", 12), Column("操作人", 14), Column("文件数", 8),
        Column("修订数", 8), Column("撤回批次", 10), Column("问题编号", 40, wraps=True), Column("备注", 40, wraps=True),
    ),
    ("批次",),
)  # fmt: skip
_HISTORY = Sheet(
    "修订记录", "tp_history",
    (
        Column("编号", 11), Column("修订", 8), Column("批次", 8), Column("时间", 18, kind=Kind.TIME), Column("表单", 24), Column("轮次", 6),
        Column("字段", 24, wraps=True), Column("原值", 40, wraps=True), Column("新值", 40, wraps=True), Column("来源", 12),
        Column("文件", 30, wraps=True), Column("操作人", 14), Column("备注", 30, wraps=True),
    ),
    ("编号",),
)  # fmt: skip
LISTS: dict[str, Sheet] = {
    "problems": PROBLEM_SHEET,
    "todo": TODO_SHEET,
    "actions": ACTION_SHEET,
    "conflicts": CONFLICT_SHEET,
    "documents": DOCUMENT_SHEET,
    "batches": _BATCHES,
    "history": _HISTORY,
}
_STATUS_AT = PROBLEM_SHEET.position("问题状态")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written: where, and how many rows."""

    path: Path
    rows: int


def export(
    desk: Desk, name: str, path: Path, now: datetime, *, everything: bool = False, encoding: str = "utf-8", overwrite: bool = False
) -> Exported:  # fmt: skip
    """Write a list; the suffix of `path` says as what. `everything`: withdrawn problems too. UsageError where a file is in the way."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError("{path} must end in .xlsx, .csv or .jsonl.", path=path)
    if path.exists() and not overwrite:
        raise UsageError("{path} is there already. Name another file, or say --overwrite.", path=path)
    sheet = LISTS[name]
    ledger = Ledger(desk.ledger)
    try:
        with ledger.reading() as transaction:
            rows = _rows(name, transaction, desk, now, everything=everything)
            properties = {"desk": ledger.desk_id, "revision": str(transaction.last_revision())}
    finally:
        ledger.close()
    write_whole(path, _bytes(sheet, rows, suffix, encoding, properties))
    return Exported(path, len(rows))


def _rows(name: str, transaction: Transaction, desk: Desk, now: datetime, *, everything: bool) -> list[list[Shown]]:
    if name == "batches":
        return _batch_rows(transaction)
    if name == "history":
        return _history_rows(transaction)
    if name == "documents":
        return list(document_rows(transaction))
    view = facing(transaction, desk.settings, now, transaction.faces.newest())
    if name != "problems":
        return view.rows(LISTS[name].table)
    every = {**transaction.faces.faces(), **view.fresh}
    cells = [one.cells for _, one in sorted(every.items(), key=lambda item: (len(item[0]), item[0])) if one.has_row]
    return [row for row in cells if row and (everything or row[_STATUS_AT] != WITHDRAWN)]


def _batch_rows(transaction: Transaction) -> list[list[Shown]]:
    return [
        [
            one.id, shown(datetime.fromisoformat(one.at)), one.command, one.person, one.documents, one.revisions,
            one.undone_by or None, shown("、".join(one.subjects)), one.comment,
        ]
        for one in transaction.batches()
    ]  # fmt: skip


def _history_rows(transaction: Transaction) -> list[list[Shown]]:
    """A row for each field that a revision changed; one without fields for what happened to a form or problem as a whole."""
    found: list[list[Shown]] = []
    for one in transaction.history():
        spec = FORMS.get(one.form)
        head: list[Shown] = [
            one.subject, one.id, one.batch, shown(datetime.fromisoformat(one.at)), spec.name if spec else None, one.round,
        ]  # fmt: skip
        tail = [one.source, one.document, one.person, shown(one.comment)]
        if one.event or one.gone or spec is None:
            what = " ".join(filter(None, [one.event, one.duplicate_of, "gone" if one.gone else ""]))
            found.append([*head, None, None, what, *tail])
            continue
        for change in one.changes:
            field, _, label = located(spec, change["field"])
            old, new = (
                value if isinstance(value, str) else text_of(field, value) for value in (change["old"], change["new"])
            )
            found.append([*head, label, shown(old), shown(new), *tail])
    return found


def _bytes(
    sheet: Sheet, rows: Sequence[Sequence[Shown]], suffix: str, encoding: str, properties: dict[str, str]
) -> bytes:
    if suffix == ".xlsx":
        # A link leads from where the register lies; a list may lie anywhere.
        bare = [[cell[2] if type(cell) is list and cell[0] == "l" else cell for cell in row] for row in rows]
        return list_bytes(sheet, bare, properties)
    if suffix == ".csv":
        return csv_bytes(_texts(sheet, rows), encoding)
    names = [column.path if sheet is PROBLEM_SHEET and column.path else column.heading for column in sheet.columns]
    return jsonl_bytes({name: _json(cell) for name, cell in zip(names, row, strict=True)} for row in rows)


def _texts(sheet: Sheet, rows: Iterable[Sequence[Shown]]) -> Iterable[list[str]]:
    yield list(sheet.headings)
    for row in rows:
        yield [_text(cell, column) for cell, column in zip(row, sheet.columns, strict=True)]


def _text(cell: Shown, column: Column) -> str:
    moment = _moment(cell)
    return str(moment) if moment else str(cell[2]) if type(cell) is list else told(plain(cell), column)


def _json(cell: Shown) -> Any:
    moment = _moment(cell)
    return moment.isoformat() if moment else cell[2] if type(cell) is list else cell


def _moment(cell: Shown) -> Moment | None:
    """A time as it was written, midnight included."""
    if type(cell) is not list or cell[0] == "l":
        return None
    found = moment_of(cell[1])
    return Moment(found.at, {"d": "day", "m": "minute", "s": "second"}[cell[0]]) if found else None
