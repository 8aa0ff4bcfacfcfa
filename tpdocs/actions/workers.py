"""Processes for the work that needs no ledger: reading files, writing receipts. With one job everything happens here."""

import gc
import multiprocessing
import multiprocessing.connection
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_FEW_TO_COPY, _FEW_TO_START = 24, 150  # files below which a second process costs more than it saves
_MOST_JOBS = 4
_CHUNK = 16
_SWEEP_AFTER = 20_000


class Workers:
    """A pool that lives as long as a batch. Jobs must be picklable functions that never raise for a bad document."""

    def __init__(self, jobs: int, files: int) -> None:
        """`jobs` processes for that many files; 0 takes as many as pay off."""
        count = jobs or (1 if files < few() else min(os.cpu_count() or 1, _MOST_JOBS))
        self._pool: ProcessPoolExecutor | None = None
        self._promised: list[Future[list[Any]]] = []
        self._done: list[Any] = []
        if count > 1 and files > 1:
            context = multiprocessing.get_context("fork" if _may_fork() else "spawn")
            self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=_begin)

    def __enter__(self) -> Self:
        self._before = gc.get_threshold()
        _sweep_seldom()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.set_threshold(*self._before)
        gc.unfreeze()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=kind is not None)

    def map(self, job: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[_Result]:
        """The results in the order of the items, each as soon as it is there."""
        if self._pool is None:
            return map(job, items)
        return self._pool.map(job, items, chunksize=_CHUNK)

    def later(self, job: Callable[[_Item], _Result], items: Sequence[_Item]) -> None:
        """Do this beside whatever comes next; `results` gives what came of it."""
        if self._pool is None:
            self._done += map(job, items)
            return
        for start in range(0, len(items), _CHUNK):
            self._promised.append(self._pool.submit(_each, job, items[start : start + _CHUNK]))

    def results(self) -> Iterable[Any]:
        """What came of everything put off, in the order it was put off; waits for it."""
        promised, self._promised = self._promised, []
        done, self._done = self._done, []
        return [*done, *(result for one in promised for result in one.result())]


def few() -> int:
    """How many files are too few for more than one process."""
    return _FEW_TO_COPY if _may_fork() else _FEW_TO_START


def _each(job: Callable[[Any], Any], items: Sequence[Any]) -> list[Any]:
    return [job(item) for item in items]


def _may_fork() -> bool:
    """A copy of this process starts thirty times sooner than a fresh one, but only Linux copies one without threads safely."""
    return sys.platform == "linux" and threading.active_count() == 1


def _begin() -> None:
    _sweep_seldom()
    # Whoever is killed takes nobody along: a worker would wait for work for ever, and hold what it inherited.
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(1)


def _sweep_seldom() -> None:
    # Sweeping over what was imported takes a tenth of the time and finds nothing.
    gc.freeze()
    gc.set_threshold(_SWEEP_AFTER, 20, 20)
