"""Exports models and what ONNX Runtime computes at every tensor of them.

    python export.py fixtures                  rewrites ../fixtures, the small models the tests compare
    python export.py zoo FOLDER [NAME ...]     writes torchvision models with random weights to FOLDER

Each model is a folder: `model.onnx`, `index.json` (the names and shapes of the tensors, the input first) and `values.bin` (their
values in that order, little-endian 32-bit floats). Compare the second kind with

    cargo run --release -p tilewright-onnx --example compare -- FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime


def input_of(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    stored = {tensor.name for tensor in model.graph.initializer}
    return next(info for info in model.graph.input if info.name not in stored)


def random_image(model: onnx.ModelProto, seed: int) -> np.ndarray:
    dims = input_of(model).type.tensor_type.shape.dim
    shape = [dim.dim_value if index and dim.dim_value else 1 for index, dim in enumerate(dims)]
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def record(folder: Path, seed: int = 1) -> None:
    """Runs `folder/model.onnx` without optimisation and writes every floating-point tensor it computes."""
    model = onnx.load(folder / "model.onnx")
    image = random_image(model, seed)
    declared = {output.name for output in model.graph.output}
    names = [name for node in model.graph.node for name in node.output if name]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in declared)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    results = session.run(names, {input_of(model).name: image})
    tensors = [(input_of(model).name, image)]
    tensors += [(name, value) for name, value in zip(names, results) if getattr(value, "dtype", None) == np.float32]
    index = [{"name": name, "shape": list(value.shape)} for name, value in tensors]
    (folder / "index.json").write_text(json.dumps(index) + "\n")
    with open(folder / "values.bin", "wb") as file:
        for _, value in tensors:
            file.write(np.ascontiguousarray(value, dtype="<f4").tobytes())
    print(f"{folder.name}: {len(tensors)} tensors", flush=True)


def main() -> None:
    match sys.argv[1:]:
        case ["fixtures"]:
            import fixtures

            fixtures.write(Path(__file__).parent.parent / "fixtures")
        case ["zoo", folder, *names]:
            import zoo

            zoo.write(Path(folder), names)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
