"""What goes back to the sender: the receipt of a new problem, and a copy with comments on what has to be mended."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.taking_in import NEW, REJECTED, REVISED, FileOutcome
from tpdocs.codes.kinds import DOCUMENT, ERROR, INCONSISTENT, INVALID, MISSING, WARNING
from tpdocs.desk.files import free_name, is_there, safe_name, write_whole
from tpdocs.desk.folder import Desk
from tpdocs.errors import TpdocsError
from tpdocs.findings import Finding
from tpdocs.forms.standard import form_named
from tpdocs.language import phrase
from tpdocs.word.comments import Note, with_comments
from tpdocs.word.convert import converted, foreign_format
from tpdocs.word.fill import Content, FormDocument

_NUMBER = "report.number"
_HASH_SHOWN = 8
_FOR_THE_SENDER = (MISSING, INVALID, INCONSISTENT, DOCUMENT)
# These are for whoever works at the desk.
_NOT_FOR_THE_SENDER = frozenset(
    ("possible_duplicate", "problem_withdrawn", "not_copied", "stray_file", "unexpected", "closure_refused")
)
_ZH = "zh"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A document on its way out: the sender's own, from where it is kept to where it goes, with its number and our notes.

    One without a place for the number (typed freely, or of another format) goes as a form of ours with its `content`, and so
    does the receipt of one form out of several. The copy of a file with several has a number for each, None where it has none.
    """

    kept: Path
    target: Path
    numbers: tuple[str | None, ...]
    properties: dict[str, str]
    form: str
    content: Content
    shelf: Shelf
    at: datetime
    notes: tuple[Note, ...] = ()
    one_of_several: bool = False


def outgoing_for(
    desk: Desk, files: list[list[FileOutcome]], properties: dict[str, str], now: datetime
) -> list[Outgoing]:
    """The receipts of the problems that were opened, and the copies that go back; `files` are the forms of each file."""
    found: list[Outgoing] = []
    shelf = Shelf.of(desk)
    for forms in files:
        if not forms[0].incoming.form:
            continue
        for one in forms:
            if one.opened:
                form = form_named(one.incoming.form)
                target = free_name(desk.outbox / f"{one.opened}-{form.code}-{safe_name(form.title)}.docx")
                found.append(_outgoing(desk, forms, one, target, properties, shelf, now))
        if notes := _notes_of(forms):
            first = forms[0].incoming
            name = f"{safe_name(first.path.stem)}-{first.sha256[:_HASH_SHOWN]}.docx"
            target = desk.root / "returned" / name
            # A rejected file stays where it is and comes in again; its copy went out the first time.
            if not is_there(target):
                copy = _outgoing(desk, forms, forms[0], target, properties, shelf, now)
                numbers = tuple(one.number if one.kept_at else None for one in forms)
                found.append(replace(copy, numbers=numbers, notes=notes, one_of_several=False))
    return found


def _outgoing(
    desk: Desk,
    forms: list[FileOutcome],
    one: FileOutcome,
    target: Path,
    properties: dict[str, str],
    shelf: Shelf,
    now: datetime,
) -> Outgoing:
    kept = desk.root / one.kept_at if one.kept_at else one.incoming.path
    told = {**properties, "number": one.number, "round": str(one.records[0].round)} if one.kept_at else {}
    content = Content({_NUMBER: one.number} if one.kept_at else {})
    for record in one.incoming.records.values():
        content.add(record)
    number = one.number if one.kept_at else None
    several = len(forms) > 1
    return Outgoing(kept, target, (number,), told, one.incoming.form, content, shelf, now, one_of_several=several)


def _notes_of(forms: list[FileOutcome]) -> tuple[Note, ...]:
    """What the sender can mend, each at its place, after a summary of each form; nothing when there is nothing."""
    return tuple(note for one in forms for note in _notes(one))


def _notes(one: FileOutcome) -> tuple[Note, ...]:
    if one.outcome not in (NEW, REVISED, REJECTED):
        return ()
    findings = [*one.findings, *(finding for record in one.records for finding in record.findings)]
    # A field whose place is gone cannot be filled in there.
    gone = {each.field for each in findings if each.code == "field_not_found"}
    wanted = [
        each for each in findings if _is_for_the_sender(each) and not (each.kind == MISSING and each.field in gone)
    ]
    # In a file with several forms, a field stands in each of them: only its place says which.
    several = bool(one.incoming.start)
    notes = [
        Note(
            f"{each.message(_ZH)}\n{each.advice(_ZH)}",
            "" if several else each.field.partition("[")[0],
            _place(each, one),
        )
        for each in wanted
    ]
    if not notes:
        return ()
    summary = phrase(
        "{count} things to mend, each marked with a comment. Correct them in this copy, save it and send it in again.",
        count=len(notes),
    ).say(_ZH)
    number = f"{one.number} " if one.kept_at else ""
    return (Note(f"{number}{form_named(one.incoming.form).title}\n{summary}", "", one.incoming.start), *notes)


def _place(each: Finding, one: FileOutcome) -> str:
    return each.place or one.incoming.places.get(each.field.partition("[")[0], one.incoming.start)


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
    if len(one.numbers) > 1 and (suffix := foreign_format(data)):
        data = converted(data, suffix)  # no form of ours has room for several
    if not foreign_format(data) and not one.one_of_several:
        if not any(one.numbers):
            return data
        document = FormDocument(data, only=_NUMBER)
        if len(one.numbers) > 1:
            return document.fill_each(_NUMBER, one.numbers) or data
        if _NUMBER in document.paths:
            return document.fill(Content({_NUMBER: one.numbers[0]}), one.properties)
        if one.notes:
            return data
    blank = one.shelf.blank(form_named(one.form))
    return FormDocument(blank.data).fill(one.content, one.properties)
