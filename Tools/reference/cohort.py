#!/usr/bin/env python3
"""Reference values for Faces.CohortNormalisation: Tests/FacesTests/Fixtures/cohort.json.

Adaptive symmetric score normalisation pair by pair, straight from its definition: for each pair the scores of its probe with references of
persons who are on neither photo, and of its reference with such probes; the best of them give mean and deviation.

    python Tools/reference/cohort.py Tests/FacesTests/Fixtures
"""

import json
import sys
from pathlib import Path

import numpy as np


def main():
    random = np.random.default_rng(11)
    references, probes = random.integers(0, 7, 15), random.integers(0, 7, 12)
    scores = np.round(random.normal(0.2, 0.3, (15, 12)), 4).astype(np.float32)
    values = {"references": references.tolist(), "probes": probes.tolist(), "scores": scores.flatten().tolist()}
    for top in (4, 100):
        table = np.zeros(scores.shape)
        for i, first in enumerate(references):
            for j, second in enumerate(probes):
                of_probe = scores[[k for k in range(15) if references[k] not in (first, second)], j].astype(np.float64)
                of_reference = scores[i, [k for k in range(12) if probes[k] not in (first, second)]].astype(np.float64)
                for some in (of_probe, of_reference):
                    best = np.sort(some)[::-1][:top]
                    table[i, j] += (scores[i, j] - best.mean()) / best.std() / 2
        values[f"normalised{top}"] = table.flatten().tolist()
    Path(sys.argv[1], "cohort.json").write_text(json.dumps(values))


main()
