"""Reference values of layers, optimisers, schedules and weight averaging, from Python's PyTorch.

    python Tools/reference/nn_layers.py   # writes Tests/NNTests/Fixtures/{layers,optimisers}.safetensors, schedules.json, keys.json

Layers compute in float64. A layer NAME stores its state dict under NAME/state., its input and output, the gradients of
sum(output · cos(0.7 i + 0.3)) with respect to the input and to each parameter, and its buffers after the forward pass.
"""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

FIXTURES = Path(__file__).resolve().parents[2] / "Tests" / "NNTests" / "Fixtures"
random = torch.Generator().manual_seed(21)


def normal(*shape):
    return torch.randn(shape, generator=random)


def keep(x):
    x = x.detach()
    return (x.float() if x.dtype == torch.float64 else x).contiguous().clone()


def layers():
    stored = {}

    def layer(name, module, x, training=True):
        state = {}
        for key, value in module.state_dict().items():
            if value.is_floating_point():
                value = normal(*value.shape)
                if key.endswith("running_var"):
                    value = value.square() + 0.5
            state[key] = value
            stored[f"{name}/state.{key}"] = keep(value)
        module = module.double().train(training)
        module.load_state_dict(state)
        stored[f"{name}/input"] = keep(x)
        leaf = x.double().requires_grad_() if x.is_floating_point() else x
        out = module(leaf)
        stored[f"{name}/output"] = keep(out)
        weights = torch.cos(0.7 * torch.arange(out.numel(), dtype=torch.float64) + 0.3).reshape(out.shape)
        (out * weights).sum().backward()
        if leaf.requires_grad:
            stored[f"{name}/input.grad"] = keep(leaf.grad)
        for key, parameter in module.named_parameters():
            stored[f"{name}/grad.{key}"] = keep(parameter.grad)
        for key, buffer in module.named_buffers():
            stored[f"{name}/after.{key}"] = keep(buffer)

    x = normal(2, 4, 6, 5)
    flat = normal(5, 4)
    layer("conv", nn.Conv2d(4, 3, 3, stride=2, padding=1), x)
    layer("convGroups", nn.Conv2d(4, 6, 3, padding=2, dilation=2, groups=2, bias=False), x)
    layer("convSides", nn.Conv2d(4, 3, (1, 3), stride=(2, 1), padding=(0, 1), dilation=(1, 2)), x)
    layer("convTranspose", nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2), x)
    layer("linear", nn.Linear(4, 3), flat)
    layer("linearNoBias", nn.Linear(4, 3, bias=False), normal(2, 3, 4))
    layer("embedding", nn.Embedding(6, 3), torch.tensor([[1, 5, 1], [0, 2, 2]]))
    layer("batchNorm2d", nn.BatchNorm2d(4, eps=1e-3, momentum=0.3), x)
    layer("batchNorm2dEvaluation", nn.BatchNorm2d(4), x, training=False)
    layer("batchNorm1d", nn.BatchNorm1d(4), flat)
    layer("layerNorm", nn.LayerNorm([6, 5], eps=1e-3), x)
    layer("groupNorm", nn.GroupNorm(2, 4), x)
    layer("instanceNorm", nn.InstanceNorm2d(4), x)
    layer("instanceNormAffine", nn.InstanceNorm2d(4, affine=True, eps=1e-3), x)
    layer("prelu", nn.PReLU(4), x)
    layer("relu", nn.ReLU(), x)
    layer("relu6", nn.ReLU6(), 5 * x)
    layer("leakyReLU", nn.LeakyReLU(0.2), x)
    layer("gelu", nn.GELU(), x)
    layer("silu", nn.SiLU(), x)
    layer("hardSwish", nn.Hardswish(), 3 * x)
    layer("sigmoid", nn.Sigmoid(), x)
    layer("tanh", nn.Tanh(), x)
    layer("identity", nn.Identity(), x)
    layer("maxPool", nn.MaxPool2d(3, stride=2, padding=1, ceil_mode=True), x)
    layer("avgPool", nn.AvgPool2d(3, stride=2, padding=1), x)
    layer("adaptiveAvgPool", nn.AdaptiveAvgPool2d((2, 3)), x)
    layer("flatten", nn.Flatten(), x)
    layer("dropoutEvaluation", nn.Dropout(0.5), x, training=False)
    layer(
        "sequential",
        nn.Sequential(nn.Conv2d(4, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU(), nn.Sequential(nn.Flatten(), nn.Linear(36, 2))), x)
    save_file(stored, FIXTURES / "layers.safetensors")


def optimisers():
    """Recorded gradients drive every optimiser over 14 steps; two groups with their own rate and decay. The third parameter
    has no gradient at steps 0 and 5. At step 7 the rates are halved."""
    stored = {}
    shapes = [(3, 4), (5,), (2, 2, 3, 3)]
    start = [normal(*shape) for shape in shapes]
    gradients = [[normal(*shape) for shape in shapes] for _ in range(14)]
    for i, value in enumerate(start):
        stored[f"start.{i}"] = value
        for step in range(14):
            stored[f"gradient.{step}.{i}"] = gradients[step][i]

    def run(name, kind, **options):
        values = [value.double().requires_grad_() for value in start]
        groups = [
            {"params": values[:2], "lr": 0.05, "weight_decay": 0.1},
            {"params": values[2:], "lr": 0.01, "weight_decay": 0},
        ]
        optimiser = kind(groups, **options)
        for step in range(14):
            if step == 7:
                for group in optimiser.param_groups:
                    group["lr"] *= 0.5
            for i, value in enumerate(values):
                value.grad = None if i == 2 and step in (0, 5) else gradients[step][i].double()
            optimiser.step()
            for i, value in enumerate(values):
                stored[f"{name}.{step}.{i}"] = keep(value)

    run("adam", torch.optim.Adam)
    run("adamBetas", torch.optim.Adam, betas=(0.0, 0.99), eps=1e-3)
    run("adamW", torch.optim.AdamW, betas=(0.8, 0.95))
    run("sgd", torch.optim.SGD)
    run("momentum", torch.optim.SGD, momentum=0.9)
    run("nesterov", torch.optim.SGD, momentum=0.8, nesterov=True)

    for name, limit in [("clipped", 1.5), ("unclipped", 1e3)]:
        values = [value.double().requires_grad_() for value in start]
        for value, gradient in zip(values, gradients[0]):
            value.grad = gradient.double()
        stored[f"{name}.norm"] = keep(torch.nn.utils.clip_grad_norm_(values, limit))
        for i, value in enumerate(values):
            stored[f"{name}.{i}"] = keep(value.grad)

    module = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2)).double()
    average = torch.optim.swa_utils.AveragedModel(module, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
    average.update_parameters(module)  # the first one copies
    for step in range(6):
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(normal(*parameter.shape))
        if step == 0:
            average.module.load_state_dict(module.state_dict())
        else:
            average.update_parameters(module)
        for key, parameter in module.named_parameters():
            stored[f"ema.value.{step}.{key}"] = keep(parameter)
        for key, parameter in average.module.named_parameters():
            stored[f"ema.average.{step}.{key}"] = keep(parameter)
    save_file(stored, FIXTURES / "optimisers.safetensors")


def schedules():
    lr = torch.optim.lr_scheduler
    result = {}

    def run(name, make, steps=30):
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        schedule = make(optimiser)
        factors = []
        for _ in range(steps):
            factors.append(optimiser.param_groups[0]["lr"])
            optimiser.step()
            schedule.step()
        result[name] = factors

    run("step", lambda o: lr.MultiStepLR(o, [5, 12, 13], gamma=0.3))
    run("cosine", lambda o: lr.CosineAnnealingLR(o, T_max=30, eta_min=0.1))
    run("linear", lambda o: lr.LinearLR(o, start_factor=1.0, end_factor=0.2, total_iters=20))
    run("constant", lambda o: lr.ConstantLR(o, factor=1.0))
    run("warmUp", lambda o: lr.LinearLR(o, start_factor=0.1, end_factor=1.0, total_iters=8))
    run("warmUpStep", lambda o: lr.ChainedScheduler([lr.LinearLR(o, 0.25, 1.0, 6), lr.MultiStepLR(o, [4, 9], 0.5)], o))
    (FIXTURES / "schedules.json").write_text(json.dumps(result))


class Block(nn.Module):
    def __init__(self, width, bias):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.register_buffer("kernel", torch.ones(2, 2))
        self.conv1 = nn.Conv2d(width, width, 3, bias=bias)
        self.bn1 = nn.BatchNorm2d(width)
        self.act = nn.PReLU(width)
        self.downsample = None if bias else nn.Sequential(nn.Conv2d(width, width, 1), nn.BatchNorm2d(width))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.ModuleDict({"conv": nn.Conv2d(3, 4, 3), "norm": nn.GroupNorm(2, 4)})
        self.layer1 = nn.Sequential(Block(4, True), Block(4, False))
        self.heads = nn.ModuleList([nn.Linear(4, 2), nn.Sequential(nn.ReLU(), nn.Linear(4, 3, bias=False))])
        self.names = nn.Embedding(5, 4)


FIXTURES.mkdir(parents=True, exist_ok=True)
layers()
optimisers()
schedules()
(FIXTURES / "keys.json").write_text(json.dumps([[key, list(value.shape)] for key, value in Net().state_dict().items()]))
