"""What the register showed, kept with the ledger: the base against which people's changes in the workbook are told."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from tpdocs.ledger.engine import among, decoded, encoded
from tpdocs.ledger.tables import face, shown_before, written

Lists = Mapping[str, Mapping[str, list[list[Any]]]]  # lines by number and list


@dataclass(frozen=True, slots=True)
class Written:
    """One writing of the register: what of the ledger it knew, with what it was made, and where things stand in the file."""

    id: int
    at: str
    revision: int
    document: int
    attachment: int
    made_with: str
    sha256: str
    layout: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Known:
    """The last entries of the ledger that a writing of the register knows."""

    revision: int
    document: int
    attachment: int


@dataclass(slots=True)
class KeptFace:
    """What the newest register shows of a problem or review: `cells` of its row (none for a review), lines by list, its row's place.

    Kept as text until asked for: the cells of 20,000 rows as objects take a hundred megabytes.
    """

    number: str
    until: str
    reported: str
    cells_json: str
    lists_json: str
    position: int = 0

    @classmethod
    def of(
        cls, number: str, until: str, reported: str, cells: list[Any] | None, lists: Mapping[str, list[list[Any]]]
    ) -> "KeptFace":
        """From cells and lines."""
        told = {name: rows for name, rows in lists.items() if rows}
        return cls(number, until, reported, encoded(cells), encoded(told))

    @property
    def has_row(self) -> bool:
        """Whether it is a problem's."""
        return self.cells_json != "null"

    @property
    def cells(self) -> list[Any] | None:
        """The cells of its row, made anew each time."""
        found: list[Any] | None = decoded(self.cells_json)
        return found

    def set_cells(self, cells: list[Any]) -> None:
        """Other cells for its row."""
        self.cells_json = encoded(cells)

    @property
    def has_lines(self) -> bool:
        """Whether there is anything of it in the lists."""
        return self.lists_json != "{}"

    @property
    def lists(self) -> dict[str, list[list[Any]]]:
        """Its lines by list, made anew each time."""
        return decoded(self.lists_json) if self.has_lines else {}


@dataclass(slots=True)
class Superseded:
    """A row that a new writing changes: what it showed before (as text), None when it was not there."""

    sheet: str
    key: str
    cells_json: str | None

    @classmethod
    def of(cls, sheet: str, key: str, cells: list[Any] | None) -> "Superseded":
        """From cells."""
        return cls(sheet, key, encoded(cells) if cells else None)


@dataclass(slots=True)
class NewWriting:
    """What is to be kept of a new writing."""

    at: str
    known: Known
    made_with: str
    sha256: str
    layout: Mapping[str, Any]
    faces: Iterable[KeptFace]
    superseded: Iterable[Superseded]


# Plain SQL, for every sync asks all of these: built of parts they took longer to be put together than to be answered.
_COLUMNS = "number, until, reported, cells, lists, position"
_NEWEST = (
    "SELECT id, at, revision, document, attachment, made_with, sha256, layout FROM written ORDER BY id DESC LIMIT 1"
)
_LAST = "SELECT (SELECT max(id) FROM revision), (SELECT max(id) FROM document), (SELECT max(id) FROM attachment)"
_FACES = f"SELECT {_COLUMNS} FROM face WHERE {{where}}"  # noqa: S608 - names of ours, here and below
_KEEP = f"INSERT OR REPLACE INTO face ({_COLUMNS}) VALUES (:number, :until, :reported, :cells, :lists, :position)"  # noqa: S608
_PLACE = "UPDATE face SET position = :position WHERE number = :number"
_FIRST_REPORT = "SELECT min(reported) FROM face WHERE reported != ''"
_OLD_LAYOUTS = "UPDATE written SET layout = '' WHERE layout != ''"
_WRITTEN = (
    "INSERT INTO written (at, revision, document, attachment, made_with, sha256, layout)"
    " VALUES (:at, :revision, :document, :attachment, :made_with, :sha256, :layout)"
)
_BEFORE = "INSERT INTO shown_before (sheet, key, before, cells) VALUES (:sheet, :key, :before, :cells)"
# A problem whose number stands in several rows (its place is below 0) was not written: it is looked at until one is left. A review
# never has a row.
_CHANGED = (
    "SELECT subject FROM revision WHERE id > :revision UNION SELECT subject FROM document WHERE id > :document"
    " UNION SELECT subject FROM attachment WHERE id > :attachment"
    " UNION SELECT number FROM face WHERE until <= :now OR position < 0 OR (position = 0 AND number GLOB 'TP*')"
    " UNION SELECT number FROM problem WHERE number NOT IN (SELECT number FROM face)"
)


