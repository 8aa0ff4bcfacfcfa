"""What a blank says by itself: the text round the controls, so that a reader can tell it from what people wrote."""

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property, lru_cache

from tpdocs.forms.standard import FIELDS
from tpdocs.forms.values import squeezed
from tpdocs.word.containers import Container, Control
from tpdocs.word.package import Package
from tpdocs.word.sides import checksums, side_texts, without_figures
from tpdocs.word.walk import walk

_LONGEST_TEXT = 4000  # of a template's own; folding millions of signs takes long
_LONGEST_NAME = 10
_DATE = re.compile(r"\d{2,4}\s*[年./-]\s*\d{1,2}\s*[月./-]\s*\d{1,2}\s*日?")
_WORD = re.compile(r"[^\W_]{2,}")
_SIGNED = ("签字", "签名", "签章", "盖章", "签收")


@dataclass(frozen=True)
class Layout:
    """The words of a blank that nobody has to write.

    `texts` are the cells and paragraphs without controls; `round_controls` is the text before each control of a
    container and after the last, by the tag of any of its controls (rows as row 1). `prompts` are what stands in the
    empty controls, by tag: another version of the form prompted otherwise. `beside` are the words of headers and footers,
    `parts_beside` those parts by name and checksum, `links` where its links lead.
    """

    paths: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    signatures: tuple[str, ...] = ()
    round_controls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()
    parts_beside: frozenset[tuple[str, int]] = frozenset()
    links: frozenset[str] = frozenset()

    @cached_property
    def all_prompts(self) -> frozenset[str]:
        """Every prompt that may stand in such a form: of this version and of the fields as they are declared today."""
        fields = [FIELDS[path] for path in self.paths]
        today = {one.prompt for field in fields for one in (field, *field.columns)}
        return frozenset(today | set(self.prompts.values()) - {""})

    @cached_property
    def options(self) -> dict[str, frozenset[str]]:
        """The options that have a box of their own, by field path."""
        found: dict[str, set[str]] = {}
        for key in self.round_controls:
            path, _, option = key.partition(":")
            if option:
                found.setdefault(path, set()).add(option)
        return {path: frozenset(options) for path, options in found.items()}

    def knows(self, text: str) -> bool:
        """Whether a text without controls is the template's own."""
        return len(text) <= _LONGEST_TEXT and squeezed(text) in self.texts

    def signed(self, text: str) -> str | None:
        """What somebody wrote on a signature line beyond names and dates; None for a text that is no such line."""
        bare = squeezed(text) if len(text) <= _LONGEST_TEXT else ""
        line = next((one for one in self.signatures if bare.startswith(_beginning(one))), None)
        if line is None:
            return None
        rest = _DATE.sub(" ", text.replace("_", "").replace("＿", ""))
        for word in _WORD.findall(line):
            rest = rest.replace(word, " ", 1)
        words = [bare for one in rest.split() if (bare := one.strip("年月日:：.。-/()（）"))]
        names = line.count(":") or 1
        return " ".join([*(one for one in words[:names] if len(one) > _LONGEST_NAME), *words[names:]])


def _beginning(signature: str) -> str:
    """What a signature line begins with, before anybody signs."""
    return signature.partition(":")[0].partition("_")[0]


@lru_cache(maxsize=128)
def layout_of(blank: bytes) -> Layout:
    """The layout of a blank."""
    package = Package(blank)
    found = walk(package.main)
    beside = frozenset(without_figures(text) for _, text in side_texts(package))
    texts: set[str] = {""}
    signatures: list[str] = []
    surroundings: dict[str, tuple[str, ...]] = {}
    paths: set[str] = set()
    prompts: dict[str, str] = {}
    for container in found.containers:
        controls = container.controls
        if not controls:
            text = squeezed(container.loose_text)
            texts.add(text)
            if any(word in text for word in _SIGNED):
                signatures.append(text)
            continue
        around = tuple(squeezed(text) for text in pieces_round_controls(container))
        for control in controls:
            paths.add(control.tag.path)
            surroundings[control.tag.layout_key] = around
            if not control.tag.option:
                prompts[control.tag.layout_key] = control.text.strip()
    return Layout(
        frozenset(paths),
        frozenset(texts),
        tuple(signatures),
        surroundings,
        prompts,
        beside,
        checksums(package),
        package.links,
    )


def pieces_round_controls(container: Container) -> list[str]:
    """The text before the first control, between each two, and after the last."""
    pieces = [""]
    for segment in container.segments:
        if isinstance(segment, Control):
            pieces.append("")
        elif isinstance(segment, str):
            pieces[-1] += segment
    return pieces


def left_over(actual: str, expected: str) -> str:
    """What `actual` holds beyond `expected` (squeezed): the text that somebody added to the template's own."""
    if not expected:
        return actual
    if squeezed(actual) == expected:
        return ""
    places = [position for position, sign in enumerate(actual) if not sign.isspace()]
    bare = "".join(squeezed(actual[position]) or actual[position] for position in places)
    if len(bare) != len(places):
        # A sign that folds into several (a ligature): positions no longer agree, so only whole text can be compared.
        return actual.strip()
    added = []
    for operation, _, _, start, end in SequenceMatcher(None, expected, bare, autojunk=False).get_opcodes():
        if operation in ("insert", "replace"):
            added.append(actual[places[start] : places[end - 1] + 1])
    return " ".join(part.strip() for part in added if part.strip())
