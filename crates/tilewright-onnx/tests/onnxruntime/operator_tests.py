"""Counts how many of the operator tests that ship with the `onnx` package are computed rightly.

    python operator_tests.py write FOLDER          writes the tests as recorded models (see export.py)
    cargo run -p tilewright-onnx --example compare -- FOLDER > FOLDER/results.txt
    python operator_tests.py count FOLDER TABLE    writes the table of what came out to TABLE

Each test becomes up to two models. In `image`, the first floating-point input is the image, under a batch axis of its own unless its
first axis has length 1, and the others are constants. In `constants`, all inputs are, so that the node is computed at import.
Expected values are those of the test, to its own tolerance, or to the last place of results of 16 bits.
"""

import collections
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

warnings.filterwarnings("ignore")

FLOATS = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}


def tensor(value: object) -> np.ndarray | None:
    """A test's value if it is a dense tensor of numbers."""
    if not isinstance(value, (np.ndarray, np.generic)):
        return None
    array = np.asarray(value)
    return None if array.dtype.kind in "OUSc" else array


def as_floats(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array.astype(np.float32), dtype="<f4")


class Form:
    """A test's model with some inputs made constants and its result reached from one image."""

    def __init__(self, case: object, inputs: list[np.ndarray], outputs: list[np.ndarray], image: int | None) -> None:
        self.model = onnx.ModelProto()
        self.model.CopyFrom(case.model)
        self.graph, self.image = self.model.graph, image
        self.infos = [onnx.ValueInfoProto.FromString(info.SerializeToString()) for info in self.graph.input]
        self.results = [info for info in self.graph.output]
        del self.graph.input[:]
        self.recorded: list[tuple[str, np.ndarray]] = []
        self.add_inputs(inputs)
        self.add_outputs(outputs)

    def constant(self, name: str, array: np.ndarray) -> str:
        self.graph.initializer.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def add_inputs(self, inputs: list[np.ndarray]) -> None:
        first: list[onnx.NodeProto] = []
        for index, (info, array) in enumerate(zip(self.infos, inputs)):
            if index != self.image:
                kind = info.type.tensor_type.elem_type
                self.graph.initializer.append(stored(info.name, kind, array))
                continue
            shape = list(array.shape)
            batched = shape if len(shape) > 1 and shape[0] == 1 else [1, *shape]
            kind = info.type.tensor_type.elem_type
            self.graph.input.append(helper.make_tensor_value_info("the_image", kind, batched))
            self.recorded.append(("the_image", array.reshape(batched)))
            target = self.constant("the_shape", np.array(shape, dtype=np.int64))
            first.append(helper.make_node("Reshape", ["the_image", target], [info.name], name="to_input"))
        if self.image is None:
            self.graph.input.append(helper.make_tensor_value_info("the_image", TensorProto.FLOAT, [1, 1]))
            self.recorded.append(("the_image", np.ones([1, 1], dtype=np.float32)))
            first.append(helper.make_node("Mul", ["the_image", self.constant("the_zero", np.float32(0))], ["nothing"]))
        nodes = [*first, *self.graph.node]
        del self.graph.node[:]
        self.graph.node.extend(nodes)

    def add_outputs(self, outputs: list[np.ndarray]) -> None:
        del self.graph.output[:]
        for index, (info, array) in enumerate(zip(self.results, outputs)):
            name, expected = info.name, array
            single = len(self.graph.node) == 2 and self.graph.node[-1].op_type == "QuantizeLinear"
            quantizer = self.graph.node[-1] if single else None
            if self.image is not None and quantizer is not None and name == quantizer.output[0]:
                name, expected = self.dequantized(quantizer, name)
            if self.image is None:
                if info.type.tensor_type.elem_type != TensorProto.FLOAT:
                    self.graph.node.append(helper.make_node("Cast", [name], [f"{name}_float"], to=TensorProto.FLOAT))
                    name = f"{name}_float"
                shape = self.constant(f"shape_{index}", np.array([1, *(array.shape or [1])], dtype=np.int64))
                self.graph.node.append(helper.make_node("Reshape", [name, shape], [f"{name}_batched"]))
                ones = self.constant(f"ones_{index}", np.array([1] * max(array.ndim + 1, 2), dtype=np.int64))
                self.graph.node.append(helper.make_node("Reshape", ["nothing", ones], [f"nothing_{index}"]))
                self.graph.node.append(helper.make_node("Add", [f"nothing_{index}", f"{name}_batched"], [f"{name}_sum"]))
                name = f"{name}_sum"
            self.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
            self.recorded.append((name, expected))

    def dequantized(self, node: onnx.NodeProto, name: str) -> tuple[str, np.ndarray]:
        """What the integers of a QuantizeLinear stand for: integers alone are no tensor of a network."""
        back = helper.make_node("DequantizeLinear", [name, *node.input[1:]], [f"{name}_real"], name="back")
        back.attribute.extend(attribute for attribute in node.attribute if attribute.name in {"axis", "block_size"})
        self.graph.node.append(back)
        model = onnx.ModelProto()
        model.CopyFrom(self.model)
        del model.graph.output[:]
        model.graph.output.append(onnx.ValueInfoProto(name=f"{name}_real"))
        (result,) = onnx.reference.ReferenceEvaluator(model).run(None, {"the_image": self.recorded[0][1]})
        return f"{name}_real", result

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        onnx.save(self.model, folder / "model.onnx")
        index = [{"name": name, "shape": list(array.shape)} for name, array in self.recorded]
        (folder / "index.json").write_text(json.dumps(index) + "\n")
        (folder / "values.bin").write_bytes(b"".join(as_floats(array).tobytes() for _, array in self.recorded))


