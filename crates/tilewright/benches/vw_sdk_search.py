"""The published VW-SDK search in plain Python, as a yardstick.

Reads lines `image kernel in_channels out_channels` and prints, for the search in the order its authors publish it and for a leaner
one, the seconds of one search of all layers and their cycles. Rhe, Moon, Ko, DATE 2022; written from the paper's equations for a
512x512 array and one column per weight.
"""

import math
import sys
import time

ROWS, COLUMNS = 512, 512


def im2col(image, kernel, in_channels, out_channels):
    outputs = image - kernel + 1
    return outputs * outputs * math.ceil(kernel * kernel * in_channels / ROWS) * math.ceil(out_channels / COLUMNS)


def published(image, kernel, in_channels, out_channels):
    """Every window costs all its terms; one that does not fit ends in a division by zero."""
    outputs = image - kernel + 1
    best = im2col(image, kernel, in_channels, out_channels)
    for height in range(1, outputs + 1):
        for width in range(1, outputs + 1):
            try:
                down = math.ceil((image - (kernel + height) + 1) / height) + 1
                across = math.ceil((image - (kernel + width) + 1) / width) + 1
                channels = math.floor(ROWS / ((kernel + height - 1) * (kernel + width - 1)))
                row_cycles = math.ceil(in_channels / channels)
                column_cycles = math.ceil(out_channels / math.floor(COLUMNS / (height * width)))
            except ZeroDivisionError:
                continue
            best = min(best, down * across * row_cycles * column_cycles)
    return best


def lean(image, kernel, in_channels, out_channels):
    """A window that does not fit is passed over first."""
    outputs = image - kernel + 1
    best = im2col(image, kernel, in_channels, out_channels)
    for height in range(1, outputs + 1):
        for width in range(1, outputs + 1):
            channels = ROWS // ((height + kernel - 1) * (width + kernel - 1))
            tile = COLUMNS // (height * width)
            if channels == 0 or tile == 0:
                continue
            windows = math.ceil(outputs / height) * math.ceil(outputs / width)
            best = min(best, windows * math.ceil(in_channels / channels) * math.ceil(out_channels / tile))
    return best


layers = [tuple(map(int, line.split())) for line in sys.stdin if line.strip()]
for search in (published, lean):
    start = time.perf_counter()
    total = sum(search(*layer) for layer in layers)
    print(time.perf_counter() - start, total)