class Faces:
    """What the ledger keeps of the register."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest(self) -> Written | None:
        """The last writing; None before the first."""
        found = self._connection.exec_driver_sql(_NEWEST).first()
        if found is None:
            return None
        return Written(
            found.id, found.at, found.revision, found.document, found.attachment, found.made_with, found.sha256,
            decoded(found.layout or "{}"),
        )  # fmt: skip

    def known(self) -> Known:
        """The last entries there are now."""
        return Known(*(one or 0 for one in self._connection.exec_driver_sql(_LAST).one()))

    def changed_since(self, last: Written, now: str) -> set[str]:
        """The subjects of which the ledger knows more than that writing, or whose lines the clock has changed since."""
        known = {"revision": last.revision, "document": last.document, "attachment": last.attachment, "now": now}
        return set(self._connection.exec_driver_sql(_CHANGED, known).scalars())

    def faces(self, numbers: Iterable[str] | None = None) -> dict[str, KeptFace]:
        """What the newest register shows of these, or of all, by number."""
        where, these = among("number", numbers)
        rows = self._connection.exec_driver_sql(_FACES.format(where=where), these)
        return {one[0]: KeptFace(*one) for one in rows.all()}

    def without_room(self) -> list[str]:
        """The problems that have no row yet, for something stood where it would go."""
        waiting = select(face.c.number).where(face.c.position == 0, face.c.number.startswith("TP"))
        return list(self._connection.scalars(waiting))

    def lists(self) -> dict[str, dict[str, list[list[Any]]]]:
        """The lines of all problems and reviews in the lists, by number; those without any are left out."""
        rows = self._connection.execute(select(face.c.number, face.c.lists).where(face.c.lists != "{}")).all()
        return {number: decoded(lists) for number, lists in rows}

    def positions(self) -> dict[str, int]:
        """In which row of the workbook each problem stands."""
        return {
            one.number: one.position
            for one in self._connection.execute(select(face.c.number, face.c.position).where(face.c.position > 0))
        }

    def first_report(self) -> str:
        """The day of the oldest report; empty when there is none."""
        return self._connection.exec_driver_sql(_FIRST_REPORT).scalar() or ""

    def base(self, version: int) -> dict[tuple[str, str], list[Any] | None]:
        """What rows showed at an older writing, by sheet and key, where that is not what they show now."""
        newest = (
            select(shown_before.c.sheet, shown_before.c.key, func.min(shown_before.c.before).label("before"))
            .where(shown_before.c.before > version)
            .group_by(shown_before.c.sheet, shown_before.c.key)
            .subquery()
        )
        same = (
            (shown_before.c.sheet == newest.c.sheet)
            & (shown_before.c.key == newest.c.key)
            & (shown_before.c.before == newest.c.before)
        )
        rows = self._connection.execute(select(shown_before).join(newest, same))
        return {(one.sheet, one.key): decoded(one.cells) if one.cells else None for one in rows}

    def add(self, new: NewWriting) -> int:
        """Keep a new writing; returns its number."""
        self._connection.exec_driver_sql(_OLD_LAYOUTS)
        values = {
            "at": new.at,
            "revision": new.known.revision,
            "document": new.known.document,
            "attachment": new.known.attachment,
            "made_with": new.made_with,
            "sha256": new.sha256,
            "layout": encoded(new.layout),
        }
        number = self._connection.exec_driver_sql(_WRITTEN, values).lastrowid
        before = [
            {"sheet": one.sheet, "key": one.key, "before": number, "cells": one.cells_json} for one in new.superseded
        ]
        if before:
            self._connection.exec_driver_sql(_BEFORE, before)
        self._keep(list(new.faces))
        return number

    def lay_out(self, last: Written, layout: Mapping[str, Any]) -> None:
        """Keep another layout of a writing."""
        self._connection.execute(update(written).where(written.c.id == last.id).values(layout=encoded(layout)))

    def _keep(self, faces: list[KeptFace]) -> None:
        if faces:
            self._connection.exec_driver_sql(_KEEP, [_row_of(one) for one in faces])

    def place(self, positions: Mapping[str, int]) -> None:
        """Keep where problems stand whose place alone has changed."""
        if positions:
            rows = [{"number": number, "position": position} for number, position in positions.items()]
            self._connection.exec_driver_sql(_PLACE, rows)


def _row_of(one: KeptFace) -> dict[str, Any]:
    return {
        "number": one.number,
        "until": one.until,
        "reported": one.reported,
        "cells": one.cells_json,
        "lists": one.lists_json,
        "position": one.position,
    }
