"""StyleGAN2's generator and residual discriminator (Karras et al. 2020).

Plain: the published formulation in PyTorch's own operations; every sample's modulated weights are a group of one grouped
convolution, filters run as zero insertion, padding and convolution. Tuned: the input is scaled by the style, convolved with weights
that the batch shares, and the output scaled; filters are depthwise convolutions; channels last in memory."""

import math

import torch
import torch.nn.functional as F
from torch import nn

ROOT2 = math.sqrt(2)


def fir(gain):
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = taps[:, None] * taps[None]
    return kernel / kernel.sum() * gain


def upfirdn2d(x, kernel, up=1, down=1, pad=(0, 0), tuned=False):
    batch, channels, height, width = x.shape
    if tuned:
        taps = len(kernel)
        if up == 1:
            weight = kernel.flip(0, 1).reshape(1, 1, taps, taps).expand(channels, 1, taps, taps)
            if pad[0] == pad[1]:
                return F.conv2d(x, weight, stride=down, padding=pad[0], groups=channels)
            return F.conv2d(F.pad(x, (*pad, *pad)), weight, stride=down, groups=channels)
        weight = kernel.reshape(1, 1, taps, taps).expand(channels, 1, taps, taps)
        full = F.conv_transpose2d(x, weight, stride=up, groups=channels)
        before = pad[0] - (taps - 1)
        margins = []
        for size in (width, height):
            after = size * up + pad[0] + pad[1] - taps + 1 - ((size - 1) * up + taps) - before
            margins += [before, after]
        return F.pad(full, margins) if any(margins) else full
    wide = x.reshape(batch, channels, height, 1, width, 1)
    wide = F.pad(wide, (0, up - 1, 0, 0, 0, up - 1)).reshape(batch, channels, height * up, width * up)
    wide = F.pad(wide, (pad[0], pad[1], pad[0], pad[1]))
    out = F.conv2d(wide.reshape(-1, 1, *wide.shape[2:]), kernel.flip(0, 1)[None, None])
    return out.reshape(batch, channels, *out.shape[2:])[:, :, ::down, ::down]


class Filter(nn.Module):
    def __init__(self, gain, up=1, down=1, pad=(0, 0), tuned=False):
        super().__init__()
        self.register_buffer("kernel", fir(gain))
        self.up, self.down, self.pad, self.tuned = up, down, pad, tuned

    def forward(self, x):
        return upfirdn2d(x, self.kernel, self.up, self.down, self.pad, self.tuned)


class Linear(nn.Module):
    def __init__(self, inputs, outputs, rate=1.0, activated=False, tuned=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.scale, self.rate, self.activated, self.tuned = rate / math.sqrt(inputs), rate, activated, tuned

    def forward(self, x):
        if self.tuned:
            gain = ROOT2 if self.activated else 1
            bias = self.bias if self.rate * gain == 1 else self.bias * (self.rate * gain)
            y = F.linear(x, self.weight * (self.scale * gain), bias)
            return F.leaky_relu_(y, 0.2) if self.activated else y
        y = F.linear(x, self.weight * self.scale, self.bias * self.rate)
        return F.leaky_relu(y, 0.2) * ROOT2 if self.activated else y


class Activation(nn.Module):
    def __init__(self, channels, tuned=False):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))
        self.tuned = tuned

    def forward(self, x):
        shape = (1, -1) + (1,) * (x.ndim - 2)
        if self.tuned:
            return F.leaky_relu_(torch.add(self.bias.reshape(shape) * ROOT2, x, alpha=ROOT2), 0.2)
        return F.leaky_relu(x + self.bias.reshape(shape), 0.2) * ROOT2


class ModulatedConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, style, demodulates=True, up=False, tuned=False):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, outputs, inputs, kernel, kernel))
        self.modulation = Linear(style, inputs, tuned=tuned)
        self.scale, self.demodulates, self.up = 1 / math.sqrt(inputs * kernel * kernel), demodulates, up
        if up:
            self.blur = Filter(4.0, pad=(1, 1), tuned=tuned)

    def response(self, x, w):
        """The tuned form: what is convolved, and the factor that the output still needs."""
        style, shared = self.modulation(w), self.weight[0] * self.scale
        scaled = x * style[:, :, None, None]
        if self.up:
            y = self.blur(F.conv_transpose2d(scaled, shared.transpose(0, 1), stride=2))
        else:
            y = F.conv2d(scaled, shared, padding=shared.shape[2] // 2)
        if not self.demodulates:
            return y, None
        return y, (style.square() @ shared.square().sum((2, 3)).t() + 1e-8).rsqrt()

    def forward(self, x, w):
        batch, inputs, height, width = x.shape
        _, outputs, _, kernel, _ = self.weight.shape
        weight = self.scale * self.weight * self.modulation(w)[:, None, :, None, None]
        if self.demodulates:
            weight = weight * torch.rsqrt(weight.square().sum((2, 3, 4), keepdim=True) + 1e-8)
        x = x.reshape(1, batch * inputs, height, width)
        if self.up:
            weight = weight.transpose(1, 2).reshape(batch * inputs, outputs, kernel, kernel)
            y = F.conv_transpose2d(x, weight, stride=2, groups=batch)
            return self.blur(y.reshape(batch, outputs, *y.shape[2:]))
        y = F.conv2d(x, weight.reshape(batch * outputs, inputs, kernel, kernel), padding=kernel // 2, groups=batch)
        return y.reshape(batch, outputs, *y.shape[2:])


class Noise(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))


class StyledConv(nn.Module):
    def __init__(self, inputs, outputs, style, up=False, tuned=False):
        super().__init__()
        self.conv = ModulatedConv(inputs, outputs, 3, style, up=up, tuned=tuned)
        self.noise = Noise()
        self.activate = Activation(outputs, tuned)
        self.tuned = tuned

    def forward(self, x, w):
        if not self.tuned:
            return self.activate(self.conv(x, w))
        y, factor = self.conv.response(x, w)
        bias = self.activate.bias.reshape(1, -1, 1, 1) * ROOT2
        return F.leaky_relu_(torch.addcmul(bias, y, factor[:, :, None, None] * ROOT2), 0.2)


class ToRGB(nn.Module):
    def __init__(self, inputs, style, up=True, tuned=False):
        super().__init__()
        self.conv = ModulatedConv(inputs, 3, 1, style, demodulates=False, tuned=tuned)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.tuned = tuned
        if up:
            self.upsample = Filter(4.0, up=2, pad=(2, 1), tuned=tuned)

    def forward(self, x, w, skip=None):
        y = (self.conv.response(x, w)[0] if self.tuned else self.conv(x, w)) + self.bias
        return y if skip is None else y + self.upsample(skip)


class Constant(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.input = nn.Parameter(torch.randn(1, channels, 4, 4))


class PixelNorm(nn.Module):
    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(1, keepdim=True) + 1e-8)


class Generator(nn.Module):
    """W+ codes [batch, styles, d] -> images; without noise."""

    def __init__(self, tuned, size, channels, style, depth):
        super().__init__()
        self.tuned = tuned
        sizes = [2**n for n in range(2, int(math.log2(size)) + 1)]
        widths = [channels[s] for s in sizes]
        self.sizes = sizes
        self.style = nn.Sequential(PixelNorm(), *(Linear(style, style, 0.01, True, tuned) for _ in range(depth)))
        self.input = Constant(widths[0])
        self.conv1 = StyledConv(widths[0], widths[0], style, tuned=tuned)
        self.to_rgb1 = ToRGB(widths[0], style, up=False, tuned=tuned)
        self.convs, self.to_rgbs = nn.ModuleList(), nn.ModuleList()
        for before, after in zip(widths, widths[1:]):
            self.convs += [StyledConv(before, after, style, True, tuned), StyledConv(after, after, style, False, tuned)]
            self.to_rgbs.append(ToRGB(after, style, tuned=tuned))
        self.noises = nn.Module()
        for n in range(2 * len(sizes) - 1):
            side = sizes[(n + 1) // 2]
            self.noises.register_buffer(f"noise_{n}", torch.randn(1, 1, side, side))

    def forward(self, latents, offsets=None):
        offsets, w = offsets or {}, latents.unbind(1)
        x = self.input.input.expand(len(latents), -1, -1, -1)
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        x = self.conv1(x, w[0])
        image = self.to_rgb1(x, w[1])
        for n, size in enumerate(self.sizes[1:]):
            x = self.convs[2 * n](x, w[2 * n + 1])
            x = self.convs[2 * n + 1](x, w[2 * n + 2])
            if size in offsets:
                x = x + offsets[size]
            image = self.to_rgbs[n](x, w[2 * n + 3], image)
        return image


class EqualConv(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride=1, padding=0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.scale, self.stride, self.padding = 1 / math.sqrt(inputs * kernel * kernel), stride, padding

    def forward(self, x):
        return F.conv2d(x, self.weight * self.scale, stride=self.stride, padding=self.padding)


def conv_layer(inputs, outputs, kernel, tuned, down=False, activated=True):
    layers = []
    if down:
        excess = 2 + kernel - 1
        # Tuned: before a 1x1 convolution the filter itself keeps every second sample.
        step = 2 if tuned and kernel == 1 else 1
        layers.append(Filter(1.0, down=step, pad=((excess + 1) // 2, excess // 2), tuned=tuned))
        layers.append(EqualConv(inputs, outputs, kernel, 2 // step))
    else:
        layers.append(EqualConv(inputs, outputs, kernel, padding=kernel // 2))
    if activated:
        layers.append(Activation(outputs, tuned))
    return nn.Sequential(*layers)


class DownBlock(nn.Module):
    def __init__(self, inputs, outputs, tuned):
        super().__init__()
        self.conv1 = conv_layer(inputs, inputs, 3, tuned)
        self.conv2 = conv_layer(inputs, outputs, 3, tuned, down=True)
        self.skip = conv_layer(inputs, outputs, 1, tuned, down=True, activated=False)

    def forward(self, x):
        return (self.conv2(self.conv1(x)) + self.skip(x)) * math.sqrt(0.5)


class Discriminator(nn.Module):
    def __init__(self, tuned, size, channels):
        super().__init__()
        self.tuned = tuned
        widths = [channels[2**n] for n in range(int(math.log2(size)), 1, -1)]
        blocks = [DownBlock(a, b, tuned) for a, b in zip(widths, widths[1:])]
        self.convs = nn.ModuleList([conv_layer(3, widths[0], 1, tuned)] + blocks)
        self.final_conv = conv_layer(widths[-1] + 1, widths[-1], 3, tuned)
        self.final_linear = nn.Sequential(
            Linear(widths[-1] * 16, widths[-1], activated=True, tuned=tuned), Linear(widths[-1], 1, tuned=tuned)
        )

    def forward(self, x):
        if self.tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        for block in self.convs:
            x = block(x)
        batch, channels, height, width = x.shape
        group = max(n for n in range(1, min(4, batch) + 1) if batch % n == 0)
        spread = x.reshape(group, batch // group, channels, height, width).var(0, correction=0).add(1e-8).sqrt()
        spread = spread.mean((1, 2, 3), keepdim=True).repeat(group, 1, 1, 1).expand(-1, 1, height, width)
        return [self.final_linear(self.final_conv(torch.cat((x, spread), 1)).flatten(1))]
