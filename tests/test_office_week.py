"""What an office does with a desk, in any order: nothing that anybody wrote is lost, goes elsewhere or is taken in twice."""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.conftest import NOW, filled
from tests.records import good
from tests.register_tools import Edit, cli, shown
from tests.test_hands import saved_again
from tests.test_ingest import put
from tests.test_sync import FULL_ROW
from tpdocs.actions.look import reading
from tpdocs.actions.setting import batches
from tpdocs.actions.sync import sync
from tpdocs.desk.folder import Desk
from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import Record
from tpdocs.register.columns import (
    ACTION_SHEET,
    ACTIONS,
    CONFLICTS,
    PROBLEM_SHEET,
    PROBLEMS,
    TAKE_OURS,
    TAKE_THEIRS,
)

TEXTS = ("report.contact", "implementation.owner", "triage.accepted_by", "closure.closed_by")
TIMES = ("report.reported_at", "implementation.finished_at", "closure.closed_at")
HEADINGS = {path: FIELDS[path].label for path in (*TEXTS, *TIMES)}
ACTION_TEXTS = {"owner": "责任人", "due": "计划完成日期", "done_at": "实际完成日期"}
ACTION = {"problem": "遗留一", "plan": "计划一", "owner": "甲", "due": "2026-04-01"}
WORDS = re.compile("〔([^|〕]+)[|]([^|〕]+)[|]([0-9]+)〕")  # whose it is, of which field, and which it is of all
NUMBERS = st.sampled_from(["TP001", "TP002", "TP003", "TP003"])
HOW = st.sampled_from(["text", "text", "time", "empty", "error"])


