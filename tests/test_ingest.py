"""Taking forms in, sending forms out, closing and syncing, on a desk of its own each time."""

import hashlib
import io
import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from tests.conftest import NOW, SHELF, blank, filled, reading_of, record_in
from tests.docx_tools import PNG, Doc, paragraph, xml
from tests.records import FAILED_TO_INVESTIGATION, FAILED_TO_SOLUTION, RESIDUAL, good
from tpdocs.actions.forms_out import NotClosableError, close, write_next
from tpdocs.actions.incoming import read_file, read_files
from tpdocs.actions.ingest import Ingested, Options, ingest
from tpdocs.actions.init import init
from tpdocs.actions.look import check, reading, show_problem
from tpdocs.actions.sync import sync
from tpdocs.actions.workers import Workers
from tpdocs.cli.app import app
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, TpdocsError, UsageError
from tpdocs.findings import Finding
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import ORDER, Problem
from tpdocs.forms.standard import FORMS
from tpdocs.forms.values import Record
from tpdocs.register.book import RegisterError
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.package import Limits
from tpdocs.word.xml import NS_R

TITLE = "订单系统提交失败"
LIFE = ORDER[: ORDER.index("verification") + 1]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def put(desk: Desk, name: str, data: bytes) -> Path:
    path = desk.inbox / f"{name}.docx"
    path.write_bytes(data)
    return path


def take(desk: Desk, *paths: Path, **options: Any) -> Ingested:
    return ingest(desk, list(paths), Options(**options), NOW)


def outcomes(taken: Ingested) -> dict[str, tuple[str, str]]:
    return {one.incoming.path.name: (one.outcome, one.number) for one in taken.files}


def refusals(taken: Ingested) -> list[Finding]:
    """What was found about the files themselves, and why forms in them were refused."""
    found = []
    for one in taken.files:
        refused = [finding for record in one.records if record.outcome == "rejected" for finding in record.findings]
        found += [*one.findings, *(finding for finding in refused if finding not in one.findings)]
    return found


def codes(taken: Ingested) -> list[str]:
    return [finding.code for finding in refusals(taken)]


def record_codes(taken: Ingested) -> list[str]:
    return [finding.code for one in taken.files for record in one.records for finding in record.findings]


def revision_of(desk: Desk) -> int:
    with reading(desk) as transaction:
        return transaction.last_revision()


def problem_of(desk: Desk, number: str = "TP001") -> Problem:
    with reading(desk) as transaction:
        problem = transaction.problem(number)
    assert problem is not None
    return problem


def report(**changes: Any) -> bytes:
    return filled("F01", Record("report", good("report", **changes)))


def form(key: str, number: str = "TP001", title: str = TITLE, **changes: Any) -> bytes:
    """A blank form of a stage, filled by hand: number and title in its identity block."""
    record = Record(key, good(key, **changes))
    return filled(key, record, number=number, title=title) if number else filled(key, record, title=title)


def refilled(path: Path, form: str, raw: dict[str, str] | None = None, **values: Any) -> bytes:
    """A form that tpdocs wrote, with some fields typed over; None empties a field."""
    content = Content({f"{form}.{name}": value for name, value in values.items()})
    content.raw = {f"{form}.{name}": text for name, text in (raw or {}).items()}
    return FormDocument(path.read_bytes()).fill(content)


def opened(desk: Desk, **changes: Any) -> Path:
    """Take a report in; returns its receipt."""
    (receipt,) = _take_report(desk, **changes).written
    return receipt


def _take_report(desk: Desk, **changes: Any) -> Ingested:
    put(desk, f"report-{len(list((desk.root / 'archive').rglob('*.docx')))}", report(**changes))
    return take(desk)


def lived(desk: Desk, until: str = "verification", **verification: Any) -> None:
    """Take a problem's forms in up to a stage, by the hand-filled way."""
    for key in LIFE[: LIFE.index(until) + 1]:
        put(desk, key, report() if key == "report" else form(key, **(verification if key == "verification" else {})))
    taken = take(desk)
    assert not taken.needs_a_person, codes(taken)


def whole_desk(desk: Desk) -> dict[str, tuple[bytes, float]]:
    """Every file of a desk but its lock."""
    return {
        str(path.relative_to(desk.root)): (path.read_bytes(), path.stat().st_mtime)
        for path in sorted(desk.root.rglob("*"))
        if path.is_file() and not path.name.startswith("desk.lock")
    }


# A new report.


def test_a_new_report_opens_a_problem_and_is_on_record_as_it_was_sent(desk):
    put(desk, "来信 1", report(workaround="a  b\n\t=1+1 <&> 😀"))
    taken = take(desk, comment="夜班", person="王五")
    assert outcomes(taken) == {"来信 1.docx": ("new", "TP001")}
    assert (taken.batch, taken.failed, taken.needs_a_person) == (1, [], False)
    (one,) = taken.files[0].records
    expected = good("report", workaround="a  b\n\t=1+1 <&> 😀")
    assert {change.field: (change.old, change.new) for change in one.changes} == {
        name: (None, value) for name, value in expected.items()
    }
    assert one.findings == []
    problem = problem_of(desk)
    assert (problem.status, problem.stored[0].values) == ("待受理", expected)
    with reading(desk) as transaction:
        (revision,) = transaction.history("TP001")
    assert (revision.source, revision.document, revision.person, revision.comment, revision.at) == (
        "document", "来信 1.docx", "王五", "夜班", "2026-03-20T17:00:00",
    )  # fmt: skip


def test_the_receipt_is_the_sent_document_with_its_number_in_it(desk):
    sent = report(
        title="R&D <团队> {{ x }}", attachments=[{"name": "截图一", "type": "其他", "type_other": "照片", "note": None}]
    )
    put(desk, "a", sent)
    taken = take(desk)
    assert taken.written == [desk.outbox / "TP001-F01-问题上报记录.docx"]
    receipt = taken.written[0].read_bytes()
    with reading(desk) as transaction:
        desk_id = transaction.desk_id()
    told = reading_of(receipt)
    own = ("number", "round", "revision", "desk")
    assert {name: told.properties[name] for name in own} == {
        "number": "TP001",
        "round": "1",
        "revision": "1",
        "desk": desk_id,
    }
    assert told.text("report.number") == "TP001"
    assert record_in(receipt, "report") == record_in(sent, "report")
    assert {name: value for name, value in told.properties.items() if name not in own} == reading_of(sent).properties
    assert (told.findings, told.outside) == ([], [])


def test_numbers_go_up_and_each_has_its_receipt(desk):
    for position in range(3):
        put(
            desk,
            f"r{position}",
            report(
                title=f"问题{position}",
                occurred_at=f"2026-03-0{position + 1}",
                reported_at=f"2026-03-0{9 - position}",
                reported_by=f"人{position}",
            ),
        )
    taken = take(desk)
    assert outcomes(taken) == {"r2.docx": ("new", "TP001"), "r1.docx": ("new", "TP002"), "r0.docx": ("new", "TP003")}
    assert [path.name for path in taken.written] == [f"TP00{number}-F01-问题上报记录.docx" for number in (1, 2, 3)]
    assert [reading_of(path.read_bytes()).text("report.title") for path in taken.written] == ["问题2", "问题1", "问题0"]


def test_numbers_do_not_depend_on_the_order_of_paths_or_on_who_reads(tmp_path):
    paths = []
    for name, day in (("c", 3), ("a", 2), ("b", 2), ("d", 1)):
        path = tmp_path / f"{name}.docx"
        path.write_bytes(report(title=f"问题{name}", reported_by=name, occurred_at=None, reported_at=f"2026-03-0{day}"))
        paths.append(path)
    found = []
    for position, order in enumerate((paths, paths[::-1], paths[2:] + paths[:2], [tmp_path])):
        desk = init(tmp_path.parent / f"{tmp_path.name}-{position}")
        found.append(
            {
                one.incoming.path.stem: one.number
                for one in ingest(desk, order, Options(jobs=1 + position % 2), NOW).files
            }
        )
    assert found == [{"d": "TP001", "a": "TP002", "b": "TP003", "c": "TP004"}] * 4


