"""Reference values for the evaluation of re-identification. Usage: reid_evaluation.py [FIXTURE-FOLDER]

Writes feature files as other programs would (safetensors' own writer) and what scoring them must give: retrieval by
metrics.py (torchreid's semantics), verification over pairs and attribute scores by scikit-learn. Two cases: 'random' has
junk (-1), distractors (0), queries without a match and float features; 'ties' has small whole numbers, so that distances
are exact in any arithmetic and equal ones abound. Needs numpy, scipy, scikit-learn, scikit-image, safetensors."""

import json
import pathlib
import sys

import numpy as np
from metrics import evaluate, expand, re_ranking
from safetensors.numpy import save_file
from scipy.optimize import brentq
from sklearn.metrics import accuracy_score, balanced_accuracy_score, roc_auc_score, roc_curve

RANKS = [1, 5, 10, 20]


def unit(features):
    return features.astype(np.float64) / np.linalg.norm(features.astype(np.float64), axis=1, keepdims=True)


def junk(q_id, q_cam, g_ids, g_cams):
    return (g_ids < 0) | ((g_ids == q_id) & (g_cams == q_cams_equal(q_cam)))


def q_cams_equal(camera):
    """An unknown camera (-1) equals none."""
    return camera if camera >= 0 else -999


def figures(distances, q_ids, g_ids, q_cams, g_cams):
    known = np.array([q_cams_equal(camera) for camera in q_cams])
    result = evaluate(distances, q_ids, g_ids, known, g_cams, 50)
    cmc = result["cmc"]
    cameras = {}
    for camera in sorted(set(q_cams.tolist())):
        own = [entry for entry, c in zip(result["perQuery"], q_cams) if entry and c == camera]
        if own:
            cameras["unknown" if camera < 0 else str(camera)] = {
                "mAP": float(np.mean([entry["ap"] for entry in own])),
                "rank1": float(np.mean([entry["ranks"][0] == 0 for entry in own])),
                "queries": len(own),
            }
    return {
        "mAP": result["mAP"], "trapezoidMAP": result["trapezoidMAP"], "mINP": result["mINP"],
        "cmc": {str(rank): cmc[rank - 1] for rank in RANKS}, "queries": result["queries"],
        "gallery": len(g_ids), "perCamera": cameras,
    }


def lists(distances, q_ids, g_ids, q_cams, g_cams, length):
    found = []
    for q in range(len(q_ids)):
        order = np.argsort(distances[q], kind="stable")
        order = order[~junk(q_ids[q], q_cams[q], g_ids[order], g_cams[order])][:length]
        found.append({"images": order.tolist(), "correct": (g_ids[order] == q_ids[q]).tolist()})
    return found


def verification(distances, q_ids, g_ids, q_cams, g_cams):
    keep = np.stack([~junk(i, c, g_ids, g_cams) for i, c in zip(q_ids, q_cams)])
    same = (q_ids[:, None] == g_ids[None])[keep]
    score = -distances[keep].astype(np.float64)
    fpr, tpr, _ = roc_curve(same, score, drop_intermediate=False)
    steps = np.arange(len(fpr))
    eer = np.interp(brentq(lambda t: 1 - np.interp(t, steps, tpr) - np.interp(t, steps, fpr), 0, steps[-1]), steps, fpr)
    impostor = int((~same).sum())
    rates = [rate for rate in (0.1, 0.01, 1e-3, 1e-4) if rate * impostor >= 10]
    return {
        "genuine": int(same.sum()), "impostor": impostor, "auc": roc_auc_score(same, score), "eer": float(eer),
        "tar": {f"1e-{round(-np.log10(rate))}": float(tpr[fpr <= rate + 1e-12][-1]) for rate in rates},
    }


