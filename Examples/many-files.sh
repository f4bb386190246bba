#!/bin/sh
# Scores in many files, or one file too large for one process: a summary of each part, merged into the map that
# one fit over all rows would have written, then every part adjusted by it. Parts may lie on many machines.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# A folder of daily files.
fairpost synth loans --quiet -n 9000 > all.csv
mkdir days
head -1 all.csv > header
sed 1d all.csv | split -l 1500 - days/day.
for day in days/day.*; do
  cat header "$day" > "$day.csv"
  rm "$day"
done

echo '# A summary of each file, two at a time, and their merge:'
find days -name '*.csv' | sort | xargs -P 2 -I '{}' \
  fairpost fit --quiet --score score --group sex --exact --summary -o '{}.sum' '{}'
fairpost merge --quiet -o sex.map days/*.sum
fairpost fit --quiet --score score --group sex --exact -o whole.map all.csv
cmp sex.map whole.map && echo 'the map is that of one fit over all rows, byte for byte'

echo '# Every file by the map, two at a time:'
find days -name '*.csv' | sort | xargs -P 2 -I '{}' fairpost apply --quiet -m sex.map -o '{}.fair' '{}'
fairpost apply --quiet -m sex.map days/*.csv > whole.csv
{ cat header; for day in days/*.csv.fair; do sed 1d "$day"; done; } | sed 1d > parts.csv
sed 1d whole.csv | cmp - parts.csv && echo 'the rows are those of one run, byte for byte'

echo '# One large file in four parts, cut between records:'
seq 4 | xargs -P 2 -I '{}' \
  fairpost fit --quiet --score score --group sex --exact --summary --shard '{}/4' -o 'part.{}' all.csv
fairpost merge --quiet part.* | cmp - whole.map && echo 'the same map again'

echo '# The figures from counts of each file:'
for day in days/*.csv; do
  fairpost evaluate --quiet --task repaid --score score --group sex --summary -o "$day.counts" "$day"
done
fairpost evaluate --quiet --task repaid --score score --group sex --frequency n days/*.counts > parts.figures
fairpost evaluate --quiet --task repaid --score score --group sex all.csv | cmp - parts.figures &&
  echo 'the figures are those of all rows, byte for byte'
