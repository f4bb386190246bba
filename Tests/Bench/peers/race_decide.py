"""fairpost's decide beside fairlearn's ThresholdOptimizer: the same scores, the same rows to fit, the same rows to test.

usage: race_decide.py DATA [SEEDS]     DATA holds adult.csv and compas.csv; fairpost is taken from the PATH

A base model (logistic regression) learns from a third of the rows; each seed divides the others into halves, one to fit
the decisions and one to test them. Randomised decisions count with their chance, for both. Differences are paired over
the seeds. A CSV goes to standard output; what the peer makes of weights, row order and unknown groups stands below it on
standard error.
"""
import json, os, subprocess, sys, tempfile, time, warnings
import numpy as np, pandas as pd
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.filterwarnings("ignore")
DATA = sys.argv[1]
SEEDS = int(sys.argv[2]) if len(sys.argv) > 2 else 20
LEFT_OUT = {
    "adult": ["label", "sex", "race", "split", "fnlwgt", "education"],
    "compas": [
        "id", "two_year_recid", "race", "sex", "is_recid", "is_violent_recid", "two_year_violent_recid",
        "in_violent_file", "screened_after_2014_04_01", "decile_score", "score_text", "v_decile_score", "v_score_text",
        "compas_screening_date",
    ],
}
CONSTRAINTS = {  # fairpost's name: fairlearn's, and the labels whose rates are alike
    "demographic_parity": ("demographic_parity", [None]),
    "equal_opportunity": ("true_positive_rate_parity", [1]),
    "equalized_odds": ("equalized_odds", [1, 0]),
}


class Scores(BaseEstimator, ClassifierMixin):
    def fit(self, X, y):
        self.fitted_, self.classes_ = True, np.array([0, 1])
        return self

    def predict_proba(self, X):
        p = np.asarray(X)[:, 0]
        return np.column_stack([1 - p, p])

    def predict(self, X):
        return (np.asarray(X)[:, 0] >= 0.5).astype(int)


