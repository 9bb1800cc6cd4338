"""Reference values for the backbones of re-identification. Usage: reid_networks.py [FIXTURE-FOLDER]

The networks are written here from the papers and the published key lists, as functions over a store that makes each
weight by formula when its key is first asked for. Where torchvision, efficientnet_lite_pytorch or torchreid can be
imported (TORCHREID names the folder of its `models`), each is loaded with the same weights and must agree.

networks.json holds the keys and shapes of each network; networks.safetensors, for formula images [2, 3, 72, 40]:
  KIND.map           every 32nd channel of the feature map in evaluation mode, fp32, last stride 1
  KIND.strided       the same with last stride 2
  KIND.trained       every 32nd channel in training mode, fp64
  KIND.gradients     fp64 [parameters + 1, 2] for the loss sum(map * probe): per parameter in key order, then for the
                     images, sum(gradient * formula(key)) and the gradient's norm
  KIND.statistics    fp64 [buffers]: sum(value * formula(key)) of running means and variances after that step
and the pooling `gem`: input, exponent, output and both gradients."""

import importlib.util
import json
import math
import os
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from formula import uniform, weight

HEIGHT, WIDTH = 72, 40


def formula(name, shape):
    return torch.from_numpy(uniform(name, math.prod(shape)).reshape(shape))


