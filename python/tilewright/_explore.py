"""Fronts: the designs of a space that no other design beats, on one machine or many."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from tilewright._core import TilewrightError
from tilewright._design import text_of
from tilewright._table import Table, number

if TYPE_CHECKING:
    import pandas as pd

#: Figures of a design in the command's JSON, with the titles of their columns.
_TITLES = {
    "area_mm2": "area mm²",
    "energy_uj": "energy µJ",
    "latency_ms": "latency ms",
    "power_mw": "power mW",
    "crossbars": "crossbars",
    "rate_percent": "rate %",
    "lost_points": "lost points",
    "kernel_loss": "kernel loss",
}


class Future(Protocol):
    """What an executor gives for a task."""

    def result(self) -> Any:
        """Wait for the task, and return what it returns or raise what it raises."""


class Executor(Protocol):
    """What runs tasks elsewhere: of ``concurrent.futures``, a Dask ``Client``, a submitit ``AutoExecutor``."""

    def submit(self, function: Any, /, *arguments: Any) -> Future:
        """Begin a task."""


@dataclass(frozen=True)
class ExploredDesign:
    """One design of a space, with its figures."""

    #: Its place in the space, from 0.
    place: int
    network: str
    #: The design before its settings.
    design: str
    #: Every setting that varies with its value, as typed.
    settings: dict[str, str]
    crossbars: int
    area_mm2: float
    #: Energy of an image.
    energy_uj: float
    #: From an image to its result.
    latency_ms: float
    #: From one image to the next.
    interval_ms: float
    power_mw: float
    #: Test images that its chips recognise; ``None`` where no rate is asked for, as the next two.
    rate_percent: float | None
    #: What hardware without errors recognises of them.
    digital_percent: float | None
    #: What the hardware loses of that, at least 0.
    lost_points: float | None
    #: What its kernels lose; ``None`` where no losses are given.
    kernel_loss: float | None
    #: By how many millionths any other mapping can at most take less of what the mapping was searched for; ``None``
    #: without a search for a price.
    gap_millionths: int | None
    #: The command that gives these figures again.
    command: str


@dataclass(frozen=True)
class Searched:
    """A search of a space by NSGA-II."""

    #: Designs that it looked at, those that came up again counted again.
    trials: int
    seed: int
    #: Different designs among them.
    tried: int


@dataclass(frozen=True)
class FailedDesigns:
    """Designs without a price or a rate, for one reason."""

    reason: str
    designs: int
    #: The place of the first.
    first: int


@dataclass(frozen=True)
class DroppedDesign:
    """A design that was not shown all test images, since it cannot be on the front."""

    place: int
    #: Images its chips were shown; 0 if another design that recognises the same is better whatever that is.
    images: int
    #: Ends of the 99.9 % interval of its rate.
    rate_percent: tuple[float, float]


class Front(Sequence[ExploredDesign]):
    """The designs that no other design beats, sorted by the first objective; made by :func:`explore`."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        self._found = dict(found)
        optional = dict.fromkeys(("rate_percent", "digital_percent", "lost_points", "kernel_loss", "gap_millionths"))
        self._designs = [ExploredDesign(**{**optional, **design}) for design in found["front"]]

    @property
    def objectives(self) -> list[str]:
        """What is minimised, then what is maximised."""
        return list(self._found["objectives"])

    @property
    def designs(self) -> int:
        """Combinations of the space."""
        return int(self._found["designs"])

    @property
    def searched(self) -> Searched | None:
        """How the space was searched; ``None`` if all of its designs were priced."""
        searched = self._found.get("searched")
        return None if searched is None else Searched(**searched)

    @property
    def failed(self) -> list[FailedDesigns]:
        """Designs without a price or a rate, by reason."""
        return [FailedDesigns(**failed) for failed in self._found["failed"]]

    @property
    def dropped(self) -> list[DroppedDesign]:
        """Designs that were not shown all test images."""
        dropped = self._found.get("dropped", [])
        return [DroppedDesign(one["place"], one["images"], tuple(one["rate_percent"])) for one in dropped]

    def __len__(self) -> int:
        return len(self._designs)

    def __getitem__(self, place: Any) -> Any:
        return self._designs[place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Front) and self._found == other._found

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON of ``tilewright explore``."""
        return json.loads(json.dumps(self._found))  # type: ignore[no-any-return]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per design: what varies, then its figures; its ``to_parquet`` writes a file."""
        import pandas as pd

        rows = [{**design["settings"], **design} for design in self._found["front"]]
        frame = pd.DataFrame(rows).drop(columns="settings", errors="ignore")
        names = list(self._designs[0].settings) if self._designs else []
        return frame[["network", "design", *names, *(c for c in frame if c not in ("network", "design", *names))]]

    def _table(self) -> Table:
        first = self._designs[0] if self._designs else None
        names = list(first.settings) if first else []
        keys = [key for key in _TITLES if first is not None and getattr(first, key) is not None]
        titles = ["<network", "<design", *(f"<{name}" for name in names), *(_TITLES[key] for key in keys)]
        rows = [
            [d.network, d.design, *d.settings.values(), *(number(float(getattr(d, key))) for key in keys)]
            for d in self._designs
        ]
        return Table(titles, rows)

    def __repr__(self) -> str:
        head = f"{len(self)} of {self.designs} designs on the front of {', '.join(self.objectives)}\n"
        return head + self._table().text()

    def _repr_html_(self) -> str:
        return self._table().html()


