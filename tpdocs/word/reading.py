"""What a reader found: a result type that all three ways of finding a field share."""

from dataclasses import dataclass, field

from tpdocs.findings import Finding
from tpdocs.forms.fields import Field
from tpdocs.forms.standard import FormSpec
from tpdocs.forms.values import Raw

BY_CONTROL, BY_BOOKMARK, BY_LABEL = "control", "bookmark", "label"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to one field: raw text, ticked options, or rows; where it stands and how it was found."""

    path: str
    answer: Raw
    place: str
    how: str = BY_CONTROL


@dataclass(slots=True)
class Reading:
    """What one form says. `outside` is text that belongs to no field, `pictures` are (place, field, part).

    `start` is where it begins in a document that holds several.
    """

    form: FormSpec | None = None
    properties: dict[str, str] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    outside: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[tuple[str, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    start: str = ""

    def answers(self, form: str) -> dict[str, Raw]:
        """The answers of one form, by field name."""
        prefix = f"{form}."
        return {path[len(prefix) :]: one.answer for path, one in self.found.items() if path.startswith(prefix)}

    def text(self, path: str) -> str:
        """The answer of a field as text; empty when it was not found."""
        one = self.found.get(path)
        if one is None:
            return ""
        return "、".join(one.answer) if isinstance(one.answer, tuple) else str(one.answer).strip()

    def add(self, code: str, one: Field | None, place: str, **parts: str) -> None:
        """A finding about a field, or about none."""
        where = {"field": one.path, "label": one.label} if one else {}
        self.findings.append(Finding(code=code, place=place, parts=parts, **where))
