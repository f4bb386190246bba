"""fairpost's badr against the package of that name (PyPI): on one CSV and objective the same or a lower
unfairness on the training rows, with the time of each. Usage: check_badr.py FAIRPOST [ROWS ...]

The unfairness of both is computed here, by numpy from the scores, intercept included.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

PENALTY = 0.1


def log_sum(u):
    top = u.max()
    return top + np.log(np.exp(u - top).sum())


def gap(u):
    return log_sum(u) + log_sum(-u) - 2 * np.log(len(u))


def unfairness(name, z, y, g):
    groups = range(g.max() + 1)
    soft = 1 / (1 + np.exp(-z))
    if name == "dp":
        means = np.array([soft[g == a].mean() for a in groups])
        return log_sum(np.sqrt((means - means.mean()) ** 2 + 1e-6)) - np.log(len(means)) - 1e-3
    if name == "eo":
        return gap(np.array([soft[(g == a) & (y == 1)].mean() for a in groups]))
    if name == "eodds":
        return sum(gap(np.array([soft[(g == a) & (y == v)].mean() for a in groups])) for v in (0, 1)) / 2
    if name == "dm":
        return np.mean((g - g.mean()) * (z - z.mean())) ** 2
    if name == "variance":
        losses = np.logaddexp(0, z) - y * z
        return np.var([losses[g == a].mean() for a in groups])
    if name == "individual":
        # Of labels 0 and 1 by the sums of each cell.
        total, pairs = 0.0, 0
        for a in groups:
            for b in groups:
                if a >= b:
                    continue
                pairs += 2 * (g == a).sum() * (g == b).sum()
                for u in (0, 1):
                    for v in (0, 1):
                        p, q = z[(g == a) & (y == u)], z[(g == b) & (y == v)]
                        total += np.exp(-abs(u - v)) * (
                            len(q) * (p**2).sum() + len(p) * (q**2).sum() - 2 * p.sum() * q.sum()
                        )
        return total / pairs
    raise ValueError(name)


def sample(rows, seed):
    random = np.random.default_rng(seed)
    g = (random.random(rows) < 0.35).astype(int)
    x = random.normal(size=(rows, 20)) + 0.3 * g[:, None] * (np.arange(20) < 5)
    w = random.normal(size=20) / 3
    z = x @ w + 0.8 * g * x[:, 7] - 0.5 * g
    y = (random.random(rows) < 1 / (1 + np.exp(-z))).astype(int)
    return x, y, g


def theirs(x, y, g, name, solver):
    from badr import Badr
    from badr.algorithms import SLSQP
    from badr.algorithms.badr import BADRSGD
    from badr.datasets import Dataset
    import badr.metrics as metrics
    from badr.models import LogisticRegression

    classes = {
        "dp": "DemographicParity", "eo": "EqualOpportunity", "eodds": "EqualizedOdds",
        "dm": "DisparateMistreatment", "individual": "IndividualFairness", "variance": "GroupVariance",
    }
    masks = [np.where(g == a)[0] for a in range(g.max() + 1)]
    data = Dataset("rows", x, x, y, y, masks, masks)
    model = LogisticRegression(l2_reg=PENALTY)
    metric = getattr(metrics, classes[name])()
    metric.set_model(model)
    start = time.perf_counter()
    if solver == "sgd":
        run = Badr(
            data, model, metric, oracle="stochastic", solver_cls=BADRSGD,
            solver_kwargs=dict(
                w0=np.zeros(x.shape[1]), batch_size=max(len(y) // 20, 2), step_lambda=2.0),
        )
        run.run(max_iter=150, verbose=0)
    else:
        run = Badr(data, model, metric, solver_cls=SLSQP)
        run.run()
    seconds = time.perf_counter() - start
    model.set_group_weights(run.group_weights)
    model.fit(x, y, masks)
    z = x @ np.ravel(model.coef_) + float(np.ravel(model.intercept_)[0])
    return unfairness(name, z, y, g), seconds


def ours(program, path, folder, x, y, g, name, solver):
    model = os.path.join(folder, "m.model")
    start = time.perf_counter()
    subprocess.run(
        [program, "train", "badr", "-q", "--task", "y", "--group", "g", "--objective", name,
         "--solver", solver, "--penalty", str(PENALTY), "--no-standardise", "-o", model, path],
        check=True)
    seconds = time.perf_counter() - start
    head = json.load(open(model))
    scores = subprocess.run(
        [program, "predict", "-q", "-m", model, path], check=True, capture_output=True, text=True)
    lines = scores.stdout.splitlines()
    place = lines[0].split(",").index("y.score")
    p = np.array([float(line.split(",")[place]) for line in lines[1:]])
    z = np.log(p) - np.log1p(-p)
    assert head["format"] == "fairpost.model"
    return unfairness(name, z, y, g), seconds


def main():
    program = sys.argv[1]
    sizes = [int(n) for n in sys.argv[2:]] or [2000]
    worse = 0
    print("rows objective solver fairpost package seconds_fairpost seconds_package times")
    for rows in sizes:
        x, y, g = sample(rows, rows)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rows.csv")
            names = [f"x{i}" for i in range(x.shape[1])]
            with open(path, "w") as file:
                file.write(",".join(names + ["g", "y"]) + "\n")
                for a, b, c in zip(x, g, y):
                    file.write(",".join([repr(float(v)) for v in a] + [f"g{b}", str(c)]) + "\n")
            for name in ["dp", "eo", "eodds", "dm", "individual", "variance"]:
                for solver in ["exact", "sgd"]:
                    # The package's individual measure looks at all pairs.
                    if name == "individual" and rows > 5000:
                        continue
                    own, time_own = ours(program, path, folder, x, y, g, name, solver)
                    try:
                        other, time_other = theirs(x, y, g, name, solver)
                    except Exception as error:  # the package refuses or fails
                        print(rows, name, solver, f"{own:.8g}", f"failed: {error}"[:60])
                        continue
                    # Stochastic runs end where chance leaves them; they are shown beside.
                    worse += solver == "exact" and own > other + 1e-7
                    print(
                        rows, name, solver, f"{own:.8g}", f"{other:.8g}", f"{time_own:.3f}",
                        f"{time_other:.3f}", f"{time_other / time_own:.1f}", flush=True)
    print("worse than the package:", worse)
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
