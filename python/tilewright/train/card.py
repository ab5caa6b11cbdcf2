"""A finished run as a network of the trained zoo: its ONNX files and its card.

``python -m tilewright.train.card NAME RUN [RUN …]`` takes the runs of one recipe under different seeds, stores the
network of the first one, in floating point and quantised to 8 bits, and writes what each seed recognises into the card.
``--add`` adds the runs to a card that is there, whose network stays. ``--renamed OLD=NEW`` says that the trained
network that the recipe calls OLD is called NEW now.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

import tilewright
from tilewright import TilewrightError
from tilewright._files import write_whole
from tilewright._network import Network
from tilewright.train import checkpoint
from tilewright.train.data import Images
from tilewright.train.module import NetworkModule
from tilewright.train.quantization import quantized
from tilewright.train.recipe import Recipe
from tilewright.train.trained import card_of, is_run, load_module
from tilewright.train.trainer import TEST_BATCH

#: Training images that the inputs of the layers are calibrated on.
CALIBRATION = 1024
#: Test images that a quick test runs.
FIRST = 500
#: Stands in a card's command for the seed.
SEED = "{seed}"


def publish(
    name: str,
    runs: Sequence[str | os.PathLike[str]],
    into: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    renamed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Write ``NAME.onnx``, ``NAME-int8.onnx``, ``NAME.json`` and each run's log, and return the card.

    Parameters
    ----------
    runs
        Folders of finished runs of one recipe under different seeds; the first one's network is stored.
    into
        Folder of the trained zoo.
    data
        Where data sets are.
    renamed
        What trained networks that the recipes name are called now.

    Raises
    ------
    TilewrightError
        If a run is not finished, the recipes differ in more than the seed, or a new name is that of no trained network.
    """
    renamed = renamed or {}
    recipes = [_with_names(_finished(Path(run)), renamed) for run in runs]
    first, before = recipes[0], _before(name, recipes[0])
    commands = {command(_from_before(recipe, name, before)) for recipe in recipes}
    _verify_one_recipe(commands, [recipe.seed for recipe in recipes])
    test, calibration = _images(first.data, data)
    into = Path(into)
    modules = [_modules(Path(run), calibration) for run in runs]
    with tempfile.TemporaryDirectory() as made:
        stored = _store(Path(made), name, modules[0], test)
        network = Network.from_onnx(Path(made, f"{name}.onnx"))
        files = {path.name: path.read_bytes() for path in Path(made).iterdir()}
    results = [_result(recipe.seed, one, test) for recipe, one in zip(recipes, modules, strict=True)]
    card = {
        "name": name,
        "network": first.network,
        "kernels": first.kernels,
        "data_set": first.data,
        "normalization": {"mean": _digits(test.mean), "std": _digits(test.deviation)},
        "training": {
            "command": commands.pop(),
            **({"renamed": dict(renamed)} if renamed else {}),
            **({"before": before} if before else {}),
            "epochs": first.epochs,
            "stored_seed": first.seed,
        },
        "test": {"images": len(test), "runs": results},
        "onnxruntime": {form: file["onnxruntime"] for form, file in stored.items()},
        "crossbars": {
            str(side): tilewright.map(network, crossbar=side, scheme="sub-image").total.crossbars for side in (128, 256)
        },
        "files": {form: file["file"] for form, file in stored.items()},
    }
    # All at the end, and the card last: it has the checksums of the files that it speaks of.
    for file, content in files.items():
        _write_content(into / file, content)
    _copy_logs(runs, recipes, into, name)
    _write(card, into)
    return card


