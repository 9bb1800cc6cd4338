"""The landmark network: residual trunk, top-down path, one heat map for each point, mean positions.

Plain and tuned differ in the memory layout and in activations that overwrite their input."""

import torch
import torch.nn.functional as F
from torch import nn

from encoder import Residual, leaky


class Landmarks(nn.Module):
    def __init__(self, tuned, c):
        super().__init__()
        channels, width = c["stageChannels"], c["pyramidChannels"]
        self.tuned, self.size = tuned, c["inputSize"]
        self.stem = nn.Conv2d(3, channels[0], 5, 2, 2, bias=False)
        self.stem_norm = nn.BatchNorm2d(channels[0])
        self.stages = nn.ModuleList(
            nn.Sequential(*(
                Residual(inputs if block == 0 else outputs, outputs, 2 if block == 0 else 1, tuned)
                for block in range(c["stageBlocks"])
            ))
            for inputs, outputs in zip(channels, channels[1:])
        )  # fmt: skip
        self.laterals = nn.ModuleList(nn.Conv2d(n, width, 1) for n in reversed(channels[1:]))
        self.smooth = nn.ModuleList(Residual(width, width, 1, tuned) for _ in range(2))
        self.heat = nn.Conv2d(width, 5, 1)

    def forward(self, window):
        if self.tuned:
            window = window.contiguous(memory_format=torch.channels_last)
        x = leaky(self.stem_norm(self.stem(window)), self.tuned)
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        level = self.laterals[0](maps[2])
        for lateral, smooth, finer in zip(self.laterals[1:], self.smooth, (maps[1], maps[0])):
            level = smooth(lateral(finer) + F.interpolate(level, finer.shape[2:], mode="bilinear"))
        heat = self.heat(level)
        share = heat.flatten(2).softmax(2).reshape(heat.shape)
        stride = self.size / heat.shape[3]
        centres = torch.arange(heat.shape[3]) * stride + (stride - 1) / 2
        return torch.stack([share.sum(2) @ centres, share.sum(3) @ centres], dim=2)
