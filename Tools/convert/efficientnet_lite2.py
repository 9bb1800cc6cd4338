"""EfficientNet-Lite2. Usage: efficientnet_lite2.py efficientnet-lite2-9656183e.pth OUTPUT.safetensors"""

from efficientnet_lite import run

if __name__ == "__main__":
    run(width=1.1, depth=1.2)
