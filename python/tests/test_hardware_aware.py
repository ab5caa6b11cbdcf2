"""Runs of quantised, noisy and stuck weights, from a float run to the ONNX file; on random images."""

import dataclasses
import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tqdm")
pytest.importorskip("onnx")

import tilewright  # noqa: E402
from tilewright import Network, TilewrightError  # noqa: E402
from tilewright.train import Images, Recipe, load_module, train, trainer  # noqa: E402
from tilewright.train.noise import MemristorWeights  # noqa: E402
from tilewright.train.quantize import quantize_run  # noqa: E402

#: Small enough for seconds.
FLOAT = Recipe("resnet8", epochs=1, batch=8, learning_rate=0.05, pad=1)


@pytest.fixture(autouse=True)
def random_images(monkeypatch):
    """Stand 64 random images, brighter by their label, in for every data set."""

    def load(name, split, folder=None):
        random = torch.Generator().manual_seed(len(split))
        labels = torch.randint(10, (64,), generator=random)
        pixels = torch.randint(100, (64, 32, 32, 3), generator=random) + 15 * labels[:, None, None, None]
        return Images(pixels.to(torch.uint8), labels, 10, torch.full((3,), 0.5), torch.full((3,), 0.25))

    monkeypatch.setattr(Images, "load", staticmethod(load))


@pytest.fixture
def float_run(tmp_path):
    return train(FLOAT, tmp_path / "float", show=False).folder


def aware(float_run, **settings):
    return dataclasses.replace(FLOAT, start=str(float_run), learning_rate=0.01, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"weight_bits": 4, "activation_bits": 4},
        {"weight_bits": 8, "average": 0.9},
        {"weight_noise": 0.02, "stuck": 0.01, "average": 0.9},
        {"weight_noise": 0.1, "noise_power": 0.5, "weight_clip": 2.0, "kernels": "2d1d"},
        {"weight_bits": 3, "activation_bits": 5, "weight_noise": 0.02, "stuck": 0.01, "kernels": "ratio=0.5"},
        {"weight_bits": 8, "activation_bits": 8, "design": "analog-22nm", "settings": "stuck=0.02", "average": 0.9},
    ],
)
def test_what_a_run_returns_loads_and_writes_is_one_network(settings, float_run, tmp_path):
    result = train(aware(float_run, **settings), tmp_path / "aware", show=False)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = result.module.eval()(images)
        # Of the same memory format, which decides the order of sums.
        loaded = load_module(result.folder).to(memory_format=torch.channels_last).eval()
        assert torch.equal(loaded(images), expected)
    written = Network.from_onnx(result.folder / "model.onnx")
    difference = np.abs(written.run(images.numpy()) - expected.numpy()).max()
    assert difference < 0.02 * expected.abs().max().item()
    assert written.layers == result.module.network().layers
    with torch.no_grad():
        assert not torch.equal(load_module(float_run).eval()(images), expected)


@pytest.mark.parametrize(
    "settings",
    [
        {"weight_bits": 4, "activation_bits": 4, "weight_noise": 0.05, "stuck": 0.02},
        {"weight_noise": 0.05, "weight_clip": 2.0},
        {
            "weight_bits": 4,
            "activation_bits": 4,
            "design": "analog-22nm",
            "settings": "programming_error=0.1",
            "chip_steps": 3,
        },
    ],
)
def test_an_interrupted_run_ends_as_if_it_had_not_been(settings, float_run, tmp_path, monkeypatch):
    recipe = dataclasses.replace(aware(float_run, **settings), epochs=3)
    whole = train(recipe, tmp_path / "whole", show=False)

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(trainer.log, "write", interrupt)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                train(recipe, tmp_path / "resumed", show=False)
    resumed = train(recipe, tmp_path / "resumed", show=False)
    assert [epoch.loss for epoch in resumed.epochs] == [epoch.loss for epoch in whole.epochs]
    theirs = resumed.module.state_dict()
    assert all(torch.equal(value, theirs[name]) for name, value in whole.module.state_dict().items())


def test_every_step_has_its_own_noise(float_run, tmp_path, monkeypatch):
    drawn = []
    draw = MemristorWeights.draw

    def spy(part, random):
        draw(part, random)
        drawn.append(part._drawn.sum().item())

    monkeypatch.setattr(MemristorWeights, "draw", spy)
    recipe = dataclasses.replace(aware(float_run, weight_noise=0.05), epochs=2)
    train(recipe, tmp_path / "noisy", show=False)
    layers = len(Network.zoo("resnet8").layers)
    assert len(drawn) == len(set(drawn)) == 2 * 8 * layers


def test_batch_norms_stay_under_noise_and_have_the_statistics_without(float_run, tmp_path):
    result = train(aware(float_run, weight_noise=0.3), tmp_path / "noisy", show=False)
    module = result.module.eval()
    norms = [part for part in module.modules() if isinstance(part, torch.nn.BatchNorm2d)]
    assert len(norms) == sum("Norm" in str(node["op"]) for node in module.nodes)
    seen = []
    hook = norms[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].mean((0, 2, 3))))
    images = Images.load("cifar10", "train")
    with torch.no_grad():
        module(images.normalized(images.pixels).to(memory_format=torch.channels_last))
    hook.remove()
    torch.testing.assert_close(norms[0].running_mean, seen[0], rtol=1e-4, atol=1e-5)


