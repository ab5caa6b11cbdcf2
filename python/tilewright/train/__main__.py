"""``python -m tilewright.train``: every setting of a recipe is an option."""

from __future__ import annotations

import argparse
import re
import signal
import sys
from dataclasses import MISSING, fields
from pathlib import Path
from types import FrameType
from typing import Any

import torch

from tilewright import TilewrightError
from tilewright.train.recipe import Recipe
from tilewright.train.trainer import train

_TYPES = {"int": int, "float": float, "str": str, "int | None": int, "str | None": str}


def main() -> int:
    """Run the command and return its exit code: 2 for what cannot be done as asked, 128 + its number after a signal."""
    options = vars(_parser().parse_args())
    folder, data, device, threads, every = (
        options.pop(key) for key in ("out", "data_folder", "device", "threads", "test_every")
    )
    _heed_signals()
    try:
        recipe = Recipe(**options)
        folder = folder or default_folder(recipe)
        if threads is not None:
            if threads < 1:
                raise TilewrightError(f"threads are {threads}; give 1 or more")
            torch.set_num_threads(threads)
        result = train(recipe, folder, data=data, device=device, test_every=every)
    except (TilewrightError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        print(f"stopped; the same command resumes after the last whole epoch in {folder}", file=sys.stderr)
        return 128 + (stop.args[0] if stop.args else signal.SIGINT)
    print(f"{recipe.network} {recipe.kernels}: {result.test_rate:.2f} % of the test images recognised; {result.folder}")
    return 0


def _heed_signals() -> None:
    """Let what ends a process or closes its terminal stop the run as Ctrl-C does; what is ignored stays ignored."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt(number)


def default_folder(recipe: Recipe) -> Path:
    """Return where a run goes that nobody gave a folder; a plan of layer names becomes a file name."""
    network = Path(recipe.network).name.removesuffix(".onnx")
    name = re.sub(r"[^\w.=+-]+", "-", f"{network}-{recipe.kernels}", flags=re.ASCII)
    return Path("runs", f"{name[:100]}-seed{recipe.seed}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tilewright.train",
        description="Train a network under a kernel plan. Run again, it resumes where it was interrupted.",
    )
    parser.add_argument("network", help="a network of the zoo, or an ONNX file")
    for setting in fields(Recipe):
        if setting.name == "network":
            continue
        assert setting.default is not MISSING
        _add(parser, setting.name, str(setting.type), setting.default, setting.metadata["help"])
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where results go [runs/NETWORK-KERNELS-seedSEED]")
    parser.add_argument(
        "--data-folder", type=Path, metavar="FOLDER", help="where data sets are [as the tilewright command]"
    )
    parser.add_argument("--device", help="cpu, cuda, … [a GPU if there is one]")
    parser.add_argument("--threads", type=int, metavar="N", help="processor threads [all]")
    parser.add_argument("--test-every", type=int, default=1, metavar="N", help="epochs between two tests [1]")
    return parser


def _add(parser: argparse.ArgumentParser, name: str, kind: str, default: Any, help: str) -> None:
    option = "--" + name.replace("_", "-")
    shown = "" if default is None else f" [{default}]"
    if kind == "bool":
        parser.add_argument(option, action=argparse.BooleanOptionalAction, default=default, help=help)
    else:
        parser.add_argument(option, type=_TYPES[kind], default=default, metavar="X", help=f"{help}{shown}")


if __name__ == "__main__":
    sys.exit(main())
