"""EdgeFace-XXS (George et al. 2023): an EdgeNeXt trunk (Maaz et al. 2022) with a linear embedding.

Tuned: channels last in memory, layer scales folded into the last linear layer, attention's lengths divided out of the small
product."""

import math

import torch
import torch.nn.functional as F
from torch import nn

WIDTHS, DEPTHS, KERNELS, SCALES = [24, 48, 88, 168], [2, 2, 6, 2], [3, 5, 7, 9], [2, 2, 3, 4]


def scaled(linear, gamma, x, tuned):
    if not tuned:
        return linear(x) * gamma
    return F.linear(x, linear.weight * gamma.unsqueeze(1), linear.bias * gamma)


class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x, gamma, tuned):
        return scaled(self.fc2, gamma, F.gelu(self.fc1(x)), tuned)


class ConvBlock(nn.Module):
    def __init__(self, width, kernel, tuned):
        super().__init__()
        self.tuned = tuned
        self.conv_dw = nn.Conv2d(width, width, kernel, padding=kernel // 2, groups=width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLP(width)
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x):
        y = self.norm(self.conv_dw(x).permute(0, 2, 3, 1))
        return x + self.mlp(y, self.gamma, self.tuned).permute(0, 3, 1, 2)


class PositionalEncoding(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.token_projection = nn.Conv2d(64, width, 1)
        self.cached = None

    def forward(self, height, width):
        if self.cached is None or self.cached[0] != (height, width):
            wavelength = 10000 ** (2 * torch.div(torch.arange(32), 2, rounding_mode="floor") / 32)

            def encode(count):
                angle = torch.arange(1, count + 1)[:, None] / (count + 1e-6) * 2 * math.pi / wavelength
                return torch.stack((angle[:, 0::2].sin(), angle[:, 1::2].cos()), 2).flatten(1)

            rows, columns = encode(height), encode(width)
            grid = torch.cat((rows[:, None].expand(-1, width, -1), columns[None].expand(height, -1, -1)), 2)
            self.cached = ((height, width), grid.reshape(height * width, 64))
        return F.linear(self.cached[1], self.token_projection.weight.flatten(1), self.token_projection.bias)


class Attention(nn.Module):
    def __init__(self, width, heads=4):
        super().__init__()
        self.heads = heads
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x, gamma, tuned):
        batch, positions, width = x.shape
        split = self.qkv(x).reshape(batch, positions, 3, self.heads, width // self.heads)
        q, k, v = split.permute(2, 0, 3, 4, 1)
        if tuned:
            lengths = split.narrow(2, 0, 2).norm(dim=1).clamp(min=1e-12)
            scale = lengths.select(1, 0).unsqueeze(3) * lengths.select(1, 1).unsqueeze(2)
            similarity = (q @ k.transpose(-2, -1)) / scale
        else:
            similarity = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
        mixed = (similarity * self.temperature).softmax(-1) @ v
        return scaled(self.proj, gamma, mixed.permute(0, 3, 1, 2).reshape(batch, positions, width), tuned)


class TransposeBlock(nn.Module):
    def __init__(self, width, scales, positional, tuned):
        super().__init__()
        self.tuned = tuned
        part = math.ceil(width / scales)
        self.parts = [part] * (scales - 1) + [width - part * (scales - 1)]
        self.convs = nn.ModuleList(nn.Conv2d(part, part, 3, padding=1, groups=part) for _ in range(scales - 1))
        self.pos_embd = PositionalEncoding(width) if positional else None
        self.norm_xca = nn.LayerNorm(width, eps=1e-6)
        self.gamma_xca = nn.Parameter(torch.full((width,), 1e-6))
        self.xca = Attention(width)
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.mlp = MLP(width)
        self.gamma = nn.Parameter(torch.full((width,), 1e-6))

    def forward(self, x):
        batch, channels, height, width = x.shape
        groups, outputs = x.split(self.parts, 1), []
        for conv, group in zip(self.convs, groups):
            outputs.append(conv(outputs[-1] + group if outputs else group))
        tokens = torch.cat(outputs + [groups[-1]], 1).permute(0, 2, 3, 1).reshape(batch, height * width, channels)
        if self.pos_embd is not None:
            tokens = tokens + self.pos_embd(height, width)
        tokens = tokens + self.xca(self.norm_xca(tokens), self.gamma_xca, self.tuned)
        inner = self.mlp(self.norm(tokens), self.gamma, self.tuned)
        return x + inner.reshape(batch, height, width, channels).permute(0, 3, 1, 2)


class LayerNorm2d(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Stage(nn.Module):
    def __init__(self, n, tuned):
        super().__init__()
        width = WIDTHS[n]
        self.downsample = (
            nn.Sequential(LayerNorm2d(WIDTHS[n - 1], eps=1e-6), nn.Conv2d(WIDTHS[n - 1], width, 2, 2))
            if n
            else nn.Identity()
        )
        local = DEPTHS[n] - (n > 0)
        blocks = [ConvBlock(width, KERNELS[n], tuned) for _ in range(local)]
        self.blocks = nn.ModuleList(blocks + [TransposeBlock(width, SCALES[n], n == 1, tuned)] * (n > 0))

    def forward(self, x):
        x = self.downsample(x)
        for block in self.blocks:
            x = block(x)
        return x


class Head(nn.Module):
    def __init__(self, width, outputs):
        super().__init__()
        self.norm = nn.LayerNorm(width, eps=1e-6)
        self.fc = nn.Linear(width, outputs)

    def forward(self, x):
        return self.fc(self.norm(x.mean((2, 3))))


class EdgeFace(nn.Module):
    def __init__(self, tuned):
        super().__init__()
        self.tuned = tuned
        self.stem = nn.Sequential(nn.Conv2d(3, WIDTHS[0], 4, 4), LayerNorm2d(WIDTHS[0], eps=1e-6))
        self.stages = nn.ModuleList(Stage(n, tuned) for n in range(4))
        self.head = Head(WIDTHS[3], 512)

    def forward(self, x):
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        x = self.stem(x)
        for stage in self.stages:
            x = stage(x)
        return [self.head(x)]
