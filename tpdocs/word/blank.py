"""What a blank is and where its template lies. Making one is in `template`, which needs docxtpl; most commands do not."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tpdocs import __version__
from tpdocs.errors import TpdocsError
from tpdocs.forms.standard import FIELDS, FormSpec


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank form: the bytes of the .docx, and the key of the template it was made from."""

    form: FormSpec
    data: bytes
    key: str


@lru_cache
def _declarations() -> bytes:
    return f"{__version__} {FIELDS!r}".encode()


def blank_key(form: FormSpec, template: bytes) -> str:
    """What the blank of a template is known by: the same template and the same declarations give the same key."""
    return hashlib.sha256(b"\0".join((form.code.encode(), template, _declarations()))).hexdigest()[:16]


def template_of(form: FormSpec, folders: tuple[Path, ...]) -> Path:
    """The template of a form: the first folder that has one wins (a desk's own, then the shipped ones)."""
    for folder in folders:
        found = sorted(folder.glob(f"{form.code}*.docx"))
        if found:
            return found[0]
    raise TpdocsError(
        "There is no template for {form} in {folders}. Install tpdocs again, or put one there.",
        form=form.name,
        folders="、".join(str(folder) for folder in folders),
    )
