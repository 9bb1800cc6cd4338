"""Reference values for StyleGAN2: an independent implementation in PyTorch, in float64.

Written from Karras et al., "Analyzing and Improving the Image Quality of StyleGAN" (2020), and from the names and shapes
of the tensors in PyTorch checkpoints. Modulated convolutions modulate the weights per sample and run as one grouped
convolution, the textbook form, so that they check the Swift code's scale-convolve-scale form.

Weights are not stored: both sides compute them from the tensor's name and the element's index (`hashed`).

    python Tools/reference/stylegan2.py            # writes Tests/UnmaskingTests/Fixtures/stylegan2*.{safetensors,json}
"""

import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "UnmaskingTests" / "Fixtures"
ROOT3 = math.sqrt(3.0)


# --- reproducible numbers -------------------------------------------------------------------------------------------


def hashed(name, shape):
    """Uniform numbers of mean 0 and variance 1: SplitMix64 of FNV-1a(name) + index, rounded to float32."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    count = int(np.prod(shape, dtype=np.int64))
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    unit = (z >> np.uint64(40)).astype(np.float64) / float(1 << 24)
    return torch.from_numpy(((2 * unit - 1) * ROOT3).astype(np.float32).astype(np.float64)).reshape(shape)


def parameter(key, shape):
    """Values of a sensible size for the role that the key's name tells."""
    x = hashed(key, shape)
    if key.startswith("style.") and key.endswith("weight"):
        x = x * 100  # the mapping network multiplies by its learning rate, 0.01
    elif key.startswith("style."):
        x = x * 10
    elif key.endswith("noise.weight"):
        x = x * 0.25
    elif key.endswith("modulation.bias"):
        x = 1 + x * 0.125
    elif key.endswith("bias"):
        x = x * 0.125
    return x.float().double()


# --- layers ---------------------------------------------------------------------------------------------------------


def fir(taps=(1, 3, 3, 1), gain=1.0):
    k = torch.tensor(taps, dtype=torch.float64)
    k = k[:, None] * k[None, :]
    return k / k.sum() * gain


def upfirdn2d(x, kernel, up=1, down=1, pad=(0, 0)):
    b, c, h, w = x.shape
    wide = x.new_zeros(b, c, h * up, w * up)
    wide[:, :, ::up, ::up] = x
    wide = F.pad(wide, (pad[0], pad[1], pad[0], pad[1]))
    kh, kw = kernel.shape
    flipped = torch.flip(kernel, (0, 1)).to(x)
    out = F.conv2d(wide.reshape(-1, 1, *wide.shape[2:]), flipped[None, None])
    return out.reshape(b, c, *out.shape[2:])[:, :, ::down, ::down]


def leaky(x):
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


