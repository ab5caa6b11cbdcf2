"""badcrossbar on the crossbars of circuit.rs; prints processor time and a current to compare.

pip install numpy scipy pathvalidate sigfig && pip install --no-deps badcrossbar (its drawings, not needed here, want cairo); then
python -W ignore circuit_peers.py.
"""

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


for size, inputs, least, most, ohm in [
    (128, 1, 1e-6, 1e-4, 1.0),
    (256, 1, 1e-6, 1e-4, 1.0),
    (128, 1, 1e-3, 1e-3, 2.5),
    (256, 100, 1e-6, 1e-4, 1.0),
]:
    resistances = 1 / cells(size, least, most)
    start = time.process_time()
    solution = badcrossbar.compute(voltages(size, inputs), resistances, r_i=ohm)
    seconds = time.process_time() - start
    print(f"{size}, {inputs} inputs, {ohm} ohm: {seconds:.3f} s, current 0 {solution.currents.output[0][0]:.12e} A")
