"""The PyTorch module of a network against the core: the same layers, the same numbers."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

import tilewright
from tilewright import Network, TilewrightError, _core

torch = pytest.importorskip("torch")
from tilewright.train import NetworkModule  # noqa: E402, it needs PyTorch

FIXTURES = Path(__file__).parents[2] / "crates/tilewright-onnx/tests/fixtures"

ZOO = [entry.name for entry in tilewright.zoo() if entry.rate is None]
#: In floating point: sums that differ in their last bit may round to neighbouring levels of the others.
TRAINED = [entry.name for entry in tilewright.zoo() if entry.rate is not None and not entry.name.endswith("-int8")]
PLANS = ["3d", "2d1d", "2d1d+norm-relu", "ratio=0.5", "ratio=0.5:last", "a layer by name"]

#: Multiply-accumulates from which on the core's naive executor takes long: ResNet-18, 34 and 50 and VGG at 224×224.
MANY_MACS = 1e9


def is_slow(name):
    return sum(layer.macs for layer in Network.zoo(name).layers) > MANY_MACS


def planned(name, plan):
    network = Network.zoo(name)
    return network.with_kernels(network.replaceable_layers[-1:] if plan == "a layer by name" else plan)


def randomize(module, seed=0):
    """Weights that keep values of about 1, and batch norms that have seen data."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
                layer.weight.normal_(0, math.sqrt(1.5 / layer.weight[0].numel()), generator=random)
                if layer.bias is not None:
                    layer.bias.normal_(0, 0.2, generator=random)
            elif isinstance(layer, torch.nn.BatchNorm1d | torch.nn.BatchNorm2d):
                layer.running_mean.normal_(0, 0.3, generator=random)
                layer.running_var.uniform_(0.4, 1.6, generator=random)
                layer.weight.uniform_(0.6, 1.4, generator=random)
                layer.bias.normal_(0, 0.2, generator=random)
    return module


def image_of(network, seed=1):
    return np.random.default_rng(seed).standard_normal(network.input_shape).astype(np.float32)


def core_outputs(network, image):
    """What each node yields in the core, by name."""
    nodes = json.loads(_core.graph(network._core))["nodes"]
    outputs = _core.run(network._core, image.tobytes())
    return {
        node["name"]: np.frombuffer(output, np.float32).reshape(node["shape"])
        for node, output in zip(nodes, outputs, strict=True)
    }


def torch_outputs(module, image):
    """What each trainable layer yields in PyTorch, by name; the result under ``None``."""
    found = {}
    for key, layer in module.layers.items():
        layer.register_forward_hook(
            lambda _, __, output, name=key: found.__setitem__(name.replace("/", "."), output[0].numpy())
        )
    with torch.no_grad():
        found[None] = module.eval()(torch.from_numpy(image)[None])[0].numpy()
    return found


def assert_same_numbers(module):
    network = module.network()
    image = image_of(network)
    theirs, ours = core_outputs(network, image), torch_outputs(module, image)
    names = {name.replace("/", "."): name for name in theirs}
    ours[list(names)[-1]] = ours.pop(None)
    for name, output in ours.items():
        expected = theirs[names[name]]
        scale = np.abs(expected).max()
        assert scale > 1e-3, f"{name} says nothing"
        assert output.shape == expected.shape
        assert np.abs(output - expected).max() <= 1e-4 * scale, name


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        pytest.param(name, plan, marks=[pytest.mark.slow] * (is_slow(name) and plan not in {"3d", "2d1d"}))
        for name in ZOO
        for plan in PLANS
    ],
)
def test_the_layers_are_those_of_the_network(name, plan):
    network = planned(name, plan)
    module = NetworkModule(network)
    assert module.network().layers == network.layers
    measured = []

    def measure(layer, inputs, output):
        shape = [*layer.weight.shape, 1, 1][:4]
        is_conv = isinstance(layer, torch.nn.Conv2d)
        measured.append(
            (
                inputs[0].shape[1],
                tuple([*inputs[0].shape[2:], 1, 1][:2]),
                tuple([*output.shape[2:], 1, 1][:2]),
                layer.stride if is_conv else (1, 1),
                layer.dilation if is_conv else (1, 1),
                layer.groups if is_conv else 1,
                tuple(shape),
                layer.weight.numel() * math.prod(output.shape[2:]),
            )
        )

    for layer in module.modules():
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            layer.register_forward_hook(measure)
    # Two images in training mode: a batch must not mix images' axes with its own.
    with torch.no_grad():
        output = module(torch.zeros(2, *network.input_shape))
    assert tuple(output.shape) == (2, *module.output_shape)
    assert measured == [
        (
            layer.in_channels,
            layer.input,
            layer.output,
            layer.stride,
            layer.dilation,
            layer.groups,
            layer.weight_shape,
            layer.macs,
        )
        for layer in network.layers
    ]


