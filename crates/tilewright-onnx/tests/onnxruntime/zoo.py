"""torchvision models with random weights, from both exporters."""

from pathlib import Path

import torch
import torchvision
from export import record
from torch_export import export, settle

# Side of the image: the least that keeps every stage of the network meaningful, and for vgg16 the one its pooling divides.
SIDES = {
    "resnet18": 64,
    "resnet50": 64,
    "mobilenet_v2": 64,
    "mobilenet_v3_small": 64,
    "mobilenet_v3_large": 64,
    "efficientnet_b0": 64,
    "vgg16": 224,
    "squeezenet1_1": 64,
    "densenet121": 64,
    "shufflenet_v2_x1_0": 64,
    "googlenet": 64,
    "inception_v3": 96,
}
# Whose weights would need initialising slowly otherwise, and whose input is to be transformed as for pretrained weights.
ARGUMENTS = {
    "googlenet": {"init_weights": False, "aux_logits": False, "transform_input": True},
    "inception_v3": {"init_weights": False, "aux_logits": False, "transform_input": True},
}


def write(folder: Path, names: list[str]) -> None:
    for seed, (name, side) in enumerate(SIDES.items()):
        if names and name not in names:
            continue
        torch.manual_seed(seed)
        module = settle(getattr(torchvision.models, name)(weights=None, **ARGUMENTS.get(name, {})), seed)
        for exporter in ["torchscript", "dynamo"]:
            path = folder / f"{name}-{exporter}" / "model.onnx"
            try:
                dynamo = exporter == "dynamo"
                export(module, [3, side, side], path, dynamo, 18 if dynamo else 17, symbolic_batch=name != "vgg16")
            except Exception as error:
                print(f"{name}-{exporter}: not exported: {error}")
                continue
            record(path.parent)
