"""Word comments of ours: what has to be mended, at the place where it stands, for the copy that goes back to the sender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from posixpath import basename, dirname, join

from lxml import etree

from tpdocs.word.containers import Walk
from tpdocs.word.package import CONTENT_TYPES, Package, PropertyParts, with_parts
from tpdocs.word.sides import AUTHOR, NOTES, line_digest
from tpdocs.word.walk import walk
from tpdocs.word.xml import (
    NS_RELS,
    NS_TYPES,
    NS_W,
    SDT,
    SDT_PR,
    TAG,
    VAL,
    P,
    R,
    T,
    as_strict,
    child,
    is_strict,
    parse_xml,
    w,
    xml_bytes,
)

_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
_START, _END, _REFERENCE = w("commentRangeStart"), w("commentRangeEnd"), w("commentReference")
_COMMENT, _ID = w("comment"), w("id")


@dataclass(frozen=True, slots=True)
class Note:
    """What to say about a field (by its path) or a place (``表1 行2 格3``); about neither at the top of the document."""

    text: str
    path: str = ""
    place: str = ""


def with_comments(data: bytes, notes: Sequence[Note], at: datetime) -> bytes:
    """The document with a comment for each note; comments of ours that it had are gone, those of others stay."""
    package = Package(_with_digests(data, notes))
    main = package.main_name
    strict = is_strict(package.read(main))
    root = package.main
    part, replaced = _comments_part(package, main)
    existing = (
        parse_xml(package.read(part), part)
        if part in package.names
        else etree.Element(w("comments"), nsmap={"w": NS_W})
    )
    _take_out_ours(root, existing)
    found = walk(root)
    first = max((int(one.get(_ID, "0")) for one in existing if one.get(_ID, "0").isdigit()), default=-1) + 1
    for number, note in enumerate(notes, first):
        _put_at(_paragraph_for(note, root, found), str(number))
        existing.append(_comment(note.text, str(number), at))
    replaced |= {main: xml_bytes(root), part: xml_bytes(existing)}
    if strict:
        replaced = {name: as_strict(content) for name, content in replaced.items()}
    return with_parts(package.raw_parts(), replaced)


def _with_digests(data: bytes, notes: Sequence[Note]) -> bytes:
    """The document with what our comments say among its properties: by this a reader tells what somebody wrote into one of them."""
    package = Package(data)
    said = " ".join(sorted({line_digest(line) for note in notes for line in note.text.split("\n")}))
    parts = PropertyParts(package).holding({NOTES: said})
    if is_strict(package.read(package.main_name)):
        parts = {name: as_strict(content) for name, content in parts.items()}
    return with_parts(package.raw_parts(), parts)


def _comments_part(package: Package, main: str) -> tuple[str, dict[str, bytes]]:
    """The name of the part for comments, and the parts that have to name it where it is new."""
    folder = dirname(main)
    rels = join(folder, "_rels", f"{basename(main)}.rels")
    relations = (
        parse_xml(package.read(rels), rels) if rels in package.names else etree.Element(f"{{{NS_RELS}}}Relationships")
    )
    for one in relations:
        if one.get("Type", "").endswith("/comments"):
            target = one.get("Target", "")
            return target.lstrip("/") if target.startswith("/") else join(folder, target), {}
    part = join(folder, "comments.xml")
    used = {one.get("Id") for one in relations}
    name = next(f"rIdTpdocs{number}" for number in range(1, len(used) + 2) if f"rIdTpdocs{number}" not in used)
    etree.SubElement(relations, f"{{{NS_RELS}}}Relationship", Id=name, Type=_RELATION, Target="comments.xml")
    types = parse_xml(package.read(CONTENT_TYPES), CONTENT_TYPES)
    etree.SubElement(types, f"{{{NS_TYPES}}}Override", PartName=f"/{part}", ContentType=_TYPE)
    return part, {rels: xml_bytes(relations), CONTENT_TYPES: xml_bytes(types)}


def _take_out_ours(root: etree._Element, comments: etree._Element) -> None:
    ours = {one.get(_ID) for one in comments if one.get(w("author")) == AUTHOR}
    for one in [one for one in comments if one.get(_ID) in ours]:
        comments.remove(one)
    for mark in [*root.iter(_START, _END), *root.iter(_REFERENCE)]:
        parent = mark.getparent()
        if mark.get(_ID) in ours and parent is not None:
            gone, holder = (parent, parent.getparent()) if mark.tag == _REFERENCE else (mark, parent)
            if holder is not None:
                holder.remove(gone)


def _paragraph_for(note: Note, root: etree._Element, found: Walk) -> etree._Element:
    """The paragraph of the field's control, else of its place, else the first of the document."""
    for control in root.iter(SDT) if note.path else ():
        facts = child(control, SDT_PR)
        tag = child(facts, TAG) if facts is not None else None
        if tag is not None and tag.get(VAL, "").partition(":")[0].partition("[")[0] == note.path:
            inside = next(control.iter(P), None)
            paragraph = inside if inside is not None else next(control.iterancestors(P), None)
            if paragraph is not None:
                return paragraph
    for container in found.containers:
        if container.place == note.place:
            inside = next(container.element.iter(P), None)
            if inside is not None:
                return inside
    return next(root.iter(P))


def _put_at(paragraph: etree._Element, number: str) -> None:
    """Round all of a paragraph; its properties have to stay its first child."""
    start = etree.Element(_START, {_ID: number})
    facts = child(paragraph, w("pPr"))
    if facts is not None:
        facts.addnext(start)
    else:
        paragraph.insert(0, start)
    etree.SubElement(paragraph, _END, {_ID: number})
    etree.SubElement(etree.SubElement(paragraph, R), _REFERENCE, {_ID: number})


def _comment(text: str, number: str, at: datetime) -> etree._Element:
    facts = {_ID: number, w("author"): AUTHOR, w("initials"): "tp", w("date"): at.isoformat(timespec="seconds")}
    comment = etree.Element(_COMMENT, facts, nsmap={"w": NS_W})
    for line in text.split("\n"):
        run = etree.SubElement(etree.SubElement(comment, P), R)
        etree.SubElement(run, T).text = line
    return comment
