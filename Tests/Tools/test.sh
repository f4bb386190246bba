#!/bin/sh
# Runs all tests with the given build flags and ends with one line of totals. Fails where a test
# failed, where none ran, and, with FAIRPOST_REQUIRE_SHARED set, where one was skipped.

swift=${SWIFT:-swift}
results=$(mktemp -d) || exit 1
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM

"$swift" build "$@" --build-tests </dev/null || exit 1
"$swift" test "$@" --skip-build --disable-xctest --xunit-output "$results/x.xml" \
  </dev/null >"$results/log" 2>&1
status=$?

# What passed is not worth a line each; what did not is shown whole.
awk '!/^(◇|✔)/' "$results/log"

report=
for file in "$results"/*.xml; do
  [ -s "$file" ] && report=$file
done
if [ -z "$report" ]; then
  echo '0 passed, 0 failed, 0 skipped'
  echo 'the tests ended without a report' >&2
  exit 1
fi

awk -v status="$status" -v require="${FAIRPOST_REQUIRE_SHARED:-}" '
  /<testcase / { total++; failed_here = 0 }
  /<failure/ && !failed_here { failed++; failed_here = 1 }
  /<skipped/ { skipped++ }
  END {
    passed = total - failed - skipped
    printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped
    if (failed > 0 || passed < 1 || status != 0) exit 1
    if (require != "" && skipped > 0) exit 1
  }' "$report"
