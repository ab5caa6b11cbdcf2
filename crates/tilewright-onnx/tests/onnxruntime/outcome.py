"""What the command makes of an exported model, in the words of a table."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from export import input_of, standard

# Seconds after which a command is given up.
LONGEST = 1800
# What is said where the results of two images were compared instead of tensors.
RESULT = "results of two images"


def run(tilewright: str, *arguments: str) -> tuple[str, str | None]:
    """What the command printed, and its first line of refusal where it refused."""
    try:
        done = subprocess.run([tilewright, *arguments], capture_output=True, text=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return "", f"more than {LONGEST} s"
    refusal = (done.stderr.splitlines() or [f"code {done.returncode}"])[0] if done.returncode else None
    return done.stdout + done.stderr, refusal


def mapped(tilewright: str, model: Path) -> str:
    """What part of the multiply-accumulates are on crossbars, or why the command refuses."""
    text, refusal = run(tilewright, "map", str(model))
    if refusal:
        return f"no: {refusal}"
    lines = [line for line in text.splitlines() if "of the multiply-accumulates" in line]
    return lines[0].removeprefix("Note: ").split(" of the")[0] if lines else "100 %"


def verified(tilewright: str, model: Path) -> str:
    """Whether every mapped layer, executed through its cells, gives the layer's own integers."""
    _, refusal = run(tilewright, "verify", str(model))
    return f"no: {refusal}" if refusal else "yes"


def evaluated(tilewright: str, model: Path, shape: list[int]) -> str:
    """Whether the fast executor yields what ONNX Runtime does of two images, to 1e-4 of the greatest value."""
    images = np.random.default_rng(2).standard_normal((2, *shape)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in ["images.npy", "labels.npy", "outputs.npz"]]
        np.save(places[0], images)
        np.save(places[1], np.zeros(2, dtype=np.int64))
        options = ["--images", str(places[0]), "--labels", str(places[1]), "--outputs", str(places[2])]
        _, refusal = run(tilewright, "evaluate", str(model), *options)
        if refusal:
            return f"no: {refusal}"
        found = np.load(places[2])["outputs"]
    expected = runtime(model, images)
    # A head whose weights are all 0 yields nothing but 0.
    greatest = np.abs(expected).max() or 1.0
    worst = np.abs(found.reshape(expected.shape) - expected).max() / greatest
    return "yes" if worst <= 1e-4 else f"no: {worst:.1e} off"


def runtime(model: Path, images: np.ndarray) -> np.ndarray:
    """What ONNX Runtime makes of images, one by one."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    loaded = standard(onnx.load(model))
    session = onnxruntime.InferenceSession(loaded.SerializeToString(), options, providers=["CPUExecutionProvider"])
    image = input_of(loaded).name
    return np.concatenate([session.run(None, {image: single[None]})[0] for single in images])


def values(found: str | None) -> str:
    """How many tensors were compared, and how far the worst is off."""
    if found is None:
        return "not compared"
    return found.split(" at ")[0] if " 0 of " in found else found


def compared(folder: Path) -> dict[str, str]:
    """The lines of `compare`, by the model's folder."""
    results = folder / "results.txt"
    lines = results.read_text().splitlines() if results.exists() else []
    return {line.split(" ")[0]: line.split(" ", 1)[1].strip() for line in lines if line}


def command_line(usage: str, write: Callable[[Path, list[str]], None], count: Callable[[Path, str, Path], None]) -> None:
    """What was typed: models to be written, or a table to be counted of them."""
    match sys.argv[1:]:
        case ["write", folder, *names]:
            write(Path(folder), names)
        case ["count", folder, tilewright, table]:
            count(Path(folder), tilewright, Path(table))
        case _:
            sys.exit(usage)
