"""YuNet, 2023 March version (Wu et al. 2023), raw outputs of its three levels."""

import torch.nn.functional as F
from torch import nn


class Separable(nn.Module):
    def __init__(self, inputs, outputs, activated=True):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs)
        self.activated = activated

    def forward(self, x):
        x = self.conv2(self.conv1(x))
        return F.relu(x) if self.activated else x


class Stem(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.conv2 = Separable(16, 16)

    def forward(self, x):
        return self.conv2(F.relu(self.conv1(x)))


class Pair(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv1 = Separable(inputs, inputs)
        self.conv2 = Separable(inputs, outputs)

    def forward(self, x):
        return self.conv2(self.conv1(x))


class YuNet(nn.Module):
    def __init__(self, tuned):
        super().__init__()
        self.model0 = Stem()
        self.model1, self.model2 = Pair(16, 32), Pair(32, 64)
        self.model3, self.model4, self.model5 = Pair(64, 64), Pair(64, 64), Pair(64, 64)

        def heads(outputs):
            return nn.ModuleList(Separable(64, outputs, outputs == 64) for _ in range(3))

        self.lateral, self.cls, self.bbox, self.obj, self.kps = (heads(n) for n in (64, 1, 4, 1, 10))

    def forward(self, x):
        low = self.model2(self.model1(F.max_pool2d(self.model0(x), 2)))
        fine = self.model3(F.max_pool2d(low, 2))
        middle = self.model4(F.max_pool2d(fine, 2))
        p2 = self.lateral[2](self.model5(F.max_pool2d(middle, 2)))
        p1 = self.lateral[1](middle + F.interpolate(p2, middle.shape[2:]))
        p0 = self.lateral[0](fine + F.interpolate(p1, fine.shape[2:]))
        return [head[n](p) for n, p in enumerate((p0, p1, p2)) for head in (self.cls, self.obj, self.bbox, self.kps)]
