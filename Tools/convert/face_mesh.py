"""MediaPipe's face mesh (Kartynnik et al. 2019), 468 points of a face in a 192-pixel crop.
Usage: face_mesh.py face_landmark.tflite OUTPUT.safetensors

The file stores half-precision weights; they are widened, which loses nothing."""

import numpy as np

import tflite_reader
from weight_file import ConversionError, main, require_shapes, write_safetensors

# Output channels of the blocks of the trunk; the two heads follow.
TRUNK = [16, 16, 32, 32, 32, 64, 64, 64, 128, 128, 128, 128, 128, 128]
POINTS = 468


def layers():
    """(our name, kind, number of the layer in the file, input channels, output channels, kernel side)."""
    yield "stem.conv", "conv2d", 1, 3, 16, 3
    yield "stem.relu", "p_re_lu", 1, 16, 16, 1

    def block(name, depthwise, pointwise, activation, before, width):
        yield f"{name}.depthwise", "depthwise_conv2d", depthwise, 1, before, 3
        yield f"{name}.pointwise", "conv2d", pointwise, before, width, 1
        yield f"{name}.relu", "p_re_lu", activation, width, width, 1

    before = 16
    for index, width in enumerate(TRUNK):
        yield from block(f"trunk.{index}", index + 1, index + 2, index + 2, before, width)
        before = width

    def head(name, blocks, first, output, outputs):
        for index, (depthwise, pointwise, activation) in enumerate(blocks):
            yield from block(f"{name}.blocks.{index}", depthwise, pointwise, activation, before, before)
        yield f"{name}.reduce.conv", "conv2d", first[1], before, 32, 1
        yield f"{name}.reduce.relu", "p_re_lu", first[2], 32, 32, 1
        yield from block(f"{name}.last", first[0], first[1] + 1, first[2] + 1, 32, 32)
        yield f"{name}.output", "conv2d", output, 32, outputs, 3

    yield from head("mesh", [(15, 16, 16), (16, 17, 17), (17, 18, 18)], (18, 19, 19), 21, 3 * POINTS)
    yield from head("presence", [(23, 28, 26)], (24, 29, 27), 31, 1)


def convert(source, output):
    stored = tflite_reader.read(source)

    def tensor(name):
        if name not in stored:
            raise ConversionError(f"{source} has no tensor {name}; expected face_landmark.tflite of mediapipe 0.10.14")
        return stored[name]

    arrays, shapes = {}, {}
    for name, kind, number, before, width, side in layers():
        shapes[f"{name}.weight"] = (width, before, side, side)
        if kind == "p_re_lu":
            arrays[f"{name}.weight"], shapes[f"{name}.weight"] = tensor(f"{kind}_{number}/Alpha").reshape(-1), (width,)
            continue
        kernel = tensor(f"{kind}_{number}/Kernel")
        # [1, height, width, channels] and [out, height, width, in] of TensorFlow
        order = (3, 0, 1, 2) if kind == "depthwise_conv2d" else (0, 3, 1, 2)
        if kernel.ndim != 4:
            raise ConversionError(f"{source}: {kind}_{number} has a kernel of shape {kernel.shape}")
        arrays[f"{name}.weight"] = np.transpose(kernel, order)
        arrays[f"{name}.bias"], shapes[f"{name}.bias"] = tensor(f"{kind}_{number}/Bias"), (width,)
    require_shapes(source, arrays, shapes)
    write_safetensors(output, arrays)


if __name__ == "__main__":
    main(convert, "face_landmark.tflite OUTPUT.safetensors")
