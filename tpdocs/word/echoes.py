"""Texts that an editor wrote several times over: LibreOffice 7.4, where a form goes through .odt, .doc or .rtf.

It turns each of our text controls into fields (FILLIN, FORMTEXT): the whole text in a field, then each piece of it (of one
script and one line) followed by the field again, at times once more at the end, by way of RTF after a ``0``. Line ends stand
before all that, in one place.
"""

from typing import Any

from tpdocs.forms.values import squeezed
from tpdocs.word.runs import FieldMark

_AFTER_THE_PIECES = ("", "0")
_LONGEST = 4000


def without_echoes(segments: list[Any], start: int) -> bool:
    """Take the repetitions, and all marks, out of what follows `start`; whether line ends were lost with them."""
    pieces = _by_field(segments[start:])
    made: list[Any] = []
    lost = False
    position = 0
    while position < len(pieces):
        in_field, held = pieces[position]
        end = _echoes_end(pieces, position) if in_field else position
        while end > position and made[-1:] == ["\n"]:
            made.pop()
            lost = True
        made += held
        position = max(end, position + 1)
    segments[start:] = made
    return lost


def _by_field(segments: list[Any]) -> list[tuple[bool, list[Any]]]:
    """What the results of fields hold (True) and what stands between them, in turn."""
    pieces: list[tuple[bool, list[Any]]] = [(False, [])]
    for one in segments:
        if not isinstance(one, FieldMark):
            pieces[-1][1].append(one)
        elif one.ends:
            pieces.append((False, []))
        else:
            pieces.append((True, []))
    return pieces


def _echoes_end(pieces: list[tuple[bool, list[Any]]], first: int) -> int:
    """Where the repetitions that begin with a field end; `first` itself where there are none."""
    whole = _text(pieces[first][1])
    between = ""
    position = first
    # No text has more pieces than signs.
    most = min(len(pieces), first + 2 * len(whole or "") + 6)
    while (
        position + 2 < most
        and (piece := _text(pieces[position + 1][1])) is not None
        and _text(pieces[position + 2][1]) == whole
    ):
        between += piece
        position += 2
    # The first piece is left out where it is a single sign.
    told = (
        {squeezed(one + extra) for one in (whole, whole[1:]) if one for extra in _AFTER_THE_PIECES} if whole else set()
    )
    return position + 1 if squeezed(between) in told else first


def _text(held: list[Any]) -> str | None:
    return "".join(held) if all(isinstance(one, str) for one in held) else None


def said_once(text: str) -> tuple[str, bool]:
    """A text whose repetitions another program made plain text of, said once, and whether its pieces are proof of that.

    Without proof (张三张三张三) somebody may have meant it; the text itself where there are no repetitions.
    """
    bare = text.strip("\n")
    for length in range(1, min(len(bare) // 2, _LONGEST) + 1):
        whole = bare[:length]
        if bare[-length] != bare[0] or not bare.endswith(whole) or not any(sign.isalpha() for sign in whole):
            continue  # 10010 and ------ say what they say
        parts = bare.split(whole)
        between = squeezed("".join(parts))
        told = {squeezed(one + extra) for one in (whole, whole[1:]) if one for extra in _AFTER_THE_PIECES}
        if parts[0] == parts[-1] == "" and between in told and length > 1:
            return whole, len(parts) > 2  # noqa: PLR2004
        if between in _AFTER_THE_PIECES and len(parts) > 3:  # noqa: PLR2004
            return whole, False
    return text, False
