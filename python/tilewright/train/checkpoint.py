"""What a run needs to go on, in one file that is there whole or not at all."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import torch

from tilewright import TilewrightError

FILE = "checkpoint.pt"


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside `path`, flush it to the disk, and rename it: whatever happens, `path` is whole."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


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
    if not path.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        _ = state["recipe"], state["epoch"], state["graph"], state["module"]
    except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
        raise TilewrightError(f"{path} is no checkpoint of a training run; remove it to start anew") from error
    return state


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
