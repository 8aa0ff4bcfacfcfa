"""What the register showed where it was written last: the base of a comparison."""

from collections.abc import Mapping
from typing import Any

from tpdocs.ledger.faces import KeptFace, Lists
from tpdocs.register.columns import Sheet
from tpdocs.register.keys import key_of

Rows = Mapping[str, list[Any] | None]


class WrittenRows:
    """What the rows of a table showed, by key; those of problems are made of their text only when they are asked for."""

    def __init__(self, faces: Mapping[str, KeptFace], rows: Rows) -> None:
        self._faces, self._rows = faces, dict(rows)

    @classmethod
    def of_problems(cls, faces: Mapping[str, KeptFace]) -> "WrittenRows":
        """The rows of problems."""
        return cls(faces, {})

    @classmethod
    def of_list(cls, sheet: Sheet, lists: Lists) -> "WrittenRows":
        """The lines of a list."""
        return cls({}, {key_of(sheet, row): row for one in lists.values() for row in one.get(sheet.table, ())})

    def add(self, rows: Rows) -> None:
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
