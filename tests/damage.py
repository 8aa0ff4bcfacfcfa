"""Random damage to the tree of a document: what no editor does on purpose and every way through enough programs does at last."""

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from tests.docx_tools import Doc, custom_part, with_part
from tpdocs.forms.standard import FIELDS
from tpdocs.word.package import CUSTOM_PART
from tpdocs.word.xml import w

_TEXTS = (
    "",
    "：",
    "□",
    "☑√",
    "问题标题",
    "〔",
    "年  月  日",
    "_" * 50,
    "字" * 2000,
    "\n",
    "①",
    "[x]",
    "问题标题：x 上报人：y",
)
_VALUES = ("", "0", "1", "-1", "99999999999", "true", "x", "report.title", "tp_report_title", "restart")


def damaged(main: bytes, seed: int, most: int = 6) -> bytes:
    """The main part with one to `most` random changes; as it was where it is no XML."""
    rng = random.Random(seed)  # noqa: S311 - only to vary the damage
    try:
        root: Any = etree.fromstring(main)
    except etree.XMLSyntaxError:
        return main
    for _ in range(rng.randint(1, most)):
        elements = [one for one in root.iter() if one.getparent() is not None and isinstance(one.tag, str)]
        if len(elements) > 1:
            rng.choice(_WAYS)(rng.choice(elements), rng.choice(elements), rng)
    made: bytes = etree.tostring(root)
    return made


def _remove(one: Any, _other: Any, _rng: random.Random) -> None:
    one.getparent().remove(one)


def _double(one: Any, _other: Any, rng: random.Random) -> None:
    parent = one.getparent()
    parent.insert(rng.randrange(len(parent) + 1), deepcopy(one))


def _move(one: Any, other: Any, _rng: random.Random) -> None:
    if one is not other and one not in other.iterancestors():
        other.append(one)


def _unwrap(one: Any, _other: Any, _rng: random.Random) -> None:
    for child in list(one):
        one.addprevious(child)
    one.getparent().remove(one)


def _wrap(one: Any, other: Any, _rng: random.Random) -> None:
    outer = etree.Element(other.tag)
    one.addprevious(outer)
    outer.append(one)


def _rename(one: Any, other: Any, _rng: random.Random) -> None:
    one.tag = other.tag


def _change(one: Any, _other: Any, rng: random.Random) -> None:
    for name in list(one.attrib):
        one.set(name, rng.choice(_VALUES))


def _retype(one: Any, _other: Any, rng: random.Random) -> None:
    one.text = rng.choice(_TEXTS)


_WAYS: tuple[Callable[[Any, Any, random.Random], None], ...] = (
    _remove,
    _double,
    _move,
    _unwrap,
    _wrap,
    _rename,
    _change,
    _retype,
)


# What becomes of our controls on the way.


def without_controls(data: bytes) -> bytes:
    """What stood in every control stays, the control goes."""
    doc = Doc(data)
    for control in doc.controls():
        content = control.find(w("sdtContent"))
        for one in list(content):
            control.addprevious(one)
        control.getparent().remove(control)
    return doc.bytes


def without_tags(data: bytes) -> bytes:
    """As LibreOffice up to 7.4 saves a form: controls without tags, aliases left to chance, bookmarks whole."""
    doc = Doc(data)
    for name in ("tag", "alias", "showingPlcHdr"):
        for one in list(doc.root.iter(w(name))):
            one.getparent().remove(one)
    return doc.bytes


def without_bookmarks(data: bytes) -> bytes:
    """Every bookmark gone."""
    doc = Doc(data)
    for one in [*doc.root.iter(w("bookmarkStart")), *doc.root.iter(w("bookmarkEnd"))]:
        one.getparent().remove(one)
    return doc.bytes


def bare(data: bytes) -> bytes:
    """Nothing but text and tables, as after a way through a mail gateway: no control, no bookmark, no property."""
    return with_part(without_bookmarks(without_controls(data)), CUSTOM_PART, custom_part())


