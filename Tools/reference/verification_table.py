#!/usr/bin/env python3
"""Reference values for Metrics.VerificationTable: Tests/MetricsTests/Fixtures/verification-table.json.

Scores of references against probes; TAR at several FARs by plain counting, and in resamples of persons by laying out every pair as
often as its persons were drawn.

    python Tools/reference/verification_table.py Tests/MetricsTests/Fixtures
"""

import json
import sys
from pathlib import Path

import numpy as np

MASK = (1 << 64) - 1


def split_mix(seed):
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) & MASK
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        yield z ^ (z >> 31)


def tar(genuine, impostor, far):
    """Most lenient threshold that accepts at most this share of impostors, ties accepted together."""
    best = 0.0
    for threshold in np.unique(np.concatenate([genuine, impostor])):
        if np.mean(impostor >= threshold) <= far + 1e-12:
            best = max(best, np.mean(genuine >= threshold))
    return float(best)


def main():
    random = np.random.default_rng(5)
    persons = 14
    references = random.integers(0, persons, 40)
    probes = random.integers(0, persons, 45)
    same_photo = [int(i) if i < 10 and references[i] == probes[i] else None for i in range(40)]
    centres = random.normal(size=(persons, 6))
    a = centres[references] + 0.7 * random.normal(size=(40, 6))
    b = centres[probes] + 0.7 * random.normal(size=(45, 6))
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b /= np.linalg.norm(b, axis=1, keepdims=True)
    # Rounded, so that there are ties.
    scores = np.round(a @ b.T, 2).astype(np.float32)
    fars = [0.1, 0.02, 0.005]
    pairs = [(i, j) for i in range(40) for j in range(45) if same_photo[i] != j]
    genuine = [(i, j) for i, j in pairs if references[i] == probes[j]]
    impostor = [(i, j) for i, j in pairs if references[i] != probes[j]]
    value = lambda some: np.array([scores[i, j] for i, j in some])
    draws = split_mix(3)
    rounds = []
    for _ in range(6):
        weights = np.zeros(persons, int)
        for _ in range(persons):
            weights[(next(draws) * persons) >> 64] += 1
        g = np.repeat(value(genuine), [weights[references[i]] for i, j in genuine])
        f = np.repeat(value(impostor), [weights[references[i]] * weights[probes[j]] for i, j in impostor])
        rounds.append([tar(g, f, far) for far in fars])
    result = {
        "references": references.tolist(),
        "probes": probes.tolist(),
        "samePhoto": same_photo,
        "scores": [float(x) for x in scores.ravel()],
        "fars": fars,
        "tar": [tar(value(genuine), value(impostor), far) for far in fars],
        "genuine": len(genuine),
        "impostor": len(impostor),
        "rounds": np.array(rounds).T.tolist(),
    }
    (Path(sys.argv[1]) / "verification-table.json").write_text(json.dumps(result))


if __name__ == "__main__":
    main()
