"""Measure tpdocs beside its peers, in one run, on the same forms: ``python bench/bench.py [--quick]``.

Prints ratios of medians; the single times beside them say only how fast this machine was. Needs ``pip install .[bench,test]``.
"""

import argparse
import gc
import io
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

import docx
import mammoth
from docx2python import docx2python
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from tests.damage import bare, without_controls
from tests.records import full_record
from tpdocs.actions.blanks import Shelf
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.init import init
from tpdocs.actions.sync import sync
from tpdocs.desk.folder import shipped
from tpdocs.forms.fields import Kind
from tpdocs.forms.standard import FORMS, FormSpec
from tpdocs.forms.values import Record, parse_record, text_of
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.package import Package
from tpdocs.word.read import read

SHELF = Shelf((shipped("templates"),))
NOW = datetime(2026, 3, 20, 17, 0)
STAGES = ("report", "triage", "investigation", "solution", "implementation")


def medians(jobs: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The median time of each job in milliseconds, run in turn so that a slow moment hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for number in range(rounds + 1):
        for name, job in jobs.items():
            # As timeit does: else one job pays for sweeping up what another left behind.
            gc.collect()
            gc.disable()
            start = time.perf_counter()
            job()
            taken = (time.perf_counter() - start) * 1000
            gc.enable()
            if number:
                times[name].append(taken)
    return {name: statistics.median(each) for name, each in times.items()}


def filling(form: FormSpec, rounds: int) -> dict[str, float]:
    """Filling every field of a form: our controls against docxtpl's render and save of the same template."""
    record = full_record(form.key)
    template = (shipped("templates") / f"{form.code}-{form.key}.docx").read_bytes()
    document = FormDocument(SHELF.blank(form).data)
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined)
    context = _context(form, record)

    def by_docxtpl() -> bytes:
        made = DocxTemplate(io.BytesIO(template))
        made.render(context, environment, autoescape=True)
        saved = io.BytesIO()
        made.save(saved)
        return saved.getvalue()

    return medians(
        {"tpdocs": lambda: document.fill(Content().add(record), {"number": "TP001"}), "docxtpl": by_docxtpl}, rounds
    )


def _context(form: FormSpec, record: Record) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for one in form.fields:
        value = record.values.get(one.name)
        rows = one.kind is Kind.ROWS
        values[one.name] = (
            [{c.name: text_of(c, row[c.name]) for c in one.columns} for row in value or ()]
            if rows
            else text_of(one, value)
        )
    identity = dict.fromkeys(("number", "title", "type", "severity"), "文字")
    report = {**identity, **values} if form.key == "report" else identity
    return {"report": report, form.key: values, "form": {"code": form.code, "title": form.title, "version": "V1"}} | {
        "report": report
    }


def reading(form: FormSpec, rounds: int) -> dict[str, float]:
    """Reading a filled form: ours with records made of it, against three others and the floor, which extract text only."""
    data = FormDocument(SHELF.blank(form).data).fill(Content().add(full_record(form.key)), {"number": "TP001"})

    def ours() -> object:
        found = read(Package(data), SHELF.layout)
        return parse_record(form.key, form.fields, found.answers(form.key))

    def floor() -> object:
        return etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("word/document.xml"))

    def walk_docx() -> object:
        document = docx.Document(io.BytesIO(data))
        texts = [paragraph.text for paragraph in document.paragraphs]
        for table in document.tables:
            for row in table.rows:
                texts += [cell.text for cell in row.cells]
        return texts

    def walk_docx2python() -> object:
        with docx2python(io.BytesIO(data)) as document:
            return document.body

    jobs = {
        "tpdocs": ours,
        "floor": floor,
        "mammoth": lambda: mammoth.convert_to_html(io.BytesIO(data)),
        "docx2python": walk_docx2python,
        "python-docx": walk_docx,
    }
    return medians(jobs, rounds)


def reading_damaged(form: FormSpec, rounds: int) -> dict[str, float]:
    """Reading a form that lost its controls, by bookmarks and by labels, against reading it by controls."""
    data = FormDocument(SHELF.blank(form).data).fill(Content().add(full_record(form.key)), {"number": "TP001"})
    unwrapped, stripped = without_controls(data), bare(data)
    jobs: dict[str, Callable[[], object]] = {
        "by controls": lambda: read(Package(data), SHELF.layout),
        "by bookmarks": lambda: read(Package(unwrapped), SHELF.layout),
        "by labels": lambda: read(Package(stripped), SHELF.layout),
        "mammoth": lambda: mammoth.convert_to_html(io.BytesIO(stripped)),
    }
    return medians(jobs, rounds)


def controls_of(form: FormSpec) -> int:
    """How many controls the filled form has."""
    data = FormDocument(SHELF.blank(form).data).fill(Content().add(full_record(form.key)))
    return Package(data).read("word/document.xml").count(b"<w:sdt>")


