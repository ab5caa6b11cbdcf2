"""The training loop: interrupted and resumed, its losses, rates and averages against closed forms."""

import copy
import dataclasses
import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tilewright
from tilewright import TilewrightError

torch = pytest.importorskip("torch")
import synthetic  # noqa: E402, it needs PyTorch

from tilewright.train import (  # noqa: E402
    NetworkModule,
    Recipe,
    checkpoint,
    load_module,
    log,
    recognition_rate,
    start,
    train,
    trainer,
)

#: What every test starts from: small, and with every kind of state that a checkpoint has to keep.
RECIPE = Recipe(
    "lenet5",
    epochs=4,
    batch=32,
    learning_rate=0.05,
    warm_up=0.3,
    average=0.9,
    label_smoothing=0.1,
    pad=2,
    cutout=4,
)


@pytest.fixture(autouse=True)
def _alike_and_fast(monkeypatch):
    """One thread, as sums are added in an order that depends on how many there are; and no drawings."""
    monkeypatch.setattr(log, "_draw", lambda *_: None)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def run(folder, recipe=RECIPE, **options):
    return train(recipe, folder, images=synthetic.splits(), show=False, **options)


def with_settings(**settings):
    return dataclasses.replace(RECIPE, **settings)


def assert_equal(left, right, place="checkpoint"):
    """Bit for bit, whatever the nesting."""
    assert type(left) is type(right), place
    if isinstance(left, torch.Tensor):
        assert torch.equal(left, right), place
    elif isinstance(left, dict):
        assert left.keys() == right.keys(), place
        for key in left.keys() - {"seconds", "data_seconds", "images_per_second"}:
            assert_equal(left[key], right[key], f"{place}.{key}")
    elif isinstance(left, list | tuple):
        assert len(left) == len(right), place
        for index, pair in enumerate(zip(left, right, strict=True)):
            assert_equal(*pair, f"{place}[{index}]")
    else:
        assert left == right, place


def assert_same_run(left, right):
    assert left.test_rate == right.test_rate
    assert_equal(left.module.state_dict(), right.module.state_dict())
    assert_equal(checkpoint.load(left.folder), checkpoint.load(right.folder))

    def rows(result):
        lines = (result.folder / "log.csv").read_text().splitlines()
        return [line.split(",")[:5] for line in lines]

    assert rows(left) == rows(right)
    assert len(rows(left)) == 1 + left.recipe.epochs


