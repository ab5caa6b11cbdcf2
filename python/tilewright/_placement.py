"""What every cell of a layer holds and what drives each row."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from tilewright import _core
from tilewright._core import TilewrightError
from tilewright._execute import only_layer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tilewright._mapping import MappedLayer, Mapping

#: Columns of the arrays that are not vectors.
WIDTHS = {"crossbar_block": 3, "crossbar_turn": 3, "row_input": 4, "column_output": 4}
#: Arrays of 64 bits; the others have 32.
WIDE = {"row_offset", "column_offset", "cell_offset", "cell_weight"}


@dataclass(frozen=True, eq=False)
class Placement:
    """The crossbars of one copy of a layer, one after the other; all copies hold the same.

    If packs of groups take turns in a crossbar, each pack counts as a crossbar here, with its own rows and columns.

    Entries ``offset[i]`` to ``offset[i + 1]`` (exclusive) belong to crossbar *i*. Crossings that are not listed are
    structural zeros: they hold the levels of weight 0.
    """

    #: ``[crossbars, 3]``: group pack, row block and column block the crossbar holds.
    crossbar_block: NDArray[np.uint32]
    #: ``[crossbars, 3]``: its turn, and the row and weight column of the crossbar at which its own begin; zeros where a
    #: crossbar is driven all at once.
    crossbar_turn: NDArray[np.uint32]
    #: ``[crossbars + 1]``: where each crossbar's rows are in `row_input`.
    row_offset: NDArray[np.uint64]
    #: ``[rows, 4]``: packed window, y, x of the sub-image (padding included) and input channel that drive a row.
    row_input: NDArray[np.uint32]
    #: ``[crossbars + 1]``: where each crossbar's weight columns are in `column_output`.
    column_offset: NDArray[np.uint64]
    #: ``[columns, 4]``: packed window, y, x of the output window and output channel that a weight column yields.
    column_output: NDArray[np.uint32]
    #: ``[crossbars + 1]``: where each crossbar's weights are in the three arrays below.
    cell_offset: NDArray[np.uint64]
    #: ``[weights]``: row of the crossbar.
    cell_row: NDArray[np.uint32]
    #: ``[weights]``: weight column; its cells are the ``columns_per_weight`` columns from it times that number on.
    cell_column: NDArray[np.uint32]
    #: ``[weights]``: place in the layer's weights, row-major.
    cell_weight: NDArray[np.uint64]
    #: Shape of the layer's weights, as `Layer.weight_shape`.
    weight_shape: tuple[int, ...]

    def __len__(self) -> int:
        """Return the number of crossbars of a copy, or of packs that take turns in them."""
        return len(self.crossbar_block)

    def weights_of(self, crossbar: int, weights: NDArray[Any]) -> NDArray[Any]:
        """Return what a crossbar holds of a layer's weights, ``[rows, weight columns]``, 0 where it holds none.

        Raises
        ------
        IndexError
            If there is no such crossbar.
        TilewrightError
            If the weights have not the shape `weight_shape`.
        """
        if not 0 <= crossbar < len(self):
            raise IndexError(f"crossbar {crossbar} of {len(self)}")
        if weights.shape != self.weight_shape:
            raise TilewrightError(f"weights have the shape {weights.shape}; the layer's are {self.weight_shape}")
        span = [int(offset) for offset in self.cell_offset[crossbar : crossbar + 2]]
        cells = slice(*span)
        rows, columns = (int(np.diff(o[crossbar : crossbar + 2])[0]) for o in (self.row_offset, self.column_offset))
        held = np.zeros((rows, columns), weights.dtype)
        held[self.cell_row[cells], self.cell_column[cells]] = weights.reshape(-1)[self.cell_weight[cells]]
        return held

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the arrays to an uncompressed NPZ file, by their names here."""
        names = [field.name for field in fields(self) if field.name != "weight_shape"]
        np.savez(path, **{name: getattr(self, name) for name in names})

    def __repr__(self) -> str:
        return f"<Placement: {len(self):,} crossbars a copy, {len(self.cell_weight):,} weights>"


def placement(layer: MappedLayer | Mapping, *, limit: int = 200_000_000) -> Placement:
    """Say what every cell of every crossbar of a layer holds.

    Parameters
    ----------
    layer
        A layer of a mapping, or a mapping of one layer.
    limit
        Greatest number of weights placed in one copy; each takes 16 bytes.

    Examples
    --------
    >>> import numpy as np, tilewright
    >>> layer = tilewright.Network.from_layer(1, 2, input=3, kernel=2)
    >>> placed = tilewright.placement(tilewright.map(layer, scheme="im2col"))
    >>> placed.weights_of(0, np.arange(8).reshape(2, 1, 2, 2))
    array([[0, 4],
           [1, 5],
           [2, 6],
           [3, 7]])
    """
    layer = only_layer(layer)
    arrays = {}
    for name, values in _core.placement(layer.core, layer.place, limit).items():
        array: NDArray[Any] = np.frombuffer(values, np.uint64 if name in WIDE else np.uint32)
        arrays[name] = array.reshape(-1, WIDTHS[name]) if name in WIDTHS else array
    return Placement(**arrays, weight_shape=layer.shape.weight_shape)