def modulated_conv(x, weight, style, demodulate=True, up=False):
    """x [b, i, h, w], weight [1, o, i, k, k], style [b, i]: per-sample weights, one grouped convolution."""
    b, i, h, w = x.shape
    _, o, _, k, _ = weight.shape
    per_sample = weight * style[:, None, :, None, None] / math.sqrt(i * k * k)
    if demodulate:
        norm = (per_sample**2).sum((2, 3, 4), keepdim=True)
        per_sample = per_sample / torch.sqrt(norm + 1e-8)
    x = x.reshape(1, b * i, h, w)
    if up:
        kernel = per_sample.transpose(1, 2).reshape(b * i, o, k, k)
        y = F.conv_transpose2d(x, kernel, stride=2, groups=b)
        y = y.reshape(b, o, *y.shape[2:])
        return upfirdn2d(y, fir(gain=4.0), pad=((4 - 2 - (k - 1) + 1) // 2 + 1, (4 - 2 - (k - 1)) // 2 + 1))
    y = F.conv2d(x, per_sample.reshape(b * o, i, k, k), padding=k // 2, groups=b)
    return y.reshape(b, o, *y.shape[2:])


class Weights(dict):
    """Parameters made on first use, so that the key list follows from the network's code."""

    def __init__(self, grad=True):
        super().__init__()
        self.grad = grad

    def get(self, key, *shape):
        if key not in self:
            self[key] = parameter(key, shape).requires_grad_(self.grad)
        return self[key]

    def buffer(self, key, value):
        if key not in self:
            self[key] = value
        return self[key]


class Generator:
    def __init__(self, size, channels, style=512, depth=8, grad=True):
        self.size, self.channels, self.style, self.depth = size, channels, style, depth
        self.p = Weights(grad)
        self.sizes = [2**n for n in range(2, int(math.log2(size)) + 1)]
        self.styles = 2 * len(self.sizes)

    def affine(self, key, w, outputs):
        return F.linear(
            w, self.p.get(f"{key}.weight", outputs, w.shape[1]) / math.sqrt(w.shape[1]), self.p.get(f"{key}.bias", outputs)
        )

    def mapping(self, z):
        x = z * torch.rsqrt((z**2).mean(1, keepdim=True) + 1e-8)
        for n in range(1, self.depth + 1):
            weight = self.p.get(f"style.{n}.weight", self.style, self.style) * (0.01 / math.sqrt(self.style))
            x = leaky(F.linear(x, weight, self.p.get(f"style.{n}.bias", self.style) * 0.01))
        return x

    def styled(self, key, x, w, outputs, noise, up=False):
        s = self.affine(f"{key}.conv.modulation", w, x.shape[1])
        weight = self.p.get(f"{key}.conv.weight", 1, outputs, x.shape[1], 3, 3)
        if up:
            self.p.buffer(f"{key}.conv.blur.kernel", fir(gain=4.0))
        y = modulated_conv(x, weight, s, True, up)
        strength = self.p.get(f"{key}.noise.weight", 1)
        if noise is not None:
            y = y + strength * noise
        return leaky(y + self.p.get(f"{key}.activate.bias", outputs)[None, :, None, None])

    def colours(self, key, x, w, skip):
        s = self.affine(f"{key}.conv.modulation", w, x.shape[1])
        y = modulated_conv(x, self.p.get(f"{key}.conv.weight", 1, 3, x.shape[1], 1, 1), s, False)
        y = y + self.p.get(f"{key}.bias", 1, 3, 1, 1)
        if skip is None:
            return y
        return y + upfirdn2d(skip, self.p.buffer(f"{key}.upsample.kernel", fir(gain=4.0)), up=2, pad=(2, 1))

    def noises(self):
        return [
            self.p.buffer(f"noises.noise_{n}", hashed(f"noises.noise_{n}", (1, 1, self.sizes[(n + 1) // 2], self.sizes[(n + 1) // 2])))
            for n in range(2 * len(self.sizes) - 1)
        ]

    def synthesis(self, latents, noise=None, stop=None):
        """latents [b, styles, d]; noise: None or a list of fields."""
        field = (lambda n: None) if noise is None else (lambda n: noise[n])
        w = latents.unbind(1)
        c = self.channels
        x = self.p.get("input.input", 1, c[4], 4, 4).expand(latents.shape[0], -1, -1, -1)
        x = self.styled("conv1", x, w[0], c[4], field(0))
        image = self.colours("to_rgb1", x, w[1], None)
        for n, size in enumerate(self.sizes[1:]):
            if stop is not None and size > stop:
                break
            x = self.styled(f"convs.{2 * n}", x, w[2 * n + 1], c[size], field(2 * n + 1), up=True)
            x = self.styled(f"convs.{2 * n + 1}", x, w[2 * n + 2], c[size], field(2 * n + 2))
            image = self.colours(f"to_rgbs.{n}", x, w[2 * n + 3], image)
        return image


class Discriminator:
    def __init__(self, size, channels, grad=True):
        self.size, self.channels = size, channels
        self.p = Weights(grad)

    def conv(self, key, x, outputs, k, first=0, down=False, activate=True):
        if down:
            pad = 4 - 2 + (k - 1)
            x = upfirdn2d(x, self.p.buffer(f"{key}.{first}.kernel", fir()), pad=((pad + 1) // 2, pad // 2))
            first += 1
        weight = self.p.get(f"{key}.{first}.weight", outputs, x.shape[1], k, k) / math.sqrt(x.shape[1] * k * k)
        x = F.conv2d(x, weight, stride=2 if down else 1, padding=0 if down else k // 2)
        if not activate:
            return x
        return leaky(x + self.p.get(f"{key}.{first + 1}.bias", outputs)[None, :, None, None])

    def __call__(self, image, entry="convs.0"):
        size = image.shape[2]
        x = self.conv(entry, image, self.channels[size], 1)
        block = int(math.log2(self.size // size)) + 1
        while size > 4:
            size //= 2
            key = f"convs.{block}"
            y = self.conv(f"{key}.conv1", x, x.shape[1], 3)
            y = self.conv(f"{key}.conv2", y, self.channels[size], 3, down=True)
            x = (y + self.conv(f"{key}.skip", x, self.channels[size], 1, down=True, activate=False)) / math.sqrt(2)
            block += 1
        b, c, h, w = x.shape
        group = min(b, 4)
        groups = x.reshape(group, b // group, c, h, w)
        spread = torch.sqrt(((groups - groups.mean(0, keepdim=True)) ** 2).mean(0) + 1e-8).mean((1, 2, 3))
        x = torch.cat([x, spread.repeat(group).reshape(b, 1, 1, 1).expand(b, 1, h, w)], 1)
        x = self.conv("final_conv", x, c, 3).reshape(b, -1)
        weight = self.p.get("final_linear.0.weight", c, x.shape[1])
        x = leaky(F.linear(x, weight / math.sqrt(x.shape[1]), self.p.get("final_linear.0.bias", c)))
        weight = self.p.get("final_linear.1.weight", 1, c)
        return F.linear(x, weight / math.sqrt(c), self.p.get("final_linear.1.bias", 1))


# --- fixtures -------------------------------------------------------------------------------------------------------

out = {}


def put(name, tensor):
    out[name] = np.ascontiguousarray(tensor.detach().numpy().astype(np.float32))


def put_gradients(prefix, scalar, weights):
    names = [k for k, v in weights.items() if v.requires_grad]
    for name, grad in zip(names, torch.autograd.grad(scalar, [weights[k] for k in names], allow_unused=True)):
        if grad is not None:
            put(f"{prefix}.{name}", grad)


def resampling():
    x = hashed("resample.x", (2, 3, 7, 6))
    uneven = hashed("resample.kernel", (4, 3))
    for n, (kernel, up, down, pad) in enumerate(
        [
            (fir(), 1, 1, (2, 1)),
            (fir(gain=4.0), 2, 1, (2, 1)),
            (fir(), 1, 2, (1, 1)),
            (uneven, 1, 1, (2, 2)),
            (uneven, 2, 1, (3, 2)),
            (uneven, 2, 3, (1, 4)),
            (uneven, 3, 2, (0, 0)),
            (uneven, 1, 1, (-1, 2)),
        ]
    ):
        put(f"resample.{n}", upfirdn2d(x, kernel, up, down, pad))


def modulated():
    for name, k, up, demodulate in [
        ("flat", 3, False, True),
        ("up", 3, True, True),
        ("plain", 3, False, False),
        ("one", 1, False, False),
    ]:
        x = hashed("modulated.x", (2, 6, 5, 5)).requires_grad_()
        w = hashed("modulated.w", (2, 8)).requires_grad_()
        weight = parameter("weight", (1, 4, 6, k, k)).requires_grad_()
        mod = parameter("modulation.weight", (6, 8)).requires_grad_()
        bias = parameter("modulation.bias", (6,)).requires_grad_()
        y = modulated_conv(x, weight, F.linear(w, mod / math.sqrt(8), bias), demodulate, up)
        put(f"modulated.{name}", y)
        loss = (y * hashed("modulated.direction", y.shape)).sum()
        inputs = {"x": x, "w": w, "weight": weight, "modulation.weight": mod, "modulation.bias": bias}
        grads = torch.autograd.grad(loss, list(inputs.values()), create_graph=True)
        for key, grad in zip(inputs, grads):
            put(f"modulated.{name}.grad.{key}", grad)
        # Double backward: the squared norms of the input and style gradients, by the weights.
        second = torch.autograd.grad((grads[0] ** 2).sum() + (grads[1] ** 2).sum(), [weight, mod, w])
        for key, grad in zip(["weight", "modulation.weight", "w"], second):
            put(f"modulated.{name}.second.{key}", grad)


SMALL = {4: 12, 8: 10, 16: 8, 32: 6}


def generator():
    g = Generator(32, SMALL, style=16, depth=3)
    z = hashed("z", (2, 16))
    w = g.mapping(z)
    put("generator.w", w)
    latents = w[:, None].expand(-1, g.styles, -1)
    put("generator.plain", g.synthesis(latents))
    put("generator.noisy", g.synthesis(latents, g.noises()))
    put("generator.half", g.synthesis(latents, g.noises(), stop=16))
    wplus = (latents + 0.5 * hashed("wplus", (2, g.styles, 16))).detach().requires_grad_()
    image = g.synthesis(wplus, g.noises())
    put("generator.wplus", image)
    loss = (image * hashed("direction", image.shape)).sum()
    put("generator.grad.wplus", torch.autograd.grad(loss, wplus, retain_graph=True)[0])
    put_gradients("generator.grad", (g.synthesis(latents, g.noises()) * hashed("direction", image.shape)).sum(), g.p)

    # Path length: sqrt(mean over styles of |J^T y|²) against a running mean of 0.5 that moves by 0.01.
    projection = (image * hashed("direction", image.shape)).sum() / 32
    slope = torch.autograd.grad(projection, wplus, create_graph=True)[0]
    lengths = (slope**2).sum(2).mean(1).sqrt()
    target = 0.5 + 0.01 * (lengths.mean().detach() - 0.5)
    put("path.mean", target.reshape(1))
    penalty = ((lengths - target) ** 2).mean()
    put("path.penalty", penalty.reshape(1))
    put_gradients("path.grad", penalty, g.p)


def discriminator():
    d = Discriminator(32, SMALL)
    for batch in (4, 6, 3):
        image = hashed(f"real.{batch}", (batch, 3, 32, 32))
        # Six images: the largest divisor up to 4 is 3; the reference takes whole groups, so it is given them in turn.
        if batch == 6:
            order = [0, 2, 4, 1, 3, 5]
            logits = torch.empty(6, 1, dtype=torch.float64)
            for part in (order[:3], order[3:]):
                logits[part] = d(image[part]).detach()
        else:
            logits = d(image)
        put(f"discriminator.{batch}", logits)
    image = hashed("real.4", (4, 3, 32, 32)).requires_grad_()
    logits = d(image)
    put("discriminator.lower", d(hashed("lower", (4, 3, 16, 16)), entry="from_rgbs.16"))
    loss = F.softplus(-logits).mean()
    put("discriminator.loss", loss.reshape(1))
    put("discriminator.grad.image", torch.autograd.grad(loss, image, retain_graph=True)[0])
    d.p.pop("from_rgbs.16.0.weight"), d.p.pop("from_rgbs.16.1.bias")
    put_gradients("discriminator.grad", F.softplus(-d(image)).mean(), d.p)
    slope = torch.autograd.grad(d(image).sum(), image, create_graph=True)[0]
    penalty = (slope**2).sum((1, 2, 3)).mean()
    put("r1.penalty", penalty.reshape(1))
    put_gradients("r1.grad", penalty, d.p)


def published():
    """Names and shapes of the published networks, and sparse samples of what they compute."""
    keys = {}
    for size in (256, 1024):
        table = {s: 512 if s <= 32 else 16384 * 2 // s for s in [2**n for n in range(2, 11)] if s <= size}
        with torch.no_grad():
            g = Generator(size, table, grad=False)
            image = g.synthesis(g.mapping(hashed("z", (1, 512)))[:, None].expand(-1, g.styles, -1), g.noises())
            put(f"published.generator.{size}", image[:, :, 3 :: size // 32, 5 :: size // 32])
            keys[f"generator.{size}"] = {k: list(v.shape) for k, v in g.p.items()}
            del g
            d = Discriminator(size, table, grad=False)
            put(f"published.discriminator.{size}", d(hashed("real", (1, 3, size, size))))
            keys[f"discriminator.{size}"] = {k: list(v.shape) for k, v in d.p.items()}
            del d
    (FIXTURES / "stylegan2-keys.json").write_text(json.dumps(keys, sort_keys=True))


if __name__ == "__main__":
    FIXTURES.mkdir(parents=True, exist_ok=True)
    resampling()
    modulated()
    generator()
    discriminator()
    published()
    save_file(out, FIXTURES / "stylegan2.safetensors")
    print(f"{len(out)} tensors")
