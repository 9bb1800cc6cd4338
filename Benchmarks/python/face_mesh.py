"""MediaPipe's face mesh (Kartynnik et al. 2019), 468 points in a crop of 192 pixels. There is no published PyTorch version; this one is
written from the layout of the TFLite file."""

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride, self.added = stride, outputs - inputs
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, 1 if stride == 1 else 0, groups=inputs)
        self.pointwise = nn.Conv2d(inputs, outputs, 1)
        self.relu = nn.PReLU(outputs)

    def forward(self, x):
        y = self.pointwise(self.depthwise(x if self.stride == 1 else F.pad(x, (0, 1, 0, 1))))
        x = x if self.stride == 1 else F.max_pool2d(x, 2)
        if self.added:
            x = F.pad(x, (0, 0, 0, 0, 0, self.added))
        return self.relu(x + y)


class Activated(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, pads):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride)
        self.relu = nn.PReLU(outputs)
        self.pads = pads

    def forward(self, x):
        return self.relu(self.conv(F.pad(x, (0, 1, 0, 1)) if self.pads else x))


class Head(nn.Module):
    def __init__(self, inputs, outputs, blocks):
        super().__init__()
        self.blocks = nn.ModuleList(Block(inputs, inputs, 2 if n == 0 else 1) for n in range(blocks))
        self.reduce = Activated(inputs, 32, 1, 1, False)
        self.last = Block(32, 32, 1)
        self.output = nn.Conv2d(32, outputs, 3)

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return self.output(self.last(self.reduce(x)))


class FaceMesh(nn.Module):
    PLAN = [(16, 1)] * 2 + [(32, 2), (32, 1), (32, 1), (64, 2), (64, 1), (64, 1)]
    PLAN = PLAN + [(128, 2), (128, 1), (128, 1)] * 2

    def __init__(self, tuned):
        super().__init__()
        self.tuned = tuned
        self.stem = Activated(3, 16, 3, 2, True)
        widths = [16] + [width for width, _ in self.PLAN]
        self.trunk = nn.ModuleList(Block(w, *entry) for w, entry in zip(widths, self.PLAN))
        self.mesh = Head(128, 3 * 468, 3)
        self.presence = Head(128, 1, 1)

    def forward(self, x):
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        x = self.stem(x)
        for block in self.trunk:
            x = block(x)
        return [self.mesh(x).reshape(len(x), 468, 3), self.presence(x).flatten()]
