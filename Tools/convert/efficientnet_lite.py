"""EfficientNet-Lite (Tan & Le 2019) with the names of the package efficientnet_lite_pytorch, trained on ImageNet.

Batch counters, which do not influence the output, are left out."""

import math

from weight_file import main, read_torch, require_shapes, write_safetensors

# kernel, expansion, output channels, repeats (strides do not change shapes)
STAGES = [(3, 1, 16, 1), (3, 6, 24, 2), (5, 6, 40, 2), (3, 6, 80, 3), (5, 6, 112, 3), (5, 6, 192, 4), (3, 6, 320, 1)]
STEM, LAST, CLASSES = 32, 1280, 1000


def scaled_channels(base, width):
    """`base * width` to the nearest multiple of 8, but never more than a tenth below."""
    rounded = max(8, int(base * width + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * base * width else rounded


def expected_shapes(width, depth):
    shapes = {}

    def convolution(name, norm, out_channels, in_channels, side):
        shapes[f"{name}.weight"] = (out_channels, in_channels, side, side)
        for part in ["weight", "bias", "running_mean", "running_var"]:
            shapes[f"{norm}.{part}"] = (out_channels,)

    convolution("_conv_stem", "_bn0", STEM, 3, 3)
    channels, index = STEM, 0
    for stage, (kernel, expansion, base, repeats) in enumerate(STAGES):
        ends = stage in (0, len(STAGES) - 1)  # the first and the last stage keep their depth
        for _ in range(repeats if ends else math.ceil(repeats * depth)):
            name, inner, out = f"_blocks.{index}", channels * expansion, scaled_channels(base, width)
            if expansion > 1:
                convolution(f"{name}._expand_conv", f"{name}._bn0", inner, channels, 1)
            convolution(f"{name}._depthwise_conv", f"{name}._bn1", inner, 1, kernel)
            convolution(f"{name}._project_conv", f"{name}._bn2", out, inner, 1)
            channels, index = out, index + 1
    convolution("_conv_head", "_bn1", LAST, channels, 1)
    shapes["_fc.weight"], shapes["_fc.bias"] = (CLASSES, LAST), (CLASSES,)
    return shapes


def run(width, depth):
    """The converter of one size."""

    def convert(source, output):
        arrays = {name: array for name, array in read_torch(source).items() if not name.endswith("num_batches_tracked")}
        require_shapes(source, arrays, expected_shapes(width, depth))
        write_safetensors(output, arrays)

    main(convert, "SOURCE.pth OUTPUT.safetensors")
