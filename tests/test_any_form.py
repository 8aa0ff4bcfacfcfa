"""Forms that are none of ours, their layouts those of real ones with invented content: filled in, and blank."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.matrix.drawn import Block, drawn
from tpdocs.word.labels import Lexicon
from tpdocs.word.outlines import Outline, Pair
from tpdocs.word.package import Package
from tpdocs.word.pairs import outline
from tpdocs.word.walk import walk

FORMS = json.loads((Path(__file__).parent / "matrix" / "any_forms.json").read_text(encoding="utf-8"))
Told = tuple[set[tuple[str, str]], set[tuple[str, str]], set[str]]


def outlined(form: dict[str, Any], *, filled: bool) -> Outline:
    blocks = [block(one) for one in form["blocks"]]
    return outline(walk(Package(drawn(*blocks, filled=filled)).main), Lexicon())


def block(written: Any) -> Block:
    """A block as `drawn` takes it; a control round others is written as an object."""
    if isinstance(written, dict):
        return tuple(block(one) for one in written["control"])
    kept: Block = written
    return kept


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def boxes(pair: Pair) -> str:
    """``option,option>ticked``."""
    return f"{','.join(one.text for one in pair.options)}>{','.join(one.text for one in pair.options if one.ticked)}"


def told(made: Outline) -> Told:
    """Pairs, choices and rows, white space aside."""
    return (
        {(bare(one.name), bare(one.value)) for one in made.pairs if not one.options},
        {(bare(one.name), bare(boxes(one))) for one in made.pairs if one.options},
        {
            bare(f"{','.join(one.columns)}>{';'.join(','.join(row) for row in one.rows)}")
            for one in made.tables
            if one.rows
        },
    )


@pytest.mark.parametrize("form", FORMS, ids=[one["name"] for one in FORMS])
def test_every_answer_of_a_filled_form_is_read_and_nothing_else(form):
    assert told(outlined(form, filled=True)) == (
        {(bare(label), bare(value)) for label, value in form["pairs"]},
        {(bare(label), bare(options)) for label, options in form["choices"]},
        {bare(rows) for rows in form["rows"]},
    )


@pytest.mark.parametrize("form", FORMS, ids=[one["name"] for one in FORMS])
def test_nothing_is_read_from_the_blank(form):
    pairs, choices, rows = told(outlined(form, filled=False))
    assert (pairs, rows) == (set(), set())
    assert {one for one in choices if not one[1].endswith(">")} == set()
