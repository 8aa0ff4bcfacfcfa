"""What editors and people do to our own forms, rebuilt on a filled report."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from tests.conftest import filled
from tests.damage import bare, without_controls, without_tags
from tests.docx_tools import Doc, above, foreign_control, paragraph, row, run, with_part, wrap, wrapped, xml
from tests.matrix.judged import values_of
from tests.matrix.wild import Construct
from tests.records import full_record
from tpdocs.forms.standard import ALL_FORMS, FIELDS, FORMS, form_named
from tpdocs.word.package import CUSTOM_PART
from tpdocs.word.xml import w

TITLE, DESCRIPTION, DEPARTMENT = "report.title", "report.description", "report.department"
RECORD = full_record("report", "文字 & <字>")
_LINES = full_record("report", "文字，第一行\n第二行")
VALUES = values_of(RECORD)
_FILLED = filled("F01", RECORD)
_CHANGE = 'w:id="8" w:author="a" w:date="2026-01-01T00:00:00Z"'
Change = Callable[[Doc], None]


def _edited(key: str, what: str, change: Change, *, told: str = "", **values: Any) -> Construct:
    """A filled report after one thing was done to it; `values` are what it says otherwise than before (None: nothing)."""

    def changed(_: bytes) -> bytes:
        doc = Doc(_FILLED)
        change(doc)
        return doc.bytes

    return _whole(key, what, changed, told=told, **values)


def _whole(key: str, what: str, change: Callable[[bytes], bytes], *, told: str = "", **values: Any) -> Construct:
    says = {**VALUES, **{f"report.{name}": value for name, value in values.items()}}
    kept = {path: value for path, value in says.items() if value is not None}
    return Construct(key, what, (), kept, frozenset(told.split()), lambda _: change(_FILLED))


def _typed_into_the_prompt(doc: Doc) -> None:
    doc.put(DEPARTMENT, f"运维部{FIELDS[DEPARTMENT].prompt}")


def _cell_typed_over(doc: Doc) -> None:
    cell = doc.cell(DEPARTMENT)
    for one in cell.findall(w("p")):
        cell.remove(one)
    cell.append(paragraph("运维部"))


def _split(doc: Doc) -> None:
    doc.put(DEPARTMENT, *[run(sign, rsidR=f"00{number:06d}") for number, sign in enumerate("运维 A 部")])


def _newline(doc: Doc) -> None:
    doc.put(DESCRIPTION, "第一行\n第二行")


def _second_paragraph(doc: Doc) -> None:
    doc.put(DESCRIPTION, "第一行")
    doc.cell(DESCRIPTION).append(paragraph("第二行"))


def _last_row(doc: Doc) -> Any:
    return above(doc.control(f"report.attachments[{len(VALUES['report.attachments'])}].name"), "tr")


def _row_by_hand(doc: Doc) -> None:
    last = _last_row(doc)
    last.addnext(row("手写.log", "日志文件", "后加的"))


def _pasted_row(doc: Doc) -> None:
    last = _last_row(doc)
    last.addnext(deepcopy(last))


def _tracked(doc: Doc) -> None:
    change = {"id": "9", "author": "a", "date": "2026-01-01T00:00:00Z"}
    gone = xml('<w:r><w:delText xml:space="preserve">旧</w:delText></w:r>')
    doc.put(DEPARTMENT, wrapped("del", gone, **change), wrapped("ins", run("运维部"), **change))


def _deleted_row(doc: Doc) -> None:
    line = _last_row(doc)
    facts = line.find(w("trPr"))
    if facts is None:
        facts = xml("<w:trPr/>")
        line.insert(0, facts)
    facts.append(xml(f"<w:del {_CHANGE}/>"))
    for one in list(line.iter(w("r"))):
        for text in one.iter(w("t")):
            text.tag = w("delText")
        wrap(one, xml(f"<w:del {_CHANGE}/>"))


def _flagged(value: str | None) -> Change:
    def change(doc: Doc) -> None:
        doc.put(DEPARTMENT, FIELDS[DEPARTMENT].prompt)
        doc.flag(DEPARTMENT, value)

    return change


def _styled(doc: Doc) -> None:
    styled = run("运维部")
    styled.insert(0, xml('<w:rPr><w:rStyle w:val="PlaceholderText"/><w:color w:val="808080"/></w:rPr>'))
    doc.put(DEPARTMENT, styled)


def _date_under_flag(doc: Doc) -> None:
    doc.put("report.occurred_at", FIELDS["report.occurred_at"].prompt)
    doc.flag("report.occurred_at", "true")


def _round_cell(doc: Doc) -> None:
    doc.unwrap(DEPARTMENT)
    control = xml(f'<w:sdt><w:sdtPr><w:tag w:val="{DEPARTMENT}"/></w:sdtPr><w:sdtContent/></w:sdt>')
    cell = next(one for one in doc.root.iter(w("tc")) if "".join(one.itertext()).startswith("所属部门：文字"))
    wrap(cell, control)


def _in_foreign(doc: Doc) -> None:
    for paragraph_of in list(doc.root.iter(w("p"))):
        for one in list(paragraph_of.findall(w("r"))):
            wrap(one, foreign_control())


def _wrong_namespace(doc: Doc) -> None:
    for one in list(doc.root.iter("{http://schemas.microsoft.com/office/word/2010/wordml}checked")):
        value = one.attrib.pop("{http://schemas.microsoft.com/office/word/2010/wordml}val")
        one.set(w("val"), value)


def _doubled(doc: Doc) -> None:
    """As LibreOffice 7.4 writes a text of two pieces: whole, then each piece with the whole again, without any tag."""
    for control in doc.controls():
        facts = control.find(w("sdtPr"))
        facts.remove(facts.find(w("tag")))
    control = next(
        one for one in doc.root.iter(w("sdt")) if one.find(f"{w('sdtPr')}/{w('alias')}").get(w("val")) == "所属部门"
    )
    texts = list(control.iter(w("t")))
    texts[0].text = "运维 A 部"
    for other in texts[1:]:
        other.text = ""
    for one in control.iter(w("br")):
        one.getparent().remove(one)
    for _ in range(3):
        control.addnext(deepcopy(control))


def _moved_row(doc: Doc) -> None:
    line = doc.row("report.system")
    line.getparent().append(line)


def _spaced(doc: Doc) -> None:
    for text in doc.root.iter(w("t")):
        if text.text == "所属部门":
            text.text = "所 属  部\u3000门 ："


def _drawn_sign(sign: str) -> Change:
    def change(doc: Doc) -> None:
        for control in doc.controls():
            for text in control.iter(w("t")):
                if text.text == "☑":
                    text.text = sign

    return change


def _whole_form(code: str) -> Construct:
    form = form_named(code)
    keys = [key for key in FORMS if key not in ("archive", "review")] if form.key == "dossier" else [form.key]
    told = [full_record(key, "文字 & <字>") for key in keys]
    values = {path: value for record in told for path, value in values_of(record).items()}
    return Construct(code, form.name, (), values, change=lambda _: filled(code, *told))


WHOLE_FORMS = tuple(_whole_form(form.code) for form in ALL_FORMS)

EDITED = (
    _whole("form", "a filled form as it is", lambda data: data),
    Construct("lines", "texts of two lines", (), values_of(_LINES), change=lambda _: filled("F01", _LINES)),
    _whole("no-tags", "every tag lost, bookmarks kept (LibreOffice 7)", without_tags),
    _whole("no-controls", "every control lost, bookmarks kept", without_controls),
    _whole("no-marks", "controls and bookmarks lost (doc, rtf, html)", bare),
    _whole("no-property", "the custom property lost", lambda data: with_part(data, CUSTOM_PART, None)),
    _edited("prompt-left", "typed at the caret inside the prompt", _typed_into_the_prompt, told="prompt_left", department="运维部"),
    _edited("typed-over", "the whole cell typed over, its control gone", _cell_typed_over, department="运维部"),
    _edited("runs", "runs split at every change of script", _split, department="运维 A 部"),
    _edited("newline", "a literal newline in the text", _newline, description="第一行\n第二行"),
    _edited("paragraphs", "only the first paragraph stayed in the control", _second_paragraph, told="text_ran_out", description="第一行\n第二行"),
    _edited("row-added", "a row added by hand, without controls", _row_by_hand, told="row_without_boxes",
            attachments=[*VALUES["report.attachments"], ("手写.log", "日志文件", "后加的")]),
    _edited("row-pasted", "a pasted row repeats tags and ids", _pasted_row, attachments=[*VALUES["report.attachments"], VALUES["report.attachments"][-1]]),
    _edited("tracked", "tracked changes inside a control", _tracked, told="tracked_changes", department="运维部"),
    _edited("row-deleted", "a row deleted in tracked changes", _deleted_row, told="tracked_changes", attachments=VALUES["report.attachments"][:-1]),
    _edited("flag", "the placeholder flag without a value", _flagged(None), department=None),
    _edited("flag-true", "the placeholder flag as `true`", _flagged("true"), department=None),
    _edited("style", "the placeholder style on a real value", _styled, department="运维部"),
    _edited("date-flagged", "a date that stores today under its prompt", _date_under_flag, occurred_at=None),
    _edited("round-cell", "a control round a cell", _round_cell),
    _edited("foreign", "every run in a control of another program", _in_foreign),
    _edited("namespace", "the state of boxes in the wrong namespace", _wrong_namespace),
    _edited("doubled", "a text written four times over", _doubled, department="运维 A 部"),
    _edited("row-moved", "a row moved to the end", _moved_row),
    _edited("label-respaced", "a label spaced out", _spaced),
    *(_edited(f"sign-{number}", f"boxes ticked with `{sign}`", _drawn_sign(sign)) for number, sign in enumerate("☒√✓✔■")),
)  # fmt: skip
