#!/bin/sh
# Every kind of figure, from few groups and many, from one group and from tiny ones. Writes SVG files into the
# folder that is named, or shows three of them in the terminal.
set -eu
out=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(pwd)
cd "$work"
fairpost synth loans --quiet | fairpost adjust --quiet --score score --group sex > loans.csv
fairpost synth gaussians --means 0,0.5,1,3,4 --deviations 1,1,1,2,1 --sizes 900,700,500,300,40 |
  awk -F, -v OFS=, 'NR == 1 { print $0, "y"; next } { print $0, ((NR * 37) % 100 < 20 + 14 * $3) }' > five.csv
printf 'g,p,y\n' > one.csv
awk 'BEGIN { for (i = 0; i < 200; i++) printf "all,%.3f,%d\n", ((i * 37) % 200) / 200, ((i * 37) % 200 > (i * 91) % 200) }' >> one.csv
printf 'g,p,y\n"<script>alert(1)</script>",0.5,1\nb,0.4,0\nb,0.4,1\n"a ""quoted"" & long name of a group, longer than fits",0.7,0\n' > tiny.csv

if [ -z "$out" ]; then
  fairpost plot bars --quiet --terminal --task repaid --score score --group sex loans.csv
  fairpost plot density --quiet --terminal --score score --group sex loans.csv
  fairpost plot cdf --quiet --terminal --score score --group group five.csv
  exit 0
fi
case $out in /*) ;; *) out=$here/$out ;; esac

plot() {
  name=$1
  shift
  fairpost plot "$@" --quiet -o "$out/$name.svg"
}
plot density density --score score --group sex loans.csv
plot cdf cdf --score score --group sex loans.csv
plot roc roc --task repaid --score score --group sex loans.csv
plot calibration calibration --task repaid --score score --group sex loans.csv
plot bars bars --task repaid --score score --group sex --group region loans.csv
for kind in density cdf roc calibration; do
  plot "five-$kind" $kind --task y --score score --group group five.csv
done
plot five-bars bars --metrics mean_score --score score --group group five.csv
for file in one tiny; do
  for kind in density cdf roc calibration bars; do
    plot "$file-$kind" $kind --task y --score p --group g $file.csv
  done
done
fairpost fit --quiet --score score --group sex -o sex.map loans.csv
plot map map sex.map
fairpost fit --quiet --score score --group group -o five.map five.csv
plot five-map map five.map
fairpost fit --quiet --score p --group g -o one.map one.csv
plot one-map map one.map
head -4 loans.csv | fairpost fit --quiet --score score --group sex --min-group 1 --allow-singletons -o tiny.map
plot tiny-map map tiny.map
fairpost synth loans --quiet -n 1500 > few.csv
fairpost compare --quiet --task repaid --group sex --id id --exclude score,amount --methods linear,reweigh+linear,fairgrad \
  --adjust none,wasserstein --seeds 4 --format csv --cells cells.csv few.csv > compared.csv
plot tradeoff tradeoff compared.csv
plot tradeoff-seeds tradeoff cells.csv
fairpost frontier decide --quiet --task repaid --score score --group sex loans.csv > frontier.csv
plot frontier tradeoff frontier.csv
fairpost train mlp --quiet --task repaid --group sex --id id --exclude score,amount --epochs 20 --log log.csv -o m.model loans.csv
plot log log log.csv
fairpost train badr --quiet --task repaid --group sex --id id --exclude score,amount --pareto 20 --log front.csv -o b.model loans.csv
plot front tradeoff --title "Losses of the groups along the Pareto front" --x loss.F --y loss.M front.csv
head -400 loans.csv > first.csv
fairpost explain --quiet -m m.model first.csv > why.csv
plot beeswarm beeswarm why.csv
plot waterfall waterfall --record 3 why.csv
fairpost fit --quiet --score score --group sex --group region --small-cell pool -o two.map loans.csv
fairpost explain --quiet -m two.map --calibrate loans.csv first.csv > moved.csv
plot waterfall-map waterfall --record 3 moved.csv