# A process that kills itself, as `kill -9` would, wherever it is told to.
KILLED = """
import os, signal, sys
import torch, synthetic
from test_trainer import RECIPE, with_settings
from tilewright.train import checkpoint, log, trainer

torch.set_num_threads(1)
log._draw = lambda *_: None
folder, place, schedule = sys.argv[1:]
calls = 0

def die_at(owner, name, call, before=lambda *arguments: None):
    original = getattr(owner, name)
    def replaced(*arguments):
        global calls
        calls += 1
        if calls == call:
            before(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments)
    setattr(owner, name, replaced)

if place == "in an epoch":
    die_at(trainer.Run, "_step", 2 * 8 + 5)
elif place == "in a checkpoint":
    # Half of it is in the file.
    die_at(torch, "save", 3, lambda state, file: (file.write(b"half"), file.flush()))
else:
    die_at(log, "write", {"before a log": 3, "before the last log": 4}[place])
trainer.train(with_settings(schedule=schedule), folder, images=synthetic.splits(), show=False)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("place", "schedule", "kept"),
    [
        ("in an epoch", "one-cycle", 2),
        ("in an epoch", "cosine", 2),
        ("in a checkpoint", "cosine", 2),
        ("before a log", "one-cycle", 3),
        ("before the last log", "one-cycle", 4),
    ],
)
def test_a_killed_run_goes_on_to_the_result_it_would_have_had(tmp_path, place, schedule, kept):
    recipe = with_settings(schedule=schedule)
    folder = tmp_path / "a folder with spaces"
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, folder, place, schedule], check=False, env=environment(), timeout=120
    )
    assert killed.returncode == -signal.SIGKILL
    assert checkpoint.load(folder)["epoch"] == kept
    resumed, whole = run(folder, recipe), run(tmp_path / "whole", recipe)
    assert_same_run(resumed, whole)
    assert {path.name for path in folder.iterdir()} == {path.name for path in whole.folder.iterdir()}


def environment():
    path = [str(Path(__file__).parent), str(Path(tilewright.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path)}


def test_equal_recipes_give_equal_runs_and_another_seed_another(tmp_path):
    first, again = run(tmp_path / "first"), run(tmp_path / "again")
    assert_same_run(first, again)
    assert first.test_rate > 50
    other = run(tmp_path / "other", with_settings(seed=1))
    assert not torch.equal(first.module.layer("conv1").weight, other.module.layer("conv1").weight)


def test_a_finished_run_is_not_trained_again(tmp_path):
    first = run(tmp_path)
    before = (tmp_path / checkpoint.FILE).stat().st_mtime_ns
    assert_same_run(run(tmp_path), first)
    assert (tmp_path / checkpoint.FILE).stat().st_mtime_ns == before


def test_a_run_that_another_process_took_further_goes_on_from_there(tmp_path):
    """It had looked at the folder before the other was done."""
    early = trainer.Run(RECIPE, tmp_path, synthetic.splits())
    late = run(tmp_path)
    before = (tmp_path / checkpoint.FILE).stat().st_mtime_ns
    assert_same_run(early.finish(show=False), late)
    assert (tmp_path / checkpoint.FILE).stat().st_mtime_ns == before


def test_what_a_finished_run_leaves(tmp_path, monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.undo()
    result = run(tmp_path, test_every=3)
    assert (tmp_path / "curve.svg").read_text().count("<svg") == 1
    assert not list(tmp_path.glob(".tilewright-*"))
    described = json.loads((tmp_path / "result.json").read_text())
    assert described["recipe"] == RECIPE.to_dict()
    assert described["test_rate"] == result.test_rate
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,loss,train_rate,test_rate,learning_rate,")
    assert [epoch.test_rate is not None for epoch in result.epochs] == [False, False, True, True]
    module = load_module(tmp_path)
    assert not module.training, "it computes what its rate was measured on"
    assert_equal(module.state_dict(), result.module.state_dict())
    assert recognition_rate(module, synthetic.splits()[1]) == result.test_rate


def test_the_rate_is_that_of_a_loop_over_images(tmp_path):
    result = run(tmp_path, with_settings(epochs=1))
    _, test = synthetic.splits()
    right = 0
    with torch.no_grad():
        for pixels, label in zip(test.pixels, test.labels, strict=True):
            output = result.module.eval()((pixels.permute(2, 0, 1)[None] / 255 - 0.5) / 0.25)
            right += int(output.argmax()) == int(label)
    assert result.test_rate == 100 * right / 64


def learning_rates(recipe, steps):
    optimizer = trainer._optimizer(recipe, torch.nn.Linear(2, 2))
    schedule = trainer._schedule(recipe, optimizer, steps)
    found = []
    for _ in range(steps):
        found.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        schedule.step()
    assert all(matrices == others for matrices, others in found)
    return [matrices for matrices, _ in found]


def half_cosine(start, end, part):
    return end + (start - end) * (1 + math.cos(math.pi * part)) / 2


@pytest.mark.parametrize("warm_up", [0.0, 0.1, 0.2, 0.5, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 4, 50])
def test_learning_rates_of_one_cycle(steps, warm_up):
    """Smith, Topin 2019, as PyTorch has it: from 1/25 up, then down to 1/250 000, by half cosines."""
    top = warm_up * (steps + 1) - 1 or -1

    def expected(step):
        if step <= top:
            return half_cosine(0.4 / 25, 0.4, step / top)
        return half_cosine(0.4, 0.4 / 25e4, (step - top) / (steps - top))

    recipe = with_settings(schedule="one-cycle", learning_rate=0.4, warm_up=warm_up)
    np.testing.assert_allclose(learning_rates(recipe, steps), [expected(step) for step in range(steps)], rtol=1e-9)


@pytest.mark.parametrize("warm_up", [0.0, 0.1, 0.3, 1.0])
@pytest.mark.parametrize("steps", [1, 2, 50])
def test_learning_rates_of_cosine(steps, warm_up):
    """A line from 1/100 up, then a half cosine to 0 (Loshchilov, Hutter 2017)."""
    rising = round(warm_up * steps)

    def expected(step):
        if step < rising:
            return 0.4 * (0.01 + 0.99 * step / rising)
        return half_cosine(0.4, 0, (step - rising) / (steps - rising))

    recipe = with_settings(schedule="cosine", learning_rate=0.4, warm_up=warm_up)
    found = learning_rates(recipe, steps)
    np.testing.assert_allclose(found, [expected(step) for step in range(steps)], rtol=1e-6, atol=1e-12)


def test_the_moving_average_is_that_of_every_step(tmp_path, monkeypatch):
    recipe = Recipe("resnet8", epochs=1, batch=8, average=0.7, learning_rate=0.02)
    seen, step = [], trainer.Run._step

    def watched(self, *batch):
        result = step(self, *batch)
        seen.append({key: value.double().clone() for key, value in self.module.state_dict().items()})
        return result

    monkeypatch.setattr(trainer.Run, "_step", watched)
    images = synthetic.splits((3, 32, 32), 48, 16)
    result = train(recipe, tmp_path, images=images, show=False)
    assert len(seen) == 6
    expected = seen[0]
    for values in seen[1:]:
        expected = {key: 0.7 * expected[key] + 0.3 * values[key] for key in values}
    assert any(key.endswith("running_var") for key in expected)
    for key, value in result.module.state_dict().items():
        if value.is_floating_point():
            np.testing.assert_allclose(value, expected[key], rtol=1e-4, atol=1e-6, err_msg=key)
            assert not torch.equal(value.double(), seen[-1][key]) or not value.any(), key


def test_weights_decay_and_biases_do_not():
    module = NetworkModule(tilewright.Network.zoo("resnet8"))
    recipe = with_settings(learning_rate=0.1, weight_decay=0.5, momentum=0.9)
    before = copy.deepcopy(module.state_dict())
    optimizer = trainer._optimizer(recipe, module)
    for parameter in module.parameters():
        parameter.grad = torch.zeros_like(parameter)
    with torch.no_grad():
        for layer in module.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                assert layer.weight.all()
    optimizer.step()
    kinds = set()
    for key, value in module.named_parameters():
        # Nesterov's first step counts the gradient, here the decay, once more by the momentum.
        factor = 1 - 0.1 * 0.5 * 1.9 if value.ndim > 1 else 1
        kinds.add(value.ndim)
        torch.testing.assert_close(value.detach(), factor * before[key])
    assert kinds == {1, 2, 4}


def log_softmax(values):
    shifted = values - values.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("part", [None, 0.0, 0.3, 1.0])
def test_losses_by_their_definitions(smoothing, part):
    random = np.random.default_rng(0)
    outputs, hints, labels = random.normal(0, 3, (16, 10)), random.normal(0, 3, (16, 10)), random.integers(0, 10, 16)
    taught = {} if part is None else {"teacher": "runs/teacher", "teacher_part": part, "temperature": 3.0}
    recipe = with_settings(label_smoothing=smoothing, **taught)
    teacher = None if part is None else torch.from_numpy(hints)
    loss = trainer._loss(recipe, torch.from_numpy(outputs), torch.from_numpy(labels), teacher)

    targets = np.full((16, 10), smoothing / 10)
    targets[np.arange(16), labels] += 1 - smoothing
    expected = -(targets * log_softmax(outputs)).sum(1).mean()
    if part is not None:
        soft, goal = log_softmax(outputs / 3), log_softmax(hints / 3)
        distance = (np.exp(goal) * (goal - soft)).sum(1).mean()
        expected = (1 - part) * expected + part * 9 * distance
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_a_teacher_is_heard(tmp_path):
    teacher = run(tmp_path / "teacher", with_settings(seed=1))
    train_images, test_images = synthetic.splits()
    mislabelled = dataclasses.replace(train_images, labels=(train_images.labels + 1) % 10), test_images

    def taught(name, part, images=None):
        recipe = with_settings(teacher=str(teacher.folder), teacher_part=part)
        return train(recipe, tmp_path / name, images=images or synthetic.splits(), show=False)

    # The teacher alone: what the labels say does not matter.
    blind = taught("mislabelled", 1.0, mislabelled)
    assert_equal(blind.module.state_dict(), taught("labelled", 1.0).module.state_dict())
    assert blind.test_rate > 50
    # The labels alone: there might be no teacher.
    assert_equal(taught("untaught", 0.0).module.state_dict(), run(tmp_path / "alone").module.state_dict())
    assert_equal(load_module(teacher.folder).state_dict(), teacher.module.state_dict())


def test_teachers_that_cannot_teach_are_refused(tmp_path):
    with pytest.raises(TilewrightError, match="nowhere has no checkpoint of a training run; give the folder of one"):
        run(tmp_path / "run", with_settings(teacher=str(tmp_path / "nowhere")))
    unfinished(tmp_path / "unfinished")
    with pytest.raises(TilewrightError, match="unfinished is at epoch 1 of 4; finish that run first"):
        run(tmp_path / "run", with_settings(teacher=str(tmp_path / "unfinished")))
    other = train(
        Recipe("resnet8", epochs=1, batch=8), tmp_path / "other", images=synthetic.splits((3, 32, 32), 8, 8), show=False
    )
    with pytest.raises(TilewrightError, match=r"teacher resnet8 takes \(3, 32, 32\) and yields \(10,\); give one"):
        run(tmp_path / "run", with_settings(teacher=str(other.folder)))
    assert not (tmp_path / "run").exists()


def unfinished(folder, epochs=1):
    """Leave a run as if it had been stopped after some epochs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer.Run, "_epoch", stopping(trainer.Run._epoch, epochs))
        with pytest.raises(KeyboardInterrupt):
            run(folder)


