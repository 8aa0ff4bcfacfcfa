"""How a control is named: tag, alias and bookmark of a field, of one of its boxes, of a cell in one of its rows."""

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from tpdocs.forms.fields import Field
from tpdocs.forms.standard import FIELDS, field_at

_TAG = re.compile(r"(?P<path>[a-z]+\.[a-z0-9_]+)(?:\[(?P<row>\d{1,6})\]\.(?P<column>[a-z0-9_]+))?(?::(?P<option>.+))?")
_BOOKMARK_LENGTH = 40


@dataclass(frozen=True)
class Tag:
    """What a control stands for. `path` is the field, `row` (from 1) and `column` are set in row tables."""

    path: str
    row: int = 0
    column: str = ""
    option: str = ""

    def __str__(self) -> str:
        cell = f"[{self.row}].{self.column}" if self.column else ""
        return f"{self.path}{cell}" + (f":{self.option}" if self.option else "")

    @cached_property
    def field(self) -> Field:
        """The declaration of the field or column."""
        found = field_at(f"{self.path}.{self.column}" if self.column else self.path)
        if found is None:
            raise KeyError(self.path, self.column)
        return found

    @cached_property
    def layout_key(self) -> str:
        """The tag, in row tables that of the same cell of row 1: what all rows of a table have in common."""
        return str(Tag(self.path, 1, self.column, self.option) if self.column else self)

    @cached_property
    def bookmark(self) -> str:
        """The bookmark round the control: at most 40 characters, a hash where the path is longer."""
        option = ""
        if self.option:
            labels = [choice.label for choice in self.field.options]
            option = f"_{labels.index(self.option) + 1}"
        cell = f"_{self.row}_{self.column}" if self.column else ""
        name = f"tp_{self.path.replace('.', '_')}{cell}{option}"
        if len(name) <= _BOOKMARK_LENGTH:
            return name
        return f"{name[:31]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


@lru_cache(maxsize=16384)
def parse_tag(text: str) -> Tag | None:
    """The tag that the text of a ``w:tag`` is, or None when it is none of ours."""
    match = _TAG.fullmatch(text)
    if match is None or match["path"] not in FIELDS:
        return None
    tag = Tag(match["path"], int(match["row"] or 0), match["column"] or "", match["option"] or "")
    field = field_at(f"{tag.path}.{tag.column}" if tag.column else tag.path)
    if field is None or (tag.option and tag.option not in {choice.label for choice in field.options}):
        return None
    return tag
