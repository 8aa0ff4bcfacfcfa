"""Findings: what tpdocs flags, as values. A message is put into words only when it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as of_each
from typing import Any

from tpdocs.codes import CODES
from tpdocs.codes.kinds import KINDS
from tpdocs.errors import TpdocsError
from tpdocs.language import compose, translate


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to flag. `field` is a path such as ``report.title``, `place` where it stands in the document.

    `owner` says who should act, `due` until when (ISO 8601). `parts` fills the words of the code: texts, or phrases.
    """

    code: str
    number: str = ""
    form: str = ""
    field: str = ""
    label: str = ""
    place: str = ""
    owner: str = ""
    due: str = ""
    parts: Mapping[str, Any] = of_each(default_factory=dict)

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        return CODES[self.code].kind

    @property
    def severity(self) -> str:
        """``error``, ``warning`` or ``info``."""
        return CODES[self.code].severity

    def message(self, language: str | None = None) -> str:
        """What is wrong, in the words on the form."""
        return self._say(CODES[self.code].message, language)

    def advice(self, language: str | None = None) -> str:
        """What to do about it."""
        return self._say(CODES[self.code].advice, language)

    @property
    def words(self) -> tuple[str, dict[str, Any]]:
        """The message before it is put together, and its parts."""
        return CODES[self.code].message, {"number": self.number, "form": self.form, "label": self.label, **self.parts}

    def _say(self, text: str, language: str | None) -> str:
        return compose(text, self.words[1], language)

    def as_json(self, language: str | None = None) -> dict[str, str | None]:
        """The documented JSON object of a finding; what is not known is null."""
        told = {
            "kind": self.kind,
            "code": self.code,
            "severity": self.severity,
            "number": self.number,
            "form": self.form,
            "field": self.field,
            "label": self.label,
            "place": self.place,
            "message": self.message(language),
            "advice": self.advice(language),
            "owner": self.owner,
            "due": self.due,
        }
        return {key: value or None for key, value in told.items()}

    def stored(self) -> dict[str, Any]:
        """What the ledger keeps of a finding; `restored` makes it a finding again."""
        told: dict[str, Any] = {name: getattr(self, name) for name in _STORED if getattr(self, name)}
        return {**told, "parts": dict(self.parts)} if self.parts else told


_STORED = ("code", "number", "form", "field", "label", "place", "owner", "due")


def restored(stored: Mapping[str, Any]) -> Finding:
    """A finding from what the ledger kept of it."""
    return Finding(**stored)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Sorted by kind as in `KINDS`, then by number, form and field: the order people see them in."""
    return sorted(findings, key=lambda one: (KINDS.index(one.kind), _number_order(one.number), one.form, one.due))


def _number_order(number: str) -> tuple[int, str]:
    return len(number), number


class DocumentError(TpdocsError):
    """A document cannot be read: the finding says why. The batch goes on without it."""

    def __init__(self, code: str, **parts: object) -> None:
        super().__init__(CODES[code].message, **parts)
        self.finding = Finding(code=code, parts={name: str(value) for name, value in parts.items()})

    def __str__(self) -> str:
        return translate("{message}. {advice}").format(message=self.finding.message(), advice=self.finding.advice())

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_document, (self.finding.code, self.parts)


def _rebuild_document(code: str, parts: dict[str, object]) -> DocumentError:
    return DocumentError(code, **parts)
