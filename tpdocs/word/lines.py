"""One line of text as a form fills it: ``label：value``, several of them, blanks to fill in."""

import re

from tpdocs.word.labels import NONE, STRONG, WEAK, Judge

_FILLER = "_＿ \t\u3000"
# What stands in a blank before anybody writes: lines to write on, a date without its figures.
_SKELETON = re.compile(r"[\s_＿—―.．…/\\:：()（）\-–年月日时分秒点至到~〔〕]*")
_COLON = re.compile(r"[:：]")
_TOKENS = re.compile(r"[ \t\u3000]+")
_LONGEST_SUFFIX, _MOST_PAIRS = 8, 12


def is_blank(text: str) -> bool:
    """Whether nothing is written there: empty, a line to write on, or the skeleton of a date."""
    return _SKELETON.fullmatch(text) is not None and not is_placeholder_sign(text)


def is_placeholder_sign(text: str) -> bool:
    """Whether somebody wrote the one sign that says there is none: ``/``, ``-``, ``—``."""
    return text.strip() in ("/", "-", "—", "——", "\\", "--")


def value_of(text: str) -> str:
    """A value without the line it was written on; empty when there is only the skeleton."""
    bare = text.strip(f"{_FILLER}\n")
    return "" if is_blank(bare) else bare


def pairs_in_line(line: str, judge: Judge) -> list[tuple[str, str]]:
    """The labels of a line that stand before a colon, each with the text up to the next; none in prose."""
    found: list[tuple[str, str]] = []
    start = 0
    for match in _COLON.finditer(line):
        if len(found) >= _MOST_PAIRS:
            break
        if _inside_a_value(line, match.start()):
            continue
        split = _label_at_end(line[start : match.start()], judge, first=not found)
        if split is None:
            if not found:
                return []
            continue
        before, label = split
        if found:
            found[-1] = (found[-1][0], before)
        elif before.strip(_FILLER):
            return []
        found.append((label, ""))
        start = match.end()
    if found:
        found[-1] = (found[-1][0], line[start:])
    return found


def _inside_a_value(line: str, at: int) -> bool:
    """A colon of a clock time, of an address, of a path."""
    before, after = line[at - 1 : at], line[at + 1 : at + 2]
    return (
        (before.isdigit() and after.isdigit())
        or line[at + 1 : at + 3] in ("//", "\\\\")
        or (before.isascii() and before.isalpha() and after in ("\\", "/"))
    )


def _label_at_end(text: str, judge: Judge, *, first: bool) -> tuple[str, str] | None:
    """What stands before the label that a text ends with, and the label; None when it ends with none."""
    bare = text.strip(_FILLER)
    if not bare:
        return None
    tokens = _TOKENS.split(bare)
    one_word = len(tokens) == 1 or all(len(one) == 1 for one in tokens)
    if one_word and (judge.strength(bare) == STRONG or (first and judge.strength(bare + "：") != NONE)):
        return "", bare
    for count in range(min(len(tokens), 6), 0, -1):
        label = "".join(tokens[-count:])
        spaced_out = count == 1 or all(len(one) == 1 for one in tokens[-count:])
        if spaced_out and judge.strength(label) >= (WEAK if len(tokens) > count else STRONG):
            return bare[: _start_of(bare, tokens, count)], label
    last = tokens[-1]
    for length in range(min(len(last) - 1, _LONGEST_SUFFIX), 1, -1):
        if judge.strength(last[-length:]) == STRONG:
            return bare[: len(bare) - length], last[-length:]
    return None


def _start_of(text: str, tokens: list[str], count: int) -> int:
    """Where the last tokens of a text begin."""
    end = len(text)
    for token in reversed(tokens[-count:]):
        end = text.rindex(token, 0, end)
    return end
