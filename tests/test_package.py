"""Files that are no forms, or broken ones: one finding each, never an exception; and what saving leaves alone."""

import bz2
import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from functools import cache, partial
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.conftest import NOW, SHELF, blank, filled, reading_of, record_in
from tests.docx_tools import (
    MAIN,
    XML_HEAD,
    Doc,
    changed,
    custom_part,
    paragraph,
    parts_of,
    with_part,
    zipped,
)
from tests.records import full_record
from tpdocs.actions.incoming import Incoming, read_file, read_files
from tpdocs.actions.ingest import Options, ingest
from tpdocs.actions.workers import Workers
from tpdocs.codes.kinds import DOCUMENT, ERROR
from tpdocs.desk.folder import shipped
from tpdocs.findings import DocumentError
from tpdocs.forms.values import Record
from tpdocs.word.fill import Content, FormDocument
from tpdocs.word.package import CUSTOM_PART, DEFAULT_LIMITS, Limits, Package, RawPart, compressed, zip_bytes
from tpdocs.word.xml import NS_W

OLE = bytes.fromhex("D0CF11E0A1B11AE1")
MEGABYTE = 2**20
RECORD = Record("report", {"title": "登录失败", "system": "门户", "severity": "高"})


@cache
def form() -> bytes:
    return filled("F01", RECORD)


@pytest.fixture(autouse=True)
def _no_office(monkeypatch):
    """What tpdocs says where no LibreOffice is installed; `test_office` has one."""
    monkeypatch.setattr("tpdocs.word.convert._office", lambda: None)


@pytest.fixture
def read(tmp_path):
    def read_as(data: bytes, name: str = "form.docx", limits: Limits = DEFAULT_LIMITS) -> Incoming:
        path = tmp_path / name
        path.write_bytes(data)
        return read_file(path, SHELF, limits)

    return read_as


def code_of(incoming: Incoming) -> str:
    """The code of the refusal; it must be a finding about the document with words for it."""
    refused = incoming.refused
    assert refused is not None
    assert (refused.kind, refused.severity) == (DOCUMENT, ERROR)
    assert refused.message("en")
    assert refused.advice("en")
    assert "{" not in refused.message("en") + refused.advice("en")
    assert (incoming.records, incoming.findings, incoming.outside, incoming.pictures) == ({}, [], [], [])
    return refused.code


def xlsx() -> bytes:
    saved = io.BytesIO()
    Workbook().save(saved)
    return saved.getvalue()


def plain_docx() -> bytes:
    saved = io.BytesIO()
    Document().save(saved)
    return saved.getvalue()


# Not a form at all


@pytest.mark.parametrize("form", ["F00-dossier", "F01-report", "F10-review"])
def test_a_template_is_called_one(form):
    path = shipped("templates") / f"{form}.docx"
    assert code_of(read_file(path, SHELF, DEFAULT_LIMITS)) == "is_template"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\0", "only_zeros"),
        (bytes(70_000), "only_zeros"),
        ("问题标题：登录失败\n".encode(), "not_word"),
        (b"\xef\xbb\xbf" + "问题标题".encode(), "not_word"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "not_word"),
        (b"{\\rtf1\\ansi}", "needs_converting"),
        (b"<html><body>x</body></html>", "not_word"),
        (b"P", "not_word"),
        (b"PK", "cut_short"),
        (b"PK\3\4", "cut_short"),
        (b"PK\5\6" + bytes(18), "not_word"),
        (OLE + bytes(512) + "WordDocument".encode("utf-16-le"), "needs_converting"),
        (OLE + bytes(512) + "EncryptedPackage".encode("utf-16-le") + bytes(512), "encrypted"),
        (OLE + bytes(2 * MEGABYTE) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (OLE, "not_word"),
    ],
    ids=[
        "empty",
        "one zero byte",
        "many zero bytes",
        "text",
        "text with a byte order mark",
        "PDF",
        "RTF",
        "HTML",
        "one letter",
        "two letters of a zip",
        "start of a zip",
        "empty zip",
        "old Word",
        "encrypted Word",
        "encrypted Word with the mark late",
        "start of old Word",
    ],
)
def test_what_is_no_docx_is_refused_for_what_it_is(read, data, code):
    assert code_of(read(data)) == code


