#!/bin/sh
# The protocol of the multi-task Wasserstein paper on compas.csv and acs_mobility.csv: train, predict,
# adjust, evaluate, for one network over both tasks (MTL) and one for each task (STL). Every network
# runs all its epochs; none is stopped early.
#
#   Examples/reproduce-mtl.sh DATA RESULTS
#
# DATA is the folder of the two files, RESULTS the folder of the CSV results. SEEDS=20 and ACS_SEEDS=8
# say how often; ACS_ROWS=8000 how many training rows of acs_mobility.csv (all: ACS_ROWS=0), and
# ACS_HIDDEN=64,64 with ACS_EPOCHS=50 how large and how long. The paper's size is
# SEEDS=20 ACS_SEEDS=20 ACS_ROWS=0 ACS_HIDDEN=128,256,64 ACS_EPOCHS=50.
set -eu
data=$1
results=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$results"

# Rows of an evaluation as "score,metric,value,floor95,inside_floor"; constants left out.
figures() {
  awk -F, 'NR > 1 && $2 != "constant" && $6 == "" {
    sub(/.*[.]/, "", $2); print $2 "," $3 "," $7 "," $14 "," $15 }'
}

# Trains on $1 with the arguments that follow, then writes the test figures of every task in TASKS,
# before and after the adjustment, as "seed,hidden,arm,task,stage,metric,value,floor95,inside".
arm() {
  train=$1; name=$2; weights=$3; shift 3
  fairpost train "$@" -q --seed "$seed" --id row -o "$work/m" "$train"
  if [ "$weights" = tuned ]; then
    # The weights with the smallest error of the first task on rows that do not train, with as many
    # of its labels hidden as in training.
    weights=$(for weights in 1,1 4,1 1,4 4,4; do
      fairpost predict -q -m "$work/m" --task-weights "$weights" "$work/tune.csv" |
        fairpost evaluate -q --task "${TASKS%% *}" --metrics mse --format csv - 2> "$work/log" |
        awk -F, -v weights="$weights" 'NR == 2 { print $7, weights }'
    done | sort -g | head -1 | cut -d' ' -f2)
  fi
  set -- -q -m "$work/m"
  if [ "$weights" != - ]; then set -- "$@" --task-weights "$weights"; fi
  fairpost predict "$@" "$work/calibrate.csv" > "$work/calibration.csv"
  fairpost predict "$@" "$work/test.csv" > "$work/scored.csv"
  scores=
  for task in $TASKS; do scores="$scores --score $task.score"; done
  # shellcheck disable=SC2086
  fairpost fit -q $scores $RANGE --group "$GROUP" -o "$work/map" "$work/calibration.csv"
  fairpost apply -q -m "$work/map" "$work/scored.csv" > "$work/fair.csv"
  for task in $TASKS; do
    fairpost evaluate -q --task "$task" --group "$GROUP" --metrics auc,mse,ks --map "$work/map" \
      --format csv "$work/fair.csv" 2> "$work/log" |
      figures | sed "s/^/$seed,$hidden,$name,$task,/" >> "$out"
  done
}

# --- COMPAS: two binary tasks, African-American against other -----------------------------------
# 80 % of the rows train and fit the map, as in the paper; 20 % test.
out=$results/mtl-compas.csv
echo "seed,hidden_labels,arm,task,stage,metric,value,floor95,inside_floor" > "$out"
awk -F, -v OFS=, 'NR == 1 { print "row", $0, "group"; next }
  { print NR - 1, $0, $3 == "African-American" ? "African-American" : "other" }' \
  "$data/compas.csv" > "$work/compas.csv"
