"""The law of the house: what is written into a form is what is read from it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import filled, reading_of, record_in
from tests.records import full_record, records
from tpdocs.codes.kinds import INFO
from tpdocs.forms.standard import ALL_FORMS, DOSSIER, FIELDS, FORMS
from tpdocs.forms.values import Record


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data())
def test_read_of_fill_is_the_record(form, data):
    record = data.draw(records(form))
    assert record_in(filled(form, record), form) == record


@pytest.mark.parametrize("form", FORMS)
def test_every_field_at_once_survives_and_nothing_is_left_over(form):
    record = full_record(form)
    document = filled(form, record)
    assert record_in(document, form) == record
    reading = reading_of(document)
    assert reading.outside == []
    assert [one.code for one in reading.findings if one.severity != INFO] == []


def test_the_dossier_carries_every_form_it_shows():
    kept: dict[str, dict[str, object]] = {}
    for path in DOSSIER.shows:
        key, _, name = path.partition(".")
        kept.setdefault(key, {})[name] = full_record(key).values.get(name)
    given_records = [
        Record(key, {name: value for name, value in values.items() if value is not None})
        for key, values in kept.items()
    ]
    document = filled("F00", *given_records)
    for record in given_records:
        assert record_in(document, record.form) == record


@pytest.mark.parametrize("form", [form.code for form in ALL_FORMS])
def test_a_blank_says_nothing(form):
    reading = reading_of(filled(form))
    assert reading.form is not None
    assert reading.form.code == form
    assert {path for path, one in reading.found.items() if one.answer and FIELDS[path].kind != "rows"} == set()
    assert all(
        not any(row.values()) for one in reading.found.values() if isinstance(one.answer, list) for row in one.answer
    )
    assert reading.outside == []
    assert reading.findings == []


def test_control_characters_are_removed_and_nothing_else():
    assert record_in(filled("report", Record("report", {"title": "a\x00b\x07c\ud800d\x0be"})), "report").values == {
        "title": "abcd\ne"
    }
