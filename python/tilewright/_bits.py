"""Bits of a network's weights and inputs, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ORIGINS = {
    "model": "from the model",
    "set": "as set",
    "chip": "from the design, since the model is in floating point",
    "default": "by default, since the model is in floating point",
}


@dataclass(frozen=True)
class Bits:
    """A number of bits; prints as words."""

    bits: int
    #: ``"model"`` (the integers that it holds), ``"set"``, ``"chip"`` or ``"default"``.
    origin: str
    #: Least and greatest bits of a layer, where they differ; the number is the greatest.
    of_layers: tuple[int, int] | None

    def __str__(self) -> str:
        greatest = "" if self.of_layers is None else ": the greatest of its layers' {} to {}".format(*self.of_layers)
        return f"{self.bits} bits, {ORIGINS[self.origin]}{greatest}"


def bits_of(document: dict[str, Any]) -> Bits:
    """Return the bits of their documented form."""
    layers = document.get("of_layers")
    return Bits(document["bits"], document["from"], layers and (layers[0], layers[1]))
