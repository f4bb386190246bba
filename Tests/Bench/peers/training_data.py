"""The rows that the peers train on, for fairpost.

usage: training_data.py maml PEERS D K > rows.csv     the pool of tasks of PEERS/tasks.py
       training_data.py adam > rows.csv               the rows of adam_peers.py
       training_data.py maml-start PEERS D > start.json   the pool's starting weights, for --init
"""
import json, os, sys
import numpy as np

def write(header, rows):
    print(",".join(header))
    np.savetxt(sys.stdout, rows, fmt="%.17g", delimiter=",")

if sys.argv[1] == "adam":
    # As adam_peers.py draws them.
    r = np.random.default_rng(0)
    X = r.standard_normal((45000, 100))
    w = r.standard_normal(100)
    y = (X @ w + r.standard_normal(45000) * 3 > 0).astype(float)
    write(["y"] + ["x%d" % i for i in range(100)], np.column_stack([y, X]))
else:
    sys.path.insert(0, sys.argv[2])
    import tasks
    D = int(sys.argv[3])
    if sys.argv[1] == "maml":
        X, y, a = tasks.pool(D, int(sys.argv[4]))
        task = np.repeat(np.arange(X.shape[0]), X.shape[1])
        write(["task", "protected", "y"] + ["x%d" % i for i in range(D)],
              np.column_stack([task, a.ravel(), y.ravel(), X.reshape(-1, D)]))
    else:
        p = tasks.init(D)
        # Inputs x outputs there, outputs x inputs here.
        layers = {}
        for i, (w, b) in enumerate(zip(p[::2], p[1::2]), 1):
            layers["W%d" % i] = w.T.tolist()
            layers["b%d" % i] = b.tolist()
        json.dump(layers, sys.stdout)
