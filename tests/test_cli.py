"""The command line: help, exit codes, documented JSON, where the desk is found, consoles that cannot show everything."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from tests.conftest import NOW, filled
from tests.records import GOOD, good
from tpdocs.actions.forms_out import close, write_next
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.init import init
from tpdocs.cli.app import app
from tpdocs.codes.kinds import KINDS
from tpdocs.desk.folder import Desk, shipped
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import ORDER
from tpdocs.forms.standard import ALL_FORMS, FORMS
from tpdocs.forms.values import Record

ROOT = Path(__file__).parent.parent
AT = ("--now", "2026-03-20 17:00")
EMOJI = "😀登录失败，ⅷ 楼 👩‍💻"
HEAVY = (
    "pydantic",
    "lxml",
    "docx",
    "docxtpl",
    "jinja2",
    "openpyxl",
    "sqlalchemy",
    "rich",
    "chinese_calendar",
    "filelock",
)
FINDING_KEYS = [
    "kind", "code", "severity", "number", "form", "field", "label", "place", "message", "advice", "owner", "due",
]  # fmt: skip


def run(*arguments: str | Path) -> Result:
    """Run the command line in this process; a traceback is a failure here, whatever its exit code."""
    told = CliRunner().invoke(app, [str(one) for one in arguments])
    if told.exception is not None and not isinstance(told.exception, SystemExit):
        raise told.exception
    return told


def on(desk: Desk, *arguments: str | Path) -> Result:
    return run("--desk", desk.root, *arguments)


def as_process(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "LC_", "LANG"))}
    command = [sys.executable, "-m", "tpdocs", "--lang", "en", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, env={**plain, **environment}, cwd=ROOT, check=False)


def put(desk: Desk, name: str, form: str, number: str = "", **changes: Any) -> None:
    record = Record(form, good(form, **changes))
    data = filled(form, record, number=number) if number else filled(form, record)
    (desk.inbox / f"{name}.docx").write_bytes(data)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A desk to look at: TP001 closed, TP002 late, TP003 with an emoji and something missing and invalid."""
    desk = init(tmp_path_factory.mktemp("cli") / "desk")
    for form in ORDER[: ORDER.index("verification") + 1]:
        put(desk, form, form, "" if form == "report" else "TP001")
    ingest(desk, [], Options(comment="第一批"), NOW)
    close(desk, "TP001", "", Moment.from_iso("2026-03-05T16:00"), NOW, "王五")
    put(
        desk, "late", "report", title="报表缓慢", reported_by="李四", occurred_at="2026-03-17", reported_at="2026-03-18"
    )
    ingest(desk, [], Options(), NOW)
    values = good(
        "report",
        title=EMOJI,
        reported_by="赵六",
        occurred_at="2026-03-19",
        reported_at="2026-03-20T16:00",
        type=None,
        impact=None,
    )
    (desk.inbox / "emoji.docx").write_bytes(filled("F01", Record("report", values, {"type": "系统故障、功能缺陷"})))
    ingest(desk, [], Options(), NOW)
    return desk


@pytest.fixture
def copied(kept, tmp_path):
    """The same desk to write to."""
    return Desk(Path(shutil.copytree(kept.root, tmp_path / "copy")))


# Help.


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [path]
    for name, command in group.commands.items():
        found += commands(command, *path, name) if isinstance(command, click.Group) else [(*path, name)]
    return found


def test_these_are_the_commands():
    assert [" ".join(path) for path in commands(app)] == [
        "", "init", "blank", "ingest", "sync", "check", "next", "close", "list", "show", "history", "set", "update", "export", "withdraw", "reopen", "batches", "undo", "doctor", "inspect",
        "template", "template check", "template fields", "schema", "demo",
    ]  # fmt: skip


@pytest.mark.parametrize("path", commands(app), ids=" ".join)
def test_every_command_has_help_with_an_example_that_names_it(path):
    told = run(*path, "--help")
    assert told.exit_code == 0
    _, _, example = told.stdout.partition("Example:\n")
    assert re.match(rf"\s+tpdocs {' '.join(path)}", example)