def extend(
    name: str,
    runs: Sequence[str | os.PathLike[str]],
    into: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
) -> dict[str, Any]:
    """Add what runs under further seeds recognise to a card, and return it; the stored network stays.

    The parameters are those of `publish`.

    Raises
    ------
    TilewrightError
        If there is no such card, a run is not finished, or its recipe is not the card's under another seed.
    """
    into = Path(into)
    try:
        card: dict[str, Any] = json.loads((into / f"{name}.json").read_text())
    except FileNotFoundError:
        raise TilewrightError(f"{into} has no {name}.json to add to") from None
    renamed = card["training"].get("renamed", {})
    recipes = [_with_names(_finished(Path(run)), renamed) for run in runs]
    known = card["test"]["runs"]
    commands = {card["training"]["command"], *map(command, recipes)}
    _verify_one_recipe(commands, [run["seed"] for run in known] + [recipe.seed for recipe in recipes])
    test, calibration = _images(card["data_set"], data)
    pairs = zip(runs, recipes, strict=True)
    known.extend(_result(recipe.seed, _modules(Path(run), calibration), test) for run, recipe in pairs)
    known.sort(key=lambda run: run["seed"])
    _copy_logs(runs, recipes, into, name)
    _write(card, into)
    return card


def _verify_one_recipe(commands: set[str], seeds: list[int]) -> None:
    if len(commands) > 1 or len(set(seeds)) < len(seeds):
        raise TilewrightError(
            "these are not runs of one recipe under different seeds: "
            + "; ".join(sorted(commands))
            + f"; seeds {', '.join(map(str, seeds))}"
        )


def _images(data_set: str, data: str | os.PathLike[str] | None) -> tuple[Images, torch.Tensor]:
    """Return the test images, and training images that the inputs of the layers are calibrated on."""
    train = Images.load(data_set, "train", data)
    return Images.load(data_set, "test", data), train.normalized(train.pixels[:CALIBRATION])


def _modules(run: Path, calibration: torch.Tensor) -> dict[str, NetworkModule]:
    """Return what a run trained, in floating point and quantised."""
    module = load_module(run)
    return {"float": module, "int8": quantized(module, calibration).eval()}


def _result(seed: int, modules: dict[str, NetworkModule], test: Images) -> dict[str, int]:
    """Return how many test images the networks of a run recognise, as ``tilewright evaluate`` counts them."""
    return {"seed": seed, **{form: _recognised(module.network(), test) for form, module in modules.items()}}


def _recognised(network: Network, test: Images) -> int:
    pixels, labels = test.pixels.permute(0, 3, 1, 2).contiguous().numpy(), test.labels.numpy()
    mean, deviation = test.mean.tolist(), test.deviation.tolist()
    found = tilewright.evaluate(network, pixels, labels, mean=mean, std=deviation, top=1, progress=False)
    assert isinstance(found, tilewright.Accuracy), "labels are a class an image"
    return found.top1.correct


def _write(card: dict[str, Any], into: Path) -> None:
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    _write_content(into / f"{card['name']}.json", text.encode())


def _write_content(path: Path, content: bytes) -> None:
    write_whole(path, lambda file: file.write(content))


def command(recipe: Recipe) -> str:
    """Return the command that repeats a recipe; ``{seed}`` replaces the seed in the names of runs it builds on."""
    words = ["python -m tilewright.train", recipe.network]
    default = Recipe(recipe.network).to_dict()
    for key, value in recipe.to_dict().items():
        option = "--" + key.replace("_", "-")
        if key in ("network", "seed") or (value == default[key] and key != "epochs"):
            continue
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
        elif key in ("start", "teacher") and is_run(value):
            words.append(f"{option} runs/{_of_any_seed(Path(value).name, recipe.seed)}")
        else:
            words.append(f"{option} {value}")
    return " ".join(words)


def _before(name: str, recipe: Recipe) -> list[dict[str, str]]:
    """Return the runs that a network builds on where it takes the place of the one that it was trained from."""
    if name not in (recipe.start, recipe.teacher):
        return []
    old = card_of(name)
    assert old is not None
    training = old["training"]
    return [
        *training.get("before", []),
        {"name": f"{name}-{training['epochs']}-epochs", "command": training["command"]},
    ]


def _from_before(recipe: Recipe, name: str, before: list[dict[str, str]]) -> Recipe:
    """Return the recipe with the run before in place of the network that it made."""
    if not before:
        return recipe
    run = f"runs/{before[-1]['name']}-seed{recipe.seed}"
    start, teacher = (run if trained == name else trained for trained in (recipe.start, recipe.teacher))
    return dataclasses.replace(recipe, start=start, teacher=teacher)


