"""Trained networks that others start from or learn from: finished runs, networks of the trained zoo, and ONNX files.

A text means a network of the trained zoo if one has that name, an ONNX file if it ends in ``.onnx``, else the folder of
a run.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from torch.nn.utils import parametrize

from tilewright import TilewrightError, _core
from tilewright._network import Network, resolve
from tilewright.train import checkpoint
from tilewright.train.module import NetworkModule
from tilewright.train.noise import add_memristors
from tilewright.train.quantizer import ActivationQuantizer
from tilewright.train.recipe import Recipe


def load_module(folder: str | os.PathLike[str]) -> NetworkModule:
    """Return the network of a run with the weights of its last epoch, or their moving average.

    It is in evaluation mode, so that it computes what the run's rate was measured on; ``train()`` puts it into training
    mode. The checkpoint has all that it takes: the folder may be moved, and whatever the run started from may be gone.

    Raises
    ------
    TilewrightError
        If the folder has no checkpoint.
    """
    return _trained_module(_required(folder)).eval()


def load_recipe(folder: str | os.PathLike[str]) -> Recipe:
    """Return the recipe of a run.

    Raises
    ------
    TilewrightError
        If the folder has no checkpoint.
    """
    return Recipe(**_required(folder)["recipe"])


def is_run(trained: str) -> bool:
    """Whether a text means a run's folder, which need not be there."""
    return not trained.endswith(".onnx") and card_of(trained) is None


def network_named(trained: str) -> Network | None:
    """Return the network of a text that means one of the trained zoo or an ONNX file; ``None`` if it means a folder.

    Raises
    ------
    TilewrightError
        If the file is none, or a layer has no weights.
    """
    if is_run(trained):
        return None
    network = resolve(trained, None)
    weighted = {name for name, which in _core.parameters(network._core) if which == "weights"}
    if bare := next((layer.name for layer in network.layers if layer.name not in weighted), None):
        raise TilewrightError(f"layer {bare!r} of {trained} has no weights; give a trained network")
    return network


def finished_module(trained: str) -> NetworkModule:
    """Return a trained network to run; that of a file or of the trained zoo has its batch norms folded.

    Raises
    ------
    TilewrightError
        If there is none, or the run is not finished.
    """
    if (network := network_named(trained)) is not None:
        return NetworkModule(network)
    state = _required(trained)
    if state["epoch"] < state["recipe"]["epochs"]:
        raise TilewrightError(
            f"{Path(trained)} is at epoch {state['epoch']} of {state['recipe']['epochs']}; finish that run first"
        )
    return _trained_module(state)


def recipe_of(trained: str | os.PathLike[str]) -> Recipe:
    """Return the recipe of a run, or what a card tells of one: network, kernels and data.

    Raises
    ------
    TilewrightError
        If there is neither.
    """
    card = card_of(os.fspath(trained))
    if card is None:
        return load_recipe(trained)
    return Recipe(card["network"], card["kernels"], data=card["data_set"])


def is_as_crossbars_have_it(module: NetworkModule) -> bool:
    """Whether weights or layer inputs are rounded, noisy or stuck."""
    return any(isinstance(part, ActivationQuantizer) or parametrize.is_parametrized(part) for part in module.modules())


def module_like(state: dict[str, Any]) -> NetworkModule:
    """Return a module that takes the values of a checkpoint."""
    recipe = Recipe(**state["recipe"])
    module = NetworkModule.shaped_as(state["graph"], state["module"])
    add_memristors(module, recipe)
    return module


def _trained_module(state: dict[str, Any]) -> NetworkModule:
    module, average = module_like(state), state["average"]
    module.load_state_dict(
        state["module"]
        if average is None
        else {key.removeprefix("module."): value for key, value in average.items() if key.startswith("module.")}
    )
    return module


def _required(folder: str | os.PathLike[str]) -> dict[str, Any]:
    state = checkpoint.load(folder)
    if state is None:
        raise TilewrightError(
            f"{Path(folder)} has no checkpoint of a training run; give the folder of one, the name of a trained "
            "network, or an ONNX file"
        )
    return state


def card_of(name: str) -> dict[str, Any] | None:
    """Return the card of a network of the trained zoo, or ``None`` if none has that name."""
    text = _core.card(name)
    if text is None:
        return None
    card: dict[str, Any] = json.loads(text)
    return card
