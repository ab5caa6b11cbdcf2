"""What a network recognises on analog hardware."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tilewright._core import TilewrightError
from tilewright._evaluate import Rate, rate_of
from tilewright._table import data_frame

if TYPE_CHECKING:
    import numpy as np
    import pandas
    from numpy.typing import NDArray


@dataclass(frozen=True)
class OutputError:
    """A layer's outputs compared with those of the integer network."""

    #: Mean square of the exact outputs over that of the errors, in decibels; ``None`` where nothing is wrong, or
    #: there is no signal.
    snr_db: float | None
    #: Whether any exact output is other than 0.
    signal: bool
    #: Slope of the outputs over the exact ones, through the origin.
    gain: float
    #: Mean error in parts of the exact outputs' root mean square.
    bias: float


@dataclass(frozen=True)
class SimulatedLayer:
    """One layer on the first chip."""

    name: str
    #: Behind exact inputs: what the layer itself does wrong; ``None`` if it was not measured.
    own: OutputError | None
    #: Behind the layers before it: what reaches the next one; ``None`` if it was not measured.
    reached: OutputError | None
    #: Of a converter that would lose nothing of ideal currents.
    lossless_bits: int


@dataclass(frozen=True)
class SimulatedChip:
    """What one chip recognises."""

    #: The seed it was programmed from.
    seed: int
    rate: Rate


@dataclass(frozen=True)
class SimulatedTop:
    """How often the label is among several best classes."""

    #: How many classes count.
    classes: int
    #: Share of the images, 0 to 1, the mean over the chips.
    rate: float
    #: 95 % interval of the rate over the choice of images (Wilson 1927).
    interval: tuple[float, float]
    #: 95 % interval of the rate over the choice of chips (Student's t); ``None`` for one chip.
    chip_interval: tuple[float, float] | None
    #: The integer network.
    digital: Rate
    #: Each chip.
    chips: tuple[SimulatedChip, ...]


class Simulation:
    """A network on analog hardware; made by :func:`simulate`. Prints as tables."""

    def __init__(self, document: dict[str, Any], tables: tuple[str, str], outputs: NDArray[np.float32] | None) -> None:
        self._document = document
        #: As text and for a notebook.
        self._tables = tables
        self._outputs = outputs
        [self._run] = document["runs"]
        errors = {layer["name"]: layer for layer in self._run["layers"]}
        self._layers = tuple(_layer(bits, errors.get(bits["layer"])) for bits in self._run["lossless_bits"])

    @property
    def network(self) -> str:
        """Name of the network."""
        return str(self._document["network"])

    @property
    def images(self) -> str:
        """The data set and its split."""
        return str(self._document["images"])

    @property
    def scheme(self) -> str:
        """Mapping scheme."""
        return str(self._run["scheme"])

    @property
    def crossbars(self) -> int:
        """Crossbars programmed for each chip."""
        return int(self._run["crossbars"])

    @property
    def residual(self) -> float | None:
        """Greatest error of a crossbar's currents on the first chip against another solver; ``None`` without wires."""
        return self._run["residual"]  # type: ignore[no-any-return]

    @property
    def linearisation(self) -> float | None:
        """Greatest error of linearised cells against Newton's method, on sampled reads of a chip; ``None`` if exact."""
        return self._run.get("linearisation")  # type: ignore[no-any-return]

    @property
    def rate(self) -> float:
        """Share of the images recognised, 0 to 1, the mean over the chips."""
        return float(self._run["mean"]["mean"])

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation of the rate over the chips; ``None`` for one chip."""
        return self._run["mean"]["deviation"]  # type: ignore[no-any-return]

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the rate over the choice of images (Wilson 1927)."""
        low, high = self._run["interval"]
        return low, high

    @property
    def chip_interval(self) -> tuple[float, float] | None:
        """95 % interval of the rate over the choice of chips (Student's t); ``None`` for one chip."""
        return _pair(self._run["chip_interval"])

    @property
    def digital(self) -> Rate:
        """What hardware without errors recognises.

        That of the integer network, or, with analog neurons, of the network without rounding between layers.
        """
        return rate_of(self._run["digital"])

    @property
    def chips(self) -> tuple[SimulatedChip, ...]:
        """Each chip; those that cannot differ are one."""
        return _chips(self._run)

    @property
    def top(self) -> SimulatedTop | None:
        """How often the label is among several best classes; ``None`` unless ``top`` was given."""
        found = self._run.get("top")
        if found is None:
            return None
        low, high = found["interval"]
        of_chips = _pair(found["chip_interval"])
        return SimulatedTop(
            found["classes"], found["mean"]["mean"], (low, high), of_chips, rate_of(found["digital"]), _chips(found)
        )

    @property
    def outputs(self) -> NDArray[np.float32]:
        """Output of each chip for each image, ``[chip, image, …]``, such as one score per class; kept if asked for."""
        return self._kept()[1:]

    @property
    def digital_outputs(self) -> NDArray[np.float32]:
        """Output of the integer network for each image, ``[image, …]``; kept if outputs were asked for."""
        return self._kept()[0]  # type: ignore[no-any-return]

    def _kept(self) -> NDArray[np.float32]:
        if self._outputs is None:
            raise TilewrightError("outputs were not kept; give outputs=True to simulate")
        return self._outputs

    @property
    def layers(self) -> tuple[SimulatedLayer, ...]:
        """The layers in execution order, with their errors on the first chip."""
        return self._layers

    @property
    def lossless_bits(self) -> int:
        """Bits of a converter that would lose nothing of ideal currents, in any layer."""
        return max((layer.lossless_bits for layer in self._layers), default=0)

    def to_dict(self) -> dict[str, Any]:
        """Return the documented form: the JSON of ``tilewright simulate --format json``."""
        return copy.deepcopy(self._document)

    def to_pandas(self) -> pandas.DataFrame:
        """Return the layers as a data frame, one row per layer."""
        frame: pandas.DataFrame = data_frame([_flat(layer) for layer in self._layers], "name")
        return frame

    def __repr__(self) -> str:
        return f"<Simulation of {self.network!r}: {_percent(self.rate)}, digital {_percent(self.digital.rate)}>"

    def __str__(self) -> str:
        return self._tables[0]

    def _repr_html_(self) -> str:
        return self._tables[1]


def _chips(rates: dict[str, Any]) -> tuple[SimulatedChip, ...]:
    return tuple(SimulatedChip(chip["seed"], rate_of(chip["rate"])) for chip in rates["chips"])


def _pair(ends: list[float] | None) -> tuple[float, float] | None:
    return None if ends is None else (ends[0], ends[1])


def _layer(bits: dict[str, Any], errors: dict[str, Any] | None) -> SimulatedLayer:
    own, reached = (None, None) if errors is None else (OutputError(**errors[kind]) for kind in ("own", "reached"))
    return SimulatedLayer(bits["layer"], own, reached, bits["bits"])


def _flat(layer: SimulatedLayer) -> dict[str, Any]:
    errors = {
        f"{kind}_{key}": value
        for kind, error in (("own", layer.own), ("reached", layer.reached))
        if error is not None
        for key, value in vars(error).items()
    }
    return {"name": layer.name, **errors, "lossless_bits": layer.lossless_bits}


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"
