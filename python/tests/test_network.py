"""Networks from the zoo, from ONNX and from PyTorch."""

from pathlib import Path

import numpy as np
import pytest

import tilewright
from tilewright import _torch

FIXTURES = Path(__file__).parents[2] / "crates/tilewright-onnx/tests/fixtures"


def test_every_network_of_the_zoo_is_there():
    for entry in tilewright.zoo():
        network = tilewright.Network.zoo(entry.name)
        assert network.input_shape == entry.input
        assert network.layers
        assert all(layer.weights > 0 for layer in network.layers)


def test_networks_with_stages_take_a_width():
    assert {entry.name: entry.stages for entry in tilewright.zoo()}["resnet20"] == 3
    wide = tilewright.Network.zoo("resnet20:width=1,1.5,2")
    assert (wide.name, wide.layers[18].out_channels) == ("resnet20:width=1,1.5,2", 128)
    assert tilewright.map("resnet20:width=0.5", scheme="sub-image").layers[0].shape.out_channels == 8
    with pytest.raises(tilewright.TilewrightError, match="has no stages"):
        tilewright.Network.zoo("lenet5:width=2")


def test_layers_say_their_shape():
    conv1 = tilewright.Network.zoo("resnet18").layers[0]
    assert (conv1.kernel, conv1.stride, conv1.padding, conv1.output) == ((7, 7), (2, 2), (3, 3, 3, 3), (112, 112))
    assert (conv1.weight_shape, conv1.macs) == ((64, 3, 7, 7), 118_013_952)
    assert str(conv1) == "3×224×224→64 7×7/2"
    odd = tilewright.Network.from_layer(4, 8, (9, 8), (3, 1), stride=(2, 1), padding=(1, 2), dilation=2, groups=2)
    assert str(odd.layers[0]) == "4×9×8→8 3×1/2×1 d2 g2"
    assert odd.layers[0].padding == (1, 2, 1, 2)


def test_a_layer_that_makes_no_sense_is_refused():
    with pytest.raises(tilewright.TilewrightError, match="spanning 15 pixels"):
        tilewright.Network.from_layer(6, 16, input=14, kernel=15)
    with pytest.raises(tilewright.TilewrightError, match="in 4 groups"):
        tilewright.Network.from_layer(6, 16, input=14, kernel=5, groups=4)


def test_kernel_plans():
    network = tilewright.Network.zoo("resnet20")
    assert len(network.replaceable_layers) == 19
    assert len(network.with_kernels("2d1d").layers) == 39
    assert len(network.with_kernels(network.replaceable_layers[:2]).layers) == 22
    assert network.with_kernels("2d1d+norm-relu").layers == network.with_kernels("2d1d").layers
    summary = tilewright.map(network, kernels="conv1+norm-relu").to_dict()
    assert {"name": "conv1.2d.batch_norm.relu", "operation": "relu"} in summary["digital"]
    with pytest.raises(tilewright.TilewrightError, match="give nothing, norm or norm-relu"):
        network.with_kernels("2d1d+relu")
    with pytest.raises(tilewright.TilewrightError, match="nobody said what each saves"):
        network.with_kernels("ratio=0.5:most-saved")


@pytest.mark.parametrize("fixture", ["plain-dynamo20", "plain-torchscript17", "quantized-per-channel"])
def test_onnx_files_are_taken_wherever_a_network_is(fixture):
    path = FIXTURES / fixture / "model.onnx"
    network = tilewright.Network.from_onnx(path)
    assert network.name == "model"
    assert network.layers[0].in_channels == 3
    for model in (path, str(path), network):
        assert tilewright.map(model).network.layers == network.layers
    assert tilewright.verify(path, schemes=["im2col", "optimal"]).equal


def test_a_damaged_file_says_so(tmp_path):
    path = tmp_path / "broken.onnx"
    path.write_bytes(b"nothing of use")
    with pytest.raises(tilewright.TilewrightError, match=r"broken.onnx: is not an ONNX model"):
        tilewright.map(path)