@pytest.mark.parametrize("plan", ["3d", "2d1d"])
@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * is_slow(name)) for name in ZOO])
def test_the_numbers_are_those_of_the_core(name, plan):
    assert_same_numbers(randomize(NetworkModule(planned(name, plan))))


@pytest.mark.parametrize("plan", ["2d1d+norm-relu", "ratio=0.5", "ratio=0.5:last", "a layer by name"])
@pytest.mark.parametrize("name", ["lenet5", "resnet8", "resnet20", "densenet40"])
def test_the_numbers_are_those_of_the_core_under_other_plans(name, plan):
    assert_same_numbers(randomize(NetworkModule(planned(name, plan))))


@pytest.mark.parametrize("name", [*TRAINED, "resnet8:width=1.5"])
def test_networks_that_come_with_weights_or_widths(name):
    module = NetworkModule(Network.zoo(name))
    assert_same_numbers(module if name in TRAINED else randomize(module))


def test_merged_batch_norms_change_nothing():
    network = randomize(NetworkModule(planned("resnet20", "ratio=0.5"))).network()
    image = image_of(network)
    merged = NetworkModule(network.folded())
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in merged.modules())
    with torch.no_grad():
        output = merged(torch.from_numpy(image)[None])[0].numpy()
    expected = list(core_outputs(network, image).values())[-1]
    np.testing.assert_allclose(output, expected, atol=1e-4 * np.abs(expected).max())


#: Without layers, and with a pool that PyTorch does not have.
OTHERS = {"arithmetic", "layout", "windows"}
#: Without layers that are mapped, or with an open length.
UNMAPPED = {"functions", "grouped-since-21", "normalizations", "old-softmax", "pairs", "reductions", "resizes", "swish"}
UNMAPPED |= {
    "upsample",
    "case-dynamic-hw",
    "indexing",
    "old-scatter",
    "volumes",
    "rankings",
    "bits",
    "half-precision",
    "attentions",
}
#: With an operation that is executed and not trained.
UNTRAINED = {"case-small-dyn-si", "offset-weights", "qonnx"}
RECORDED = sorted({path.parent.name for path in FIXTURES.glob("*/values.bin")} - OTHERS - UNMAPPED - UNTRAINED)


@pytest.mark.parametrize("fixture", sorted(UNTRAINED))
def test_what_cannot_be_trained_is_refused_by_name(fixture):
    network = Network.from_onnx(FIXTURES / fixture / "model.onnx")
    with pytest.raises(TilewrightError, match=r"node '.+' is .+, which cannot be trained; replace it in the model"):
        NetworkModule(network)


@pytest.mark.parametrize("fixture", RECORDED)
def test_models_from_elsewhere_give_the_same_numbers(fixture):
    network = Network.from_onnx(FIXTURES / fixture / "model.onnx")
    module = NetworkModule(network)
    assert_same_numbers(module)
    again = NetworkModule(module.network())
    image = torch.from_numpy(image_of(network))[None]
    with torch.no_grad():
        np.testing.assert_allclose(again.eval()(image), module.eval()(image), rtol=1e-4, atol=1e-5)


def chain(shape, *steps):
    """A network of nodes ``(operation, inputs)``; what each yields is inferred by the core."""
    nodes = [{"name": "input", "op": "Input", "inputs": [], "shape": list(shape)}]
    for index, (op, inputs, out) in enumerate(steps, 1):
        nodes.append({"name": f"node{index}", "op": op, "inputs": inputs, "shape": list(out)})
    return Network(_core.assembled(json.dumps({"name": "chain", "nodes": nodes}), {}))


def settings_of(pool):
    sides = dict(zip(("top", "left", "bottom", "right"), pool.get("padding", (0, 0, 0, 0)), strict=True))
    return {"Pool": {"stride": [1, 1], "dilation": [1, 1], "ceil": False, **pool, "padding": sides}}


def assert_same_result(network, batch=3):
    module = NetworkModule(network).eval()
    images = np.random.default_rng(0).standard_normal((batch, *network.input_shape)).astype(np.float32)
    with torch.no_grad():
        outputs = module(torch.from_numpy(images)).numpy()
    for image, output in zip(images, outputs, strict=True):
        expected = list(core_outputs(network, image).values())[-1]
        assert output.shape == expected.shape
        np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)


FUNCTIONS = {
    "Elu": {"alpha": 0.5},
    "Selu": {"alpha": 1.5, "gamma": 1.1},
    "Celu": {"alpha": 0.7},
    "Swish": {"slope": 1.7},
    "ThresholdedRelu": {"threshold": 0.3},
}
PLAIN = ["Gelu", "GeluTanh", "Mish", "Softplus", "Softsign", "Erf", "Exp", "Reciprocal", "Abs", "Neg", "Sin", "Cos"]


