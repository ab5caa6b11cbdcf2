"""Counts which of torchvision's models, exported with random weights by both exporters, are imported, mapped and computed rightly.

    python torchvision_models.py write FOLDER [NAME ...]    exports and records the models (see export.py)
    cargo run --release -p tilewright-onnx --example compare -- FOLDER > FOLDER/results.txt
    python torchvision_models.py count FOLDER TILEWRIGHT TABLE
                                                            runs the command TILEWRIGHT on each and writes the table to TABLE

Detectors are not among them: they yield lists of boxes whose length depends on the image.
"""

from pathlib import Path

import onnx
import onnxruntime
import torch
import torchvision
from export import record
from outcome import RESULT, command_line, compared, evaluated, mapped, values
from torch_export import export, settle

# Bytes of recorded tensors above which only the result is kept.
MOST = 200_000_000
# Whose weights would need initialising slowly otherwise.
NO_INIT = {"init_weights": False, "aux_logits": False}

# The first of each family, on the smallest input that keeps every stage meaningful, and what its constructor takes.
MODELS = {
    "alexnet": ([3, 224, 224], {}),
    "convnext_tiny": ([3, 64, 64], {}),
    "densenet121": ([3, 64, 64], {}),
    "efficientnet_b0": ([3, 64, 64], {}),
    "efficientnet_v2_s": ([3, 64, 64], {}),
    "googlenet": ([3, 64, 64], NO_INIT | {"transform_input": True}),
    "inception_v3": ([3, 96, 96], NO_INIT | {"transform_input": True}),
    "maxvit_t": ([3, 224, 224], {}),
    "mnasnet0_5": ([3, 64, 64], {}),
    "mobilenet_v2": ([3, 64, 64], {}),
    "mobilenet_v3_small": ([3, 64, 64], {}),
    "regnet_x_400mf": ([3, 64, 64], {}),
    "regnet_y_400mf": ([3, 64, 64], {}),
    "resnet18": ([3, 64, 64], {}),
    "resnet50": ([3, 64, 64], {}),
    "resnext50_32x4d": ([3, 64, 64], {}),
    "shufflenet_v2_x1_0": ([3, 64, 64], {}),
    "squeezenet1_1": ([3, 64, 64], {}),
    "swin_t": ([3, 64, 64], {}),
    "swin_v2_t": ([3, 64, 64], {}),
    "vgg11_bn": ([3, 224, 224], {}),
    "vit_b_16": ([3, 64, 64], {"image_size": 64}),
    "wide_resnet50_2": ([3, 64, 64], {}),
    "segmentation.deeplabv3_mobilenet_v3_large": ([3, 64, 64], {"weights_backbone": None}),
    "segmentation.deeplabv3_resnet50": ([3, 64, 64], {"weights_backbone": None}),
    "segmentation.fcn_resnet50": ([3, 64, 64], {"weights_backbone": None}),
    "segmentation.lraspp_mobilenet_v3_large": ([3, 64, 64], {"weights_backbone": None}),
    "video.mc3_18": ([3, 8, 32, 32], {}),
    "video.mvit_v1_b": ([3, 16, 224, 224], {}),
    "video.mvit_v2_s": ([3, 16, 224, 224], {}),
    "video.r2plus1d_18": ([3, 8, 32, 32], {}),
    "video.r3d_18": ([3, 8, 32, 32], {}),
    "video.s3d": ([3, 16, 224, 224], {}),
    "video.swin3d_t": ([3, 4, 64, 64], {}),
}
# Too many products for the plain reference: only what the fast executor yields of two images is compared.
LARGE = {"video.mvit_v1_b", "video.mvit_v2_s", "video.s3d"}


class First(torch.nn.Module):
    """The first result of a module that yields several under names, as those for segmentation do."""

    def __init__(self, module: torch.nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        result = self.module(x)
        return result["out"] if isinstance(result, dict) else result


def build(name: str, arguments: dict[str, object]) -> torch.nn.Module:
    found = torchvision.models
    for part in name.split("."):
        found = getattr(found, part)
    return found(weights=None, **arguments)


def write(folder: Path, names: list[str]) -> None:
    for seed, (name, (shape, arguments)) in enumerate(MODELS.items()):
        if names and name not in names:
            continue
        torch.manual_seed(seed)
        module = settle(First(build(name, arguments)), seed)
        for dynamo in [False, True]:
            path = folder / f"{name}+{'dynamo' if dynamo else 'torchscript'}" / "model.onnx"
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                export(module, shape, path, dynamo, 18 if dynamo else 17)
            except Exception as error:
                (path.parent / "not-exported.txt").write_text(str(error).splitlines()[0] + "\n")
                print(f"{path.parent.name}: not exported", flush=True)
                continue
            if name not in LARGE:
                record(path.parent, most=MOST)


def result(tilewright: str, model: Path, shape: list[int], mapping: str) -> str:
    """Whether the results of two images are right, of a model that is mapped."""
    found = evaluated(tilewright, model, shape) if mapping.endswith("%") else "no"
    return {"yes": RESULT, "no": "not compared"}.get(found, found)


def count(folder: Path, tilewright: str, table: Path) -> None:
    results = compared(folder)
    versions = f"torch {torch.__version__.split('+')[0]}, torchvision {torchvision.__version__.split('+')[0]}"
    text = ["# torchvision's models", ""]
    text += [f"{versions}, onnx {onnx.__version__}, ONNX Runtime {onnxruntime.__version__}; random weights; written by"]
    text += ["`tests/onnxruntime/torchvision_models.py`. Values are those of ONNX Runtime to 1e-4 of the greatest of a tensor;"]
    text += ["of models with too many products for the plain reference the results that `evaluate` yields.", ""]
    text += ["| model | exporter | input | on crossbars | values |", "|---|---|---|---|---|"]
    for name, (shape, _) in MODELS.items():
        for exporter in ["torchscript", "dynamo"]:
            place = folder / f"{name}+{exporter}"
            size = "×".join(map(str, shape))
            if (place / "not-exported.txt").exists():
                text.append(f"| {name} | {exporter} | {size} | not exported | |")
                continue
            if not (place / "model.onnx").exists():
                continue
            model = place / "model.onnx"
            mapping = mapped(tilewright, model)
            found = values(results.get(place.name)) if name not in LARGE else result(tilewright, model, shape, mapping)
            text.append(f"| {name} | {exporter} | {size} | {mapping} | {found} |")
            print(text[-1], flush=True)
    table.write_text("\n".join(text).replace(str(folder) + "/", "") + "\n")


if __name__ == "__main__":
    command_line(__doc__, write, count)
