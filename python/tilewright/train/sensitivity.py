"""What replacing each layer alone by 2D+1D kernels does to a trained network.

A plan for a crossbar budget is chosen by these losses (``tilewright plan``, :func:`tilewright.plan`).
``python -m tilewright.train.sensitivity TRAINED`` writes them.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from tilewright import TilewrightError
from tilewright._files import write_whole
from tilewright._network import resolve
from tilewright.train.data import Augmentation, AugmentedBatches, Images
from tilewright.train.module import NetworkModule
from tilewright.train.recipe import Recipe
from tilewright.train.start import converted_module, trainable_module
from tilewright.train.trained import is_run, recipe_of
from tilewright.train.trainer import TEST_BATCH, step_precision

#: Images per training step.
BATCH = 128


@dataclass(frozen=True)
class Sensitivity:
    """The losses of a network with one layer replaced."""

    #: Cross entropy of the trained network, trained for as many steps with nothing replaced.
    baseline: float
    #: What the cross entropy gains, by layer, with kernels of rank 1, 2, …; less than 0 where the network got better.
    losses: dict[str, list[float]]


def sensitivity(
    trained: str | os.PathLike[str],
    *,
    data: str | os.PathLike[str] | None = None,
    ranks: int = 1,
    steps: int = 50,
    learning_rate: float = 0.02,
    held_out: int = 5000,
    show: bool | None = None,
) -> Sensitivity:
    """Measure every replaceable layer of a trained network.

    Each layer is converted alone by truncated singular value decomposition, the network is trained for some steps so
    that what training brings back at once does not count, and its cross entropy is measured on training images that
    those steps did not see. Test images are not looked at.

    Parameters
    ----------
    trained
        Folder of a finished run, or the name of a trained network.
    ranks
        Greatest number of 2D kernels per input channel; all from 1 are measured, as far as a layer can have them.
    steps
        Training steps after each conversion, of 128 images.
    held_out
        Training images, the last ones, that the loss is measured on.
    """
    if ranks < 1:
        raise TilewrightError(f"ranks is {ranks}; give 1 or more")
    recipe = recipe_of(trained)
    images = Images.load(recipe.data, "train", data)
    source = trainable_module(os.fspath(trained), resolve(recipe.network, None), images)
    if not 0 < held_out <= len(images) - BATCH:
        raise TilewrightError(f"held_out is {held_out}; give 1 to {len(images) - BATCH} of {len(images)} images")
    split = len(images) - held_out
    batches = AugmentedBatches(images.part(0, split), BATCH, Augmentation(recipe.pad, recipe.flip, recipe.cutout))
    judges = images.part(split, len(images))

    def loss_with(kernels: str) -> float:
        module = converted_module(source, kernels)
        module = module.to(memory_format=torch.channels_last)
        _train(module, batches, steps, learning_rate, recipe)
        return cross_entropy(module, judges, recipe.precision)

    baseline = loss_with("3d")
    shapes = {layer.name: layer.weight_shape for layer in source.network().layers}
    names = source.network().replaceable_layers
    full = {name: min(shapes[name][0], math.prod(shapes[name][2:])) for name in names}
    options = [(name, rank) for name in names for rank in range(1, min(ranks, full[name]) + 1)]
    losses: dict[str, list[float]] = {name: [] for name in names}
    for name, rank in tqdm(options, "layers", disable=None if show is None else not show, leave=False):
        losses[name].append(loss_with(f"{name}*{rank}") - baseline)
    return Sensitivity(baseline, losses)


def _train(module: NetworkModule, batches: AugmentedBatches, steps: int, rate: float, recipe: Recipe) -> None:
    optimizer = torch.optim.SGD(module.parameters(), rate, 0.9, weight_decay=recipe.weight_decay, nesterov=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, max(steps, 1))
    module.train()
    random = torch.Generator().manual_seed(recipe.seed)
    for images, labels in islice(batches.epoch(random), steps):
        with step_precision(recipe.precision, images.device):
            outputs = module(images.to(memory_format=torch.channels_last))
        optimizer.zero_grad()
        F.cross_entropy(outputs.float(), labels).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()


@torch.no_grad()
def cross_entropy(module: NetworkModule, images: Images, precision: str = "float32") -> float:
    """Return the mean cross entropy of a module's outputs on images."""
    module.eval()
    total: Tensor = torch.zeros(())
    for inputs, labels in images.batches(TEST_BATCH):
        with step_precision(precision, inputs.device):
            outputs = module(inputs.to(memory_format=torch.channels_last))
        total = total + F.cross_entropy(outputs.float(), labels, reduction="sum")
    return float(total) / len(images)


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser("python -m tilewright.train.sensitivity", description=__doc__)
    parser.add_argument("trained", help="folder of a finished run, or name of a trained network")
    parser.add_argument("--ranks", type=int, default=1, metavar="N", help="most 2D kernels per input channel [1]")
    parser.add_argument("--steps", type=int, default=50, metavar="N", help="training steps after each conversion [50]")
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where the losses go [losses.json, in the folder of a run]"
    )
    parser.add_argument("--data-folder", type=Path, metavar="FOLDER", help="where data sets are")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads [all]")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        found = sensitivity(options.trained, data=options.data_folder, ranks=options.ranks, steps=options.steps)
    except TilewrightError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    text = json.dumps(found.losses, indent=2) + "\n"
    path = options.out or Path(options.trained if is_run(options.trained) else "", "losses.json")
    write_whole(path, lambda file: file.write(text.encode()))
    print(f"cross entropy {found.baseline:.4f} with nothing replaced; what it gains by layer:")
    for name, losses in sorted(found.losses.items(), key=lambda item: item[1]):
        print("  ".join(f"{loss:+.4f}" for loss in losses) + f"  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
