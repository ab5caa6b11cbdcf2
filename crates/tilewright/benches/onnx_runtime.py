"""Prints how many images a second ONNX Runtime computes: python3 onnx_runtime.py MODEL BATCH. One thread, all optimisations."""

import sys
import time

import numpy as np
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
image = session.get_inputs()[0]
batch = int(sys.argv[2])
images = np.random.default_rng(1).standard_normal((batch, *image.shape[1:])).astype(np.float32)
times = []
for _ in range(30):
    start = time.perf_counter()
    session.run(None, {image.name: images})
    times.append(time.perf_counter() - start)
print(batch / sorted(times)[len(times) // 2])
