"""PyTorch modules as ONNX files; the one place that imports PyTorch, and only when a module is given."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from tilewright._core import TilewrightError

if TYPE_CHECKING:
    import torch


def is_module(model: object) -> bool:
    """Return whether this is a PyTorch module; PyTorch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


@contextmanager
def exported(module: torch.nn.Module, input_shape: Sequence[int]) -> Iterator[Path]:
    """Export a module for images of `input_shape` into a file that is there for as long as the context."""
    if not is_module(module):
        raise TypeError(f"{module!r} is no model; give a name of the zoo, an ONNX file, a Network or a PyTorch module")
    if len(input_shape) != 3:
        raise TilewrightError(f"input_shape is {tuple(input_shape)}; give channels, height and width")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "module.onnx")
        _export(module, input_shape, path)
        yield path


def _export(module: torch.nn.Module, input_shape: Sequence[int], path: Path) -> None:
    import torch

    parameter = next(module.parameters(), None)
    device = None if parameter is None else parameter.device
    dtype = None if parameter is None else parameter.dtype
    image = torch.zeros((1, *input_shape), device=device, dtype=dtype)
    training = module.training
    # The exporter of new PyTorch needs onnxscript, the one of old PyTorch does not; both are read alike.
    dynamo = importlib.util.find_spec("onnxscript") is not None
    module.eval()
    try:
        # What the exporter says is about its own workings; where it fails, it raises.
        with warnings.catch_warnings(), redirect_stdout(None), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(module, (image,), str(path), dynamo=dynamo)
    except Exception as error:
        name = type(module).__name__
        raise TilewrightError(
            f"{name} cannot be exported to ONNX for an image of {tuple(input_shape)}: {error}"
        ) from error
    finally:
        module.train(training)