def examples() -> list[list[str]]:
    """Every example line of the help texts, split as a shell would."""
    found = []
    for path in commands(app):
        _, _, rest = run(*path, "--help").stdout.partition("Example:\n")
        for line in rest.splitlines():
            if not line.strip().startswith("tpdocs "):
                break
            found.append([quoted or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', line)][1:])
    return found


def test_every_example_is_understood():
    for arguments in examples():
        path = []
        command: click.Command = app
        given = list(arguments)
        while given and given[:1] == ["--desk"]:
            given = given[2:]
        while isinstance(command, click.Group):
            path.append(given.pop(0))
            command = command.commands[path[-1]]
        command.make_context(path[-1], given, parent=click.Context(app))


def test_help_and_putting_the_commands_together_import_nothing_heavy():
    script = (
        "import json, sys\n"
        "from click.testing import CliRunner\n"
        "from tpdocs.cli.app import app\n"
        "before = sorted(sys.modules)\n"
        "codes = [CliRunner().invoke(app, path + ['--help']).exit_code for path in json.loads(sys.argv[1])]\n"
        "print(json.dumps([before, sorted(sys.modules), codes]))\n"
    )
    paths = [list(path) for path in commands(app)]
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(paths)], capture_output=True, check=True, text=True, cwd=ROOT
    )
    before, after, codes = json.loads(done.stdout)
    assert "click" in before
    assert [name for name in HEAVY if name in before] == []
    assert [name for name in HEAVY if name in after] == []
    assert codes == [0] * len(paths)


def test_the_version():
    assert re.fullmatch(r"tpdocs \d+\.\d+\.\d+\n", run("--version").stdout)


# Finding the desk.


def test_the_desk_is_found_from_a_folder_inside_it(kept, monkeypatch):
    for folder in (kept.root, kept.root / "archive" / "TP001"):
        monkeypatch.chdir(folder)
        told = run("list", *AT)
        assert told.exit_code == 0
        assert told.stdout.startswith("TP001  已关闭  高  订单系统提交失败")


def test_the_desk_asked_for_comes_before_the_one_around(kept, desk, monkeypatch):
    monkeypatch.chdir(desk.root)
    assert run("list").stdout == "0 problems\n"
    assert on(kept, "list").stdout.endswith("3 problems\n")
    assert run("--desk", kept.root / "inbox", "list").stdout.endswith("3 problems\n")


NEEDING_A_DESK = [
    ("ingest",), ("sync",), ("check",), ("next", "TP001", "--out", "out"), ("close", "TP001"), ("list",), ("show", "TP001"), ("history", "TP001"), ("set", "TP001", "report.system=x"), ("withdraw", "TP002", "--reason", "x"), ("reopen", "TP001", "--reason", "x"), ("batches",),
]  # fmt: skip