def test_two_processes_read_the_same_as_one_and_keep_the_order(tmp_path):
    paths = []
    for position, data in enumerate((report(), form("solution"), b"no form", b"", report(title="二"), blank("F03"))):
        path = tmp_path / f"{position}.docx"
        path.write_bytes(data)
        paths.append(path)
    told: list[list[str]] = [[], []]
    reader = partial(read_file, shelf=SHELF, limits=Limits())
    with Workers(2, len(paths)) as both:
        two = read_files(paths, reader, both, lambda incoming: told[1].append(incoming.path.name))
    with Workers(1, len(paths)) as alone:
        one = read_files(paths, reader, alone, lambda incoming: told[0].append(incoming.path.name))
    assert one == two
    assert told == [[path.name for path in paths]] * 2
    assert [incoming.refused.code if incoming.refused else incoming.form for incoming in two] == [
        "F01", "F04", "not_word", "empty_file", "F01", "nothing_filled_in",
    ]  # fmt: skip


def test_reports_are_taken_in_first_whatever_time_stands_on_them(desk):
    put(desk, "a-triage", form("triage"))
    put(desk, "b-report", report(reported_at=None))
    assert outcomes(take(desk)) == {"a-triage.docx": ("new", "TP001"), "b-report.docx": ("new", "TP001")}


# The same again.


def test_the_same_file_again_changes_nothing_under_any_name(desk):
    put(desk, "a", report())
    take(desk)
    before = revision_of(desk)
    put(desk, "b", report())
    put(desk, "c", report())
    taken = take(desk)
    assert outcomes(taken) == {"b.docx": ("unchanged", "TP001"), "c.docx": ("unchanged", "TP001")}
    assert [(one.opened, one.findings) for one in taken.files] == [("", [])] * 2
    assert revision_of(desk) == before == 1
    assert (taken.written, list(desk.inbox.iterdir())) == ([], [])
    with reading(desk) as transaction:
        assert (transaction.numbers(), len(transaction.documents())) == (["TP001"], 1)


def test_the_same_file_twice_in_one_batch_opens_one_problem(desk):
    put(desk, "a", report())
    put(desk, "b", report())
    assert outcomes(take(desk)) == {"a.docx": ("new", "TP001"), "b.docx": ("unchanged", "TP001")}


def test_the_receipt_sent_in_again_changes_nothing(desk):
    receipt = opened(desk)
    put(desk, "again", receipt.read_bytes())
    taken = take(desk)
    assert outcomes(taken) == {"again.docx": ("unchanged", "TP001")}
    assert taken.files[0].records[0].changes == []
    assert revision_of(desk) == 1


def test_the_receipt_with_corrections_is_a_revision_with_exactly_these(desk):
    receipt = opened(desk, workaround="重启")
    put(desk, "again", refilled(receipt, "report", impact="只有华南", workaround=None, department=None))
    taken = take(desk)
    (one,) = taken.files[0].records
    assert [(change.field, change.old, change.new) for change in one.changes] == [
        ("impact", "全部门店", "只有华南"),
        ("workaround", "重启", None),
        ("department", "门店部", None),
    ]
    assert (taken.files[0].outcome, revision_of(desk)) == ("revised", 2)
    assert problem_of(desk).get("report.impact") == "只有华南"
    assert problem_of(desk).get("report.workaround") is None


def test_a_corrected_copy_without_number_is_a_revision_with_exactly_the_changed_fields(desk):
    opened(desk)
    put(desk, "corrected", report(severity="中", contact="13911111111", channel=None))
    taken = take(desk)
    assert outcomes(taken) == {"corrected.docx": ("revised", "TP001")}
    (one,) = taken.files[0].records
    assert {change.field: (change.old, change.new) for change in one.changes} == {
        "severity": ("高", "中"),
        "contact": ("13800000000", "13911111111"),
        "channel": ("专项沟通群", None),
    }
    assert taken.written == []
    with reading(desk) as transaction:
        assert transaction.numbers() == ["TP001"]


def test_spelling_does_not_make_another_problem(desk):
    opened(desk, title="CRM 登录失败", reported_by="张三")
    put(desk, "again", report(title="ｃｒｍ登录 失败", reported_by=" 张三 ", severity="中"))
    assert outcomes(take(desk)) == {"again.docx": ("revised", "TP001")}


@pytest.mark.parametrize(
    ("changes", "agree"),
    [
        ({"title": "另一个标题"}, "上报人、问题发生时间"),
        ({"occurred_at": "2026-03-01T08:00"}, "上报人、问题标题"),
        ({"reported_by": "别人"}, "问题发生时间、问题标题"),
        ({"reported_by": "别人", "occurred_at": "2026-03-01T08:00"}, "问题标题"),
    ],
)
def test_a_report_that_agrees_in_part_opens_a_problem_and_says_of_which_it_may_be_a_copy(desk, changes, agree):
    opened(desk)
    put(desk, "near", report(**changes))
    taken = take(desk)
    assert outcomes(taken) == {"near.docx": ("new", "TP002")}
    (finding,) = taken.files[0].records[0].findings
    assert (finding.code, finding.number, dict(finding.parts)["other"], dict(finding.parts)["agree"]) == (
        "possible_duplicate", "TP002", "TP001", agree,
    )  # fmt: skip
    assert "possible_duplicate" in [one.code for one in check(desk, ["TP002"], NOW).findings]


@pytest.mark.parametrize(
    "changes",
    [{"title": "另一个", "reported_by": "别人"}, {"title": "另一个", "occurred_at": "2026-03-01T08:00"}],
)
def test_a_report_that_agrees_in_one_is_simply_another(desk, changes):
    opened(desk)
    put(desk, "other", report(**changes))
    taken = take(desk)
    assert outcomes(taken) == {"other.docx": ("new", "TP002")}
    assert record_codes(taken) == []


# Which problem a form belongs to.


@pytest.mark.parametrize("number", ["TP001", "tp001", " ＴＰ００１ "])
def test_a_form_filled_by_hand_joins_its_problem(desk, number):
    opened(desk)
    put(desk, "f02", form("triage", number))
    taken = take(desk)
    assert outcomes(taken) == {"f02.docx": ("new", "TP001")}
    assert (problem_of(desk).status, record_codes(taken)) == ("排查中", [])


def test_a_form_that_cannot_be_placed_is_rejected_and_the_others_go_on(desk):
    first, _ = opened(desk), opened(desk, title="报表缓慢", reported_by="别人", occurred_at="2026-03-01")
    (written,) = write_next(desk, "TP001", desk.outbox, [])
    contradicting = refilled(written, "triage", **good("triage"))
    data = {
        "missing": form("triage", ""),
        "unknown": form("triage", "TP999"),
        "contradicts": FormDocument(contradicting).fill(Content({"report.number": "TP002"})),
        "another": form("triage", "TP001", title="报表缓慢"),
        "garbage": b"PK no document",
        "fine": form("triage", "TP002", title="报表缓慢"),
        "receipt": refilled(first, "report", impact="北方"),
    }
    for name, content in data.items():
        put(desk, name, content)
    before = revision_of(desk)
    taken = take(desk)
    told = {one.incoming.path.stem: (one.outcome, [finding.code for finding in one.findings]) for one in taken.files}
    assert told == {
        "missing": ("rejected", ["number_missing"]),
        "unknown": ("rejected", ["number_unknown"]),
        "contradicts": ("rejected", ["number_contradicts"]),
        "another": ("rejected", ["number_of_another"]),
        "garbage": ("rejected", ["cut_short"]),
        "fine": ("new", []),
        "receipt": ("revised", []),
    }
    assert taken.needs_a_person
    assert revision_of(desk) == before + 2
    assert sorted(path.stem for path in desk.inbox.iterdir()) == [
        "another",
        "contradicts",
        "garbage",
        "missing",
        "unknown",
    ]
    for name in ("another", "contradicts", "garbage", "missing", "unknown"):
        assert (desk.inbox / f"{name}.docx").read_bytes() == data[name]
    assert problem_of(desk, "TP001").state("triage") is None
    assert not (desk.root / "archive" / "TP999").exists()


