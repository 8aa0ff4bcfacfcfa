"""Write the generated parts of the READMEs: ``python tools/make_docs.py [--check]``."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tpdocs.codes import CODES
from tpdocs.config import DEFAULT_FILE
from tpdocs.forms.fields import Field
from tpdocs.forms.schema import required_words
from tpdocs.forms.standard import ALL_FORMS, DOSSIER, STAGES
from tpdocs.language import translate

ROOT = Path(__file__).parent.parent
READMES = {"en": ROOT / "README.md", "zh": ROOT / "README.zh-CN.md"}
_HEADS: dict[str, dict[str, tuple[str, ...]]] = {
    "findings": {"en": ("code", "kind", "severity", "says"), "zh": ("代码", "类别", "程度", "内容")},
    "fields": {
        "en": ("path", "label", "kind", "required", "", "what belongs there"),
        "zh": ("路径", "名称", "类型", "必填", "", "填什么"),
    },
}


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def settings(_language: str) -> str:
    """The settings file as `init` writes it."""
    return f"```toml\n{DEFAULT_FILE}```"


def findings(language: str) -> str:
    """Every code with its kind, severity and words."""
    rows = [(f"`{name}`", code.kind, code.severity, translate(code.message, language)) for name, code in CODES.items()]
    return _table(_HEADS["findings"][language], rows)


def fields(language: str) -> str:
    """A table for each form, folded."""
    parts = []
    for form in ALL_FORMS:
        if form is DOSSIER:
            continue
        rows = [
            row
            for one in form.fields
            if not one.other_of
            for row in (_row(each, language) for each in (one, *_columns(one)))
        ]
        name = f"{form.name}（{form.about.stage} {STAGES[form.about.stage]}；{'、'.join(form.about.filled_by)}）"
        table = _table(_HEADS["fields"][language], rows)
        parts.append(f"<details><summary>{name}</summary>\n\n{table}\n\n</details>")
    shown = "、".join(form.name for form in ALL_FORMS if form is not DOSSIER and form.key != "review")
    parts.append(f"{DOSSIER.name}: {shown}。" if language == "zh" else f"{DOSSIER.name} shows fields of: {shown}.")
    return "\n\n".join(parts)


def _columns(one: Field) -> list[Field]:
    return [column for column in one.columns if not column.other_of]


def _row(one: Field, language: str) -> tuple[str, ...]:
    choices = "：" + " / ".join(choice.printed for choice in one.choices) if one.choices else ""
    also = f"（{'、'.join(one.also)}）" if one.also else ""
    path = f"`{one.path}`" if not one.row_of else f"&nbsp;&nbsp;`.{one.name}`"
    return path, one.label + also, one.kind.value + choices, required_words(one).say(language), one.source, one.help


def written(language: str) -> str:
    """The README with its generated parts as they should be."""
    text = READMES[language].read_text(encoding="utf-8")
    for name, make in (("settings", settings), ("findings", findings), ("fields", fields)):
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, after = text.partition(begin)[0], text.partition(end)[2]
        text = f"{before}{begin}\n{make(language)}\n{end}{after}"
    return text


def main() -> None:
    """Write the READMEs, or with ``--check`` say which are stale."""
    stale = [path.name for language, path in READMES.items() if path.read_text(encoding="utf-8") != written(language)]
    if "--check" in sys.argv:
        if stale:
            raise SystemExit(f"stale: {', '.join(stale)}; run tools/make_docs.py")
        return
    for language, path in READMES.items():
        path.write_text(written(language), encoding="utf-8", newline="\n")
    print(*stale or ["nothing to do"])


if __name__ == "__main__":
    main()
