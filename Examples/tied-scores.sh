#!/bin/sh
# An auditor has risk classes from 1 to 10 instead of scores: many records share a value, and what a map
# that treats equals equally must leave is said, with the choice there is.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fairpost synth loans --quiet |
  awk -F, 'NR == 1 { print "id,sex,class"; next } { print $1 "," $2 "," 1 + int($10 * 9.999) }' > classes.csv

for ties in mean mid random; do
  echo "# --ties $ties: the sexes' means, and what one class becomes"
  fairpost adjust --score class --group sex --ties "$ties" --id id classes.csv > fair.csv
  awk -F, 'NR > 1 { sum[$2] += $4; count[$2]++; if ($2 == "F" && $3 == 7 && !seen[$4]++) images++ }
    END { printf "F %.3f  M %.3f  class 7 of F has %d result(s)\n", sum["F"] / count["F"], sum["M"] / count["M"], images }' fair.csv
done