def test_the_words_about_a_contradicting_number_name_both(desk):
    opened(desk)
    opened(desk, title="报表缓慢", reported_by="别人", occurred_at="2026-03-01")
    (written,) = write_next(desk, "TP001", desk.outbox, [])
    put(
        desk,
        "a",
        FormDocument(refilled(written, "triage", accepted_by="王五")).fill(Content({"report.number": "TP002"})),
    )
    (finding,) = take(desk).files[0].findings
    assert all(part in finding.message("en") for part in ("“问题编号”", "TP002", "TP001"))
    assert (finding.kind, finding.severity, finding.form) == ("document", "error", "F02")


def test_a_number_nobody_gave_is_rejected_on_a_report_too(desk):
    put(desk, "a", filled("F01", Record("report", good("report")), number="TP007"))
    taken = take(desk)
    assert (codes(taken), revision_of(desk)) == (["number_unknown"], 0)
    with reading(desk) as transaction:
        assert transaction.numbers() == []


def test_a_title_that_differs_is_a_finding_and_the_record_keeps_its_own(desk):
    opened(desk)
    put(desk, "f02", form("triage", "TP001", title="订单提交报错"))
    taken = take(desk)
    assert (outcomes(taken), record_codes(taken)) == ({"f02.docx": ("new", "TP001")}, ["title_differs"])
    assert problem_of(desk).report.title == TITLE
    assert [one.code for one in check(desk, ["TP001"], NOW).findings if one.kind == "inconsistent"] == ["title_differs"]


def test_the_identity_block_is_compared_with_the_title_as_of_the_revision_it_was_written_at(desk):
    receipt = opened(desk)
    (written,) = write_next(desk, "TP001", desk.outbox, [])
    put(desk, "new-title", refilled(receipt, "report", title="新的标题"))
    take(desk)
    put(desk, "f02", refilled(written, "triage", **good("triage")))
    taken = take(desk)
    assert (outcomes(taken), record_codes(taken)) == ({"f02.docx": ("new", "TP001")}, [])


def test_a_form_with_the_title_of_its_time_is_not_taken_for_another_problems(desk):
    receipt = opened(desk)
    (written,) = write_next(desk, "TP001", desk.outbox, [])
    put(desk, "new-title", refilled(receipt, "report", title="新的标题"))
    take(desk)
    opened(desk, reported_by="别人", occurred_at="2026-03-01")
    put(desk, "f02", refilled(written, "triage", **good("triage")))
    assert outcomes(take(desk)) == {"f02.docx": ("new", "TP001")}


def test_a_form_of_another_desk_is_rejected(desk, tmp_path):
    other = init(tmp_path / "other")
    for one in (desk, other):
        opened(one)
    (written,) = write_next(other, "TP001", other.outbox, [])
    put(desk, "a", refilled(written, "triage", **good("triage")))
    taken = take(desk)
    assert (codes(taken), problem_of(desk).state("triage")) == (["other_desk"], None)


def test_nothing_filled_in_on_any_prefilled_form_that_comes_back_as_it_was_sent(desk):
    seen = []
    for key in ("report", *LIFE[1:], "closure", "feedback", "archive"):
        if key == "closure":
            written = write_next(desk, "TP001", desk.outbox, ["F07"])
        elif key == "report":
            opened(desk)
            continue
        else:
            written = write_next(desk, "TP001", desk.outbox, [key])
        before = revision_of(desk)
        put(desk, "untouched", written[0].read_bytes())
        taken = take(desk)
        seen.append((key, codes(taken)))
        assert taken.files[0].outcome == "rejected"
        assert (revision_of(desk), problem_of(desk).state(key)) == (before, None)
        (desk.inbox / "untouched.docx").unlink()
        if key == "closure":
            close(desk, "TP001", "", Moment.from_iso("2026-03-05T16:00"), NOW, "")
        else:
            put(desk, key, refilled(written[0], key, **good(key)))
            assert outcomes(take(desk)) == {f"{key}.docx": ("new", "TP001")}
    assert seen == [(key, ["nothing_filled_in"]) for key in (*LIFE[1:], "closure", "feedback", "archive")]
    assert problem_of(desk).status == "已归档"
    assert [one.kind for one in check(desk, ["TP001"], NOW).findings] == []


def test_a_blank_is_rejected(desk):
    for code in ("F00", "F01", "F05", "F10"):
        put(desk, code, blank(code))
    taken = take(desk)
    assert (codes(taken), revision_of(desk)) == (["nothing_filled_in"] * 4, 0)


# Merging what came again.


def test_a_late_old_copy_never_takes_back_a_correction_made_meanwhile(desk):
    receipt = opened(desk)
    old_copy = refilled(receipt, "report", contact="座机 8888")
    (anew,) = write_next(desk, "TP001", desk.outbox, ["F01"])
    put(desk, "correction", refilled(anew, "report", impact="只有华南", severity="中", title="更正后的标题"))
    take(desk)
    put(desk, "late", old_copy)
    taken = take(desk)
    (one,) = taken.files[0].records
    assert [(change.field, change.new) for change in one.changes] == [("contact", "座机 8888")]
    assert (taken.files[0].outcome, one.findings) == ("revised", [])
    values = problem_of(desk).stored[0].values
    assert [values[name] for name in ("impact", "severity", "title", "contact")] == [
        "只有华南",
        "中",
        "更正后的标题",
        "座机 8888",
    ]


def test_an_old_copy_of_a_later_form_is_merged_against_its_revision_too(desk):
    opened(desk)
    put(desk, "f02", form("triage"))
    take(desk)
    first, second = (write_next(desk, "TP001", desk.outbox, ["F02"])[0] for _ in range(2))
    assert (first.name, second.name) == (
        "TP001-F02-问题受理及初步分析表.docx",
        "TP001-F02-问题受理及初步分析表 (2).docx",
    )
    put(desk, "one", refilled(first, "triage", group="开发组", direction=["需求澄清"]))
    take(desk)
    put(desk, "two", refilled(second, "triage", analyst="冯二"))
    (one,) = take(desk).files[0].records
    assert [change.field for change in one.changes] == ["analyst"]
    assert [problem_of(desk).get(f"triage.{name}") for name in ("group", "direction", "analyst")] == [
        "开发组",
        ["需求澄清"],
        "冯二",
    ]


def conflict(desk: Desk) -> Path:
    """Two copies of the receipt that say different things; returns the report written anew after both."""
    receipt = opened(desk)
    put(desk, "south", refilled(receipt, "report", impact="只有华南"))
    take(desk)
    put(desk, "north", refilled(receipt, "report", impact="只有华北", contact="座机"))
    taken = take(desk)
    assert outcomes(taken) == {"north.docx": ("revised", "TP001")}
    assert [change.field for change in taken.files[0].records[0].changes] == ["contact"]
    assert record_codes(taken) == ["conflict_field"]
    return write_next(desk, "TP001", desk.outbox, ["F01"])[0]


def conflicts(desk: Desk) -> list[tuple[str, str, str, str]]:
    return [
        (one.field, one.parts["value"], one.parts["other_value"], one.parts["source"])
        for one in check(desk, [], NOW).findings
        if one.kind == "conflict"
    ]


def test_what_both_sides_changed_is_a_conflict_that_keeps_both_values(desk):
    conflict(desk)
    assert conflicts(desk) == [("report.impact", "只有华南", "只有华北", "north.docx")]
    assert problem_of(desk).get("report.impact") == "只有华南"


def test_the_history_tells_of_a_conflict_once(desk):
    conflict(desk)
    receipt = desk.outbox / "TP001-F01-问题上报记录.docx"
    put(desk, "third", refilled(receipt, "report", system="订单/支付"))
    take(desk)
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "history", "TP001"]).stdout
    assert told.count("影响范围: conflict, “只有华南” on record, “只有华北” in north.docx") == 1


