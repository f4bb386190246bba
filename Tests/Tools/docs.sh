#!/bin/sh
# The pages of the Swift library: symbols of the public interface, then DocC. Faults in them are errors.
set -eu
cd "$(dirname "$0")/../.."
swift=${SWIFT:-swift}
tools=$(dirname "$(command -v "$swift")")
scratch=.build/docs-build
symbols=$scratch/symbols
rm -rf "$symbols" .build/docs
mkdir -p "$symbols"
"$swift" build -c debug --scratch-path "$scratch" --target Fairpost >"$scratch/build.log" 2>&1 || {
  cat "$scratch/build.log" >&2
  exit 1
}
modules=$("$swift" build -c debug --scratch-path "$scratch" --show-bin-path)/Modules
gsl=$(pwd)/Sources/CGSL
"$tools/swift-symbolgraph-extract" -module-name Fairpost -I "$modules" -Xcc "-fmodule-map-file=$gsl/module.modulemap" \
  -target "$(uname -m)-unknown-linux-gnu" -minimum-access-level public -output-dir "$symbols"
"$tools/docc" convert Sources/Fairpost/Fairpost.docc --additional-symbol-graph-dir "$symbols" \
  --fallback-display-name Fairpost --fallback-bundle-identifier fairpost \
  --warnings-as-errors --output-path .build/docs
echo ".build/docs"
