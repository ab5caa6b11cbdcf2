"""What a mapped network costs on a chip: area, energy and time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._cost_result import Cost, cost_of
from tilewright._design import PRICED_DEFAULT, DesignLike, Value, design_of
from tilewright._files import write_whole
from tilewright._map import planned
from tilewright._network import resolve
from tilewright._options import GroupRule, KernelPlan, RowSplit, SharedWeights, Window

if TYPE_CHECKING:
    from tilewright._network import ModelLike
    from tilewright._torch import Shapes

Priced: TypeAlias = Literal["area", "energy", "latency", "energy-delay", "area-delay"]


def cost(
    model: ModelLike,
    *,
    design: DesignLike | None = None,
    constants: Iterable[str | os.PathLike[str]] = (),
    scheme: str | None = None,
    kernels: KernelPlan | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    shared_weights: SharedWeights = "apart",
    objective: Priced | None = None,
    budget: int | None = None,
    max_latency: float | None = None,
    macro_kinds: str | None = None,
    share_layers: bool = False,
    kinds_to: str | os.PathLike[str] | None = None,
    inputs: Mapping[str, Any] | None = None,
    compare: str | Iterable[str] = (),
    input_shape: Shapes | None = None,
    **settings: Value,
) -> Cost:
    """Map a network and estimate its area, energy per image and latency on a design, component by component.

    Parameters
    ----------
    model, kernels, row_split, grouped, window, shared_weights, input_shape
        As in :func:`map`.
    design
        The hardware: a preset of :func:`designs`, a TOML file or a :class:`Design`; by default ``"generic-22nm"``.
    constants
        TOML files of constants that replace built-in ones.
    scheme
        A name of :func:`schemes`; by default the design's, or ``"optimal"`` with an objective.
    objective
        Search the mapping space for the least of this; by default the mapping is what the scheme says.
    budget
        Most crossbars the network may hold (objective ``"latency"``).
    max_latency
        Longest time from an image to its result, in ms (objectives ``"area"`` and ``"energy"``).
    macro_kinds
        Kinds of macros to choose from for each layer, beside the design's own: settings joined by spaces, kinds by
        semicolons, as in ``"crossbar=64 active_rows=9; crossbar=256"`` (with an objective).
    share_layers
        Pack the partly filled crossbars of all layers together, which then take turns; an objective is searched for
        with layers apart.
    kinds_to
        A TOML file to write the kinds to that were chosen; `layer_settings` reads it.
    inputs
        How often each input value occurs, by layer, ``"*"`` for the others, or the JSON of ``tilewright inputs``; by
        default all are equally likely.
    settings
        Settings that override the design's, named as in :meth:`Design.settings`: ``crossbar=64``, ``adc_bits=6``,
        ``schedule="pipelined"``. A setting that does not affect the price is refused.
    compare
        Tools whose figures are shown alongside: ``"neurosim-v1.3"``, ``"neurosim-v1.4"``, ``"mnsim-2.0"``.

    Notes
    -----
    The interpreter lock is released. Names, defaults and results are those of ``tilewright cost``.

    Examples
    --------
    >>> import tilewright
    >>> tilewright.cost("resnet20")
    <Cost of 'resnet20' by im2col on generic-22nm: 17.5 mm², 98.96 µJ, 1.164 ms>
    >>> tilewright.cost("resnet20", kernels="2d1d")
    <Cost of 'resnet20' by im2col on generic-22nm: 11.7 mm², 76.28 µJ, 2.327 ms>
    """
    made = design_of(design, PRICED_DEFAULT, settings)
    histograms = None if inputs is None else json.dumps(dict(inputs), default=_listed)
    original = resolve(model, input_shape)
    priced = _core.CostModel(original._core, made._core, [os.fspath(path) for path in constants], histograms)
    name = _core.cost_scheme(made._core, objective) if scheme is None else scheme
    target = priced.target((row_split, grouped, str(window), shared_weights))
    network = planned(original, kernels, name, target)
    peers = compare.split(",") if isinstance(compare, str) else list(compare)
    if kinds_to is not None and macro_kinds is None:
        raise TilewrightError("kinds_to changes nothing without macro_kinds; give some")
    within = (objective, budget, max_latency, macro_kinds)
    (document, text, html), search, kinds = priced.cost(network._core, (name, share_layers), target, within, peers)
    if kinds_to is not None:
        write_whole(Path(kinds_to), lambda file: file.write(kinds.encode()))
    return cost_of(json.loads(document), search, (text, html))


def _listed(counts: Any) -> list[float]:
    """Return counts that are no JSON by themselves, such as an array."""
    listed: list[float] = np.asarray(counts).tolist()
    return listed
