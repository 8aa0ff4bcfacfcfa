"""In which order the lines of a list were written, and whether somebody has sorted them since.

Excel notes how a table was sorted, LibreOffice does not: there only the lines tell. Kept are runs, first row and how many, for nearly
all lines stand one below the other.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

Runs = list[list[int]]


def runs_of(numbers: Iterable[int]) -> Runs:
    """Numbers as runs of consecutive ones."""
    runs: Runs = []
    for number in numbers:
        if runs and number == runs[-1][0] + runs[-1][1]:
            runs[-1][1] += 1
        else:
            runs.append([number, 1])
    return runs


def numbers_of(runs: Iterable[Sequence[int]]) -> list[int]:
    """The numbers that runs stand for."""
    return list(chain.from_iterable(range(first, first + count) for first, count in runs))


def is_reordered(now: Sequence[int], written: Sequence[int]) -> bool:
    """Whether lines stand in another order than they were written: the numbers of their rows now and then, in our order."""
    return _ranks(now) != _ranks(written)


def _ranks(numbers: Sequence[int]) -> list[int]:
    return sorted(range(len(numbers)), key=numbers.__getitem__)
