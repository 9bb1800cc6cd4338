"""Reference values for the landmark network: points of formula weights, in float64. Usage: landmarks.py

An independent implementation in PyTorch of a residual trunk with a top-down path and integral regression (Sun et al. 2018). Needs
torch, safetensors."""

import math

import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

from stylegan2 import FIXTURES, hashed

CHANNELS, BLOCKS, WIDTH, SIZE = [6, 8, 12, 16], 2, 10, 48


def parameter(key, shape):
    x = hashed(key, shape)
    if key.endswith("running_var"):
        x = 1 + x * 0.1
    elif key.endswith("running_mean"):
        x = x * 0.1
    elif key.endswith("bias"):
        x = x * 0.125
    elif len(shape) == 1:
        x = 1 + x * 0.1
    else:
        x = x * math.sqrt(2 / math.prod(shape[1:]))
    return x.float().double()


def conv(key, x, outputs, kernel, stride=1, bias=False):
    weight = parameter(f"{key}.weight", [outputs, x.shape[1], kernel, kernel])
    offset = parameter(f"{key}.bias", [outputs]) if bias else None
    return F.conv2d(x, weight, offset, stride=stride, padding=kernel // 2)


def norm(key, x):
    mean, var, weight, bias = (
        parameter(f"{key}.{name}", [x.shape[1]]) for name in ("running_mean", "running_var", "weight", "bias")
    )
    return F.batch_norm(x, mean, var, weight, bias, eps=1e-5)


def block(key, x, outputs, stride=1):
    y = F.leaky_relu(norm(f"{key}.norm1", conv(f"{key}.conv1", x, outputs, 3, stride)), 0.1)
    y = norm(f"{key}.norm2", conv(f"{key}.conv2", y, outputs, 3))
    direct = x if stride == 1 else F.avg_pool2d(x, stride)
    if x.shape[1] != outputs or stride != 1:
        direct = conv(f"{key}.shortcut", direct, outputs, 1, bias=True)
    return F.leaky_relu(y + direct, 0.1)


def network(x):
    x = F.leaky_relu(norm("stem_norm", conv("stem", x, CHANNELS[0], 5, 2)), 0.1)
    maps = []
    for stage, outputs in enumerate(CHANNELS[1:]):
        for number in range(BLOCKS):
            x = block(f"stages.{stage}.{number}", x, outputs, 2 if number == 0 else 1)
        maps.append(x)
    level = conv("laterals.0", maps[2], WIDTH, 1, bias=True)
    for number, finer in enumerate([maps[1], maps[0]]):
        up = F.interpolate(level, size=finer.shape[2:], mode="bilinear", align_corners=False)
        level = block(f"smooth.{number}", conv(f"laterals.{number + 1}", finer, WIDTH, 1, bias=True) + up, WIDTH)
    heat = conv("heat", level, 5, 1, bias=True)
    share = F.softmax(heat.flatten(2), dim=2).reshape(heat.shape)
    stride = SIZE / heat.shape[3]
    # Centres of the cells in pixels of the input, whose own centres have whole numbers.
    centres = (torch.arange(heat.shape[3], dtype=torch.float64) + 0.5) * stride - 0.5
    return torch.stack([(share * centres).sum((2, 3)), (share * centres[:, None]).sum((2, 3))], dim=2)


if __name__ == "__main__":
    torch.set_num_threads(1)
    window = hashed("window", [2, 3, SIZE, SIZE]) * 0.5
    points = network(window)
    save_file({"points": points.float().numpy()}, str(FIXTURES / "landmarks.safetensors"))
    print(points)
