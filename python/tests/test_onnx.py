"""Networks written as ONNX: read back, and run by ONNX Runtime."""

import json

import numpy as np
import pytest

import tilewright
from tilewright import Network, TilewrightError, _core

onnx = pytest.importorskip("onnx")

#: Every operation of the core but layers, batch norms and roundings, as ``(operation, inputs, shape)``; input 0 is
#: the image ``[4, 6, 5]``.
PADDING = {"top": 1, "left": 0, "bottom": 0, "right": 1}
WINDOW = {"kernel": [3, 2], "stride": [2, 1], "dilation": [1, 1], "padding": PADDING, "ceil": True}
OPERATIONS = {
    "relu": ({"Activation": "Relu"}, [0], [4, 6, 5]),
    "clip": ({"Activation": {"Clip": {"min": -0.5, "max": 0.75}}}, [0], [4, 6, 5]),
    "leaky": ({"Activation": {"LeakyRelu": {"slope": 0.2}}}, [0], [4, 6, 5]),
    "sigmoid": ({"Activation": "Sigmoid"}, [0], [4, 6, 5]),
    "hard_sigmoid": ({"Activation": {"HardSigmoid": {"slope": 0.3, "offset": 0.4}}}, [0], [4, 6, 5]),
    "hard_swish": ({"Activation": "HardSwish"}, [0], [4, 6, 5]),
    "tanh": ({"Activation": "Tanh"}, [0], [4, 6, 5]),
    "max_pool": ({"Pool": {"kind": "Max", **WINDOW}}, [0], [4, 3, 5]),
    "average": ({"Pool": {"kind": {"Average": {"count_padding": False}}, **WINDOW, "ceil": False}}, [0], [4, 3, 5]),
    "padded_average": (
        {"Pool": {"kind": {"Average": {"count_padding": True}}, **WINDOW, "dilation": [2, 1], "ceil": False}},
        [0],
        [4, 2, 5],
    ),
    "mean": ({"Mean": {"axes": [1, 2], "keep_axes": True}}, [0], [4, 1, 1]),
    "means": ({"Mean": {"axes": [0, 2], "keep_axes": False}}, [0], [6]),
    "concat": ({"Concat": {"axis": 0}}, [0, 0], [8, 6, 5]),
    "reshape": ({"Reshape": {"shape": [8, 15]}}, [0], [8, 15]),
    "transpose": ({"Transpose": {"order": [2, 0, 1]}}, [0], [5, 4, 6]),
    "slice": ({"Slice": {"axis": 1, "start": 1, "end": 6, "step": 2}}, [0], [4, 3, 5]),
    "pad": ({"Pad": {"before": [1, 0, 2], "after": [0, 3, 0], "value": 0.5}}, [0], [5, 9, 7]),
    "softmax": ({"Softmax": {"axis": 0}}, [0], [4, 6, 5]),
    "log_softmax": ({"LogSoftmax": {"axis": 2}}, [0], [4, 6, 5]),
    "standardize": ({"Standardize": {"axes": [0, 2], "epsilon": 1e-3, "mean": True}}, [0], [4, 6, 5]),
    "root_mean_square": ({"Standardize": {"axes": [1], "epsilon": 1e-3, "mean": False}}, [0], [4, 6, 5]),
    "select": ({"Select": {"axis": 1, "indices": [5, 0, 0, 3]}}, [0], [4, 4, 5]),
    "interpolate": (
        {"Interpolate": {"axis": 2, "taps": [[[0, 0.25], [1, 0.75]], [[4, 2.0]], [], [[2, -1.0]] * 3]}},
        [0],
        [4, 6, 4],
    ),
    "greatest": (
        {"TopK": {"axis": 1, "count": 2, "greatest": True, "last": False, "places": False}},
        [0],
        [4, 2, 5],
    ),
    "places": ({"TopK": {"axis": 1, "count": 2, "greatest": False, "last": False, "places": True}}, [0], [4, 2, 5]),
    "arg_max": ({"TopK": {"axis": 0, "count": 1, "greatest": True, "last": True, "places": True}}, [0], [1, 6, 5]),
    "add": ("Add", [0, 0], [4, 6, 5]),
    "sum": ("Add", [0, 0, 0], [4, 6, 5]),
    "mul": ("Mul", [0, 0, 0], [4, 6, 5]),
    "where": ("Where", [0, 0, 0], [4, 6, 5]),
    "dynamic": ("DynamicQuantize", [0], [4, 6, 5]),
}
OPERATIONS |= {
    reduction: (
        {"Reduce": {"reduction": reduction, "axes": [0, 1], "keep_axes": keep}},
        [0],
        [1, 1, 5] if keep else [5],
    )
    for keep, reductions in {
        True: ["Sum", "Product", "Min", "Max", "L1"],
        False: ["L2", "SumOfSquares", "LogSum", "LogSumExp"],
    }.items()
    for reduction in reductions
}

