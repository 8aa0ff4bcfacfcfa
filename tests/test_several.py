"""Several forms in one file, as people paste them one below the other."""

import json
from copy import deepcopy
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import NOW, SHELF, blank, filled, reading_of
from tests.damage import bare, without_controls, without_tags
from tests.docx_tools import Doc, joined, parts_of
from tests.records import full_record, good, records
from tpdocs.actions.incoming import Incoming, read_file
from tpdocs.actions.ingest import Ingested, Options, by_file, ingest
from tpdocs.actions.inspect import inspect_files
from tpdocs.cli.app import app
from tpdocs.desk.folder import Desk
from tpdocs.forms.standard import FORMS
from tpdocs.forms.values import Record, parse_record
from tpdocs.ledger.store import Ledger
from tpdocs.word.package import DEFAULT_LIMITS, Package
from tpdocs.word.read import read_all
from tpdocs.word.reading import Reading
from tpdocs.word.xml import w

DAMAGES = {"whole": lambda data: data, "no controls": without_controls, "no tags": without_tags, "bare": bare}


def readings_of(data: bytes) -> list[Reading]:
    return read_all(Package(data), SHELF.layout)


def record_of(reading: Reading, form: str) -> Record:
    spec = FORMS[form]
    told = {name: raw for name, raw in reading.answers(form).items() if not spec.by_name[name].computed}
    found = parse_record(form, spec.fields, told)
    return Record(form, found.values, found.raw)


def report(title: str, **values: object) -> Record:
    return Record("report", good("report", title=title, **values))


def read_in(tmp_path: Path, data: bytes) -> Incoming:
    path = tmp_path / "several.docx"
    path.write_bytes(data)
    return read_file(path, SHELF, DEFAULT_LIMITS)


def take(desk: Desk, data: bytes, name: str = "several.docx") -> Ingested:
    (desk.inbox / name).write_bytes(data)
    return ingest(desk, [], Options(), NOW)


def outcomes(result: Ingested) -> list[tuple[str, str]]:
    return [(one.number, one.outcome) for one in result.files]


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("form", FORMS)
def test_each_of_three_forms_comes_back_whole(form, damage):
    record = full_record(form)
    code = FORMS[form].code
    data = joined(*(filled(code, record, number=f"TP00{number}") for number in (1, 2, 3)))
    found = readings_of(DAMAGES[damage](data))
    assert [record_of(one, form) for one in found] == [record] * 3
    assert [one.text("report.number") for one in found] == (
        [""] * 3 if form == "review" else ["TP001", "TP002", "TP003"]
    )
    assert [(one.findings, one.outside) for one in found] == [([], [])] * 3
    assert len({one.start for one in found}) == 3


@given(st.data())
def test_any_forms_below_one_another_are_kept_apart(data):
    codes = data.draw(
        st.lists(st.sampled_from(["report", "triage", "investigation", "verification"]), min_size=2, max_size=3)
    )
    told = [data.draw(records(form)) for form in codes]
    made = joined(*(filled(FORMS[one.form].code, one, number=f"TP{n:03d}") for n, one in enumerate(told, 1)))
    found = readings_of(made)
    assert [one.form.key for one in found if one.form] == codes
    for one, record in zip(found, told, strict=True):
        assert record_of(one, record.form) == record


def test_forty_three_forms_in_one_file():
    made = joined(*(filled("F01", report(f"第{number}个问题")) for number in range(1, 44)))
    found = readings_of(made)
    assert [one.text("report.title") for one in found] == [f"第{number}个问题" for number in range(1, 44)]


@pytest.mark.parametrize("damage", DAMAGES)
def test_tables_under_one_title_are_a_form_each(damage):
    doc = Doc(joined(filled("F01", report("一")), filled("F01", report("二"))))
    paragraphs = [one for one in doc.body if one.tag == w("p")]
    for one in paragraphs[1:]:
        doc.body.remove(one)
    found = readings_of(DAMAGES[damage](doc.bytes))
    assert [one.text("report.title") for one in found] == ["一", "二"]


