"""A .docx as a package of parts: opened within limits, saved with every other part's compressed bytes as they were."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import cast

from lxml import etree

from tpdocs.findings import DocumentError
from tpdocs.word.xml import NS_CUSTOM, NS_RELS, NS_TYPES, NS_VT, parse_xml, xml_bytes

PREFIX = "tpdocs."
CUSTOM_PART, CONTENT_TYPES = "docProps/custom.xml", "[Content_Types].xml"
_CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_CUSTOM_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_FORMAT_ID = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")
_WORD_MARK = "WordDocument".encode("utf-16-le")
_OFFICE_DOCUMENT = "/officeDocument"
_SYMBOL_FONT, _LINK = b"dings", b"yperlink"
_DOCTYPE = b"<!DOCTYPE"
_SMALL = 16 * 2**10
_RELS, _USUAL_MAIN = "_rels/.rels", "word/document.xml"
_USUAL_RELATION = re.compile(rb'/officeDocument"\s+Target="/?word/document\.xml"')
_MAIN_TYPES = (
    "wordprocessingml.document.main",
    "wordprocessingml.template.main",
    "macroEnabled.main",
    "macroEnabledTemplate.main",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may cost before it is refused.

    Bytes of the file, parts, bytes unpacked, bytes and expansion of a part; tags of one (nine times what the largest form
    has: a million empty paragraphs take gigabytes as a tree), cells and paragraphs of the main one (fifteen times).
    """

    file_bytes: int = 64 * 2**20
    parts: int = 4000
    unpacked_bytes: int = 256 * 2**20
    xml_bytes: int = 8 * 2**20
    expansion: int = 150
    tags: int = 140_000
    cells: int = 6_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class RawPart:
    """One member of the zip file, compressed as it was."""

    name: str
    method: int
    crc: int
    size: int
    data: bytes | memoryview
    more: tuple[bytes | memoryview, ...] = ()  # further pieces, of a part that was packed in several

    @property
    def packed_size(self) -> int:
        """How long it is packed."""
        return len(self.data) + sum(map(len, self.more))


