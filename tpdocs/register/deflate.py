"""A part of the workbook unpacked piece by piece, and packed in chunks: what has not changed is copied as it is packed.

Each chunk ends with a full flush, so it can be unpacked, replaced and packed by itself, while the whole is an ordinary deflate
stream. Unpacking, changing and packing all of a sheet of 20,000 rows takes seconds; changing a hundred rows of it this way does not.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tpdocs.findings import DocumentError
from tpdocs.word.package import RawPart

# Intel's library packs four times as fast as zlib does at its quickest, and tighter. It is made for the usual processors only.
fast: Any
try:
    from isal import isal_zlib as fast
except ImportError:
    fast = zlib

_DEFLATED = 8
_END = b"\x03\x00"  # an empty last block
_POLYNOMIAL, _BITS = 0xEDB88320, 32
CHUNK_BYTES = 96 * 2**10
_SMALL_PART, _LARGE_PART = 2**19, 2**24
_THOROUGH, _QUICK = 6, 1
_PACKED_PIECE = 2**16  # about a megabyte, unpacked
_BEGINNING = 2**12  # of many parts no more is asked for than how they are written, and the headings


def inflated(part: RawPart) -> Iterator[bytes]:
    """A part's bytes, piece by piece; DocumentError at the end where they are not those that the file promised.

    A flipped bit may well unpack: without the checksum what it makes of cells would pass for what people typed.
    """
    crc = size = 0
    for piece in _pieces(part):
        crc, size = fast.crc32(piece, crc), size + len(piece)
        if size > part.size:
            break
        yield piece
    if (crc, size) != (part.crc, part.size):
        raise DocumentError("cut_short")


def beginning(part: RawPart) -> bytes:
    """The first bytes of a part, enough to tell how it is written; DocumentError where it cannot be unpacked."""
    if not part.method:
        return bytes(part.data[:_BEGINNING])
    try:
        first: bytes = fast.decompressobj(-15).decompress(part.data[:_BEGINNING], _BEGINNING)
    except (zlib.error, fast.error) as error:
        raise DocumentError("cut_short") from error
    return first


def _pieces(part: RawPart) -> Iterator[bytes]:
    if not part.method:
        yield bytes(part.data)
        return
    unpacker = fast.decompressobj(-15)
    try:
        start, length = 0, _BEGINNING
        while start < len(part.data):
            if piece := unpacker.decompress(part.data[start : start + length]):
                yield piece
            start, length = start + length, _PACKED_PIECE
        if piece := unpacker.flush():
            yield piece
    except (zlib.error, fast.error) as error:
        raise DocumentError("cut_short") from error


class Chunk:
    """Rows `first` to `last` of a sheet (0 for what stands before or after them), packed by themselves when that is asked for.

    Of a sheet that people saved most chunks are changed before they are written, so what was read is not packed at once.
    """

    __slots__ = ("_crc", "_data", "_packed", "_thorough", "first", "last", "size")

    def __init__(self, first: int, last: int, data: bytes, *, thorough: bool = True) -> None:
        self.first, self.last, self.size = first, last, len(data)
        self._data: bytes | None = data
        self._packed: bytes | memoryview | None = None
        self._crc, self._thorough = -1, thorough

    @classmethod
    def as_packed(cls, first: int, last: int, size: int, crc: int, packed: bytes | memoryview) -> "Chunk":
        """One that was packed before."""
        found = cls(first, last, b"")
        found.size, found._crc, found._packed, found._data = size, crc, packed, None
        return found

    @property
    def data(self) -> bytes:
        """The bytes, unpacked."""
        if self._data is not None:
            return self._data
        data: bytes = fast.decompressobj(-15).decompress(self._packed)
        return data

    @property
    def packed(self) -> bytes | memoryview:
        """The bytes, packed."""
        return self._packed if self._packed is not None else self.pack()

    @property
    def crc(self) -> int:
        """The checksum of the bytes."""
        if self._packed is None:
            self.pack()
        return self._crc

    def pack(self) -> bytes:
        """Pack the bytes, which are kept no longer."""
        data, level = self.data, _THOROUGH if self._thorough else _QUICK
        packer = (zlib if self._thorough else fast).compressobj(level, zlib.DEFLATED, -15)
        packed: bytes = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
        self._packed, self._crc, self._data = packed, fast.crc32(data), None
        return packed


@dataclass(frozen=True, slots=True)
class Packing:
    """How the chunks of a sheet are packed: `thorough`, as tightly as can be; `at_once`, for all of it unpacked takes too much memory."""

    thorough: bool
    at_once: bool = True

    @classmethod
    def of(cls, part: RawPart) -> "Packing":
        """How those of a part of the workbook are."""
        return cls(part.size < _SMALL_PART, part.size > _LARGE_PART)

    def chunk(self, data: bytes, first: int = 0, last: int = 0) -> Chunk:
        """A chunk to be written."""
        found = Chunk(first, last, data, thorough=self.thorough)
        found.pack()
        return found

    def read(self, data: bytes, first: int, last: int) -> Chunk:
        """A chunk that was read, and may be changed yet."""
        return self.chunk(data, first, last) if self.at_once else Chunk(first, last, data, thorough=self.thorough)


def part_of(name: str, chunks: Sequence[Chunk]) -> RawPart:
    """A member of the zip file made of chunks."""
    crc = size = 0
    for one in chunks:
        crc = combined(crc, one.crc, one.size)
        size += one.size
    return RawPart(name, _DEFLATED, crc, size, b"", (*(one.packed for one in chunks), _END))


def table_of(chunks: Sequence[Chunk]) -> list[list[int]]:
    """What is to be kept to find the chunks again: rows, size, checksum and length of each."""
    return [[one.first, one.last, one.size, one.crc, len(one.packed)] for one in chunks]


def chunks_of(part: RawPart, table: Sequence[Sequence[int]]) -> list[Chunk]:
    """The chunks of a part as `table_of` told them."""
    found, at = [], 0
    for first, last, size, crc, length in table:
        found.append(Chunk.as_packed(first, last, size, crc, part.data[at : at + length]))
        at += length
    return found


def combined(first: int, second: int, length: int) -> int:
    """The CRC-32 of two byte strings one after the other, from theirs and the second's length."""
    power = 0
    while length:
        if length & 1:
            first = _times(_zeros(power), first)
        length >>= 1
        power += 1
    return first ^ second