@pytest.mark.parametrize("data", [b"", b"\0" * 162, OLE])
def test_an_owner_file_is_told_by_its_name_whatever_it_holds(read, data):
    assert code_of(read(data, "~$orm.docx")) == "owner_file"


@pytest.mark.parametrize("name", ["form.doc", "form.zip", "form", "表单.DOCX", "form.docx.bak"])
def test_a_form_is_a_form_whatever_its_name(read, name):
    incoming = read(form(), name)
    assert incoming.refused is None
    assert incoming.records["report"].values == RECORD.values


def test_a_workbook_is_no_word_document(read):
    assert code_of(read(xlsx(), "form.docx")) == "not_word"


def test_a_zip_of_other_files_is_no_word_document(read):
    assert code_of(read(zipped({"readme.txt": b"x", "data.csv": b"1,2"}))) == "not_word"


def test_a_package_without_its_main_part_is_no_word_document(read):
    assert code_of(read(with_part(form(), MAIN, None))) == "not_word"


@pytest.mark.parametrize("name", ["_rels/.rels", "[Content_Types].xml"])
def test_a_package_without_its_frame_is_refused(read, name):
    assert code_of(read(with_part(form(), name, None))) == "cut_short"


def test_a_word_document_that_is_no_form(read):
    assert code_of(read(plain_docx())) == "not_a_form"


def test_a_blank_form_says_nothing(read):
    incoming = read(blank("F01"))
    assert code_of(incoming) == "nothing_filled_in"
    assert incoming.refused is not None
    assert incoming.refused.parts == {"form_name": "F01 问题上报记录"}


def test_a_form_of_a_newer_version_is_refused_with_both_versions(read):
    newer = with_part(form(), CUSTOM_PART, custom_part(tpdocs__form="F01", tpdocs__version="7"))
    incoming = read(newer)
    assert code_of(incoming) == "newer_form"
    assert incoming.refused is not None
    assert incoming.refused.parts == {"form_name": "F01 问题上报记录", "value": "7", "other_value": "1"}


@pytest.mark.parametrize("version", ["1", "0", "", "x"])
def test_a_form_of_this_or_an_older_or_no_version_is_read(read, version):
    incoming = read(with_part(form(), CUSTOM_PART, custom_part(tpdocs__form="F01", tpdocs__version=version)))
    assert incoming.refused is None
    assert incoming.records["report"].values == RECORD.values


def test_a_folder_cannot_be_read(tmp_path):
    incoming = read_file(tmp_path, SHELF, DEFAULT_LIMITS)
    assert code_of(incoming) == "unreadable"
    assert incoming.refused is not None
    assert incoming.refused.parts == {"error": "Is a directory"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("missing.docx", "no_such_file"),
        ("no/such/folder/form.docx", "no_such_file"),
        ("x" * 300 + ".docx", "unreadable"),
        ("file/form.docx", "unreadable"),
    ],
    ids=["no file", "no folder", "name too long", "file for a folder"],
)
def test_a_path_that_cannot_be_opened_is_told(tmp_path, path, code):
    (tmp_path / "file").write_bytes(form())
    assert code_of(read_file(tmp_path / path, SHELF, DEFAULT_LIMITS)) == code


def test_one_bad_file_does_not_stop_the_others(tmp_path):
    contents = [b"", form(), OLE, form()]
    paths = []
    for number, data in enumerate(contents):
        paths.append(tmp_path / f"{number}.docx")
        paths[-1].write_bytes(data)
    seen: list[Path] = []
    found = read_files(
        paths,
        partial(read_file, shelf=SHELF, limits=DEFAULT_LIMITS),
        Workers(1, len(paths)),
        lambda one: seen.append(one.path),
    )
    assert seen == paths
    assert [one.refused.code if one.refused else list(one.records) for one in found] == [
        "empty_file",
        ["report"],
        "not_word",
        ["report"],
    ]


