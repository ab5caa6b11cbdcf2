"""What a training run does, all of it: two runs of equal recipes on one machine are equal."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Any

from tilewright import TilewrightError

SCHEDULES = ("one-cycle", "cosine")
PRECISIONS = ("float32", "bfloat16")


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True)
class Recipe:
    """Settings of a training run; each is also an option of ``python -m tilewright.train``.

    Examples
    --------
    >>> from tilewright.train import Recipe
    >>> Recipe("resnet20", kernels="ratio=0.5", epochs=40).kernels
    'ratio=0.5'
    """

    network: str = _setting("resnet20", "a network of the zoo, or an ONNX file")
    kernels: str = _setting(
        "3d",
        "kernel plan: 3d, 2d1d, ratio=0.5, layer names; *2 for two 2D kernels a channel; +norm-relu puts that between",
    )
    data: str = _setting("cifar10", "data set")
    seed: int = _setting(0, "of the weights, the order of the images, their augmentation and the noise")
    epochs: int = _setting(30, "times every training image is seen")
    batch: int = _setting(128, "images per step")
    learning_rate: float = _setting(0.3, "the greatest one")
    schedule: str = _setting("one-cycle", "how the learning rate goes: " + " or ".join(SCHEDULES))
    warm_up: float = _setting(0.2, "part of the steps in which the learning rate rises")
    momentum: float = _setting(0.9, "Nesterov momentum")
    weight_decay: float = _setting(5e-4, "L2 penalty on weights; biases and batch norms have none")
    label_smoothing: float = _setting(0.0, "part of each label that is spread over all classes")
    average: float = _setting(0.0, "decay per step of the moving average of the weights that is kept; 0 for none")
    pad: int = _setting(4, "pixels that images are shifted by at most")
    flip: bool = _setting(True, "mirror half of the images")
    cutout: int = _setting(0, "side in pixels of a square that is blanked; 0 for none")
    precision: str = _setting("float32", "of the convolutions: " + " or ".join(PRECISIONS))
    start: str | None = _setting(
        None, "trained network to start from, converted to the plan: a run's folder, a name of the zoo, an ONNX file"
    )
    fit_images: int = _setting(0, "training images that converted 1D kernels are fitted to before training; 0 for none")
    teacher: str | None = _setting(None, "trained network whose outputs are learned too; as start")
    teacher_part: float = _setting(0.5, "weight of the teacher against the labels, 0 to 1")
    temperature: float = _setting(4.0, "of the teacher's outputs")
    weight_bits: int | None = _setting(None, "train with weights of 2 to 8 bits")
    activation_bits: int | None = _setting(None, "train with layer inputs of 2 to 8 bits")
    weight_noise: float = _setting(
        0.0, "standard deviation of Gaussian noise on the greatest weight of an output channel, over that weight"
    )
    noise_power: float = _setting(
        0.0, "power of a weight's part of the greatest that noise goes with; 0: the same noise on all weights"
    )
    weight_clip: float = _setting(
        0.0, "root mean squares of an output channel at which its weights are clipped after every step; 0 for none"
    )
    stuck: float = _setting(0.0, "part of the weights stuck at zero or at either end of their range")
    design: str | None = _setting(None, "hardware whose chips the weights are trained on: a preset or a TOML file")
    settings: str | None = _setting(None, "settings over the design: device=joshi_2020,age=86400,refresh=true")
    chip_seed: int | None = _setting(None, "chip to train for; without it a new one after every chip_steps")
    chip_steps: int = _setting(4, "steps that a chip is trained on before the next, or before it is programmed anew")

    def __post_init__(self) -> None:
        whole, finite = {"epochs", "batch", "chip_steps"}, {"learning_rate", "temperature"}
        for name in whole:
            _check(name, getattr(self, name) >= 1, getattr(self, name), "1 or more")
        for name in finite:
            value = getattr(self, name)
            _check(name, value > 0 and math.isfinite(value), value, "more than 0")
        for name in ("pad", "cutout", "seed", "fit_images"):
            _check(name, getattr(self, name) >= 0, getattr(self, name), "0 or more")
        for name in ("warm_up", "teacher_part", "stuck", "weight_noise"):
            value = getattr(self, name)
            percent = f"; did you mean {value / 100:g} for {value:g} %?" if 1 < value <= 100 else ""
            _check(name, 0 <= value <= 1, value, f"0 to 1{percent}")
        _check("noise_power", 0 <= self.noise_power < math.inf, self.noise_power, "0 or more")
        unused = bool(self.noise_power) and not self.weight_noise
        _check("noise_power", not unused, self.noise_power, "weight_noise too, or leave it out")
        clips = self.weight_clip == 0 or 1 <= self.weight_clip < math.inf
        _check("weight_clip", clips, self.weight_clip, "0, or 1 or more")
        for name in ("momentum", "average", "label_smoothing"):
            _check(name, 0 <= getattr(self, name) < 1, getattr(self, name), "0 to less than 1")
        _check("weight_decay", 0 <= self.weight_decay < math.inf, self.weight_decay, "0 or more")
        for name in ("weight_bits", "activation_bits"):
            value = getattr(self, name)
            _check(name, value is None or 2 <= value <= 8, value, "2 to 8")
        if self.fit_images and (self.start is None or self.kernels == "3d"):
            raise TilewrightError(
                f"fit_images is {self.fit_images}, but no kernels are converted; give start and a kernel plan too"
            )
        _check("schedule", self.schedule in SCHEDULES, self.schedule, " or ".join(SCHEDULES))
        _check("precision", self.precision in PRECISIONS, self.precision, " or ".join(PRECISIONS))
        for name in ("teacher_part", "temperature"):
            unused = self.teacher is None and getattr(self, name) != getattr(Recipe, name)
            _check(name, not unused, getattr(self, name), "a teacher too, or leave it out")
        self._check_design()
        if self.start is None and (self.rounds or self.memristive):
            raise TilewrightError(
                "weights are quantised, noisy or stuck once trained; train without, then give that run as start"
            )

    def _check_design(self) -> None:
        if self.design is None:
            for name in ("settings", "chip_seed", "chip_steps"):
                value = getattr(self, name)
                _check(name, value == getattr(Recipe, name), value, "a design too, or leave it out")
            return
        _check("chip_seed", self.chip_seed is None or self.chip_seed >= 0, self.chip_seed, "0 or more")
        for name in ("weight_noise", "stuck"):
            value = getattr(self, name)
            _check(name, not value, value, "it in the design's settings, or leave the design out")
        for name in ("weight_bits", "activation_bits"):
            value = getattr(self, name)
            _check(name, value is not None, value, f"the bits of the design {self.design}, 2 to 8")

    @property
    def rounds(self) -> bool:
        """Whether weights or layer inputs are rounded as crossbars have them; batch norms are folded then."""
        return self.weight_bits is not None or self.activation_bits is not None

    @property
    def memristive(self) -> bool:
        """Whether weights are noisy or stuck."""
        return bool(self.weight_noise or self.stuck)

    def to_dict(self) -> dict[str, Any]:
        """Return all settings by name."""
        return dataclasses.asdict(self)

    def differences(self, other: dict[str, Any]) -> list[str]:
        """Return the names of the settings that are not those of `other`, where what is left out is the default."""
        other = {**Recipe().to_dict(), **other}
        mine = self.to_dict()
        return sorted(name for name in other if mine.get(name) != other[name])


def _check(name: str, fine: bool, found: object, allowed: str) -> None:
    if not fine:
        raise TilewrightError(f"{name} is {found}; give {allowed}")
