extension Topic {
  /// The files that are read and written.
  package static let formats = Topic(
    "formats", "the files that fairpost reads and writes",
    [
      .paragraph(
        "Every command reads CSV and most write it. Maps and models are JSON. Results for programs are CSV or JSON whose columns and keys stay the same from version to version; text for people (tables, notes) may change."
      ),
      .heading("CSV"),
      .paragraph(
        "The first line names the columns, unless --no-header is given. Fields are separated by a comma, or by the byte of --delimiter (files whose name ends in .tsv need no option). Fields may be quoted; lines end with LF or CRLF; a byte order mark is kept. Text is UTF-8 or any other encoding that contains ASCII: columns that a command does not write pass through byte by byte."
      ),
      .paragraph(
        "The empty field is missing. In numeric columns NA, NaN, nan and null are missing too, and --missing TEXT adds others. Numbers are written in the shortest form that reads back as the same number."
      ),
      .run(
        "printf 'id;sex;p\\n1;F;0.25\\n2;M;0.75\\n3;F;-\\n' > small.csv\nfairpost columns --delimiter ';' --missing - small.csv"
      ),
      .heading("Names of columns"),
      .item("TASK", "the label: what was to be predicted, as it turned out"),
      .item("TASK.score", "a score for the task, such as the probability of the label 1"),
      .item("TASK.score.CLASS", "the score of one class of several"),
      .item("NAME.fair", "the adjusted score; COL.fair where --score COL was given"),
      .item("NAME.decision", "a decision, 0 or 1, or a class; used instead of a threshold"),
      .item("NAME.massaged", "a label changed by massage"),
      .item("weight", "the weight written by reweigh"),
      .item("split", "the part of the row, written by split --column"),
      .paragraph(
        "With such names, commands need fewer options: evaluate finds TASK.score, TASK.fair and TASK by itself."
      ),
      .heading("Figures: evaluate --format csv or json"),
      .paragraph(
        "There is a line for each figure. task, score, metric, attribute, group and class say what it is a figure of; value, lower and upper are the figure and its interval, and method how the interval was computed; n is the number of rows it rests on, n_least the number in the smallest group; floor and floor95 are the chance level (the mean of an exactly fair predictor, and the value it stays below 95 times out of 100); p is a p-value, where --permutations asked for one; flag warns of small groups and the like. Without a value the field is empty. JSON has the same figures; one that cannot be estimated has its reason."
      ),
      .run(
        "fairpost synth loans -n 500 -q > loans.csv\nfairpost evaluate --task repaid --score score --group sex \\\n  --metrics selection_rate.difference --format csv loans.csv"
      ),
      .heading("Maps"),
      .paragraph(
        "A map (fit -o FILE) is one line of JSON, in ASCII. It holds the groups, a curve or thresholds for each, the policies that were chosen, the options and a digest of the records of the fit, what the map states about itself, and a checksum at the end. A map that was changed after it was written is refused. Maps of older versions of the format are read. inspect describes a map in words, verify computes its statements again."
      ),
      .run(
        "fairpost fit --score score --group sex -q -o sex.map loans.csv\nfairpost inspect sex.map"
      ),
      .heading("Models"),
      .paragraph(
        "A model (train -o FILE) is JSON too, with columns, categories, means, weights and the options of training; it needs nothing else to predict, and it ends with a checksum."
      ),
      .run(
        "fairpost train linear --task repaid --group sex --exclude id,score,amount \\\n  -q -o repaid.model loans.csv\nfairpost inspect repaid.model"
      ),
      .heading("Files of compare"),
      .paragraph(
        "--format csv writes a line for each arm and figure, with its mean over the seeds, interval and difference from the plain model. --cells FILE has a line for each arm, seed and figure, --journal DIR the finished runs, --costs FILE their time and memory, and --print-config the options in effect as JSON, which --config reads."
      ),
      .heading("Output files"),
      .paragraph(
        "A file named by -o is written under another name and renamed when it is complete: it is there whole or not at all. Notes and errors go to standard error; --quiet prints errors only."
      ),
      .heading("Exit status"),
      .item("0", "done; a check passed"),
      .item("1", "a check failed: --fail-if, drift, verify, audit --check"),
      .item("2", "a check is undecided: the data cannot tell"),
      .item("64", "the command line is wrong"),
      .item("65", "the data is wrong"),
      .item("66", "an input cannot be opened"),
      .item("70", "a fault of the program"),
      .item("73", "an output cannot be made"),
      .item("74", "reading or writing failed"),
      .item("78", "a bad model or map file"),
    ])
}
