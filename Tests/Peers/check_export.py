"""Exported SQL in the real engines: maps to the last bit of `apply`, models within 1e-12 of `predict`.

check_export.py FAIRPOST [ROWS]

DuckDB and SQLite come with Python packages; PostgreSQL is asked through psql, where a server answers
(PGHOST, PGUSER, PGDATABASE). An engine that is not there is named.
"""

import csv
import io
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

FAIRPOST = sys.argv[1]
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
MAPS = [
    "--group sex",
    "--group sex --outside shift --missing-group pass --unseen pass",
    "--group sex --missing-group drop --unseen pool",
    "--group sex --group region --small-cell pool --missing-group pool --unseen pool --epsilon 0.3",
    "--group sex,region --small-cell pool --range 0,1 --outside shift --missing-group pass --unseen pass",
    "--group sex --estimator equipy --missing-group own --unseen pass",
]
MODELS = [
    "linear --task repaid",
    "mlp --task repaid --task amount:regression --hidden 6,4 --activation tanh --epochs 1",
    "mlp --task education:multiclass --hidden 8 --epochs 1",
]
NUMBERS = ("age", "employed", "debt", "amount", "score")


def run(*words, stdin=None):
    done = subprocess.run([FAIRPOST, *words], input=stdin, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"fairpost {' '.join(words)}: {done.stderr}")
    return done.stdout


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def value(text, column):
    return None if text == "" else float(text) if column in NUMBERS else text


class DuckDB:
    def __init__(self, path, header):
        import duckdb

        self.connection = duckdb.connect()
        types = ", ".join(f"'{c}': '{'DOUBLE' if c in NUMBERS else 'VARCHAR'}'" for c in header)
        self.connection.execute(
            f"CREATE TABLE preds AS SELECT * FROM read_csv('{path}', header = true, columns = {{{types}}}, nullstr = '')")

    def run(self, script):
        script, query = script[: script.index("WITH ")], script[script.index("WITH "):]
        if script.replace("--", "").strip():
            self.connection.execute("DROP TABLE IF EXISTS fp_segment; DROP TABLE IF EXISTS fp_table")
            self.connection.execute(script)
        found = self.connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row)) for row in found.fetchall()]


class SQLite:
    def __init__(self, path, header):
        self.connection = sqlite3.connect(":memory:")
        self.connection.row_factory = sqlite3.Row
        types = ", ".join(f"{c} {'REAL' if c in NUMBERS else 'TEXT'}" for c in header)
        self.connection.execute(f"CREATE TABLE preds ({types})")
        with open(path) as lines:
            reader = csv.DictReader(lines)
            self.connection.executemany(
                f"INSERT INTO preds VALUES ({', '.join('?' for _ in header)})",
                ([value(row[c], c) for c in header] for row in reader))

    def run(self, script):
        script, query = script[: script.index("WITH ")], script[script.index("WITH "):]
        self.connection.executescript("DROP TABLE IF EXISTS fp_segment; DROP TABLE IF EXISTS fp_table;")
        self.connection.executescript(script)
        return [dict(row) for row in self.connection.execute(query)]


class PostgreSQL:
    def __init__(self, path, header):
        types = ", ".join(f"{c} {'DOUBLE PRECISION' if c in NUMBERS else 'TEXT'}" for c in header)
        self.set_up = f"DROP TABLE IF EXISTS preds; CREATE TABLE preds ({types});"
        self.psql(self.set_up + f"\n\\copy preds FROM '{path}' WITH (FORMAT csv, HEADER, NULL '')\n")

    def psql(self, script):
        done = subprocess.run(
            ["psql", "-q", "--csv", "-v", "ON_ERROR_STOP=1"], input=script, capture_output=True, text=True)
        if done.returncode:
            raise OSError(done.stderr.strip().splitlines()[0])
        return done.stdout

    def run(self, script):
        return rows_of(self.psql(script))


def same(one, other, digits):
    """Whether a number of fairpost's is an engine's."""
    if one == "" or other in ("", None):
        return one == "" and other in ("", None)
    a, b = float(one), float(other)
    return a == b if digits is None else abs(a - b) <= digits * max(1.0, abs(a))


def check(name, engine, script, wanted, columns, digits):
    start = time.process_time(), time.perf_counter()
    found = {row["id"]: row for row in engine.run(script)}
    seconds = time.perf_counter() - start[1]
    count = wrong = 0
    for row in wanted:
        own = found.get(row["id"])
        for column in columns:
            count += 1
            wrong += own is None or not same(row[column], own[column], digits)
    wrong += len(found) != len(wanted)
    print(f"  {name}: {count:,} numbers, {wrong} differ, {seconds:.2f} s")
    return wrong


def main():
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        path = os.path.join(folder, "rows.csv")
        text = run("synth", "loans", "-q", "-n", str(ROWS))
        lines = text.splitlines()
        header = lines[0].split(",")
        places = {name: header.index(name) for name in header}
        with open(path, "w") as out:
            out.write(lines[0] + "\n")
            for number, line in enumerate(lines[1:]):
                cells = line.split(",")
                for column, step, new in (
                    ("sex", 97, ""), ("sex", 89, "X"), ("score", 83, ""), ("age", 79, ""), ("region", 73, "islands"),
                ):
                    if number % step == 5:
                        cells[places[column]] = new
                if number % 71 == 5 and cells[places["score"]]:
                    cells[places["score"]] = repr(float(cells[places["score"]]) * 3 - 1)
                out.write(",".join(cells) + "\n")
        engines = []
        for kind in (DuckDB, SQLite, PostgreSQL):
            try:
                engines.append(kind(path, header))
            except (ImportError, OSError, FileNotFoundError) as error:
                print(f"{kind.__name__}: skipped: {error}")
        fit = os.path.join(folder, "fit.csv")
        with open(fit, "w") as out:
            out.write(run("synth", "loans", "-q", "-n", "2000", "--seed", "9"))
        file = os.path.join(folder, "file")
        for options in MAPS:
            print(f"fit {options}")
            run("fit", "-q", "--score", "score", *options.split(), "-o", file, fit)
            rows = rows_of(run("apply", "-q", "-m", file, "--on-bad-row", "skip", path))
            dropped = {row["id"] for row in rows}
            script = run("export", "--to", "sql", file)
            for engine in engines:
                # What apply refuses, the code says so: such records are not compared.
                start = time.perf_counter()
                found = engine.run(script)
                seconds = time.perf_counter() - start
                found = {r["id"]: r for r in found if not r["score.fair.status"].startswith("refused")}
                differ = sum(1 for row in rows if row["id"] not in found
                             or not same(row["score.fair"], found[row["id"]]["score.fair"], None))
                differ += len(set(found) - dropped)
                wrong += differ
                print(f"  {type(engine).__name__}: {len(rows):,} records, {differ} differ, {seconds:.2f} s")
        for options in MODELS:
            print(f"train {options}")
            run("train", *options.split(), "--exclude", "id,score", "-q", "-o", file, fit)
            text = run("predict", "-q", "-m", file, path)
            rows = rows_of(text)
            columns = [name for name in rows[0] if ".score" in name]
            script = run("export", "--to", "sql", file)
            for engine in engines:
                wrong += check(type(engine).__name__, engine, script, rows, columns, 1e-12)
    print("nothing differs" if wrong == 0 else f"{wrong} differ")
    sys.exit(wrong > 0)


main()
