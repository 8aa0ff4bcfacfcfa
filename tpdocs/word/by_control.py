"""Finding fields by our controls, and reading the cell where the text ran out of the control."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tpdocs.forms.fields import OTHER, Field, Kind, normal_label
from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import shortened
from tpdocs.word.choices import cell_answers, chosen
from tpdocs.word.containers import Container, Control, TableRow, Walk
from tpdocs.word.layout import Layout, left_over, pieces_round_controls
from tpdocs.word.package import Package
from tpdocs.word.prompts import without_prompts
from tpdocs.word.reading import Found, Reading
from tpdocs.word.signs import TICKED, as_signs, is_ticked

_WORDS_OWN_PROMPTS = re.compile(
    r"(单击|点击)(或点击|此处|或点按)?(此处|以)?.{0,8}(输入|选择).{0,4}(文字|文本|日期)?。?|选择一项。?"
    r"|Click (or tap )?(here )?to enter (text|a date)\.?|Choose an item\.?"
)
_SHAPE_OF_A_PROMPT = re.compile(r"〔[^〔〕]*〕")


class ByControl:
    """Reads our controls and the cells they stand in into a reading; `loose` are the texts of places without any, `boxes` those of text boxes."""

    def __init__(self, reading: Reading, layout: Layout, package: Package) -> None:
        self.reading = reading
        self.layout = layout
        self.package = package
        self.ticks: dict[str, list[str]] = {}
        self.options: dict[str, set[str]] = {}
        self.unsure: dict[str, str] = {}
        self.others: dict[str, list[tuple[str, str]]] = {}
        self.loose: list[tuple[str, str]] = []
        self.signed: list[tuple[str, str]] = []
        self.boxes: list[tuple[str, str]] = []
        # A prompt whose control an editor took away is still no answer.
        self.prompts = layout.all_prompts

    def over(self, found: Walk) -> None:
        """Read a document."""
        in_tables = self._row_tables(found)
        for container in found.containers:
            if id(container) in in_tables:
                continue
            controls = container.controls
            if not controls:
                self._loose(container)
            elif len(controls) == 1 and not controls[0].tag.option:
                self._keep(controls[0].tag.path, self._text_of_cell(container, controls[0]), container.place)
            else:
                self._several(container, controls)
            for picture in container.pictures:
                self._picture(picture.relation, container, controls[0].tag.path if controls else "")
            self._text_boxes(container)
        for path, ticks in self.ticks.items():
            self.reading.found[path] = replace(self.reading.found[path], answer=self.unsure.get(path) or tuple(ticks))
            if self.options[path] < self.layout.options.get(path, frozenset()):
                # Some of its boxes have lost their controls: what is left of them is not the answer.
                del self.reading.found[path]
        self._repeated()

    def _text_boxes(self, container: Container) -> None:
        for box in container.text_boxes:
            if (text := box.text.strip()) and not self.layout.knows(text):
                self.boxes.append((container.place, text))

    def _loose(self, container: Container) -> None:
        text = container.loose_text.strip()
        if not text or text in self.prompts or self.layout.knows(text):
            return
        signed = self.layout.signed(text)
        if signed is None:
            self.loose.append((container.place, text))
            return
        self.signed.append((container.place, text))
        if signed:
            self.loose.append((container.place, signed))

    def _outside(self, place: str, text: str) -> None:
        self.reading.outside.append((place, text))

    def _several(self, container: Container, controls: list[Control]) -> None:
        around, pieces = self._around(controls), pieces_round_controls(container)
        for number, control in enumerate(controls):
            if control.tag.option:
                self._box(control, container.place, self._drawn_beside(control, pieces, around, number))
            else:
                text = self._without_prompt(control, control.text, container.place)
                chosen = self.ticks.get(f"{control.tag.path.partition('.')[0]}.{control.tag.field.other_of}", ())
                if number + 2 == len(pieces) == len(around) and not around[-1] and (text or OTHER in chosen):
                    text = self._with_what_follows(control, text, container.place, pieces)
                self._keep(control.tag.path, text, container.place)
        added = left_over("".join(pieces), "".join(around))
        if added and not self._ticked_in_text(container, controls, added):
            self._outside(container.place, added)

    def _ticked_in_text(self, container: Container, controls: list[Control], added: str) -> bool:
        """Whether nobody ticked a box and somebody typed ticks beside them: then the text of the cell is read."""
        paths = {control.tag.path for control in controls if control.tag.option}
        path = next(iter(paths), "")
        if len(paths) != 1 or self.ticks.get(path) or not set(as_signs(added)) & TICKED:
            return False
        if self.options[path] < self.layout.options.get(path, frozenset()):
            return False
        told = chosen(FIELDS[path], without_prompts(container.text, self.prompts))
        if told.unsure:
            self.unsure[path] = container.text.strip()
        self.ticks[path] = told.ticked
        for text in (*told.strange, *told.remarks):
            self._outside(container.place, text)
        return bool(told.unsure or told.ticked)

    def _drawn_beside(self, control: Control, pieces: list[str], around: tuple[str, ...], number: int) -> str:
        """A tick that somebody drew right before or after an empty box; taken out of the text there."""
        if is_ticked(control.text) is not False or len(around) != len(pieces):
            return ""
        before, after = pieces[number], pieces[number + 1]
        if after[:1] in TICKED and around[number + 1][:1] not in TICKED:
            pieces[number + 1] = after[1:]
            return after[:1]
        if before[-1:] in TICKED and around[number][-1:] not in TICKED:
            pieces[number] = before[:-1]
            return before[-1:]
        return ""

    def _with_what_follows(self, control: Control, text: str, place: str, pieces: list[str]) -> str:
        """The text of the last control of a cell with what ran out of it; taken out of what stands there."""
        after, pieces[-1] = pieces[-1].rstrip(), ""
        if not after.strip():
            return text
        whole = text + after if text else after.strip()
        self.reading.add("text_ran_out", control.tag.field, place, value=shortened(whole))
        return whole

    def _around(self, controls: list[Control]) -> tuple[str, ...]:
        for control in controls:
            if around := self.layout.round_controls.get(control.tag.layout_key):
                return around
        return ()

    def _box(self, control: Control, place: str, beside: str = "") -> None:
        tag, stored = control.tag, control.checked
        looks = is_ticked(control.text + beside)
        ticked = stored if looks is None else looks
        if looks is not None and stored is not None and looks is not stored:
            words = {True: "☑", False: "□"}
            facts = {"choice": tag.option, "look": words[looks], "stored": words[stored]}
            self.reading.add("mark_disagrees", tag.field, place, **facts)
        if looks is None and (sign := control.text.strip()):
            self._outside(place, sign)
        ticks = self.ticks.setdefault(tag.path, [])
        self.options.setdefault(tag.path, set()).add(tag.option)
        if tag.path not in self.reading.found:
            self.reading.found[tag.path] = Found(tag.path, (), place)
        if ticked and tag.option not in ticks:
            ticks.append(tag.option)

    def _keep(self, path: str, text: str, place: str) -> None:
        before = self.reading.found.get(path)
        if before is None or not before.answer:
            self.reading.found[path] = Found(path, text, place)
        elif text and text not in (before.answer, *(other for other, _ in self.others.get(path, ()))):
            self.others.setdefault(path, []).append((text, place))

    def _repeated(self) -> None:
        for path, others in self.others.items():
            first = self.reading.found[path]
            told = "；".join(shortened(text) for text, _ in others)
            values = {"value": shortened(str(first.answer)), "other_value": told, "count": str(len(others) + 1)}
            self.reading.add("repeated_field", FIELDS[path], others[0][1], **values)

    def _text_of_cell(self, container: Container, control: Control) -> str:
        """The control's text with whatever ran out of it into its cell; the template's own words there are taken off."""
        inside = self._without_prompt(control, control.text, container.place)
        around = self._around([control])
        if not container.loose_text.strip() or (not around and len(container.segments) == 1):
            return inside
        before, after = (*pieces_round_controls(container), "")[:2]
        expected = around if len(around) == 2 else ("", "")  # noqa: PLR2004 - before and after the one control
        before, after = left_over(before, expected[0]), left_over(after, expected[1])
        whole = (
            before + inside + after
            if not any(expected)
            else "\n".join(part for part in (before, inside, after) if part)
        )
        if before.strip() or after.strip():
            self.reading.add("text_ran_out", control.tag.field, container.place, value=shortened(whole))
            return self._without_prompt(control, whole, container.place) if inside else whole
        return inside

    def _without_prompt(self, control: Control, text: str, place: str) -> str:
        field = control.tag.field
        prompt = self.layout.prompts.get(control.tag.layout_key) or field.prompt
        bare = text.strip()
        if not bare or bare == prompt or _WORDS_OWN_PROMPTS.fullmatch(bare):
            return ""
        rest = _take_off(text, prompt)
        if rest != text:
            self.reading.add("prompt_left", field, place, value=shortened(rest))
        elif _SHAPE_OF_A_PROMPT.fullmatch(bare) and control.showing_prompt:
            # The prompt of another version of the form.
            return ""
        return rest

    def _row_tables(self, found: Walk) -> set[int]:
        """Read every row table; returns the ids of the containers that belong to one."""
        taken: set[int] = set()
        for here in found.rows:
            table = _table_of(here)
            if table is None or id(here.cells[0]) in taken:
                continue
            # The rows of a table inside a cell stand between those of the table round it.
            same = [row for row in found.rows if row.table == here.table]
            shape = _shape(row for row in same if _table_of(row) is table)
            _fill_from_header(shape, same[: same.index(here)], table)
            _join_partners(shape, table)
            # People also add rows above the first of ours, right below the header row, whose words are known.
            first = same.index(here)
            start = first
            while start and self._added_by_hand(same[start - 1], shape):
                start -= 1
            end = first
            while end < len(same) and (_table_of(same[end]) is table or self._added_by_hand(same[end], shape)):
                end += 1
            place = same[first].cells[0].place.rpartition(" ")[0]
            answers = [self._row(row, shape, table) for row in same[start:end]]
            taken |= {id(cell) for row in same[start:end] for cell in row.cells}
            known = self.reading.found.get(table.path)
            earlier = known.answer if known and isinstance(known.answer, list) else []
            self.reading.found[table.path] = Found(table.path, [*earlier, *answers], place)
        return taken

    def _added_by_hand(self, row: TableRow, shape: list[list[str]]) -> bool:
        if len(row.cells) != len(shape) or any(cell.controls for cell in row.cells):
            return False
        return not any(cell.loose_text.strip() and self.layout.knows(cell.loose_text) for cell in row.cells)

    def _row(self, row: TableRow, shape: list[list[str]], table: Field) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for cell, names in zip(row.cells, shape, strict=False):
            self._row_cell(cell, names, answer, table)
            self._text_boxes(cell)
            for picture in cell.pictures:
                part = self._picture(picture.relation, cell, table.path)
                if names and not answer.get(names[0]):
                    answer[names[0]] = f"[图片 {part.rpartition('/')[2]}]"
        if not any(cell.controls for cell in row.cells) and any(answer.values()):
            self.reading.add("row_without_boxes", table, row.cells[0].place)
        return answer

    def _row_cell(self, cell: Container, names: list[str], answer: dict[str, Any], table: Field) -> None:
        controls = cell.controls
        if names and not {one.tag.column for one in controls} >= set(names):
            # One of the two controls of a cell is lost: what it held stands there as text.
            text = without_prompts(cell.text, self.prompts).strip()
            column = next((one for one in table.columns if one.name == names[0]), None)
            answer |= cell_answers(column, text) if column else {names[0]: text}
        elif len(controls) == 1:
            answer[controls[0].tag.column] = self._text_of_cell(cell, controls[0])
        elif controls:
            around, pieces = self._around(controls), pieces_round_controls(cell)
            for number, control in enumerate(controls):
                text = self._without_prompt(control, control.text, cell.place)
                chosen = str(answer.get(control.tag.field.other_of) or "")
                if number + 2 == len(pieces) == len(around) and not around[-1] and (text or chosen.startswith(OTHER)):
                    text = self._with_what_follows(control, text, cell.place, pieces)
                answer[control.tag.column] = text
            if added := left_over("".join(pieces), "".join(around)):
                self._outside(cell.place, added)
        elif (text := cell.loose_text.strip()) and not self.layout.knows(text):
            self._outside(cell.place, text)

    def _picture(self, relation: str, container: Container, path: str) -> str:
        part = self.package.part_of(relation)
        if part:
            self.reading.pictures.append((container.place, path, part))
            if path and FIELDS[path].kind is not Kind.ROWS:
                self.reading.add("hidden_picture", FIELDS[path], container.place, value=part.rpartition("/")[2])
        return part


def _take_off(text: str, prompt: str) -> str:
    """`text` without the prompt at its ends, or round what was typed into the middle of it."""
    bare = text.strip()
    if bare.startswith(prompt):
        return bare[len(prompt) :].strip()
    if bare.endswith(prompt):
        return bare[: -len(prompt)].strip()
    if bare.startswith(prompt[:1]) and bare.endswith(prompt[-1:]):
        for cut in range(1, len(prompt)):
            head, tail = prompt[:cut], prompt[cut:]
            if bare.startswith(head) and bare.endswith(tail) and len(bare) > len(prompt):
                return bare[len(head) : len(bare) - len(tail)].strip()
    return text


def _table_of(row: TableRow) -> Field | None:
    for cell in row.cells:
        for control in cell.controls:
            if control.tag.column:
                return FIELDS[control.tag.path]
    return None


def _fill_from_header(shape: list[list[str]], above: list[TableRow], table: Field) -> None:
    """The columns that have lost their controls in every row, by the words above them."""
    if all(shape):
        return
    named = {name: column.name for column in table.columns if not column.other_of for name in column.names}
    for row in reversed(above):
        columns = [named.get(normal_label(cell.text)) for cell in row.cells]
        if len(columns) == len(shape) and any(columns):
            for names, column in zip(shape, columns, strict=True):
                if column and not names:
                    names.append(column)
            return


def _join_partners(shape: list[list[str]], table: Field) -> None:
    """A column and the one for its 其他 stand in one cell: where either is left, both belong there."""
    for names in shape:
        for column in table.columns:
            if column.other_of and (column.name in names) != (column.other_of in names):
                names[:] = [column.other_of, column.name]


def _shape(rows: Iterable[TableRow]) -> list[list[str]]:
    """Which columns stand in which cell, from all rows together: one of them may have lost a control."""
    shape: list[list[str]] = []
    for row in rows:
        for position, cell in enumerate(row.cells):
            names = [control.tag.column for control in cell.controls if control.tag.column]
            if position == len(shape):
                shape.append(names)
            elif not shape[position]:
                shape[position] = names
    return shape
