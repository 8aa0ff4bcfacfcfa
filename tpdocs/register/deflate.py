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
_SMALL_PART, _THOROUGH, _QUICK = 2**19, 6, 1
_PACKED_PIECE = 2**16  # about a megabyte, unpacked
_BEGINNING = 2**12


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
        for start in range(0, len(part.data), _PACKED_PIECE):
            if piece := unpacker.decompress(part.data[start : start + _PACKED_PIECE]):
                yield piece
        if piece := unpacker.flush():
            yield piece
    except (zlib.error, fast.error) as error:
        raise DocumentError("cut_short") from error


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows `first` to `last` of a sheet (0 for what stands before or after them), packed."""

    first: int
    last: int
    size: int
    crc: int
    packed: bytes | memoryview

    @property
    def data(self) -> bytes:
        """The bytes, unpacked."""
        data: bytes = fast.decompressobj(-15).decompress(self.packed)
        return data


def chunk(data: bytes, first: int = 0, last: int = 0, *, thorough: bool = True) -> Chunk:
    """Some bytes packed by themselves."""
    packer = (zlib if thorough else fast).compressobj(_THOROUGH if thorough else _QUICK, zlib.DEFLATED, -15)
    packed = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    return Chunk(first, last, len(data), fast.crc32(data), packed)


def is_small(size: int) -> bool:
    """Whether a part is small enough to be packed as tightly as can be."""
    return size < _SMALL_PART


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
        found.append(Chunk(first, last, size, crc, part.data[at : at + length]))
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