def explore(
    networks: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    *,
    vary: Mapping[str, Iterable[Any]] | None = None,
    design: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    minimize: str | Sequence[str] | None = None,
    maximize: str | Sequence[str] | None = None,
    limits: str | Sequence[str] = (),
    space: str | os.PathLike[str] | None = None,
    store: str | os.PathLike[str] | None = None,
    executor: Executor | Literal["ray"] | None = None,
    parts: int | None = None,
    threads: int | None = None,
    progress: bool | None = None,
    **options: Any,
) -> Front:
    """Find the designs of a space that no other design beats.

    Every combination of networks, designs and values is a design. It is mapped and priced; if a rate is asked for, it
    is also simulated, in rounds, as long as it can still be on the front (the guide on fronts explains how).

    Parameters
    ----------
    networks
        Names of zoo networks or trained networks, or ONNX files; :meth:`Network.save_onnx` writes one, also of a
        PyTorch module.
    vary
        Settings and their values: ``{"scheme": ["im2col", "optimal"], "crossbar": [64, 128]}``.
    design
        Chips: presets (:func:`designs`) or TOML files; by default ``"generic-22nm"``.
    minimize, maximize
        ``"area"``, ``"energy"``, ``"latency"``, ``"power"``, ``"crossbars"``, ``"kernel-loss"``, ``"rate-lost"``,
        products such as ``"area*latency"``; ``"throughput"`` and ``"rate"``. By default area and latency are minimised.
    limits
        Limits that every design on the front meets: ``"area <= 20 mm2"``, ``"rate-lost <= 1"``.
    space
        A TOML file of all of the above, in its place.
    store
        A folder that keeps finished work: the same call resumes where it was interrupted.
    executor
        Where the parts run: anything with ``submit`` (``concurrent.futures``, a Dask ``Client``, a submitit
        ``AutoExecutor``), or ``"ray"``. All of them must see the folder `store`, which is required then.
    parts
        The number of parts into which the work is divided for `executor`; by default 8. Work left by a worker that
        died is done here, so the front has the same bytes for any number of workers.
    threads
        Threads of each process; by default all processors.
    progress
        Whether to show a progress bar; by default if the standard error is a terminal.
    options
        Further options of ``tilewright explore``: ``trials=20_000`` and ``search_seed=1`` for a search of a large
        space, ``losses="losses.json"`` for planned kernels, ``constants``; and how rates are measured: ``seeds=3``,
        ``rate_images=1000``, ``data="folder"``, ``images="folder"``, ``calibration=64``, …

    Raises
    ------
    TilewrightError
        With the message of the command, for a space that is empty or contradicts itself, for unknown settings and
        objectives, or for a store of another space.

    Examples
    --------
    >>> import tilewright
    >>> vary = {"scheme": ["im2col", "optimal"], "crossbar": [64, 128, 256]}
    >>> front = tilewright.explore("lenet5", vary=vary, minimize=["area", "latency"])
    >>> front.designs, [design.settings["crossbar"] for design in front]
    (6, ['128', '256'])
    """
    if executor is not None and store is None:
        raise TilewrightError("executor needs a store that all its workers see; give store, a folder")
    words = _space(_named(networks), vary, design, minimize, maximize, limits, space)
    for name, value in options.items():
        words += _option(name, value)
    if store is not None:
        words += ["--store", os.fspath(store)]
    if threads is not None:
        words += ["--threads", str(threads)]
    if executor is not None:
        _divide(words, 8 if parts is None else parts, executor)
    elif parts is not None:
        raise TilewrightError("parts divides the work for an executor; give one, or leave parts out")
    return Front(json.loads(_run([*words, "--format", "json"], progress)))


