#!/bin/sh
# Loan applications with known unfairness: measured, adjusted on held-out records, measured again.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

say() { printf '\n%s\n' "$*"; }

say '1. Six thousand loan applications; the score is biased against women and some regions.'
fairpost synth loans -n 6000 > loans.csv
head -4 loans.csv

say '2. Records to calibrate on and records to adjust, by a hash of the id.'
fairpost split --id id --fractions calibrate=0.5,test=0.5 --into 'loans.%.csv' loans.csv

say '3. A map fitted to the one half, applied to the other.'
fairpost fit --score score --group sex -o sex.map loans.calibrate.csv
fairpost apply -m sex.map loans.test.csv > fair.csv
head -4 fair.csv

say '4. Before and after, with intervals and with what an exactly fair score would show by chance.'
fairpost evaluate -q --score score --group sex --metrics ks,w1,mean_score --format table fair.csv

say '5. The file is what the map gives, row by row.'
fairpost verify -m sex.map fair.csv
