"""Reports, verification, progress, threads and Ctrl-C."""

import html
import io
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import tilewright
from tilewright._progress import ProgressBar


def test_a_mapping_shows_its_report_in_a_frame_of_its_own(tmp_path):
    mapping = tilewright.map("lenet5", scheme="sub-image")
    mapping.save_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert "<svg" in page
    shown = mapping._repr_html_()
    start, end = shown.index('srcdoc="') + len('srcdoc="'), shown.rindex('"')
    assert html.unescape(shown[start:end]) == page
    assert 'sandbox="allow-scripts"' in shown
    assert "allow-same-origin" not in shown


def test_html_tables_are_escaped():
    network = tilewright.Network.from_layer(1, 1, input=3, kernel=2, name="<script>")
    assert "<script>" not in network._repr_html_()
    assert "&lt;script&gt;" in network._repr_html_()
    assert tilewright.compare(network)._repr_html_().count("<tr>") == 1 + len(tilewright.schemes())


def test_a_verification_says_what_was_compared():
    verification = tilewright.verify("lenet5", kernels="2d1d", crossbar=64)
    assert verification.equal
    assert [scheme.scheme for scheme in verification.schemes] == list(tilewright.schemes())
    text = str(verification)
    assert "Everything is equal to the plain integer convolution: " in text
    again = tilewright.verify("lenet5", kernels="2d1d", crossbar=64, seed=2)
    assert again.schemes[0].crossbars == verification.schemes[0].crossbars


def test_layers_that_do_not_fit_are_named():
    verification = tilewright.verify("lenet5", crossbar=8, schemes=["im2col", "sub-image"])
    fits, partly = verification.schemes
    assert (fits.verdict, partly.verdict) == ("equal", "equal where it fits")
    assert 'layer "conv1" does not fit' in partly.does_not_fit[0]
    with pytest.raises(tilewright.TilewrightError, match="nothing to verify: "):
        tilewright.verify("lenet5", crossbar=1, schemes="im2col")


def test_a_progress_bar_is_drawn_and_gone():
    to = io.StringIO()
    with ProgressBar("steps", show=True, to=to) as bar:
        bar(1, 4)
        bar(4, 4)
    drawn = to.getvalue().split("\r")
    assert "25% of 4 steps" in drawn[1]
    assert "100% of 4 steps" in drawn[2]
    assert drawn[-2:] == [" " * len(drawn[2]), ""]
    silent = io.StringIO()
    with ProgressBar("steps", to=silent) as bar:
        bar(1, 1)
    assert silent.getvalue() == ""


def test_progress_reaches_the_end(capsys):
    tilewright.verify("lenet5", schemes="im2col", progress=True)
    assert "100% of" in capsys.readouterr().err


def test_other_threads_go_on():
    counted, ready = 0, threading.Event()

    def count():
        nonlocal counted
        while not ready.is_set():
            counted += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    start = time.monotonic()
    tilewright.verify("resnet8", schemes=["im2col", "unfolded"])
    took = time.monotonic() - start
    ready.set()
    thread.join()
    assert counted > 20 * took


#: Each takes minutes.
CALLS = [
    'tilewright.verify("resnet34")',
    'tilewright.simulate("lenet5-fashion-int8", *black(), training=black()[0], stuck=0.1, seeds=1000)',
]

LONG = """
import signal
import numpy as np
import tilewright
def black():
    return np.zeros((5000, 1, 28, 28), np.uint8), np.zeros(5000, int)
# What a shell runs in the background ignores Ctrl-C, and so does all that this starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
try:
    CALL
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are sent differently there")
@pytest.mark.parametrize("call", CALLS)
def test_ctrl_c_is_heard_at_once(call):
    with subprocess.Popen(
        [sys.executable, "-c", LONG.replace("CALL", call)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(1)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "interrupted\n"
        assert time.monotonic() - start < 2
        assert process.wait(timeout=10) == 0
