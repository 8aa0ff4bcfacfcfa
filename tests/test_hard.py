"""Killed at any moment, and many hands at once: nothing lost, nothing twice, and the next run finishes the work."""

import hashlib
import random
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import psutil
import pytest

from tests.conftest import NOW
from tests.register_tools import verdicts
from tests.test_ingest import numbers_in, report
from tests.test_lists import NEW_ROW
from tpdocs.actions.doctor import check_up
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.init import init
from tpdocs.actions.look import reading
from tpdocs.actions.sync import sync
from tpdocs.actions.updating import UpdateOptions, update
from tpdocs.desk.folder import Desk
from tpdocs.register.lists import csv_bytes

AFTER = (0.25, 1.6)  # seconds: from before the first import to after the last write
AT = ("--now", "2026-03-20 17:00")


def started(desk: Desk, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tpdocs", "--desk", str(desk.root), *arguments, *AT]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def check_whole(desk: Desk) -> list[str]:
    """The ledger is sound, every document it knows lies in the archive with its bytes, the register opens; returns the numbers."""
    connection = sqlite3.connect(desk.ledger)
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        numbers = [row[0] for row in connection.execute("SELECT number FROM problem ORDER BY serial")]
        documents = connection.execute("SELECT path, sha256 FROM document").fetchall()
        opened = connection.execute("SELECT DISTINCT subject FROM revision").fetchall()
    finally:
        connection.close()
    assert len(numbers) == len(set(numbers)) == len(opened)
    for path, sha256 in documents:
        assert hashlib.sha256((desk.root / path).read_bytes()).hexdigest() == sha256
    if desk.register.exists():
        with zipfile.ZipFile(desk.register) as archive:
            assert archive.testzip() is None
    return numbers


def titled(number: int) -> bytes:
    return report(title=f"问题{number}", reported_by=f"人{number}")


COMMANDS = (("ingest",), ("sync",), ("update", "--mode", "upsert"))


def listed(folder: Path, turn: int) -> Path:
    """A list with a change of a problem on record and one new problem."""
    path = folder / "list.csv"
    new = {**NEW_ROW, "问题编号": "", "问题标题": f"清单{turn}", "上报人": f"人{turn}"}
    headings = list(new)
    changed = {"问题编号": "TP001", "涉及系统/模块": f"系统{turn}"}
    rows = [headings, *([str(row.get(name, "")) for name in headings] for row in (changed, new))]
    path.write_bytes(csv_bytes(rows))
    return path


def typed(desk: Desk, text: str) -> None:
    """Somebody types into the first row: on a slow machine no problem may be there yet, and this would be a row of its own."""
    book = openpyxl.load_workbook(desk.register)
    if book.worksheets[0]["A2"].value:
        book.worksheets[0]["M2"] = text
        book.save(desk.register)


def test_killed_at_a_hundred_random_moments_the_next_run_finishes_the_work(tmp_path, record_property):
    desk = init(tmp_path / "desk")
    rng = random.Random(7)  # noqa: S311 - the same moments each time
    killed = given = 0
    told: set[str] = set()
    for turn in range(100):
        if turn % 3 == 0:
            (desk.inbox / f"f{given}.docx").write_bytes(titled(given))
            given += 1
        elif turn % 3 == 1 and desk.register.exists():
            typed(desk, f"改{turn}")
        process = started(desk, *COMMANDS[turn % 3], *([str(listed(tmp_path, turn))] if turn % 3 == 2 else []))
        try:
            process.wait(rng.uniform(*AFTER))
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        process.communicate(timeout=60)
        numbers = check_whole(desk)
        # A number that was given is never another problem's.
        assert told <= set(numbers)
        told = set(numbers)
    record_property("killed", killed)
    assert killed > 20
    # The last list may not have been taken in; doing it again opens nothing twice.
    update(desk, listed(tmp_path, 98), UpdateOptions(mode="upsert"), NOW)
    ingest(desk, [], Options(), NOW)
    done = sync(desk, NOW)
    numbers = check_whole(desk)
    assert done.written
    assert sorted(numbers_in(desk.register)) == sorted(numbers)
    titles = titles_in(desk)
    assert len(titles) == len(set(titles)) == len(numbers)
    assert {f"问题{number}" for number in range(given)} <= set(titles)
    assert verdicts(sync(desk, NOW)) == {}
    assert not [one.code for one in check_up(desk, NOW).every if one.code not in ("desk_leftover", "desk_file_unknown")]
    assert not [path for path in desk.inbox.iterdir() if path.suffix == ".docx"]


def titles_in(desk: Desk) -> list[str]:
    with reading(desk) as transaction:
        return [str(one.report.title) for one in transaction.problems()]


@pytest.mark.skipif(sys.platform == "win32", reason="the command of a process is told otherwise there")
def test_workers_end_with_whoever_is_killed(tmp_path):
    desk = init(tmp_path / "desk")
    for number in range(300):
        (desk.inbox / f"f{number}.docx").write_bytes(titled(number))
    process = started(desk, "ingest", "--jobs", "2")
    family: list[psutil.Process] = []
    while len(family) < 2 and process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
    assert len(family) == 2
    time.sleep(0.2)
    process.kill()
    process.communicate(timeout=60)
    assert psutil.wait_procs(family, timeout=30)[1] == []
    assert len(ingest(desk, [], Options(), NOW).files) == 300
    assert len(check_whole(desk)) == 300


def test_eight_processes_at_once_lose_nothing_and_do_nothing_twice(tmp_path):
    desk = init(tmp_path / "desk")
    count, each = 8, 3
    for worker in range(count):
        folder = tmp_path / f"mail{worker}"
        folder.mkdir()
        for number in range(each):
            (folder / f"f{number}.docx").write_bytes(titled(worker * each + number))
    running = []
    for worker in range(count):
        running += [started(desk, "ingest", "--jobs", "1", str(tmp_path / f"mail{worker}")), started(desk, "sync")]
        time.sleep(0.05)
    told = [(process.wait(), process.communicate()[1]) for process in running]
    assert [one for one in told if one[0] != 0] == []
    numbers = check_whole(desk)
    assert len(numbers) == count * each
    sync(desk, NOW)
    assert numbers_in(desk.register) == numbers
    assert sorted(titles_in(desk)) == sorted(f"问题{number}" for number in range(count * each))


def test_the_ledger_is_backed_up_after_each_batch_and_the_last_seven_are_kept(tmp_path):
    desk = init(tmp_path / "desk")
    for number in range(9):
        (desk.inbox / "f.docx").write_bytes(titled(number))
        ingest(desk, [], Options(), NOW)
        sync(desk, NOW)
    kept = sorted((desk.root / "backup").glob("ledger-*.db"))
    assert len(kept) == 7
    connection = sqlite3.connect(kept[-1])
    assert connection.execute("SELECT count(*) FROM problem").fetchone() == (9,)
    connection.close()
    before = [path.stat().st_mtime_ns for path in kept]
    sync(desk, NOW)
    assert [path.stat().st_mtime_ns for path in sorted((desk.root / "backup").glob("ledger-*.db"))] == before
