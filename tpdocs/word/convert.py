"""Word 97-2003, OpenDocument and RTF by way of LibreOffice, where that is installed: with a profile of its own and a time limit."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tpdocs.findings import DocumentError

SECONDS = 90
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED_MARK = "EncryptedPackage".encode("utf-16-le")
_WORD_MARK = "WordDocument".encode("utf-16-le")
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
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


def converted(data: bytes, suffix: str) -> bytes:
    """The document as .docx; DocumentError when LibreOffice is not there or does not manage it in time."""
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
