"""Writes the ResNet-14 of a CrossSim checkout as an ONNX file: python export.py CHECKOUT resnet14.onnx."""

import sys
from pathlib import Path

import torch

folder = Path(sys.argv[1]) / "applications/dnn/torch/cifar10_resnet"
sys.path.insert(0, str(folder))
from build_resnet_cifar10 import ResNet_cifar10  # noqa: E402

model = ResNet_cifar10(2)
model.load_state_dict(torch.load(folder / "models/resnet14_cifar10.pth", map_location="cpu"))
torch.onnx.export(model.eval(), (torch.zeros(1, 3, 32, 32),), sys.argv[2], dynamo=False)
