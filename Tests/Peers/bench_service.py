"""One record at a time: the time from a record to its answer, beside fairlearn's predict and EquiPy's transform.

bench_service.py FAIRPOST [RECORDS]

A client awaits each answer before it sends the next record. Times are in microseconds, as the client sees them; the
rate for each core counts the service's processor time. A package that is not there is named.
"""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../Bench/peers"))
FAIRPOST = sys.argv[1]
RECORDS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000


def report(name, times, processor=None):
    times.sort()
    p = lambda share: times[min(int(share * len(times)), len(times) - 1)] * 1e6
    rate = f", {len(times) / processor:,.0f} records a second and core" if processor else ""
    print(f"{name}: {len(times):,} records, median {p(.5):.1f}, 99 % {p(.99):.1f}, most {p(1):.0f} microseconds{rate}", flush=True)


def children_seconds():
    times = os.times()
    return times.children_user + times.children_system


def ask(write, read, records):
    times = []
    for record in records:
        start = time.perf_counter()
        write(record)
        read()
        times.append(time.perf_counter() - start)
    return times


def main():
    work = tempfile.mkdtemp()
    path = lambda name: os.path.join(work, name)
    with open(path("loans.csv"), "w") as out:
        subprocess.run([FAIRPOST, "synth", "loans", "-q", "-n", "5000"], stdout=out, check=True)
    subprocess.run(
        [FAIRPOST, "fit", "-q", "--score", "score", "--group", "sex", "-o", path("sex.map"), path("loans.csv")], check=True)
    rows = [line.split(",") for line in open(path("loans.csv")).read().splitlines()[1:]]
    cells = [(rows[i % len(rows)][1], rows[i % len(rows)][9]) for i in range(RECORDS)]
    forms = {
        "csv": (b"id,sex,score\n", [b"%d,%s,%s\n" % (i, s.encode(), p.encode()) for i, (s, p) in enumerate(cells)]),
        "json": (b"", [b'{"id":%d,"sex":"%s","score":%s}\n' % (i, s.encode(), p.encode()) for i, (s, p) in enumerate(cells)]),
    }
    # What the system itself takes to hand a line over and back: no answer can be faster.
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    answers = os.fdopen(os.dup(process.stdout.fileno()), "rb")
    report("pipe, cat", ask(process.stdin.write, answers.readline, forms["csv"][1]))
    process.stdin.close()
    process.wait()
    for form, (header, records) in forms.items():
        before = children_seconds()
        process = subprocess.Popen(
            [FAIRPOST, "apply", "-q", "-m", path("sex.map"), "--lines", form, "--unbuffered"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        answers = os.fdopen(os.dup(process.stdout.fileno()), "rb")
        if header:
            process.stdin.write(header)
            answers.readline()
        times = ask(process.stdin.write, answers.readline, records)
        process.stdin.close()
        process.wait()
        report(f"pipe, {form}", times, children_seconds() - before)

        before = children_seconds()
        process = subprocess.Popen(
            [FAIRPOST, "apply", "-q", "-m", path("sex.map"), "--lines", form, "--socket", path("s.sock")])
        while not os.path.exists(path("s.sock")):
            time.sleep(0.01)
        client = socket.socket(socket.AF_UNIX)
        client.connect(path("s.sock"))
        answers = client.makefile("rb")
        if header:
            client.sendall(header)
            answers.readline()
        times = ask(client.sendall, answers.readline, records)
        client.close()
        process.terminate()
        process.wait()
        report(f"socket, {form}", times, children_seconds() - before)
    clients(path, forms["csv"])
    peers(rows)


def clients(path, form):
    """64 clients at once, every fourth gone before its answers, every fourth reading slowly; no answer may be wrong."""
    header, records = form
    wanted = subprocess.run(
        [FAIRPOST, "apply", "-q", "-m", path("sex.map")], input=header + b"".join(records), capture_output=True,
        check=True).stdout.splitlines(keepends=True)[1:]
    process = subprocess.Popen(
        [FAIRPOST, "apply", "-q", "-m", path("sex.map"), "--socket", path("m.sock"), "--clients", "64"])
    while not os.path.exists(path("m.sock")):
        time.sleep(0.01)
    wrong = []
    answered = []

    def serve(number):
        client = socket.socket(socket.AF_UNIX)
        client.connect(path("m.sock"))
        own = range(number, len(records), 64)
        if number % 4 == 3:
            client.sendall(header + b"".join(records[i] for i in own[:20]))
            client.close()
            return
        sender = threading.Thread(target=lambda: (
            client.sendall(header + b"".join(records[i] for i in own)), client.shutdown(socket.SHUT_WR)))
        sender.start()
        answers = client.makefile("rb")
        answers.readline()
        for place, i in enumerate(own):
            if number % 4 == 2 and place % 500 == 0:
                time.sleep(0.02)
            if answers.readline() != wanted[i]:
                wrong.append(i)
        if answers.readline() != b"":
            wrong.append(-1)
        answered.append(len(own))
        sender.join()
        client.close()

    start = time.perf_counter()
    threads = [threading.Thread(target=serve, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    process.terminate()
    print(f"64 clients: {sum(answered):,} answers in {seconds:.2f} s, {len(wrong)} wrong, status {process.wait()}", flush=True)


def peers(rows):
    count = 300
    try:
        import pandas as pd
        import fairlearn_peer

        data = pd.DataFrame({
            "p": [float(row[9]) for row in rows], "y": [int(row[8]) for row in rows], "g": [row[1] for row in rows]})
        model = fairlearn_peer.threshold_optimizer(data)
        times = []
        for i in range(count):
            one = data.iloc[[i]]
            start = time.perf_counter()
            fairlearn_peer.decisions(model, one)
            times.append(time.perf_counter() - start)
        report("fairlearn, predict", times)
    except ImportError as error:
        print(f"fairlearn: skipped: {error}")
    try:
        import numpy as np
        from equipy.fairness import FairWasserstein

        p = np.array([float(row[9]) for row in rows])
        g = np.array([[row[1]] for row in rows])
        model = FairWasserstein()
        model.fit(p, g)
        times = []
        for i in range(count):
            start = time.perf_counter()
            model.transform(p[i:i + 1], g[i:i + 1])
            times.append(time.perf_counter() - start)
        report("EquiPy, transform", times)
    except ImportError as error:
        print(f"EquiPy: skipped: {error}")


main()
