"""The `tilewright` command, with which the package must agree."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def json_of(*arguments, **options):
    """The JSON of a command; options are named as those of the functions, and `True` stands for one without a value."""
    command = Path(os.environ.get("TILEWRIGHT_COMMAND", ROOT / "target/release/tilewright"))
    if not command.exists():
        pytest.skip("the command is not built: cargo build --release")
    written = (
        f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in options.items()
    )
    typed = [command, *arguments, *written, "--format", "json"]
    run = subprocess.run(typed, capture_output=True, check=False, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
