"""The ways a form can reach us: shapes that editors give it, rebuilt by hand, and what real editors made of it."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from lxml import etree

from tests.damage import bare
from tests.docx_tools import Doc, foreign_control, parts_of, run, with_part, wrap, xml
from tests.matrix.edited import EDITED, WHOLE_FORMS
from tests.matrix.packed import unpack
from tests.matrix.wild import SECTIONS, Construct
from tests.office import convert_all
from tpdocs.word.package import CUSTOM_PART
from tpdocs.word.xml import w

ALL: dict[str, tuple[Construct, ...]] = {
    "The eleven forms, every field filled": WHOLE_FORMS,
    "What people and editors do to a form": EDITED,
    **SECTIONS,
}
CLIENTS = Path(__file__).parent.parent / "clients"
_MAIN = re.compile(r"word/document\d?\.xml")
_SCRIPTS = re.compile(r"[\u2e80-\uffef]+|[^\u2e80-\uffef]+")


def as_word_writes(data: bytes) -> bytes:
    """Revision marks on every run, a run for each script, proofing marks, the bookmark of the last place."""
    doc = _opened(data)
    for number, one in enumerate(list(doc.root.iter(w("r")))):
        one.set(w("rsidR"), f"00{number:06X}")
        _by_script(one, '<w:rFonts w:hint="eastAsia"/>')
    for one in doc.root.iter(w("p")):
        facts = one.find(w("pPr"))
        mark = xml('<w:proofErr w:type="spellStart"/>')
        if facts is None:
            one.insert(0, mark)
        else:
            facts.addnext(mark)
        one.append(xml('<w:proofErr w:type="spellEnd"/>'))
    for last in list(doc.root.iter(w("p")))[-1:]:
        last.append(xml('<w:bookmarkStart w:id="9000" w:name="_GoBack"/>'))
        last.append(xml('<w:bookmarkEnd w:id="9000"/>'))
    return doc.bytes


def as_wps_writes(data: bytes) -> bytes:
    """A language and a hint on every run, and ticked boxes as symbols of Wingdings 2."""
    doc = _opened(data)
    signs = {"☑": "0052", "□": "00A3", "☐": "00A3"}
    for control in list(doc.root.iter(w("sdt"))):
        if not any(one.tag.endswith("}checkbox") for one in control.find(w("sdtPr"))):
            continue
        for one in list(control.iter(w("t"))):
            if one.text in signs:
                one.getparent().replace(one, xml(f'<w:sym w:font="Wingdings 2" w:char="{signs[one.text]}"/>'))
    for one in list(doc.root.iter(w("r"))):
        _by_script(one, '<w:rFonts w:hint="eastAsia"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/>')
    return doc.bytes


def as_google_writes(data: bytes) -> bytes:
    """Our controls, bookmarks and properties gone, every run in a control of its own."""
    ours = CUSTOM_PART in parts_of(data)
    doc = _opened(with_part(bare(data), CUSTOM_PART, None) if ours else data)
    for number, one in enumerate(list(doc.root.iter(w("r")))):
        if one.getparent().tag in (w("p"), w("hyperlink")):
            wrap(one, foreign_control(tag=f"goog_rdk_{number}"))
    return doc.bytes


def _opened(data: bytes) -> Doc:
    return Doc(data, next(name for name in parts_of(data) if _MAIN.fullmatch(name)))


def _by_script(one: Any, facts: str) -> None:
    """Split a run that holds nothing but a text, at every change of script."""
    texts = [each for each in one if each.tag != w("rPr")]
    if len(texts) != 1 or texts[0].tag != w("t") or not texts[0].text or one.getparent().tag in (w("del"), w("ins")):
        return
    format_of = one.find(w("rPr"))
    for part in _SCRIPTS.findall(texts[0].text):
        made = run(part)
        made.insert(0, xml(f"<w:rPr>{facts}</w:rPr>") if format_of is None else xml(_xml_of(format_of)))
        one.addprevious(made)
    one.getparent().remove(one)


def _xml_of(element: Any) -> str:
    text: str = etree.tostring(element, encoding="unicode")
    return text


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "as made": lambda data: data,
    "Word": as_word_writes,
    "WPS": as_wps_writes,
    "Google Docs": as_google_writes,
}
# LibreOffice 25.2, by the format it saves in.
FORMATS = {"docx": "docx:MS Word 2007 XML", "odt": "odt", "doc": "doc:MS Word 97", "rtf": "rtf"}
# What other programs made of them, packed in tests/clients; what is no .docx goes through LibreOffice, as it does in tpdocs.
PACKED = {
    "LibreOffice 7.4 .docx": "libreoffice-7.4.7/matrix-docx",
    "LibreOffice 7.4 .odt": "libreoffice-7.4.7/matrix-odt",
    "LibreOffice 7.4 .doc": "libreoffice-7.4.7/matrix-doc",
    "LibreOffice 7.4 .rtf": "libreoffice-7.4.7/matrix-rtf",
    "ONLYOFFICE .docx": "onlyoffice-10.0.0/matrix-docx",
    "pandoc .docx": "pandoc-2.17.1/matrix-docx",
    "pandoc .md": "pandoc-2.17.1/matrix-markdown-docx",
}


def write_all(folder: Path) -> None:
    """Every construct as a document of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for construct in constructs():
        (folder / f"{construct.key}.docx").write_bytes(construct.document())


def constructs() -> Iterable[Construct]:
    """All of them, in the order of the matrix."""
    return (one for part in ALL.values() for one in part)


def all_ways(folder: Path) -> dict[str, Path]:
    """Every construct by every way, as .docx files in a folder each."""
    found = {}
    for way, shape in SHAPES.items():
        found[way] = target = folder / way
        target.mkdir()
        for construct in constructs():
            (target / f"{construct.key}.docx").write_bytes(shape(construct.document()))
    made = sorted(found["as made"].glob("*.docx"))
    for suffix, to in FORMATS.items():
        saved = convert_all(made, to, folder / f"office-{suffix}")
        found[f"LibreOffice 25.2 .{suffix}"] = _as_docx(saved)
    for way, name in PACKED.items():
        target = folder / way
        unpack(CLIENTS / f"{name}.tar.xz", target)
        found[way] = _as_docx(sorted(target.iterdir()))
    return found


def _as_docx(files: list[Path]) -> Path:
    folder = files[0].parent
    if files[0].suffix == ".docx":
        return folder
    target = folder / "docx"
    convert_all(files, FORMATS["docx"], target)
    return target
