"""The same 20 steps by fairpost and by nash_torch.py: fails where a training loss differs by more than 1e-8.

usage: nash_steps.py FOLDER    with rows.csv, known.csv and start.json of nash_data.py
"""
import csv, os, subprocess, sys
folder = sys.argv[1]
at = lambda name: os.path.join(folder, name)
rows = sum(1 for _ in open(at("rows.csv"))) - 1
subprocess.run(["fairpost", "train", "nash", "-q", "--task", "y", "--group", "g", "--no-standardise", "--dropout", "0",
                "--hidden", "128,64", "--validation", at("known.csv"), "--init", at("start.json"), "--full-batch",
                "--epochs", "20", "--bargain-epochs", "15", "--rate", "0.01", "--log", at("log.csv"),
                "-o", at("steps.model"), at("rows.csv")], check=True)
subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "nash_torch.py"), at("rows.csv"),
                at("known.csv"), at("start.json"), "20", "15", str(rows), "0.01", at("steps.txt")],
               check=True, stdout=subprocess.DEVNULL)
own = [float(row["training_loss"]) for row in csv.DictReader(open(at("log.csv")))]
other = [float(line) for line in open(at("steps.txt"))]
worst = max(abs(a - b) for a, b in zip(own, other))
print("  20 steps: largest difference of the training loss %.1e" % worst)
sys.exit(len(own) != 20 or len(other) != 20 or not worst < 1e-8)
