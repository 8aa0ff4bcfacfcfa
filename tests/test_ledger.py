"""The ledger: numbers given once, nothing ever changed, all or nothing."""

import multiprocessing
import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from tests.conftest import NOW, filled
from tpdocs.actions.ingest import Options, ingest
from tpdocs.cli.app import app
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError
from tpdocs.findings import Finding
from tpdocs.forms.problem import Problem
from tpdocs.forms.values import Record
from tpdocs.ledger import tables
from tpdocs.ledger.entries import Attachment, NewDocument, NewRevision
from tpdocs.ledger.merge import Change
from tpdocs.ledger.store import Ledger, Transaction
from tpdocs.ledger.tables import problem as problems

AT = "2026-03-20T17:00:00"


@pytest.fixture
def ledger(tmp_path):
    made = Ledger(tmp_path / "ledger.db", create=True)
    yield made
    made.close()


def give(ledger: Ledger, count: int = 1) -> list[str]:
    with ledger.transaction() as transaction:
        batch = transaction.begin_batch("test", AT)
        return [transaction.give_number(batch) for _ in range(count)]


def revise(transaction: Transaction, number: str, form: str = "report", round_: int = 1, **values: Any) -> int:
    """Append a state of a form; returns the revision."""
    batch = transaction.begin_batch("test", AT, "张三", "一次更正")
    state = {"values": values, "raw": {}, "places": {}, "conflicts": {}}
    changes = [Change(name, None, value) for name, value in values.items()]
    return transaction.add_revision(batch, AT, NewRevision(number, form, round_, "command", "张三", state, changes))


def document(number: str, sha256: str = "a" * 64, **values: Any) -> NewDocument:
    notes = {"findings": [Finding(code="prompt_left", field="report.title", label="问题标题").stored()], "outside": []}
    return NewDocument(
        sha256, number, "report", 1, "a.docx", f"archive/{number}/a.docx", Record("report", values), notes
    )


