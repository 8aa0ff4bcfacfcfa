"""One line of text as a form fills it: ``label：value``, several of them, blanks to fill in."""

import re
from functools import lru_cache

from tpdocs.word.labels import NONE, STRONG, WEAK, Judge, ends_after_name
from tpdocs.word.signs import has_marks, without_line

_FILLER = "_＿ \t\u3000"
# What stands in a blank before anybody writes: lines to write on, a date without its figures.
_SKELETON = re.compile(r"[\s_＿—―.．…/\\:：()（）\-–年月日时分秒点至到~〔〕]*")
_COLON = re.compile(r"[:：]")
_TOKENS = re.compile(r"[ \t\u3000]+")
_LONGEST_SUFFIX, _MOST_PAIRS, _MOST_COLONS, _LONGEST_SKELETON = 8, 12, 60, 120


SIGNED = re.compile(r"签字|签名|签章|盖章|日期|时间")
# What comes after the name of one person on a line of signatures, and what a label is not taken to end with otherwise.
_ROLES = re.compile(
    r"^(?:批准|审核|审批|复核|校对|编制|拟制|会签|领导|主管|经理|主任|组长|负责人|经办人|电话|联系电话|手机|日期|时间|单位|部门|职务|职称|工号|"
    r"电子邮箱|邮箱|邮编|传真|性别|年龄|出纳|会计|验收|签字|签名|监督|监理)$"
)
_BLANK_SIGNATURE = re.compile(
    r"(?:[\s_＿]*\w{0,8}(?:签字|签名|签章|盖章|日期|时间)(?:[（(]\w*[)）])?[:：][\s_＿年月日时分]*)+"
)
_DATE = re.compile(r"\d{2,4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?")
_DATE_BESIDE = re.compile(rf"[ \u3000]{{3,}}({_DATE.pattern})\s*$")
_GAP = re.compile(r"^[ \u3000_＿]|[ \u3000_＿]{2}|[_＿]|^[（(￥¥]")
_WORDED = re.compile(
    r"(?:[\s_＿—―.．…/\\:：()（）\-–~〔〕，、￥¥%℃]|[年月日时分秒点至到自从共计第起止天页份件次人个小时元角万仟佰拾整岁号]|mmHg|平方米|人民币|工作日)*"
)
_HINT = re.compile(
    r"(?:[（(](?:签字|签名|签章|盖章|公章|手机|单位公章|签字[/、或]?盖章|可附页|可另附页|不超过\d+字|\d+字以内|限\d+字(?:以内)?|必填|选填|请填写|万元|元|(?:请|满分|以下简称|下拉|贴|不超过|不少于|限)[^（）()]*)[)）]|请?(?:粘?贴|附)(?:近期)?(?:免冠)?(?:照片|相片)处?|照片|下拉选择|No\.?|@|[|｜\s]+|(?:please )?(?:click|tap|choose|select|enter|type)(?: or tap)?(?: here| an? (?:item|date|option)| your)\b[^\n]{0,40}|(?:请|单击|点击|在此|单击或点击)(?:此处|这里|在此)?.{0,4}(?:选择|输入|填写|录入).{0,8}|选择一项。?|请选择)",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"[（(](?:签字|签名|签章|盖章|公章|单位公章|手写)[)）]")
_CENTURY = re.compile(r"(?<!\d)(?:19|20)(?=[\s_＿]*[年〕])")  # printed before the two figures of a year
_NUMBERED = re.compile(r"[(（]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[)）.、．][ \t\u3000]*")
_NAME_AND_DATE = re.compile(rf"(\S.*?)[ \u3000]{{2,}}({_DATE.pattern})")
_UNDATED = re.compile(r"(?<=[\u4e00-\u9fff])[ \t\u3000]{2,}(?:19|20)?[ \u3000_]*年[ \u3000_]+月[ \u3000_]+日\s*$")


def without_date_beside(label: str, value: str) -> tuple[str, str]:
    """A value without the date that stands by itself further right on its line, and that date: 部门：财务部      2025年6月1日."""
    found = _DATE_BESIDE.search(value)
    if found is None or SIGNED.search(label):
        return value, ""
    return value[: found.start()], found[1]


def is_blank(text: str) -> bool:
    """Whether nothing is written there: empty, a line to write on, or the skeleton of a date."""
    return not text or (_is_skeleton(text) if len(text) < _LONGEST_SKELETON else _all_skeletons(text))


@lru_cache(maxsize=4096)
def _is_skeleton(text: str) -> bool:
    return _all_skeletons(text)


def _all_skeletons(text: str) -> bool:
    if is_placeholder_sign(text):
        return False
    if "\n" in text:
        return all(is_blank(line) for line in text.split("\n"))
    if len(text) < _LONGEST_SKELETON:
        text = _CENTURY.sub(" _", _BRACKETED.sub(" _", text))
    return (
        _SKELETON.fullmatch(text) is not None
        or (_WORDED.fullmatch(text) is not None and _GAP.search(text) is not None)
        or _HINT.fullmatch(text.strip()) is not None
    )


