"""What the register showed where it was written last: the base of a comparison."""

from collections.abc import Mapping
from typing import Any

from tpdocs.ledger.faces import KeptFace
from tpdocs.register.columns import PROBLEM_SHEET, Sheet
from tpdocs.register.compare import key_of


class WrittenRows:
    """What the rows of a table showed, by key; those of problems are made of their text only when they are asked for."""

    def __init__(self, sheet: Sheet, faces: Mapping[str, KeptFace]) -> None:
        self._faces = faces if sheet is PROBLEM_SHEET else {}
        self._rows: dict[str, list[Any] | None] = {}
        if sheet is not PROBLEM_SHEET:
            self._rows = {key_of(sheet, row): row for one in faces.values() for row in one.lists.get(sheet.table, [])}

    def add(self, rows: Mapping[str, list[Any] | None]) -> None:
        """Rows that an older writing showed otherwise."""
        self._rows |= rows

    def get(self, key: str) -> list[Any] | None:
        """What a row showed; None when it was not there."""
        if key in self._rows:
            return self._rows[key]
        face = self._faces.get(key)
        return face.cells if face is not None else None

    def every_key(self) -> list[str]:
        """The keys of all rows that were there; a problem that had no room has never been."""
        mine = [key for key, face in self._faces.items() if face.has_row and face.position and key not in self._rows]
        return [*mine, *(key for key, cells in self._rows.items() if cells is not None)]