# Damaged on the way

_CUTS = sorted(random.Random(5).sample(range(2000, 26_000), 20))  # noqa: S311 - only to spread them


@pytest.mark.parametrize("length", [2, 4, 29, 30, 31, 100, 1000, *_CUTS, -1, -2, -21, -22, -23, -100])
def test_a_form_cut_short_is_told_to_be(read, length):
    data = form()
    assert len(data) > _CUTS[-1]
    assert code_of(read(data[:length])) == "cut_short"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_form_whose_end_is_zeros_is_cut_short(read, share):
    # A download that stopped leaves a file of full length whose rest was never written.
    data = form()
    kept = int(len(data) * share)
    assert code_of(read(data[:kept] + bytes(len(data) - kept))) == "cut_short"


def test_a_form_with_a_hole_in_its_main_part_is_cut_short(read):
    data = form()
    info = zipfile.ZipFile(io.BytesIO(data)).getinfo(MAIN)
    middle = info.header_offset + 30 + len(MAIN) + info.compress_size // 2
    assert code_of(read(data[:middle] + bytes(64) + data[middle + 64 :])) == "cut_short"


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        (MAIN, b"", "broken_xml"),
        (MAIN, b"<w:document", "broken_xml"),
        (MAIN, b"not xml", "broken_xml"),
        (MAIN, b"<a>\xff\xfe</a>", "broken_xml"),
        (MAIN, b"<a>&nbsp;</a>", "broken_xml"),
        (MAIN, b"<a/>", "not_a_form"),
        (CUSTOM_PART, b"<x", "broken_xml"),
    ],
)
def test_a_part_that_is_no_xml_is_named(read, part, content, code):
    incoming = read(with_part(with_part(form(), CUSTOM_PART, None), part, content))
    assert code_of(incoming) == code
    assert incoming.refused is not None
    assert incoming.refused.parts.get("part", part) == part


def lost_part() -> bytes:
    """The form with one part that the directory says is where the file has long ended; the reader needs it not."""
    data = bytearray(form())
    entry = data.rindex(b"docProps/thumbnail.jpeg") - 46
    assert data[entry : entry + 4] == b"PK\1\2"
    struct.pack_into("<L", data, entry + 42, 0x7FFF_FFFF)
    return bytes(data)


def test_a_document_with_a_lost_part_is_not_filled_but_refused():
    with pytest.raises(DocumentError) as caught:
        FormDocument(lost_part()).fill(Content({"report.title": "x"}))
    assert caught.value.finding.code == "cut_short"


@pytest.mark.parametrize("bad", ["lost part", "odd packing"])
def test_a_file_that_can_be_read_but_not_written_to_does_not_stop_the_batch(desk, bad):
    # A new problem's receipt is the sender's own document with its number filled in.
    odd = lost_part() if bad == "lost part" else zipped(parts_of(form()), zipfile.ZIP_BZIP2)
    (desk.inbox / "a.docx").write_bytes(odd)
    (desk.inbox / "b.docx").write_bytes(filled("F01", Record("report", {"title": "打印机不响应", "system": "打印"})))
    result = ingest(desk, [], Options(jobs=1), NOW)
    assert {one.incoming.path.name: one.outcome for one in result.files}["b.docx"] == "new"
    assert len(result.files) == 2
    assert [path for path in desk.outbox.iterdir() if b"TP" in path.name.encode()]


@settings(max_examples=60)
@given(
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=12),
    zone=st.sampled_from(["anywhere", "directory", "main part"]),
)
def test_flipped_bytes_never_break_the_reader(tmp_path, flips, zone):
    data = bytearray(form())
    info = zipfile.ZipFile(io.BytesIO(bytes(data))).getinfo(MAIN)
    start, length = {
        "anywhere": (0, len(data)),
        "directory": (data.rindex(b"[Content_Types].xml") - 46, len(data) - data.rindex(b"[Content_Types].xml") + 46),
        "main part": (info.header_offset, 30 + len(MAIN) + info.compress_size),
    }[zone]
    for place, value in flips:
        data[start + int(place * length)] ^= value
    path = tmp_path / "form.docx"
    path.write_bytes(bytes(data))
    incoming = read_file(path, SHELF, DEFAULT_LIMITS)
    if incoming.refused is None:
        assert incoming.form == "F01"
        assert incoming.records["report"].form == "report"
    else:
        assert code_of(incoming) != "unexpected", incoming.refused.parts


