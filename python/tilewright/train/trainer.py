"""The training loop."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, LRScheduler, OneCycleLR, SequentialLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm import tqdm

from tilewright import TilewrightError
from tilewright._files import write_whole
from tilewright.train import checkpoint, log
from tilewright.train.chips import Chips
from tilewright.train.clip import clip_weights
from tilewright.train.data import Augmentation, AugmentedBatches, Images
from tilewright.train.log import Epoch
from tilewright.train.module import NetworkModule
from tilewright.train.noise import draw_noise
from tilewright.train.norms import measure_norms
from tilewright.train.recipe import Recipe
from tilewright.train.start import starting_module
from tilewright.train.trained import finished_module, module_like

#: Images per batch where nothing is learned.
TEST_BATCH = 500

#: Training images, the first ones, that statistics of batch norms are measured on after an epoch with noisy weights.
NORM_IMAGES = 5000


@dataclass(frozen=True)
class Result:
    """A finished run."""

    recipe: Recipe
    #: With the weights of the last epoch, or their moving average.
    module: NetworkModule
    #: Recognition rate of the test images in percent, in float32.
    test_rate: float
    epochs: tuple[Epoch, ...]
    #: With the checkpoint, ``log.csv``, ``log.jsonl``, ``curve.svg``, ``model.onnx`` and ``result.json``.
    folder: Path


def train(
    recipe: Recipe,
    folder: str | os.PathLike[str],
    *,
    images: tuple[Images, Images] | None = None,
    data: str | os.PathLike[str] | None = None,
    device: str | None = None,
    test_every: int = 1,
    show: bool | None = None,
) -> Result:
    """Train a network, or resume a run that was interrupted.

    After every epoch a checkpoint is written; a run that starts in a folder with a checkpoint of the same recipe goes
    on there and ends with the result it would have had. The last epoch counts: no epoch is chosen by its test rate.

    Parameters
    ----------
    folder
        Where results go; made if it is not there.
    images
        Training and test images, in place of the data set that the recipe names.
    data
        Folder of the data sets; see :meth:`Images.load`.
    device
        ``cpu``, ``cuda``, …; by default a GPU if there is one.
    test_every
        Epochs between two measurements on the test images; the last is always measured.
    show
        Whether there is a progress bar, by default if the standard error is a terminal; with ``False`` nothing is
        printed at all.

    Raises
    ------
    TilewrightError
        If the data, the network or the plan are not there, the folder has the checkpoint of another recipe or another
        process in it, or the loss stops being a number; the checkpoint of the last whole epoch stays.
    """
    if test_every < 1:
        raise TilewrightError(f"test_every is {test_every}; give 1 or more")
    return Run(recipe, Path(folder), images, data, device).finish(test_every, show)


class Run:
    """A run and its state between two epochs."""

    def __init__(
        self,
        recipe: Recipe,
        folder: Path,
        images: tuple[Images, Images] | None = None,
        data: str | os.PathLike[str] | None = None,
        device: str | None = None,
    ) -> None:
        self.recipe, self.folder = recipe, folder
        self.device = _device(device)
        state = checkpoint.load(folder)
        if state is not None:
            _check_same(recipe, state, folder)
        self.images, self.test_images = (
            split.to(self.device)
            for split in images or (Images.load(recipe.data, split, data) for split in ("train", "test"))
        )
        self.module = self._on_device(starting_module(recipe, self.images) if state is None else module_like(state))
        self.teacher = self._on_device(finished_module(recipe.teacher)).eval() if recipe.teacher else None
        self._check_fits()
        self.chips = Chips(self.module, recipe, self.images) if recipe.design is not None else None
        if self.chips is not None:
            # What the design cannot be used for is found before the work begins.
            self.chips.program(0)
            if state is not None:
                _check_same_design(self.chips, state, folder)
        self.batches = AugmentedBatches(self.images, recipe.batch, Augmentation(recipe.pad, recipe.flip, recipe.cutout))
        self.optimizer = _optimizer(recipe, self.module)
        self.schedule = _schedule(recipe, self.optimizer, recipe.epochs * len(self.batches))
        self.average = _average(recipe, self.module)
        self.epochs: list[Epoch] = []
        if state is not None:
            self._restore(state)

    def finish(self, test_every: int = 1, show: bool | None = None) -> Result:
        """Train until the last epoch, then measure and write the result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with checkpoint.alone(self.folder):
            self._catch_up()
            if self.epochs:
                # The process may have ended between the last checkpoint and its log.
                self._write_log()
            while len(self.epochs) < self.recipe.epochs:
                number = len(self.epochs) + 1
                measured = number % test_every == 0 or number == self.recipe.epochs
                self.epochs.append(self._epoch(number, measured, show))
                checkpoint.save(self.folder, self._state())
                self._write_log()
            return self._result()

    @property
    def best_module(self) -> NetworkModule:
        """The moving average of the weights if there is one, else the weights."""
        if self.average is None:
            return self.module
        averaged = self.average.module
        assert isinstance(averaged, NetworkModule)
        return averaged

    def _catch_up(self) -> None:
        """Take over what another process trained between our look at the checkpoint and the lock on the folder."""
        state = checkpoint.load(self.folder)
        if state is None:
            return
        _check_same(self.recipe, state, self.folder)
        if state["epoch"] > len(self.epochs):
            self._restore(state)

    def _epoch(self, number: int, measured: bool, show: bool | None) -> Epoch:
        random = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + number)
        self.module.train()
        total, correct, data_seconds, count = 0.0, 0, 0.0, len(self.batches)
        learning_rate = 0.0
        started = time.perf_counter()
        bar = tqdm(
            _timed(self.batches.epoch(random)),
            f"epoch {number}/{self.recipe.epochs}",
            count,
            disable=None if show is None else not show,
            leave=False,
            unit="batch",
        )
        for step, (seconds, (images, labels)) in enumerate(bar, 1):
            draw_noise(self.module, self.recipe.seed, (number - 1) * count + step)
            if self.chips is not None and (step - 1) % self.recipe.chip_steps == 0:
                self.chips.program((number - 1) * count + step)
            data_seconds += seconds
            learning_rate = float(self.schedule.get_last_lr()[0])
            loss, right = self._step(images, labels)
            total, correct = total + loss, correct + right
            if not math.isfinite(total):
                self._stop(number)
            if step % 10 == 0:
                images_seen = step * self.recipe.batch
                rate = images_seen / (time.perf_counter() - started)
                bar.set_postfix(
                    loss=f"{total / step:.3f}",
                    rate=f"{100 * correct / images_seen:.1f} %",
                    speed=f"{rate:,.0f} images/s",
                )
        self._measure_norms()
        seconds = time.perf_counter() - started
        seen = count * self.recipe.batch
        test_rate = recognition_rate(self.best_module, self.test_images, self.recipe.precision) if measured else None
        epoch = Epoch(
            number, total / count, 100 * correct / seen, test_rate, learning_rate, seconds, data_seconds, seen / seconds
        )
        if show is not False:
            tqdm.write(self._line(epoch), file=sys.stderr)
        return epoch

    def _measure_norms(self) -> None:
        if self.recipe.weight_noise:
            images = self.images.part(0, NORM_IMAGES)
            measure_norms(self.best_module, (inputs for inputs, _ in images.batches(TEST_BATCH)))

    def _line(self, epoch: Epoch) -> str:
        tested = "" if epoch.test_rate is None else f", test {epoch.test_rate:.2f} %"
        left = (self.recipe.epochs - epoch.epoch) * epoch.seconds
        return (
            f"epoch {epoch.epoch}/{self.recipe.epochs}: loss {epoch.loss:.4f}, training {epoch.train_rate:.2f} %"
            f"{tested}, {epoch.images_per_second:,.0f} images/s" + (f", {_duration(left)} left" if left else "")
        )

    def _step(self, images: Tensor, labels: Tensor) -> tuple[float, int]:
        images = images.to(memory_format=torch.channels_last)
        with step_precision(self.recipe.precision, self.device):
            outputs = self.module(images)
            hints = None
            if self.teacher is not None:
                with torch.no_grad():
                    hints = self.teacher(images)
        loss = _loss(self.recipe, outputs.float(), labels, hints)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        if self.recipe.weight_clip:
            clip_weights(self.module, self.recipe.weight_clip)
        self.schedule.step()
        if self.average is not None:
            self.average.update_parameters(self.module)
        return loss.item(), int((outputs.argmax(1) == labels).sum())

    def _stop(self, number: int) -> None:
        kept = f"the checkpoint of epoch {number - 1} is kept" if number > 1 else "there is no checkpoint yet"
        raise TilewrightError(
            f"the loss is not a number in epoch {number}; {kept} in {self.folder}. Give a smaller learning rate "
            f"than {self.recipe.learning_rate}, and another folder"
        )

    def _on_device(self, module: NetworkModule) -> NetworkModule:
        return module.to(self.device).to(memory_format=torch.channels_last)

    def _check_fits(self) -> None:
        images = self.images.shape
        if self.module.input_shape != images:
            raise TilewrightError(
                f"{self.module.name} takes images of {self.module.input_shape}, {self.recipe.data} has {images}; "
                "give another network, or other data"
            )
        outputs = self.module.output_shape
        if outputs != (self.images.classes,):
            raise TilewrightError(
                f"{self.module.name} yields {outputs}, {self.recipe.data} has {self.images.classes} classes; "
                "give another network, or other data"
            )
        if self.test_images.shape != images or self.test_images.classes != self.images.classes:
            raise TilewrightError("training and test images differ in their shape or their classes; give two of a kind")
        if self.teacher is not None and (self.teacher.input_shape, self.teacher.output_shape) != (images, outputs):
            raise TilewrightError(
                f"the teacher {self.teacher.name} takes {self.teacher.input_shape} and yields "
                f"{self.teacher.output_shape}; give one that takes {images} and yields {outputs}"
            )

    def _state(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe.to_dict(),
            "epoch": len(self.epochs),
            "design": self.chips.design.to_toml() if self.chips is not None else None,
            "graph": self.module.graph,
            "module": self.module.state_dict(),
            "average": self.average.state_dict() if self.average is not None else None,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "epochs": [asdict(epoch) for epoch in self.epochs],
        }

    def _restore(self, state: dict[str, Any]) -> None:
        self.module.load_state_dict(state["module"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        if self.average is not None:
            self.average.load_state_dict(state["average"])
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]

    def _write_log(self) -> None:
        log.write(self.folder, self.epochs, f"{self.recipe.network} {self.recipe.kernels}")

    def _result(self) -> Result:
        module = self.best_module.eval()
        rate = recognition_rate(module, self.test_images, "float32")
        description = {
            "recipe": self.recipe.to_dict(),
            "test_rate": rate,
            "test_images": len(self.test_images),
            "training_seconds": sum(epoch.seconds for epoch in self.epochs),
            "device": str(self.device),
            "torch": torch.__version__,
            "threads": torch.get_num_threads(),
        }
        if self.chips is not None:
            description["design"] = self.chips.design.to_toml()
        text = json.dumps(description, indent=2) + "\n"
        module.network().save_onnx(self.folder / "model.onnx")
        write_whole(self.folder / "result.json", lambda file: file.write(text.encode()))
        return Result(self.recipe, module, rate, tuple(self.epochs), self.folder)


@torch.no_grad()
def recognition_rate(module: nn.Module, images: Images, precision: str = "float32") -> float:
    """Return the part of images whose label has the greatest output, in percent."""
    mode = module.training
    module.eval()
    device = images.labels.device
    correct = 0
    for inputs, labels in images.batches(TEST_BATCH):
        with step_precision(precision, device):
            outputs = module(inputs.to(memory_format=torch.channels_last))
        correct += int((outputs.argmax(1) == labels).sum())
    module.train(mode)
    return 100 * correct / len(images)


def _loss(recipe: Recipe, outputs: Tensor, labels: Tensor, hints: Tensor | None) -> Tensor:
    """Cross entropy with the labels, and with a teacher's softened outputs (Hinton, Vinyals, Dean 2015)."""
    loss = F.cross_entropy(outputs, labels, label_smoothing=recipe.label_smoothing)
    if hints is None:
        return loss
    softness = recipe.temperature
    distance = F.kl_div(
        F.log_softmax(outputs / softness, 1),
        F.log_softmax(hints.float() / softness, 1),
        reduction="batchmean",
        log_target=True,
    )
    return (1 - recipe.teacher_part) * loss + recipe.teacher_part * softness**2 * distance


def _optimizer(recipe: Recipe, module: nn.Module) -> torch.optim.SGD:
    parameters = list(module.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.SGD(groups, recipe.learning_rate, recipe.momentum, nesterov=recipe.momentum > 0)


def _schedule(recipe: Recipe, optimizer: torch.optim.SGD, steps: int) -> LRScheduler:
    if recipe.schedule == "one-cycle":
        # PyTorch divides by zero where the rise is one step long: then there is none.
        part = recipe.warm_up if recipe.warm_up * (steps + 1) != 1 else 0.0
        return OneCycleLR(optimizer, recipe.learning_rate, steps + 1, pct_start=part, cycle_momentum=False)
    rising = round(recipe.warm_up * steps)
    if rising == 0:
        return CosineAnnealingLR(optimizer, steps)
    rise = LinearLR(optimizer, 0.01, 1.0, rising)
    return SequentialLR(optimizer, [rise, CosineAnnealingLR(optimizer, max(1, steps - rising))], [rising])


def _average(recipe: Recipe, module: NetworkModule) -> AveragedModel | None:
    if not recipe.average:
        return None
    decay = get_ema_multi_avg_fn(recipe.average)  # type: ignore[no-untyped-call]
    return AveragedModel(module, multi_avg_fn=decay, use_buffers=True)


def step_precision(precision: str, device: torch.device) -> contextlib.AbstractContextManager[Any]:
    """Return the context in which a network runs in this precision."""
    if precision == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def _timed(batches: Iterator[Any]) -> Iterator[tuple[float, Any]]:
    """Each batch with the seconds it took to make."""
    while True:
        started = time.perf_counter()
        batch = next(batches, None)
        if batch is None:
            return
        yield time.perf_counter() - started, batch


def _check_same(recipe: Recipe, state: dict[str, Any], folder: Path) -> None:
    if differences := recipe.differences(state["recipe"]):
        old = {**Recipe().to_dict(), **state["recipe"]}
        found = ", ".join(f"{name} {old[name]!r} instead of {getattr(recipe, name)!r}" for name in differences)
        raise TilewrightError(f"{folder} has the checkpoint of another run: {found}; give another folder, or remove it")


def _check_same_design(chips: Chips, state: dict[str, Any], folder: Path) -> None:
    if chips.design.to_toml() != state["design"]:
        raise TilewrightError(
            f"{folder} has the checkpoint of a run on another design of the same name; "
            "give another folder, or remove it"
        )


def _device(name: str | None) -> torch.device:
    if name is None:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TilewrightError(f"this PyTorch has no device {name!r}; give cpu, or cuda where there is a GPU") from error
    return device


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
