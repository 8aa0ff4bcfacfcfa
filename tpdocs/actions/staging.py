"""Copies of incoming files on the desk's own disk: what was read is what the archive keeps, whatever happens to the file."""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from tpdocs.desk.files import flush_file

_FLUSHERS = 4


class Staging:
    """A folder for the length of a batch. Copies are flushed while reading goes on, for a disk takes its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pool = ThreadPoolExecutor(_FLUSHERS)
        self._flushed: dict[Path, Future[None]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def flush(self, copy: Path | None) -> None:
        """Begin to flush a copy to the disk."""
        if copy is not None and copy not in self._flushed:
            self._flushed[copy] = self._pool.submit(flush_file, copy)

    def await_flushed(self, copy: Path) -> None:
        """Come back when the copy is on the disk; NotWrittenError when it cannot be brought there."""
        self._flushed[copy].result()
