"""What a run needs to go on, in one file that is there whole or not at all."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import torch

from tilewright import TilewrightError
from tilewright._files import write_whole

FILE = "checkpoint.pt"


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
