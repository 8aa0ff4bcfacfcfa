"""Which of a field's own choices are ticked in a text: the choices are known words, so what stands round them can be told apart.

A tick between two choices belongs to the one it touches. Where it touches both or neither, nobody can know: then nothing is
chosen, and the text is told as it stands. What is neither mark nor choice is a remark, and never lost.
"""

import unicodedata
from dataclasses import dataclass, field

from tpdocs.forms.fields import OTHER, Field, Kind
from tpdocs.forms.values import squeezed
from tpdocs.word.signs import EMPTY, TICKED, as_signs, choice_at, has_marks, without_line

_TICKS = frozenset("√✓✔✅\uf0fc\uf050")  # typed by hand; the other ticked signs are boxes
_CROSSES = frozenset("×✗✘")
_V = frozenset("vV")
_BETWEEN = frozenset(";:,、/|。\ufffc\ufe0f")
_FILLER = frozenset("_")
BOX, TICK, CROSS, CHOICE, TEXT = "box", "tick", "cross", "choice", "text"


@dataclass(slots=True)
class Chosen:
    """The ticked choices, what was written behind 其他, ticked texts that are no choice, and remarks; `unsure` where a mark may belong to either side."""

    ticked: list[str] = field(default_factory=list)
    other: str = ""
    strange: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    unsure: bool = False


@dataclass(slots=True)
class _Token:
    kind: str
    start: int
    end: int
    label: str = ""
    ticked: bool = False
    gap: bool = False  # blanks before it
    apart: bool = False  # a separator before it

    @property
    def is_mark(self) -> bool:
        return self.kind in (BOX, TICK)

    @property
    def touches(self) -> bool:
        return not self.gap and not self.apart


def chosen(one: Field, text: str) -> Chosen:
    """What a text says about a field of boxes."""
    scanner = _Scanner(one, as_signs(text))
    result = Chosen()
    last: _Token | None = None
    for line in scanner.lines():
        last = _Line(line, scanner, result, last).read()
    result.other = without_line(result.other.strip().lstrip(":：").strip(" \t\u3000()（）〔〕\n"))
    result.remarks = [
        bare for told in result.remarks if (bare := without_line(told.strip(" \t\u3000;；,，、/|。\ufffc")))
    ]
    return result


_WORDS: dict[int, tuple[Field, tuple[tuple[str, str], ...]]] = {}


def _words(one: Field) -> tuple[tuple[str, str], ...]:
    """The words of a field's choices, the longest first; kept by the field itself, for hashing all its choices takes longer."""
    if (known := _WORDS.get(id(one))) is not None:
        return known[1]
    told = {
        squeezed(word): choice.label
        for choice in one.options
        for word in (choice.printed, choice.label, *choice.also)
        if word
    }
    words = tuple(sorted(told.items(), key=lambda word: -len(word[0])))
    _WORDS[id(one)] = one, words
    return words