def test_a_heading_between_two_forms_goes_with_the_second():
    doc = Doc(joined(bare(filled("F01", report("一"))), bare(filled("F01", report("二")))))
    titles = [one for one in doc.body if one.tag == w("p") and "问题上报记录" in "".join(one.itertext())]
    titles[1].xpath(".//*[local-name()='t']")[0].text = "其二："
    for other in titles[1].xpath(".//*[local-name()='t']")[1:]:
        other.text = ""
    first, second = readings_of(doc.bytes)
    assert (first.text("report.title"), second.text("report.title")) == ("一", "二")
    assert first.outside == []
    assert [text for _, text in second.outside] == ["其二："]


def test_a_pasted_row_begins_no_new_form():
    doc = Doc(filled("F01", report("一")))
    row = doc.control("report.title").xpath("ancestor::*[local-name()='tr'][1]")[0]
    row.addnext(deepcopy(row))
    (found,) = readings_of(doc.bytes)
    assert found.text("report.title") == "一"


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_dossier_is_one_form(damage):
    stages = [full_record(form) for form in FORMS if form not in ("archive", "review")]
    assert len(readings_of(DAMAGES[damage](filled("F00", *stages)))) == 1


def test_a_file_written_for_one_problem_is_that_for_its_own_form_only(tmp_path):
    prefilled = filled(
        "F03",
        full_record("investigation"),
        number="TP007",
        properties={"number": "TP007", "revision": "9", "round": "2"},
    )
    incoming = read_in(tmp_path, joined(prefilled, filled("F03", full_record("investigation"), number="TP008")))
    first, second = incoming.forms
    assert (first.number, first.properties["revision"]) == ("TP007", "9")
    assert (second.number, second.properties.get("revision"), second.part) == ("TP008", None, 2)


def test_a_blank_form_among_filled_ones_says_nothing(tmp_path):
    incoming = read_in(tmp_path, joined(blank("F01"), filled("F01", report("一")), blank("F01")))
    assert [one.records["report"].values["title"] for one in incoming.forms] == ["一"]
    assert incoming.part == 1
    assert incoming.findings == []


def test_only_blank_forms_are_nothing(tmp_path):
    incoming = read_in(tmp_path, joined(blank("F01"), blank("F01")))
    assert incoming.refused is not None
    assert incoming.refused.code == "nothing_filled_in"


def test_each_form_opens_a_problem_and_is_archived_with_it(desk):
    data = joined(filled("F01", report("一")), filled("F01", report("二", occurred_at="2026-03-02T10:00")))
    result = take(desk, data)
    assert outcomes(result) == [("TP001", "new"), ("TP002", "new")]
    assert [path.name[:5] for path in result.written] == ["TP001", "TP002"]
    for number, title in (("TP001", "一"), ("TP002", "二")):
        (kept,) = desk.archive(number).iterdir()
        assert kept.read_bytes() == data
        (receipt,) = [path for path in result.written if path.name.startswith(number)]
        (reading,) = readings_of(receipt.read_bytes())
        assert (reading.text("report.number"), reading.text("report.title")) == (number, title)
    assert list(desk.inbox.iterdir()) == []


def test_the_same_file_again_is_nothing_new(desk):
    data = joined(filled("F01", report("一")), filled("F01", report("二", occurred_at="2026-03-02T10:00")))
    take(desk, data)
    assert outcomes(take(desk, data)) == [("TP001", "unchanged"), ("TP002", "unchanged")]
    assert list(desk.inbox.iterdir()) == []


def test_the_json_tells_of_a_file_once(desk):
    data = joined(filled("F01", report("一")), filled("F01", report("二", occurred_at="2026-03-02T10:00")))
    (told,) = take(desk, data).as_json()["files"]
    assert (told["outcome"], [one["number"] for one in told["records"]]) == ("new", ["TP001", "TP002"])


