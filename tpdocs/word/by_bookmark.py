"""Finding fields by the bookmarks round our controls: LibreOffice up to 7.4 drops every tag and keeps every bookmark."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lxml import etree

from tpdocs.forms.fields import BOXES, Kind
from tpdocs.forms.standard import FIELDS
from tpdocs.word.containers import Walk
from tpdocs.word.prompts import without_prompts
from tpdocs.word.reading import BY_BOOKMARK, Found
from tpdocs.word.signs import is_ticked
from tpdocs.word.tags import Tag
from tpdocs.word.walk import shown_text
from tpdocs.word.xml import BOOKMARK_END, BOOKMARK_START, w

_PREFIX = "tp_"
_ROW = re.compile(r"_(\d{1,4})_")
_MOST_ROWS, _LONGEST_NAME = 60, 39


@dataclass(slots=True)
class _Collected:
    texts: dict[str, tuple[str, str]] = field(default_factory=dict)
    ticks: dict[str, tuple[list[str], str]] = field(default_factory=dict)
    options: dict[str, set[str]] = field(default_factory=dict)
    rows: dict[str, tuple[dict[int, dict[str, Any]], str]] = field(default_factory=dict)


def find_by_bookmark(
    root: etree._Element, found: Walk, options: Mapping[str, frozenset[str]] | None = None
) -> dict[str, Found]:
    """The answers between our bookmarks, by field path; a bookmark with nothing between its ends says nothing.

    `options` are those a field has boxes for: where some have lost their bookmarks, the others are not the answer.
    """
    names = _tags_by_bookmark()
    places = {one.element: one.place for one in found.containers}
    collected = _Collected()
    for mark in root.iter(BOOKMARK_START):
        name = mark.get(w("name"), "")
        tag = names.get(name) if name.startswith(_PREFIX) else None
        if tag is None:
            tag = _row_tag(name) if name.startswith(_PREFIX) else None
        if tag is not None and (text := _text_after(mark)) is not None:
            place = next((places[one] for one in mark.iterancestors() if one in places), "")
            if not place and not found.whole:
                continue  # in another form of the same document
            _put(collected, tag, text, place)
    for path, every in (options or {}).items():
        if path in collected.ticks and collected.options[path] < every:
            del collected.ticks[path]
    return _answers(collected)


def _put(collected: _Collected, tag: Tag, text: str, place: str) -> None:
    if tag.column:
        rows, _ = collected.rows.setdefault(tag.path, ({}, place.rpartition(" ")[0]))
        rows.setdefault(tag.row, {}).setdefault(tag.column, _without_prompt(tag, text))
    elif tag.option:
        ticked, _ = collected.ticks.setdefault(tag.path, ([], place))
        collected.options.setdefault(tag.path, set()).add(tag.option)
        if is_ticked(text) and tag.option not in ticked:
            ticked.append(tag.option)
    else:
        collected.texts.setdefault(tag.path, (_without_prompt(tag, text), place))


def _without_prompt(tag: Tag, text: str) -> str:
    return without_prompts(text, (tag.field.prompt,))


def _answers(collected: _Collected) -> dict[str, Found]:
    found = {path: Found(path, text, place, BY_BOOKMARK) for path, (text, place) in collected.texts.items()}
    found |= {path: Found(path, tuple(ticks), place, BY_BOOKMARK) for path, (ticks, place) in collected.ticks.items()}
    for path, (rows, place) in collected.rows.items():
        found[path] = Found(path, [rows[number] for number in sorted(rows)], place, BY_BOOKMARK)
    return found


def _text_after(mark: etree._Element) -> str | None:
    """The text up to the bookmark's end in the same paragraph; None where it ends elsewhere or nothing stands between."""
    number = mark.get(w("id"))
    between: list[etree._Element] = []
    for element in mark.itersiblings():
        if element.tag == BOOKMARK_END and element.get(w("id")) == number:
            return shown_text(between) if between else None
        between.append(element)
    return None


@lru_cache
def _tags_by_bookmark() -> dict[str, Tag]:
    """Every bookmark that is not in a row table, and those of long names in the first rows."""
    found: dict[str, Tag] = {}
    for path, one in FIELDS.items():
        if one.kind is Kind.ROWS:
            tags = (
                Tag(path, number, column.name)
                for column in one.columns
                if len(f"tp_{path}_99_{column.name}") > _LONGEST_NAME
                for number in range(1, _MOST_ROWS)
            )
        elif one.kind in BOXES:
            tags = (Tag(path, option=choice.label) for choice in one.options)
        else:
            tags = (one for one in (Tag(path),))
        found |= {tag.bookmark: tag for tag in tags}
    return found


@lru_cache
def _tables() -> dict[str, str]:
    return {f"tp_{path.replace('.', '_')}": path for path, one in FIELDS.items() if one.kind is Kind.ROWS}


def _row_tag(name: str) -> Tag | None:
    for match in _ROW.finditer(name):
        path = _tables().get(name[: match.start()])
        column = name[match.end() :]
        if path and any(one.name == column for one in FIELDS[path].columns):
            return Tag(path, int(match[1]), column)
    return None
