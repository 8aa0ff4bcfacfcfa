"""Lists in and out: problems changed or opened by the dozen, and any list written for other programs."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW
from tests.office import convert
from tests.records import AWKWARD
from tests.register_tools import cli, shown
from tests.test_ingest import problem_of
from tests.test_sync import FULL_ROW
from tpdocs.actions.exporting import LISTS, export
from tpdocs.actions.setting import batches, set_fields
from tpdocs.actions.sync import sync
from tpdocs.actions.undo import undo
from tpdocs.actions.updating import Updated, UpdateOptions, update
from tpdocs.cli.lists import LIST_NAMES
from tpdocs.desk.folder import Desk
from tpdocs.errors import NotWrittenError, TpdocsError, UsageError
from tpdocs.forms.values import clean
from tpdocs.register.lists import ListError, csv_bytes, guarded, read_list

NEW_ROW = {
    name: f"{value:%Y-%m-%d %H:%M}" if isinstance(value, datetime) else value for name, value in FULL_ROW.items()
}


def listed(folder: Path, rows: list[dict[str, Any]], name: str = "list.csv", encoding: str = "utf-8") -> Path:
    """A list as somebody else's program writes it."""
    path = folder / name
    headings = list(dict.fromkeys(key for row in rows for key in row))
    if path.suffix == ".csv":
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, headings, restval="")
        writer.writeheader()
        writer.writerows(rows)
        path.write_bytes(out.getvalue().encode(encoding))
    elif path.suffix == ".jsonl":
        path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    else:
        book: Any = openpyxl.Workbook()
        book.active.append(headings)
        for row in rows:
            book.active.append([row.get(name) for name in headings])
        for cell in (cell for row in book.active for cell in row if cell.data_type == "f"):
            cell.data_type = "s"
        book.save(path)
    return path


def take(desk: Desk, path: Path, **options: Any) -> Updated:
    return update(desk, path, UpdateOptions(**options), NOW)


def told(done: Updated) -> list[tuple[str, str, list[str]]]:
    return [(one.number, one.verdict, [why.code for why in one.reasons]) for one in done.rows]


@pytest.mark.parametrize(
    ("name", "encoding"), [("a.csv", "utf-8"), ("a.csv", "gbk"), ("a.csv", "utf-16"), ("a.xlsx", ""), ("a.jsonl", "")]
)
def test_rows_are_known_by_number_and_columns_by_label_or_path(busy, tmp_path, name, encoding):
    rows = [
        {"问题编号": "TP001", "问题标题": "新标题", "report.system": "新系统", "受理人": "", "没有这一栏": "x", "问题状态": "已关闭"},
        {"问题编号": "tp5", "问题标题": "", "report.system": "", "受理人": "赵六", "没有这一栏": "", "问题状态": ""},
    ]  # fmt: skip
    done = take(busy, listed(tmp_path, rows, name, encoding), person="张三")
    assert told(done) == [("TP001", "changed", []), ("TP005", "changed", [])]
    assert [(one.code, one.label) for one in done.findings] == [
        ("list_column_ignored", "没有这一栏"), ("list_column_computed", "问题状态"),
    ]  # fmt: skip
    first, fifth = problem_of(busy, "TP001"), problem_of(busy, "TP005")
    assert (first.report.title, first.get("report.system")) == ("新标题", "新系统")
    assert first.get("triage.accepted_by") is not None
    assert (fifth.get("triage.accepted_by"), bool(fifth.report.title)) == ("赵六", True)
    last = batches(busy)[-1]
    assert (last.command, last.person, last.comment, last.subjects) == ("update", "张三", name, ("TP001", "TP005"))
    undo(busy, done.batch, NOW)
    assert problem_of(busy, "TP001").report.title != "新标题"


