"""PyTorch modules as ONNX files; the one place that imports PyTorch, and only when a module is given."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from tilewright import _keras
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
        raise TypeError(
            f"{module!r} is not a model; give a name from the zoo, an ONNX file, a Network or a PyTorch module"
        )
    if not input_shape or not all(isinstance(side, int) and side > 0 for side in input_shape):
        raise TilewrightError(
            f"input_shape is {tuple(input_shape)}; give the lengths of the axes of one input without the batch, "
            "such as (3, 224, 224) of an image or (784,) of a vector"
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "module.onnx")
        _export(module, input_shape, path)
        yield path


def own_shape(module: torch.nn.Module) -> tuple[int, ...] | None:
    """Return the shape of an image that a module of :mod:`tilewright.train` takes; other modules do not know theirs."""
    training = sys.modules.get("tilewright.train.module")
    if training is not None and isinstance(module, training.NetworkModule):
        return tuple(module.input_shape)
    return None


def module_names(module: torch.nn.Module, nodes: Iterable[str]) -> dict[str, str]:
    """Return the modules' own names of the nodes that are called after where they are in a module.

    PyTorch calls the node of ``layer4.0.conv1`` ``/layer4/layer4.0/conv1/Conv``: a member of a sequence repeats the
    sequence's name. A name that leads to no module, or that two nodes would have, is left out.
    """
    known = {name for name, _ in module.named_modules()} - {""}
    found = {node: _path(node) for node in nodes}
    often = Counter(found.values())
    return {node: name for node, name in found.items() if name in known and often[name] == 1}


def _path(node: str) -> str:
    parts: list[str] = []
    for part in node.split("/")[1:-1]:
        if parts and part.startswith(f"{parts[-1]}."):
            parts.pop()
        parts.append(part)
    return ".".join(parts)


def _export(module: torch.nn.Module, input_shape: Sequence[int], path: Path) -> None:
    import torch

    like = next(module.parameters(), torch.zeros(()))
    image = torch.zeros((1, *input_shape), device=like.device, dtype=like.dtype)
    # The older exporter names nodes after their modules; the newer one, which needs onnxscript, knows more models.
    exporters = [False, True] if importlib.util.find_spec("onnxscript") else [False]
    problems = []
    with evaluating(module), torch.no_grad(), _plain_attention():
        for dynamo in exporters:
            try:
                with warnings.catch_warnings(record=True) as said, redirect_stdout(None):
                    warnings.simplefilter("always")
                    torch.onnx.export(module, (image,), str(path), dynamo=dynamo)
            except Exception as error:
                problems.append(error)
            else:
                if not _keras.is_model(module):
                    # Keras asks for shapes as it runs, which are those of one image here.
                    _pass_on(said, type(module).__name__)
                return
    name = type(module).__name__
    raise TilewrightError(
        f"{name} cannot be exported to ONNX for an input of {tuple(input_shape)}: {problems[0]}"
    ) from problems[0]


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Run attention step by step: no exporter knows the fused operator of evaluation, and one prints its graph."""
    from torch.backends import mha

    fused = mha.get_fastpath_enabled()
    mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        mha.set_fastpath_enabled(fused)


def _pass_on(said: Iterable[warnings.WarningMessage], module: str) -> None:
    """Warn of what tracing fixed for good; what else an exporter says is about its own workings."""
    traced = {
        str(warning.message): warning.category for warning in said if warning.category.__name__ == "TracerWarning"
    }
    for text, category in traced.items():
        warnings.warn(f"{module} was exported as it ran on one image: {text}", category, stacklevel=6)


@contextmanager
def evaluating(module: torch.nn.Module) -> Iterator[None]:
    """Put a module and its parts into evaluation mode for as long as the context, then back into their own modes."""
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training
