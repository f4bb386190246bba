extension Topic {
  /// From nothing to a fair score with a gate behind it.
  package static let tutorial = Topic(
    "tutorial", "from a biased score to a fair one, in seven steps",
    [
      .paragraph(
        "This page takes about ten minutes. Every command can be typed as it stands, in an empty folder. \"fairpost help words\" explains the words."
      ),
      .heading("1. Data to try things on"),
      .paragraph(
        "synth writes loan applications that are biased on purpose. Each row has an id, the applicant's sex and region, a bank's score (the probability that the loan is repaid), and whether it was repaid."
      ),
      .run("fairpost synth loans -n 6000 > loans.csv\nfairpost columns loans.csv"),
      .heading("2. How unfair is the score?"),
      .paragraph(
        "evaluate compares the groups. --task names the column that says what really happened, --score the score, --group the sensitive attribute. Without --format table the result is CSV, unless it goes to a terminal."
      ),
      .run(
        "fairpost evaluate --task repaid --score score --group sex \\\n  --format table loans.csv"),
      .paragraph(
        "Read the verdicts first. \"Beyond chance\" means that a fair score would not show so large a gap on so few rows. \"Selection\" is the share of each group that scores 0.5 or more; \"true positives\" is that share among people who repaid."
      ),
      .heading("3. Adjust the scores"),
      .paragraph(
        "A map gives people at the same percentile of their own group the same score. Fit it to some rows and use it on others, so that you see how well it works on new people. split decides by a hash of the id which row falls into which part."
      ),
      .run(
        "fairpost split --id id --into 'loans.%.csv' loans.csv\nfairpost fit --score score --group sex -o sex.map loans.calibrate.csv\nfairpost apply -m sex.map loans.test.csv > fair.csv"
      ),
      .paragraph(
        "fair.csv has every column of loans.test.csv, unchanged, and a new one, score.fair. Labels were not needed."
      ),
      .heading("4. Judge the result"),
      .paragraph(
        "evaluate shows score and score.fair side by side. The gap in selection should now be within chance; see what it did to accuracy."
      ),
      .run(
        "fairpost evaluate --task repaid --score score --group sex \\\n  --format table fair.csv\nfairpost plot density --score score --group sex -o fair.svg fair.csv"
      ),
      .paragraph(
        "Equal score distributions are one notion of fairness, called demographic parity. Others ask for equal error rates. No score satisfies all of them when the groups really differ, so decide first which one your case needs."
      ),
      .heading("5. Decisions instead of scores"),
      .paragraph(
        "If the end is a decision and you have labels, adjust decide finds the most accurate decisions within a limit. Here the shares of good applicants who are accepted may differ by 0.05."
      ),
      .run(
        "fairpost fit decide --task repaid --score score --group sex --id id \\\n  --constraint equal_opportunity=0.05 -o decide.map loans.calibrate.csv\nfairpost apply -m decide.map loans.test.csv > decided.csv\nfairpost evaluate --task repaid --score score --group sex \\\n  --format table decided.csv"
      ),
      .heading("6. A gate for the nightly job"),
      .paragraph(
        "--fail-if states what must not happen. Exit status 0 means PASS, 1 FAIL (the gap is clearly beyond the limit), 2 UNDECIDED (there are too few rows to tell). drift tests whether new records still look like those the map was fitted to, and verify computes every adjusted score again."
      ),
      .run(
        "fairpost evaluate --score score --group sex -q -o figures.csv \\\n  --fail-if 'score.fair:demographic_parity_difference > 0.2' fair.csv"
      ),
      .run("fairpost drift -m sex.map -q -o drift.csv loans.test.csv"),
      .run("fairpost verify -m sex.map fair.csv"),
      .heading("7. Train fairly, or adjust afterwards?"),
      .paragraph(
        "compare trains and adjusts in several ways on the same rows, several times, and says which differences are significant. Leave out columns that would not be known when the model is used."
      ),
      .run(
        "fairpost compare loans.csv --task repaid --group sex --id id \\\n  --exclude amount --methods linear,reweigh+linear \\\n  --adjust none,wasserstein --seeds 3 --format table"
      ),
      .heading("Where to go next"),
      .paragraph(
        "\"fairpost help recipes\" has a command line for each common task, \"fairpost help metrics\" every figure with its formula, \"fairpost help formats\" the files, and \"fairpost help COMMAND\" all options of a command."
      ),
    ])
}
