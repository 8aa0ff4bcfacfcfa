"""The commands, put together."""

from pathlib import Path

import click

from tpdocs import __version__
from tpdocs.cli import caring, changing, forms, inspecting, lists, looking, taking
from tpdocs.cli.common import Context, TpdocsGroup, _


@click.group(
    cls=TpdocsGroup,
    help=_(
        "Technical problem forms in Word, read back into a ledger and an Excel register.\n\n"
        "A desk is the folder a team works in; commands find it from the current folder upwards, or by --desk.\n\n"
        "\b\nExample:\n  tpdocs demo trial\n  tpdocs --desk trial check"
    ),
)
@click.option("--desk", "desk", type=click.Path(path_type=Path, file_okay=False), help=_("The desk to work in."))
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), help=_("The language tpdocs speaks; by default that of the system.")
)
@click.version_option(__version__, prog_name="tpdocs", message="%(prog)s %(version)s")
@click.pass_context
def app(context: click.Context, desk: Path | None, lang: str | None) -> None:  # noqa: ARG001 - read before click starts
    """Keep what the commands need to find their desk."""
    context.obj = Context(desk)


for command in (
    taking.init,
    forms.blank,
    taking.ingest,
    taking.sync,
    looking.check,
    forms.next_forms,
    forms.close,
    looking.list_,
    looking.show,
    looking.history,
    changing.set_,
    lists.update,
    lists.export,
    changing.withdraw,
    changing.reopen,
    changing.batches,
    changing.undo,
    caring.doctor,
    inspecting.inspect,
    forms.template,
    forms.schema,
    taking.demo,
):
    app.add_command(command)