def kept(path: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


# Reading.


def test_reading_waits_for_nobody_and_sees_what_was_committed(ledger, monkeypatch):
    give(ledger)
    monkeypatch.setattr("tpdocs.ledger.engine.BUSY_SECONDS", 0)
    with ledger.transaction() as transaction:
        transaction.give_number(transaction.begin_batch("test", AT))
        other = Ledger(Path(ledger._engine.url.database))
        with other.reading() as looking:
            assert looking.numbers() == ["TP001"]
        other.close()


# Numbers.


def test_numbers_count_from_tp001_and_go_on_after_tp999(ledger):
    assert give(ledger, 2) == ["TP001", "TP002"]
    with ledger.transaction() as transaction:
        batch = transaction.begin_batch("test", AT)
        transaction.connection.execute(insert(problems).values(serial=998, number="TP998", batch_id=batch))
    assert give(ledger, 2) == ["TP999", "TP1000"]
    with ledger.transaction() as transaction:
        assert transaction.numbers() == ["TP001", "TP002", "TP998", "TP999", "TP1000"]
        assert [transaction.has_problem(number) for number in ("TP1000", "TP1001", "tp001")] == [True, False, False]


class _Stop(Exception):  # noqa: N818 - what a crash looks like from inside
    pass


def test_a_number_that_was_committed_never_comes_again_and_one_that_was_not_leaves_no_gap(ledger):
    assert give(ledger) == ["TP001"]
    with pytest.raises(_Stop), ledger.transaction() as transaction:  # noqa: PT012 - the crash comes after the number
        assert transaction.give_number(transaction.begin_batch("test", AT)) == "TP002"
        raise _Stop
    with ledger.transaction() as transaction:
        assert transaction.numbers() == ["TP001"]
    assert give(ledger, 2) == ["TP002", "TP003"]
    assert kept(ledger._path, "SELECT count(*) FROM batch") == [(2,)]


def _give_and_ingest(root: str, name: str) -> list[str]:
    desk = Desk(Path(root))
    taken = ingest(desk, [Path(root).parent / name], Options(), NOW)
    given = [one.opened for one in taken.files]
    ledger = Ledger(desk.ledger)
    try:
        for _ in range(5):
            with ledger.transaction() as transaction:
                # Reads before it writes: nobody else may get in between.
                highest = transaction.numbers()[-1]
                given.append(transaction.give_number(transaction.begin_batch("test", AT)))
                assert int(given[-1][2:]) == int(highest[2:]) + 1
    finally:
        ledger.close()
    return given


def test_four_processes_at_once_never_get_the_same_number(desk):
    names = [f"from-{process}" for process in range(4)]
    for name in names:
        folder = desk.root.parent / name
        folder.mkdir()
        for number in range(3):
            report = Record("report", {"title": f"{name} 的第 {number} 个问题", "reported_by": name})
            (folder / f"{number}.docx").write_bytes(filled("report", report))
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        given = list(pool.map(_give_and_ingest, [str(desk.root)] * 4, names))
    assert [len(numbers) for numbers in given] == [8, 8, 8, 8]
    assert sorted(number for numbers in given for number in numbers) == [f"TP{number:03d}" for number in range(1, 33)]
    ledger = Ledger(desk.ledger)
    with ledger.transaction() as transaction:
        on_record = transaction.problems()
    ledger.close()
    assert len(on_record) == 32
    for name, numbers in zip(names, given, strict=True):
        titled = {one.number for one in on_record if (one.report.title or "").startswith(name)}
        assert titled == set(numbers[:3])
    assert sorted(path.name for path in desk.outbox.iterdir()) == sorted(
        f"{number}-F01-问题上报记录.docx" for numbers in given for number in numbers[:3]
    )


# History.


def test_revisions_are_appended_and_earlier_ones_stay_as_they_are(ledger):
    (number,) = give(ledger)
    with ledger.transaction() as transaction:
        assert revise(transaction, number, title="一") == 1
    rows = "SELECT * FROM revision WHERE id <= 1"
    before = kept(ledger._path, rows)
    assert len(before) == 1
    with ledger.transaction() as transaction:
        assert revise(transaction, number, title="二", impact="全部") == 2
        assert revise(transaction, number, "triage", accepted_by="王五") == 3
    assert kept(ledger._path, rows) == before
    with ledger.transaction() as transaction:
        history = transaction.history(number)
        assert transaction.last_revision() == 3
    assert [(one.id, one.form, one.source, one.person, one.comment, one.document) for one in history] == [
        (1, "report", "command", "张三", "一次更正", ""),
        (2, "report", "command", "张三", "一次更正", ""),
        (3, "triage", "command", "张三", "一次更正", ""),
    ]
    assert history[1].changes == [
        {"field": "title", "old": None, "new": "二"},
        {"field": "impact", "old": None, "new": "全部"},
    ]


def test_a_problem_as_of_a_revision_is_what_was_on_record_then(ledger):
    first, second = give(ledger, 2)
    with ledger.transaction() as transaction:
        revise(transaction, first, title="一")
        revise(transaction, second, title="别的")
        revise(transaction, first, title="二")
        revise(transaction, first, "solution", 2, content="改")

    def as_of(revision: int | None) -> tuple[Any, Any, int]:
        with ledger.transaction() as transaction:
            one = transaction.problem(first, revision)
        assert one is not None
        return one.report.title, one.get("solution.content"), one.revision

    assert [as_of(revision) for revision in (0, 1, 2, 3, 4, None)] == [
        (None, None, 0), ("一", None, 1), ("一", None, 1), ("二", None, 3), ("二", "改", 4), ("二", "改", 4),
    ]  # fmt: skip
    with ledger.transaction() as transaction:
        assert [one.number for one in transaction.problems(as_of=1)] == [first]
        assert [one.number for one in transaction.problems()] == [first, second]
        assert transaction.problem("TP003") is None


def test_a_problem_that_has_a_number_and_nothing_else_is_on_record(ledger):
    (number,) = give(ledger)
    with ledger.transaction() as transaction:
        assert transaction.problem(number) == Problem(number)
        assert transaction.problems() == [Problem(number)]


def test_reviews_are_kept_by_period_and_are_no_problems(ledger):
    with ledger.transaction() as transaction:
        revise(transaction, "2026-02", "review", organizer="钱一")
        revise(transaction, "2026-02", "review", organizer="孙七")
        revise(transaction, "2026-Q1", "review", organizer="钱一")
    with ledger.transaction() as transaction:
        assert transaction.problems() == []
        assert {period: one.values for period, one in transaction.reviews().items()} == {
            "2026-02": {"organizer": "孙七"},
            "2026-Q1": {"organizer": "钱一"},
        }


# Transactions.


def test_what_waits_to_be_written_is_visible_to_reads_in_the_same_transaction(ledger):
    with ledger.transaction() as transaction:
        batch = transaction.begin_batch("test", AT)
        number = transaction.give_number(batch)
        made = transaction.add_document(batch, AT, document(number, title="一"))
        state = {"values": {"title": "一"}, "raw": {"reported_at": "下周"}, "places": {"title": "表1 行2 格2"}}
        new = NewRevision(number, "report", 1, "document", "", state, [Change("title", None, "一")], made)
        assert transaction.last_revision() == 0
        assert transaction.add_revision(batch, AT, new) == 1
        assert transaction.last_revision() == 1
        found = transaction.problem(number)
        assert found is not None
        assert found.report.title == "一"
        assert found.stored[0].raw == {"reported_at": "下周"}
        assert found.stored[0].places == {"title": "表1 行2 格2"}
        assert [one.code for one in found.stored[0].findings] == ["prompt_left"]
        assert transaction.hashes() == {"a" * 64}
        assert [one.id for one in transaction.document_with("a" * 64)] == [made]
        assert transaction.last_answers(number, "report", 1, "").values == {"title": "一"}
        assert [(one.id, one.document) for one in transaction.history(number)] == [(1, "a.docx")]


def test_ids_go_on_over_several_flushes_and_transactions(ledger):
    (number,) = give(ledger)
    with ledger.transaction() as transaction:
        ids = [revise(transaction, number, title="一"), revise(transaction, number, title="二")]
        assert transaction.numbers() == [number]
        ids.append(revise(transaction, number, title="三"))
    with ledger.transaction() as transaction:
        ids.append(revise(transaction, number, title="四"))
    assert ids == [1, 2, 3, 4]
    assert kept(ledger._path, "SELECT id FROM revision ORDER BY id") == [(1,), (2,), (3,), (4,)]


def test_a_transaction_that_fails_leaves_nothing(ledger):
    before = ledger._path.read_bytes()
    with pytest.raises(_Stop), ledger.transaction() as transaction:  # noqa: PT012 - everything before the crash counts
        batch = transaction.begin_batch("test", AT)
        number = transaction.give_number(batch)
        transaction.add_document(batch, AT, document(number))
        revise(transaction, number, title="一")
        transaction.add_attachment(batch, None, number, Attachment("a.png", "archive/a.png", "b" * 64))
        transaction.set_meta("key", "value")
        raise _Stop
    for table in ("batch", "problem", "document", "revision", "attachment"):
        assert kept(ledger._path, f"SELECT count(*) FROM {table}") == [(0,)]  # noqa: S608 - our own names
    assert kept(ledger._path, "SELECT key FROM meta ORDER BY key") == [("desk_id",), ("schema_version",)]
    assert ledger._path.read_bytes() == before


def test_foreign_keys_are_on(ledger):
    with ledger.transaction() as transaction:
        assert transaction.connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    with pytest.raises(TpdocsError, match="FOREIGN KEY"), ledger.transaction() as transaction:
        transaction.add_revision(99, AT, NewRevision("TP001", "report", 1, "command", "", {}, []))
    assert kept(ledger._path, "SELECT count(*) FROM revision") == [(0,)]


def test_the_same_attachment_is_recorded_once_a_problem(ledger):
    first, second = give(ledger, 2)
    with ledger.transaction() as transaction:
        batch = transaction.begin_batch("test", AT)
        told = [
            transaction.add_attachment(batch, None, subject, Attachment(name, "archive/x", sha256, "表1"))
            for subject, sha256, name in ((first, "b", "a.png"), (first, "b", "a.png"), (first, "b", "c.png"), (second, "b", "a.png"))
        ]  # fmt: skip
        assert told == [True, False, True, True]
        assert transaction.attachments(first) == [
            Attachment("a.png", "archive/x", "b", "表1"),
            Attachment("c.png", "archive/x", "b", "表1"),
        ]


def test_text_in_the_file_stays_readable(ledger):
    (number,) = give(ledger)
    with ledger.transaction() as transaction:
        revise(transaction, number, title="订单😀")
    ((state,),) = kept(ledger._path, "SELECT state FROM revision")
    assert '"title":"订单😀"' in state


def test_notes_are_kept_and_replaced(ledger):
    with ledger.transaction() as transaction:
        assert transaction.meta("key") == ""
        transaction.set_meta("key", "one")
        transaction.set_meta("key", "two")
    with ledger.transaction() as transaction:
        assert transaction.meta("key") == "two"
        assert transaction.desk_id() == ledger.desk_id
    assert len(ledger.desk_id) == 32


# Opening.


def test_opening_again_finds_the_same_desk_and_changes_nothing(ledger):
    before = ledger._path.read_bytes()
    again = Ledger(ledger._path)
    assert again.desk_id == ledger.desk_id
    again.close()
    assert ledger._path.read_bytes() == before


def test_a_ledger_of_a_newer_version_is_refused_and_left_alone(desk):
    newer = len(tables.MIGRATIONS) + 1
    connection = sqlite3.connect(desk.ledger)
    connection.execute("UPDATE meta SET value = ? WHERE key = 'schema_version'", (str(newer),))
    connection.commit()
    connection.close()
    before = desk.ledger.read_bytes()
    with pytest.raises(TpdocsError, match=f"newer tpdocs .version {newer} ") as caught:
        Ledger(desk.ledger)
    assert caught.value.exit_code == 3
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "list"])
    assert told.exit_code == 3
    assert "Update tpdocs." in told.stderr
    assert told.stdout == ""
    assert desk.ledger.read_bytes() == before


