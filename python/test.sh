#!/usr/bin/env bash
# Builds the Python package and checks it: formatting, types, tests, examples. Needs Rust and Python 3.10 or newer, no more.
# PyTorch comes as it is published, on Linux with its CUDA libraries (6 GB in all), which it does not start without;
# `TILEWRIGHT_WITHOUT_TORCH=1` leaves it out, and with it the tests of training.
# The environment is made in python/.venv, or in the folder given; `PYTHON` names another interpreter.
set -euo pipefail
cd "$(dirname "$0")"
venv="${1:-.venv}"

[ -x "$venv/bin/python" ] || "${PYTHON:-python3}" -m venv "$venv"
VIRTUAL_ENV="$(cd "$venv" && pwd)"
export VIRTUAL_ENV PATH="$VIRTUAL_ENV/bin:$PATH"
# Ranges where a new release could judge old code otherwise.
pip install --quiet --disable-pip-version-check 'maturin>=1.9.4,<2' 'mypy>=2.4,<3' 'ruff>=0.17,<0.18' numpy pandas pandas-stubs pytest
if [ -z "${TILEWRIGHT_WITHOUT_TORCH:-}" ]; then
    # The extra `train`, and what its tests compare with.
    pip install --quiet --disable-pip-version-check 'torch>=2.2' tqdm types-tqdm matplotlib onnx onnxscript onnxruntime
fi

maturin develop --release --quiet
ruff format --check --quiet .
ruff check --quiet .
mypy ${TILEWRIGHT_WITHOUT_TORCH:+--exclude tilewright/train}
python -m pytest
