"""What a run needs to go on, in one file that is there whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import torch

from tilewright import TilewrightError
from tilewright._files import write_whole

FILE = "checkpoint.pt"
_KEYS = {"recipe", "epoch", "graph", "module", "average", "optimizer", "schedule", "epochs"}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes out of a run's folder; the system lets them in again however this one ends.

    Raises
    ------
    TilewrightError
        If another process is in it.
    """
    with open(folder / ".lock", "w") as file:
        try:
            _lock(file)
        except OSError as error:
            raise TilewrightError(
                f"another process is training in {folder}; wait until it ends, or give another folder"
            ) from error
        yield


def save(folder: Path, state: dict[str, Any]) -> None:
    """Put a checkpoint in place of the last one."""
    write_whole(folder / FILE, lambda file: torch.save(state, file))


def load(folder: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Return the checkpoint of a run, or ``None`` if it has none yet.

    Raises
    ------
    TilewrightError
        If the file is no checkpoint.
    """
    path = Path(folder, FILE)
    try:
        with open(path, "rb") as file:
            state: Any = torch.load(file, map_location="cpu", weights_only=True)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except Exception as error:
        # A damaged file makes the unpickler fail in ways it has no common name for.
        raise TilewrightError(_damaged(path)) from error
    if not isinstance(state, dict) or not state.keys() >= _KEYS:
        raise TilewrightError(_damaged(path))
    return state


def _damaged(path: Path) -> str:
    return f"{path} cannot be read as the checkpoint of a training run; remove it to start anew"


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
