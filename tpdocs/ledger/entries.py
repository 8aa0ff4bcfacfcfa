"""What the ledger takes and gives: documents and revisions."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tpdocs.forms.values import Record
from tpdocs.ledger.merge import Change


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was taken in: what it was and where its bytes are kept (relative to the desk)."""

    id: int
    subject: str
    form: str
    round: int
    name: str
    path: str
    sha256: str
    at: str
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> int:
        """Which of several forms in one file it was, from 1."""
        return int(self.notes.get("part", 1))


class DocumentLine(NamedTuple):
    """What the register says of a document; `at` is when it was taken in, `path` where the archive keeps it."""

    subject: str
    form: str
    round: int
    name: str
    sha256: str
    at: str
    path: str


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of the history; `conflicts` are those it brought, both sides and the document by field; `event` says that it is a reopening or withdrawal.

    `gone`: it took the form, or the event, off the record. `duplicate_of`: the problem that one withdrawn repeats. `typed` are texts typed
    in the register that are no values, by field; `settled` the fields in which such a text, or a conflict, stands no longer.
    """

    id: int
    batch: int
    subject: str
    form: str
    round: int
    source: str
    document: str
    person: str
    at: str
    comment: str
    changes: list[dict[str, Any]]
    conflicts: dict[str, dict[str, str]]
    event: str = ""
    gone: bool = False
    duplicate_of: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchEntry:
    """What was done in one go, by whom and when, and how many documents and revisions came of it; `undone_by` is the batch that took it back."""

    id: int
    command: str
    at: str
    person: str
    comment: str
    documents: int
    revisions: int
    subjects: tuple[str, ...]
    undone_by: int = 0


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be recorded."""

    sha256: str
    subject: str
    form: str
    round: int
    name: str
    path: str
    answers: Record
    notes: dict[str, Any]
    written_as: str = ""


@dataclass(frozen=True, slots=True)
class NewRevision:
    """A state to be appended."""

    subject: str
    form: str
    round: int
    source: str
    person: str
    state: dict[str, Any]
    changes: list[Change]
    document_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a problem's forms: its name, where its bytes are kept, and where it stood in a document (empty beside one)."""

    name: str
    path: str
    sha256: str
    place: str = ""
