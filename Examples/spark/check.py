"""Holds fair_scores.py against one run of fairpost, while workers of a local cluster are killed.

    check.py FAIRPOST [ROWS] [--times]

Prints a line for each thing shown, and ends with status 1 if one of them is not so. --times measures the ways to
send rows through a filter instead. Java 17 and PySpark are needed; Spark's own log goes to a file, which is named
where something fails.
"""

import argparse
import os
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyspark
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

import fair_scores

OPTIONS = ["--score", "score", "--group", "sex"]
failed = []


def show(is_so, what):
    print(f"{'ok  ' if is_so else 'FAIL'}  {what}", flush=True)
    if not is_so:
        failed.append(what)


def shell(command, **variables):
    """Runs a line of shell; its failure is an error with its message."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], env={**os.environ, **variables}, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}\n{done.stdout}{done.stderr}")
    return done.stdout


def is_same(command, path):
    """Whether a command prints the bytes of a file."""
    return subprocess.run(["bash", "-o", "pipefail", "-c", f"{command} | cmp - '{path}'"]).returncode == 0


def error_of(job):
    """What a job that must fail says."""
    try:
        job()
    except (PySparkException, Py4JJavaError, RuntimeError) as error:
        return str(error)
    return "it did not fail"


def processes():
    """Command lines of the processes that this one has started, and those have, by id; with their parents."""
    parents, words = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words[int(folder.name)] = (folder / "cmdline").read_bytes().split(b"\0")
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed

    def is_ours(number):
        while number in parents and number != os.getpid():
            number = parents[number]
        return number == os.getpid()

    return {number: (parents[number], words[number]) for number in parents if is_ours(number)}


def filters(found, executor=None):
    """The running filters: all, or those below an executor."""
    def is_below(number):
        while number in found and number != executor:
            number = found[number][0]
        return number == executor

    return [
        number for number, (_, words) in found.items()
        if words[0].endswith(b"fairpost") and (executor is None or is_below(number))]


def processor_seconds():
    """What all processes that this one has started have used, those that have ended too."""
    ticks = 0
    for number in processes():
        try:
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended since it was listed, and its parent counts it from then on
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Killer(threading.Thread):
    """Kills an executor in the middle of each stage over all partitions, while a filter runs below it."""

    def __init__(self, context, tasks):
        super().__init__(daemon=True)
        self.tracker, self.tasks, self.kills, self.is_done = context.statusTracker(), tasks, [], False

    def run(self):
        while not self.is_done:
            for number in self.tracker.getActiveStageIds():
                stage = self.tracker.getStageInfo(number)
                if stage and number not in [kill[0] for kill in self.kills] and self.is_middle(stage):
                    self.kill(number, stage)
            time.sleep(0.01)

    def is_middle(self, stage):
        return stage.numTasks >= self.tasks and stage.numCompletedTasks >= stage.numTasks // 3

    def kill(self, number, stage):
        found = processes()
        for executor, (_, words) in found.items():
            running = filters(found, executor)
            if b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in words and running:
                os.kill(executor, signal.SIGKILL)
                name = found[running[0]][1][1].decode()
                self.kills.append((number, name, stage.numCompletedTasks, stage.numTasks, executor))
                return


def make_data(work, fairpost, rows, least):
    """all.csv, and in/ with its parts: a header in the first alone, and one part that is empty."""
    parts = max(least, rows // 250_000)
    shell(f"""
      cd {work}
      "$FAIRPOST" synth loans --quiet -n {rows} -o all.csv
      head -1 all.csv > header
      sed 1d all.csv > body
      mkdir in
      split -d -a 4 -n l/{parts} body in/part.
      mv in/part.0000 first
      cat header first > in/part.0000
      rm first
      : > in/part.0005.empty
    """, FAIRPOST=fairpost)
    return parts + 1


def make_single_run(work, fairpost):
    """What one process makes of all rows."""
    begin = time.time()
    shell(f"""
      cd {work}
      "$FAIRPOST" fit --quiet {' '.join(OPTIONS)} --exact -o one.map all.csv
      "$FAIRPOST" apply --quiet -m one.map -o one.csv all.csv
    """, FAIRPOST=fairpost)
    return time.time() - begin


def rows_of(spark, work):
    header = (work / "header").read_text().rstrip("\n")
    return fair_scores.read_lines(spark, str(work / "in"), None).where(F.col("value") != header), header


def piped(lines, *words):
    """The JVM's RDD.pipe, which, unlike Python's, makes no Python object of a row."""
    context = lines.sparkSession.sparkContext
    command = context._jvm.java.util.ArrayList()
    for word in words:
        command.add(word)
    strings = context._jvm.org.apache.spark.sql.Encoders.STRING()
    return getattr(lines._jdf, "as")(strings).toJavaRDD().pipe(command)


def check_kills(spark, work, fairpost, parts):
    killer = Killer(spark.sparkContext, parts)
    killer.start()
    begin = time.time()
    fair_scores.main([f"{work}/in", f"{work}/out", "--map", f"{work}/job.map", "--fairpost", fairpost, "--", *OPTIONS])
    seconds = time.time() - begin
    killer.is_done = True
    killer.join()
    show([kill[1] for kill in killer.kills] == ["fit", "apply"], "a worker was killed in the fit, and one in apply")
    for number, name, done, tasks, executor in killer.kills:
        again = spark.sparkContext.statusTracker().getStageInfo(number).numFailedTasks
        show(again > 0, f"  {name}: process {executor} killed after {done} of {tasks} partitions; {again} begun anew")
    show(is_same(f"cat {work}/job.map", work / "one.map"), "the map is that of one fit --exact, byte for byte")
    show(
        is_same(f"cat {work}/out/part-*", work / "one.csv"),
        f"the rows are those of one apply, byte for byte ({seconds:.0f} seconds with the kills)")


def check_failures(spark, work, fairpost):
    shutil.copytree(work / "in", work / "bad")
    shell(f"sed -i '100s/,[^,]*$/,oops/' {work}/bad/part.0001")
    said = error_of(lambda: fair_scores.main(
        [f"{work}/bad", f"{work}/bad.out", "--map", f"{work}/bad.map", "--fairpost", fairpost, "--", *OPTIONS]))
    found = re.search(r"fairpost fit: .*", said)
    show(found and "oops" in said, f"a failing fit fails the job: {found[0] if found else said}")
    rows, header = rows_of(spark, work)
    strange = rows.select(F.regexp_replace("value", "^(L0*7777),[FM],", "$1,X,").alias("value"))
    said = error_of(lambda: fair_scores.apply(strange, header, str(work / "job.map")).write.text(f"{work}/bad.out"))
    found = re.search(r"fairpost apply: .*", said)
    show(found and '"X"' in said, f"a failing apply fails the job: {found[0] if found else said}")
    show(not (work / "bad.out" / "_SUCCESS").exists(), "and its output is not marked as complete")


def check_early_close(spark, work):
    logs = Path(os.environ["SPARK_HOME"]) / "work" / spark.sparkContext.applicationId

    def said():
        return sum(path.read_text(errors="replace").count("fairpost apply:") for path in logs.glob("*/stderr"))

    rows, header = rows_of(spark, work)
    with open(work / "one.csv") as file:
        expected = [file.readline().rstrip("\n") for _ in range(6)][1:]
    taken = [row.value for row in fair_scores.apply(rows, header, str(work / "job.map")).take(5)]
    begin = time.time()
    while filters(processes()) and time.time() < begin + 60:
        time.sleep(0.1)
    seconds = time.time() - begin
    show(taken == expected, "take(5) gives the first five rows")
    show(not filters(processes()), f"and no filter is left {seconds:.0f} seconds later")
    show(said() == 0, "nor has one complained that its pipe was closed early")


def check_empty(spark, work, parts):
    rows, header = rows_of(spark, work)
    summaries = piped(
        rows, "./fairpost", "fit", "--quiet", *OPTIONS, "--exact", "--summary", "--no-header", "--columns", header)
    summaries.saveAsTextFile(f"{work}/summaries")
    files = sorted((work / "summaries").glob("part-*"))
    least = min(file.stat().st_size for file in files)
    show(len(files) == parts, f"{parts} summaries, that of the empty partition too ({least:,} bytes)")
    names = " ".join(map(str, files))
    show(is_same(f"'{os.environ['FAIRPOST']}' merge --quiet {names}", work / "one.map"), "their merge is the same map")


def check_forms(work, fairpost):
    """The other forms of CSV, on the first rows."""
    shell(f"""
      cd {work}
      mkdir cut every
      head -3001 all.csv > cut/all.csv
      head -3000 body | split -l 1000 - every/part.
      for part in every/part.*; do
        cat header "$part" > joined
        mv joined "$part"
      done
      "$FAIRPOST" fit --quiet {' '.join(OPTIONS)} --exact -o few.map cut/all.csv
      "$FAIRPOST" apply --quiet -m few.map -o few.csv cut/all.csv
    """, FAIRPOST=fairpost)
    for name, option, value in ("cut", "--partitions", "20"), ("every", "--header", "every"):
        fair_scores.main([
            f"{work}/{name}", f"{work}/{name}.out", option, value, "--map", f"{work}/{name}.map", "--fairpost",
            fairpost, "--", *OPTIONS])
        show(is_same(f"cat {work}/{name}.out/part-*", work / "few.csv"), f"{option} {value}: the same rows")


def digest(frame):
    """The number of rows, and the sum of their hashes: the same for the same rows in any order."""
    columns = [F.col(f"`{name}`") for name in frame.columns]
    # A null does not change a hash: where it stands must.
    row = F.xxhash64(*columns, *(column.isNull() for column in columns))
    return frame.agg(F.count("*"), F.sum(row.cast("decimal(38,0)"))).first()


def check_parquet(spark, work, fairpost):
    frame = spark.read.csv(f"{work}/all.csv", header=True, inferSchema=True)
    frame.repartition(6).write.parquet(f"{work}/in.parquet")
    fair_scores.main([
        "--parquet", f"{work}/in.parquet", f"{work}/out.parquet", "--map", f"{work}/parquet.map", "--fairpost",
        fairpost, "--", *OPTIONS])
    show(is_same(f"cat {work}/parquet.map", work / "one.map"), "Parquet: the map is the same, byte for byte")
    result = spark.read.parquet(f"{work}/out.parquet")
    single = spark.read.csv(f"{work}/one.csv", header=True, schema=result.schema)
    show(dict(result.dtypes)["score.fair"] == "double", "Parquet: the fair score is a double")
    show(result.schema.fields[:-1] == frame.schema.fields, "Parquet: every column has kept its type")
    show(
        digest(result) == digest(single),
        "Parquet: the rows are those of the single run (their number, and the sum of their hashes)")


def check_parallel(work, fairpost):
    if not shutil.which("parallel"):
        print("      GNU parallel is not installed: with-parallel.sh is not shown")
        return
    script = Path(__file__).with_name("with-parallel.sh")
    shell(
        f"sh {script} {work}/in {work}/out.parallel {work}/parallel.map {' '.join(OPTIONS)}",
        PATH=f"{Path(fairpost).parent}:{os.environ['PATH']}")
    show(is_same(f"cat {work}/parallel.map", work / "one.map"), "GNU parallel: the map is the same, byte for byte")
    show(is_same(f"cat {work}/out.parallel/*", work / "one.csv"), "GNU parallel: the rows are the same, byte for byte")


def measure(spark, work, fairpost):
    """Seconds of apply over all rows, read from files and written to files, by each way."""
    fair_scores.main([f"{work}/in", f"{work}/out", "--map", f"{work}/job.map", "--fairpost", fairpost, "--", *OPTIONS])
    rows, header = rows_of(spark, work)
    words = ["./fairpost", "apply", "--quiet", "-m", "job.map", "--no-header", "--columns", header]
    python = spark.sparkContext.textFile(f"{work}/in/*", 1).filter(lambda line: line != header)
    out = str(work / "timed")
    ways = {
        "lines read and written, no filter": lambda: rows.write.text(out),
        "SQL TRANSFORM": lambda: fair_scores.apply(rows, header, f"{work}/job.map").write.text(out),
        "RDD.pipe of the JVM": lambda: piped(rows, *words).saveAsTextFile(out),
        "rdd.pipe of Python, from textFile": lambda: python.pipe(shlex.join(words)).saveAsTextFile(out),
        "rdd.pipe of Python, from a frame": lambda: rows.rdd.map(lambda row: row.value).pipe(
            shlex.join(words)).saveAsTextFile(out),
    }
    seconds = {name: [] for name in ways}
    for _ in range(5):
        for name, way in ways.items():
            begin, used = time.time(), processor_seconds()
            way()
            seconds[name].append((time.time() - begin, processor_seconds() - used))
            if "no filter" not in name:
                show(is_same(f"cat {work}/header.fair {out}/part-*", work / "one.csv"), f"{name}: the same rows")
            shutil.rmtree(out)
    for name, values in seconds.items():
        passed, used = map(statistics.median, zip(*values))
        print(f"{name}: {passed:.1f} seconds, {used:.1f} of a processor (medians of 5 runs)")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fairpost")
    parser.add_argument("rows", type=int, nargs="?", default=200_000)
    parser.add_argument("--times", action="store_true")
    given = parser.parse_args()
    fairpost = os.environ["FAIRPOST"] = os.path.abspath(given.fairpost)
    os.environ["SPARK_HOME"] = os.path.dirname(pyspark.__file__)
    os.environ["PYSPARK_PYTHON"] = sys.executable
    work = Path(tempfile.mkdtemp(prefix="fairpost-spark-"))
    parts = make_data(work, fairpost, given.rows, 4 if given.times else 24)
    single = make_single_run(work, fairpost)
    shell(f"head -1 {work}/one.csv > {work}/header.fair")
    print(
        f"{given.rows:,} rows in {parts} partitions; one process fits and applies in {single:.1f} seconds",
        flush=True)
    log = work / "spark.log"
    said = os.dup(2)
    with open(log, "w") as file:
        os.dup2(file.fileno(), 2)
    spark = (
        SparkSession.builder.master("local-cluster[2,1,1024]").config("spark.executor.memory", "1g")
        .config("spark.driver.memory", "1g").config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        # TRANSFORM closes the pipe of a task that ends early when garbage is collected: every five seconds then.
        .config("spark.executor.extraJavaOptions", "-XX:+UseG1GC -XX:G1PeriodicGCInterval=5000")
        # Else a file without a line is no partition.
        .config("spark.hadoopRDD.ignoreEmptySplits", "false").getOrCreate())
    try:
        if given.times:
            measure(spark, work, fairpost)
        else:
            check_kills(spark, work, fairpost, parts)
            check_early_close(spark, work)
            check_failures(spark, work, fairpost)
            check_empty(spark, work, parts)
            check_forms(work, fairpost)
            check_parquet(spark, work, fairpost)
            check_parallel(work, fairpost)
    finally:
        sys.stderr.flush()
        os.dup2(said, 2)
        logs = Path(os.environ["SPARK_HOME"]) / "work" / spark.sparkContext.applicationId
        spark.stop()
        if failed or sys.exc_info()[0]:
            print(f"Spark's log: {log}, those of the workers: {logs}", flush=True)
        else:
            shutil.rmtree(logs)
            shutil.rmtree(work)
    print(f"{len(failed)} failed" if failed else "all as promised")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
