"""Files written whole or not at all, and names that every system takes."""

import hashlib
import os
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from tpdocs.errors import NotWrittenError, TpdocsError

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_LONGEST = 80
_PIECE = 2**20  # bytes
_WIDE_AT = 55  # in Excel's owner file


def sha256_of(data: bytes) -> str:
    """The hash a document is known by."""
    return hashlib.sha256(data).hexdigest()


def safe_name(name: str) -> str:
    """A file name that Windows, macOS and Linux take, as close to `name` as can be, at most 80 characters."""
    bare = _FORBIDDEN.sub("_", name).strip(" .") or "_"
    if _RESERVED.fullmatch(bare):
        bare = f"_{bare}"
    stem, dot, suffix = bare.rpartition(".")
    if dot and len(suffix) <= 10:  # noqa: PLR2004 - a longer one is no suffix
        return f"{stem[: _LONGEST - len(suffix) - 1]}.{suffix}"
    return bare[:_LONGEST]


def write_whole(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Write beside and replace, with `durable` flushed to the disk before; NotWrittenError when another program holds the file or the folder takes none."""
    temporary = None
    make_folder(path.parent)
    try:
        path = path.resolve() if path.is_symlink() else path  # the link stays one
        handle, name = tempfile.mkstemp(prefix=".tpdocs-", suffix=".tmp", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise _not_written(path, error) from error


def make_folder(path: Path) -> None:
    """Make a folder and those above it; NotWrittenError when that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotWrittenError(
            "The folder {path} cannot be made ({error}). Name another one, or check the disk and your rights.",
            path=path,
            error=error.strerror or str(error),
        ) from error


def flush_file(path: Path) -> None:
    """Bring a file to the disk; NotWrittenError when that fails."""
    try:
        with path.open("r+b") as file:  # Windows flushes only what may be written to
            os.fsync(file.fileno())
    except OSError as error:
        raise _not_written(path, error) from error


def move_whole(source: Path, target: Path) -> bool:
    """Move a file on the same disk, unless the target is there with the same bytes; returns whether there was nothing before."""
    make_folder(target.parent)
    try:
        new = not target.exists()
        if new or target.read_bytes() != source.read_bytes():
            source.replace(target)
    except OSError as error:
        raise _not_written(target, error) from error
    return new


def _not_written(path: Path, error: OSError) -> NotWrittenError:
    return NotWrittenError(
        "{path} cannot be written ({error}). Close it in Excel, WPS Office, Word or LibreOffice, check the disk, and try again.",
        path=path,
        error=error.strerror or str(error),
    )


def put_aside(target: Path, data: bytes) -> bool:
    """Write `data` to `target` unless exactly that is there already; returns whether there was nothing before."""
    new = not target.exists()
    if new or sha256_of(target.read_bytes()) != sha256_of(data):
        write_whole(target, data)
    return new


def held_back(path: Path) -> NotWrittenError | None:
    """Why a workbook should not be written now: another program has it open and says so by an owner file beside it, or it is read-only."""
    for name in (f"~${path.name}", f".~lock.{path.name}#"):
        owner = path.with_name(name)
        if owner.exists():
            who = _owner_in(owner)
            return NotWrittenError(
                "{path} is open{who}. The ledger is up to date; close the file and run “tpdocs sync”, which catches up. If nobody has it open, delete {owner}.",
                path=path,
                who=f" ({who})" if who else "",
                owner=owner.name,
            )
    # Not os.access: whoever may do everything may write this too, and yet somebody wanted it left alone.
    if path.exists() and not path.stat().st_mode & stat.S_IWRITE:
        return NotWrittenError(
            "{path} is read-only. The ledger is up to date; make the file writable and run “tpdocs sync”, which catches up.", path=path
        )  # fmt: skip
    return None


def _owner_in(owner: Path) -> str:
    """Who has a file open, as Excel and LibreOffice note it."""
    try:
        data = owner.read_bytes()
    except OSError:
        return ""  # Windows lets nobody read what Excel holds
    if owner.name.startswith("~$"):
        return _owner_of_excel(data)
    return next((part.strip() for part in data.decode("utf-8", "replace").split(",") if part.strip()), "")


def _owner_of_excel(data: bytes) -> str:
    """A byte with a length and the name in the machine's own code page, then the same in UTF-16, which every machine reads alike."""
    length = int.from_bytes(data[_WIDE_AT : _WIDE_AT + 2], "little")
    wide = data[_WIDE_AT + 2 : _WIDE_AT + 2 + 2 * length].decode("utf-16-le", "replace").strip("\0 ")
    if wide and wide.isprintable() and "\ufffd" not in wide:
        return wide
    narrow = data[1 : 1 + data[0]].strip(b"\0 ") if data else b""
    for encoding in ("utf-8", "gb18030"):
        with suppress(UnicodeDecodeError):
            return narrow.decode(encoding)
    return ""


def names_in(folder: Path) -> list[str]:
    """What lies in a folder; TpdocsError where it may not be looked into, for then it would look empty."""
    try:
        return [path.name for path in folder.iterdir()]
    except OSError as error:
        raise TpdocsError(
            "{path} cannot be read ({error}). Nothing was changed; check your rights to the folder.",
            path=folder, error=error.strerror or str(error),
        ) from error  # fmt: skip


def is_there(path: Path) -> bool:
    """Whether there is a file; where that cannot be told, writing it will say why."""
    try:
        return path.exists()
    except OSError:
        return False


def lies_there(path: Path, data: bytes | None) -> bool:
    """Whether a file lies there with just these bytes now; None where there should be none. Compared piece by piece, for hashing takes longer."""
    at = 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                if data is None or not data.startswith(piece, at):
                    return False
                at += len(piece)
    except OSError:
        return data is None
    return data is not None and at == len(data)


def without_mark(stem: str, mark: str) -> str:
    """A name without a mark at its end, and the number that `free_name` put behind that."""
    name, found, rest = stem.rpartition(mark)
    return name if found and (not rest or (rest.startswith(" (") and rest.endswith(")"))) else stem


def free_name(path: Path) -> Path:
    """`path`, or with a number in front of the suffix where that exists already."""
    candidate, number = path, 2
    while is_there(candidate):
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
        number += 1
    return candidate
