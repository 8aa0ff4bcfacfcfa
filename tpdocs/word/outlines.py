"""What a document says as a form, as the label reader gives it."""

from dataclasses import dataclass, field

from tpdocs.word.signs import Option

BESIDE, BELOW, INLINE, MATRIX = "beside", "below", "inline", "matrix"


@dataclass(slots=True)
class Pair:
    """A label with its value; `group` is the label of the group it stands in, `heading` the last one before it, `written` the value as it was typed."""

    label: str
    value: str
    place: str
    how: str
    group: str = ""
    heading: str = ""
    options: list[Option] = field(default_factory=list)
    written: str = ""

    @property
    def name(self) -> str:
        """The label with its group: ``组/标签``."""
        return f"{self.group}/{self.label}" if self.group else self.label


@dataclass(slots=True)
class HeadedRows:
    """Rows under a header row."""

    label: str
    columns: list[str]
    rows: list[list[str]]
    places: list[str]
    place: str


@dataclass(slots=True)
class Outline:
    """What a document says as a form: pairs (with options where the value is boxes), row tables, and everything else.

    `bare` are labels with nothing beside them; a table whose rows are all empty has none.
    """

    pairs: list[Pair] = field(default_factory=list)
    bare: list[Pair] = field(default_factory=list)
    tables: list[HeadedRows] = field(default_factory=list)
    outside: list[tuple[str, str]] = field(default_factory=list)
    headings: list[tuple[str, str]] = field(default_factory=list)
