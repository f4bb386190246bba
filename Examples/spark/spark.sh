#!/bin/sh
# What `make spark` runs: finds Java and PySpark, sets up a virtual environment in .build/spark where PySpark is
# missing, and runs check.py. FAIRPOST is the program, PYTHON an interpreter (python3).
set -eu
here=$(dirname "$0")
fail() {
  echo "make spark: $*" >&2
  exit 1
}

java=java
[ -z "${JAVA_HOME:-}" ] || java=$JAVA_HOME/bin/java
version=$("$java" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p') || version=
[ -n "$version" ] || fail 'Java 17 or newer is missing: apt install openjdk-17-jre-headless, or set JAVA_HOME'
[ "$version" -ge 17 ] || fail "Java $version is too old for Spark 4, which needs 17: set JAVA_HOME"

python=${PYTHON:-python3}
command -v "$python" > /dev/null || fail "$python is missing: apt install python3, or say PYTHON=..."
if ! "$python" -c 'import pyspark' 2> /dev/null; then
  venv=$here/../../.build/spark
  mkdir -p "$venv"
  [ -x "$venv/bin/pip" ] || "$python" -m venv "$venv" ||
    fail "no virtual environment could be made: apt install python3-venv, or say PYTHON=... that has PySpark"
  "$venv/bin/python" -c 'import pyspark' 2> /dev/null || "$venv/bin/pip" install --quiet 'pyspark>=4,<5' ||
    fail 'pip could not install PySpark; PYTHON=... may name an interpreter that has it'
  python=$venv/bin/python
fi
exec "$python" "$here/check.py" "$FAIRPOST" "$@"