class Store:
    """Weights by key, made when first used; applies layers."""

    def __init__(self, dtype=torch.float32, training=False):
        self.dtype, self.training = dtype, training
        self.parameters, self.buffers = {}, {}

    def get(self, kind, key, shape):
        if key not in kind:
            values = formula(key, shape) * 0.2 if key.endswith("running_mean") else torch.from_numpy(weight(key, shape))
            kind[key] = values.to(self.dtype)
            if kind is self.parameters and self.training:
                kind[key].requires_grad_()
        assert tuple(kind[key].shape) == tuple(shape), key
        return kind[key]

    def conv(self, x, key, out, kernel, stride=1, padding=None, groups=1, bias=False):
        w = self.get(self.parameters, f"{key}.weight", (out, x.shape[1] // groups, kernel, kernel))
        b = self.get(self.parameters, f"{key}.bias", (out,)) if bias else None
        return F.conv2d(x, w, b, stride, kernel // 2 if padding is None else padding, groups=groups)

    def norm(self, x, key, eps=1e-5, momentum=0.1):
        shape = (x.shape[1],)
        w, b = (self.get(self.parameters, f"{key}.{part}", shape) for part in ["weight", "bias"])
        mean, var = (self.get(self.buffers, f"{key}.{part}", shape) for part in ["running_mean", "running_var"])
        return F.batch_norm(x, mean, var, w, b, self.training, momentum, eps)

    def instance_norm(self, x, key):
        w, b = (self.get(self.parameters, f"{key}.{part}", (x.shape[1],)) for part in ["weight", "bias"])
        return F.instance_norm(x, weight=w, bias=b)


def mobilenet_v2(s, x, last_stride):
    def unit(x, key, out, kernel, stride=1, groups=1):
        return F.relu6(s.norm(s.conv(x, f"{key}.0", out, kernel, stride, groups=groups), f"{key}.1"))

    x, index = unit(x, "features.0", 32, 3, 2), 1
    plan = [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, last_stride), (6, 320, 1, 1)]
    for expansion, out, repeats, first in plan:
        for repeat in range(repeats):
            key, y, step = f"features.{index}.conv", x, 0
            inner, stride = expansion * x.shape[1], first if repeat == 0 else 1
            if expansion > 1:
                y, step = unit(y, f"{key}.0", inner, 1), 1
            y = unit(y, f"{key}.{step}", inner, 3, stride, groups=inner)
            y = s.norm(s.conv(y, f"{key}.{step + 1}", out, 1), f"{key}.{step + 2}")
            x = x + y if stride == 1 and x.shape[1] == out else y
            index += 1
    return unit(x, f"features.{index}", 1280, 1)


def non_local(s, x, key, inner):
    """z = x + BN(W(y)), y_i = 1/N sum_j (theta(x_i) . phi(x_j)) g(x_j)."""
    g, theta, phi = (s.conv(x, f"{key}.{name}", inner, 1, bias=True).flatten(2) for name in ("g", "theta", "phi"))
    similarity = theta.transpose(1, 2) @ phi / g.shape[2]
    y = (similarity @ g.transpose(1, 2)).transpose(1, 2).reshape(len(x), inner, *x.shape[2:])
    return x + s.norm(s.conv(y, f"{key}.W.0", x.shape[1], 1, bias=True), f"{key}.W.1")


def resnet(depth, ibn=False, inner=None):
    repeats, bottleneck = {18: ([2, 2, 2, 2], False), 34: ([3, 4, 6, 3], False), 50: ([3, 4, 6, 3], True)}[depth]

    def run(s, x, last_stride):
        def first_norm(x, key, split):
            if not split:
                return s.norm(x, key)
            half = x.shape[1] // 2
            return torch.cat([s.instance_norm(x[:, :half], f"{key}.IN"), s.norm(x[:, half:], f"{key}.BN")], 1)

        x = F.max_pool2d(F.relu(s.norm(s.conv(x, "conv1", 64, 7, 2), "bn1")), 3, 2, 1)
        for stage in range(4):
            width, split = 64 << stage, ibn and stage < 3
            out = width * (4 if bottleneck else 1)
            for block in range(repeats[stage]):
                key = f"layer{stage + 1}.{block}"
                stride = 1 if block else [1, 2, 2, last_stride][stage]
                if bottleneck:
                    y = F.relu(first_norm(s.conv(x, f"{key}.conv1", width, 1), f"{key}.bn1", split))
                    y = F.relu(s.norm(s.conv(y, f"{key}.conv2", width, 3, stride), f"{key}.bn2"))
                    y = s.norm(s.conv(y, f"{key}.conv3", out, 1), f"{key}.bn3")
                else:
                    y = F.relu(first_norm(s.conv(x, f"{key}.conv1", width, 3, stride), f"{key}.bn1", split))
                    y = s.norm(s.conv(y, f"{key}.conv2", out, 3), f"{key}.bn2")
                if stride != 1 or x.shape[1] != out:
                    x = s.norm(s.conv(x, f"{key}.downsample.0", out, 1, stride), f"{key}.downsample.1")
                x = F.relu(x + y)
                # Behind the last two blocks of the second stage and the later half of the third.
                place = block - (repeats[stage] - {1: 2, 2: repeats[2] // 2}.get(stage, 0))
                if inner and stage in (1, 2) and place >= 0:
                    x = non_local(s, x, f"NL_{stage + 1}.{place}", inner(x.shape[1]))
        return x

    return run


def tensorflow_pixels(x):
    """From ImageNet's mean and standard deviation to (value - 127) / 128, which EfficientNet-Lite was trained with."""
    mean, std = (torch.tensor(v, dtype=torch.float64).reshape(1, 3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    return x * (255 * std / 128).to(x.dtype) + ((255 * mean - 127) / 128).to(x.dtype)


def efficientnet_lite(width, depth):
    def channels(base):
        rounded = max(8, int(base * width + 4) // 8 * 8)
        return rounded + 8 if rounded < 0.9 * base * width else rounded

    def run(s, x, last_stride):
        x = tensorflow_pixels(x)

        def norm(x, key):
            return s.norm(x, key, eps=1e-3, momentum=0.01)

        def same(x, key, out, kernel, stride, groups=1):
            pads = []
            for size in [x.shape[3], x.shape[2]]:  # F.pad begins with the last axis
                total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
                pads += [total // 2, total - total // 2]
            return s.conv(F.pad(x, pads), key, out, kernel, stride, padding=0, groups=groups)

        x, index = F.relu6(norm(same(x, "_conv_stem", 32, 3, 2), "_bn0")), 0
        plan = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, last_stride, 6, 192), (1, 3, 1, 6, 320)]
        for stage, (repeats, kernel, first, expansion, base) in enumerate(plan):
            for repeat in range(repeats if stage in (0, 6) else math.ceil(repeats * depth)):
                key, y, inner = f"_blocks.{index}", x, expansion * x.shape[1]
                stride, out = first if repeat == 0 else 1, channels(base)
                if expansion > 1:
                    y = F.relu6(norm(s.conv(y, f"{key}._expand_conv", inner, 1), f"{key}._bn0"))
                y = F.relu6(norm(same(y, f"{key}._depthwise_conv", inner, kernel, stride, inner), f"{key}._bn1"))
                y = norm(s.conv(y, f"{key}._project_conv", out, 1), f"{key}._bn2")
                x = x + y if stride == 1 and x.shape[1] == out else y
                index += 1
        return F.relu6(norm(s.conv(x, "_conv_head", 1280, 1), "_bn1"))

    return run


def osnet(*channels):
    def run(s, x, last_stride):
        assert last_stride == 1

        def unit(x, key, out, kernel=1, stride=1, linear=False):
            y = s.norm(s.conv(x, f"{key}.conv", out, kernel, stride), f"{key}.bn")
            return y if linear else F.relu(y)

        def light(x, key):
            y = s.conv(s.conv(x, f"{key}.conv1", x.shape[1], 1), f"{key}.conv2", x.shape[1], 3, groups=x.shape[1])
            return F.relu(s.norm(y, f"{key}.bn"))

        def gate(x, key):
            y = F.relu(s.conv(x.mean((2, 3), keepdim=True), f"{key}.fc1", x.shape[1] // 16, 1, bias=True))
            return x * torch.sigmoid(s.conv(y, f"{key}.fc2", x.shape[1], 1, bias=True))

        def block(x, key, out):
            reduced = unit(x, f"{key}.conv1", out // 4)
            total = gate(light(reduced, f"{key}.conv2a"), f"{key}.gate")
            for depth, name in [(2, "b"), (3, "c"), (4, "d")]:
                y = reduced
                for layer in range(depth):
                    y = light(y, f"{key}.conv2{name}.{layer}")
                total = total + gate(y, f"{key}.gate")
            y = unit(total, f"{key}.conv3", out, linear=True)
            return F.relu(y + (x if x.shape[1] == out else unit(x, f"{key}.downsample", out, linear=True)))

        x = F.max_pool2d(unit(x, "conv1", channels[0], 7, 2), 3, 2, 1)
        for stage in [2, 3, 4]:
            for index in range(2):
                x = block(x, f"conv{stage}.{index}", channels[stage - 1])
            if stage < 4:
                x = F.avg_pool2d(unit(x, f"conv{stage}.2.0", channels[stage - 1]), 2, 2)
        return unit(x, "conv5", channels[3])

    return run


NETWORKS = {
    "resnet18": resnet(18),
    "resnet34": resnet(34),
    "resnet50": resnet(50),
    "resnet18_ibn_a": resnet(18, ibn=True),
    "resnet34_ibn_a": resnet(34, ibn=True),
    "resnet50_ibn_a": resnet(50, ibn=True),
    "mobilenet_v2": mobilenet_v2,
    "efficientnet_lite0": efficientnet_lite(1.0, 1.0),
    "efficientnet_lite2": efficientnet_lite(1.1, 1.2),
    "osnet_x0_25": osnet(16, 64, 96, 128),
    "osnet_x0_5": osnet(32, 128, 192, 256),
    "osnet_x0_75": osnet(48, 192, 288, 384),
    "osnet_x1_0": osnet(64, 256, 384, 512),
}


def published(kind):
    """The published implementation's (module, feature-map function, last stride), or None where it is not installed."""
    try:
        if kind in ("resnet18", "resnet34", "resnet50"):
            import torchvision

            net = getattr(torchvision.models, kind)()
            return net, torch.nn.Sequential(*list(net.children())[:-2]), 2
        if kind == "mobilenet_v2":
            import torchvision

            net = torchvision.models.mobilenet_v2()
            return net, net.features, 2
        if kind.startswith("efficientnet_lite"):
            from efficientnet_lite_pytorch import EfficientNet

            # Without a nominal size its padding follows the image, as TensorFlow's does.
            net = EfficientNet.from_name("efficientnet-lite" + kind[-1], image_size=None)
            return net, lambda x: net.extract_features(tensorflow_pixels(x)), 2
        if kind.startswith("osnet") and "TORCHREID" in os.environ:
            spec = importlib.util.spec_from_file_location("osnet", pathlib.Path(os.environ["TORCHREID"]) / "osnet.py")
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            net = getattr(module, kind)(10, pretrained=False)
            return net, net.featuremaps, 1
    except ImportError:
        pass
    return None


def check(kind, images):
    found = published(kind)
    if found is None:
        return "no published code here"
    net, features, last_stride = found
    store = Store()
    with torch.no_grad():
        ours = NETWORKS[kind](store, images, last_stride)
        mine = {**store.parameters, **store.buffers}
        result = net.eval().load_state_dict(mine, strict=False)
        left = [key for key in result.missing_keys if not key.startswith(("fc.", "_fc.", "classifier."))]
        assert not result.unexpected_keys and not [key for key in left if not key.endswith("num_batches_tracked")]
        error = ((features(images) - ours).abs().max() / ours.abs().max()).item()
    assert error < 1e-5, (kind, error)
    return f"published code agrees within {error:.1e}"


def values(kind, images):
    tensors = {}
    for name, last_stride in [("map", 1), ("strided", 2)]:
        if last_stride == 1 or not kind.startswith("osnet"):
            with torch.no_grad():
                tensors[name] = NETWORKS[kind](Store(), images, last_stride)[:, ::32]

    store = Store(torch.float64, training=True)
    x = images.double().requires_grad_()
    output = NETWORKS[kind](store, x, 1)
    (output * formula("probe", output.shape).double()).sum().backward()
    tensors["trained"] = output.detach()[:, ::32]
    rows = []
    for key, value in [*sorted(store.parameters.items()), ("images", x)]:
        rows.append([(value.grad * formula(f"gradient.{key}", value.shape)).sum(), value.grad.norm()])
    tensors["gradients"] = torch.tensor(rows, dtype=torch.float64)
    statistics = [(value * formula(f"statistic.{key}", value.shape)).sum() for key, value in sorted(store.buffers.items())]
    tensors["statistics"] = torch.tensor(statistics, dtype=torch.float64)
    shapes = {key: list(value.shape) for key, value in sorted({**store.parameters, **store.buffers}.items())}
    return tensors, shapes


def gem():
    x = (formula("gem", (2, 5, 4, 3)) * 2).requires_grad_()
    p = torch.tensor([2.5], requires_grad=True)
    y = x.clamp(min=1e-6).pow(p).mean((2, 3)).pow(1 / p)
    (y * formula("gem.probe", (2, 5))).sum().backward()
    return {"gem.output": y.detach(), "gem.gradient.input": x.grad, "gem.gradient.p": p.grad}


def main(folder):
    torch.set_num_threads(1)
    images = formula("images", (2, 3, HEIGHT, WIDTH))
    tensors, keys = gem(), {}
    for kind in NETWORKS:
        found, keys[kind] = values(kind, images)
        tensors.update({f"{kind}.{name}": value.contiguous() for name, value in found.items()})
        print(kind, {name: f"{value.abs().max().item():.3g}" for name, value in found.items()}, check(kind, images))
    save_file(tensors, folder / "networks.safetensors")
    (folder / "networks.json").write_text(json.dumps(keys, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    default = pathlib.Path(__file__).parents[2] / "Tests/ReIDTests/Fixtures"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
