"""Taking our prompts out of a text, also where an editor set other quotation marks or blanks into them."""

import re
from collections.abc import Iterable
from functools import lru_cache

_QUOTES = "\"'“”‘’„‟＂＇"


def without_prompts(text: str, prompts: Iterable[str]) -> str:
    """The text without any of the prompts; name longer ones first."""
    if "〔" not in text:
        return text
    for prompt in prompts:
        text = text.replace(prompt, "") if prompt in text else text
    if "〔" in text:
        for prompt in prompts:
            if prompt:
                text = _pattern(prompt).sub("", text)
    return text


@lru_cache(maxsize=1024)
def _pattern(prompt: str) -> re.Pattern[str]:
    signs = (f"[{_QUOTES}]" if sign in _QUOTES else re.escape(sign) for sign in prompt if not sign.isspace())
    return re.compile(r"\s*".join(signs))
