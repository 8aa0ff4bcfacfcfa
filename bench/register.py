"""Measure the register beside openpyxl and calamine, in one run: ``python bench/register.py [ROWS] [--changed N] [--open] [--by-people] [--rounds N]``.

A desk of that many problems (20,000 take some minutes), most of them archived and so with nearly all of 84 columns filled in, or with
``--open`` all in their first two stages (44 columns), with a document for each form, gets N (100) changed and as many new ones; then
``sync`` brings the register up to date, merge and ledger commit included: as tpdocs left it, and as LibreOffice and openpyxl saved it
with N changes of people's own (``--by-people``: with these alone); the median of so many rounds. Beside each, openpyxl's load and save
and calamine's reading of the same workbook.
"""

import argparse
import json
import os
import platform
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.records import full_record
from tpdocs.actions.init import init
from tpdocs.actions.sync import sync
from tpdocs.desk.folder import Desk
from tpdocs.forms.values import Record
from tpdocs.ledger.entries import NewDocument, NewRevision
from tpdocs.ledger.store import Ledger, Transaction
from tpdocs.register.columns import SHEETS

NOW = datetime(2026, 3, 20, 17, 0)
LIFE = (
    "report",
    "triage",
    "investigation",
    "solution",
    "implementation",
    "verification",
    "closure",
    "feedback",
    "archive",
)
WORDS = [chr(sign) for sign in range(0x4E00, 0x4E00 + 2500)]


def text(rng: random.Random, length: int) -> str:
    """Some Chinese characters."""
    return "".join(rng.choices(WORDS, k=length))


def states(rng: random.Random, *, archived: bool) -> dict[str, dict[str, Any]]:
    """The forms of a problem, filled in."""
    found = {}
    for form in LIFE if archived else LIFE[:2]:
        values = dict(full_record(form, "x").values)
        for name, value in values.items():
            if isinstance(value, str) and "：x" in value:
                values[name] = text(rng, rng.choice((4, 8, 30)))
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                values[name] = []
        found[form] = values
    if archived:
        found["verification"] |= {"conclusion": "通过", "residual": False, "residuals": []}
        found["implementation"]["result"] = "成功"
    return found


def add(transaction: Transaction, batch: int, rng: random.Random, count: int, *, archived: float) -> None:
    """New problems with their forms."""
    for _ in range(count):
        number = transaction.give_number(batch)
        for form, values in states(rng, archived=rng.random() < archived).items():
            state = {"values": values, "raw": {}, "places": {}, "conflicts": {}, "typed": {}}
            at = NOW.isoformat(timespec="seconds")
            digest = f"{rng.getrandbits(256):064x}"
            path = f"archive/{number}/{digest[:16]}-{form}.docx"
            document = NewDocument(
                digest, number, form, 1, f"{form}.docx", path, Record(form), {"findings": [], "outside": []}
            )
            document_id = transaction.add_document(batch, at, document)
            transaction.add_revision(batch, at, NewRevision(number, form, 1, "document", "", state, [], document_id))


def change(transaction: Transaction, batch: int, rng: random.Random, numbers: list[str]) -> None:
    """Another title for each."""
    for problem in transaction.problems_named(numbers):
        kept = problem.state("report")
        state = {
            "values": {**(kept.values if kept else {}), "title": text(rng, 12)}, "raw": {}, "places": {}, "conflicts": {}, "typed": {},
        }  # fmt: skip
        new = NewRevision(problem.number, "report", 1, "command", "", state, [])
        transaction.add_revision(batch, NOW.isoformat(timespec="seconds"), new)


def more(desk: Desk, rng: random.Random, changed: int, new: int, archived: float) -> None:
    """So many problems changed in the ledger, and so many new ones."""
    ledger = Ledger(desk.ledger)
    with ledger.transaction() as transaction:
        batch = transaction.begin_batch("bench", NOW.isoformat(timespec="seconds"))
        change(transaction, batch, rng, rng.sample(transaction.numbers(), changed))
        add(transaction, batch, rng, new, archived=archived)
    ledger.close()


def by_openpyxl(source: Path, target: Path, changed: int) -> float:
    """Load and save, with so many cells changed: what the same costs with the library at hand."""
    import openpyxl  # noqa: PLC0415

    start = time.perf_counter()
    book = openpyxl.load_workbook(source)
    sheet = book.worksheets[0]
    for row in range(2, min(sheet.max_row, changed + 2)):
        sheet.cell(row, 2).value = f"人改的标题{row}"
    book.save(target)
    return time.perf_counter() - start


