"""Forms that other programs have opened and saved: every field right, or a finding that names it."""

from pathlib import Path

import pytest

from tests.conftest import reading_of, record_in
from tests.records import full_record
from tpdocs.forms.standard import form_named

CLIENTS = Path(__file__).parent / "clients"
FILES = sorted(CLIENTS.rglob("F??.docx"))


@pytest.mark.parametrize("path", FILES, ids=[f"{path.parent.name}-{path.stem}" for path in FILES])
def test_a_form_saved_by_another_program_comes_back_whole(path):
    form = form_named(path.stem).key
    data = path.read_bytes()
    assert record_in(data, form) == full_record(form, "文字 & <字>")
    reading = reading_of(data)
    assert (reading.outside, reading.findings) == ([], [])


def test_lines_that_an_older_libreoffice_ran_together_are_told_for_each_field():
    data = (CLIENTS / "libreoffice-7.4.7" / "F01-lines.docx").read_bytes()
    record, got = full_record("report"), record_in(data, "report")
    wrong = {name for name, value in record.values.items() if got.values.get(name) != value}
    told = {one.field.removeprefix("report.") for one in reading_of(data).findings if one.code == "lines_lost"}
    assert wrong
    assert wrong <= told
