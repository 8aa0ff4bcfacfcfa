"""``sync``: what people changed in the register goes into the ledger, what the ledger knows goes into the register."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tpdocs.actions import waiting
from tpdocs.actions.cell_merge import CellMerge
from tpdocs.actions.changes import TakenBackError, ledger_of, take_back_if
from tpdocs.actions.document_list import DocumentLines
from tpdocs.actions.editing import Editor
from tpdocs.actions.facing import Facing, facing, made_with
from tpdocs.actions.lists_out import Out, without_room
from tpdocs.actions.opening import Opening
from tpdocs.actions.refusals import Refusals, left_in_rounds
from tpdocs.actions.register_in import ProblemsIn
from tpdocs.actions.register_lists import ListsIn
from tpdocs.actions.register_new import NewRows
from tpdocs.actions.register_out import TWICE, There, register_with
from tpdocs.actions.verdicts import UNCHANGED, RowVerdict, Taken
from tpdocs.actions.written_rows import WrittenRows
from tpdocs.desk.files import held_back, lies_there, sha256_of, write_whole
from tpdocs.desk.folder import UNREAD_KINDS, Desk
from tpdocs.errors import NotWrittenError
from tpdocs.findings import DocumentError, Finding
from tpdocs.ledger.faces import KeptFace, NewWriting, Superseded, Written
from tpdocs.ledger.store import Ledger, Transaction
from tpdocs.register.book import Book, RegisterError, TableAt, refused
from tpdocs.register.columns import ACTION_SHEET, CONFLICT_SHEET, LIST_SHEETS, PROBLEM_SHEET
from tpdocs.register.compare import Compared, compared
from tpdocs.register.keys import key_of

_TRIES = 3


@dataclass(slots=True)
class Synced:
    """What a sync did: verdicts on the rows people changed, what is to flag about them, whether the register was `written`, and whether it was `older` than the last writing."""

    path: Path
    revision: int = 0
    problems: int = 0
    batch: int = 0
    verdicts: list[RowVerdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    written: bool = False
    older: bool = False

    def as_json(self) -> dict[str, Any]:
        """The documented JSON."""
        return {"rows": [one.as_json() for one in self.verdicts], "findings": [one.as_json() for one in self.findings]}

    @property
    def needs_a_person(self) -> bool:
        """Whether somebody has to see to a row."""
        return any(one.severity == "error" for one in self.findings) or any(
            one.verdict in ("conflict", "invalid") for one in self.verdicts
        )


class RegisterWaitsError(NotWrittenError):
    """The register cannot be written now; what people changed in it has been taken in all the same, as `synced` tells."""

    def __init__(self, held: NotWrittenError, synced: Synced) -> None:
        super().__init__(held.template, **held.parts)
        self.synced = synced


@contextmanager
def _without_sweeping() -> Iterator[None]:
    """Python looks for garbage again and again while thousands of rows pile up, and there is none: that took a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class _Register:
    """The register as it lies there: its bytes, whether they are those of the last writing, and whether there is nothing to be read in them.

    Where something stands in it that could not be taken in, it is read again: the ledger may have come to differ from it, and whoever
    asks hears of it for as long as it stands.
    """

    def __init__(self, data: bytes | None, last: Written | None) -> None:
        self.data, self.last = data, last
        self.as_we_left_it = data is not None and last is not None and sha256_of(data) == last.sha256
        self.says_nothing = data is None or (self.as_we_left_it and not Refusals.of(last).any)


def sync(desk: Desk, now: datetime, *, dry_run: bool = False, person: str = "", comment: str = "") -> Synced:
    """Merge register and ledger; RegisterError or NotWrittenError when the register cannot be read or written, the ledger is right all the same."""
    with _without_sweeping(), ledger_of(desk) as ledger:
        try:
            done = _tried(_Sync(desk, ledger, now, person, comment), dry_run=dry_run)
        except (NotWrittenError, RegisterError):
            _back_up(ledger, desk, dry_run=dry_run)
            raise
        _back_up(ledger, desk, dry_run=dry_run)
        return done


