"""One network on many designs: every combination of some values of settings."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tilewright._core import TilewrightError
from tilewright._cost import cost
from tilewright._cost_result import Cost
from tilewright._design import Design
from tilewright._map import map
from tilewright._mapping import Mapping as Mapped
from tilewright._progress import ProgressBar
from tilewright._simulate import simulate
from tilewright._simulation import Simulation

if TYPE_CHECKING:
    import pandas as pd

    from tilewright._network import ModelLike

Of: TypeAlias = Literal["simulate", "cost", "map"]

#: What may vary beside the settings of a design.
_BESIDE = ("design", "scheme", "kernels")


def sweep(model: ModelLike, *, of: Of = "simulate", progress: bool | None = None, **options: Any) -> pd.DataFrame:
    """Simulate, price or map a network for every combination of some values, one row each.

    Parameters
    ----------
    model
        As in :func:`map`.
    of
        ``"simulate"``, ``"cost"`` or ``"map"``: the function that each combination is given to.
    options
        What that function takes. A list (or range, or array) of values of a setting (:meth:`Design.settings`),
        of ``design``, ``scheme`` or ``kernels`` varies; the last one varies fastest.
    progress
        Whether to draw a progress bar; by default if the standard error is a terminal.

    Returns
    -------
    pandas.DataFrame
        One column for each varied setting and each figure; combinations that fail have their reason in ``failed``.

    Examples
    --------
    >>> import tilewright
    >>> frame = tilewright.sweep("lenet5", of="cost", crossbar=[64, 128], cell_bits=[1, 2])
    >>> frame[["crossbar", "cell_bits", "crossbars"]].values.tolist()
    [[64, 1, 164], [64, 2, 77], [128, 1, 44], [128, 2, 23]]
    """
    import pandas as pd

    function, figures = _FUNCTIONS.get(of, (None, None))
    if function is None or figures is None:
        raise TilewrightError(f"of is {of!r}; give {', '.join(_FUNCTIONS)}")
    varied = _varied(options)
    fixed = {name: value for name, value in options.items() if name not in varied}
    combinations = list(itertools.product(*varied.values()))
    rows = []
    with ProgressBar("designs", progress) as bar:
        for done, values in enumerate(combinations):
            bar(done, len(combinations))
            point = dict(zip(varied, values, strict=True))
            rows.append({**point, **_figures(function, figures, model, {**fixed, **point})})
        bar(len(combinations), len(combinations))
    return pd.DataFrame(rows)


def _varied(options: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what varies, with its values."""
    settings = {setting.name for setting in Design().settings()} | set(_BESIDE)
    lists = {name: list(value) for name, value in options.items() if isinstance(value, (list, range, np.ndarray))}
    varied = {name: values for name, values in lists.items() if name in settings}
    if not varied:
        raise TilewrightError("nothing varies; give a list of values, as in wire=[0, 1, 2.5]")
    empty = next((name for name, values in varied.items() if not values), None)
    if empty is not None:
        raise TilewrightError(f"{empty} has no values; give at least one, or leave it out")
    return varied


def _figures(
    function: Callable[..., Any], figures: Callable[[Any], dict[str, Any]], model: ModelLike, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the figures of one combination, or why it has none."""
    bars = {"progress": False} if function is simulate else {}
    try:
        return {**figures(function(model, **options, **bars)), "failed": None}
    except TilewrightError as error:
        return {"failed": str(error)}


def _rates(run: Simulation) -> dict[str, Any]:
    low, high = run.interval
    lost = 100 * (run.digital.rate - run.rate)
    return {"crossbars": run.crossbars, "rate": run.rate, "low": low, "high": high, "lost_points": lost}


def _prices(found: Cost) -> dict[str, Any]:
    names = ("crossbars", "area_mm2", "energy_uj", "latency_ms", "images_per_second", "tops_per_w", "tops_per_mm2")
    return {name: getattr(found, name) for name in names}


def _counts(mapping: Mapped) -> dict[str, Any]:
    total = mapping.total
    return {name: getattr(total, name) for name in ("crossbars", "array_activations", "cycles", "utilization")}


_FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[[Any], dict[str, Any]]]] = {
    "simulate": (simulate, _rates),
    "cost": (cost, _prices),
    "map": (map, _counts),
}
