#!/bin/sh
# Builds the fuzz targets with the address sanitizer, away from the ordinary build, and runs them.
# usage: Tests/Fuzz/run.sh [SECONDS] [CORPUS-FOLDER]
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:-60}
build=.build/fuzz
corpus=${2:-$build/corpus}
mkdir -p "$build" "$corpus"
FAIRPOST_FUZZ=1 swift build -c release --scratch-path "$build" \
  --sanitize=fuzzer -Xswiftc -sanitize=address,fuzzer --product fairpost-fuzz
# LeakSanitizer needs to trace the process, which containers often forbid.
ASAN_OPTIONS=detect_leaks=0 exec "$build/release/fairpost-fuzz" \
  -max_total_time="$seconds" -max_len=4096 -dict=Tests/Fuzz/words.dict -timeout=10 -print_final_stats=1 \
  -artifact_prefix="$build/" "$corpus"