def stopping(epoch, after):
    def stopped(self, number, *rest):
        if number > after:
            raise KeyboardInterrupt
        return epoch(self, number, *rest)

    return stopped


def test_a_loss_that_is_no_number_stops_the_run_and_keeps_the_last_epoch(tmp_path, monkeypatch):
    with pytest.raises(TilewrightError, match=r"not a number in epoch 1; there is no checkpoint yet .* smaller"):
        run(tmp_path / "first", with_settings(learning_rate=1e20))
    assert not (tmp_path / "first" / checkpoint.FILE).exists()

    step, calls = trainer.Run._step, 0

    def failing(self, *batch):
        nonlocal calls
        calls += 1
        loss, right = step(self, *batch)
        if calls == 2 * 8 + 3:
            with torch.no_grad():
                self.module.layer("conv1").weight.fill_(math.nan)
        return (math.nan if calls == 2 * 8 + 4 else loss), right

    with monkeypatch.context() as patch:
        patch.setattr(trainer.Run, "_step", failing)
        with pytest.raises(TilewrightError, match="not a number in epoch 3; the checkpoint of epoch 2 is kept"):
            run(tmp_path / "third")
    assert all(value.isfinite().all() for value in load_module(tmp_path / "third").parameters())
    assert_same_run(run(tmp_path / "third"), run(tmp_path / "whole"))


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    run(tmp_path, with_settings(epochs=1))
    before = (tmp_path / checkpoint.FILE).read_bytes()
    expected = "batch 32 instead of 16, epochs 1 instead of 4, network 'lenet5' instead of 'resnet8'; give another"
    with pytest.raises(TilewrightError, match=expected):
        run(tmp_path, with_settings(network="resnet8", batch=16))
    assert (tmp_path / checkpoint.FILE).read_bytes() == before


