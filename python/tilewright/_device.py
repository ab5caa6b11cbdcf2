"""Devices fitted to measurements."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tilewright import _core
from tilewright._table import Table


@dataclass(frozen=True)
class Goodness:
    """A sample held against its distribution, by the test of Kolmogorov and Smirnov."""

    #: After programming; ``None`` where the table has no times.
    seconds: float | None
    #: How many conductances.
    measurements: int
    #: Greatest difference between the shares of sample and distribution below any conductance.
    ks: float
    #: What `ks` exceeds by chance in 1 % of samples; ``None`` for fewer than five measurements.
    critical: float | None

    @property
    def holds(self) -> bool:
        """Whether the sample can be one of the distribution."""
        return self.critical is None or self.ks <= self.critical


@dataclass(frozen=True)
class DriftExponent:
    """The exponent of drift among cells."""

    mean: float
    deviation: float


@dataclass(frozen=True)
class FittedLevel:
    """What the cells programmed to one target become."""

    #: In siemens.
    target: float
    #: ``"normal"`` or ``"lognormal"``.
    distribution: str
    #: In siemens.
    mean: float
    #: In siemens.
    deviation: float
    #: ``None`` where the table has no times.
    drift: DriftExponent | None
    #: Of the sample of each time.
    goodness: tuple[Goodness, ...]


@dataclass(frozen=True)
class DeviceFit:
    """A device fitted to measurements; made by :func:`fit_device`."""

    name: str
    #: What it was fitted to.
    source: str
    #: By rising target.
    levels: tuple[FittedLevel, ...]
    #: The text of the device file.
    toml: str

    @property
    def holds(self) -> bool:
        """Whether no sample is too far from its distribution."""
        return all(goodness.holds for level in self.levels for goodness in level.goodness)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the device file, NAME.toml, which `device` of a design takes."""
        Path(path).write_text(self.toml, encoding="utf-8")

    def __str__(self) -> str:
        return f"{self.name}: {self.source}\n\n{self._table().text()}"

    def _repr_html_(self) -> str:
        return f"<p>{self.name}: {self.source}</p>{self._table().html()}"

    def _table(self) -> Table:
        head = ["target µS", "<distribution", "mean µS", "deviation µS", "time s", "measurements", "KS", "1 % critical"]
        rows = [
            [
                f"{1e6 * level.target:.4g}",
                level.distribution,
                f"{1e6 * level.mean:.4g}",
                f"{1e6 * level.deviation:.4g}",
                "" if goodness.seconds is None else f"{goodness.seconds:g}",
                str(goodness.measurements),
                f"{goodness.ks:.4f}",
                "" if goodness.critical is None else f"{goodness.critical:.4f}",
            ]
            for level in self.levels
            for goodness in level.goodness
        ]
        return Table(head, rows)


def fit_device(
    measurements: str | os.PathLike[str],
    *,
    name: str | None = None,
    unit: Literal["S", "mS", "uS", "nS"] = "S",
    levels: Literal["interpolated", "measured"] = "interpolated",
) -> DeviceFit:
    r"""Fit a device to measurements of its cells.

    Each level gets a normal or lognormal distribution, whichever is nearer to the sample (of fewer than five
    measurements: normal); where there are times, it gets an exponent of drift with a mean and a deviation.

    Parameters
    ----------
    measurements
        CSV file whose first line names the columns: ``target``, the conductance that a cell was programmed to,
        ``measured``, the one it has, and ``time``, seconds after programming, where there are several.
    name
        What the device is called; the file's name without its end by default.
    unit
        Of the conductances.
    levels
        What can be programmed between two levels: anything, or nothing, so that the nearest one is.

    Raises
    ------
    TilewrightError
        For a table that no device can be fitted to: the line, what was found and what is allowed.

    Examples
    --------
    >>> import tilewright, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> rows = ["target,measured", "10,9", "10,11", "50,48", "50,52"]
    >>> _ = (folder / "measured.csv").write_text("\n".join(rows))
    >>> fit = tilewright.fit_device(folder / "measured.csv", unit="uS")
    >>> [(level.target, round(1e6 * level.mean, 3)) for level in fit.levels]
    [(1e-05, 10.0), (5e-05, 50.0)]
    >>> fit.save(folder / "mine.toml")
    >>> tilewright.Design(device=folder / "mine.toml").name
    'analog-22nm'
    """
    file = os.fspath(measurements)
    text, toml = _core.fit_device(file, Path(file).stem if name is None else name, unit, levels)
    fit = json.loads(text)
    found = tuple(_level(level) for level in fit["levels"])
    return DeviceFit(fit["name"], fit["source"], found, toml)


def _level(level: dict[str, Any]) -> FittedLevel:
    drift = None if level["drift"] is None else DriftExponent(**level["drift"])
    moments = (level["target"], level["distribution"], level["mean"], level["deviation"])
    return FittedLevel(*moments, drift, tuple(Goodness(**goodness) for goodness in level["goodness"]))
