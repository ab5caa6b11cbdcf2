"""Quantised modules: what they round, that they learn, and that the core and ONNX Runtime round alike."""

import json
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch.nn.utils import parametrize  # noqa: E402

from tilewright import Network, TilewrightError, _core  # noqa: E402
from tilewright.train import NetworkModule, quantized  # noqa: E402
from tilewright.train.quantization import best_steps  # noqa: E402
from tilewright.train.quantizer import ActivationQuantizer, WeightQuantizer  # noqa: E402


@pytest.fixture
def module():
    """A trained module, as far as its batch norms have seen images."""
    module = NetworkModule(Network.zoo("resnet8").with_kernels("ratio=0.5"))
    with torch.no_grad():
        module.train()(images(16, module))
    return module.eval()


def images(count, module, seed=0):
    return torch.randn(count, *module.input_shape, generator=torch.Generator().manual_seed(seed))


def parameters_of(network):
    return {place: np.frombuffer(values, np.float32) for place, values in _core.parameters(network._core).items()}


def assert_equal_parameters(first, second):
    first, second = parameters_of(first), parameters_of(second)
    assert first.keys() == second.keys()
    # As numbers: a weight rounded to −0 comes back as 0.
    assert all((first[place] == second[place]).all() for place in first)


def test_weights_are_whole_multiples_of_a_step_per_output_channel(module):
    network = quantized(module, images(8, module), weight_bits=3, activation_bits=None).network()
    parameters = parameters_of(network)
    folded = parameters_of(module.network().folded())
    for layer in network.layers:
        weights = parameters[layer.name, "weights"].reshape(layer.out_channels, -1)
        steps = parameters[layer.name, "levels"][:, None]
        levels = np.rint(weights / steps)
        np.testing.assert_array_equal(weights, levels * steps)
        assert np.abs(levels).max() <= 3
        original = folded[layer.name, "weights"].reshape(weights.shape)
        inside = np.abs(original) <= 3.5 * steps
        assert (np.abs(original - weights) <= 0.5001 * steps)[inside].all()


def test_every_layer_takes_rounded_inputs_and_nothing_else_does(module):
    network = quantized(module, images(8, module), None, 5).network()
    nodes = json.loads(_core.graph(network._core))["nodes"]

    def settings(index):
        return nodes[index]["op"].get("FakeQuantize") if isinstance(nodes[index]["op"], dict) else None

    is_layer = [isinstance(node["op"], dict) and node["op"].keys() & {"Conv", "Dense"} for node in nodes]
    for node, layer in zip(nodes, is_layer, strict=True):
        assert all(bool(settings(source)) == bool(layer) for source in node["inputs"])
    ranges = {}
    for index in range(len(nodes)):
        if found := settings(index):
            source = nodes[nodes[index]["inputs"][0]]
            kind = source["op"] if isinstance(source["op"], str) else next(iter(source["op"]))
            ranges[kind, source["op"] == {"Activation": "Relu"}] = found["range"]
    # The image keeps 8 bits; after a ReLU, and the mean of what a ReLU yields, there is no sign.
    assert ranges == {
        ("Input", False): [-128, 127],
        ("Activation", True): [0, 31],
        ("Mean", False): [0, 31],
        ("Conv", False): [-16, 15],
    }


