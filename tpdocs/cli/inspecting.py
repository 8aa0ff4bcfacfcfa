"""``inspect``: what the reader sees in a Word file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tpdocs.cli.common import Context, _, format_option, leave, pass_desk, print_findings, print_json

if TYPE_CHECKING:
    from tpdocs.word.survey import Survey


@click.command(
    help=_(
        "Everything the reader sees in Word files, forms of the standard or any other: labels with their values, boxes, "
        "rows, controls, and what is left over. Takes nothing in.\n\n\b\nExample:\n  tpdocs inspect inbox/report.docx --format json"
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@format_option
@pass_desk
@click.pass_context
def inspect(context: click.Context, found: Context, /, files: tuple[Path, ...], form_of_output: str) -> None:
    """Show what is read."""
    from tpdocs.actions.inspect import inspect_files, survey_json

    told = inspect_files(found.desk_if_any(), list(files))
    if form_of_output == "json":
        objects = [survey_json(path, one) for path, one, _read in told]
        print_json(objects[0] if len(objects) == 1 else objects)
    else:
        for path, one, _read in told:
            _tell(path, one)
    leave(context, needs_a_person=not all(read for _path, _one, read in told))


def _tell(path: Path, one: "Survey") -> None:
    click.echo(f"{path}" + (f"  {one.form}" if one.form else ""))
    for pair in one.pairs:
        click.echo(f"  {pair['label']}: " + str(pair["value"]).replace("\n", "\n      ") + f"  [{pair['place']}]")
    for choice in one.choices:
        signs = "  ".join(("☑" if option in choice["checked"] else "□") + option for option in choice["options"])
        click.echo(f"  {choice['label']}: {signs}  [{choice['place']}]")
    for table in one.rows:
        click.echo(f"  {table['label']}  [{table['place']}]")
        for row in (table["columns"], *table["rows"]):
            click.echo("    " + " | ".join(cell.replace("\n", " ") for cell in row))
    if one.outside:
        click.echo("  " + _("Belongs to no label:"))
        for text in one.outside:
            click.echo("    " + text["text"].replace("\n", "\n    ") + f"  [{text['place']}]")
    print_findings(one.findings)
