"""Two-stage Nash meta-learning in PyTorch, written for speed: the same loop as `fairpost train nash`.

usage: nash_torch.py ROWS.csv KNOWN.csv START.json EPOCHS BARGAIN BATCH RATE [STEPS.txt]

Rows are taken in the order of the file, without dropout, so that both take the same steps. All players' gradients
at the shadow point are one batched backward pass (is_grads_batched). Their inner products with the rows' gradients
come layer by layer from what goes in and what comes back, one matrix product for all players, and the step reuses
the forward pass: in PyTorch this is faster than vmap over jvp. The bargain is Newton's method in NumPy.
With STEPS.txt, the mean training loss of each step is written there.
"""
import json, sys
import numpy as np, torch

rows, known, start, epochs, bargain, batch, rate = sys.argv[1:8]
epochs, bargain, batch, rate = int(epochs), int(bargain), int(batch), float(rate)
torch.set_default_dtype(torch.float64)

def table(path, features):
    data = np.loadtxt(path, delimiter=",", skiprows=1)
    return torch.from_numpy(data[:, :features].copy()), torch.from_numpy(data[:, features].astype(int)), data

layers = json.load(open(start))
count = sum(1 for name in layers if name[0] == "W")
features = len(layers["W1"][0])
X, y, _ = table(rows, features)
V, v, raw = table(known, features)
groups = raw[:, features + 1].astype(int)
cells = sorted({(g, int(l)) for g, l in zip(groups, v)})
member = torch.tensor([[float((g, int(l)) == c) for g, l in zip(groups, v)] for c in cells])
member = member / member.sum(1, keepdim=True)
group_of = np.array([c[0] for c in cells])
p = {}
for i in range(1, count + 1):
    p["W%d" % i] = torch.tensor(layers["W%d" % i])
    p["b%d" % i] = torch.tensor(layers["b%d" % i])
names = list(p)

def forward(q, x):
    """The outputs, with what goes into each layer and what comes out of it."""
    ins, outs = [], []
    for i in range(1, count + 1):
        ins.append(x)
        x = torch.nn.functional.linear(x, q["W%d" % i], q["b%d" % i])
        outs.append(x)
        if i < count:
            x = torch.relu(x)
    return x, ins, outs

def validation(q):
    z = forward(q, V)[0]
    s = torch.sigmoid(z.gather(1, v[:, None])[:, 0])
    row = torch.nn.functional.cross_entropy(z, v, reduction="none") + torch.sigmoid(-2 * s / (1 + s))
    return member @ row

def solve(M):
    n = np.sqrt(np.diag(M))
    if not np.isfinite(n).all() or (n <= 1e-12 * n.max()).any():
        return None
    C = M / np.outer(n, n)
    K = len(C)
    b = np.full(K, np.sqrt(K / max(C.sum(), 1e-300)))
    for _ in range(100):
        g = C @ b - 1 / b
        step = np.linalg.solve(C + np.diag(1 / b**2), -g)
        size = -(g @ step)
        if size <= 1e-24:
            break
        b = b + step * (1 if size < 1 / 16 else 1 / (1 + np.sqrt(size)))
        if b.sum() > 1e6 * np.sqrt(max(b @ C @ b, 0)):
            return None
    return b / n if np.abs(b * (C @ b) - 1).max() < 1e-3 else None

def base(L):
    by = {g: L[group_of == g].mean() for g in set(group_of)}
    worst = max(sorted(by), key=lambda g: by[g])
    beta = (group_of == worst).astype(float)
    return beta / beta.sum()

momentum, decay = 0.9, 5e-4
buffer = {k: torch.zeros_like(t) for k, t in p.items()}
steps = []
eye = torch.eye(len(cells))
for epoch in range(1, epochs + 1):
    for first in range(0, len(X) - batch + 1, batch):
        x, t = X[first:first + batch], y[first:first + batch]
        shadow = {k: (p[k] - rate * (momentum * buffer[k] + decay * p[k])).requires_grad_() for k in names}
        L = validation(shadow)
        G = torch.autograd.grad(L, [shadow[k] for k in names], eye, is_grads_batched=True)
        q = {k: p[k].requires_grad_() for k in names}
        z, ins, outs = forward(q, x)
        row = torch.nn.functional.cross_entropy(z, t, reduction="none")
        back = torch.autograd.grad(row.sum(), outs, retain_graph=True)
        with torch.no_grad():
            J = torch.zeros(len(cells), len(x))
            for l, (h, d) in enumerate(zip(ins, back)):
                W, b = G[2 * l], G[2 * l + 1]
                along = torch.addmm(b.reshape(-1), h, W.reshape(-1, W.shape[2]).T)
                J += (along.view(len(x), len(cells), -1) * d[:, None, :]).sum(2).T
            J = (-rate * J).numpy()
        alpha = solve(J @ J.T) if epoch < bargain else None
        if alpha is None:
            alpha = base(L.detach().numpy())
        w = np.maximum(0, -(J.T @ alpha))
        norm = np.linalg.norm(w)
        w = torch.from_numpy(w / norm if norm > 0 else w)
        gradient = torch.autograd.grad(row @ w, [q[k] for k in names])
        steps.append(row.mean().item())
        with torch.no_grad():
            for k, g in zip(names, gradient):
                buffer[k] = momentum * buffer[k] + (g + decay * p[k])
                p[k] = p[k].detach() - rate * buffer[k]
if len(sys.argv) > 8:
    open(sys.argv[8], "w").write("\n".join(repr(s) for s in steps) + "\n")
print(json.dumps({"loss": steps[-1]}))
