"""``init``, ``ingest``, ``sync`` and ``demo``."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    progress,
)

if TYPE_CHECKING:
    from tpdocs.actions.ingest import Ingested
    from tpdocs.actions.sync import Synced
    from tpdocs.actions.taking_in import FileOutcome
    from tpdocs.desk.folder import Desk
    from tpdocs.ledger.engine import LedgerError


@click.command(
    help=_(
        "Make a desk: a folder with settings, inbox, outbox, archive and an empty ledger.\n\n\b\nExample:\n  tpdocs init desk"
    )
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def init(directory: Path) -> None:
    """Make a desk."""
    from tpdocs.actions.init import init as make
    from tpdocs.desk.place import is_on_a_share
    from tpdocs.findings import Finding

    desk = make(directory)
    click.echo(_("A desk was made in {path}.").format(path=desk.root))
    if is_on_a_share(desk.ledger):
        print_findings([Finding(code="desk_on_share", parts={"path": str(desk.ledger)})], "")
    click.echo(
        _("Next: “tpdocs --desk {path} blank --out {outbox}” writes the blank forms.").format(
            path=desk.root, outbox=desk.outbox
        )
    )


@click.command(
    help=_(
        "Take filled forms in: files, folders or patterns; by default those in the desk's inbox, which go to the archive.\n\n"
        '\b\nExample:\n  tpdocs ingest\n  tpdocs ingest mails/*.docx --comment "from the night shift"'
    )
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--attach",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help=_("A file that belongs to the form; may be repeated."),
)
@dry_run_option
@click.option(
    "--jobs", type=click.IntRange(0), default=0, help=_("Processes that read; 0 decides by the number of files.")
)
@comment_option
@now_option
@format_option
@pass_desk
@click.pass_context
def ingest(  # noqa: PLR0913, PLR0917 - one parameter an option, as click hands them over
    context: click.Context,
    found: Context,
    /,
    paths: tuple[Path, ...],
    attach: tuple[Path, ...],
    jobs: int,
    comment: str,
    now: datetime,
    form_of_output: str,
    *,
    dry_run: bool,
) -> None:
    """Take forms in, then write the register."""
    from tpdocs.actions.ingest import Options
    from tpdocs.actions.ingest import ingest as take_in

    desk = found.find_desk()
    step, end = progress(_("Reading"))
    try:
        result = take_in(desk, list(paths), Options(list(attach), dry_run, jobs, comment, person()), now, step)
    finally:
        end()
    told = {**result.as_json(), "register": None} if form_of_output == "json" else None
    if told is None:
        _tell_ingested(result, dry_run=dry_run)
    synced = True
    if not dry_run and any(one.records for one in result.files):
        synced = sync_and_tell(desk, now, told=told)
    if told is not None:
        print_json(told)
    leave(context, needs_a_person=result.needs_a_person or not synced)


_OUTCOMES = {
    "new": "new",
    "revised": "revised",
    "unchanged": "unchanged",
    "rejected": "rejected",
}


def _tell_ingested(result: "Ingested", *, dry_run: bool) -> None:
    from tpdocs.actions.ingest import by_file, counted, grave
    from tpdocs.forms.standard import FORMS

    for one, name in ((one, _name_of(one, len(forms))) for forms in by_file(result.files) for one in forms):
        records = ", ".join(f"{record.number} {FORMS[record.form].code}" for record in one.records)
        click.echo(f"{_(_OUTCOMES[one.outcome])}  {name}" + (f"  -> {records}" if records else ""))
        print_findings(one.findings)
        for record in one.records:
            if one.outcome == "revised" and record.changes:
                labels = [FORMS[record.form].by_name[change.field].label for change in record.changes]
                click.echo("    " + _("changed: {fields}").format(fields="、".join(labels)))
            print_findings(grave(record.findings))
    counts = counted(result.files)
    summary = ", ".join(f"{_(words)} {counts[outcome]}" for outcome, words in _OUTCOMES.items() if outcome in counts)
    total = sum(counts.values())
    if not total:
        click.echo(_("There is nothing to take in."))
        return
    click.echo(
        plural("{count} file: {summary}", "{count} files: {summary}", total).format(count=total, summary=summary)
    )
    if result.skipped:
        skipped = plural("{count} other file is no form.", "{count} other files are no forms.", len(result.skipped))
        click.echo(skipped.format(count=len(result.skipped)))
        for path in result.skipped:
            click.echo(f"  {path}")
    if dry_run:
        click.echo(_("Dry run: nothing was written."))
    _tell_written(result)
    _tell_next(result)


def _name_of(one: "FileOutcome", count: int) -> str:
    """The file, and which of its forms where it holds several."""
    path = str(one.incoming.path)
    return (
        path if count == 1 else _("{path} ({part} of {count})").format(path=path, part=one.incoming.part, count=count)
    )


def _tell_written(result: "Ingested") -> None:
    for path in result.written:
        click.echo(_("Receipt: {path}").format(path=path))
    for path in result.returned:
        click.echo(_("To be mended by its sender: {path}").format(path=path))
    for message in result.failed:
        click.echo(message, err=True)


def _tell_next(result: "Ingested") -> None:
    rejected: list[FileOutcome] = [one for one in result.files if one.outcome == "rejected"]
    if rejected:
        click.echo(_("Rejected files stay where they are; mend them as told above and take them in again."))
    if any(one.opened for one in result.files):
        click.echo(_("Send the receipts to the reporters; “tpdocs next NUMBER --out outbox” writes the form due next."))


def sync_and_tell(
    desk: "Desk",
    now: datetime,
    *,
    told: dict[str, Any] | None = None,
    dry_run: bool = False,
    comment: str = "",
    is_after: bool = True,
) -> bool:
    """Merge register and ledger and say so, most often after another change; False when a person has to see to it.

    With `told`, the JSON of a command, nothing is said: what came of the rows that differ stands there under ``register``.
    """
    from tpdocs.actions.sync import RegisterWaitsError
    from tpdocs.actions.sync import sync as merge
    from tpdocs.errors import NotWrittenError
    from tpdocs.ledger.engine import LedgerError
    from tpdocs.register.book import RegisterError

    try:
        done = merge(desk, now, dry_run=dry_run, person=person(), comment=comment)
    except (NotWrittenError, RegisterError) as error:
        if isinstance(error, RegisterWaitsError):
            _tell_verdicts(error.synced, told)
        click.echo(str(error), err=True)
        if not isinstance(error, RegisterWaitsError):  # which says so itself
            click.echo(_("The ledger is up to date; “tpdocs sync” brings the register up to date."), err=True)
        return False
    except LedgerError as error:
        if not is_after:
            raise
        _tell_behind(error)
        return False
    _tell_verdicts(done, told)
    if dry_run:
        click.echo(_("Dry run: nothing was written."))
    elif told is None:
        words = plural("Register: {path} ({count} problem)", "Register: {path} ({count} problems)", done.problems)
        click.echo(words.format(path=done.path, count=done.problems))
    return not done.needs_a_person


def _tell_behind(error: "LedgerError") -> None:
    """The change before is on record, the register does not show it."""
    words = _("What is told above is on record, but the register could not be brought up to date: {error}")
    click.echo(words.format(error=error.parts["error"]), err=True)
    click.echo(_("Make room on the disk or close what holds the ledger, then run “tpdocs sync”."), err=True)


VERDICT_NAMES = {"new": "new", "changed": "changed", "gone": "put back", "conflict": "conflict", "invalid": "invalid"}


def _tell_verdicts(done: "Synced", told: dict[str, Any] | None) -> None:
    from tpdocs.forms.values import shortened

    if told is not None:
        whole = done.as_json()
        told["register"] = {**whole, "rows": [row for row in whole["rows"] if row["verdict"] != "unchanged"]}
        return
    for row in done.verdicts:
        if row.verdict == "unchanged":
            continue
        who = _("row {row}").format(row=row.row) if row.row else row.number
        click.echo(f"{_(VERDICT_NAMES[row.verdict])}  {who}")
        for cell in row.cells:
            # What is computed has no path; whatever was typed there is put back.
            name = VERDICT_NAMES[cell.verdict if cell.path else "gone"]
            click.echo(f"  {_(name)}  {cell.label}: {shortened(cell.old)} -> {shortened(cell.new)}")
    print_findings(done.findings, numbered=True)
    if any(row.verdict == "conflict" for row in done.verdicts):
        click.echo(_("Conflicts stand on the sheet “冲突”: choose in its column “取舍”, then run “tpdocs sync”."))


@click.command(
    help=_(
        "Take what people changed in the register into the ledger, and write what the ledger knows into the register.\n\n"
        "\b\nExample:\n  tpdocs sync --dry-run"
    )
)
@dry_run_option
@comment_option
@now_option
@format_option
@pass_desk
@click.pass_context
def sync(
    context: click.Context, found: Context, /, now: datetime, comment: str, form_of_output: str, *, dry_run: bool
) -> None:
    """Merge register and ledger."""
    desk = found.find_desk()
    if form_of_output == "json":
        from tpdocs.actions.sync import RegisterWaitsError
        from tpdocs.actions.sync import sync as merge

        try:
            done = merge(desk, now, dry_run=dry_run, person=person(), comment=comment)
        except RegisterWaitsError as error:
            print_json(error.synced.as_json())
            raise
        print_json(done.as_json())
        leave(context, needs_a_person=done.needs_a_person)
    good = sync_and_tell(desk, now, dry_run=dry_run, comment=comment, is_after=False)
    leave(context, needs_a_person=not good)


@click.command(
    help=_(
        "Show the whole loop on the samples: a desk, blanks, filled forms taken in, register, checks, next forms.\n\n"
        "Works in a new folder; nothing else is touched.\n\n\b\nExample:\n  tpdocs demo trial"
    )
)
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("tpdocs-demo"))
def demo(directory: Path) -> None:
    """Show the whole loop."""
    from tpdocs.actions.demo import run

    run(directory, click.echo)