def test_a_missing_ledger_is_one_clear_error_and_is_not_made_anew(desk):
    desk.ledger.unlink()
    with pytest.raises(TpdocsError, match=r"is missing\. Put it back there, or restore it") as caught:
        Ledger(desk.ledger)
    assert caught.value.exit_code == 3
    assert str(desk.ledger) in str(caught.value)
    assert not desk.ledger.exists()
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "list"])
    assert (told.exit_code, told.stderr.count("\n")) == (3, 1)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "other bytes": lambda _: b"no database at all " * 100,
    "zeros": lambda data: bytes(len(data)),
    "first page": lambda data: data[:100] + bytes(4000) + data[4100:],
    "cut short": lambda data: data[:5000],
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_one_clear_error_and_is_not_written_to(desk, damage):
    damaged = DAMAGES[damage](desk.ledger.read_bytes())
    desk.ledger.write_bytes(damaged)
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "list"])
    assert told.exit_code == 3
    assert told.stderr.startswith(f"Error: The ledger {desk.ledger} ")
    assert (told.stderr.count("\n"), told.stdout) == (1, "")
    assert desk.ledger.read_bytes() == damaged


def test_a_database_of_another_program_is_not_taken_for_a_ledger(desk):
    desk.ledger.unlink()
    connection = sqlite3.connect(desk.ledger)
    connection.execute("CREATE TABLE bookmark (id INTEGER)")
    connection.commit()
    connection.close()
    with pytest.raises(TpdocsError):
        Ledger(desk.ledger)
    assert kept(desk.ledger, "SELECT name FROM sqlite_master") == [("bookmark",)]