def stored(name: str, kind: int, array: np.ndarray) -> TensorProto:
    proto = numpy_helper.from_array(array, name)
    if proto.data_type != kind:
        raise ValueError(f"{name}: {array.dtype} of a tensor of type {kind}")
    return proto


def forms(case: object) -> dict[str, Form]:
    """The models of a test by their form; none if it takes or yields what is no tensor of numbers, or nothing at all."""
    [(inputs, outputs)] = case.data_sets[:1]
    inputs, outputs = [tensor(value) for value in inputs], [tensor(value) for value in outputs]
    if any(array is None for array in [*inputs, *outputs]) or any(array.size == 0 for array in outputs):
        return {}
    kinds = [info.type.tensor_type.elem_type for info in case.model.graph.input]
    if not inputs:
        return {"constants": Form(case, inputs, outputs, None)}
    images = [i for i, array in enumerate(inputs) if kinds[i] in FLOATS and array.ndim and array.size]
    made = {"constants": Form(case, inputs, outputs, None)}
    if images:
        made["image"] = Form(case, inputs, outputs, images[0])
    return made


def tests() -> list[object]:
    from onnx.backend.test.loader import load_model_tests

    return sorted(load_model_tests(kind="node"), key=lambda case: case.name)


def write(folder: Path) -> None:
    apart = []
    for case in tests():
        try:
            made = forms(case)
        except Exception as error:
            made = {}
            print(f"{case.name}: {type(error).__name__}: {error}", file=sys.stderr)
        if not made:
            apart.append(case.name)
        for form, model in made.items():
            model.write(folder / f"{case.name}+{form}")
    (folder / "apart.json").write_text(json.dumps(apart) + "\n")


def verdict(line: str, outputs: int, tolerance: float) -> str:
    if " tensors, worst " not in line:
        return "opaque" if "can be listed but not executed" in line else "refused"
    tensors, worst = line.split()[1], float(line.split(", worst ")[1].split()[0])
    # Not a number is beyond any tolerance.
    if not worst <= tolerance:
        return "wrong"
    return "right" if int(tensors) == outputs else "refused"


def tolerance(case: object) -> float:
    """The test's own, relative to the greatest value; one in the last place of a result of 16 bits."""
    kinds = {info.type.tensor_type.elem_type for info in case.model.graph.output}
    places = {TensorProto.FLOAT16: 2.0**-10, TensorProto.BFLOAT16: 2.0**-7}
    return max(case.rtol, *(places.get(kind, 0.0) for kind in kinds))


def operators() -> dict[str, str]:
    """The operator of each test: its only node's."""
    names = {}
    for case in tests():
        nodes = case.model.graph.node
        names[case.name] = nodes[0].op_type if len(nodes) == 1 else "(several)"
    return names


def count(folder: Path, table: Path) -> None:
    lines = (folder / "results.txt").read_text().splitlines()
    allowed = {case.name: tolerance(case) for case in tests()}
    found: dict[str, dict[str, str]] = {"image": {}, "constants": {}}
    why: dict[str, str] = {}
    for line in lines:
        if "+" not in line.split(" ")[0]:
            continue
        name, form = line.split(" ")[0].split("+")
        outputs = len(json.loads((folder / f"{name}+{form}" / "index.json").read_text()))
        found[form][name] = verdict(line, outputs, allowed[name])
        why[f"{name}+{form}"] = line.split(" ", 1)[1].strip()
    operator, apart = operators(), json.loads((folder / "apart.json").read_text())
    # A test with an image counts by it; one without by its constants.
    whole = {**found["constants"], **found["image"]}
    either = {name for form in found.values() for name, verdict in form.items() if verdict == "right"}
    kinds = ["right", "wrong", "refused", "opaque"]
    rows = [
        ["", "tests", *kinds],
        ["one image, else constants", len(whole), *(list(whole.values()).count(kind) for kind in kinds)],
        *([form, len(found[form]), *(list(found[form].values()).count(kind) for kind in kinds)] for form in found),
    ]
    text = ["# Operator tests of the `onnx` package", ""]
    text += [f"onnx {onnx.__version__}, {len(operator)} node tests; written by `tests/onnxruntime/operator_tests.py`."]
    text += [f"{len(apart)} of them take or yield what is no tensor of numbers, or an empty one, and are not counted."]
    text += [f"{len(either)} are right in one form or both.", ""]
    text += markdown(rows)
    groups = collections.defaultdict(collections.Counter)
    for name, result in whole.items():
        groups[operator[name]][result] += 1
    text += ["", "One image, else constants, by operator:", ""]
    text += markdown([["operator", *kinds], *([name, *(group[kind] for kind in kinds)] for name, group in sorted(groups.items()))])
    table.write_text("\n".join(text) + "\n")
    print("\n".join(text[:12]))
    reasons = [f"{result}\t{operator[name]}\t{name}+{form}\t{why[f'{name}+{form}']}" for form in found for name, result in found[form].items() if result != "right"]
    (folder / "reasons.txt").write_text("\n".join(sorted(reasons)) + "\n")


def markdown(rows: list[list[object]]) -> list[str]:
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:]]


def main() -> None:
    match sys.argv[1:]:
        case ["write", folder]:
            write(Path(folder))
        case ["count", folder, table]:
            count(Path(folder), Path(table))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