def test_what_other_programs_keep_as_numbers_and_dates_is_read_as_it_shows(busy, tmp_path):
    row = {"问题编号": "TP003", "联系方式": 13800009999, "受理时间": datetime(2026, 3, 5, 9, 30), "上报时间": "2026年3月5日 8:00", "是否可复现": True}  # fmt: skip
    for name in ("a.xlsx", "a.jsonl"):
        told_row = row if name == "a.xlsx" else {**row, "受理时间": "2026-03-05T09:30"}
        take(busy, listed(tmp_path, [told_row], name))
        problem = problem_of(busy, "TP003")
        assert (problem.get("report.contact"), problem.get("triage.accepted_at")) == ("13800009999", "2026-03-05T09:30")
        assert (problem.get("report.reported_at"), problem.get("report.reproducible")) == ("2026-03-05T08:00", True)
        undo(busy, batches(busy)[-1].id, NOW)


def test_wrong_rows_are_written_beside_with_the_reason_and_can_be_taken_in_once_mended(busy, tmp_path):
    rows = [
        {"问题编号": "TP001", "严重程度": "很急", "上报时间": "2026-02-13"},
        {"问题编号": "TP999", "严重程度": "高", "上报时间": ""},
        {"问题编号": "", "严重程度": "高", "上报时间": ""},
        {"问题编号": "TP002", "严重程度": "低", "上报时间": "不知道"},
        {"问题编号": "TP003", "严重程度": "低", "上报时间": ""},
        {"问题编号": "TP004", "严重程度": "低", "上报时间": ""},
        {"问题编号": "tp4", "严重程度": "高", "上报时间": ""},
    ]
    path = listed(tmp_path, rows)
    done = take(busy, path)
    assert told(done) == [
        ("TP001", "invalid", ["list_choice"]),
        ("TP999", "invalid", ["list_number_unknown"]),
        ("", "invalid", ["list_number_missing"]),
        ("TP002", "invalid", ["list_time"]),
        ("TP003", "changed", []),
        ("TP004", "invalid", ["list_number_twice"]),
        ("TP004", "invalid", ["list_number_twice"]),
    ]
    # A row that is wrong in one cell is left out whole.
    assert problem_of(busy, "TP002").report.severity != "低"
    assert done.rejected is not None
    assert done.rejected == tmp_path / "list.rejected.csv"
    rejected = list(csv.DictReader(io.StringIO(done.rejected.read_text("utf-8-sig"))))
    assert [row["问题编号"] for row in rejected] == ["TP001", "TP999", "", "TP002", "TP004", "tp4"]
    assert "“严重程度”" in rejected[0]["原因"]
    mended = [{**rejected[0], "严重程度": "低"}, {**rejected[3], "上报时间": "2026-02-24 10:00"}]
    done.rejected.unlink()
    again = take(busy, listed(tmp_path, mended, "list.rejected (2).csv"))
    assert told(again) == [("TP001", "changed", []), ("TP002", "changed", [])]
    assert again.rejected is None
    assert path.exists()


@pytest.mark.parametrize("suffix", [".xlsx", ".jsonl"])
def test_rejected_rows_keep_the_shape_of_their_list(busy, tmp_path, suffix):
    path = listed(tmp_path, [{"问题编号": "TP999", "问题标题": "=1+1"}], f"a{suffix}")
    done = take(busy, path)
    assert done.rejected is not None
    assert done.rejected == tmp_path / f"a.rejected{suffix}"
    if suffix == ".jsonl":
        row = json.loads(done.rejected.read_text("utf-8"))
    else:
        sheet: Any = openpyxl.load_workbook(done.rejected).active
        row = {head.value: cell.value for head, cell in zip(sheet[1], sheet[2], strict=True)}
        assert sheet.cell(2, 2).data_type in ("s", "inlineStr")
    assert (row["问题编号"], row["问题标题"]) == ("TP999", "=1+1")
    assert "TP999" in row["原因"]
    assert take(busy, path).rejected == tmp_path / f"a.rejected (2){suffix}"