def by_calamine(source: Path) -> float:
    """Read the sheets with tables."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    start = time.perf_counter()
    book = CalamineWorkbook.from_path(str(source))
    for number in range(len(SHEETS)):
        book.get_sheet_by_index(number).to_python()
    return time.perf_counter() - start


def by_libreoffice(source: Path, target: Path, changed: int) -> bool:
    """So many titles changed in LibreOffice; False where that is not installed with its Python module."""
    shutil.copy(source, target)
    python = os.environ.get("UNO_PYTHON", "/usr/bin/python3")
    script = Path(__file__).parent / "edit_in_libreoffice.py"
    try:
        subprocess.run([python, str(script), str(target), str(changed)], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def in_a_process(what: str, *paths: Path) -> dict[str, float]:
    """One of the jobs in a process of its own: its seconds and the memory it took beyond an empty process's."""
    done = subprocess.run(
        [sys.executable, __file__, "--job", what, *map(str, paths)], check=True, capture_output=True, text=True
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_memory() -> float:
    """The most memory this process has had, in MB; on Linux that of this program alone, not of the one that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def job(what: str, paths: list[Path]) -> None:
    """What such a process does."""
    before = peak_memory()
    if hasattr(os, "sync"):
        os.sync()  # what others wrote before is not to be waited for here
    start = time.perf_counter()
    if what == "openpyxl":
        by_openpyxl(paths[0], paths[1], 100)
    elif what == "calamine":
        by_calamine(paths[0])
    elif what == "sync":
        sync(Desk(paths[0]), NOW + timedelta(minutes=1))
    seconds = time.perf_counter() - start
    print(json.dumps({"s": seconds, "mb": peak_memory() - before}))


Told = dict[str, float]


def synced(desk: Desk, folder: Path, rounds: int) -> Told:
    """The same sync in a process of its own so many times, on copies of the desk and in the end on itself: the median of seconds, the most memory."""
    told = []
    for number in range(1, rounds):
        copy = folder / f"copy-{number}"
        shutil.copytree(desk.root, copy)
        told.append(in_a_process("sync", copy))
        shutil.rmtree(copy)
    told.append(in_a_process("sync", desk.root))
    return {"s": statistics.median(one["s"] for one in told), "mb": max(one["mb"] for one in told)}


def beside_peers(desk: Desk, workbook: Path, folder: Path, rounds: int) -> tuple[Told, Told, Told]:
    """Ours, openpyxl's and calamine's seconds and memory on one workbook, which becomes the desk's register."""
    whole = in_a_process("openpyxl", workbook, folder / "written.xlsx")
    reading = in_a_process("calamine", workbook)
    if workbook != desk.register:
        shutil.copy(workbook, desk.register)
    return synced(desk, folder, rounds), whole, reading


def run(rows: int, changed: int, rounds: int, *, is_open: bool, by_people: bool) -> None:
    """Make the desk, take the times, print the table."""
    rng = random.Random(1)  # noqa: S311 - the same desk each time
    told: dict[str, tuple[Told, Told, Told]] = {}
    with tempfile.TemporaryDirectory(prefix="tpdocs-bench-") as name:
        folder = Path(name)
        desk = init(folder / "desk")
        ledger = Ledger(desk.ledger)
        with ledger.transaction() as transaction:
            batch = transaction.begin_batch("bench", NOW.isoformat(timespec="seconds"))
            add(transaction, batch, rng, rows, archived=0 if is_open else 0.97)
        ledger.close()
        start = time.perf_counter()
        sync(desk, NOW)
        first = time.perf_counter() - start
        size = desk.register.stat().st_size / 2**20
        archived = 0 if is_open else 0.5
        more(desk, rng, changed, changed, archived)
        told["as tpdocs left it"] = beside_peers(desk, desk.register, folder, rounds)
        for program in ("LibreOffice", "openpyxl"):
            edited = folder / "edited.xlsx"
            if program == "openpyxl":
                by_openpyxl(desk.register, edited, changed)
            elif not by_libreoffice(desk.register, edited, changed):
                continue
            more(desk, rng, 0 if by_people else changed, changed, archived)
            told[f"changed by people in {program}"] = beside_peers(desk, edited, folder, rounds)
    print(
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} processors; {rows} problems{' (all open)' if is_open else ''}, {changed} changed, {size:.1f} MB, median of {rounds}"
    )
    print(f"first register: {first:.1f} s\n")
    print("| workbook | tpdocs s | MB over the empty process | openpyxl s | ratio | calamine s | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for what, (ours, whole, reading) in told.items():
        ratios = f"{whole['s']:.2f} | {whole['s'] / ours['s']:.1f} x faster | {reading['s']:.2f} | {ours['s'] / reading['s']:.1f} x its time"
        print(f"| {what} | {ours['s']:.2f} | {ours['mb']:.0f} | {ratios} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="?", type=int, default=20_000)
    parser.add_argument("--changed", type=int, default=100)
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--by-people", action="store_true")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--job", nargs="+")
    options = parser.parse_args()
    if options.job:
        job(options.job[0], [Path(one) for one in options.job[1:]])
    else:
        run(options.rows, options.changed, options.rounds, is_open=options.open, by_people=options.by_people)
