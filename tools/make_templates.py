"""Make the shipped templates from scratch: ``python tools/make_templates.py [FOLDER] [FORM...]``.

They were made once with this script; since then the .docx files are the source and are restyled in Word. Run it again only
for a new form or field, into a folder of your own, and look at the result before you replace a template.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from tpdocs.forms.fields import Field, Kind
from tpdocs.forms.standard import ALL_FORMS, FIELDS, IDENTITY, STAGES, FormSpec

SONG, HEI = "宋体", "黑体"
LABEL_FILL, HEAD_FILL = "F2F2F2", "DCE6F1"
GRID = (3.6, 4.9, 3.6, 4.9)
IDENTITY_ROWS: list[tuple[str, ...]] = [("report.number", "report.title"), ("report.type",), ("report.severity",)]

Layout = list[tuple[str, list[tuple[str, ...]]]]

# Which fields share a line. A field of its own line takes the whole width; row tables become tables of their own.
LAYOUTS: dict[str, Layout] = {
    "report": [
        (
            "一、基本信息",
            [
                ("number", "reported_at"),
                ("title",),
                ("type",),
                ("severity",),
                ("frequency",),
                ("occurred_at", "system"),
            ],
        ),
        ("二、问题描述", [("description",), ("impact",), ("reproducible",), ("reproduction",), ("workaround",)]),
        ("三、上报信息", [("channel",), ("discovered_by", "reported_by"), ("department", "contact")]),
        ("四、附件", [("attachments",)]),
    ],
    "triage": [
        (
            "一、受理",
            [("accepted_by", "accepted_at"), ("complete", "supplemented_at"), ("missing",), ("type",), ("group",)],
        ),
        (
            "二、初步分析",
            [
                ("analyst", "analysed_at"),
                ("category",),
                ("priority", "emergency"),
                ("priority_reason",),
                ("direction",),
                ("analysis",),
                ("related",),
            ],
        ),
    ],
    "investigation": [
        ("一、排查组织", [("lead", "investigators"), ("methods",)]),
        ("二、排查过程", [("steps",)]),
        ("三、跨部门协作", [("collaboration", "departments"), ("liaison",), ("collaboration_request",)]),
        ("四、排查结论", [("root_cause",), ("impact",), ("interim", "located_at"), ("interim_solution",)]),
    ],
    "solution": [
        ("一、解决方案", [("author", "planned_at"), ("kinds",), ("content",)]),
        ("二、实施步骤", [("steps",)]),
        ("三、可行性与风险", [("feasibility",), ("risk",), ("rollback",), ("major_change",)]),
        (
            "四、技术评审",
            [("reviewers", "reviewed_at"), ("review_departments",), ("review_conclusion",), ("review_opinion",)],
        ),
    ],
    "implementation": [
        ("一、实施", [("owner", "result"), ("started_at", "finished_at"), ("deviation",)]),
        ("二、关键节点记录", [("nodes",)]),
        ("三、实施前后对比", [("comparison",)]),
    ],
    "verification": [
        ("一、验证", [("filled_by", "verifier"), ("role", "verified_at")]),
        ("二、验证项", [("checks",)]),
        (
            "三、验证结果",
            [("resolved", "new_issues"), ("new_issues_note",), ("conclusion", "return_to"), ("residual",)],
        ),
        ("四、遗留问题及后续计划", [("residuals",)]),
    ],
    "closure": [
        ("一、关闭信息", [("status", "closed_by"), ("closed_at",), ("recipients",)]),
        ("二、处理情况", [("summary",), ("residual_risk",), ("remarks",)]),
    ],
    "feedback": [
        ("一、处理结果", [("informed_by", "informed_at"), ("summary",), ("duration",), ("prevention",)]),
        ("二、用户意见", [("user", "satisfaction"), ("comments",)]),
    ],
    "archive": [
        ("一、归档信息", [("archivist", "archived_at"), ("keywords",)]),
        ("二、知识条目", [("symptom",), ("cause",), ("solution",), ("prevention",), ("lessons",)]),
        ("三、归档文件清单", [("documents",)]),
    ],
    "review": [
        ("一、复盘组织", [("period", "held_at"), ("organizer",), ("participants",)]),
        ("二、数据与结论", [("figures",), ("conclusions",)]),
        ("三、改进建议", [("suggestions",)]),
    ],
}
WIDTHS = {
    "report.attachments": (4.6, 4.8, 7.6),
    "investigation.steps": (3.4, 4.1, 4.1, 3.2, 2.2),
    "solution.steps": (7.0, 2.8, 3.6, 3.6),
    "implementation.nodes": (3.4, 4.0, 7.1, 2.5),
    "implementation.comparison": (4.6, 3.6, 3.6, 5.2),
    "verification.checks": (4.6, 5.0, 5.0, 2.4),
    "verification.residuals": (4.2, 4.8, 2.4, 2.8, 2.8),
    "archive.documents": (6.6, 3.4, 7.0),
    "review.suggestions": (6.2, 2.8, 2.4, 2.8, 2.8),
}
STAGE_NAMES = "一二三四五六"
LONG_LINES = 1.6


def make(form: FormSpec, path: Path) -> None:
    """Write the template of one form."""
    document = Document()
    _page(document)
    _styles(document)
    _header_and_footer(document)
    _title(document, form)
    if form.key == "dossier":
        _dossier(document)
    else:
        if set(IDENTITY) <= set(form.shows) and form.key != "report":
            _section(document, "问题信息", IDENTITY_ROWS)
        for heading, rows in LAYOUTS[form.key]:
            _section(document, heading, [tuple(f"{form.key}.{name}" for name in row) for row in rows])
        _signatures(document, form.about.filled_by)
    _tidy(document, form)
    document.save(str(path))


def _dossier(document: Any) -> None:
    shown = {path for form in ALL_FORMS if form.key == "dossier" for path in form.shows}
    for key, layout in LAYOUTS.items():
        spec = next(form for form in ALL_FORMS if form.key == key)
        rows = [
            (heading, [tuple(path for name in row if (path := f"{key}.{name}") in shown) for row in part])
            for heading, part in layout
        ]
        kept = [(heading, [row for row in part if row]) for heading, part in rows]
        if not any(part for _, part in kept):
            continue
        document.add_paragraph(f"{spec.title}（阶段{STAGE_NAMES[spec.about.stage - 1]}）", style="阶段标题")
        for heading, part in kept:
            if part:
                _section(document, heading, part)
        _signatures(document, spec.about.filled_by)


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.0), Cm(1.5)
    section.header_distance, section.footer_distance = Cm(1.0), Cm(0.8)


def _fonts(style: Any, name: str, size: float) -> None:
    style.font.name = name
    style.font.size = Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for slot in list(fonts.attrib):
        del fonts.attrib[slot]
    for slot in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{slot}"), name)


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    _fonts(normal, SONG, 10.5)
    _language(normal)
    normal.paragraph_format.space_after = Pt(0)

    def add(name: str, base: str, font: str, size: float, **form: Any) -> Any:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = document.styles[base]
        _fonts(style, font, size)
        for key, value in form.items():
            setattr(style.paragraph_format, key, value)
        return style

    centre = WD_ALIGN_PARAGRAPH.CENTER
    add("表单标题", "Normal", HEI, 18, alignment=centre, space_before=Pt(0), space_after=Pt(4))
    note = add("填写说明", "Normal", SONG, 9, alignment=centre, space_after=Pt(4))
    note.font.color.rgb = RGBColor(0x59, 0x59, 0x59)
    stage = add("阶段标题", "Normal", HEI, 14, space_before=Pt(14), space_after=Pt(2), keep_with_next=True)
    stage.font.color.rgb = RGBColor(0x1F, 0x3A, 0x5F)
    section = add("节标题", "Normal", HEI, 11, space_before=Pt(7), space_after=Pt(3), keep_with_next=True)
    section.font.color.rgb = RGBColor(0x1F, 0x3A, 0x5F)
    cell = add("表格内容", "Normal", SONG, 10.5, space_before=Pt(2), space_after=Pt(2), line_spacing=1.1)
    small = add("表格小字", "表格内容", SONG, 9.5)
    label = add("表格标签", "表格内容", SONG, 10.5, alignment=centre)
    label.font.bold = True
    head = add("表格表头", "表格小字", SONG, 9.5, alignment=centre)
    head.font.bold = True
    add("签字栏", "Normal", SONG, 10.5, space_before=Pt(8))
    for style in (cell, small, label, head):
        snap = OxmlElement("w:snapToGrid")
        snap.set(qn("w:val"), "0")
        spacing = style.element.get_or_add_pPr().find(qn("w:spacing"))
        if spacing is not None:
            spacing.addprevious(snap)


def _language(style: Any) -> None:
    facts = style.element.get_or_add_rPr()
    for old in facts.findall(qn("w:lang")):
        facts.remove(old)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    facts.append(language)


def _header_and_footer(document: Any) -> None:
    section = document.sections[0]
    header = section.header.paragraphs[0]
    header.style = document.styles["Normal"]
    header.paragraph_format.tab_stops.add_tab_stop(Cm(17), WD_TAB_ALIGNMENT.RIGHT)
    header.add_run("{{ form.code }} {{ form.title }}\t版本 {{ form.version }}").font.size = Pt(9)
    _bottom_line(header)
    footer = section.footer.paragraphs[0]
    footer.style = document.styles["Normal"]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, code in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES"), (" 页", "")):
        footer.add_run(text).font.size = Pt(9)
        if code:
            _page_field(footer, code)


def _bottom_line(paragraph: Any) -> None:
    border = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "4"), ("space", "1"), ("color", "7F7F7F")):
        line.set(qn(f"w:{key}"), value)
    border.append(line)
    facts = paragraph._p.get_or_add_pPr()
    tabs = facts.find(qn("w:tabs"))
    if tabs is None:
        facts.append(border)
    else:
        tabs.addprevious(border)


def _page_field(paragraph: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("", "1"), ("end", "")):
        run = paragraph.add_run()
        run.font.size = Pt(9)
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        elif text == code:
            instruction = OxmlElement("w:instrText")
            instruction.set(qn("xml:space"), "preserve")
            instruction.text = f" {code} "
            run._r.append(instruction)
        else:
            run.text = text


def _title(document: Any, form: FormSpec) -> None:
    document.add_paragraph("{{ form.title }}", style="表单标题")
    if form.key == "dossier":
        words = "一个问题一份，随处理进展逐段填写，每填一段交一次"
    else:
        stage = form.about.stage
        words = f"阶段{STAGE_NAMES[stage - 1]}：{STAGES[stage]}　　填写：{'、'.join(form.about.filled_by)}"
    document.add_paragraph(f"{words}　　标 * 的必须填写", style="填写说明")


def _section(document: Any, heading: str, rows: Sequence[tuple[str, ...]]) -> None:
    document.add_paragraph(heading, style="节标题")
    pending: list[tuple[str, ...]] = []
    for row in rows:
        if FIELDS[row[0]].kind is Kind.ROWS:
            _pairs(document, pending)
            pending = []
            _row_table(document, FIELDS[row[0]])
        else:
            pending.append(row)
    _pairs(document, pending)


def _table(document: Any, rows: int, widths: Sequence[float]) -> Any:
    table = document.add_table(rows=rows, cols=len(widths))
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    facts = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for edge in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{edge}")
        outer = not edge.startswith("inside")
        for key, value in (("val", "single"), ("sz", "8" if outer else "4"), ("space", "0"), ("color", "404040")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    layout = facts.find(qn("w:tblLayout"))
    layout.addprevious(borders) if layout is not None else facts.append(borders)
    width = facts.find(qn("w:tblW"))
    width.set(qn("w:type"), "dxa")
    width.set(qn("w:w"), str(round(sum(widths) * 567)))
    for column, centimetres in zip(table.columns, widths, strict=True):
        column.width = Cm(centimetres)
    for row in table.rows:
        _no_split(row)
        for cell, centimetres in zip(row.cells, widths, strict=True):
            cell.width = Cm(centimetres)
            cell.vertical_alignment = 1
    return table


def _no_split(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _shade(cell: Any, colour: str) -> None:
    facts = cell._tc.get_or_add_tcPr()
    shade = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        shade.set(qn(f"w:{key}"), value)
    alignment = facts.find(qn("w:vAlign"))
    alignment.addprevious(shade) if alignment is not None else facts.append(shade)


def _pairs(document: Any, rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = _table(document, len(rows), GRID)
    for line, paths in zip(table.rows, rows, strict=True):
        cells = list(line.cells)
        if len(paths) == 1:
            wide = cells[1].merge(cells[3])
            _value(wide, FIELDS[paths[0]], wide=True)
            _label(cells[0], FIELDS[paths[0]])
        else:
            for position, path in enumerate(paths):
                _label(cells[2 * position], FIELDS[path])
                _value(cells[2 * position + 1], FIELDS[path], wide=False)


def _label(cell: Any, field: Field) -> None:
    _shade(cell, LABEL_FILL)
    paragraph = cell.paragraphs[0]
    paragraph.style = "表格标签"
    paragraph.add_run(field.label)
    if field.required is True:
        star = paragraph.add_run("*")
        star.font.color.rgb = RGBColor(0xC0, 0x00, 0x00)


def _value(cell: Any, field: Field, *, wide: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = "表格内容"
    paragraph.add_run(f"{{{{ {field.path} }}}}")
    if field.kind is Kind.LONG and wide:
        height = OxmlElement("w:trHeight")
        height.set(qn("w:val"), str(round(LONG_LINES * 0.62 * 567)))
        height.set(qn("w:hRule"), "atLeast")
        cell._tc.getparent().get_or_add_trPr().append(height)


def _row_table(document: Any, field: Field) -> None:
    columns = [column for column in field.columns if not column.other_of]
    table = _table(document, 4, WIDTHS[field.path])
    name = {"steps": "step", "attachments": "item", "nodes": "node"}.get(field.name, "row")
    head, start, line, end = table.rows
    repeat = OxmlElement("w:tblHeader")
    head._tr.get_or_add_trPr().append(repeat)
    for cell, column in zip(head.cells, columns, strict=True):
        _shade(cell, HEAD_FILL)
        cell.paragraphs[0].style = "表格表头"
        cell.paragraphs[0].add_run(column.label)
    for row, text in ((start, f"{{%tr for {name} in {field.path} %}}"), (end, "{%tr endfor %}")):
        merged = row.cells[0].merge(row.cells[-1])
        merged.paragraphs[0].style = "表格小字"
        merged.paragraphs[0].add_run(text)
    for cell, column in zip(line.cells, columns, strict=True):
        cell.paragraphs[0].style = "表格小字"
        cell.paragraphs[0].add_run(f"{{{{ {name}.{column.name} }}}}")


def _signatures(document: Any, roles: Sequence[str]) -> None:
    for role in roles:
        paragraph = document.add_paragraph(style="签字栏")
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(9.5))
        paragraph.add_run(f"{role}签字：____________________\t日期：________年____月____日")


def _tidy(document: Any, form: FormSpec) -> None:
    core = document.core_properties
    core.title = form.title
    core.author = core.last_modified_by = "tpdocs"
    core.comments = ""
    core.language = "zh-CN"
    settings = document.settings.element
    compat = settings.find(qn("w:compat"))
    if compat is None:
        compat = OxmlElement("w:compat")
        settings.append(compat)
    for old in compat.findall(qn("w:compatSetting")):
        compat.remove(old)
    setting = OxmlElement("w:compatSetting")
    # Below mode 14 Word shows check boxes of content controls as dead pictures.
    for key, value in (
        ("name", "compatibilityMode"),
        ("uri", "http://schemas.microsoft.com/office/word"),
        ("val", "15"),
    ):
        setting.set(qn(f"w:{key}"), value)
    compat.append(setting)
    package = document.part.package
    for part in list(package.iter_parts()):
        for key, relation in list(part.rels.items()):
            if not relation.is_external and str(relation.target_part.partname).endswith("stylesWithEffects.xml"):
                del part.rels[key]


def main() -> None:
    """Write all templates, or those named."""
    arguments = sys.argv[1:]
    folder = Path(arguments[0]) if arguments else Path(__file__).parent.parent / "templates"
    folder.mkdir(parents=True, exist_ok=True)
    for form in ALL_FORMS:
        if len(arguments) < 2 or form.code in arguments[1:]:  # noqa: PLR2004
            path = folder / f"{form.code}-{form.key}.docx"
            make(form, path)
            print(path.name)


if __name__ == "__main__":
    main()
