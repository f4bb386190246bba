"""Rows for the suites of Nash bargaining.

usage: nash_data.py train ROWS FEATURES FOLDER   rows.csv, known.csv (3 rows a cell) and start.json (128-64-2)
       nash_data.py grams COUNT PLAYERS          Gram matrices of random gradients, one a line
"""
import json, os, sys
import numpy as np

r = np.random.default_rng(0)
if sys.argv[1] == "grams":
    count, players = int(sys.argv[2]), int(sys.argv[3])
    for _ in range(count):
        G = r.standard_normal((players + 4, players))
        G[0] += 1.5
        print(",".join(repr(float(m)) for m in (G.T @ G).ravel()))
else:
    rows, features, folder = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    w = r.standard_normal((2, features))

    def draw(count, group=None, label=None):
        group = r.integers(0, 2, count) if group is None else np.full(count, group)
        X = r.standard_normal((count, features))
        y = (np.einsum("ij,ij->i", X, w[group]) + 3 * r.standard_normal(count) > 1).astype(int)
        return (X, y, group) if label is None else (X, np.full(count, label), group)

    def write(name, parts, with_group):
        header = ["x%d" % i for i in range(features)] + ["y"] + (["g"] if with_group else [])
        with open(os.path.join(folder, name), "w") as f:
            f.write(",".join(header) + "\n")
            for X, y, g in parts:
                table = np.column_stack([X, y, g] if with_group else [X, y])
                np.savetxt(f, table, fmt=["%.17g"] * features + ["%d"] * (table.shape[1] - features), delimiter=",")

    write("rows.csv", [draw(rows)], False)
    write("known.csv", [draw(3, g, l) for g in (0, 1) for l in (0, 1)], True)
    layers, widths = {}, [features, 128, 64, 2]
    for i, (a, b) in enumerate(zip(widths, widths[1:]), 1):
        layers["W%d" % i] = (r.uniform(-1, 1, (b, a)) / a**0.5).tolist()
        layers["b%d" % i] = (r.uniform(-1, 1, b) / a**0.5).tolist()
    json.dump(layers, open(os.path.join(folder, "start.json"), "w"))
