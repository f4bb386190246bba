#!/bin/sh
# Train fairly, or adjust afterwards? Every method and every adjustment on three real data sets.
#
#   Examples/compare.sh DATA RESULTS [adult|compas|compas-tasks|communities ...]
#
# DATA is the folder of adult.csv, compas.csv and communities.csv, RESULTS the folder of the tables:
# NAME.csv with every figure, NAME.txt with the table and what it says, and in RESULTS/costs what every
# cell took (which differs from run to run). SEEDS=5 says how often the rows are divided; JOURNAL=DIR
# keeps finished cells, so that a second run goes on where a first one was stopped.
set -eu
data=$1
results=$2
shift 2
[ $# -gt 0 ] || set -- adult compas compas-tasks communities
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$results/costs"

# Arguments behind the name are the comparison's own.
table() {
  name=$1
  shift
  if [ -n "${JOURNAL:-}" ]; then
    mkdir -p "$JOURNAL"
    set -- "$@" --journal "$JOURNAL/$name" --resume
  fi
  echo "$name" >&2
  fairpost compare --seeds "${SEEDS:-5}" --plain mlp --set mlp.hidden=32 --set mlp.epochs=30 \
    --sweep 'wasserstein.epsilon=0,0.5' \
    "$@" -o "$results/$name.csv" --costs "$results/costs/$name.csv" > "$work/$name.txt"
  mv "$work/$name.txt" "$results/$name.txt"
}

# The positive class is the favourable one everywhere: income over 50K, no new offence, little crime.
# No model sees the attribute, nor a twin of it. fair-maml and pretrained stand in the first two tables
# as what they are there: not applicable, since nothing says which task a row belongs to.
for name in "$@"; do
  case $name in
    adult)
      # The census weight, the UCI division and the second spelling of education are no features.
      table adult "$data/adult.csv" --task label --protected sex=Female \
        --exclude fnlwgt,education,split,race \
        --methods linear,mlp,reweigh+mlp,resample+mlp,massage+mlp,faalgrad,fair-maml,pretrained \
        --set faalgrad.hidden=32 --set faalgrad.epochs=60
      ;;
    compas)
      # The other outcomes leak, and so does the screening date; COMPAS's own scores are no features.
      awk -F, -v OFS=, 'NR == 1 { print $0, "group"; next }
        { print $0, ($3 == "African-American" ? $3 : "other") }' "$data/compas.csv" > "$work/compas.csv"
      table compas "$work/compas.csv" --task two_year_recid:binary=0 --protected group=African-American --id id \
        --exclude race,decile_score,score_text,v_decile_score,v_score_text,compas_screening_date \
        --exclude screened_after_2014_04_01,in_violent_file,is_recid,is_violent_recid,two_year_violent_recid \
        --methods linear,mlp,reweigh+mlp,resample+mlp,massage+mlp,faalgrad,fair-maml,pretrained \
        --set faalgrad.hidden=32 --set faalgrad.epochs=60
      ;;
    compas-tasks)
      # Two tasks at once: the weights of yoto's tasks are chosen on validation rows, and once fixed.
      awk -F, -v OFS=, 'NR == 1 { print $0, "group"; next }
        { print $0, ($3 == "African-American" ? $3 : "other") }' "$data/compas.csv" > "$work/tasks.csv"
      table compas-tasks "$work/tasks.csv" --task is_recid:binary=0 --task is_violent_recid:binary=0 \
        --protected group=African-American --id id \
        --exclude race,decile_score,score_text,v_decile_score,v_score_text,compas_screening_date \
        --exclude screened_after_2014_04_01,in_violent_file,two_year_recid,two_year_violent_recid \
        --methods linear,mlp,yoto --set yoto.hidden=24,24,24 --set yoto.epochs=40 \
        --performance auc --fairness ks
      ;;
    communities)
      # The four columns of race shares say what the attribute says; the state is the task.
      table communities "$data/communities.csv" --task label:binary=0 --protected protected=1 \
        --task-column state --exclude fold,communityname,ViolentCrimesPerPop \
        --exclude racepctblack,racePctWhite,racePctAsian,racePctHisp \
        --methods linear,mlp,reweigh+mlp,resample+mlp,massage+mlp,faalgrad,pretrained,fair-maml \
        --set faalgrad.hidden=32 --set faalgrad.epochs=60 \
        --set fair-maml.hidden=20,20 --set fair-maml.iterations=400 --set fair-maml.shots=10 \
        --set fair-maml.inner-rate=0.1 --set pretrained.hidden=20,20 \
        --set pretrained.iterations=2000 --set pretrained.shots=10 --set pretrained.inner-rate=0.1 \
        --sweep 'fair-maml.gamma=0,1,2' --sweep 'pretrained.gamma=0,1'
      ;;
    *)
      echo "compare.sh: no comparison is called $name" >&2
      exit 64
      ;;
  esac
done
