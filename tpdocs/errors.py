"""Being unable to go on is an exception with an exit code; a fault in a document is a `Finding`, a value."""

from tpdocs.language import compose

DONE, NEEDS_A_PERSON, USAGE, CANNOT_GO_ON = 0, 1, 2, 3


class TpdocsError(Exception):
    """tpdocs cannot go on. The message says what is wrong, where, and what to do next."""

    exit_code = CANNOT_GO_ON

    def __init__(self, message: str, **parts: object) -> None:
        super().__init__(message)
        self.template = message
        self.parts = parts

    def __str__(self) -> str:
        return compose(self.template, self.parts)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword parts must survive the way back from a worker process.
        return _rebuild, (type(self), self.template, self.parts)


def _rebuild(kind: type[TpdocsError], template: str, parts: dict[str, object]) -> TpdocsError:
    return kind(template, **parts)


class UsageError(TpdocsError):
    """The command was called with something that cannot be."""

    exit_code = USAGE


class NotWrittenError(TpdocsError):
    """A file could not be written, most often because another program holds it open."""

    exit_code = NEEDS_A_PERSON