def test_a_conflict_stays_while_other_old_copies_come_in(desk):
    conflict(desk)
    receipt = desk.outbox / "TP001-F01-问题上报记录.docx"
    put(desk, "third", refilled(receipt, "report", system="订单/支付"))
    assert record_codes(take(desk)) == ["conflict_field"]
    assert conflicts(desk) == [("report.impact", "只有华南", "只有华北", "north.docx")]


@pytest.mark.parametrize("decision", ["只有华北", "华南和华北"])
def test_a_conflict_is_settled_by_a_form_written_after_it(desk, decision):
    put(desk, "decided", refilled(conflict(desk), "report", impact=decision))
    taken = take(desk)
    assert [(change.field, change.new) for change in taken.files[0].records[0].changes] == [("impact", decision)]
    assert conflicts(desk) == []
    assert problem_of(desk).get("report.impact") == decision


def test_a_conflict_is_settled_by_sending_what_is_on_record_back(desk):
    put(desk, "decided", conflict(desk).read_bytes())
    assert outcomes(take(desk)) == {"decided.docx": ("unchanged", "TP001")}
    assert conflicts(desk) == []
    assert problem_of(desk).get("report.impact") == "只有华南"


def test_clearing_meanwhile_and_changing_is_a_conflict_too(desk):
    receipt = opened(desk, workaround="重启")
    put(desk, "cleared", refilled(receipt, "report", workaround=None))
    take(desk)
    put(desk, "changed", refilled(receipt, "report", workaround="重启两次"))
    take(desk)
    assert problem_of(desk).get("report.workaround") is None
    assert conflicts(desk) == [("report.workaround", "（空）", "重启两次", "changed.docx")]


def test_a_wrong_value_keeps_its_text_goes_out_again_and_is_corrected(desk):
    put(desk, "a", filled("F01", Record("report", good("report", reported_at=None), {"reported_at": "下周三左右"})))
    assert record_codes(take(desk)) == ["invalid_time"]
    assert problem_of(desk).stored[0].raw == {"reported_at": "下周三左右"}
    (anew,) = write_next(desk, "TP001", desk.outbox, ["F01"])
    assert reading_of(anew.read_bytes()).text("report.reported_at") == "下周三左右"
    put(desk, "b", refilled(anew, "report", reported_at="2026-03-04"))
    (one,) = take(desk).files[0].records
    assert [(change.field, change.old, change.new) for change in one.changes] == [
        ("reported_at", "下周三左右", "2026-03-04")
    ]
    assert problem_of(desk).stored[0].raw == {}


# Rounds.


def rounds(taken: Ingested) -> dict[str, int]:
    return {one.incoming.path.stem: record.round for one in taken.files for record in one.records}


SECOND_ROUND = {
    "investigation": {"located_at": "2026-03-06T10:00", "root_cause": "另一个原因"},
    "solution": {"reviewed_at": "2026-03-06T15:00", "content": "换连接池", "planned_at": "2026-03-11"},
    "implementation": {"started_at": "2026-03-09T09:00", "finished_at": "2026-03-09T17:00"},
    "verification": {"verified_at": "2026-03-10T10:00"},
}


def test_a_failed_verification_opens_a_round_and_the_next_form_is_written_for_it(desk):
    lived(desk, **FAILED_TO_SOLUTION)
    problem = problem_of(desk)
    assert (problem.round, problem.status) == (2, "方案制定")
    (written,) = write_next(desk, "TP001", desk.outbox, [])
    assert written.name == "TP001-F04-技术解决方案文档-第2轮.docx"
    told = reading_of(written.read_bytes())
    assert (told.properties["round"], told.text("solution.content"), told.text("solution.author")) == ("2", "", "孙七")
    # What was written for the second round belongs to it, whatever time stands on it.
    put(desk, "f04", refilled(written, "solution", **good("solution", content="换连接池")))
    taken = take(desk)
    assert rounds(taken) == {"f04": 2}
    assert problem_of(desk).get("solution.content") == "换连接池"
    first = problem_of(desk).state("solution", 1)
    assert first is not None
    assert first.values["content"] == "上限调到 200"


def test_a_form_of_the_second_round_does_not_carry_what_that_round_only_inherits(desk):
    lived(desk, **FAILED_TO_SOLUTION)
    (written,) = write_next(desk, "TP001", desk.outbox, ["F03"])
    assert problem_of(desk).get("investigation.root_cause") == "连接池上限过小"
    assert record_in(written.read_bytes(), "investigation").values == {"lead": "赵六"}
    put(desk, "f03", refilled(written, "investigation", root_cause="另一个原因"))
    assert rounds(take(desk)) == {"f03": 2}
    assert problem_of(desk).get("investigation.root_cause") == "另一个原因"


@pytest.mark.parametrize(
    ("failed", "again"),
    [
        (FAILED_TO_SOLUTION, ("solution", "implementation", "verification")),
        (FAILED_TO_INVESTIGATION, tuple(SECOND_ROUND)),
    ],
)
def test_both_rounds_in_one_batch_land_where_they_belong(desk, failed, again):
    # The names are against the order they have to be taken in.
    for position, key in enumerate(LIFE):
        changes = failed if key == "verification" else {}
        put(desk, f"{9 - position}-{key}", report() if key == "report" else form(key, **changes))
    for key in again:
        put(desk, f"0-again-{key}", form(key, **SECOND_ROUND[key]))
    taken = take(desk)
    assert codes(taken) == []
    assert rounds(taken) == {
        **{f"{9 - position}-{key}": 1 for position, key in enumerate(LIFE)},
        **{f"0-again-{key}": 2 for key in again},
    }
    problem = problem_of(desk)
    assert (problem.round, problem.status) == (2, "待关闭")
    assert problem.get("solution.content") == "换连接池"
    assert problem.get("investigation.root_cause") == ("另一个原因" if "investigation" in again else "连接池上限过小")
    assert [one.code for one in check(desk, ["TP001"], NOW).findings if one.kind not in ("overdue", "due_soon")] == []


def test_a_late_copy_of_the_first_rounds_form_stays_in_the_first_round(desk):
    lived(desk, **FAILED_TO_SOLUTION)
    put(desk, "second", form("solution", **SECOND_ROUND["solution"]))
    put(desk, "first", form("solution", feasibility="第一轮补充"))
    assert rounds(take(desk)) == {"second": 2, "first": 1}
    assert problem_of(desk).get("solution.feasibility") == "可行"


def test_correcting_the_failed_verification_opens_no_further_round(desk):
    lived(desk, **FAILED_TO_SOLUTION)
    put(desk, "corrected", form("verification", **FAILED_TO_SOLUTION, verifier="李四"))
    taken = take(desk)
    assert (rounds(taken), outcomes(taken)) == ({"corrected": 1}, {"corrected.docx": ("revised", "TP001")})
    assert problem_of(desk).round == 2


# F00 and F10.


def test_a_dossier_fills_several_stages_and_opens_a_problem(desk):
    records = [Record(key, good(key)) for key in LIFE]
    put(desk, "f00", filled("F00", *records))
    taken = take(desk)
    (one,) = taken.files
    assert (one.outcome, [(record.form, record.outcome) for record in one.records]) == (
        "new",
        [(key, "new") for key in LIFE],
    )
    problem = problem_of(desk)
    assert problem.status == "待关闭"
    assert {key: problem.state(key).values for key in LIFE} == {key: good(key) for key in LIFE}  # type: ignore[union-attr]
    assert [path.name for path in taken.written] == ["TP001-F00-问题处理记录.docx"]
    again = reading_of(taken.written[0].read_bytes())
    assert again.text("report.number") == "TP001"
    put(desk, "f00-again", taken.written[0].read_bytes())
    assert outcomes(take(desk)) == {"f00-again.docx": ("unchanged", "TP001")}


