"""The hardware, said once: a design and settings over it."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, Union

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What a setting takes: numbers, words, ``(rows, columns)``; ``None`` for none of it, or what the design has.
Value: TypeAlias = str | float | bool | tuple[int, int] | os.PathLike[str] | None
DesignLike: TypeAlias = Union["Design", str, os.PathLike[str]]

#: The designs that networks are mapped onto and simulated on, and priced on, unless another is given.
DEFAULT = "analog-22nm"
PRICED_DEFAULT = "generic-22nm"


@dataclass(frozen=True)
class Setting:
    """A setting of a design."""

    name: str
    #: As it is set; ``None`` where the design leaves it open.
    value: str | None
    unit: str
    #: What it is.
    about: str
    #: Which values it can have.
    allowed: str
    #: Whether it was set over the design.
    given: bool


class Design:
    """Crossbars, cells, wires, converters, chip and compensation: the one hardware behind every number.

    Parameters
    ----------
    name
        A preset (:func:`designs`), a TOML file, or another design.
    settings
        Settings that override its own, named as in :meth:`settings`: ``Design("isaac", adc_bits=7, wire=1)``.

    Raises
    ------
    TilewrightError
        For an unknown design or setting (the message suggests the nearest one), or a value that is not allowed.

    Examples
    --------
    >>> import tilewright
    >>> design = tilewright.Design("isaac", adc_bits=7)
    >>> design["adc_bits"], design["cell_bits"], design["wire"]
    ('7', '2', '0')
    >>> tilewright.cost("lenet5", design=design).adc.bits
    7
    """

    def __init__(self, name: DesignLike = DEFAULT, **settings: Value) -> None:
        texts = [(setting, text_of(setting, value)) for setting, value in settings.items()]
        made = name._core.with_(texts) if isinstance(name, Design) else _core.Design(os.fspath(name), texts)
        self._core: _core.Design = made

    @classmethod
    def _of(cls, core: _core.Design) -> Design:
        design = cls.__new__(cls)
        design._core = core
        return design

    @property
    def name(self) -> str:
        """Its name."""
        return self._core.name

    @property
    def about(self) -> str:
        """What it is."""
        return self._core.about

    def settings(self) -> list[Setting]:
        """Return all of its settings."""
        return [Setting(*setting) for setting in self._core.settings()]

    def __getitem__(self, name: str) -> str | None:
        for setting in self.settings():
            if setting.name == name:
                return setting.value
        raise KeyError(name)

    def to_toml(self) -> str:
        """Return it as the text of a TOML file."""
        return self._core.toml()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a TOML file, which :class:`Design` and the command take."""
        Path(path).write_text(self.to_toml(), encoding="utf-8")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Design):
            return NotImplemented
        return (self.to_toml(), self._given()) == (other.to_toml(), other._given())

    def __hash__(self) -> int:
        return hash(self.to_toml())

    def __reduce__(self) -> tuple[Any, ...]:
        return _unpickled, (self.name, self.to_toml(), self._given())

    def __repr__(self) -> str:
        given = "".join(f", {name}={value}" for name, value in self._given().items())
        return f"<Design {self.name}{given}>"

    def __str__(self) -> str:
        return f"{self.name}: {self.about}.\n\n{self._table().text()}"

    def _repr_html_(self) -> str:
        return f"<p>{self.name}: {self.about}.</p>{self._table().html()}"

    def _given(self) -> dict[str, str]:
        return {setting.name: setting.value or "" for setting in self.settings() if setting.given}

    def _table(self) -> Table:
        rows = [[s.name, s.value or "", s.unit, s.allowed] for s in self.settings()]
        return Table(["<setting", "<value", "<unit", "<allowed"], rows)


@dataclass(frozen=True)
class DesignUnit:
    """A level of a design's chip by itself."""

    #: ``"crossbar"`` (its share of a macro), ``"macro"``, ``"tile"`` or ``"chip"``.
    level: str
    area_mm2: float
    #: At full work.
    power_mw: float


@dataclass(frozen=True)
class DesignEntry:
    """A built-in design; one without a number of tiles has one here."""

    name: str
    about: str
    node_nm: float
    #: None where currents are read exactly, which has no price.
    units: tuple[DesignUnit, ...]
    #: Greatest number of operations a second, in 10¹².
    peak_tops: float | None


def designs() -> list[DesignEntry]:
    """Return the built-in designs; ``tilewright design NAME`` prints one as a file to edit.

    Examples
    --------
    >>> import tilewright
    >>> [design.name for design in tilewright.designs()]
    ['generic-22nm', 'generic-65nm', 'isaac', 'puma', 'neurram', 'seed', 'analog-22nm']
    """
    return [_entry(design) for design in json.loads(_core.designs())]


def design_of(design: DesignLike | None, default: str, settings: Mapping[str, Value]) -> Design:
    """Return the design that a function was given, or its default, with settings over it."""
    if design is None:
        return Design(default, **settings)
    if isinstance(design, Design) and not settings:
        return design
    return Design(design, **settings)


def text_of(name: str, value: Value) -> str:
    """Return a value as the core reads it; empty for none."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return "x".join(str(side) for side in value)
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TilewrightError(f"{name} is {value!r}; give a number, a word, or a pair of numbers for a crossbar")


def _unpickled(name: str, text: str, given: dict[str, str]) -> Design:
    return Design._of(_core.Design.parse(name, text).with_(list(given.items())))


def _entry(design: dict[str, Any]) -> DesignEntry:
    sheet = design["datasheet"]
    units = tuple(DesignUnit(**unit) for unit in sheet["units"]) if sheet else ()
    return DesignEntry(design["name"], design["about"], design["node_nm"], units, sheet and sheet["peak_tops"])
