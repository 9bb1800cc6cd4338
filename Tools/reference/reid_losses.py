"""Reference values and gradients of the re-identification losses, in PyTorch and float64, written from the papers.

    python Tools/reference/reid_losses.py   # writes Tests/ReIDTests/Fixtures/losses.safetensors

Loops over anchors, positives and negatives, and angles through acos: the textbook forms, so that they check the vectorised
ones. A case NAME stores NAME/features [N, D], NAME/labels [N] (or [N, A]), NAME/weight (class weights) where there is one,
NAME/loss, and the gradients NAME/features.grad and NAME/NAME-OF-PARAMETER.grad.
"""

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

FIXTURES = Path(__file__).resolve().parents[2] / "Tests" / "ReIDTests" / "Fixtures"
random = torch.Generator().manual_seed(7)
stored = {}


def normal(*shape):
    """Numbers that float32 holds exactly."""
    return torch.randn(shape, generator=random).double()


def case(name, loss, features, labels, **parameters):
    leaves = {"features": features, **parameters}
    leaves = {key: value.clone().requires_grad_() for key, value in leaves.items()}
    value = loss(labels=labels, **leaves)
    value.backward()
    stored[f"{name}/labels"] = labels
    stored[f"{name}/loss"] = value.detach().reshape(1)
    for key, leaf in leaves.items():
        stored[f"{name}/{key}"] = leaf.detach()
        stored[f"{name}/{key}.grad"] = leaf.grad if leaf.grad is not None else torch.zeros_like(leaf)
        assert torch.isfinite(stored[f"{name}/{key}.grad"]).all(), name


# --- classifiers ------------------------------------------------------------------------------------------------------


def smoothed_cross_entropy(logits, labels, smoothing):
    """-sum_k q_k log p_k with q = (1 - s) onehot + s / K."""
    logp = logits - logits.logsumexp(1, keepdim=True)
    total = 0
    for i, y in enumerate(labels):
        total = total - (1 - smoothing) * logp[i, y] - smoothing * logp[i].mean()
    return total / len(labels)


def softmax(smoothing):
    return lambda features, labels, weight: smoothed_cross_entropy(features @ weight.T, labels, smoothing)


def softmax_with_bias(features, labels, weight, bias):
    return smoothed_cross_entropy(features @ weight.T + bias, labels, 0)


def cosines(features, weight):
    return F.normalize(features) @ F.normalize(weight).T


def cosine(target, scale=30.0, smoothing=0.0):
    """target: cosine of a sample and its class -> its logit before the scale."""

    def loss(features, labels, weight, log_scale=None):
        cos = cosines(features, weight)
        rows = []
        for i, y in enumerate(labels):
            row = list(cos[i])
            row[y] = target(row[y])
            rows.append(torch.stack(row))
        factor = scale if log_scale is None else log_scale.exp()
        return smoothed_cross_entropy(factor * torch.stack(rows), labels, smoothing)

    return loss


def arcface(m, easy=False):
    def target(cos):
        # Exactly aligned or opposed: the angle is a constant there (a subgradient of 0).
        aligned = 1 - abs(cos.item()) < 1e-14
        if easy:
            if cos.item() <= 0:
                return cos
        elif math.acos(max(-1.0, min(1.0, cos.item()))) >= math.pi - m:
            return cos - m * math.sin(m)
        if aligned:
            return cos * math.cos(m)
        return torch.cos(torch.acos(cos) + m)

    return target


def cosface(m):
    return lambda cos: cos - m


def circle_softmax(scale, m, smoothing=0.0):
    def loss(features, labels, weight):
        cos = cosines(features, weight)
        rows = []
        for i, y in enumerate(labels):
            row = []
            for k in range(weight.shape[0]):
                s = cos[i, k]
                if k == y:
                    row.append(scale * max(0.0, 1 + m - s.item()) * (s - (1 - m)))
                else:
                    row.append(scale * max(0.0, s.item() + m) * (s - m))
            rows.append(torch.stack(row))
        return smoothed_cross_entropy(torch.stack(rows), labels, smoothing)

    return loss


# --- distances --------------------------------------------------------------------------------------------------------


def distance(a, b):
    if torch.equal(a.detach(), b.detach()):
        return ((a - b) ** 2).sum()  # value and gradient 0
    return ((a - b) ** 2).sum().sqrt()


