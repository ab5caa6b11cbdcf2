"""Writes into the cards of trained networks what ONNX Runtime recognises, and the lengths and checksums of their files.

    python trained.py NAME [NAME ...] [--data FOLDER]

FOLDER is searched for the test images as `tilewright data` does: the set's own folder in it, or its files themselves, plain or
packed with gzip. Without it, `/usr/share/datasets`. Review the difference of the cards.
"""

import argparse
import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime

TRAINED = Path(__file__).parents[2] / "trained"
FIRST = 500


def data(folder: Path, own: str, name: str) -> bytes:
    for place in (folder / own, folder):
        if (path := place / name).is_file():
            return path.read_bytes()
        if (path := place / f"{name}.gz").is_file():
            return gzip.decompress(path.read_bytes())
    raise SystemExit(f"{name} is neither in {folder / own} nor in {folder}; name its folder by --data")


def test_images(folder: Path, data_set: str) -> tuple[np.ndarray, np.ndarray]:
    """Bytes `[image, channel, row, column]` and labels."""
    if data_set == "cifar10":
        records = np.frombuffer(data(folder, "cifar-10-batches-bin", "test_batch.bin"), np.uint8).reshape(-1, 3073)
        return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]
    images = np.frombuffer(data(folder, data_set, "t10k-images-idx3-ubyte"), np.uint8, offset=16)
    return images.reshape(-1, 1, 28, 28), np.frombuffer(data(folder, data_set, "t10k-labels-idx1-ubyte"), np.uint8, offset=8)


def recognised(model: bytes, images: np.ndarray, labels: np.ndarray) -> dict[str, int]:
    # Without optimisation, which would replace a quantised layer by one that rounds elsewhere.
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    batches = (images[start : start + FIRST] for start in range(0, len(images), FIRST))
    scores = np.concatenate([session.run(None, {name: batch})[0] for batch in batches])
    right = scores.reshape(len(images), -1).argmax(axis=1) == labels
    return {"first_500": int(right[:FIRST].sum()), "all": int(right.sum())}


def record(name: str, folder: Path) -> None:
    path = TRAINED / f"{name}.json"
    card = json.loads(path.read_text())
    pixels, labels = test_images(folder, card["data_set"])
    mean, std = (np.array(card["normalization"][key], np.float32).reshape(-1, 1, 1) for key in ("mean", "std"))
    images = (pixels.astype(np.float32) / np.float32(255) - mean) / std
    for form, suffix in (("float", ""), ("int8", "-int8")):
        model = (TRAINED / f"{name}{suffix}.onnx").read_bytes()
        card["onnxruntime"][form] = recognised(model, images, labels)
        card["files"][form] = {"bytes": len(model), "sha256": hashlib.sha256(model).hexdigest()}
    path.write_text(json.dumps(card, indent=2) + "\n")
    print(f"{name}: {card['onnxruntime']}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="+", metavar="NAME")
    parser.add_argument("--data", type=Path, default=Path("/usr/share/datasets"), metavar="FOLDER")
    arguments = parser.parse_args()
    for name in arguments.names:
        record(name, arguments.data)


if __name__ == "__main__":
    main()
