"""The shape of a row: its tags without its texts. Rows of one shape have the text of each column at the same place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from tpdocs.register.cells import SAME_TIME, Shown, is_link
from tpdocs.register.scan import ANY_CELL, FORMULA, attributes_of, named_signs
from tpdocs.word.xml import texts_of

_BETWEEN = "\x1e"  # no sign of XML, so no cell holds it
_BETWEEN_BYTES = _BETWEEN.encode()
# Possessive, for a text never ends earlier: a tenth of the time.
TEXT_NODES = re.compile(rb">([^<]++)<")
NODE = b"\x1f"
_BETWEEN_TAGS = b">" + NODE + b"<"
_DIGITS = b"0123456789"
_FORMULA_NODE = NODE + b"</f>"
_SHOWN_NODE = re.compile(rb"\x1f(?=</[vt]>)")
_NOT_TO_THE_LETTER = "&", '"', "<", "_x"
_QUOTES = b'"', b"&quot;"
_ESCAPES = b"_x"  # what may be a sign by its number, as Excel writes some
Pick = Callable[[Sequence[Any]], tuple[Any, ...]]


def _picking(places: Sequence[int]) -> Pick:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda row: tuple(row[place] for place in places)


Spelling = Callable[[float], str]
# How numbers are written: by us, by LibreOffice, by openpyxl and by Excel. The same ones come again and again: rounds, days, counts.
SPELLINGS: tuple[Spelling, ...] = tuple(
    lru_cache(maxsize=4096, typed=True)(one) for one in (repr, "{:.15g}".format, "{:.16g}".format, "{:.17g}".format)
)


def written_texts(cells: Sequence[Shown], spelling: Spelling = SPELLINGS[0]) -> list[str]:
    """What was written in a row, as the texts that stand in the XML of somebody who spells numbers so."""
    # All in one expression: of 20,000 rows this is asked of a million cells and more, and calls took more than half of the time.
    return [
        cell
        if type(cell) is str
        else ""
        if cell is None
        else spelling(cell)
        if type(cell) is not list
        else spelling(cell[1])
        if cell[0] != "l"
        else cell[1]
        for cell in cells
    ]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """Where the text of each column stands among the text nodes of a row: first those that are numbers of shared strings.

    `order` are the columns in that order, `at` where each column stands in it; `nodes` tells of each column the number of its
    node (-1 where it has none) and whether that is the number of a shared string. `unread` are those in whose cells a formula stands
    that nobody has calculated and nobody may edit: a link says what it always does. `formulas` are those with a formula, and its node.
    `beside`: something of somebody's stands in other columns; `calculates`: a formula does, which alone is nothing beside.
    """

    shared: Pick
    plain: Pick
    order: Pick
    columns: tuple[int, ...]
    at: tuple[int, ...]
    nodes: tuple[tuple[int, bool], ...]
    unread: frozenset[int]
    formulas: dict[int, int]
    beside: bool
    calculates: bool


def tags_of(pieces: Sequence[bytes]) -> bytes:
    """The tags of rows with a mark for each text, without digits: the numbers of rows and formats make no other shape."""
    return _BETWEEN_TAGS.join(pieces[::2]).translate(None, _DIGITS)


def shape_of(tags: bytes, where: Mapping[bytes, int], fixed: frozenset[int]) -> Shape | None:
    """From the tags of a row, with a mark for each text; None for a row whose cells have to be read one by one."""
    found = dict.fromkeys(where.values(), (-1, False))
    unread: set[int] = set()
    formulas: dict[int, int] = {}
    beside, calculates, node, end = False, False, 0, 0
    for match in ANY_CELL.finditer(tags):
        node += tags[end : match.start()].count(NODE)
        end = match.end()
        facts, inner = attributes_of(match[1]), match[2] or b""
        letters = facts.get(b"r", b"")
        shown = [one.start() for one in _SHOWN_NODE.finditer(inner)]
        if not letters.isalpha() or len(shown) > 1 or b"<r" in inner:
            return None
        at = node + inner[: shown[0]].count(NODE) if shown else -1
        if letters in where and (formula := inner.find(_FORMULA_NODE)) >= 0:
            formulas[where[letters]] = node + inner[:formula].count(NODE)
        node += inner.count(NODE)
        if letters not in where:
            is_formula = FORMULA.search(inner) is not None
            calculates |= is_formula
            beside |= bool(inner) and not is_formula
        else:
            found[where[letters]] = at, facts.get(b"t") == b"s" and at >= 0
            calculated = facts.get(b"t") == b"str"  # to an empty text
            if at < 0 and not calculated and FORMULA.search(inner):
                if where[letters] not in fixed:
                    return None  # somebody's own, which shows nothing and is not empty all the same
                unread.add(where[letters])
    shared = [place for place, (_, is_shared) in found.items() if is_shared]
    plain = [place for place, (_, is_shared) in found.items() if not is_shared]
    columns = (*shared, *plain)
    at_places = dict(zip(columns, range(len(columns)), strict=True))
    return Shape(
        _picking([found[place][0] for place in shared]), _picking([found[place][0] for place in plain]), _picking(columns),
        columns, tuple(at_places[place] for place in range(len(columns))),
        tuple(found[place] for place in range(len(columns))), frozenset(unread), formulas, beside, calculates,
    )  # fmt: skip


def read_texts(nodes: Sequence[bytes]) -> list[str] | None:
    """Texts as they read; None where one may hold a sign by its number, as Excel writes some."""
    joined = _BETWEEN_BYTES.join(nodes)
    if _ESCAPES in joined:
        return None
    if b"&#" in joined:
        return texts_of(nodes)
    return named_signs(joined.decode()).split(_BETWEEN) if nodes else []


def has_path(node: bytes, path: str) -> bool:
    """Whether a formula as it is written in the XML holds just that path as a text; where it holds a sign by its number it is not told."""
    if not path or any(sign in path for sign in _NOT_TO_THE_LETTER):
        return False
    told = path.encode()
    return b'"%s"' % told in node or b"&quot;%s&quot;" % told in node


def have_paths(nodes: Sequence[bytes], paths: Sequence[str]) -> bool:
    """Whether formulas surely hold these paths: each as `has_path` says, or all in the same words, as one program writes them."""
    first, every = paths[0].encode(), "\n".join(paths)
    if first and not any(sign in every for sign in _NOT_TO_THE_LETTER) and has_path(nodes[0], paths[0]):
        before, _, after = nodes[0].partition(first)
        is_quoted = before.endswith(_QUOTES) and after.startswith(_QUOTES)
        if is_quoted and all(
            node == b"%s%s%s" % (before, path.encode(), after) for node, path in zip(nodes, paths, strict=True)
        ):
            return True
    return all(map(has_path, nodes, paths))


def leads_there(formula: str, cell: Shown) -> bool:
    """Whether a formula holds the path of a link; where none is wanted any does."""
    path = cell[2].replace('"', '""') if is_link(cell) else ""
    return not path or f'"{path}"' in formula


def are_close(one: str, other: str) -> bool:
    """Whether two numbers are the same but for how a program wrote them."""
    try:
        return abs(float(one) - float(other)) < SAME_TIME
    except ValueError:
        return False