#: Functions of each value, with their settings.
FUNCTIONS = {
    "Elu": {"alpha": 0.5},
    "Selu": {"alpha": 1.5, "gamma": 1.1},
    "Celu": {"alpha": 0.7},
    "Swish": {"slope": 1.7},
    "ThresholdedRelu": {"threshold": 0.3},
    "Shrink": {"bias": 0.1, "threshold": 0.4},
    "IsInfinite": {"positive": True, "negative": False},
    "Bipolar": {"scale": 0.5},
}
PLAIN = (
    "Gelu GeluTanh Mish Softplus Softsign Erf Exp Log Sqrt Reciprocal Abs Neg Floor Ceil Round Sign Sin Cos Tan Asin"
    " Acos Atan Sinh Cosh Asinh Acosh Atanh Truncate ToFloat16 ToBfloat16 IsNan NonZero Not"
)
OPERATIONS |= {
    name: ({"Activation": {name: FUNCTIONS[name]} if name in FUNCTIONS else name}, [0], [4, 6, 5])
    for name in [*FUNCTIONS, *PLAIN.split()]
}


IMAGE = '{"name": "input", "op": "Input", "inputs": [], "shape": [4, 6, 5]}'
CONVOLUTION = {
    "out_channels": 4,
    "kernel": [1, 1],
    "stride": [1, 1],
    "dilation": [1, 1],
    "padding": dict.fromkeys(PADDING, 0),
    "groups": 1,
    "weights": None,
    "bias": None,
}


def chain(*nodes):
    """Return a network of nodes ``(name, operation, inputs, shape)`` after an image that a layer passes on as it is."""
    named = [
        ("input", "Input", [], [4, 6, 5]),
        ("layer", {"Conv": CONVOLUTION}, [0], [4, 6, 5]),
        *((name, op, [index + 1 for index in inputs], shape) for name, op, inputs, shape in nodes),
    ]
    keys = ("name", "op", "inputs", "shape")
    graph = {"name": "chain", "nodes": [dict(zip(keys, node, strict=True)) for node in named]}
    return Network(_core.assembled(json.dumps(graph), {("layer", "weights"): np.eye(4, dtype=np.float32).tobytes()}))


def rounding(least, greatest, zero_point=0, scale=0.05):
    return {"FakeQuantize": {"scale": scale, "zero_point": zero_point, "range": [least, greatest]}}


def runtime(path, images):
    """Return what ONNX Runtime yields, unoptimised: its optimiser rounds biases too."""
    onnxruntime = pytest.importorskip("onnxruntime")
    onnx.checker.check_model(path, full_check=True)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return session.run(None, {"input": images})[0]


@pytest.fixture
def images():
    return np.random.default_rng(1).standard_normal((3, 4, 6, 5), np.float32)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_does_in_onnx_runtime_what_it_does_in_the_core(name, images, tmp_path):
    network = chain((name, *OPERATIONS[name]))
    network.save_onnx(tmp_path / "chain.onnx")
    expected = network.run(images)
    # The levels of a batch are those of its only image.
    batches = np.split(images, len(images)) if name == "dynamic" else [images]
    found = np.concatenate([runtime(tmp_path / "chain.onnx", batch) for batch in batches])
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
    back = Network.from_onnx(tmp_path / "chain.onnx")
    np.testing.assert_allclose(back.run(images), expected, rtol=1e-6, atol=1e-7)
    nodes = {node["name"]: node["shape"] for node in json.loads(_core.graph(back._core))["nodes"]}
    # Of these, the first ONNX node has another result than the last.
    if name not in ("places", "ToFloat16", "ToBfloat16"):
        assert nodes[name] == list(expected.shape[1:])


