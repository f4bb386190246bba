#!/bin/sh
# Prints the lines of Sources/ that the tests run, by file.

set -e
swift=${SWIFT:-swift}
"$swift" build --product fairpost -Xswiftc -profile-generate -Xswiftc -profile-coverage-mapping
"$swift" test --enable-code-coverage --disable-xctest || true
# The profile can be read only by the tool of the same toolchain.
tools=$(dirname "$(readlink -f "$(command -v "$swift")")")
"$tools/llvm-cov" report .build/debug/fairpostPackageTests.xctest \
  -instr-profile .build/debug/codecov/default.profdata \
  -ignore-filename-regex='(\.build|Tests)/'
