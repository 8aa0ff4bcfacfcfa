"""What an older LibreOffice wrote several times over and another program then made plain text of: read once, and told."""

from dataclasses import replace

from tpdocs.forms.fields import BOXES, Field, Kind
from tpdocs.forms.standard import FIELDS, FormSpec
from tpdocs.forms.values import Raw, shortened
from tpdocs.word.containers import Walk
from tpdocs.word.echoes import said_once
from tpdocs.word.reading import BY_CONTROL, Reading

_NO_CHANCE = 3  # cells of one form that each say the same three or four times over


def say_once(reading: Reading, found: Walk) -> None:
    """Texts that stand there several times (see `echoes`), where the document shows that a program did it; each is told."""
    if any(one.how == BY_CONTROL for one in reading.found.values()) or not _is_proved(found):
        return
    for path, one in reading.found.items():
        answer, once = _said_once(one.answer)
        if not once:
            continue
        reading.found[path] = replace(one, answer=answer)
        reading.add("text_repeated", FIELDS[path], one.place, value=shortened(once[0]))
        table = one.place.partition(" ")[0] if isinstance(answer, list) else ""
        for container in found.containers:
            here = container.place.partition(" ")[0] == table if table else container.place == one.place
            if here and any(f"\n{text[:8]}" in container.text for text in once):
                found.run_together.add(container.place)


def _is_proved(found: Walk) -> bool:
    texts = [one.text for one in found.containers if one.text]
    told = [said_once(text) for text in texts]
    again = sum(1 for text, (once, _) in zip(texts, told, strict=True) if once != text)
    return any(proof for _, proof in told) or again >= _NO_CHANCE


def _said_once(answer: Raw) -> tuple[Raw, list[str]]:
    """An answer without its repetitions, and the texts that had any."""
    changed: list[str] = []

    def once(text: object) -> object:
        if not isinstance(text, str):
            return text
        told, _ = said_once(text)
        if told != text:
            changed.append(told)
        return told

    if isinstance(answer, list):
        return [{name: once(cell) for name, cell in row.items()} for row in answer], changed
    return (str(once(answer)) if isinstance(answer, str) else answer), changed


def tell_lost_lines(reading: Reading, form: FormSpec, found: Walk) -> None:
    """A finding for each field whose line ends an editor has lost."""
    for alias in sorted(found.doubled):
        reading.add("lines_lost", _labelled(form, alias), "", value=alias)
    for one in _run_together(reading, found):
        reading.add("lines_lost", one, "", value=one.label)


def _run_together(reading: Reading, found: Walk) -> list[Field]:
    """The fields with a text whose lines an editor has run together, by where it stands."""
    tables = {place.partition(" ")[0] for place in found.run_together if " " in place}
    wrong = []
    for path, answer in sorted(reading.found.items()):
        one = FIELDS[path]
        rows = one.kind is Kind.ROWS and answer.place.partition(" ")[0] in tables
        if rows or (one.kind not in BOXES and answer.place in found.run_together):
            wrong.append(one)
    return wrong


def _labelled(form: FormSpec, label: str) -> Field | None:
    """The field, or the row table with the column, that our controls of that name belong to."""
    for path in form.shows:
        one = FIELDS[path]
        if label in (one.label, *(column.label for column in one.columns)):
            return one
    return None
