"""The command that is installed with the package."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import command
import pytest

import tilewright


def test_the_command_is_installed_beside_the_interpreter():
    script = Path(sysconfig.get_path("scripts")) / "tilewright"
    said = subprocess.run([script, "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"tilewright {tilewright.__version__}\n" == command.run("--version").stdout


def test_it_ends_with_the_exit_codes_of_the_program():
    assert command.run("map", "lenet5").returncode == 0
    refused = command.run("map", "lenet6")
    assert refused.returncode == 2
    assert refused.stderr.startswith("error: ")
    assert command.run("--no-such-option").returncode == 2


def test_a_result_names_the_command_that_gives_it_again(tmp_path):
    """What the interpreter was started with is not in it."""
    pytest.importorskip("synthetic").write_fashion_mnist(tmp_path)
    typed = ["evaluate", "lenet5-fashion", "--data", tmp_path, "--limit", "8"]
    result = command.json_of(*typed)
    assert result["command"] == f"tilewright {' '.join(map(str, typed))} --format json"


def test_a_reader_that_stops_is_no_error():
    typed = f"{sys.executable} -m tilewright zoo | head -1"
    done = subprocess.run(["sh", "-c", typed], capture_output=True, text=True, check=True)
    assert done.stderr == ""
