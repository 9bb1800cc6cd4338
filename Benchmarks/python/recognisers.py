"""SFace (Zhong et al. 2021) and dlib's face recogniser (King 2017), their normalisations folded into the weights as in the
converted files."""

import torch
import torch.nn.functional as F
from torch import nn


class Unit(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups)
        self.relu = nn.PReLU(outputs)

    def forward(self, x):
        return self.relu(self.conv(x))


class Separable(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.depthwise = Unit(inputs, inputs, 3, stride, inputs)
        self.pointwise = Unit(inputs, outputs, 1)

    def forward(self, x):
        return self.pointwise(self.depthwise(x))


class SFace(nn.Module):
    PLAN = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + [(512, 1)] * 5 + [(1024, 2), (1024, 1)]

    def __init__(self, tuned):
        super().__init__()
        self.tuned = tuned
        self.stem = Unit(3, 32, 3)
        widths = [32] + [width for width, _ in self.PLAN]
        self.blocks = nn.ModuleList(Separable(w, *plan) for w, plan in zip(widths, self.PLAN))
        self.fc = nn.Linear(1024 * 49, 128)

    def forward(self, x):
        x = (x - 127.5) * 0.0078125
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return [self.fc(x.flatten(1))]


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.stride = stride
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1 if stride == 1 else 0)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1)

    def forward(self, x):
        y = self.conv2(F.relu(self.conv1(x)))
        if self.stride > 1:
            x = F.avg_pool2d(x, 2)
            shape = [max(a, b) for a, b in zip(x.shape, y.shape)]
            x, y = (filled(x, shape), filled(y, shape))
        return F.relu(x + y)


def filled(x, shape):
    missing = [want - have for want, have in zip(shape, x.shape)]
    return F.pad(x, (0, missing[3], 0, missing[2], 0, missing[1])) if any(missing) else x


class DlibFaceNet(nn.Module):
    PLAN = [(32, 1)] * 2 + [(64, 2)] + [(64, 1)] * 3 + [(128, 2)] + [(128, 1)] * 2 + [(256, 2)] + [(256, 1)] * 2 + [(256, 2)]

    def __init__(self, tuned):
        super().__init__()
        self.tuned = tuned
        self.stem = nn.Conv2d(3, 32, 7, 2)
        plan = [(32, 1)] + self.PLAN
        widths = [32] + [width for width, _ in plan]
        self.blocks = nn.ModuleList(Residual(w, *entry) for w, entry in zip(widths, plan))
        self.fc = nn.Linear(256, 128, bias=False)
        self.mean = torch.tensor([122.782, 117.001, 104.298]).reshape(1, 3, 1, 1)

    def forward(self, x):
        x = (x - self.mean) * (1 / 256)
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        x = F.max_pool2d(F.relu(self.stem(x)), 3, 2)
        for block in self.blocks:
            x = block(x)
        return [self.fc(x.mean((2, 3)))]
