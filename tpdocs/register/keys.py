"""What tells the rows of a table from each other, however a program writes it."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tpdocs.forms.values import squeezed
from tpdocs.register.columns import Sheet
from tpdocs.register.matching import Matched

BETWEEN_KEYS = "\x1f"
_NUMBER = re.compile(r"\d+\.\d*|\d+(?:\.\d+)?[Ee]\+?\d{1,2}")


def key_of(sheet: Sheet, values: Sequence[Any]) -> str:
    """What tells a row from the others of its table; empty for a row that does not say."""
    return joined_key([values[place] for place in sheet.key_positions])


def key_of_row(here: Matched, places: Sequence[int]) -> str:
    """The same for a row of the workbook, from what its columns at those places show."""
    return joined_key([here.text(at) for at in places])


def joined_key(texts: Sequence[Any]) -> str:
    """The same from what tells the row, in order."""
    parts = list(map(_key_text, texts))
    return BETWEEN_KEYS.join(parts) if parts[0] else ""


def _key_text(value: Any) -> str:
    if isinstance(value, list):
        value = value[1]
    if isinstance(value, str):
        # A number, as nearly all keys are. Folding remembers the last texts it saw, and with each a piece of the workbook's memory.
        return value.upper() if value.isascii() and value.isalnum() else _folded(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else squeezed(str(value)).upper()


@lru_cache(maxsize=2048)
def _folded(text: str) -> str:
    """The same of a text: the names of forms and fields come again and again."""
    if _NUMBER.fullmatch(text):  # however a program writes a round
        number = float(text)
        text = str(int(number) if number.is_integer() else number)
    return squeezed(text).upper()