def test_a_dossier_goes_on_stage_by_stage(desk):
    put(desk, "f00", filled("F00", Record("report", good("report"))))
    (receipt,) = take(desk).written
    content = Content()
    content.add(Record("triage", good("triage"))).add(Record("investigation", good("investigation")))
    put(desk, "f00", FormDocument(receipt.read_bytes()).fill(content))
    taken = take(desk)
    assert [(record.form, record.outcome, len(record.changes)) for record in taken.files[0].records] == [
        ("report", "unchanged", 0),
        ("triage", "new", len(good("triage"))),
        ("investigation", "new", len(good("investigation"))),
    ]
    assert (taken.files[0].outcome, problem_of(desk).status) == ("new", "方案制定")


def test_a_dossier_that_goes_to_the_closing_notice_passes_its_gate(desk):
    everything = [Record(key, good(key)) for key in (*LIFE, "closure")]
    put(desk, "f00", filled("F00", *everything))
    assert codes(take(desk)) == []
    assert problem_of(desk).status == "已关闭"


def review(**changes: Any) -> bytes:
    values = {
        "period": "2026-02", "organizer": "钱一", "held_at": "2026-03-10", "conclusions": "配置类问题多",
        "suggestions": [{"suggestion": "加评审", "kind": "流程优化", "owner": "孙七", "due": "2026-03-19", "done_at": None}],
    }  # fmt: skip
    return filled("F10", Record("review", {**values, **changes}))


def test_a_review_is_kept_by_its_period(desk):
    put(desk, "feb", review())
    put(desk, "q1", review(period="2026-q1"))
    assert outcomes(take(desk)) == {"feb.docx": ("new", "2026-02"), "q1.docx": ("new", "2026-Q1")}
    assert [path.parent.name for path in sorted((desk.root / "archive").rglob("*.docx"))] == ["2026-02", "2026-Q1"]
    put(desk, "corrected", review(conclusions="另有结论"))
    taken = take(desk)
    assert [change.field for change in taken.files[0].records[0].changes] == ["conclusions"]
    with reading(desk) as transaction:
        assert transaction.numbers() == []
        assert transaction.reviews()["2026-02"].values["conclusions"] == "另有结论"
        assert transaction.reviews()["2026-Q1"].values["conclusions"] == "配置类问题多"
    assert [(one.code, one.number) for one in check(desk, [], NOW).findings] == [
        ("action_overdue", "2026-02"),
        ("action_overdue", "2026-Q1"),
    ]


@pytest.mark.parametrize("period", ["2026年2月份", "上月", None])
def test_a_review_without_a_period_is_rejected(desk, period):
    put(desk, "f10", review(period=period))
    taken = take(desk)
    assert (codes(taken), revision_of(desk)) == (["period_missing"], 0)


# Closing.


def test_a_closing_notice_filled_by_hand_passes_the_same_gate(desk):
    lived(desk, "implementation")
    notice = put(desk, "f07", form("closure"))
    taken = take(desk)
    (finding,) = refusals(taken)
    assert (taken.files[0].outcome, finding.code) == ("rejected", "closure_refused")
    assert finding.message("zh") == "关闭通知没有收入：问题状态为“待验证”；第1轮没有《问题验证报告》"
    assert problem_of(desk).status == "待验证"
    assert notice.exists()
    put(desk, "f06", form("verification"))
    assert outcomes(take(desk)) == {"f06.docx": ("new", "TP001"), "f07.docx": ("new", "TP001")}
    assert problem_of(desk).status == "已关闭"
    assert not notice.exists()


def close_it(desk: Desk, number: str = "TP001", by: str = "", **options: Any) -> Any:
    return close(desk, number, by, Moment.from_iso("2026-03-05T16:00"), NOW, "王五", **options)


def test_closing_is_refused_with_every_reason_and_nothing_is_recorded(desk):
    lived(desk, resolved=False, residual=True, residuals=[{**RESIDUAL, "owner": None, "due": None}])
    sync(desk, NOW)
    before = whole_desk(desk)
    with pytest.raises(NotClosableError) as caught:
        close_it(desk)
    assert caught.value.exit_code == 3
    assert [one.say("zh") for one in caught.value.reasons] == [
        "“是否彻底解决”是“否”",
        "遗留问题“监控未覆盖”没有写明责任人、计划完成日期",
    ]
    assert whole_desk(desk) == before
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "close", "TP001"])
    assert told.exit_code == 3
    assert told.stderr.splitlines() == [
        "TP001 cannot be closed; nothing was recorded:",
        "  “是否彻底解决” is “否”",
        "  the residual problem “监控未覆盖” does not say 责任人、计划完成日期",
    ]
    assert whole_desk(desk) == before


def test_closing_commits_and_writes_the_notice(desk):
    lived(desk, residual=True, residuals=[dict(RESIDUAL)])
    before = revision_of(desk)
    done = close_it(desk)
    assert (done.revision, done.failed, done.notice) == (before + 1, [], desk.outbox / "TP001-F07-问题关闭通知.docx")
    problem = problem_of(desk)
    assert problem.status == "已关闭"
    expected = {
        "closed_by": "王五", "closed_at": "2026-03-05T16:00", "recipients": "上报人：张三（门店部）",
        "summary": "根本原因：连接池上限过小\n解决方案内容：上限调到 200\n实施结果：成功\n验证结论：通过",
        "residual_risk": "监控未覆盖：补监控（责任人：孙七，计划完成日期：2026-03-20）",
    }  # fmt: skip
    state = problem.state("closure")
    assert state is not None
    assert state.values == expected
    notice = done.notice.read_bytes()
    assert record_in(notice, "closure").values == expected
    told = reading_of(notice)
    assert (told.text("closure.status"), told.text("report.number"), told.text("report.title")) == (
        "已关闭",
        "TP001",
        TITLE,
    )
    with reading(desk) as transaction:
        last = transaction.history("TP001")[-1]
    assert (last.form, last.source, last.person, len(last.changes)) == ("closure", "command", "王五", 5)
    put(desk, "notice", notice)
    assert outcomes(take(desk)) == {"notice.docx": ("unchanged", "TP001")}
    with pytest.raises(NotClosableError, match="its status is “已关闭”"):
        close_it(desk)


def test_who_closes_can_be_told_and_a_trial_records_nothing(desk):
    lived(desk)
    before = whole_desk(desk)
    assert close_it(desk, dry_run=True).notice is None
    assert whole_desk(desk) == before
    close_it(desk, by="陈三")
    assert problem_of(desk).get("closure.closed_by") == "陈三"
    assert problem_of(desk).get("closure.residual_risk") == "无"


def test_closing_what_nobody_reported(desk):
    with pytest.raises(TpdocsError, match="There is no problem TP009 on record"):
        close_it(desk, "TP009")


def test_a_notice_that_cannot_be_written_does_not_take_the_closure_back(desk, monkeypatch):
    lived(desk)
    refuse_to_replace(monkeypatch, "TP001-F07-问题关闭通知.docx")
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "close", "TP001"])
    assert told.exit_code == 1
    assert "TP001-F07-问题关闭通知.docx cannot be written" in told.stderr
    assert "Notice:" not in told.stdout
    assert problem_of(desk).status == "已关闭"


def test_after_closing_the_time_it_took_is_on_the_feedback_and_the_documents_on_the_archive_form(desk):
    lived(desk)
    close_it(desk)
    feedback, archive = write_next(desk, "TP001", desk.outbox, [])
    told = record_in(feedback.read_bytes(), "feedback").values
    assert told == {"informed_by": "王五", "summary": "上限调到 200", "duration": "3天7小时", "user": "张三"}
    listed = record_in(archive.read_bytes(), "archive").values
    assert [(row["file"], row["form"]) for row in listed["documents"]] == [
        (f"{key}.docx", FORMS[key].name) for key in LIFE
    ]
    assert listed["documents"][0]["sha256"] == sha(report())
    assert (listed["symptom"], listed["cause"], listed["solution"]) == (
        "提交订单时报 500",
        "连接池上限过小",
        "上限调到 200",
    )


# The next form.


