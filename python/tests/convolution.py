"""The plain convolution in numpy, the oracle of the tests."""

import numpy as np


def convolve(layer, weights, inputs):
    """Integer convolution of `[in_channels, height, width]`, product by product."""
    top, left, bottom, right = layer.padding
    padded = np.pad(inputs.astype(np.int64), ((0, 0), (top, bottom), (left, right)))
    sums = np.zeros(layer.output_shape, np.int64)
    group_inputs, group_outputs = layer.in_channels // layer.groups, layer.out_channels // layer.groups
    for channel, y, x in np.ndindex(*layer.output_shape):
        first = channel // group_outputs * group_inputs
        rows = y * layer.stride[0] + np.arange(layer.kernel[0]) * layer.dilation[0]
        columns = x * layer.stride[1] + np.arange(layer.kernel[1]) * layer.dilation[1]
        seen = padded[first : first + group_inputs][:, rows[:, None], columns]
        sums[channel, y, x] = (seen * weights[channel]).sum()
    return sums
