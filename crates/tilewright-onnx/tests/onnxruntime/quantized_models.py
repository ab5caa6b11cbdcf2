"""Counts which small networks, quantised by Brevitas and by ONNX Runtime, run whole, in how many bits, and are computed rightly.

python quantized_models.py write FOLDER [NAME ...]    quantises, exports and records the networks (see export.py)
cargo run --release -p tilewright-onnx --example compare -- FOLDER > FOLDER/results.txt
python quantized_models.py count FOLDER TILEWRIGHT TABLE
                                                      runs the command TILEWRIGHT on each and writes the table to TABLE
"""

import json
import re
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

import brevitas.nn as qnn
import numpy as np
import torch
from brevitas.export import export_onnx_qcdq, export_qonnx
from brevitas.quant import Int8ActPerTensorFloat, Int8WeightPerChannelFloat, Int8WeightPerTensorFloat, Uint8ActPerTensorFloat
from export import record
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quant_pre_process, quantize_dynamic, quantize_static
from outcome import command_line, compared, evaluated, mapped, run, values, verified
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes
from torch import nn
from torch_export import export, settle

SHAPE = [3, 16, 16]
BREVITAS = [(weights, inputs) for weights in [2, 3, 4, 6, 8] for inputs in [4, 8]]
STATIC = {
    "u8s8": (QuantType.QUInt8, QuantType.QInt8, False),
    "s8s8": (QuantType.QInt8, QuantType.QInt8, False),
    "s8s8-channel": (QuantType.QInt8, QuantType.QInt8, True),
    "u8u8": (QuantType.QUInt8, QuantType.QUInt8, False),
}
# What only the form of pairs of QuantizeLinear and DequantizeLinear has.
NARROW_OR_WIDE = {
    "s16s8": (QuantType.QInt16, QuantType.QInt8, False),
    "u8s4": (QuantType.QUInt8, QuantType.QInt4, False),
    "s16s16": (QuantType.QInt16, QuantType.QInt16, False),
}


class Plain(nn.Module):
    """A residual network of three convolutions and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.third = nn.Conv2d(8, 16, 3, stride=2, padding=1, groups=2)
        self.last = nn.Linear(16, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        x = torch.relu(self.third(x + self.second(x)))
        return self.last(x.mean([2, 3]))


class Quantised(nn.Module):
    """The same with Brevitas's layers, of as many bits as told."""

    def __init__(self, weights: int, inputs: int, channel: bool) -> None:
        super().__init__()
        kind = Int8WeightPerChannelFloat if channel else Int8WeightPerTensorFloat
        weight = {"weight_quant": kind, "weight_bit_width": weights}
        # One quantiser on both branches, so that they have one scale.
        self.image = qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat, bit_width=8)
        self.first = qnn.QuantConv2d(3, 8, 3, padding=1, bias=False, **weight)
        self.second = qnn.QuantConv2d(8, 8, 3, padding=1, bias=False, **weight)
        self.third = qnn.QuantConv2d(8, 16, 3, stride=2, padding=1, groups=2, **weight)
        self.last = qnn.QuantLinear(16, 10, bias=True, **weight)
        self.norms = nn.ModuleList(nn.BatchNorm2d(8) for _ in range(2))
        positive = {"act_quant": Uint8ActPerTensorFloat, "bit_width": inputs}
        self.rectify = nn.ModuleList(qnn.QuantReLU(**positive) for _ in range(4))
        self.pooled = qnn.QuantIdentity(act_quant=Uint8ActPerTensorFloat, bit_width=inputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.rectify[0](self.norms[0](self.first(self.image(x))))
        y = self.rectify[1](self.norms[1](self.second(x)))
        x = self.rectify[3](self.third(self.rectify[2](x + y)))
        return self.last(self.pooled(x.mean([2, 3])))


def brevitas_network(weights: int, inputs: int, channel: bool) -> nn.Module:
    """The network with scales that quantisers in training mode have met."""
    torch.manual_seed(weights * 16 + inputs)
    module = Quantised(weights, inputs, channel).train()
    with torch.no_grad():
        for _ in range(8):
            module(torch.randn(8, *SHAPE))
    return module.eval()


class Images(CalibrationDataReader):
    def __init__(self) -> None:
        values = np.random.default_rng(5).standard_normal((16, *SHAPE)).astype(np.float32)
        self.images = iter([{"image": image[None]} for image in values])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.images, None)


