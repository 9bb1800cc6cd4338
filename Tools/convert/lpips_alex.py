"""LPIPS with AlexNet's trunk. Usage: lpips_alex.py alexnet.ckpt [alex.pth] OUTPUT.safetensors

The second file, of the package `lpips`, only confirms the linear weights that the first one holds too."""

from lpips_weights import convert
from weight_file import main

LAYERS = [(0, 64, 3, 11), (3, 192, 64, 5), (6, 384, 192, 3), (8, 256, 384, 3), (10, 256, 256, 3)]
TAPS = [64, 192, 384, 256, 256]

if __name__ == "__main__":
    main(
        lambda trunk, *rest: convert(trunk, rest[0] if len(rest) > 1 else None, rest[-1], "AlexNet_0", LAYERS, TAPS),
        "TRUNK.ckpt [LINEAR.pth] OUTPUT.safetensors",
    )
