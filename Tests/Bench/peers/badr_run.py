"""The badr package on one CSV: badr_run.py data ROWS FILE makes the rows, badr_run.py exact|sgd FILE trains on
them (demographic parity) and prints the unfairness it reached."""

import csv
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Peers"))
from check_badr import sample, theirs  # noqa: E402


def write(rows, path):
    x, y, g = sample(rows, rows)
    with open(path, "w") as file:
        file.write(",".join([f"x{i}" for i in range(x.shape[1])] + ["g", "y"]) + "\n")
        for a, b, c in zip(x, g, y):
            file.write(",".join([repr(float(v)) for v in a] + [f"g{b}", str(c)]) + "\n")


def read(path):
    with open(path) as file:
        rows = list(csv.reader(file))[1:]
    x = np.array([[float(v) for v in row[:-2]] for row in rows])
    return x, np.array([int(row[-1]) for row in rows]), np.array([int(row[-2][1:]) for row in rows])


if __name__ == "__main__":
    if sys.argv[1] == "data":
        write(int(sys.argv[2]), sys.argv[3])
    else:
        print(theirs(*read(sys.argv[2]), "dp", sys.argv[1])[0])
