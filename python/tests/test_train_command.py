"""``python -m tilewright.train``: what it prints, its exit codes and what it leaves."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import tilewright

torch = pytest.importorskip("torch")
import synthetic  # noqa: E402, it needs PyTorch

from tilewright.train import Recipe, __main__  # noqa: E402

#: Of the README's example, but for its epochs.
README_RECIPE = ["--learning-rate", "0.05", "--pad", "2"]

FIXTURES = Path(__file__).parents[2] / "crates/tilewright-onnx/tests/fixtures"
PUBLISHED = Path("/usr/share/datasets/fashion-mnist")


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """A folder with a set of the published size."""
    folder = tmp_path_factory.mktemp("data")
    synthetic.write_fashion_mnist(folder)
    return folder


@pytest.fixture
def command(monkeypatch, capsys, tmp_path, data):
    """Run the command in a folder of its own; returns its exit code and what it wrote."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TILEWRIGHT_DATA", str(data))

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["train", *(str(argument) for argument in arguments)])
        try:
            code = __main__.main()
        except SystemExit as ended:
            code = ended.code
        return code, *capsys.readouterr()

    return run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["resnet21"], 'no network "resnet21" in the zoo; did you mean "resnet20"?'),
        (["nowhere.onnx"], "nowhere.onnx"),
        ([FIXTURES / "unknown-operator" / "model.onnx"], "which cannot be trained; replace it in the model"),
        (["resnet20", "--kernels", "ratio=2"], "ratio"),
        (["resnet20", "--kernels", "no-such-layer"], "no-such-layer"),
        (["lenet5", "--data", "imagenet"], 'no data set "imagenet"; there are cifar10'),
        (["lenet5", "--data", "mnist", "--data-folder", "."], "get it with `tilewright data fetch mnist`"),
        (["lenet5", "--epochs", "0"], "epochs is 0; give 1 or more"),
        (["lenet5", "--threads", "0"], "threads are 0; give 1 or more"),
        (["lenet5", "--test-every", "0"], "test_every is 0; give 1 or more"),
        (["lenet5", "--device", "abacus"], "no device 'abacus'; give cpu"),
        (["lenet5", "--start", "nowhere"], "nowhere has no checkpoint of a training run"),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, list) else None,
)
def test_what_cannot_be_done_is_one_error_and_leaves_nothing(command, tmp_path, arguments, message):
    code, out, error = command("--data", "fashion-mnist", *arguments)
    assert code == 2
    assert out == ""
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_an_error(command, tmp_path):
    (tmp_path / "file").touch()
    for folder in ("file", "file/run"):
        code, _, error = command("lenet5", "--data", "fashion-mnist", "--out", folder)
        assert (code, error.count("\n")) == (2, 1)
        assert error.startswith("error: ")


def test_every_setting_is_an_option(command):
    code, out, _ = command("--help")
    assert code == 0
    for name in Recipe().to_dict().keys() - {"network"}:
        assert f"--{name.replace('_', '-')} " in out or f"--{name.replace('_', '-')}," in out


@pytest.mark.parametrize(
    ("network", "kernels", "expected"),
    [
        ("squeezenet1.1", "3d", "squeezenet1.1-3d-seed0"),
        ("models/my net.onnx", "ratio=0.5:last", "my-net-ratio=0.5-last-seed0"),
        ("resnet20", "stage1/block1/conv1, stage2", "resnet20-stage1-block1-conv1-stage2-seed0"),
        ("resnet110", ",".join(f"layer{i}" for i in range(100)), None),
    ],
)
def test_the_folder_nobody_named_is_a_file_name(network, kernels, expected):
    folder = __main__.default_folder(Recipe(network, kernels=kernels))
    assert folder.parent == Path("runs")
    assert len(folder.name) < 120
    assert re.fullmatch(r"[\w.=+-]+", folder.name)
    assert expected is None or folder.name == expected


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_stops_a_run_is_told_how_to_go_on(number, tmp_path, data):
    folder = tmp_path / "a run"
    arguments = ["lenet5", "--data", "fashion-mnist", "--data-folder", data, "--out", folder]
    environment = {**os.environ, "PYTHONPATH": str(Path(tilewright.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-m", "tilewright.train", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        # What a shell runs in the background ignores Ctrl-C, and so does all that this starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        deadline = time.monotonic() + 120
        while not (folder / ".lock").exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        time.sleep(1)
        process.send_signal(number)
        out, error = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert out == ""
    assert error == f"stopped; the same command resumes after the last whole epoch in {folder}\n"
    assert [path.name for path in folder.iterdir()] == [".lock"]


@pytest.mark.skipif(not PUBLISHED.exists(), reason="Fashion-MNIST is not there (Debian's dataset-fashion-mnist)")
def test_lenet_learns_fashion_mnist(command, tmp_path):
    """The README's example on real images, with fewer epochs; guessing has 10 %."""
    code, out, error = command(
        "lenet5", "--data", "fashion-mnist", "--data-folder", PUBLISHED, *README_RECIPE, "--epochs", 1
    )
    assert code == 0, error
    rate = float(re.search(r"([\d.]+) % of the test images recognised", out)[1])
    assert rate > 70
    assert (tmp_path / "runs" / "lenet5-3d-seed0" / "result.json").exists()
