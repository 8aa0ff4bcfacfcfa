"""Make the sample documents from their contents: ``python samples/make_samples.py``.

`content/` says what stands in each document and who fills it: tpdocs itself, or LibreOffice over UNO (then LibreOffice with its
Python module ``uno`` has to be installed; the environment variable UNO_PYTHON names the Python that has it, else
/usr/bin/python3). Beside each document in `forms/` a JSON file says what must be read from it and found in it.
"""

import json
import os
import shutil
import struct
import subprocess
import tempfile
import zlib
from pathlib import Path
from typing import Any

import docx

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.demo import NOW
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.init import init
from tpdocs.actions.look import check
from tpdocs.desk.folder import shipped
from tpdocs.forms.fields import BOXES, NO, YES, Field, Kind
from tpdocs.forms.standard import FIELDS, form_named
from tpdocs.forms.values import text_of
from tpdocs.word.fill import Content, FormDocument

HERE = Path(__file__).parent
FORMS = HERE / "forms"
SHELF = Shelf((shipped("templates"),))


def by_path(content: dict[str, Any]) -> Content:
    """The values of a content file, by field path."""
    form = form_named(content["form"])
    prefix = "" if form.key == "dossier" else f"{form.key}."
    made = Content({f"report.{name}": value for name, value in content.get("identity", {}).items()})
    made.values |= {f"{prefix}{name}": value for name, value in content["values"].items()}
    made.raw |= {f"{prefix}{name}": text for name, text in content.get("raw", {}).items()}
    return made


def by_tag(content: Content) -> dict[str, str | bool]:
    """What to type into which control, for a program that knows only tags."""
    typed: dict[str, str | bool] = {}
    for path, value in content.values.items():
        field = FIELDS[path]
        if field.kind is Kind.ROWS:
            for number, row in enumerate(value, 1):
                for column in field.columns:
                    if row.get(column.name) is not None:
                        typed[f"{path}[{number}].{column.name}"] = text_of(column, row[column.name])
        elif field.kind in BOXES:
            typed |= {f"{path}:{label}": True for label in _ticked(field, value)}
        else:
            typed[path] = text_of(field, value)
    for path, text in content.raw.items():
        boxes = path in FIELDS and FIELDS[path].kind in BOXES
        typed |= {f"{path}:{label}": True for label in text.split("、")} if boxes else {path: text}
    return typed


def _ticked(field: Field, value: Any) -> list[str]:
    if field.kind is Kind.YES_NO:
        return [YES if value else NO]
    return list(value) if isinstance(value, list) else [value]


def fill_in_libreoffice(jobs: list[dict[str, Any]], folder: Path) -> None:
    """Have LibreOffice do the jobs; an error if it did not find a control."""
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(jobs, ensure_ascii=False), encoding="utf-8")
    python = os.environ.get("UNO_PYTHON", "/usr/bin/python3")
    done = subprocess.run(
        [python, str(HERE / "fill_in_libreoffice.py"), str(listed)], check=True, capture_output=True, text=True
    )
    missed = {line: tags for line in done.stdout.splitlines() if (tags := json.loads(line)["not_found"])}
    if missed:
        raise SystemExit(f"LibreOffice did not find: {missed}")


def make_forms() -> None:
    """All filled documents."""
    with tempfile.TemporaryDirectory() as name:
        jobs = []
        for path in sorted((HERE / "content").glob("*.json")):
            told = json.loads(path.read_text(encoding="utf-8"))
            blank = SHELF.blank(form_named(told["form"])).data
            content, target = by_path(told), FORMS / told["file"]
            if told["via"] == "libreoffice":
                empty = Path(name) / f"{path.stem}.docx"
                empty.write_bytes(blank)
                jobs.append({"blank": str(empty), "filled": str(target), "values": by_tag(content)})
            else:
                target.write_bytes(FormDocument(blank).fill(content))
        fill_in_libreoffice(jobs, Path(name))


def make_others() -> None:
    """What lands in an inbox besides forms: attachments, minutes of a meeting, a text with a false name, an empty file."""
    (FORMS / "error-screenshot.png").write_bytes(_picture())
    log = "2026-03-20 09:40:12 WARN wave-picking slow query 8123 ms\n2026-03-20 09:41:03 WARN wave-picking slow query 9044 ms\n"
    (FORMS / "app.log").write_text(log, encoding="utf-8", newline="\n")
    minutes = docx.Document()
    minutes.add_heading("运维周会纪要", 1)
    minutes.add_paragraph("时间：2026年3月16日；参加人：张三、李四、王五。")
    minutes.add_paragraph("一、上周问题回顾；二、本周变更安排；三、其他。")
    minutes.save(str(FORMS / "90-周会纪要.docx"))
    (FORMS / "91-改了后缀的文本.docx").write_text("这是一个改了后缀的文本文件。\n", encoding="utf-8", newline="\n")
    (FORMS / "92-空文件.docx").write_bytes(b"")


def _picture() -> bytes:
    """A small picture: a grey window with a red bar."""
    width, height = 320, 180
    lines = [b"\0" + (b"\xc0\x30\x30" if 20 <= y < 50 else b"\xee\xee\xee") * width for y in range(height)]  # noqa: PLR2004

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"".join(lines), 9))
        + chunk(b"IEND", b"")
    )


def write_expected() -> None:
    """What must be read and found, as JSON beside each document; look through the changes before committing them."""
    contents = {}
    for path in sorted((HERE / "content").glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        contents[told["file"]] = told
    with tempfile.TemporaryDirectory() as name:
        desk = init(Path(name) / "desk")
        for one in ingest(desk, [FORMS], Options(), NOW).files:
            content = by_path(contents[one.incoming.path.name]) if one.incoming.path.name in contents else Content()
            findings = [*one.findings, *(finding for record in one.records for finding in record.findings)]
            expected = {
                "outcome": one.outcome,
                "number": one.number or None,
                "values": dict(sorted(content.values.items())),
                "raw": dict(sorted(content.raw.items())),
                "findings": sorted({(finding.code, finding.field) for finding in findings}),
            }
            _write_json(one.incoming.path.with_suffix(".json"), expected)
        found = check(desk, [], NOW, everything=True).findings
        _write_json(HERE / "expected-check.json", [[one.number, one.code, one.field, one.due[:10]] for one in found])


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Make everything anew."""
    shutil.rmtree(FORMS, ignore_errors=True)
    FORMS.mkdir()
    make_forms()
    make_others()
    write_expected()


if __name__ == "__main__":
    main()
