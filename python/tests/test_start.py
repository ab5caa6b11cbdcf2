"""Networks of the trained zoo and of files as start and teacher: batch norms put back, and what is refused."""

import dataclasses
import re

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tqdm")
pytest.importorskip("onnx")
import synthetic  # noqa: E402, it needs PyTorch

import tilewright  # noqa: E402
from tilewright import Network, TilewrightError, plan_front  # noqa: E402
from tilewright.train import NetworkModule, Recipe, card, quantize, recognition_rate, train  # noqa: E402
from tilewright.train.norms import with_norms  # noqa: E402
from tilewright.train.sensitivity import sensitivity  # noqa: E402
from tilewright.train.start import starting_module  # noqa: E402
from tilewright.train.trained import finished_module, recipe_of  # noqa: E402

LAST = "stage3.block1.conv2"


def trained(kernels="3d", seed=0):
    """ResNet-8 with statistics, scales and shifts as training leaves them: all different."""
    module = NetworkModule(Network.zoo("resnet8").with_kernels(kernels), seed)
    random = torch.Generator().manual_seed(seed + 1)
    for layer in module.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.running_mean.normal_(0, 0.3, generator=random)
            layer.running_var.uniform_(0.2, 3, generator=random)
            torch.nn.init.uniform_(layer.weight, 0.2, 1.5, generator=random)
            torch.nn.init.normal_(layer.bias, 0, 0.3, generator=random)
    return module.eval()


def stored(folder, kernels="3d", seed=0):
    path = folder / f"{kernels[:8]}-{seed}.onnx"
    trained(kernels, seed).network().save_onnx(path)
    return path


def some_images(count=96):
    return synthetic.images(count, (3, 32, 32))


def batch(images):
    return images.normalized(images.pixels)


@pytest.mark.parametrize("kernels", ["3d", "ratio=0.5", "2d1d", "2d1d+norm", f"{LAST}+norm-relu"])
def test_a_file_goes_on_with_batch_norms_and_computes_the_same(tmp_path, kernels):
    """Compared with the core's executor of the file."""
    path, images = stored(tmp_path, kernels), some_images()
    module = starting_module(Recipe("resnet8", kernels=kernels, start=str(path)), images).eval()
    assert [node["op"] for node in module.nodes] == [node["op"] for node in trained(kernels).nodes]
    inputs = batch(some_images(4))
    with torch.no_grad():
        np.testing.assert_allclose(module(inputs), Network.from_onnx(path).run(inputs.numpy()), rtol=1e-4, atol=1e-4)
        # The statistics are those of the images, so they are also what these yield in training.
        seen = batch(images)
        torch.testing.assert_close(module.train()(seen), module.eval()(seen), rtol=1e-3, atol=1e-3)


def test_weights_before_batch_norms_are_as_long_as_random_ones(tmp_path):
    module = starting_module(Recipe("resnet8", start=str(stored(tmp_path))), some_images())
    random = NetworkModule(Network.zoo("resnet8"))
    for node in module.nodes:
        # Nothing follows the projections of the shortcuts.
        if "Conv" in node["op"] and "shortcut" not in node["name"]:
            found, usual = (one.layer(node["name"]).weight.flatten(1).norm(dim=1) for one in (module, random))
            torch.testing.assert_close(found, found[:1].expand_as(found))
            torch.testing.assert_close(found.square().mean(), usual.square().mean(), rtol=0.2, atol=0)


def test_channels_without_weights_stay_without_them(tmp_path):
    source = trained()
    with torch.no_grad():
        source.layer("conv1").weight[3] = 0
    module = with_norms(source.network().folded(), Network.zoo("resnet8"), batch(some_images()))
    assert not module.layer("conv1").weight[3].any()
    inputs = batch(some_images(4))
    with torch.no_grad():
        torch.testing.assert_close(module.eval()(inputs), source(inputs), rtol=1e-3, atol=1e-3)