def test_a_module_is_exported_and_left_as_it_was():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1, bias=False),
        torch.nn.BatchNorm2d(8),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(8 * 6 * 6, 10),
    )
    module[1].eval()
    network = tilewright.Network.from_torch(module, (3, 6, 6))
    assert [layer.weight_shape for layer in network.layers] == [(8, 3, 3, 3), (10, 288, 1, 1)]
    assert network.name == "Sequential"
    assert [layer.name for layer in network.layers] == ["0", "4"]
    assert module.training
    assert not module[1].training
    assert tilewright.map(module, input_shape=(3, 6, 6)).network.layers == network.layers
    assert tilewright.verify(module, input_shape=(3, 6, 6), schemes="im2col").equal
    with pytest.raises(tilewright.TilewrightError, match="give input_shape"):
        tilewright.map(module)
    with pytest.raises(tilewright.TilewrightError, match=r"cannot be exported to ONNX for an input of \(4, 6, 6\)"):
        tilewright.map(module, input_shape=(4, 6, 6))
    for shape in [(), (0, 6, 6), (3, 6.0, 6)]:
        with pytest.raises(tilewright.TilewrightError, match="give the lengths of the axes of one input"):
            tilewright.Network.from_torch(module, shape)


def test_modules_take_inputs_of_any_rank_and_print_nothing(capfd):
    torch = pytest.importorskip("torch")
    vector = torch.nn.Sequential(torch.nn.Linear(784, 20), torch.nn.ReLU(), torch.nn.Linear(20, 10))
    series = torch.nn.Sequential(torch.nn.Conv1d(2, 4, 3), torch.nn.Flatten(), torch.nn.Linear(4 * 14, 3))
    for module, shape, weights in [(vector, (784,), [15_680, 200]), (series, (2, 16), [24, 168])]:
        network = tilewright.Network.from_torch(module, shape)
        assert network.input_shape == shape
        assert [layer.weights for layer in network.layers] == weights
    assert capfd.readouterr() == ("", "")


def test_a_module_of_ours_knows_its_shape():
    pytest.importorskip("torch")
    from tilewright.train.module import NetworkModule

    module = NetworkModule(tilewright.Network.zoo("lenet5"))
    counts = [tilewright.map(network, scheme="im2col").total.crossbars for network in (module, "lenet5")]
    assert counts[0] == counts[1]
    assert tilewright.Network.from_torch(module).input_shape == module.input_shape


def test_torchvision_agrees_with_the_zoo():
    models = pytest.importorskip("torchvision.models")
    ours, theirs = tilewright.map("resnet18"), tilewright.map(models.resnet18(), input_shape=(3, 224, 224))

    # The order of a shortcut and the branch beside it is the exporter's.
    def sizes(mapping):
        return sorted((layer.shape.weight_shape, layer.shape.output) for layer in mapping)

    assert sizes(theirs) == sizes(ours)
    assert theirs.total == ours.total
    assert theirs["layer4.0.downsample.0"].kind == "1d"
    kernels = tilewright.map(models.resnet18(), input_shape=(3, 224, 224), kernels=["layer1.0.conv1"])
    assert kernels["layer1.0.conv1.2d"].kind == "2d"


def attentive():
    torch = pytest.importorskip("torch")

    class Attentive(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 2, stride=2), torch.nn.BatchNorm2d(8))
            self.layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            self.reduction = torch.nn.Linear(8, 4, bias=False)
            self.head = torch.nn.Linear(4, 3)

        def forward(self, x):
            x = self.layer(self.stem(x).flatten(2).transpose(1, 2))
            return self.head(self.reduction(x).mean(1))

    torch.manual_seed(0)
    return Attentive().eval()


@pytest.mark.parametrize("dynamo", [False, True])
@pytest.mark.filterwarnings("ignore")
def test_layers_have_the_names_of_modules_and_weights_by_either_exporter(tmp_path, dynamo):
    torch = pytest.importorskip("torch")
    if dynamo:
        pytest.importorskip("onnxscript")
    with _torch._plain_attention():
        path = tmp_path / "model.onnx"
        torch.onnx.export(attentive(), (torch.zeros(1, 3, 8, 8),), str(path), dynamo=dynamo, verbose=False)
    names = [layer.name for layer in tilewright.Network.from_onnx(path).layers]
    assert names == [
        "stem.0",
        "layer.self_attn.in_proj",
        "layer.self_attn.out_proj",
        "layer.linear1",
        "layer.linear2",
        "reduction",
        "head",
    ]


