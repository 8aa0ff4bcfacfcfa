"""Values into the controls of a blank, or of a form somebody has filled already; everything else stays as it is."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from lxml import etree

from tpdocs.forms.fields import BOXES, NO, YES, Field, Kind
from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import Plain, Record, clean, text_of
from tpdocs.word.controls import Numbers, write_box, write_text
from tpdocs.word.package import CUSTOM_PART, Package, custom_properties, with_parts
from tpdocs.word.tags import Tag, parse_tag
from tpdocs.word.xml import BOOKMARK_END, BOOKMARK_START, ID, SDT, SDT_PR, TAG, TR, VAL, w


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
    """A form document that can be filled any number of times; each time gives a new file, itself it never changes."""

    def __init__(self, data: bytes) -> None:
        self._package = Package(data)
        self._parts = self._package.raw_parts()
        self._root = self._package.main
        self._tags: list[tuple[int, Tag]] = []
        for position, control in enumerate(self._root.iter(SDT)):
            named = control.find(f"{SDT_PR}/{TAG}")
            tag = parse_tag(named.get(VAL, "")) if named is not None else None
            if tag is not None:
                self._tags.append((position, tag))

    @property
    def paths(self) -> frozenset[str]:
        """The fields that the document has a place for."""
        return frozenset(tag.path for _, tag in self._tags)

    def fill(self, content: Content, properties: Mapping[str, str] | None = None) -> bytes:
        """The bytes of the document with the content written in and our custom properties set."""
        root = deepcopy(self._root)
        controls = list(root.iter(SDT))
        places: dict[str, list[tuple[Tag, etree._Element]]] = {}
        for position, tag in self._tags:
            places.setdefault(tag.path, []).append((tag, controls[position]))
        for path in content.values.keys() | {key.partition("[")[0] for key in content.raw}:
            if path in places:
                _write(FIELDS[path], places[path], content, root)
        replaced = {self._package.main_name: _bytes(root)}
        if properties:
            existing = self._package.read(CUSTOM_PART) if CUSTOM_PART in self._package.names else None
            replaced[CUSTOM_PART] = custom_properties(properties, existing)
        return with_parts(self._parts, replaced)


def _bytes(root: etree._Element) -> bytes:
    data: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return data


def _write(one: Field, places: list[tuple[Tag, etree._Element]], content: Content, root: etree._Element) -> None:
    path = one.path
    if one.kind is Kind.ROWS:
        _write_rows(one, places, content, root)
    elif one.kind in BOXES:
        ticked = _ticked(one, content.values.get(path), content.raw.get(path, ""))
        for tag, control in places:
            write_box(control, tag.option in ticked)
    else:
        text = clean(text_of(one, content.values.get(path)) or content.raw.get(path, ""))
        for _, control in places:
            write_text(control, one, text)


def _ticked(one: Field, value: Plain, raw: str) -> frozenset[str]:
    if value is None:
        return frozenset(raw.split("、"))
    if one.kind is Kind.YES_NO:
        return frozenset({YES if value else NO})
    return frozenset(value if isinstance(value, list) else [value])


def _write_rows(one: Field, places: list[tuple[Tag, etree._Element]], content: Content, root: etree._Element) -> None:
    rows: list[dict[str, Plain]] = content.values.get(one.path) or []
    cells: dict[int, dict[str, etree._Element]] = {}
    for tag, control in places:
        cells.setdefault(tag.row, {})[tag.column] = control
    numbers = sorted(cells)
    if len(rows) > len(numbers):
        _add_rows(cells, numbers, len(rows) - len(numbers), root)
    for position, number in enumerate(sorted(cells)):
        values = rows[position] if position < len(rows) else {}
        for column in one.columns:
            control = cells[number].get(column.name)
            if control is not None:
                raw = content.raw.get(f"{one.path}[{position + 1}].{column.name}", "")
                write_text(control, column, clean(_cell_text(column, values.get(column.name)) or raw))


def _cell_text(column: Field, value: Plain) -> str:
    if column.kind is Kind.ONE and value is not None:
        return next((choice.printed for choice in column.choices if choice.label == value), str(value))
    return text_of(column, value)


def _add_rows(cells: dict[int, dict[str, etree._Element]], numbers: list[int], more: int, root: etree._Element) -> None:
    """Clone the last row of a row table, with tags of its own and ids that nothing else has."""
    last = numbers[-1]
    row: etree._Element = next(parent for parent in next(iter(cells[last].values())).iterancestors(TR))
    fresh = Numbers(root)
    after: etree._Element = row
    for number in range(last + 1, last + more + 1):
        copied = deepcopy(row)
        cells[number] = {}
        for control in copied.iter(SDT):
            named = control.find(f"{SDT_PR}/{TAG}")
            tag = parse_tag(named.get(VAL, "")) if named is not None else None
            if named is None or tag is None or not tag.column:
                continue
            renamed = Tag(tag.path, number, tag.column, tag.option)
            named.set(VAL, str(renamed))
            for identity in control.findall(f"{SDT_PR}/{ID}"):
                identity.set(VAL, str(next(fresh.controls)))
            cells[number][tag.column] = control
        _renumber_bookmarks(copied, number, last, fresh)
        after.addnext(copied)
        after = copied


def _renumber_bookmarks(row: etree._Element, number: int, last: int, fresh: Numbers) -> None:
    ids: dict[str, str] = {}
    names = {
        Tag(tag.path, last, tag.column, tag.option).bookmark: Tag(tag.path, number, tag.column, tag.option).bookmark
        for tag in _tags_of(row)
    }
    for start in row.iter(BOOKMARK_START):
        ids[start.get(w("id"), "")] = fresh_id = str(next(fresh.bookmarks))
        start.set(w("id"), fresh_id)
        start.set(w("name"), names.get(start.get(w("name"), ""), f"tp_row_{fresh_id}"))
    for end in row.iter(BOOKMARK_END):
        end.set(w("id"), ids.get(end.get(w("id"), ""), end.get(w("id"), "")))


def _tags_of(row: etree._Element) -> list[Tag]:
    named = (one.get(VAL, "") for one in row.iter(TAG))
    return [tag for tag in map(parse_tag, named) if tag is not None]
