"""Small sets of images that can be learned, and files as they are published."""

import gzip
import struct

import numpy as np
import torch

from tilewright.train import Images


def images(count, shape=(1, 28, 28), classes=10, seed=0):
    """Each class a pattern of its own, under noise; the patterns are the same for every seed."""
    channels, height, width = shape
    patterns = np.random.default_rng(99).integers(0, 256, (classes, height // 4, width // 4, channels))
    patterns = patterns.repeat(4, axis=1).repeat(4, axis=2)
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, count)
    pixels = (patterns[labels] + random.normal(0, 40, (count, height, width, channels))).clip(0, 255)
    return Images(
        torch.from_numpy(pixels.astype(np.uint8)),
        torch.from_numpy(labels),
        classes,
        torch.full((channels,), 0.5),
        torch.full((channels,), 0.25),
    )


def splits(shape=(1, 28, 28), train=256, test=64):
    return images(train, shape, seed=1), images(test, shape, seed=2)


def idx(array):
    """The bytes of an array of bytes in the form of MNIST."""
    return struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_fashion_mnist(folder, train=None, test=None):
    """Write a set of the published size, black unless pixels and labels are given."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, count, given in (("train", 60_000, train), ("t10k", 10_000, test)):
        pixels, labels = given or (np.zeros((count, 28, 28), np.uint8), np.zeros(count, np.uint8))
        for kind, array in (("images-idx3", pixels), ("labels-idx1", labels)):
            with gzip.open(folder / f"{name}-{kind}-ubyte.gz", "wb", compresslevel=1) as file:
                file.write(idx(array))
