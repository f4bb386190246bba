# Writes a made-up export of an applicant system: two positions, names of categories as people typed
# them, blanks, outcomes in words and a score for most. The same rows each time.
function uniform() { state = (state * 16807) % 2147483647; return state / 2147483647 }
BEGIN {
  state = 20250101
  split("F|female|Female|M|male|Male|Prefer not to say|", sexes, "|")
  split("White|white|Black|Black or African American|Asian|asian |Hispanic|Hispanic or Latino|Native Hawaiian|Two or more races|Decline to answer|", races, "|")
  print "candidate,position,sex,race,outcome,score"
  for (row = 1; row <= 3000; row++) {
    position = uniform() < 0.6 ? "Sales associate" : "Store manager"
    sex = sexes[1 + int(8 * uniform())]
    draw = uniform()
    race = races[draw < 0.45 ? 1 + int(2 * uniform()) : draw < 0.65 ? 3 + int(2 * uniform()) : \
      draw < 0.78 ? 5 + int(2 * uniform()) : draw < 0.92 ? 7 + int(2 * uniform()) : \
      9 + int(4 * uniform())]
    score = int(100 * (0.25 + 0.5 * uniform() + 0.2 * uniform() - (race ~ /^Black/ ? 0.06 : 0)))
    hired = uniform() < (position ~ /^Sales/ ? 0.35 : 0.12) * score / 60
    printf "%d,%s,%s,%s,%s,%s\n", row, position, sex, race, \
      hired ? "Hired" : uniform() < 0.1 ? "Withdrawn" : "Rejected", uniform() < 0.03 ? "" : score
  }
}
