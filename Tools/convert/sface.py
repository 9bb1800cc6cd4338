"""SFace, the face recogniser of OpenCV's model zoo (Zhong et al. 2021): a MobileNet with PReLU and a linear embedding.
Usage: sface.py face_recognition_sface_2021dec.onnx OUTPUT.safetensors

Every batch normalisation is folded, in double precision, into the convolution or the linear layer beside it."""

import math

import numpy as np

import onnx_reader
from weight_file import ConversionError, main, require_shapes, write_safetensors

# Output channels of the pointwise convolutions that follow the first one.
WIDTHS = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
STEM, SIDE, EMBEDDING = 32, 7, 128


def expected_shapes():
    """name -> shape, convolutions in the order of the file."""
    shapes = {}

    def layer(name, output, input, side):
        shapes[f"{name}.conv.weight"] = (output, input, side, side)
        shapes[f"{name}.conv.bias"] = shapes[f"{name}.relu.weight"] = (output,)

    layer("stem", STEM, 3, 3)
    before = STEM
    for block, width in enumerate(WIDTHS):
        layer(f"blocks.{block}.depthwise", before, 1, 3)
        layer(f"blocks.{block}.pointwise", width, before, 1)
        before = width
    shapes["fc.weight"], shapes["fc.bias"] = (EMBEDDING, before * SIDE * SIDE), (EMBEDDING,)
    return shapes


def scale_and_shift(source, node, weights):
    """The affine map that a batch normalisation applies at inference."""
    gamma, beta, mean, variance = (
        onnx_reader.weight(source, node, position, weights).astype(np.float64) for position in range(1, 5)
    )
    scale = gamma / np.sqrt(variance + (node.attributes.get("epsilon") or 1e-5))
    return scale, beta - mean * scale


def convert(source, output):
    nodes, weights = onnx_reader.read(source)
    kinds = [node.kind for node in nodes]
    units = 1 + 2 * len(WIDTHS)
    expected = ["Sub", "Mul"] + ["Conv", "BatchNormalization", "PRelu"] * units
    expected += ["BatchNormalization", "Dropout", "Flatten", "Gemm", "BatchNormalization"]
    if kinds != expected:
        raise ConversionError(f"{source} has {len(kinds)} layers in another order than SFace 2021dec")
    constants = [float(onnx_reader.weight(source, node, 1, weights).reshape(-1)[0]) for node in nodes[:2]]
    if constants != [127.5, 0.0078125]:
        raise ConversionError(f"{source} scales its input by {constants}, expected (x - 127.5) * 0.0078125")

    arrays = {}
    names = ["stem"] + [f"blocks.{b}.{part}" for b in range(len(WIDTHS)) for part in ("depthwise", "pointwise")]
    for unit, name in enumerate(names):
        convolution, normalisation, activation = nodes[2 + 3 * unit : 5 + 3 * unit]
        if len(convolution.inputs) != 2:
            raise ConversionError(f"{source}: {convolution.outputs} has a bias, which SFace 2021dec has not")
        scale, shift = scale_and_shift(source, normalisation, weights)
        kernel = onnx_reader.weight(source, convolution, 1, weights).astype(np.float64)
        arrays[f"{name}.conv.weight"] = kernel * scale[:, None, None, None]
        arrays[f"{name}.conv.bias"] = shift
        arrays[f"{name}.relu.weight"] = onnx_reader.weight(source, activation, 1, weights).reshape(-1)

    before, _, _, linear, after = nodes[2 + 3 * units :]
    if linear.attributes.get("transB") != 1:
        raise ConversionError(f"{source}: the last layer's matrix is not stored as [output, input]")
    scale, shift = scale_and_shift(source, before, weights)
    matrix = onnx_reader.weight(source, linear, 1, weights).astype(np.float64)
    bias = onnx_reader.weight(source, linear, 2, weights).astype(np.float64)
    # Before the matrix, one scale and shift serves all positions of a channel. The exact sum does not depend on the order
    # of additions, which differs from one machine's matrix library to the next's: equal files have equal hashes.
    bias = bias + [math.fsum(row) for row in (matrix * np.repeat(shift, SIDE * SIDE)).tolist()]
    matrix = matrix * np.repeat(scale, SIDE * SIDE)
    scale, shift = scale_and_shift(source, after, weights)
    arrays["fc.weight"], arrays["fc.bias"] = matrix * scale[:, None], bias * scale + shift
    require_shapes(source, arrays, expected_shapes())
    write_safetensors(output, arrays)


if __name__ == "__main__":
    main(convert, "face_recognition_sface_2021dec.onnx OUTPUT.safetensors")
