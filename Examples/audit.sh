#!/bin/sh
# An auditor gets a raw export of applicants: sexes and races as people typed them, blanks, outcomes in
# words, two positions and a score. From it come the table that New York City's rule asks for with its
# notes, the tables by position that counsel asks for, and a check of what is then published.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
awk -f "$here/audit/applicants.awk" > export.csv

echo '# 1. What is in the file?'
fairpost groups --group sex --group race export.csv

echo '# 2. One name for each category; who did not say is unknown.'
names() {
  cat <<'END'
sex:F=Female
sex:female=Female
sex:M=Male
sex:male=Male
sex:Prefer not to say=
race:white=White
race:Black=Black or African American
race:asian =Asian
race:Hispanic=Hispanic or Latino
race:Native Hawaiian=Native Hawaiian or Pacific Islander
race:Two or more races=Two or More Races
race:Decline to answer=
END
}
set --
while IFS= read -r name; do set -- "$@" --category "$name"; done <<END
$(names)
END

echo '# 3. The table of the rule: selection rates, and scoring rates of the tool.'
fairpost audit ll144 --group sex --group race --decision outcome=Hired "$@" \
  --note 'Source of data=applicants of 2025, export of the applicant system' \
  --note 'Distribution date of the tool=2025-01-15' --format md export.csv
fairpost audit ll144 --group sex --group race --score score "$@" --format table export.csv

echo '# 4. By position, with tests, for counsel.'
fairpost audit ugesp --group sex --group race --decision outcome=Hired --position position "$@" \
  --format table export.csv

echo '# 5. The table as it goes on the web site, and whether its own figures fit together.'
fairpost audit ll144 --group sex --group race --decision outcome=Hired "$@" --quiet \
  --format csv -o published.csv export.csv
fairpost audit --check published.csv --group sex --group race --format table
echo "# status $?"

echo '# 6. A digit goes wrong on the way: the check says which and what the figures allow.'
awk -F, 'BEGIN { OFS = "," } NR == 3 { $10 = "0.62" } { print }' published.csv > typo.csv
fairpost audit --check typo.csv --group sex --group race --format table || echo "# status $?"
