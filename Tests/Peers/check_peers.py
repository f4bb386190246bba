"""Holds figures of `fairpost evaluate` against the packages that define them.

Usage: check_peers.py [PROGRAM]. Packages that are not installed are said and left out; the exit
status is 1 where a number differs by more than 1e-12 (relative, or absolute below 1).
"""

import csv
import importlib
import io
import itertools
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "fairpost"
faults = []
counts = {}


def package(name):
    try:
        return importlib.import_module(name)
    except ImportError:
        print(f"{name} is not installed: not checked")
        return None


def evaluate(path, *words):
    """The figures of one run by metric, score and group."""
    run = subprocess.run(
        [PROGRAM, "evaluate", "--quiet", "--format", "csv", *words, path],
        capture_output=True, text=True, check=True)
    figures = {}
    for row in csv.DictReader(io.StringIO(run.stdout)):
        value = float(row["value"]) if row["value"] else None
        figures[row["metric"], row["score"], row["group"]] = value
    return figures


def same(peer, what, ours, theirs):
    counts[peer] = counts.get(peer, 0) + 1
    if ours is None or not abs(ours - theirs) <= 1e-12 * max(1, abs(theirs)):
        faults.append(f"{peer}: {what}: {ours} in place of {theirs}")


def rows(count, seed, ties):
    """Seeded rows made by the standard library alone."""
    import random

    draw = random.Random(seed)
    for _ in range(count):
        group = draw.choices("abc", [5, 3, 1])[0]
        score = min(1, max(0, draw.gauss({"a": 0.55, "b": 0.45, "c": 0.3}[group], 0.2)))
        score = round(score, 1 if ties else 6)
        yield {"g": group, "y": int(draw.random() < score), "y.score": score,
               "w": draw.randint(1, 9) / 4}


def check_fairlearn(path, data):
    metrics = package("fairlearn.metrics")
    if not metrics:
        return
    names = [
        family + "_" + word
        for family in ("demographic_parity", "equal_opportunity", "equalized_odds",
                       "selection_rate", "true_positive_rate", "false_positive_rate",
                       "false_negative_rate", "true_negative_rate")
        for word in ("difference", "ratio")
        if hasattr(metrics, family + "_" + word)
    ]
    for weighted in (False, True):
        words = ["--group", "g", "--metrics", ",".join(names)]
        ours = evaluate(path, *words, *(["--weight", "w"] if weighted else []))
        more = {"sample_weight": data["w"]} if weighted else {}
        for name in names:
            theirs = getattr(metrics, name)(
                data["y"], data["d"], sensitive_features=data["g"], **more)
            same("fairlearn", name, ours[name, "y.score", ""], theirs)


def check_aif360(path, data):
    datasets = package("aif360.datasets")
    if not datasets:
        return
    from aif360.metrics import ClassificationMetric

    import pandas

    pairs = {
        "statistical_parity_difference": "statistical_parity_difference",
        "disparate_impact": "disparate_impact",
        "aif360.equal_opportunity_difference": "equal_opportunity_difference",
        "average_odds_difference": "average_odds_difference",
        "false_positive_rate.directed_difference": "false_positive_rate_difference",
        "false_discovery_rate.directed_difference": "false_discovery_rate_difference",
        "false_omission_rate.directed_ratio": "false_omission_rate_ratio",
        "error_rate.directed_difference": "error_rate_difference",
        "false_negative_rate.directed_ratio": "false_negative_rate_ratio",
    }
    pairs = {ours: theirs for ours, theirs in pairs.items()
             if hasattr(ClassificationMetric, theirs)}
    for protected, weighted in itertools.product("abc", (False, True)):
        ours = evaluate(
            path, "--group", "g", "--protected", f"g={protected}", "--metrics", ",".join(pairs),
            *(["--weight", "w"] if weighted else []))
        frame = pandas.DataFrame({
            "g": [1.0 if g == protected else 0.0 for g in data["g"]],
            "y": [float(y) for y in data["y"]]})
        if weighted:
            frame["w"] = data["w"]

        def dataset(labels):
            return datasets.BinaryLabelDataset(
                df=frame.assign(y=[float(v) for v in labels]), label_names=["y"],
                protected_attribute_names=["g"],
                instance_weights_name="w" if weighted else None)

        theirs = ClassificationMetric(
            dataset(data["y"]), dataset(data["d"]), unprivileged_groups=[{"g": 1}],
            privileged_groups=[{"g": 0}])
        for name, other in pairs.items():
            same("AIF360", f"{name} of {protected}", ours[name, "y.score", ""],
                 float(getattr(theirs, other)()))


def check_scipy(path, data):
    stats = package("scipy.stats")
    if not stats:
        return
    ours = evaluate(path, "--group", "g", "--metrics", "ks,w1")
    groups = {}
    for group, score in zip(data["g"], data["y.score"]):
        groups.setdefault(group, []).append(score)
    pairs = list(itertools.combinations(groups.values(), 2))
    same("SciPy", "ks", ours["ks", "y.score", ""],
         max(stats.ks_2samp(a, b, method="asymp").statistic for a, b in pairs))
    same("SciPy", "w1", ours["w1", "y.score", ""],
         max(stats.wasserstein_distance(a, b) for a, b in pairs))


def check_sklearn(path, data):
    metrics = package("sklearn.metrics")
    if not metrics:
        return
    pairs = {
        "auc": lambda w: metrics.roc_auc_score(data["y"], data["y.score"], sample_weight=w),
        "brier": lambda w: metrics.brier_score_loss(data["y"], data["y.score"], sample_weight=w),
        "f1": lambda w: metrics.f1_score(data["y"], data["d"], sample_weight=w),
        "precision": lambda w: metrics.precision_score(data["y"], data["d"], sample_weight=w),
        "balanced_accuracy":
            lambda w: metrics.balanced_accuracy_score(data["y"], data["d"], sample_weight=w),
        "r2": lambda w: metrics.r2_score(data["y"], data["y.score"], sample_weight=w),
        "mae": lambda w: metrics.mean_absolute_error(data["y"], data["y.score"], sample_weight=w),
    }
    for weighted in (False, True):
        ours = evaluate(path, "--metrics", ",".join(pairs), *(["--weight", "w"] if weighted else []))
        for name, theirs in pairs.items():
            same("scikit-learn", name, ours[name, "y.score", ""],
                 theirs(data["w"] if weighted else None))


with tempfile.TemporaryDirectory() as folder:
    for seed, ties in ((1, False), (2, True)):
        table = list(rows(3000, seed, ties))
        path = f"{folder}/{seed}.csv"
        with open(path, "w", newline="") as file:
            writer = csv.DictWriter(file, table[0].keys())
            writer.writeheader()
            writer.writerows(table)
        data = {name: [row[name] for row in table] for name in table[0]}
        data["d"] = [int(score >= 0.5) for score in data["y.score"]]
        for check in (check_fairlearn, check_aif360, check_scipy, check_sklearn):
            check(path, data)

for peer, count in counts.items():
    print(f"{peer}: {count} numbers compared")
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