@pytest.mark.parametrize(
    ("until", "name", "suggested"),
    [
        ("report", "TP001-F02-问题受理及初步分析表.docx", {"type": "系统故障", "priority": "高"}),
        ("triage", "TP001-F03-问题排查报告.docx", {"lead": "赵六"}),
        ("investigation", "TP001-F04-技术解决方案文档.docx", {"author": "孙七"}),
        ("solution", "TP001-F05-实施方案执行记录.docx", {"owner": "郑十"}),
        ("implementation", "TP001-F06-问题验证报告.docx", {}),
    ],
)
def test_the_next_form_carries_what_the_ledger_knows(desk, until, name, suggested):
    lived(desk, until)
    (written,) = write_next(desk, "tp001", desk.outbox, [])
    assert written == desk.outbox / name
    told = reading_of(written.read_bytes())
    assert told.form is not None
    with reading(desk) as transaction:
        expected = {
            "number": "TP001",
            "round": "1",
            "revision": str(transaction.last_revision()),
            "desk": transaction.desk_id(),
        }
    assert {key: told.properties[key] for key in expected} == expected
    identity = {key: told.text(f"report.{key}") for key in ("number", "title", "type", "severity")}
    assert identity == {"number": "TP001", "title": TITLE, "type": "系统故障", "severity": "高"}
    assert record_in(written.read_bytes(), told.form.key).values == suggested


# The inbox, the archive and everything else.


def test_a_report_about_something_else_does_not_write_over_the_problem_whose_number_it_carries(desk):
    receipt = opened(desk)
    other: dict[str, Any] = {"title": "打印机卡纸", "reported_by": "别人", "occurred_at": "2026-03-01T08:00"}
    put(desk, "typed", filled("F01", Record("report", good("report", **other)), number="TP001"))
    put(desk, "pattern", refilled(receipt, "report", **other))
    taken = take(desk)
    assert outcomes(taken) == {"typed.docx": ("rejected", ""), "pattern.docx": ("rejected", "")}
    assert codes(taken) == ["another_problem", "another_problem"]
    assert problem_of(desk).report.title == TITLE
    # A title that is corrected, or everything but the title, is the same problem still.
    put(desk, "title", refilled(receipt, "report", title="订单提交失败（更正）"))
    assert outcomes(take(desk)) == {
        "typed.docx": ("rejected", ""), "pattern.docx": ("rejected", ""), "title.docx": ("revised", "TP001"),
    }  # fmt: skip


def test_a_path_that_goes_through_the_inbox_to_elsewhere_is_not_cleared(desk, monkeypatch):
    mail = desk.root.parent / "mail"
    mail.mkdir()
    (mail / "a.docx").write_bytes(report())
    (mail / "note.txt").write_bytes(b"x")
    monkeypatch.chdir(desk.inbox)
    taken = take(desk, Path("../../mail"))
    assert [one.outcome for one in taken.files] == ["new"]
    assert sorted(path.name for path in mail.iterdir()) == ["a.docx", "note.txt"]


def test_the_inbox_is_consumed_into_the_archive_under_the_hash_of_each_file(desk):
    (desk.inbox / "夜班").mkdir()
    path = desk.inbox / "夜班" / "来信 1.docx"
    path.write_bytes(report())
    take(desk)
    (kept,) = (desk.root / "archive").rglob("*.docx")
    assert kept == desk.root / "archive" / "TP001" / f"{sha(report())[:16]}-来信 1.docx"
    assert sha(kept.read_bytes()) == sha(report())
    assert not path.exists()
    with reading(desk) as transaction:
        (document,) = transaction.documents("TP001")
    assert (document.name, document.sha256, desk.root / document.path) == ("来信 1.docx", sha(report()), kept)


def test_files_elsewhere_are_left_as_they_are(desk, tmp_path):
    folder = tmp_path / "mails"
    folder.mkdir()
    listed = report(attachments=[{"name": "app.log", "type": "日志文件", "type_other": None, "note": None}])
    contents = {"a.docx": listed, "app.log": b"log", "b.docx": b"garbage", "note.txt": b"text"}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
        os.utime(folder / name, (1_700_000_000, 1_700_000_000))
    (folder / "a.docx").chmod(0o444)
    taken = take(desk, folder)
    assert outcomes(taken) == {
        "a.docx": ("new", "TP001"), "b.docx": ("rejected", ""),
    }  # fmt: skip
    assert {path.name: (path.read_bytes(), path.stat().st_mtime) for path in folder.iterdir()} == {
        name: (data, 1_700_000_000) for name, data in contents.items()
    }


def test_patterns_and_files_named_twice_are_taken_once_and_what_is_not_there_is_reported(desk, tmp_path):
    (tmp_path / "a.docx").write_bytes(report())
    (tmp_path / "~$a.docx").write_bytes(b"owner")
    taken = take(desk, tmp_path / "*.docx", tmp_path / "a.docx", tmp_path / "gone.docx")
    assert sorted((one.incoming.path.name, one.outcome, [finding.code for finding in one.findings]) for one in taken.files) == [
        ("a.docx", "new", []), ("gone.docx", "rejected", ["no_such_file"]), ("~$a.docx", "rejected", ["owner_file"]),
    ]  # fmt: skip


def test_a_file_that_changes_while_it_is_taken_in_is_taken_as_it_was_read_and_stays(desk):
    path = put(desk, "a", report())

    def saved_by_somebody(_done: int, _all: int) -> None:
        path.write_bytes(report(title="变了"))

    taken = ingest(desk, [], Options(), NOW, saved_by_somebody)
    assert outcomes(taken) == {"a.docx": ("new", "TP001")}
    assert [path.read_bytes() for path in (desk.root / "archive").rglob("*.docx")] == [report()]
    assert path.read_bytes() == report(title="变了")
    assert outcomes(take(desk)) == {"a.docx": ("new", "TP002")}


# Attachments.


def attaching(*names: str) -> bytes:
    rows = [{"name": name, "type": "日志文件", "type_other": None, "note": None} for name in names]
    return report(attachments=rows)


def attachments(desk: Desk, number: str = "TP001") -> dict[str, bytes]:
    """Name and bytes of what is on record as attached."""
    with reading(desk) as transaction:
        told = transaction.attachments(number)
    for one in told:
        assert sha((desk.root / one.path).read_bytes()) == one.sha256
        assert one.path == f"archive/{number}/{one.sha256[:16]}-{one.name}"
    return {one.name: (desk.root / one.path).read_bytes() for one in told}


def test_files_named_in_the_table_and_lying_beside_the_form_go_with_it(desk):
    put(desk, "a", attaching("app.log", "截图.png", "见邮件"))
    (desk.inbox / "app.log").write_bytes(b"log")
    (desk.inbox / "截图.png").write_bytes(b"png")
    (desk.inbox / "other.txt").write_bytes(b"stray")
    taken = take(desk)
    assert attachments(desk) == {"app.log": b"log", "截图.png": b"png"}
    assert sorted(path.name for path in desk.inbox.iterdir()) == ["other.txt"]
    assert outcomes(taken) == {"a.docx": ("new", "TP001"), "other.txt": ("rejected", "")}
    assert codes(taken) == ["stray_file"]
    assert taken.needs_a_person


def test_an_attachment_whose_name_has_spaces_goes_with_it(desk):
    put(desk, "a", attaching("error log 1.txt"))
    (desk.inbox / "error log 1.txt").write_bytes(b"log")
    take(desk)
    assert attachments(desk) == {"error log 1.txt": b"log"}
    assert list(desk.inbox.iterdir()) == []


def test_a_word_file_named_as_an_attachment_is_one_and_not_a_rejected_form(desk):
    put(desk, "a", attaching("纪要.docx"))
    put(desk, "纪要", b"PK minutes of a meeting")
    taken = take(desk)
    assert attachments(desk) == {"纪要.docx": b"PK minutes of a meeting"}
    assert (codes(taken), taken.needs_a_person) == ([], False)
    assert list(desk.inbox.iterdir()) == []


@pytest.mark.parametrize("name", ["../secret.txt", "C:\\secret.txt", "/etc/hostname", ".."])
def test_an_attachment_is_never_taken_from_another_folder(desk, name):
    (desk.root / "secret.txt").write_bytes(b"secret")
    put(desk, "a", attaching(name))
    take(desk)
    assert attachments(desk) == {}
    assert (desk.root / "secret.txt").read_bytes() == b"secret"