def _of_any_seed(folder: str, seed: int) -> str:
    """Return the name of a run with ``{seed}`` where it ends in its seed."""
    ending = f"seed{seed}"
    return folder.removesuffix(ending) + f"seed{SEED}" if folder.endswith(ending) else folder


def _with_names(recipe: Recipe, renamed: Mapping[str, str]) -> Recipe:
    """Return the recipe with the names that trained networks have now."""
    if gone := [name for name in renamed.values() if card_of(name) is None]:
        raise TilewrightError(f"renamed says that a network is called {gone[0]!r}; give the name of a trained network")
    start, teacher = (renamed.get(name, name) if name else name for name in (recipe.start, recipe.teacher))
    return dataclasses.replace(recipe, start=start, teacher=teacher)


def _finished(run: Path) -> Recipe:
    if not (run / "result.json").exists():
        raise TilewrightError(f"{run} has no result.json: it is not a run, or it is not finished")
    state = checkpoint.load(run)
    if state is None:
        raise TilewrightError(f"{run} has no checkpoint of a training run")
    return Recipe(**state["recipe"])


def _store(into: Path, name: str, modules: dict[str, NetworkModule], test: Images) -> dict[str, Any]:
    stored = {}
    for form, module in modules.items():
        path = into / (f"{name}.onnx" if form == "float" else f"{name}-{form}.onnx")
        module.network().save_onnx(path)
        content = path.read_bytes()
        stored[form] = {
            "onnxruntime": _recognised_by_onnxruntime(content, test),
            "file": {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()},
        }
    return stored


def _copy_logs(runs: Sequence[str | os.PathLike[str]], recipes: list[Recipe], into: Path, name: str) -> None:
    for run, recipe in zip(runs, recipes, strict=True):
        _copy_log(Path(run), into / "logs" / f"{name}-seed{recipe.seed}.csv")


def _copy_log(run: Path, to: Path) -> None:
    content = (run / "log.csv").read_bytes()
    to.parent.mkdir(exist_ok=True)
    _write_content(to, content)


def _recognised_by_onnxruntime(model: bytes, test: Images) -> dict[str, int]:
    try:
        import onnxruntime
    except ImportError as error:
        raise TilewrightError(f"a card tells what ONNX Runtime recognises: {error}; pip install onnxruntime") from error
    # Without optimisation, which would replace a quantised layer by one that rounds elsewhere.
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    right = [
        session.run(None, {name: images.contiguous().numpy()})[0].argmax(1) == labels.numpy()
        for images, labels in test.batches(TEST_BATCH)
    ]
    found = np.concatenate(right)
    return {"first_500": int(found[:FIRST].sum()), "all": int(found.sum())}


def _digits(values: torch.Tensor) -> list[float]:
    """Four digits, as published."""
    return [round(value, 4) for value in values.tolist()]


def _renamed(text: str) -> dict[str, str]:
    old, _, new = text.partition("=")
    if not (old and new):
        raise argparse.ArgumentTypeError(f"{text!r} is not a pair of names; give OLD=NEW")
    return {old: new}


def main() -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(
        "python -m tilewright.train.card", description="Put finished runs into the trained zoo."
    )
    parser.add_argument("name", help="what the network is called, as in resnet20-ratio50")
    parser.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="finished runs of different seeds")
    parser.add_argument("--add", action="store_true", help="add the runs to the existing card; its network stays")
    parser.add_argument(
        "--renamed",
        type=_renamed,
        metavar="OLD=NEW",
        help="the trained network that the recipe calls OLD is called NEW now; a card that is added to says so itself",
    )
    parser.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help="where the files go")
    parser.add_argument("--data-folder", type=Path, metavar="FOLDER", help="where data sets are")
    options = parser.parse_args()
    if options.add and options.renamed:
        parser.error("--renamed does not go with --add: the existing card defines the name")
    try:
        if options.add:
            card = extend(options.name, options.runs, options.into, options.data_folder)
        else:
            card = publish(options.name, options.runs, options.into, options.data_folder, options.renamed)
    except TilewrightError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for run in card["test"]["runs"]:
        images = card["test"]["images"]
        print(f"{card['name']} seed {run['seed']}: {run['float']} of {images} recognised, int8 {run['int8']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
