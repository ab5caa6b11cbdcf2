"""Exports models and what ONNX Runtime computes at every tensor of them.

    python export.py fixtures                  rewrites ../fixtures, the small models the tests compare
    python export.py hand-built [NAME ...]     rewrites those of them that no exporter writes
    python export.py zoo FOLDER [NAME ...]     writes torchvision models with random weights to FOLDER
    python export.py record MODEL ...          records models that other tools have made, in ../fixtures under their names

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


# Domain of operators whose tensors are not in the order ONNX has them.
BLOCKED = "com.microsoft.nchwc"


def record(folder: Path, seed: int = 1, most: int | None = None) -> None:
    """Runs `folder/model.onnx` without optimisation and writes every floating-point tensor it computes.

    Of more than `most` bytes only the image and the result are kept.
    """
    model = standard(onnx.load(folder / "model.onnx"))
    image = random_image(model, seed)
    declared = {output.name for output in model.graph.output}
    nodes = [node for node in model.graph.node if node.domain != BLOCKED or node.op_type == "ReorderOutput"]
    names = [name for node in nodes for name in node.output if name]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in declared)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    results = session.run(names, {input_of(model).name: image})
    tensors = [(input_of(model).name, image)]
    tensors += [(name, value) for name, value in zip(names, results) if getattr(value, "dtype", None) == np.float32]
    if most is not None and sum(value.nbytes for _, value in tensors) > most:
        tensors = [tensors[0], *[tensor for tensor in tensors[1:] if tensor[0] in declared]]
    index = [{"name": name, "shape": list(value.shape)} for name, value in tensors]
    (folder / "index.json").write_text(json.dumps(index) + "\n")
    with open(folder / "values.bin", "wb") as file:
        for _, value in tensors:
            file.write(np.ascontiguousarray(value, dtype="<f4").tobytes())
    print(f"{folder.name}: {len(tensors)} tensors", flush=True)


def standard(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with QONNX's operators written in ONNX's, by their definition (https://github.com/fastmachinelearning/qonnx)."""
    nodes = []
    for node in model.graph.node:
        nodes += spelled_out(node, model.graph) if node.domain.startswith("qonnx") else [node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def spelled_out(node: onnx.NodeProto, graph: onnx.GraphProto) -> list[onnx.NodeProto]:
    stored = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    settings = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    x, scale, result = node.input[0], node.input[1], node.output[0]

    def constant(name: str, value: float) -> str:
        graph.initializer.append(onnx.numpy_helper.from_array(np.float32(value), f"{result}.{name}"))
        return f"{result}.{name}"

    if node.op_type == "BipolarQuant":
        up, down = constant("one", 1), constant("minus", -1)
        steps = [("GreaterOrEqual", [x, constant("zero", 0)]), ("Where", ["", up, down]), ("Mul", ["", scale])]
    elif node.op_type == "Trunc":
        bits = float(stored[node.input[3]] - stored[node.input[4]])
        factor = constant("factor", 2.0**bits)
        steps = [("Div", [x, scale]), ("Add", ["", node.input[2]]), ("Round", [""]), ("Div", ["", factor])]
        steps += [("Floor", [""]), ("Sub", ["", node.input[2]]), ("Mul", ["", scale])]
    else:
        bits, signed, narrow = float(stored[node.input[3]]), settings.get("signed", 1), settings.get("narrow", 0)
        least = -(2 ** (bits - 1)) + narrow if signed else 0
        greatest = 2 ** (bits - 1) - 1 if signed else 2**bits - 1 - narrow
        limits = [constant("least", least), constant("greatest", greatest)]
        steps = [("Div", [x, scale]), ("Add", ["", node.input[2]]), ("Clip", ["", *limits]), ("Round", [""])]
        steps += [("Sub", ["", node.input[2]]), ("Mul", ["", scale])]
    nodes, last = [], x
    for index, (operator, inputs) in enumerate(steps):
        output = result if index + 1 == len(steps) else f"{result}.{index}"
        nodes.append(onnx.helper.make_node(operator, [name or last for name in inputs], [output]))
        last = output
    return nodes


def main() -> None:
    match sys.argv[1:]:
        case ["fixtures"]:
            import fixtures

            fixtures.write(Path(__file__).parent.parent / "fixtures")
        case ["hand-built", *names]:
            import fixtures

            fixtures.write_hand_built(Path(__file__).parent.parent / "fixtures", names)
        case ["zoo", folder, *names]:
            import zoo

            zoo.write(Path(folder), names)
        case ["record", *models]:
            fixtures = Path(__file__).parent.parent / "fixtures"
            for model in map(Path, models):
                folder = fixtures / model.stem
                folder.mkdir(exist_ok=True)
                if model.resolve() != (folder / "model.onnx").resolve():
                    (folder / "model.onnx").write_bytes(model.read_bytes())
                record(folder, most=20_000)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
