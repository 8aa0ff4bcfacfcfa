"""``inspect``: everything the reader sees in any Word file."""

from pathlib import Path
from typing import Any

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.collect import collect
from tpdocs.actions.limits import limits_of
from tpdocs.desk.folder import Desk
from tpdocs.findings import DocumentError, Finding
from tpdocs.word.convert import converted, foreign_format
from tpdocs.word.package import DEFAULT_LIMITS, Limits, Package, read_bytes
from tpdocs.word.survey import Survey, survey


def inspect_files(desk: Desk | None, paths: list[Path]) -> list[tuple[Path, Survey, bool]]:
    """Path, survey and whether it could be read at all, of every file; one that cannot be read has the reason as its finding."""
    collected = collect(paths)
    shelf = Shelf.of(desk)
    limits = limits_of(desk) if desk else DEFAULT_LIMITS
    found = [(path, Survey(findings=[Finding(code="no_such_file")]), False) for path in collected.absent]
    return found + [(path, *_inspected(path, shelf, limits)) for path in collected.forms]


def _inspected(path: Path, shelf: Shelf, limits: Limits) -> tuple[Survey, bool]:
    try:
        return _survey_of(read_bytes(path, limits), shelf, limits), True
    except DocumentError as error:
        return Survey(findings=[error.finding]), False
    except Exception as error:  # noqa: BLE001 - one bad file must not stop the others, whatever it does to a parser
        told = f"{type(error).__name__}: {error}"[:200]
        return Survey(findings=[Finding(code="unexpected", parts={"error": told})]), False


def _survey_of(data: bytes, shelf: Shelf, limits: Limits) -> Survey:
    suffix = foreign_format(data)
    made = survey(Package(converted(data, suffix) if suffix else data, limits), shelf.layout)
    if suffix:
        made.findings.append(Finding(code="was_converted", parts={"value": suffix}))
    return made


def survey_json(path: Path, one: Survey) -> dict[str, Any]:
    """The documented JSON of one file."""
    return {
        "file": str(path),
        "form": one.form or None,
        "version": one.version or None,
        "pairs": one.pairs,
        "choices": one.choices,
        "rows": one.rows,
        "controls": one.controls,
        "outside": one.outside,
        "findings": [finding.as_json() for finding in one.findings],
    }
