"""The bargaining problems of a file by cvxpy, a Gram matrix a line: 1/2 a'Ma - sum log a, a > 0.

usage: bargain_cvxpy.py FILE COUNT [LIMIT]

Each line's matrix is scaled to a unit diagonal, and one parametrised problem of cvxpy serves all, so that nothing is
compiled twice. Processor microseconds a problem go to standard error, the first problem's weights to standard output.
With LIMIT, fairpost-bench is run on the same problems, and it is a failure if cvxpy is not LIMIT times as slow or the
weights differ by more than 1e-4.
"""
import os, re, subprocess, sys, time
import cvxpy as cp
import numpy as np

problems = []
with open(sys.argv[1]) as f:
    for line in f:
        m = np.array([float(x) for x in line.split(",")])
        problems.append(m.reshape(int(len(m) ** 0.5), -1))
problems = problems[: int(sys.argv[2])]
players = len(problems[0])
a = cp.Variable(players)
factor = cp.Parameter((players, players))
problem = cp.Problem(cp.Minimize(0.5 * cp.sum_squares(factor @ a) - cp.sum(cp.log(a))))

def solve(M):
    n = np.sqrt(np.diag(M))
    factor.value = np.linalg.cholesky(M / np.outer(n, n)).T
    problem.solve(solver=cp.CLARABEL)
    return a.value / n

solve(problems[0])
start = time.process_time()
for M in problems:
    solve(M)
each = (time.process_time() - start) / len(problems) * 1e6
print("cvxpy: %.1f microseconds a problem" % each, file=sys.stderr)
weights = solve(problems[0])
print(",".join(repr(float(x)) for x in weights))
if len(sys.argv) > 3:
    own = subprocess.run([os.environ.get("FAIRPOST_BENCH", ".build/bench/release/fairpost-bench"), "bargain",
                          sys.argv[1], "20"], check=True, capture_output=True, text=True)
    theirs = float(re.search(r"fairpost: ([0-9.e-]+)", own.stderr).group(1))
    found = np.array([float(x) for x in own.stdout.split(",")])
    print("  fairpost %.2f, cvxpy %.1f microseconds a problem, ratio %.0f" % (theirs, each, each / theirs),
          file=sys.stderr)
    sys.exit(int(each / theirs < float(sys.argv[3]) or np.abs(found / weights - 1).max() > 1e-4))
