"""Forms that other programs have opened, filled and saved, one after another at times: every field right, or a finding that names it."""

import json
from pathlib import Path

import pytest

from tests.conftest import reading_of, record_in
from tests.matrix.judged import judged, values_of
from tests.matrix.packed import unpack
from tests.records import full_record, good
from tpdocs.forms.standard import form_named
from tpdocs.forms.values import Record

CLIENTS = Path(__file__).parent / "clients"
FILES = sorted(CLIENTS.rglob("F??.docx"))
FILLED = json.loads((CLIENTS / "onlyoffice-10.0.0" / "filled.json").read_text(encoding="utf-8"))
CHAINS = (
    "onlyoffice-lo74",
    "lo74-docx-onlyoffice",
    "lo74-docx-lo25",
    "lo74-docx-pandoc",
    "lo74-odt-pandoc",
    "lo74-docx-abiword",
)


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


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forms filled in ONLYOFFICE."""
    folder = tmp_path_factory.mktemp("filled")
    unpack(CLIENTS / "onlyoffice-10.0.0" / "filled.tar.xz", folder)
    return folder


@pytest.mark.parametrize("name", FILLED)
def test_a_form_filled_in_onlyoffice(filled, name):
    values = {
        path: value for form, told in FILLED[name].items() for path, value in values_of(Record(form, told)).items()
    }
    verdict = judged(filled / f"{name}.docx", values)
    assert (verdict.wrong, verdict.told) == ({}, {})


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forms that went through two programs."""
    folder = tmp_path_factory.mktemp("chains")
    unpack(CLIENTS / "chains.tar.xz", folder)
    return folder


@pytest.mark.parametrize("kind", ["", "-lines", "-good", "-blank"])
@pytest.mark.parametrize("code", ["F01", "F03", "F05", "F06"])
@pytest.mark.parametrize("chain", CHAINS)
def test_a_form_that_went_through_two_programs(chains, chain, code, kind):
    form = form_named(code).key
    record = {
        "": lambda: full_record(form, "文字 & <字>"),
        "-lines": lambda: full_record(form),
        "-good": lambda: Record(form, good(form)),
        "-blank": lambda: Record(form),
    }[kind]()
    verdict = judged(chains / f"{chain}.{code}{kind}.docx", values_of(record))
    assert verdict.wrong == {}
    assert all(why.startswith(("lines_lost", "text_repeated")) for why in verdict.told.values())
