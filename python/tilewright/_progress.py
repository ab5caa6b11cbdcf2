"""A progress bar on the standard error."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TextIO

from tilewright._table import thousands

WIDTH = 40
#: Seconds between two drawings.
PAUSE = 0.1


class ProgressBar:
    """A bar that is called with how much is done, of how much, and is gone when its context is left.

    `show` says whether there is one; by default if the standard error is a terminal.
    """

    def __init__(self, what: str, show: bool | None = None, to: TextIO | None = None) -> None:
        self._what = what
        self._to = to or sys.stderr
        self._show = self._to.isatty() if show is None else show
        self._drawn = 0.0
        self._length = 0

    def __enter__(self) -> ProgressBar:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Draw the bar, unless it was drawn just now."""
        now = time.monotonic()
        if not self._show or (now - self._drawn < PAUSE and done < total):
            return
        self._drawn = now
        full = WIDTH * done // max(total, 1)
        percent = 100 * done // max(total, 1)
        line = f"{'█' * full}{'░' * (WIDTH - full)} {percent:>3}% of {thousands(total)} {self._what}"
        self._write(line)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._length:
            self._write("")
            self._to.write("\r")
            self._to.flush()

    def _write(self, line: str) -> None:
        self._to.write("\r" + line.ljust(self._length))
        self._to.flush()
        self._length = len(line)
