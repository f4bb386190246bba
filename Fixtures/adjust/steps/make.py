"""The sequential map of tied scores in exact fractions: writes cases.csv beside this file.

Run `python3 make.py`; the file is the same for every version of Python 3. Written from the definition, not from
fairpost: within every combination of the later attributes, an atom of a group that fills the levels [F(x-), F(x)]
goes to the mean over them of sum over groups of share x quantile function; the results are the scores of the next
step, and equal ones are one atom.
"""

import random
from collections import defaultdict
from fractions import Fraction


def step(samples):
    """The images of {group: {value: records}}, by group and value."""
    records = {group: sum(sample.values()) for group, sample in samples.items()}
    everybody = sum(records.values())
    # The breaks of all quantile functions, and the average between two of them.
    levels, pieces = {Fraction(0)}, {}
    for group, sample in samples.items():
        below, pieces[group] = Fraction(0), []
        for value in sorted(sample):
            above = below + Fraction(sample[value], records[group])
            pieces[group].append((below, above, value))
            levels.add(above)
            below = above
    levels = sorted(levels)
    average = []
    at = {group: 0 for group in samples}
    for low, high in zip(levels, levels[1:]):
        total = Fraction(0)
        for group in samples:
            while pieces[group][at[group]][1] <= low:
                at[group] += 1
            total += Fraction(records[group], everybody) * pieces[group][at[group]][2]
        average.append((low, high, total))
    images = {}
    for group in samples:
        images[group] = {}
        for below, above, value in pieces[group]:
            area = sum(
                (min(above, high) - max(below, low)) * height
                for low, high, height in average
                if low < above and high > below
            )
            images[group][value] = area / (above - below)
    return images


def fair(rows, attributes):
    """The final score of every row of (keys, score)."""
    scores = [score for _, score in rows]
    for place in range(attributes):
        strata = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        for (keys, _), score in zip(rows, scores):
            strata[keys[place + 1 :]][keys[place]][score] += 1
        images = {rest: step(samples) for rest, samples in strata.items()}
        scores = [
            images[keys[place + 1 :]][keys[place]][score] for (keys, _), score in zip(rows, scores)
        ]
    return scores


def main():
    random.seed(20261126)
    with open("cases.csv", "w") as out:
        out.write("case,attributes,a,b,c,score,records,fair\n")
        for case in range(1, 41):
            attributes = 2 if case <= 28 else 3
            unit = [Fraction(1), Fraction(1, 100), Fraction(1, 10), Fraction(5)][case % 4]
            shift = [Fraction(0), Fraction(0), Fraction(7), Fraction(-3, 10)][case // 4 % 4]
            grades = random.choice([3, 5, 10])
            rows = []
            for a in "xy":
                for b in "uvw" if case % 3 == 0 else "uv":
                    for c in "st" if attributes == 3 else "-":
                        # Sizes with many common fractions, so that results meet.
                        for _ in range(random.choice([2, 4, 6, 8, 12])):
                            grade = random.randint(1, grades) + (1 if a == "y" and b == "v" else 0)
                            keys = (a, b, c)[:attributes]
                            rows.append((keys, shift + unit * grade))
            seen = defaultdict(int)
            for (keys, score), result in zip(rows, fair(rows, attributes)):
                seen[(keys, score, result)] += 1
            for (keys, score, result), records in sorted(seen.items()):
                a, b, c = keys if attributes == 3 else (*keys, "-")
                out.write(
                    f"{case},{attributes},{a},{b},{c},{float(score)!r},{records},{float(result)!r}\n"
                )


main()