@pytest.mark.parametrize("arguments", NEEDING_A_DESK, ids=lambda arguments: arguments[0])
def test_outside_of_a_desk_there_is_advice_and_nothing_is_written(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for given in (arguments, ("--desk", str(tmp_path / "nowhere"), *arguments)):
        told = run(*given)
        assert told.exit_code == 3
        assert told.stderr.startswith("Error: There is no desk in ")
        assert "Make one with “tpdocs init DIR”, or name yours: “tpdocs --desk DIR ...”." in told.stderr
        assert (told.stdout, told.stderr.count("\n")) == ("", 1)
    assert list(tmp_path.iterdir()) == []


# init, blank, demo.


def test_init_makes_a_desk_once(tmp_path):
    told = run("init", tmp_path / "desk")
    assert told.exit_code == 0
    made = sorted(path.name for path in (tmp_path / "desk").iterdir())
    assert made == [
        ".tpdocs", "archive", "backup", "inbox", "ledger.db", "outbox", "returned", "templates", "tpdocs.toml",
    ]  # fmt: skip
    (tmp_path / "desk" / "tpdocs.toml").write_text("# mine\n", encoding="utf-8")
    ledger = (tmp_path / "desk" / "ledger.db").read_bytes()
    again = run("init", tmp_path / "desk")
    assert (again.exit_code, again.stdout) == (3, "")
    assert "is a desk already; nothing was changed." in again.stderr
    assert (tmp_path / "desk" / "tpdocs.toml").read_text(encoding="utf-8") == "# mine\n"
    assert (tmp_path / "desk" / "ledger.db").read_bytes() == ledger


def test_init_where_no_folder_can_be(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert run("init", tmp_path / "file").exit_code == 2
    told = run("init", tmp_path / "file" / "desk")
    assert (told.exit_code, told.stderr.count("\n")) == (3, 1)
    assert run("init").exit_code == 2


def test_init_never_takes_an_old_ledger_for_a_new_desk(kept, tmp_path):
    shutil.copy(kept.ledger, tmp_path / "ledger.db")
    before = (tmp_path / "ledger.db").read_bytes()
    told = run("init", tmp_path)
    if told.exit_code == 0:
        assert run("--desk", tmp_path, "list").stdout.endswith("3 problems\n")
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_blank_writes_all_eleven_and_never_over_a_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = run("blank", "--out", "forms")
    assert told.exit_code == 0
    names = [f"{form.code}-{form.title}.docx" for form in ALL_FORMS]
    assert len(names) == 11
    assert told.stdout.splitlines() == [str(Path("forms") / name) for name in names]
    assert sorted(path.name for path in (tmp_path / "forms").iterdir()) == sorted(names)
    mine = tmp_path / "forms" / "F01-问题上报记录.docx"
    mine.write_bytes(b"somebody filled this in")
    assert run("blank", "--out", "forms", "F01", "f01", "report", "问题上报记录").exit_code == 0
    assert mine.read_bytes() == b"somebody filled this in"
    assert sorted(path.name for path in (tmp_path / "forms").glob("F01*")) == [
        "F01-问题上报记录 (2).docx", "F01-问题上报记录 (3).docx", "F01-问题上报记录 (4).docx", "F01-问题上报记录 (5).docx",
        "F01-问题上报记录.docx",
    ]  # fmt: skip


def test_a_blank_of_a_form_that_is_none_writes_nothing(tmp_path):
    told = run("blank", "F01", "F11", "--out", tmp_path / "out")
    assert (told.exit_code, told.stdout) == (2, "")
    assert "There is no form “F11”; the forms are F00 to F10." in told.stderr
    assert not (tmp_path / "out").exists()
    assert run("blank", "F01").exit_code == 2


def test_the_demo_goes_once_round_and_only_in_an_empty_folder(tmp_path):
    told = run("demo", tmp_path / "trial")
    assert told.exit_code == 0
    desk = Desk(tmp_path / "trial")
    assert desk.register.exists()
    assert len(list((desk.root / "blank").glob("*.docx"))) == 11
    assert [line[:2] for line in told.stdout.splitlines() if line[:1].isdigit()] == ["1.", "2.", "3.", "4.", "5.", "6."]
    assert on(desk, "check", *AT).exit_code == 1
    before = desk.ledger.read_bytes()
    again = run("demo", desk.root)
    assert again.exit_code == 2
    assert "is not empty" in again.stderr
    assert desk.ledger.read_bytes() == before


# ingest and sync.


def test_ingest_is_done_or_leaves_something_for_a_person(desk):
    assert on(desk, "ingest").exit_code == 0
    put(desk, "a", "report")
    told = on(desk, "ingest", *AT)
    assert told.exit_code == 0
    assert f"new  {desk.inbox / 'a.docx'}  -> TP001 F01\n" in told.stdout
    assert "1 file: new 1\n" in told.stdout
    assert f"Receipt: {desk.outbox / 'TP001-F01-问题上报记录.docx'}\n" in told.stdout
    (desk.inbox / "b.docx").write_bytes(b"")
    put(desk, "c", "triage", "TP001")
    told = on(desk, "ingest", *AT)
    assert told.exit_code == 1
    assert "2 files: new 1, rejected 1\n" in told.stdout
    assert "The file is empty (0 bytes)" in told.stdout
    assert "Rejected files stay where they are" in told.stdout
    assert on(desk, "ingest", desk.root / "gone.docx").exit_code == 1


@pytest.mark.parametrize(
    "arguments",
    [("--attach", "gone.log"), ("--jobs", "-1"), ("--jobs", "two"), ("--format", "xml"), ("--now", "someday"), ("--unknown",)],
)  # fmt: skip
def test_ingest_with_something_that_cannot_be_is_a_usage_error(desk, arguments):
    put(desk, "a", "report")
    assert on(desk, "ingest", *arguments).exit_code == 2
    assert on(desk, "list").stdout == "0 problems\n"


def test_ingest_with_attachments_but_no_form_is_a_usage_error(desk):
    (desk.root / "app.log").write_bytes(b"log")
    told = on(desk, "ingest", "--attach", desk.root / "app.log")
    assert told.exit_code == 2
    assert "--attach goes with the forms of exactly one problem" in told.stderr


def test_a_dry_run_of_ingest_says_so(desk):
    put(desk, "a", "report")
    told = on(desk, "ingest", "--dry-run")
    assert told.exit_code == 0
    assert "Dry run: nothing was written." in told.stdout
    assert not desk.register.exists()
    assert on(desk, "list").stdout == "0 problems\n"


def test_the_json_of_ingest_is_as_documented(desk):
    put(desk, "a", "report", impact=None)
    put(desk, "b", "triage", "TP001")
    put(desk, "c", "triage", "TP009")
    told = on(desk, "ingest", "--format", "json", *AT)
    assert told.exit_code == 1
    value = json.loads(told.stdout)
    assert list(value) == ["batch", "files", "register"]
    assert value["batch"] == 1
    for one in value["files"]:
        assert list(one) == ["path", "sha256", "outcome", "records", "findings"]
        assert re.fullmatch("[0-9a-f]{64}", one["sha256"])
        for record in one["records"]:
            assert list(record) == ["form", "number", "outcome", "changes", "findings"]
            assert all(list(change) == ["field", "old", "new"] for change in record["changes"])
    by_name = {Path(one["path"]).name: one for one in value["files"]}
    first, second, third = (by_name[f"{name}.docx"] for name in "abc")
    assert [one["outcome"] for one in (first, second, third)] == ["new", "new", "rejected"]
    (report,), (triage,) = first["records"], second["records"]
    assert [report[key] for key in ("form", "number", "outcome")] == ["F01", "TP001", "new"]
    assert {"field": "report.title", "old": None, "new": "订单系统提交失败"} in report["changes"]
    assert {"field": "triage.direction", "old": None, "new": ["进一步排查日志"]} in triage["changes"]
    assert [(one["code"], one["field"]) for one in report["findings"]] == [("missing_field", "report.impact")]
    assert list(report["findings"][0]) == FINDING_KEYS
    assert (third["records"], [one["code"] for one in third["findings"]]) == ([], ["number_unknown"])
    put(desk, "d", "report", impact="全部")
    ((revised,),) = [
        one["records"]
        for one in json.loads(on(desk, "ingest", desk.inbox / "d.docx", "--format", "json").stdout)["files"]
    ]
    assert (revised["outcome"], revised["changes"]) == (
        "revised",
        [{"field": "report.impact", "old": None, "new": "全部"}],
    )


def test_every_outcome_of_a_file_is_one_of_the_documented(desk):
    put(desk, "a", "report")
    (desk.inbox / "note.txt").write_text("not a form", encoding="utf-8")
    value = json.loads(on(desk, "ingest", "--format", "json").stdout)
    assert len(value["files"]) == 2
    assert {one["outcome"] for one in value["files"]} <= {"new", "revised", "unchanged", "rejected"}


def test_sync_writes_the_register_or_says_why_it_cannot(copied):
    told = on(copied, "sync", *AT)
    assert told.exit_code == 0
    assert told.stdout == f"Register: {copied.register} (3 problems)\n"
    copied.register.write_bytes(b"no workbook")
    told = on(copied, "sync", *AT)
    assert (told.exit_code, told.stdout) == (1, "")
    assert "The register cannot be read" in told.stderr
    assert copied.register.read_bytes() == b"no workbook"


def test_a_dry_run_of_sync_writes_nothing(copied):
    assert on(copied, "sync", "--dry-run").exit_code == 0
    assert not copied.register.exists()


# check.


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--fail-on", "none"), 0),
        (("--fail-on", ""), 0),
        (("--fail-on", "overdue"), 1),
        (("--fail-on", "conflict"), 0),
        (("--fail-on", "conflict,missing"), 1),
        (("--fail-on", "conflict, missing"), 1),
        (("--fail-on", "inconsistent"), 0),
        (("--fail-on", "nonsense"), 2),
        (("TP001",), 1),
        (("TP001", "--fail-on", "invalid,missing"), 0),
        (("TP002",), 1),
        (("TP003",), 1),
        (("tp001", "TP002"), 1),
        (("TP003", "--fail-on", "overdue"), 0),
        (("TP003", "--fail-on", "due_soon"), 1),
        (("TP003", "--fail-on", "missing"), 1),
        (("TP001", "--fail-on", ",".join(KINDS)), 1),
        (("--all",), 1),
        (("TP009",), 3),
        (("--format", "xml"), 2),
    ],
)
def test_the_exit_code_of_check_is_by_kinds(kept, arguments, code):
    assert on(kept, "check", *arguments, *AT).exit_code == code


