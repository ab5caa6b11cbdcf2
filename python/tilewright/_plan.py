"""Which layers get 2D+1D kernels within a crossbar budget, at the least loss."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tilewright import _core
from tilewright._coverage import warn_of_coverage
from tilewright._design import DesignLike
from tilewright._network import resolve
from tilewright._options import Crossbar, Encoding, GroupRule, Options, RowSplit, Window

if TYPE_CHECKING:
    from tilewright._network import ModelLike
    from tilewright._torch import Shapes


@dataclass(frozen=True)
class RatioPlan:
    """Layers replaced in a fixed order until the budget is met: what a searched plan is compared with."""

    #: Which layers go first: ``"first"``, ``"last"`` or ``"most-saved"``.
    rule: str
    #: Of the whole network.
    crossbars: int
    #: Sum of the losses of the replaced layers.
    loss: float
    #: Replaced / replaceable layers.
    ratio: float
    #: What :func:`map` takes as `kernels`.
    kernels: str


@dataclass(frozen=True)
class PlannedKernels:
    """The layers that get 2D+1D kernels, with their crossbars and loss; made by :func:`plan`."""

    #: Of the whole network, layers that cannot be replaced included.
    crossbars: int
    #: Sum of the losses of the replaced layers.
    loss: float
    #: Replaced / replaceable layers.
    ratio: float
    #: What :func:`map` and :meth:`Network.with_kernels` take.
    kernels: str
    #: Names of the replaced layers in execution order.
    replaced: tuple[str, ...]
    #: 2D kernels per input channel of each of them.
    ranks: tuple[int, ...]
    #: By each rule the plan with the fewest replaced layers within the same budget; a rule that cannot is left out.
    ratio_plans: tuple[RatioPlan, ...]


def plan(
    model: ModelLike,
    losses: Mapping[str, float | Sequence[float]],
    *,
    budget: int,
    design: DesignLike | None = None,
    crossbar: Crossbar | None = None,
    scheme: str | None = None,
    encoding: Encoding | None = None,
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    input_shape: Shapes | None = None,
) -> PlannedKernels:
    """Choose the layers to replace with 2D+1D kernels within a crossbar budget, for the least loss.

    Exact: no other choice of layers within the budget has a lower sum of losses. Ties go to fewer crossbars, then to
    the smaller sum of ranks, then to the greater rank in the first layer that differs.

    Parameters
    ----------
    losses
        What replacing each layer of :attr:`Network.replaceable_layers` loses, by name, measured by you in a unit that
        adds up, such as cross entropy or points of accuracy; negative for a gain. A sequence gives the losses with one
        2D kernel per input channel, with two and so on, each of which is then an option.
    budget
        Most crossbars the whole network may hold.
    model, design, crossbar, scheme, encoding, weight_bits, cell_bits, row_split, grouped, window, input_shape
        As in :func:`map`.

    Raises
    ------
    DoesNotFitError
        If no plan meets the budget (the message gives the least possible), or a layer does not fit the crossbar.
    TilewrightError
        If a layer has no loss, or a loss belongs to no replaceable layer or is not a number.

    Examples
    --------
    >>> import tilewright
    >>> losses = {"conv1": 0.25, "conv2": 0.5}
    >>> planned = tilewright.plan("lenet5", losses, scheme="sub-image", budget=490)
    >>> planned.replaced, planned.crossbars, planned.loss
    (('conv1',), 490, 0.25)
    >>> tilewright.map("lenet5", scheme="sub-image", kernels=planned.kernels).total.crossbars
    490
    """
    bits = {"crossbar": crossbar, "encoding": encoding, "weight_bits": weight_bits, "cell_bits": cell_bits}
    options = Options(design, bits, row_split, grouped, window)
    [planned] = _planned(model, losses, scheme, options, budget, input_shape)
    return planned


def plan_front(
    model: ModelLike,
    losses: Mapping[str, float | Sequence[float]],
    *,
    design: DesignLike | None = None,
    crossbar: Crossbar | None = None,
    scheme: str | None = None,
    encoding: Encoding | None = None,
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    input_shape: Shapes | None = None,
) -> list[PlannedKernels]:
    """Find the best plan for every crossbar budget: fewest crossbars first, each with a lower loss than the one before.

    Parameters
    ----------
    model, losses, design, crossbar, scheme, encoding, weight_bits, cell_bits, row_split, grouped, window, input_shape
        As in :func:`plan`.

    Examples
    --------
    >>> import tilewright
    >>> front = tilewright.plan_front("lenet5", {"conv1": 0.25, "conv2": 0.5}, scheme="sub-image")
    >>> [(planned.crossbars, planned.loss) for planned in front]
    [(155, 0.75), (156, 0.5), (490, 0.25), (491, 0.0)]
    """
    bits = {"crossbar": crossbar, "encoding": encoding, "weight_bits": weight_bits, "cell_bits": cell_bits}
    options = Options(design, bits, row_split, grouped, window)
    return _planned(model, losses, scheme, options, None, input_shape)


def _planned(
    model: ModelLike,
    losses: Mapping[str, float | Sequence[float]],
    scheme: str | None,
    options: Options,
    budget: int | None,
    input_shape: Shapes | None,
) -> list[PlannedKernels]:
    network = resolve(model, input_shape)
    warn_of_coverage(network, 3)
    by_rank = {name: list(loss) if isinstance(loss, Sequence) else [loss] for name, loss in losses.items()}
    summary = json.loads(
        _core.plan(network._core, by_rank, options.scheme(scheme), options.target(network._core), budget)
    )
    return [_plan(numbers) for numbers in summary["plans"]]


def _plan(numbers: dict[str, Any]) -> PlannedKernels:
    partners = tuple(RatioPlan(**partner) for partner in numbers["ratio_plans"])
    lists = {name: tuple(numbers[name]) for name in ("replaced", "ranks")}
    return PlannedKernels(**{**numbers, **lists, "ratio_plans": partners})