def make_inbox(folder: Path, count: int) -> None:
    """`count` filled forms of the first five stages, five for each problem."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {key: FormDocument(SHELF.blank(FORMS[key]).data) for key in STAGES}
    for number in range(count):
        problem, key = number // len(STAGES) + 1, STAGES[number % len(STAGES)]
        record = full_record(key)
        title = f"第{problem}号问题：示例系统异常"
        if key == "report":
            record.values["title"] = title
            record.values["reported_at"] = (
                f"2026-03-02T{8 + problem // 3600:02d}:{problem // 60 % 60:02d}:{problem % 60:02d}"
            )
        identity = {} if key == "report" else {"report.number": f"TP{problem:03d}", "report.title": title}
        content = Content(dict(identity)).add(record)
        (folder / f"{number:05d}-{key}.docx").write_bytes(documents[key].fill(content))


def ingest_once(folder: Path, jobs: int) -> None:
    """One ingest in this process, with its register; prints what it took."""
    desk = init(Path(tempfile.mkdtemp(prefix="tpdocs-bench-")) / "desk")
    # A desk whose forms come back has handed out its blanks before.
    Shelf.of(desk).fill()
    start, before = time.perf_counter(), _peak()
    result = ingest(desk, [folder], Options(jobs=jobs), NOW)
    taken = time.perf_counter()
    sync(desk, NOW)
    end = time.perf_counter()
    outcomes = {one.outcome for one in result.files}
    print(
        json.dumps(
            {"ingest": taken - start, "sync": end - taken, "megabytes": _peak() - before, "outcomes": sorted(outcomes)}
        )
    )


def _peak() -> float:
    if platform.system() == "Windows":
        return 0.0
    import resource  # noqa: PLC0415 - not on Windows

    unit = 2**20 if platform.system() == "Darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def ingesting(count: int, jobs: int, runs: int) -> dict[str, float]:
    """The median of several ingests of `count` forms, each in a process and a desk of its own."""
    with tempfile.TemporaryDirectory(prefix="tpdocs-bench-") as name:
        folder = Path(name) / "forms"
        make_inbox(folder, count)
        told = []
        for _ in range(runs):
            command = [sys.executable, str(Path(__file__)), "--ingest", str(folder), "--jobs", str(jobs)]
            told.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    for one in told:
        if one["outcomes"] != ["new"]:
            raise SystemExit(f"the bench's own forms were not all taken in: {one['outcomes']}")
    return {key: statistics.median(one[key] for one in told) for key in ("ingest", "sync", "megabytes")}


def main() -> None:
    """Run everything and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="few rounds")
    parser.add_argument("--ingest", type=Path)
    parser.add_argument("--jobs", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.ingest:
        ingest_once(chosen.ingest, chosen.jobs)
        return
    warnings.simplefilter("ignore")
    rounds, runs = (5, 1) if chosen.quick else (15, 3)
    print(
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} processors; medians of {rounds} rounds\n"
    )
    print("| form | controls | job | tpdocs ms | peer | peer ms | ratio |\n| --- | --- | --- | --- | --- | --- | --- |")
    for key in ("report", "investigation", "verification"):
        form = FORMS[key]
        for job, times in (("fill", filling(form, rounds)), ("read", reading(form, rounds))):
            ours = times.pop("tpdocs")
            for peer, theirs in times.items():
                ratio = f"{ours / theirs:.1f} x its time" if peer == "floor" else f"{theirs / ours:.1f} x faster"
                print(f"| {form.code} | {controls_of(form)} | {job} | {ours:.2f} | {peer} | {theirs:.2f} | {ratio} |")
    print("\n| form | by controls ms | by bookmarks | by labels | mammoth |\n| --- | --- | --- | --- | --- |")
    for key in ("report", "investigation", "verification"):
        times = reading_damaged(FORMS[key], rounds)
        first, *others = times.values()
        cells = " | ".join(f"{other:.2f} ({other / first:.1f} x)" for other in others)
        print(f"| {FORMS[key].code} | {first:.2f} | {cells} |")
    print("\n| ingest | jobs | s | ms a document | documents/s | register s | peak MB grown | kB a document |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for count, jobs in ((100, 1), (1000, 1), (100, 0), (1000, 0)):
        told = ingesting(count, jobs, runs)
        whole = told["ingest"] + told["sync"]
        rate, each = count / whole, whole / count * 1000
        print(
            f"| {count} forms | {jobs or 'auto'} | {whole:.2f} | {each:.2f} | {rate:.0f} | {told['sync']:.2f} "
            f"| {told['megabytes']:.0f} | {told['megabytes'] / count * 1024:.0f} |"
        )


if __name__ == "__main__":
    main()
