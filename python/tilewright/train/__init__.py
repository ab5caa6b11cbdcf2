"""Training of networks under a kernel plan, on PyTorch.

>>> from tilewright.train import Recipe, train
>>> result = train(Recipe("resnet20", kernels="ratio=0.5", epochs=40), "runs/resnet20-half")  # doctest: +SKIP
>>> tilewright.map(result.module.network(), scheme="sub-image")  # doctest: +SKIP

The module that is trained (:class:`NetworkModule`) is built from the network that is mapped. From the shell,
``python -m tilewright.train`` does the same.
"""

try:
    import torch as _torch  # noqa: F401
    import tqdm as _tqdm  # noqa: F401
except ImportError as error:
    raise ImportError(f"training needs PyTorch and tqdm ({error}); pip install 'tilewright[train]'") from error

from tilewright.train.data import Augmentation, AugmentedBatches, Images
from tilewright.train.module import NetworkModule
from tilewright.train.quantization import quantized
from tilewright.train.recipe import Recipe
from tilewright.train.trained import load_module
from tilewright.train.trainer import Result, recognition_rate, train

__all__ = [
    "Augmentation",
    "AugmentedBatches",
    "Images",
    "NetworkModule",
    "Recipe",
    "Result",
    "load_module",
    "quantized",
    "recognition_rate",
    "train",
]
