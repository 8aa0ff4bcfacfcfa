"""``doctor --repair``: a damaged ledger restored from the newest good backup, the register written anew; nothing is thrown away."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tpdocs.actions.changes import ledger_of
from tpdocs.actions.doctor import LEDGER, REGISTER, CheckUp, archived_files
from tpdocs.actions.sync import sync
from tpdocs.actions.verdicts import told
from tpdocs.actions.written_rows import WrittenRows
from tpdocs.desk.files import free_name, held_back, make_folder, names_in, sha256_of
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, TpdocsError
from tpdocs.forms.values import shortened
from tpdocs.language import Phrase, phrase
from tpdocs.ledger.backups import backups_in, batches_after, copied_beside, fault_in_copy, last_batch
from tpdocs.ledger.store import Ledger
from tpdocs.register.book import UNREADABLE, Book
from tpdocs.register.columns import ACTION_SHEET, CONFLICT_SHEET, PROBLEM_SHEET, Sheet
from tpdocs.register.compare import Compared, compared
from tpdocs.register.keys import BETWEEN_KEYS

_SHOWN = 3  # cells of a row
_LISTED = 20
_LOOKED_AT = 5  # the number stands in one of the first columns
_NUMBER = re.compile(r"TP(\d{3,6})(?!\d)", re.IGNORECASE)
_BROKEN_LEDGER = frozenset(("desk_ledger_damaged", "desk_ledger_lost", "desk_ledger_missing"))
_BROKEN_REGISTER = frozenset(("desk_register_unusable", "desk_register_missing", "desk_register_part"))


@dataclass(slots=True)
class Repaired:
    """What a repair did, and what is `newer` than the backup that was restored: what the ledger lacks now.

    `broken_off`: why it went no further, with what is told here done all the same.
    """

    done: list[Phrase] = field(default_factory=list)
    newer: list[Phrase] = field(default_factory=list)
    broken_off: TpdocsError | None = None


class NotRepairedError(TpdocsError):
    """A desk cannot be repaired; nothing was changed."""


def repair(desk: Desk, found: CheckUp, now: datetime) -> Repaired:
    """Mend what can be mended; NotRepairedError when there is no good backup, NotWrittenError while the register is open.

    Any other TpdocsError where nothing was done yet.
    """
    result = Repaired()
    codes = {one.code for part in (LEDGER, REGISTER) for one in found.findings[part]}
    restored = bool(codes & _BROKEN_LEDGER)
    if not restored and not codes & _BROKEN_REGISTER:
        return result
    if held := held_back(desk.register):
        raise held
    try:
        if restored:
            _restore(desk, now, result)
        _rebuild(desk, now, result, restored=restored)
    except TpdocsError as error:
        if not result.done:
            raise
        result.broken_off = error
    return result


def _restore(desk: Desk, now: datetime, result: Repaired) -> None:
    good = next((path for path in backups_in(desk.root / "backup") if not fault_in_copy(path)), None)
    if good is None:
        raise NotRepairedError(
            "There is no good backup of the ledger in {path}. Nothing was changed; keep the damaged file, and take the archive into a new desk: “tpdocs ingest {archive}”.",
            path=desk.root / "backup", archive=desk.root / "archive",
        )  # fmt: skip
    number, at = last_batch(good)
    with desk.locked():
        copy = copied_beside(good, desk.ledger)
        # All of it in the copy: a repair that was ended half way must not leave a ledger that gives a number again.
        newer, known = _begun_anew(desk, copy, good.name, now)
        aside = _put_aside(desk, desk.ledger, "ledger-damaged", now)
        journal = desk.ledger.with_name(f"{desk.ledger.name}-journal")
        if journal.exists():
            _put_aside(desk, journal, "ledger-damaged-journal", now)
        copy.replace(desk.ledger)
    if aside is not None:
        result.done.append(phrase("The damaged ledger was put aside: {path}", path=aside.name))
        for one, command, when in batches_after(aside, number):
            told_batch = phrase("batch {batch}, {command}, {at}", batch=one, command=command, at=when.replace("T", " "))
            result.newer.append(told_batch)
    result.done.append(
        phrase("The ledger was restored from {path}, as of batch {batch} ({at})", path=good.name, batch=number, at=at.replace("T", " "))
    )  # fmt: skip
    result.newer += newer
    for path in archived_files(desk):
        where = path.relative_to(desk.root).as_posix()
        if where not in known and sha256_of(path.read_bytes()) not in known:
            result.newer.append(phrase("a form in the archive; take it in again: “tpdocs ingest {path}”", path=where))


def _begun_anew(desk: Desk, copy: Path, backup: str, now: datetime) -> tuple[list[Phrase], set[str]]:
    """A restored copy made the ledger of a new time, with every number given that was seen; what is lacking, and the files it knows, by path and by hash."""
    ledger, lacking = Ledger(copy), []
    try:
        with ledger.transaction() as transaction:
            transaction.begin_anew()
            missing = range(len(transaction.numbers()), _last_number_seen(desk))
            if missing:
                batch = transaction.begin_batch("repair", now.isoformat(timespec="seconds"), comment=backup)
                given = [transaction.give_number(batch) for _ in missing]
                text = phrase("the numbers up to {number}, which stay given, with nothing on record", number=given[-1])
                lacking.append(text)
            return lacking, {told for _, path, digest in transaction.log.files() for told in (path, digest)}
    finally:
        ledger.close()


def _last_number_seen(desk: Desk) -> int:
    """The highest number that a folder of the archive, a form handed out or the register shows: none is given twice."""
    # An empty folder is easily lost where a desk is copied.
    folders = [desk.root / name for name in ("archive", "outbox", "returned")]
    seen = [name for folder in folders if folder.exists() for name in names_in(folder)]
    try:
        book = Book(desk.register.read_bytes())
        part = book.tables[PROBLEM_SHEET.table].sheet_part
        seen += [str(cell) for _, cells in book.rows(part) for cell in cells[:_LOOKED_AT]]
    except (*UNREADABLE, OSError, KeyError):
        pass  # it tells nothing; the archive does
    return max((int(found[1]) for name in seen if (found := _NUMBER.match(name))), default=0)


def _rebuild(desk: Desk, now: datetime, result: Repaired, *, restored: bool) -> None:
    """A register that cannot be used, or that knows more than the ledger, is put aside and written anew."""
    if desk.register.exists():
        if restored:
            result.newer += _told_by_register(desk)
        aside = _put_aside(desk, desk.register, "register-aside", now)
        if aside is not None:
            result.done.append(phrase("The register that was there was put aside: {path}", path=aside.name))
    sync(desk, now)
    result.done.append(phrase("The register was written anew from the ledger: {path}", path=desk.register.name))


def _told_by_register(desk: Desk) -> list[Phrase]:
    """What a register says that the restored ledger does not: the best witness of what was lost."""
    told_by: list[Phrase] = []
    for sheet, found in _compared(desk):
        if sheet is PROBLEM_SHEET:
            rows = found.unknown.items()
            told_by += [phrase("{number}, row {row} of the register", number=key, row=row) for key, row in rows]
            for row, values in found.new:
                words = shortened(" ".join(str(value) for value in list(values.values())[:_SHOWN]))
                told_by.append(phrase("row {row} of the register, without a number: “{value}”", row=row, value=words))
        for key, line in found.rows.items():
            for one in line.differences:
                column = sheet.columns[one.place]
                if one.place in sheet.editable:
                    facts = {"number": key.replace(BETWEEN_KEYS, " "), "label": column.heading}
                    words = shortened(told(one.theirs, column))
                    told_by.append(phrase("{number} “{label}” in the register: “{value}”", value=words, **facts))
    more = len(told_by) - _LISTED
    return told_by if more <= 0 else [*told_by[:_LISTED], phrase("and {count} more", count=more)]


def _compared(desk: Desk) -> list[tuple[Sheet, Compared]]:
    """The register against what the ledger knows of it; nothing where it cannot be read."""
    try:
        book = Book(desk.register.read_bytes())
        with ledger_of(desk) as ledger, ledger.reading() as transaction:
            bases = {
                PROBLEM_SHEET: WrittenRows.of_problems(transaction.faces.faces()),
                **{one: WrittenRows.of_list(one, transaction.faces.lists()) for one in (ACTION_SHEET, CONFLICT_SHEET)},
            }
            return [
                (sheet, compared(book, book.tables[sheet.table], base, whole=False))
                for sheet, base in bases.items()
                if sheet.table in book.tables
            ]
    except (*UNREADABLE, OSError):
        return []


def _put_aside(desk: Desk, path: Path, name: str, now: datetime) -> Path | None:
    """Move a file into ``backup/``; None when there is none."""
    if not path.exists():
        return None
    folder = desk.root / "backup"
    make_folder(folder)
    target = free_name(
        folder / f"{name}-{now:%Y%m%d-%H%M%S}{path.suffix if path.suffix in ('.db', '.xlsx', '.xlsm') else ''}"
    )
    try:
        if path.stat().st_dev == folder.stat().st_dev:
            path.replace(target)
        else:
            target.write_bytes(path.read_bytes())
            path.unlink()
    except OSError as error:
        raise NotWrittenError(
            "{path} cannot be put aside ({error}). Close it in other programs and try again.", path=path, error=error.strerror or str(error)
        ) from error  # fmt: skip
    return target
