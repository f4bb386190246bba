"""fairpost's training loop against JAX's: processor seconds of ten epochs, without reading and compiling.

usage: adam_loop.py PEERS ROWS.csv LIMIT    fails where fairpost takes more than LIMIT times as long
"""
import os, re, resource, subprocess, sys
peers, rows, limit = sys.argv[1], sys.argv[2], float(sys.argv[3])

def seconds(epochs):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["fairpost", "train", "mlp", "-q", "--threads", "1", "--task", "y", "--no-standardise",
                    "--hidden", "64", "--batch", "256", "--epochs", str(epochs), "-o", os.devnull, rows], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

own = seconds(11) - seconds(1)
said = subprocess.run([sys.executable, os.path.join(peers, "adam_peers.py"), "jax", "f64", "1"],
                      check=True, capture_output=True, text=True).stdout
jax = float(re.search(r"wall ([0-9.]+)s cpu", said).group(1))
print("  loop: fairpost %.3f s, JAX %.3f s, ratio %.2f" % (own, jax, own / jax))
sys.exit(own / jax > limit)
