"""A desk that something went wrong with: told by ``doctor``, mended where it can be, and never made worse."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import filelock
import openpyxl
import pytest

from tests.conftest import NOW
from tests.docx_tools import with_part
from tests.register_tools import Edit, cli, codes, parts_of, shown, verdicts
from tests.test_ingest import numbers_in, problem_of, put, report
from tpdocs.actions.doctor import check_up
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.repair import NotRepairedError, repair
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import sync
from tpdocs.desk import folder as desk_folder
from tpdocs.desk.files import held_back
from tpdocs.desk.folder import Desk
from tpdocs.desk.place import is_on_a_share
from tpdocs.errors import NotWrittenError, TpdocsError
from tpdocs.ledger.engine import unusable
from tpdocs.register.book import RegisterError
from tpdocs.register.columns import ACTIONS, PROBLEMS


def found(desk: Desk) -> list[str]:
    return [one.code for one in check_up(desk, NOW).every]


def damage(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:5000] + bytes(2000) + data[7000 : len(data) - 4096])


def test_a_sound_desk_is_sound_and_stays_as_it_is(busy):
    before = {
        path: path.read_bytes() for path in busy.root.rglob("*") if path.is_file() and "desk.lock" not in path.name
    }
    done = check_up(busy, NOW)
    assert (done.every, done.needs_a_person) == ([], False)
    assert done.counted == {"ledger": 33, "archive": 33, "register": 8, "backups": 1}
    assert {path: path.read_bytes() for path in before} == before
    told = cli(busy, "doctor", "--format", "json")
    assert (told.exit_code, json.loads(told.output)["sound"]) == (0, True)


def test_the_archive_is_held_against_its_hashes(busy):
    first, second, *_ = sorted((busy.root / "archive" / "TP001").iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes() + b"x")
    (busy.root / "archive" / "TP001" / "stray.docx").write_bytes(report())
    done = check_up(busy, NOW)
    assert [(one.code, one.number) for one in done.findings["archive"]] == [
        (code, number)
        for code, number in [("desk_file_missing", "TP001"), ("desk_file_altered", "TP001"), ("desk_file_unknown", "")]
    ]
    assert cli(busy, "doctor").exit_code == 1


def test_the_register_is_held_against_the_ledger(busy):
    set_fields(busy, "TP001", {"report.title": "台账里改的"}, NOW)
    assert found(busy) == ["desk_register_behind"]
    sync(busy, NOW)
    assert found(busy) == []
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "问题标题", "登记表里改的")
    assert found(busy) == ["desk_register_changes"]
    old = busy.register.read_bytes()
    sync(busy, NOW)
    busy.register.write_bytes(old)
    assert found(busy) == ["desk_register_behind"]
    busy.register.unlink()
    assert found(busy) == ["desk_register_missing"]


def test_a_damaged_register_is_put_aside_and_written_anew(busy):
    busy.register.write_bytes(busy.register.read_bytes()[:3000])
    wrong = busy.register.read_bytes()
    done = check_up(busy, NOW)
    assert [one.code for one in done.every] == ["desk_register_unusable"]
    mended = repair(busy, done, NOW)
    assert numbers_in(busy.register) == [f"TP00{number}" for number in range(1, 9)]
    (aside,) = (busy.root / "backup").glob("register-aside-*.xlsx")
    assert aside.read_bytes() == wrong
    assert (len(mended.done), mended.newer, found(busy)) == (2, [], [])


def test_a_damaged_ledger_is_restored_from_the_newest_good_backup_and_what_is_newer_is_told(busy):
    set_fields(busy, "TP001", {"report.title": "还在备份里"}, NOW)
    sync(busy, NOW)
    # The last backup but one stays good; the last is damaged too, so a batch is lost with it.
    put(busy, "more", report(title="备份之后的问题", reported_by="别人"))
    ingest(busy, [], Options(), NOW)
    sync(busy, NOW)
    set_fields(busy, "TP002", {"report.title": "备份之后改的"}, NOW)
    sync(busy, NOW)
    for backup in sorted((busy.root / "backup").glob("ledger-*.db"))[-2:]:
        damage(backup)
    damage(busy.ledger)
    wrong = busy.ledger.read_bytes()
    told = cli(busy, "list")
    assert told.exit_code == 3
    assert "doctor --repair" in told.stderr
    done = check_up(busy, NOW)
    assert [one.code for one in done.every] == ["desk_backup_bad", "desk_backup_bad", "desk_ledger_damaged"] or [
        one.code for one in done.every
    ] == ["desk_ledger_damaged", "desk_backup_bad", "desk_backup_bad"]
    assert busy.ledger.read_bytes() == wrong
    mended = repair(busy, done, NOW)
    newer = "\n".join(one.say() for one in mended.newer)
    assert "archive/TP009/" in newer
    assert "TP009, row 10" in newer
    assert "TP002 “问题标题” in the register: “备份之后改的”" in newer
    assert problem_of(busy, "TP001").report.title == "还在备份里"
    (aside,) = (busy.root / "backup").glob("ledger-damaged-*.db")
    assert aside.read_bytes() == wrong
    assert "desk_ledger_damaged" not in found(busy)
    # Nothing of the time that was lost is taken for something of this one.
    (old,) = (busy.root / "backup").glob("register-aside-*.xlsx")
    shutil.copy(old, busy.register)
    with pytest.raises(RegisterError, match="another time"):
        sync(busy, NOW)
    busy.register.unlink()
    (lost,) = (busy.root / "archive" / "TP009").iterdir()
    assert ingest(busy, [lost], Options(), NOW).files[0].number == "TP009"
    set_fields(busy, "TP009", {"report.system": "x"}, NOW)
    sync(busy, NOW)
    shutil.copy(old, busy.register)
    with pytest.raises(RegisterError, match="another time"):
        sync(busy, NOW)


def test_a_ledger_that_is_gone_is_restored_too_and_without_a_backup_nothing_is_touched(busy):
    busy.ledger.unlink()
    assert found(busy) == ["desk_ledger_missing"]
    assert cli(busy, "doctor", "--repair").exit_code == 0
    assert found(busy) == []
    shutil.rmtree(busy.root / "backup")
    busy.ledger.write_bytes(b"nothing")
    before = busy.register.read_bytes()
    with pytest.raises(NotRepairedError, match="no good backup"):
        repair(busy, check_up(busy, NOW), NOW)
    assert (busy.ledger.read_bytes(), busy.register.read_bytes()) == (b"nothing", before)


def test_a_register_that_is_open_is_not_put_aside(busy):
    busy.register.write_bytes(b"PK\x03\x04")
    (busy.root / "~$register.xlsx").write_bytes(b"\x03abc")
    done = check_up(busy, NOW)
    assert [one.code for one in done.every] == ["desk_register_open", "desk_register_unusable"]
    with pytest.raises(NotWrittenError, match=r"open \(abc\)"):
        repair(busy, done, NOW)
    assert busy.register.read_bytes() == b"PK\x03\x04"


def test_a_read_only_register_waits(busy):
    before = busy.register.read_bytes()
    busy.register.chmod(0o444)
    set_fields(busy, "TP001", {"report.title": "新标题"}, NOW)
    with pytest.raises(NotWrittenError, match="read-only"):
        sync(busy, NOW)
    assert busy.register.read_bytes() == before
    busy.register.chmod(0o644)
    sync(busy, NOW)
    assert shown(busy).cell("TP001", "问题标题").value == "新标题"


def test_a_desk_that_was_moved_goes_on(busy, tmp_path):
    moved = Desk(Path(shutil.move(busy.root, tmp_path / "别处" / "desk")))
    assert found(moved) == []
    put(moved, "more", report(title="搬家之后", reported_by="别人"))
    assert ingest(moved, [], Options(), NOW).files[0].number == "TP009"
    sync(moved, NOW)
    link = shown(moved).cell("TP009", "F01文件").value
    assert (moved.root / link.partition('"')[2].partition('"')[0]).exists()


def test_the_ledger_may_lie_elsewhere(busy, tmp_path):
    target = tmp_path / "local" / "ledger.db"
    target.parent.mkdir()
    settings = busy.root / "tpdocs.toml"
    settings.write_text(f"ledger = '{target}'\n" + settings.read_text("utf-8"), "utf-8")
    desk = Desk(busy.root)
    assert found(desk) == ["desk_ledger_elsewhere"]
    assert "Move it there" in cli(desk, "doctor").output
    shutil.move(busy.root / "ledger.db", target)
    assert found(Desk(busy.root)) == []
    assert cli(desk, "set", "TP001", "report.title=本机台账").exit_code == 0
    assert shown(desk).cell("TP001", "问题标题").value == "本机台账"
    assert not (busy.root / "ledger.db").exists()
    assert len(list((busy.root / "backup").glob("ledger-*.db"))) == 2


def disks(*told: tuple[str, str, str]) -> list[SimpleNamespace]:
    return [SimpleNamespace(mountpoint=point, fstype=sort, opts=opts) for point, sort, opts in told]


@pytest.mark.parametrize(
    ("sort", "opts", "expected"),
    [
        ("cifs", "rw", True),
        ("nfs4", "rw", True),
        ("fuse.sshfs", "rw", True),
        ("ntfs", "rw,remote", True),
        ("ext4", "rw", False),
    ],
)
def test_a_network_share_is_known_and_told(busy, monkeypatch, sort, opts, expected):
    mounted = disks(("/", "ext4", "rw"), (str(busy.root), sort, opts))
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: mounted)
    assert is_on_a_share(busy.ledger) is expected
    assert is_on_a_share(busy.root / "not" / "there") is expected
    assert not is_on_a_share(busy.root.parent)
    assert ("desk_on_share" in found(busy)) is expected


def test_a_write_ahead_log_is_given_up(busy):
    connection = sqlite3.connect(busy.ledger)
    assert connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
    connection.close()
    set_fields(busy, "TP001", {"report.title": "新标题"}, NOW)
    connection = sqlite3.connect(busy.ledger)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    connection.close()


def test_whoever_holds_the_desk_is_named_and_a_dead_process_holds_nothing(busy, monkeypatch):
    lock = busy.root / ".tpdocs" / "desk.lock"
    code = textwrap.dedent(
        f"""
        import os
        from pathlib import Path
        from tpdocs.desk.folder import Desk
        with Desk(Path({str(busy.root)!r})).locked():
            print("held", flush=True)
            input()
        """
    )
    holder = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline().strip() == b"held"
    monkeypatch.setattr(desk_folder, "LOCK_SECONDS", 0.1)
    with pytest.raises(TpdocsError, match=rf"process {holder.pid}\)"):
        sync(busy, NOW)
    holder.kill()
    holder.communicate()
    assert lock.exists()
    assert sync(busy, NOW).written


def test_where_a_file_system_has_no_locks_one_that_a_dead_process_left_is_recognised(busy, monkeypatch):
    # What the library does on a share without flock: the lock is a file with the number of its process.
    monkeypatch.setattr(desk_folder, "FileLock", filelock.SoftFileLock)
    monkeypatch.setattr(desk_folder, "LOCK_SECONDS", 10)
    lock = busy.root / ".tpdocs" / "desk.lock"
    lock.unlink(missing_ok=True)
    code = f"import os, filelock; lock = filelock.SoftFileLock({str(lock)!r}); lock.acquire(); os._exit(9)"
    subprocess.run([sys.executable, "-c", code], check=False)
    assert lock.exists()
    assert sync(busy, NOW).written


FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from tpdocs.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a full disk cannot be made without one")
@pytest.mark.parametrize("limit", [0, 4096, 60_000])
@pytest.mark.parametrize("command", [("ingest",), ("sync",), ("set", "TP001", "report.title=新")])
def test_a_full_disk_is_one_sentence_and_makes_nothing_worse(busy, limit, command):
    put(busy, "more", report(title="另一个问题", reported_by="别人"))
    with Edit(busy) as book:
        book[PROBLEMS].put("TP002", "问题标题", "登记表里改的")
    register = busy.register.read_bytes()
    arguments = ["--lang", "en", "--desk", str(busy.root), *command, "--now", "2026-03-20 17:00"]
    done = subprocess.run(
        [sys.executable, "-c", FULL.format(limit=limit), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 2, done.stderr
    assert busy.register.read_bytes() == register
    assert "desk_ledger_damaged" not in found(busy)
    # With room again, the next run finishes the work.
    for name in ("ingest", "sync"):
        assert cli(busy, name).exit_code in (0, 1)
    assert problem_of(busy, "TP009").report.title == "另一个问题"
    assert problem_of(busy, "TP002").report.title == "登记表里改的"
    assert found(busy) == []


def without_rights() -> list[str]:
    """Root may write everything; without that right of his, rights count for him as for anybody."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other things there")
