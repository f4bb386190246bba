#!/bin/sh
# Does the fairest of the Pareto-efficient models beat a penalty, and what does it cost on new rows?
#
#     sh Examples/badr.sh DATA OUT [compas] [adult] [communities] [student] [front]
#
# DATA holds compas.csv, adult.csv, communities.csv and student_por.csv; each part writes OUT/PART.csv (the tables of
# compare, or the front of two groups as CSV), without a part all are made. SEEDS=N divides the rows so often (5).
set -eu
data=$1
out=$2
shift 2
[ $# -gt 0 ] || set -- compas adult communities student front
seeds=${SEEDS:-5}
mkdir -p "$out"

classify() { # FILE GROUP LABEL EXCLUDED ROWS
  fairpost compare -q --task "$3" --group "$2" --exclude "$4" $5 --levels 20 --seeds "$seeds" \
    --methods linear,badr,penalised,fairdro,fairgrad --adjust none,wasserstein \
    --sweep 'badr.objective=dp,individual,variance' --set penalised.gamma=5 \
    --set fairdro.epochs=20 --set fairgrad.epochs=20 --format table "$1"
}

for part; do
  case $part in
  compas)
    classify "$data/compas.csv" race two_year_recid \
      id,compas_screening_date,is_recid,decile_score,score_text,v_decile_score,v_score_text,days_b_screening_arrest,two_year_violent_recid,screened_after_2014_04_01,in_violent_file \
      "--rows race=African-American,Caucasian" >"$out/compas.txt"
    ;;
  adult) classify "$data/adult.csv" sex label fnlwgt,split,education "" >"$out/adult.txt" ;;
  communities)
    fairpost compare -q --task ViolentCrimesPerPop --group protected --exclude state,communityname,fold,label \
      --seeds "$seeds" --methods linear,badr,penalised --adjust none,wasserstein \
      --sweep 'badr.objective=dp,individual,variance' --set penalised.gamma=5 --format table \
      "$data/communities.csv" >"$out/communities.txt"
    ;;
  student)
    fairpost compare -q --task G3:regression --group sex --exclude G1,G2,label --seeds "$seeds" \
      --methods linear,badr,penalised --adjust none,wasserstein \
      --sweep 'badr.objective=dp,individual,variance' --set penalised.gamma=5 --format table \
      "$data/student_por.csv" >"$out/student.txt"
    ;;
  front)
    # The known front of two groups: what badr finds lies on it, what a penalty finds need not.
    fairpost synth front -q --groups 2 >"$out/points.csv"
    fairpost train badr -q --task y --group group --exclude id --objective variance --pareto 21 \
      --log "$out/front.csv" -o "$out/front.model" "$out/points.csv"
    for gamma in 0.1 1 10 100; do
      fairpost train penalised -q --task y --group group --exclude id --objective variance --gamma "$gamma" \
        -o "$out/penalised-$gamma.model" "$out/points.csv"
    done
    rm -f "$out/points.csv"
    ;;
  *)
    echo "badr.sh: there is no part $part" >&2
    exit 64
    ;;
  esac
done
