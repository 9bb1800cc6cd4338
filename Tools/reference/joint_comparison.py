#!/usr/bin/env python3
"""Reference values for Faces.JointComparison: Tests/FacesTests/Fixtures/joint-comparison.json.

The log-likelihood ratio from SciPy's multivariate normal densities of both photos together and of each alone, its covariances from NumPy;
then the scale that the library promises: mean and deviation of the cosines of two persons. Needs numpy, scipy.

    python Tools/reference/joint_comparison.py Tests/FacesTests/Fixtures
"""

import json
import sys
from pathlib import Path

import numpy as np
from scipy.stats import multivariate_normal


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def main():
    random = np.random.default_rng(5)
    faces, width, shrinkage, share = 20, 6, 0.2, 0.4
    identity = random.normal(0, 1, (faces, width)) * np.linspace(2, 0.3, width) + np.linspace(1, 2, width)
    references = unit(identity + random.normal(0, 0.1, (faces, width))).astype(np.float32)
    probes = unit(identity + random.normal(0, 0.5, (faces, width)) + np.linspace(-0.5, 0.5, width)).astype(np.float32)
    x, y = references.astype(np.float64), probes.astype(np.float64)

    total = (np.cov(x.T, bias=True) + np.cov(y.T, bias=True)) / 2
    total += shrinkage * np.mean(np.diag(total)) * np.eye(width)
    between = (x - x.mean(0)).T @ (y - y.mean(0)) / faces
    between = (between + between.T) / 2
    joint = np.block([[total, between], [between, total]])
    alone_x, alone_y = multivariate_normal(x.mean(0), total), multivariate_normal(y.mean(0), total)
    together = multivariate_normal(np.concatenate([x.mean(0), y.mean(0)]), joint)

    def ratios(a, b, of_a=alone_x, of_b=alone_y, both=together):
        return np.array([[both.logpdf(np.concatenate([p, q])) - of_a.logpdf(p) - of_b.logpdf(q) for q in b] for p in a])

    others = ~np.eye(faces, dtype=bool)
    ratio, cosine = ratios(x, y)[others], (x @ y.T)[others]

    def similarity(a, b, **densities):
        scaled = cosine.mean() + (ratios(a, b, **densities) - ratio.mean()) / ratio.std() * cosine.std()
        return (1 - share) * a @ b.T + share * scaled

    # Others than the faces learned from, also as two probes and the other way round.
    new = unit(random.normal(0, 1, (5, width)) + np.linspace(1, 2, width)).astype(np.float32)
    a, b = new[:3].astype(np.float64), new[2:].astype(np.float64)
    two_probes = multivariate_normal(np.concatenate([y.mean(0), y.mean(0)]), joint)
    swapped = multivariate_normal(np.concatenate([y.mean(0), x.mean(0)]), joint)
    values = {
        "shrinkage": shrinkage, "share": share, "references": references.tolist(), "probes": probes.tolist(),
        "left": new[:3].tolist(), "right": new[2:].tolist(),
        "learned": similarity(x, y).flatten().tolist(), "similarities": similarity(a, b).flatten().tolist(),
        "probesAlone": similarity(a, b, of_a=alone_y, both=two_probes).flatten().tolist(),
        "swapped": similarity(a, b, of_a=alone_y, of_b=alone_x, both=swapped).flatten().tolist(),
    }
    Path(sys.argv[1], "joint-comparison.json").write_text(json.dumps(values))


main()
