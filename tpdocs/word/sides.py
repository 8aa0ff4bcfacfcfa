"""What stands beside the body of a document: headers, footers, notes, comments. Never a field's value, never lost either.

A page header may be that of another document: half of those of real filled forms are.
"""

import hashlib
import re
from collections.abc import Iterator

from lxml import etree

from tpdocs.forms.values import squeezed
from tpdocs.word.package import Package
from tpdocs.word.walk import shown_text, walk
from tpdocs.word.xml import NS_A, P, parse_xml, w

AUTHOR = "tpdocs"  # who writes the comments that go back to the sender
NOTES = "notes"  # the property that tells which lines of comments are ours
_PART = re.compile(r"(?:.*/)?(header|footer|footnotes|endnotes|comments)\d*\.xml")
_WORDS = {"header": "页眉", "footer": "页脚", "footnotes": "脚注", "endnotes": "尾注", "comments": "批注"}
_NOTES = {"footnotes": w("footnote"), "endnotes": w("endnote"), "comments": w("comment")}
_MEDIA = re.compile(r"(?:.*/)?(?:media|embeddings)/[^/]+")
_DRAWN = re.compile(r"(?:.*/)?(?:charts/chart|diagrams/data)\d*\.xml")
_DRAWN_TEXT, _CHART_VALUE = f"{{{NS_A}}}t", "{http://schemas.openxmlformats.org/drawingml/2006/chart}v"
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
            yield from _notes(root, sort, frozenset(package.properties.get(NOTES, "").split()))
        else:
            yield from ((_WORDS[sort], text) for one in walk(root).containers if (text := one.text.strip()))


def _notes(root: etree._Element, sort: str, ours: frozenset[str]) -> Iterator[tuple[str, str]]:
    for one in root.iter(_NOTES[sort]):
        author = one.get(w("author"), "")
        # The lines that Word draws above footnotes are notes of a type of their own.
        if one.get(w("type")) or (author == AUTHOR and not ours):
            continue
        lines = [shown_text(paragraph) for paragraph in one.iter(P)]
        if author == AUTHOR:
            # Who answers in our comment leaves our name on it.
            lines = [line for line in lines if line_digest(line) not in ours]
        text = "\n".join(lines).strip()
        if text:
            yield f"{_WORDS[sort]}（{author}）" if author else _WORDS[sort], text


def line_digest(line: str) -> str:
    """By what a line of a comment is known again, whatever an editor does to its blanks."""
    return hashlib.sha256(squeezed(line).encode()).hexdigest()[:8]


def without_figures(text: str) -> str:
    """For comparing: page numbers differ from document to document."""
    return _FIGURES.sub("", squeezed(text))


def checksums(package: Package) -> frozenset[tuple[str, int]]:
    """Name and checksum of every part beside the body."""
    wanted = (_PART, _MEDIA, _DRAWN)
    names = (name for name in package.names if any(one.fullmatch(name) for one in wanted))
    return frozenset((name, package.checksum(name)) for name in names)


def media(package: Package, known: frozenset[tuple[str, int]]) -> list[str]:
    """The parts that hold pictures and embedded files, wherever they show: in a header, in a chart."""
    found = [name for name in package.names if ("media/" in name or "embeddings/" in name) and _MEDIA.fullmatch(name)]
    return [name for name in sorted(found) if (name, package.checksum(name)) not in known]


def drawn_texts(package: Package, known: frozenset[tuple[str, int]]) -> Iterator[str]:
    """What charts and drawings made of shapes say; they are no text of the document."""
    drawn = [name for name in package.names if ("charts/" in name or "diagrams/" in name) and _DRAWN.fullmatch(name)]
    for name in sorted(drawn):
        if (name, package.checksum(name)) not in known:
            said = [one.text for one in parse_xml(package.read(name), name).iter(_DRAWN_TEXT, _CHART_VALUE) if one.text]
            yield "、".join(dict.fromkeys(one.strip() for one in said)) or name.rpartition("/")[2]
