"""badcrossbar on the crossbars of circuit.rs: its processor time, and how far its currents are from tilewright's.

pip install numpy scipy pathvalidate sigfig && pip install --no-deps badcrossbar (its drawings, not needed here, want cairo); then
python -W ignore circuit_peers.py TILEWRIGHT, the path of the command.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

import badcrossbar
import numpy

MASK = (1 << 64) - 1


def cells(size, least, most):
    state, shares = 0x9E3779B97F4A7C15, []
    for _ in range(size * size):
        state ^= state << 13 & MASK
        state ^= state >> 7
        state ^= state << 17 & MASK
        shares.append((state >> 11) / (1 << 53))
    return least * (most / least) ** numpy.array(shares).reshape(size, size)


def voltages(size, inputs):
    places = numpy.arange(size * inputs).reshape(size, inputs)
    return 0.05 + places * 31 % 97 / 400


def ours(command, siemens, volts, ohm):
    """Currents [column][input] as the command finds them."""
    rows, cols = siemens.shape
    case = {"rows": rows, "cols": cols, "r_word": ohm, "r_bit": ohm, "G": siemens.tolist(), "V": volts.tolist()}
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "case.json"
        file.write_text(json.dumps(case))
        answer = subprocess.run([command, "circuit", "solve", file], check=True, capture_output=True).stdout
    return numpy.array(json.loads(answer)["I"])


if len(sys.argv) != 2:
    sys.exit("give the path of the tilewright command")
for size, inputs, least, most, ohm in [
    (128, 1, 1e-6, 1e-4, 1.0),
    (256, 1, 1e-6, 1e-4, 1.0),
    (128, 1, 1e-3, 1e-3, 2.5),
    (256, 100, 1e-6, 1e-4, 1.0),
]:
    siemens, volts = cells(size, least, most), voltages(size, inputs)
    start = time.process_time()
    # Their currents are [input][column].
    theirs = badcrossbar.compute(volts, 1 / siemens, r_i=ohm).currents.output.T
    seconds = time.process_time() - start
    found = ours(sys.argv[1], siemens, volts, ohm)
    apart = numpy.max(numpy.abs(theirs - found) / numpy.abs(found))
    print(f"{size}, {inputs} inputs, {ohm} ohm: {seconds:.3f} s; currents differ by at most {apart:.1e} of themselves")
