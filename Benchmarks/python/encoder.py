"""The unmasking encoder: residual trunk, three-level pyramid, one head per group of styles, a mask decoder, additive features.

Plain and tuned differ in the memory layout and in activations that overwrite their input."""

import torch
import torch.nn.functional as F
from torch import nn


def leaky(x, tuned):
    return F.leaky_relu(x, 0.1, inplace=tuned)


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride, tuned):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut = None if inputs == outputs and stride == 1 else nn.Conv2d(inputs, outputs, 1)
        self.stride, self.tuned = stride, tuned

    def forward(self, x):
        y = self.norm2(self.conv2(leaky(self.norm1(self.conv1(x)), self.tuned)))
        direct = x if self.stride == 1 else F.avg_pool2d(x, self.stride)
        return leaky(y + (direct if self.shortcut is None else self.shortcut(direct)), self.tuned)


class StyleHead(nn.Module):
    def __init__(self, channels, pooled, hidden, styles, dimension, tuned):
        super().__init__()
        self.hidden = nn.Linear(channels * pooled * pooled, hidden)
        self.output = nn.Linear(hidden, styles * dimension)
        self.pooled, self.styles, self.tuned = pooled, styles, tuned

    def forward(self, x):
        if x.shape[2] != self.pooled:
            x = F.adaptive_avg_pool2d(x, self.pooled)
        return self.output(leaky(self.hidden(x.flatten(1)), self.tuned)).reshape(len(x), self.styles, -1)


class MaskDecoder(nn.Module):
    def __init__(self, pyramid, laterals, channels, tuned):
        super().__init__()
        self.tuned = tuned
        self.reduce = nn.Conv2d(pyramid, channels, 1)
        self.laterals = nn.ModuleList(nn.Conv2d(n, channels, 1, bias=False) for n in laterals)
        self.refine = nn.ModuleList(nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in laterals)
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in laterals)
        self.output = nn.Conv2d(channels, 1, 1)

    def forward(self, x, features):
        x = self.reduce(x)
        for feature, lateral, refine, norm in zip(features, self.laterals, self.refine, self.norms):
            x = F.interpolate(x, feature.shape[2:], mode="bilinear") + lateral(feature)
            x = leaky(norm(refine(F.leaky_relu(x, 0.1))), self.tuned)
        return self.output(x)


class Encoder(nn.Module):
    """The arrangement of `Models/unmasker-128`: stem of stride 2, batch normalisation, mask logits at half the size."""

    def __init__(self, tuned, c):
        super().__init__()
        widths, pyramid, size = c["stageChannels"], c["pyramidChannels"], c["inputSize"]
        assert c["stemStride"] == 2 and c["normalization"] == "batch" and not c["squeezesAndExcites"]
        self.tuned = tuned
        self.stem = nn.Conv2d(c["inputChannels"], widths[0], 5, 2, 2, bias=False)
        self.stem_norm = nn.BatchNorm2d(widths[0])
        inputs, stages = widths[0], []
        for n, (width, count) in enumerate(zip(widths, c["stageBlocks"])):
            blocks = []
            for block in range(count):
                blocks.append(Residual(inputs, width, 2 if n and block == 0 else 1, tuned))
                inputs = width
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        self.laterals = nn.ModuleList(nn.Conv2d(w, pyramid, 1) for w in widths[:-4:-1])
        self.smooth = nn.ModuleList(nn.Conv2d(pyramid, pyramid, 3, padding=1) for _ in range(2))
        count, coarse, middle = c["styleCount"], c["coarseStyles"], c["middleStyles"]
        self.heads = nn.ModuleList(
            StyleHead(pyramid, c["pooledSize"], c["hiddenFeatures"], n, c["styleDimension"], tuned)
            for n in (coarse, middle, count - coarse - middle)
        )
        self.sizes = [size // 2 >> n for n in range(len(widths))]
        finer = [n for n in range(len(widths) - 4, -1, -1) if self.sizes[n] <= c["maskSize"]]
        assert self.sizes[finer[-1]] == c["maskSize"]
        self.finer = finer
        self.mask = MaskDecoder(pyramid, [widths[n] for n in finer], c["maskChannels"], tuned)
        self.resolutions = sorted(int(key) for key in c["featureOffsets"])
        assert all(self.sizes.index(r) >= len(widths) - 3 for r in self.resolutions)
        self.offsets = nn.ModuleList(nn.Conv2d(pyramid, c["featureOffsets"][str(r)], 1) for r in self.resolutions)
        self.register_buffer("latent_avg", torch.zeros(1, c["styleDimension"]))

    def encode(self, image):
        x = image.contiguous(memory_format=torch.channels_last) if self.tuned else image
        x = leaky(self.stem_norm(self.stem(x)), self.tuned)
        maps, levels = [], []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        for n, lateral in enumerate(self.laterals):
            level = lateral(maps[-1 - n])
            if levels:
                level = self.smooth[n - 1](level + F.interpolate(levels[-1], level.shape[2:], mode="bilinear"))
            levels.append(level)
        codes = torch.cat([head(level) for head, level in zip(self.heads, levels)], 1)
        first = codes[:, :1]
        latents = self.latent_avg[:, None] + torch.cat((first, codes[:, 1:] + first), 1)
        logits = self.mask(levels[2], [maps[n] for n in self.finer])
        offsets = {}
        for head, resolution in zip(self.offsets, self.resolutions):
            offsets[resolution] = head(levels[len(maps) - 1 - self.sizes.index(resolution)])
        return latents, logits, offsets

    def forward(self, image):
        latents, logits, offsets = self.encode(image)
        return [latents, logits] + [offsets[r] for r in self.resolutions]