def test_all_or_nothing(busy, tmp_path):
    rows = [{"问题编号": "TP001", "问题标题": "不该写入"}, {"问题编号": "TP999", "问题标题": "x"}]
    done = take(busy, listed(tmp_path, rows), all_or_nothing=True)
    assert (done.batch, [one.verdict for one in done.rows]) == (0, ["changed", "invalid"])
    assert problem_of(busy, "TP001").report.title != "不该写入"


def test_a_dry_run_says_the_same_and_writes_nothing(busy, tmp_path):
    before = busy.ledger.read_bytes(), busy.register.read_bytes()
    path = listed(tmp_path, [{"问题编号": "TP001", "问题标题": "新标题"}, {"问题编号": "TP999", "问题标题": "x"}])
    done = cli(busy, "update", str(path), "--dry-run")
    assert done.exit_code == 1
    assert "新标题" in done.output
    assert (busy.ledger.read_bytes(), busy.register.read_bytes()) == before
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".csv"] == ["list.csv"]


def test_an_empty_cell_changes_nothing_unless_it_is_asked_to(busy, tmp_path):
    assert set_fields(busy, "TP001", {"report.workaround": "重启"}, NOW).batch
    path = listed(tmp_path, [{"问题编号": "TP001", "当前临时处理措施": ""}])
    assert told(take(busy, path)) == [("TP001", "unchanged", [])]
    assert problem_of(busy, "TP001").get("report.workaround") == "重启"
    assert told(take(busy, path, clear_empty=True)) == [("TP001", "changed", [])]
    assert problem_of(busy, "TP001").get("report.workaround") is None


def test_new_problems_are_opened_by_insert_and_upsert(busy, tmp_path):
    rows: list[dict[str, Any]] = [NEW_ROW, {"问题标题": "没写全"}, {"问题编号": "TP001", "问题标题": "给了号"}]
    done = take(busy, listed(tmp_path, rows), mode="insert")
    assert told(done) == [
        ("TP009", "new", []), ("", "invalid", ["list_lacking"]), ("TP001", "invalid", ["list_number_given"]),
    ]  # fmt: skip
    assert problem_of(busy, "TP009").report.reported_by == "钱七"
    # The same once more opens nothing: it is on record, and upsert takes it for a change.
    again = {**NEW_ROW, "涉及系统/模块": "二号机房"}
    assert told(take(busy, listed(tmp_path, [again]), mode="insert")) == [("", "invalid", ["list_known"])]
    done = take(busy, listed(tmp_path, [again, {"问题编号": "TP001", "问题标题": "新标题"}]), mode="upsert")
    assert told(done) == [("TP009", "changed", []), ("TP001", "changed", [])]
    other = {**NEW_ROW, "问题标题": "另一件事"}
    done = take(busy, listed(tmp_path, [other]), mode="upsert")
    assert (told(done), [one.code for one in done.findings]) == ([("TP010", "new", [])], ["possible_duplicate"])
    sync(busy, NOW)
    assert shown(busy).cell("TP010", "问题标题").value == "另一件事"


def test_closing_is_not_done_by_a_list(busy, tmp_path):
    path = listed(tmp_path, [{"问题编号": "TP003", "closure.closed_by": "王五"}])
    assert told(take(busy, path)) == [("TP003", "invalid", ["list_closes"])]