def test_a_migration_that_fails_leaves_no_table(tmp_path, monkeypatch):
    def breaks(connection: Any) -> None:
        connection.exec_driver_sql("CREATE TABLE half_done (id INTEGER)")
        raise _Stop

    path = tmp_path / "ledger.db"
    monkeypatch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, breaks))
    with pytest.raises(_Stop):
        Ledger(path, create=True)
    assert kept(path, "SELECT name FROM sqlite_master") == []


def test_a_later_migration_runs_once_and_keeps_what_is_there(desk, monkeypatch):
    ledger = Ledger(desk.ledger)
    give(ledger)
    ledger.close()
    ran = []

    def adds(connection: Any) -> None:
        ran.append(1)
        connection.exec_driver_sql("CREATE TABLE added (id INTEGER)")

    monkeypatch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, adds))
    for _ in range(2):
        again = Ledger(desk.ledger)
        with again.transaction() as transaction:
            assert transaction.numbers() == ["TP001"]
        again.close()
    assert ran == [1]
    assert kept(desk.ledger, "SELECT value FROM meta WHERE key = 'schema_version'") == [(str(len(tables.MIGRATIONS)),)]


def test_a_ledger_from_before_places_of_attachments_is_brought_up_to_date(desk):
    connection = sqlite3.connect(desk.ledger)
    connection.execute("ALTER TABLE attachment DROP COLUMN place")
    connection.execute("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    with closing(Ledger(desk.ledger)) as ledger, ledger.transaction() as transaction:
        number = transaction.give_number(transaction.begin_batch("test", AT))
        transaction.add_attachment(1, None, number, Attachment("a.png", "archive/x", "b"))
        assert transaction.attachments(number) == [Attachment("a.png", "archive/x", "b", "")]


def test_a_ledger_from_before_the_index_of_faces_gets_it_and_uses_it(desk):
    connection = sqlite3.connect(desk.ledger)
    connection.execute("DROP INDEX face_by_time")
    connection.execute("UPDATE meta SET value = '4' WHERE key = 'schema_version'")
    connection.commit()
    connection.close()
    Ledger(desk.ledger).close()
    for question in ("until <= '2026'", "position < 0 OR (position = 0 AND number GLOB 'TP*')"):
        (plan,) = kept(desk.ledger, f"EXPLAIN QUERY PLAN SELECT number FROM face WHERE {question}")  # noqa: S608
        assert "USING COVERING INDEX face_by_time" in plan[-1]