@pytest.mark.parametrize("function", [*FUNCTIONS, *PLAIN])
def test_functions_of_values_are_those_of_the_core(function):
    settings = {function: FUNCTIONS[function]} if function in FUNCTIONS else function
    assert_same_result(chain((2, 3, 4), ({"Activation": settings}, [0], (2, 3, 4))))


@pytest.mark.parametrize("reduction", ["Sum", "Min", "Max", "L1", "L2", "SumOfSquares", "LogSumExp"])
def test_reductions_are_those_of_the_core(reduction):
    settings = {"reduction": reduction, "axes": [0, 2], "keep_axes": False}
    assert_same_result(chain((2, 3, 4), ({"Reduce": settings}, [0], (3,))))


def test_shapes_of_fewer_axes_broadcast_as_in_the_core():
    mean = ({"Mean": {"axes": [0, 1], "keep_axes": False}}, [0], (4,))
    for join in ("Add", "Mul", {"Pairwise": "Max"}, {"Pairwise": "PRelu"}):
        assert_same_result(chain((2, 3, 4), mean, (join, [0, 1], (2, 3, 4))))


@pytest.mark.parametrize("mean", [True, False])
def test_standardisation_is_that_of_the_core(mean):
    assert_same_result(
        chain((2, 3, 4), ({"Standardize": {"axes": [1, 2], "epsilon": 0.1, "mean": mean}}, [0], (2, 3, 4)))
    )


def test_interpolation_and_selection_are_those_of_the_core():
    taps = [[[0, 0.25], [1, 0.75]], [], [[3, -1.0], [3, 0.5]]]
    interpolate = ({"Interpolate": {"axis": 2, "taps": taps}}, [0], (2, 3, 3))
    select = ({"Select": {"axis": 1, "indices": [2, 0, 0, 1]}}, [1], (2, 4, 3))
    turned = ({"Transpose": {"order": [0, 2, 1]}}, [2], (2, 3, 4))
    assert_same_result(chain((2, 3, 4), interpolate, select, turned, ("MatMul", [3, 2], (2, 3, 3))))


COUNTED, UNCOUNTED = ({"Average": {"count_padding": counts}} for counts in (True, False))


