"""Finding fields by their labels: for forms that lost their controls on the way, or never had any."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from tpdocs.forms.fields import BOXES, Field, Kind, normal_label
from tpdocs.forms.standard import ALL_FORMS, FIELDS, FORMS, FormSpec
from tpdocs.forms.values import Raw
from tpdocs.word.choices import cell_answers, chosen
from tpdocs.word.containers import Walk
from tpdocs.word.labels import vocabulary
from tpdocs.word.lines import without_signature_lines
from tpdocs.word.outlines import BESIDE, HeadedRows, Outline, Pair
from tpdocs.word.pairs import outline
from tpdocs.word.prompts import without_prompts
from tpdocs.word.reading import BY_LABEL, Found
from tpdocs.word.signs import has_marks, ticks_among

_CODE = re.compile(r"^f\d\d")
_ENOUGH, _FIRST_LINES, _LONGEST_LABEL = 3, 12, 60


@dataclass(frozen=True, slots=True)
class Labelled:
    """The answer that stands at a field's label: raw text, ticked options, or rows. `strange` is what stands there and is none of its choices."""

    path: str
    answer: Raw
    place: str
    other: str = ""
    strange: tuple[str, ...] = ()

    @property
    def as_found(self) -> Found:
        """The answer as all ways give it."""
        return Found(self.path, self.answer, self.place, BY_LABEL)


@dataclass(slots=True)
class ByLabel:
    """What the labels of a form lead to; a field met again keeps its later answers apart. `outside` is everything else."""

    found: dict[str, Labelled] = field(default_factory=dict)
    again: list[Labelled] = field(default_factory=list)
    outside: list[tuple[str, str]] = field(default_factory=list)


def find_by_label(found: Walk, form: FormSpec, prompts: frozenset[str] = frozenset()) -> ByLabel:
    """The fields of a form by their labels; `prompts` are no answers."""
    made = outline(found, vocabulary(form))
    return _Finder(form, made, prompts).result


def form_by_title(found: Walk) -> FormSpec | None:
    """The form whose title stands in the document before anything else, else the one whose labels stand there."""
    for container in found.containers[:_FIRST_LINES]:
        for line in container.text.split("\n"):
            if form := names_form(line):
                return form
    texts = {normal_label(one.text) for one in found.containers if len(one.text) < _LONGEST_LABEL}
    counts = {form.code: len(texts & vocabulary(form).fields.keys()) for form in ALL_FORMS[1:]}
    best = sorted(ALL_FORMS[1:], key=lambda form: -counts[form.code])[:2]
    needed = max(_ENOUGH, len(vocabulary(best[0]).fields) // 3)
    if counts[best[0].code] >= needed and counts[best[0].code] > counts[best[1].code]:
        return best[0]
    return None


def names_form(text: str) -> FormSpec | None:
    """The form whose title a text is, with its code before it or without."""
    return _titles().get(_CODE.sub("", normal_label(text))) if len(text) < _LONGEST_LABEL else None


@lru_cache
def _titles() -> dict[str, FormSpec]:
    return {normal_label(form.title): form for form in ALL_FORMS}


class _Finder:
    def __init__(self, form: FormSpec, made: Outline, prompts: frozenset[str]) -> None:
        self.form = form
        self.words = vocabulary(form)
        self.prompts = sorted(prompts, key=len, reverse=True)
        self.result = ByLabel(outside=list(made.outside))
        for pair in (*made.pairs, *made.bare):
            self._pair(pair)
        for table in made.tables:
            self._rows(table)

    def _pair(self, pair: Pair) -> None:
        candidates = [one for one in self.words.fields.get(normal_label(pair.label), ()) if not one.row_of]
        one = self._nearest(candidates, pair.heading)
        if one is None or one.kind is Kind.ROWS:
            # Rows stand under a header; a text beside the name of a row table is no row.
            if pair.value:
                self.result.outside.append((pair.place, f"{pair.label}：{pair.value}"))
            return
        self._keep(self._answer(one, pair))

    def _bare(self, text: str) -> str:
        return without_prompts(text, self.prompts)

    def _nearest(self, candidates: list[Field], heading: str) -> Field | None:
        """Of the fields that share a label, that of the stage whose heading stands above it, else the first not yet met."""
        if len(candidates) < 2:  # noqa: PLR2004
            return candidates[0] if candidates else None
        for one in candidates:
            if normal_label(FORMS[one.form].title) in normal_label(heading):
                return one
        return next((one for one in candidates if one.path not in self.result.found), candidates[0])

    def _answer(self, one: Field, pair: Pair) -> Labelled:
        if one.kind in BOXES and pair.options and not pair.value:
            ticked, other, strange = ticks_among(one, pair.options)
            return Labelled(one.path, ticked, pair.place, other, tuple(strange))
        if one.kind in BOXES and has_marks(pair.value):
            told = chosen(one, self._bare(pair.written or pair.value))
            # Where a mark may belong to either of two choices, what stands there is told as it is.
            answer = pair.value if told.unsure else tuple(told.ticked)
            return Labelled(one.path, answer, pair.place, told.other, (*told.strange, *told.remarks))
        # A first line set in by blanks is part of a longer text; round a short one blanks say nothing.
        whole = one.kind is Kind.LONG and pair.how == BESIDE and pair.value
        return Labelled(
            one.path, without_signature_lines(self._bare(pair.written if whole else pair.value)), pair.place
        )

    def _keep(self, answer: Labelled) -> None:
        before = self.result.found.get(answer.path)
        if before is None or (answer.answer and not before.answer):
            self.result.found[answer.path] = answer
        elif answer.answer and answer.answer != before.answer:
            self.result.again.append(answer)
        if answer.other:
            path = f"{answer.path}_other"
            self.result.found.setdefault(path, Labelled(path, answer.other, answer.place))

    def _rows(self, table: HeadedRows) -> None:
        one = self._table_of(table)
        if one is None:
            text = "\n".join("；".join(part for part in row if part) for row in [table.columns, *table.rows])
            self.result.outside.append((table.place, text))
            return
        names = {name: column for column in one.columns for name in column.names if not column.other_of}
        columns = [names.get(normal_label(label)) for label in table.columns]
        answers = [_row_answer(columns, [self._bare(text) for text in row]) for row in table.rows]
        for row, place in zip(table.rows, table.places, strict=True):
            for column, text in zip(columns, row, strict=False):
                if column is None and text:
                    self.result.outside.append((place, text))
        place = table.places[0].rpartition(" ")[0] if table.places else table.place
        known = self.result.found.get(one.path)
        earlier = known.answer if known is not None and isinstance(known.answer, list) else []
        kept = [row for row in answers if any(row.values())]
        self.result.found[one.path] = Labelled(one.path, [*earlier, *kept], place)

    def _table_of(self, table: HeadedRows) -> Field | None:
        """The row table of the form that most of the columns belong to; the heading above decides between equals."""
        labels = {normal_label(label) for label in table.columns}
        best: tuple[int, int, Field] | None = None
        for path in self.form.shows:
            one = FIELDS[path]
            if one.kind is not Kind.ROWS:
                continue
            met = sum(1 for column in one.columns if labels & set(column.names))
            named = int(any(name in normal_label(table.label) for name in one.names))
            if met and (best is None or (met, named) > best[:2]):
                best = met, named, one
        return best[2] if best and best[0] * 2 >= len(labels) else None


def _row_answer(columns: Iterable[Field | None], row: list[str]) -> dict[str, str]:
    answer: dict[str, str] = {}
    for column, text in zip(columns, row, strict=False):
        if column is None:
            continue
        answer |= cell_answers(column, text.strip())
    return answer