@settings(max_examples=60)
@given(
    cuts=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=8)), min_size=1, max_size=4),
    part=st.sampled_from([MAIN, CUSTOM_PART, "_rels/.rels", "[Content_Types].xml", "word/_rels/document.xml.rels"]),
)
def test_garbage_inside_a_part_never_breaks_the_reader(tmp_path, cuts, part):
    def damage(content: bytes) -> bytes:
        for place, inserted in cuts:
            at = int(place * len(content))
            content = content[:at] + inserted + content[at + len(inserted) + 1 :]
        return content

    path = tmp_path / "form.docx"
    path.write_bytes(changed(form(), part, damage))
    incoming = read_file(path, SHELF, DEFAULT_LIMITS)
    if incoming.refused is not None:
        assert code_of(incoming) != "unexpected", incoming.refused.parts


# Attacks


DOCTYPES = {
    "plain": "<!DOCTYPE w:document>",
    "external": '<!DOCTYPE w:document SYSTEM "file:///etc/passwd">',
    "entities": '<!DOCTYPE w:document [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;">]>',
    "late": f"<!--{'x' * 5000}--><!DOCTYPE w:document>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", DOCTYPES)
def test_a_doctype_is_refused_in_every_encoding(read, kind, encoding):
    text = parts_of(form())[MAIN].decode().partition("?>")[2].strip()
    name = encoding[: len("utf-16")].upper() if encoding != "utf-8" else "UTF-8"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    main = f'{mark}<?xml version="1.0" encoding="{name}"?>{DOCTYPES[kind]}{text}'
    incoming = read(with_part(form(), MAIN, main.encode(encoding)))
    assert code_of(incoming) == "doctype"
    assert incoming.refused is not None
    assert incoming.refused.parts == {"part": MAIN}


def test_a_doctype_in_another_part_is_refused(read):
    incoming = read(changed(form(), CUSTOM_PART, lambda data: data.replace(b"<Properties", b"<!DOCTYPE P><Properties")))
    assert code_of(incoming) == "doctype"
    assert incoming.refused is not None
    assert incoming.refused.parts == {"part": CUSTOM_PART}


def test_a_form_in_utf_16_is_read(read):
    text = parts_of(form())[MAIN].decode().partition("?>")[2].strip()
    main = f'<?xml version="1.0" encoding="UTF-16"?>{text}'.encode("utf-16")
    assert read(with_part(form(), MAIN, main)).records["report"].values == RECORD.values


def test_words_that_only_look_like_a_doctype_are_text(read):
    doc = filled("F01", Record("report", {"title": "<!DOCTYPE html> 打不开"}))
    assert read(doc).records["report"].values == {"title": "<!DOCTYPE html> 打不开"}