class Office(RuleBasedStateMachine):
    """People and forms; `made` is the desk they begin with."""

    made: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.desk = Desk(shutil.copytree(self.made, self.folder / "desk"))
        self.told, self.count = "", 0
        self.actions = [ACTION]
        self.copies: list[bytes] = []

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    # What people write says whose it is, so that it is known wherever it turns up.

    def words(self, whose: str, field: str) -> str:
        self.count += 1
        return f"〔{whose}|{field}|{self.count}〕"

    def value(self, whose: str, path: str, how: str) -> Any:
        if how in {"empty", "error"}:
            return {"empty": None, "error": "#N/A"}[how]
        if how == "time" and path not in TEXTS and path != "owner":
            self.count += 1
            return datetime(2026, 3, 1) + timedelta(hours=self.count)
        return self.words(whose, path)

    @initialize()
    def an_action(self) -> None:
        self.verification()
        self.command("sync")

    @rule(number=NUMBERS, path=st.sampled_from([*TEXTS, *TIMES]), how=HOW)
    def edit(self, number: str, path: str, how: str) -> None:
        with Edit(self.desk) as book:
            numbers = [cell.value for cell in book[PROBLEMS].sheet["A"]]
            if number in numbers:
                book[PROBLEMS].put(number, HEADINGS[path], self.value(number, path, how))

    @rule(at=st.integers(0, 3), name=st.sampled_from(list(ACTION_TEXTS)), how=HOW)
    def edit_an_action(self, at: int, name: str, how: str) -> None:
        with Edit(self.desk) as book:
            sheet = book[ACTIONS]
            rows = [row for row in range(2, sheet.sheet.max_row + 1) if "遗留" in str(sheet.cell(row, "内容").value)]
            if rows:
                row = rows[at % len(rows)]
                what = str(sheet.cell(row, "内容").value)
                sheet.put(row, ACTION_TEXTS[name], self.value(what, name, how))

    @rule(at=st.integers(0, 3), choice=st.sampled_from([TAKE_THEIRS, TAKE_OURS, "不知道"]))
    def choose(self, at: int, choice: str) -> None:
        """Somebody chooses between the two sides that the sheet shows; a choice settles it."""
        stand = self.conflicts()
        if not stand or self.owner_file.exists():
            return
        one = stand[at % len(stand)]
        with Edit(self.desk) as book:
            book[CONFLICTS].put(one[0], "取舍", choice)
        self.command("sync")
        if choice != "不知道":
            assert one[1:] not in [other[1:] for other in self.conflicts()]

    def conflicts(self) -> list[tuple[Any, ...]]:
        """The conflicts that the register shows: in which row, about what, both sides."""
        sheet = shown(self.desk, CONFLICTS)
        rows = [row for row in range(2, sheet.sheet.max_row + 1) if sheet.cell(row, "编号").value]
        headings = ("编号", "表单", "轮次", "字段", TAKE_THEIRS, TAKE_OURS)
        return [(row, *(sheet.cell(row, one).value for one in headings)) for row in rows]

    @rule(alike=st.booleans(), whole=st.booleans())
    def type_a_problem(self, alike: bool, whole: bool) -> None:  # noqa: FBT001 - hypothesis names them
        with Edit(self.desk) as book:
            sheet = book[PROBLEMS]
            row = sheet.sheet.max_row + 1
            title = {} if alike else {"问题标题": self.words("new", "report.title")}
            cells = {**FULL_ROW, **title, "联系方式": self.words("new", "report.contact")}
            for heading, value in cells.items():
                if whole or heading != "影响范围":
                    sheet.put(row, heading, value)

    @rule(number=NUMBERS, path=st.sampled_from(TEXTS[:3]), empty=st.booleans())
    def set(self, number: str, path: str, empty: bool) -> None:  # noqa: FBT001
        self.command("set", number, f"{path}={'' if empty else self.words(number, path)}")

    @rule(
        number=NUMBERS,
        path=st.sampled_from(TEXTS[:3]),
        cleared=st.sampled_from(["nowhere", "register", "ledger"]),
        choice=st.sampled_from([TAKE_THEIRS, TAKE_OURS, ""]),
    )
    def disagree(self, number: str, path: str, cleared: str, choice: str) -> None:
        """The same field is changed in the register and from the command line, and somebody may choose."""
        self.command("sync")
        self.edit(number, path, "empty" if cleared == "register" else "text")
        self.set(number, path, empty=cleared == "ledger")
        for at in range(len(self.conflicts()) if choice else 0):
            self.choose(at, choice)

    @rule(
        at=st.integers(0, 3),
        name=st.sampled_from(list(ACTION_TEXTS)),
        how=st.sampled_from(["before", "gone", "turned"]),
    )
    def disagree_on_an_action(self, at: int, name: str, how: str) -> None:
        """Something is typed for an action that a newer form moves, and changes."""
        self.command("sync")
        self.edit_an_action(at, name, "text")
        self.actions = [{**row, "owner": self.words(row["problem"], "owner")} for row in self.actions]
        self.newer_verification(how, at)

    @rule(how=st.sampled_from(["before", "after", "gone", "turned", "owner"]), at=st.integers(0, 3))
    def newer_verification(self, how: str, at: int) -> None:
        rows = [dict(row) for row in self.actions]
        one = rows[at % len(rows)]
        if how in {"before", "after"}:
            self.count += 1
            new = {**ACTION, "problem": f"遗留{self.count}", "owner": "乙"}
            rows = [new, *rows] if how == "before" else [*rows, new]
        elif how == "gone" and len(rows) > 1:
            rows.remove(one)
        elif how == "turned":
            rows.reverse()
        else:
            one["owner"] = self.words(one["problem"], "owner")
        self.actions = rows
        self.verification()

    def verification(self) -> None:
        record = Record("verification", good("verification", residual=True, residuals=self.actions))
        put(self.desk, f"f06-{self.count}.docx", filled("F06", record, number="TP002"))
        self.command("ingest")

    @rule(back=st.integers(1, 5))
    def undo(self, back: int) -> None:
        known = batches(self.desk)
        self.command("undo", str(known[-min(back, len(known))].id))

    @rule(number=NUMBERS, how=st.sampled_from([("close", "--by", "王五"), ("reopen", "--reason", "再现")]))
    def end_or_begin(self, number: str, how: tuple[str, ...]) -> None:
        self.command(how[0], number, *how[1:])

    @rule()
    def keep_a_copy(self) -> None:
        self.copies.append(self.desk.register.read_bytes())

    @precondition(lambda self: self.copies)
    @rule(at=st.integers(0, 9))
    def save_a_copy_over_it(self, at: int) -> None:
        # What was not taken in yet goes with the file, which is nobody's fault but the person's.
        self.command("sync")
        self.desk.register.write_bytes(self.copies[at % len(self.copies)])

    @property
    def owner_file(self) -> Path:
        return self.desk.root / "~$register.xlsx"

    @rule()
    def open_or_close(self) -> None:
        if self.owner_file.exists():
            self.owner_file.unlink()
        else:
            self.owner_file.write_bytes(b"\x05Zhang" + bytes(160))

    @rule()
    def try_it(self) -> None:
        before = self.desk.ledger.read_bytes(), self.desk.register.read_bytes()
        cli(self.desk, "sync", "--dry-run")
        assert (self.desk.ledger.read_bytes(), self.desk.register.read_bytes()) == before

    @rule()
    def take_in(self) -> None:
        self.command("sync")

    # What must hold after each command.

    def command(self, *arguments: str) -> None:
        written = set(self.in_the_register())
        done = cli(self.desk, *arguments)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        self.told += done.output
        if done.exit_code not in (0, 1) or "says so already" in done.output:
            return  # nothing was done, so the register was not looked at
        known = json.dumps(self.on_record(), ensure_ascii=False) + self.told
        there = "".join(text for _, _, text in self.in_the_register())
        for _, _, text in written:
            assert text in known or text in there, f"{text} is lost"
        self.check_places()
        if not self.owner_file.exists():
            self.check_rest()

    def in_the_register(self) -> Iterator[tuple[str, str, str]]:
        """All that people wrote into cells: by whose row, which heading, what."""
        for spec, key in ((PROBLEM_SHEET, "问题编号"), (ACTION_SHEET, "内容")):
            sheet = shown(self.desk, spec.name)
            for row in range(2, sheet.sheet.max_row + 1):
                for heading in (column.heading for column in spec.columns if column.editable):
                    text = str(sheet.cell(row, heading).value)
                    if found := WORDS.search(text):
                        yield str(sheet.cell(row, key).value), heading, found[0]

    def on_record(self) -> list[Any]:
        with reading(self.desk) as transaction:
            return [(one.form, one.changes, one.conflicts) for one in transaction.history()] + [
                (problem.number, [(state.typed, state.conflicts) for state in problem.stored])
                for problem in transaction.problems()
            ]

    def check_places(self) -> None:
        """What somebody wrote stands on its own problem or action and in its own field, on record and in the register."""
        with reading(self.desk) as transaction:
            problems = transaction.problems()
        for problem in problems:
            for state in problem.stored:
                for name, value in state.values.items():
                    rows = value if isinstance(value, list) and value and isinstance(value[0], dict) else []
                    cells = [(row.get("problem"), at, cell) for row in rows for at, cell in row.items()]
                    for whose, path, text in cells or [(problem.number, f"{state.form}.{name}", value)]:
                        if (found := WORDS.search(str(text))) and found[1] != "new":
                            assert (found[1], found[2]) == (whose, path)
        for whose, heading, text in self.in_the_register():
            found = WORDS.search(text)
            assert found is not None
            wanted = {**HEADINGS, **ACTION_TEXTS, "report.title": "问题标题"}[found[2]]
            assert heading == wanted
            assert found[1] in {whose, "new"}

    def check_rest(self) -> None:
        """Nobody touched it since: nothing is taken in or written, however often it is saved."""
        before = self.desk.register.read_bytes()
        done = sync(self.desk, NOW)
        assert (done.batch, self.desk.register.read_bytes() == before) == (0, True)
        saved_again(self.desk)
        done = sync(self.desk, NOW)
        cells = [(row.number, cell.label, cell.verdict) for row in done.verdicts for cell in row.cells]
        assert (done.batch, [one for one in cells if one[2] in {"changed", "conflict"}]) == (0, [])


def test_nothing_that_anybody_wrote_is_lost_in_a_week_at_the_office(made):
    Office.made = made
    thorough = settings.get_current_profile_name() == "thorough"
    # Making a failing week shorter takes far longer than reading it.
    count = settings(
        max_examples=200 if thorough else 12, stateful_step_count=14, derandomize=not thorough, phases=[Phase.generate]
    )
    run_state_machine_as_test(Office, settings=count)
