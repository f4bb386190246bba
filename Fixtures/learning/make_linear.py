"""Linear fits by scikit-learn on a small design matrix: see README.md."""
import json, sys
import numpy as np, sklearn
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
r = np.random.default_rng(7)
n, d = 60, 4
X = np.round(r.standard_normal((n, d)) * [1, 2, 0.5, 1], 4)
z = X @ [1, -0.5, 0.3, 0] + 0.4
binary = (z + r.logistic(size=n) > 0).astype(int)
classes = np.argmax(np.c_[z, X[:, 1], X[:, 3]] + r.gumbel(size=(n, 3)), axis=1)
number = np.round(z + 0.3 * r.standard_normal(n), 4)
weights = np.round(r.uniform(0.2, 2, n), 4)
flat = lambda m: np.r_[np.ravel(m.coef_), np.ravel(m.intercept_)].tolist()
logistic = lambda y, w=None: flat(LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-12, max_iter=1000).fit(X, y, w))
lbfgs = lambda y: flat(LogisticRegression(C=1.0, solver="lbfgs", tol=1e-12, max_iter=100000).fit(X, y))
out = dict(versions=dict(sklearn=sklearn.__version__, numpy=np.__version__), rows=n, features=d,
  X=X.ravel().tolist(), binary=binary.tolist(), classes=classes.tolist(), number=number.tolist(), weights=weights.tolist(),
  logistic=logistic(binary), logistic_weighted=logistic(binary, weights), softmax=lbfgs(classes),
  least_squares=flat(LinearRegression().fit(X, number)), ridge_alpha_2=flat(Ridge(alpha=2.0, solver="cholesky").fit(X, number)))
json.dump(out, open(sys.argv[1], "w"), indent=1)
