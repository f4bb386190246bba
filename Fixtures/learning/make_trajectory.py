"""Second-order Fair-MAML by JAX's automatic differentiation on a small pool of tasks: see README.md."""
import json, sys
import jax, jax.numpy as jnp, numpy as np
jax.config.update("jax_enable_x64", True)
TASKS, K, D, WIDTHS, BATCH, STEPS, RATE, GAMMA = 12, 4, 3, [6, 5], 5, 60, 0.1, 0.5
r = np.random.default_rng(1)
X = np.round(r.standard_normal((TASKS, 2 * K, D)), 2)
slope = r.standard_normal((TASKS, D, 1))
y = ((X @ slope)[..., 0] > 0).astype(float)
a = (r.random((TASKS, 2 * K)) < 0.5).astype(float)
a[:, 0] = a[:, K] = 1
sizes = [D] + WIDTHS + [2]
start = [q for i, o in zip(sizes, sizes[1:])
         for q in (np.round(r.standard_normal((i, o)) * np.sqrt(2 / i), 3), np.zeros(o))]
batches = r.integers(0, TASKS, (STEPS, BATCH))

def loss(p, x, y, a):
    h = jax.nn.relu(x @ p[0] + p[1]); h = jax.nn.relu(h @ p[2] + p[3]); z = h @ p[4] + p[5]
    d = z[:, 1] - z[:, 0]
    return jnp.mean(jax.nn.softplus(d) - y * d) - GAMMA * jnp.sum(a * jax.nn.sigmoid(d)) / jnp.sum(a)

def task(p, x, y, a):
    g = jax.grad(loss)(p, x[:K], y[:K], a[:K])
    return loss([u - RATE * v for u, v in zip(p, g)], x[K:], y[K:], a[K:])

meta = jax.jit(jax.value_and_grad(
    lambda p, x, y, a: jnp.mean(jax.vmap(task, (None, 0, 0, 0))(p, x, y, a))))
p = [jnp.asarray(q) for q in start]
m = v = [jnp.zeros_like(q) for q in p]
losses = []
for t, i in enumerate(batches, 1):
    value, g = meta(p, X[i], y[i], a[i])
    m = [.9 * q + .1 * s for q, s in zip(m, g)]
    v = [.999 * q + .001 * s * s for q, s in zip(v, g)]
    p = [q - 1e-2 * (s / (1 - .9 ** t)) / (jnp.sqrt(u / (1 - .999 ** t)) + 1e-8)
         for q, s, u in zip(p, m, v)]
    losses.append(float(value))
# Weights here are inputs x outputs; in the file outputs x inputs, row by row, then the biases.
flat = [float(n) for w, b in zip(start[::2], start[1::2]) for n in (*w.T.ravel(), *b)]
json.dump(dict(versions=dict(jax=jax.__version__, numpy=np.__version__), tasks=TASKS, shots=K, features=D,
  hidden=WIDTHS, rate=RATE, gamma=GAMMA, outer_rate=1e-2, X=X.ravel().tolist(), y=y.ravel().tolist(),
  a=a.ravel().tolist(), start=flat, batches=batches.tolist(), losses=losses), open(sys.argv[1], "w"))
