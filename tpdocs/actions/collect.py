"""Which files an ingest takes in hand: files, folders and patterns, and what lies beside the forms."""

import glob
from dataclasses import dataclass, field
from pathlib import Path

from tpdocs.desk.files import names_in

WORD_SUFFIXES = frozenset({".docx", ".docm", ".dotx", ".dotm", ".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt"})
_IGNORED = (".", "Thumbs.db", "desktop.ini")


@dataclass(slots=True)
class Collected:
    """`forms` are to be read, `beside` are other files in the folders named, `absent` paths that are not there."""

    forms: list[Path] = field(default_factory=list)
    beside: list[Path] = field(default_factory=list)
    absent: list[Path] = field(default_factory=list)


def collect(paths: list[Path]) -> Collected:
    """The files under the paths, each once. A file named by itself is always read; in folders only Word files are."""
    found = Collected()
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            names_in(path)  # or what may not be looked into would pass for empty
            for one in sorted(path.rglob("*")):
                inner = one.relative_to(path).parts
                if one.is_file() and not any(part.startswith(_IGNORED) for part in inner):
                    _add(found.forms if one.suffix.lower() in WORD_SUFFIXES else found.beside, one, seen)
        elif path.exists():
            _add(found.forms, path, seen)
        elif matches := sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - a pattern may be absolute
            for match in matches:
                _add(found.forms, Path(match), seen)
        else:
            found.absent.append(path)
    return found


def _add(files: list[Path], path: Path, seen: set[Path]) -> None:
    real = path.absolute()
    if real not in seen and path.is_file():
        seen.add(real)
        files.append(path)