def pair():
    torch = pytest.importorskip("torch")

    class Pair(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.look = torch.nn.Conv2d(2, 4, 3)
            self.judge = torch.nn.Linear(4 * 4 * 4 + 5, 3)

        def forward(self, image, other, features):
            seen = (self.look(image) - self.look(other)).abs().flatten(1)
            return self.judge(torch.cat([seen, features], 1))

    torch.manual_seed(0)
    return Pair().eval()


def test_a_module_of_several_inputs_takes_them_as_one_vector(capfd):
    torch = pytest.importorskip("torch")
    shapes = [(2, 6, 6), (2, 6, 6), (5,)]
    network = tilewright.Network.from_torch(pair(), shapes)
    assert network.input_shape == (2 * 72 + 5,)
    assert [layer.name for layer in network.layers] == ["look", "look.2", "judge"]
    inputs = [torch.randn(4, *shape) for shape in shapes]
    expected = pair()(*inputs).detach().numpy()
    found = tilewright.predict(network, tuple(values.numpy() for values in inputs))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    same = tilewright.Network.from_torch(pair(), example=[values[:1] for values in inputs])
    assert repr(same) == repr(network)
    assert tilewright.map(pair(), input_shape=shapes, scheme="im2col")["look"].crossbars == 1
    assert tilewright.verify(network, schemes=["im2col"]).equal
    assert capfd.readouterr() == ("", "")


def test_what_no_exporter_knows_is_one_error(capfd):
    torch = pytest.importorskip("torch")

    class Values(torch.nn.Module):
        def forward(self, x):
            return torch.linalg.svdvals(x)

    with pytest.raises(tilewright.TilewrightError, match=r"Values cannot be exported to ONNX for an input of \(3, 3\)"):
        tilewright.Network.from_torch(Values(), (3, 3))
    assert capfd.readouterr().out == ""


def test_what_inputs_are_not():
    torch = pytest.importorskip("torch")
    module = pair()
    for shapes in [[(2, 6, 6), 5], [(2, 6, 6), ()], [], [(2, 6, 0)]]:
        with pytest.raises(tilewright.TilewrightError, match="one such shape for each of several inputs"):
            tilewright.map(module, input_shape=shapes)
    with pytest.raises(tilewright.TilewrightError, match="not both"):
        tilewright.Network.from_torch(module, (2, 6, 6), example=torch.zeros(1, 2, 6, 6))
    for example in [torch.zeros(2, 2, 6, 6), [torch.zeros(1, 5), "image"], []]:
        with pytest.raises(tilewright.TilewrightError, match="example"):
            tilewright.Network.from_torch(module, example=example)
    with pytest.raises(tilewright.TilewrightError, match="several shapes are for"):
        tilewright.map("lenet5", input_shape=[(1, 28, 28), (3,)])
    network = tilewright.Network.from_torch(module, [(2, 6, 6), (2, 6, 6), (5,)])
    with pytest.raises(tilewright.TilewrightError, match="as many images in each"):
        tilewright.predict(network, (np.zeros((2, 144), np.float32), np.zeros((1, 5), np.float32)))


def test_fused_attention_is_exported_step_by_step(capfd):
    torch = pytest.importorskip("torch")

    class Attends(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
            self.head = torch.nn.Linear(8, 3)

        def forward(self, image):
            return self.head(self.layer(image.flatten(2).transpose(1, 2)).mean(1))

    fused = torch.backends.mha.get_fastpath_enabled()
    module = Attends()
    with pytest.warns(torch.jit.TracerWarning, match="exported as it ran on one image"):
        network = tilewright.Network.from_torch(module, (8, 2, 2))
    assert torch.backends.mha.get_fastpath_enabled() == fused
    assert {"layer.linear1", "layer.linear2", "head"} <= {layer.name for layer in network.layers}
    assert capfd.readouterr() == ("", "")
