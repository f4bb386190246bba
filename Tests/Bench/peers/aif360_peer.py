"""AIF360's post-processors on scores that are already there: rows have the columns p (score), y (label), g (group).

AIF360 knows two groups, of which one is privileged: here the one that is decided 1 more often at the threshold 0.5. Its
class names are given as they are; RejectOption is RejectOptionClassification with a faster search.
"""
import logging
import warnings
import numpy as np, pandas as pd

logging.disable(logging.WARNING)  # AIF360 names each optional package that is not installed
from aif360.algorithms.postprocessing import (
    CalibratedEqOddsPostprocessing, EqOddsPostprocessing, RejectOptionClassification)
from aif360.datasets import BinaryLabelDataset
logging.disable(logging.NOTSET)

PRIVILEGED, OTHERS = [{"g": 1.0}], [{"g": 0.0}]


class RejectOption(RejectOptionClassification):
    """The same choice among the same thresholds and margins, from sorted scores: AIF360's own search decides and measures
    all rows for each of its 5000 candidates, which takes 40 seconds for 15,000 rows."""

    def fit(self, true, predicted):
        scores, labels, groups = predicted.scores.ravel(), true.labels.ravel(), true.protected_attributes.ravel()
        thresholds = np.linspace(self.low_class_thresh, self.high_class_thresh, self.num_class_thresh)
        pairs = np.array([
            (t, m) for t in thresholds for m in np.linspace(0.0, t if t <= 0.5 else 1.0 - t, self.num_ROC_margin)])
        # Inside the margin the privileged are decided 0 and the others 1: each group has one threshold.
        limits = {1.0: pairs[:, 0] + pairs[:, 1], 0.0: pairs[:, 0] - pairs[:, 1]}
        above, count = {}, {}
        for g, limit in limits.items():
            for y in (0.0, 1.0):
                own = np.sort(scores[(groups == g) & (labels == y)])
                count[g, y], above[g, y] = len(own), len(own) - np.searchsorted(own, limit, side="right")
        rate = lambda g, y: above[g, y] / count[g, y]
        selected = lambda g: (above[g, 0.0] + above[g, 1.0]) / (count[g, 0.0] + count[g, 1.0])
        apart = {
            "Statistical parity difference": lambda: selected(0.0) - selected(1.0),
            "Equal opportunity difference": lambda: rate(0.0, 1.0) - rate(1.0, 1.0),
            "Average odds difference": lambda: 0.5 * (
                rate(0.0, 0.0) - rate(1.0, 0.0) + rate(0.0, 1.0) - rate(1.0, 1.0)),
        }[self.metric_name]()
        positives, negatives = count[0.0, 1.0] + count[1.0, 1.0], count[0.0, 0.0] + count[1.0, 0.0]
        balanced = 0.5 * (
            (above[0.0, 1.0] + above[1.0, 1.0]) / positives
            + (negatives - above[0.0, 0.0] - above[1.0, 0.0]) / negatives)
        allowed = (apart >= self.metric_lb) & (apart <= self.metric_ub)
        if allowed.any():
            best = np.flatnonzero(allowed)[np.argmax(balanced[allowed])]
        else:
            warnings.warn("no threshold and margin of the grid are within the bounds")
            best = np.argmin(apart)
        self.classification_threshold, self.ROC_margin = pairs[best]
        return self


def privileged(rows):
    rates = rows.assign(decided=rows.p >= 0.5).groupby("g").decided.mean()
    return rates.idxmax()


def datasets(rows, favoured, weights=None):
    """AIF360's two data sets: with the true labels, and with the decisions at the threshold 0.5."""
    # A group that is neither gets a code that is neither.
    code = np.where(rows.g == favoured, 1.0, np.where(rows.g == "unknown group", 2.0, 0.0))
    table = pd.DataFrame({"g": code, "label": rows.y.to_numpy(float), "w": 1.0 if weights is None else weights})
    true = BinaryLabelDataset(
        favorable_label=1.0, unfavorable_label=0.0, df=table, label_names=["label"], protected_attribute_names=["g"],
        instance_weights_name="w")
    predicted = true.copy(deepcopy=True)
    predicted.scores = rows.p.to_numpy().reshape(-1, 1)
    predicted.labels = (predicted.scores >= 0.5).astype(float)
    return true, predicted


class Peer:
    """One post-processor, fitted to rows."""

    def __init__(self, kind, rows, weights=None, **words):
        self.favoured = privileged(rows)
        seed = {} if issubclass(kind, RejectOptionClassification) else {"seed": 1}
        self.model = kind(OTHERS, PRIVILEGED, **seed, **words).fit(*datasets(rows, self.favoured, weights))

    def decisions(self, rows):
        return self.model.predict(datasets(rows, self.favoured)[1]).labels.ravel().astype(int)

    def chances(self, rows):
        """The probability that each row is decided 1, by the fitted probabilities."""
        high, own = (rows.p >= 0.5).to_numpy(float), (rows.g == self.favoured).to_numpy()
        if isinstance(self.model, EqOddsPostprocessing):
            keep, lift, others_keep, others_lift = self.model.model_params.x
            return np.where(own, high * keep + (1 - high) * lift, high * others_keep + (1 - high) * others_lift)
        if isinstance(self.model, CalibratedEqOddsPostprocessing):
            mix = np.clip(np.where(own, self.model.priv_mix_rate, self.model.unpriv_mix_rate), 0, 1)
            base = np.where(own, self.model.base_rate_priv, self.model.base_rate_unpriv) >= 0.5
            return (1 - mix) * high + mix * base
        return self.decisions(rows).astype(float)