def test_check_groups_by_who_should_act(kept):
    found = {
        (one["number"], one["code"]): one
        for one in json.loads(on(kept, "check", "--format", "json", *AT).stdout)["findings"]
    }

    def words(number: str, code: str, kind: str) -> list[str]:
        one = found[number, code]
        where = f" [{one['place']}]" if one["place"] else ""
        return [f"    {kind}: {one['message']}{where}", f"        {one['advice']}"]

    assert on(kept, "check", "TP002", "TP003", *AT).stdout.splitlines() == [
        "技术支持受理人",
        "  TP002",
        *words("TP002", "acceptance_overdue", "overdue"),
        "  TP003",
        *words("TP003", "acceptance_due_soon", "due soon"),
        "赵六（13800000000）",
        "  TP003",
        *words("TP003", "too_many_choices", "invalid"),
        *words("TP003", "missing_field", "missing"),
        "4 findings: overdue 1, invalid 1, missing 1, due soon 1",
    ]
    assert found["TP003", "too_many_choices"]["place"] == "表1 行3 格2"


def test_the_json_of_check_is_as_documented(kept):
    value = json.loads(on(kept, "check", "--format", "json", *AT).stdout)
    assert list(value) == ["now", "findings"]
    assert value["now"] == "2026-03-20T17:00:00"
    assert all(list(one) == FINDING_KEYS for one in value["findings"])
    assert all(one["severity"] in ("error", "warning", "info") and one["kind"] in KINDS for one in value["findings"])
    (late,) = [one for one in value["findings"] if one["number"] == "TP002"]
    message, advice = late.pop("message"), late.pop("advice")
    assert "2026-03-19" in message
    assert "“tpdocs next TP002 --out outbox”" in advice
    assert late == {
        "kind": "overdue", "code": "acceptance_overdue", "severity": "error", "number": "TP002", "form": "F02",
        "field": "triage.accepted_at", "label": "受理时间", "place": None, "owner": "技术支持受理人", "due": "2026-03-19T23:59:59",
    }  # fmt: skip
    assert [(one["code"], one["field"]) for one in value["findings"] if one["number"] == "TP001"] == [
        ("stage_overdue", "feedback.informed_at"),
        ("stage_overdue", "archive.archived_at"),
    ]


