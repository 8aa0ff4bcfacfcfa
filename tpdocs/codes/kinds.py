"""What a code says of all its findings: kind, severity, words, advice."""

from dataclasses import dataclass

MISSING, INVALID, INCONSISTENT = "missing", "invalid", "inconsistent"
OVERDUE, DUE_SOON, CONFLICT, DOCUMENT = "overdue", "due_soon", "conflict", "document"
KINDS = (OVERDUE, INVALID, INCONSISTENT, CONFLICT, MISSING, DUE_SOON, DOCUMENT)
ERROR, WARNING, INFO = "error", "warning", "info"
FAILING_KINDS = (OVERDUE, INVALID, INCONSISTENT, CONFLICT)


@dataclass(frozen=True, slots=True)
class Code:
    """What is the same for every finding of one code: its kind, how grave it is, its words and its advice."""

    kind: str
    severity: str
    message: str
    advice: str
