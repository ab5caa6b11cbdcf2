"""PyTorch modules as ONNX files; the one place that imports PyTorch, and only when a module is given."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from tilewright import _keras
from tilewright._core import TilewrightError

if TYPE_CHECKING:
    import torch

#: The shape of one input, or those of several.
Shapes: TypeAlias = Sequence[int] | Sequence[Sequence[int]]

Read = TypeVar("Read")


def is_module(model: object) -> bool:
    """Return whether this is a PyTorch module; PyTorch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def example(module: torch.nn.Module, input_shape: Shapes) -> tuple[torch.Tensor, ...]:
    """Return an input of each shape, with a batch axis of length 1, of the module's type and on its device."""
    import torch

    given = tuple(input_shape)
    shapes = given if given and not any(isinstance(side, int) for side in given) else (given,)
    for shape in shapes:
        sides = tuple(shape) if isinstance(shape, Sequence) else ()
        if not sides or not all(isinstance(side, int) and side > 0 for side in sides):
            raise TilewrightError(
                f"input_shape is {given}; give the lengths of the axes of one input without the batch, such as "
                "(3, 224, 224) of an image or (784,) of a vector, or one such shape for each of several inputs"
            )
    like = next(module.parameters(), torch.zeros(()))
    return tuple(torch.zeros((1, *shape), device=like.device, dtype=like.dtype) for shape in shapes)  # type: ignore[misc]


def checked(example: torch.Tensor | Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """Return one input or several, each with a batch axis of length 1."""
    import torch

    inputs = (example,) if isinstance(example, torch.Tensor) else tuple(example)
    for image in inputs:
        if not isinstance(image, torch.Tensor) or image.ndim < 2 or len(image) != 1:
            found = tuple(image.shape) if isinstance(image, torch.Tensor) else type(image).__name__
            raise TilewrightError(
                f"example holds {found}; give tensors with a batch axis of length 1, "
                "such as torch.zeros(1, 3, 224, 224)"
            )
    if not inputs:
        raise TilewrightError("example is empty; give a tensor for each input")
    return inputs


def check_module(module: object) -> None:
    """Refuse what is no PyTorch module."""
    if not is_module(module):
        raise TypeError(
            f"{module!r} is not a model; give a name from the zoo, an ONNX file, a Network or a PyTorch module"
        )


def own_shape(module: torch.nn.Module) -> tuple[int, ...] | None:
    """Return the shape of an image that a module of :mod:`tilewright.train` takes; other modules do not know theirs."""
    training = sys.modules.get("tilewright.train.module")
    if training is not None and isinstance(module, training.NetworkModule):
        return tuple(module.input_shape)
    return None


def read_exported(
    module: torch.nn.Module, inputs: tuple[torch.Tensor, ...], read: Callable[[Path], Read], *, listed: bool = False
) -> Read:
    """Return what `read` makes of the file of a module, exported as it runs on `inputs`, or on a list of them.

    The exporter is the first one that knows the module and writes what can be read.
    """
    import torch

    arguments = (list(inputs),) if listed and len(inputs) > 1 else inputs
    # The older exporter is the faster one; the newer one, which needs onnxscript, knows more models.
    exporters = [False, True] if importlib.util.find_spec("onnxscript") else [False]
    name = type(module).__name__
    unknown, unread = [], []
    for dynamo in exporters:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "module.onnx")
            try:
                with (
                    evaluating(module),
                    torch.no_grad(),
                    _plain_attention(),
                    _nothing_printed(),
                    warnings.catch_warnings(record=True) as said,
                ):
                    warnings.simplefilter("always")
                    torch.onnx.export(module, arguments, str(path), dynamo=dynamo, verbose=False)
            except Exception as error:
                unknown.append(error)
                continue
            try:
                found = read(path)
            except TilewrightError as error:
                # The file is gone when this is read.
                unread.append(TilewrightError(str(error).replace(str(path), name)))
                continue
        if not _keras.is_model(module):
            # Keras asks for shapes as it runs, which are those of one image here.
            _pass_on(said, name)
        return found
    if unread:
        raise unread[0]
    raise TilewrightError(f"{name} cannot be exported to ONNX for {_shapes(inputs)}: {unknown[0]}") from unknown[0]


def _shapes(inputs: tuple[torch.Tensor, ...]) -> str:
    shapes = [str(tuple(image.shape[1:])) for image in inputs]
    return f"an input of {shapes[0]}" if len(shapes) == 1 else f"inputs of {' and '.join(shapes)}"


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Run attention step by step: no exporter knows the fused operator of evaluation."""
    from torch.backends import mha

    fused = mha.get_fastpath_enabled()
    mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        mha.set_fastpath_enabled(fused)


@contextmanager
def _nothing_printed() -> Iterator[None]:
    """Drop what is written to the standard output, past Python, too: the graph of what an exporter does not know."""
    try:
        output = os.dup(1)
    except OSError:  # It is closed.
        yield
        return
    if sys.stdout is not None:
        sys.stdout.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        with redirect_stdout(None):
            yield
    finally:
        os.dup2(output, 1)
        os.close(output)
        os.close(nowhere)


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