@pytest.mark.parametrize(
    "pair",
    [
        "Div",
        "Pow",
        "Min",
        "Max",
        "PRelu",
        "Fmod",
        "Less",
        "LessOrEqual",
        "Greater",
        "GreaterOrEqual",
        "Equal",
        "And",
        "Or",
        "Xor",
    ],
)
def test_functions_of_two_values_do_in_onnx_runtime_what_they_do_in_the_core(pair, images, tmp_path):
    path = tmp_path / "chain.onnx"
    values = [0.5 if pair in ("Div", "Fmod") else 0, 2, -1, 3, -3]
    second = {"Constant": {"shape": [5], "values": values}}
    network = chain(("second", second, [], [5]), ("pair", {"Pairwise": pair}, [0, 1], [4, 6, 5]))
    network.save_onnx(path)
    expected = network.run(images)
    np.testing.assert_allclose(runtime(path, images), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(Network.from_onnx(path).run(images), expected, rtol=1e-6)


def test_products_of_feature_maps_and_joined_constants_are_written_for_any_number_of_images(images, tmp_path):
    path = tmp_path / "chain.onnx"
    constant = ("constant", {"Constant": {"shape": [1, 6, 5], "values": list(range(30))}}, [], [1, 6, 5])
    joined = ("joined", {"Concat": {"axis": 0}}, [0, 1], [5, 6, 5])
    turned = ("turned", {"Transpose": {"order": [0, 2, 1]}}, [2], [5, 5, 6])
    network = chain(constant, joined, turned, ("product", "MatMul", [2, 3], [5, 6, 6]))
    network.save_onnx(path)
    expected = network.run(images)
    np.testing.assert_allclose(runtime(path, images), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(Network.from_onnx(path).run(images), expected)


def test_shapes_of_fewer_axes_broadcast_as_without_the_batch(images, tmp_path):
    rows = ("rows", {"Mean": {"axes": [0, 1], "keep_axes": False}}, [0], [5])
    constant = ("constant", {"Constant": {"shape": [6, 1], "values": [0, 1, 2, 3, 4, 5]}}, [], [6, 1])
    network = chain(rows, constant, ("sum", "Add", [0, 1, 2], [4, 6, 5]))
    network.save_onnx(tmp_path / "chain.onnx")
    expected = images + images.mean((1, 2))[:, None, None, :] + np.arange(6.0)[:, None]
    np.testing.assert_allclose(runtime(tmp_path / "chain.onnx", images), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(Network.from_onnx(tmp_path / "chain.onnx").run(images), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bits", range(2, 9))
@pytest.mark.parametrize("signed", [False, True])
def test_roundings_of_2_to_8_bits_come_back_as_they_were(bits, signed, images, tmp_path):
    least, greatest = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    network = chain(("rounded", rounding(least, greatest, zero_point=1), [0], [4, 6, 5]))
    path = tmp_path / "chain.onnx"
    network.save_onnx(path)
    step = np.float32(0.05)
    expected = (np.clip(np.rint(images / step) + 1, least, greatest) - 1) * step
    np.testing.assert_array_equal(network.run(images), expected)
    np.testing.assert_array_equal(runtime(path, images), expected)
    back = json.loads(_core.graph(Network.from_onnx(path)._core))
    assert back["nodes"] == json.loads(_core.graph(network._core))["nodes"]
    assert ("Clip" in [node.op_type for node in onnx.load(path).graph.node]) == (bits < 8)


def test_roundings_of_16_bits_use_the_types_of_operator_set_21(images, tmp_path):
    network = chain(("rounded", rounding(-32768, 32767, scale=1e-4), [0], [4, 6, 5]))
    network.save_onnx(tmp_path / "chain.onnx")
    np.testing.assert_array_equal(runtime(tmp_path / "chain.onnx", images), network.run(images))
    with pytest.raises(TilewrightError, match=r"\"rounded\".* rounds to -512 to 511; 8 bits or fewer, or 16"):
        chain(("rounded", rounding(-512, 511), [0], [4, 6, 5])).save_onnx(tmp_path / "other.onnx")


def test_what_cannot_be_written_is_refused_and_leaves_no_file(tmp_path):
    path = tmp_path / "model.onnx"
    unknown = chain(("top", {"Opaque": {"operator": "TopK", "shape": [4]}}, [0], [4]))
    for network, problem in [
        (Network.zoo("resnet8"), '"conv1" has no weights'),
        (unknown, r'"top" \(TopK\) is known by name only'),
        (chain(("rest", {"Pairwise": "Mod"}, [0, 0], [4, 6, 5])), "ONNX has it for integers"),
        (Network(_core.assembled(f'{{"name": "image", "nodes": [{IMAGE}]}}', {})), "computes nothing"),
    ]:
        with pytest.raises(TilewrightError, match=problem):
            network.save_onnx(path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(TilewrightError, match="takes images of"):
        chain().run(np.zeros((1, 3, 6, 5)))


#: Of the zoo, those without weights yet whose images are small enough to run every operation plainly.
SMALL = [
    entry.name for entry in tilewright.zoo() if entry.rate is None and entry.input[1] <= 32 and "vgg" not in entry.name
]


@pytest.mark.parametrize("kernels", ["3d", "2d1d"])
@pytest.mark.parametrize("name", SMALL)
def test_networks_of_the_zoo_do_in_onnx_runtime_what_their_modules_do(name, kernels, tmp_path):
    torch = pytest.importorskip("torch")
    from tilewright.train import NetworkModule

    module = NetworkModule(Network.zoo(name).with_kernels(kernels))
    images = torch.randn(8, *module.input_shape, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        # Batch norms take statistics that differ from channel to channel.
        module.train()(images)
        expected = module.eval()(images[:2]).numpy()
    path = tmp_path / f"{name}.onnx"
    for fold in (True, False):
        module.network().save_onnx(path, fold=fold)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(runtime(path, images[:2].numpy()), expected, rtol=1e-4, atol=1e-5 * scale)
        assert Network.from_onnx(path).layers == module.network().layers
        has_norms = "BatchNormalization" in [node.op_type for node in onnx.load(path).graph.node]
        # A DenseNet's norms come before its convolutions, which folding leaves.
        assert not fold or has_norms == name.startswith("densenet")
