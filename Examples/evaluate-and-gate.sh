#!/bin/sh
# An auditor's story: are these scores fair, is that more than noise, and does adjusting keep a limit?
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

fairpost synth loans > loans.csv
fairpost split --quiet --id id --fractions fit=0.5,audit=0.5 --into '%.csv' loans.csv

echo 'The bank scores as they are:'
fairpost evaluate --quiet --task repaid --score score --group sex --format table \
  --metrics demographic_parity_difference,ks,auc audit.csv

fairpost fit --quiet --score score --group sex -o sex.map fit.csv
fairpost apply --quiet -m sex.map audit.csv > fair.csv
echo
echo 'Before and after the adjustment, with the chance level that the map leaves:'
fairpost evaluate --quiet --task repaid --score score --group sex --map sex.map --format table \
  --metrics demographic_parity_difference,ks,auc fair.csv

echo
echo 'A limit, as a gate for a script:'
if fairpost evaluate --quiet --task repaid --score score --group sex --metrics ks \
  --fail-if 'score.fair:ks > 0.1' -o figures.csv fair.csv; then
  echo 'the limit is met'
else
  echo "the limit is exceeded, or there are too few rows to tell (status $?)"
fi
fairpost drift -m sex.map --format table audit.csv || echo "status $?"
