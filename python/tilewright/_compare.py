"""All schemes on the same network."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tilewright import _core
from tilewright._core import DoesNotFitError, TilewrightError
from tilewright._design import DesignLike
from tilewright._map import planned
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
    Window,
    scheme_names,
)
from tilewright._progress import ProgressBar
from tilewright._table import Table, data_frame, percent, thousands

if TYPE_CHECKING:
    import pandas

    from tilewright._network import ModelLike
    from tilewright._torch import Shapes

TITLES = ["<scheme", "crossbars", "activations", "cycles", "slowest layer", "utilization", "input loads"]


class Comparison:
    """What every scheme makes of a network; made by :func:`compare`.

    ``comparison["im2col"]`` is a :class:`Mapping`; that of a scheme that does not fit raises the reason.
    """

    def __init__(self, network: Network, results: dict[str, Mapping | DoesNotFitError]) -> None:
        self._network = network
        self._results = results

    @property
    def network(self) -> Network:
        """The network that was mapped."""
        return self._network

    @property
    def mappings(self) -> dict[str, Mapping]:
        """The mappings of the schemes that fit, by name."""
        return {name: result for name, result in self._results.items() if isinstance(result, Mapping)}

    @property
    def does_not_fit(self) -> dict[str, str]:
        """Why the other schemes have no mapping, by name."""
        return {name: str(result) for name, result in self._results.items() if isinstance(result, DoesNotFitError)}

    def __getitem__(self, scheme: str) -> Mapping:
        result = self._results[scheme]
        if isinstance(result, DoesNotFitError):
            raise result
        return result

    def __iter__(self) -> Iterator[str]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def to_dict(self) -> list[dict[str, Any]]:
        """Return the documented numbers: the JSON of ``tilewright map --scheme all --format json``."""
        return [self._document(name, result) for name, result in self._results.items()]

    def to_pandas(self) -> pandas.DataFrame:
        """Return the totals as a data frame, one row a scheme; `does_not_fit` says why one has no mapping."""
        rows = [
            {"scheme": name, **vars(result.total), "does_not_fit": None}
            if isinstance(result, Mapping)
            else {"scheme": name, "does_not_fit": str(result)}
            for name, result in self._results.items()
        ]
        frame: pandas.DataFrame = data_frame(rows, "scheme")
        return frame

    def __repr__(self) -> str:
        return f"<Comparison of {len(self)} schemes on {self.network.name!r}>"

    def __str__(self) -> str:
        notes = "".join(f"{name}: {problem}.\n" for name, problem in self.does_not_fit.items())
        newline = "\n"
        return f"{self.network.name}\n\n{self._table().text()}{notes and newline + notes}"

    def _repr_html_(self) -> str:
        return self._table().html()

    def _document(self, name: str, result: Mapping | DoesNotFitError) -> dict[str, Any]:
        if isinstance(result, Mapping):
            return result.to_dict()
        return {"schema": _core.SCHEMA, "network": self.network.name, "scheme": name, "does_not_fit": str(result)}

    def _table(self) -> Table:
        return Table(TITLES, [_row(name, result) for name, result in self._results.items()])


def compare(
    model: ModelLike,
    *,
    design: DesignLike | None = None,
    crossbar: Crossbar | None = None,
    schemes: str | Iterable[str] = "all",
    kernels: KernelPlan | None = None,
    encoding: Encoding | None = None,
    weight_bits: int | None = None,
    cell_bits: int | None = None,
    layer_settings: str | os.PathLike[str] | None = None,
    row_split: RowSplit | None = None,
    grouped: GroupRule | None = None,
    window: Window = "largest",
    objective: Objective | None = None,
    budget: int | None = None,
    max_cycles: int | None = None,
    share_layers: bool = False,
    input_shape: Shapes | None = None,
    progress: bool | None = None,
) -> Comparison:
    """Map a network by several schemes.

    That a scheme does not fit, or not within a limit, is a result like any other.

    Parameters
    ----------
    schemes
        Names of :func:`schemes`, or ``"all"``.
    progress
        Whether to draw a progress bar; by default if the standard error is a terminal.
    model, design, crossbar, kernels, encoding, weight_bits, cell_bits, layer_settings, row_split, grouped, window
        As in :func:`map`; what replacing a kernel saves is counted under the first scheme.
    objective, budget, max_cycles, share_layers, input_shape
        As in :func:`map`.

    Examples
    --------
    >>> import tilewright
    >>> print(tilewright.compare("lenet5", schemes=["im2col", "vw-sdk"]), end="")
    lenet5
    <BLANKLINE>
    scheme  crossbars  activations  cycles  slowest layer  utilization  input loads
    ──────  ─────────  ───────────  ──────  ─────────────  ───────────  ───────────
    im2col         14          995     887            784        53.6%       35,724
    vw-sdk         15          141      68             40        58.3%       12,684
    """
    names = known_schemes(schemes)
    original = resolve(model, input_shape)
    bits = {"crossbar": crossbar, "encoding": encoding, "weight_bits": weight_bits, "cell_bits": cell_bits}
    options = Options(design, {**bits, "layer_settings": layer_settings}, row_split, grouped, window)
    target = options.target(original._core)
    network = planned(original, kernels, names[0], target)
    results: dict[str, Mapping | DoesNotFitError] = {}
    with ProgressBar("schemes", progress) as bar:
        for done, name in enumerate(names):
            bar(done, len(names))
            try:
                core = _core.Mapping(network._core, name, target, (objective, budget, max_cycles), share_layers)
                results[name] = Mapping(core)
            except DoesNotFitError as error:
                results[name] = error
    return Comparison(network, results)


def known_schemes(names: str | Iterable[str]) -> list[str]:
    """Return the schemes asked for, of which there must be one."""
    found = scheme_names(names)
    if not found:
        raise TilewrightError('no scheme given; give names, or "all"')
    return found


def _row(name: str, result: Mapping | DoesNotFitError) -> list[str]:
    if isinstance(result, DoesNotFitError):
        return [name, "does not fit", *[""] * (len(TITLES) - 2)]
    total = result.total
    counts = [total.crossbars, total.array_activations, total.cycles, total.bottleneck_cycles]
    return [name, *(thousands(count) for count in counts), percent(total.utilization), thousands(total.input_loads)]
