"""Mapping a network onto crossbars by a scheme."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tilewright import _core
from tilewright._coverage import warn_of_coverage
from tilewright._design import DesignLike
from tilewright._mapping import Mapping
from tilewright._network import Network, resolve
from tilewright._options import (
    Crossbar,
    Encoding,
    GroupRule,
    KernelPlan,
    Objective,
    Options,
    RowSplit,
    SharedWeights,
    Window,
    plan_text,
)

if TYPE_CHECKING:
    from tilewright._network import ModelLike
    from tilewright._torch import Shapes


def map(
    model: ModelLike,
    *,
    design: DesignLike | None = None,
    crossbar: Crossbar | None = None,
    scheme: str | None = None,
    kernels: KernelPlan | None = None,
    encoding: Encoding | None = None,
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    layer_settings: str | os.PathLike[str] | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    shared_weights: SharedWeights = "apart",
    objective: Objective | None = None,
    budget: int | None = None,
    max_cycles: int | None = None,
    share_layers: bool = False,
    input_shape: Shapes | None = None,
) -> Mapping:
    """Map a network onto crossbars.

    Parameters
    ----------
    model
        A name of :func:`zoo` (with a width, as in ``"resnet20:width=1.5"``), an ONNX file, a :class:`Network`, or a
        PyTorch module (with `input_shape`).
    design
        The hardware: a preset of :func:`designs`, a TOML file or a :class:`Design`; by default ``"analog-22nm"``. The
        settings below override it.
    crossbar
        Unit crossbar: rows = columns, (rows, columns), or text such as ``"512x256"``.
    scheme
        A name of :func:`schemes`; by default the design's, or ``"optimal"`` with an objective or a limit.
    kernels
        Which 3D kernels become 2D+1D kernels: as in :meth:`Network.with_kernels`, and ``"ratio=0.5:most-saved"``, which
        replaces first what saves most crossbars under `scheme`.
    encoding
        How the sign of a weight is stored: in two columns (``"differential"``), by a shift of half the range with one
        more column per crossbar (``"offset"``), or in signed cells (``"single"``).
    weight_bits
        Bits of a signed weight, 2 to 16; by default those of a quantised model's integers, or 8 for a model in floating
        point. ``to_dict()["weight_bits_from"]`` says which.
    cell_bits
        Bits per cell, 1 to 16; if they are fewer than a weight has, the weight is cut into slices. By default
        `weight_bits`.
    layer_settings
        A TOML file with a table ``[layer."NAME"]`` for each layer that has settings of its own, by name, and optionally
        a scheme.
    row_split
        Whether a row block may end in the middle of a channel; by default as each scheme was published.
    grouped
        How channel groups share crossbars: block-diagonally (``"packed"``), each with its own (``"separate"``), side by
        side and driven in turn (``"turns"``, not with an objective), or as one dense layer (``"dense"``); by default
        packed (``"optimal"``: whatever is best).
    window
        Output window of the sub-image scheme: ``"largest"``, ``"best"``, or its side in pixels.
    shared_weights
        How layers with the same weights, such as the steps of a recurrent layer, are held: ``"apart"``, or ``"once"``,
        those of one shape on the same crossbars, one after another (not with an objective).
    objective
        What to search the mapping space for; by default what the scheme says, one array for ``"optimal"``.
    budget
        Most crossbars the network may hold (objectives ``"cycles"`` and ``"latency"``; on its own it implies cycles).
    max_cycles
        Most cycles a layer may take (implies the objective ``"crossbars"``).
    share_layers
        Also pack the partly filled crossbars of all layers together.
    input_shape
        ``[channels, height, width]`` of a PyTorch module's image, or a shape for each of several inputs.

    Returns
    -------
    Mapping
        What each layer takes.

    Raises
    ------
    DoesNotFitError
        If a layer does not fit the crossbar under the scheme, or no mapping meets the limit.
    TilewrightError
        If the model cannot be read or a setting makes no sense.

    Notes
    -----
    The interpreter lock is released. Ctrl-C returns at once; a search that was under way ends in the background.

    Examples
    --------
    >>> import tilewright
    >>> tilewright.map("resnet20", scheme="sub-image", kernels="2d1d").total.crossbars
    5585
    >>> tilewright.map("resnet20", crossbar=(512, 256), objective="latency", budget=200)
    <Mapping of 'resnet20' by optimal on 512×256: 200 crossbars, 155 cycles>
    """
    original = resolve(model, input_shape)
    bits = {"crossbar": crossbar, "encoding": encoding, "weight_bits": weight_bits, "cell_bits": cell_bits}
    options = Options(design, {**bits, "layer_settings": layer_settings}, row_split, grouped, window, shared_weights)
    target = options.target(original._core)
    name = options.scheme(scheme, (objective, budget, max_cycles) != (None, None, None))
    network = planned(original, kernels, name, target)
    return Mapping(_core.Mapping(network._core, name, target, (objective, budget, max_cycles), share_layers))


def planned(network: Network, kernels: KernelPlan | None, scheme: str, target: _core.Target) -> Network:
    """Return the network with its kernels replaced, what a replacement saves counted under a scheme.

    Warns the caller's caller of what of it is on no crossbar.
    """
    if kernels is not None:
        network = Network(network._core.with_kernels(plan_text(kernels), scheme, target))
    network._core.verify_kept_digital()
    warn_of_coverage(network, 3)
    return network