def of_letters(size: int, head: bytes, tail: bytes) -> tuple[bytes, int, int]:
    """Deflated bytes, checksum and length of head, a text of that many letters, and tail; never all in memory."""
    packer, crc, made = zlib.compressobj(6, zlib.DEFLATED, -15), 0, []
    block = b"A" * MEGABYTE
    for part in (head, *[block] * (size // MEGABYTE), tail):
        crc = zlib.crc32(part, crc)
        made.append(packer.compress(part))
    made.append(packer.flush())
    return b"".join(made), crc, len(head) + len(tail) + size


@cache
def packed_text() -> tuple[bytes, int, int]:
    """The form's main part with 200 MB of text in it, packed."""
    head, middle, tail = parts_of(form())[MAIN].partition(b"<w:body>")
    return of_letters(200 * MEGABYTE, head + middle + b"<w:p><w:r><w:t>", b"</w:t></w:r></w:p>" + tail)


def with_main(part: RawPart) -> bytes:
    return zip_bytes([*(one for one in Package(form()).raw_parts() if one.name != MAIN), part])


def bomb(claimed: int | None = None) -> bytes:
    """The form with 200 MB of text in its main part, in about 200 kB; `claimed` is the size it says it has."""
    data, crc, size = packed_text()
    return with_main(RawPart(MAIN, zipfile.ZIP_DEFLATED, crc, size if claimed is None else claimed, data))


def odd_bomb() -> bytes:
    """120 MB of letters packed so that zipfile unpacks all before it looks at the size."""
    return with_main(RawPart(MAIN, zipfile.ZIP_BZIP2, 0, 1000, bz2.compress(b"A" * (120 * MEGABYTE), 9)))


def test_odd_packing_is_no_way_round_the_limit(read):
    assert code_of(read_within(read, odd_bomb(), 60)) == "odd_packing"


def read_within(read, data: bytes, megabytes: int) -> Incoming:
    tracemalloc.start()
    try:
        incoming: Incoming = read(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
    return incoming


def test_200_megabytes_of_text_are_refused_without_being_unpacked(read):
    assert len(bomb()) < 300_000
    assert code_of(read_within(read, bomb(), 10)) == "too_large"


@pytest.mark.parametrize("claimed", [1000, 900_000])
def test_text_that_unpacks_to_more_than_it_says_is_refused_without_being_unpacked(read, claimed):
    assert code_of(read_within(read, bomb(claimed), 30)) == "cut_short"


def test_a_part_that_is_not_xml_may_be_large(read):
    noise = random.Random(1).randbytes(2 * MEGABYTE)  # noqa: S311 - a photograph
    assert read(with_part(form(), "word/media/photo.png", noise)).refused is None


def test_nesting_without_measure_is_refused(read):
    depth = 10_000
    body = b"<w:p>" * depth + b"</w:p>" * depth
    incoming = read(changed(form(), MAIN, lambda data: data.replace(b"<w:body>", b"<w:body>" + body)))
    assert code_of(incoming) == "broken_xml"


def test_tables_in_tables_as_deep_as_the_parser_takes_them_do_not_break_the_reader(read):
    opening, closing = b"<w:tbl><w:tr><w:tc>", b"</w:tc></w:tr></w:tbl>"
    body = opening * 80 + b"<w:p><w:r><w:t>deep</w:t></w:r></w:p>" + closing * 80
    incoming = read(changed(form(), MAIN, lambda data: data.replace(b"<w:body>", b"<w:body>" + body)))
    assert incoming.refused is None
    assert [text for _, text in incoming.outside] == ["deep"]


def test_a_bomb_of_many_parts_is_refused(read):
    many = {**parts_of(form()), **{f"word/media/{number}.png": b"" for number in range(DEFAULT_LIMITS.parts)}}
    assert code_of(read_within(read, zipped(many), 60)) == "too_large"


def test_a_bomb_of_large_parts_is_refused(read):
    data, crc, size = of_letters(40 * MEGABYTE, b"<a>", b"</a>")
    copies = [RawPart(f"word/media/{number}.png", zipfile.ZIP_DEFLATED, crc, size, data) for number in range(7)]
    assert code_of(read_within(read, zip_bytes([*Package(form()).raw_parts(), *copies]), 60)) == "too_large"


def test_a_file_larger_than_the_limit_is_not_read(read):
    incoming = read(form(), limits=Limits(file_bytes=len(form()) - 1))
    assert code_of(incoming) == "too_large"
    assert incoming.sha256 == ""
    assert read(form(), limits=Limits(file_bytes=len(form()))).refused is None


def test_a_part_larger_than_the_limit_is_not_unpacked(read):
    size = len(parts_of(form())[MAIN])
    assert code_of(read(form(), limits=Limits(xml_bytes=size - 1))) == "too_large"
    assert read(form(), limits=Limits(xml_bytes=size)).refused is None


def test_more_tags_or_cells_than_allowed_have_a_sentence_of_their_own(read):
    assert code_of(read(form(), limits=Limits(tags=100))) == "too_long"
    assert code_of(read(form(), limits=Limits(cells=20))) == "too_long"
    assert code_of(read(form(), limits=Limits(parts=3))) == "too_large"


@pytest.mark.parametrize("method", [None, 99], ids=["zip", "AES"])
def test_an_encrypted_member_is_told(read, method):
    data = bytearray(form())
    for magic, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = data.index(magic)
        while at >= 0:
            data[at + flags] |= 1
            if method is not None:
                # WinZip and 7-Zip call every AES member packed by “99” and say elsewhere how it is packed really.
                struct.pack_into("<H", data, at + flags + 2, method)
            at = data.find(magic, at + 4)
    assert code_of(read(bytes(data))) == "encrypted"


def test_names_that_climb_out_of_the_package_are_only_names(read, tmp_path):
    assert read(with_part(form(), "../../evil.docx", b"x")).refused is None
    assert [path.name for path in tmp_path.iterdir()] == ["form.docx"]


# Unusual, but a form


def elsewhere(data: bytes, name: str = "document2.xml", target: str = "word/document2.xml") -> bytes:
    """The form with its main part under another name, as Word for the web and SharePoint write it."""
    parts = parts_of(data)
    parts[f"word/{name}"] = parts.pop(MAIN)
    parts[f"word/_rels/{name}.rels"] = parts.pop("word/_rels/document.xml.rels")
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(b"word/document.xml", target.encode())
    types = parts["[Content_Types].xml"]
    parts["[Content_Types].xml"] = types.replace(b"/word/document.xml", f"/word/{name}".encode())
    return zipped(parts)


@pytest.mark.parametrize("target", ["word/document2.xml", "/word/document2.xml", "./word/document2.xml"])
def test_a_main_part_of_another_name_is_found(read, target):
    data = elsewhere(form(), target=target)
    assert MAIN not in parts_of(data)
    assert read(data).records["report"].values == RECORD.values


def test_a_main_part_of_another_name_is_filled():
    made = FormDocument(elsewhere(blank("F01"))).fill(Content().add(RECORD))
    assert record_in(made, "report") == RECORD
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None


def test_pictures_are_found_from_a_main_part_of_another_name(read):
    doc = Doc(form())
    doc.cell("report.attachments[1].name").append(paragraph(doc.add_image()))
    assert [one.name for one in read(elsewhere(doc.bytes)).pictures] == ["image9.png"]


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packing_that_no_word_program_uses_is_refused(read, method):
    assert code_of(read(zipped(parts_of(form()), method))) == "odd_packing"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_every_way_of_packing_is_read(read, method):
    assert read(zipped(parts_of(form()), method)).records["report"].values == RECORD.values


def test_a_form_written_as_a_stream_is_read_and_filled(read):
    # Streams cannot go back, so sizes stand behind the data and the local headers say 0.
    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.written = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data) -> int:
            self.written += data
            return len(data)

    stream = Stream()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts_of(form()).items():
            package.writestr(name, content)
    data = bytes(stream.written)
    assert struct.unpack_from("<H", data, 6)[0] & 8
    assert read(data).records["report"].values == RECORD.values
    made = FormDocument(data).fill(Content({"report.title": "新标题"}))
    assert zipfile.ZipFile(io.BytesIO(made)).testzip() is None
    assert record_in(made, "report").values == {**RECORD.values, "title": "新标题"}


def test_names_with_backslashes_are_read(read):
    # Some programs on Windows write them so.
    parts = Package(form()).raw_parts()
    odd = [RawPart(one.name.replace("/", "\\"), one.method, one.crc, one.size, one.data) for one in parts]
    assert read(zip_bytes(odd)).records["report"].values == RECORD.values


@pytest.mark.parametrize("prefix", ["ns0", "x"])
def test_another_prefix_for_words_namespace_is_read(read, prefix):
    text = parts_of(form())[MAIN].decode()
    for before in ("<", "</", " ", "xmlns:"):
        text = text.replace(f"{before}w:", f"{before}{prefix}:")
    text = text.replace(f'xmlns:w="{NS_W}"', f'xmlns:{prefix}="{NS_W}"')
    assert f"<{prefix}:body>" in text
    data = with_part(form(), MAIN, text.encode())
    assert read(data).records["report"].values == RECORD.values
    made = FormDocument(data).fill(Content({"report.title": "新标题", "report.severity": "低"}))
    assert record_in(made, "report").values == {**RECORD.values, "title": "新标题", "severity": "低"}


# Saving


def raw(data: bytes) -> dict[str, bytes]:
    """The compressed bytes of every member."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for info in package.infolist():
            name_length, extra_length = struct.unpack_from("<HH", data, info.header_offset + 26)
            start = info.header_offset + 30 + name_length + extra_length
            found[info.filename] = data[start : start + info.compress_size]
    return found


@pytest.mark.parametrize("code", ["F00", "F01", "F05", "F10"])
def test_a_saved_form_is_a_sound_zip(code):
    record = full_record({"F00": "report", "F01": "report", "F05": "implementation", "F10": "review"}[code])
    made = filled(code, record, properties={"number": "TP001"})
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert package.testzip() is None
        names = package.namelist()
        assert names[0] == "[Content_Types].xml"
        assert len(names) == len(set(names))
        assert set(names) == set(Package(blank(code)).names)


def test_parts_that_were_not_replaced_keep_their_compressed_bytes():
    # Packed by another program at another level, so that packing anew would show.
    original = io.BytesIO()
    with zipfile.ZipFile(original, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, content in parts_of(blank("F01")).items():
            package.writestr(name, content)
        package.writestr("word/media/图.png", b"\0" * 5000)
        package.writestr("word/media/stored.png", b"\1" * 5000, zipfile.ZIP_STORED)
    before = raw(original.getvalue())
    made = FormDocument(original.getvalue()).fill(Content({"report.title": "登录失败"}))
    after = raw(made)
    assert before.keys() == after.keys()
    assert {name for name in before if before[name] != after[name]} == {MAIN}
    with_properties = FormDocument(original.getvalue()).fill(Content(), {"number": "TP001"})
    assert {name for name in before if before[name] != raw(with_properties)[name]} <= {MAIN, CUSTOM_PART}
    assert parts_of(made)["word/media/图.png"] == b"\0" * 5000


def test_the_same_content_gives_the_same_bytes():
    record = full_record("report")
    document = FormDocument(blank("F01"))
    made = document.fill(Content().add(record), {"number": "TP001"})
    assert document.fill(Content({"report.title": "dazwischen"})) != made
    assert document.fill(Content().add(record), {"number": "TP001"}) == made


def test_properties_of_other_programs_survive():
    foreign = custom_part(
        Zustand="geprüft & <frei>", tpdocs__form="F01", tpdocs__number="TP009", KSOProductBuildVer="2052"
    )
    data = with_part(blank("F01"), CUSTOM_PART, foreign)
    made = FormDocument(data).fill(Content(), {"number": "TP001", "revision": "3"})
    assert Package(made).properties == {"form": "F01", "number": "TP001", "revision": "3"}
    told = Doc(made, CUSTOM_PART).root
    assert {one.get("name"): "".join(one.itertext()) for one in told} == {
        "Zustand": "geprüft & <frei>",
        "KSOProductBuildVer": "2052",
        "tpdocs.form": "F01",
        "tpdocs.number": "TP001",
        "tpdocs.revision": "3",
    }
    pids = [int(one.get("pid")) for one in told]
    assert len(pids) == len(set(pids))
    assert min(pids) >= 2


def test_a_document_without_properties_gets_them_and_names_their_part():
    bare = with_part(blank("F01"), CUSTOM_PART, None)
    bare = changed(bare, "[Content_Types].xml", lambda data: without(data, b"<Override", b"/docProps/custom.xml"))
    bare = changed(bare, "_rels/.rels", lambda data: without(data, b"<Relationship ", b"docProps/custom.xml"))
    made = FormDocument(bare).fill(Content(), {"number": "TP001"})
    assert Package(made).properties == {"number": "TP001"}
    parts = parts_of(made)
    assert parts["[Content_Types].xml"].count(b'PartName="/docProps/custom.xml"') == 1
    assert parts["_rels/.rels"].count(b'Target="docProps/custom.xml"') == 1


def without(data: bytes, start: bytes, word: bytes) -> bytes:
    """XML without the one empty element that starts so and holds the word."""
    end = data.index(b"/>", data.index(word)) + 2
    return data[: data.rindex(start, 0, data.index(word))] + data[end:]


def test_a_saved_zip_holds_what_it_was_given():
    parts = [compressed("b/图.xml", b"<x/>"), compressed("[Content_Types].xml", XML_HEAD), compressed("empty", b"")]
    made = zip_bytes(parts)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert package.testzip() is None
        assert package.namelist() == ["[Content_Types].xml", "b/图.xml", "empty"]
        assert [package.read(name) for name in package.namelist()] == [XML_HEAD, b"<x/>", b""]
    assert Package(made).read("b/图.xml") == b"<x/>"


def test_reading_what_was_saved_gives_no_findings():
    reading = reading_of(filled("F01", RECORD, properties={"number": "TP001"}))
    assert (reading.findings, reading.outside) == ([], [])


def test_a_million_empty_paragraphs_are_refused_before_they_are_parsed(read):
    data = with_part(form(), MAIN, b"<w:p/>" * 1_000_000)
    assert code_of(read_within(read, data, 60)) == "too_large"


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "word/header1.xml", "docProps/custom.xml"])
def test_a_doctype_in_any_part_that_is_read_is_refused(read, part):
    data = filled("F01", full_record("report"))
    hostile = changed(data, part, lambda xml: xml.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1))
    assert code_of(read(hostile)) == "doctype"


# Formats.

STRICT = {
    b"http://schemas.openxmlformats.org/wordprocessingml/2006/main": b"http://purl.oclc.org/ooxml/wordprocessingml/main",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships": b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    b"http://schemas.openxmlformats.org/officeDocument/2006/custom-properties": b"http://purl.oclc.org/ooxml/officeDocument/customProperties",
    b"http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes": b"http://purl.oclc.org/ooxml/officeDocument/docPropsVTypes",
}


def strict(data: bytes) -> bytes:
    """The form as Word saves it as "Strict Open XML Document"."""
    parts = parts_of(data)
    for name, content in parts.items():
        for usual, other in STRICT.items():
            content = content.replace(usual, other)  # noqa: PLW2901
        parts[name] = content
    return zipped(parts)


def test_strict_ooxml_is_read_and_filled_as_strict(read):
    data = strict(form())
    incoming = read(data)
    assert incoming.refused is None
    assert incoming.records["report"].values == RECORD.values
    again = FormDocument(data).fill(Content({"report.number": "TP009"}))
    assert b"schemas.openxmlformats.org/wordprocessingml" not in parts_of(again)[MAIN]
    assert read(again).shown_number == "TP009"


@pytest.mark.parametrize("kind", ["macroEnabled.main", "template.main", "macroEnabledTemplate.main"])
def test_forms_with_macros_and_saved_templates_are_read(read, kind):
    data = changed(
        form(), "[Content_Types].xml", lambda xml: xml.replace(b"wordprocessingml.document.main", b"x." + kind.encode())
    )
    if kind != "template.main":
        data = with_part(data, "word/vbaProject.bin", b"not run")
        incoming = read(data)
        assert [one.code for one in incoming.findings] == ["macros"]
    else:
        incoming = read(
            changed(data, "[Content_Types].xml", lambda xml: xml.replace(b"x.template", b"wordprocessingml.template"))
        )
    assert incoming.records["report"].values == RECORD.values


def test_a_part_of_another_document_is_told(read):
    chunk = b'<w:altChunk xmlns:r="r" r:id="rId77"/>'
    incoming = read(changed(form(), MAIN, lambda xml: xml.replace(b"<w:body>", b"<w:body>" + chunk)))
    assert [(one.code, one.parts["count"]) for one in incoming.findings] == [("foreign_part", "1")]