@pytest.mark.parametrize("damage", ["empty", "text", "half", "another"])
def test_a_damaged_checkpoint_is_refused(tmp_path, damage):
    run(tmp_path, with_settings(epochs=1))
    path = tmp_path / checkpoint.FILE
    whole = path.read_bytes()
    if damage == "another":
        torch.save({"weights": torch.zeros(3)}, path)
    else:
        path.write_bytes({"empty": b"", "text": b"nothing of use\n" * 9, "half": whole[: len(whole) // 2]}[damage])
    for use in (lambda: load_module(tmp_path), lambda: run(tmp_path, with_settings(epochs=1))):
        with pytest.raises(TilewrightError, match=r"checkpoint.pt cannot be read .* remove it to start over"):
            use()


def test_two_processes_do_not_train_in_one_folder(tmp_path):
    tmp_path.joinpath("run").mkdir()
    with checkpoint.alone(tmp_path / "run"), pytest.raises(TilewrightError, match="another process is training in"):
        run(tmp_path / "run")
    run(tmp_path / "run", with_settings(epochs=1))


def resnet8(folder, images, **settings):
    recipe = Recipe(
        **{"network": "resnet8", "epochs": 1, "batch": 16, "learning_rate": 0.05, "average": 0.5, **settings}
    )
    return train(recipe, folder, images=images, show=False)


def test_converted_kernels_of_full_rank_give_the_same_outputs(tmp_path):
    images = synthetic.splits((3, 32, 32), 64, 32)
    source = resnet8(tmp_path / "3d", images)
    inputs = next(images[1].batches(32))[0]
    difference = {}
    for rank in (1, 3, 9):
        recipe = Recipe("resnet8", kernels=f"2d1d*{rank}", start=str(source.folder))
        module = start.starting_module(recipe, images[0])
        assert any(layer.groups > 1 for layer in module.network().layers)
        with torch.no_grad():
            expected, found = source.module.eval()(inputs), module.eval()(inputs)
        difference[rank] = float((expected - found).abs().max() / expected.abs().max())
    assert difference[9] < 1e-4 < difference[3] < difference[1]


def test_a_converted_run_stands_by_itself(tmp_path):
    """Whatever it started from may be gone, also when it goes on."""
    images = synthetic.splits((3, 32, 32), 64, 32)
    source = resnet8(tmp_path / "3d", images)
    settings = {"kernels": "ratio=0.5*2", "start": str(source.folder), "epochs": 2}
    whole = resnet8(tmp_path / "whole", images, **settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer.Run, "_epoch", stopping(trainer.Run._epoch, 1))
        with pytest.raises(KeyboardInterrupt):
            resnet8(tmp_path / "run", images, **settings)
    source.folder.rename(tmp_path / "moved")
    assert_same_run(resnet8(tmp_path / "run", images, **settings), whole)
    assert_equal(load_module(tmp_path / "run").state_dict(), whole.module.state_dict())
    assert load_module(tmp_path / "run").network().layers == whole.module.network().layers


def test_a_model_of_a_file_is_trained_from_its_weights_and_kept(tmp_path):
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 5, stride=4),
        torch.nn.BatchNorm2d(4),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 36, 10, bias=False),
    )
    path = tmp_path / "a model.onnx"
    torch.onnx.export(model.eval(), (torch.zeros(1, 1, 28, 28),), path, dynamo=False)
    recipe = with_settings(network=str(path), average=0.0)
    module = start.starting_module(recipe, synthetic.splits()[0])
    images = next(synthetic.splits()[1].batches(64))[0]
    with torch.no_grad():
        torch.testing.assert_close(module.eval()(images), model(images), rtol=1e-4, atol=1e-5)
    result = run(tmp_path / "run", recipe)
    path.unlink()
    assert_equal(load_module(tmp_path / "run").state_dict(), result.module.state_dict())