def test_an_attachment_that_did_not_come_is_a_finding(desk):
    put(desk, "a", attaching("app.log"))
    taken = take(desk)
    (finding,) = taken.files[0].records[0].findings
    assert (finding.code, finding.number, finding.field, finding.parts["value"]) == (
        "attachment_not_found", "TP001", "report.attachments", "app.log",
    )  # fmt: skip
    assert attachments(desk) == {}


def test_an_attachment_that_comes_later_is_taken_by_taking_the_form_in_again_as_the_advice_says(desk):
    put(desk, "a", attaching("app.log"))
    take(desk)
    put(desk, "a", attaching("app.log"))
    (desk.inbox / "app.log").write_bytes(b"log")
    taken = take(desk)
    assert outcomes(taken) == {"a.docx": ("unchanged", "TP001")}
    assert attachments(desk) == {"app.log": b"log"}
    assert list(desk.inbox.iterdir()) == []


def test_an_attachment_can_be_named_with_a_form_that_is_on_record_already(desk, tmp_path):
    put(desk, "a", attaching("app.log"))
    take(desk)
    put(desk, "a", attaching("app.log"))
    (tmp_path / "app.log").write_bytes(b"log")
    take(desk, attach=[tmp_path / "app.log"])
    assert attachments(desk) == {"app.log": b"log"}


def test_a_late_attachment_that_two_reports_lack_is_left_for_a_person(desk):
    for title in ("甲", "乙"):
        rows = [{"name": "app.log", "type": "日志文件", "type_other": None, "note": None}]
        opened(desk, title=title, reported_by=title, attachments=rows)
    (desk.inbox / "app.log").write_bytes(b"log")
    taken = take(desk)
    assert codes(taken) == ["stray_file"]
    assert (attachments(desk, "TP001"), attachments(desk, "TP002")) == ({}, {})
    assert (desk.inbox / "app.log").read_bytes() == b"log"


def test_a_late_attachment_that_cannot_be_cleared_away_is_told_and_kept(desk, monkeypatch):
    put(desk, "a", attaching("app.log"))
    take(desk)
    held = desk.inbox / "app.log"
    held.write_bytes(b"log")
    original = Path.unlink

    def unlink(self: Path, missing_ok: bool = False) -> None:  # noqa: FBT001, FBT002 - as pathlib has it
        if self == held:
            raise PermissionError(13, "Permission denied", str(self))
        original(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    taken = take(desk)
    assert [one for one in taken.failed if "app.log" in one and "Permission denied" in one] != []
    assert attachments(desk) == {"app.log": b"log"}


def test_files_given_by_name_go_to_the_one_problem(desk, tmp_path):
    (tmp_path / "screen.mp4").write_bytes(b"video")
    (tmp_path / "app.log").write_bytes(b"log")
    put(desk, "a", attaching("app.log"))
    take(desk, attach=[tmp_path / "screen.mp4", tmp_path / "app.log"])
    assert attachments(desk) == {"app.log": b"log", "screen.mp4": b"video"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["app.log", "desk", "screen.mp4"]


def test_pictures_and_embedded_objects_are_attachments_with_their_places(desk):
    doc = Doc(report())
    doc.cell("report.attachments[1].name").append(paragraph(doc.add_image()))
    doc.parts["word/embeddings/oleObject1.xlsx"] = b"PK a sheet"
    rels = "word/_rels/document.xml.rels"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
    relation = f'<Relationship Id="rId98" Type="{kind}" Target="embeddings/oleObject1.xlsx"/></Relationships>'
    doc.parts[rels] = doc.parts[rels].replace(b"</Relationships>", relation.encode())
    shown = xml(
        '<w:r><w:object xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:v="urn:schemas-microsoft-com:vml">'
        f'<o:OLEObject xmlns:r="{NS_R}" Type="Embed" ProgID="Excel.Sheet.12" r:id="rId98"/></w:object></w:r>'
    )
    doc.cell("report.description").append(paragraph(shown))
    put(desk, "a", doc.bytes)
    take(desk)
    assert attachments(desk) == {"image9.png": PNG, "oleObject1.xlsx": b"PK a sheet"}
    with reading(desk) as transaction:
        places = {one.name: one.place for one in transaction.attachments("TP001")}
    assert all(place.startswith("表") for place in places.values())
    shown_problem = show_problem(desk, "TP001", NOW)
    assert {one["name"]: one["place"] for one in shown_problem.as_json()["attachments"]} == places


def test_files_given_by_name_for_two_problems_are_a_usage_error_and_nothing_is_written(desk, tmp_path):
    (tmp_path / "app.log").write_bytes(b"log")
    put(desk, "a", report())
    put(desk, "b", report(title="另一个", reported_by="别人"))
    before = whole_desk(desk)
    with pytest.raises(UsageError) as caught:
        take(desk, attach=[tmp_path / "app.log"])
    assert caught.value.exit_code == 2
    with reading(desk) as transaction:
        assert transaction.numbers() == []
    assert whole_desk(desk) == before


# A dry run.


def test_a_dry_run_says_the_same_and_writes_nothing(desk):
    receipt = opened(desk)
    (written,) = write_next(desk, "TP001", desk.outbox, [])
    sync(desk, NOW)
    put(desk, "new", attaching("app.log", "gone.log"))
    put(desk, "revised", refilled(receipt, "report", impact="华南"))
    put(desk, "near", report(title="另一个"))
    put(desk, "triage", refilled(written, "triage", **good("triage")))
    put(desk, "again", report())
    put(desk, "unknown", form("solution", "TP050"))
    put(desk, "garbage", b"garbage")
    (desk.inbox / "app.log").write_bytes(b"log")
    before = whole_desk(desk)
    trial = take(desk, dry_run=True).as_json()
    assert whole_desk(desk) == before
    real = take(desk).as_json()
    assert trial["batch"] is None
    assert trial["files"] == real["files"]
    assert sorted(one["outcome"] for one in trial["files"]) == [
        "new", "new", "rejected", "rejected", "revised", "revised", "unchanged",
    ]  # fmt: skip


def test_a_dry_run_gives_no_number_away(desk):
    put(desk, "a", report())
    for _ in range(2):
        assert outcomes(take(desk, dry_run=True)) == {"a.docx": ("new", "TP001")}
    assert outcomes(take(desk)) == {"a.docx": ("new", "TP001")}


# The register.


def refuse_to_replace(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """As when another program holds the file open on Windows."""
    original = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if Path(target).name == name:
            raise PermissionError(13, "Permission denied", str(target))
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)


def ingest_told(desk: Desk) -> Any:
    return CliRunner().invoke(app, ["--desk", str(desk.root), "ingest", "--now", "2026-03-20 17:00"])


def numbers_in(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [str(row[0]) for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True) if row[0]]


def edit(path: Path) -> bytes:
    book = openpyxl.load_workbook(path)
    book.worksheets[0]["B2"] = "手工改的"
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(out.getvalue())
    return out.getvalue()


def test_ingest_and_close_write_the_register(desk):
    put(desk, "a", report())
    assert ingest_told(desk).exit_code == 0
    assert numbers_in(desk.register) == ["TP001"]
    for key in LIFE[1:]:
        put(desk, key, form(key))
    assert ingest_told(desk).exit_code == 0
    before = desk.register.read_bytes()
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "close", "TP001", "--now", "2026-03-20 17:00"])
    assert told.exit_code == 0
    assert desk.register.read_bytes() != before


def test_what_somebody_changed_in_the_register_is_taken_in_by_the_next_ingest(desk):
    put(desk, "a", report())
    assert ingest_told(desk).exit_code == 0
    edit(desk.register)
    put(desk, "b", report(title="另一个", reported_by="别人"))
    told = ingest_told(desk)
    assert told.exit_code == 0, told.output
    assert problem_of(desk, "TP001").report.title == "手工改的"
    assert numbers_in(desk.register) == ["TP001", "TP002"]
    assert len(list((desk.root / "backup").glob("register-*.xlsx"))) == 1


