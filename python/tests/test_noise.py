"""Noisy and stuck weights."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tilewright import Network, _core  # noqa: E402
from tilewright.train import NetworkModule, Recipe, quantized  # noqa: E402
from tilewright.train.clip import clip_weights  # noqa: E402
from tilewright.train.noise import add_memristors, draw_noise  # noqa: E402


def layer_module(seed=0):
    """A module of one layer of 64 · 64 · 9 weights, the last output channel of small ones."""
    module = NetworkModule(Network.from_layer(64, 64, input=8, kernel=3), seed)
    with torch.no_grad():
        module.mapped_layers()[0].weight[-1] *= 0.1
    return module


def held(noise=0.0, stuck=0.0, seed=0, power=0.0):
    """A recipe with these weights."""
    return Recipe(start="somewhere", weight_noise=noise, stuck=stuck, seed=seed, noise_power=power)


def weights_of(module):
    return module.mapped_layers()[0].weight.detach().clone()


def test_noise_has_the_deviation_asked_for_and_is_gone_in_evaluation():
    module = layer_module()
    plain = weights_of(module)
    add_memristors(module, held(noise=0.05, seed=3))
    module.train()
    draw_noise(module, 3, 1)
    noise = (weights_of(module) - plain) / plain.abs().amax((1, 2, 3), keepdim=True)
    # 36 864 draws: the mean is within 4 standard errors, the deviation within 2 %.
    assert abs(noise.mean().item()) < 4 * 0.05 / plain.numel() ** 0.5
    assert noise.std().item() == pytest.approx(0.05, rel=0.02)
    assert noise[-1].std().item() == pytest.approx(0.05, rel=0.15)
    assert torch.equal(weights_of(module.eval()), plain)
    exported = np.frombuffer(_core.parameters(module.train().network()._core)["layer", "weights"], np.float32)
    np.testing.assert_array_equal(exported, plain.flatten().numpy())
    assert module.training


def test_noise_goes_with_a_power_of_the_weight():
    module = layer_module()
    with torch.no_grad():
        module.mapped_layers()[0].weight[0] = 0
    plain = weights_of(module)
    add_memristors(module, held(noise=0.1, power=0.5))
    draw_noise(module.train(), 0, 1)
    noise, ends = weights_of(module) - plain, plain.abs().amax((1, 2, 3), keepdim=True)
    assert (noise[0] == 0).all()
    # 0.1 · end · √(weight / end) is the deviation, so this has that of 1.
    scaled = (noise / (0.1 * ends * (plain.abs() / ends).sqrt()))[1:]
    assert scaled.std().item() == pytest.approx(1, rel=0.02)
    small, large = (scaled[(plain.abs() / ends)[1:] < 0.1], scaled[(plain.abs() / ends)[1:] > 0.8])
    assert small.std().item() == pytest.approx(1, rel=0.05)
    assert large.std().item() == pytest.approx(1, rel=0.05)


def test_weights_are_clipped_at_root_mean_squares_of_their_channel():
    module = layer_module()
    add_memristors(module, held(noise=0.1))
    original = module.mapped_layers()[0].parametrizations.weight.original
    with torch.no_grad():
        original[0, 0, 0] = torch.tensor([3.0, -4.0, 0.0])
        original[0, 0, 1:] = original[0, 1:] = 0
    before = original.detach().clone()
    clip_weights(module, 2.5)
    # √(25 / 576) · 2.5
    assert original[0, 0, 0].tolist() == pytest.approx([2.5 * 5 / 24, -2.5 * 5 / 24, 0])
    ends = 2.5 * before.square().mean((1, 2, 3), keepdim=True).sqrt()
    inside = before.abs() < ends
    assert torch.equal(original[inside], before[inside])
    assert torch.equal(original[~inside].abs(), ends.expand_as(before)[~inside])
    assert 0 < (~inside).float().mean() < 0.1


def test_noise_depends_on_seed_and_step_alone():
    def draw(*steps, seed=0):
        module = layer_module()
        add_memristors(module, held(noise=0.1))
        module.train()
        for step in steps:
            draw_noise(module, seed, step)
        return weights_of(module)

    assert torch.equal(draw(1, 2, 3), draw(3))
    assert not torch.equal(draw(2), draw(3))
    assert not torch.equal(draw(3, seed=1), draw(3))


def test_stuck_weights_are_at_zero_or_an_end_and_stay_there():
    module = layer_module()
    plain = weights_of(module)
    add_memristors(module, held(noise=0.1, stuck=0.3, seed=5))
    found = weights_of(module.eval())
    ends = plain.abs().amax((1, 2, 3), keepdim=True)
    differs = found != plain
    parts = [(differs & (found == place)).float().mean().item() for place in (-ends, torch.zeros(1), ends)]
    assert parts == pytest.approx([0.1] * 3, abs=0.01)
    assert sum(parts) == pytest.approx(differs.float().mean().item())
    draw_noise(module.train(), 5, 1)
    assert torch.equal(weights_of(module)[differs], found[differs])
    other = layer_module()
    add_memristors(other, held(stuck=0.3, seed=6))
    assert not torch.equal(weights_of(other), found)


def test_stuck_weights_do_not_learn_and_the_others_do():
    module = layer_module()
    add_memristors(module, held(noise=0.1, stuck=0.3, seed=5))
    stuck = module.mapped_layers()[0].parametrizations.weight[0].stuck
    draw_noise(module.train(), 5, 1)
    module(torch.randn(2, 64, 8, 8)).square().sum().backward()
    gradient = module.mapped_layers()[0].parametrizations.weight.original.grad
    assert (gradient[stuck] == 0).all()
    assert (gradient[~stuck] != 0).all()


def test_quantised_weights_are_stuck_at_the_ends_of_their_channel():
    module = quantized(layer_module(), torch.randn(2, 64, 8, 8), weight_bits=4, activation_bits=4)
    add_memristors(module, held(noise=0.02, stuck=0.5))
    network = module.network()
    parameters = {place: np.frombuffer(values, np.float32) for place, values in _core.parameters(network._core).items()}
    weights = parameters["layer", "weights"].reshape(64, -1)
    levels = weights / parameters["layer", "levels"][:, None]
    np.testing.assert_allclose(levels, np.rint(levels), atol=1e-4)
    # A sixth of the weights each.
    counts = [(np.rint(levels) == end).mean() for end in (-7, 7)]
    assert min(counts) > 1 / 6 - 0.02
    plain = weights_of(module.eval())
    draw_noise(module.train(), 0, 1)
    noise = (weights_of(module) - plain).flatten(1).numpy()
    moved = noise != 0
    ends = 7 * parameters["layer", "levels"]
    spread = [noise[channel][moved[channel]].std() / ends[channel] for channel in (0, 63)]
    assert spread == pytest.approx([0.02, 0.02], rel=0.2)
