"""What a program destroyed, so that nobody who reads its file could know: by construct, which ways, and what happened."""

_LO74 = ("LibreOffice 7.4 .docx", "LibreOffice 7.4 .odt", "LibreOffice 7.4 .doc", "LibreOffice 7.4 .rtf")
_LO74_NOT_DOCX = _LO74[1:]
_LO25 = ("LibreOffice 25.2 .docx", "LibreOffice 25.2 .odt", "LibreOffice 25.2 .doc", "LibreOffice 25.2 .rtf")
_PANDOC = ("pandoc .docx", "pandoc .md")

LOST: dict[str, tuple[tuple[str, ...], str]] = {
    "newline": (
        (*_LO25, *_LO74, *_PANDOC),
        "a line end typed into the XML, not as a line break, is a space to every editor",
    ),
    "doubled": (
        (*_LO25[2:], *_LO74_NOT_DOCX, *_PANDOC),
        "a text that LibreOffice 7.4 wrote four times over is plain text after a second editor",
    ),
    "tracked": (_LO74, "LibreOffice 7.4 makes deleted text in a content control ordinary text"),
    "in-control": (("LibreOffice 7.4 .doc",), "a table in a content control loses its cells in a .doc"),
    "floating-value": (("LibreOffice 25.2 .rtf", "LibreOffice 7.4 .rtf", *_PANDOC), "text boxes are dropped"),
    "label-linked": (_PANDOC, "pandoc drops the results of fields"),
    "hidden": (_PANDOC, "pandoc makes hidden text visible"),
    "ruby": (("ONLYOFFICE .docx", *_PANDOC), "the text below a phonetic guide is dropped"),
    "below-row": (("pandoc .md",), "Markdown knows no merged cells: the label's row has a second, empty cell"),
    "paragraphs": (("pandoc .md",), "pandoc sets a blank into a word at a line end of its own"),
}
