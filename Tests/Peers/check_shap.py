"""fairpost's explain against the shap package: the same values for the same model, rows and background, and the time
of each. Usage: check_shap.py FAIRPOST"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import shap


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        random = np.random.default_rng(7)
        names = [f"x{i}" for i in range(8)]
        x = random.normal(size=(2000, 8))
        y = (x[:, 0] * x[:, 1] + x[:, 2] - 0.5 * x[:, 3] ** 2 + random.normal(size=2000) > 0).astype(int)

        def write(path, rows, labels):
            with open(path, "w") as file:
                file.write(",".join(names + ["y"]) + "\n")
                for a, b in zip(rows, labels):
                    file.write(",".join([repr(float(v)) for v in a] + [str(b)]) + "\n")

        train, few, back = (os.path.join(folder, name) for name in ("train.csv", "few.csv", "back.csv"))
        write(train, x, y)
        write(few, x[:100], y[:100])
        write(back, x[1000:1100], y[1000:1100])
        model = os.path.join(folder, "m.model")
        subprocess.run(
            [program, "train", "mlp", "-q", "--task", "y", "--hidden", "32,32", "--no-standardise", "--epochs", "5",
             "-o", model, train], check=True)
        layers = json.load(open(model))["model"]["parameters"]

        def logit(rows):
            a = np.asarray(rows)
            for layer in layers[:-1]:
                a = np.maximum(a @ np.array(layer["weights"]).T + np.array(layer["biases"]), 0)
            last = layers[-1]
            return (a @ np.array(last["weights"]).T + np.array(last["biases"]))[:, 0]

        worst = 0.0
        for kind, extra in (("exact", []), ("permutation", ["--exact", "1", "--pairs", "29"])):
            start = time.perf_counter()
            out = subprocess.run(
                [program, "explain", "-q", "-m", model, "--logits", "--background", back, few, *extra], check=True,
                capture_output=True, text=True).stdout
            ours = time.perf_counter() - start
            values = {}
            for line in csv.DictReader(out.splitlines()):
                values[int(line["record"]) - 1, line["feature"]] = (float(line["shap"]), float(line.get("se") or 0))
            masker = shap.maskers.Independent(x[1000:1100], max_samples=100)
            explainer = shap.explainers.Exact(logit, masker) if kind == "exact" else shap.explainers.Permutation(
                logit, masker, seed=1)
            start = time.perf_counter()
            theirs = explainer(x[:100], silent=True) if kind == "exact" else explainer(x[:100], max_evals=500, silent=True)
            seconds = time.perf_counter() - start
            found = np.array([[values[row, name][0] for name in names] for row in range(100)])
            difference = np.abs(found - theirs.values)
            if kind == "exact":
                worst = difference.max()
                print(f"exact: largest difference {worst:.2e}; seconds {ours:.2f} (whole process) | {seconds:.2f} (without imports)")
            else:
                errors = np.array([[values[row, name][1] for name in names] for row in range(100)])
                print(f"permutation: median standard error {np.median(errors):.4f}, median difference {np.median(difference):.4f}; "
                      f"seconds {ours:.2f} | {seconds:.2f}")
    sys.exit(worst > 1e-10)


main()