# Outcomes and what leaks them; scores of COMPAS itself; keys and dates.
never=id,two_year_recid,two_year_violent_recid,in_violent_file,screened_after_2014_04_01
never=$never,decile_score,score_text,v_decile_score,v_score_text,compas_screening_date
hidden=0
GROUP=group
RANGE="--range 0,1"
seed=1
while [ "$seed" -le "${SEEDS:-20}" ]; do
  fairpost split -q --column --fractions train=0.8,test=0.2 --id row --seed "$seed" \
    "$work/compas.csv" > "$work/parts.csv"
  awk -F, 'NR == 1 || $NF == "train"' "$work/parts.csv" > "$work/train.csv"
  cp "$work/train.csv" "$work/calibrate.csv"
  awk -F, 'NR == 1 || $NF == "test"' "$work/parts.csv" > "$work/test.csv"
  net="--hidden 24,24,24 --dropout 0.1 --include-group --group group --exclude split,race"
  TASKS="is_recid is_violent_recid"
  # shellcheck disable=SC2086
  arm "$work/train.csv" MTL 1,6 yoto --task is_recid --task is_violent_recid $net \
    --exclude "$never" --epochs 75
  for task in $TASKS; do
    if [ "$task" = is_recid ]; then other=is_violent_recid; else other=is_recid; fi
    TASKS=$task
    # shellcheck disable=SC2086
    arm "$work/train.csv" STL - mlp --task "$task" $net --exclude "$never,$other" --epochs 50
  done
  # Labels of the first task hidden in 95 % of the training rows.
  hidden=95
  awk -F, -v OFS=, -v seed="$seed" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "is_recid") at = i; print; next }
    { x = (x ? x : seed * 7919 + 1) * 16807 % 2147483647
      if (x / 2147483647 < 0.95) $at = ""; print }' "$work/train.csv" > "$work/hidden.csv"
  TASKS=is_recid
  # shellcheck disable=SC2086
  arm "$work/hidden.csv" MTL 6,1 yoto --task is_recid --task is_violent_recid $net \
    --exclude "$never" --epochs 75
  # shellcheck disable=SC2086
  arm "$work/hidden.csv" STL - mlp --task is_recid $net --exclude "$never,is_violent_recid" \
    --epochs 50
  awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "is_recid") at = i }
    NR == 1 || $at != ""' "$work/hidden.csv" > "$work/labelled.csv"
  # shellcheck disable=SC2086
  arm "$work/labelled.csv" STL-labelled - mlp --task is_recid $net --exclude "$never,is_violent_recid" \
    --epochs 50
  hidden=0
  seed=$((seed + 1))
done

# --- ACS: log income and mobility, by sex --------------------------------------------------------
# 60 % of the rows train, 20 % fit the map and choose the task weights, 20 % test. STL meets the
# batches that MTL meets, most of them with few income labels, as in the paper, where a hidden label
# has weight 0; STL-labelled gets the labelled rows alone, and so takes fewer steps.
out=$results/mtl-acs.csv
echo "seed,hidden_labels,arm,task,stage,metric,value,floor95,inside_floor" > "$out"
awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; print "row", $0, "income"; next }
  $at["WKHP"] >= 1 && $at["PINCP"] >= 100 { print NR - 1, $0, sprintf("%.9g", log($at["PINCP"])) }' \
  "$data/acs_mobility.csv" > "$work/acs.csv"