@pytest.mark.parametrize(
    "pool",
    [
        {"kind": "Max", "kernel": [2, 2], "stride": [2, 2]},
        {"kind": "Max", "kernel": [3, 2], "stride": [2, 1], "padding": (1, 1, 1, 1)},
        {"kind": "Max", "kernel": [3, 3], "stride": [2, 2], "padding": (0, 0, 1, 1)},
        {"kind": "Max", "kernel": [3, 3], "padding": (2, 2, 2, 2)},
        {"kind": "Max", "kernel": [3, 2], "stride": [2, 3], "dilation": [2, 1], "ceil": True},
        {"kind": "Max", "kernel": [3, 3], "stride": [2, 2], "padding": (1, 1, 1, 1), "ceil": True},
        {"kind": "Max", "kernel": [2, 2], "stride": [3, 3], "padding": (1, 1, 1, 1), "ceil": True},
        {"kind": COUNTED, "kernel": [2, 3], "stride": [2, 1]},
        {"kind": COUNTED, "kernel": [3, 3], "stride": [2, 2], "padding": (1, 1, 1, 1)},
        {"kind": COUNTED, "kernel": [3, 3], "stride": [2, 2], "padding": (1, 1, 1, 1), "ceil": True},
        {"kind": COUNTED, "kernel": [3, 3], "stride": [2, 2], "padding": (0, 1, 1, 0)},
        {"kind": UNCOUNTED, "kernel": [3, 3], "stride": [2, 2], "padding": (1, 1, 1, 1)},
        {"kind": UNCOUNTED, "kernel": [3, 2], "stride": [2, 2], "padding": (1, 1, 1, 1), "ceil": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("side", [(8, 7), (9, 10)])
def test_pools(pool, side):
    """Every kind of window, on even and odd images."""
    module = _core_shape(pool, side)
    assert_same_result(chain((2, *side), (settings_of(pool), [0], (2, *module))))


def _core_shape(pool, side):
    """Counted window by window."""
    top, left, bottom, right = pool.get("padding", (0, 0, 0, 0))
    shape = []
    for length, before, after, kernel, stride, dilation in zip(
        side,
        (top, left),
        (bottom, right),
        pool["kernel"],
        pool.get("stride", (1, 1)),
        pool.get("dilation", (1, 1)),
        strict=True,
    ):
        starts = range(0, length + before + after, stride)
        extent = (kernel - 1) * dilation + 1
        whole = [start for start in starts if start + extent <= length + before + after]
        partial = [s for s in starts if s not in whole and s < length + before and s - stride in whole]
        shape.append(len(whole) + (len(partial) if pool.get("ceil") else 0))
    return shape


@pytest.mark.parametrize(
    "pool",
    [
        {"kind": "Max", "kernel": [3, 3], "stride": [2, 2], "padding": (0, 0, 1, 1), "ceil": True},
        {"kind": COUNTED, "kernel": [2, 2], "dilation": [2, 2]},
        {"kind": UNCOUNTED, "kernel": [3, 3], "padding": (0, 0, 1, 1)},
    ],
    ids=str,
)
def test_pools_that_pytorch_does_not_have_are_refused(pool):
    network = chain((2, 8, 8), (settings_of(pool), [0], (2, *_core_shape(pool, (8, 8)))))
    with pytest.raises(TilewrightError, match=r"node 'node1' is a.* which cannot be trained; replace it"):
        NetworkModule(network)


SMALL = (3, 4, 5)


@pytest.mark.parametrize(
    ("op", "shape"),
    [
        *(
            ({"Activation": activation}, SMALL)
            for activation in (
                "Relu",
                {"Clip": {"min": -0.5, "max": 0.75}},
                {"LeakyRelu": {"slope": 0.1}},
                "Sigmoid",
                {"HardSigmoid": {"slope": 0.3, "offset": 0.4}},
                "HardSwish",
                "Tanh",
            )
        ),
        ({"Mean": {"axes": [1, 2], "keep_axes": False}}, (3,)),
        ({"Mean": {"axes": [0, 2], "keep_axes": True}}, (1, 4, 1)),
        ({"Reshape": {"shape": [4, 15]}}, (4, 15)),
        ({"Transpose": {"order": [2, 0, 1]}}, (5, 3, 4)),
        ({"Slice": {"axis": 2, "start": 1, "end": 5, "step": 2}}, (3, 4, 2)),
        ({"Slice": {"axis": 0, "start": 1, "end": 2, "step": 1}}, (1, 4, 5)),
        ({"Pad": {"before": [1, 0, 2], "after": [0, 3, 1], "value": -1.5}}, (4, 7, 8)),
        ({"Softmax": {"axis": 0}}, SMALL),
        ({"Softmax": {"axis": 2}}, SMALL),
        ({"FakeQuantize": {"scale": 0.125, "zero_point": 3, "range": [-8, 7]}}, SMALL),
    ],
    ids=str,
)
def test_operations(op, shape):
    assert_same_result(chain(SMALL, (op, [0], shape)))


def test_operations_of_several_inputs():
    constant = {"Constant": {"shape": [3, 1, 5], "values": [i / 7 for i in range(15)]}}
    mean = {"Mean": {"axes": [1, 2], "keep_axes": True}}
    for join in ("Add", "Mul"):
        assert_same_result(chain(SMALL, (constant, [], (3, 1, 5)), (mean, [0], (3, 1, 1)), (join, [0, 1, 2], SMALL)))
    pad = {"Pad": {"before": [0, 0, 0], "after": [0, 3, 0], "value": 0.0}}
    joined = {"Concat": {"axis": 1}}
    assert_same_result(
        chain(SMALL, (constant, [], (3, 1, 5)), (pad, [1], (3, 4, 5)), (joined, [0, 1, 2, 0], (3, 13, 5)))
    )


def test_batch_norms_of_vectors():
    dense = {"Dense": {"out_features": 6, "weights": None, "bias": None}}
    flat = {"Reshape": {"shape": [60]}}
    steps = [(flat, [0], (60,)), (dense, [1], (6,)), ({"BatchNorm": {"parameters": None}}, [2], (6,))]
    module = randomize(NetworkModule(chain(SMALL, *steps, ({"Activation": "Relu"}, [3], (6,)))))
    assert_same_numbers(module)


def test_an_operation_known_by_name_only_is_refused():
    network = Network.from_onnx(FIXTURES / "unknown-operator" / "model.onnx")
    with pytest.raises(TilewrightError, match="which cannot be trained; replace it in the model"):
        NetworkModule(network)


def test_weights_start_the_same_for_the_same_seed_and_spread_as_he_has_it():
    first, again, other = (NetworkModule(Network.zoo("resnet20"), seed).state_dict() for seed in (0, 0, 1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    convolutions = [key for key in first if first[key].ndim == 4]
    assert len(convolutions) == 19
    for key in convolutions:
        weights = first[key]
        assert not torch.equal(weights, other[key])
        outputs = weights.shape[0] * weights[0, 0].numel()
        # Three standard errors of a standard deviation.
        assert abs(weights.std().item() * math.sqrt(outputs / 2) - 1) < 3 / math.sqrt(2 * weights.numel())