class Package:
    """The parts of one .docx in memory."""

    def __init__(self, data: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
        _refuse_other_formats(data, limits)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, EOFError, struct.error, OverflowError, NotImplementedError) as error:
            raise DocumentError("cut_short") from error
        self._data = data
        self._limits = limits
        self._infos = {info.filename.replace("\\", "/"): info for info in self._zip.infolist()}
        # Whether a run of the main part may be set in a symbol font; known once that is parsed.
        self.has_signs = True
        self._has_links = True
        self._check_limits()

    def _check_limits(self) -> None:
        infos = self._infos.values()
        if len(infos) > self._limits.parts or sum(info.file_size for info in infos) > self._limits.unpacked_bytes:
            raise DocumentError("too_large")
        if any(info.flag_bits & 1 for info in infos):
            raise DocumentError("encrypted")
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
            raise DocumentError("odd_packing")

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of all parts."""
        return frozenset(self._infos)

    def read(self, name: str) -> bytes:
        """The bytes of a part; DocumentError when it is absent, damaged or too large."""
        info = self._infos.get(name)
        if info is None:
            raise DocumentError("cut_short")
        if name.endswith((".xml", ".rels")) and (
            info.file_size > self._limits.xml_bytes
            or (info.file_size > 2**20 and info.file_size > self._limits.expansion * max(info.compress_size, 1))
        ):
            raise DocumentError("too_large")
        packed = self._compressed(info)
        data = _inflated(packed, info.file_size) if info.compress_type == zipfile.ZIP_DEFLATED else bytes(packed)
        if len(data) != info.file_size or zlib.crc32(data) != info.CRC:
            raise DocumentError("cut_short")
        return data

    def _compressed(self, info: zipfile.ZipInfo) -> memoryview:
        """The bytes of a part as they are packed, where they lie in the file."""
        try:
            # The name and the extra field may be of other lengths in the local header than in the directory.
            name_length, extra_length = struct.unpack_from("<HH", self._data, info.header_offset + 26)
        except struct.error as error:
            raise DocumentError("cut_short") from error
        start = info.header_offset + 30 + name_length + extra_length
        data = memoryview(self._data)[start : start + info.compress_size]
        if len(data) != info.compress_size:
            raise DocumentError("cut_short")
        return data

    def checksum(self, name: str) -> int:
        """The checksum that the file gives for a part."""
        return self._infos[name].CRC

    @cached_property
    def main_name(self) -> str:
        """The name of the main part, by the package's relationships."""
        if _RELS in self._infos and _DOCTYPE in self.read(_RELS):
            raise DocumentError("doctype", part=_RELS)
        if _USUAL_MAIN in self._infos and _USUAL_RELATION.search(self.read(_RELS)):
            self._check_main_type(_USUAL_MAIN)
            return _USUAL_MAIN
        for target in self._targets(_RELS, ""):
            if target[0].endswith(_OFFICE_DOCUMENT):
                self._check_main_type(target[1])
                return target[1]
        raise DocumentError("not_word")

    def _check_main_type(self, name: str) -> None:
        types = self.read(CONTENT_TYPES)
        if _DOCTYPE in types:
            raise DocumentError("doctype", part=CONTENT_TYPES)
        if name not in self._infos or not any(kind.encode() in types for kind in _MAIN_TYPES):
            raise DocumentError("not_word")

    def _targets(self, rels: str, base: str) -> list[tuple[str, str, str]]:
        if rels not in self._infos:
            return []
        root = parse_xml(self.read(rels), rels)
        found = []
        for rel in root.iter(f"{{{NS_RELS}}}Relationship"):
            if rel.get("TargetMode") != "External":
                target = rel.get("Target", "")
                path = target[1:] if target.startswith("/") else normpath(join(base, target))
                found.append((rel.get("Type", ""), path, rel.get("Id", "")))
        return found

    @cached_property
    def main(self) -> etree._Element:
        """The root of the main part."""
        data = self.read(self.main_name)
        self.has_signs = _SYMBOL_FONT in data
        self._has_links = _LINK in data
        return parse_xml(data, self.main_name, self._limits.tags)

    @property
    def most_cells(self) -> int:
        """How many cells and paragraphs the main part may have."""
        return self._limits.cells

    @property
    def main_relations(self) -> str:
        """The name of the part that holds the main part's relationships."""
        folder, _, name = self.main_name.rpartition("/")
        return join(folder, "_rels", f"{name}.rels")

    def part_of(self, relation_id: str) -> str:
        """The part that the main part calls `relation_id`, or an empty text."""
        rels = self.main_relations
        return next((path for _, path, rid in self._targets(rels, dirname(self.main_name)) if rid == relation_id), "")

    @cached_property
    def links(self) -> frozenset[str]:
        """Where the links of the main part lead to outside of it."""
        rels = self.main_relations
        if not self._has_links or rels not in self._infos:
            return frozenset()
        root = parse_xml(self.read(rels), rels)
        links = (one for one in root.iter(f"{{{NS_RELS}}}Relationship") if one.get("Type", "").endswith("/hyperlink"))
        return frozenset(one.get("Target", "") for one in links if one.get("TargetMode") == "External") - {""}

    @cached_property
    def properties(self) -> dict[str, str]:
        """Our custom properties (without the ``tpdocs.`` in front): form, version, number, round, revision ..."""
        if CUSTOM_PART not in self._infos:
            return {}
        root = parse_xml(self.read(CUSTOM_PART), CUSTOM_PART)
        found = {}
        for one in root.iter(f"{{{NS_CUSTOM}}}property"):
            name = one.get("name", "")
            if name.startswith(PREFIX):
                found[name.removeprefix(PREFIX)] = "".join(map(str, one.itertext())).strip()
        return found

    def raw_parts(self) -> list[RawPart]:
        """Every part, compressed as it is in the file."""
        return [self._raw(name, info) for name, info in self._infos.items()]

    def _raw(self, name: str, info: zipfile.ZipInfo) -> RawPart:
        return RawPart(name, info.compress_type, info.CRC, info.file_size, self._compressed(info))


def _inflated(data: memoryview, size: int) -> bytes:
    """What a part unpacks to, or a little more than `size` of it.

    Not by zipfile: where a part claims less than it unpacks to, that unpacks all of it before it looks. Deflate packs a
    thousand to one at best, so what is small unpacks to little whatever it claims, and in one go in half the time.
    """
    try:
        if len(data) <= _SMALL:
            return zlib.decompress(data, -15, size + 1)
        return zlib.decompressobj(-15).decompress(data, size + 1)
    except zlib.error as error:
        raise DocumentError("cut_short") from error


def open_package(path: Path, limits: Limits = DEFAULT_LIMITS) -> Package:
    """The package in a file; DocumentError says why it is none."""
    return Package(read_bytes(path, limits), limits)