def base(name, group, label):
    data = pd.read_csv(os.path.join(DATA, name + ".csv"))
    if name == "compas":
        data = data[data.race.isin(["African-American", "Caucasian"])].reset_index(drop=True)
    X = pd.get_dummies(data.drop(columns=LEFT_OUT[name])).astype(float)
    y = data[label].to_numpy()
    order = np.random.default_rng(0).permutation(len(y))
    train, rest = order[: len(y) // 3], order[len(y) // 3 :]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(X.iloc[train], y[train])
    return pd.DataFrame({
        "id": rest, "g": data[group].to_numpy()[rest], "y": y[rest],
        "p": model.predict_proba(X.iloc[rest])[:, 1].round(6),
    })


def figures(chance, rows, labels):
    right = np.where(rows.y == 1, chance, 1 - chance).mean()
    gaps = []
    for label in labels:
        own = np.ones(len(rows), bool) if label is None else (rows.y == label).to_numpy()
        rates = [chance[own & (rows.g == g).to_numpy()].mean() for g in sorted(set(rows.g))]
        gaps.append(max(rates) - min(rates))
    return right, max(gaps)


def chances(path, rows):
    def score(node):
        if isinstance(node, dict):
            if "lotteries" in node:
                return node, None
            for value in node.values():
                found = score(value)
                if found:
                    return found
        if isinstance(node, list):
            for value in node:
                found = score(value)
                if found:
                    return found
    with open(path) as file:
        lotteries = score(json.load(file))[0]["lotteries"]
    chance = np.zeros(len(rows))
    for g, lottery in zip(sorted(set(rows.g)), lotteries):
        own = (rows.g == g).to_numpy()
        for threshold, weight in zip(lottery["rules"]["thresholds"], lottery["weights"]):
            if threshold is not None:
                chance[own] += weight * (rows.p[own] >= threshold)
    return chance


def fairpost(work, fit, test, constraint, words):
    fit.to_csv(work + "/fit.csv", index=False)
    start = time.time()
    subprocess.run(
        ["fairpost", "fit", "decide", "-q", "--score", "p", "--task", "y", "--group", "g", "--id", "id", "--constraint",
         constraint, "-o", work + "/d.map", work + "/fit.csv"] + words, check=True)
    seconds = time.time() - start
    return [chances(work + "/d.map", rows) for rows in (fit, test)], seconds


def fairlearn(fit, test, constraint):
    start = time.time()
    model = ThresholdOptimizer(
        estimator=Scores().fit(fit[["p"]], fit.y), constraints=CONSTRAINTS[constraint][0], prefit=True,
        predict_method="predict_proba")
    model.fit(fit[["p"]], fit.y, sensitive_features=fit.g)
    seconds = time.time() - start
    return [
        np.asarray(model._pmf_predict(rows[["p"]], sensitive_features=rows.g))[:, 1] for rows in (fit, test)
    ], seconds, model


def main():
    work = tempfile.mkdtemp()
    print("data,constraint,tool,fit_accuracy,fit_gap,test_accuracy,test_gap,lots,seconds,"
          "test_accuracy_change,change_lower,change_upper")
    for name, group, label in [("compas", "race", "two_year_recid"), ("adult", "sex", "label")]:
        rows = base(name, group, label)
        for constraint, (_, labels) in CONSTRAINTS.items():
            results = {}
            for seed in range(SEEDS):
                order = np.random.default_rng(1 + seed).permutation(len(rows))
                fit, test = (rows.iloc[np.sort(half)].reset_index(drop=True) for half in np.array_split(order, 2))
                runs = {"unadjusted": ([(part.p >= 0.5).to_numpy(float) for part in (fit, test)], 0)}
                runs["fairpost"] = fairpost(work, fit, test, constraint, [])
                runs["fairpost 0.02"] = fairpost(work, fit, test, constraint + "=0.02", [])
                runs["fairpost deterministic"] = fairpost(work, fit, test, constraint, ["--deterministic"])
                *runs["fairlearn"], model = fairlearn(fit, test, constraint)
                for tool, (chance, seconds) in runs.items():
                    results.setdefault(tool, []).append(
                        figures(chance[0], fit, labels) + figures(chance[1], test, labels)
                        + (((chance[0] > 0) & (chance[0] < 1)).mean(), seconds))
            reference = np.array(results["fairlearn"])
            for tool, runs in results.items():
                runs = np.array(runs)
                change = runs[:, 2] - reference[:, 2]
                half = 2.09 * change.std(ddof=1) / np.sqrt(SEEDS) if SEEDS > 1 else np.nan
                print(f"{name},{constraint},{tool}," + ",".join(f"{v:.4f}" for v in runs.mean(0))
                      + f",{change.mean():.4f},{change.mean() - half:.4f},{change.mean() + half:.4f}", flush=True)
            if constraint == "equalized_odds":
                lacks(name, rows, model, fit)


def lacks(name, rows, model, fit):
    """Decisions of the peer that a permutation, another call, weights or an unknown group change."""
    def decide(part, seed=1):
        return np.asarray(model.predict(part[["p"]], sensitive_features=part.g, random_state=seed))
    say = lambda text: print(f"{name}: fairlearn: {text}", file=sys.stderr)
    order = np.random.default_rng(5).permutation(len(fit))
    moved = fit.iloc[order].reset_index(drop=True)
    say(f"rows in another order change {(decide(moved) != decide(fit)[order]).sum()} of {len(fit)} decisions")
    alone = np.array([decide(fit.iloc[[row]])[0] for row in range(300)])
    say(f"one record alone gets another decision {(alone != decide(fit)[:300]).sum()} times in 300")
    stranger = fit.assign(g="unknown group")
    say(f"of an unknown group {decide(stranger).mean():.3f} are decided 1, without an error")


main()
