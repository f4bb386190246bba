#!/bin/sh
# An office invites people by a score: a fifth of them, the best of a list, or without knowing their group at all.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fairpost synth loans -n 4000 --seed 7 > loans.csv

echo "# the top fifth of all, of each group, and with rates at most .01 apart"
for limit in "" --each-group "--tolerance 0.01"; do
  fairpost fit rate --score score --group sex --rate 0.2 $limit -o rate.map loans.csv
done

echo "# a list of 40 with enough of F from every place up, and its figures beside those of a shuffled list"
fairpost adjust prefix -q --score score --group sex --id id --least F=0.7 --top 40 loans.csv > list.csv
fairpost evaluate -q --task repaid --score score.fair --group sex --metrics exposure_ratio,min_skew@40,ndkl \
  --format csv list.csv | cut -d, -f 2,3,7,13 | sed -n '1p;/^score.fair/p'

echo "# people who would repay rank equally high in both groups"
fairpost fit xorder --score score --task repaid --group sex -o order.map loans.csv

echo "# the group is not known, only how likely it is, given the score"
awk -F, 'NR == FNR { if (FNR > 1) { all[int(10 * $10)]++; f[int(10 * $10)] += $2 == "F" } next }
  { print $0 "," (FNR == 1 ? "p_F,p_M" : f[int(10 * $10)] / all[int(10 * $10)] "," 1 - f[int(10 * $10)] / all[int(10 * $10)]) }' loans.csv loans.csv |
  cut -d, -f 1,3- > blind.csv
fairpost fit decide --score score --id id --blind 'sex=p_*' --tolerance 0.01 -o blind.map blind.csv
fairpost inspect blind.map | tail -n 6

echo "# probabilities must sum to 1"
status=0
sed '3s/0\.[0-9]*$/0.9/' blind.csv | fairpost apply -m blind.map > refused.csv || status=$?
echo "# status $status"
