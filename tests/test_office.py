"""A real office suite fills the forms, opens the register, and saves forms anew."""

import json

import pytest
from make_samples import by_tag

from tests.conftest import NOW, SHELF, blank, filled, reading_of, record_in
from tests.office import convert, fill, require_office
from tests.records import full_record
from tpdocs.actions.incoming import read_file
from tpdocs.actions.ingest import Options, ingest
from tpdocs.codes.kinds import INFO
from tpdocs.forms.fields import Kind
from tpdocs.forms.standard import ALL_FORMS, FORMS
from tpdocs.forms.values import Record
from tpdocs.word.fill import Content
from tpdocs.word.package import DEFAULT_LIMITS

pytestmark = [pytest.mark.office, pytest.mark.xdist_group("office")]
AWKWARD = 'R&D <team> "引号" {{ x }} {% y %} {_{\n第二行\t制表 ＡＢＣ１２３ 😀\n\n空行之后'


@pytest.fixture(scope="module")
def typed(tmp_path_factory) -> dict[str, tuple[Record, bytes]]:
    """Every form filled completely in LibreOffice with awkward text, in one session of it."""
    require_office()
    folder = tmp_path_factory.mktemp("office")
    records = {key: full_record(key, AWKWARD) for key in FORMS}
    for record in records.values():
        for field in FORMS[record.form].fields:
            if field.kind is Kind.ROWS:
                record.values[field.name] = record.values[field.name][: field.spare]
    jobs: list[dict[str, object]] = []
    for key, record in records.items():
        (folder / f"{key}.docx").write_bytes(blank(key))
        values = by_tag(Content().add(record))
        jobs.append(
            {"blank": str(folder / f"{key}.docx"), "filled": str(folder / f"{key}-filled.docx"), "values": values}
        )
    assert fill(jobs, folder) == [[]] * len(jobs)
    return {key: (record, (folder / f"{key}-filled.docx").read_bytes()) for key, record in records.items()}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_filled_in_libreoffice_comes_back_exactly(typed, form):
    record, document = typed[form]
    assert record_in(document, form) == record
    reading = reading_of(document)
    assert reading.form is not None
    assert reading.form.key == form
    assert reading.outside == []
    assert [one.code for one in reading.findings if one.severity != INFO] == []


@pytest.mark.parametrize("form", [form.code for form in ALL_FORMS])
def test_a_filled_form_opened_and_saved_by_libreoffice_is_the_same(form, tmp_path):
    keys = [form] if form != "F00" else ["report", "triage"]
    spec = {one.code: one.key for one in ALL_FORMS}
    records = [full_record(spec.get(key, key)) for key in keys]
    path = tmp_path / "in" / "form.docx"
    path.parent.mkdir()
    path.write_bytes(filled(form, *records, number="TP001", title="标题"))
    saved = convert(path, "docx", tmp_path).read_bytes()
    for record in records:
        assert record_in(saved, record.form) == record
    assert reading_of(saved).properties["form"] == form


def test_a_blank_saved_by_libreoffice_still_says_nothing(tmp_path):
    path = tmp_path / "in" / "form.docx"
    path.parent.mkdir()
    path.write_bytes(blank("F01"))
    reading = reading_of(convert(path, "docx", tmp_path).read_bytes())
    assert {key for key, one in reading.found.items() if one.answer and not isinstance(one.answer, list)} == set()
    assert reading.outside == []


def test_the_jobs_file_is_plain_json():
    assert json.loads(json.dumps(by_tag(Content({"report.type": "系统故障", "report.reproducible": False})))) == {
        "report.type:系统故障": True,
        "report.reproducible:否": True,
    }


@pytest.mark.parametrize("suffix", ["odt", "doc", "rtf"])
@pytest.mark.parametrize("form", ["report", "verification"])
def test_a_form_in_another_format_is_read_by_way_of_libreoffice(form, suffix, tmp_path):
    record = full_record(form, "文字 & <字>")
    path = tmp_path / "form.docx"
    path.write_bytes(filled(FORMS[form].code, record))
    other = convert(path, suffix, tmp_path / "other")
    incoming = read_file(other, SHELF, DEFAULT_LIMITS)
    assert incoming.refused is None
    got = incoming.records[form]
    named = {one.field.partition("[")[0] for one in incoming.findings}
    wrong = {
        name: (got.values.get(name), value)
        for name, value in record.values.items()
        if got.values.get(name) != value and f"{form}.{name}" not in named
    }
    assert wrong == {}
    assert "was_converted" in [one.code for one in incoming.findings]


def test_the_receipt_of_a_report_in_another_format_is_a_form_with_its_number(desk, tmp_path):
    record = full_record("report", "文字")
    (tmp_path / "form.docx").write_bytes(filled("F01", record))
    convert(tmp_path / "form.docx", "odt", desk.inbox)
    taken = ingest(desk, [], Options(), NOW)
    (receipt,) = taken.written
    reading = reading_of(receipt.read_bytes())
    assert reading.text("report.number") == "TP001"
    assert reading.text("report.title") == record.values["title"]
    assert [path.suffix for path in (desk.root / "archive" / "TP001").iterdir()] == [".odt"]
