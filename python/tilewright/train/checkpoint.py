"""What a run needs to go on, in one file that is there whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from tilewright import TilewrightError
from tilewright._files import lock, write_whole

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
            lock(file)
        except OSError as error:
            raise TilewrightError(
                f"another process is training in {folder}; wait until it ends, or give another folder"
            ) from error
        yield


def save(folder: Path, state: dict[str, Any]) -> None:
    """Put a checkpoint in place of the last one."""
    # In memory first: where the disk is full, PyTorch's own writer does not say so.
    written = io.BytesIO()
    torch.save(state, written)
    write_whole(folder / FILE, lambda file: file.write(written.getbuffer()))


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
    return f"{path} cannot be read as the checkpoint of a training run; remove it to start over"