def test_batch_norms_that_were_not_folded_do_what_they_did(tmp_path):
    """One that follows no layer, and one after a layer that something else uses too."""

    class Two(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = torch.nn.BatchNorm2d(3), torch.nn.BatchNorm2d(4)
            self.layer = torch.nn.Conv2d(3, 4, 3)

        def forward(self, image):
            value = self.layer(self.first(torch.relu(image)))
            return self.second(value) + value

    torch.manual_seed(0)
    model = Two()
    for norm in (model.first, model.second):
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
    torch.onnx.export(model.eval(), (torch.zeros(1, 3, 32, 32),), tmp_path / "two.onnx", dynamo=False)
    network = Network.from_onnx(tmp_path / "two.onnx")
    images = batch(some_images())
    module = with_norms(network.folded(), network, images).eval()
    with torch.no_grad():
        torch.testing.assert_close(module(images), model(images), rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(module.train()(images), model(images), rtol=1e-3, atol=1e-3)


def test_new_batch_norms_between_converted_kernels_change_nothing_at_first(tmp_path):
    path, images = stored(tmp_path), some_images()
    inputs = batch(some_images(4))
    plain, normed = (
        starting_module(Recipe("resnet8", kernels=kernels, start=str(path)), images).eval()
        for kernels in ("2d1d*2", "2d1d*2+norm")
    )
    assert len(list(normed.modules())) > len(list(plain.modules()))
    with torch.no_grad():
        torch.testing.assert_close(normed(inputs), plain(inputs), rtol=1e-3, atol=1e-3)


def test_the_rest_of_a_plan_is_converted_whatever_the_start_has_already(tmp_path):
    path, images = stored(tmp_path, "ratio=0.5"), some_images()
    half = "conv1,stage1.block1.conv1,stage1.block1.conv2,stage2.block1.conv1"
    for kernels in ("ratio=0.5", "2d1d", "ratio=0.75", f"{half},{LAST}*3"):
        module = starting_module(Recipe("resnet8", kernels=kernels, start=str(path)), images)
        assert module.network().layers == Network.zoo("resnet8").with_kernels(kernels).layers
    for kernels in ("3d", "ratio=0.5*2"):
        with pytest.raises(
            TilewrightError, match=rf"has the layer 'conv1\.2d' of .*, but resnet8 .* {re.escape(kernels)} "
        ):
            starting_module(Recipe("resnet8", kernels=kernels, start=str(path)), images)


def test_the_trained_zoo_starts_and_teaches_by_name(tmp_path):
    images = some_images(64), some_images(32)
    recipe = Recipe("resnet8", kernels="2d1d", start="resnet8-3d", teacher="resnet8-3d", epochs=1, batch=16)
    result = train(recipe, tmp_path / "run", images=images, show=False)
    assert result.module.network().layers == Network.zoo("resnet8").with_kernels("2d1d").layers
    inputs = batch(images[1])
    with torch.no_grad():
        expected = Network.zoo("resnet8-3d").run(inputs[:2].numpy())
        np.testing.assert_allclose(finished_module("resnet8-3d").eval()(inputs[:2]), expected, rtol=1e-4, atol=1e-4)
    assert "--start resnet8-3d --teacher resnet8-3d" in card.command(recipe)
    of_run = dataclasses.replace(recipe, start="elsewhere/whole-seed0", teacher="a/file.onnx")
    assert "--start runs/whole-seed{seed} --teacher a/file.onnx" in card.command(of_run)


def test_a_card_tells_what_the_network_it_replaces_was_trained_by():
    recipe = Recipe("resnet8", start="resnet8-3d", teacher="resnet8-2d1d", seed=3)
    before = card._before("resnet8-3d", recipe)
    assert before[-1]["command"].startswith("python -m tilewright.train resnet8 --epochs")
    recorded = card.command(card._from_before(recipe, "resnet8-3d", before))
    assert f"--start runs/{before[-1]['name']}-seed{{seed}} --teacher resnet8-2d1d" in recorded
    assert card._before("another", recipe) == []


def test_training_goes_on_from_a_file_where_it_was(tmp_path):
    """An epoch of small steps leaves a network that has learned its images as good as it was."""
    images = synthetic.splits((3, 32, 32), 256, 64)
    settings = {"epochs": 6, "batch": 32, "learning_rate": 0.1, "pad": 0, "flip": False}
    first = train(Recipe("resnet8", **settings), tmp_path / "first", images=images, show=False)
    assert first.test_rate > 70
    recipe = Recipe(
        "resnet8", **{**settings, "epochs": 1, "learning_rate": 0.05}, start=str(first.folder / "model.onnx")
    )
    assert train(recipe, tmp_path / "on", images=images, show=False).test_rate > first.test_rate - 10


def test_the_losses_of_a_trained_network_by_rank_make_a_plan(monkeypatch):
    images = some_images(160)
    monkeypatch.setattr("tilewright.train.data.Images.load", staticmethod(lambda *_: images))
    found = sensitivity("resnet8-3d", ranks=10, steps=0, held_out=32, show=False)
    # As many ranks as a 3x3 kernel has taps, the last of which computes the same.
    assert {len(losses) for losses in found.losses.values()} == {9}
    assert all(abs(losses[8]) < 1e-3 for losses in found.losses.values())
    assert any(losses[0] > 0.01 for losses in found.losses.values())
    front = plan_front("resnet8", found.losses, scheme="sub-image")
    assert max(max(planned.ranks, default=0) for planned in front) > 1
    planned = front[len(front) // 2]
    network = Network.zoo("resnet8").with_kernels(planned.kernels)
    assert tilewright.map(network, scheme="sub-image").total.crossbars == planned.crossbars
    with pytest.raises(TilewrightError, match="ranks is 0; give 1 or more"):
        sensitivity("resnet8-3d", ranks=0)


def test_a_trained_network_is_measured_and_quantised_by_name(monkeypatch):
    images = some_images(64)
    monkeypatch.setattr("tilewright.train.data.Images.load", staticmethod(lambda *_: images))
    found = quantize.quantize_run("resnet8-3d", bits=4, images=64)
    assert found.float_rate == recognition_rate(finished_module("resnet8-3d"), images)
    assert recipe_of("resnet8-ratio50").kernels == "ratio=0.5"


def test_starts_that_cannot_be_meant_are_refused(tmp_path):
    images = some_images()

    def start(network, trained, **settings):
        return starting_module(Recipe(network, start=str(trained), **settings), images)

    with pytest.raises(
        TilewrightError, match="resnet8-3d is no resnet20, nor that with other kernels; give the network"
    ):
        start("resnet20", "resnet8-3d")
    with pytest.raises(TilewrightError, match=r"resnet8-3d-int8 has quantised, .* start from the network before"):
        start("resnet8", "resnet8-3d-int8")
    with pytest.raises(
        TilewrightError, match="resnet8 has no checkpoint of a training run; give the folder of one, the"
    ):
        start("resnet8", "resnet8")
    with pytest.raises(TilewrightError, match=r"missing\.onnx"):
        start("resnet8", tmp_path / "missing.onnx")
