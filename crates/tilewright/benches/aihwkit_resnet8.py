"""Prints how many images a second AIHWKIT computes of ResNet-8, as JSON, on one thread.

    python3 -m venv target/aihwkit
    target/aihwkit/bin/pip install --only-binary aihwkit aihwkit==1.1.0 torch==2.10.0
    target/aihwkit/bin/python crates/tilewright/benches/aihwkit_resnet8.py

The wheel of AIHWKIT 1.1.0 is built for PyTorch 2.10: it does not load with 2.9 and fails with 2.15.

ResNet-8 of MLPerf Tiny (Banbury et al. 2021, section 4.3) with random weights, on tiles of 128 inputs and 128 outputs: plain
PyTorch; with converters of 8 bits; the same with AIHWKIT's approximation of IR drop, 1 ohm a segment; and the same with noise
drawn for every weight at every access. Figures are of processor time, so that other work on the machine does not count, and of the
best of a few rounds in which the variants take turns.
"""

from __future__ import annotations

import argparse
import json
import time
from importlib.metadata import version

import torch
import torch.nn.functional as F
from aihwkit.nn.conversion import convert_to_analog
from aihwkit.simulator.configs import InferenceRPUConfig
from aihwkit.simulator.parameters.enums import WeightNoiseType
from torch import Tensor, nn

LEVELS = 2**8 - 2
"""Steps of a converter of 8 bits over its range, symmetric around 0."""

SEGMENT = 1.0
"""Wire resistance in ohms."""

G_MAX = 100e-6
"""Greatest conductance in siemens."""


class Block(nn.Module):
    """Two 3×3 convolutions and what goes around them."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.around = nn.Conv2d(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output."""
        return F.relu(self.conv2(F.relu(self.conv1(x))) + self.around(x))


def resnet8() -> nn.Module:
    """Return ResNet-8, its batch norms folded into the convolutions."""
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1),
        nn.ReLU(),
        Block(16, 16, 1),
        Block(16, 32, 2),
        Block(32, 64, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, 10),
    ).eval()


def analog(side: int, ir_drop: float, weight_noise: float) -> nn.Module:
    """Return it on analog tiles."""
    config = InferenceRPUConfig()
    config.mapping.max_input_size = side
    config.mapping.max_output_size = side
    forward = config.forward
    forward.inp_res = 1 / LEVELS
    forward.out_res = 1 / LEVELS
    forward.inp_noise = 0.0
    forward.out_noise = 0.0
    forward.ir_drop = ir_drop
    forward.ir_drop_g_ratio = 1 / (SEGMENT * G_MAX)
    forward.w_noise = weight_noise
    forward.w_noise_type = WeightNoiseType.ADDITIVE_CONSTANT if weight_noise else WeightNoiseType.NONE
    return convert_to_analog(resnet8(), config).eval()


def seconds(model: nn.Module, images: Tensor) -> float:
    """Return the processor seconds of a batch."""
    start = time.process_time()
    with torch.no_grad():
        model(images)
    return time.process_time() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=32, help="images in a batch")
    parser.add_argument("--rounds", type=int, default=5, help="the best of so many counts")
    parser.add_argument("--side", type=int, default=128, help="inputs and outputs of a tile")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    images = torch.randn(arguments.images, 3, 32, 32, generator=torch.Generator().manual_seed(2))
    models = {
        "plain PyTorch": resnet8(),
        "8-bit converters": analog(arguments.side, 0.0, 0.0),
        "8-bit converters, IR drop": analog(arguments.side, 1.0, 0.0),
        "8-bit converters, weight noise": analog(arguments.side, 0.0, 0.02),
    }
    best = dict.fromkeys(models, float("inf"))
    for _ in range(arguments.rounds):
        for name, model in models.items():
            best[name] = min(best[name], seconds(model, images))
    result = {
        "aihwkit": version("aihwkit"),
        "torch": torch.__version__,
        "images": arguments.images,
        "side": arguments.side,
        "images_per_cpu_second": {name: round(arguments.images / spent, 1) for name, spent in best.items()},
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
