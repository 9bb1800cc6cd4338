"""Person embeddings: MobileNetV2, ResNet, EfficientNet-Lite and OSNet with last stride 1, average pooling and a batch-normalisation neck,
and one training step of the joint loss.

Plain is the network as it is usually written and run. Tuned has what ours does: channels last, activations that overwrite their
input, and for embedding the normalisations multiplied into the convolutions."""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from moving_average import MovingAverage


class ConvNorm(nn.Sequential):
    """Convolution (key 0), batch normalisation (1), ReLU6."""

    def __init__(self, inputs, outputs, kernel, stride=1, groups=1, tuned=False):
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs),
            nn.ReLU6(inplace=tuned),
        )  # fmt: skip


class InvertedResidual(nn.Module):
    def __init__(self, inputs, outputs, expansion, stride, tuned):
        super().__init__()
        inner = inputs * expansion
        layers = [ConvNorm(inputs, inner, 1, tuned=tuned)] if expansion != 1 else []
        layers += [ConvNorm(inner, inner, 3, stride, inner, tuned), nn.Conv2d(inner, outputs, 1, bias=False), nn.BatchNorm2d(outputs)]
        self.conv = nn.Sequential(*layers)
        self.shortcut = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.conv(x) if self.shortcut else self.conv(x)


class MobileNetV2(nn.Module):
    PLAN = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 1), (6, 320, 1, 1)]
    channels = 1280

    def __init__(self, tuned):
        super().__init__()
        layers, inputs = [ConvNorm(3, 32, 3, 2, tuned=tuned)], 32
        for expansion, outputs, repeats, stride in self.PLAN:
            for n in range(repeats):
                layers.append(InvertedResidual(inputs, outputs, expansion, stride if n == 0 else 1, tuned))
                inputs = outputs
        self.features = nn.Sequential(*layers, ConvNorm(inputs, 1280, 1, tuned=tuned))

    def forward(self, x):
        return self.features(x)


class Block(nn.Module):
    def __init__(self, inputs, width, bottleneck, stride, tuned):
        super().__init__()
        outputs = 4 * width if bottleneck else width
        self.conv1 = nn.Conv2d(inputs, width, 1 if bottleneck else 3, 1 if bottleneck else stride, 0 if bottleneck else 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride if bottleneck else 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        if bottleneck:
            self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=tuned)
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.bottleneck, self.outputs = bottleneck, outputs

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        if self.bottleneck:
            y = self.bn3(self.conv3(self.relu(y)))
        return self.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    def __init__(self, tuned, depth):
        super().__init__()
        counts, bottleneck = {18: ([2, 2, 2, 2], False), 34: ([3, 4, 6, 3], False), 50: ([3, 4, 6, 3], True)}[depth]
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=tuned)
        inputs = 64
        for stage, count in enumerate(counts):
            blocks = []
            for n in range(count):
                blocks.append(Block(inputs, 64 << stage, bottleneck, [1, 2, 2, 1][stage] if n == 0 else 1, tuned))
                inputs = blocks[-1].outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        self.channels = inputs

    def forward(self, x):
        x = F.max_pool2d(self.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class Same(nn.Conv2d):
    """TensorFlow's padding."""

    def forward(self, x):
        pads = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1]):
            total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [total // 2, total - total // 2]
        return super().forward(F.pad(x, pads) if any(pads) else x)


class MobileBottleneck(nn.Module):
    def __init__(self, inputs, outputs, kernel, expansion, stride, tuned):
        super().__init__()
        inner = inputs * expansion
        if expansion != 1:
            self._expand_conv = nn.Conv2d(inputs, inner, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(inner, 1e-3, 0.01)
        self._depthwise_conv = Same(inner, inner, kernel, stride, groups=inner, bias=False)
        self._bn1 = nn.BatchNorm2d(inner, 1e-3, 0.01)
        self._project_conv = nn.Conv2d(inner, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, 1e-3, 0.01)
        self.relu, self.shortcut = nn.ReLU6(inplace=tuned), stride == 1 and inputs == outputs

    def forward(self, x):
        y = self.relu(self._bn0(self._expand_conv(x))) if hasattr(self, "_expand_conv") else x
        y = self._bn2(self._project_conv(self.relu(self._bn1(self._depthwise_conv(y)))))
        return x + y if self.shortcut else y


class EfficientNetLite0(nn.Module):
    PLAN = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 1, 6, 192), (1, 3, 1, 6, 320)]
    channels = 1280

    def __init__(self, tuned):
        super().__init__()
        self._conv_stem, self._bn0 = Same(3, 32, 3, 2, bias=False), nn.BatchNorm2d(32, 1e-3, 0.01)
        blocks, inputs = [], 32
        for repeats, kernel, stride, expansion, outputs in self.PLAN:
            for n in range(repeats):
                blocks.append(MobileBottleneck(inputs, outputs, kernel, expansion, stride if n == 0 else 1, tuned))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = nn.Conv2d(inputs, 1280, 1, bias=False), nn.BatchNorm2d(1280, 1e-3, 0.01)
        self.relu = nn.ReLU6(inplace=tuned)
        mean, deviation = (torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
        self.scale, self.shift = 255 * deviation / 128, (255 * mean - 127) / 128

    def forward(self, x):
        x = self.relu(self._bn0(self._conv_stem(x * self.scale + self.shift)))
        for block in self._blocks:
            x = block(x)
        return self.relu(self._bn1(self._conv_head(x)))


class Unit(nn.Module):
    """OSNet's convolution with batch normalisation and ReLU."""

    def __init__(self, inputs, outputs, kernel=1, stride=1, linear=False, tuned=False):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)
        self.relu = nn.Identity() if linear else nn.ReLU(inplace=tuned)

    def forward(self, x):
        return self.relu(self.bn(self.conv(x)))


