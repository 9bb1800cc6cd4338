"""YuNet 2023mar (ONNX) -> safetensors with the keys of our Swift network.

usage: yunet.py face_detection_yunet_2023mar.onnx OUTPUT.safetensors
"""

import sys

import numpy as np
from safetensors.numpy import save_file

import onnx_reader


def names():
    yield "model0.conv1"
    yield from ("model0.conv2.conv1", "model0.conv2.conv2")
    for stage in range(1, 6):
        for unit in ("conv1", "conv2"):
            yield from (f"model{stage}.{unit}.conv1", f"model{stage}.{unit}.conv2")
    for level in (2, 1, 0):
        yield from (f"lateral.{level}.conv1", f"lateral.{level}.conv2")
    for head in ("cls", "bbox", "obj", "kps"):
        for level in range(3):
            yield from (f"{head}.{level}.conv1", f"{head}.{level}.conv2")


def main(source, output):
    nodes, weights = onnx_reader.read(source)
    convolutions = [node for node in nodes if node.kind == "Conv"]
    keys = list(names())
    if len(keys) != len(convolutions):
        sys.exit(f"{source}: {len(convolutions)} convolutions, expected {len(keys)}: not the 2023mar YuNet")
    state = {}
    for key, node in zip(keys, convolutions):
        state[f"{key}.weight"] = np.ascontiguousarray(weights[node.inputs[1]])
        state[f"{key}.bias"] = np.ascontiguousarray(weights[node.inputs[2]])
    save_file(state, output)


if __name__ == "__main__":
    main(*sys.argv[1:])
