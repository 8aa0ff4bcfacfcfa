"""``doctor``."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tpdocs.cli.common import Context, _, format_option, leave, now_option, pass_desk, print_findings, print_json

if TYPE_CHECKING:
    from tpdocs.actions.doctor import CheckUp

PART_NAMES = {"ledger": "ledger", "archive": "archive", "register": "register", "backups": "backups"}


@click.command(
    help=_(
        "Check a desk: the ledger itself, the archive against its hashes, the register against the ledger, the backups.\n\n"
        "With --repair a damaged ledger is restored from the newest good backup and the register is written anew; what was "
        "there is put aside in backup/, and what is newer than the backup is told.\n\n"
        "\b\nExample:\n  tpdocs doctor\n  tpdocs doctor --repair"
    )
)
@click.option("--repair", is_flag=True, help=_("Mend what can be mended."))
@now_option
@format_option
@pass_desk
@click.pass_context
def doctor(context: click.Context, found: Context, /, now: datetime, form_of_output: str, *, repair: bool) -> None:
    """Check a desk, and repair it."""
    from tpdocs.actions.doctor import check_up
    from tpdocs.actions.repair import Repaired
    from tpdocs.actions.repair import repair as mend

    desk = found.find_desk()
    told = check_up(desk, now)
    mended = mend(desk, told, now) if repair else Repaired()
    if mended.done and mended.broken_off is None:
        told = check_up(desk, now)
    if form_of_output == "json":
        print_json(
            {
                **told.as_json(),
                "repaired": [one.say() for one in mended.done],
                "newer": [one.say() for one in mended.newer],
                "broken_off": str(mended.broken_off) if mended.broken_off is not None else None,
            }
        )
    else:
        for line in mended.done:
            click.echo(line.say())
        if mended.newer:
            click.echo(_("Newer than the backup, and not in the ledger now:"))
        for line in mended.newer:
            click.echo(f"  {line.say()}")
        if mended.broken_off is None:
            _tell(told)
    if mended.broken_off is not None:
        words = _("The repair is not finished: {error}")
        click.echo(words.format(error=mended.broken_off.parts.get("error", mended.broken_off)), err=True)
        click.echo(_("What is told above is done. See to that, then run “tpdocs doctor --repair” again."), err=True)
        context.exit(mended.broken_off.exit_code)
    leave(context, needs_a_person=told.needs_a_person or bool(mended.newer))


def _tell(told: "CheckUp") -> None:
    from tpdocs.actions.doctor import ARCHIVE, BACKUPS, LEDGER, PARTS, REGISTER

    counts = {
        LEDGER: _("revisions: {count}"),
        ARCHIVE: _("files: {count}"),
        REGISTER: _("problems: {count}"),
        BACKUPS: _("copies: {count}"),
    }
    for part in PARTS:
        findings = told.findings[part]
        count = told.counted[part]
        state = _("see below") if findings else _("sound") if count is not None else _("not looked at")
        click.echo(
            f"{_(PART_NAMES[part])}: {state}" + (f" ({counts[part].format(count=count)})" if count is not None else "")
        )
        print_findings(findings)
