"""A document in the hands of people: what they and their editors do to a form, done to its XML."""

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from tpdocs.word.xml import NS_A, NS_CUSTOM, NS_MC, NS_R, NS_RELS, NS_TYPES, NS_VT, NS_W, w

MAIN = "word/document.xml"
NS_WP = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92"
    "ef0000000049454e44ae426082"
)
XML_HEAD = b"<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\n"
XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def parts_of(data: bytes) -> dict[str, bytes]:
    """The parts of a document by name."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip file of parts, written by a library that is not ours."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method, compresslevel=1) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return made.getvalue()


def with_part(data: bytes, name: str, content: bytes | None) -> bytes:
    """The document with one part replaced or added, or taken out (None)."""
    kept = {key: value for key, value in parts_of(data).items() if key != name}
    return zipped(kept if content is None else {**kept, name: content})


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The document with the bytes of one part changed."""
    return with_part(data, name, change(parts_of(data)[name]))


class Doc:
    """The main part of a document, open for damage; `bytes` is the document afterwards."""

    def __init__(self, data: bytes, part: str = MAIN) -> None:
        self.parts = parts_of(data)
        self.part = part
        self.root: Any = etree.fromstring(self.parts[part])

    @property
    def body(self) -> Any:
        """The body of the main part."""
        return self.root.find(w("body"))

    @property
    def bytes(self) -> bytes:
        """The document as it is now."""
        return zipped({**self.parts, self.part: XML_HEAD + etree.tostring(self.root, encoding="UTF-8")})

    def controls(self, tag: str = "") -> list[Any]:
        """All controls, or those of one tag."""
        found = []
        for control in self.root.iter(w("sdt")):
            named = control.find(f"{w('sdtPr')}/{w('tag')}")
            if named is not None and tag in ("", named.get(w("val"))):
                found.append(control)
        return found

    def control(self, tag: str) -> Any:
        """The one control of that tag."""
        (found,) = self.controls(tag)
        return found

    def facts(self, tag: str) -> Any:
        """The properties of a control."""
        return self.control(tag).find(w("sdtPr"))

    def content(self, tag: str) -> Any:
        """What stands in a control."""
        return self.control(tag).find(w("sdtContent"))

    def paragraph(self, tag: str) -> Any:
        """The paragraph that a control stands in."""
        return above(self.control(tag), "p")

    def cell(self, tag: str) -> Any:
        """The table cell that a control stands in."""
        return above(self.control(tag), "tc")

    def row(self, tag: str) -> Any:
        """The table row that a control stands in."""
        return above(self.control(tag), "tr")

    def put(self, tag: str, *content: Any) -> None:
        """Replace what stands in a control; its placeholder flag stays as it is. A text makes a run."""
        place = self.content(tag)
        for one in list(place):
            place.remove(one)
        place.extend(run(one) if isinstance(one, str) else one for one in content)

    def flag(self, tag: str, value: str | None = None) -> None:
        """Set the placeholder flag of a control, without a value or with this one."""
        facts = self.facts(tag)
        self.unflag(tag)
        flag = etree.Element(w("showingPlcHdr"))
        if value is not None:
            flag.set(w("val"), value)
        facts.find(w("id")).addnext(flag)

    def unflag(self, tag: str) -> None:
        """Take the placeholder flag off a control."""
        facts = self.facts(tag)
        for one in facts.findall(w("showingPlcHdr")):
            facts.remove(one)

    def unwrap(self, tag: str) -> None:
        """Take a control away and leave its text, as many editors do."""
        for control in self.controls(tag):
            for one in list(control.find(w("sdtContent"))):
                control.addprevious(one)
            control.getparent().remove(control)

    def add_image(self, name: str = "word/media/image9.png", relation: str = "rId99") -> Any:
        """Add a picture's part and relation; returns a run that shows it."""
        self.parts[name] = PNG
        rels_name = "word/_rels/document.xml.rels"
        rels = etree.fromstring(self.parts[rels_name])
        kind = f"{NS_R}/image"
        target = name.removeprefix("word/")
        etree.SubElement(rels, f"{{{NS_RELS}}}Relationship", Id=relation, Type=kind, Target=target)
        self.parts[rels_name] = XML_HEAD + etree.tostring(rels)
        types = etree.fromstring(self.parts["[Content_Types].xml"])
        etree.SubElement(types, f"{{{NS_TYPES}}}Default", Extension="png", ContentType="image/png")
        self.parts["[Content_Types].xml"] = XML_HEAD + etree.tostring(types)
        return xml(
            f'<w:r><w:drawing><wp:inline xmlns:wp="{NS_WP}"><a:graphic xmlns:a="{NS_A}"><a:graphicData>'
            f'<a:blip xmlns:r="{NS_R}" r:embed="{relation}"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
        )