def _named(networks: Any) -> list[str | os.PathLike[str]]:
    """Return the networks by the names and files that every process can find them under."""
    listed = list(networks) if isinstance(networks, Sequence) and not isinstance(networks, str) else [networks]
    for network in listed:
        if not isinstance(network, (str, os.PathLike)):
            kind = type(network).__name__
            made = "network" if kind == "Network" else "tilewright.Network.from_torch(module, input_shape)"
            raise TilewrightError(
                f"explore takes names of networks and ONNX files, not a {kind}, since its processes read the network "
                f'themselves; write it with {made}.save_onnx("mine.onnx") and explore "mine.onnx"'
            )
    return listed


def _space(
    networks: Sequence[str | os.PathLike[str]],
    vary: Mapping[str, Iterable[Any]] | None,
    design: Any,
    minimize: str | Sequence[str] | None,
    maximize: str | Sequence[str] | None,
    limits: str | Sequence[str],
    space: str | os.PathLike[str] | None,
) -> list[str]:
    """Return the words of a command that say what is explored."""
    words = ["explore"]
    if networks:
        words.append(_joined(networks))
    if space is not None:
        words += ["--space", os.fspath(space)]
    for name, values in (vary or {}).items():
        listed = [values] if isinstance(values, str) else list(values)
        words += ["--vary", f"{name.replace('_', '-')}={_joined(_bracketed(_typed(name, value)) for value in listed)}"]
    if design is not None:
        words += ["--design", _joined([design] if isinstance(design, (str, os.PathLike)) else design)]
    for option, goals in (("--minimize", minimize), ("--maximize", maximize)):
        if goals is not None:
            words += [option, _joined([goals] if isinstance(goals, str) else goals)]
    for limit in [limits] if isinstance(limits, str) else limits:
        words += ["--limit", limit]
    return words


def _typed(name: str, value: Any) -> str:
    """Return a value as the command reads it."""
    return "none" if value is None else text_of(name, tuple(value) if isinstance(value, list) else value)


def _bracketed(value: str) -> str:
    """Return a value as it stands among others: in brackets if it has commas itself."""
    return f"[{value}]" if "," in value else value


def _joined(words: Iterable[Any]) -> str:
    return ",".join(os.fspath(word) for word in words)


def _option(name: str, value: Any) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if value is True:
        return [option]
    if value is None or value is False:
        return []
    return [option, _joined(_typed(name, one) for one in (value if isinstance(value, (list, tuple)) else [value]))]


def _divide(words: Sequence[str], parts: int, executor: Executor | Literal["ray"]) -> None:
    """Do the work in parts and wait for all; what fails is left to the caller, which does what is missing."""
    if parts < 1:
        raise TilewrightError(f"parts is {parts}; give at least 1")
    commands = [[*words, "--shard", f"{number}/{parts}"] for number in range(parts)]
    if executor == "ray":
        try:
            import ray
        except ImportError:
            raise TilewrightError('executor is "ray", which is not installed; pip install tilewright[ray]') from None
        task = ray.remote(_run_part)
        ray.wait([task.remote(command) for command in commands], num_returns=parts)
        return
    if isinstance(executor, str):
        raise TilewrightError(f'executor is {executor!r}; give "ray", or an object with submit')
    futures = [executor.submit(_run_part, command) for command in commands]
    for future in futures:
        try:
            future.result()
        except Exception:
            # A worker may die of anything.
            continue


def _run_part(words: list[str]) -> None:
    _run(words, progress=False)


def _run(words: Sequence[str], progress: bool | None) -> str:
    """Run the command in its own process, which Ctrl-C ends with its store intact, and return what it writes."""
    shown = sys.stderr.isatty() if progress is None else progress
    command = [sys.executable, "-m", "tilewright", *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=None if shown else subprocess.PIPE, check=False)
    if done.returncode != 0:
        said = (
            done.stderr.decode(errors="replace").strip() if done.stderr else "the command failed; its reason is above"
        )
        raise TilewrightError(said.removeprefix("error: "))
    return done.stdout.decode()
