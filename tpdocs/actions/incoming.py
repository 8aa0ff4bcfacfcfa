"""Reading files on the way in: a pure function of a file, so that any number of processes can do it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tpdocs.actions.blanks import Shelf
from tpdocs.actions.workers import Workers
from tpdocs.desk.files import sha256_of
from tpdocs.findings import DocumentError, Finding
from tpdocs.forms.standard import FORMS, IDENTITY, FormSpec
from tpdocs.forms.values import Record, is_placeholder, parse_record, squeezed
from tpdocs.forms.years import with_years
from tpdocs.word.convert import converted, foreign_format
from tpdocs.word.package import Limits, Package, read_bytes
from tpdocs.word.read import read_all
from tpdocs.word.reading import BY_CONTROL, Reading

_TEMPLATE_TAG = re.compile(rb"\{\{ ?[a-z]+\.[a-z_]+ ?\}\}|\{%(?:tr|p) ")
_IDENTITY = frozenset(path.partition(".")[2] for path in IDENTITY)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture or an embedded object that stands in a document, at this place."""

    name: str
    data: bytes
    place: str = ""


@dataclass(slots=True)
class Incoming:
    """What one file says, or why it cannot be read (`refused`); `staged` is a copy of it.

    A file with several forms gives one of these for the first, with the others as its `further`; `part` counts them from 1,
    `start` is where a form begins.
    """

    path: Path
    sha256: str = ""
    form: str = ""
    properties: dict[str, str] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    identity: Record = field(default_factory=lambda: Record("report"))
    places: dict[str, str] = field(default_factory=dict)
    outside: list[tuple[str, str]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    refused: Finding | None = None
    staged: Path | None = None
    part: int = 1
    start: str = ""
    further: list["Incoming"] = field(default_factory=list)

    @property
    def forms(self) -> list["Incoming"]:
        """Every form of the file."""
        return [self, *self.further]

    @property
    def number(self) -> str:
        """The problem's number as it stands on the form, else as the form was written for."""
        return self.shown_number or self.properties.get("number", "")

    @property
    def shown_number(self) -> str:
        """The number that people see on the form."""
        shown = squeezed(str(self.identity.values.get("number") or "")).upper()
        return "" if is_placeholder(shown) else shown

    def places_of(self, form: str) -> dict[str, str]:
        """Where each field of a form stood, by field name."""
        prefix = f"{form}."
        return {path[len(prefix) :]: place for path, place in self.places.items() if path.startswith(prefix)}

    def findings_about(self, form: str) -> list[Finding]:
        """The findings about fields of a form; those about no field go with the first form."""
        first = next(iter(self.records), form)
        prefix = f"{form}."
        return [one for one in self.findings if one.field.startswith(prefix) or (not one.field and form == first)]


def read_file(path: Path, shelf: Shelf, limits: Limits, staging: Path | None = None) -> Incoming:
    """What a file says, and a copy of it in `staging`. Never raises: a file that cannot be read comes back with the reason."""
    incoming = Incoming(path)
    try:
        data = read_bytes(path, limits)
        incoming.sha256 = sha256_of(data)
        suffix = foreign_format(data)
        package = Package(converted(data, suffix) if suffix else data, limits)
        readings = read_all(package, shelf.layout)
        if suffix:
            readings[0].add("was_converted", None, "", value=suffix)
        _take_over(incoming, readings, package)
        if staging is not None:
            copy = staging / incoming.sha256
            copy.write_bytes(data)
            for one in incoming.forms:
                one.staged = copy
    except DocumentError as error:
        incoming.refused = error.finding
    except OSError as error:
        incoming.refused = Finding(code="not_copied", parts={"error": error.strerror or str(error)})
    except Exception as error:  # noqa: BLE001 - one bad file must not stop the batch, whatever it does to a parser
        incoming.refused = Finding(code="unexpected", parts={"error": f"{type(error).__name__}: {error}"[:200]})
    return incoming


def _take_over(incoming: Incoming, readings: list[Reading], package: Package) -> None:
    """Every form of the file that says something; DocumentError when none does."""
    form = readings[0].form
    by_control = any(one.how == BY_CONTROL for reading in readings for one in reading.found.values())
    if not by_control and _TEMPLATE_TAG.search(package.read(package.main_name)):
        raise DocumentError("is_template")
    if form is None:
        raise DocumentError("not_a_form")
    _check_version(form, readings[0].properties)
    made = [incoming, *(Incoming(incoming.path, incoming.sha256) for _ in readings[1:])]
    for one, reading in zip(made, readings, strict=True):
        _take_form(one, reading, package)
    incoming.further = [one for one in made[1:] if one.records]
    for blank in (one for one in made[1:] if not one.records):
        incoming.outside += blank.outside
        incoming.pictures += blank.pictures
        incoming.findings += [one for one in blank.findings if not one.field]
    if not incoming.records and not incoming.further:
        raise DocumentError("nothing_filled_in", form_name=form.name)
    _first_with_records(incoming)


def _first_with_records(incoming: Incoming) -> None:
    """A blank form pasted above filled ones gives way; what is said about the file goes on with the next."""
    if not incoming.records:
        second = incoming.further.pop(0)
        for name in ("form", "properties", "records", "identity", "places", "start"):
            setattr(incoming, name, getattr(second, name))
        incoming.outside += second.outside
        incoming.pictures += second.pictures
        incoming.findings += second.findings
    for number, one in enumerate(incoming.forms, 1):
        one.part = number


def _take_form(incoming: Incoming, reading: Reading, package: Package) -> None:
    form = reading.form
    if form is None:
        return
    incoming.form = form.code
    incoming.start = reading.start
    incoming.properties = reading.properties
    incoming.places = {path: one.place for path, one in reading.found.items()}
    incoming.outside = reading.outside
    incoming.findings = reading.findings
    for key, spec in FORMS.items():
        answers = reading.answers(key)
        if key == "report":
            incoming.identity = parse_record(key, spec.fields, answers)
        if key == form.key or (form.key == "dossier" and answers):
            # Number and status are the tool's to give: on a form they say where a record belongs, they are not part of it.
            told = {name: raw for name, raw in answers.items() if not spec.by_name[name].computed}
            record, assumed = with_years(parse_record(key, spec.fields, told), spec.by_name)
            incoming.findings += assumed
            # In a dossier of a problem on record, title, type and severity alone only say which problem it is.
            only_identity = (
                form.key != key and bool(incoming.number) and record.values.keys() | record.raw.keys() <= _IDENTITY
            )
            if not record.is_empty and not (key == "report" and only_identity):
                incoming.records[key] = record
    for place, _, part in reading.pictures:
        incoming.pictures.append(Picture(part.rpartition("/")[2], package.read(part), place))


def _check_version(form: FormSpec, properties: dict[str, str]) -> None:
    version = properties.get("version", "")
    if version.isdecimal() and int(version) > form.about.version:
        raise DocumentError("newer_form", form_name=form.name, value=version, other_value=form.about.version)


def read_files(
    paths: list[Path],
    reader: Callable[[Path], Incoming],
    workers: Workers,
    step: Callable[[Incoming], None],
) -> list[Incoming]:
    """All files read, in the order given; `step` is told of each."""
    found: list[Incoming] = []
    for one in workers.map(reader, paths):
        found.append(one)
        step(one)
    return found


def in_order(incoming: Iterable[Incoming]) -> list[Incoming]:
    """Reports by their own time, then everything else by its own: numbers and rounds do not depend on who read first.

    A file with several forms goes by its first one.

    By time before stage, else the second round's solution would be taken in before the first round's verification.
    """
    keys = list(FORMS)

    def order(one: Incoming) -> tuple[int, str, int, str]:
        if not one.records:
            return 2, "", 0, str(one.path)
        form = "report" if "report" in one.records else next(iter(one.records))
        time = str(one.records[form].values.get(FORMS[form].about.done) or "9999")
        return int(form != "report"), time, keys.index(form), str(one.path)

    return sorted(incoming, key=order)
