"""Makes the small tables of the golden cases of fit, apply, adjust, inspect and verify.

Run `python3 make.py` in this folder; the files are the same for every version of Python 3.
"""

import random

SIZES = {("F", "a"): 70, ("F", "b"): 34, ("F", "c"): 4, ("M", "a"): 60, ("M", "b"): 40, ("M", "c"): 12}

random.seed(20260101)
rows = []
for (sex, race), size in SIZES.items():
    for _ in range(size):
        merit = random.random() + random.random() + random.random()
        p = 0.02 + 0.3 * merit + (0.04 if sex == "M" else 0) - (0.03 if race == "b" else 0)
        grade = min(5, max(1, int(1 + 2.2 * merit - (1 if sex == "F" else 0))))
        rows.append((sex, race, round(p, 4), grade))
random.shuffle(rows)
with open("calibration.csv", "w") as out:
    out.write("id,sex,race,p,grade,weight,times\n")
    for number, (sex, race, p, grade) in enumerate(rows, 1):
        weight = round(0.5 + random.random(), 2)
        out.write(f"c{number},{sex},{race},{p},{grade},{weight},{random.choice([1, 1, 1, 2, 0])}\n")

with open("new.csv", "w") as out:
    out.write("id,sex,race,p,grade\n")
    out.write("1,F,a,0.5,3\n2,M,a,0.50,3\n3,F,b,.25,1\n4,M,b,7e-1,5\n")
    out.write('"5",F,a,0.001,1\n6,M,a,0.9999,5\n7,F,"a",0.4871,2\n8,M,c,0.61,4\n')

with open("odd.csv", "w") as out:
    out.write("id,sex,race,p,grade\n")
    out.write("1,F,a,0.5,3\n2,X,a,0.5,3\n3,,a,0.5,3\n4,M,a,NA,\n5,M,b,0.5,3\n")
