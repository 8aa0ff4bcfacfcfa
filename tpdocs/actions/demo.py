"""``demo``: the whole loop on the samples, in a folder of its own."""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from tpdocs.actions.forms_out import write_blanks, write_next
from tpdocs.actions.ingest import Options, counted, ingest
from tpdocs.actions.init import init
from tpdocs.actions.look import check
from tpdocs.actions.sync import sync
from tpdocs.codes.kinds import KINDS
from tpdocs.desk.folder import shipped
from tpdocs.errors import UsageError
from tpdocs.language import translate as _

# The samples tell of spring 2026; the demo looks at them as somebody would have on that Friday evening.
NOW = datetime(2026, 3, 20, 17, 0)


def run(folder: Path, say: Callable[[str], None]) -> None:
    """Make a desk in `folder`, which must be new or empty, and go once round the loop; `say` is told each step."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("{folder} is not empty. Name another folder for the demo, or remove it.", folder=folder)
    desk = init(folder)
    say(_("1. A desk: {path}").format(path=desk.root))
    blanks = write_blanks(desk, [], desk.root / "blank")
    say(_("2. {count} blank forms: {path}").format(count=len(blanks), path=desk.root / "blank"))
    samples = sorted(path for path in (shipped("samples") / "forms").iterdir() if path.suffix != ".json")
    for path in samples:
        shutil.copy2(path, desk.inbox / path.name)
    taken = ingest(desk, [], Options(comment="demo"), NOW)
    counts = ", ".join(f"{_(outcome)} {count}" for outcome, count in counted(taken.files).items())
    say(_("3. {count} files from the inbox taken in: {counts}").format(count=len(samples), counts=counts))
    for one in taken.files:
        for finding in one.findings:
            say(f"   {one.incoming.path.name}: {finding.message()}")
    synced = sync(desk, NOW)
    say(_("4. The register: {path}").format(path=synced.path))
    checked = check(desk, [], NOW)
    kinds = ", ".join(
        f"{_(kind.replace('_', ' '))} {sum(one.kind == kind for one in checked.findings)}" for kind in KINDS
    )
    say(
        _("5. As of {now}: {count} findings ({kinds})").format(
            now=f"{NOW:%Y-%m-%d %H:%M}", count=len(checked.findings), kinds=kinds
        )
    )
    for finding in checked.findings[:5]:
        say(f"   {finding.number} {finding.message()}")
    written = []
    for number in dict.fromkeys(one.number for one in taken.files if one.number.startswith("TP")):
        written += write_next(desk, number, desk.outbox, [])
    say(_("6. {count} forms due next, prefilled: {path}").format(count=len(written), path=desk.outbox))
    say(_("Look at {register}, then try: tpdocs --desk {desk} check").format(register=synced.path, desk=folder))
