#!/bin/sh
# The long form of the hostile tests: SECONDS a campaign, with the ordinary program, then with the
# address sanitizer, then with the thread sanitizer. SECONDS=600 takes about an hour and a half.
# usage: Tests/Tools/torture.sh SECONDS PROGRAM [BUILD-FLAG...]
set -u
cd "$(dirname "$0")/../.."
seconds=$1
program=$2
shift 2
swift=${SWIFT:-swift}
failed=

campaign() {
  FAIRPOST_TORTURE=$seconds "$swift" test "$@" --skip-build --disable-xctest \
    --filter TortureTests </dev/null || failed="$failed $label"
}

"$swift" build "$@" --build-tests </dev/null || exit 1
label=plain
FAIRPOST_BIN=$program
export FAIRPOST_BIN
campaign "$@"
for label in address thread; do
  build=.build/$label
  if "$swift" build -c release --scratch-path "$build" --sanitize=$label --product fairpost \
    </dev/null; then
    FAIRPOST_BIN=$PWD/$build/release/fairpost
    # LeakSanitizer needs to trace the process, which containers often forbid.
    ASAN_OPTIONS=detect_leaks=0:handle_segv=0 TSAN_OPTIONS="halt_on_error=1:suppressions=$PWD/Tests/Tools/tsan.supp" FAIRPOST_SANITIZED=$label \
      campaign "$@"
  else
    failed="$failed $label-build"
  fi
done
if [ -n "$failed" ]; then
  echo "torture: findings in$failed" >&2
  exit 1
fi
echo 'torture: no finding'
