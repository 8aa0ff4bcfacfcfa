"""The register as a person changes it, and what a test wants to know of it."""

import io
import zipfile
from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result

from tpdocs.actions.sync import Synced
from tpdocs.cli.app import app
from tpdocs.desk.folder import Desk
from tpdocs.register.columns import PROBLEMS


class Sheet:
    """A sheet of the register in openpyxl, by headings and keys."""

    def __init__(self, book, name: str) -> None:
        self.sheet = book[name]
        self.columns = {cell.value: cell.column for cell in self.sheet[1]}

    def row(self, key: str) -> int:
        return next(row for row in range(2, self.sheet.max_row + 1) if self.sheet.cell(row, 1).value == key)

    def cell(self, row: int | str, heading: str):
        return self.sheet.cell(self.row(row) if isinstance(row, str) else row, self.columns[heading])

    def put(self, row: int | str, heading: str, value) -> None:
        self.cell(row, heading).value = value


class Edit:
    """Changes the register as a person would, by openpyxl."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def __enter__(self):
        self.book = openpyxl.load_workbook(self.desk.register)
        return self

    def __exit__(self, *_):
        self.book.save(self.desk.register)

    def __getitem__(self, name: str) -> Sheet:
        return Sheet(self.book, name)


def shown(desk: Desk, name: str = PROBLEMS) -> Sheet:
    return Sheet(openpyxl.load_workbook(desk.register), name)


def verdicts(done: Synced) -> dict[str, str]:
    return {one.number: one.verdict for one in done.verdicts if one.verdict != "unchanged"}


def codes(done: Synced) -> list[str]:
    return [one.code for one in done.findings]


def resaved(data: bytes) -> bytes:
    out = io.BytesIO()
    openpyxl.load_workbook(io.BytesIO(data)).save(out)
    return out.getvalue()


def parts_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def cli(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--desk", str(desk.root), *arguments, "--now", "2026-03-20 17:00"])


def cli_plain(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--desk", str(desk.root), *arguments])