def above(element: Any, name: str) -> Any:
    """The nearest element of that name round this one."""
    return next(element.iterancestors(w(name)))


def xml(text: str) -> Any:
    """An element written as text, with the prefix ``w``."""
    return etree.fromstring(f'<x xmlns:w="{NS_W}">{text}</x>')[0]


def run(text: str, **attributes: str) -> Any:
    """A run with that text in one ``w:t``; attributes such as ``rsidR`` go on the run."""
    made = etree.Element(w("r"), {w(name): value for name, value in attributes.items()})
    shown = etree.SubElement(made, w("t"))
    shown.text = text
    shown.set(XML_SPACE, "preserve")
    return made


def paragraph(*content: Any) -> Any:
    """A paragraph of texts and elements."""
    made = etree.Element(w("p"))
    made.extend(run(one) if isinstance(one, str) else one for one in content)
    return made


def cell(*content: Any) -> Any:
    """A table cell with one paragraph."""
    made = etree.Element(w("tc"))
    made.append(paragraph(*content))
    return made


def row(*texts: str) -> Any:
    """A table row without controls."""
    made = etree.Element(w("tr"))
    made.extend(cell(text) for text in texts)
    return made


def wrapped(name: str, *content: Any, **attributes: str) -> Any:
    """An element such as ``w:ins`` or ``w:hyperlink`` round others."""
    made = etree.Element(w(name), {w(key): value for key, value in attributes.items()})
    made.extend(run(one) if isinstance(one, str) else one for one in content)
    return made


def foreign_control(*content: Any, tag: str = "goog_rdk_0") -> Any:
    """A control that is not ours round others; Google Docs puts such ones round ordinary runs."""
    made = xml(f'<w:sdt><w:sdtPr><w:tag w:val="{tag}"/><w:id w:val="12"/></w:sdtPr><w:sdtContent/></w:sdt>')
    made[1].extend(run(one) if isinstance(one, str) else one for one in content)
    return made


def wrap(element: Any, outer: Any) -> None:
    """Put an element where another stands, and that one into its innermost content."""
    element.addprevious(outer)
    inner = outer.find(f".//{w('sdtContent')}") if outer.tag == w("sdt") else outer
    inner.append(element)


def custom_part(**properties: str) -> bytes:
    """A custom properties part that holds these; ``tpdocs__form`` is named ``tpdocs.form``."""
    made = [
        f'<property fmtid="{{D5CDD505-2E9C-101B-9397-08002B2CF9AE}}" pid="{pid}" name="{name.replace("__", ".")}">'
        f"<vt:lpwstr>{escape(value)}</vt:lpwstr></property>"
        for pid, (name, value) in enumerate(properties.items(), 2)
    ]
    return XML_HEAD + f'<Properties xmlns="{NS_CUSTOM}" xmlns:vt="{NS_VT}">{"".join(made)}</Properties>'.encode()


def retyped(data: bytes, old: str, new: str) -> bytes:
    """The document with a text of its main part retyped; it must be there."""
    doc = Doc(data)
    found = [one for one in doc.root.iter(w("t")) if old in (one.text or "")]
    assert found, old
    for one in found:
        one.text = one.text.replace(old, new)
    return doc.bytes


def with_paragraph(data: bytes, *content: Any) -> bytes:
    """The document with one more paragraph at its end."""
    doc = Doc(data)
    doc.body.find(w("sectPr")).addprevious(paragraph(*content))
    return doc.bytes


def text_box(text: str) -> Any:
    """A run with a floating text box, written twice as Word does: for new and for old programs."""
    return xml(
        (
            '<w:r><mc:AlternateContent xmlns:mc="{mc}" xmlns:wps="urn:wps" xmlns:v="urn:schemas-microsoft-com:vml">'
            '<mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent>{text}</w:txbxContent></wps:txbx>'
            "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{text}</w:txbxContent></v:textbox>"
            "</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
        ).format(mc=NS_MC, text=f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
    )


def joined(*documents: bytes) -> bytes:
    """Documents pasted one below the other."""
    doc = Doc(documents[0])
    end = doc.body.find(w("sectPr"))
    for data in documents[1:]:
        for one in list(Doc(data).body):
            if one.tag != w("sectPr"):
                end.addprevious(one)
    return doc.bytes
