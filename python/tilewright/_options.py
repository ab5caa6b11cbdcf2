"""The words the mapping functions take, and the core's settings made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from tilewright import _core
from tilewright._core import TilewrightError

Crossbar: TypeAlias = int | tuple[int, int] | str
Encoding: TypeAlias = Literal["differential", "offset", "single"]
RowSplit: TypeAlias = Literal["element", "channel"]
GroupRule: TypeAlias = Literal["packed", "separate", "dense"]
Window: TypeAlias = int | Literal["largest", "best"]
Objective: TypeAlias = Literal["activations", "crossbars", "cycles", "latency"]
#: Text, ``+norm`` or ``+norm-relu`` after it where something lies between the 2D and the 1D kernel; names of layers; or
#: the rank of each layer, the 2D kernels per input channel, by name.
KernelPlan: TypeAlias = str | Sequence[str] | Mapping[str, int]


@dataclass(frozen=True)
class Options:
    """What is mapped onto and by which rules, as the functions take it."""

    crossbar: Crossbar
    encoding: str
    weight_bits: int | None
    cell_bits: int | None
    row_split: str | None
    grouped: str | None
    window: int | str
    input_bits: int | None = None

    def target(self, network: _core.Network) -> _core.Target:
        """Check the settings and combine them for a network, which says its bits where none are set."""
        return _core.Target(
            network,
            crossbar_text(self.crossbar),
            self.encoding,
            (self.weight_bits, self.cell_bits, self.input_bits),
            self.row_split,
            self.grouped,
            str(self.window),
        )


def crossbar_text(crossbar: Crossbar) -> str:
    """Return a crossbar as the core reads it."""
    if isinstance(crossbar, tuple):
        return "x".join(str(side) for side in crossbar)
    return str(crossbar)


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
    """Return each scheme asked for once; ``"all"`` stands for all of them."""
    asked = names.split(",") if isinstance(names, str) else list(names)
    every = list(schemes())
    expanded = [scheme for name in asked for scheme in (every if name == "all" else [name])]
    return list(dict.fromkeys(expanded))
