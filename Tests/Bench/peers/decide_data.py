"""Scores, labels and groups to decide on. usage: OUT ROWS GROUPS"""
import sys
import numpy as np

path, count, groups = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
random = np.random.default_rng(1)
group = random.integers(0, groups, count)
chance = 1 / (1 + np.exp(-(random.normal(size=count) + 0.5 * (group % 5) / 5 - 0.3)))
label = (random.random(count) < chance).astype(int)
score = np.clip(chance + 0.02 * random.normal(size=count), 0, 1)
with open(path, "w") as file:
    file.write("id,group,score,label\n")
    for row in zip(range(count), group, score, label):
        file.write("%d,g%d,%.6f,%d\n" % row)