def test_a_broken_line_is_a_rejected_row(busy, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"问题编号": "TP001", "问题标题": "新"}\n{"问题编号": \n\n[1]\n{"number": "TP002", "report.title": {"a": 1}}\n',
        "utf-8",
    )
    done = take(busy, path)
    assert [(one.row, one.verdict) for one in done.rows] == [
        (1, "changed"),
        (2, "invalid"),
        (4, "invalid"),
        (5, "invalid"),
    ]
    assert done.rejected is not None
    first = json.loads(done.rejected.read_text("utf-8").splitlines()[0])
    assert first["line"] == '{"问题编号": '


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"x", "must end in"),
        ("a.csv", b"", "is empty"),
        ("a.csv", "甲,乙\n1,2\n".encode(), "no row of headings"),
        ("a.csv", "问题标题\n甲\n".encode(), "no column “问题编号”"),
        ("a.csv", "问题编号,问题标题,问题标题\nTP001,甲,乙\n".encode(), "twice"),
        ("a.csv", "问题编号,问题标题,report.title\nTP001,甲,乙\n".encode(), "two columns for “问题标题”"),
        ("a.csv", "问题编号,问题状态\nTP001,甲\n".encode(), "no column of a field"),
        ("a.csv", '问题编号,问题标题\nTP001,"甲"乙\n'.encode(), "line 2"),
        ("a.csv", b"\xff\x00\x81\xff\xff", "neither UTF-8 nor GBK"),
        ("a.xlsx", b"PK\x03\x04", "save it as .xlsx"),
        ("a.jsonl", b"\n", "is empty"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_one_sentence(busy, tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(TpdocsError, match=words):
        take(busy, path)
    with pytest.raises(ListError):
        take(busy, tmp_path / "none.csv")


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".jsonl"])
def test_a_list_of_problems_comes_back_without_a_change(busy, tmp_path, suffix):
    path = tmp_path / f"problems{suffix}"
    assert export(busy, "problems", path, NOW).rows == 8
    done = take(busy, path, clear_empty=True)
    assert [one.verdict for one in done.rows] == ["unchanged"] * 8
    assert {one.code for one in done.findings} == {"list_column_computed"}


def test_a_time_written_with_seconds_by_another_program_is_no_change(busy, tmp_path):
    problem = problem_of(busy, "TP001")
    at, day = problem.get("report.occurred_at"), problem.get("closure.closed_at")
    assert len(at) == len("2026-02-13T16:00")
    rows = [{"问题编号": "TP001", "发生时间": f"{at}:00", "关闭时间": f"{day.replace('T', ' ')}:00.000"}]
    done = take(busy, listed(tmp_path, rows, "pandas.jsonl"))
    assert told(done) == [("TP001", "unchanged", [])]
    rows = [{"问题编号": "TP001", "发生时间": f"{at}:30"}]
    assert told(take(busy, listed(tmp_path, rows, "later.jsonl"))) == [("TP001", "changed", [])]


def test_an_old_export_takes_no_later_change_back(busy, tmp_path):
    path = tmp_path / "problems.xlsx"
    export(busy, "problems", path, NOW)
    set_fields(busy, "TP001", {"report.title": "后来改的"}, NOW)
    set_fields(busy, "TP002", {"report.title": "也是后来改的"}, NOW)
    book = openpyxl.load_workbook(path)
    sheet: Any = book.active
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, columns["受理人"]).value = "赵六"
    sheet.cell(3, columns["问题标题"]).value = "清单里改的"
    book.save(path)
    done = take(busy, path)
    assert told(done)[:2] == [("TP001", "changed", []), ("TP002", "invalid", ["list_changed_since"])]
    problem = problem_of(busy, "TP001")
    assert (problem.report.title, problem.get("triage.accepted_by")) == ("后来改的", "赵六")
    assert done.rejected is not None
    assert told(take(busy, done.rejected)) == [("TP002", "invalid", ["list_changed_since"])]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".jsonl"])
def test_every_list_is_written_as_anything(busy, tmp_path, name, suffix):
    path = tmp_path / f"{name}{suffix}"
    done = export(busy, name, path, NOW)
    if suffix == ".xlsx":
        sheet: Any = openpyxl.load_workbook(path).active
        assert sheet.max_row == max(done.rows, 1) + 1
        assert sheet.tables[LISTS[name].table].ref.endswith(str(max(done.rows, 1) + 1))
    elif suffix == ".csv":
        assert len(list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))) == done.rows + 1
    else:
        assert len(path.read_text("utf-8").splitlines()) == done.rows
    assert done.rows == {"problems": 8, "todo": 21, "actions": 5, "conflicts": 0, "documents": 33, "batches": 1}.get(
        name, done.rows
    )
    with pytest.raises(UsageError, match="--overwrite"):
        export(busy, name, path, NOW)
    export(busy, name, path, NOW, overwrite=True)


