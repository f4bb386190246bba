#!/bin/sh
# Whether `decide --confidence 0.95` keeps its promise on new records: many samples of one population, a map from
# each, and the groups' true positive rates of the map's decisions on the population itself.
#
#   promise.sh [SAMPLES [ROWS]]        fairpost is taken from PATH; prints a line, status 1 where more than 5 % break it
set -eu
samples=${1:-500}
rows=${2:-1600}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Two groups of unlike scores; a label is 1 with the chance that the score says.
people() {
  awk -v seed="$1" -v rows="$2" 'BEGIN {
    srand(seed); print "id,group,score,label"
    for (i = 1; i <= rows; i++) {
      b = rand() < 0.5
      score = (rand() + rand() + rand()) / 3; score = b ? score * 0.8 : 0.2 + score * 0.8
      printf "%d-%d,%s,%.4f,%d\n", seed, i, b ? "b" : "a", score, rand() < score
    }
  }'
}

people 1 40000 > "$folder/all.csv"
broken=0
sample=0
while [ "$sample" -lt "$samples" ]; do
  sample=$((sample + 1))
  people $((sample + 1)) "$rows" |
    fairpost fit decide -q --task label --score score --group group --id id \
      --constraint equal_opportunity=0.2 --confidence 0.95 -o "$folder/map" 2> "$folder/said" || {
    cat "$folder/said" >&2
    exit 2
  }
  fairpost apply -q -m "$folder/map" "$folder/all.csv" > "$folder/decided.csv"
  gap=$(awk -F, 'NR > 1 && $4 == 1 { all[$2]++; hit[$2] += $5 }
    END { gap = hit["a"] / all["a"] - hit["b"] / all["b"]; print (gap < 0 ? -gap : gap) }' "$folder/decided.csv")
  broken=$((broken + $(awk -v gap="$gap" 'BEGIN { print (gap > 0.2 ? 1 : 0) }')))
done
echo "the promise was broken in $broken of $samples samples of $rows records (at most 5 % are allowed)"
[ $((20 * broken)) -le "$samples" ]
