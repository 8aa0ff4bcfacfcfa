"""LibreOffice as a client in tests: found, or the test is skipped; in CI its absence fails."""

import json
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "samples" / "fill_in_libreoffice.py"
UNO_PYTHON = os.environ.get("UNO_PYTHON", "/usr/bin/python3")


@cache
def missing_part() -> str:
    """What is missing of LibreOffice with its Python module; empty when it is all there."""
    if shutil.which(os.environ.get("SOFFICE", "soffice")) is None:
        return "LibreOffice (soffice)"
    try:
        subprocess.run([UNO_PYTHON, "-c", "import uno"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return f"the module uno in {UNO_PYTHON}"
    return ""


def require_office() -> None:
    """Skip the test without LibreOffice, saying so; in CI nothing is skipped."""
    if missing := missing_part():
        if os.environ.get("CI"):
            pytest.fail(f"{missing} is missing in CI")
        pytest.skip(f"{missing} is not installed")


def require_version(wanted: str) -> None:
    """Skip the test with another LibreOffice than that of CI, saying so: each version does other things to a form."""
    require_office()
    told = subprocess.run(
        [os.environ.get("SOFFICE", "soffice"), "--version"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    if f"LibreOffice {wanted}" not in told:
        if os.environ.get("CI"):
            pytest.fail(f"CI has {told.strip()} instead of LibreOffice {wanted}")
        pytest.skip(f"the matrix is that of LibreOffice {wanted}, here is {told.strip()}")


def fill(jobs: list[dict[str, object]], folder: Path) -> list[list[str]]:
    """Have LibreOffice fill forms; the tags it did not find, a list for each job."""
    require_office()
    listed = folder / "jobs.json"
    listed.write_text(json.dumps(jobs, ensure_ascii=False), encoding="utf-8")
    done = subprocess.run(
        [UNO_PYTHON, str(SCRIPT), str(listed)], check=True, capture_output=True, text=True, timeout=300
    )
    return [json.loads(line)["not_found"] for line in done.stdout.splitlines()]


def convert(path: Path, to: str, folder: Path) -> Path:
    """Have LibreOffice open a file and save it in another format (or the same, ``docx``)."""
    (made,) = convert_all([path], to, folder)
    assert made.exists()
    return made


def convert_all(files: list[Path], to: str, folder: Path) -> list[Path]:
    """The same for many files with one start."""
    require_office()
    with tempfile.TemporaryDirectory(prefix="tpdocs-office-") as profile:
        command = [
            os.environ.get("SOFFICE", "soffice"),
            f"-env:UserInstallation={Path(profile).as_uri()}",
            "--headless",
        ]
        command += ["--convert-to", to, "--outdir", str(folder), *map(str, files)]
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    return [folder / f"{one.stem}.{to.partition(':')[0]}" for one in files]
