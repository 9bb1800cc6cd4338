"""Reference values of the tensor operations, from Python's PyTorch in float64.

    python Tools/reference/torch_ops.py   # writes Tests/TorchTests/Fixtures/operations.safetensors

A case NAME stores its inputs as NAME/in0…, its results as NAME/out0… and, where it is differentiable, the gradients of
sum(out · cotangent) as NAME/grad0… . The cotangent of element i of a result is cos(0.7 i + 0.3), so it need not be stored.
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

FIXTURES = Path(__file__).resolve().parents[2] / "Tests" / "TorchTests" / "Fixtures"
random = torch.Generator().manual_seed(20)
stored = {}


def normal(*shape):
    return torch.randn(shape, generator=random)


def uniform(low, high, *shape):
    return low + (high - low) * torch.rand(shape, generator=random)


def cotangent(x):
    return torch.cos(0.7 * torch.arange(x.numel(), dtype=torch.float64) + 0.3).reshape(x.shape)


def keep(x):
    x = x.detach()
    return (x.float() if x.dtype == torch.float64 else x).contiguous().clone()


def case(name, function, *inputs, grad=True, fixed=()):
    assert f"{name}/out0" not in stored, name
    double = [x.double() if x.dtype == torch.float32 else x for x in inputs]
    leaves = [x.requires_grad_(grad and i not in fixed) if x.is_floating_point() else x for i, x in enumerate(double)]
    results = function(*leaves)
    results = list(results) if isinstance(results, (tuple, list)) else [results]
    for i, x in enumerate(inputs):
        stored[f"{name}/in{i}"] = keep(x)
    for i, x in enumerate(results):
        stored[f"{name}/out{i}"] = keep(x)
    if grad:
        total = sum((x.double() * cotangent(x)).sum() for x in results if x.requires_grad)
        wanted = [(i, x) for i, x in enumerate(leaves) if x.requires_grad]
        for (i, _), g in zip(wanted, torch.autograd.grad(total, [x for _, x in wanted])):
            stored[f"{name}/grad{i}"] = keep(g)


def values(name, function, *inputs):
    case(name, function, *inputs, grad=False)


def arithmetic():
    a, b, row = normal(2, 3, 4), normal(2, 3, 4), normal(3, 1)
    p = uniform(0.3, 2, 2, 3, 4)
    whole = torch.randint(-9, 9, (3, 4), generator=random)
    case("add", lambda x, y: x + y, a, b)
    case("sub", lambda x, y: x - y, a, b)
    case("mul", lambda x, y: x * y, a, b)
    case("div", lambda x, y: x / y, a, p)
    case("addBroadcast", lambda x, y: x + y, a, row)
    case("divBroadcast", lambda x, y: x / y, row, p)
    case("addScalar", lambda x: x + 1.5, a)
    case("subScalar", lambda x: x - 1.5, a)
    case("mulScalar", lambda x: x * -2.5, a)
    case("divScalar", lambda x: x / 3, a)
    case("scalarAdd", lambda x: 1.5 + x, a)
    case("scalarSub", lambda x: 1.5 - x, a)
    case("scalarMul", lambda x: 2.5 * x, a)
    case("scalarDiv", lambda x: 2.5 / x, p)
    case("neg", lambda x: -x, a)
    values("integerAdd", lambda x: x + 2, whole)
    values("integerRsub", lambda x: 5 - x, whole)
    values("integerMul", lambda x: x * 3, whole)
    values("integerDiv", lambda x: (x / 2).float(), whole)
    values("integerFraction", lambda x: (x * 0.5).float(), whole)
    values("integerClamp", lambda x: x.clamp(-2, 3), whole)
    values("integerFill", lambda x: x.masked_fill(x > 0, 7), whole)
    values("integerInPlace", lambda x: x.clone().add_(x, alpha=2).sub_(x, alpha=3).mul_(3).add_(1), whole)
    # Neighbours that float32 cannot tell apart.
    values("integerCompare", lambda x: (x == 16777217, x > 16777216), 16777216 + torch.arange(3))
    for name in ["abs", "exp", "sin", "cos", "tanh", "square"]:
        case(name, lambda x: getattr(torch, name)(x), a)
    for name in ["sqrt", "rsqrt", "log", "log1p", "reciprocal"]:
        case(name, lambda x: getattr(torch, name)(x), p)
    case("acos", torch.acos, uniform(-0.9, 0.9, 5))
    case("pow", lambda x: x.pow(2.5), p)
    for name in ["sign", "floor"]:
        values(name, lambda x: getattr(torch, name)(x), a)
    values("round", torch.round, torch.tensor([-1.5, -0.5, 0.5, 1.5, 2.5, 2.4]))
    case("clamp", lambda x: x.clamp(-0.5, 0.8), a)
    case("clampMin", lambda x: x.clamp(min=-0.5), a)
    case("clampMax", lambda x: x.clamp(max=0.8), a)
    case("maximum", torch.maximum, a, b)
    case("minimum", torch.minimum, a, b)
    case("lerp", lambda x, y: x.lerp(y, 0.3), a, b)
    other = torch.randint(-2, 2, (3, 4), generator=random)
    few = torch.randint(-2, 2, (3, 4), generator=random)
    values("compare", lambda x, y: (x == y, x != y, x < y, x <= y, x > y, x >= y), few.float(), other.float())
    values("compareScalar", lambda x: (x == 1, x != 1, x < 1, x <= 1, x > 1, x >= 1), few.float())
    values("logical", lambda x, y: (~x, x & y), few > 0, other > 0)
    values("isFinite", torch.isfinite, torch.tensor([1, math.inf, -math.inf, math.nan]))
    case("where", lambda c, x, y: torch.where(c, x, y), few > 0, normal(3, 4), normal(3, 4))
    case("maskedFill", lambda x, m: x.masked_fill(m, -3.5), normal(3, 4), few > 0)
    values(
        "inPlace",
        lambda x, y: (
            x.clone().add_(y, alpha=0.5), x.clone().sub_(y, alpha=2), x.clone().mul_(y), x.clone().add_(1.5),
            x.clone().mul_(-2), x.clone().clamp_(-0.5, 0.5), x.clone().lerp_(y, 0.25), x.clone().zero_(),
            x.clone().fill_(4), x.clone().copy_(y[:1]),
        ),
        a, b,
    )


def reductions():
    x = normal(3, 4, 5)
    case("sum", lambda x: x.sum(), x)
    case("sumDims", lambda x: x.sum([0, 2]), x)
    case("sumKeep", lambda x: x.sum([-1], keepdim=True), x)
    case("mean", lambda x: x.mean(), x)
    case("meanDims", lambda x: x.mean([1]), x)
    case("variance", lambda x: x.var([1, 2]), x)
    case("variancePopulation", lambda x: x.var([0], correction=0, keepdim=True), x)
    case("std", lambda x: x.std([2]), x)
    case("norm", lambda x: x.norm(), x)
    case("normOne", lambda x: torch.linalg.vector_norm(x, 1, [1]), x)
    case("normInfinity", lambda x: torch.linalg.vector_norm(x, math.inf, [2], keepdim=True), x)
    case("logsumexp", lambda x: x.logsumexp([1]), x)
    case("amax", lambda x: x.amax([0, 1]), x)
    case("amin", lambda x: x.amin(), x)
    values("arg", lambda x: (x.argmax(), x.argmax(1), x.argmin(2, keepdim=True)), x)
    case("cumsum", lambda x: x.cumsum(1), x)
    case("sort", lambda x: x.sort(descending=True), x)
    case("sortDim", lambda x: x.sort(0), x)
    values("sortStable", lambda x: x.sort(stable=True), torch.randint(0, 3, (30,), generator=random))
    case("topk", lambda x: x.topk(2), x)
    case("topkSmallest", lambda x: x.topk(3, 1, largest=False), x)


def shapes():
    x = normal(2, 3, 4)
    case("reshape", lambda x: x.permute(2, 0, 1).reshape(4, -1), x)
    case("view", lambda x: x.view(6, 4), x)
    case("permute", lambda x: x.permute(2, 0, 1), x)
    case("transpose", lambda x: x.transpose(0, -1), x)
    case("flatten", lambda x: (x.flatten(), x.flatten(1), x.flatten(0, 1)), x)
    case("squeeze", lambda x: x[:, :1].squeeze(1), x)
    case("unsqueeze", lambda x: x.unsqueeze(-1), x)
    case("expand", lambda x: x.expand(2, 3, 4), normal(3, 1))
    case("repeat", lambda x: x.repeat(2, 1, 2), x)
    case("repeatInterleave", lambda x: x.repeat_interleave(2, 1), x)
    case("contiguous", lambda x: x.permute(1, 2, 0).contiguous(), x)
    case("channelsLast", lambda x: x.contiguous(memory_format=torch.channels_last) * 2, normal(2, 3, 2, 2))
    case("select", lambda x: x.select(-1, 2), x)
    case("narrow", lambda x: x.narrow(1, 1, 2), x)
    case("slice", lambda x: (x[:, :, 1:-1], x[:, ::2], x[1:]), x)
    case("subscript", lambda x: (x[1], x[0:1]), x)
    case("indexSelect", lambda x, i: x.index_select(2, i), x, torch.tensor([3, 0, 0]))
    case("gather", lambda x, i: x.gather(2, i), x, torch.randint(0, 4, (2, 3, 2), generator=random))
    case("index", lambda x, i, j: x[:, i, j], x, torch.tensor([2, 0]), torch.tensor([1, 3]))
    case("indexMask", lambda x, m: x[m], x, torch.rand((2, 3), generator=random) > 0.4)
    case("maskedSelect", lambda x, m: x.masked_select(m), x, torch.rand((2, 3, 4), generator=random) > 0.4)
    case("scatterAdd", lambda x, i, s: x.scatter_add(1, i, s), normal(2, 4), torch.tensor([[0, 0, 3], [1, 2, 1]]), normal(2, 3))
    values("oneHot", lambda x: F.one_hot(x, 4), torch.tensor([3, 0, 2]))
    case("chunk", lambda x: x.chunk(2, 2), x)
    case("split", lambda x: x.split(3, 2), x)
    case("unbind", lambda x: x.unbind(1), x)
    values("unbindMany", lambda x: x.unbind(0)[69], normal(70, 2))
    case("flip", lambda x: x.flip([0, 2]), x)
    case("roll", lambda x: x.roll([1, -2], [1, 2]), x)
    case("triangles", lambda x: (x.tril(), x.tril(-1), x.triu(1)), normal(3, 4))
    case("diagonal", lambda x: x.diagonal(), normal(3, 4))
    case("cat", lambda x, y: torch.cat([x, y], 1), x, normal(2, 2, 4))
    case("stack", lambda x, y: torch.stack([x, y], -1), x, normal(2, 3, 4))
    values("to", lambda x: (x.half(), x.bfloat16(), x.long(), x.to(torch.uint8), x > 0, x.float()), uniform(0, 9, 6))


def algebra():
    a, b = normal(3, 4), normal(4, 2)
    m = normal(4, 4) + 3 * torch.eye(4)
    case("matmul", torch.matmul, a, b)
    case("matmulBatch", torch.matmul, normal(2, 1, 3, 4), normal(3, 4, 2))
    case("matmulVector", torch.matmul, a, normal(4))
    case("bmm", torch.bmm, normal(2, 3, 4), normal(2, 4, 2))
    case("addmm", torch.addmm, normal(2), a, b)
    case("einsum", lambda x, y: torch.einsum("bij,bkj->bik", x, y), normal(2, 3, 4), normal(2, 5, 4))
    case("inverse", torch.linalg.inv, m)
    case("solve", torch.linalg.solve, m, normal(4, 2))
    case("eigenvalues", lambda x: torch.linalg.eigvalsh(x + x.T), normal(4, 4))
    case("singularValues", torch.linalg.svdvals, a)
    case("cdist", torch.cdist, normal(3, 5), normal(4, 5))
    case("l2Normalised", lambda x: F.normalize(x, dim=1), normal(3, 4))
    case("linear", F.linear, normal(2, 3, 4), normal(5, 4), normal(5))


def convolutions():
    x = normal(2, 4, 7, 6)
    case("conv", F.conv2d, x, normal(3, 4, 3, 3), normal(3))
    case("convNoBias", lambda x, w: F.conv2d(x, w, stride=2, padding=1), x, normal(3, 4, 3, 3))
    case("convSides", lambda x, w: F.conv2d(x, w, stride=(2, 1), padding=(1, 0), dilation=(1, 2)), x, normal(3, 4, 3, 2))
    case("convDilated", lambda x, w, b: F.conv2d(x, w, b, padding=2, dilation=2), x, normal(3, 4, 3, 3), normal(3))
    case("convGroups", lambda x, w, b: F.conv2d(x, w, b, groups=2), x, normal(6, 2, 3, 3), normal(6))
    case("convDepthwise", lambda x, w: F.conv2d(x, w, padding=1, groups=4), x, normal(4, 1, 3, 3))
    small = normal(2, 4, 4, 3)
    case("convTranspose", lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1), small, normal(4, 3, 3, 3), normal(3))
    case("convTransposeGroups", lambda x, w, b: F.conv_transpose2d(x, w, b, stride=2, groups=2), small, normal(4, 3, 3, 3), normal(6))
    case("convTransposeDilated", lambda x, w: F.conv_transpose2d(x, w, dilation=2, padding=1), small, normal(4, 2, 3, 3))


def pooling():
    x = normal(2, 3, 7, 6)
    case("maxPool", lambda x: F.max_pool2d(x, 2), x)
    case("maxPoolCeil", lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True), x)
    case("avgPool", lambda x: F.avg_pool2d(x, 3, 2, 1), x)
    case("avgPoolCeil", lambda x: F.avg_pool2d(x, 2, 2, ceil_mode=True), x)
    case("avgPoolInside", lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False), x)
    case("adaptiveAvgPool", lambda x: F.adaptive_avg_pool2d(x, (3, 2)), x)
    case("adaptiveMaxPool", lambda x: F.adaptive_max_pool2d(x, (3, 2)), x)


def resampling():
    x = normal(1, 2, 7, 6)
    for size in [(4, 3), (9, 11)]:
        for mode in ["nearest", "bilinear", "bicubic", "area"]:
            name = f"interpolate.{mode}.{size[0]}"
            case(name, lambda x: F.interpolate(x, size, mode=mode), x)
            if mode in ["bilinear", "bicubic"]:
                case(name + ".corners", lambda x: F.interpolate(x, size, mode=mode, align_corners=True), x)
                case(name + ".antialias", lambda x: F.interpolate(x, size, mode=mode, antialias=True), x)
    # Not at the half-way points where nearest would depend on rounding.
    grid = uniform(-1.4, 1.4, 1, 4, 5, 2)
    for mode in ["nearest", "bilinear", "bicubic"]:
        for padding in ["zeros", "border", "reflection"]:
            for corners in [False, True]:
                case(
                    f"gridSample.{mode}.{padding}" + (".corners" if corners else ""),
                    lambda x, g: F.grid_sample(x, g, mode, padding, corners), x, grid)
    theta = normal(2, 2, 3)
    case("affineGrid", lambda t: F.affine_grid(t, [2, 3, 4, 5], False), theta)
    case("affineGridCorners", lambda t: F.affine_grid(t, [2, 3, 4, 5], True), theta)
    case("padConstant", lambda x: F.pad(x, (1, 2, 0, 3), value=1.5), x)
    case("padCrop", lambda x: F.pad(x, (-1, 2, -2, 0)), x)
    case("padReflect", lambda x: F.pad(x, (1, 2, 3, 1), "reflect"), x)
    case("padReplicate", lambda x: F.pad(x, (1, 2, 3, 1), "replicate"), x)
    case("pixelShuffle", lambda x: F.pixel_shuffle(x, 2), normal(1, 8, 2, 3))


def activations():
    x = 2 * normal(3, 4, 5)
    for name in ["relu", "relu6", "gelu", "silu", "hardswish", "softplus"]:
        case(name, getattr(F, name), 3 * x if name in ["relu6", "hardswish"] else x)
    case("sigmoid", torch.sigmoid, x)
    case("leakyReLU", lambda x: F.leaky_relu(x, 0.2), x)
    case("prelu", F.prelu, x, normal(4))
    case("softmax", lambda x: x.softmax(1), x)
    case("logSoftmax", lambda x: x.log_softmax(-1), x)


def normalisation():
    x, mean, variance = normal(3, 4, 3, 2), normal(4), uniform(0.5, 2, 4)
    w, b = normal(4), normal(4)

    def batch(x, w, b, mean, variance):
        mean, variance = mean.detach().clone(), variance.detach().clone()
        out = F.batch_norm(x, mean, variance, w, b, training=True, momentum=0.3)
        return out, mean, variance

    case("batchNorm", batch, x, w, b, mean, variance, fixed=[3, 4])
    case(
        "batchNormEvaluation", lambda x, w, b, m, v: F.batch_norm(x, m, v, w, b, False, eps=1e-3),
        x, w, b, mean, variance, fixed=[3, 4])
    case("layerNorm", lambda x, w, b: F.layer_norm(x, [3, 2], w, b), x, normal(3, 2), normal(3, 2))
    case("groupNorm", lambda x, w, b: F.group_norm(x, 2, w, b), x, w, b)
    case("instanceNorm", lambda x, w, b: F.instance_norm(x, weight=w, bias=b), x, w, b)
    case("instanceNormPlain", F.instance_norm, x)


def losses():
    logits = normal(4, 5)
    classes = torch.tensor([1, 4, 0, 2])
    case("crossEntropy", F.cross_entropy, logits, classes)
    case("crossEntropySmooth", lambda x, t: F.cross_entropy(x, t, label_smoothing=0.1), logits, classes)
    case("crossEntropyProbabilities", F.cross_entropy, logits, normal(4, 5).softmax(1))
    target = uniform(0, 1, 4, 5)
    case("binaryCrossEntropy", F.binary_cross_entropy_with_logits, logits, target)
    case(
        "binaryCrossEntropyWeighted",
        lambda x, t, w, p: F.binary_cross_entropy_with_logits(x, t, w, pos_weight=p),
        logits, target, uniform(0.2, 2, 5), uniform(0.5, 3, 5), fixed=[2, 3])


def gradient_penalty():
    """Gradients of softplus(-D(x)) + 5 |dD/dx|² with respect to D's parameters: a second backward pass through it all."""
    inputs = [normal(2, 3, 8, 8), normal(4, 3, 3, 3) / 3, normal(4), normal(4, 2, 3, 3) / 3, normal(4, 2, 4, 4) / 3, uniform(0.5, 1.5, 2), normal(2),
              normal(2, 2), normal(2), normal(1, 2 * 16) / 4]

    def loss(x, w1, b1, w2, w3, gamma, beta, group_weight, group_bias, w4):
        y = F.leaky_relu(F.conv2d(x, w1, b1, padding=1), 0.2)
        y = torch.tanh(F.conv2d(y, w2, stride=2, padding=1, groups=2))
        y = F.conv_transpose2d(F.avg_pool2d(y, 2), w3, stride=2, padding=1)
        y = F.batch_norm(y, None, None, gamma, beta, training=True)
        y = F.group_norm(y, 1, group_weight[0], group_bias) + F.interpolate(y, (4, 4), mode="bilinear")
        score = F.linear(F.silu(y).flatten(1), w4)
        gradient, = torch.autograd.grad(score.sum(), x, create_graph=True)
        penalty = gradient.square().sum([1, 2, 3]).mean()
        return F.softplus(-score).mean() + 5 * penalty, penalty

    leaves = [x.double().requires_grad_() for x in inputs]
    total, penalty = loss(*leaves)
    for i, x in enumerate(inputs):
        stored[f"penalty.in{i}"] = keep(x)
    stored["penalty.total"], stored["penalty.value"] = keep(total), keep(penalty)
    for i, g in enumerate(torch.autograd.grad(total, leaves[1:])):
        stored[f"penalty.grad{i + 1}"] = keep(g)


def generators():
    g = torch.Generator().manual_seed(1234)
    stored["random.rand"] = torch.rand(20, generator=g)
    stored["random.randn"] = torch.randn(20, generator=g)
    stored["random.randint"] = torch.randint(3, 50, (20,), generator=g)
    stored["random.randperm"] = torch.randperm(20, generator=g)
    stored["random.uniform"] = torch.empty(20).uniform_(-2, 3, generator=g)
    stored["random.normal"] = torch.empty(20).normal_(2, 3, generator=g)


for part in [arithmetic, reductions, shapes, algebra, convolutions, pooling, resampling, activations, normalisation, losses,
             gradient_penalty, generators]:
    part()
FIXTURES.mkdir(parents=True, exist_ok=True)
save_file(stored, FIXTURES / "operations.safetensors")