def _tried(one: "_Sync", *, dry_run: bool) -> Synced:
    for _ in range(_TRIES):
        done = one.run(dry_run=dry_run)
        if done is not None:
            return done
    raise NotWrittenError(
        "{path} is being changed while tpdocs works on it. Close it and run “tpdocs sync”.", path=one.desk.register
    )


def _back_up(ledger: Ledger, desk: Desk, *, dry_run: bool) -> None:
    """Every command that changes the ledger ends with a sync, so this is once a batch."""
    if not dry_run:
        ledger.back_up(desk.root / "backup")


@dataclass(slots=True)
class _Sync:
    desk: Desk
    ledger: Ledger
    now: datetime
    person: str
    comment: str
    batch: int = 0
    writes: bool = True

    def run(self, *, dry_run: bool) -> Synced | None:
        """One sync; None when somebody saved the register meanwhile."""
        desk = self.desk
        data = _read(desk.register)
        done = Synced(desk.register)
        held = None if dry_run else held_back(desk.register)
        self.writes = not dry_run and held is None
        made = b""
        try:
            with self.ledger.transaction() as transaction:
                last = transaction.faces.newest()
                register = _Register(data, last)
                there = self._opened(register, transaction)
                taken = self._taken(there, register, transaction)
                whole = _other_columns(there, last)
                view = facing(transaction, desk.settings, self.now, last, whole=whole, written=there.lists)
                done.older = there.book is not None and last is not None and not self._is_newest(there.book, register)
                if done.older:
                    taken.findings.insert(0, Finding(code="register_older"))
                self._tell(done, taken, there.found, transaction)
                is_news = bool(taken.touched) or taken.refusals.cells != Refusals.of(last).cells
                take_back_if(dry_run or (held is not None and not is_news))
                if held is not None and last is not None:
                    layout = waiting.layout_with(last, there.found if there.newest else {}, taken)
                    transaction.faces.lay_out(last, layout)
                if held is None:
                    made = self._write(view, there, taken, register, transaction)
        except TakenBackError:
            done.batch = 0
        except DocumentError as error:  # a part that is read late: nothing of what was read before it counts
            raise refused(error) from error
        if dry_run:
            return done
        if held is not None:
            raise RegisterWaitsError(held, done)
        return self._replaced(data, made, done)

    def _replaced(self, data: bytes | None, made: bytes, done: Synced) -> Synced | None:
        """The new register in the place of the one that was read; None when somebody saved it meanwhile."""
        desk = self.desk
        if made == data:
            done.written = True
            return done
        if not lies_there(desk.register, data):
            return None
        desk.keep_version(data)
        write_whole(desk.register, made)
        done.written = True
        return done

    def _opened(self, register: _Register, transaction: Transaction) -> There:
        """The register opened and compared, where there is one that is not as we left it."""
        if register.data is None or register.says_nothing:
            return There(Book(register.data) if register.data is not None else None)
        book = Book(register.data)
        _check_owner(book, self.ledger.desk_id, register.last, self.desk.register)
        if book.properties.get("epoch", "") != transaction.epoch:
            raise _newer(self.desk.register)
        newest = self._is_newest(book, register)
        faces = transaction.faces.faces()
        lists = {number: one.lists for number, one in faces.items() if one.has_lines}
        before = waiting.recall(register.last, faces, lists) if newest and register.last is not None else {}
        older = {} if newest else transaction.faces.base(book.written)
        found: dict[str, Compared] = {}
        for sheet in (PROBLEM_SHEET, ACTION_SHEET, CONFLICT_SHEET):
            table = book.tables.get(sheet.table)
            if table is None:
                continue
            is_big = sheet is PROBLEM_SHEET
            base = WrittenRows.of_problems(faces) if is_big else WrittenRows.of_list(sheet, lists)
            base.add({key: cells for (name, key), cells in older.items() if name == sheet.table})
            # Of the big one every row is read; what will be written is packed on the way.
            keep = is_big and self.writes
            back = _columns_that_are_back(table, register.last)
            found[sheet.table] = compared(book, table, base, whole=not newest or bool(back), keep=keep)
            found[sheet.table].refill(back)
            waiting.mark_restored(found[sheet.table], before.get(sheet.table, {}))
        return There(book, found, faces, newest, register.as_we_left_it, lists)

    def _taken(self, there: There, register: _Register, transaction: Transaction) -> Taken:
        taken, book, found = Taken(), there.book, there.found
        if not found or book is None:
            return taken
        editor = Editor(transaction, self._begin(transaction), self.now, "register", self.person)
        newest = self._is_newest(book, register)
        known = there.lists or {}
        roomless = {one.table: without_room(one, register.last, known) for one in (ACTION_SHEET, CONFLICT_SHEET)}
        merge = CellMerge(editor, taken, newest, Refusals.of(register.last))
        lists, rows = ListsIn(transaction, merge, book.revision, roomless), ProblemsIn(transaction, merge)
        if CONFLICT_SHEET.table in found:
            lists.choices(found[CONFLICT_SHEET.table])
        rows.take(found[PROBLEM_SHEET.table], book.tables[PROBLEM_SHEET.table].letters)
        said = waiting.opened(register.last) if newest else {}
        NewRows(transaction, merge, rows, Opening(editor), book.revision, said).take(found[PROBLEM_SHEET.table])
        if ACTION_SHEET.table in found:
            lists.actions(found[ACTION_SHEET.table])
        for sheet in (PROBLEM_SHEET, *LIST_SHEETS):
            table = book.tables.get(sheet.table)
            if table is None:
                taken.findings.append(Finding(code="sheet_missing", parts={"sheet": sheet.name}))
            for heading in table.missing if table else ():
                code = "column_twice" if table is not None and heading in table.twice else "column_missing"
                taken.findings.append(Finding(code=code, label=heading, parts={"sheet": sheet.name}))
        return taken

    @staticmethod
    def _is_newest(book: Book, register: _Register) -> bool:
        """Whether a workbook is of the last writing."""
        return register.last is not None and (register.as_we_left_it or book.written == register.last.id)

    def _begin(self, transaction: Transaction) -> Callable[[], int]:
        def begun() -> int:
            if not self.batch:
                at = self.now.isoformat(timespec="seconds")
                self.batch = transaction.begin_batch("sync", at, self.person, self.comment)
            return self.batch

        return begun

    def _tell(self, done: Synced, taken: Taken, found: dict[str, Compared], transaction: Transaction) -> None:
        numbers = transaction.numbers()
        done.problems, done.revision, done.batch = len(numbers), transaction.last_revision(), self.batch
        done.findings = taken.findings
        if other := self.desk.other_register:
            code = "register_kind" if other.suffix in UNREAD_KINDS else "register_two"
            done.findings.append(Finding(code=code, parts={"path": self.desk.register.name, "other": other.name}))
        if PROBLEM_SHEET.table in found:
            rest = [RowVerdict(one) for one in numbers if one not in taken.verdicts]
            done.verdicts = [*taken.verdicts.values(), *rest]
        else:
            done.verdicts = [RowVerdict(one, UNCHANGED) for one in numbers]

    def _write(self, view: Facing, there: There, taken: Taken, register: _Register, transaction: Transaction) -> bytes:
        """The new workbook, and what it shows kept with the ledger: first the ledger, then the file, so a crash leaves an older copy."""
        faces, settings = transaction.faces, self.desk.settings
        known = faces.known()
        old = faces.faces(view.fresh)  # as written: those at hand may have been brought to what was taken in since
        taken.findings += left_in_rounds(transaction, view.typed, old)
        last = register.last
        current = last is not None and last.made_with == made_with(settings)
        documents = DocumentLines(transaction, last.document if last is not None and current else 0)
        if there.book is None:
            there.kept = faces.faces()
        out = register_with(self.ledger.desk_id, view, documents, there, taken, last, old)
        if out.nothing and register.data is not None and register.as_we_left_it:
            return register.data
        number = (register.last.id if register.last else 0) + 1
        revision = known.revision
        facts = {
            "desk": self.ledger.desk_id,
            "revision": str(revision),
            "written": str(number),
            "epoch": transaction.epoch,
        }
        _keep_what_was_not_written(out, view, old)
        made = out.writer.result({name: told for name, told in facts.items() if told})
        new = NewWriting(
            self.now.isoformat(timespec="seconds"), known, made_with(settings), sha256_of(made), out.layout(),
            list(view.fresh.values()), _superseded(old, view),
        )  # fmt: skip
        faces.add(new)
        faces.place(out.positions)
        return made


