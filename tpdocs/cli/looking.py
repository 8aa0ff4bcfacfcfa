"""``check``, ``list``, ``show`` and ``history``."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from tpdocs.cli.common import (
    KIND_NAMES,
    Context,
    Parameter,
    _,
    format_option,
    leave,
    now_option,
    pass_desk,
    plural,
    print_findings,
    print_json,
)

if TYPE_CHECKING:
    from tpdocs.actions.look import Shown
    from tpdocs.ledger.entries import Revision


_SHOWN, _SAME_SHOWN = 60, 12


class _Kinds(Parameter):
    name = "kind,..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        kinds = (
            tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else tuple(value)
        )
        for kind in kinds:
            if kind not in KIND_NAMES and kind != "none":
                known = ", ".join(KIND_NAMES)
                self.fail(
                    _("“{kind}” is no kind of finding; the kinds are {known}, or none.").format(kind=kind, known=known),
                    param,
                    ctx,
                )
        return kinds


@click.command(
    help=_(
        "What is missing, invalid, inconsistent, overdue or due soon, by who should act.\n\n"
        '\b\nExample:\n  tpdocs check\n  tpdocs check TP001 --now "2026-03-01 09:00" --format json'
    )
)
@click.argument("numbers", nargs=-1)
@click.option("--all", "everything", is_flag=True, help=_("Closed problems too."))
@click.option(
    "--fail-on",
    type=_Kinds(),
    default="overdue,invalid,inconsistent,conflict",
    show_default=True,
    help=_("Kinds that give exit code 1."),
)
@now_option
@format_option
@pass_desk
@click.pass_context
def check(
    context: click.Context,
    found: Context,
    /,
    numbers: tuple[str, ...],
    fail_on: tuple[str, ...],
    now: datetime,
    form_of_output: str,
    *,
    everything: bool,
) -> None:
    """Check problems."""
    from tpdocs.actions.look import check as check_problems

    result = check_problems(found.find_desk(), list(numbers), now, everything=everything)
    if form_of_output == "json":
        print_json(result.as_json())
    else:
        by_owner = sorted(result.findings, key=lambda one: (one.owner, len(one.number), one.number))
        for owner, findings in groupby(by_owner, key=lambda one: one.owner):
            click.echo(owner or _("(nobody is named)"))
            for number, same in groupby(findings, key=lambda one: one.number):
                click.echo(f"  {number}")
                print_findings(same, "    ")
        total = len(result.findings)
        counts = ", ".join(
            f"{_(name)} {number}"
            for kind, name in KIND_NAMES.items()
            if (number := sum(one.kind == kind for one in result.findings))
        )
        click.echo(
            plural("{count} finding", "{count} findings", total).format(count=total) + (f": {counts}" if counts else "")
        )
    leave(context, needs_a_person=result.fails(fail_on))


@click.command("list", help=_("The problems on record.\n\n\b\nExample:\n  tpdocs list --format json"))
@click.option("--all", "everything", is_flag=True, help=_("Withdrawn problems too."))
@now_option
@format_option
@pass_desk
def list_(found: Context, /, now: datetime, form_of_output: str, *, everything: bool) -> None:
    """List problems."""
    from tpdocs.actions.look import list_problems

    problems = list_problems(found.find_desk(), now, everything=everything)
    if form_of_output == "json":
        print_json({"now": now.isoformat(timespec="seconds"), "problems": problems})
        return
    for one in problems:
        mark = "（暂定）" if one["provisional"] else ""
        due = f"  {_('due')} {one['due'][:10]}{mark}" if one["due"] else ""
        late = f" {_('OVERDUE')}" if one["overdue"] else ""
        owner = f"  {one['owner']}" if one["owner"] else ""
        click.echo(
            f"{one['number']}  {one['status']}  {one['priority'] or '-'}  {one['title'] or '-'}{due}{late}{owner}"
        )
    click.echo(plural("{count} problem", "{count} problems", len(problems)).format(count=len(problems)))


@click.command(help=_("One problem as it is on record.\n\n\b\nExample:\n  tpdocs show TP001"))
@click.argument("number")
@now_option
@format_option
@pass_desk
def show(found: Context, /, number: str, now: datetime, form_of_output: str) -> None:
    """Show a problem."""
    from tpdocs.actions.look import show_problem

    shown = show_problem(found.find_desk(), number, now)
    if form_of_output == "json":
        print_json(shown.as_json())
    else:
        _tell(shown)


def _tell(shown: "Shown") -> None:
    from tpdocs.forms.problem import ORDER
    from tpdocs.forms.standard import FORMS
    from tpdocs.forms.values import text_of

    problem = shown.problem
    click.echo(f"{problem.number}  {problem.report.title or '-'}")
    click.echo(
        _("status {status}, stage {stage}, round {round}").format(
            status=problem.status, stage=problem.stage, round=problem.round
        )
    )
    if shown.withdrawal is not None:
        _tell_revision(shown.withdrawal)
    for form in ORDER:
        state = problem.state(form)
        if state is None:
            continue
        click.echo(f"\n{FORMS[form].name}")
        for field in FORMS[form].fields:
            text = text_of(field, state.values.get(field.name)) or state.raw.get(field.name, "")
            if text:
                mark = " (!)" if field.name in state.raw else ""
                click.echo(f"  {field.label}{mark}: " + text.replace("\n", "\n      "))
    if shown.documents or shown.attachments:
        click.echo(f"\n{_('Files')}")
        for document in shown.documents:
            click.echo(f"  {FORMS[document.form].code}  {document.path}")
        for attached in shown.attachments:
            click.echo(f"  +    {attached.path}" + (f"  [{attached.place}]" if attached.place else ""))
    _tell_notes(shown)
    if shown.findings:
        click.echo(f"\n{_('Findings')}")
        print_findings(shown.findings)


def _tell_notes(shown: "Shown") -> None:
    notes = shown.notes
    if notes:
        click.echo(f"\n{_('Text outside every field')}")
    for note in notes:
        where = f" [{note['place']}]" if note["place"] else ""
        click.echo(f"  {note['form']}{where}: " + note["text"].replace("\n", "\n      "))


@click.command(
    help=_(
        "Every change of a problem, or of a review by its month (2026-02), oldest first.\n\n\b\nExample:\n  tpdocs history TP001"
    )
)
@click.argument("number")
@format_option
@pass_desk
def history(found: Context, /, number: str, form_of_output: str) -> None:
    """Show the history."""
    from tpdocs.actions.look import history_of

    subject, revisions = history_of(found.find_desk(), number)
    if form_of_output == "json":
        print_json({"number": subject, "revisions": [_revision_json(one) for one in revisions]})
        return
    for one in revisions:
        _tell_revision(one)


def _tell_revision(one: "Revision") -> None:
    from tpdocs.forms.standard import FORMS
    from tpdocs.forms.values import recorded_text, told_apart

    remark = f"  ({one.comment})" if one.comment else ""
    if one.event:
        name = _(EVENT_NAMES[one.event]) + (_(" (taken back)") if one.gone else "")
        if one.duplicate_of:
            name += _(", repeats {number}").format(number=one.duplicate_of)
        click.echo(f"{one.id}  {one.at.replace('T', ' ')}  {name}  {one.person}{remark}")
        return
    spec = FORMS[one.form]
    if one.gone:
        remark = "  " + _("off the record") + remark
    click.echo(f"{one.id}  {one.at.replace('T', ' ')}  {spec.name}  {one.document or one.source}  {one.person}{remark}")
    for change in one.changes:
        field = spec.by_name[change["field"]]
        old, new = told_apart(recorded_text(field, change["old"]), recorded_text(field, change["new"]))
        click.echo(f"    {field.label}: " + (f"{old} -> " if old else "") + (new or _("(emptied)")))
    for line in _standing_lines(one):
        click.echo(f"    {line}")


def _standing_lines(one: "Revision") -> Iterator[str]:
    """What a revision says of conflicts, and of what was typed in the register and is no value."""
    from tpdocs.forms.standard import FORMS, located
    from tpdocs.forms.values import EMPTY, shortened

    spec = FORMS[one.form]
    for name, sides in one.conflicts.items():
        told = {key: shortened(sides[key] or EMPTY) for key in ("ours", "theirs")} | {"source": sides["source"]}
        text = _("{label}: conflict, “{ours}” on record, “{theirs}” in {source}")
        yield text.format(**told, label=located(spec, name)[2])
    for name, value in one.typed.items():
        text = _("{label}: “{value}” typed in the register, which is no value there")
        yield text.format(label=located(spec, name)[2], value=shortened(value))
    changed = {change["field"] for change in one.changes}
    for name in () if one.gone else one.settled:
        if name.partition("[")[0] not in changed:
            yield _("{label}: settled, what is on record stays").format(label=located(spec, name)[2])


EVENT_NAMES = {"reopened": "reopened", "withdrawn": "withdrawn"}


def _revision_json(one: "Revision") -> dict[str, Any]:
    from tpdocs.forms.standard import FORMS

    changes = [{**change, "field": f"{one.form}.{change['field']}"} for change in one.changes]
    return {
        "revision": one.id,
        "batch": one.batch,
        "at": one.at,
        "form": None if one.event else FORMS[one.form].code,
        "event": one.event or None,
        "duplicate_of": one.duplicate_of or None,
        "gone": one.gone,
        "round": one.round,
        "source": one.source,
        "document": one.document or None,
        "person": one.person or None,
        "comment": one.comment or None,
        "changes": changes,
        "conflicts": [
            {"field": f"{one.form}.{name}", "ours": sides["ours"], "theirs": sides["theirs"]}
            for name, sides in one.conflicts.items()
        ],
        "typed": {f"{one.form}.{name}": text for name, text in one.typed.items()},
        "settled": [f"{one.form}.{name}" for name in one.settled],
    }
