"""Update the Chinese catalogue from the sources: ``python tools/make_catalogue.py [--check]``.

New texts come in untranslated, or fuzzy where one like it was translated; write their Chinese into the .po file, take the
``fuzzy`` mark off, and run this again. ``--check`` writes nothing and says what is left to do.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path

import click
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from tpdocs.cli.caring import PART_NAMES
from tpdocs.cli.changing import UNDONE_NAMES
from tpdocs.cli.common import KIND_NAMES
from tpdocs.cli.looking import EVENT_NAMES
from tpdocs.cli.taking import _OUTCOMES, VERDICT_NAMES
from tpdocs.codes import CODES
from tpdocs.codes.kinds import KINDS

Text = str | tuple[str, str]

PACKAGE = Path(__file__).parent.parent / "tpdocs"
PO = PACKAGE / "locale" / "zh" / "LC_MESSAGES" / "tpdocs.po"
MO = PO.with_suffix(".mo")

_TRANSLATED = {"_": 1, "translate": 1, "phrase": 1, "plural": 2, "translate_plural": 2}
_BASE_OF_ERRORS = "TpdocsError"
_CLICK = "click"
_CLICK_VERSION = re.compile(r"X-Click-Version: ([\w.]+)")
# Help texts hold a backspace, click's mark for lines that stay as they are. PO files write it as \b, babel as it is.
_BACKSPACE = re.compile(r"(?<!\\)((?:\\\\)*)\\b")


class Sources:
    """The texts in the package's sources. Read by syntax tree: babel sees none inside an f-string on Python 3.11."""

    def __init__(self, package: Path = PACKAGE) -> None:
        self.texts: set[Text] = set()
        self.faults: list[str] = []
        trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
        self._errors, with_own_words = _error_classes(trees.values())
        self._said_directly = self._errors - with_own_words
        for path, tree in trees.items():
            self._where = path.relative_to(package.parent).as_posix()
            for node in ast.walk(tree):
                if isinstance(node, ast.Call):
                    self._look_at(node)
                elif isinstance(node, ast.ClassDef) and node.name in with_own_words:
                    self._words_of(node)

    def _look_at(self, call: ast.Call) -> None:
        name = _name(call.func)
        if count := _TRANSLATED.get(name):
            said = call.args[:count]
            if any(isinstance(one, ast.JoinedStr) for one in said):
                self._fault(call)
            texts = [one.value for one in said if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(texts) == count:
                self.texts.add(texts[0] if count == 1 else (texts[0], texts[1]))
        elif name in self._said_directly:
            self._message(call)

    def _words_of(self, error: ast.ClassDef) -> None:
        """An error that puts its own message together hands it to the class above."""
        if error.name == _BASE_OF_ERRORS:
            return
        for call in ast.walk(error):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
                first = call.args[0] if call.args else None
                # DocumentError hands on the words of its code.
                if isinstance(first, ast.Constant):
                    self._message(call)

    def _message(self, call: ast.Call) -> None:
        match call.args:
            case [ast.Constant(value=str(text)), *_]:
                self.texts.add(text)
            case _:
                self._fault(call)

    def _fault(self, call: ast.Call) -> None:
        self.faults.append(f"not a plain text: {self._where}:{call.lineno}: {ast.unparse(call)[:80]}")


def _name(called: ast.expr) -> str:
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _error_classes(trees: Iterable[ast.Module]) -> tuple[set[str], set[str]]:
    """The names of all classes of errors, and of those that take something else than a message."""
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    errors, known = {_BASE_OF_ERRORS}, 0
    while len(errors) > known:
        known = len(errors)
        errors |= {one.name for one in classes if any(_name(base) in errors for base in one.bases)}
    own_words = {
        one.name
        for one in classes
        if one.name in errors - {_BASE_OF_ERRORS}
        and any(isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in one.body)
    }
    return errors, own_words


def words_of_tables() -> set[Text]:
    """Texts that are translated by way of a table or put together, so that no call shows them."""
    return {
        *(text for code in CODES.values() for text in (code.message, code.advice) if text),
        *KIND_NAMES.values(),
        *(kind.replace("_", " ") for kind in KINDS),
        *_OUTCOMES,
        *_OUTCOMES.values(),
        *VERDICT_NAMES.values(),
        *EVENT_NAMES.values(),
        *UNDONE_NAMES.values(),
        *PART_NAMES.values(),
    }


def words_of_click() -> set[Text]:
    """What click itself says: it looks its words up in our text domain."""
    keywords: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}
    found: set[Text] = set()
    for _file, _line, text, _comments, _context in extract_from_dir(
        Path(click.__file__).parent, [("**.py", "python")], keywords=keywords, comment_tags=()
    ):
        found.add(text if isinstance(text, str) else (text[0], text[1]))
    return found


