"""The `tilewright` command, which comes with the package and must agree with it."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(*arguments, **options):
    """Run the command with these arguments, as `subprocess.run` would, and keep what it says as text."""
    typed = [sys.executable, "-m", "tilewright", *map(str, arguments)]
    return subprocess.run(typed, capture_output=True, text=True, check=False, **options)


def json_of(*arguments, **options):
    """The JSON of a command; options are named as those of the functions, and `True` stands for one without a value."""
    written = (
        f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}") for name, value in options.items()
    )
    done = run(*arguments, *written, "--format", "json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