def is_placeholder_sign(text: str) -> bool:
    """Whether somebody wrote the one sign that says there is none: ``/``, ``-``, ``—``."""
    return text.strip() in ("/", "-", "—", "——", "\\", "--")


def value_of(text: str) -> str:
    """A value without the line it was written on; empty when there is only the skeleton."""
    bare = _UNDATED.sub("", text).strip(f"{_FILLER}\n")
    return "" if is_blank(bare) or is_blank(text) else bare


def written_in(text: str) -> str:
    """What is written on a line of a form whose prompts are known: all but the line itself and the skeleton of a date."""
    bare = without_line(text)
    return "" if _SKELETON.fullmatch(bare) and not is_placeholder_sign(bare) else bare


def pairs_in_line(line: str, judge: Judge) -> list[tuple[str, str]]:
    """The labels of a line that stand before a colon, each with the text up to the next; none in prose."""
    found: list[tuple[str, str]] = []
    start = 0
    for count, match in enumerate(_COLON.finditer(line)):
        if len(found) >= _MOST_PAIRS or count >= _MOST_COLONS:
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
        elif before.strip(_FILLER) and not (
            # A numbered line is a question only with boxes after it; else it belongs to a list.
            _NUMBERED.fullmatch(before.strip(_FILLER)) and has_marks(line[match.end() :])
        ):
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
        or ":" in (before, after)
        or (before.isascii() and before.isalpha() and after in ("\\", "/"))
    )


def _label_at_end(text: str, judge: Judge, *, first: bool) -> tuple[str, str] | None:
    """What stands before the label that a text ends with, and the label; None when it ends with none."""
    bare = text.strip(_FILLER)
    if not bare:
        return None
    tokens = _TOKENS.split(bare)
    if not first and (named := _after_a_name(tokens[-1], judge)):
        return bare[: len(bare) - len(named)], named
    if _is_label(bare, tokens, judge, first=first):
        return "", bare
    for count in range(min(len(tokens), 6), 0, -1):
        label = "".join(tokens[-count:])
        spaced_out = count == 1 or all(len(one) == 1 for one in tokens[-count:])
        if spaced_out and judge.strength(label) >= (WEAK if len(tokens) > count or text[:1] in _FILLER else STRONG):
            return bare[: _start_of(bare, tokens, count)], label
    last = tokens[-1]
    lengths = range(min(len(last) - 1, _LONGEST_SUFFIX), 1, -1)
    length = next((one for one in lengths if judge.strength(last[-one:]) == STRONG), 0)
    return (bare[: len(bare) - length], last[-length:]) if length else None


def _after_a_name(word: str, judge: Judge) -> str:
    """The label that has grown together with the name before it; empty where there is none."""
    for length in range(2, min(len(word) - 1, _LONGEST_SUFFIX)):
        label = word[-length:]
        if ends_after_name(word, length) and judge.strength(label) >= WEAK and _ROLES.search(label):
            return label
    return ""


def _is_label(bare: str, tokens: list[str], judge: Judge, *, first: bool) -> bool:
    """Whether all of a text is one label: a word, a word spaced out, or English words."""
    if len(tokens) > 1 and any(len(one) > 1 for one in tokens):
        return first and bare.isascii() and bool(judge.strength(bare))
    return judge.strength(bare) == STRONG or (first and judge.strength(bare + "：") != NONE)


def _start_of(text: str, tokens: list[str], count: int) -> int:
    """Where the last tokens of a text begin."""
    end = len(text)
    for token in reversed(tokens[-count:]):
        end = text.rindex(token, 0, end)
    return end


def without_signatures(text: str, judge: Judge) -> tuple[str, list[tuple[str, str]]]:
    """A value without the signatures and dates that its cell ends with, and those as pairs."""
    lines, date = text.split("\n"), ""
    signed: list[tuple[str, str]] = []
    while lines:
        last = lines[-1]
        found = [] if has_marks(last) else pairs_in_line(last, judge)
        if found and all(SIGNED.search(label) for label, _ in found):
            if dated := _NAME_AND_DATE.fullmatch(found[-1][1].strip()):
                found[-1:] = [(found[-1][0], dated[1]), ("日期", dated[2])]
            signed = found + signed
        elif not is_blank(last):
            if signed or not _date_below_signature(lines, judge):
                break
            date = last.strip()
        lines.pop()
    if signed and date:
        signed.append(("日期", date))
    return ("\n".join(lines), signed) if signed else (text, [])


def _date_below_signature(lines: list[str], judge: Judge) -> bool:
    above = pairs_in_line(lines[-2], judge) if lines[:-1] else []
    return _DATE.fullmatch(lines[-1].strip()) is not None and any(SIGNED.search(label) for label, _ in above)


def without_signature_lines(text: str) -> str:
    """A value without the lines to sign and date on that its cell ends with, as long as nobody has."""
    lines = text.split("\n")
    end, signed = len(lines), False
    while end and (is_blank(lines[end - 1]) or _BLANK_SIGNATURE.fullmatch(lines[end - 1])):
        end -= 1
        signed |= bool(lines[end].strip())
    return "\n".join(lines[:end]) if signed else text