Tables = tuple[
    tuple[int, ...], ...
]  # what each four bits of a checksum become: sixteen values for each of their eight places


@lru_cache
def _zeros(power: int) -> Tables:
    """What 2 to that power zero bytes do to a checksum."""
    if power == 0:
        bits = (_POLYNOMIAL, *(1 << bit for bit in range(_BITS - 1)))  # one zero bit
        one = _tables(bits)
        for _ in range(3):
            one = _twice(one)
        return one
    return _twice(_zeros(power - 1))


def _twice(tables: Tables) -> Tables:
    return _tables(tuple(_times(tables, _times(tables, 1 << bit)) for bit in range(_BITS)))


def _tables(columns: Sequence[int]) -> Tables:
    """From what each single bit becomes."""
    found = []
    for place in range(0, _BITS, 4):
        one, two, four, eight = columns[place : place + 4]
        low = (0, one, two, one ^ two)
        high = (0, four, eight, four ^ eight)
        found.append(tuple(more ^ less for more in high for less in low))
    return tuple(found)


def _times(tables: Tables, vector: int) -> int:
    a, b, c, d, e, f, g, h = tables
    return (
        a[vector & 15]
        ^ b[vector >> 4 & 15]
        ^ c[vector >> 8 & 15]
        ^ d[vector >> 12 & 15]
        ^ e[vector >> 16 & 15]
        ^ f[vector >> 20 & 15]
        ^ g[vector >> 24 & 15]
        ^ h[vector >> 28]
    )
