#!/bin/sh
# Fair-MAML against a pre-trained network, as in Slack, Friedler & Givental (FAT* 2020).
#
#   Examples/reproduce-fair-maml.sh synthetic RESULTS
#   Examples/reproduce-fair-maml.sh communities RESULTS DATA
#
# synthetic: one-sided fine-tuning on held-out tasks, with the decision boundaries drawn. MODELS=8
# models of each kind meet TASKS=20 held-out tasks each, after ITERATIONS=5000. Coordinates are taken
# as they are: standardised, they are a third as large, and so is the inner step.
# communities: accuracy and fairness on held-out states over gamma, from DATA/communities.csv.
# SEEDS=8 paired runs, ITERATIONS=2000, GAMMAS_DP="0 1 2", GAMMAS_EOP="0 10 20 30 40".
# Results are CSV in the folder RESULTS. The heads have two outputs, as in the paper: a step then
# moves the decision twice as far as with one. Weights are drawn as in the authors' code: normal with
# variance 2/inputs, biases 0.
set -eu
experiment=$1
results=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$results"

# Accuracy and the directed ratios P(1 | protected) / P(1 | other), overall and among label 1, of
# the decisions in a file with the columns LABEL, protected and LABEL.score.
figures() {
  awk -F, -v label="$1" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    { y = $at[label]; p = $at["protected"]; d = $at[label ".score.1"] >= 0.5
      n++; right += d == y; rows[p]++; ones[p] += d; if (y == 1) { pos[p]++; hit[p] += d } }
    END { printf "%d,%.6f,%s,%s,%d\n", n, right / n, \
        rows[0] && rows[1] && ones[0] ? sprintf("%.6f", ones[1] / rows[1] / (ones[0] / rows[0])) : "", \
        pos[0] && pos[1] && hit[0] ? sprintf("%.6f", hit[1] / pos[1] / (hit[0] / pos[0])) : "", \
        ones[0] + ones[1] == 0 || ones[0] + ones[1] == n }'
}

# Means of runs with their standard deviations, from a file "run,method,regulariser,gamma,task,rows,
# accuracy,dp_ratio,eo_ratio,constant": a run is the mean of its tasks.
table() {
  awk -F, 'NR > 1 { k = $2 "," $3 "," $4; for (f = 7; f <= 10; f++) if ($f != "") {
        s[k, $1, f] += $f; c[k, $1, f]++ }; keys[k]; runs[$1] }
    END { print "method,regulariser,gamma,runs,accuracy,sd,dp_ratio,sd,eo_ratio,sd,constant"
      for (k in keys) { line = k
        for (f = 7; f <= 10; f++) { n = t = q = 0
          for (r in runs) if (c[k, r, f]) { m = s[k, r, f] / c[k, r, f]; n++; t += m; q += m * m }
          if (f == 7) line = line "," n
          m = n ? t / n : 0; v = n > 1 ? (q - n * m * m) / (n - 1) : 0
          line = line (f == 10 ? sprintf(",%.3f", m) : sprintf(",%.3f,%.3f", m, sqrt(v > 0 ? v : 0))) }
        print line } }' "$1" | { read -r header; echo "$header"; sort -t, -k2,2 -k3,3g -k1,1; }
}

# Paired differences Fair-MAML minus pre-trained with 95 % t-intervals over runs.
paired() {
  awk -F, 'BEGIN { split("12.71 4.303 3.182 2.776 2.571 2.447 2.365 2.306 2.262", t, " ") }
    NR > 1 { k = $3 "," $4; for (f = 7; f <= 9; f++) if ($f != "") {
        s[k, $2, $1, f] += $f; c[k, $2, $1, f]++ }; keys[k]; runs[$1] }
    END { print "regulariser,gamma,figure,runs,difference,lower,upper"
      name[7] = "accuracy"; name[8] = "dp_ratio"; name[9] = "eo_ratio"
      for (k in keys) for (f = 7; f <= 9; f++) { n = a = q = 0
        for (r in runs) if (c[k, "fair-maml", r, f] && c[k, "pretrained", r, f]) {
          d = s[k, "fair-maml", r, f] / c[k, "fair-maml", r, f] \
            - s[k, "pretrained", r, f] / c[k, "pretrained", r, f]
          n++; a += d; q += d * d }
        if (n < 2) continue
        m = a / n; v = (q - n * m * m) / (n - 1); h = (n in t ? t[n - 1] : 2.3) * sqrt((v > 0 ? v : 0) / n)
        printf "%s,%s,%d,%.4f,%.4f,%.4f\n", k, name[f], n, m, m - h, m + h } }' "$1" |
    { read -r header; echo "$header"; sort -t, -k1,1 -k2,2g -k3,3; }
}

