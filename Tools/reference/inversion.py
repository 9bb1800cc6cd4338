"""Reference values for IR-SE50 and for the encoders of pSp and e4e: an independent implementation in PyTorch, in float64.

Written from Deng et al., "ArcFace" (2019), Richardson et al., "Encoding in Style" (2021), Tov et al., "Designing an Encoder
for StyleGAN Image Manipulation" (2021), and from the names and shapes of the tensors in their checkpoints. Weights are not
stored: both sides compute them from the tensor's name (`parameter`), one at a time, so that the full network fits in memory.

    python Tools/reference/inversion.py       # writes Tests/UnmaskingTests/Fixtures/inversion*.{safetensors,json}
"""

import json
import math

import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

import stylegan2
from stylegan2 import FIXTURES, hashed, out, put


def parameter(key, shape):
    """Values of a sensible size for the role that the key's name and the shape tell."""
    if key.startswith("decoder."):
        return stylegan2.parameter(key[len("decoder."):], shape)
    x = hashed(key, shape)
    fan_in = math.prod(shape[1:])
    if key == "latent_avg":
        return x
    if key.endswith("num_batches_tracked"):
        return x * 0
    if key.endswith("linear.weight"):  # equalised: scaled where it is used
        return x
    if key.endswith("running_var"):
        x = 1 + x * 0.25
    elif key.endswith("running_mean") or key.endswith("bias"):
        x = x * 0.125
    elif len(shape) >= 2:
        x = x / math.sqrt(fan_in)
    elif key.endswith("layer.2.weight"):  # the slopes of a PReLU
        x = 0.25 + x * 0.0625
    else:
        x = 1 + x * 0.125
    return x.float().double()


