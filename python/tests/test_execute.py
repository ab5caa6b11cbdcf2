"""Execution against a naive convolution in numpy, under every scheme; placements."""

import numpy as np
import pytest
from convolution import convolve

import tilewright

ENCODINGS = ("differential", "offset", "single")


def random_layer(rng):
    groups = int(rng.choice([1, 1, 2, 3]))
    kernel, dilation = rng.integers(1, 4, 2), rng.integers(1, 3, 2)
    image = rng.integers(1, 5, 2) + (kernel - 1) * dilation
    return tilewright.Network.from_layer(
        groups * int(rng.integers(1, 4)),
        groups * int(rng.integers(1, 4)),
        input=tuple(int(x) for x in image),
        kernel=tuple(int(x) for x in kernel),
        stride=tuple(int(x) for x in rng.integers(1, 3, 2)),
        dilation=tuple(int(x) for x in dilation),
        padding=tuple(int(x) for x in rng.integers(0, 3, 4)),
        groups=groups,
    )


def random_values(layer, rng, bits=8):
    limit = 2 ** (bits - 1) - 1
    weights = rng.integers(-limit, limit + 1, layer.weight_shape)
    return weights, rng.integers(-128, 128, layer.input_shape)


@pytest.mark.parametrize("seed", range(25))
def test_every_scheme_equals_the_plain_convolution(seed):
    rng = np.random.default_rng(seed)
    network = random_layer(rng)
    bits = int(rng.integers(2, 9))
    settings = {
        "crossbar": tuple(int(side) for side in rng.integers(4, 80, 2)),
        "encoding": ENCODINGS[seed % 3],
        "weight_bits": bits,
        "cell_bits": int(rng.integers(1, bits + 1)),
    }
    layer = network.layers[0]
    weights, inputs = random_values(layer, rng, bits)
    expected = convolve(layer, weights, inputs)
    for scheme, mapping in tilewright.compare(network, **settings).mappings.items():
        sums = tilewright.execute(mapping, weights, inputs)
        assert sums.dtype == np.int64
        np.testing.assert_array_equal(sums, expected, err_msg=f"{scheme} {layer} {settings}")


def test_every_scheme_runs_on_a_layer_that_fits_all():
    rng = np.random.default_rng(0)
    network = tilewright.Network.from_layer(3, 8, input=9, kernel=3, padding=1)
    weights, inputs = random_values(network.layers[0], rng)
    comparison = tilewright.compare(network)
    assert list(comparison.mappings) == list(tilewright.schemes())
    for mapping in comparison.mappings.values():
        np.testing.assert_array_equal(
            tilewright.execute(mapping, weights, inputs), convolve(network.layers[0], weights, inputs)
        )


def test_dense_layers_take_vectors_and_matrices():
    mapping = tilewright.map("lenet5")
    layer = next(layer for layer in mapping if layer.kind == "dense")
    rng = np.random.default_rng(1)
    weights, inputs = random_values(layer.shape, rng)
    vector = tilewright.execute(layer, weights[..., 0, 0], inputs[:, 0, 0])
    np.testing.assert_array_equal(vector, weights[..., 0, 0] @ inputs[:, 0, 0])
    np.testing.assert_array_equal(tilewright.execute(layer, weights, inputs)[:, 0, 0], vector)


def test_any_integer_array_is_taken_whatever_its_memory():
    network = tilewright.Network.from_layer(2, 2, input=4, kernel=3)
    weights, inputs = random_values(network.layers[0], np.random.default_rng(2))
    mapping = tilewright.map(network)
    expected = tilewright.execute(mapping, weights, inputs)
    backwards = inputs[:, :, ::-1].copy()[:, :, ::-1]
    for same in (inputs.astype(np.int8), np.asfortranarray(inputs), backwards, inputs.astype(">i4"), inputs.tolist()):
        np.testing.assert_array_equal(tilewright.execute(mapping, weights, same), expected)
    expected[0, 0, 0] = 1  # What comes back is the caller's to change.


@pytest.mark.parametrize(
    ("weights", "inputs", "text"),
    [
        (np.zeros((2, 2, 3, 3)), np.zeros((2, 4, 4), int), "weights are float64; give integers"),
        (np.zeros((2, 2, 3), int), np.zeros((2, 4, 4), int), "weights have the shape"),
        (np.zeros((2, 2, 3, 3), int), np.zeros((4, 4), int), "inputs have the shape"),
        (
            np.full((2, 2, 3, 3), 128),
            np.zeros((2, 4, 4), int),
            "weight 128 in integers; .* hold -128 to 127: give 9 weight bits",
        ),
        (np.zeros((2, 2, 3, 3), int), np.full((2, 4, 4), 2**40), "give integers of 32 bits"),
    ],
)
def test_wrong_arrays_are_refused(weights, inputs, text):
    mapping = tilewright.map(tilewright.Network.from_layer(2, 2, input=4, kernel=3))
    with pytest.raises(tilewright.TilewrightError, match=text):
        tilewright.execute(mapping, weights, inputs)


def test_a_mapping_of_several_layers_does_not_say_which():
    with pytest.raises(tilewright.TilewrightError, match=r"has 5 layers; give one, as in mapping\[name\]"):
        tilewright.execute(tilewright.map("lenet5"), [], [])


@pytest.mark.parametrize("scheme", list(tilewright.schemes()))
def test_a_placement_holds_what_the_formulas_count(scheme, tmp_path):
    network = tilewright.Network.from_layer(6, 4, input=7, kernel=3, padding=1, groups=2)
    mapping = tilewright.map(network, scheme=scheme, crossbar=64)
    layer = mapping[0]
    placed = tilewright.placement(mapping)
    assert len(placed) * layer.replication == layer.crossbars
    cells = len(placed.cell_weight) * 2 * layer.replication
    assert cells / (layer.crossbars * 64 * 64) == layer.utilization
    assert set(placed.cell_weight.tolist()) == set(range(layer.shape.weights))
    weights = np.arange(1, layer.shape.weights + 1).reshape(layer.shape.weight_shape)
    held = [placed.weights_of(crossbar, weights) for crossbar in range(len(placed))]
    assert sum(np.count_nonzero(values) for values in held) == len(placed.cell_weight)
    placed.save(tmp_path / "placement.npz")
    stored = np.load(tmp_path / "placement.npz")
    np.testing.assert_array_equal(stored["row_input"], placed.row_input)


def test_a_placement_of_im2col_multiplies():
    network = tilewright.Network.from_layer(3, 5, input=4, kernel=2)
    layer = network.layers[0]
    weights, inputs = random_values(layer, np.random.default_rng(3))
    placed = tilewright.placement(tilewright.map(network, scheme="im2col"))
    _, y, x, channel = placed.row_input.T
    for top, left in np.ndindex(*layer.output):
        sums = inputs[channel, y + top, x + left] @ placed.weights_of(0, weights)
        np.testing.assert_array_equal(sums, convolve(layer, weights, inputs)[:, top, left])


def test_a_placement_that_would_fill_the_memory_is_refused():
    mapping = tilewright.map("lenet5", scheme="unfolded")
    with pytest.raises(tilewright.TilewrightError, match="the limit is 10; raise limit"):
        tilewright.placement(mapping[0], limit=10)
    with pytest.raises(IndexError):
        tilewright.placement(mapping[0]).weights_of(10**6, np.zeros(1))
