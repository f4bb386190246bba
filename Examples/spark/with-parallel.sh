#!/bin/sh
# The same without Spark: GNU parallel over the files of a folder, of which the first begins with a header.
#
#   with-parallel.sh IN OUT MAP FIT-OPTION...
#   with-parallel.sh loans fair sex.map --score score --group sex
set -eu
in=$1 out=$2 map=$3
shift 3
sums=$(mktemp -d)
trap 'rm -rf "$sums"' EXIT
mkdir "$out"
first=$(ls "$in" | head -1)
IFS= read -r names < "$in/$first"
export in out map sums first names

# A summary of each file. The first file's header is read past.
ls "$in" | parallel --halt now,fail=1 \
  '{ if [ {} = "$first" ]; then IFS= read -r header; fi
     fairpost fit --quiet '"$(parallel -k --shellquote ::: "$@" | tr '\n' ' ')"'--exact --summary \
       --no-header --columns "$names" -o "$sums"/{}
   } < "$in"/{}'

# Their merge, sixteen at a time.
ls "$sums" | parallel --halt now,fail=1 -N 16 'cd "$sums" && fairpost merge --quiet --summary -o merged.{#} {}'
fairpost merge --quiet -o "$map" "$sums"/merged.*

# Each file by the map.
ls "$in" | parallel --halt now,fail=1 \
  'if [ {} = "$first" ]; then fairpost apply --quiet -m "$map" -o "$out"/{} "$in"/{}
   else fairpost apply --quiet -m "$map" --no-header --columns "$names" -o "$out"/{} "$in"/{}
   fi'
