"""Random damage to the tree of a document: what no editor does on purpose and every way through enough programs does at last."""

import random
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from tests.docx_tools import Doc, custom_part, with_part
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