class Light(nn.Module):
    def __init__(self, channels, tuned):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.bn, self.relu = nn.BatchNorm2d(channels), nn.ReLU(inplace=tuned)

    def forward(self, x):
        return self.relu(self.bn(self.conv2(self.conv1(x))))


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.fc1, self.fc2 = nn.Conv2d(channels, channels // 16, 1), nn.Conv2d(channels // 16, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(F.adaptive_avg_pool2d(x, 1)))))


class OSBlock(nn.Module):
    def __init__(self, inputs, outputs, tuned):
        super().__init__()
        inner = outputs // 4
        self.conv1 = Unit(inputs, inner, tuned=tuned)
        self.conv2a = Light(inner, tuned)
        for count, name in [(2, "b"), (3, "c"), (4, "d")]:
            setattr(self, "conv2" + name, nn.Sequential(*(Light(inner, tuned) for _ in range(count))))
        self.gate = Gate(inner)
        self.conv3 = Unit(inner, outputs, linear=True)
        self.relu = nn.ReLU(inplace=tuned)
        if inputs != outputs:
            self.downsample = Unit(inputs, outputs, linear=True)

    def forward(self, x):
        y = self.conv1(x)
        y = self.gate(self.conv2a(y)) + self.gate(self.conv2b(y)) + self.gate(self.conv2c(y)) + self.gate(self.conv2d(y))
        return self.relu(self.conv3(y) + (self.downsample(x) if hasattr(self, "downsample") else x))


class OSNet(nn.Module):
    def __init__(self, tuned, channels):
        super().__init__()
        self.conv1 = Unit(3, channels[0], 7, 2, tuned=tuned)
        for stage in (2, 3, 4):
            a, b = channels[stage - 2], channels[stage - 1]
            layers = [OSBlock(a, b, tuned), OSBlock(b, b, tuned)]
            if stage < 4:
                layers.append(nn.Sequential(Unit(b, b, tuned=tuned), nn.AvgPool2d(2)))
            setattr(self, f"conv{stage}", nn.Sequential(*layers))
        self.conv5 = Unit(channels[3], channels[3], tuned=tuned)
        self.channels = channels[3]

    def forward(self, x):
        x = F.max_pool2d(self.conv1(x), 3, 2, 1)
        return self.conv5(self.conv4(self.conv3(self.conv2(x))))


BACKBONES = {
    "mobilenet_v2": MobileNetV2, "resnet18": lambda tuned: ResNet(tuned, 18), "resnet50": lambda tuned: ResNet(tuned, 50),
    "efficientnet_lite0": EfficientNetLite0, "osnet_x0_25": lambda tuned: OSNet(tuned, (16, 64, 96, 128)),
}  # fmt: skip


class Network(nn.Module):
    def __init__(self, tuned, backbone):
        super().__init__()
        self.backbone = BACKBONES[backbone](tuned)
        self.neck = nn.BatchNorm1d(self.backbone.channels)
        self.neck.bias.requires_grad_(False)
        self.tuned = tuned
        if tuned:
            self.to(memory_format=torch.channels_last)

    def forward(self, x):
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        raw = self.backbone(x).mean((2, 3))
        return raw, self.neck(raw)


def fold(module):
    """Multiplies every normalisation into the convolution in front of it."""
    pairs = {"1": "0", "bn": "conv", "bn1": "conv1", "bn2": "conv2", "bn3": "conv3", "_bn0": "_expand_conv", "_bn1": "_depthwise_conv", "_bn2": "_project_conv"}
    names = dict(module.named_children())
    for name, child in names.items():
        if isinstance(child, nn.BatchNorm2d):
            before = pairs.get(name)
            if isinstance(module, nn.Sequential):
                before = str(int(name) - 1)
            elif isinstance(module, Light):
                before = "conv2"
            elif isinstance(module, EfficientNetLite0):
                before = {"_bn0": "_conv_stem", "_bn1": "_conv_head"}[name]
            setattr(module, before, fuse_conv_bn_eval(names[before], child))
            setattr(module, name, nn.Identity())
        else:
            fold(child)


class Embedding(nn.Module):
    """What retrieval compares."""

    def __init__(self, tuned, backbone):
        super().__init__()
        self.network, self.tuned = Network(tuned, backbone), tuned

    def load_state_dict(self, state):
        self.network.load_state_dict(state)
        if self.tuned:
            fold(self.network.eval().backbone)

    def forward(self, x):
        return [F.normalize(self.network(x)[1], dim=1)]


class Step:
    def __init__(self, tuned, c):
        self.tuned, self.c = tuned, c
        self.network = Network(tuned, c["backbone"])
        self.weight = nn.Parameter(torch.empty(c["classes"], self.network.backbone.channels))
        self.mean, self.deviation = (
            torch.tensor(v).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
        )

    def load(self, tensors):
        self.network.load_state_dict({key[8:]: value for key, value in tensors.items() if key.startswith("network.")})
        with torch.no_grad():
            self.weight.copy_(tensors["loss.classifier.weight"])
        if self.tuned:
            self.network.to(memory_format=torch.channels_last)
        self.average = MovingAverage(self.network, self.c["averageDecay"])
        rate, decay = self.c["rate"], self.c["weightDecay"]
        groups = [
            {"params": list(self.network.backbone.parameters()), "lr": rate},
            {"params": [self.network.neck.weight, self.weight], "lr": rate * self.c["headRateFactor"]},
        ]
        # Tuned: libtorch's fused kernel, as ours.
        self.optimizer = torch.optim.Adam(groups, weight_decay=decay, **({"fused": True} if self.tuned else {}))

    def normalised(self, image):
        if not self.tuned:
            return (image.float() / 255 - self.mean) / self.deviation
        pixels = image.contiguous(memory_format=torch.channels_last).float()
        return torch.addcmul(-self.mean / self.deviation, pixels, 1 / (255 * self.deviation))

    def triplet(self, x, labels):
        if self.tuned:
            distances = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
        else:  # as published
            squares = x.square().sum(1, keepdim=True)
            distances = (squares + squares.T - 2 * x @ x.T).clamp(min=1e-12).sqrt()
        same = labels[:, None] == labels
        own = torch.eye(len(x), dtype=torch.bool)
        farthest = distances.masked_fill(~(same & ~own), -math.inf).amax(1)
        nearest = distances.masked_fill(same, math.inf).amin(1)
        return F.relu(farthest - nearest + 0.3).mean()

    def __call__(self, image, label):
        raw, neck = self.network(self.normalised(image))
        cosines = F.normalize(neck, dim=1) @ F.normalize(self.weight, dim=1).T
        losses = {"softmax": F.cross_entropy(30 * cosines, label, label_smoothing=0.1), "triplet": self.triplet(raw, label)}
        self.optimizer.zero_grad()
        # One transfer for all values, and NaN found before anything changes.
        values = torch.stack([loss.detach() for loss in losses.values()]).tolist()
        assert all(map(math.isfinite, values)), values
        sum(losses.values()).backward()
        if self.tuned:
            parameters = [p for group in self.optimizer.param_groups for p in group["params"]]
            assert math.isfinite(torch.stack([p.grad.norm() for p in parameters]).norm().item())
        self.optimizer.step()
        self.average.update()
        return dict(zip(losses, values))