def test_what_cannot_be_taken_in_stays_and_the_rest_is_taken_once(desk):
    data = joined(filled("F01", report("一")), filled("F03", full_record("investigation"), number="TP099"))
    result = take(desk, data)
    assert outcomes(result) == [("TP001", "new"), ("", "rejected")]
    (finding,) = result.files[1].findings
    assert (finding.code, finding.place) == ("number_unknown", result.files[1].incoming.start)
    assert result.needs_a_person
    assert [one.name for one in desk.inbox.iterdir()] == ["several.docx"]
    again = ingest(desk, [], Options(), NOW)
    assert outcomes(again) == [("TP001", "unchanged"), ("", "rejected")]
    assert len(by_file(again.files)) == 1


def test_a_form_below_its_report_needs_no_number(desk):
    data = joined(filled("F01", report("一")), filled("F02", full_record("triage"), title="一"))
    assert outcomes(take(desk, data)) == [("TP001", "new"), ("TP001", "new")]


def test_a_form_below_another_title_does(desk):
    data = joined(filled("F01", report("一")), filled("F02", full_record("triage"), title="二"))
    assert outcomes(take(desk, data)) == [("TP001", "new"), ("", "rejected")]


def test_one_report_pasted_twice_is_one_problem(desk):
    data = joined(*[filled("F01", report("一"))] * 2)
    assert outcomes(take(desk, data)) == [("TP001", "new"), ("TP001", "unchanged")]
    assert outcomes(take(desk, data)) == [("TP001", "unchanged"), ("TP001", "unchanged")]
    assert list(desk.inbox.iterdir()) == []


def test_two_different_answers_for_one_form_are_not_chosen_from(desk):
    other = report("一", description="另一种说法")
    result = take(desk, joined(filled("F01", report("一")), filled("F01", other)))
    assert outcomes(result) == [("TP001", "new"), ("", "rejected")]
    assert [one.code for one in result.files[1].findings] == ["form_twice"]
    with Ledger(desk.ledger).transaction() as transaction:
        problem = transaction.problem("TP001")
        assert problem is not None
        assert problem.get("report.description") == report("一").values["description"]


def test_the_copy_that_goes_back_has_a_number_for_each_and_comes_in_again(desk):
    faulty = Record("report", good("report", title="二", occurred_at="2026-03-02T10:00", contact=None))
    result = take(desk, joined(filled("F01", report("一")), filled("F01", faulty)))
    (copy,) = result.returned
    first, second = readings_of(copy.read_bytes())
    assert [one.text("report.number") for one in (first, second)] == ["TP001", "TP002"]
    assert b"TP002 " in parts_of(copy.read_bytes())["word/comments.xml"]
    again = take(desk, copy.read_bytes(), "again.docx")
    assert outcomes(again) == [("TP001", "unchanged"), ("TP002", "unchanged")]


def test_the_command_says_which_of_the_forms(desk):
    (desk.inbox / "several.docx").write_bytes(
        joined(filled("F01", report("一")), filled("F03", full_record("investigation")))
    )
    told = CliRunner().invoke(app, ["--desk", str(desk.root), "ingest", "--now", "2026-03-20T17:00"])
    assert told.exit_code == 1
    assert "several.docx (1 of 2)  -> TP001 F01" in told.output
    assert "several.docx (2 of 2)" in told.output
    assert "1 file: new 1" in told.output


def test_inspect_shows_every_form(tmp_path):
    path = tmp_path / "several.docx"
    path.write_bytes(joined(filled("F01", report("一")), filled("F01", report("二"))))
    ((_, seen, _),) = inspect_files(None, [path])
    assert [one["value"] for one in seen.pairs if one["label"] == "问题标题"] == ["一", "二"]
    assert json.dumps(seen.pairs)


def test_reading_one_reads_the_first():
    assert reading_of(joined(filled("F01", report("一")), filled("F01", report("二")))).text("report.title") == "一"