def read_bytes(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """The bytes of a file that may be a document; DocumentError for an owner file, an oversized or unreadable one."""
    if path.name.startswith("~$"):
        raise DocumentError("owner_file")
    try:
        if path.stat().st_size > limits.file_bytes:
            raise DocumentError("too_large")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DocumentError("no_such_file") from error
    except OSError as error:
        raise DocumentError("unreadable", error=error.strerror or str(error)) from error


def _refuse_other_formats(data: bytes, limits: Limits) -> None:
    if not data:
        raise DocumentError("empty_file")
    if len(data) > limits.file_bytes:
        raise DocumentError("too_large")
    if data.startswith(b"PK"):
        return
    if data.startswith(_OLE):
        raise (
            DocumentError("encrypted")
            if _ENCRYPTED_MARK in data[: 2**20] or _ENCRYPTED_MARK in data
            else DocumentError("old_format" if _WORD_MARK in data else "not_word")
        )
    if not data.strip(b"\0"):
        raise DocumentError("only_zeros")
    raise DocumentError("not_word")


def compressed(name: str, data: bytes) -> RawPart:
    """A part made of plain bytes."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return RawPart(name, zipfile.ZIP_DEFLATED, zlib.crc32(data), len(data), packer.compress(data) + packer.flush())


def zip_bytes(parts: list[RawPart]) -> bytes:
    """A zip file of the parts, in their order; the content types come first, as some readers want them."""
    ordered = sorted(parts, key=lambda part: part.name != CONTENT_TYPES)
    body: list[bytes | memoryview] = []
    directory: list[bytes] = []
    offset = 0
    for part in ordered:
        name = part.name.encode()
        flags = 0 if part.name.isascii() else 0x800
        head = (20, flags, part.method, 0, 0x21, part.crc, part.packed_size, part.size, len(name), 0)
        local = struct.pack("<4s5H3L2H", b"PK\3\4", *head) + name
        directory.append(struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, *head, 0, 0, 0, 0, offset) + name)
        body += (local, part.data, *part.more)
        offset += len(local) + part.packed_size
    index = b"".join(directory)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(parts), len(parts), len(index), offset, 0)
    return b"".join((*body, index, end))


def with_parts(parts: list[RawPart], replaced: Mapping[str, bytes]) -> bytes:
    """A zip file of the parts, those in `replaced` with new content, new ones added."""
    kept = [compressed(part.name, replaced[part.name]) if part.name in replaced else part for part in parts]
    known = {part.name for part in parts}
    return zip_bytes(kept + [compressed(name, data) for name, data in replaced.items() if name not in known])


class PropertyParts:
    """The part that holds custom properties, and the two that must name it; read once, written as often as needed."""

    def __init__(self, package: Package) -> None:
        self._existing = package.read(CUSTOM_PART) if CUSTOM_PART in package.names else None
        self._named: dict[str, bytes] = {}
        if self._existing is None:
            types = parse_xml(package.read(CONTENT_TYPES), CONTENT_TYPES)
            etree.SubElement(types, f"{{{NS_TYPES}}}Override", PartName=f"/{CUSTOM_PART}", ContentType=_CUSTOM_TYPE)
            relations = parse_xml(package.read(_RELS), _RELS)
            name = f"{{{NS_RELS}}}Relationship"
            etree.SubElement(relations, name, Id="rIdTpdocs", Type=_CUSTOM_RELATION, Target=CUSTOM_PART)
            self._named = {CONTENT_TYPES: xml_bytes(types), _RELS: xml_bytes(relations)}

    def holding(self, ours: Mapping[str, str]) -> dict[str, bytes]:
        """The parts to write: what other programs keep among the properties stays, ours are replaced."""
        return {**self._named, CUSTOM_PART: _custom_properties(ours, self._existing)}


def _custom_properties(ours: Mapping[str, str], existing: bytes | None) -> bytes:
    namespaces = cast("dict[str, str]", {None: NS_CUSTOM, "vt": NS_VT})
    root = (
        parse_xml(existing, CUSTOM_PART) if existing else etree.Element(f"{{{NS_CUSTOM}}}Properties", nsmap=namespaces)
    )
    wanted = {f"{PREFIX}{name}": value for name, value in ours.items()}
    for one in list(root):
        if one.get("name") in wanted:
            root.remove(one)
    last = max((int(one.get("pid", "1")) for one in root), default=1)
    for pid, (name, value) in enumerate(wanted.items(), last + 1):
        one = etree.SubElement(root, f"{{{NS_CUSTOM}}}property", fmtid=_FORMAT_ID, pid=str(pid), name=name)
        etree.SubElement(one, f"{{{NS_VT}}}lpwstr", nsmap={"vt": NS_VT}).text = value
    return xml_bytes(root)
