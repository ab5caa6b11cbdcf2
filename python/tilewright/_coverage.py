"""How much of a network's arithmetic is on crossbars."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tilewright._network import Network


@dataclass(frozen=True)
class OffCrossbars:
    """An operation whose multiply-accumulates are on no crossbar."""

    name: str
    operation: str
    #: For an image; ``None`` if they are not known.
    macs: int | None
    #: Its part of the network's, 0 to 1; ``None`` likewise.
    share: float | None


@dataclass(frozen=True)
class Coverage:
    """The multiply-accumulates of one image by where they are done."""

    #: Those of the layers on crossbars; products with padding count.
    macs_on_crossbars: int
    #: Those of the whole network, as far as they are known.
    macs: int
    #: The first by the second, 0 to 1; an upper bound if an operation's number is not known.
    share: float
    #: What multiplies by weights, or two feature maps, and is on no crossbar, in execution order.
    off_crossbars: tuple[OffCrossbars, ...]


def coverage_of(document: dict[str, Any]) -> Coverage:
    """Return a coverage from its documented form."""
    return Coverage(**{**document, "off_crossbars": tuple(OffCrossbars(**off) for off in document["off_crossbars"])})


def warn_of_coverage(network: Network, depth: int) -> None:
    """Warn, `depth` callers up, of what of a network is on no crossbar."""
    warning = network._core.coverage_warning
    if warning is not None:
        warnings.warn(f"{network.name}: {warning}", stacklevel=depth + 1)
