#!/bin/sh
# A bank decides loans by a score. Those who would repay are to have the same chance in both groups, and those
# who would not as well (equalized odds): what does that cost, on whom does a draw fall, and who can check it?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fairpost synth loans -n 4000 --seed 7 > loans.csv
fairpost split --column --id id loans.csv > parts.csv
columns="--score score --task repaid --group sex --id id"

for part in calibrate test; do
  awk -F, -v part="$part" 'NR == 1 || $NF == part' parts.csv > "$part.csv"
done

echo "# the best decisions, and the proof that none are better"
fairpost fit decide $columns --constraint equalized_odds -o odds.map calibrate.csv
fairpost inspect odds.map

echo "# decisions for other people; anybody can derive them again from the map"
fairpost apply -q -m odds.map test.csv > decided.csv
fairpost verify -m odds.map decided.csv
head -n 1 test.csv > one.csv
sed -n 9p test.csv >> one.csv
fairpost apply -q -m odds.map one.csv | tail -n 1 > alone.csv
if [ "$(cat alone.csv)" = "$(sed -n 9p decided.csv)" ]; then echo "one record alone gets the same answer"; fi

echo "# without random draws: the best thresholds"
fairpost fit decide $columns --constraint equalized_odds=0.05 --deterministic -o plain.map calibrate.csv
fairpost inspect plain.map | tail -n 3

echo "# the whole choice: the greatest accuracy for each tolerance, and the same on other people"
fairpost frontier decide $columns --constraint equalized_odds --test test.csv calibrate.csv |
  cut -d, -f 2-7,13,16

echo "# what can be promised for new people"
status=0
fairpost fit decide $columns --constraint equalized_odds=0.05 --confidence 0.95 -o sure.map calibrate.csv || status=$?
echo "# status $status"
fairpost fit decide $columns --constraint equalized_odds=0.3 --confidence 0.95 -o sure.map calibrate.csv
fairpost inspect sure.map | grep promises