def test_checking_and_looking_write_nothing(kept):
    def state() -> dict[str, tuple[bytes, float]]:
        files = [path for path in kept.root.rglob("*") if path.is_file()]
        return {str(path): (path.read_bytes(), path.stat().st_mtime) for path in files}

    before = state()
    for arguments in (
        ("check",),
        ("check", "--all", "--format", "json"),
        ("list",),
        ("show", "TP001"),
        ("history", "TP001"),
    ):
        assert on(kept, *arguments, *(AT if arguments[0] != "history" else ())).exit_code in (0, 1)
    assert state() == before


# next and close.


def test_next_writes_the_form_due_or_says_that_none_is(copied, tmp_path):
    told = on(copied, "next", "TP002", "--out", tmp_path / "out")
    assert told.exit_code == 0
    path = tmp_path / "out" / "TP002-F02-问题受理及初步分析表.docx"
    assert told.stdout == f"{path}\n"
    assert path.exists()
    again = on(copied, "next", "TP002", "--out", tmp_path / "out")
    assert again.stdout == f"{path.with_name('TP002-F02-问题受理及初步分析表 (2).docx')}\n"
    trial = on(copied, "next", "TP003", "--out", tmp_path / "other", "--dry-run")
    assert (trial.exit_code, (tmp_path / "other").exists()) == (0, False)
    two = on(copied, "next", "TP001", "--out", tmp_path / "two", "--form", "F01", "--form", "solution")
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == [
        "TP001-F01-问题上报记录.docx",
        "TP001-F04-技术解决方案文档.docx",
    ]
    assert two.exit_code == 0


def test_next_when_nothing_is_due(copied, tmp_path):
    for form in ("feedback", "archive"):
        (written,) = write_next(copied, "TP001", copied.outbox, [form])
        written.unlink()
        put(copied, form, form, "TP001")
    assert on(copied, "ingest", *AT).exit_code == 0
    told = on(copied, "next", "TP001", "--out", tmp_path / "out")
    assert (told.exit_code, told.stdout) == (0, "No form is due for TP001.\n")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("next", "TP009", "--out", "out"), 3),
        (("next", "TP001", "--out", "out", "--form", "F77"), 2),
        (("next", "TP001", "--out", "out", "--form", "F10"), 2),
        (("next", "TP001"), 2),
        (("next", "--out", "out"), 2),
        (("close", "TP009"), 3),
        (("close", "TP001"), 3),
        (("close", "TP002"), 3),
        (("close", "TP002", "--dry-run"), 3),
        (("close", "TP002", "--at", "someday"), 2),
        (("close",), 2),
        (("show", "TP009"), 3),
        (("show",), 2),
        (("history", "TP009"), 3),
        (("list", "--now", "someday"), 2),
        (("schema", "F77"), 2),
        (("schema",), 2),
        (("template", "fields", "F77"), 2),
        (("template", "check"), 2),
        (("nonsense",), 2),
    ],
)
def test_what_cannot_be_done_has_its_exit_code_and_writes_nothing(kept, tmp_path, monkeypatch, arguments, code):
    monkeypatch.chdir(tmp_path)
    before = kept.ledger.read_bytes()
    told = on(kept, *arguments)
    assert told.exit_code == code
    assert (told.stdout, "Traceback" in told.stderr) == ("", False)
    assert told.stderr
    assert list(tmp_path.iterdir()) == []
    assert kept.ledger.read_bytes() == before


def test_a_number_nobody_gave_comes_with_advice(kept):
    for command in (
        ("show", "TP009"),
        ("history", "TP009"),
        ("close", "TP009"),
        ("next", "TP009", "--out", "x"),
        ("check", "TP009"),
    ):
        told = on(kept, *command)
        assert told.stderr == "Error: There is no problem TP009 on record. “tpdocs list” shows the numbers.\n"


