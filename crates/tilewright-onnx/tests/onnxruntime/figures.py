"""Remakes every table of this folder, and sums them up in FIGURES.md.

    python figures.py all FOLDER TILEWRIGHT     exports, records and counts all models (hours), then sums up
    python figures.py sum                       sums up the tables as they are

It downloads nothing: `requirements-models.txt` lists the packages. TILEWRIGHT is the command, built with --release.
"""

import subprocess
import sys
from pathlib import Path

from outcome import RESULT

HERE = Path(__file__).parent
# Script, table, and whether it runs the command.
PARTS = [
    ("torchvision_models.py", "TORCHVISION.md", True),
    ("timm_models.py", "TIMM.md", True),
    ("quantized_models.py", "QUANTIZED.md", True),
    ("operator_tests.py", "OPERATOR_TESTS.md", False),
]


def remake(folder: Path, tilewright: str) -> None:
    for script, table, runs_command in PARTS:
        part = folder / Path(script).stem
        part.mkdir(parents=True, exist_ok=True)
        python = [sys.executable, str(HERE / script)]
        subprocess.run([*python, "write", str(part)], check=True)
        compare = ["cargo", "run", "--release", "-p", "tilewright-onnx", "--example", "compare", "--", str(part)]
        # It fails where a model differs, which the table says.
        (part / "results.txt").write_text(subprocess.run(compare, stdout=subprocess.PIPE, text=True).stdout)
        command = [tilewright] if runs_command else []
        subprocess.run([*python, "count", str(part), *command, str(HERE / table)], check=True)


def rows(table: str) -> list[list[str]]:
    """The cells of a table, without its titles."""
    lines = [line for line in (HERE / table).read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def is_right(values: str, most: float = 1e-4) -> bool:
    """Whether all tensors that were compared are those of ONNX Runtime, to a part of the greatest."""
    return values == RESULT or (", worst " in values and float(values.split(", worst ")[1].split()[0]) <= most)


def torchvision() -> list[list[str]]:
    found: dict[bool, list[bool]] = {True: [], False: []}
    for name, _, _, mapped, values in rows("TORCHVISION.md"):
        if mapped != "not exported":
            found["." in name].append(mapped.endswith("%") and is_right(values))
    titles = {False: "torchvision, classification, both exporters: mapped and computed rightly", True: "torchvision, segmentation and video: the same"}
    return [[titles[kind], f"{sum(found[kind])} of {len(found[kind])} that export", "all that export"] for kind in [False, True]]


def timm() -> list[str]:
    whole = [mapped.endswith("%") and verified == evaluated == "yes" and is_right(values) for _, _, mapped, verified, evaluated, values in rows("TIMM.md")]
    return ["timm: mapped, verified, evaluated and computed rightly", f"{sum(whole)} of {len(whole)}", "60 of 66"]


def quantized() -> list[list[str]]:
    found = [(mapped == "100 %" and verified == evaluated == "yes", values) for _, _, mapped, verified, evaluated, values in rows("QUANTIZED.md")]
    counts = [sum(whole and is_right(values, most) for whole, values in found) for most in [1e-4, 1e-6]]
    text = f"{counts[0]} of {len(found)} to 1e-4, {counts[1]} to 1e-6"
    return [["quantised by ONNX Runtime, Brevitas, QONNX: the same", text, "all to 1e-6"]]


def operators() -> list[str]:
    _, tests, right, wrong, *_ = next(row for row in rows("OPERATOR_TESTS.md") if row[0].startswith("one image"))
    return ["operator tests of `onnx`: right", f"{right} of {tests}, {wrong} wrong", "600, 0 wrong"]


def sum_up() -> None:
    lines = [["set", "found", "goal"], *torchvision(), timm(), *quantized(), operators()]
    text = ["# Figures", "", "Summed up from the tables beside this one, which have the versions, by `tests/onnxruntime/figures.py`.", ""]
    text += ["| " + " | ".join(line) + " |" for line in lines[:1]] + ["|---|---|---|"]
    text += ["| " + " | ".join(line) + " |" for line in lines[1:]]
    (HERE / "FIGURES.md").write_text("\n".join(text) + "\n")
    print("\n".join(text))


def main() -> None:
    match sys.argv[1:]:
        case ["all", folder, tilewright]:
            remake(Path(folder), tilewright)
            sum_up()
        case ["sum"]:
            sum_up()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
