"""Documents written as text, for the layouts of real forms.

A paragraph is a text, a table a list of rows with ``|`` between cells, a tuple of those a control round them all. A cell begins
with ``3>`` where it is three columns wide, with ``v:`` where the cells below are merged into it, and is ``^`` where it is merged
into the one above; ``\\n`` begins a new paragraph, ``@@`` a table in the cell (``&`` between its cells, ``//`` between its rows).
``⟪text¦blank⟫`` is what somebody fills in, and what stands there on the blank form. ``{name:…}`` is one of `_INLINE`.
"""

import io
import re
import zipfile
from collections.abc import Callable
from functools import lru_cache
from xml.sax.saxutils import escape

import docx

from tests.docx_tools import MAIN, XML_HEAD, parts_of, zipped
from tpdocs.word.xml import NS_MC, NS_R, NS_W, NS_W14

Block = str | list[str] | tuple["Block", ...]
_FILLED = re.compile("⟪([^⟪⟫¦]*)(?:¦([^⟪⟫]*))?⟫")
_INLINE_MARK = re.compile(r"\{(\w+)(?::([^{}]*))?\}|[^{}]+")
_CHANGE = 'w:id="7" w:author="a" w:date="2026-01-01T00:00:00Z"'
_SPACES = (
    f'xmlns:w="{NS_W}" xmlns:w14="{NS_W14}" xmlns:r="{NS_R}" xmlns:mc="{NS_MC}" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def drawn(*blocks: Block, filled: bool = True) -> bytes:
    """The document of these blocks, filled in or blank."""
    body = "".join(_block(_chosen(one, filled=filled)) for one in blocks)
    if body.endswith(("</w:tbl>", "</w:sdtContent></w:sdt>")):
        body += "<w:p/>"  # a document may not end with a table; LibreOffice writes none of it into a .doc then
    main = f'<w:document {_SPACES}><w:body>{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/></w:sectPr></w:body></w:document>'
    return zipped({**_empty(), MAIN: XML_HEAD + main.encode()})


@lru_cache
def _empty() -> dict[str, bytes]:
    made = io.BytesIO()
    docx.Document().save(made)
    # Its stale copy of the styles is one that no editor keeps.
    return {name: part for name, part in parts_of(made.getvalue()).items() if "stylesWithEffects" not in name}


def _chosen(block: Block, *, filled: bool) -> Block:
    if isinstance(block, str):
        return _FILLED.sub(lambda found: found[1] if filled else (found[2] or ""), block)
    if isinstance(block, list):
        return [str(_chosen(one, filled=filled)) for one in block]
    return tuple(_chosen(one, filled=filled) for one in block)


def _block(block: Block) -> str:
    if isinstance(block, str):
        return _paragraphs(block)
    if isinstance(block, list):
        return _table(block)
    inner = "".join(_block(one) for one in block)
    return f'<w:sdt><w:sdtPr><w:alias w:val="全表"/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>'


def _table(rows: list[str]) -> str:
    cells = [[_cell(text.strip(" ")) for text in row.split("|")] for row in rows]
    width = max(sum(span for span, _ in row) for row in cells)
    grid = "".join(f'<w:gridCol w:w="{9000 // width}"/>' for _ in range(width))
    border = "".join(
        f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    made = "".join(f"<w:tr>{''.join(cell for _, cell in row)}</w:tr>" for row in cells)
    facts = f'<w:tblW w:w="9000" w:type="dxa"/><w:tblBorders>{border}</w:tblBorders>'
    return f"<w:tbl><w:tblPr>{facts}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{made}</w:tbl>"


def _cell(text: str) -> tuple[int, str]:
    span = 1
    if wide := re.match(r"(\d)>", text):
        span, text = int(wide[1]), text[2:]
    merge = ""
    if text == "^":
        merge, text = "<w:vMerge/>", ""
    elif text.startswith("v:"):
        merge, text = '<w:vMerge w:val="restart"/>', text[2:]
    text, _, nested = text.partition("@@")
    table = f"{_table([row.replace('&', '|') for row in nested.split('//')])}<w:p/>" if nested else ""
    facts = f'<w:tcW w:w="{1500 * span}" w:type="dxa"/><w:gridSpan w:val="{span}"/>{merge}'
    return span, f"<w:tc><w:tcPr>{facts}</w:tcPr>{_paragraphs(text)}{table}</w:tc>"


def _paragraphs(text: str) -> str:
    return "".join(f"<w:p>{_inline(line)}</w:p>" for line in text.split("\n"))


def _inline(text: str) -> str:
    made = ""
    for found in _INLINE_MARK.finditer(text):
        made += _INLINE[found[1]](found[2] or "") if found[1] else _run(found[0])
    return made


def _run(text: str, facts: str = "") -> str:
    told = "<w:tab/>".join(
        f'<w:t xml:space="preserve">{escape(part)}</w:t>' if part else "" for part in text.split("\t")
    )
    return f"<w:r>{f'<w:rPr>{facts}</w:rPr>' if facts else ''}{told}</w:r>"


def _field(facts: str, code: str, shown: str) -> str:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:name w:val="F"/><w:enabled/>{facts}</w:ffData></w:fldChar></w:r>'
    told = f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    return f'{begin}{told}{shown}<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def _control(facts: str, shown: str) -> str:
    return f"<w:sdt><w:sdtPr>{facts}</w:sdtPr><w:sdtContent>{shown}</w:sdtContent></w:sdt>"


def _symbol(told: str) -> str:
    font, _, sign = told.partition("=")
    return f'<w:r><w:sym w:font="{font}" w:char="{sign}"/></w:r>'


def _legacy_list(told: str) -> str:
    *choices, number = told.split(",")
    entries = "".join(f'<w:listEntry w:val="{one}"/>' for one in choices)
    return _field(f'<w:ddList><w:result w:val="{number}"/>{entries}</w:ddList>', "FORMDROPDOWN", "")


def _list(told: str) -> str:
    *choices, shown = told.split(",")
    items = "".join(f'<w:listItem w:displayText="{one}" w:value="v{number}"/>' for number, one in enumerate(choices))
    return _control(f"<w:dropDownList>{items}</w:dropDownList>", _run(shown))


def _box(told: str) -> str:
    state = f'<w14:checkbox><w14:checked w14:val="{told}"/></w14:checkbox>'
    return _control(state, _run("☒" if told == "1" else "☐"))


def _ticks(told: str) -> str:
    """A legacy box: ``on`` and ``off``, or ``default`` for one that was made ticked and never touched."""
    state = {"on": "<w:checked/>", "off": '<w:checked w:val="0"/>'}.get(told, "")
    default = "1" if told == "default" else "0"
    return _field(f'<w:checkBox><w:sizeAuto/><w:default w:val="{default}"/>{state}</w:checkBox>', "FORMCHECKBOX", "")


def _floating(told: str) -> str:
    """A text box, twice: for new programs and for old ones."""
    text = f"<w:txbxContent>{''.join(f'<w:p>{_run(line)}</w:p>' for line in told.split('//'))}</w:txbxContent>"
    old = f'<w:pict><v:shape style="width:120pt;height:20pt"><v:textbox>{text}</v:textbox></v:shape></w:pict>'
    return f"<w:r>{old}</w:r>"


_INLINE: dict[str, Callable[[str], str]] = {
    "b": lambda told: _run(told, "<w:b/>"),
    "u": lambda told: _run(told, '<w:u w:val="single"/>'),
    "hidden": lambda told: _run(told, "<w:vanish/>"),
    "br": lambda _: "<w:r><w:br/></w:r>",
    "symbol": _symbol,
    "box": _box,
    "ticks": _ticks,
    "legacy_list": _legacy_list,
    "legacy_text": lambda told: _field("<w:textInput/>", "FORMTEXT", _run(told or "     ")),
    "list": _list,
    "control": lambda told: _control('<w:alias w:val="x"/>', _run(told)),
    "prompt": lambda told: _control('<w:alias w:val="x"/><w:showingPlcHdr/>', _run(told)),
    "google": lambda told: _control('<w:tag w:val="goog_rdk_0"/><w:id w:val="12"/>', _run(told)),
    "inserted": lambda told: f"<w:ins {_CHANGE}>{_run(told)}</w:ins>",
    "deleted": lambda told: (
        f'<w:del {_CHANGE}><w:r><w:delText xml:space="preserve">{escape(told)}</w:delText></w:r></w:del>'
    ),
    "moved_away": lambda told: f"<w:moveFrom {_CHANGE}>{_run(told)}</w:moveFrom>",
    "moved_here": lambda told: f"<w:moveTo {_CHANGE}>{_run(told)}</w:moveTo>",
    "link": lambda told: f'<w:hyperlink w:anchor="x">{_run(told)}</w:hyperlink>',
    "field": lambda told: f'<w:fldSimple w:instr=" QUOTE ">{_run(told)}</w:fldSimple>',
    "ruby": lambda told: f"<w:r><w:ruby><w:rt>{_run('pin')}</w:rt><w:rubyBase>{_run(told)}</w:rubyBase></w:ruby></w:r>",
    "floating": _floating,
}


def with_header(data: bytes, text: str) -> bytes:
    """The document with a page header."""
    parts = parts_of(data)
    header = f'<w:hdr xmlns:w="{NS_W}"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:hdr>'.encode()
    rels = parts["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rIdHead" Type="{NS_R}/header" Target="header9.xml"/></Relationships>'.encode(),
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"
    types = parts["[Content_Types].xml"].replace(
        b"</Types>", f'<Override PartName="/word/header9.xml" ContentType="{kind}"/></Types>'.encode()
    )
    main = parts[MAIN].replace(b"<w:sectPr>", b'<w:sectPr><w:headerReference w:type="default" r:id="rIdHead"/>')
    told = {"word/_rels/document.xml.rels": rels, "[Content_Types].xml": types, MAIN: main}
    return zipped({**parts, **told, "word/header9.xml": XML_HEAD + header})


def is_whole(data: bytes) -> bool:
    """Whether a file is a package with a main part."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.testzip() is None and any(name.endswith(".xml") for name in package.namelist())
