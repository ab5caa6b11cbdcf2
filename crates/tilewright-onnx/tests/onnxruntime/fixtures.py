"""The small models the tests compare: every supported operator, both exporters, several operator sets, quantised models."""

import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from export import random_image, record
from hand_built import MODELS, to_quantize
from onnxruntime import quantization
from torch import nn
from torch.nn import functional
from torch_export import export, settle


class Plain(nn.Module):
    """Convolutions, batch normalisation that cannot be folded, pooling, a classifier."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, stride=2, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(6)
        self.norm2 = nn.BatchNorm2d(6)
        self.depthwise = nn.Conv2d(6, 6, (3, 5), padding=(1, 2), groups=6)
        self.pointwise = nn.Conv2d(6, 8, 1)
        self.fc1 = nn.Linear(8 * 2 * 2, 10)
        self.fc2 = nn.Linear(10, 4, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.relu(self.norm1(self.conv1(x)))
        x = functional.max_pool2d(self.norm2(x), 3, 2, ceil_mode=True)
        x = x + self.depthwise(x)
        x = functional.relu6(self.pointwise(x))
        x = functional.avg_pool2d(x, 3, 2, padding=1)
        x = x.reshape(x.size(0), -1)
        x = functional.dropout(functional.relu(self.fc1(x)), training=self.training)
        return functional.softmax(self.fc2(x), dim=1)


class Activations(nn.Module):
    """Squeeze-and-excitation and every activation function."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, dilation=2, padding=2)
        self.squeeze = nn.Conv2d(4, 2, 1)
        self.excite = nn.Conv2d(2, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.hardswish(self.conv(x))
        gate = functional.silu(self.squeeze(functional.adaptive_avg_pool2d(x, 1)))
        x = x * functional.hardsigmoid(self.excite(gate))
        x = torch.cat([torch.tanh(x), functional.leaky_relu(x, 0.2), torch.sigmoid(x), x.clamp(min=-0.5)], dim=1)
        return x.mean([2, 3])


class Shuffle(nn.Module):
    """Channel split and shuffle as in ShuffleNet, and the input transform of GoogLeNet."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU())
        self.last = nn.Conv2d(4, 3, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scales, shifts = [0.458, 0.448, 0.45, 0.4], [-0.03, -0.088, -0.188, 0.1]
        channels = [torch.unsqueeze(x[:, i], 1) * scales[i] + shifts[i] for i in range(4)]
        x = torch.cat(channels, 1)
        left, right = x.chunk(2, dim=1)
        x = torch.cat([left, self.branch(right)], dim=1)
        batch, count, height, width = x.size()
        x = x.view(batch, 2, count // 2, height, width).transpose(1, 2).contiguous().view(batch, count, height, width)
        x = functional.pad(x[:, :, 1:, ::2], (1, 0, 2, 1), value=0.5)
        return torch.flatten(self.last(x), 1)


class Sequence(nn.Module):
    """One-dimensional convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(2, 4, 5, stride=2, padding=2)
        self.norm = nn.BatchNorm1d(4)
        self.conv2 = nn.Conv1d(4, 4, 3, padding=2, dilation=2, groups=2)
        self.fc = nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.norm(functional.relu(self.conv1(x)))
        x = functional.max_pool1d(x, 2)
        x = functional.avg_pool1d(functional.relu(self.conv2(x)), 2)
        return self.fc(functional.adaptive_avg_pool1d(x, 1).squeeze(-1))


MODULES = {
    "plain": (Plain, [3, 16, 12]),
    "activations": (Activations, [2, 6, 5]),
    "shuffle": (Shuffle, [4, 6, 6]),
    "sequence": (Sequence, [2, 21]),
}
EXPORTS = {
    "torchscript13": {"dynamo": False, "opset": 13},
    "torchscript17": {"dynamo": False, "opset": 17, "symbolic_batch": True},
    "unfolded17": {"dynamo": False, "opset": 17, "symbolic_batch": True, "fold": False},
    "dynamo18": {"dynamo": True, "opset": 18},
    "dynamo20": {"dynamo": True, "opset": 20, "symbolic_batch": True, "external_data": True},
    "unfolded20": {"dynamo": True, "opset": 20, "symbolic_batch": True, "fold": False},
}


class Images(quantization.CalibrationDataReader):
    """A few random images to calibrate on."""

    def __init__(self, model: onnx.ModelProto) -> None:
        name = model.graph.input[0].name
        self.images = iter([{name: random_image(model, seed)} for seed in range(4)])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.images, None)


def quantize(
    source: Path,
    path: Path,
    per_channel: bool,
    activations: str,
    weights: str,
    form: quantization.QuantFormat = quantization.QuantFormat.QDQ,
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    quantization.quantize_static(
        source,
        path,
        Images(onnx.load(source)),
        quant_format=form,
        per_channel=per_channel,
        activation_type=quantization.QuantType[activations],
        weight_type=quantization.QuantType[weights],
    )


def write(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for seed, (name, (build, shape)) in enumerate(MODULES.items()):
        torch.manual_seed(seed)
        module = settle(build(), seed)
        for variant, arguments in EXPORTS.items():
            if (name, variant) == ("shuffle", "unfolded20"):
                # Unoptimised, this exporter splits into sequences of tensors.
                continue
            path = folder / f"{name}-{variant}" / "model.onnx"
            export(module, shape, path, **arguments)
            strip(path)
            record(path.parent)
    plain = folder / "plain-torchscript17" / "model.onnx"
    for name, arguments in {
        "quantized-per-tensor": (False, "QUInt8", "QInt8"),
        "quantized-per-channel": (True, "QInt8", "QInt8"),
        "quantized-unsigned": (False, "QUInt8", "QUInt8"),
        "quantized-16-bit": (True, "QInt16", "QInt8"),
    }.items():
        quantize(plain, folder / name / "model.onnx", *arguments)
        record(folder / name)
    write_hand_built(folder)


def write_hand_built(folder: Path, names: list[str] | None = None) -> None:
    if not names:
        write_integer_operators(folder)
    for name, build in MODELS.items():
        if names and name not in names:
            continue
        path = folder / name / "model.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        model = build()
        # Shape inference does not know every operator here, and the checker wants every shape.
        if all(result.type.tensor_type.HasField("shape") for result in model.graph.output):
            onnx.checker.check_model(model)
        onnx.save(model, path)
        if name != "unknown-operator":
            record(path.parent)


def write_integer_operators(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        source = Path(temporary) / "model.onnx"
        onnx.save(to_quantize(), source)
        for name, per_channel in [("integer-operators", False), ("integer-operators-per-channel", True)]:
            path = folder / name / "model.onnx"
            quantize(source, path, per_channel, "QUInt8", "QInt8", quantization.QuantFormat.QOperator)
            record(path.parent)


def strip(path: Path) -> None:
    """Removes stack traces and the like, which are most of an export and hold paths of the machine it ran on."""
    model = onnx.load(path, load_external_data=False)
    del model.metadata_props[:]
    model.ClearField("doc_string")
    model.graph.ClearField("doc_string")
    del model.graph.metadata_props[:]
    for item in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output]:
        item.ClearField("doc_string")
        del item.metadata_props[:]
    onnx.save(model, path)
