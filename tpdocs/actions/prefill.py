"""What the ledger knows that belongs on the next form, and the form filled with it."""

from collections.abc import Mapping

from tpdocs.actions.blanks import Shelf
from tpdocs.config import Settings
from tpdocs.forms.closure import Closure
from tpdocs.forms.feedback import Feedback
from tpdocs.forms.investigation import Investigation
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import CLOSED, Problem, duration_text
from tpdocs.forms.solution import Solution
from tpdocs.forms.standard import FIELDS, FORMS, IDENTITY, FormSpec
from tpdocs.forms.triage import Triage
from tpdocs.forms.values import Plain, Record, text_of
from tpdocs.ledger.entries import Document
from tpdocs.word.fill import Content, FormDocument


def prefilled(
    problem: Problem,
    form: FormSpec,
    shelf: Shelf,
    desk_id: str,
    revision: int,
    documents: list[Document],
    settings: Settings,
) -> bytes:
    """The form of a problem, still fillable: identity, what is on record for it, and what follows from other forms.

    It carries number, round and ledger revision, so that what comes back is merged against what was sent out.
    """
    content = Content({path: problem.get(path) for path in IDENTITY if problem.get(path) is not None})
    suggested = suggestions(problem, form, documents, settings)
    content.values |= {f"{form.key}.{name}": value for name, value in suggested.items() if value}
    for path in form.shows:
        state = problem.state(path.partition(".")[0])
        name = path.partition(".")[2]
        # A form of an earlier round that this one inherits is not this one's own answer.
        if state is not None and (state.round == problem.round or not FORMS[state.form].about.by_round):
            one = Record(
                state.form, {name: state.values[name]} if name in state.values else {}, _raw_of(state.raw, name)
            )
            content.add(one)
    properties = {"number": problem.number, "round": str(problem.round), "revision": str(revision), "desk": desk_id}
    properties["prefilled"] = _own_record(form, content).digest
    return FormDocument(shelf.blank(form).data).fill(content, properties)


def _own_record(form: FormSpec, content: Content) -> Record:
    """What will be read from the form if nobody writes anything into it."""
    own = {one.name for one in form.fields if not one.computed}
    record = Record(form.key)
    for kept, given in ((record.values, content.values), (record.raw, content.raw)):
        for path, value in given.items():
            key, _, name = path.partition(".")
            if key == form.key and name.partition("[")[0] in own:
                kept[name] = value
    return record


def _raw_of(raw: Mapping[str, str], name: str) -> dict[str, str]:
    return {key: text for key, text in raw.items() if key == name or key.startswith(f"{name}[")}


def suggestions(problem: Problem, form: FormSpec, documents: list[Document], settings: Settings) -> dict[str, Plain]:
    """What other forms suggest for the fields of this one, by field name."""
    maker = _MAKERS.get(form.key)
    return maker(problem, documents, settings) if maker else {}


def _triage(problem: Problem, _documents: list[Document], _settings: Settings) -> dict[str, Plain]:
    report = problem.report
    return {"priority": report.severity, "type": report.type, "type_other": report.type_other}


def _investigation(problem: Problem, _documents: list[Document], _settings: Settings) -> dict[str, Plain]:
    triage = problem.now(Triage)
    return {"lead": triage.analyst if triage else None}


def _solution(problem: Problem, _documents: list[Document], _settings: Settings) -> dict[str, Plain]:
    investigation = problem.now(Investigation)
    return {"author": investigation.lead if investigation else None}


def _implementation(problem: Problem, _documents: list[Document], _settings: Settings) -> dict[str, Plain]:
    solution = problem.now(Solution)
    owners = {step.owner for step in solution.steps if step.owner} if solution else set()
    return {"owner": owners.pop() if len(owners) == 1 else None}


def closure_values(problem: Problem, _documents: list[Document], settings: Settings) -> dict[str, Plain]:
    """The closing notice as far as the other forms tell it."""
    triage = problem.now(Triage)
    return {
        "status": CLOSED,
        "closed_by": (triage.accepted_by if triage else None) or settings.people.acceptor,
        "recipients": _recipients(problem),
        "summary": _summary(problem),
        "residual_risk": _residual_risk(problem),
    }


def _recipients(problem: Problem) -> str:
    report, investigation, solution = problem.report, problem.now(Investigation), problem.now(Solution)
    reporter = f"{report.reported_by or ''}" + (f"（{report.department}）" if report.department else "")
    named = [
        f"上报人：{reporter}" if report.reported_by else "",
        f"协作部门：{investigation.departments}" if investigation and investigation.departments else "",
        f"参与评审部门：{solution.review_departments}" if solution and solution.review_departments else "",
    ]
    return "\n".join(part for part in named if part)


def _summary(problem: Problem) -> str:
    paths = ("investigation.root_cause", "solution.content", "implementation.result", "verification.conclusion")
    return "\n".join(
        f"{FIELDS[path].label}：{text_of(FIELDS[path], problem.get(path))}" for path in paths if problem.get(path)
    )


def _residual_risk(problem: Problem) -> str:
    left = [one.residual for one in problem.residuals if one.residual.done_at is None]
    lines = [
        f"{one.problem or ''}：{one.plan or ''}（责任人：{one.owner or ''}，计划完成日期：{one.due or ''}）"
        for one in left
    ]
    return "\n".join(lines) or "无"


def _feedback(problem: Problem, _documents: list[Document], settings: Settings) -> dict[str, Plain]:
    triage, closure = problem.now(Triage), problem.now(Closure)
    return {
        "informed_by": (triage.accepted_by if triage else None) or settings.people.acceptor,
        "summary": problem.get("solution.content"),
        "duration": _duration(problem.report.reported_at, closure.closed_at if closure else None),
        "user": problem.report.reported_by,
    }


def _duration(start: Moment | None, end: Moment | None) -> str | None:
    if start is None or end is None:
        return None
    if "day" in (start.precision, end.precision):
        return f"{(end.day - start.day).days}天"
    return duration_text(start.at, end.at)


def _archive(problem: Problem, documents: list[Document], _settings: Settings) -> dict[str, Plain]:
    feedback: Feedback | None = problem.now(Feedback)
    return {
        "documents": [{"file": one.name, "form": FORMS[one.form].name, "sha256": one.sha256} for one in documents],
        "symptom": problem.report.description,
        "cause": problem.get("investigation.root_cause"),
        "solution": problem.get("solution.content"),
        "prevention": feedback.prevention if feedback else None,
    }


_MAKERS = {
    "triage": _triage,
    "investigation": _investigation,
    "solution": _solution,
    "implementation": _implementation,
    "closure": closure_values,
    "feedback": _feedback,
    "archive": _archive,
}
