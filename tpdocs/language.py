"""The words tpdocs says, in English in the source and in Chinese by a gettext catalogue."""

import gettext
import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("zh", "en")
_CATALOGUES = Path(__file__).parent / "locale"
_chosen = "en"


def choose_language(name: str | None = None) -> str:
    """Set the language for this process; without a name the user's locale decides. Returns the choice."""
    global _chosen  # noqa: PLW0603 - a process speaks one language to its user
    _chosen = name if name in LANGUAGES else _language_of_user()
    return _chosen


def chosen_language() -> str:
    """The language set by `choose_language`: ``zh`` or ``en``."""
    return _chosen


def _language_of_user() -> str:
    for variable in ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG"):
        if value := os.environ.get(variable):
            return "zh" if value.lower().startswith("zh") else "en"
    # Windows sets none of these; there the C library's locale names the user's language ("Chinese (Simplified)_China").
    name = (locale.getlocale()[0] or "").lower()
    return "zh" if name.startswith(("zh", "chinese")) else "en"


@lru_cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("tpdocs", _CATALOGUES, languages=[language], fallback=True)


def translate(text: str, language: str | None = None) -> str:
    """`text` in the language asked for, or the chosen one; unknown texts come back as they are."""
    return _catalogue(language or _chosen).gettext(text) if text else ""


def compose(text: str, parts: Mapping[str, object], language: str | None = None) -> str:
    """`text` in the language asked for or the chosen one, with its parts filled in; a part that is absent is left blank."""
    told = {name: _told(part, language) for name, part in parts.items()}
    return translate(text, language).format_map(_Blank(told))


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def _told(part: object, language: str | None) -> object:
    if isinstance(part, Phrase):
        return part.say(language)
    if isinstance(part, list | tuple):
        return translate("; ", language).join(str(_told(one, language)) for one in part)
    return part


@dataclass(frozen=True)
class Phrase:
    """Words that are put together when they are shown, in the language of whoever reads them."""

    text: str
    parts: Mapping[str, object]

    def say(self, language: str | None = None) -> str:
        """The words."""
        return compose(self.text, self.parts, language)


def phrase(text: str, **parts: object) -> Phrase:
    """A phrase with its parts: texts, other phrases, or several of them."""
    return Phrase(text, parts)


def translate_plural(one: str, many: str, count: int) -> str:
    """The form of the text that fits `count`, in the chosen language."""
    return _catalogue(_chosen).ngettext(one, many, count)
