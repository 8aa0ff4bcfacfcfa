"""Formulas that cells share: filled down, only the first says what it is, and the others refer to it. Where that one goes, they say it."""

import re
from collections.abc import Iterable

from tpdocs.register.cells import column_letters, column_number
from tpdocs.register.scan import attributes_of, escaped, text_of

# What is no reference though it may look like one: texts, names of sheets, columns of tables.
APART = re.compile(r"""("[^"]*"|'[^']*'!|\[(?:[^\[\]]|\[[^\[\]]*\])*\])""")
NOT_BEFORE, NOT_AFTER = r"(?<![\w$.\x00])", r"(?![\w(!.\x00])"
_CELL_AT, _COLUMNS, _ROWS = (
    r"(\$?)([A-Z]{1,3})(\$?)(\d+)",
    r"(\$?)([A-Z]{1,3}):(\$?)([A-Z]{1,3})",
    r"(\$?)(\d+):(\$?)(\d+)",
)
_REFERENCE = re.compile(f"{NOT_BEFORE}(?:{_CELL_AT}|{_COLUMNS}|{_ROWS}){NOT_AFTER}")
_PLACE = re.compile(r"([A-Z]+)(\d+)")
_GONE = "#REF!"
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
    return {facts[b"si"]: (text_of(found[2]), place)}


def translated(formula: str, place: str, other: str) -> str:
    """A formula as it reads in another cell that shares it: what it refers to is as far away from there."""
    (column, row), (new_column, new_row) = (_PLACE.findall(one)[0] for one in (place, other))
    right, down = column_number(new_column) - column_number(column), int(new_row) - int(row)

    def shifted(match: re.Match[str]) -> str:
        told = list(match.groups(""))
        if told[1]:
            ends, between = [_column(told[0], told[1], right), _row(told[2], told[3], down)], ""
        elif told[5]:
            ends, between = [_column(told[4], told[5], right), _column(told[6], told[7], right)], ":"
        else:
            ends, between = [_row(told[8], told[9], down), _row(told[10], told[11], down)], ":"
        return between.join(ends) if all(ends) else _GONE

    parts = APART.split(formula)
    parts[::2] = [_REFERENCE.sub(shifted, one) for one in parts[::2]]
    return "".join(parts)


def _column(fixed: str, letters: str, right: int) -> str:
    number = column_number(letters) + (0 if fixed else right)
    return f"{fixed}{column_letters(number)}" if number > 0 else ""


def _row(fixed: str, text: str, down: int) -> str:
    number = int(text) + (0 if fixed else down)
    return f"{fixed}{number}" if number > 0 else ""


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
