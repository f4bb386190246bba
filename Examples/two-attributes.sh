#!/bin/sh
# A data scientist adjusts for two attributes, of which some combinations are rare, and sees what each
# attribute's step did to a person's score.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
fairpost synth loans --quiet > loans.csv

echo '# Crossed attributes make small cells; by default that is an error that lists them:'
fairpost adjust --score score --group sex --group region --min-group 50 loans.csv > fair.csv || echo "# status $?"

echo '# With --small-cell pool they go through the map of the attribute, counted:'
fairpost adjust --score score --group sex --group region --min-group 50 --small-cell pool --steps --flag done \
  loans.csv > fair.csv

echo '# Score, after the step for sex, after the step for region:'
cut -d, -f1-3,10- fair.csv | head -4

echo '# The bank may go half of the way for one attribute and all of it for the other:'
fairpost adjust --quiet --score score --group sex --group region --min-group 50 --small-cell pool \
  --epsilon 0.5,0 loans.csv | cut -d, -f1-3,10- | head -4
