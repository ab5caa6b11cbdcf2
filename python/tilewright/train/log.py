"""What a run leaves to read: a table for programs twice over, and a curve for people."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tilewright._files import write_whole


@dataclass(frozen=True)
class Epoch:
    """One epoch."""

    #: From 1.
    epoch: int
    #: Mean loss over the training images.
    loss: float
    #: Recognition rate of the augmented training images in percent.
    train_rate: float
    #: Recognition rate of the test images in percent, where it was measured.
    test_rate: float | None
    #: Learning rate of the last step.
    learning_rate: float
    #: Time training took, and how much of it went into making batches.
    seconds: float
    data_seconds: float
    #: Training images per second.
    images_per_second: float


def write(folder: Path, epochs: list[Epoch], title: str) -> None:
    """Write ``log.csv``, ``log.jsonl`` and, where matplotlib is there, ``curve.svg``."""
    rows = [asdict(epoch) for epoch in epochs]
    table = io.StringIO()
    writer = csv.DictWriter(table, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    write_whole(folder / "log.csv", lambda file: file.write(table.getvalue().encode()))
    write_whole(folder / "log.jsonl", lambda file: file.write(lines.encode()))
    _draw(folder / "curve.svg", rows, title)


def _draw(path: Path, rows: list[dict[str, Any]], title: str) -> None:
    try:
        import matplotlib
    except ImportError:
        return
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    rates = figure.add_subplot(ylabel="recognition rate in percent", xlabel="epoch", title=title)
    rates.plot([row["epoch"] for row in rows], [row["train_rate"] for row in rows], label="training images, augmented")
    tested = [row for row in rows if row["test_rate"] is not None]
    if tested:
        rates.plot(
            [row["epoch"] for row in tested], [row["test_rate"] for row in tested], "o-", ms=3, label="test images"
        )
    rates.grid(alpha=0.3)
    rates.legend(loc="lower right")
    losses = rates.twinx()
    losses.set_ylabel("loss")
    losses.plot([row["epoch"] for row in rows], [row["loss"] for row in rows], color="gray", lw=1)
    write_whole(path, lambda file: figure.savefig(file, format="svg", metadata={"Date": None}))
