"""Labelled images as tensors, and batches of them cut anew for every epoch.

Pixels stay bytes until a batch is made: a batch is one gather over the padded images (crop and flip together), then the
published normalisation. There are no worker processes to wait for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from tilewright import TilewrightError, _core


@dataclass(frozen=True)
class Images:
    """A split of a data set."""

    #: ``[images, height, width, channels]``, bytes.
    pixels: Tensor
    #: ``[images]``, 0 to classes − 1.
    labels: Tensor
    classes: int
    #: Of each channel, in parts of 255.
    mean: Tensor
    #: Of each channel, in parts of 255.
    deviation: Tensor

    def __post_init__(self) -> None:
        if self.pixels.dtype != torch.uint8 or self.pixels.ndim != 4:
            raise TilewrightError(
                f"pixels are {self.pixels.dtype} of shape {tuple(self.pixels.shape)}; "
                "give torch.uint8 [images, height, width, channels]"
            )
        if len(self.pixels) != len(self.labels) or not len(self.labels):
            raise TilewrightError(f"{len(self.pixels)} images have {len(self.labels)} labels; give each image one")
        least, greatest = int(self.labels.min()), int(self.labels.max())
        if least < 0 or greatest >= self.classes:
            raise TilewrightError(f"labels go from {least} to {greatest}; give 0 to {self.classes - 1}")

    @staticmethod
    def load(name: str, split: str, folder: str | os.PathLike[str] | None = None) -> Images:
        """Read ``train`` or ``test`` of ``cifar10``, ``cifar100``, ``mnist`` or ``fashion-mnist``.

        Parameters
        ----------
        folder
            Where to look; by default in the folder of ``TILEWRIGHT_DATA``, then the user's, then the system's.

        Raises
        ------
        TilewrightError
            If the set is missing, is cut short, or has a label that names no class.
        """
        data = _core.Dataset.load(name, split, folder)
        channels, height, width = data.shape
        pixels = torch.frombuffer(bytearray(data.pixels()), dtype=torch.uint8).reshape(-1, channels, height, width)
        return Images(
            pixels.permute(0, 2, 3, 1).contiguous(),
            torch.frombuffer(bytearray(data.labels()), dtype=torch.int32).long(),
            data.classes,
            torch.tensor(data.mean),
            torch.tensor(data.deviation),
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def shape(self) -> tuple[int, int, int]:
        """``[channels, height, width]`` of an image."""
        height, width, channels = self.pixels.shape[1:]
        return channels, height, width

    def to(self, device: torch.device) -> Images:
        """Return the same on a device."""
        pixels, labels, mean, deviation = (v.to(device) for v in (self.pixels, self.labels, self.mean, self.deviation))
        return Images(pixels, labels, self.classes, mean, deviation)

    def part(self, start: int, end: int) -> Images:
        """Return images `start` up to, not including, `end`."""
        return Images(self.pixels[start:end], self.labels[start:end], self.classes, self.mean, self.deviation)

    def normalized(self, pixels: Tensor) -> Tensor:
        """Return bytes ``[…, height, width, channels]`` as the input of a network, ``[…, channels, height, width]``."""
        return ((pixels.float() / 255 - self.mean) / self.deviation).movedim(-1, -3)

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield all images in order, unchanged: ``[batch, channels, height, width]`` and ``[batch]``."""
        for start in range(0, len(self), size):
            yield self.normalized(self.pixels[start : start + size]), self.labels[start : start + size]


@dataclass(frozen=True)
class Augmentation:
    """What is done to the images of a batch, each by itself."""

    #: Pixels of black around the image, of which a random cut of the image's size is taken.
    pad: int = 4
    #: Whether half of the images are mirrored.
    flip: bool = True
    #: Side of a square set to the mean, in pixels; 0 for none (DeVries, Taylor 2017).
    cutout: int = 0

    def __post_init__(self) -> None:
        if self.pad < 0 or self.cutout < 0:
            raise TilewrightError(f"pad is {self.pad} and cutout {self.cutout} pixels; give 0 or more")


class AugmentedBatches:
    """Shuffled batches of augmented images, the same for the same generator; a last, smaller batch is left out."""

    def __init__(self, images: Images, size: int, augmentation: Augmentation) -> None:
        if not 0 < size <= len(images):
            raise TilewrightError(f"the batch is {size} of {len(images)} images; give 1 to {len(images)}")
        self._images, self._size, self._augmentation = images, size, augmentation
        pad = augmentation.pad
        padded = torch.nn.functional.pad(images.pixels, (0, 0, pad, pad, pad, pad))
        self._padded_shape = padded.shape
        # One row a pixel, so that a cut of any place, mirrored or not, is one gather of rows.
        self._rows = padded.reshape(-1, padded.shape[3])

    def __len__(self) -> int:
        return len(self._images) // self._size

    def epoch(self, random: torch.Generator) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield the batches of one epoch."""
        order = torch.randperm(len(self._images), generator=random)
        device = self._rows.device
        for batch in range(len(self)):
            chosen = order[batch * self._size : (batch + 1) * self._size]
            places = self._places(chosen, random)
            pixels = self._rows[places.to(device)]
            inputs = self._images.normalized(pixels)
            if self._augmentation.cutout:
                inputs = inputs * self._holes(len(chosen), random).to(device)
            yield inputs, self._images.labels[chosen.to(device)]

    def _places(self, chosen: Tensor, random: torch.Generator) -> Tensor:
        """Rows of pixels of one batch ``[batch, height, width]``."""
        _, height, width = self._images.shape
        _, padded_height, padded_width, _ = self._padded_shape
        top, left = (
            torch.randint(2 * self._augmentation.pad + 1, (len(chosen), 1), generator=random) for _ in range(2)
        )
        rows, columns = top + torch.arange(height), torch.arange(width).expand(len(chosen), width)
        if self._augmentation.flip:
            mirrored = torch.rand(len(chosen), 1, generator=random) < 0.5
            columns = torch.where(mirrored, width - 1 - columns, columns)
        start = chosen * (padded_height * padded_width)
        return start[:, None, None] + (rows * padded_width)[:, :, None] + (left + columns)[:, None, :]

    def _holes(self, count: int, random: torch.Generator) -> Tensor:
        """0 within a square around a random pixel, 1 elsewhere: ``[batch, 1, height, width]``."""
        side = self._augmentation.cutout

        def outside(length: int) -> Tensor:
            start = torch.randint(length, (count, 1), generator=random) - side // 2
            place = torch.arange(length)
            return (place < start) | (place >= start + side)

        _, height, width = self._images.shape
        return (outside(height)[:, None, :, None] | outside(width)[:, None, None, :]).float()
