"""What stands beside the body of a document: headers, footers, notes, comments. Never a field's value, never lost either.

A page header may be that of another document: half of those of real filled forms are.
"""

import re
from collections.abc import Iterator

from lxml import etree

from tpdocs.forms.values import squeezed
from tpdocs.word.package import Package
from tpdocs.word.walk import shown_text, walk
from tpdocs.word.xml import P, parse_xml, w

AUTHOR = "tpdocs"  # who writes the comments that go back to the sender
_PART = re.compile(r"(?:.*/)?(header|footer|footnotes|endnotes|comments)\d*\.xml")
_WORDS = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注", "comments": "批注"}
_NOTES = {"footnotes": w("footnote"), "endnotes": w("endnote"), "comments": w("comment")}
_FIGURES = re.compile(r"\d+")


def side_texts(package: Package, known: frozenset[tuple[str, int]] = frozenset()) -> Iterator[tuple[str, str]]:
    """Place and text of everything beside the body; parts `known` by name and checksum are passed over."""
    for name in sorted(package.names):
        match = _PART.fullmatch(name)
        if match is None or (name, package.checksum(name)) in known:
            continue
        sort = match[1]
        root = parse_xml(package.read(name), name)
        if sort in _NOTES:
            yield from _notes(root, sort)
        else:
            yield from ((_WORDS[sort], text) for one in walk(root).containers if (text := one.text.strip()))


def _notes(root: etree._Element, sort: str) -> Iterator[tuple[str, str]]:
    for one in root.iter(_NOTES[sort]):
        author = one.get(w("author"), "")
        # The lines that Word draws above footnotes are notes of a type of their own.
        if one.get(w("type")) or author == AUTHOR:
            continue
        text = "\n".join(shown_text(paragraph) for paragraph in one.iter(P)).strip()
        if text:
            yield f"{_WORDS[sort]}（{author}）" if author else _WORDS[sort], text


def without_figures(text: str) -> str:
    """For comparing: page numbers differ from document to document."""
    return _FIGURES.sub("", squeezed(text))


def checksums(package: Package) -> frozenset[tuple[str, int]]:
    """Name and checksum of every part beside the body."""
    return frozenset((name, package.checksum(name)) for name in package.names if _PART.fullmatch(name))
