"""``update`` and ``export``."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

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
    print_findings,
    print_json,
)
from tpdocs.cli.taking import VERDICT_NAMES, sync_and_tell

if TYPE_CHECKING:
    from tpdocs.actions.updating import Updated

# The names of the lists, here as well so that --help needs none of the libraries behind them; a test holds them together.
LIST_NAMES = ("problems", "todo", "actions", "conflicts", "documents", "batches", "history")
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(
    help=_(
        "Change or open many problems at once from a list: .xlsx, .csv (UTF-8 or GBK) or .jsonl.\n\n"
        "Columns are labels or paths of fields, rows are known by their number; an empty cell changes nothing. Rows that are "
        "wrong are left out and written beside the list with the reason.\n\n"
        "\b\nExample:\n  tpdocs update changes.csv --dry-run\n  tpdocs update new.xlsx --mode insert --all-or-nothing"
    )
)
@click.argument("file", type=_FILE)
@click.option(
    "--mode",
    type=click.Choice(["update", "insert", "upsert"]),
    default="update",
    show_default=True,
    help=_("Change problems on record, open new ones, or whichever a row calls for."),
)
@click.option("--all-or-nothing", is_flag=True, help=_("Take nothing in when a row is wrong."))
@click.option("--clear-empty", is_flag=True, help=_("An empty cell empties its field."))
@dry_run_option
@comment_option
@now_option
@format_option
@pass_desk
@click.pass_context
def update(  # noqa: PLR0913 - click hands over every option
    context: click.Context,
    found: Context,
    /,
    file: Path,
    mode: Literal["update", "insert", "upsert"],
    comment: str,
    now: datetime,
    form_of_output: str,
    *,
    dry_run: bool,
    all_or_nothing: bool,
    clear_empty: bool,
) -> None:
    """Take a list in."""
    from tpdocs.actions.updating import UpdateOptions
    from tpdocs.actions.updating import update as take_in

    desk = found.find_desk()
    options = UpdateOptions(mode, dry_run, all_or_nothing, clear_empty, comment, person())
    done = take_in(desk, file, options, now)
    told = {**done.as_json(), "register": None} if form_of_output == "json" else None
    if told is None:
        _tell_updated(done, all_or_nothing=all_or_nothing)
        if dry_run:
            click.echo(_("Dry run: nothing was written."))
    synced = sync_and_tell(desk, now, told=told) if done.batch and not dry_run else True
    if told is not None:
        print_json(told)
    leave(context, needs_a_person=bool(done.bad) or not synced)


def _tell_updated(done: "Updated", *, all_or_nothing: bool) -> None:
    from tpdocs.forms.values import told_apart

    counts: dict[str, int] = {}
    for one in done.rows:
        counts[one.verdict] = counts.get(one.verdict, 0) + 1
        if one.verdict == "unchanged":
            continue
        click.echo(f"{_(VERDICT_NAMES[one.verdict])}  {one.number or '-'}  " + _("(row {row})").format(row=one.row))
        for cell in one.cells:
            old, new = told_apart(cell.old, cell.new)
            click.echo(f"  {cell.label}: {old} -> {new or _('(emptied)')}")
        print_findings(one.reasons)
    print_findings(done.findings, "")
    names = {"unchanged": "unchanged", **VERDICT_NAMES}
    summary = ", ".join(f"{_(name)} {counts[verdict]}" for verdict, name in names.items() if verdict in counts)
    click.echo(
        plural("{count} row: {summary}", "{count} rows: {summary}", len(done.rows)).format(
            count=len(done.rows), summary=summary
        )
    )
    if done.bad and all_or_nothing:
        click.echo(_("Nothing was changed."), err=True)
    if done.rejected:
        click.echo(_("Rejected rows: {path}").format(path=done.rejected))


@click.command(
    help=_(
        "Write a list as .xlsx, .csv or .jsonl.\n\n"
        "The lists are problems, todo, actions, conflicts, documents, batches (what was done) and history (every change).\n\n"
        "\b\nExample:\n  tpdocs export problems --out problems.xlsx\n  tpdocs export todo --out todo.csv --encoding gb18030"
    )
)
@click.argument("name", type=click.Choice(LIST_NAMES), default="problems")
@click.option("--out", "path", type=_FILE, required=True, help=_("The file to write; its suffix says as what."))
@click.option("--all", "everything", is_flag=True, help=_("Withdrawn problems too."))
@click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    show_default=True,
    help=_("Of a .csv; UTF-8 carries the mark by which Excel knows it."),
)
@click.option("--overwrite", is_flag=True, help=_("Replace a file that is there."))
@now_option
@pass_desk
def export(
    found: Context, /, name: str, path: Path, encoding: str, now: datetime, *, everything: bool, overwrite: bool
) -> None:
    """Write a list."""
    from tpdocs.actions.exporting import export as write

    done = write(found.find_desk(), name, path, now, everything=everything, encoding=encoding, overwrite=overwrite)
    click.echo(plural("{path}: {count} row", "{path}: {count} rows", done.rows).format(path=done.path, count=done.rows))