def test_weights_end_clipped(float_run, tmp_path):
    result = train(aware(float_run, weight_noise=0.05, weight_clip=2.0), tmp_path / "clipped", show=False)
    for layer in result.module.eval().mapped_layers():
        rows = layer.weight.detach().flatten(1)
        # Clipping makes the root mean square itself smaller, by up to a tenth here.
        assert (rows.abs().amax(1) < 2.0 * 1.15 * rows.square().mean(1).sqrt()).all()


def on_chips(float_run, settings, **others):
    return aware(float_run, weight_bits=8, activation_bits=8, design="analog-22nm", settings=settings, **others)


def test_steps_see_the_weights_of_chips(float_run, tmp_path):
    run = trainer.Run(on_chips(float_run, "programming-error=0.05"), tmp_path / "chips")
    layer = run.module.mapped_layers()[0]
    programmed = run.module.eval().mapped_layers()[0].weight.detach().clone()
    run.module.train()
    first = layer.weight.detach().clone()
    assert 0.01 < ((first - programmed).std() / programmed.abs().amax()).item() < 0.2
    run.chips.program(1)
    assert not torch.equal(layer.weight, first)
    run.chips.program(0)
    assert torch.equal(layer.weight, first)
    # What is wrong with a weight does not keep it from learning.
    layer.weight.sum().backward()
    assert (layer.parametrizations["weight"].original.grad == 1).float().mean() > 0.9


def test_ideal_chips_change_nothing(float_run, tmp_path):
    run = trainer.Run(on_chips(float_run, None), tmp_path / "ideal")
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(run.module.train()(images), run.module.eval()(images))


def test_one_chip_is_trained_for_by_its_seed(float_run, tmp_path):
    runs = [trainer.Run(on_chips(float_run, "stuck=0.1", chip_seed=7), tmp_path / str(k)) for k in range(2)]
    runs[1].chips.program(5)
    errors = [[held.error for _, held in run.chips._layers.values()] for run in runs]
    assert all(torch.equal(one, other) for one, other in zip(*errors, strict=True))
    assert any(error.abs().max() > 1 for error in errors[0])


def test_a_run_goes_on_with_its_own_design_only(float_run, tmp_path, monkeypatch):
    file = tmp_path / "mine.toml"
    tilewright.Design("analog-22nm", programming_error=0.1).save(file)
    recipe = dataclasses.replace(on_chips(float_run, None), design=str(file), epochs=2)
    result = train(recipe, tmp_path / "mine", show=False)
    assert "programming_error = 0.1" in json.loads((result.folder / "result.json").read_text())["design"]
    tilewright.Design("analog-22nm", programming_error=0.2).save(file)
    with pytest.raises(TilewrightError, match="another design of the same name"):
        train(recipe, tmp_path / "mine", show=False)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"settings": "stuck=0.1"}, "give a design too"),
        ({"chip_seed": 1}, "give a design too"),
        ({"noise_power": 0.5}, "noise_power is 0.5; give weight_noise too"),
        ({"weight_clip": 0.5}, "weight_clip is 0.5; give 0, or 1 or more"),
        ({"design": "analog-22nm"}, "weight_bits is None; give the bits of the design analog-22nm"),
        ({"design": "analog-22nm", "weight_bits": 8, "activation_bits": 8, "stuck": 0.1}, "in the design's settings"),
        ({"design": "analog-22nm", "weight_bits": 8, "activation_bits": 8, "chip_steps": 0}, "chip_steps is 0"),
    ],
)
def test_recipes_that_contradict_a_design_are_refused(settings, message, float_run):
    with pytest.raises(TilewrightError, match=message):
        aware(float_run, **settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("stuck", "settings have 'stuck'; give NAME=VALUE"),
        ("stock=0.1", "stuck"),
        ("stuck=3", "stuck"),
        ("schedule=pipelined", "does not heed schedule"),
        ("spare-lines=true,order=by-faults,wire=1,stuck=0.1", "spare lines"),
    ],
)
def test_designs_that_cannot_be_trained_for_are_refused_before_the_work(settings, message, float_run, tmp_path):
    with pytest.raises(TilewrightError, match=message):
        train(on_chips(float_run, settings), tmp_path / "none", show=False)
    assert not (tmp_path / "none").exists()


def test_a_float_run_is_quantised_after_training(float_run):
    found = quantize_run(float_run, bits=8, images=64)
    assert abs(found.rate - found.float_rate) <= 5
    assert found.test_images == 64
    with pytest.raises(TilewrightError, match="images is 65; give 1 to 64"):
        quantize_run(float_run, images=65)


def test_what_cannot_be_meant_is_refused(float_run, tmp_path):
    for settings in ({"weight_bits": 4}, {"activation_bits": 4}, {"weight_noise": 0.1}, {"stuck": 0.1}):
        with pytest.raises(TilewrightError, match="give that run as start"):
            Recipe("resnet8", **settings)
    with pytest.raises(TilewrightError, match=r"temperature is 2\.0; give a teacher too"):
        Recipe("resnet8", temperature=2.0)
    once = train(aware(float_run, weight_bits=4), tmp_path / "once", show=False)
    with pytest.raises(TilewrightError, match="start from the network before"):
        train(aware(once.folder, weight_bits=2), tmp_path / "twice", show=False)
    with pytest.raises(TilewrightError, match="is quantised already"):
        quantize_run(once.folder, images=64)
