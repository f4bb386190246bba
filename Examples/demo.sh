#!/bin/sh
# Data with known unfairness, made here; its scores adjusted and measured before and after.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fairpost synth loans > "$work/loans.csv"
echo 'The first rows of the data:'
head -4 "$work/loans.csv"
echo
echo 'The rows in parts, by a hash of the record:'
fairpost split --id id --column part "$work/loans.csv" | head -4
