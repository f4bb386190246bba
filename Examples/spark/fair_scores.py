"""Makes scores fair to groups with fairpost, over the partitions of a Spark job.

    spark-submit fair_scores.py IN OUT --map MAP -- OPTION...
    spark-submit fair_scores.py loans fair --map sex.map -- --score score --group sex

IN is a folder of CSV files, read in the order of their names, of which the first begins with a header. OUT is a
new folder: its files, one after the other, are the CSV that `fairpost apply` writes. MAP is a new file, the map
that one `fairpost fit --exact` over all rows writes. What follows -- are options of `fairpost fit`.

    --header every     each file of IN begins with the header, not the first alone
    --partitions N     cut the files into about N partitions at ends of lines, where no field contains one;
                       else a partition is a file
    --parquet          IN and OUT are Parquet; the new column is a double
    --fairpost PATH    the program, which the job sends to its workers (default: the one on PATH)
"""

import argparse
import csv
import io
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from pyspark import SparkFiles
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

# How many summaries one merge reads.
FAN = 16

# Fields as fairpost reads them. A null becomes an empty field, an empty text becomes "", which is read back as
# the one text that no field can be.
DIALECT = {
    "quote": '"', "escape": '"', "ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false",
    "maxCharsPerColumn": "-1", "mode": "FAILFAST",
}
SENDABLE = {
    "string", "boolean", "byte", "short", "integer", "long", "float", "double", "decimal", "date", "timestamp",
    "timestamp_ntz",
}


def run(*words, text=""):
    """What a program prints; its message as the error where it fails."""
    done = subprocess.run(words, input=text.encode(), capture_output=True)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return done.stdout.decode()


def through(lines, *words, joined=False):
    """The lines that a filter makes of each partition's lines, in order; of no lines none.

    Added files lie in the last folder of PATH. A filter that fails reads on to the end: else Spark would report
    that its pipe is broken, and not what the filter said.
    """
    command = f'set -o pipefail; cd "${{PATH##*:}}" && ./{shlex.join(words)}'
    if joined:
        command += " | tr -d '\\n'"
    command += " || { status=$?; cat > /dev/null; exit $status; }"
    literal = command.replace("\\", "\\\\").replace("'", "\\'")
    # A line contains no end of a line: as a separator of fields, this one leaves every line whole.
    row = r"ROW FORMAT DELIMITED FIELDS TERMINATED BY '\n' NULL DEFINED AS '\n'"
    lines.createOrReplaceTempView("lines")
    return lines.sparkSession.sql(f"SELECT TRANSFORM (value) {row} USING '{literal}' AS (value STRING) {row} FROM lines")


def merge(texts, *options):
    """What `fairpost merge` makes of summaries."""
    with tempfile.TemporaryDirectory() as folder:
        names = [os.path.join(folder, str(number)) for number, _ in enumerate(texts)]
        for name, text in zip(names, texts):
            with open(name, "w") as file:
                file.write(text)
        return run(SparkFiles.get("fairpost"), "merge", "--quiet", *options, *names)