def test_close_closes_and_says_where_the_notice_is(desk):
    for form in ORDER[: ORDER.index("verification") + 1]:
        put(desk, form, form, "" if form == "report" else "TP001")
    assert on(desk, "ingest", *AT).exit_code == 0
    trial = on(desk, "close", "TP001", "--dry-run", *AT)
    assert (trial.exit_code, trial.stdout) == (0, "TP001 can be closed.\n")
    told = on(desk, "close", "tp001", "--by", "陈三", "--at", "2026年3月5日 16:30", *AT)
    notice = desk.outbox / "TP001-F07-问题关闭通知.docx"
    assert told.exit_code == 0
    assert told.stdout == f"TP001 is closed. Notice: {notice}\nRegister: {desk.register} (1 problem)\n"
    value = json.loads(on(desk, "show", "TP001", "--format", "json").stdout)
    assert (value["status"], value["forms"]["closure"]["closed_by"], value["forms"]["closure"]["closed_at"]) == (
        "已关闭", "陈三", "2026-03-05T16:30",
    )  # fmt: skip
    assert on(desk, "close", "TP001").exit_code == 3


# list, show, history.


def test_the_json_of_list(kept):
    value = json.loads(on(kept, "list", "--format", "json", *AT).stdout)
    assert list(value) == ["now", "problems"]
    assert [list(one) for one in value["problems"]] == [
        [
            "number",
            "title",
            "status",
            "stage",
            "round",
            "priority",
            "next",
            "owner",
            "due",
            "provisional",
            "overdue",
            "findings",
        ]
    ] * 3
    closed, late, fresh = value["problems"]
    assert [closed[key] for key in ("number", "status", "stage", "round", "priority", "next")] == [
        "TP001", "已关闭", "6 反馈与归档", 1, "高", ["F08", "F09"],
    ]  # fmt: skip
    assert [late[key] for key in ("owner", "due", "overdue", "findings")] == [
        "技术支持受理人", "2026-03-19T23:59:59", True, {"overdue": 1},
    ]  # fmt: skip
    assert (fresh["title"], fresh["overdue"], fresh["findings"]) == (
        EMOJI,
        False,
        {"invalid": 1, "missing": 1, "due_soon": 1},
    )


def test_the_text_of_list(kept):
    lines = on(kept, "list", *AT).stdout.splitlines()
    assert lines[1] == "TP002  待受理  高  报表缓慢  due 2026-03-19 OVERDUE  技术支持受理人"
    assert lines[2] == f"TP003  待受理  高  {EMOJI}  due 2026-03-23  技术支持受理人"
    assert lines[3] == "3 problems"


def test_the_json_of_show_is_as_documented(kept):
    value = json.loads(on(kept, "show", "TP003", "--format", "json", *AT).stdout)
    assert list(value) == [
        "number",
        "status",
        "stage",
        "round",
        "withdrawn",
        "forms",
        "raw",
        "attachments",
        "notes",
        "findings",
    ]
    assert [value[key] for key in ("number", "status", "stage", "round")] == [
        "TP003",
        "待受理",
        "2 问题受理与初步分析",
        1,
    ]
    assert list(value["forms"]) == ["report"]
    report = value["forms"]["report"]
    assert list(report) == [field.name for field in FORMS["report"].fields]
    assert (report["number"], report["title"], report["type"], report["impact"], report["reproducible"]) == (
        "TP003", EMOJI, None, None, True,
    )  # fmt: skip
    assert (report["occurred_at"], report["reported_at"]) == ("2026-03-19", "2026-03-20T16:00")
    assert value["raw"] == {"report.type": "系统故障、功能缺陷"}
    assert sorted(one["code"] for one in value["findings"]) == [
        "acceptance_due_soon",
        "missing_field",
        "too_many_choices",
    ]
    assert all(list(one) == FINDING_KEYS for one in value["findings"])


def test_the_text_of_show_has_everything(kept):
    told = on(kept, "show", "TP001", *AT).stdout
    for form in ORDER[: ORDER.index("closure") + 1]:
        assert f"\n{FORMS[form].name}\n" in told
    assert "  复现步骤: 打开下单页\n      点提交\n" in told
    assert "status 已关闭, stage 6 反馈与归档, round 1" in told
    assert "问题类型 (!): 系统故障、功能缺陷" in on(kept, "show", "TP003", *AT).stdout


