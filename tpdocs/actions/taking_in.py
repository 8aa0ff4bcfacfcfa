"""Taking one read document into the ledger: which problem, which round, what changes. Runs inside a transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tpdocs.actions.incoming import Incoming
from tpdocs.actions.on_record import OnRecord
from tpdocs.actions.standing import Standing
from tpdocs.checks.content import form_findings
from tpdocs.checks.deadlines import owner_of
from tpdocs.checks.rules import is_period
from tpdocs.config import Settings
from tpdocs.findings import DocumentError, Finding
from tpdocs.forms.moment import Moment
from tpdocs.forms.problem import WITHDRAWN, Problem, Stored
from tpdocs.forms.standard import FIELDS, FORMS, find_form
from tpdocs.forms.values import Record, squeezed, text_of
from tpdocs.ledger.entries import NewDocument, NewRevision
from tpdocs.ledger.merge import Change, merge
from tpdocs.ledger.store import REVIEW, Transaction

NEW, REVISED, UNCHANGED, REJECTED = "new", "revised", "unchanged", "rejected"


@dataclass(slots=True)
class RecordOutcome:
    """What became of one form in a document."""

    form: str
    number: str
    outcome: str
    round: int = 1
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class FileOutcome:
    """What became of one file. `kept_at` is where the archive keeps it, `attached` name, hash and place of what came along."""

    incoming: Incoming
    outcome: str = REJECTED
    records: list[RecordOutcome] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    attached: list[tuple[str, str, str]] = field(default_factory=list)
    opened: str = ""
    kept_at: str = ""
    document_id: int | None = None

    @property
    def number(self) -> str:
        """The problem (or period) it went to."""
        return self.records[0].number if self.records else ""


Keep = Callable[[str, Incoming], str]


@dataclass(slots=True)
class Intake:
    """What taking documents in needs to know; `keep` puts a document into a problem's archive and says where."""

    transaction: Transaction
    settings: Settings
    now: datetime
    batch: int
    on_record: OnRecord
    keep: Keep
    desk_id: str
    archive: Path
    person: str = ""

    def take_in(self, incoming: Incoming) -> FileOutcome:
        """One document into the ledger; a rejected one leaves no trace there."""
        result = self._taken(incoming)
        problem = self.on_record.problems.get(result.number)
        if problem is not None and problem.status == WITHDRAWN and result.outcome != REJECTED:
            result.records[0].findings.append(Finding(code="problem_withdrawn", number=problem.number))
        return result

    def _taken(self, incoming: Incoming) -> FileOutcome:
        result = FileOutcome(incoming)
        if incoming.refused is not None:
            result.findings = [incoming.refused]
            return result
        known = self._known(incoming, result)
        if known and incoming.records.keys() <= {one.form for one in result.records}:
            result.outcome = UNCHANGED
            return result
        try:
            subject = known or self._subject(incoming, result)
            if incoming.part > 1 and self._is_there_twice(subject, incoming, result):
                result.outcome = UNCHANGED
                return result
        except DocumentError as error:
            result.findings = [replace(error.finding, form=incoming.form, place=incoming.start)]
            return result
        self._take_records(subject, incoming, result)
        return result

    def _known(self, incoming: Incoming, result: FileOutcome) -> str:
        """The problem these very bytes went to before, with what was taken in then among the outcomes; else an empty text."""
        if incoming.sha256 not in self.on_record.hashes:
            return ""
        known = [one for one in self.transaction.document_with(incoming.sha256) if one.part == incoming.part]
        if not known:
            return ""
        result.records = [RecordOutcome(one.form, one.subject, UNCHANGED, one.round) for one in known]
        result.kept_at, result.document_id = known[0].path, known[0].id
        return known[0].subject

    def _is_there_twice(self, subject: str, incoming: Incoming, result: FileOutcome) -> bool:
        """Whether a form pasted below another says the same of the same problem; DocumentError when it says something else."""
        earlier = [one for one in self.transaction.document_with(incoming.sha256) if one.part < incoming.part]
        for form, record in incoming.records.items():
            number = self._round(self.on_record.problems.get(subject, Problem(subject)), form, record, incoming)
            if not any((one.subject, one.form, one.round) == (subject, form, number) for one in earlier):
                return False
            told = self.transaction.last_answers(subject, form, number, incoming.form)
            if (told.values, told.raw) != (record.values, record.raw):
                raise DocumentError("form_twice", form_name=FORMS[form].name, value=subject)
            result.records.append(RecordOutcome(form, subject, UNCHANGED, number))
        result.kept_at = earlier[0].path
        return True

    def _number_above(self, incoming: Incoming) -> str:
        """The problem that a form above this one in the same file is about, where both have its title; else an empty text."""
        title = squeezed(str(incoming.identity.values.get("title") or ""))
        if incoming.part == 1 or not title:
            return ""
        above = [one.subject for one in self.transaction.document_with(incoming.sha256) if one.part < incoming.part]
        titled = (one for one in above if one in self.on_record.problems)
        return next((one for one in titled if squeezed(self.on_record.problems[one].report.title) == title), "")

    def _subject(self, incoming: Incoming, result: FileOutcome) -> str:
        """The problem or period a document belongs to; opens a problem for a new report."""
        if REVIEW in incoming.records:
            return self._period(incoming)
        if (desk := incoming.properties.get("desk", "")) and desk != self.desk_id:
            raise DocumentError("other_desk", value=desk[:8])
        label = FIELDS["report.number"].label
        shown, written_for = incoming.shown_number, incoming.properties.get("number", "")
        if shown and written_for and shown != written_for:
            raise DocumentError("number_contradicts", value=shown, other_value=written_for, label=label)
        number = incoming.number
        if not number and (report := incoming.records.get("report")):
            number = self.on_record.same(report) or self._kept_for(incoming)
            if not number:
                result.opened = number = self._open(incoming, report)
            return number
        if not number and not (number := self._number_above(incoming)):
            form = find_form(incoming.form)
            raise DocumentError("number_missing", label=label, form_name=form.name if form else "")
        if number not in self.on_record.problems:
            raise DocumentError("number_unknown", value=number, label=label)
        title = str(incoming.identity.values.get("title") or "")
        other = self.on_record.titled(title) if title else ""
        if (
            other
            and other != number
            and shown != written_for
            and squeezed(title) not in self._titles_of(number, incoming)
        ):
            raise DocumentError("number_of_another", value=number, other_value=other, label=label)
        if report := incoming.records.get("report"):
            self._same_problem(number, report, incoming)
        return number

    def _kept_for(self, incoming: Incoming) -> str:
        """The problem in whose archive a report lies that is on record no more, after a backup was restored; else an empty text."""
        folder = incoming.path.absolute().parent
        problem = self.on_record.problems.get(folder.name)
        lies_there = problem is not None and not problem.stored and folder.parent == self.archive
        return folder.name if lies_there else ""

    def _same_problem(self, number: str, report: Record, incoming: Incoming) -> None:
        """A report whose title and whose reporter or time are others than on record is about something else."""
        title = squeezed(str(report.values.get("title") or ""))
        known = self.on_record.problems[number]
        if not title or not known.report.title or title in self._titles_of(number, incoming):
            return
        for name in ("reported_by", "occurred_at"):
            ours, theirs = known.get(f"report.{name}"), report.values.get(name)
            if ours and theirs and squeezed(str(ours)) != squeezed(str(theirs)):
                parts = {"value": number, "title": known.report.title, "other_label": FIELDS[f"report.{name}"].label}
                raise DocumentError("another_problem", label=FIELDS["report.number"].label, **parts)

    def _titles_of(self, number: str, incoming: Incoming) -> set[str]:
        """The title of a problem now, and when the form was written."""
        told = incoming.properties.get("revision", "")
        then = self.transaction.problem(number, as_of=int(told)) if told.isdecimal() else None
        found = [one.report.title for one in (self.on_record.problems[number], then) if one is not None]
        return {squeezed(title) for title in found if title}

    def _period(self, incoming: Incoming) -> str:
        period = (
            str(incoming.records[REVIEW].values.get("period") or incoming.properties.get("number", "")).strip().upper()
        )
        if not is_period(period):
            raise DocumentError("period_missing", value=period, label=FIELDS["review.period"].label)
        return period

    def _open(self, incoming: Incoming, report: Record) -> str:
        near, agree = self.on_record.near(report)
        number = self.transaction.give_number(self.batch)
        self.on_record.problems[number] = Problem(number)
        self.on_record.add(number, report)
        if near:
            incoming.findings.append(
                Finding(code="possible_duplicate", number=number, field="report.title", label=FIELDS["report.title"].label,
                        parts={"other": near, "agree": agree})
            )  # fmt: skip
        return number

    def _take_records(self, subject: str, incoming: Incoming, result: FileOutcome) -> None:
        done = {one.form for one in result.records}
        for form, record in incoming.records.items():
            if form in done:
                continue
            problem = self.on_record.problems.get(subject, Problem(subject))
            number = self._round(problem, form, record, incoming)
            before = self.on_record.reviews.get(subject) if form == REVIEW else problem.own_state(form, number)
            if before is None and (refused := _refusal(problem, form, record, incoming)):
                result.records.append(RecordOutcome(form, subject, REJECTED, number, findings=[refused]))
            else:
                # Only now: a document of which everything is refused leaves nothing in the archive.
                result.kept_at = result.kept_at or self.keep(subject, incoming)
                result.records.append(self._take_record(subject, number, incoming, record, before, problem, result))
        outcomes = {one.outcome for one in result.records}
        result.outcome = next(one for one in (NEW, REVISED, UNCHANGED, REJECTED) if one in outcomes)
        if outcomes != {REJECTED}:
            self.on_record.hashes.add(incoming.sha256)

    def _round(self, problem: Problem, form: str, record: Record, incoming: Incoming) -> int:
        about = FORMS[form].about
        if not about.by_round:
            return 1
        told = incoming.properties.get("round", "")
        if told.isdecimal() and incoming.form == FORMS[form].code:
            return max(1, min(int(told), problem.round))
        done = record.values.get(about.done)
        return problem.round_at(Moment.from_iso(done) if done else None)

    def _take_record(
        self,
        subject: str,
        number: int,
        incoming: Incoming,
        record: Record,
        before: Stored | None,
        problem: Problem,
        result: FileOutcome,
    ) -> RecordOutcome:
        form = record.form
        base = self._base(subject, form, number, incoming) if before else Record(form)
        ours = Record(form, dict(before.values), dict(before.raw)) if before else Record(form)
        merged = merge(FORMS[form].fields, base, ours, record)
        notes = [*incoming.findings_about(form), *self._identity(incoming, form, problem)]
        notes = [replace(one, number=subject, form=FORMS[form].code) for one in notes]
        result.document_id = self._add_document(subject, number, incoming, record, notes, result.kept_at)
        told_revision = incoming.properties.get("revision", "")
        knew = before is not None and told_revision.isdecimal() and int(told_revision) >= before.revision
        standing = Standing(before, merged, incoming.path.name, knew)
        conflicts = standing.conflicts
        state = {
            "values": merged.values,
            "raw": merged.raw,
            "places": {**(before.places if before else {}), **incoming.places_of(form)},
            "conflicts": conflicts,
            "typed": standing.typed,
        }
        outcome = NEW if before is None else REVISED if merged.changes or merged.conflicts else UNCHANGED
        if outcome != UNCHANGED or (before is not None and conflicts != before.conflicts):
            new = NewRevision(subject, form, number, "document", self.person, state, merged.changes, result.document_id)
            revision = self.transaction.add_revision(self.batch, self.now.isoformat(timespec="seconds"), new)
            before = Stored(
                form, number, merged.values, merged.raw, state["places"], conflicts, state["typed"], (), revision
            )
            self._remember(subject, before)
        told = [*self._about(subject, before), *standing.displaced(subject), *notes]
        return RecordOutcome(form, subject, outcome, number, merged.changes, told)

    def _add_document(
        self, subject: str, number: int, incoming: Incoming, record: Record, notes: list[Finding], kept_at: str
    ) -> int:
        part = {"part": incoming.part} if incoming.part > 1 else {}
        told = {"findings": [one.stored() for one in notes], "outside": [list(one) for one in incoming.outside], **part}
        new = NewDocument(
            incoming.sha256, subject, record.form, number, incoming.path.name, kept_at, record, told, incoming.form
        )
        return self.transaction.add_document(self.batch, self.now.isoformat(timespec="seconds"), new)

    def _remember(self, subject: str, one: Stored) -> None:
        if one.form == REVIEW:
            self.on_record.reviews[subject] = one
            return
        self.on_record.problems[subject] = self.on_record.problems.get(subject, Problem(subject)).with_state(one)
        if one.form == "report":
            self.on_record.add(subject, Record("report", dict(one.values), dict(one.raw)))

    def _base(self, subject: str, form: str, number: int, incoming: Incoming) -> Record:
        """What the sender started from: the revision the form was prefilled at, else the last document of that form."""
        told = incoming.properties.get("revision", "")
        if told.isdecimal():
            if form == REVIEW:
                return Record(form)
            problem = self.transaction.problem(subject, as_of=int(told))
            state = problem.own_state(form, number) if problem else None
            return Record(form, dict(state.values), dict(state.raw)) if state else Record(form)
        return self.transaction.last_answers(subject, form, number, incoming.form)

    def _identity(self, incoming: Incoming, form: str, problem: Problem) -> list[Finding]:
        """Where the identity block of a later form differs from the record as of when the form was written."""
        if form in ("report", REVIEW) or "report" in incoming.records:
            return []
        told = incoming.properties.get("revision", "")
        then = (self.transaction.problem(problem.number, as_of=int(told)) if told.isdecimal() else None) or problem
        found = []
        for name in ("title", "type", "severity"):
            field = FIELDS[f"report.{name}"]
            shown, on_record = incoming.identity.values.get(name), then.get(field.path)
            if shown and on_record and squeezed(str(shown)) != squeezed(str(on_record)):
                code = "title_differs" if name == "title" else "identity_differs"
                parts = {"value": text_of(field, shown), "other_value": text_of(field, on_record)}
                place = incoming.places.get(field.path, "")
                found.append(Finding(code=code, field=field.path, label=field.label, place=place, parts=parts))
        return found

    def _about(self, subject: str, one: Stored | None) -> list[Finding]:
        """What is to say about a form as it is on record now."""
        if one is None:
            return []
        problem = self.on_record.problems.get(subject)
        bare = replace(one, findings=())
        if problem is None:
            return form_findings(bare, subject, bare.get, lambda: str(bare.get("review.organizer") or ""))
        return form_findings(bare, subject, problem.get, lambda: owner_of(problem, one.form, self.settings))


def _refusal(problem: Problem, form: str, record: Record, incoming: Incoming) -> Finding | None:
    """Why a form that is not on record yet cannot be taken in; None when it can."""
    if incoming.properties.get("prefilled") == record.digest:
        # It came back as it was written: what stands on it is our own suggestion, nobody's answer.
        parts = {"form_name": FORMS[form].name}
        return Finding(code="nothing_filled_in", number=problem.number, form=FORMS[form].code, parts=parts)
    if form == "closure" and (reasons := problem.reasons_not_to_close()):
        return Finding(code="closure_refused", number=problem.number, form="F07", parts={"reason": reasons})
    return None
