"""MobileNetV2 (Sandler et al. 2018) with torchvision's names, trained on ImageNet.
Usage: mobilenet.py mobilenet_v2-b0353104.pth OUTPUT.safetensors

Batch counters, which do not influence the output, are left out."""

from weight_file import main, read_torch, require_shapes, write_safetensors

# expansion, output channels, repeats (strides do not change shapes)
STAGES = [(1, 16, 1), (6, 24, 2), (6, 32, 3), (6, 64, 4), (6, 96, 3), (6, 160, 3), (6, 320, 1)]
STEM, LAST, CLASSES = 32, 1280, 1000


def expected_shapes():
    shapes = {}

    def convolution(name, norm, out_channels, in_channels, side):
        shapes[f"{name}.weight"] = (out_channels, in_channels, side, side)
        for part in ["weight", "bias", "running_mean", "running_var"]:
            shapes[f"{norm}.{part}"] = (out_channels,)

    convolution("features.0.0", "features.0.1", STEM, 3, 3)
    channels, index = STEM, 1
    for expansion, width, repeats in STAGES:
        for _ in range(repeats):
            name, inner, step = f"features.{index}.conv", channels * expansion, 0
            if expansion > 1:
                convolution(f"{name}.0.0", f"{name}.0.1", inner, channels, 1)
                step = 1
            convolution(f"{name}.{step}.0", f"{name}.{step}.1", inner, 1, 3)
            convolution(f"{name}.{step + 1}", f"{name}.{step + 2}", width, inner, 1)
            channels, index = width, index + 1
    convolution(f"features.{index}.0", f"features.{index}.1", LAST, channels, 1)
    shapes["classifier.1.weight"], shapes["classifier.1.bias"] = (CLASSES, LAST), (CLASSES,)
    return shapes


def convert(source, output):
    arrays = {name: array for name, array in read_torch(source).items() if not name.endswith("num_batches_tracked")}
    require_shapes(source, arrays, expected_shapes())
    write_safetensors(output, arrays)


if __name__ == "__main__":
    main(convert, "SOURCE.pth OUTPUT.safetensors")
