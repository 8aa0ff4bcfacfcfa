"""What the commands share: finding the desk, printing, telling errors, the time."""

import json
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tpdocs.errors import DONE, NEEDS_A_PERSON, TpdocsError
from tpdocs.language import translate, translate_plural

if TYPE_CHECKING:
    from tpdocs.desk.folder import Desk
    from tpdocs.findings import Finding

if TYPE_CHECKING:
    Parameter = click.ParamType[Any]
else:
    Parameter = click.ParamType

_ = translate
plural = translate_plural
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class TpdocsGroup(click.Group):
    """Commands in the order they are used in; an error of ours is one sentence and its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """In the order they were added, not by the alphabet."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TpdocsError as error:
            click.echo(_("Error: {message}").format(message=error), err=True)
            ctx.exit(error.exit_code)


@dataclass(frozen=True)
class Context:
    """What is given before the command."""

    desk: Path | None

    def find_desk(self) -> "Desk":
        """The desk asked for, or the one around the current folder."""
        from tpdocs.desk.folder import find_desk

        return find_desk(self.desk or Path.cwd())

    def desk_if_any(self) -> "Desk | None":
        """The desk, or None outside of one; a desk asked for by name must be there."""
        if self.desk is not None:
            return self.find_desk()
        try:
            return self.find_desk()
        except TpdocsError:
            return None


pass_desk = click.make_pass_decorator(Context)


class Moment(Parameter):
    """A time on the command line, in any spelling that the forms take."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A `Moment`; a usage error for what is none."""
        from tpdocs.forms.moment import Moment as Value
        from tpdocs.forms.moment import read_moment

        if isinstance(value, Value):
            return value
        found = read_moment(value)
        if found is None:
            self.fail(_("“{value}” is no time; write it like 2026-02-13 16:00.").format(value=value), param, ctx)
        return found


def now_option(command: Decorated) -> Decorated:
    """``--now TIME``: the only place where a clock is read."""

    def chosen(_context: click.Context, _parameter: click.Parameter, value: Any) -> datetime:
        if value is None:
            return datetime.now().replace(microsecond=0)
        at: datetime = value.at
        return at

    return click.option("--now", type=Moment(), callback=chosen, help=_("Act as if it were this time."))(command)


format_option = click.option(
    "--format",
    "form_of_output",
    type=click.Choice(["text", "json"]),
    default="text",
    help=_("Text for people or JSON for programs."),
)
comment_option = click.option("--comment", default="", help=_("A remark for the history."))
dry_run_option = click.option("--dry-run", is_flag=True, help=_("Show what would happen; write nothing."))


def person() -> str:
    """The name of whoever runs the command, as the system knows it; empty when it does not."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def print_json(value: Any) -> None:
    """JSON that any program can read, whatever the console's encoding."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    click.echo(json.dumps(value, ensure_ascii=encoding != "utf8", indent=2))


def print_findings(findings: Iterable["Finding"], indent: str = "  ", *, numbered: bool = False) -> None:
    """Each finding in two lines: what is wrong and where, and what to do; `numbered`: of several problems, so each says which."""
    for one in findings:
        where = f" [{one.place}]" if one.place else ""
        message = one.message()
        whose = f"{one.number}  " if numbered and one.number not in message else ""
        click.echo(f"{indent}{_(KIND_NAMES[one.kind])}: {whose}{message}{where}")
        if advice := one.advice():
            click.echo(f"{indent}    {advice}")


KIND_NAMES = {
    "overdue": "overdue",
    "invalid": "invalid",
    "inconsistent": "inconsistent",
    "conflict": "conflict",
    "missing": "missing",
    "due_soon": "due soon",
    "document": "document",
}


def leave(context: click.Context, *, needs_a_person: bool) -> None:
    """End with exit code 1 when there is something for a person, else 0."""
    context.exit(NEEDS_A_PERSON if needs_a_person else DONE)


def progress(total_hint: str) -> "tuple[Callable[[int, int], None], Callable[[], None]]":
    """A step and an end function of a progress bar, on a terminal; functions that do nothing elsewhere."""
    if not sys.stderr.isatty():
        return (lambda _done, _all: None), (lambda: None)
    from rich.progress import Progress

    bar = Progress(transient=True)
    task = bar.add_task(total_hint, total=None)
    bar.start()

    def step(done: int, every: int) -> None:
        bar.update(task, completed=done, total=every)

    return step, bar.stop
