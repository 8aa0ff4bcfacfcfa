"""Formulas that cells share: filled down, only the first says what it is, and the others refer to it. Where that one goes, they say it."""

import re
from collections.abc import Iterable
from html import unescape

from openpyxl.formula.translate import Translator

from tpdocs.register.scan import attributes_of, escaped, unescaped

_MASTER = re.compile(rb"<f\b([^>]*[^/>])>([^<]+)</f>")
_SHARING = re.compile(rb'(<c\b[^>]*?\sr="([A-Z]+\d+)"[^>]*>)<f\b([^>]*?)(?:/>|>\s*</f>)')
_CELL = re.compile(rb'<c\b[^>]*?\sr="([A-Z]+\d+)"[^>]*><f\b[^>]*[^/]>[^<]+</f>')
SHARED = b'"shared"'
Master = tuple[str, str]  # the formula, and the cell it stands in
Masters = dict[bytes, Master]  # by the number of the sharing


def master_in(cell: bytes, place: str) -> Masters:
    """The formula of a cell that others share; nothing where none is shared."""
    found = _MASTER.search(cell) if SHARED in cell else None
    facts = attributes_of(found[1]) if found else {}
    if found is None or facts.get(b"t") != b"shared" or b"si" not in facts:
        return {}
    return {facts[b"si"]: (unescaped(unescape(found[2].decode())), place)}


def translated(formula: str, place: str, other: str) -> str:
    """A formula as it reads in another cell that shares it."""
    return str(Translator(f"={formula}", place).translate_formula(other))[1:]


def master_of(rows: Iterable[bytes], shared: bytes) -> Master | None:
    """The formula of the cell that others share by a number, and where it stands; None where there is none."""
    wanted = b'si="%s"' % shared
    for block in rows:
        for cell in _CELL.finditer(block) if wanted in block else ():
            if shared in (found := master_in(cell[0], cell[1].decode())):
                return found[shared]
    return None


def spelled_out(rows: bytes, gone: Masters) -> bytes:
    """Rows in which every cell says the formula itself that it shared with one that is gone."""

    def told(match: re.Match[bytes]) -> bytes:
        facts = attributes_of(match[3])
        master = gone.get(facts.get(b"si", b"")) if facts.get(b"t") == b"shared" else None
        if master is None:
            return match[0]
        return match[1] + b"<f>" + escaped(translated(*master, match[2].decode())).encode() + b"</f>"

    return _SHARING.sub(told, rows) if gone and SHARED in rows else rows
