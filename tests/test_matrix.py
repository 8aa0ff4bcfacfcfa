"""Every shape of a filled form by every way it can reach us: every filled field right, or a finding that names it."""

from pathlib import Path

import pytest

from tests.matrix.judged import EXACT, WRONG, Verdict, judged
from tests.matrix.lost import LOST
from tests.matrix.table import page
from tests.matrix.ways import FORMATS, PACKED, SHAPES, all_ways, constructs
from tests.matrix.wild import SECTIONS
from tests.office import require_version

PAGE = Path(__file__).parent.parent / "docs" / "matrix.md"
WAYS = (*SHAPES, *(f"LibreOffice 25.2 .{suffix}" for suffix in FORMATS), *PACKED)
WILD = [one for part in SECTIONS.values() for one in part]
# On one worker: what they share takes minutes to make.
_together = pytest.mark.xdist_group("matrix")


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Verdict]]:
    """How every construct was read, by way."""
    require_version("25.2")
    folders = all_ways(tmp_path_factory.mktemp("matrix"))
    return {
        way: {one.key: judged(folder / f"{one.key}.docx", one.values) for one in constructs()}
        for way, folder in folders.items()
    }


@_together
@pytest.mark.parametrize("way", WAYS)
def test_every_filled_field_is_right_or_named(verdicts, way):
    wrong = {key: one.wrong for key, one in verdicts[way].items() if one.word == WRONG}
    destroyed = {key for key, (ways, _) in LOST.items() if way in ways}
    assert wrong.keys() == destroyed, wrong


@_together
@pytest.mark.parametrize("way", SHAPES)
def test_by_hand_all_is_exact_and_told_what_has_to_be(verdicts, way):
    assert {key: one.told for key, one in verdicts[way].items() if one.word != EXACT} == {}
    # Google Docs leaves no control whose text could have run out or kept a prompt.
    expected = constructs() if way != "Google Docs" else WILD
    assert {one.key for one in expected if not one.told <= verdicts[way][one.key].codes} == set()


@_together
def test_the_page_in_the_documentation_is_this_matrix(verdicts):
    assert PAGE.read_text(encoding="utf-8") == page(verdicts)


@pytest.mark.parametrize("construct", WILD, ids=[one.key for one in WILD])
def test_a_blank_form_says_nothing(construct, tmp_path):
    path = tmp_path / "blank.docx"
    path.write_bytes(construct.document(filled=False))
    assert judged(path, {}).wrong == {}
