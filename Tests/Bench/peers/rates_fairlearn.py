"""Group rates and their gaps with fairlearn's MetricFrame. Usage: IN [REPLICATES]"""

import sys

import pandas
from fairlearn.metrics import (
    MetricFrame,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
    true_negative_rate,
    true_positive_rate,
)
from sklearn.metrics import accuracy_score

data = pandas.read_csv(sys.argv[1])
extra = {}
if len(sys.argv) > 2:
    extra = {"n_boot": int(sys.argv[2]), "ci_quantiles": [0.025, 0.975], "random_state": 1}
frame = MetricFrame(
    metrics={
        "selection_rate": selection_rate,
        "accuracy": accuracy_score,
        "true_positive_rate": true_positive_rate,
        "false_positive_rate": false_positive_rate,
        "true_negative_rate": true_negative_rate,
        "false_negative_rate": false_negative_rate,
    },
    y_true=data["label"],
    y_pred=(data["score"] >= 0.5).astype(int),
    sensitive_features=data["group"],
    **extra,
)
print(frame.overall.to_csv(), frame.by_group.to_csv())
print(frame.difference().to_csv(), frame.ratio().to_csv())
if extra:
    print(frame.by_group_ci, frame.difference_ci())
