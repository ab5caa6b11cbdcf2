"""Exports a PyTorch module with either exporter."""

import warnings
from pathlib import Path

import torch

warnings.filterwarnings("ignore")


def settle(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Evaluation mode, with random weights from `seed` and batch statistics that are not those of a new layer."""
    torch.manual_seed(seed)
    for part in module.modules():
        if isinstance(part, torch.nn.modules.batchnorm._BatchNorm):
            torch.nn.init.uniform_(part.weight, 0.5, 1.5)
            torch.nn.init.normal_(part.bias, std=0.2)
            torch.nn.init.normal_(part.running_mean, std=0.2)
            torch.nn.init.uniform_(part.running_var, 0.5, 1.5)
    return module.eval()


def export(
    module: torch.nn.Module,
    shape: list[int],
    path: Path,
    dynamo: bool,
    opset: int,
    symbolic_batch: bool = False,
    external_data: bool = False,
    fold: bool = True,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = torch.zeros(2 if symbolic_batch else 1, *shape)
    arguments = {"opset_version": opset, "input_names": ["image"], "output_names": ["result"], "verbose": False}
    if not dynamo:
        if symbolic_batch:
            arguments["dynamic_axes"] = {"image": {0: "batch"}, "result": {0: "batch"}}
        if not fold:
            arguments["do_constant_folding"] = False
        torch.onnx.export(module, (image,), str(path), dynamo=False, **arguments)
        return
    if symbolic_batch:
        arguments["dynamic_shapes"] = ({0: torch.export.Dim("batch")},)
    program = torch.onnx.export(module, (image,), dynamo=True, optimize=fold, **arguments)
    program.save(str(path), external_data=external_data)
