"""A progress bar on the user's terminal, also from a job of the workflow, whose output goes to a log file."""

import os
import sys
from collections.abc import Iterable, Sized
from typing import TextIO, TypeVar

from tqdm import tqdm

T = TypeVar("T")
TERMINAL = 3  # the workflow's jobs hold its standard error under this number


def terminal() -> TextIO | None:
    """The terminal that the user looks at, or None."""
    if sys.stderr.isatty():
        return sys.stderr
    return os.fdopen(TERMINAL, "w", closefd=False) if os.isatty(TERMINAL) else None


def track(items: Iterable[T], unit: str, label: str = "") -> Iterable[T]:
    """``items``, with a bar where there is a terminal and more than one item to come."""
    out = terminal()
    quiet = out is None or (isinstance(items, Sized) and len(items) < 2)
    return tqdm(items, desc=label, unit=unit, file=out or sys.stderr, disable=quiet, leave=False, dynamic_ncols=True)