# Hides a share of the income labels of a file; the same ones for all arms.
hide() {
  awk -F, -v OFS=, -v share="$hidden" -v seed="$seed" '
    NR == 1 { for (i = 1; i <= NF; i++) if ($i == "income") at = i; print; next }
    { x = (x ? x : seed * 7919 + 1) * 16807 % 2147483647
      if (x / 2147483647 < share / 100) $at = ""; print }' "$1"
}
GROUP=sex
RANGE=
categories=SCHL,MAR,CIT,MIL,ANC,NATIVITY,RELP,DEAR,DEYE,DREM,DIS,COW,ESR,race
seed=1
while [ "$seed" -le "${ACS_SEEDS:-8}" ]; do
  fairpost split -q --column --fractions train=0.6,calibrate=0.2,test=0.2 --id row --seed "$seed" \
    "$work/acs.csv" > "$work/parts.csv"
  # The first rows of each part: the file has no order that matters.
  for part in train calibrate test; do
    awk -F, -v most="${ACS_ROWS:-8000}" -v part="$part" \
      'NR == 1 || ($NF == part && (!most || n++ < most))' "$work/parts.csv" > "$work/$part.csv"
  done
  net="--hidden ${ACS_HIDDEN:-64,64} --dropout 0.1 --epochs ${ACS_EPOCHS:-50} --group sex"
  net="$net --categorical $categories --exclude split,PINCP,ESP,GCL"
  for hidden in 0 25 50 75 95; do
    hide "$work/train.csv" > "$work/hidden.csv"
    hide "$work/calibrate.csv" > "$work/tune.csv"
    TASKS="income label"
    # shellcheck disable=SC2086
    arm "$work/hidden.csv" MTL tuned yoto --task income:regression --task label $net
    TASKS=income
    # shellcheck disable=SC2086
    arm "$work/hidden.csv" STL - mlp --task income:regression $net --exclude label
    if [ "$hidden" = 0 ]; then
      TASKS=label
      # shellcheck disable=SC2086
      arm "$work/hidden.csv" STL - mlp --task label $net --exclude income
    else
      awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "income") at = i }
        NR == 1 || $at != ""' "$work/hidden.csv" > "$work/labelled.csv"
      # shellcheck disable=SC2086
      arm "$work/labelled.csv" STL-labelled - mlp --task income:regression $net --exclude label
    fi
  done
  seed=$((seed + 1))
done

# --- Tables ---------------------------------------------------------------------------------------
# Means with standard deviations over seeds, and how often the noise floor holds the figure.
table() {
  awk -F, 'NR > 1 && $7 != "" { k = $2 "," $3 "," $4 "," $5 "," $6; n[k]++; s[k] += $7
      q[k] += $7 * $7; inside[k] += ($9 == "true" || $9 == "yes" || $9 == "1") }
    END { print "hidden_labels,arm,task,stage,metric,seeds,mean,sd,inside_floor"
      for (k in n) { m = s[k] / n[k]; v = n[k] > 1 ? (q[k] - n[k] * m * m) / (n[k] - 1) : 0
        printf "%s,%d,%.4f,%.4f,%.2f\n", k, n[k], m, sqrt(v > 0 ? v : 0), inside[k] / n[k] } }' "$1" |
    { read -r header; echo "$header"; sort; }
}
# Paired differences MTL - STL of unadjusted scores, with the 95 % t-interval over seeds.
paired() {
  awk -F, 'BEGIN { split("12.71 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262 2.228 2.201 2.179 " \
      "2.16 2.145 2.131 2.12 2.11 2.101 2.093", t, " ") }
    NR > 1 && $5 == "score" && $6 != "ks" && $7 != "" { v[$2 "," $4 "," $6 SUBSEP $1 SUBSEP $3] = $7
      keys[$2 "," $4 "," $6]; seeds[$1] }
    END { print "hidden_labels,task,metric,seeds,difference,lower,upper"
      for (k in keys) { n = s = q = 0
        for (i in seeds) if ((k SUBSEP i SUBSEP "MTL") in v && (k SUBSEP i SUBSEP "STL") in v) {
          d = v[k SUBSEP i SUBSEP "MTL"] - v[k SUBSEP i SUBSEP "STL"]; n++; s += d; q += d * d }
        if (n < 2) continue
        m = s / n; x = (q - n * m * m) / (n - 1); f = n - 1 in t ? t[n - 1] : 1.96
        h = f * sqrt((x > 0 ? x : 0) / n)
        printf "%s,%d,%.4f,%.4f,%.4f\n", k, n, m, m - h, m + h } }' "$1" |
    { read -r header; echo "$header"; sort; }
}
for name in compas acs; do
  table "$results/mtl-$name.csv" > "$results/mtl-$name-table.csv"
  paired "$results/mtl-$name.csv" > "$results/mtl-$name-paired.csv"
  echo "== $name"
  cat "$results/mtl-$name-table.csv" "$results/mtl-$name-paired.csv"
done