# What people and their editors do to a form, at random places of it.

_LABELS = frozenset(label for one in FIELDS.values() for label in (one.label, *(each.label for each in one.columns)))


def _some(found: list[Any], rng: random.Random) -> list[Any]:
    return [one for one in found if rng.random() < rng.choice((0.1, 0.5, 1.0))]


def _lose_tags(doc: Doc, rng: random.Random) -> None:
    for control in _some(doc.controls(), rng):
        facts = control.find(w("sdtPr"))
        for one in list(facts.findall(w("tag"))):
            facts.remove(one)


def _unwrap_controls(doc: Doc, rng: random.Random) -> None:
    for control in _some(doc.controls(), rng):
        for one in list(control.find(w("sdtContent"))):
            control.addprevious(one)
        control.getparent().remove(control)


def _lose_bookmarks(doc: Doc, rng: random.Random) -> None:
    for one in _some([*doc.root.iter(w("bookmarkStart"))], rng):
        one.getparent().remove(one)


def _split_runs(doc: Doc, rng: random.Random) -> None:
    for run in _some([*doc.root.iter(w("r"))], rng):
        texts = [one for one in run if one.tag != w("rPr")]
        if len(texts) == 1 and texts[0].tag == w("t") and len(texts[0].text or "") > 1:
            at = rng.randrange(1, len(texts[0].text))
            second = deepcopy(run)
            run.addnext(second)
            for one, text in ((run, texts[0].text[:at]), (second, texts[0].text[at:])):
                shown = one.find(w("t"))
                shown.text = text
                shown.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")


def _double_controls(doc: Doc, rng: random.Random) -> None:
    for control in _some(doc.controls(), rng)[:3]:
        control.addnext(deepcopy(control))


def _move_rows(doc: Doc, rng: random.Random) -> None:
    rows = [one for one in doc.root.iter(w("tr")) if "[" not in "".join(one.xpath(".//*[local-name()='tag']/@*"))]
    alone = [one for one in rows if one.xpath(".//*[local-name()='tag']")]
    for row in _some(alone, rng)[:3]:
        other = rng.choice(alone)
        if other is not row and other.getparent() is row.getparent():
            other.addnext(row)


def _space_labels(doc: Doc, rng: random.Random) -> None:
    for one in _some([*doc.root.iter(w("t"))], rng):
        if one.text in _LABELS:
            one.text = rng.choice((" ", "  ", "\u3000")).join(one.text)


def _redraw_boxes(doc: Doc, rng: random.Random) -> None:
    empty, ticked = rng.choice((("□", "√"), ("☐", "☑"), ("□", "■"), ("☐", "☒"), ("\uf0a3", "\uf052")))
    for one in doc.root.iter(w("t")):
        if one.text in ("□", "☑"):
            one.text = ticked if one.text == "☑" else empty


def _track(doc: Doc, rng: random.Random) -> None:
    change = {w("id"): "5", w("author"): "a", w("date"): "2026-01-01T00:00:00Z"}
    for run in _some([*doc.root.iter(w("r"))], rng)[:20]:
        if run.getparent().tag not in (w("p"), w("sdtContent")):
            continue
        gone, here = etree.Element(w("del"), change), etree.Element(w("ins"), change)
        dropped = etree.SubElement(etree.SubElement(gone, w("r")), w("delText"))
        dropped.text = "旧"
        run.addprevious(gone)
        run.addprevious(here)
        here.append(run)


HABITS: dict[str, Callable[[Doc, random.Random], None]] = {
    "tags lost": _lose_tags,
    "controls unwrapped": _unwrap_controls,
    "bookmarks lost": _lose_bookmarks,
    "runs split": _split_runs,
    "controls doubled": _double_controls,
    "rows moved": _move_rows,
    "labels spaced out": _space_labels,
    "boxes redrawn": _redraw_boxes,
    "changes tracked": _track,
}
