#!/bin/sh
# A researcher's question: how far does the knob of one `train yoto` network reach, beside networks
# trained separately at the two ends of its range?
#
# Prints a line for each: the test errors of two tasks with weights 0.25,6 and 6,0.25, and how much
# the error changes from one end to the other.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
tasks='--task repaid --task amount:regression'
options='--exclude id,score --validation-share 0.3'

fairpost synth loans -q -n 6000 > train.csv
fairpost synth loans -q -n 4000 --seed 7 > test.csv

# The value of a figure of a file: TASK SCORE METRIC FILE.
figure() {
  fairpost evaluate -q --task "$1" --score "$2" --metrics "$3" "$4" | sed -n 2p | cut -d, -f7
}

# Two errors, and how much one end's differs from the other's, in per cent.
compared() {
  awk -v name="$1" -v at="$2" -v against="$3" 'BEGIN {
    change = (at / against - 1) * 100
    if (change < 0) change = -change
    printf "%-40s %8.4f %8.4f %6.2f %%\n", name, at, against, change
  }'
}

# The two errors of the predictions in p.LEFT.csv and p.RIGHT.csv.
ends() {
  compared "$1, log loss of repaid" "$(figure repaid repaid.score log_loss p.left.csv)" \
    "$(figure repaid repaid.score log_loss p.right.csv)"
  compared "$1, MSE of amount" "$(figure amount:regression amount.score mse p.left.csv)" \
    "$(figure amount:regression amount.score mse p.right.csv)"
}

# shellcheck disable=SC2086
fairpost train yoto -q $tasks $options -o yoto.model train.csv
fairpost predict -q -m yoto.model --task-weights 0.25,6 test.csv > p.left.csv
fairpost predict -q -m yoto.model --task-weights 6,0.25 test.csv > p.right.csv
printf '%-40s %8s %8s %8s\n' 'error at weights' 0.25,6 6,0.25 change
ends 'one yoto network'

# shellcheck disable=SC2086
fairpost train mlp -q $tasks $options --task-weight repaid=0.25 --task-weight amount=6 \
  -o left.model train.csv
# shellcheck disable=SC2086
fairpost train mlp -q $tasks $options --task-weight repaid=6 --task-weight amount=0.25 \
  -o right.model train.csv
fairpost predict -q -m left.model test.csv > p.left.csv
fairpost predict -q -m right.model test.csv > p.right.csv
ends 'two mlp networks'
