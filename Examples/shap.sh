#!/bin/sh
# Does fair training take weight off the sensitive column? Shapley values of a plain network and of one trained by
# faalgrad, both of which read that column, on held-out rows.
#
#   Examples/shap.sh DATA RESULTS [compas|adult ...]
#
# DATA is the folder of compas.csv and adult.csv; RESULTS/NAME.csv gets a line for each seed and model with the
# column's rank, its share of all values, and what it and the rest bring to the score gap between the groups (in
# logits); the pictures of the first seed stand beside it. SEEDS=5.
set -eu
data=$1
results=$2
shift 2
[ $# -gt 0 ] || set -- compas adult
mkdir -p "$results"
results=$(cd "$results" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for name in "$@"; do
  case $name in
    compas)
      awk -F, -v OFS=, 'NR == 1 { print $0, "group"; next }
        { print $0, ($3 == "African-American" ? $3 : "other") }' "$data/compas.csv" > "$work/rows.csv"
      task=two_year_recid:binary=0
      group=group
      protected=African-American
      out=id,race,sex,age_cat,decile_score,score_text,v_decile_score,v_score_text,compas_screening_date,screened_after_2014_04_01,in_violent_file,is_recid,is_violent_recid,two_year_violent_recid
      ;;
    adult)
      awk -F, -v OFS=, 'NR == 1 { print "id", $0; next } { print NR, $0 }' "$data/adult.csv" > "$work/rows.csv"
      task=label
      group=sex
      protected=Female
      out=id,fnlwgt,education,split,race,native_country
      ;;
  esac
  echo "seed,model,rank,share,gap_of_column,gap_of_others,gap_of_scores" > "$results/$name.csv"
  for seed in $(seq 1 "${SEEDS:-5}"); do
    fairpost split -q --id id --seed "$seed" --fractions train=0.7,test=0.3 --into "$work/%.csv" "$work/rows.csv"
    head -301 "$work/test.csv" > "$work/explained.csv"
    for method in mlp faalgrad; do
      set -- --hidden 32 --epochs 60
      [ $method = faalgrad ] || set -- --hidden 32 --epochs 30
      fairpost train $method -q "$@" --seed "$seed" --task "$task" --protected "$group=$protected" \
        --include-group --exclude "$out" -o "$work/$method.model" "$work/train.csv"
      fairpost explain -q -m "$work/$method.model" --logits --exact 6 --background "$work/train.csv" \
        --group "$group" --summary "$work/explained.csv" > "$work/summary.csv"
      fairpost explain -q -m "$work/$method.model" --logits --exact 6 --background "$work/train.csv" \
        "$work/explained.csv" > "$work/values.csv"
      [ "$seed" != 1 ] ||
        (cd "$work" && fairpost plot beeswarm -q --title "$name, $method" -o "$results/$name-$method.svg" values.csv)
      # A column named like the group is the column itself; the gap is of the groups with the highest and lowest mean.
      awk -F, -v OFS=, -v seed="$seed" -v model=$method -v column=$group '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["against"] == "" { next }
        $at["feature"] == column { rank = $at["rank"]; share = $at["share"]; own = $at["mean"] }
        $at["feature"] == "(score)" { whole = $at["mean"] }
        END { printf "%d,%s,%d,%.4f,%.4f,%.4f,%.4f\n", seed, model, rank, share, own, whole - own, whole }' \
        "$work/summary.csv" >> "$results/$name.csv"
    done
  done
done