def test_the_json_of_history(kept):
    value = json.loads(on(kept, "history", "TP001", "--format", "json").stdout)
    assert list(value) == ["number", "revisions"]
    keys = [
        "revision",
        "batch",
        "at",
        "form",
        "event",
        "duplicate_of",
        "gone",
        "round",
        "source",
        "document",
        "person",
        "comment",
    ]
    assert [list(one) for one in value["revisions"]] == [[*keys, "changes", "conflicts", "typed", "settled"]] * 7
    first, last = value["revisions"][0], value["revisions"][-1]
    assert [first[key] for key in keys] == [
        1, 1, "2026-03-20T17:00:00", "F01", None, None, False, 1, "document", "report.docx", None, "第一批",
    ]  # fmt: skip
    assert {"field": "report.title", "old": None, "new": "订单系统提交失败"} in first["changes"]
    assert [last[key] for key in ("form", "source", "document", "person")] == ["F07", "command", None, "王五"]
    told = on(kept, "history", "TP001").stdout.splitlines()
    assert told[0].startswith("1  2026-03-20 17:00:00  F01 问题上报记录  report.docx")
    assert told[0].endswith("(第一批)")
    assert "    问题标题: 订单系统提交失败" in told


def test_history_shows_a_text_that_is_no_time_as_it_was_written(desk):
    values = good("report", reported_at=None)
    (desk.inbox / "a.docx").write_bytes(filled("F01", Record("report", values, {"reported_at": "UTC 周三 AT 9"})))
    assert on(desk, "ingest", *AT).exit_code == 0
    assert "    上报时间: UTC 周三 AT 9\n" in on(desk, "history", "TP001").stdout
    assert "  上报时间 (!): UTC 周三 AT 9\n" in on(desk, "show", "TP001").stdout


# template and schema.


def test_template_check_gives_every_fault_and_its_exit_code(tmp_path):
    good_one = shipped("templates") / "F01-report.docx"
    told = run("template", "check", good_one)
    assert (told.exit_code, told.stdout) == (0, f"{good_one}: no fault\n")
    broken = tmp_path / "F01-report.docx"
    broken.write_bytes(b"PK")
    told = run("template", "check", good_one, broken, "--format", "json")
    assert told.exit_code == 1
    value = json.loads(told.stdout)
    assert list(value) == ["files"]
    assert [list(one) for one in value["files"]] == [["path", "faults"]] * 2
    assert [one["path"] for one in value["files"]] == [str(good_one), str(broken)]
    assert value["files"][0]["faults"] == []
    (fault,) = value["files"][1]["faults"]
    assert list(fault) == FINDING_KEYS
    assert (fault["kind"], fault["code"]) == ("document", "cut_short")


def test_template_check_of_a_file_that_is_not_there_says_so(tmp_path):
    told = run("template", "check", tmp_path / "gone.docx")
    assert told.exit_code == 1
    assert "There is no such file" in told.stdout


def test_template_fields_lists_what_may_be_used():
    told = run("template", "fields", "f03")
    assert told.exit_code == 0
    assert told.stdout.startswith("F03 问题排查报告\n")
    for tag in (
        "{{ report.title }}",
        "{{ investigation.root_cause }}",
        "{%tr for row in investigation.steps %}",
        "{{ row.operation }}",
    ):
        assert tag in told.stdout
    assert "solution." not in told.stdout
    everything = run("template", "fields").stdout
    assert all(f"{form.name}\n" in everything for form in ALL_FORMS)