class _Scanner:
    """Cuts a text into marks, choices and other text; white space and full width say nothing."""

    def __init__(self, one: Field, text: str) -> None:
        self.text = text
        self.words = _words(one)
        folded = [
            (sign, place)
            for place, original in enumerate(text)
            if not original.isspace()
            for sign in unicodedata.normalize("NFKC", original).lower()
        ]
        self.bare = "".join(sign for sign, _ in folded)
        self.places = [place for _, place in folded]

    def between(self, at: int) -> str:
        """The white space before a sign."""
        start = self.places[at - 1] + 1 if at else 0
        return self.text[start : self.places[at]]

    def original(self, token: _Token) -> str:
        return self.text[self.places[token.start] : self.places[token.end - 1] + 1]

    def lines(self) -> list[list[_Token]]:
        lines: list[list[_Token]] = [[]]
        at, apart = 0, False
        while at < len(self.bare):
            space = self.between(at)
            if "\n" in space and lines[-1]:
                lines.append([])
                apart = False
            sign = self.bare[at]
            if sign in _BETWEEN:
                apart, at = True, at + 1
                continue
            token = self._token(at, lines[-1][-1] if lines[-1] else None, apart=apart)
            token.gap, token.apart = bool(space), apart
            apart = False
            previous = lines[-1][-1] if lines[-1] else None
            if token.kind == previous_kind(previous) == TEXT and previous is not None:
                previous.end = token.end
            else:
                lines[-1].append(token)
            at = token.end
        return [line for line in lines if line]

    def _token(self, at: int, previous: _Token | None, *, apart: bool) -> _Token:
        sign = self.bare[at]
        if sign in EMPTY or (sign in TICKED and sign not in _TICKS):
            return _Token(BOX, at, at + 1, ticked=sign in TICKED)
        free = previous is None or apart or bool(self.between(at)) or previous.kind in (BOX, TICK, CROSS)
        if sign in _TICKS or (sign in _V and free and at + 1 < len(self.bare) and self._choice_at(at + 1)[0]):
            return _Token(TICK, at, at + 1, ticked=True)
        if sign in _CROSSES and (free or (previous is not None and previous.kind == CHOICE)):
            return _Token(CROSS, at, at + 1)
        label, end = self._choice_at(at) if free else ("", at)
        return _Token(CHOICE, at, end, label) if label else _Token(TEXT, at, at + 1)

    def _choice_at(self, at: int) -> tuple[str, int]:
        for word, label in self.words:
            end = at + len(word)
            if not self.bare.startswith(word, at):
                continue
            if label == OTHER or end == len(self.bare) or not self.bare[end].isalnum() or self.between(end):
                return label, end
        return "", at


def previous_kind(token: _Token | None) -> str:
    """The kind of a token; empty for none."""
    return token.kind if token is not None else ""


class _Line:
    """One line: which mark belongs to which choice."""

    def __init__(self, tokens: list[_Token], scanner: _Scanner, result: Chosen, above: _Token | None) -> None:
        self.tokens = _joined(tokens, result)
        self.scanner = scanner
        self.result = result
        self.current = above

    def read(self) -> _Token | None:
        """Take the line in; returns the choice it ends in, whose text may go on below."""
        boxes = [one for one in self.tokens if one.kind == BOX]
        if not boxes:
            self._by_ticks()
        elif self.tokens[-1].kind == BOX and not self.tokens[0].is_mark:
            self._marks_after()
        else:
            self._marks_before()
        return self.current

    def _tick(self, token: _Token | None) -> None:
        if token is None or token.kind not in (TEXT, CHOICE):
            self.result.unsure = True
        elif token.kind == TEXT:
            self.result.strange.append(self.scanner.original(token))
        elif token.label not in self.result.ticked:
            self.result.ticked.append(token.label)

    def _tell(self, token: _Token, *, ticked: bool = False) -> None:
        """Text that is no choice: what 其他 is, or a remark."""
        told = self.scanner.original(token)
        if ticked:
            self.result.strange.append(told)
        elif self.current is not None and self.current.label == OTHER and self._is_of_other(token):
            self.result.other = f"{self.result.other}\n{told}" if self.result.other else told
        else:
            self.result.remarks.append(told)

    def _is_of_other(self, token: _Token) -> bool:
        """On its own line, or on the lines below as long as it is ticked."""
        return self.current in self.tokens or (OTHER in self.result.ticked and token is self.tokens[0])

    def _marks_before(self) -> None:
        pending: _Token | None = None
        for number, token in enumerate(self.tokens):
            after = self.tokens[number + 1] if number + 1 < len(self.tokens) else None
            if token.kind == BOX and token.ticked and self._is_behind(token, after):
                self._tick(self.current)
            elif token.kind == BOX:
                self.result.unsure |= pending is not None and pending.ticked
                pending, self.current = token, None
            elif token.kind == TICK:
                if self.current is not None and token.touches and not (after and after.touches):
                    self._tick(self.current)
                elif after is not None and after.kind == CHOICE and not (token.touches and self.current):
                    pending, self.current = token, None
                else:
                    self.result.unsure = True
            elif token.kind == CHOICE:
                self.current = token
                if pending is not None and pending.ticked:
                    self._tick(token)
                pending = None
            elif token.kind == TEXT:
                self._tell(token, ticked=pending is not None and pending.ticked)
                pending = None
        self.result.unsure |= pending is not None and pending.ticked

    def _is_behind(self, token: _Token, after: _Token | None) -> bool:
        """Whether a ticked box, ``(√)`` say, belongs to the choice before it although the others stand before theirs."""
        return self.current is not None and token.touches and (after is None or after.kind == BOX or not after.touches)

    def _marks_after(self) -> None:
        text: _Token | None = None
        for token in self.tokens:
            if token.kind == CHOICE:
                self.current, text = token, None
            elif token.kind == TEXT:
                self._tell(token)
                text = token if self.current is None else None
            elif token.ticked and (token.kind == BOX or token.touches):
                self._tick(self.current or text)
            elif token.kind == TICK:
                self.result.unsure = True

    def _by_ticks(self) -> None:
        choices = [one for one in self.tokens if one.kind == CHOICE]
        ticks = [one for one in self.tokens if one.kind == TICK]
        in_turn = len(ticks) == len(choices) and len(ticks) > 1
        for number, token in enumerate(self.tokens):
            before = self.tokens[number - 1] if number else None
            after = self.tokens[number + 1] if number + 1 < len(self.tokens) else None
            if token.kind == CHOICE:
                self.current = token
            elif token.kind == TEXT:
                self._tell(token)
            elif token.kind == TICK:
                if in_turn:
                    self._tick(after if self.tokens[0].kind == TICK else before)
                else:
                    self._tick(_owner(token, before, after, alone=len(choices) == 1))
            elif token.kind == CROSS and not ticks:
                self._tell(token)


