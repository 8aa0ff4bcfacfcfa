"""Parts packed in chunks: an ordinary deflate stream whoever packs and unpacks it, with ISA-L and where there is none."""

import importlib
import sys
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tpdocs.findings import DocumentError
from tpdocs.register import deflate
from tpdocs.word.package import RawPart

_PIECES = st.lists(st.binary(max_size=3000) | st.text(max_size=400).map(str.encode), max_size=6)


@pytest.fixture(params=["isal", "zlib"])
def packing(request, monkeypatch):
    """The module as it is, and as it is on a processor that ISA-L is not made for."""
    if request.param == "zlib":
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, "isal", None)
            importlib.reload(deflate)
    yield deflate
    importlib.reload(deflate)


def whole(part: RawPart) -> RawPart:
    """The part as it is read from a file: in one piece."""
    return RawPart(part.name, part.method, part.crc, part.size, b"".join((part.data, *part.more)))


def test_the_usual_processors_have_isa_l():
    assert deflate.fast.__name__.startswith("isal")


def test_what_was_packed_is_unpacked_by_everybody(packing):
    assert (packing.fast is zlib) == ("isal" not in packing.fast.__name__)

    @given(_PIECES, st.lists(st.tuples(st.booleans(), st.booleans()), min_size=6, max_size=6))
    def check(pieces: list[bytes], how: list[tuple[bool, bool]]) -> None:
        packings = [packing.Packing(thorough, at_once) for thorough, at_once in how]
        chunks = [one.read(piece, 3, 4) for one, piece in zip(packings, pieces, strict=False)]
        assert [one.data for one in chunks] == pieces
        assert [one.crc for one in chunks] == list(map(zlib.crc32, pieces))
        assert [one.data for one in chunks] == pieces  # packed meanwhile
        part = whole(packing.part_of("a.xml", chunks))
        data = b"".join(pieces)
        assert (zlib.decompress(part.data, -15), part.crc, part.size) == (data, zlib.crc32(data), len(data))
        assert b"".join(packing.inflated(part)) == data
        again = packing.chunks_of(part, packing.table_of(chunks))
        assert [one.data for one in again] == pieces

    check()


def test_what_is_not_what_the_file_promised_is_a_fault(packing):
    data = bytes(range(256)) * 900
    part = whole(packing.part_of("a.xml", [packing.Packing(thorough=False).chunk(data)]))
    packed = bytearray(part.data)
    packed[len(packed) // 2] ^= 0xFF
    wrong = [
        RawPart("a.xml", 8, part.crc, part.size, bytes(packed)),
        RawPart("a.xml", 8, part.crc, part.size, part.data[: len(part.data) // 2]),
        RawPart("a.xml", 8, part.crc ^ 1, part.size, part.data),
        RawPart("a.xml", 8, part.crc, part.size - 1, part.data),
        RawPart("a.xml", 0, part.crc, part.size, data[:-1]),
    ]
    for one in wrong:
        with pytest.raises(DocumentError):
            list(packing.inflated(one))
    assert b"".join(packing.inflated(RawPart("a.xml", 0, part.crc, part.size, data))) == data


def test_small_parts_are_packed_tightly_and_large_ones_on_the_way():
    def packing_of(size: int) -> deflate.Packing:
        return deflate.Packing.of(RawPart("a.xml", 8, 0, size, b""))

    assert packing_of(2**18) == deflate.Packing(thorough=True, at_once=False)
    assert packing_of(2**23) == deflate.Packing(thorough=False, at_once=False)
    assert packing_of(2**25) == deflate.Packing(thorough=False, at_once=True)