@pytest.mark.parametrize("what", ["ledger", "register", "desk"])
def test_what_may_not_be_written_is_one_sentence(busy, what):
    target = {"ledger": busy.ledger, "register": busy.register, "desk": busy.root}[what]
    target.chmod(0o555 if what == "desk" else 0o444)
    if what == "desk":
        (busy.root / ".tpdocs").chmod(0o555)
        (busy.root / ".tpdocs" / "desk.lock").chmod(0o444)
    before = busy.ledger.read_bytes(), busy.register.read_bytes()
    arguments = [
        "--lang",
        "en",
        "--desk",
        str(busy.root),
        "set",
        "TP001",
        "report.title=新",
        "--now",
        "2026-03-20 17:00",
    ]
    command = [*without_rights(), sys.executable, "-m", "tpdocs", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    for path in (busy.root, busy.root / ".tpdocs"):
        path.chmod(0o755)
    assert done.returncode in (1, 3), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert 1 <= len(done.stderr.splitlines()) <= 2, done.stderr
    assert busy.register.read_bytes() == before[1]
    if what == "register":
        assert "read-only" in done.stderr
    else:
        assert busy.ledger.read_bytes() == before[0]


def test_leftovers_are_told(busy):
    (busy.root / ".tpdocs-abc.tmp").write_bytes(b"x")
    assert found(busy) == ["desk_leftover"]


def test_a_register_without_its_table_is_written_anew(busy):
    book = openpyxl.load_workbook(busy.register)
    del book[PROBLEMS].tables["tp_problems"]
    book.save(busy.register)
    assert found(busy) == ["desk_register_unusable"]
    assert cli(busy, "doctor", "--repair").exit_code == 0
    assert verdicts(sync(busy, NOW)) == {}
    assert codes(sync(busy, NOW)) == []
    assert batches(busy)[-1].command == "ingest"


def test_a_register_that_excel_could_not_open_is_told_and_written_anew(busy):
    data = parts_of(busy.register)["xl/worksheets/sheet1.xml"]
    broken = data.replace(b'preserve">', b'preserve">\x07', 1)
    assert broken != data
    busy.register.write_bytes(with_part(busy.register.read_bytes(), "xl/worksheets/sheet1.xml", broken))
    assert "desk_register_part" in found(busy)
    assert cli(busy, "doctor", "--repair").exit_code == 0
    assert openpyxl.load_workbook(busy.register)[PROBLEMS]["A2"].value == "TP001"
    assert not check_up(busy, NOW).needs_a_person


def held_by_another(path: Path) -> subprocess.Popen[str]:
    """Another program that has the ledger to itself."""
    code = "import sqlite3,sys,time; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); time.sleep(120)"
    other = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    return other


def test_a_ledger_that_another_program_holds_is_not_damaged_and_stays_where_it_is(busy):
    set_fields(busy, "TP001", {"report.title": "最新"}, NOW)
    before = busy.ledger.read_bytes(), busy.register.read_bytes()
    with held_by_another(busy.ledger) as other:
        assert found(busy) == ["desk_ledger_unusable"]
        assert cli(busy, "doctor", "--repair").exit_code == 1
        other.kill()
    assert (busy.ledger.read_bytes(), busy.register.read_bytes()) == before
    assert "desk_ledger_unusable" not in found(busy)


def plain(desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """tpdocs run without the rights that root has over everybody's files."""
    rights = without_rights()
    told = [*rights[:1], f"{rights[1]},-fowner", "--inh-caps=-all"] if rights else []
    command = [*told, sys.executable, "-m", "tpdocs", "--lang", "en", "--desk", str(desk.root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other things there")
def test_a_ledger_that_may_not_be_read_is_not_damaged(busy):
    before = busy.ledger.read_bytes()
    busy.ledger.chmod(0)
    told = plain(busy, "doctor", "--repair", "--now", "2026-03-20 17:00")
    busy.ledger.chmod(0o644)
    assert (told.returncode, "Traceback" in told.stderr) == (1, False)
    assert "check your rights" in told.stdout
    assert busy.ledger.read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other things there")
@pytest.mark.parametrize("what", ["backup", "a file for backup", "tpdocs.toml"])
def test_what_may_not_be_read_is_one_sentence(busy, what):
    target = busy.root / what.rpartition(" ")[2]
    if what == "a file for backup":
        shutil.rmtree(target)
        target.write_text("x", "utf-8")
    else:
        target.chmod(0)
    told = plain(busy, "set", "TP001", "report.title=新", "--now", "2026-03-20 17:00")
    if what != "a file for backup":
        target.chmod(0o755)
    assert "Traceback" not in told.stderr
    assert told.returncode == (3 if what == "tpdocs.toml" else 1)
    assert 1 <= len(told.stderr.splitlines()) <= 2, told.stderr
    assert target.name in told.stderr


def test_a_backup_that_cannot_be_copied_leaves_the_damaged_ledger_in_its_place(busy, monkeypatch):
    damage(busy.ledger)
    before = busy.ledger.read_bytes()

    def full(*_: object) -> None:
        raise NotWrittenError("{path} cannot be written", path="x")

    monkeypatch.setattr("tpdocs.ledger.backups._copy", full)
    with pytest.raises(NotWrittenError):
        repair(busy, check_up(busy, NOW), NOW)
    assert busy.ledger.read_bytes() == before


def no_room(desk: Desk) -> Callable[..., None]:
    """What writes to the ledger when the disk is full."""

    def full(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorname = "SQLITE_FULL"
        raise unusable(desk.ledger, error)

    return full


def test_a_disk_that_fills_up_after_the_change_is_told_so(busy, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("tpdocs.actions.sync._tried", no_room(busy))
        told = cli(busy, "set", "TP001", "report.title=满")
        assert (told.exit_code, "Nothing was changed" in told.output) == (1, False)
        assert "is on record" in told.output
        alone = cli(busy, "sync")
        assert (alone.exit_code, "Nothing was changed" in alone.output) == (3, True)
    assert problem_of(busy, "TP001").report.title == "满"
    assert cli(busy, "sync").exit_code == 0


def test_a_restored_ledger_tells_of_rows_that_were_typed_and_never_taken_in(busy):
    with Edit(busy) as book:
        for heading, value in {"问题标题": "还没收下的", "上报人": "甲"}.items():
            book[PROBLEMS].put(10, heading, value)
    damage(busy.ledger)
    done = repair(busy, check_up(busy, NOW), NOW)
    told = [one.say() for one in done.newer]
    assert any("row 10" in one and "还没收下的" in one for one in told), told


def test_who_has_the_register_open_is_read_as_excel_writes_it(busy):
    name = "张三（技术支持）"
    narrow = name.encode("gbk")
    data = (
        bytes([len(narrow)])
        + narrow.ljust(54)
        + len(name).to_bytes(2, "little")
        + name.encode("utf-16-le").ljust(108, b" ")
    )
    owner = busy.register.with_name(f"~${busy.register.name}")
    for written in (data, data[:55]):
        owner.write_bytes(written)
        assert f"({name})" in str(held_back(busy.register))


@pytest.mark.skipif(sys.platform == "win32", reason="rights and links are other things there")
def test_the_register_keeps_its_rights_and_a_link_to_it_stays_one(busy, tmp_path):
    busy.register.chmod(0o660)
    set_fields(busy, "TP001", {"report.title": "新"}, NOW)
    sync(busy, NOW)
    assert busy.register.stat().st_mode & 0o777 == 0o660
    real = tmp_path / "elsewhere.xlsx"
    busy.register.rename(real)
    busy.register.symlink_to(real)
    set_fields(busy, "TP001", {"report.title": "更新"}, NOW)
    sync(busy, NOW)
    assert busy.register.is_symlink()
    assert shown(busy).cell("TP001", "问题标题").value == "更新"


@pytest.mark.parametrize("way", ["no folder", "ended"])
def test_a_repair_that_was_ended_gives_no_number_again(busy, monkeypatch, way):
    put(busy, "new", report(title="第九个"))
    assert cli(busy, "ingest").exit_code in {0, 1}
    assert problem_of(busy, "TP009").report.title == "第九个"
    for newest in sorted((busy.root / "backup").glob("ledger-*.db"))[-1:]:
        newest.unlink()
    damage(busy.ledger)
    if way == "no folder":
        shutil.rmtree(busy.root / "returned")
    else:
        with monkeypatch.context() as patch:
            patch.setattr("tpdocs.actions.repair._last_number_seen", lambda _: 1 // 0)
            with pytest.raises(ZeroDivisionError):
                repair(busy, check_up(busy, NOW), NOW)
        assert "desk_ledger_damaged" in found(busy)
    repair(busy, check_up(busy, NOW), NOW)
    put(busy, "another", report(title="再一个"))
    cli(busy, "ingest")
    assert problem_of(busy, "TP010").report.title == "再一个"


@pytest.mark.skipif(sys.platform == "win32", reason="rights are other things there")
@pytest.mark.parametrize(("folder", "code"), [("returned", 1), ("outbox", 1), ("inbox", 3)])
def test_a_folder_that_may_not_be_entered_is_one_sentence(busy, folder, code):
    put(busy, "good", report(title="好的"))
    put(busy, "bad", report(occurred_at="2030-01-01T00:00"))
    (busy.root / folder).chmod(0)
    told = plain(busy, "ingest", "--now", "2026-03-20 17:00")
    (busy.root / folder).chmod(0o755)
    assert ("Traceback" in told.stderr, told.returncode) == (False, code), told.stderr
    if folder == "inbox":
        assert "cannot be read" in told.stderr
    else:
        assert "好的" in [problem_of(busy, one).report.title for one in ("TP009", "TP010")]
        if folder == "outbox":
            assert "cannot be written" in told.stderr


def test_a_repair_that_finds_no_room_for_the_register_tells_what_it_did(busy, monkeypatch):
    put(busy, "new", report(title="第九个"))
    assert cli(busy, "ingest").exit_code in {0, 1}
    max((busy.root / "backup").glob("ledger-*.db")).unlink()
    damage(busy.ledger)

    with monkeypatch.context() as patch:
        patch.setattr("tpdocs.actions.repair.sync", no_room(busy))
        told = cli(busy, "doctor", "--repair")
    assert told.exit_code == 3
    for words in ("put aside", "was restored from", "TP009", "The repair is not finished", "database or disk is full"):
        assert words in told.output
    assert "Nothing was changed" not in told.output
    assert cli(busy, "doctor", "--repair").exit_code == 0
    (unknown,) = check_up(busy, NOW).every
    assert unknown.code == "desk_file_unknown"  # what the first repair told of
    where = str(unknown.parts["path"])
    assert f"“tpdocs ingest {where}”" in unknown.advice()
    assert cli(busy, "ingest", str(busy.root / where)).exit_code in {0, 1}
    assert (found(busy), problem_of(busy, "TP009").report.title) == ([], "第九个")
    assert [path.name for path in (busy.root / "archive" / "TP009").iterdir()] == [Path(where).name]


def test_sheets_and_columns_that_people_took_out_are_named(busy):
    with Edit(busy) as book:
        del book.book[ACTIONS]
        book[PROBLEMS].sheet.cell(1, book[PROBLEMS].columns["联系方式"]).value = "电话"
    sync(busy, NOW)
    done = check_up(busy, NOW)
    told = [one for one in done.every if one.code == "desk_register_lacks"]
    assert [one.parts["name"] for one in told] == [f"{PROBLEMS} · 联系方式", ACTIONS]
    assert not done.needs_a_person
    assert cli(busy, "doctor").exit_code == 0


def test_why_a_ledger_is_damaged_is_said_in_the_language_of_whoever_asks(busy):
    with closing(sqlite3.connect(busy.ledger)) as connection, connection:
        connection.execute("DELETE FROM meta WHERE key = 'desk_id'")
    (one,) = [one for one in check_up(busy, NOW).every if one.code == "desk_ledger_damaged"]
    assert one.message("en").endswith(": it belongs to no desk")
    assert one.message("zh").endswith("它不属于任何工作台")


def test_what_was_not_taken_in_is_not_said_to_be_taken_in(busy):
    with Edit(busy) as book:
        book[PROBLEMS].put("TP003", "联系方式", "#N/A")
    sync(busy, NOW)
    assert found(busy) == ["desk_register_refused"]


def test_without_a_good_backup_nothing_is_to_be_deleted(busy):
    damage(busy.ledger)
    for path in (busy.root / "backup").glob("ledger-*.db"):
        path.write_bytes(b"x" * 5000)
    told = check_up(busy, NOW).every
    assert {one.code for one in told} == {"desk_ledger_lost", "desk_backups_bad"}
    assert not any("elete" in one.advice() for one in told)
    assert cli(busy, "doctor", "--repair").exit_code == 3


def test_an_altered_file_of_the_archive_is_not_to_be_taken_in_again(busy):
    altered = min((busy.root / "archive").rglob("*.docx"))
    altered.write_bytes(b"other")
    damage(busy.ledger)
    told = cli(busy, "doctor", "--repair")
    assert "desk_file_altered" in found(busy)
    assert f"tpdocs ingest {altered.relative_to(busy.root).as_posix()}" not in told.output
