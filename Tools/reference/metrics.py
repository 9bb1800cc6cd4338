"""Reference values for the metrics. Usage: metrics.py [FIXTURE-FOLDER]

Verification from scikit-learn and SciPy, image metrics from scikit-image, retrieval by plain NumPy that follows
torchreid's rank.py and rerank.py line by line (with a stable sort, so that ties are defined), k-fold accuracy by plain
NumPy. Needs numpy, scipy, scikit-learn, scikit-image, safetensors."""

import json
import pathlib
import sys

import numpy as np
import skimage.data
from safetensors.numpy import save_file
from scipy.optimize import brentq
from scipy.stats import binomtest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from sklearn.metrics import roc_auc_score, roc_curve

# ---------------------------------------------------------------- verification


def fold_accuracy(scores, same, folds):
    accuracies, thresholds = [], []
    for fold in sorted(set(folds.tolist())):
        train = folds != fold
        distinct = np.unique(scores[train]).astype(np.float64)
        above = np.nextafter(np.float32(distinct[-1]), np.float32(np.inf)).astype(np.float64)
        cuts = np.concatenate([[distinct[0]], (distinct[:-1] + distinct[1:]) / 2, [above]])
        correct = np.array([((scores[train] >= cut) == same[train]).sum() for cut in cuts])
        best = cuts[correct == correct.max()]
        threshold = best[len(best) // 2]
        accuracies.append(((scores[~train] >= threshold) == same[~train]).mean())
        thresholds.append(threshold)
    return np.array(accuracies), np.array(thresholds)


def verification_case(scores, same, folds):
    fpr, tpr, thresholds = roc_curve(same, scores, drop_intermediate=False)
    steps = np.arange(len(fpr))
    # Along the polyline, not as a function of the FPR: vertical pieces are then no special case.
    gap = lambda t: 1 - np.interp(t, steps, tpr) - np.interp(t, steps, fpr)
    eer = np.interp(brentq(gap, 0, steps[-1]), steps, fpr)
    tar = {}
    for exponent in [0, 1, 2, 3]:
        target = 10.0**-exponent
        index = np.flatnonzero(fpr <= target + 1e-12)[-1]
        hits, positives = int(round(tpr[index] * same.sum())), int(same.sum())
        interval = binomtest(hits, positives).proportion_ci(confidence_level=0.95, method="wilson")
        tar[f"1e-{exponent}"] = [tpr[index], fpr[index], interval.low, interval.high]
    accuracies, cuts = fold_accuracy(scores, same, folds)
    return {
        "scores": scores.tolist(),
        "same": same.tolist(),
        "folds": folds.tolist(),
        "far": fpr.tolist(),
        "tar": tpr.tolist(),
        "thresholds": [value if np.isfinite(value) else None for value in thresholds.tolist()],
        "auc": roc_auc_score(same, scores),
        "eer": float(eer),
        "tarAtFAR": tar,
        "accuracies": accuracies.tolist(),
        "accuracyThresholds": cuts.tolist(),
        "accuracyMean": accuracies.mean(),
        "accuracySpread": accuracies.std(),
        "accuracyError": accuracies.std(ddof=1) / np.sqrt(len(accuracies)),
    }


def verification(random):
    cases = {}
    for name, count, shift, digits in [("smooth", 1200, 1.5, None), ("ties", 600, 1.0, 1), ("separated", 200, 9.0, None)]:
        same = random.random(count) < 0.4
        scores = random.normal(size=count) + shift * same
        scores = (scores if digits is None else scores.round(digits)).astype(np.float32)
        cases[name] = verification_case(scores, same, np.arange(count) * 10 // count)
    return cases


# ---------------------------------------------------------------- images


def image_cases(random):
    """Pictures as bytes, planar; a case names two, the value of byte 255 is 1 or (range 2) pixels are byte / 127.5 - 1."""
    photo = skimage.data.astronaut()[96:144, 208:248]
    noisy = np.clip(photo + random.normal(scale=25, size=photo.shape), 0, 255).astype(np.uint8)
    pictures = {"photo": photo, "noisy": noisy, "shifted": np.roll(photo, 2, axis=1),
                "grey": photo[..., :1], "greyNoisy": noisy[..., :1]}
    region = np.zeros(photo.shape[:2], np.float32)
    region[10:40, 8:30] = random.random((30, 22)).astype(np.float32)
    cases = []
    for first, second, span in [("photo", "noisy", 1), ("photo", "shifted", 1), ("photo", "noisy", 2), ("grey", "greyNoisy", 1)]:
        a, b = [pictures[name].astype(np.float64) / 255 * span - (span == 2) for name in (first, second)]
        mean, full = structural_similarity(
            a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=span, channel_axis=2, full=True)
        inside = region.copy()
        inside[:5] = inside[-5:] = inside[:, :5] = inside[:, -5:] = 0
        cases.append({
            "first": first, "second": second, "range": span,
            "psnr": peak_signal_noise_ratio(a, b, data_range=span),
            "ssim": mean,
            "l1": np.abs(a - b).mean(),
            "regionL1": np.average(np.abs(a - b).mean(2), weights=region),
            "regionMSE": np.average(((a - b) ** 2).mean(2), weights=region),
            "regionSSIM": np.average(full.mean(2), weights=inside),
        })
    planes = {name: picture.transpose(2, 0, 1).flatten().tolist() for name, picture in pictures.items()}
    return {"height": 48, "width": 40, "region": region.flatten().tolist(), "pictures": planes, "cases": cases}


# ---------------------------------------------------------------- retrieval


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def below(self, count):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        mixed = self.state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        return ((mixed ^ (mixed >> 31)) * count) >> 64


def evaluate(distances, q_pids, g_pids, q_cams, g_cams, max_rank, repeats=10, seed=7):
    """Market-1501 and single-gallery-shot CMC, AP (two kinds), INP and ranks of every query."""
    random = SplitMix64(seed)
    # torchreid drops junk images when it reads the data set.
    use = g_pids >= 0
    distances, g_pids, g_cams = distances[:, use], g_pids[use], g_cams[use]
    cmcs, shot_cmcs, found = [], [], []
    for q in range(len(q_pids)):
        order = np.argsort(distances[q], kind="stable")
        keep = ~((g_pids[order] == q_pids[q]) & (g_cams[order] == q_cams[q]))
        raw = (g_pids[order] == q_pids[q])[keep].astype(np.int32)
        if not np.any(raw):
            found.append(None)
            continue
        cumulative = raw.cumsum()
        ranks = np.flatnonzero(raw)
        inverse_penalty = cumulative[ranks[-1]] / (ranks[-1] + 1.0)
        padded = np.concatenate([np.minimum(cumulative, 1), np.ones(max_rank, np.int32)])
        cmcs.append(padded[:max_rank].astype(np.float64))
        precision = (cumulative / (np.arange(len(raw)) + 1.0)) * raw
        average_precision = precision.sum() / raw.sum()
        # Market-1501's evaluation code.
        trapezoid, old_recall, old_precision, hits = 0.0, 0.0, 1.0, 0
        for position, value in enumerate(raw):
            hits += value
            recall, current = hits / raw.sum(), hits / (position + 1.0)
            trapezoid += (recall - old_recall) * (old_precision + current) / 2
            old_recall, old_precision = recall, current
        # CUHK03's single-gallery-shot
        groups = {}
        for position, pid in enumerate(g_pids[order][keep]):
            groups.setdefault(int(pid), []).append(position)
        total = np.zeros(max_rank)
        for _ in range(repeats):
            mask = np.zeros(len(raw), bool)
            for positions in groups.values():
                mask[positions[random.below(len(positions))]] = True
            shot = np.minimum(raw[mask].cumsum(), 1)
            total += np.concatenate([shot, np.ones(max_rank)])[:max_rank]
        shot_cmcs.append(total / repeats)
        found.append({"ranks": ranks.tolist(), "ap": average_precision, "trapezoid": trapezoid, "inp": inverse_penalty})
    valid = [entry for entry in found if entry]
    if not valid:
        return None
    return {
        "cmc": np.mean(cmcs, axis=0).tolist(),
        "singleShotCMC": np.mean(shot_cmcs, axis=0).tolist(),
        "mAP": float(np.mean([entry["ap"] for entry in valid])),
        "trapezoidMAP": float(np.mean([entry["trapezoid"] for entry in valid])),
        "mINP": float(np.mean([entry["inp"] for entry in valid])),
        "queries": len(valid),
        "perQuery": found,
    }


def re_ranking(squared, query_num, k1, k2, lambda_value):
    """torchreid's re_ranking, from squared distances over queries then gallery."""
    original = np.transpose(squared / np.max(squared, axis=0)).astype(np.float32)
    total = original.shape[0]
    V = np.zeros_like(original)
    rank = np.argsort(original, axis=1, kind="stable")

    def reciprocal(i, k):
        forward = rank[i, : k + 1]
        backward = rank[forward, : k + 1]
        return forward[np.where(backward == i)[0]]

    for i in range(total):
        index = reciprocal(i, k1)
        expansion = index
        for candidate in index:
            others = reciprocal(candidate, int(np.around(k1 / 2.0)))
            if len(np.intersect1d(others, index)) > 2.0 / 3 * len(others):
                expansion = np.append(expansion, others)
        expansion = np.unique(expansion)
        weight = np.exp(-original[i, expansion])
        V[i, expansion] = weight / np.sum(weight)
    if k2 != 1:
        V = np.stack([np.mean(V[rank[i, :k2]], axis=0) for i in range(total)])
    jaccard = np.zeros((query_num, total), np.float32)
    for i in range(query_num):
        minimum = np.zeros(total, np.float32)
        for j in np.flatnonzero(V[i]):
            rows = np.flatnonzero(V[:, j])
            minimum[rows] += np.minimum(V[i, j], V[rows, j])
        jaccard[i] = 1 - minimum / (2.0 - minimum)
    final = jaccard * (1 - lambda_value) + original[:query_num] * lambda_value
    return final[:, query_num:].astype(np.float32)


def expand(query, gallery, neighbours, alpha):
    unit = lambda x: x / np.linalg.norm(x, axis=1, keepdims=True)
    query, gallery = unit(query.astype(np.float64)), unit(gallery.astype(np.float64))
    similarity = query @ gallery.T
    result = []
    for row, own in zip(similarity, query):
        near = np.argsort(-row, kind="stable")[:neighbours]
        weights = np.maximum(row[near], 0) ** alpha
        result.append(own + (gallery[near] * weights[:, None]).sum(0))
    return unit(np.array(result)).astype(np.float32)


def retrieval(random):
    expected, tensors = {}, {}

    def case(name, queries, gallery, people, cameras, levels=None, g_people=None, max_rank=20):
        q_pids, q_cams = random.integers(0, people, queries), random.integers(0, cameras, queries)
        g_pids = random.integers(0, people, gallery) if g_people is None else g_people
        g_cams = random.integers(0, cameras, gallery)
        distances = random.random((queries, gallery))
        distances -= 0.3 * (q_pids[:, None] == g_pids[None])
        if levels:
            distances = np.round(distances * levels) / levels
        distances = distances.astype(np.float32)
        expected[name] = evaluate(distances, q_pids, g_pids, q_cams, g_cams, min(max_rank, gallery))
        for key, value in [("distances", distances), ("queryPeople", q_pids), ("queryCameras", q_cams),
                           ("galleryPeople", g_pids), ("galleryCameras", g_cams)]:
            tensors[f"{name}.{key}"] = value if value.dtype == np.float32 else value.astype(np.int64)

    case("random", 40, 200, 20, 4)
    case("ties", 40, 200, 10, 3, levels=6)
    case("noMatch", 30, 60, 60, 2)
    case("singleCamera", 10, 50, 5, 1)
    case("junk", 30, 150, 8, 3, g_people=random.integers(-1, 8, 150))
    case("small", 12, 7, 4, 3, max_rank=50)

    people = random.integers(0, 15, 150)
    features = (random.normal(size=(15, 16))[people] + 0.9 * random.normal(size=(150, 16))).astype(np.float32)
    unit = features.astype(np.float64) / np.linalg.norm(features, axis=1, keepdims=True)
    squared = np.maximum(2 - 2 * unit @ unit.T, 0)
    np.fill_diagonal(squared, 0)
    squared = ((squared + squared.T) / 2).astype(np.float32)
    tensors["features"] = features
    tensors["squared"] = squared
    for name, k1, k2, weight in [("default", 20, 6, 0.3), ("narrow", 5, 1, 0.0), ("wide", 30, 3, 0.7)]:
        tensors[f"reranked.{name}"] = re_ranking(squared, 30, k1, k2, weight)
    tensors["expanded.average"] = expand(features[:30], features[30:], 5, 0)
    tensors["expanded.alpha"] = expand(features[:30], features[30:], 8, 3)
    return expected, tensors


def main(folder):
    random = np.random.default_rng(11)
    expected, tensors = retrieval(random)
    for name, value in [("verification", verification(random)), ("images", image_cases(random)), ("retrieval", expected)]:
        (folder / f"{name}.json").write_text(json.dumps(value))
    save_file({key: np.ascontiguousarray(value) for key, value in tensors.items()}, folder / "retrieval.safetensors")
    print({name: value and (value["mAP"], value["queries"]) for name, value in expected.items()})


if __name__ == "__main__":
    default = pathlib.Path(__file__).parents[2] / "Tests/MetricsTests/Fixtures"
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default)
