#!/bin/sh
# Makes, in the folder it runs in, the files that the examples of the manual pages name.
set -eu
quiet() { fairpost "$@" -q; }

quiet synth loans -n 600 | awk -F, -v OFS=, '
  NR == 1 { print $0, "race"; next }
  { print $0, $3 == "north" ? "White" : "Black" }' > loans.csv
quiet reweigh --task repaid --group sex loans.csv > weighted.csv
sed -n '1p;2,200p' loans.csv > known.csv
quiet split --id id --fractions train=0.6,test=0.4 --into '%.csv' loans.csv
awk -F, -v OFS=, 'NR == 1 { print $0, "p"; next } { print $0, $10 }' test.csv > scored.csv
mv scored.csv test.csv

# Scores of another tool: p, under the names that evaluate looks for too.
scores() {
  quiet synth loans -n 600 --seed "$1" | awk -F, -v OFS=, '
    NR == 1 { print "id,sex,race,age,p,y,repaid,repaid.score"; next }
    { print $1, $2, $3 == "north" ? "White" : "Black", $4, $10, $9, $9, $10 }'
}
scores 1 > calibration.csv
for name in c fit; do cp calibration.csv "$name.csv"; done
scores 2 > new.csv
cp new.csv today.csv
awk -F, -v OFS=, 'NR == 1 { print "id,sex,race,age,p,y,repaid,repaid.score"; next }
  { print $1, $2, $11, $4, $10, $9, $9, $10 }' loans.csv > preds.csv
cp preds.csv scored.csv
quiet fit --score p --group sex -o sex.map calibration.csv
quiet apply -m sex.map preds.csv > fair.csv
quiet fit --summary --score p --group sex -o monday.sum calibration.csv
quiet fit --summary --score p --group sex -o tuesday.sum new.csv
cp fair.csv adjusted.csv
quiet report --group sex -o report.html fair.csv

awk -F, -v OFS=, 'NR == 1 { print "sex,race,hired"; next } { print $2, $3, $6 }' preds.csv > applicants.csv
awk -F, -v OFS=, 'NR == 1 { print "race,outcome,job"; next }
  { print $3, $6 ? "Hired" : "Rejected", NR % 2 ? "clerk" : "driver" }' preds.csv > all.csv
printf 'sex,n,selected,rate,impact_ratio\nMale,200,80,0.40,1.00\nFemale,150,45,0.30,0.75\n' > published.csv

# train.csv of a benchmark, and models for each command that reads one.
features='--exclude id,score,amount,race'
quiet train linear --task repaid --group sex $features -o repaid.model train.csv
cp repaid.model m.model
cp repaid.model income.model
quiet train yoto --task repaid --task amount --group sex --exclude id,score --epochs 2 -o both.model loans.csv
awk -F, -v OFS=, 'NR == 1 { print "age,debt,sex,label"; next }
  { print $4, $6, $2 == "F" ? "Female" : "Male", $9 }' loans.csv > train.csv
quiet train linear --task label --group sex -o fair.model train.csv
quiet synth fair-maml --tasks 10 > states.csv
quiet train fair-maml --task label --protected protected=1 --task-column task --exclude id,part \
  --iterations 20 --hidden 8 -o meta.model states.csv
awk -F, 'NR == 1 || $2 == "h1"' states.csv > nj.csv
awk -F, -v OFS=, 'NR == 1 { print $0, "state"; next } { print $0, $3 }' loans.csv > tasks.csv

mkdir -p .config/fish/completions bin
command -v duckdb > /dev/null || printf '#!/bin/sh\ncat > "$1"\n' > bin/duckdb
chmod +x bin/* 2> /dev/null || true
