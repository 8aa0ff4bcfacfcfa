"""What stands beside a label: an answer, boxes to choose from, further questions, or what the form was printed with."""

import re

from tpdocs.word.grid import COUNTED
from tpdocs.word.labels import NONE, Judge
from tpdocs.word.lines import is_blank, pairs_in_line, value_of
from tpdocs.word.signs import has_marks, options_in, text_before_marks

_SEVERAL, _LONGEST_QUESTION = 2, 60
_LONG_ANSWER = re.compile(r"(?:评价|意见|总结|小结|内容|说明|描述|情况|建议|结论|理由|原因|鉴定|评语)[:：]?$")
_UNIT = re.compile(
    r"[（(]?(?:万?元|天|日|个?月|年|小时|h|分钟?|秒|s|人|人次|页|份|件|台|套|个|次|℃|°C|%|％|%RH|[kcm]m|[mk]g)[)）]?"
)


def asks_for_much(label: str) -> bool:
    """Whether what a label asks for takes more than a word: its answer may stand below it."""
    return _LONG_ANSWER.search(label) is not None


def begins_with_label(text: str, judge: Judge) -> bool:
    """Whether the first line of a text is a label with a colon."""
    return bool(pairs_in_line(text.partition("\n")[0], judge))


def is_option(text: str) -> bool:
    """Whether a text begins with a box: one option of several."""
    return has_marks(text) and not text_before_marks(text).strip()


def has_own_label(text: str, judge: Judge) -> bool:
    """Whether a text of boxes says itself what they answer: 附件：□有 □无."""
    before = text_before_marks(text).strip()
    return before.endswith((":", "：")) and judge.strength(before) != NONE


def questions_in(text: str, judge: Judge) -> list[tuple[str, str]]:
    """The questions of a text, each with its boxes, where there are several: 来源：□自产 □外购 用途：□民用 □军用."""
    told = [pair for line in text.split("\n") for pair in pairs_in_line(line, judge)]
    if len(told) < _SEVERAL or not all(has_marks(value) for _, value in told):
        return []
    # What stands after a box is an option, be it one with a colon.
    return [] if any(has_marks(value.rstrip()[-1:]) for _, value in told[:-1]) else told


def is_question(text: str, boxes: str) -> bool:
    """Whether a short text stands before a choice: in whatever language, a question too, it is what the boxes answer."""
    if is_blank(text) or has_marks(text) or COUNTED.fullmatch(text.strip()) or len(text) > _LONGEST_QUESTION:
        return False
    return is_option(boxes) and len(options_in(boxes)) > 1


def only_labels(text: str, judge: Judge) -> bool:
    """Whether a value is nothing but further labels, each with nothing after it."""
    for line in text.split("\n"):
        pairs = pairs_in_line(line, judge)
        if not is_blank(line) and (not pairs or any(value_of(value) for _, value in pairs)):
            return False
    return True


def is_printed(name: str, value: str, judge: Judge) -> bool:
    """Whether a value is what the form was printed with: a unit, or labels with nothing after them."""
    if _UNIT.fullmatch(value):
        return not name.endswith("单位") or value.endswith("元")
    inner = pairs_in_line(value, judge) if "\n" not in value else []
    return len(inner) >= _SEVERAL and all(is_blank(one) or _UNIT.fullmatch(one.strip()) for _, one in inner)
