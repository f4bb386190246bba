extension Topic {
  /// A command line for each common task.
  package static let recipes = Topic(
    "recipes", "a command line for each common task",
    [
      .paragraph(
        "The recipes use a file loans.csv with the columns id, sex, region, age, score and repaid. To try them, write one:"
      ),
      .run("fairpost synth loans -n 3000 -q > loans.csv"),
      .heading("Look at a file"),
      .paragraph("Which columns are there, and how large are the groups?"),
      .run(
        "fairpost columns loans.csv\nfairpost groups --group sex --group region loans.csv\nfairpost groups --group sex,region loans.csv"
      ),
      .heading("Make scores fair"),
      .paragraph("In one step, fitted to the same rows. The new column is score.fair:"),
      .run("fairpost --score score --group sex < loans.csv > fair.csv"),
      .paragraph("Fitted to some rows and used on others, which is how to judge it:"),
      .run(
        "fairpost split --id id --into 'part.%.csv' loans.csv\nfairpost fit --score score --group sex -o sex.map part.calibrate.csv\nfairpost apply -m sex.map part.test.csv > fair.csv"
      ),
      .paragraph(
        "For two attributes, one after the other, or for every combination of them (small combinations use a pooled map):"
      ),
      .run(
        "fairpost adjust --score score --group sex --group region --small-cell pool \\\n  loans.csv > two.csv\nfairpost adjust --score score --group sex,region --small-cell pool \\\n  loans.csv > all.csv"
      ),
      .paragraph("Close only half of the gap, or all but a given distance:"),
      .run(
        "fairpost adjust --score score --group sex --epsilon 0.5 loans.csv > half.csv\nfairpost adjust --score score --group sex --target-w2 0.05 \\\n  loans.csv > near.csv"
      ),
      .heading("Make decisions fair"),
      .paragraph("Accept the best fifth, with at least 40 % women among those accepted:"),
      .run(
        "fairpost adjust rate --rate 0.2 --least F=0.4 --id id \\\n  --score score --group sex loans.csv > fifth.csv"
      ),
      .paragraph(
        "Take the most accurate decisions whose selection rates satisfy the four-fifths rule:"),
      .run(
        "fairpost adjust decide --constraint four_fifths --id id \\\n  --task repaid --score score --group sex loans.csv > decided.csv"
      ),
      .paragraph("Use one threshold for each group, for equal true positive rates:"),
      .run(
        "fairpost adjust threshold --minimise equal_opportunity_difference \\\n  --task repaid --score score --group sex loans.csv > decided.csv"
      ),
      .paragraph("Make a shortlist of 50 with enough women from every place up:"),
      .run(
        "fairpost adjust prefix --top 50 --least F=0.45 --id id \\\n  --score score --group sex loans.csv > list.csv"
      ),
      .heading("Measure"),
      .paragraph("The answer for people, every figure for programs, or one figure:"),
      .run(
        "fairpost evaluate --task repaid --score score --group sex \\\n  --format table loans.csv\nfairpost evaluate --task repaid --score score --group sex \\\n  --format json loans.csv > figures.json\nfairpost evaluate --task repaid --score score --group sex \\\n  --metrics selection_rate.ratio loans.csv"
      ),
      .paragraph("Find the name of a figure:"),
      .run("fairpost metrics four-fifths\nfairpost metrics equal opportunity"),
      .paragraph(
        "Scores that are deciles or percentages cannot be compared with 0.5: give a threshold, or the share that is accepted."
      ),
      .run(
        "fairpost evaluate --task repaid --score score --group sex \\\n  --threshold 0.6 --format table loans.csv\nfairpost evaluate --task repaid --score score --group sex \\\n  --at-rate 0.3 --format table loans.csv"
      ),
      .paragraph("Groups made of a number:"),
      .run(
        "fairpost evaluate --task repaid --score score --group age --bin age=30,50 \\\n  --format table loans.csv"
      ),
      .paragraph("A group that stands in another file, matched by id:"),
      .run(
        "cut -d, -f1,2 loans.csv > people.csv\ncut -d, -f1,3- loans.csv > scores.csv\nfairpost evaluate --task repaid --score score --group sex \\\n  --join people.csv --on id --format table scores.csv"
      ),
      .heading("Check"),
      .paragraph(
        "A gate for continuous integration: status 0 is PASS, 1 FAIL, 2 UNDECIDED, any other an error."
      ),
      .run(
        "fairpost evaluate -q --score score --group sex -o figures.csv \\\n  --fail-if 'score.fair:demographic_parity_difference > 0.2' fair.csv"
      ),
      .paragraph(
        "Every night: have the records changed since the map was fitted, and is every score what the map gives?"
      ),
      .run("fairpost drift -m sex.map -q -o drift.csv part.test.csv"),
      .run("fairpost verify -m sex.map fair.csv"),
      .paragraph("A page to hand in, whose figures another person can verify:"),
      .run(
        "fairpost report --score score --group sex -m sex.map -o report.html fair.csv\nfairpost verify report.html fair.csv"
      ),
      .heading("Explain"),
      .paragraph("Why was this person's score moved?"),
      .run("head -3 part.test.csv | fairpost explain -m sex.map --words"),
      .paragraph("Which features of a model bring the gap between the groups?"),
      .run(
        "fairpost train linear --task repaid --group sex --id id \\\n  --exclude score,amount -q -o repaid.model part.train.csv\nfairpost explain -m repaid.model --group sex --summary part.test.csv"
      ),
      .heading("Train"),
      .paragraph("Train, predict and adjust in one pipe:"),
      .run(
        "fairpost predict -m repaid.model part.test.csv |\n  fairpost adjust --score repaid.score --group sex -q > fair.csv"
      ),
      .paragraph("Weights for any other trainer, under which label and group are independent:"),
      .run("fairpost reweigh --task repaid --group sex loans.csv > weighted.csv"),
      .paragraph("Compare ways of training and of adjusting on your data:"),
      .run(
        "fairpost compare loans.csv --task repaid --group sex --id id \\\n  --exclude amount --methods linear,fairgrad --adjust none,decide \\\n  --seeds 2 --format table"
      ),
      .heading("Put it to work"),
      .paragraph(
        "A program that answers line by line: --unbuffered writes each answer before it reads the next line."
      ),
      .run("head -4 part.test.csv | fairpost apply -m sex.map --unbuffered"),
      .paragraph("The same map as code, where no program can be called:"),
      .run("fairpost export --to python sex.map -o sex_map.py"),
      .paragraph(
        "In a pipe with Miller write mlr --ojson --no-auto-unflatten; without it, score.fair becomes an object score with a member fair."
      ),
    ])
}
