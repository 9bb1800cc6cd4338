#!/usr/bin/env python3
"""Reference values for Unmasking.KernelDistance: Tests/UnmaskingTests/Fixtures/kernel-distance.json.

The unbiased estimate of the squared maximum mean discrepancy by scikit-learn's polynomial kernel.

    python Tools/reference/kernel_distance.py Tests/UnmaskingTests/Fixtures
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.metrics.pairwise import polynomial_kernel


def unbiased(x, y):
    kernel = lambda a, b: polynomial_kernel(a, b, degree=3, gamma=1 / a.shape[1], coef0=1)
    m, n = len(x), len(y)
    xx, yy, xy = kernel(x, x), kernel(y, y), kernel(x, y)
    np.fill_diagonal(xx, 0)
    np.fill_diagonal(yy, 0)
    return xx.sum() / (m * (m - 1)) + yy.sum() / (n * (n - 1)) - 2 * xy.mean()


def main():
    random = np.random.default_rng(11)
    a = random.normal(size=(12, 5)).astype(np.float32)
    b = (random.normal(size=(12, 5)) * 0.7 + 0.4).astype(np.float32)
    sets = [([0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]), ([3, 9], [0, 1, 4]), ([11, 2, 5], [0, 1, 3, 4])]
    result = {
        "a": a.ravel().tolist(),
        "b": b.ravel().tolist(),
        "cases": [
            {"first": f, "second": s, "value": unbiased(a[f].astype(float), b[s].astype(float))} for f, s in sets
        ],
    }
    (Path(sys.argv[1]) / "kernel-distance.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
