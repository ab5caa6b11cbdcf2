"""Every layer under every scheme, run on crossbars, against the plain convolution."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tilewright import _core
from tilewright._compare import known_schemes
from tilewright._core import TilewrightError
from tilewright._design import DesignLike
from tilewright._map import planned
from tilewright._network import Network, resolve
from tilewright._options import Crossbar, Encoding, GroupRule, KernelPlan, Options, RowSplit, Window
from tilewright._progress import ProgressBar

if TYPE_CHECKING:
    from tilewright._network import ModelLike
    from tilewright._torch import Shapes


@dataclass(frozen=True)
class SchemeVerification:
    """One scheme on all layers."""

    scheme: str
    #: Layers run.
    layers: int
    #: Crossbars run, all copies.
    crossbars: int
    array_activations: int
    #: Output values compared.
    outputs: int
    #: Why layers do not fit, a text a layer.
    does_not_fit: tuple[str, ...]
    #: The first difference, if there is one.
    difference: str | None

    @property
    def verdict(self) -> str:
        """What came out, in words."""
        if self.difference is not None:
            return "differs"
        if self.layers == 0:
            return "does not fit"
        return "equal where it fits" if self.does_not_fit else "equal"


@dataclass(frozen=True)
class Verification:
    """Everything that was compared."""

    network: Network
    schemes: tuple[SchemeVerification, ...]
    #: As text and for a notebook.
    _tables: tuple[str, str] = field(repr=False, compare=False)

    @property
    def equal(self) -> bool:
        """Whether everything compared was equal."""
        return all(scheme.difference is None for scheme in self.schemes)

    def __str__(self) -> str:
        return self._tables[0]

    def _repr_html_(self) -> str:
        return self._tables[1]


def verify(
    model: ModelLike,
    *,
    design: DesignLike | None = None,
    crossbar: Crossbar | None = None,
    schemes: str | Iterable[str] = "all",
    kernels: KernelPlan | None = None,
    encoding: Encoding | None = None,
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    input_bits: int | None = None,
    layer_settings: str | os.PathLike[str] | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    seed: int = 1,
    input_shape: Shapes | None = None,
    progress: bool | None = None,
) -> Verification:
    """Run every layer under every scheme, in integers, and compare with the plain convolution bit for bit.

    The network is run once in integers with the plain convolution; each layer is then run cell by cell on what it took
    there. Counts of crossbars, cycles and loads are compared with what the run used, too.

    Parameters
    ----------
    schemes
        Names of :func:`schemes`, or ``"all"``.
    input_bits
        Bits of an input, 1 to 16; by default those that the model rounds to, or 8 if it does not say.
    seed
        Seed for the image, and for the weights if the network has none.
    progress
        Whether to draw a progress bar; by default if the standard error is a terminal.
    model, design, crossbar, kernels, encoding, weight_bits, cell_bits, layer_settings, row_split, grouped, window
        As in :func:`map`; so is `input_shape`.

    Notes
    -----
    All cores work, the interpreter lock is released, and Ctrl-C stops the run.

    Examples
    --------
    >>> import tilewright
    >>> tilewright.verify("lenet5", schemes=["im2col", "vw-sdk"]).equal
    True
    """
    names = known_schemes(schemes)
    original = resolve(model, input_shape)
    bits = {"crossbar": crossbar, "encoding": encoding, "weight_bits": weight_bits, "cell_bits": cell_bits}
    settings = {**bits, "input_bits": input_bits, "layer_settings": layer_settings}
    options = Options(design, settings, row_split, grouped, window)
    target = options.target(original._core)
    network = planned(original, kernels, names[0], target)
    with ProgressBar("array activations", progress) as bar:
        text, *tables = _core.verify(network._core, names, target, seed, bar)
    outcomes = json.loads(text)["schemes"]
    verification = Verification(network, tuple(_scheme(outcome) for outcome in outcomes), (tables[0], tables[1]))
    if not any(scheme.layers for scheme in verification.schemes):
        reason = next((text for scheme in verification.schemes for text in scheme.does_not_fit), "no layers")
        raise TilewrightError(f"nothing to verify: {reason}")
    return verification


def _scheme(outcome: dict[str, Any]) -> SchemeVerification:
    return SchemeVerification(**{**outcome, "does_not_fit": tuple(outcome["does_not_fit"])})
