"""Every fault of a template in one go, each with its place."""

import re
from collections import Counter
from dataclasses import dataclass, field

from tpdocs.errors import TpdocsError
from tpdocs.findings import DocumentError, Finding
from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.standard import FIELDS, FORMS, IDENTITY, FormSpec, find_form
from tpdocs.word.containers import Container
from tpdocs.word.package import Package
from tpdocs.word.template import make_blank
from tpdocs.word.walk import walk
from tpdocs.word.xml import parse_xml

_TAG = re.compile(r"\{\{(?P<value>.*?)\}\}|\{%(?P<statement>.*?)%\}|\{#.*?#\}")
# Half a tag, or one with single, spaced or full-width braces, which an input method writes.
_STRAY = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|[{｛][\s{｛_]*[a-z]+\.[a-z_]+[\s}｝_]*[}｝]|\0[}｝]|[{｛]\0")
_LOOP = re.compile(r"tr\s+for\s+(?P<name>[A-Za-z_]\w*)\s+in\s+(?P<path>[\w.]+)")
_FORM_FACTS = frozenset({"form.code", "form.title", "form.version"})
_CODE = re.compile(r"F\d\d", re.IGNORECASE)
_SIDE_PARTS = ((re.compile(r"word/header\d*\.xml"), "页眉"), (re.compile(r"word/footer\d*\.xml"), "页脚"))
_SIDES = frozenset(words for _, words in _SIDE_PARTS)
_NEARBY = 20


@dataclass(slots=True)
class _Loop:
    name: str
    table: Field | None
    place: str
    text: str
    columns: set[str] = field(default_factory=set)


def template_faults(data: bytes, name: str) -> list[Finding]:
    """The faults of a template; `name` is its file name, whose code says which form it is."""
    try:
        package = Package(data)
        places = [(container, container.place) for container in walk(package.main).containers]
        for pattern, words in _SIDE_PARTS:
            for part in sorted(filter(pattern.fullmatch, package.names)):
                places += [(one, words) for one in walk(parse_xml(package.read(part), part)).containers]
    except DocumentError as error:
        return [error.finding]
    checker = _Checker(_form_of(name, places))
    for container, place in places:
        checker.look_at(container, place)
    return checker.finish(data)


def _form_of(name: str, places: list[tuple[Container, str]]) -> FormSpec | None:
    """By the code in the file's name, else by whose tags are most."""
    code = _CODE.match(name)
    if code and (form := find_form(code[0])):
        return form
    keys = Counter(
        match["value"].strip().partition(".")[0]
        for one, _ in places
        for match in _TAG.finditer(one.loose_text)
        if match["value"]
    )
    del keys["report"], keys["form"]
    return FORMS.get(keys.most_common(1)[0][0]) if keys else FORMS["report"]


class _Checker:
    def __init__(self, form: FormSpec | None) -> None:
        self.form = form
        self.found: list[Finding] = []
        self.seen: set[str] = set()
        self.loops: list[_Loop] = []

    def look_at(self, container: Container, place: str) -> None:
        for box in container.text_boxes:
            # What stands in a text box belongs to no cell, so it would not come back.
            for match in _TAG.finditer(box.text):
                self._find("template_not_allowed", place, match[0])
        text = container.loose_text
        for match in _TAG.finditer(text):
            if match["value"] is not None:
                self._value(match["value"].strip(" -"), match[0], place)
            elif match["statement"] is not None:
                self._statement(match["statement"].strip(" -"), match[0], container, place)
            else:
                self._find("template_not_allowed", place, match[0])
        rest = _TAG.sub("\0", text)
        for stray in _STRAY.finditer(rest):
            near = rest[max(0, stray.start() - 2) : stray.start() + _NEARBY].replace("\0", " ").strip()
            self._find("template_broken_tag", place, near, open="{{", close="}}")

    def _value(self, path: str, tag: str, place: str) -> None:
        if path in _FORM_FACTS:
            return
        if not re.fullmatch(r"[\w.]+", path):
            self._find("template_not_allowed", place, tag)
            return
        owner, _, name = path.partition(".")
        loop = next((one for one in reversed(self.loops) if one.name == owner), None)
        if loop is not None:
            if loop.table is not None and name not in {
                column.name for column in loop.table.columns if not column.other_of
            }:
                self._find("template_unknown_field", place, tag)
            elif name in loop.columns:
                self._find("template_repeated", place, tag)
            loop.columns.add(name)
            return
        self._field(FIELDS.get(path), path, tag, place)

    def _field(self, one: Field | None, path: str, tag: str, place: str) -> None:
        if one is None or one.other_of:
            self._find("template_unknown_field", place, tag)
            return
        if self.form is not None and path not in self.form.shows:
            self._find("template_foreign_field", place, tag)
        elif one.kind is Kind.ROWS:
            self._find("template_loop", place, tag, example=_example(one))
        elif place in _SIDES:
            # Headers and footers are neither filled nor read: they may be those of another document.
            self._find("template_not_allowed", place, tag)
            return
        elif path in self.seen:
            self._find("template_repeated", place, tag)
        self.seen.add(path)

    def _statement(self, words: str, tag: str, container: Container, place: str) -> None:
        if re.fullmatch(r"tr\s+endfor", words):
            if not self.loops:
                self._find("template_broken_tag", place, tag, open="{%tr for ... %}", close="{%tr endfor %}")
            else:
                self._end_loop(self.loops.pop())
        elif match := _LOOP.fullmatch(words):
            table = FIELDS.get(match["path"])
            if place in _SIDES:
                self._find("template_not_allowed", place, tag)
            elif table is None or table.kind is not Kind.ROWS or container.row is None:
                self._find("template_loop", place, tag, example=_example(FIELDS["investigation.steps"]))
                table = None
            elif self.form is not None and table.path not in self.form.shows:
                self._find("template_foreign_field", place, tag)
            else:
                if table.path in self.seen:
                    self._find("template_repeated", place, tag)
                self.seen.add(table.path)
            self.loops.append(_Loop(match["name"], table, place, tag))
        elif re.match(r"(tr\s+|p\s+|tc\s+|r\s+)?(for|endfor)\b", words):
            self._find("template_loop", place, tag, example=_example(FIELDS["investigation.steps"]))
            return
        else:
            self._find("template_not_allowed", place, tag)
            return
        if container.row is not None and "".join(cell.loose_text for cell in container.row.cells).strip() != tag:
            self._find("template_loop_text", place, tag)

    def _end_loop(self, loop: _Loop) -> None:
        for column in loop.table.columns if loop.table else ():
            if column.required and column.name not in loop.columns:
                value = f"{{{{ {loop.name}.{column.name} }}}}"
                self._find("template_no_place", loop.place, value, label=column.label)

    def finish(self, data: bytes) -> list[Finding]:
        for loop in self.loops:
            self._find("template_broken_tag", loop.place, loop.text, open="{%tr for ... %}", close="{%tr endfor %}")
        if self.form is not None:
            own = [one for one in self.form.fields if one.required]
            if set(IDENTITY) & set(self.form.shows):
                own.insert(0, FIELDS["report.number"])
            for one in own:
                if one.path not in self.seen:
                    value = _example(one) if one.kind is Kind.ROWS else f"{{{{ {one.path} }}}}"
                    self._find("template_no_place", "", value, label=one.label)
            if not self.found:
                self._expand(data)
        return self.found

    def _expand(self, data: bytes) -> None:
        """What only the template engine itself can see."""
        assert self.form is not None  # noqa: S101 - checked by the caller
        try:
            make_blank(self.form, data)
        except TpdocsError as error:
            self._find("template_fails", "", str(error.parts.get("error", error)))

    def _find(self, code: str, place: str, value: str, **parts: str) -> None:
        form = self.form
        words = {"value": value, "form_name": form.name if form else "", **parts}
        label = words.pop("label", "")
        self.found.append(Finding(code=code, place=place, form=form.code if form else "", label=label, parts=words))


def _example(table: Field) -> str:
    return f"{{%tr for row in {table.path} %}}"
