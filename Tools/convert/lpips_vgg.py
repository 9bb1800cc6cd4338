"""LPIPS with VGG16's trunk. Usage: lpips_vgg.py vgg16.ckpt [vgg.pth] OUTPUT.safetensors

The second file, of the package `lpips`, only confirms the linear weights that the first one holds too."""

from lpips_weights import convert
from weight_file import main

TAPS = [64, 128, 256, 512, 512]
INDICES = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
WIDTHS = [64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
LAYERS = [(index, width, before, 3) for index, width, before in zip(INDICES, WIDTHS, [3] + WIDTHS)]

if __name__ == "__main__":
    main(
        lambda trunk, *rest: convert(trunk, rest[0] if len(rest) > 1 else None, rest[-1], "VGG16_0", LAYERS, TAPS),
        "TRUNK.ckpt [LINEAR.pth] OUTPUT.safetensors",
    )