def test_starts_that_make_no_sense_are_refused(tmp_path):
    source = run(tmp_path / "lenet", with_settings(epochs=1))
    with pytest.raises(TilewrightError, match="is a run of lenet5; give one of resnet8, or its network"):
        run(tmp_path / "run", with_settings(network="resnet8", start=str(source.folder)))
    with pytest.raises(TilewrightError, match="fit_images is 8, but no kernels are converted"):
        Recipe("resnet8", kernels="3d", start="somewhere", fit_images=8)
    unfinished(tmp_path / "unfinished")
    with pytest.raises(TilewrightError, match="finish that run first"):
        run(tmp_path / "run", with_settings(start=str(tmp_path / "unfinished")))
    assert not (tmp_path / "run").exists()


def test_images_that_do_not_fit_the_network_are_refused(tmp_path):
    with pytest.raises(
        TilewrightError, match=r"resnet8 takes images of \(3, 32, 32\), cifar10 has \(1, 28, 28\); give"
    ):
        run(tmp_path / "run", with_settings(network="resnet8"))
    train_images, test_images = synthetic.splits()
    of_three = dataclasses.replace(train_images, labels=train_images.labels % 3, classes=3)
    with pytest.raises(TilewrightError, match=r"lenet5 yields \(10,\), cifar10 has 3 classes; give another"):
        train(RECIPE, tmp_path / "run", images=(of_three, test_images), show=False)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epochs": 0}, "epochs is 0; give 1 or more"),
        ({"learning_rate": math.nan}, "learning_rate is nan; give more than 0"),
        ({"momentum": 1.0}, "momentum is 1.0; give 0 to less than 1"),
        ({"warm_up": 1.5}, "warm_up is 1.5; give 0 to 1; did you mean 0.015 for 1.5 %?"),
        ({"weight_noise": 5.0}, "weight_noise is 5.0; give 0 to 1; did you mean 0.05 for 5 %?"),
        ({"schedule": "step"}, "schedule is step; give one-cycle or cosine"),
        ({"weight_decay": math.inf}, "weight_decay is inf; give 0 or more"),
        ({"weight_bits": 9}, "weight_bits is 9; give 2 to 8"),
    ],
)
def test_settings_out_of_range_are_refused(settings, message):
    with pytest.raises(TilewrightError, match=message):
        with_settings(**settings)
