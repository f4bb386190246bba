#!/bin/sh
# A researcher asks how small a group, and how small a calibration pool, the map bears: what KS
# distance is left for new records, and how far the map is from the true one.
#
# Two normal groups, N(0,1) and N(1,2), whose fair score is known: the map is fitted to pools of 50 to
# 100,000 rows in which the minority has a share of one half to a thousandth, and measured on 40,000 new
# rows. With the path of a CSV of the American Community Survey (columns race, PINCP) its nine groups
# are treated alike: one half calibrates, the other is measured.
#
#     sh Examples/imbalance.sh [ACS.csv] > Examples/results/imbalance.csv
#
# Columns: ks_before, ks_after and rms (root mean squared error to the true fair score) are means over
# the seeds; ks_floor is what an exactly fair map of these sizes would show on average on these rows.
set -eu
seeds=${SEEDS:-5}
pools=${POOLS-50 500 5000 50000 100000}
shares=${SHARES-0.5 0.2 0.1 0.05 0.01 0.005 0.001}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL

# The largest KS distance of each group to the rest of the file; columns group, value, sorted by value.
distance() {
  awk -F, -v sizes="$1" '
    { count[$1]++; if ($2 != last && NR > 1) compare(); last = $2; seen[$1]++; all++ }
    function compare(  g, gap) {
      for (g in total) {
        gap = seen[g] / total[g] - (all - seen[g]) / (rows - total[g])
        if (gap < 0) gap = -gap
        if (gap > ks[g]) ks[g] = gap
      }
    }
    BEGIN { while ((getline line < sizes) > 0) { split(line, part, ","); total[part[1]] = part[2]; rows += part[2] } }
    END { for (g in total) print g "," total[g] "," ks[g] + 0 }
  ' | sort
}

echo data,group,pool,share,rows,seeds,ks_before,ks_after,ks_floor,rms
fairpost synth gaussians --means 0,1 --deviations 1,2 --sizes 20000,20000 --seed 1 --quiet > "$work/new.csv"
for pool in $pools; do
  for share in $shares; do
    minority=$(awk "BEGIN { printf \"%d\", $pool * $share + 0.5 }")
    [ "$minority" -ge 2 ] || continue
    seed=1
    while [ "$seed" -le "$seeds" ]; do
      fairpost synth gaussians --means 0,1 --deviations 1,2 --sizes $((pool - minority)),"$minority" \
        --seed $((100 + seed)) --quiet > "$work/pool.csv"
      fairpost adjust --quiet --score score --group group --calibrate "$work/pool.csv" "$work/new.csv" |
        awk -F, -v share="$share" '
          NR > 1 {
            # The true map: the barycentre has mean s and deviation 1 + s for a minority share s.
            z = $2 == "g1" ? $3 : ($3 - 1) / 2
            error = $5 - (share + (1 + share) * z)
            sum += error * error
            print $2 "," $3 > before
            print $2 "," $5 > after
          }
          END { print sqrt(sum / (NR - 1)) }' before="$work/before" after="$work/after" > "$work/rms"
      for which in before after; do
        sort -t, -k2,2g "$work/$which" | awk -F, '
          NR > 1 && $2 != last { gap = a / 20000 - b / 20000; if (gap < 0) gap = -gap; if (gap > ks) ks = gap }
          { if ($1 == "g1") a++; else b++; last = $2 }
          END { print ks + 0 }' > "$work/ks.$which"
      done
      paste -d, "$work/ks.before" "$work/ks.after" "$work/rms"
      seed=$((seed + 1))
    done | awk -F, -v pool="$pool" -v share="$share" -v few="$minority" '
      { before += $1; after += $2; rms += $3 }
      END {
        floor = 0.8687 * sqrt(1 / few + 1 / (pool - few) + 2 / 20000)
        if (floor > 1) floor = 1
        printf "gaussians,minority,%d,%s,%d,%d,%.4f,%.4f,%.4f,%.4f\n",
          pool, share, few, NR, before / NR, after / NR, floor, rms / NR
      }'
  done
done

[ $# -eq 1 ] || exit 0
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; print "id,race,income"; next }
  { print NR "," $place["race"] "," $place["PINCP"] }' "$1" |
  fairpost split --quiet --id id --fractions pool=0.5,new=0.5 --column > "$work/acs.csv"
# Incomes are round numbers, many of them 0: ties are spread by the record's id.
fairpost fit --quiet --score income --group race --ties random --id id --rows split=pool -o "$work/acs.map" "$work/acs.csv"
fairpost apply --quiet -m "$work/acs.map" --rows split=new "$work/acs.csv" > "$work/fair.csv"
awk -F, 'NR > 1 { count[$2]++ } END { for (g in count) print g "," count[g] }' "$work/fair.csv" > "$work/new.sizes"
awk -F, 'NR > 1 && $4 == "pool" { count[$2]++; all++ } END { for (g in count) print g "," count[g] "," all }' \
  "$work/acs.csv" | sort > "$work/pool.sizes"
for which in 3 5; do
  awk -F, -v c="$which" 'NR > 1 { print $2 "," $c }' "$work/fair.csv" | sort -t, -k2,2g > "$work/sorted"
  distance "$work/new.sizes" < "$work/sorted" > "$work/ks.$which"
done
join -t, "$work/ks.3" "$work/ks.5" | join -t, - "$work/pool.sizes" | awk -F, '
  { n = $6; rest = $7 - n; m = $2
    floor = 0.8687 * sqrt(1 / n + 1 / rest + 1 / m)
    printf "acs,%s,%d,%.4f,%d,1,%.4f,%.4f,%.4f,\n", $1, $7, n / $7, n, $3, $5, floor }'