class ZhCatalogue(Catalog):
    """A catalogue whose header tells no time, person or version of babel: the same texts make the same files."""

    def __init__(self, click_version: str) -> None:
        super().__init__(
            locale="zh", header_comment="# The Chinese words of tpdocs, and of click where it speaks for it."
        )
        self.click_version = click_version

    def __iter__(self) -> Iterator[Message]:
        facts = {
            "Project-Id-Version": "tpdocs",
            "Language": "zh",
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": "nplurals=1; plural=0;",
            "X-Click-Version": self.click_version,
        }
        yield Message("", "".join(f"{name}: {value}\n" for name, value in facts.items()))
        for message in islice(super().__iter__(), 1, None):
            # Which other marks there are depends on the version of babel.
            message.flags &= {"fuzzy"}
            yield message


def catalogue_on_disk() -> ZhCatalogue:
    """The .po file as it is, or an empty catalogue."""
    text = PO.read_text(encoding="utf-8") if PO.exists() else ""
    made_for = _CLICK_VERSION.search(text)
    found = ZhCatalogue(made_for[1] if made_for else "")
    for message in read_po(StringIO(_BACKSPACE.sub("\\1\b", text)), locale="zh"):
        if message.id:
            found[message.id] = message
    return found


def updated(sources: Sources, click_version: str) -> ZhCatalogue:
    """The catalogue with every text there is and no other; with click's words as they are for another version of click."""
    catalogue = catalogue_on_disk()
    ours = sources.texts | words_of_tables()
    if click_version != version(_CLICK):
        clicks = {_text(one) for one in catalogue if one.id and _CLICK in one.auto_comments}
    else:
        clicks = words_of_click()
    template = Catalog()
    for text in sorted(ours, key=_in_order):
        template.add(text)
    for text in sorted(clicks - ours, key=_in_order):
        template.add(text, auto_comments=[_CLICK])
    catalogue.click_version = click_version
    catalogue.update(template)
    catalogue.obsolete.clear()
    return catalogue


def _text(message: Message) -> Text:
    return message.id if isinstance(message.id, str) else (message.id[0], message.id[1])


def _in_order(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def files_of(catalogue: ZhCatalogue) -> dict[Path, bytes]:
    """The two files as they should be."""
    po, mo = BytesIO(), BytesIO()
    write_po(po, catalogue, width=0, no_location=True, ignore_obsolete=True)
    write_mo(mo, catalogue)
    return {PO: po.getvalue().replace(b"\b", b"\\b"), MO: mo.getvalue()}


def untranslated(catalogue: ZhCatalogue) -> list[str]:
    """One line for each text without a translation that somebody has looked at."""
    lines = []
    for message in catalogue:
        strings = (message.string,) if isinstance(message.string, str) else message.string or ("",)
        if message.id and (message.fuzzy or not all(strings[: catalogue.num_plurals])):
            lines.append(f"{'fuzzy' if message.fuzzy else 'missing'}: {_in_order(_text(message))[0]!r}")
    return lines


def check() -> list[str]:
    """What is wrong with the catalogue, a line each. Words of another version of click than it was made for do not count."""
    sources = Sources()
    catalogue = updated(sources, catalogue_on_disk().click_version)
    stale = [
        f"stale: {path.relative_to(PACKAGE.parent).as_posix()}"
        for path, data in files_of(catalogue).items()
        if not path.exists() or path.read_bytes() != data
    ]
    return sources.faults + untranslated(catalogue) + stale


def main() -> None:
    """Update the catalogue, or with ``--check`` say what is wrong with it."""
    if "--check" in sys.argv:
        if faults := check():
            raise SystemExit("\n".join([*faults, "run tools/make_catalogue.py"]))
        return
    sources = Sources()
    catalogue = updated(sources, version(_CLICK))
    PO.parent.mkdir(parents=True, exist_ok=True)
    for path, data in files_of(catalogue).items():
        path.write_bytes(data)
    print(f"{len(catalogue)} texts", *sources.faults, *untranslated(catalogue), sep="\n")


if __name__ == "__main__":
    main()
