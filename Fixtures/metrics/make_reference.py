"""Writes reference.json: numbers of SciPy, NumPy and scikit-learn for the metrics' tests.

Run with scipy 1.17.1, numpy 2.4.6, scikit-learn 1.9.1:  python make_reference.py > reference.json
The rows are a fixed small table, so nothing here is random.
"""
import json
import math

import numpy as np
from scipy import special, stats
from sklearn import metrics

n = 60
index = np.arange(n)
label = ((index * 7) % 10 < 4 + (index % 3 == 0)).astype(int)
score = np.round((((index * 37) % 61) / 61 * 0.7 + 0.3 * label * 0.8), 2)
group = np.where(index % 3 == 0, "a", np.where(index % 3 == 1, "b", "c"))
age = 20 + (index * 13) % 47
decision = (score >= 0.5).astype(int)
features = np.stack([score * 3, age / 10], axis=1)


def delong(y, s):
    pos, neg = s[y == 1], s[y == 0]
    psi = (pos[:, None] > neg[None, :]) + 0.5 * (pos[:, None] == neg[None, :])
    return psi.mean(1).var(ddof=1) / len(pos) + psi.mean(0).var(ddof=1) / len(neg)


def figures(m):
    y, s, d = label[m], score[m], decision[m]
    return {
        "accuracy": metrics.accuracy_score(y, d),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, d),
        "label_auc": metrics.roc_auc_score(y, d),
        "precision": metrics.precision_score(y, d),
        "true_positive_rate": metrics.recall_score(y, d),
        "f1": metrics.f1_score(y, d),
        "log_loss": metrics.log_loss(y, s),
        "brier": metrics.brier_score_loss(y, s),
        "auc": metrics.roc_auc_score(y, s),
        "mse": metrics.mean_squared_error(y, s),
        "rmse": math.sqrt(metrics.mean_squared_error(y, s)),
        "mae": metrics.mean_absolute_error(y, s),
        "r2": metrics.r2_score(y, s),
        "mean_score": float(s.mean()),
        "base_rate": float(y.mean()),
        "selection_rate": float(d.mean()),
    }


everybody = np.ones(n, bool)
pairs = [("a", "b"), ("a", "c"), ("b", "c")]
intervals = []
for k, m in [(0, 5), (1, 5), (5, 5), (3, 40), (199, 199), (20, 199), (0, 200), (37, 450), (900, 1000)]:
    for method in ["exact", "wilson"]:
        r = stats.binomtest(k, m).proportion_ci(method=method)
        intervals.append([k, m, method, float(r.low), float(r.high)])
out = {
    "versions": {"scipy": "1.17.1", "numpy": np.__version__},
    "rows": {
        "label": label.tolist(), "score": score.tolist(), "group": group.tolist(),
        "age": age.tolist(), "decision": decision.tolist(),
    },
    "overall": figures(everybody),
    "groups": {g: figures(group == g) for g in "abc"},
    "ks": max(stats.ks_2samp(score[group == a], score[group == b]).statistic for a, b in pairs),
    "w1": max(stats.wasserstein_distance(score[group == a], score[group == b]) for a, b in pairs),
    "delong_variance": delong(label, score),
    "rank_correlation": float(stats.spearmanr(age, score).statistic),
    "proportions": intervals,
    "kolmogorov": [[x, float(special.kolmogorov(x))] for x in [0.3, 0.5, 0.9, 1.0, 1.358, 2.0]],
    "range": [[x, k, float(stats.studentized_range.sf(x, k, np.inf))]
              for x, k in [(2.0, 2), (3.31, 3), (3.86, 5), (1.0, 4)]],
    "beta": [[p, a, b, float(special.betaincinv(a, b, p))]
             for p, a, b in [(0.025, 1, 5), (0.975, 3.5, 40.25), (0.5, 200, 3)]],
    "energy": None,
}


def energy(p, q):
    def mean(x, y):
        return np.sqrt(((x[:, None, :] - y[None, :, :]) ** 2).sum(-1)).mean()
    return 2 * mean(p, q) - mean(p, p) - mean(q, q)


both = np.stack([score, 1 - score**2], axis=1)
out["energy"] = max(energy(both[group == a], both[group == b]) for a, b in pairs)
out["xauc_gap"] = 0.0


def cross(s_pos, s_neg):
    return ((s_pos[:, None] > s_neg) + 0.5 * (s_pos[:, None] == s_neg)).mean()


for a, b in pairs:
    pick = lambda g, y: score[(group == g) & (label == y)]
    out["xauc_gap"] = max(out["xauc_gap"], abs(cross(pick(a, 1), pick(b, 0)) - cross(pick(b, 1), pick(a, 0))))
ranks = [cross(score[(group == g) & (label == 1)], score[label == 0]) for g in "abc"]
out["pairwise_rank_gap"] = max(ranks) - min(ranks)
bins = np.minimum((score * 10).astype(int), 9)
out["ece"] = float(sum(abs(label[bins == b].mean() - score[bins == b].mean()) * (bins == b).mean()
                       for b in range(10) if (bins == b).any()))
# Consistency, ties at the fifth distance shared equally.
total = 0.0
for i in range(n):
    d = ((features - features[i]) ** 2).sum(1)
    cut = np.sort(d)[4]
    near, tied = d < cut, d == cut
    mean = (decision[near].sum() + (5 - near.sum()) * decision[tied].mean()) / 5
    total += abs(decision[i] - mean)
out["consistency"] = 1 - total / n
cuts = []
for t in np.unique(age)[:-1]:
    low = age <= t
    if min(low.mean(), 1 - low.mean()) >= 0.05:
        cuts.append(abs(score[low].mean() - score[~low].mean()))
out["largest_cut_gap"] = max(cuts)
print(json.dumps(out, indent=1))