def networks() -> dict[str, object]:
    """What writes each network to a path, by its name."""
    found = {}
    for weights, inputs in BREVITAS:
        for channel in [False, True]:
            name = f"w{weights}a{inputs}{'-channel' if channel else ''}"
            for form, write in [("qcdq", export_onnx_qcdq), ("qonnx", export_qonnx)]:

                def written(path, write=write, weights=weights, inputs=inputs, channel=channel):
                    write(brevitas_network(weights, inputs, channel), torch.zeros(1, *SHAPE), export_path=str(path), dynamo=False)

                found[f"brevitas-{form}-{name}"] = written
    for form, kinds in [("qdq", STATIC | NARROW_OR_WIDE), ("qoperator", STATIC)]:
        for name, (inputs, weights, channel) in kinds.items():
            settings = {"activation_type": inputs, "weight_type": weights, "per_channel": channel}
            settings["quant_format"] = QuantFormat.QDQ if form == "qdq" else QuantFormat.QOperator
            found[f"onnxruntime-{form}-{name}"] = lambda path, settings=settings: statically(path, settings)
    for weights in [QuantType.QInt8, QuantType.QUInt8]:
        found[f"onnxruntime-dynamic-{weights}"] = lambda path, weights=weights: dynamically(path, weights)
    return found


def prepared(folder: Path) -> Path:
    raw, path = folder / "raw.onnx", folder / "prepared.onnx"
    torch.manual_seed(3)
    export(settle(Plain(), 3), SHAPE, raw, dynamo=False, opset=17)
    quant_pre_process(str(raw), str(path))
    return path


def statically(path: Path, settings: dict[str, object]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        quantize_static(str(prepared(Path(folder))), str(path), Images(), **settings)


def dynamically(path: Path, weights: QuantType) -> None:
    with tempfile.TemporaryDirectory() as folder:
        quantize_dynamic(str(prepared(Path(folder))), str(path), weight_type=weights)


def hold_against_qonnx(folder: Path) -> None:
    """Fails where QONNX's own executor yields another result than what was recorded of its operators written out in ONNX's."""
    model = ModelWrapper(str(folder / "model.onnx")).transform(InferShapes())
    values, tensors = np.fromfile(folder / "values.bin", "<f4"), {}
    for entry in json.loads((folder / "index.json").read_text()):
        count = int(np.prod(entry["shape"]))
        tensors[entry["name"]], values = values[:count].reshape(entry["shape"]), values[count:]
    image, result = next(iter(tensors)), model.graph.output[0].name
    np.testing.assert_allclose(execute_onnx(model, {image: tensors[image]})[result], tensors[result], rtol=1e-6, atol=1e-6)


def write(folder: Path, names: list[str]) -> None:
    warnings.filterwarnings("ignore")
    for name, written in networks().items():
        if names and name not in names:
            continue
        path = folder / name / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            written(path)
            record(path.parent)
            if name.startswith("brevitas-qonnx"):
                hold_against_qonnx(path.parent)
        except Exception as error:
            (path.parent / "not-exported.txt").write_text(str(error).splitlines()[0] + "\n")
            print(f"{name}: not exported: {error}", flush=True)


def bits(tilewright: str, model: Path) -> str:
    """Bits of weights and of inputs as the command prices them, unasked."""
    text, refusal = run(tilewright, "cost", str(model))
    found = re.search(r"([^,]*-bit) weights.*, ([^,]*-bit) inputs", text)
    return "?" if refusal or not found else f"{found[1].strip()}, {found[2]}"


def row(name: str, folder: Path, tilewright: str, results: dict[str, str]) -> str:
    if (folder / "not-exported.txt").exists():
        return f"| {name} | not exported: {(folder / 'not-exported.txt').read_text().strip()} | | | | |"
    model = folder / "model.onnx"
    columns = [bits(tilewright, model), mapped(tilewright, model), verified(tilewright, model), evaluated(tilewright, model, SHAPE)]
    return f"| {name} | {' | '.join(columns)} | {values(results.get(name))} |"


def count(folder: Path, tilewright: str, table: Path) -> None:
    results = compared(folder)
    versions = ", ".join(f"{package} {version(package).split('+')[0]}" for package in ["torch", "brevitas", "qonnx", "onnx", "onnxruntime"])
    text = [
        "# Quantised networks",
        "",
        f"{versions}; written by `tests/onnxruntime/quantized_models.py`.",
        "Values are those of ONNX Runtime to 1e-4 of the greatest of a tensor; QONNX has its operators written out in ONNX's there, and its own executor yields the same.",
        "Evaluated means that `evaluate` yields ONNX Runtime's results of two more images.",
        "",
        "| network | bits of weights and inputs | on crossbars | verified | evaluated | values |",
        "|---|---|---|---|---|---|",
    ]
    for name in networks():
        if (folder / name).exists():
            text.append(row(name, folder / name, tilewright, results))
            print(text[-1], flush=True)
    table.write_text("\n".join(text).replace(str(folder) + "/", "") + "\n")


if __name__ == "__main__":
    command_line(__doc__, write, count)
