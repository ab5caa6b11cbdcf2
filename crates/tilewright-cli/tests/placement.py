"""Computes every layer of an exported placement from its cell levels, and compares with a plain convolution.

Written from docs/placement.md alone; needs numpy. Usage: placement.py FOLDER...
"""

import json
import sys
from pathlib import Path

import numpy as np


def slices(encoding):
    bits = encoding["weight_bits"] - (encoding["sign"] == "differential")
    return -(-bits // encoding["cell_bits"])


def levels_of(weight, encoding):
    """The levels of one weight's columns."""
    sign, cell = encoding["sign"], encoding["cell_bits"]
    count, mask = slices(encoding), (1 << encoding["cell_bits"]) - 1
    if sign == "differential":
        return [(max(part, 0) >> (cell * i)) & mask for i in range(count) for part in (weight, -weight)]
    if sign == "offset":
        return [((weight + (1 << (encoding["weight_bits"] - 1))) >> (cell * i)) & mask for i in range(count)]
    return [(weight >> (cell * i)) & mask for i in range(count - 1)] + [weight >> (cell * (count - 1))]


def decode(currents, driven, encoding):
    """The sums `[weight columns]` that the currents `[weight columns, columns of a weight]` stand for."""
    place = 1 << (encoding["cell_bits"] * np.arange(slices(encoding), dtype=np.int64))
    if encoding["sign"] == "differential":
        return (currents[:, 0::2] - currents[:, 1::2]) @ place
    sums = currents @ place
    return sums - (driven << (encoding["weight_bits"] - 1)) if encoding["sign"] == "offset" else sums


def program(document, layer, arrays, crossbar, weights):
    """The levels `[rows, columns]` of the used cells of a crossbar."""
    encoding, cells = document["encoding"], document["columns_per_weight"]
    rows = np.diff(arrays["row_offset"])[crossbar]
    columns = np.diff(arrays["column_offset"])[crossbar]
    levels = np.tile(np.array(levels_of(0, encoding), dtype=np.int64), (int(rows), int(columns)))
    first, last = arrays["cell_offset"][crossbar : crossbar + 2]
    for at in range(int(first), int(last)):
        start = int(arrays["cell_column"][at]) * cells
        levels[arrays["cell_row"][at], start : start + cells] = levels_of(int(weights[arrays["cell_weight"][at]]), encoding)
    if document["offset_column"]:
        levels = np.hstack([levels, np.ones((int(rows), 1), dtype=np.int64)])
    assert levels.shape[0] <= document["crossbar"]["rows"] and levels.shape[1] <= document["crossbar"]["columns"]
    return levels


def execute(document, layer, arrays, weights, image):
    shape, cells = layer["shape"], document["columns_per_weight"]
    padding = shape["padding"]
    padded = np.pad(image, ((0, 0), (padding["top"], padding["bottom"]), (padding["left"], padding["right"])))
    output = np.zeros([shape["out_channels"], *layer["output"]], dtype=np.int64)
    starts = [axis["start"] for axis in layer["windows"]]
    owned = [axis["owned_from"] for axis in layer["windows"]]
    packed = layer["tiling"]["packing"]["windows"]
    for crossbar in range(layer["crossbars"]):
        levels = program(document, layer, arrays, crossbar, weights)
        rows = arrays["row_input"][slice(*arrays["row_offset"][crossbar : crossbar + 2])].astype(int)
        columns = arrays["column_output"][slice(*arrays["column_offset"][crossbar : crossbar + 2])].astype(int)
        for load in range(layer["loads"]):
            position = {}
            for slot in range(packed):
                index = load * packed + slot
                if index < len(starts[0]) * len(starts[1]):
                    position[slot] = divmod(index, len(starts[1]))
            drive = np.zeros(len(rows), dtype=np.int64)
            for row, (slot, y, x, channel) in enumerate(rows):
                if slot in position:
                    down, across = position[slot]
                    y += starts[0][down] * shape["stride"][0]
                    x += starts[1][across] * shape["stride"][1]
                    drive[row] = padded[channel, y, x]
            currents = drive @ levels
            sums = decode(currents[: len(columns) * cells].reshape(-1, cells), currents[-1], document["encoding"])
            for (slot, y, x, channel), total in zip(columns, sums):
                if slot in position:
                    down, across = position[slot]
                    if y >= owned[0][down] and x >= owned[1][across]:
                        output[channel, starts[0][down] + y, starts[1][across] + x] += total
    return output


def check_turns(document, layer, arrays):
    """Packs that take turns in a crossbar lie inside it, and no two of them in one cell."""
    held = set()
    for entry, (block, place) in enumerate(zip(arrays["crossbar_block"], arrays["crossbar_turn"])):
        rows = int(np.diff(arrays["row_offset"])[entry])
        columns = int(np.diff(arrays["column_offset"])[entry])
        turn, top, left = (int(number) for number in place)
        assert turn < layer["tiling"]["turns"]
        assert top + rows <= document["crossbar"]["rows"]
        used = (left + columns) * document["columns_per_weight"] + document["offset_column"]
        assert used <= document["crossbar"]["columns"]
        cells = {(*block, row, column) for row in range(top, top + rows) for column in range(left, left + columns)}
        assert held.isdisjoint(cells)
        held |= cells


def convolve(shape, size, weights, image):
    padding = shape["padding"]
    padded = np.pad(image, ((0, 0), (padding["top"], padding["bottom"]), (padding["left"], padding["right"])))
    inputs, outputs = (shape[key] // shape["groups"] for key in ("in_channels", "out_channels"))
    kernel = weights.reshape(shape["out_channels"], inputs, *shape["kernel"])
    output = np.zeros([shape["out_channels"], *size], dtype=np.int64)
    for channel in range(shape["out_channels"]):
        first = channel // outputs * inputs
        for ky in range(shape["kernel"][0]):
            for kx in range(shape["kernel"][1]):
                top, left = ky * shape["dilation"][0], kx * shape["dilation"][1]
                patch = padded[first : first + inputs, top :: shape["stride"][0], left :: shape["stride"][1]]
                patch = patch[:, : size[0], : size[1]]
                output[channel] += np.tensordot(kernel[channel, :, ky, kx], patch, axes=1)
    return output


def check(folder):
    """Checks one placement and returns its number of layers."""
    document = json.loads((folder / "placement.json").read_text())
    assert document["schema"] == 1
    archive = np.load(folder / "placement.npz")
    generator = np.random.default_rng(1)
    limit = (1 << (document["encoding"]["weight_bits"] - 1)) - 1
    for layer in document["layers"]:
        shape, prefix = layer["shape"], layer["arrays"] + "/"
        arrays = {name[len(prefix) :]: archive[name] for name in archive.files if name.startswith(prefix)}
        check_turns(document, layer, arrays)
        inputs = shape["in_channels"] // shape["groups"]
        weights = generator.integers(-limit, limit + 1, shape["out_channels"] * inputs * int(np.prod(shape["kernel"])))
        image = generator.integers(-127, 128, [shape["in_channels"], *shape["input"]])
        output = execute(document, layer, arrays, weights, image)
        expected = convolve(shape, layer["output"], weights, image)
        if not np.array_equal(output, expected):
            differing = np.count_nonzero(output != expected)
            sys.exit(f"{folder}: {layer['name']}: {differing} of {output.size} outputs differ")
    return len(document["layers"])


if __name__ == "__main__":
    print("layers equal:", sum(check(Path(folder)) for folder in sys.argv[1:]))
