"""Reference values of the unmasking losses, in NumPy and float64.

    python Tools/reference/unmasking_losses.py   # writes Tests/UnmaskingTests/Fixtures/losses.json
"""

import json
import math

import numpy as np

from stylegan2 import FIXTURES, hashed


def array(name, *shape):
    return hashed(name, shape).numpy()


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0)


def main():
    a, b = array("output", 2, 3, 8, 6), array("target", 2, 3, 8, 6)
    alpha = sigmoid(array("alpha", 2, 1, 8, 6)).astype(np.float32).astype(np.float64)
    error = a - b
    values = {
        "pixel.l1": np.abs(error).mean(),
        "pixel.l2": (error**2).mean(),
        "pixel.smooth": np.where(np.abs(error) < 0.1, error**2 / 0.2, np.abs(error) - 0.05).mean(),
        # hidden pixels weigh 5, visible ones 0.5
        "pixel.weighted": (np.abs(error) * (0.5 + 4.5 * alpha)).sum() / (3 * (0.5 + 4.5 * alpha).sum()),
        "variation": np.abs(np.diff(a, axis=2)).mean() + np.abs(np.diff(a, axis=3)).mean(),
    }

    w, mean = array("latents", 3, 5, 4), array("mean", 1, 4)
    values["latent.norm"] = np.mean([np.linalg.norm(code - mean) for code in w])
    values["latent.delta"] = sum(np.mean(np.linalg.norm(w[:, i] - w[:, 0], axis=1)) for i in range(1, 5))

    real, fake = array("logits.real", 4, 1), array("logits.fake", 4, 1)
    values["adversarial.generator"] = softplus(-fake).mean()
    values["adversarial.discriminator"] = softplus(-real).mean() + softplus(fake).mean()

    logits = array("mask", 2, 1, 4, 3)
    target = alpha.reshape(2, 1, 4, 2, 3, 2).mean((3, 5))  # averaged to the size of the logits
    p = sigmoid(logits)
    values["segmentation.entropy"] = -(target * np.log(p) + (1 - target) * np.log(1 - p)).mean()
    dice = [
        1 - (2 * (p[i] * target[i]).sum() + 1) / ((p[i] ** 2).sum() + (target[i] ** 2).sum() + 1) for i in range(2)
    ]
    values["segmentation.both"] = values["segmentation.entropy"] + 0.5 * np.mean(dice)

    # Warp: output (u, v) shows source (1.1u - 0.2v + 0.7, 0.2u + 1.1v - 0.4), bilinear, zero outside.
    image, warped = a[0, 0], np.zeros((5, 4))
    for v in range(5):
        for u in range(4):
            x, y = 1.1 * u - 0.2 * v + 0.7, 0.2 * u + 1.1 * v - 0.4
            for dy in (0, 1):
                for dx in (0, 1):
                    i, j = math.floor(x) + dx, math.floor(y) + dy
                    if 0 <= i < image.shape[1] and 0 <= j < image.shape[0]:
                        warped[v, u] += image[j, i] * (1 - abs(x - i)) * (1 - abs(y - j))
    values["warp"] = warped.flatten().tolist()

    # Identity with the pixels themselves as the embedding.
    x, y = a.reshape(2, -1), b.reshape(2, -1)
    cosine = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
    values["identity"] = (1 - cosine).mean()

    # Each face against its own true face, the other's, and a queue of five more.
    def unit(rows):
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    for name, gallery in {"contrast.batch": y, "contrast.queue": np.concatenate([y, array("queue", 5, 144)])}.items():
        logits = 20 * unit(x) @ unit(gallery).T
        values[name] = np.mean([np.log(np.exp(logits[i] - logits[i, i]).sum()) for i in range(2)])

    (FIXTURES / "losses.json").write_text(json.dumps({k: v if isinstance(v, list) else [float(v)] for k, v in values.items()}, indent=1))


main()