def faults(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """Where a value is not what a schema says; the keywords that our schemas use and no others."""
    known = {
        "$schema", "title", "description", "type", "properties", "additionalProperties", "items", "enum", "pattern", "readOnly",
    }  # fmt: skip
    found = [f"{path}: {key}" for key in schema if key not in known and not key.startswith("x-")]
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    allowed = schema.get("type", list(types))
    if not any(isinstance(value, types[name]) for name in ([allowed] if isinstance(allowed, str) else allowed)):
        return [*found, f"{path}: {value!r} is not {allowed}"]
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: {value!r} is not in {schema['enum']}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{path}: {value!r} is not {schema['pattern']}")
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is False:
            found += [f"{path}.{name}: unknown" for name in value if name not in properties]
        found += [
            fault
            for name, one in value.items()
            if name in properties
            for fault in faults(one, properties[name], f"{path}.{name}")
        ]
    if isinstance(value, list) and "items" in schema:
        found += [
            fault for number, one in enumerate(value) for fault in faults(one, schema["items"], f"{path}[{number}]")
        ]
    return found


@pytest.mark.parametrize("form", ALL_FORMS, ids=lambda form: form.code)
def test_the_schema_of_every_form_describes_its_fields(form):
    told = run("schema", form.key)
    assert told.exit_code == 0
    schema = json.loads(told.stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (schema["type"], schema["title"], schema["additionalProperties"]) == ("object", form.title, False)
    if form.code == "F00":
        shown: dict[str, list[str]] = {}
        for path in form.shows:
            shown.setdefault(path.partition(".")[0], []).append(path.partition(".")[2])
        assert {key: list(part["properties"]) for key, part in schema["properties"].items()} == shown
    else:
        assert list(schema["properties"]) == [field.name for field in form.fields]
        assert {name: one["title"] for name, one in schema["properties"].items()} == {
            field.name: field.label for field in form.fields
        }
    patterns = re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', told.stdout)
    for pattern in patterns:
        re.compile(json.loads(pattern))


def test_what_show_gives_is_valid_by_the_schemas(kept):
    schemas = {key: json.loads(run("schema", key).stdout) for key in ORDER}
    for number in ("TP001", "TP002", "TP003"):
        value = json.loads(on(kept, "show", number, "--format", "json").stdout)
        for key, values in value["forms"].items():
            assert faults(values, schemas[key], key) == []
    # And the schemas do say no.
    assert faults({"type": "断电"}, schemas["report"]) != []
    assert faults({"reported_at": "下周"}, schemas["report"]) != []
    assert faults({"nonsense": 1}, schemas["report"]) == [".nonsense: unknown"]
    assert faults({"steps": [{"at": "2026-03-02", "x": None}]}, schemas["investigation"]) == [".steps[0].x: unknown"]
    assert [key for key in ORDER if key != "closure" and faults(GOOD[key], schemas[key])] == []


# Consoles.


def test_a_gbk_console_gets_what_it_can_show_and_json_stays_whole(kept):
    listed = as_process("--desk", kept.root, "list", *AT, PYTHONIOENCODING="gbk")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert "TP003  待受理  高  ?登录失败，ⅷ 楼 ???  due 2026-03-23" in listed.stdout.decode("gbk")
    told = as_process("--desk", kept.root, "show", "TP003", "--format", "json", PYTHONIOENCODING="gbk")
    assert told.returncode == 0
    assert json.loads(told.stdout)["forms"]["report"]["title"] == EMOJI


def test_the_schema_is_json_on_a_gbk_console_too():
    told = as_process("schema", "F01", PYTHONIOENCODING="gbk")
    assert (told.returncode, told.stderr) == (0, b"")
    assert json.loads(told.stdout)["title"] == "问题上报记录"


def test_ingesting_an_emoji_on_a_gbk_console(desk):
    put(desk, "😀", "report", title=EMOJI)
    told = as_process("--desk", desk.root, "ingest", *AT, PYTHONIOENCODING="gbk")
    assert (told.returncode, told.stderr) == (0, b"")
    assert "?.docx  -> TP001 F01" in told.stdout.decode("gbk")


def test_a_process_ends_with_the_exit_code_and_says_why(kept, tmp_path):
    told = as_process("--desk", tmp_path, "list")
    assert (told.returncode, told.stdout) == (3, b"")
    assert told.stderr.decode().startswith("Error: There is no desk in ")
    assert as_process("--desk", kept.root, "check", *AT).returncode == 1


@pytest.mark.parametrize("number", ["TP1", "tp001", "ＴＰ001", " TP01 "])
def test_noughts_and_capitals_of_a_number_may_be_left_out(kept, number):
    assert json.loads(on(kept, "show", number, "--format", "json").stdout)["number"] == "TP001"


def test_a_folder_that_cannot_be_made_is_said_to_be_so(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    told = run("blank", "F01", "--out", tmp_path / "file" / "forms")
    assert told.exit_code == 1
    assert "cannot be made" in told.stderr
    assert "Excel" not in told.stderr


def test_two_processes_take_in_what_one_would(tmp_path):
    found = []
    for jobs in ("1", "2"):
        desk = init(tmp_path / jobs)
        for number in range(3):
            record = Record("report", good("report", title=f"问题{number}", reported_by=f"张{number}"))
            (desk.inbox / f"{number}.docx").write_bytes(filled("F01", record))
        (desk.inbox / "broken.docx").write_bytes(b"PK")
        done = as_process(
            "--desk", desk.root, "ingest", "--jobs", jobs, "--now", "2026-03-20 17:00", "--format", "json"
        )
        assert done.returncode == 1
        files = json.loads(done.stdout)["files"]
        found.append(
            [(Path(one["path"]).name, one["outcome"], [record["number"] for record in one["records"]]) for one in files]
        )
        assert sorted(path.name for path in desk.inbox.iterdir()) == ["broken.docx"]
        assert len(list(desk.outbox.iterdir())) == 3
    assert found[0] == found[1]
    assert sorted(found[0]) == [
        *((f"{number}.docx", "new", [f"TP00{number + 1}"]) for number in range(3)), ("broken.docx", "rejected", []),
    ]  # fmt: skip
