"""The words the mapping functions take, and the core's settings made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._design import DEFAULT, Design, DesignLike, Value, design_of

Crossbar: TypeAlias = int | tuple[int, int] | str
Encoding: TypeAlias = Literal["differential", "offset", "single"]
RowSplit: TypeAlias = Literal["element", "channel"]
GroupRule: TypeAlias = Literal["packed", "separate", "turns", "dense"]
SharedWeights: TypeAlias = Literal["apart", "once"]
Window: TypeAlias = int | Literal["largest", "best"]
Objective: TypeAlias = Literal["activations", "crossbars", "cycles", "latency"]
#: Text, ``+norm`` or ``+norm-relu`` after it where something lies between the 2D and the 1D kernel; names of layers; or
#: the rank of each layer, the 2D kernels per input channel, by name.
KernelPlan: TypeAlias = str | Sequence[str] | Mapping[str, int]


@dataclass(frozen=True)
class Options:
    """What is mapped onto and by which rules, as the functions take it."""

    design: DesignLike | None
    #: Settings over the design; ``None`` leaves the design's.
    settings: Mapping[str, Value]
    row_split: str | None
    grouped: str | None
    window: int | str
    shared_weights: str = "apart"
    #: Whether the network is also simulated, so that layers may have settings that a mapping does not heed.
    simulated: bool = False

    def target(self, network: _core.Network) -> _core.Target:
        """Check the settings and combine them for a network, which says its bits where none are set."""
        rules = (self.row_split, self.grouped, str(self.window), self.shared_weights)
        return _core.Target(network, self.made()._core, rules, self.simulated)

    def made(self) -> Design:
        """Return the design with the settings over it."""
        return design_of(self.design, DEFAULT, self.settings)

    def scheme(self, asked: str | None, searched: bool = False) -> str:
        """Return the scheme that was asked for; else the design's, or the optimum where it is searched."""
        if asked is not None:
            return asked
        return "optimal" if searched else self.made()._core.scheme


@dataclass(frozen=True)
class RunOptions:
    """What is run on the hardware, as the core reads it."""

    scheme: str
    mean: list[float]
    std: list[float]
    limit: int | None
    calibration: int
    layer_images: int
    seeds: int
    first_seed: int
    threads: int | None
    top: int | None
    outputs: bool


def plan_text(plan: KernelPlan) -> str:
    """Return a kernel plan as the core reads it."""
    if isinstance(plan, str):
        return plan
    layers = plan
    if isinstance(plan, Mapping):
        for layer, rank in plan.items():
            if isinstance(rank, bool) or not isinstance(rank, int) or rank < 1:
                raise TilewrightError(
                    f"kernels of layer {layer!r} have the rank {rank!r}; "
                    "give the 2D kernels per input channel, 1 or more"
                )
        layers = [f"{layer}*{rank}" for layer, rank in plan.items()]
    # Said outright, since a name of a layer may end like what lies between the kernels.
    return ",".join(layers) + "+nothing"


def schemes() -> dict[str, str]:
    """Return the mapping schemes: what each is in a line, by name, the plainest first.

    Examples
    --------
    >>> import tilewright
    >>> list(tilewright.schemes())
    ['im2col', 'smd', 'sdk', 'vw-sdk', 'kernel-position', 'sub-image', 'unfolded', 'optimal']
    """
    return dict(_core.schemes())


def objectives() -> list[str]:
    """Return the names of the objectives of a search.

    Examples
    --------
    >>> import tilewright
    >>> tilewright.objectives()
    ['activations', 'crossbars', 'cycles', 'latency']
    """
    return _core.objectives()


def scheme_names(names: str | Iterable[str]) -> list[str]:
    """Return each requested scheme once; ``"all"`` means all of them."""
    asked = names.split(",") if isinstance(names, str) else list(names)
    every = list(schemes())
    expanded = [scheme for name in asked for scheme in (every if name == "all" else [name])]
    return list(dict.fromkeys(expanded))
