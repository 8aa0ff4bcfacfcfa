"""Boxes and ticks as people see them in a text: which option is ticked, whatever signs stand for it, before or after it."""

import re
from dataclasses import dataclass
from itertools import pairwise

from tpdocs.forms.fields import NO, OTHER, YES, Field, Kind
from tpdocs.forms.values import squeezed

# The private-use signs are those of Wingdings, as they arrive where an editor kept the sign and lost the font.
TICKED = frozenset("☑☒√✓✔✅■▣⊠\uf0fe\uf0fd\uf0fc\uf052\uf050\uf053\uf054")
EMPTY = frozenset("□☐▢◻\uf0a8\uf06f\uf071\uf072\uf0a3\uf030")
_TYPED_TICKS = frozenset("VvＶ")  # typed over a box; inside a text they are letters
_BRACKETED = re.compile(r"[\[［(（]([\s\u3000]+|[\s\u3000]*[xX×√✓✔vV■☑][\s\u3000]*)[\]］)）]")
_CROSSES = frozenset("×xXvV")
_ROUND = re.compile(r"[(（]")
_MARK = re.compile(f"(?:[{''.join(sorted(TICKED | EMPTY))}][ \\u3000]{{0,2}})+")
_BARE_TICK = "[√✓✔✅]"
_TICK_BEHIND = re.compile(rf"(?<=[^\s□☐▢◻;；,，、/|]){_BARE_TICK}(?=$|[\s;；,，、/|])")
_WORD = re.compile(rf"({_BARE_TICK}?)([^\s;；,，、/|√✓✔✅]+)({_BARE_TICK}?)")
_FILLER = "_＿ \t\u3000"
_LINE = re.compile(r"^[_＿]{2,}\s*|\s*[_＿]{2,}$|^[_＿]+$")
_BETWEEN = " \t\u3000;；,，、/|"


_HINT = re.compile("[（(][^（）()]*[填打划画勾选涂用][^（）()]*[√✓□■☑☐][^（）()]*[)）]")


@dataclass(frozen=True, slots=True)
class Option:
    """An option with its mark."""

    text: str
    ticked: bool


def is_ticked(text: str) -> bool | None:
    """Whether a box that holds just this text is ticked; None when the text is no sign."""
    signs = set(text)
    if signs & TICKED or (signs and signs <= _TYPED_TICKS):
        return True
    return False if signs & EMPTY else None


def has_marks(text: str) -> bool:
    """Whether there is a box or tick in a text."""
    return _MARK.search(as_signs(text)) is not None


def options_in(text: str) -> list[Option]:
    """The options of a text, line by line: where a line ends with a mark its marks stand after the options, else before.

    On 193 lines of real forms this rule had no exception.
    """
    found: list[Option] = []
    for line in as_signs(text).split("\n"):
        if (words := _ticked_words(line)) is not None:
            found += words
            continue
        line = _into_its_box(line)  # noqa: PLW2901
        marks = list(_MARK.finditer(line))
        if not marks:
            if found and line.strip():
                # The end of an option that did not fit on its line.
                found[-1] = Option(f"{found[-1].text}\n{line.strip()}", found[-1].ticked)
            continue
        after = not line[marks[-1].end() :].strip(_BETWEEN + _FILLER) and bool(line[: marks[0].start()].strip(_BETWEEN))
        edges = [0, *(mark.end() for mark in marks)] if after else [*(mark.start() for mark in marks), len(line)]
        for number, mark in enumerate(marks):
            part = line[edges[number] : mark.start()] if after else line[mark.end() : edges[number + 1]]
            if option := part.strip(_BETWEEN):
                found.append(Option(option, bool(set(mark[0]) & TICKED)))
    return found


def _into_its_box(line: str) -> str:
    """A line of boxes with a tick behind an option put into the box before it: ``□是√ □否``."""
    if line.lstrip()[:1] not in EMPTY or not _TICK_BEHIND.search(line):
        return line
    signs = list(line)
    for match in _TICK_BEHIND.finditer(line):
        own = next((at for at in range(match.start() - 1, -1, -1) if signs[at] in EMPTY or signs[at] in TICKED), -1)
        if own >= 0 and signs[own] in EMPTY:
            signs[own], signs[match.start()] = "☑", " "
    return "".join(signs)


def _ticked_words(line: str) -> list[Option] | None:
    """The words of a line without boxes in which a tick stands between words: the one it touches is ticked, none where it touches both or neither."""
    signs = [sign for sign in line if sign in TICKED or sign in EMPTY]
    if not signs or any(sign not in "√✓✔✅" for sign in signs):
        return None
    inside = line.strip(_BETWEEN + _FILLER)
    if inside[:1] in TICKED or inside[-1:] in TICKED:
        return None
    words = [(match[2], bool(match[1]), bool(match[3])) for match in _WORD.finditer(inside)]
    touched = sum(before + after for _, before, after in words)
    both = any(one[2] and other[1] for one, other in pairwise(words)) or re.search(rf"\S{_BARE_TICK}\S", inside)
    if both or touched != len(signs):
        return []
    return [Option(word, before or after) for word, before, after in words]


def text_before_marks(text: str) -> str:
    """What stands before the first mark of a text: a label, where the marks stand before their options."""
    first = _MARK.search(as_signs(text))
    return text[: first.start()] if first else text


def as_signs(text: str) -> str:
    """``[x]``, ``（√）`` and ``( )`` as one sign each, the text as long as before."""

    def sign(match: re.Match[str]) -> str:
        inner = match[1].strip()
        if inner in _CROSSES and _ROUND.match(match[0]):
            return match[0]  # a cross in round brackets says no as often as yes, and f(x) says neither
        return ("☑" if inner else "□") + " " * (len(match[0]) - 1)

    if not any(one in text for one in "[［(（"):
        return text
    return _BRACKETED.sub(sign, _HINT.sub(lambda match: "\ufffc" * len(match[0]), text))


def ticks_among(field: Field, options: list[Option]) -> tuple[tuple[str, ...], str, list[str]]:
    """The ticked choices of a field among some options, what was written after 其他, and ticked ones that are none of its choices."""
    ticked: list[str] = []
    other, strange = "", []
    for option in options:
        label = choice_at(field, option.text)
        if label == OTHER:
            other = other or _other_text(option.text)
        if option.ticked and label and label not in ticked:
            ticked.append(label)
        elif option.ticked and not label:
            strange.append(option.text)
    return tuple(ticked), other, strange


def choice_at(field: Field, text: str) -> str:
    """The choice that an option's text begins with; empty when it is none of the field's."""
    bare = squeezed(text)
    words = [
        (squeezed(word), choice.label)
        for choice in field.options
        for word in (choice.printed, choice.label, *choice.also)
    ]
    for word, label in sorted(words, key=lambda one: -len(one[0])):
        if bare.startswith(word) and (label == OTHER or not bare[len(word) :] or not bare[len(word)].isalnum()):
            return label
    if field.kind is Kind.YES_NO:
        return {"是": YES, "否": NO, "yes": YES, "no": NO}.get(bare, "")
    return ""


def _other_text(text: str) -> str:
    rest = text.partition(OTHER)[2].strip()
    return without_line(rest.lstrip(":：").strip(" \t\u3000()（）〔〕\n"))


def without_line(text: str) -> str:
    """A text without the line it was written on; one underscore may be the text's own."""
    return _LINE.sub("", text.strip(" \t\u3000\n"))
