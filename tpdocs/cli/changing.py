"""``set``, ``withdraw``, ``reopen``, ``batches`` and ``undo``."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tpdocs.cli.common import (
    Context,
    _,
    comment_option,
    dry_run_option,
    format_option,
    leave,
    now_option,
    pass_desk,
    person,
    plural,
    print_json,
)
from tpdocs.cli.taking import sync_and_tell

if TYPE_CHECKING:
    from tpdocs.actions.undo import Undone
    from tpdocs.desk.folder import Desk
    from tpdocs.forms.fields import Field
    from tpdocs.ledger.merge import Change


@click.command(
    "set",
    help=_(
        "Change fields of a problem: by path or label, empty to clear.\n\n"
        '\b\nExample:\n  tpdocs set TP001 report.severity=高 "涉及系统/模块=订单系统"'
    ),
)
@click.argument("number")
@click.argument("answers", nargs=-1, required=True, metavar="FIELD=VALUE...")
@dry_run_option
@comment_option
@now_option
@pass_desk
@click.pass_context
def set_(
    context: click.Context,
    found: Context,
    /,
    number: str,
    answers: tuple[str, ...],
    comment: str,
    now: datetime,
    *,
    dry_run: bool,
) -> None:
    """Set fields."""
    from tpdocs.actions.setting import set_fields
    from tpdocs.forms.standard import FIELDS

    desk = found.find_desk()
    done = set_fields(desk, number, _wanted(answers), now, person=person(), comment=comment, dry_run=dry_run)
    for path, change in done.changes:
        tell_change(done.number, FIELDS[path], change)
    if done.refused:
        for one in done.refused:
            click.echo(one.message(), err=True)
        click.echo(_("Nothing was changed."), err=True)
    elif done.settled and not done.changes:
        click.echo(
            _("{number} says so already; what the register said otherwise is settled.").format(number=done.number)
        )
    elif not done.changes:
        click.echo(_("{number} says so already.").format(number=done.number))
    elif dry_run:
        click.echo(_("Dry run: nothing was written."))
    synced = sync_and_tell(desk, now) if done.batch else True
    leave(context, needs_a_person=bool(done.refused) or not synced)


def _wanted(answers: Iterable[str]) -> dict[str, str]:
    from tpdocs.errors import UsageError

    wanted: dict[str, str] = {}
    for answer in answers:
        name, equals, value = answer.partition("=")
        if not equals:
            raise UsageError("“{value}” is no FIELD=VALUE.", value=answer)
        if name in wanted:
            raise UsageError("“{label}” is given twice.", label=name)
        wanted[name] = value
    return wanted


@click.command(
    help=_(
        "Take a problem out of lists and figures; everything of it is kept.\n\n"
        "\b\nExample:\n  tpdocs withdraw TP007 --reason 重复上报 --duplicate-of TP003"
    )
)
@click.argument("number")
@click.option("--reason", required=True, help=_("Why."))
@click.option("--duplicate-of", default="", metavar="NUMBER", help=_("The problem that it repeats."))
@dry_run_option
@now_option
@pass_desk
@click.pass_context
def withdraw(
    context: click.Context,
    found: Context,
    /,
    number: str,
    reason: str,
    duplicate_of: str,
    now: datetime,
    *,
    dry_run: bool,
) -> None:
    """Withdraw a problem."""
    from tpdocs.actions.events import withdraw as take_out

    desk = found.find_desk()
    done = take_out(desk, number, reason, duplicate_of, now, person(), dry_run=dry_run)
    click.echo(_("{number} is withdrawn.").format(number=done.number))
    _end(context, desk, now, dry_run=dry_run)


@click.command(
    help=_(
        "Begin a new round of a closed problem, or take a withdrawal back.\n\n"
        "\b\nExample:\n  tpdocs reopen TP001 --reason 问题再次出现"
    )
)
@click.argument("number")
@click.option("--reason", required=True, help=_("Why."))
@dry_run_option
@now_option
@pass_desk
@click.pass_context
def reopen(
    context: click.Context, found: Context, /, number: str, reason: str, now: datetime, *, dry_run: bool
) -> None:
    """Reopen a problem."""
    from tpdocs.actions.events import reopen as open_again

    desk = found.find_desk()
    done = open_again(desk, number, reason, now, person(), dry_run=dry_run)
    click.echo(
        _("{number} is open again: round {round}, status {status}.").format(
            number=done.number, round=done.round, status=done.status
        )
    )
    _end(context, desk, now, dry_run=dry_run)


def _end(context: click.Context, desk: "Desk", now: datetime, *, dry_run: bool) -> None:
    """Bring the register up to date, or say that nothing was done."""
    if dry_run:
        click.echo(_("Dry run: nothing was written."))
    leave(context, needs_a_person=not (dry_run or sync_and_tell(desk, now)))


@click.command(help=_("What was done, by whom and when, oldest first.\n\n\b\nExample:\n  tpdocs batches"))
@format_option
@pass_desk
def batches(found: Context, /, form_of_output: str) -> None:
    """List batches."""
    from dataclasses import asdict

    from tpdocs.actions.setting import batches as listed

    entries = listed(found.find_desk())
    if form_of_output == "json":
        print_json({"batches": [{**asdict(one), "subjects": list(one.subjects)} for one in entries]})
        return
    for one in entries:
        remark = f"  ({one.comment})" if one.comment else ""
        if one.undone_by:
            remark += "  " + _("[taken back by batch {batch}]").format(batch=one.undone_by)
        told = ", ".join(
            (
                plural("{count} document", "{count} documents", one.documents).format(count=one.documents),
                plural("{count} revision", "{count} revisions", one.revisions).format(count=one.revisions),
            )
        )
        click.echo(f"{one.id}  {one.at.replace('T', ' ')}  {one.command}  {one.person}  {told}{remark}")


@click.command(
    help=_(
        "Take a batch back: what it changed says again what it said before. Documents stay archived, numbers stay given.\n\n"
        "\b\nExample:\n  tpdocs undo 12 --dry-run"
    )
)
@click.argument("batch", type=int)
@dry_run_option
@comment_option
@now_option
@format_option
@pass_desk
@click.pass_context
def undo(
    context: click.Context,
    found: Context,
    /,
    batch: int,
    comment: str,
    now: datetime,
    form_of_output: str,
    *,
    dry_run: bool,
) -> None:
    """Take a batch back."""
    from tpdocs.actions.undo import undo as take_back

    desk = found.find_desk()
    done = take_back(desk, batch, now, person=person(), comment=comment, dry_run=dry_run)
    told = {**done.as_json(), "register": None} if form_of_output == "json" else None
    if told is None:
        _tell_undone(done)
    if dry_run and told is None:
        click.echo(_("Dry run: nothing was written."))
    good = dry_run or sync_and_tell(desk, now, told=told)
    if told is not None:
        print_json(told)
    leave(context, needs_a_person=not good)


UNDONE_NAMES = {
    "withdrawn": "the problem is withdrawn; it keeps its number",
    "gone": "off the record",
    "back": "on record again",
    "event": "the withdrawal or reopening is taken back",
    "typed": "what was typed into the register, or stood in conflict, is as before",
}


def _tell_undone(done: "Undone") -> None:
    from tpdocs.forms.standard import FORMS

    for one in done.taken:
        form = FORMS[one.form].name if one.form in FORMS else ""
        head = "  ".join(part for part in (one.number, form) if part)
        what = "typed" if one.what == "changed" and not one.changes else one.what
        if what in UNDONE_NAMES:
            click.echo(f"{head}: {_(UNDONE_NAMES[what])}")
        for change in one.changes:
            tell_change(head, FORMS[one.form].by_name[change.field], change)
    if done.batch:
        words = _("Batch {undone} is taken back, by batch {batch}; “tpdocs undo {batch}” puts it on record again.")
        click.echo(words.format(undone=done.of, batch=done.batch))


def tell_change(head: str, field: "Field", change: "Change") -> None:
    """One field before and after, in a line."""
    from tpdocs.forms.values import recorded_text, told_apart

    old, new = told_apart(recorded_text(field, change.old), recorded_text(field, change.new))
    click.echo(f"{head}  {field.label}: {old} -> {new or _('(emptied)')}")
