"""Where things are in a desk."""

import getpass
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from filelock import FileLock, Timeout

from tpdocs.config import DEFAULT_FILE, FILE_NAME, Settings, load_settings
from tpdocs.desk.files import write_whole
from tpdocs.errors import TpdocsError

LOCK_SECONDS = 120
KEPT_VERSIONS = 3
_DAY = 24 * 3600
UNREAD_KINDS = (".xls", ".ods", ".et")  # other programs' own, as which somebody may save the register
FOLDERS = ("inbox", "outbox", "archive", "returned", "backup", "templates")
_SHIPPED = (Path(__file__).parent.parent, Path(__file__).parent.parent.parent)


@dataclass(frozen=True)
class Desk:
    """A team's folder."""

    root: Path

    @cached_property
    def settings(self) -> Settings:
        """What ``tpdocs.toml`` says."""
        return load_settings(self.root / FILE_NAME)

    @property
    def ledger(self) -> Path:
        """The ledger's file: in the desk, or where the settings say, relative to the desk."""
        told = self.settings.ledger
        return self.root / Path(told).expanduser() if told else self.root / "ledger.db"

    @property
    def register(self) -> Path:
        """The Excel register; ``register.xlsm`` where people saved it with macros and took the other away."""
        usual, with_macros = self.root / "register.xlsx", self.root / "register.xlsm"
        return with_macros if with_macros.exists() and not usual.exists() else usual

    @property
    def other_register(self) -> Path | None:
        """A workbook of another kind beside the register: whoever works in that one is not heard."""
        beside = (self.root / f"register{suffix}" for suffix in (".xlsm", *UNREAD_KINDS))
        return next((other for other in beside if other != self.register and other.exists()), None)

    @property
    def inbox(self) -> Path:
        """Where filled forms are dropped; ``ingest`` consumes them."""
        return self.root / "inbox"

    @property
    def outbox(self) -> Path:
        """Forms to hand out, receipts and notices."""
        return self.root / "outbox"

    def holds_in_inbox(self, path: Path) -> bool:
        """Whether a file lies in the inbox, whatever way its path goes; a link counts by where the link lies."""
        inbox, folder = self.inbox.resolve(), path.absolute().parent.resolve()
        return folder == inbox or inbox in folder.parents

    def archive(self, subject: str) -> Path:
        """Where the documents of a problem are kept."""
        return self.root / "archive" / subject

    @property
    def blanks(self) -> Path:
        """The blanks handed out so far, by their template's hash: a form that comes back is read against its own."""
        return self.root / ".tpdocs" / "blanks"

    @property
    def template_folders(self) -> tuple[Path, ...]:
        """The desk's own templates, then the shipped ones."""
        return (self.root / "templates", shipped("templates"))

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder for copies on their way into the archive, on the same disk; what a killed process left there goes."""
        shelf = self.root / ".tpdocs" / "incoming"
        try:
            shelf.mkdir(parents=True, exist_ok=True)
            for left in shelf.iterdir():
                if time.time() - left.stat().st_mtime > _DAY:
                    shutil.rmtree(left, ignore_errors=True)
            folder = Path(tempfile.mkdtemp(dir=shelf))
        except OSError as error:
            raise _not_writable(self.root, error) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep_version(self, data: bytes | None) -> None:
        """Keep what the register was before it is written; the last three versions stay in ``backup/``."""
        if data is None:
            return
        folder = self.root / "backup"
        known = sorted(folder.glob("register-??????.xls?"))
        number = max((int(one.stem.rpartition("-")[2]) for one in known if one.stem[9:].isdigit()), default=0) + 1
        write_whole(folder / f"register-{number:06d}{self.register.suffix}", data, durable=False)
        for old in known[: -(KEPT_VERSIONS - 1)]:
            old.unlink(missing_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time appends to the ledger and writes the desk's files.

        The lock is the system's own, which goes with its process; only where a file system has none it is a file, and
        one that a dead process left is recognised by that process's number.
        """
        lock = self.root / ".tpdocs" / "desk.lock"
        holder = lock.with_name("desk.lock.holder")
        try:
            lock.parent.mkdir(exist_ok=True)
            with FileLock(lock, timeout=LOCK_SECONDS):
                with suppress(OSError):  # only for the words of whoever waits
                    holder.write_text(_who(), encoding="utf-8")
                yield
        except Timeout as error:
            raise TpdocsError(
                "Another tpdocs has been working on {desk} for more than two minutes ({who}). Try again later.",
                desk=self.root, who=_read_text(holder) or "?",
            ) from error  # fmt: skip
        except OSError as error:
            if error.filename is None or Path(error.filename) not in (lock, lock.parent):
                raise
            raise _not_writable(self.root, error) from error


def _not_writable(root: Path, error: OSError) -> TpdocsError:
    return TpdocsError(
        "{desk} cannot be written to ({error}). Nothing was changed; check your rights to the folder and the room on its disk.",
        desk=root, error=error.strerror or str(error),
    )  # fmt: skip


def _who() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "?"
    return f"{user}@{socket.gethostname()}, process {os.getpid()}"


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def shipped(name: str) -> Path:
    """A folder that comes with tpdocs: inside the installed package, or beside it in a checkout."""
    for base in _SHIPPED:
        if (base / name).is_dir():
            return base / name
    raise TpdocsError("The folder “{name}” that belongs to tpdocs is missing. Install tpdocs again.", name=name)


def find_desk(start: Path) -> Desk:
    """The desk that `start` lies in, looking upwards; TpdocsError when there is none."""
    for folder in (start.absolute(), *start.absolute().parents):
        if (folder / FILE_NAME).is_file():
            return Desk(folder)
    raise TpdocsError(
        "There is no desk in {start} or above it. Make one with “tpdocs init DIR”, or name yours: “tpdocs --desk DIR ...”.",
        start=start,
    )


def make_desk(root: Path) -> Desk:
    """Make the folders and the settings file; TpdocsError when there is a desk already."""
    if (root / FILE_NAME).exists():
        raise TpdocsError("{root} is a desk already; nothing was changed.", root=root)
    try:
        for name in FOLDERS:
            (root / name).mkdir(parents=True, exist_ok=True)
        (root / ".tpdocs").mkdir(exist_ok=True)
        (root / FILE_NAME).write_text(DEFAULT_FILE, encoding="utf-8", newline="\n")
    except OSError as error:
        raise TpdocsError(
            "{root} cannot be made a desk: {error}", root=root, error=error.strerror or str(error)
        ) from error
    return Desk(root)
