"""A template becomes a blank: docxtpl expands it once, and a typed control stands where each tag stood."""

import io
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from tpdocs.errors import TpdocsError
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.standard import FORMS, FormSpec
from tpdocs.word.blank import Blank, blank_key
from tpdocs.word.controls import Numbers, pieces, plain_run, room_in
from tpdocs.word.package import CONTENT_TYPES, Package, PropertyParts, with_parts
from tpdocs.word.tags import parse_tag
from tpdocs.word.xml import NS_MC, NS_W14, RPR, TC, R, T, parse_xml, xml_bytes

# Private-use characters: no template contains them, and docxtpl hands them through untouched.
_OPEN, _CLOSE = "\uf4d1", "\uf4d2"
_TOKEN = re.compile(f"{_OPEN}([^{_CLOSE}]+){_CLOSE}")
_STALE = ("word/stylesWithEffects.xml",)


class _Shown:
    """``{{ report.title }}``: prints the token of a field; unknown names are undefined, which is an error."""

    def __init__(self, fields: dict[str, Field], prefix: str) -> None:
        self._fields = fields
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        field = self._fields.get(name)
        if field is None or field.other_of:
            raise AttributeError(name)
        if field.kind is Kind.ROWS:
            return _Rows(field)
        return f"{_OPEN}{self._prefix}.{name}{_CLOSE}"


class _Rows:
    """``{%tr for step in investigation.steps %}``: as many spare rows as the field declares."""

    def __init__(self, table: Field) -> None:
        self._table = table

    def __iter__(self) -> Iterator[_Shown]:
        columns = {column.name: column for column in self._table.columns}
        for number in range(1, self._table.spare + 1):
            yield _Shown(columns, f"{self._table.path}[{number}]")


@lru_cache(maxsize=64)
def make_blank(form: FormSpec, template: bytes, source: str = "") -> Blank:
    """The blank of a form from the bytes of its template; TpdocsError tells a template that is none."""
    try:
        expanded = _expand(form, template)
    except TpdocsError:
        raise
    except TemplateError as error:
        raise TpdocsError(
            "The template {source} has a fault: {error}. “tpdocs template check {source}” shows all of them with their places.",
            source=source or form.code,
            error=str(error),
        ) from error
    except Exception as error:  # docxtpl and python-docx raise whatever zipfile, lxml and KeyError give
        raise TpdocsError(
            "{source} is no template: it cannot be opened as a .docx file ({error}). "
            "Take the shipped one as a start: delete yours, or copy it over.",
            source=source or form.code,
            error=str(error)[:200],
        ) from error
    package = Package(expanded)
    digest = blank_key(form, template)
    replaced = _without_stale_parts(package)
    for name in sorted(package.names):
        if name == package.main_name or re.fullmatch(r"word/(header|footer)\d*\.xml", name):
            replaced[name] = _with_controls(package.read(name), name)
    parts = [part for part in package.raw_parts() if part.name not in _STALE]
    identity = {"form": form.code, "version": str(form.about.version), "template": digest}
    made = Package(with_parts(parts, replaced))
    return Blank(form, with_parts(made.raw_parts(), PropertyParts(made).holding(identity)), digest)


def _expand(form: FormSpec, template: bytes) -> bytes:
    document = DocxTemplate(io.BytesIO(template))
    context: dict[str, Any] = {key: _Shown(spec.by_name, key) for key, spec in FORMS.items()}
    context["form"] = {"code": form.code, "title": form.title, "version": f"V{form.about.version}"}
    document.render(context, ImmutableSandboxedEnvironment(undefined=StrictUndefined), autoescape=True)
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


def _with_controls(data: bytes, name: str) -> bytes:
    root = parse_xml(_declaring_w14(data), name)
    numbers = Numbers(root)
    for text in list(root.iter(T)):
        if text.text and _OPEN in text.text:
            _replace_run(text, numbers)
    return xml_bytes(root)


def _declaring_w14(data: bytes) -> bytes:
    """Check boxes need the 2010 namespace at the root, declared ignorable for programs that do not know it."""
    end = data.index(b">", data.index(b"<w:"))
    head = data[:end]
    for prefix, uri in ((b"w14", NS_W14), (b"mc", NS_MC)):
        if b"xmlns:" + prefix + b"=" not in head:
            head += b" xmlns:" + prefix + b'="' + uri.encode() + b'"'
    if b"mc:Ignorable=" not in head:
        head += b' mc:Ignorable="w14"'
    elif not re.search(rb'mc:Ignorable="[^"]*\bw14\b', head):
        head = head.replace(b'mc:Ignorable="', b'mc:Ignorable="w14 ')
    return head + data[end:]


def _replace_run(text: etree._Element, numbers: Numbers) -> None:
    run = text.getparent()
    parent = run.getparent() if run is not None and run.tag == R else None
    if run is None or parent is None:
        return
    run_format = run.find(RPR)
    made: list[etree._Element] = []
    for child in list(run):
        if child.tag == RPR:
            continue
        if child.tag != T or not child.text:
            moved = plain_run("", run_format)
            moved.append(child)
            made.append(moved)
            continue
        for position, part in enumerate(_TOKEN.split(child.text)):
            if position % 2:
                tag = parse_tag(part)
                if tag is None:
                    raise KeyError(part)
                made += pieces(tag, run_format, numbers, room_in(next(run.iterancestors(TC), None)))
            elif part:
                made.append(plain_run(part, run_format))
    for piece in made:
        run.addprevious(piece)
    parent.remove(run)


def _without_stale_parts(package: Package) -> dict[str, bytes]:
    """The parts that name a stale part, without its name."""
    replaced = {}
    for name in {CONTENT_TYPES, package.main_relations} & package.names:
        root = parse_xml(package.read(name), name)
        for one in list(root):
            target = one.get("PartName", "")[1:] or f"word/{one.get('Target', '')}"
            if target in _STALE:
                root.remove(one)
        replaced[name] = xml_bytes(root)
    return replaced
