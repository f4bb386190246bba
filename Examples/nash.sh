#!/bin/sh
# A researcher asks whether bargaining between groups helps, and what it costs: the tables of the two-stage Nash
# meta-learning paper (arXiv 2406.07029) made anew, with its settings.
#
#     sh Examples/nash.sh DATA SPLITS OUT [student] [stages] [shares] [adult] [race] [bank] [credit] [compare]
#
# DATA holds student_por.csv, credit_default.csv, adult.csv, bank_additional.csv and, for the part compare, compas.csv and
# german.csv; SPLITS the published index lists
# student_por_sex.csv and default_credit_sex.csv (columns role, position, row). Each part writes OUT/PART.csv; without
# a part all are made. SEEDS=N sets how often each line is run (5), EPOCH_STEP=N reads the test rows after every N-th
# epoch besides the last (student only, 5).
#
# auc is the balanced accuracy of decisions at 0.5, which the paper calls AUC; gap is the largest difference of it
# between groups (Max-gAUCD), worst the smallest (Worst-gAUC); means over the seeds, _sd their population deviation.
# conflict_first and conflict_second are the shares of minibatches, in epochs with bargaining and in the others, in
# which the direction taken harms a player; before is what the base protocol would have harmed in the first; feasible
# is the share of minibatches with bargaining in which the players agreed.
set -eu
data=$1
splits=$2
out=$3
shift 3
[ $# -gt 0 ] || set -- student stages shares adult race bank credit compare
seeds=${SEEDS:-5}
step=${EPOCH_STEP:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LC_ALL=C
export LC_ALL
mkdir -p "$out"

# As the paper has its features: a column of 0 and 1 for each category, all columns standardised on all rows.
encode='
  FNR == 1 { pass++ }
  FNR == 1 && pass == 1 { for (i = 1; i <= NF; i++) name[i] = $i; columns = NF; next }
  FNR == 1 { 
    printf "y,g"
    for (i = 1; i <= columns; i++) if (name[i] != "y" && name[i] != "g") {
      if (isText[i]) { for (k = 1; k <= kinds[i]; k++) printf ",c%d_%d", i, k } else printf ",c%d", i
    }
    print ""
    next
  }
  pass == 1 {
    rows++
    for (i = 1; i <= columns; i++) {
      if ($i + 0 != $i) isText[i] = 1
      if (!((i, $i) in seen)) { seen[i, $i] = 1; kind[i, ++kinds[i]] = $i }
      count[i, $i]++
      sum[i] += $i
      squares[i] += $i * $i
    }
    next
  }
  {
    for (i = 1; i <= columns; i++) { if (name[i] == "y") y = $i; if (name[i] == "g") g = $i }
    printf "%s,%s", y, g
    for (i = 1; i <= columns; i++) if (name[i] != "y" && name[i] != "g") {
      if (isText[i]) {
        for (k = 1; k <= kinds[i]; k++) {
          share = count[i, kind[i, k]] / rows
          printf ",%.10g", (($i == kind[i, k]) - share) / (share < 1 ? sqrt(share * (1 - share)) : 1)
        }
      } else {
        mean = sum[i] / rows
        variance = squares[i] / rows - mean * mean
        printf ",%.10g", ($i - mean) / (variance > 0 ? sqrt(variance) : 1)
      }
    }
    print ""
  }'

# The rows of one role of a published split, from a file whose first row has number 0.
rows() { # SPLIT FILE ROLE
  awk -F, -v role="$3" '
    NR == FNR { sub(/\r$/, ""); if ($1 == role) want[$3] = want[$3] " " $2; next }
    FNR == 1 { print; next }
    (FNR - 2) in want { n = split(want[FNR - 2], at, " "); for (k = 1; k <= n; k++) line[at[k]] = $0 }
    END { for (k = 0; k in line; k++) print line[k] }' "$1" "$2"
}

# auc, gap and worst of predictions with columns y, g and y.score.
figures='
  NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; next }
  {
    y = $place["y"]; g = $place["g"]; right = ($place["y.score"] > 0.5) == y
    all[y]++; good[y] += right; own[g, y]++; hit[g, y] += right; groups[g]
  }
  END {
    low = 2; high = -1
    for (g in groups) {
      auc = (hit[g, 0] / own[g, 0] + hit[g, 1] / own[g, 1]) / 2
      if (auc < low) low = auc
      if (auc > high) high = auc
    }
    print (good[0] / all[0] + good[1] / all[1]) / 2 "," high - low "," low
  }'

# What the log says of the two stages.
stages='
  NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; next }
  !("conflict" in place) { next }
  { stage = $place["bargaining"]; n[stage]++; conflict[stage] += $place["conflict"] }
  stage == 1 { before += $place["conflict_before"]; feasible += $place["feasible"] }
  END {
    print (n[1] ? before / n[1] : "") "," (n[1] ? conflict[1] / n[1] : "") "," \
      (n[0] ? conflict[0] / n[0] : "") "," (n[1] ? feasible / n[1] : "")
  }'

