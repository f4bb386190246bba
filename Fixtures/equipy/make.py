"""Makes the reference numbers of the package EquiPy, on data of our own.

    python3 -m venv .venv && .venv/bin/pip install equipy==0.0.11a0.dev0
    .venv/bin/python make.py

Each `NAME_calibration.csv` is what the map is fitted to, each `NAME_new.csv` what it is applied to, with
EquiPy's results in the columns `fair_*`. README.md says which call made which column.
"""

import random

import numpy
import pandas
from equipy.fairness import FairWasserstein, MultiWasserstein


def table(sizes, low, high, seed):
    """Rows of groups with normal scores, in shuffled order; scores are rounded to four decimals."""
    source = random.Random(seed)
    rows = [
        (round(low + high * source.random() + 0.6 * place + source.random() * (1 + 0.4 * place), 4), name)
        for place, (name, size) in enumerate(sizes)
        for _ in range(size)
    ]
    source.shuffle(rows)
    return pandas.DataFrame(rows, columns=["score", "group"])


def save(name, calibration, new):
    calibration.to_csv(f"{name}_calibration.csv", index=False)
    new.to_csv(f"{name}_new.csv", index=False)


def single(name, calibration, new, epsilons):
    group = lambda rows: pandas.DataFrame({"group": rows["group"]})
    for epsilon in epsilons:
        method = FairWasserstein(sigma=0)
        method.fit(calibration["score"].to_numpy(), group(calibration))
        new[f"fair_{epsilon}"] = method.transform(
            new["score"].to_numpy(dtype=float), group(new), epsilon=epsilon)
    save(name, calibration, new)


def double(name, calibration, new):
    for order in (["sex", "race"], ["race", "sex"]):
        for epsilons in ([0, 0], [0.25, 0.5]):
            method = MultiWasserstein(sigma=0.0)
            method.fit(calibration["score"].to_numpy(), calibration[order])
            end = method.transform(new["score"].to_numpy(), new[order], epsilon=epsilons)
            label = "-".join(order) + "_" + "-".join(str(e) for e in epsilons)
            new[f"step_{label}"] = method.get_sequential_fairness()[order[0]]
            new[f"fair_{label}"] = end
    save(name, calibration, new)


three = [("a", 70), ("b", 40), ("c", 25)]
single("groups", table(three, 0, 1, 1), table([("a", 12), ("b", 12), ("c", 12)], 0, 1, 2), [0, 0.25, 1])

tied = lambda rows: rows.assign(score=(rows["score"] * 2).round() / 2)
single("ties", tied(table(three, 0, 2, 3)), tied(table([("a", 9), ("b", 9), ("c", 9)], 0, 2, 4)), [0, 0.25])

source = random.Random(5)
crossed = lambda size: pandas.DataFrame(
    [
        (round(source.random() + 0.3 * s + 0.2 * r * s, 4), "FM"[s], "xyz"[r])
        for s, r in ((source.randrange(2), source.choice([0, 0, 1, 1, 2])) for _ in range(size))
    ],
    columns=["score", "sex", "race"])
calibration = crossed(200)
inside = crossed(45)
# Every value of the calibration's groups stands in the batch: EquiPy forgets the weights of others.
assert set(zip(inside.sex, inside.race)) == set(zip(calibration.sex, calibration.race))
double("attributes", calibration, inside)
numpy.testing.assert_equal(len(inside), 45)
