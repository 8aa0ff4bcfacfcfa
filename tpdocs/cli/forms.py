"""``blank``, ``next``, ``close``, ``template`` and ``schema``."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from tpdocs.cli.common import (
    Context,
    Moment,
    TpdocsGroup,
    _,
    dry_run_option,
    format_option,
    leave,
    now_option,
    pass_desk,
    person,
    print_json,
)
from tpdocs.cli.taking import sync_and_tell

_OUT = click.option(
    "--out",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=_("The folder to write into."),
)


@click.command(
    help=_("Write blank forms, all of them when none is named.\n\n\b\nExample:\n  tpdocs blank F01 F02 --out forms")
)
@click.argument("forms", nargs=-1)
@_OUT
@pass_desk
def blank(found: Context, /, forms: tuple[str, ...], folder: Path) -> None:
    """Write blank forms."""
    from tpdocs.actions.forms_out import write_blanks

    for path in write_blanks(found.desk_if_any(), list(forms), folder):
        click.echo(path)


@click.command(
    "next",
    help=_(
        "Write the form or forms due next for a problem, prefilled with what is known.\n\n\b\nExample:\n  tpdocs next TP001 --out outbox"
    ),
)
@click.argument("number")
@_OUT
@click.option("--form", "forms", multiple=True, help=_("Write this form instead, as it is on record; may be repeated."))
@dry_run_option
@pass_desk
def next_forms(found: Context, /, number: str, folder: Path, forms: tuple[str, ...], *, dry_run: bool) -> None:
    """Write the forms due next."""
    from tpdocs.actions.forms_out import write_next

    written = write_next(found.find_desk(), number, folder, list(forms), dry_run)
    for path in written:
        click.echo(path)
    if not written:
        click.echo(_("No form is due for {number}.").format(number=number.upper()))


@click.command(
    help=_(
        'Close a problem: commit the closure, then write the notice.\n\n\b\nExample:\n  tpdocs close TP001 --by 张三 --at "2026-03-01 10:00"'
    )
)
@click.argument("number")
@click.option("--by", default="", help=_("Who closes it; by default who accepted it."))
@click.option("--at", type=Moment(), help=_("When it was closed; by default now."))
@dry_run_option
@now_option
@pass_desk
@click.pass_context
def close(
    context: click.Context, found: Context, /, number: str, by: str, at: Any, now: datetime, *, dry_run: bool
) -> None:
    """Close a problem."""
    from tpdocs.actions.forms_out import NotClosableError
    from tpdocs.actions.forms_out import close as close_problem
    from tpdocs.forms.moment import Moment as Value

    desk = found.find_desk()
    try:
        done = close_problem(desk, number, by, at or Value(now.replace(second=0)), now, person(), dry_run=dry_run)
    except NotClosableError as error:
        click.echo(_("{number} cannot be closed; nothing was recorded:").format(number=number.upper()), err=True)
        for reason in error.reasons:
            click.echo(f"  {reason.say()}", err=True)
        context.exit(error.exit_code)
    if dry_run:
        click.echo(_("{number} can be closed.").format(number=done.number))
        return
    if done.failed:
        click.echo(_("{number} is closed, but the notice was not written.").format(number=done.number))
    else:
        click.echo(_("{number} is closed. Notice: {path}").format(number=done.number, path=done.notice))
    for message in done.failed:
        click.echo(message, err=True)
    synced = sync_and_tell(desk, now)
    leave(context, needs_a_person=bool(done.failed) or not synced)


@click.group(
    cls=TpdocsGroup,
    help=_("Check templates and see what may be used in them.\n\n\b\nExample:\n  tpdocs template fields F01"),
)
def template() -> None:
    """Templates."""


@template.command(
    "check",
    help=_(
        "Every fault of a template, with its place.\n\n\b\nExample:\n  tpdocs template check templates/F01-report.docx"
    ),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@click.pass_context
def template_check(context: click.Context, files: tuple[Path, ...], form_of_output: str) -> None:
    """Check templates."""
    from tpdocs.actions.templates import check_templates

    faults = check_templates(list(files))
    if form_of_output == "json":
        print_json(
            {
                "files": [
                    {"path": str(path), "faults": [one.as_json() for one in found]} for path, found in faults.items()
                ]
            }
        )
    else:
        for path, found in faults.items():
            click.echo(f"{path}: " + (_("no fault") if not found else str(len(found))))
            for one in found:
                click.echo(f"  {one.place}: {one.message()}" if one.place else f"  {one.message()}")
                click.echo(f"      {one.advice()}")
    leave(context, needs_a_person=any(faults.values()))


@template.command("fields", help=_("What may be used in a template.\n\n\b\nExample:\n  tpdocs template fields F03"))
@click.argument("form", required=False)
def template_fields(form: str | None) -> None:
    """List the tags."""
    from tpdocs.actions.templates import tags_of

    for name, lines in tags_of(form):
        click.echo(name)
        for tag, label, words in lines:
            click.echo(f"  {tag}\n      {label}  {words}")


@click.command(help=_("The JSON Schema of a form's values.\n\n\b\nExample:\n  tpdocs schema F01"))
@click.argument("form")
def schema(form: str) -> None:
    """Print the schema."""
    from tpdocs.actions.templates import schema_of

    print_json(schema_of(form))