# Mean and deviation over the seeds.
summary='
  {
    lines++
    for (i = 1; i <= NF; i++) if ($i != "") { n[i]++; sum[i] += $i; square[i] += $i * $i }
    columns = NF
  }
  END {
    printf "%d", lines
    for (i = 1; i <= 7; i++) {
      mean = n[i] ? sum[i] / n[i] : ""
      printf ",%s", n[i] ? sprintf("%.4f", mean) : ""
      if (i < 4) { v = square[i] / n[i] - mean * mean; printf ",%.4f", (v > 0 ? sqrt(v) : 0) }
    }
    print ""
  }'
columns=epochs,seeds,auc,auc_sd,gap,gap_sd,worst,worst_sd,before,conflict_first,conflict_second,feasible

# One line of a table: learns with every seed from train.csv and known.csv, and measures on test.csv.
line() { # NAME EPOCHS METHOD [OPTION...]
  name=$1
  epochs=$2
  shift 2
  : > "$work/seeds"
  seed=1
  while [ "$seed" -le "$seeds" ]; do
    fairpost train "$@" --quiet --task y --group g --seed "$seed" --epochs "$epochs" --log "$work/log" \
      -o "$work/model" --threads "${THREADS:-1}" --predict "$work/test.csv" "$work/train.csv" > "$work/predicted"
    echo "$(awk -F, "$figures" "$work/predicted"),$(awk -F, "$stages" "$work/log")" >> "$work/seeds"
    seed=$((seed + 1))
  done
  echo "$name,$epochs,$(awk -F, "$summary" "$work/seeds")"
}

# The eight lines of the paper's tables.
methods() { # PREFIX EPOCHS BARGAIN VALIDATION OPTION...
  prefix=$1
  epochs=$2
  bargain=$3
  validation=$4
  shift 4
  line "${prefix}baseline" "$epochs" dro --share 1 --weight-norm l2 "$@"
  line "${prefix}dro" "$epochs" dro "$@"
  for base in ltr forml gdro; do
    line "$prefix$base" "$epochs" "$base" $validation "$@"
  done
  for base in ltr forml gdro; do
    line "${prefix}nash-$base" "$epochs" nash --protocol "$base" --bargain-epochs "$bargain" $validation "$@"
  done
}

published() { # BASE SPLIT
  awk -F, "$encode" "$1" "$1" > "$work/encoded.csv"
  rows "$2" "$work/encoded.csv" train > "$work/train.csv"
  rows "$2" "$work/encoded.csv" val > "$work/known.csv"
  rows "$2" "$work/encoded.csv" test > "$work/test.csv"
}

student() {
  # G1 and G2 stay, as in the paper; the sex is a feature and the group.
  awk -F, '
    NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
    {
      row = ""
      for (i = 1; i <= NF; i++) if (i != place["G3"] && i != place["label"]) row = row $i ","
      print row (NR == 1 ? "g,y" : $place["sex"] "," ($place["G3"] >= 10))
    }' "$data/student_por.csv" > "$work/base.csv"
  published "$work/base.csv" "$splits/student_por_sex.csv"
}
student_options="--no-standardise --batch 32 --rate 0.001 --dropout 0.05"

# Takes a fifth of the rows to test by.
fifth() { # FILE GROUP-EXPRESSION
  awk -F, -v OFS=, -v test="$work/test.csv" -v train="$work/train.csv" '
    NR == 1 {
      for (i = 1; i <= NF; i++) { place[$i] = i; if ($i == "label") $i = "y" }
      print $0, "g" > test
      print $0, "g" > train
      next
    }
    { g = '"$2"'; print $0, g > (NR % 5 == 0 ? test : train) }' "$1"
}

