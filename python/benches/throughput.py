"""Images per second of the training loop beside those of a plain PyTorch loop on a hand-written ResNet-8.

The plain loop is given its batches ready made; ours cuts them, counts, and keeps its schedule and log. The two take
turns, so that both meet the same machine, and the figure is the median of the turns' ratios.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from tilewright.train import Images, Recipe
from tilewright.train.trainer import Run


class Block(nn.Module):
    """Two 3×3 convolutions and what goes around them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.around = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        y = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x)))))
        return F.relu(y + self.around(x))


def resnet8() -> nn.Module:
    """Return ResNet-8 of MLPerf Tiny, as one writes it by hand."""
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        Block(16, 16, 1),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


class Plain:
    """The loop of a tutorial."""

    def __init__(self, recipe: Recipe, device: torch.device, steps: int, turns: int) -> None:
        self.module = resnet8().to(device).to(memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(self.module.parameters(), 0.01, 0.9, weight_decay=5e-4, nesterov=True)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(self.optimizer, 0.01, steps * turns + 1)
        self.mixed = torch.autocast(device.type, torch.bfloat16, enabled=recipe.precision == "bfloat16")
        images = torch.randn(recipe.batch, 3, 32, 32, device=device)
        self.images = images.to(memory_format=torch.channels_last)
        self.labels = torch.randint(10, (recipe.batch,), device=device)
        self.steps = steps

    def turn(self) -> None:
        """Train on some batches."""
        self.module.train()
        for _ in range(self.steps):
            with self.mixed:
                outputs = self.module(self.images)
            loss = F.cross_entropy(outputs.float(), self.labels)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            self.schedule.step()
            loss.item()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--precision", default="float32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--steps", type=int, default=10, help="per turn")
    parser.add_argument("--turns", type=int, default=20)
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    recipe = Recipe("resnet8", epochs=settings.turns, batch=settings.batch, precision=settings.precision)
    count = settings.batch * settings.steps
    images = Images(
        torch.randint(256, (count, 32, 32, 3), dtype=torch.uint8),
        torch.randint(10, (count,)),
        10,
        torch.full((3,), 0.5),
        torch.full((3,), 0.25),
    )
    run = Run(recipe, Path("unused"), (images, images))
    plain = Plain(recipe, run.device, settings.steps, settings.turns)
    ours, theirs, data = [], [], []
    for turn in range(1, settings.turns + 1):
        started = time.process_time(), time.perf_counter()
        epoch = run._epoch(turn, False, False)
        between = time.process_time(), time.perf_counter()
        plain.turn()
        ended = time.process_time(), time.perf_counter()
        if turn > 1:  # the first turn warms up
            ours.append([b - s for s, b in zip(started, between, strict=True)])
            theirs.append([e - b for b, e in zip(between, ended, strict=True)])
            data.append(epoch.data_seconds / epoch.seconds)
    for which, name in enumerate(("processor time", "elapsed time")):
        ratio = statistics.median(t[which] / o[which] for o, t in zip(ours, theirs, strict=True))
        speeds = (count / statistics.median(times[which] for times in loop) for loop in (ours, theirs))
        print("{}: {:,.0f} images/s, plain {:,.0f}: {:.2f} ×".format(name, *speeds, ratio))
    print(f"making batches: {100 * statistics.median(data):.1f} % of an epoch")


if __name__ == "__main__":
    main()
