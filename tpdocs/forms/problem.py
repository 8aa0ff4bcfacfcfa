"""One problem as the forms on record tell it: its round, status, stage and the forms due next, all derived."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from tpdocs.findings import Finding
from tpdocs.forms.choices import BACK_TO_SOLUTION, FAILED, PASSED, REVIEW_PASSED
from tpdocs.forms.closure import Closure
from tpdocs.forms.fields import NO, YES, Form
from tpdocs.forms.moment import Moment
from tpdocs.forms.report import Report, named_files
from tpdocs.forms.standard import FIELDS, FORMS, STAGES
from tpdocs.forms.values import is_answer
from tpdocs.forms.verification import Residual, Verification
from tpdocs.language import Phrase, phrase

WAITING, ACCEPTING, INVESTIGATING, PLANNING, IMPLEMENTING = "待受理", "受理中", "排查中", "方案制定", "实施中"
TO_VERIFY, TO_CLOSE, CLOSED, ARCHIVED, WITHDRAWN = "待验证", "待关闭", "已关闭", "已归档", "已撤销"
STATUSES = (WAITING, ACCEPTING, INVESTIGATING, PLANNING, IMPLEMENTING, TO_VERIFY, TO_CLOSE, CLOSED, ARCHIVED, WITHDRAWN)
_STAGE = {
    WAITING: 2,
    ACCEPTING: 2,
    INVESTIGATING: 3,
    PLANNING: 4,
    IMPLEMENTING: 4,
    TO_VERIFY: 5,
    TO_CLOSE: 5,
    CLOSED: 6,
    ARCHIVED: 6,
    WITHDRAWN: 6,
}
_DUE = {
    WAITING: ("triage",),
    ACCEPTING: ("triage",),
    INVESTIGATING: ("investigation",),
    PLANNING: ("solution",),
    IMPLEMENTING: ("implementation",),
    TO_VERIFY: ("verification",),
    TO_CLOSE: ("closure",),
    CLOSED: ("feedback", "archive"),
    ARCHIVED: ("feedback",),
}
REOPENED, WITHDRAWAL = "reopened", "withdrawn"
REGISTER_SOURCE = "登记表"  # what a conflict names as its other side where it stands in the register
# The stage outputs in the order they are handed in; of these, the ones from `investigation` on belong to a round.
ORDER = (
    "report",
    "triage",
    "investigation",
    "solution",
    "implementation",
    "verification",
    "closure",
    "feedback",
    "archive",
)

AnyForm = TypeVar("AnyForm", bound=Form)


@dataclass(frozen=True)
class Stored:
    """What is on record for one form in one round: the newest revision's state, and what its last document said.

    `typed` is what somebody typed into the register and is no value of its field, by field or cell.
    """

    form: str
    round: int = 1
    values: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    revision: int = 0

    @cached_property
    def model(self) -> Form | None:
        """The typed values."""
        kind = FORMS[self.form].model
        return kind.model_validate(self.values) if kind else None

    def get(self, path: str) -> Any:
        """The value of a field of this form, by its path; None for anything else."""
        form, _, name = path.partition(".")
        return self.values.get(name) if form == self.form else None


@dataclass(frozen=True)
class Residue:
    """An action out of a verification: something left over, with the round and row it stands in."""

    round: int
    row: int
    residual: Residual


@dataclass(frozen=True)
class Problem:
    """One problem. `stored` holds every form of every round that is on record, `events` reopenings and withdrawals in order.

    `attachments` are the names of the files that came with its forms, `event_times` when (ISO 8601) the events were.
    """

    number: str
    stored: tuple[Stored, ...] = ()
    events: tuple[str, ...] = ()
    revision: int = 0
    attachments: frozenset[str] = frozenset()
    event_times: tuple[str, ...] = ()

    @cached_property
    def _by_place(self) -> dict[tuple[str, int], Stored]:
        return {(one.form, one.round): one for one in self.stored}

    @cached_property
    def round(self) -> int:
        """The round that is open now: one more for each failed verification and each reopening after closing."""
        number, reopenings = 1, len(self._reopenings)
        while True:
            if self._said("verification", number, "conclusion") != FAILED:
                if not reopenings or ("closure", number) not in self._by_place:
                    break
                reopenings -= 1
            number += 1
        return max([number, *(one.round for one in self.stored)])

    @cached_property
    def _reopenings(self) -> list[str]:
        """When closed rounds were followed by new ones; a reopening right after a withdrawal only takes that back."""
        times = (*self.event_times, *("" for _ in self.events))
        return [
            times[number]
            for number, event in enumerate(self.events)
            if event == REOPENED and (number == 0 or self.events[number - 1] != WITHDRAWAL)
        ]

    def starts_at_solution(self, number: int) -> bool:
        """Whether a round was sent back to 方案制定 only, so that the investigation before it still holds."""
        said = [self._said("verification", number - 1, name) for name in ("conclusion", "return_to")]
        return said == [FAILED, BACK_TO_SOLUTION]

    def _said(self, form: str, number: int, name: str) -> Any:
        """What a form of a round says in a field, nothing inherited: rules ask so often that no model is made for it."""
        one = self._by_place.get((form, number))
        return one.values.get(name) if one else None

    @cached_property
    def _now(self) -> dict[str, Stored]:
        """Every form as it holds now."""
        if self.round == 1:  # as of most, where nothing is inherited
            return {form: one for form in ORDER if (one := self._by_place.get((form, 1))) is not None}
        return {form: one for form in ORDER if (one := self.state(form, self.round)) is not None}

    def state(self, form: str, number: int | None = None) -> Stored | None:
        """What is on record for a form in a round (the open one if none is given); inherited where the round inherits."""
        if number is None:
            return self._now.get(form)
        if not FORMS[form].about.by_round:
            return self._by_place.get((form, 1))
        found = self._by_place.get((form, number))
        if found is None and form == "investigation" and number > 1 and self.starts_at_solution(number):
            return self.state(form, number - 1)
        return found

    def own_state(self, form: str, number: int) -> Stored | None:
        """What is on record for exactly that form and round, nothing inherited."""
        return self._by_place.get((form, number))

    def with_state(self, one: Stored) -> "Problem":
        """The problem with another state on record for that form and round."""
        others = tuple(kept for kept in self.stored if (kept.form, kept.round) != (one.form, one.round))
        return replace(self, stored=(*others, one), revision=max(self.revision, one.revision))

    def at(self, kind: type[AnyForm], number: int) -> AnyForm | None:
        """The typed form of a round, not inherited."""
        one = self._by_place.get((kind.about.key, number if kind.about.by_round else 1))
        model = one.model if one else None
        return model if isinstance(model, kind) else None

    def now(self, kind: type[AnyForm]) -> AnyForm | None:
        """The typed form as it holds now, in the open round."""
        one = self.state(kind.about.key)
        model = one.model if one else None
        return model if isinstance(model, kind) else None

    def get(self, path: str) -> Any:
        """The value of a field now, as the record keeps it; None when it is empty."""
        form, _, name = path.partition(".")
        if path == "report.number":
            return self.number
        one = self._now.get(form)
        return one.values.get(name) if one else None

    @cached_property
    def report(self) -> Report:
        """The report; an empty one where none is on record yet."""
        return self.now(Report) or Report()

    @property
    def missing_attachments(self) -> list[str]:
        """The files that the report names and that have not come."""
        return [name for name in named_files(self.get("report.attachments")) if name not in self.attachments]

    @cached_property
    def status(self) -> str:
        """By the standard's table: the first stage output that is not there yet decides."""
        if self.events and self.events[-1] == WITHDRAWAL:
            return WITHDRAWN
        if "archive" in self._now:
            return ARCHIVED
        if "closure" in self._now:
            return CLOSED
        return self._open_status()

    def _open_status(self) -> str:
        get = self.get
        if "triage" not in self._now:
            return WAITING
        lacking = get("triage.complete") is False and get("triage.supplemented_at") is None
        if get("triage.analysed_at") is None or lacking:
            return ACCEPTING
        if not is_answer(FIELDS["investigation.root_cause"], get("investigation.root_cause")):
            return INVESTIGATING
        if get("solution.review_conclusion") not in REVIEW_PASSED:
            return PLANNING
        if get("implementation.finished_at") is None:
            return IMPLEMENTING
        return TO_CLOSE if get("verification.conclusion") == PASSED else TO_VERIFY

    @property
    def is_open(self) -> bool:
        """Whether it is neither closed nor withdrawn."""
        return self.status not in (CLOSED, ARCHIVED, WITHDRAWN)

    @property
    def stage(self) -> str:
        """Number and name of the stage it is in."""
        number = _STAGE[self.status]
        return f"{number} {STAGES[number]}"

    @property
    def due_forms(self) -> tuple[str, ...]:
        """The keys of the forms due next; the closing notice is written by ``tpdocs close``."""
        wanted = _DUE.get(self.status, ())
        return tuple(key for key in wanted if self.state(key) is None or key not in ("feedback", "archive"))

    @cached_property
    def priority(self) -> str | None:
        """The priority set at triage, before that the reported severity."""
        priority: str | None = self.get("triage.priority") or self.get("report.severity")
        return priority

    @cached_property
    def residuals(self) -> tuple[Residue, ...]:
        """Everything left over by any round's verification."""
        found = []
        for number in range(1, self.round + 1):
            # A model is made only where there are any, for most have none.
            if self._said("verification", number, "residuals") and (one := self.at(Verification, number)):
                found += [Residue(number, row, residual) for row, residual in enumerate(one.residuals, 1)]
        return tuple(found)

    @cached_property
    def round_began(self) -> Moment | None:
        """When the open round began: the failed verification before it, or the reopening; None in the first."""
        if self.round == 1:
            return None
        if self.at(Closure, self.round - 1) is not None:
            closed = sum(self.at(Closure, number) is not None for number in range(1, self.round))
            time = self._reopenings[closed - 1] if closed <= len(self._reopenings) else ""
            return Moment.from_iso(time[:16]) if time else None
        before = self.at(Verification, self.round - 1)
        return before.verified_at if before else None

    def round_at(self, when: Moment | None) -> int:
        """The round that was open at a time, for a form that does not say which it was written for."""
        if when is None:
            return self.round
        failed = [self.at(Verification, number) for number in range(1, self.round)]
        ended = [one.verified_at for one in failed if one is not None and one.verified_at is not None]
        return 1 + sum(1 for end in ended if end.at < when.at and end.is_before(when))

    def reasons_not_to_close(self) -> list[Phrase]:
        """What stands against closing, in the words on the forms; empty when the gate is met."""
        status = phrase("its status is “{status}”", status=self.status)
        if self.status in (CLOSED, ARCHIVED, WITHDRAWN):
            return [status]
        reasons = [] if self.status == TO_CLOSE else [status]
        verification = self.now(Verification)
        if verification is None:
            title = FORMS["verification"].title
            reasons.append(phrase("round {round} has no 《{title}》", round=self.round, title=title))
        else:
            reasons += _reasons_in(verification)
        return reasons + self._open_residuals()

    def reasons_not_to_archive(self) -> list[Phrase]:
        """What stands against an archive form typed by hand: it would end a problem that is not closed."""
        return [] if self.status in (CLOSED, ARCHIVED) else [phrase("its status is “{status}”", status=self.status)]

    def _open_residuals(self) -> list[Phrase]:
        needed = [FIELDS["verification.residuals"].column(name) for name in ("plan", "owner", "due")]
        reasons = []
        for one in self.residuals:
            what = one.residual
            lacking = [column.label for column in needed if not is_answer(column, getattr(what, column.name))]
            if what.done_at is None and lacking:
                told = {"problem": what.problem or one.row, "lacking": "、".join(lacking)}
                reasons.append(phrase("the residual problem “{problem}” does not say {lacking}", **told))
        return reasons


def _reasons_in(verification: Verification) -> list[Phrase]:
    labels = {
        name: FIELDS[f"verification.{name}"].label for name in ("conclusion", "resolved", "residual", "residuals")
    }
    reasons = []
    if verification.conclusion != PASSED:
        reasons.append(phrase("“{label}” is not “{value}”", label=labels["conclusion"], value=PASSED))
    if verification.resolved is False:
        reasons.append(phrase("“{label}” is “{value}”", label=labels["resolved"], value=NO))
    if verification.residual and not verification.residuals:
        told = {"label": labels["residual"], "value": YES, "other": labels["residuals"]}
        reasons.append(phrase("“{label}” is “{value}”, but “{other}” is not filled in", **told))
    return reasons


def duration_text(start: datetime, end: datetime) -> str:
    """How long something took, as the feedback form says it: ``3天4小时20分``."""
    minutes = max(0, int((end - start).total_seconds()) // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    told = "".join(f"{number}{unit}" for number, unit in ((days, "天"), (hours, "小时"), (minutes, "分")) if number)
    return told or "不到1分钟"
