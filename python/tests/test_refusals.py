"""What cannot be meant is refused, and what was left out is said: nothing is silently something else."""

from pathlib import Path

import numpy as np
import pytest

import tilewright
from tilewright import TilewrightError

IMAGES = np.random.default_rng(0).integers(0, 256, (8, 1, 28, 28), np.uint8)
LABELS = np.arange(8)
#: A convolution, and a product of feature maps, which is on no crossbar.
PARTLY = Path(__file__).parents[2] / "crates/tilewright-cli/tests/fixtures/cost_product.onnx"


@pytest.mark.parametrize("model", ["lenet5", tilewright.Network.zoo("lenet5")])
def test_a_network_that_says_its_shape_takes_no_other(model):
    with pytest.raises(TilewrightError, match=r"input_shape is \(3, 32, 32\); lenet5 takes images of \(1, 28, 28\)"):
        tilewright.map(model, input_shape=(3, 32, 32))
    assert tilewright.map(model, input_shape=(1, 28, 28)).total == tilewright.map(model).total


def test_run_takes_no_bytes():
    network = tilewright.Network.zoo("lenet5-fashion")
    with pytest.raises(TilewrightError, match="images are uint8; give them in floating point, normalised"):
        network.run(IMAGES)
    assert network.run((IMAGES / 255 - 0.286) / 0.353).shape == (8, 10)


def test_a_rank_a_layer():
    layers = [layer.name for layer in tilewright.Network.zoo("resnet8").layers]
    network = tilewright.Network.zoo("resnet8").with_kernels({layers[1]: 2})
    same = tilewright.Network.zoo("resnet8").with_kernels(f"{layers[1]}*2")
    assert [layer.weight_shape for layer in network.layers] == [layer.weight_shape for layer in same.layers]
    assert tilewright.map("resnet8", kernels={layers[1]: 2}).total == tilewright.map(same).total
    for rank in (0, True, 1.5, "2"):
        with pytest.raises(TilewrightError, match="give the 2D kernels per input channel"):
            tilewright.map("resnet8", kernels={layers[1]: rank})


def test_weights_of_takes_the_layers_weights_only():
    mapping = tilewright.map(tilewright.Network.from_layer(2, 2, input=3, kernel=2), scheme="im2col")
    placed = tilewright.placement(mapping)
    assert placed.weights_of(0, np.arange(16).reshape(2, 2, 2, 2)).shape == (8, 2)
    for shape in ((16,), (4, 4), (3, 2, 2, 2)):
        with pytest.raises(TilewrightError, match=r"the layer's are \(2, 2, 2, 2\)"):
            placed.weights_of(0, np.zeros(shape))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"calibration": 10_000}, "calibration is 10000, and training has 8 images"),
        ({"layer_images": 9}, "layer_images is 9, and images has 8 images"),
        ({"drift_compensation": "crossbar"}, "drift_compensation changes nothing here"),
        ({"adc_range": 99.9}, "adc_range changes nothing here: currents are read exactly; give adc_bits"),
        ({"adc_scope": 8}, "adc_scope changes nothing here: currents are read exactly; give adc_bits"),
        ({"adc_bits": 6, "adc_columns": 4}, "adc_columns changes nothing here: all converters are alike"),
        ({"max_pulses": 5}, "max_pulses changes nothing here: cells are programmed once; give verify_within"),
    ],
)
def test_simulate_refuses_what_nothing_heeds(options, message):
    with pytest.raises(TilewrightError, match=message):
        tilewright.simulate("lenet5-fashion-int8", IMAGES, LABELS, training=IMAGES, **options)


def test_cells_are_not_read_beyond_what_was_measured_of_them(tmp_path):
    device = tmp_path / "measured.toml"
    device.write_text(
        '[device]\nname = "generic"\nmodel = "generic"\nsource = "test"\n'
        "[generic]\non = 1e-4\non_off_ratio = 100.0\ncurve = [[0.05, 1e-6], [0.1, 3e-6]]\n",
        encoding="utf-8",
    )
    with pytest.raises(TilewrightError, match=r"read voltage: found 0\.2; give at most 0\.1 V"):
        tilewright.simulate("lenet5-fashion-int8", IMAGES, LABELS, training=IMAGES, device=device)


def test_a_scheme_that_does_not_fit_stays_in_the_comparison():
    compared = tilewright.compare("lenet5", crossbar=16, schemes=["im2col", "vw-sdk", "sub-image"])
    assert compared.does_not_fit
    frame = compared.to_pandas()
    assert list(frame.index) == list(compared)
    for scheme, reason in compared.does_not_fit.items():
        assert frame.loc[scheme, "does_not_fit"] == reason
    documents = {document["scheme"]: document for document in compared.to_dict()}
    assert {name for name, found in documents.items() if "does_not_fit" in found} == set(compared.does_not_fit)


def test_what_is_on_no_crossbar_is_warned_of():
    with pytest.warns(UserWarning, match=r"20.0 % of the multiply-accumulates .* are on crossbars"):
        mapping = tilewright.map(PARTLY)
    assert mapping.coverage.share == 512 / 2560
    assert mapping.coverage.off_crossbars[0].macs == 2048
    assert "Note: 20.0 %" in str(mapping)
    with pytest.warns(UserWarning, match="are on crossbars"):
        cost = tilewright.cost(PARTLY)
    assert cost.coverage == mapping.coverage
    assert "operations an image on crossbars of 5,120" in str(cost)


def test_a_branch_that_was_traced_away_is_warned_of():
    torch = pytest.importorskip("torch")

    class Branching(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.small, self.large = torch.nn.Conv2d(1, 2, 3), torch.nn.Conv2d(1, 4, 3)

        def forward(self, x):
            return self.large(x) if x.sum() > 0 else self.small(x)

    with pytest.warns(torch.jit.TracerWarning, match="Branching was exported as it ran on one image"):
        tilewright.Network.from_torch(Branching(), (1, 8, 8))