def test_withdrawn_problems_are_left_out_unless_asked_for(busy, tmp_path):
    assert cli(busy, "withdraw", "TP007", "--reason", "重复").exit_code == 0
    assert export(busy, "problems", tmp_path / "a.csv", NOW).rows == 7
    assert export(busy, "problems", tmp_path / "b.csv", NOW, everything=True).rows == 8
    told = cli(busy, "export", "todo", "--out", str(tmp_path / "c.csv"), "--encoding", "gb18030")
    assert told.exit_code == 0
    assert "责任人" in (tmp_path / "c.csv").read_text("gb18030")


def test_the_command_knows_all_lists():
    assert tuple(LISTS) == LIST_NAMES


@given(
    st.lists(
        st.sampled_from([*AWKWARD, "'=1", "''-x", "+86", "@a", "-", "'"]) | st.text(max_size=20).map(clean),
        min_size=1,
        max_size=4,
    )
)
def test_any_text_survives_a_csv_and_none_is_a_formula(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    path.write_bytes(csv_bytes([["问题编号", "问题标题"], *(["TP001", text] for text in texts)]))
    rows = read_list(path, lambda heading: heading in ("问题编号", "问题标题")).rows
    assert [row.cells["问题标题"] for row in rows] == texts
    assert all(not guarded(text).startswith(("=", "+", "-", "@")) for text in texts)


@pytest.mark.office
def test_libreoffice_reads_a_csv_as_texts_and_its_own_comes_in(busy, tmp_path):
    set_fields(busy, "TP001", {"report.title": "=1+1"}, NOW)
    path = tmp_path / "in" / "problems.csv"
    export(busy, "problems", path, NOW)
    saved = convert(path, "xlsx", tmp_path)
    sheet: Any = openpyxl.load_workbook(saved).active
    assert sheet.cell(2, 2).value in ("'=1+1", "=1+1")
    assert sheet.cell(2, 2).data_type == "s"
    made = convert(saved, "csv", tmp_path)
    assert [one.verdict for one in take(busy, made).rows] == ["unchanged"] * 8


def test_rejected_rows_that_cannot_be_written_do_not_hide_what_was_taken_in(busy, tmp_path, monkeypatch):
    def refused(path: Path, _data: bytes) -> None:
        raise NotWrittenError("{path} cannot be written", path=path)

    monkeypatch.setattr("tpdocs.actions.updating.write_whole", refused)
    rows = [{"问题编号": "TP001", "问题标题": "改了"}, {"问题编号": "TP002", "严重程度": "很急"}]
    told = cli(busy, "update", str(listed(tmp_path, rows)), "--format", "json")
    value = json.loads(told.stdout)
    assert (told.exit_code, [row["verdict"] for row in value["rows"]]) == (1, ["changed", "invalid"])
    assert [one["code"] for one in value["findings"]] == ["list_rejects_unwritten"]
    assert shown(busy).cell("TP001", "问题标题").value == "改了"


def test_all_rows_that_were_kept_out_are_in_the_rejected_file(busy, tmp_path):
    rows = [{"问题编号": "TP001", "问题标题": "改了"}, {"问题编号": "TP002", "严重程度": "很急"}]
    done = take(busy, listed(tmp_path, rows), all_or_nothing=True)
    assert (done.batch, done.rejected is not None) == (0, True)
    assert done.rejected is not None
    text = done.rejected.read_text("utf-8-sig")
    done.rejected.write_text(text.replace("很急", "高"), "utf-8-sig")
    assert {verdict for _, verdict, _ in told(take(busy, done.rejected, all_or_nothing=True))} == {"changed"}


def test_a_list_may_have_many_columns_of_its_own(busy, tmp_path):
    row = {"问题编号": "TP001", "联系方式": "139", **{f"自己的{number}": "x" for number in range(9)}}
    assert told(take(busy, listed(tmp_path, [row])))[0][:2] == ("TP001", "changed")


def test_a_csv_that_a_spreadsheet_made_an_xlsx_of_keeps_its_texts(busy, tmp_path):
    for contact in ("+86 10", "-5", "@SUM", "=1+1", "'=x"):
        set_fields(busy, "TP001", {"report.contact": contact}, NOW)
        path = tmp_path / f"{contact.encode().hex()}.csv"
        assert cli(busy, "export", "problems", "--out", str(path)).exit_code == 0
        book = openpyxl.Workbook()
        sheet = book.create_sheet(index=0)
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"))):
            sheet.append(row)
            for cell in sheet[sheet.max_row]:
                cell.data_type = "s"
        book.save(path.with_suffix(".xlsx"))
        assert {one[1] for one in told(take(busy, path.with_suffix(".xlsx")))} == {"unchanged"}
        own = tmp_path / f"{contact.encode().hex()}-own.xlsx"
        assert cli(busy, "export", "problems", "--out", str(own)).exit_code == 0
        assert {one[1] for one in told(take(busy, own))} == {"unchanged"}


def test_a_list_archives_nothing_that_is_not_closed(busy, tmp_path):
    rows = [{"问题编号": "TP004", "归档时间": "2026-03-19"}]
    one = told(take(busy, listed(tmp_path, rows)))[0]
    assert one[1] == "invalid"
    assert problem_of(busy, "TP004").status != "已归档"
    assert (
        told(take(busy, listed(tmp_path, [{**NEW_ROW, "归档时间": "2026-03-19"}], "n.csv"), mode="insert"))[0][1]
        == "invalid"
    )


@pytest.mark.parametrize("text", ["①", "²", "9" * 5000, "第2轮"])
def test_a_round_that_is_none_is_no_matter(busy, tmp_path, text):
    rows = [{"问题编号": "TP003", "轮次": text, "影响范围": "新"}]
    assert told(take(busy, listed(tmp_path, rows)))[0][:2] == ("TP003", "changed")


def test_two_columns_of_numbers_are_refused_and_an_empty_one_is_none(busy, tmp_path):
    rows = [{"number": "TP003", "问题编号": "TP004", "影响范围": "哪个"}]
    with pytest.raises(ListError, match="two columns"):
        take(busy, listed(tmp_path, rows))
    assert (
        told(take(busy, listed(tmp_path, [{"number": "", "问题编号": "TP004", "影响范围": "x"}], "n.jsonl")))[0][0]
        == "TP004"
    )


def test_what_has_no_heading_or_stands_twice_is_not_dropped(busy, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("问题编号,,影响范围\nTP003,甲,乙\nTP004,,丙\n", "utf-8")
    assert [one[1] for one in told(take(busy, path))] == ["invalid", "changed"]
    path = tmp_path / "a.jsonl"
    lines = (
        '{"问题编号":"TP002","report.impact":"甲","report.impact":"乙"}',
        '{"问题编号":"TP003","report.impact":"甲"}',
    )
    path.write_text("\n".join(lines), "utf-8")
    assert [one[1] for one in told(take(busy, path))] == ["invalid", "changed"]


def test_two_rows_of_one_new_report_are_not_one_after_the_other(busy, tmp_path):
    rows = [{**NEW_ROW, "严重程度": one} for one in ("高", "中")]
    done = take(busy, listed(tmp_path, rows, "n.jsonl"), mode="upsert")
    assert [one[1] for one in told(done)] == ["new", "invalid"]
