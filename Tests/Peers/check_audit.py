"""fairpost's audit against aedt-audit (PyPI) on one file: every figure that package has, and the time of
each as a whole process. Usage: check_audit.py FAIRPOST [ROWS]
"""

import csv
import io
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np
import pandas as pd

import aedt_audit


def people(rows):
    random = np.random.default_rng(3)
    races = ["White", "Black or African American", "Asian", "Hispanic or Latino", "Two or More Races"]
    race = random.choice(races, rows, p=[0.5, 0.2, 0.15, 0.14, 0.01])
    sex = random.choice(["Male", "Female"], rows, p=[0.55, 0.45])
    score = np.round(random.normal(50, 12, rows) - 4 * (race == races[1]), 1)
    hired = (random.random(rows) < 0.2 + 0.05 * (race == "White")).astype(int)
    frame = pd.DataFrame({"sex": sex, "race": race, "hired": hired, "score": score})
    frame.loc[random.random(rows) < 0.03, "race"] = None
    frame.loc[random.random(rows) < 0.02, "sex"] = None
    return frame


def fairpost(program, path, options):
    run = subprocess.run(
        [program, "audit", *options, "--quiet", "--format", "csv", "--group", "sex", "--group", "race",
         "--intersections", "--small", "exclude", "--because", "small", "--ratio-of-excluded", path],
        capture_output=True, text=True, check=True)
    return list(csv.DictReader(io.StringIO(run.stdout)))


def close(a, b):
    return a == b or abs(float(a) - float(b)) <= 1e-9 * max(abs(float(a)), abs(float(b)))


def compare(name, frame, by, theirs, ours, selected):
    differ = 0
    figures = 0
    for _, row in theirs.iterrows():
        key = [str(row[column]) for column in by]
        if aedt_audit.UNKNOWN in key if hasattr(aedt_audit, "UNKNOWN") else "unknown" in key:
            continue
        mine = next(r for r in ours
                    if r["table"] == ",".join(by) and [r[c] for c in by] == key)
        pairs = [(row["n"], mine["n"]), (row[selected], mine["selected"]), (row["rate"], mine["rate"]),
                 (row["impact_ratio"], mine["ratio"])]
        if mine["benchmark"] == "0" and mine["excluded"] == "0":
            pairs += [(row["z_score"], mine["z"]), (row["p_value"], mine["z_p"]),
                      (row["selections_to_four_fifths"], mine["shortfall_to_four_fifths"]),
                      (float(row["adverse_impact_eeoc"]), mine["below_four_fifths"])]
        for a, b in pairs:
            figures += 1
            if not close(float(a), float(b)):
                differ += 1
                print("  differs", name, key, a, b)
    print(f"{name} by {','.join(by)}: {figures} figures, {differ} differ")
    return differ


def main():
    program = sys.argv[1]
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    frame = people(rows)
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "people.csv")
    frame.to_csv(path, index=False)
    differ = 0
    for selected, options in [("selected", ["ugesp", "--decision", "hired"]),
                              ("above_median", ["ugesp", "--score", "score"])]:
        ours = fairpost(program, path, options)
        for by in [["sex"], ["race"], ["sex", "race"]]:
            if selected == "selected":
                rates = aedt_audit.selection_rates(frame, by=by, outcome="hired")
            else:
                rates = aedt_audit.scoring_rates(frame, by=by, score="score")
            table = aedt_audit.significance(
                aedt_audit.four_fifths(aedt_audit.impact_ratios(rates, by=by), by=by), by=by)
            differ += compare("/".join(options[:2]), frame, by, table, ours, selected)
    start = time.time()
    fairpost(program, path, ["ll144", "--decision", "hired"])
    mine = time.time() - start
    command = shutil.which("aedt-audit", path=os.path.dirname(sys.executable)) or shutil.which("aedt-audit")
    start = time.time()
    run = subprocess.run([command, "summary", path, "--outcome", "hired", "--sex", "sex", "--race", "race"],
                         capture_output=True, text=True)
    theirs = time.time() - start
    print(f"{rows} rows, whole process: fairpost {mine:.2f} s, aedt-audit {theirs:.2f} s"
          + ("" if run.returncode == 0 else f" (it ended with {run.returncode}: {run.stderr[-200:]})"))
    shutil.rmtree(folder)
    sys.exit(1 if differ else 0)


main()