@pytest.mark.parametrize(("weight_bits", "activation_bits"), [(8, 8), (4, 4), (2, None), (None, 2)])
def test_the_core_and_onnx_runtime_yield_what_the_module_yields(module, weight_bits, activation_bits, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    result = quantized(module, images(8, module), weight_bits, activation_bits)
    batch = images(4, module, seed=1)
    with torch.no_grad():
        expected = result(batch).numpy()
    network = result.network()
    path = tmp_path / "model.onnx"
    network.save_onnx(path)
    options = onnxruntime.SessionOptions()
    # Optimised, it rounds biases too.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    back = Network.from_onnx(path)
    assert json.loads(_core.graph(back._core))["nodes"] == json.loads(_core.graph(network._core))["nodes"]
    assert_equal_parameters(back, network)
    scale = np.abs(expected).max()
    for found in (session.run(None, {"input": batch.numpy()})[0], network.run(batch.numpy())):
        difference = np.abs(found - expected) / scale
        # Sums that differ in their last bit may round to neighbouring levels; a level of 8 bits is 4e-3 of the range.
        assert np.median(difference) < 1e-3
        assert difference.max() < 0.05
    again = NetworkModule(back).network()
    assert_equal_parameters(again, network)


def test_more_bits_come_closer(module):
    batch = images(32, module, seed=2)
    with torch.no_grad():
        expected = module(batch)
        errors = [(quantized(module, batch, bits, bits)(batch) - expected).norm().item() for bits in (2, 3, 4, 6, 8)]
    assert all(more < less for less, more in pairwise(errors))
    assert errors[-1] < 0.03 * expected.norm().item()


@pytest.mark.parametrize("limits", [(-7, 7), (-1, 1), (0, 15)])
def test_the_least_squared_error_is_that_of_a_fine_search(limits):
    least, greatest = limits
    rows = torch.randn(3, 4000, generator=torch.Generator().manual_seed(0)) * torch.tensor([[1.0], [10.0], [0.01]])
    rows = rows.relu() if least == 0 else rows

    def error(row, step):
        return ((row / step).round().clamp(least, greatest) * step - row).square().mean().item()

    steps = best_steps(rows, least, greatest, "mse")
    for row, step in zip(rows, steps, strict=True):
        finest = min(error(row, float(candidate)) for candidate in torch.linspace(0.01, 4, 2000) * row.std())
        assert error(row, step) <= 1.02 * finest
    greatest_step = best_steps(rows, least, greatest, "max")
    assert torch.allclose(greatest_step * greatest, rows.abs().amax(1))
    assert (best_steps(rows, least, greatest, "percentile") < greatest_step).all()
    assert best_steps(torch.zeros(1, 5), least, greatest, "mse").item() > 0


def test_the_gradients_are_those_of_lsq():
    """By formula (3) and (5) of Esser et al. 2020, and section 2.2 for the damping, in plain numbers."""
    step, least, greatest = 0.5, -2, 1
    values = torch.tensor([[-2.0, -0.7, 0.1, 0.6, 3.0]], requires_grad=True)
    quantizer = ActivationQuantizer({"scale": step, "zero_point": 0, "range": [least, greatest]})
    result = quantizer(values)
    assert result.tolist() == [[-1.0, -0.5, 0.0, 0.5, 0.5]]
    weights = torch.tensor([[1.0, 2.0, 3.0, 4.0, 5.0]])
    (result * weights).sum().backward()
    # Past the range −0.7 / 0.5 = −1.4 and 0.1 / 0.5 = 0.2 are inside, 0.6 / 0.5 = 1.2 is not.
    assert values.grad.tolist() == [[0.0, 2.0, 3.0, 0.0, 0.0]]
    slopes = 1 * -2 + 2 * (-1 + 1.4) + 3 * (0 - 0.2) + 4 * 1 + 5 * 1
    assert quantizer.learned.grad.item() == pytest.approx(slopes / (5 * 2) ** 0.5, rel=1e-5)


def test_steps_and_weights_learn(module):
    result = quantized(module, images(32, module), 2, 2).train()
    batch = images(32, module)
    with torch.no_grad():
        target = module(batch)
    optimizer = torch.optim.SGD(result.parameters(), 0.02, 0.9)
    before = {name: value.detach().clone() for name, value in result.named_parameters()}
    losses = []
    for _ in range(12):
        loss = (result(batch) - target).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    quantizers = [
        name for name, part in result.named_modules() if isinstance(part, ActivationQuantizer | WeightQuantizer)
    ]
    assert len(quantizers) > len(result.mapped_layers())
    for name in quantizers:
        assert not torch.equal(before[f"{name}.learned"], result.get_parameter(f"{name}.learned"))


def test_a_quantised_module_is_not_quantised_again(module):
    batch = images(4, module)
    for once in (quantized(module, batch, 4, None), quantized(module, batch, None, 4)):
        with pytest.raises(TilewrightError, match="quantised already"):
            quantized(once, batch)
    with pytest.raises(TilewrightError, match="weight_bits is 1; give 2 to 8"):
        quantized(module, batch, 1)
    for wrong in (batch[:0], batch[:, :, 1:], batch[0]):
        with pytest.raises(TilewrightError, match=r"takes images of \(3, 32, 32\)"):
            quantized(module, wrong)
    with pytest.raises(TilewrightError, match="give mse or percentile or max"):
        quantized(module, batch, method="kl")


def test_a_module_can_be_shaped_as_a_state(module):
    result = quantized(module, images(8, module), 4, 4)
    again = NetworkModule.shaped_as(result.graph, result.state_dict())
    again.load_state_dict(result.state_dict())
    batch = images(2, module)
    with torch.no_grad():
        assert torch.equal(result(batch), again.eval()(batch))
    originals = [parametrize.is_parametrized(layer, "weight") for layer in again.mapped_layers()]
    assert all(originals)
