#!/bin/sh
# An engineer puts an adjustment into production: fit once, apply to a stream, one record at a time or a
# million, and know afterwards that what was served is what the map gives.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Scores of some model; half of the records calibrate, the other half stand for tomorrow's.
fairpost synth loans --quiet | fairpost split --quiet --id id --fractions fit=0.5,live=0.5 --column > loans.csv
fairpost fit --quiet --score score --group sex --range 0,1 --rows split=fit -o sex.map loans.csv

echo '# Tomorrow, as a batch; a column says what was done to a row:'
fairpost apply -m sex.map --rows split=live --flag done -o fair.csv loans.csv
cut -d, -f1,2,10,12,13 fair.csv | head -4

echo '# One record alone gets the same answer as in the batch:'
sed -n '1p;3p' loans.csv | fairpost apply --quiet -m sex.map | cut -d, -f1,12

echo '# A group that was not in the fit is an error, not a guess:'
printf 'id,sex,score\nx,?,0.5\n' | fairpost apply -m sex.map || echo "# status $?"

echo '# The auditor: is the file what the map gives? One changed digit is found.'
fairpost verify -m sex.map fair.csv
awk -F, 'NR == 9 { $12 = 0.5 } 1' OFS=, fair.csv | fairpost verify -m sex.map || echo "# status $?"