class Trunk:
    """input_layer and body. `shapes` collects every key that was asked for."""

    def __init__(self, prefix="", inputs=3, stem=64, widths=(64, 128, 256, 512), blocks=(3, 4, 14, 3), reduction=16):
        self.prefix, self.inputs, self.stem, self.reduction = prefix, inputs, stem, reduction
        self.widths, self.blocks = widths, blocks
        self.shapes = {}

    def p(self, key, *shape):
        self.shapes[key] = list(shape)
        return parameter(self.prefix + key, shape)

    def norm(self, key, x):
        c = x.shape[1]
        weight, bias = self.p(f"{key}.weight", c), self.p(f"{key}.bias", c)
        mean, variance = self.p(f"{key}.running_mean", c), self.p(f"{key}.running_var", c)
        self.shapes[f"{key}.num_batches_tracked"] = []
        return F.batch_norm(x, mean, variance, weight, bias, eps=1e-5)

    def conv(self, key, x, outputs, k, stride=1, bias=False):
        weight = self.p(f"{key}.weight", outputs, x.shape[1], k, k)
        b = self.p(f"{key}.bias", outputs) if bias else None
        return F.conv2d(x, weight, b, stride=stride, padding=k // 2)

    def slopes(self, key, x):
        return F.prelu(x, self.p(f"{key}.weight", x.shape[1]))

    def unit(self, key, x, outputs, stride):
        y = self.norm(f"{key}.res_layer.0", x)
        y = self.slopes(f"{key}.res_layer.2", self.conv(f"{key}.res_layer.1", y, outputs, 3))
        y = self.norm(f"{key}.res_layer.4", self.conv(f"{key}.res_layer.3", y, outputs, 3, stride))
        gate = F.adaptive_avg_pool2d(y, 1)
        gate = F.relu(self.conv(f"{key}.res_layer.5.fc1", gate, outputs // self.reduction, 1))
        y = y * torch.sigmoid(self.conv(f"{key}.res_layer.5.fc2", gate, outputs, 1))
        if x.shape[1] == outputs:
            return y + F.max_pool2d(x, 1, stride)
        return y + self.norm(f"{key}.shortcut_layer.1", self.conv(f"{key}.shortcut_layer.0", x, outputs, 1, stride))

    def stages(self, x):
        assert x.shape[1] == self.inputs
        x = self.slopes("input_layer.2", self.norm("input_layer.1", self.conv("input_layer.0", x, self.stem, 3)))
        maps, number = [], 0
        for width, count in zip(self.widths, self.blocks):
            for n in range(count):
                x = self.unit(f"body.{number}", x, width, 2 if n == 0 else 1)
                number += 1
            maps.append(x)
        return maps


class Recogniser(Trunk):
    def __call__(self, x, dimension=512):
        x = self.norm("output_layer.0", self.stages(x)[3]).flatten(1)
        weight, bias = self.p("output_layer.3.weight", dimension, x.shape[1]), self.p("output_layer.3.bias", dimension)
        return self.norm("output_layer.4", F.linear(x, weight, bias))


class Pyramid(Trunk):
    def __init__(self, styles, dimension=512, prefix="encoder.", **options):
        super().__init__(prefix, **options)
        self.styles, self.dimension = styles, dimension

    def style(self, key, x):
        n = 0
        while True:
            weight = self.p(f"{key}.convs.{n}.weight", self.dimension, x.shape[1], 3, 3)
            bias = self.p(f"{key}.convs.{n}.bias", self.dimension)
            x = F.leaky_relu(F.conv2d(x, weight, bias, stride=2, padding=1))
            n += 2
            if x.shape[2] == 1:
                break
        x = x.reshape(-1, self.dimension)
        weight = self.p(f"{key}.linear.weight", self.dimension, self.dimension) / math.sqrt(self.dimension)
        return F.linear(x, weight, self.p(f"{key}.linear.bias", self.dimension))

    def above(self, coarse, fine):
        return F.interpolate(coarse, size=fine.shape[2:], mode="bilinear", align_corners=True) + fine

    def __call__(self, x):
        """What the styles' blocks say, [batch, styles, dimension]."""
        _, c1, c2, c3 = self.stages(x)
        width = c3.shape[1]
        p2 = self.above(c3, self.conv("latlayer1", c2, width, 1, bias=True))
        p1 = self.above(p2, self.conv("latlayer2", c1, width, 1, bias=True))
        rows = [self.style(f"styles.{n}", c3 if n < 3 else p2 if n < 7 else p1) for n in range(self.styles)]
        return torch.stack(rows, 1)


def psp(offsets, mean):
    return mean + offsets


def e4e(offsets, mean, stage=None):
    """Progressive stage n: styles 1 … n have deltas (None: all)."""
    styles = offsets.shape[1]
    w = offsets[:, :1].repeat(1, styles, 1)
    for n in range(1, styles if stage is None else min(stage + 1, styles)):
        w[:, n] = w[:, n] + offsets[:, n]
    return mean + w


NARROW = dict(stem=6, widths=(6, 8, 12, 16), blocks=(2, 1, 2, 1), reduction=2)
CHANNELS = {4: 12, 8: 10, 16: 8, 32: 6, 64: 4}


def put_with_gradient(name, x, value):
    """The value, and the gradient of its product with fixed numbers at every third pixel."""
    put(name, value)
    gradient = torch.autograd.grad((value * hashed("direction", value.shape)).sum(), x)[0]
    put(f"{name}.gradient", gradient[:, :, 1::3, 2::3])


def narrow():
    x = hashed("face", (2, 3, 32, 32)).requires_grad_()
    network = Recogniser(**NARROW)
    value = network(x, 24)
    put_with_gradient("recogniser", x, value)
    put("recogniser.unit", F.normalize(value))

    x = hashed("face", (2, 3, 64, 64)).requires_grad_()
    network = Pyramid(10, 16, **NARROW)
    offsets = network(x)
    mean = parameter("latent_avg", (10, 16))
    put_with_gradient("psp", x, psp(offsets, mean))
    offsets = network(x)
    put_with_gradient("e4e", x, e4e(offsets, mean))
    for stage in (0, 1, 4, 8):
        put(f"e4e.stage.{stage}", e4e(offsets, mean, stage))

    # The whole of pSp: encoder, mean latent, decoder with its stored noise.
    decoder = stylegan2.Generator(64, CHANNELS, style=16, depth=3, grad=False)
    put("psp.image", decoder.synthesis(psp(offsets, mean), decoder.noises())[:, :, 1::3, 2::3])


def full():
    keys = {}
    with torch.no_grad():
        network = Recogniser()
        put("full.recogniser", network(hashed("face", (1, 3, 112, 112))))
        keys["recogniser"] = network.shapes
        network = Pyramid(14)
        offsets = network(hashed("face", (1, 3, 256, 256)))
        keys["encoder.14"] = network.shapes
        mean = parameter("latent_avg", (14, 512))
        put("full.psp", psp(offsets, mean))
        put("full.e4e", e4e(offsets, mean))
        print("codes", offsets.std().item(), "of", offsets.shape)
    with open(FIXTURES / "inversion-keys.json", "w") as file:
        json.dump(keys, file, sort_keys=True, separators=(",", ":"))


if __name__ == "__main__":
    torch.set_num_threads(1)
    narrow()
    full()
    save_file(out, FIXTURES / "inversion.safetensors")
