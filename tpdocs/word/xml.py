"""Names of WordprocessingML and the one way XML is parsed here: no DTD, no entity, no network, bounded depth and text."""

from collections.abc import Iterable, Sequence
from typing import cast
from xml.parsers import expat

from lxml import etree

from tpdocs.findings import DocumentError

NS_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NS_W14 = "http://schemas.microsoft.com/office/word/2010/wordml"
NS_W15 = "http://schemas.microsoft.com/office/word/2012/wordml"
NS_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
NS_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NS_A = "http://schemas.openxmlformats.org/drawingml/2006/main"
NS_CUSTOM = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
NS_VT = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
NS_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
NS_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def w(name: str) -> str:
    """``{...}name`` in the main namespace."""
    return f"{{{NS_W}}}{name}"


def w14(name: str) -> str:
    """``{...}name`` in Word 2010's namespace, where check boxes live."""
    return f"{{{NS_W14}}}{name}"


P, R, T, TBL, TR, TC = w("p"), w("r"), w("t"), w("tbl"), w("tr"), w("tc")
SDT, SDT_PR, SDT_CONTENT, RPR = w("sdt"), w("sdtPr"), w("sdtContent"), w("rPr")
TAG, ALIAS, ID, VAL = w("tag"), w("alias"), w("id"), w("val")
SHOWING = w("showingPlcHdr")
BR, CR, TAB = w("br"), w("cr"), w("tab")
BOOKMARK_START, BOOKMARK_END = w("bookmarkStart"), w("bookmarkEnd")
CHECKBOX, CHECKED = w14("checkbox"), w14("checked")
DROPDOWN, COMBO, DATE, FULL_DATE = w("dropDownList"), w("comboBox"), w("date"), w("fullDate")
OFF = frozenset({"0", "false", "off"})

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    collect_ids=False,
)
_PROLOGUE = 4096
_MOST_TAGS = 140_000  # of a part whose limit nobody sets


# Strict OOXML names everything otherwise and means the same.
_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = {
    b"http://purl.oclc.org/ooxml/wordprocessingml/main": NS_W.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": NS_R.encode(),
    b"http://purl.oclc.org/ooxml/drawingml/main": NS_A.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/customProperties": NS_CUSTOM.encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes": NS_VT.encode(),
}


def is_strict(data: bytes) -> bool:
    """Whether a part is written in strict OOXML."""
    return _STRICT in data[:_PROLOGUE]


def as_strict(data: bytes) -> bytes:
    """A part as it is written in strict OOXML."""
    for strict, usual in _TRANSITIONAL.items():
        data = data.replace(b'"' + usual + b'"', b'"' + strict + b'"')
    return data


def parse_xml(data: bytes, part: str, most_tags: int = _MOST_TAGS) -> etree._Element:
    """The root element of a part, always in the usual namespaces; DocumentError for a DOCTYPE, for broken XML, for too much of it."""
    if is_strict(data):
        for strict, usual in _TRANSITIONAL.items():
            data = data.replace(b'"' + strict + b'"', b'"' + usual + b'"')
    if b"<!DOCTYPE" in data[:_PROLOGUE] or b"<\0!\0D\0O\0C" in data[:_PROLOGUE] or b"\0<\0!\0D\0O" in data[:_PROLOGUE]:
        raise DocumentError("doctype", part=part)
    if data.count(b"<") > most_tags:
        raise DocumentError("too_long", part=part)
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise DocumentError(
            "broken_xml", part=part, line=str(error.lineno or 1), column=str(error.offset or 1)
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("doctype", part=part)
    return root


def child(element: etree._Element, name: str) -> etree._Element | None:
    """The first child of that name. Far quicker than `find`, which runs a path language in Python."""
    return next(element.iterchildren(name), None)


def xml_bytes(root: etree._Element) -> bytes:
    """A part as it is stored."""
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data


def is_on(element: etree._Element | None) -> bool:
    """Whether an on/off element is there and not switched off (``w:val`` absent, 1 or true)."""
    return element is not None and element.get(VAL, "1") not in OFF


_BIG = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=True,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)


_RARE = "\x7f"  # a sign that XML allows and nobody types
_LENIENT = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, recover=True, collect_ids=False
)


def texts_of(pieces: Sequence[bytes]) -> list[str]:
    """Pieces of escaped text as they read.

    openpyxl writes each Chinese character as a number; to undo that one by one takes longer than everything else.
    """
    if not pieces:
        return []
    told: list[str] = []
    reader = expat.ParserCreate()
    reader.buffer_text, reader.CharacterDataHandler = True, told.append
    joined = b"<x>" + _RARE.encode().join(pieces) + b"</x>"
    reader.buffer_size = len(joined)  # so it all comes at once
    try:
        reader.Parse(joined, True)  # noqa: FBT003 - it takes no names
    except expat.ExpatError:
        told.clear()
    found = "".join(told).split(_RARE)
    return found if len(found) == len(pieces) else _texts_in(pieces)


def is_well_formed(pieces: Iterable[bytes]) -> bool:
    """Whether a part can be read by every program, piece by piece: one may be larger than the memory."""
    reader = expat.ParserCreate()
    try:
        for piece in pieces:
            reader.Parse(piece)
        reader.Parse(b"", True)  # noqa: FBT003 - it takes no names
    except expat.ExpatError:
        return False
    return True


def _texts_in(pieces: Sequence[bytes]) -> list[str]:
    """The same of pieces that are not as XML should be, or hold the very sign that stands between them."""
    root = etree.fromstring(b"<x>" + b"<y/>".join(pieces) + b"</x>", _LENIENT)
    return [root.text or "", *(one.tail or "" for one in root)]


def in_default_namespace(data: bytes, namespace: str) -> bytes:
    """A part written in UTF-8 with `namespace` as its default one, without comments, instructions and CDATA."""
    if b"<!DOCTYPE" in data[:_PROLOGUE]:
        raise DocumentError("doctype", part="")
    try:
        root = etree.fromstring(data, _BIG)
    except etree.XMLSyntaxError as error:
        raise DocumentError("broken_xml", part="", line=str(error.lineno or 1), column=str(error.offset or 1)) from None
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if uri != namespace and prefix is not None}
    made = etree.Element(root.tag, nsmap=cast("dict[str, str]", {None: namespace, **prefixes}))
    for name, value in root.attrib.items():
        made.set(name, value)
    made.text = root.text
    made.extend(list(root))
    return xml_bytes(made)
