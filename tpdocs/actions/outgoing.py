"""What goes back to the sender: the receipt of a new problem, and a copy with comments on what has to be mended."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.taking_in import NEW, REJECTED, REVISED, FileOutcome
from tpdocs.codes.kinds import DOCUMENT, ERROR, INCONSISTENT, INVALID, MISSING, WARNING
from tpdocs.desk.files import free_name, safe_name, write_whole
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError
from tpdocs.findings import Finding
from tpdocs.forms.standard import form_named
from tpdocs.language import phrase
from tpdocs.word.comments import Note, with_comments
from tpdocs.word.convert import foreign_format
from tpdocs.word.fill import Content, FormDocument

_NUMBER = "report.number"
_HASH_SHOWN = 8
_FOR_THE_SENDER = (MISSING, INVALID, INCONSISTENT, DOCUMENT)
# These are for whoever works at the desk.
_NOT_FOR_THE_SENDER = frozenset(("possible_duplicate", "not_copied", "stray_file", "unexpected", "closure_refused"))
_ZH = "zh"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A document on its way out: the sender's own, from where it is kept to where it goes, with its number and our notes.

    One without a place for the number (typed freely, or of another format) goes as a form of ours with its `content`.
    """

    kept: Path
    target: Path
    number: str
    properties: dict[str, str]
    form: str
    content: Content
    shelf: Shelf
    at: datetime
    notes: tuple[Note, ...] = ()


def outgoing_for(desk: Desk, outcomes: list[FileOutcome], properties: dict[str, str], now: datetime) -> list[Outgoing]:
    """The receipts of the problems that were opened, and the copies that go back."""
    found: list[Outgoing] = []
    shelf = Shelf.of(desk)
    for one in outcomes:
        if not one.incoming.form:
            continue
        form = form_named(one.incoming.form)
        kept = desk.root / one.kept_at if one.kept_at else one.incoming.path
        told = {**properties, "number": one.number, "round": str(one.records[0].round)} if one.kept_at else {}
        content = Content({_NUMBER: one.number} if one.kept_at else {})
        for record in one.incoming.records.values():
            content.add(record)
        if one.opened:
            target = free_name(desk.outbox / f"{one.opened}-{form.code}-{safe_name(form.title)}.docx")
            found.append(Outgoing(kept, target, one.opened, told, form.code, content, shelf, now))
        if one.outcome in (NEW, REVISED, REJECTED) and (notes := _notes(one)):
            name = f"{safe_name(one.incoming.path.stem)}-{one.incoming.sha256[:_HASH_SHOWN]}.docx"
            target = desk.root / "returned" / name
            number = one.number if one.kept_at else ""
            # A rejected file stays where it is and comes in again; its copy went out the first time.
            if not target.exists():
                found.append(Outgoing(kept, target, number, told, form.code, content, shelf, now, notes))
    return found


def _notes(one: FileOutcome) -> tuple[Note, ...]:
    """What the sender can mend, each at its place, after a summary; nothing when there is nothing."""
    findings = [*one.findings, *(finding for record in one.records for finding in record.findings)]
    wanted = [each for each in findings if _is_for_the_sender(each)]
    notes = [
        Note(f"{each.message(_ZH)}\n{each.advice(_ZH)}", each.field.partition("[")[0], each.place) for each in wanted
    ]
    if not notes:
        return ()
    summary = phrase(
        "{count} things to mend, each marked with a comment. Correct them in this copy, save it and send it in again.",
        count=len(notes),
    ).say(_ZH)
    number = f"{one.number} " if one.kept_at else ""
    return (Note(f"{number}{form_named(one.incoming.form).title}\n{summary}"), *notes)


def _is_for_the_sender(one: Finding) -> bool:
    return one.severity in (ERROR, WARNING) and one.kind in _FOR_THE_SENDER and one.code not in _NOT_FOR_THE_SENDER


def write_outgoing(one: Outgoing) -> tuple[Path | None, str]:
    """Where the document was written, or why it was not."""
    try:
        data = _numbered(one)
        write_whole(one.target, with_comments(data, one.notes, one.at) if one.notes else data, durable=False)
    except (TpdocsError, OSError) as error:
        return None, f"{one.target.name}: {error}"
    return one.target, ""


def _numbered(one: Outgoing) -> bytes:
    data = one.kept.read_bytes()
    if not foreign_format(data):
        if not one.number:
            return data
        document = FormDocument(data, only=_NUMBER)
        if _NUMBER in document.paths:
            return document.fill(Content({_NUMBER: one.number}), one.properties)
        if one.notes:
            return data
    blank = one.shelf.blank(form_named(one.form))
    return FormDocument(blank.data).fill(one.content, one.properties)