def _columns_that_are_back(table: TableAt, last: Written | None) -> frozenset[int]:
    """The columns that were not there when the register was written last, and are there now."""
    away = (last.layout.get(table.sheet.table) or {}).get("missing", ()) if last is not None else ()
    return frozenset(table.sheet.position(one) for one in away if one not in table.missing)


def _other_columns(there: There, last: Written | None) -> bool:
    """Whether the sheet of problems has other columns than when it was written last: then every row is looked at."""
    table = there.book.tables.get(PROBLEM_SHEET.table) if there.found and there.book is not None else None
    known = last.layout.get(PROBLEM_SHEET.table) if last is not None else None
    return table is not None and known is not None and sorted(table.missing) != sorted(known["missing"])


def _keep_what_was_not_written(out: Out, view: Facing, old: dict[str, KeptFace]) -> None:
    """A column that people renamed, or rows that share a number, were not written: what they said before is still their base."""
    place = out.writer.places.get(PROBLEM_SHEET.table)
    lacking = set(range(len(PROBLEM_SHEET.columns))) - set(place.table.letters) if place is not None else set()
    every = set(range(len(PROBLEM_SHEET.columns)))
    for number, one in view.fresh.items():
        kept = every if one.position == TWICE else lacking
        cells = one.cells if kept else None
        if cells is not None:
            before = old[number].cells if number in old else None
            one.set_cells([(before[at] if before else None) if at in kept else cell for at, cell in enumerate(cells)])