for part in "$@"; do
  case $part in
    student)
      student
      {
        echo "method,$columns"
        epochs=$step
        while [ "$epochs" -lt 50 ]; do
          methods "" "$epochs" 10 "--validation $work/known.csv" $student_options
          epochs=$((epochs + step))
        done
        methods "" 50 10 "--validation $work/known.csv" $student_options
      } > "$work/result"
      ;;
    stages)
      # Stage 1 of 0, 5, 10, 15, 30 and all 50 epochs: epoch T is the first without bargaining.
      student
      {
        echo "method,stage1,$columns"
        for base in ltr forml gdro; do
          for first in 0 5 10 15 30 50; do
            line "nash-$base,$first" 50 nash --protocol "$base" --bargain-epochs $((first + 1)) \
              --validation "$work/known.csv" $student_options
          done
        done
      } > "$work/result"
      ;;
    shares)
      # Loans with one woman to 1, 5, 20, 50, 100 and 200 men; 10 validation rows a cell and the test rows are apart.
      fairpost synth loans -n 400000 --quiet --seed 1 |
        awk -F, -v OFS=, 'NR == 1 { $2 = "g"; $9 = "y" } { print $2, $3, $4, $5, $6, $7, $9 }' > "$work/all.csv"
      awk -F, 'NR == 1 || (NR <= 100000 && n[$1]++ < 4000)' "$work/all.csv" > "$work/test.csv"
      awk -F, 'NR == 1 || (NR > 100000 && NR < 150000 && n[$1 $7]++ < 10)' "$work/all.csv" > "$work/known.csv"
      {
        echo "method,men_to_a_woman,$columns"
        for ratio in 1 5 20 50 100 200; do
          awk -F, -v ratio="$ratio" '
            BEGIN { women = int(20000 / (1 + ratio) + 0.5) }
            NR == 1 || (NR > 150000 && n[$1]++ < ($1 == "F" ? women : 20000 - women))' \
            "$work/all.csv" > "$work/train.csv"
          for method in "dro --share 1 --weight-norm l2" "ltr" "gdro" "nash --protocol gdro"; do
            validation="--validation $work/known.csv"
            name=${method%% *}
            [ "$name" != dro ] || { validation= name=plain; }
            line "$name,$ratio" 20 $method $validation --batch 512 --rate 0.001
          done
        done
      } > "$work/result"
      ;;
    adult | race)
      group=sex
      rate=0.001
      dropout=0.2
      [ "$part" = adult ] || { group=race rate=0.0005 dropout=0.4; }
      awk -F, -v OFS=, -v group="$group" -v test="$work/test.csv" -v train="$work/train.csv" '
        NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i }
        {
          g = NR == 1 ? "g" : $place[group]
          part = $place["split"]
          $place["split"] = g
          if (NR == 1) { sub(/label$/, "y"); print > test; print > train; next }
          print > (part == "test" ? test : train)
        }' "$data/adult.csv"
      { echo "method,$columns"; methods "" 50 15 "" --batch 512 --rate $rate --dropout $dropout; } > "$work/result"
      ;;
    bank)
      fifth "$data/bank_additional.csv" '($place["age"] > 25 ? "over25" : "upto25")'
      { echo "method,$columns"; methods "" 50 15 "" --batch 512 --rate 0.001 --dropout 0.3; } > "$work/result"
      ;;
    credit)
      awk -F, -v OFS=, '
        NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; sub(/label$/, "y"); print $0, "g"; next }
        { $place["label"] = 1 - $place["label"]; print $0, $place["sex"] }' "$data/credit_default.csv" > "$work/base.csv"
      published "$work/base.csv" "$splits/default_credit_sex.csv"
      {
        echo "method,$columns"
        methods "" 100 100 "--validation $work/known.csv" --no-standardise --batch 512 --rate 0.001 --dropout 0.5
      } > "$work/result"
      ;;
    compare)
      # All methods on divisions of their own, with and without the Wasserstein adjustment; ARMS names the data sets.
      awk -F, -v OFS=, 'NR == 1 { print $0, "group"; next }
        { print $0, ($3 == "African-American" ? $3 : "other") }' "$data/compas.csv" > "$work/compas.csv"
      awk -F, -v OFS=, 'NR == 1 { print $0, "pass"; next } { print $0, ($(NF - 1) >= 10) }' "$data/student_por.csv" \
        > "$work/student.csv"
      for name in ${ARMS:-student german compas adult}; do
        case $name in
          student) set -- "$work/student.csv" --task pass --group sex --exclude G3,label ;;
          german) set -- "$data/german.csv" --task label --group sex --exclude personal_status_sex,age_group ;;
          compas)
            set -- "$work/compas.csv" --task two_year_recid:binary=0 --group group --id id \
              --exclude race,decile_score,score_text,v_decile_score,v_score_text,compas_screening_date \
              --exclude screened_after_2014_04_01,in_violent_file,is_recid,is_violent_recid,two_year_violent_recid
            ;;
          adult) set -- "$data/adult.csv" --task label --group sex --exclude fnlwgt,education,split,race ;;
        esac
        fairpost compare "$@" --quiet --format csv --seeds "$seeds" --methods linear,nash,ltr,forml,gdro \
          --adjust none,wasserstein --set nash.bargain-epochs="${BARGAIN:-15}" > "$work/compared"
        awk -F, -v OFS=, '
          NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; print "arm,metric,seeds,value,lower,upper"; next }
          $place["group"] == "" && $place["decisions"] == "own" &&
          $place["metric"] ~ /^(auc|balanced_accuracy|demographic_parity_difference|equalized_odds.difference|accuracy.group_min)$/ {
            print $place["arm"], $place["metric"], $place["seeds"], sprintf("%.4f", $place["value"]), \
              sprintf("%.4f", $place["lower"]), sprintf("%.4f", $place["upper"])
          }' "$work/compared" > "$out/compare-$name.csv"
      done
      continue
      ;;
    *)
      echo "nash.sh: there is no part \"$part\"" >&2
      exit 64
      ;;
  esac
  mv "$work/result" "$out/$part.csv"
done
