"""A trained network as a quantised ONNX file: ``python -m tilewright.train.quantize TRAINED``.

Nothing is trained: the step sizes are calibrated on training images. Below 8 bits, training with ``--weight-bits`` and
``--activation-bits`` loses less.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from tilewright import TilewrightError
from tilewright.train.data import Images
from tilewright.train.module import NetworkModule
from tilewright.train.quantization import METHODS, quantized
from tilewright.train.start import CALIBRATION_IMAGES
from tilewright.train.trained import finished_module, is_run, recipe_of
from tilewright.train.trainer import recognition_rate


@dataclass(frozen=True)
class QuantizedRun:
    """A trained network after post-training quantisation."""

    module: NetworkModule
    #: Recognition rate of the test images in percent, of the network as it was trained.
    float_rate: float
    #: The same of :attr:`module`.
    rate: float
    test_images: int


def quantize_run(
    trained: str | os.PathLike[str],
    bits: int = 8,
    method: str = "mse",
    images: int = CALIBRATION_IMAGES,
    data: str | os.PathLike[str] | None = None,
) -> QuantizedRun:
    """Quantise a trained network, and measure it.

    Parameters
    ----------
    trained
        Folder of a finished run, or the name of a trained network; of float weights.
    bits
        Of weights and layer inputs, 2 to 8.
    method
        How step sizes are found; see :func:`quantized`.
    images
        Training images that they are found on, the first ones.
    data
        Folder of the data sets; see :meth:`Images.load`.
    """
    module, recipe = finished_module(os.fspath(trained)), recipe_of(trained)
    training, test = (Images.load(recipe.data, split, data) for split in ("train", "test"))
    if not 1 <= images <= len(training):
        raise TilewrightError(f"images is {images}; give 1 to {len(training)}")
    result = quantized(module, training.normalized(training.pixels[:images]), bits, bits, method)
    return QuantizedRun(result, recognition_rate(module, test), recognition_rate(result, test), len(test))


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser("python -m tilewright.train.quantize", description=__doc__)
    parser.add_argument("trained", help="folder of a finished run, or name of a trained network")
    parser.add_argument("--bits", type=int, default=8, metavar="N", help="of weights and layer inputs, 2 to 8 [8]")
    parser.add_argument(
        "--method", choices=METHODS, default=METHODS[0], help=f"how step sizes are found [{METHODS[0]}]"
    )
    parser.add_argument(
        "--images",
        type=int,
        default=CALIBRATION_IMAGES,
        metavar="N",
        help=f"training images that they are found on [{CALIBRATION_IMAGES}]",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="where the network goes [model-intBITS.onnx, in the folder of a run]"
    )
    parser.add_argument("--data-folder", type=Path, metavar="FOLDER", help="where data sets are")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads [all]")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        found = quantize_run(options.trained, options.bits, options.method, options.images, options.data_folder)
        folder = options.trained if is_run(options.trained) else ""
        path = options.out or Path(folder, f"model-int{options.bits}.onnx")
        found.module.network().save_onnx(path)
    except TilewrightError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    rates = f"float {found.float_rate:.2f} %, {options.bits} bits {found.rate:.2f} %"
    print(f"{found.module.name}: {rates} of {found.test_images:,} test images recognised; {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