def anchors(features, labels):
    """Per anchor that has both: distances of its positives and of its negatives."""
    n = len(labels)
    for i in range(n):
        positives = [distance(features[i], features[j]) for j in range(n) if j != i and labels[j] == labels[i]]
        negatives = [distance(features[i], features[j]) for j in range(n) if labels[j] != labels[i]]
        if positives and negatives:
            yield torch.stack(positives), torch.stack(negatives)


def hinge(x, margin):
    return F.softplus(x, threshold=1000) if margin is None else F.relu(x + margin)


def mean(costs, features):
    return sum(costs) / len(costs) if costs else (features * 0).sum()


def batch_hard(margin):
    def loss(features, labels):
        return mean([hinge(p.amax() - n.amin(), margin) for p, n in anchors(features, labels)], features)

    return loss


def batch_all(margin, active=True):
    def loss(features, labels):
        costs = [hinge(p - n, margin) for ps, ns in anchors(features, labels) for p in ps for n in ns]
        if active and margin is not None:
            costs = [c for c in costs if c.item() > 0]
        return mean(costs, features)

    return loss


def weighted(margin):
    def loss(features, labels):
        costs = []
        for p, n in anchors(features, labels):
            wp, wn = p.softmax(0), (-n).softmax(0)
            costs.append(hinge((wp * p).sum() - (wn * n).sum(), margin))
        return mean(costs, features)

    return loss


def circle_pairs(scale, m):
    def loss(features, labels):
        unit = F.normalize(features)
        n, costs = len(labels), []
        for i in range(n):
            s = [(unit[i] * unit[j]).sum() for j in range(n)]
            positives = [s[j] for j in range(n) if j != i and labels[j] == labels[i]]
            negatives = [s[j] for j in range(n) if labels[j] != labels[i]]
            if not positives or not negatives:
                continue
            # ln(1 + sum sum exp(...)) over all pairs of a positive and a negative
            terms = [torch.zeros((), dtype=torch.float64)]
            for sp in positives:
                for sn in negatives:
                    ap, an = max(0.0, 1 + m - sp.item()), max(0.0, sn.item() + m)
                    terms.append(scale * (an * (sn - m) - ap * (sp - 1 + m)))
            costs.append(torch.stack(terms).logsumexp(0))
        return mean(costs, features)

    return loss


def centre(features, labels, centers):
    return sum(((features[i] - centers[y].detach()) ** 2).sum() for i, y in enumerate(labels)) / (2 * len(labels))


def moved_centres(features, labels, centers, rate):
    """Wen et al., eq. 4, with the sign of the update."""
    out = centers.clone()
    for j in range(len(centers)):
        mine = [i for i, y in enumerate(labels) if y == j]
        delta = sum((centers[j] - features[i] for i in mine), torch.zeros_like(centers[j])) / (1 + len(mine))
        out[j] -= rate * delta
    return out


# --- attributes -------------------------------------------------------------------------------------------------------


def balanced_weights(counts, power):
    total = sum(counts)
    w = np.array([(total / c) ** power if c else 0 for c in counts])
    return w / (w * np.array(counts) / total).sum()


def attributes(counts, power, attention):
    classes = [len(c) for c in counts]

    def loss(features, labels, weight, bias, gate_weight=None, gate_bias=None):
        logits = features @ weight.T + bias
        parts = logits.split(classes, 1)
        if attention:
            p = torch.cat([part.softmax(1) for part in parts], 1)
            gate = 2 / (1 + torch.exp(-(p @ gate_weight.T + gate_bias)))
            parts = (logits * gate).split(classes, 1)
        total, known = 0, 0
        for a, part in enumerate(parts):
            w = balanced_weights(counts[a], power)
            costs = [
                w[y] * (part[i].logsumexp(0) - part[i, y]) for i, y in enumerate(labels[:, a].tolist()) if y >= 0
            ]
            if costs:
                total, known = total + sum(costs) / len(costs), known + 1
        return total / known if known else (features * 0).sum()

    return loss


# --- cases ------------------------------------------------------------------------------------------------------------