def test_a_register_that_cannot_even_be_read_is_left_alone(desk):
    opened(desk)
    desk.register.mkdir()
    with pytest.raises(RegisterError, match="cannot be read"):
        sync(desk, NOW)


def test_a_register_that_nobody_changed_is_written_again(desk):
    opened(desk)
    for _ in range(3):
        done = sync(desk, NOW)
        assert (done.path, done.written, done.problems, done.revision) == (desk.register, True, 1, 1)


def test_a_register_that_is_held_open_leaves_the_ledger_right_and_says_so(desk, monkeypatch):
    put(desk, "a", report())
    assert ingest_told(desk).exit_code == 0
    old = desk.register.read_bytes()
    put(desk, "b", report(title="另一个", reported_by="别人"))
    with monkeypatch.context() as held:
        refuse_to_replace(held, "register.xlsx")
        told = ingest_told(desk)
        with pytest.raises(NotWrittenError, match="Permission denied"):
            sync(desk, NOW)
    assert told.exit_code == 1
    assert "register.xlsx cannot be written (Permission denied)" in told.stderr
    assert (told.stderr.count("Traceback"), told.exception.__class__) == (0, SystemExit)
    assert desk.register.read_bytes() == old
    assert problem_of(desk, "TP002").report.title == "另一个"
    assert list(desk.inbox.iterdir()) == []
    assert [path.name for path in desk.root.iterdir() if path.name.startswith(".tpdocs-")] == []
    # Once it is free it is still known for tpdocs' own.
    assert sync(desk, NOW).written
    assert numbers_in(desk.register) == ["TP001", "TP002"]


def test_an_archive_that_cannot_be_written_takes_nothing_in(desk, monkeypatch):
    path = put(desk, "a", report())
    refuse_to_replace(monkeypatch, f"{sha(report())[:16]}-a.docx")
    told = ingest_told(desk)
    assert told.exit_code == 1
    assert "cannot be written" in told.stderr
    with reading(desk) as transaction:
        assert transaction.numbers() == []
    assert path.read_bytes() == report()
    assert list(desk.outbox.iterdir()) == []


def test_where_the_archive_fails_later_on_what_was_taken_in_before_stays_taken_in(desk, monkeypatch):
    monkeypatch.setattr("tpdocs.actions.ingest.PORTION", 1)
    for name, title in (("a", "一"), ("b", "二"), ("c", "三")):
        put(desk, name, report(title=title, reported_by=name))
    refuse_to_replace(monkeypatch, f"{sha(report(title='二', reported_by='b'))[:16]}-b.docx")
    taken = take(desk)
    assert outcomes(taken) == {"a.docx": ("new", "TP001"), "b.docx": ("rejected", ""), "c.docx": ("rejected", "")}
    assert codes(taken) == ["not_copied", "not_copied"]
    assert [path.name for path in taken.written] == ["TP001-F01-问题上报记录.docx"]
    assert sorted(path.name for path in desk.inbox.iterdir()) == ["b.docx", "c.docx"]
    with reading(desk) as transaction:
        assert transaction.numbers() == ["TP001"]


def test_an_archive_that_fails_half_way_is_as_it_was(desk, monkeypatch):
    put(desk, "a", report())
    put(desk, "b", report(title="另一个", reported_by="别人"))
    refuse_to_replace(monkeypatch, f"{sha(report(title='另一个', reported_by='别人'))[:16]}-b.docx")
    with pytest.raises(NotWrittenError):
        take(desk)
    assert [path for path in (desk.root / "archive").rglob("*") if path.is_file()] == []
    assert [path for path in (desk.root / ".tpdocs").rglob("*.docx") if path.parent.name != "blanks"] == []


def test_what_a_killed_run_left_of_its_copies_is_cleared_a_day_later(desk):
    shelf = desk.root / ".tpdocs" / "incoming"
    for name, age in (("old", 2 * 24 * 3600), ("running", 60)):
        (shelf / name).mkdir(parents=True)
        (shelf / name / "copy").write_bytes(b"x")
        os.utime(shelf / name, (time.time() - age,) * 2)
    take(desk)
    assert [path.name for path in shelf.iterdir()] == ["running"]


def test_a_receipt_that_cannot_be_written_does_not_take_the_report_back(desk, monkeypatch):
    put(desk, "a", report())
    refuse_to_replace(monkeypatch, "TP001-F01-问题上报记录.docx")
    told = ingest_told(desk)
    assert told.exit_code == 1
    assert "TP001-F01-问题上报记录.docx cannot be written" in told.stderr
    assert problem_of(desk).report.title == TITLE


def test_what_is_shown_is_what_was_sent(desk):
    lived(desk)
    shown = show_problem(desk, "TP001", NOW).as_json()
    assert {name: value for name, value in shown["forms"]["report"].items() if value not in (None, [])} == {
        "number": "TP001", **good("report"),
    }  # fmt: skip
    assert shown["forms"]["investigation"]["steps"] == good("investigation")["steps"]
    assert list(shown["forms"]) == list(LIFE)


def test_an_attachment_dropped_into_the_inbox_later_finds_its_report(desk):
    rows = [{"name": "logs/app.log", "type": "日志文件", "type_other": None, "note": None}]
    put(desk, "a", report(attachments=rows))
    assert record_codes(take(desk)).count("attachment_not_found") == 1
    assert "attachment_not_found" in {one.code for one in check(desk, ["TP001"], NOW).findings}
    (desk.inbox / "app.log").write_bytes(b"log")
    taken = take(desk)
    assert (outcomes(taken), taken.needs_a_person) == ({"app.log": ("revised", "TP001")}, False)
    assert attachments(desk) == {"app.log": b"log"}
    assert list(desk.inbox.iterdir()) == []
    assert "attachment_not_found" not in {one.code for one in check(desk, ["TP001"], NOW).findings}


def test_closing_keeps_a_notice_that_somebody_has_begun_to_fill_in(desk):
    lived(desk)
    begun = desk.outbox / "TP001-F07-问题关闭通知.docx"
    begun.write_bytes(b"somebody's work")
    done = close(desk, "TP001", "", Moment(NOW), NOW, "")
    assert begun.read_bytes() == b"somebody's work"
    assert done.notice == desk.outbox / "TP001-F07-问题关闭通知 (2).docx"
    assert done.notice is not None
    assert done.notice.exists()


def test_a_dossier_whose_closing_was_refused_is_taken_in_again_when_the_gate_is_met(desk):
    lived(desk, until="implementation")
    records = [
        Record("closure", {"closed_by": "王五", "closed_at": "2026-03-19T10:00", "summary": "已解决"}),
        Record("feedback", {"user": "张三"}),
    ]
    document = filled("F00", *records, number="TP001", title=TITLE)
    put(desk, "dossier", document)
    first = take(desk).files[0]
    assert {one.form: one.outcome for one in first.records} == {"closure": "rejected", "feedback": "new"}
    put(desk, "f06", form("verification"))
    take(desk)
    put(desk, "dossier", document)
    again = take(desk).files[0]
    assert {one.form: one.outcome for one in again.records} == {"feedback": "unchanged", "closure": "new"}
    assert problem_of(desk).status == "已关闭"


def test_a_dossier_never_clears_what_a_form_of_its_own_said(desk):
    lived(desk, until="triage")
    before = problem_of(desk).state("triage")
    put(desk, "dossier", filled("F00", Record("triage", {"related": "TP009"}), number="TP001", title=TITLE))
    (one,) = take(desk).files[0].records
    assert [change.field for change in one.changes] == ["related"]
    now = problem_of(desk).state("triage")
    assert before is not None
    assert now is not None
    assert now.values == {**before.values, "related": "TP009"}
    assert problem_of(desk).report.description


def test_a_document_of_which_everything_is_refused_leaves_nothing_in_the_archive(desk):
    opened(desk)
    before = set(desk.archive("TP001").iterdir())
    put(desk, "closure", form("closure"))
    assert codes(take(desk)) == ["closure_refused"]
    assert set(desk.archive("TP001").iterdir()) == before
    assert (desk.inbox / "closure.docx").exists()
