"""What several tests need: blanks, desks, a way to read a document."""

import os
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.demo import run as make_demo
from tpdocs.actions.init import init
from tpdocs.desk.folder import Desk, shipped
from tpdocs.forms.standard import FORMS, form_named
from tpdocs.forms.values import Record, parse_record
from tpdocs.language import choose_language
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.package import Package
from tpdocs.word.read import read
from tpdocs.word.reading import Reading

settings.register_profile(
    "default",
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

SHELF = Shelf((shipped("templates"),))
NOW = datetime(2026, 3, 20, 17, 0)


def blank(name: str) -> bytes:
    """The blank of a form."""
    return SHELF.blank(form_named(name)).data


def filled(name: str, *records: Record, properties: dict[str, str] | None = None, **identity: str) -> bytes:
    """A form filled with records; `identity` are fields of its identity block."""
    content = Content({f"report.{key}": value for key, value in identity.items()})
    for record in records:
        content.add(record)
    return FormDocument(blank(name)).fill(content, properties)


def reading_of(data: bytes) -> Reading:
    """What the reader makes of a document."""
    return read(Package(data), SHELF.layout)


def record_in(data: bytes, form: str) -> Record:
    """One form's record in a document, without what was found where."""
    spec = FORMS[form]
    told = {name: raw for name, raw in reading_of(data).answers(form).items() if not spec.by_name[name].computed}
    found = parse_record(form, spec.fields, told)
    return Record(form, found.values, found.raw)


@pytest.fixture(autouse=True)
def _english() -> None:
    """Whoever runs the tests, tpdocs speaks English in them until a test says otherwise."""
    choose_language("en")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """An empty desk."""
    return init(tmp_path / "desk")


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    """The desk of the samples, with its register."""
    folder = Path(tmp_path_factory.mktemp("demo")) / "desk"
    make_demo(folder, lambda _: None)
    return folder


@pytest.fixture
def busy(made, tmp_path) -> Desk:
    """A copy of it to work in."""
    shutil.copytree(made, tmp_path / "busy")
    return Desk(tmp_path / "busy")
