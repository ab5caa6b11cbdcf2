"""How much of a network's arithmetic is on crossbars."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tilewright._network import Network


@dataclass(frozen=True)
class OffCrossbars:
    """An operation whose multiply-accumulates are not on crossbars."""

    name: str
    operation: str
    #: Per image; ``None`` if unknown.
    macs: int | None
    #: Its share of the network's, 0 to 1; ``None`` if unknown.
    share: float | None


@dataclass(frozen=True)
class Coverage:
    """The multiply-accumulates of one image by where they are done."""

    #: Multiply-accumulates of the layers on crossbars, including those on padding.
    macs_on_crossbars: int
    #: Multiply-accumulates of the whole network, as far as they are known.
    macs: int
    #: The ratio of the two, 0 to 1; an upper bound if some operation's number is unknown.
    share: float
    #: Operations that multiply by weights, or two feature maps, and are not on crossbars, in execution order.
    off_crossbars: tuple[OffCrossbars, ...]


def coverage_of(document: dict[str, Any]) -> Coverage:
    """Return a coverage from its documented form."""
    return Coverage(**{**document, "off_crossbars": tuple(OffCrossbars(**off) for off in document["off_crossbars"])})


def warn_of_coverage(network: Network, depth: int) -> None:
    """Warn, `depth` callers up, of what of a network is on no crossbar."""
    warning = network._core.coverage_warning
    if warning is not None:
        warnings.warn(f"{network.name}: {warning}", stacklevel=depth + 1)
