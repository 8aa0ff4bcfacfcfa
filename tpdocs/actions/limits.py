"""What a document may cost on a desk."""

from tpdocs.desk.folder import Desk
from tpdocs.word.package import Limits

_MEGABYTE = 2**20


def limits_of(desk: Desk) -> Limits:
    """The limits that the desk's settings give."""
    told = desk.settings.limits
    return Limits(
        file_bytes=told.file_mb * _MEGABYTE,
        unpacked_bytes=told.unpacked_mb * _MEGABYTE,
        xml_bytes=told.part_mb * _MEGABYTE,
        parts=told.parts,
        expansion=told.expansion,
        tags=told.tags,
        cells=told.cells,
    )
