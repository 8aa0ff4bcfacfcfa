"""Word 97-2003, OpenDocument and RTF by way of LibreOffice, where that is installed: with a profile of its own and a time limit."""

import io
import os
import shutil
import subprocess
import tempfile
import zipfile
import zlib
from pathlib import Path

from tpdocs.findings import DocumentError

SECONDS = 90
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")
_WORD_MARK = "WordDocument".encode("utf-16-le")
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
# The text of a Word 97-2003 document begins with this in a sector of its own; a bit eleven bytes on says that it is encrypted.
_FIB, _SECTOR, _FIB_FLAGS, _FIB_ENCRYPTED = b"\xec\xa5", 512, 11, 1
_MANIFEST, _ENCRYPTION = "META-INF/manifest.xml", b"encryption-data"
_MOST_OF_MANIFEST = 2**20
_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    r"C:\Program Files\LibreOffice\program\soffice.exe",
    r"C:\Program Files (x86)\LibreOffice\program\soffice.exe",
)


def foreign_format(data: bytes) -> str:
    """The suffix of a format that can be converted (``.doc``, ``.odt``, ``.rtf``); empty for any other."""
    if data.startswith(_OLE) and _ENCRYPTED_MARK not in data and _WORD_MARK in data:
        return ".doc"
    if data.startswith(b"PK") and _ODT in data[:200]:
        return ".odt"
    return ".rtf" if data.startswith(b"{\\rtf") else ""


def _is_encrypted(data: bytes, suffix: str) -> bool:
    if suffix == ".doc":
        begins = (at for at in range(_SECTOR, len(data) - _SECTOR, _SECTOR) if data.startswith(_FIB, at))
        start = next(begins, None)
        return start is not None and bool(data[start + _FIB_FLAGS] & _FIB_ENCRYPTED)
    if suffix == ".odt":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_MANIFEST) as manifest:
                return _ENCRYPTION in manifest.read(_MOST_OF_MANIFEST)
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, zlib.error, EOFError):
            return False  # LibreOffice may still make something of it
    return False


def converted(data: bytes, suffix: str) -> bytes:
    """The document as .docx; DocumentError when it is encrypted, or when LibreOffice is not there or does not manage it in time."""
    if _is_encrypted(data, suffix):
        raise DocumentError("encrypted")
    office = _office()
    if office is None:
        raise DocumentError("needs_converting", value=suffix)
    with tempfile.TemporaryDirectory(prefix="tpdocs-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        source, out = folder / f"form{suffix}", folder / "out"
        source.write_bytes(data)
        profile = (folder / "profile").as_uri()
        command = [office, f"-env:UserInstallation={profile}", "--headless", "--norestore", "--convert-to", "docx"]
        try:
            # No shell; the name of the file is ours.
            subprocess.run(  # noqa: S603
                [*command, "--outdir", str(out), str(source)], capture_output=True, timeout=SECONDS, check=False
            )
            return (out / "form.docx").read_bytes()
        except (OSError, subprocess.TimeoutExpired) as error:
            raise DocumentError("not_converted", value=suffix) from error


def _office() -> str | None:
    told = os.environ.get("TPDOCS_SOFFICE")
    found = (
        told,
        shutil.which("soffice"),
        shutil.which("libreoffice"),
        *(one for one in _PLACES if Path(one).is_file()),
    )
    return next((one for one in found if one), None)