def _superseded(old: dict[str, Any], view: Facing) -> list[Superseded]:
    """Rows that this writing shows otherwise than the one before."""
    found: list[Superseded] = []
    for number, fresh in view.fresh.items():
        before = old.get(number)
        if fresh.has_row and (before is None or before.cells_json != fresh.cells_json):
            found.append(
                Superseded(PROBLEM_SHEET.table, number, before.cells_json if before and before.has_row else None)
            )
        if before is not None and before.lists_json == fresh.lists_json:
            continue
        lists, old_lists = view.lists[number], before.lists if before else {}
        for sheet in (ACTION_SHEET, CONFLICT_SHEET):
            was = {key_of(sheet, row): row for row in old_lists.get(sheet.table, [])}
            now = {key_of(sheet, row): row for row in lists.get(sheet.table, [])}
            found += [
                Superseded.of(sheet.table, key, was.get(key)) for key in {*was, *now} if was.get(key) != now.get(key)
            ]
    return found


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RegisterError(
            "{path} cannot be read ({error}). Close it in Excel, WPS Office or LibreOffice and run “tpdocs sync”.",
            path=path, error=error.strerror or str(error),
        ) from error  # fmt: skip


def _newer(path: Path) -> RegisterError:
    return RegisterError(
        "{path} is of another time than the ledger, which was probably restored from a backup. Rename it and run “tpdocs sync”; then carry over what the ledger lacks.",
        path=path,
    )


def _check_owner(book: Book, desk_id: str, last: Written | None, path: Path) -> None:
    desk = book.properties.get("desk", "")
    if desk and desk != desk_id:
        raise RegisterError(
            "{path} is the register of another desk ({value}). Put this desk's own there, or rename the file and run “tpdocs sync”.",
            path=path, value=desk[:8],
        )  # fmt: skip
    if not desk or not book.written:
        raise RegisterError(
            "{path} does not say which desk it belongs to, so nothing can be taken in from it. Rename it and run “tpdocs sync”, which writes a new one.",
            path=path,
        )
    if last is None or book.written > last.id:
        raise _newer(path)
    if PROBLEM_SHEET.table not in book.tables:
        raise RegisterError(
            "The table of the sheet “{sheet}” is gone from {path}. Make it a table again with the name {table}, or rename the file and run “tpdocs sync”, which writes a new one.",
            sheet=PROBLEM_SHEET.name, table=PROBLEM_SHEET.table, path=path,
        )  # fmt: skip
