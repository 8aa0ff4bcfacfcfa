"""The samples read as their contents say, and the whole of them gives the findings that were looked through by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import NOW, SHELF
from tpdocs.actions.incoming import read_file
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.init import init
from tpdocs.actions.look import check, show_problem
from tpdocs.actions.look import reading as ledger
from tpdocs.desk.folder import shipped
from tpdocs.word.package import Limits

FORMS = shipped("samples") / "forms"
DOCUMENTS = sorted(FORMS.glob("*.docx"))
CONTENTS = {
    told["file"]: told
    for path in (shipped("samples") / "content").glob("*.json")
    if (told := json.loads(path.read_text("utf-8")))
}


def expected(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return told


def test_there_are_enough_of_them():
    filled = [expected(path) for path in DOCUMENTS if path.name in CONTENTS]
    assert len(filled) >= 16
    assert len({one["number"] for one in filled if (one["number"] or "").startswith("TP")}) >= 5
    assert sum(one["via"] == "libreoffice" for one in CONTENTS.values()) >= 8


@pytest.mark.parametrize("path", [path for path in DOCUMENTS if path.name in CONTENTS], ids=lambda path: path.stem)
def test_a_sample_reads_as_its_content_says(path):
    incoming = read_file(path, SHELF, Limits())
    assert incoming.refused is None
    values = {
        f"{key}.{name}": value for key, record in incoming.records.items() for name, value in record.values.items()
    }
    raw = {f"{key}.{name}": text for key, record in incoming.records.items() for name, text in record.raw.items()}
    identity = {f"report.{name}": value for name, value in incoming.identity.values.items()}
    told = expected(path)
    assert {**identity, **values} == told["values"]
    assert raw == told["raw"]
    assert incoming.outside == []


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    desk = init(tmp_path_factory.mktemp("samples") / "desk")
    return desk, ingest(desk, [FORMS], Options(), NOW)


def test_each_sample_has_its_outcome_and_findings(taken):
    for one in taken[1].files:
        told = expected(one.incoming.path)
        findings = [*one.findings, *(finding for record in one.records for finding in record.findings)]
        found = {
            "outcome": one.outcome,
            "number": one.number or None,
            "findings": sorted({(f.code, f.field) for f in findings}),
        }
        assert found == {
            **{key: told[key] for key in ("outcome", "number")},
            "findings": [tuple(pair) for pair in told["findings"]],
        }


def test_the_check_finds_what_was_planted_and_nothing_else(taken):
    found = [
        [one.number, one.code, one.field, one.due[:10]] for one in check(taken[0], [], NOW, everything=True).findings
    ]
    assert found == json.loads((shipped("samples") / "expected-check.json").read_text("utf-8"))


def test_the_problems_are_where_their_stories_left_them(taken):
    statuses = {
        number: show_problem(taken[0], number, NOW).problem.status
        for number in ("TP001", "TP002", "TP003", "TP005", "TP006")
    }
    assert statuses == {"TP001": "已归档", "TP002": "待关闭", "TP003": "实施中", "TP005": "待受理", "TP006": "方案制定"}
    assert show_problem(taken[0], "TP002", NOW).problem.round == 2


def test_attachments_lying_beside_the_form_are_kept_with_it(taken):
    with ledger(taken[0]) as transaction:
        kept = transaction.attachments("TP007")
    assert [one.name for one in kept] == ["error-screenshot.png", "app.log"]
    assert (taken[0].root / kept[0].path).read_bytes() == (FORMS / "error-screenshot.png").read_bytes()
