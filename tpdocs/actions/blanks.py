"""Blanks: made from the templates in use, kept in the desk so that a form that comes back is read against its own."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tpdocs.desk.files import write_whole
from tpdocs.desk.folder import Desk, shipped
from tpdocs.errors import NotWrittenError, TpdocsError
from tpdocs.findings import DocumentError
from tpdocs.forms.standard import ALL_FORMS, FormSpec, form_named
from tpdocs.language import Phrase
from tpdocs.word.blank import Blank, blank_key, template_of
from tpdocs.word.layout import Layout, layout_of
from tpdocs.word.package import Package


@dataclass(frozen=True)
class Shelf:
    """Where blanks come from. Small and picklable, so that worker processes can have one each."""

    folders: tuple[Path, ...]
    kept: Path | None = None

    @classmethod
    def of(cls, desk: Desk | None) -> "Shelf":
        """The shelf of a desk, or the shipped templates alone."""
        if desk is None:
            return cls((shipped("templates"),))
        return cls(desk.template_folders, desk.blanks)

    def blank(self, form: FormSpec) -> Blank:
        """The blank of a form, from the template in use; TpdocsError when that is none."""
        template = template_of(form, self.folders)
        data = template.read_bytes()
        key = blank_key(form, data)
        kept = self.kept_blank(form, key)
        if kept is not None:
            return Blank(form, kept, key)
        # docxtpl takes longer to import than most commands to run, and a kept blank does without it.
        from tpdocs.word.faults import template_faults  # noqa: PLC0415
        from tpdocs.word.template import make_blank  # noqa: PLC0415

        if template.parent != shipped("templates") and (faults := template_faults(data, template.name)):
            raise TpdocsError(
                "The template {path} cannot be used: {fault}. “tpdocs template check” gives all its faults.",
                path=template,
                fault=Phrase(*faults[0].words),
            )
        blank = make_blank(form, data, str(template))
        if self.kept is not None:
            try:
                write_whole(self._path(form, key), blank.data)
            except NotWrittenError:  # a desk that cannot be written to can still be read with
                return blank
        return blank

    def layout(self, form: FormSpec, key: str) -> Layout:
        """The layout of the blank that a document was made from; of the present one where that is not kept."""
        template = template_of(form, self.folders).stat()
        return _layout(self, form.code, key, template.st_mtime_ns)

    def fill(self) -> None:
        """Have the blanks of all forms ready, so that worker processes need not make them."""
        for form in ALL_FORMS:
            self.blank(form)

    def _path(self, form: FormSpec, key: str) -> Path:
        return (self.kept or Path()) / f"{form.code}-{key}.docx"

    def kept_blank(self, form: FormSpec, key: str) -> bytes | None:
        """The blank of that key, if it went out from here."""
        if self.kept is None or not key.isalnum():
            return None
        try:
            data = self._path(form, key).read_bytes()
            Package(data)
        except (OSError, DocumentError):
            return None
        return data


@lru_cache(maxsize=256)
def _layout(shelf: Shelf, code: str, key: str, _changed: int) -> Layout:
    form = form_named(code)
    kept = shelf.kept_blank(form, key) if key else None
    return layout_of(kept if kept is not None else shelf.blank(form).data)