def _owner(token: _Token, before: _Token | None, after: _Token | None, *, alone: bool) -> _Token | None:
    """What a tick between two texts belongs to; None where that cannot be known."""
    if before is None:
        return after
    if after is None:
        return before if token.touches or alone else None
    left, right = token.touches, after.touches
    if left != right:
        return before if left else after
    if token.apart != after.apart:
        return after if token.apart else before
    return None


def _joined(tokens: list[_Token], result: Chosen) -> list[_Token]:
    """The tokens with a tick that was typed right beside a box made part of it."""
    joined: list[_Token] = []
    for number, token in enumerate(tokens):
        before = joined[-1] if joined else None
        after = tokens[number + 1] if number + 1 < len(tokens) else None
        if token.kind == TICK and before is not None and before.kind == BOX and token.touches:
            before.ticked = True
        elif token.kind == TICK and after is not None and after.kind == BOX and after.touches:
            if before is not None and token.touches:
                result.unsure = True  # it touches the choice before it as well
            else:
                after.ticked, after.gap, after.apart = True, token.gap, token.apart
        else:
            joined.append(token)
    return joined


def cell_answers(column: Field, text: str) -> dict[str, str]:
    """What a cell of a row table says without controls in it, by column: the ticked option where boxes stand there, else its text.

    Behind 其他 stands what the column of its own next to it holds.
    """
    if column.kind in (Kind.ONE, Kind.YES_NO) and has_marks(text):
        told = chosen(column, text)
        text = text if told.unsure or told.strange or told.remarks else "、".join(told.ticked)
        if told.other and text == OTHER and column.opens_other:
            return {column.name: OTHER, f"{column.name}_other": told.other}
    if column.opens_other and choice_at(column, text) == OTHER and (rest := text.partition(OTHER)[2].strip(" ：:")):
        return {column.name: OTHER, f"{column.name}_other": rest}
    return {column.name: text}
