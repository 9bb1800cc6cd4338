"""YuNet, the face detector of OpenCV's model zoo (Wu et al. 2023), version 2023mar.
Usage: yunet.py face_detection_yunet_2023mar.onnx OUTPUT.safetensors

The file's batch normalisations are already folded into its convolutions; these stand in a fixed order."""

import onnx_reader
from weight_file import ConversionError, main, require_shapes, write_safetensors

HEADS = {"cls": 1, "bbox": 4, "obj": 1, "kps": 10}


def expected_shapes():
    """name -> shape, in the order of the file."""
    shapes = {}

    def layer(name, output, input, side):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (output, input, side, side), (output,)

    def separable(name, output, input):
        layer(f"{name}.conv1", output, input, 1)
        layer(f"{name}.conv2", output, 1, 3)

    layer("model0.conv1", 16, 3, 3)
    separable("model0.conv2", 16, 16)
    for stage, (input, output) in enumerate([(16, 32), (32, 64), (64, 64), (64, 64), (64, 64)], 1):
        separable(f"model{stage}.conv1", input, input)
        separable(f"model{stage}.conv2", output, input)
    for level in (2, 1, 0):
        separable(f"lateral.{level}", 64, 64)
    for head, channels in HEADS.items():
        for level in range(3):
            separable(f"{head}.{level}", channels, 64)
    return shapes


def convert(source, output):
    nodes, weights = onnx_reader.read(source)
    convolutions = [node for node in nodes if node.kind == "Conv"]
    shapes = expected_shapes()
    if 2 * len(convolutions) != len(shapes):
        raise ConversionError(
            f"{source} has {len(convolutions)} convolutions, expected {len(shapes) // 2}: not YuNet 2023mar"
        )
    arrays = {}
    for position, name in enumerate(shapes):
        arrays[name] = onnx_reader.weight(source, convolutions[position // 2], 1 + position % 2, weights)
    require_shapes(source, arrays, shapes)
    write_safetensors(output, arrays)


if __name__ == "__main__":
    main(convert, "face_detection_yunet_2023mar.onnx OUTPUT.safetensors")
