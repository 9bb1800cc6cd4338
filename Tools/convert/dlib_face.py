"""dlib's face recogniser (King 2017), a ResNet of 29 convolutions.
Usage: dlib_face.py dlib_face_recognition_resnet_model_v1.dat OUTPUT.safetensors

dlib writes a network as a stream without an index: every layer is a version string followed by its numbers. Integers
are one byte (sign bit and length) and little-endian magnitude; a tensor is its version, four sizes and raw floats. The
layers with weights are found by their version strings and read from there. Each convolution is followed by a scale and
shift per channel ("affine_"), which are folded into it in double precision."""

import re

import numpy as np

from weight_file import ConversionError, main, require_shapes, write_safetensors

# Residual blocks in order: output channels, whether the block halves the resolution.
BLOCKS = [(32, False)] * 3 + [(64, True)] + [(64, False)] * 3 + [(128, True)] + [(128, False)] * 2
BLOCKS += [(256, True)] + [(256, False)] * 2 + [(256, True)]
EMBEDDING = 128


class Stream:
    def __init__(self, data, at):
        self.data, self.at = data, at

    def integer(self):
        head = self.data[self.at]
        size = head & 0x0F
        if head & 0x70 or size > 8 or self.at + 1 + size > len(self.data):
            raise ConversionError(f"byte {self.at} does not start an integer")
        value = int.from_bytes(self.data[self.at + 1 : self.at + 1 + size], "little")
        self.at += 1 + size
        return -value if head & 0x80 else value

    def tensor(self):
        version = self.integer()
        shape = [self.integer() for _ in range(4)]
        count = int(np.prod(shape))
        if version != 2 or min(shape) < 0 or self.at + 4 * count > len(self.data):
            raise ConversionError(f"byte {self.at} does not start a tensor: version {version}, sizes {shape}")
        values = np.frombuffer(self.data, "<f4", count, self.at).astype(np.float64)
        self.at += 4 * count
        return values


def read_layers(data):
    """(kind, integers, values) of every convolution, affine and fully connected layer, in the order of evaluation."""
    layers = []
    for match in re.finditer(rb"\x01\x05con_4|\x01\x07affine_|\x01\x04fc_2", data):
        stream, kind = Stream(data, match.end()), match.group()[2:].decode()
        if kind == "con_4":
            values = stream.tensor()
            # filters, kernel height and width, strides, paddings
            layers.append((kind, [stream.integer() for _ in range(7)], values))
        elif kind == "affine_":
            layers.append((kind, [], stream.tensor()))
        else:
            sizes = [stream.integer(), stream.integer()]
            layers.append((kind, sizes, stream.tensor()))
    return layers


def expected_convolutions():
    """(name, input channels, [filters, kernel, kernel, stride, stride, padding, padding]), in order."""
    yield "stem", 3, [32, 7, 7, 2, 2, 0, 0]
    before = 32
    for block, (width, down) in enumerate(BLOCKS):
        yield f"blocks.{block}.conv1", before, [width, 3, 3, 2, 2, 0, 0] if down else [width, 3, 3, 1, 1, 1, 1]
        yield f"blocks.{block}.conv2", width, [width, 3, 3, 1, 1, 1, 1]
        before = width


def convert(source, output):
    with open(source, "rb") as file:
        data = file.read()
    try:
        layers = read_layers(data)
    except (ConversionError, IndexError) as error:
        raise ConversionError(f"{source} is not a readable dlib network: {error}") from error
    expected = list(expected_convolutions())
    kinds = [layer[0] for layer in layers]
    if kinds != ["con_4", "affine_"] * len(expected) + ["fc_2"]:
        raise ConversionError(
            f"{source} has {len(kinds)} layers with weights, expected {2 * len(expected) + 1}: "
            "not dlib_face_recognition_resnet_model_v1"
        )
    arrays, shapes = {}, {}
    for position, (name, channels, numbers) in enumerate(expected):
        (_, found, values), (_, _, affine) = layers[2 * position : 2 * position + 2]
        width, side = numbers[0], numbers[1]
        kernel_size = width * channels * side * side
        if found != numbers or values.size != kernel_size + width or affine.size != 2 * width:
            raise ConversionError(f"{source}: convolution {position} is {found}, expected {numbers}")
        scale, shift = affine[:width], affine[width:]
        kernel = values[:kernel_size].reshape(width, channels, side, side)
        arrays[f"{name}.weight"] = kernel * scale[:, None, None, None]
        arrays[f"{name}.bias"] = values[kernel_size:] * scale + shift
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = kernel.shape, (width,)
    _, sizes, values = layers[-1]
    last = BLOCKS[-1][0]
    if values.size != last * EMBEDDING:
        raise ConversionError(f"{source}: the last layer has {values.size} weights {sizes}, expected {last}x{EMBEDDING}")
    # dlib multiplies rows by the matrix [inputs, outputs].
    arrays["fc.weight"], shapes["fc.weight"] = values.reshape(last, EMBEDDING).T, (EMBEDDING, last)
    require_shapes(source, arrays, shapes)
    write_safetensors(output, arrays)


if __name__ == "__main__":
    main(convert, "dlib_face_recognition_resnet_model_v1.dat OUTPUT.safetensors")
