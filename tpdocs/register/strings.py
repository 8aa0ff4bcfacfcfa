"""The shared strings of a workbook: the texts that its cells refer to by number."""

import re
from collections.abc import Iterable

from tpdocs.register.scan import named_signs, runs_of, unescaped
from tpdocs.word.xml import texts_of

_SI_END, _SIMPLE_START, _SIMPLE_END = b"</si>", b"<si><t", b"</t></si>"
_SIMPLE_BETWEEN = re.compile(rb"</t></si>\s*<si><t(?:\s[^>]*)?>")
_USUAL_BETWEEN = b"</t></si><si><t>", b'</t></si><si><t xml:space="preserve">'
# Of a look only tags without an end of their own: whatever is written otherwise must not reach into the next item.
_RUN_START, _RUN_END = rb"<r>(?:<rPr>(?:<[^>]*/>)*</rPr>)?<t(?:\s[^>]*[^/>])?>", b"</t></r>"
_FIRST_RUN, _NEXT_RUN = re.compile(b"<si>" + _RUN_START), re.compile(_RUN_END + _RUN_START)
_BETWEEN = b"\x1e"  # no sign of XML
# An item with one plain text, as nearly all are, or anything else. Chinese Excel notes phonetics where there are none.
_SI = re.compile(
    rb"<si>\s*<t(?:\s[^>]*)?>([^<]*)</t>\s*(?:<phoneticPr[^>]*/>\s*)?</si>|<si(?:\s*/>|\b[^>]*>(.*?)</si>)", re.DOTALL
)


def shared_strings(pieces: Iterable[bytes]) -> list[str]:
    """The texts that cells refer to by number; of rich text all runs, of phonetic guides nothing."""
    found: list[str] = []
    rest = b""
    for piece in pieces:
        rest += piece
        end = rest.rfind(_SI_END) + len(_SI_END)
        if end >= len(_SI_END):
            found += _strings_in(rest[:end])
            rest = rest[end:]
    return found + [""] * rest.count(b"<si/>")


def _strings_in(data: bytes) -> list[str]:
    """The texts of whole items, brought to text in one go: there are a million of them."""
    if not data:
        return []
    told = _simple_strings(data)
    if told is None:
        items = _SI.findall(data)
        texts = (runs_of(other) if other else simple for simple, other in items)
        told = _BETWEEN.join(texts)
        if not items:
            return []
    if b"&#" in told:
        return [unescaped(one) for one in texts_of(told.split(_BETWEEN))]
    text = named_signs(told.decode())
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = text.split(_BETWEEN.decode())
    return [unescaped(one) for one in found] if "_x" in text else found


def _simple_strings(data: bytes) -> bytes | None:
    """The texts of items that all are just one text each, with a sign between them; None where one is more."""
    told = _separated(data)
    if _RUN_END in told:
        told = _separated(_without_runs(told))
    first = told.find(_SIMPLE_START)
    if first < 0 or first != told.find(b"<si") or not told.endswith(_SIMPLE_END):
        return None
    told = told[told.find(b">", first + len(_SIMPLE_START)) + 1 : -len(_SIMPLE_END)]
    if b"<" in told:
        told = _SIMPLE_BETWEEN.sub(_BETWEEN, told)
    return told if b"<" not in told else None


def _separated(data: bytes) -> bytes:
    """Items with a sign between those that are written as nearly all are: this needs no pattern, and leaves little to look through."""
    for usual in _USUAL_BETWEEN:
        data = data.replace(usual, _BETWEEN)
    return data


def _without_runs(data: bytes) -> bytes:
    """Items of several runs as items of one: LibreOffice makes a run of each change between Chinese and other signs."""
    joined = _NEXT_RUN.sub(b"", _FIRST_RUN.sub(_SIMPLE_START + b">", data))
    return joined.replace(_RUN_END + _SI_END, _SIMPLE_END)
