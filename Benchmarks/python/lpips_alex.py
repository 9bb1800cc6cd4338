"""LPIPS 0.1 over AlexNet's features (Zhang et al. 2018)."""

import torch
from torch import nn


class LPIPS(nn.Module):
    TAPS = [1, 4, 7, 9, 11]

    def __init__(self, tuned):
        super().__init__()
        self.tuned = tuned
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
            nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
        )  # fmt: skip
        for n, width in enumerate((64, 192, 384, 256, 256)):
            self.add_module(f"lin{n}", nn.ModuleDict({"model": nn.Sequential(nn.Identity(), nn.Conv2d(width, 1, 1, bias=False))}))
        self.shift = torch.tensor([-0.030, -0.088, -0.188]).reshape(3, 1, 1)
        self.scale = torch.tensor([0.458, 0.448, 0.450]).reshape(3, 1, 1)

    def maps(self, x):
        x, found = (x - self.shift) / self.scale, []
        for n, layer in enumerate(self.features):
            x = layer(x)
            if n not in self.TAPS:
                continue
            if self.tuned:
                found.append(x * (x.square().sum(1, keepdim=True) + 1e-20).rsqrt())
            else:
                found.append(x / (x.square().sum(1, keepdim=True).add(1e-20).sqrt() + 1e-10))
        return found

    def distance(self, a, b, weights=None):
        total = 0
        for n, (x, y) in enumerate(zip(a, b)):
            layer = getattr(self, f"lin{n}")["model"]((x - y).square())
            if weights is None:
                total = total + layer.mean((1, 2, 3))
            else:
                cells = nn.functional.adaptive_avg_pool2d(weights, layer.shape[2:])
                total = total + (layer * cells).sum((1, 2, 3)) / cells.sum((1, 2, 3)).clamp(min=1e-12)
        return total

    def forward(self, a, b):
        return [self.distance(self.maps(a), self.maps(b))]
