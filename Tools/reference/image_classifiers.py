"""Reference values for AlexNet and VGG16: logits of formula weights. Usage: image_classifiers.py

Written from the papers and the names of torchvision's tensors (`features.N`, `classifier.N`); when torchvision is installed, keys
and shapes are compared with its own. Needs torch, safetensors."""

import json
import math

import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from stylegan2 import FIXTURES, hashed, out, put


def parameter(key, shape):
    x = hashed(key, shape)
    # Rectified layers halve the variance: He's gain keeps it.
    return (x * 0.125 if key.endswith("bias") else x * math.sqrt(2 / math.prod(shape[1:]))).float().double()


class Network:
    def __init__(self):
        self.shapes = {}

    def p(self, key, *shape):
        self.shapes[key] = list(shape)
        return parameter(key, shape)

    def conv(self, n, x, outputs, k, stride=1, pad=1):
        weight = self.p(f"features.{n}.weight", outputs, x.shape[1], k, k)
        return F.relu(F.conv2d(x, weight, self.p(f"features.{n}.bias", outputs), stride=stride, padding=pad))

    def linear(self, n, x, outputs):
        return F.linear(x, self.p(f"classifier.{n}.weight", outputs, x.shape[1]), self.p(f"classifier.{n}.bias", outputs))

    def alexnet(self, x, classes):
        x = F.max_pool2d(self.conv(0, x, 64, 11, 4, 2), 3, 2)
        x = F.max_pool2d(self.conv(3, x, 192, 5, 1, 2), 3, 2)
        x = self.conv(10, self.conv(8, self.conv(6, x, 384, 3), 256, 3), 256, 3)
        x = F.adaptive_avg_pool2d(F.max_pool2d(x, 3, 2), 6).flatten(1)
        return self.linear(6, F.relu(self.linear(4, F.relu(self.linear(1, x, 4096)), 4096)), classes)

    def vgg16(self, x, classes):
        n = 0
        for width, depth in [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]:
            for _ in range(depth):
                x = self.conv(n, x, width, 3)
                n += 2
            x = F.max_pool2d(x, 2)
            n += 1
        x = F.adaptive_avg_pool2d(x, 7).flatten(1)
        return self.linear(6, F.relu(self.linear(3, F.relu(self.linear(0, x, 4096)), 4096)), classes)


if __name__ == "__main__":
    torch.set_num_threads(1)
    keys = {}
    for name, side in (("alexnet", 95), ("vgg16", 64)):
        network = Network()
        with torch.no_grad():
            put(name, getattr(network, name)(hashed("image", (1, 3, side, side)), 1000))
        keys[name] = network.shapes
        try:
            import torchvision
        except ImportError:
            print("torchvision is not installed: keys are not compared")
        else:
            theirs = getattr(torchvision.models, name)(weights=None).state_dict()
            assert {key: list(value.shape) for key, value in theirs.items()} == network.shapes, name
    save_file(out, FIXTURES / "image-classifiers.safetensors")
    with open(FIXTURES / "image-classifiers-keys.json", "w") as file:
        json.dump(keys, file, sort_keys=True, separators=(",", ":"))
