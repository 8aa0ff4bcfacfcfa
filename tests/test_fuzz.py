"""A short seeded run of what `bench/fuzz.py` does for hours: whatever is done to a form, there is a reading or a reason."""

import io
import zipfile
from contextlib import suppress
from functools import cache

import pytest

from tests.conftest import SHELF, filled
from tests.damage import damaged
from tests.docx_tools import MAIN, parts_of, zipped
from tests.records import full_record
from tpdocs.findings import DocumentError
from tpdocs.forms.standard import FORMS
from tpdocs.word.package import Package
from tpdocs.word.survey import survey


@cache
def parts(form: str) -> dict[str, bytes]:
    return parts_of(filled(FORMS[form].code, full_record(form, "字")))


@pytest.mark.parametrize("form", FORMS)
def test_damaged_forms_are_read_or_refused(form):
    for seed in range(25):
        data = zipped({**parts(form), MAIN: damaged(parts(form)[MAIN], seed)})
        with suppress(DocumentError):
            survey(Package(data), SHELF.layout)


def test_a_hostile_zip_directory_is_refused():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as package:
        for number in range(5000):
            package.writestr(f"word/{number}.xml", b"")
    with pytest.raises(DocumentError):
        Package(made.getvalue())
