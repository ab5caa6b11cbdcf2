"""The published VW-SDK search in plain Python, as a yardstick: every window of every layer, one after another.

Reads lines `image kernel in_channels out_channels` and prints the seconds of one search of all layers and their cycles.
Rhe, Moon, Ko, DATE 2022; written from the paper's equations for a 512x512 array and one column per weight.
"""

import math
import sys
import time


def search(image, kernel, in_channels, out_channels, rows=512, columns=512):
    outputs = image - kernel + 1
    best = outputs * outputs * math.ceil(kernel * kernel * in_channels / rows) * math.ceil(out_channels / columns)
    for height in range(1, outputs + 1):
        for width in range(1, outputs + 1):
            channels = rows // ((height + kernel - 1) * (width + kernel - 1))
            tile = columns // (height * width)
            if channels == 0 or tile == 0:
                continue
            windows = math.ceil(outputs / height) * math.ceil(outputs / width)
            cycles = windows * math.ceil(in_channels / channels) * math.ceil(out_channels / tile)
            if cycles < best:
                best = cycles
    return best


layers = [tuple(map(int, line.split())) for line in sys.stdin if line.strip()]
start = time.perf_counter()
total = sum(search(*layer) for layer in layers)
print(time.perf_counter() - start, total)