def main():
    n, d, k = 12, 8, 5
    x, w = normal(n, d), normal(k, d)
    people = torch.tensor([0, 0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 4])  # the last one is alone

    case("softmax", softmax(0), x, people, weight=w)
    case("softmax.smooth", softmax(0.1), x, people, weight=w)
    case("softmax.bias", softmax_with_bias, x, people, weight=w, bias=normal(k))
    case("softmax.huge", softmax(0.1), x * 8192, people, weight=w)

    plain = lambda cos: cos
    case("cosine", cosine(plain), x, people, weight=w)
    case("cosine.smooth", cosine(plain, scale=16, smoothing=0.1), x, people, weight=w)
    case("cosine.learned", cosine(plain), x, people, weight=w, log_scale=torch.tensor(math.log(12.0)).double())
    case("cosine.huge", cosine(plain, scale=4096), x, people, weight=w)
    # Class weights near, at and opposite to features: angles around 0, π/2, beyond π - m, and π.
    near = torch.stack([x[0] * 2, -x[3], x[5] + 0.01 * x[0], -x[9] + 0.3 * x[1], x[11]])
    case("cosface", cosine(cosface(0.35)), x, people, weight=w)
    case("arcface", cosine(arcface(0.5)), x, people, weight=w)
    case("arcface.near", cosine(arcface(0.5), scale=4), x, people, weight=near)
    case("arcface.easy", cosine(arcface(0.5, easy=True), scale=4, smoothing=0.1), x, people, weight=near)
    # Cosines of exactly ±1: features and weights along the axes.
    axes = torch.eye(k, d).double()
    case("arcface.exact", cosine(arcface(0.5), scale=8), axes[:4] * 2, torch.tensor([0, 1, 2, 0]), weight=axes * torch.tensor([[3.0], [1], [-2], [1], [1]]))
    case("circle.softmax", circle_softmax(64, 0.35), x, people, weight=w)
    case("circle.softmax.smooth", circle_softmax(16, 0.25, 0.1), x, people, weight=near)

    losses = {
        "hard": batch_hard(0.3),
        "hard.soft": batch_hard(None),
        "all": batch_all(0.3),
        "all.mean": batch_all(0.3, active=False),
        "all.soft": batch_all(None),
        "weighted": weighted(None),
        "weighted.margin": weighted(0.3),
        "circle": circle_pairs(128, 0.25),
        "circle.gentle": circle_pairs(4, 0.1),
    }
    # Closer than random, so that some triplets cost nothing.
    clustered = (normal(k, d)[people] + 0.5 * x).float().double()
    doubled = clustered.clone()
    doubled[1], doubled[4] = doubled[0], doubled[0]  # a repeated image, and another person's with the same feature
    inputs = {
        "": (clustered, people),
        "/one person": (x, torch.zeros(n, dtype=torch.int64)),
        "/one image each": (x, torch.arange(n)),
        "/equal": (x[:1].repeat(n, 1), people),
        "/doubled": (doubled, people),
        "/long": (clustered * 1024, people),
    }
    for name, loss in losses.items():
        for suffix, (features, labels) in inputs.items():
            case(name + suffix, loss, features, labels)

    centers = normal(k, d)
    case("centre", centre, x, people, centers=centers)
    stored["centre/moved"] = moved_centres(x, people, centers, 0.5)

    counts = [[30, 10], [5, 25, 10, 0], [7, 13, 20]]
    y = torch.randint(0, 2, (n, 3), generator=random)
    y[:, 2] = torch.randint(-1, 3, (n,), generator=random)
    y[2:5, 0] = -1
    head = {"weight": normal(9, d), "bias": normal(9)}
    gate = {"gate_weight": normal(9, 9), "gate_bias": normal(9)}
    case("attributes", attributes(counts, 0.5, False), x, y, **head)
    case("attributes.attention", attributes(counts, 1.0, True), x, y, **head, **gate)
    unknown = y.clone()
    unknown[:, 1] = -1
    case("attributes.one unknown", attributes(counts, 0.5, False), x, unknown, **head)
    case("attributes.all unknown", attributes(counts, 0.5, False), x, torch.full_like(y, -1), **head)

    FIXTURES.mkdir(parents=True, exist_ok=True)
    save_file({key: value.contiguous().clone() for key, value in stored.items()}, FIXTURES / "losses.safetensors")


main()