def attributes(random):
    """Three attributes: binary, three classes, and binary of which one class never occurs."""
    classes = [2, 3, 2]
    truth = np.stack([random.integers(0, 2, 120) * (random.random(120) < 0.4), random.integers(0, 3, 120),
                      np.zeros(120, int)], axis=1)
    predicted = np.where(random.random(truth.shape) < 0.7, truth,
                         np.stack([random.integers(0, count, 120) for count in classes], axis=1))
    truth[random.random(truth.shape) < 0.1] = -1
    people = random.integers(1, 30, 120)
    per = []
    for index in range(3):
        known = truth[:, index] >= 0
        t, p = truth[known, index], predicted[known, index]
        occurring = np.unique(t)
        recalls = [(p[t == c] == c).mean() for c in occurring]
        balanced = balanced_accuracy_score(t, p) if len(occurring) > 1 else recalls[0]
        assert abs(balanced - np.mean(recalls)) < 1e-12
        per.append({"images": int(known.sum()), "accuracy": accuracy_score(t, p), "balancedAccuracy": float(balanced),
                    "majority": float(np.bincount(t).max() / len(t)), "majorityBalanced": 1 / len(occurring)})
    return {"truth": truth.tolist(), "predicted": predicted.tolist(), "people": people.tolist(), "perAttribute": per,
            "mA": per[0]["balancedAccuracy"], "distinct": len(set(people.tolist()))}


def main(folder):
    random = np.random.default_rng(23)
    expected = {}

    def case(name, query, gallery, q_ids, g_ids, q_cams, g_cams, exact):
        for kind, features, ids, cameras in [("query", query, q_ids, q_cams), ("gallery", gallery, g_ids, g_cams)]:
            paths = json.dumps([f"{kind}/{index:04d}.png" for index in range(len(ids))])
            save_file({"features": features, "ids": ids.astype(np.int64), "cameras": cameras.astype(np.int64)},
                      folder / f"{name}-{kind}.safetensors", metadata={"paths": paths})
        euclidean = ((query[:, None].astype(np.float64) - gallery[None]) ** 2).sum(2)
        args = (q_ids, g_ids, q_cams, g_cams)
        entry = {"euclidean": figures(euclidean, *args), "euclideanLists": lists(euclidean, *args, 10),
                 "euclideanVerification": verification(euclidean, *args)}
        if not exact:
            cosine = 1 - unit(query) @ unit(gallery).T
            entry |= {"cosine": figures(cosine, *args), "cosineLists": lists(cosine, *args, 10),
                      "cosineVerification": verification(cosine, *args)}
            every = unit(np.concatenate([query, gallery]))
            squared = np.maximum(2 - 2 * every @ every.T, 0)
            np.fill_diagonal(squared, 0)
            entry["reRanked"] = figures(re_ranking(squared, len(query), 20, 6, 0.3), *args)
            expanded = expand(query, gallery, 5, 0)
            entry["expanded"] = figures(1 - unit(expanded) @ unit(gallery).T, *args)
        expected[name] = entry

    people = 12
    centres = random.normal(size=(people + 1, 16))
    q_ids, g_ids = random.integers(1, people + 1, 40), random.integers(-1, people, 220)
    embed = lambda ids: (centres[np.abs(ids)] + 1.6 * random.normal(size=(len(ids), 16))).astype(np.float32)
    q_cams, g_cams = random.integers(0, 4, 40), random.integers(0, 4, 220)
    q_cams[::9] = -1
    case("random", embed(q_ids), embed(g_ids), q_ids, g_ids, q_cams, g_cams, exact=False)

    q_ids, g_ids = random.integers(1, 6, 30), random.integers(0, 6, 150)
    whole = lambda ids: (random.integers(-1, 2, (len(ids), 6)) + ids[:, None] % 3).astype(np.float32)
    case("ties", whole(q_ids), whole(g_ids), q_ids, g_ids, random.integers(0, 3, 30), random.integers(0, 3, 150), exact=True)

    expected["attributes"] = attributes(random)
    (folder / "expected.json").write_text(json.dumps(expected))
    print({name: {key: value["mAP"] for key, value in entry.items() if "mAP" in value}
           for name, entry in expected.items() if name != "attributes"},
          expected["random"]["cosineVerification"], expected["ties"]["euclideanVerification"])


if __name__ == "__main__":
    default = pathlib.Path(__file__).parents[2] / "Tests/ReIDTests/Fixtures/evaluation"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
