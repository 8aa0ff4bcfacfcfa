"""The register as a person changes it, and what a test wants to know of it."""

import hashlib
import io
import re
import zipfile
from pathlib import Path

import openpyxl
from click.testing import CliRunner, Result

from tpdocs.actions.look import reading
from tpdocs.actions.sync import Synced
from tpdocs.cli.app import app
from tpdocs.desk.folder import Desk
from tpdocs.forms.problem import ORDER
from tpdocs.forms.standard import FORMS
from tpdocs.register.columns import DOCUMENTS, PROBLEMS


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


def links(desk: Desk, name: str) -> list[tuple[str, str, str]]:
    """Each link of a sheet: the number of its row, its column's heading, where it leads."""
    headings, *rows = openpyxl.load_workbook(desk.register)[name].iter_rows(values_only=True)
    cells = ((row[0], heading, str(cell)) for row in rows for heading, cell in zip(headings, row, strict=True))
    told = ((number, heading, re.match(r'=HYPERLINK\("([^"]*)"', cell)) for number, heading, cell in cells)
    return [(str(number), str(heading), match[1]) for number, heading, match in told if match]


def check_links(desk: Desk) -> None:
    """Every link of the register leads to the document that its row and column name."""
    sheet = shown(desk, DOCUMENTS)
    rows = range(2, sheet.sheet.max_row + 1)
    digests = [told for row in rows if (told := sheet.cell(row, "校验值").value)]
    in_list = links(desk, DOCUMENTS)
    assert [hashlib.sha256((desk.root / path).read_bytes()).hexdigest()[:16] for _, _, path in in_list] == digests
    with reading(desk) as transaction:
        newest = transaction.log.newest_files(None)
    codes = {f"{FORMS[key].code}文件": key for key in ORDER}
    assert {(number, codes[heading], path) for number, heading, path in links(desk, PROBLEMS)} == {
        (number, key, path) for number, files in newest.items() for key, path in files.items() if key in ORDER
    }


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
