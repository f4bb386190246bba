"""fairlearn's ThresholdOptimizer on scores that are already there: rows have the columns p (score), y (label), g (group)."""
import numpy as np
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.base import BaseEstimator, ClassifierMixin


class Scores(BaseEstimator, ClassifierMixin):
    """An estimator whose prediction is its only feature."""

    def fit(self, X, y):
        self.fitted_, self.classes_ = True, np.array([0, 1])
        return self

    def predict_proba(self, X):
        p = np.asarray(X)[:, 0]
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return (np.asarray(X)[:, 0] >= 0.5).astype(int)


def threshold_optimizer(rows, constraint="demographic_parity", weights=None, **words):
    model = ThresholdOptimizer(
        estimator=Scores().fit(rows[["p"]], rows.y), constraints=constraint, prefit=True, predict_method="predict_proba",
        **words)
    more = {} if weights is None else {"sample_weight": weights}
    return model.fit(rows[["p"]], rows.y, sensitive_features=rows.g, **more)


def chances(model, rows):
    """The probability that each row is decided 1."""
    return np.asarray(model._pmf_predict(rows[["p"]], sensitive_features=rows.g))[:, 1]


def decisions(model, rows, seed=1):
    return np.asarray(model.predict(rows[["p"]], sensitive_features=rows.g, random_state=seed))
