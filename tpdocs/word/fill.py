"""Values into the controls of a blank, or of a form somebody has filled already; everything else stays as it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tpdocs.forms.fields import BOXES, NO, YES, Field, Kind
from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import Plain, Record, clean, text_of
from tpdocs.word.package import Package, PropertyParts, with_parts
from tpdocs.word.pieces import Slot, cut, fresh_ids
from tpdocs.word.xml import as_strict, is_strict


@dataclass(slots=True)
class Content:
    """What to write, by field path: `values` as the record keeps them (None clears), `raw` texts that are no values."""

    values: dict[str, Plain] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)

    def add(self, record: Record) -> "Content":
        """Also everything of a record."""
        self.values |= {f"{record.form}.{name}": value for name, value in record.values.items()}
        self.raw |= {f"{record.form}.{name}": text for name, text in record.raw.items()}
        return self


class FormDocument:
    """A form document that can be filled any number of times; each time gives a new file, itself it never changes.

    With `only`, a field's path, nothing but that field can be filled, and it is ready sooner.
    """

    def __init__(self, data: bytes, only: str = "") -> None:
        package = Package(data)
        self._main_name = package.main_name
        self._parts = package.raw_parts()
        self._properties = PropertyParts(package)
        self._strict = is_strict(package.read(package.main_name))
        self._cut = cut(package.main, only)
        self._slots: dict[str, list[Slot]] = {}
        for slot in self._cut.slots:
            self._slots.setdefault(slot.tag.path, []).append(slot)

    @property
    def paths(self) -> frozenset[str]:
        """The fields that the document has a place for."""
        return frozenset(self._slots)

    def fill(self, content: Content, properties: Mapping[str, str] | None = None) -> bytes:
        """The bytes of the document with the content written in and our custom properties set."""
        out = self._cut.pieces.copy()
        ids = fresh_ids()
        for path in content.values.keys() | {key.partition("[")[0] for key in content.raw}:
            if path in self._slots:
                self._write(FIELDS[path], content, out, ids)
        main = b"".join(out)
        replaced = {self._main_name: as_strict(main) if self._strict else main}
        if properties:
            replaced |= self._properties.holding(properties)
        return with_parts(self._parts, replaced)

    def fill_each(self, path: str, texts: Sequence[str | None]) -> bytes | None:
        """The bytes with a text for each place of a field, in order, None leaving it as it is; None where there are more or fewer places."""
        slots = self._slots.get(path, [])
        if len(slots) != len(texts):
            return None
        out = self._cut.pieces.copy()
        for slot, text in zip(slots, texts, strict=True):
            if text is not None:
                self._cut.write_text(out, slot, clean(text))
        main = b"".join(out)
        return with_parts(self._parts, {self._main_name: as_strict(main) if self._strict else main})

    def _write(self, one: Field, content: Content, out: list[bytes], ids: Iterator[int]) -> None:
        path, slots = one.path, self._slots[one.path]
        if one.kind is Kind.ROWS:
            self._write_rows(one, content, out, ids)
        elif one.kind in BOXES:
            ticked = _ticked(one, content.values.get(path), content.raw.get(path, ""))
            for slot in slots:
                self._cut.write_box(out, slot, ticked=slot.tag.option in ticked)
        else:
            text = clean(text_of(one, content.values.get(path)) or content.raw.get(path, ""))
            for slot in slots:
                self._cut.write_text(out, slot, text)

    def _write_rows(self, one: Field, content: Content, out: list[bytes], ids: Iterator[int]) -> None:
        rows: list[dict[str, Plain]] = content.values.get(one.path) or []
        lines: dict[int, list[Slot]] = {}
        for slot in self._slots[one.path]:
            lines.setdefault(slot.tag.row, []).append(slot)
        numbers = sorted(lines)
        for position, number in enumerate(numbers):
            self._write_row(
                one, position + 1, rows[position] if position < len(rows) else {}, lines[number], content, out
            )
        last = self._cut.rows[one.path]
        added: list[bytes] = []
        for position in range(len(numbers), len(rows)):
            copied, slots = self._cut.cloned_row(last, numbers[-1] + position - len(numbers) + 1, ids)
            self._write_row(one, position + 1, rows[position], slots, content, copied)
            added += copied
        if added:
            out[last.end] = b"".join(added)

    def _write_row(
        self, one: Field, position: int, values: dict[str, Plain], slots: list[Slot], content: Content, out: list[bytes]
    ) -> None:
        for slot in slots:
            name = slot.tag.column
            raw = content.raw.get(f"{one.path}[{position}].{name}", "")
            self._cut.write_text(out, slot, clean(_cell_text(slot.field, values.get(name)) or raw))


def _ticked(one: Field, value: Plain, raw: str) -> frozenset[str]:
    if value is None:
        return frozenset(raw.split("、"))
    if one.kind is Kind.YES_NO:
        return frozenset({YES if value else NO})
    return frozenset(value if isinstance(value, list) else [value])


def _cell_text(column: Field, value: Plain) -> str:
    if column.kind is Kind.ONE and value is not None:
        return next((choice.printed for choice in column.choices if choice.label == value), str(value))
    return text_of(column, value)