if [ "$experiment" = synthetic ]; then
  out=$results/fair-maml-synthetic.csv
  echo "run,method,regulariser,gamma,task,rows,accuracy,dp_ratio,eo_ratio,constant" > "$out"
  # A grid of points for the boundaries.
  awk 'BEGIN { print "x1,x2"; for (i = -40; i <= 40; i++) for (j = -40; j <= 40; j++)
    printf "%.2f,%.2f\n", i / 4, j / 4 }' > "$work/grid.csv"
  run=1
  while [ "$run" -le "${MODELS:-8}" ]; do
    fairpost synth fair-maml --held-out "${TASKS:-20}" --seed "$run" -o "$work/all.csv"
    for method in fair-maml pretrained; do
      fairpost train "$method" -q --seed "$run" --task label:multiclass --task-column task \
        --rows part=train --exclude id,protected --no-standardise --initial kaiming \
        --hidden 20,20 --iterations "${ITERATIONS:-5000}" \
        -o "$work/$method.model" "$work/all.csv"
      task=1
      while [ "$task" -le "${TASKS:-20}" ]; do
        awk -F, -v task="h$task" 'NR == 1 || $2 == task' "$work/all.csv" > "$work/task.csv"
        fairpost adapt -q -m "$work/$method.model" --rows part=adapt -o "$work/own.model" \
          "$work/task.csv"
        fairpost predict -q -m "$work/own.model" --rows part=test "$work/task.csv" |
          figures label | sed "s/^/$run,$method,dp,0,h$task,/" >> "$out"
        if [ "$run$task" = 11 ]; then
          fairpost predict -q -m "$work/$method.model" "$work/grid.csv" |
            sed "1s/\$/,panel/; 1!s/\$/,$method before/"
          fairpost predict -q -m "$work/own.model" "$work/grid.csv" |
            sed "1d; s/\$/,$method after the one-sided step/"
        fi > "$work/$method.panel"
        if [ "$run$task" = 11 ]; then cp "$work/$method.panel" "$work/$method.grid"; fi
        task=$((task + 1))
      done
    done
    if [ "$run" = 1 ]; then
      { cat "$work/fair-maml.grid"; sed 1d "$work/pretrained.grid"; } > "$work/panels.csv"
      awk -F, 'NR == 1 || $2 == "h1"' "$work/all.csv" > "$work/points.csv"
      fairpost plot boundary -q --x x1 --y x2 --score label.score.1 --panel panel \
        --points "$work/points.csv" --label label --mark part=adapt \
        -o "$results/fair-maml-boundaries.svg" "$work/panels.csv"
    fi
    run=$((run + 1))
  done
  table "$out" > "$results/fair-maml-synthetic-table.csv"
  cat "$results/fair-maml-synthetic-table.csv"
  exit
fi

data=$3
out=$results/fair-maml-communities.csv
echo "run,method,regulariser,gamma,task,rows,accuracy,dp_ratio,eo_ratio,constant" > "$out"
# Low crime is the positive outcome. Columns are standardised within each state, as in the paper;
# that looks at the test rows' features too, so the figures are of the paper's protocol.
awk -F, -v OFS=, '
  NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; columns = NF; next }
  { rows++; for (i = 1; i <= NF; i++) v[rows, i] = $i; n[$1]++
    for (i = 4; i <= NF; i++) { s[$1, i] += $i; q[$1, i] += $i * $i } }
  END {
    line = "row,state"
    for (i = 4; i <= columns; i++) if (name[i] != "label") line = line "," name[i]
    print line ",low"
    for (r = 1; r <= rows; r++) { state = v[r, 1]; line = r ",s" state
      for (i = 4; i <= columns; i++) { if (name[i] == "label") { low = 1 - v[r, i]; continue }
        if (name[i] == "protected") { line = line "," v[r, i]; continue }
        m = s[state, i] / n[state]; d = q[state, i] / n[state] - m * m; d = d > 1e-12 ? sqrt(d) : 1
        line = line sprintf(",%.9g", (v[r, i] - m) / d) }
      print line "," low } }' "$data/communities.csv" > "$work/communities.csv"
never=row,ViolentCrimesPerPop,racepctblack,racePctWhite,racePctAsian,racePctHisp

# One model of a kind, adapted to each held-out state from ten of its rows.
model() {
  method=$1; regulariser=$2; gamma=$3; shift 3
  fairpost train "$method" -q --seed "$run" --task low:multiclass --task-column state --group protected \
    --protected protected=1 --exclude "$never" --no-standardise --held-out count:5 \
    --min-task-rows 20 --shots 10 --tasks-per-batch 8 --hidden 20,20 --initial kaiming \
    --gamma "$gamma" --regulariser "$regulariser" "$@" -o "$work/model" "$work/communities.csv"
  for state in $(fairpost inspect "$work/model" | sed -n 's/.*--held-out \([^ ]*\).*/\1/p' |
    tr , ' '); do
    awk -F, -v state="$state" 'NR == 1 || $2 == state' "$work/communities.csv" |
      fairpost split -q --column --count 10 --per state --parts adapt,test --id row \
        --seed "$run" > "$work/state.csv"
    fairpost adapt -q -m "$work/model" $ADAPT --rows split=adapt -o "$work/own" "$work/state.csv"
    fairpost predict -q -m "$work/own" --rows split=test "$work/state.csv" |
      figures low | sed "s/^/$run,$method,$regulariser,$gamma,$state,/" >> "$out"
  done
}

run=1
while [ "$run" -le "${SEEDS:-8}" ]; do
  for regulariser in dp eop; do
    if [ "$regulariser" = dp ]; then
      gammas=${GAMMAS_DP:-0 1 2}
    else
      gammas=${GAMMAS_EOP:-0 10 20 30 40}
    fi
    for gamma in $gammas; do
      ADAPT=
      model fair-maml "$regulariser" "$gamma" --inner-rate 0.01 --outer-rate 0.0001 \
        --iterations "${ITERATIONS:-2000}"
      # One pass over the hundred batches, and the fine-tuning rate that was best for it.
      ADAPT="--rate 0.1"
      model pretrained "$regulariser" "$gamma" --outer-rate 0.001 --iterations 100
    done
  done
  run=$((run + 1))
done
table "$out" > "$results/fair-maml-communities-table.csv"
paired "$out" > "$results/fair-maml-communities-paired.csv"
cat "$results/fair-maml-communities-table.csv" "$results/fair-maml-communities-paired.csv"