def fit(lines, names, options, path):
    """Writes the map of all lines: a summary of each partition, a tree of merges, the last one here."""
    summaries = through(
        lines, "fairpost", "fit", "--quiet", *options, "--exact", "--summary", "--no-header", "--columns", names,
        joined=True)
    tree = summaries.rdd.mapPartitionsWithIndex(lambda part, rows: ((part, row.value) for row in rows))
    count = tree.getNumPartitions()
    while count > FAN:
        count = -(-count // FAN)
        tree = tree.map(lambda pair: (pair[0] // FAN, pair[1])).groupByKey(count).mapValues(
            lambda texts: merge(list(texts), "--summary"))
    texts = tree.values().collect()
    if not texts:
        raise SystemExit("fair_scores.py: there are no rows")
    merge(texts, "-o", os.path.abspath(path))
    lines.sparkSession.sparkContext.addFile(path)


def apply(lines, names, path):
    """Each line with its new columns."""
    return through(lines, "fairpost", "apply", "--quiet", "-m", os.path.basename(path), "--no-header", "--columns", names)


def whole(value):
    """The value, or an error where Spark's pipes would change it."""
    bad = F.lit(False)
    for text in "\n", "\r", "\ufffd":
        bad = bad | F.contains(value, F.lit(text))
    return F.when(bad, F.raise_error(F.concat(
        F.lit("fair_scores.py: an end of a line within a field, a carriage return, or text that is not UTF-8: "),
        value))).otherwise(value)


def read_lines(spark, folder, partitions):
    """All lines, in the order of the files' names. Spark's own reader of text would sort files by size."""
    context = spark.sparkContext
    settings = context._jsc.hadoopConfiguration()
    settings.set("textinputformat.record.delimiter", "\n")
    settings.set("mapreduce.input.fileinputformat.split.minsize", "1" if partitions else str(2 ** 62))
    lines = context._jsc.textFile(folder.rstrip("/") + "/*", partitions or 1)
    strings = context._jvm.org.apache.spark.sql.Encoders.STRING()
    return DataFrame(spark._jsparkSession.createDataset(lines.rdd(), strings).toDF(), spark)


def csv_job(spark, given):
    lines = read_lines(spark, given.input, given.partitions)
    numbered = lines.select(whole(F.col("value")).alias("value"), F.monotonically_increasing_id().alias("number"))
    first = numbered.first()
    if first is None:
        raise SystemExit(f"fair_scores.py: {given.input}: no file has a line")
    header = first.value
    is_header = F.col("number") == first.number
    if given.header == "every":
        is_header = F.col("number").bitwiseAND(2 ** 33 - 1) == 0
        same = (F.col("value") == header) | F.raise_error(F.concat(
            F.lit("fair_scores.py: the first line of a file is not the header: "), F.col("value")))
        is_header = is_header & same
    rows = numbered.where(~is_header).select("value")
    names = header.removeprefix("\ufeff")
    fit(rows, names, given.options, given.map)
    new_header = run(given.fairpost, "apply", "--quiet", "-m", given.map, text=header + "\n").rstrip("\n")
    top = spark.range(0, 1, 1, 1).select(F.lit(new_header).alias("value"))
    top.union(apply(rows, names, given.map)).write.text(given.output)


def parquet_job(spark, given):
    frame = spark.read.parquet(given.input)
    for field in frame.schema.fields:
        if field.dataType.typeName() not in SENDABLE:
            raise SystemExit(
                f"fair_scores.py: column \"{field.name}\": a {field.dataType.typeName()} has no text to send; drop it")

    def column(name):
        return F.col("`" + name.replace("`", "``") + "`")

    line = F.to_csv(F.struct(*(column(name).cast("string").alias(name) for name in frame.columns)), DIALECT)
    lines = frame.select(whole(line).alias("value"))
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(frame.columns)
    names = text.getvalue().rstrip("\n")
    fit(lines, names, given.options, given.map)
    new_names = next(csv.reader([run(given.fairpost, "apply", "--quiet", "-m", given.map, text=names + "\n")]))
    schema = ", ".join(f"c{number} STRING" for number, _ in enumerate(new_names))
    fields = apply(lines, names, given.map).select(
        F.from_csv("value", schema, {**DIALECT, "emptyValue": "\n"}).alias("fields"))
    types = [field.dataType for field in frame.schema.fields]
    types += ["double"] * (len(new_names) - len(types))
    fields.select(*(
        F.replace(f"fields.c{number}", F.lit("\n"), F.lit("")).cast(kind).alias(name)
        for number, (name, kind) in enumerate(zip(new_names, types)))).write.parquet(given.output)


def main(words=None):
    parser = argparse.ArgumentParser(
        usage="fair_scores.py [OPTION...] IN OUT --map MAP -- FIT-OPTION...", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", metavar="IN")
    parser.add_argument("output", metavar="OUT")
    parser.add_argument("--map", required=True)
    parser.add_argument("--header", choices=["first", "every"], default="first")
    parser.add_argument("--partitions", type=int)
    parser.add_argument("--parquet", action="store_true")
    parser.add_argument("--fairpost", default=shutil.which("fairpost"))
    words = sys.argv[1:] if words is None else words
    end = words.index("--") if "--" in words else len(words)
    given = parser.parse_args(words[:end])
    given.options = words[end + 1:]
    if not given.fairpost:
        parser.error("there is no fairpost on PATH: say --fairpost PATH")
    if given.header == "every" and given.partitions:
        parser.error("--header every needs whole files: leave out --partitions")
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.variable.substitute", "false")  # ${...} belongs to the shell
    spark.conf.set("spark.sql.session.timeZone", "UTC")  # where every time has one text
    spark.sparkContext.addFile(given.fairpost)
    spark.sparkContext.addPyFile(__file__)
    parquet_job(spark, given) if given.parquet else csv_job(spark, given)


if __name__ == "__main__":
    main()
