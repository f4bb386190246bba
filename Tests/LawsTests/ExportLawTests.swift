import FairpostTestSupport
import Foundation
import Testing

/// `export`: code in other languages gives what `apply` writes, to the last bit.
@Suite(.enabled(if: Program.isBuilt)) struct ExportLawTests {
  /// Fits a map under some options, and makes rows with everything that may happen to one: knots and their
  /// neighbours, ends, far outside, missing scores, missing and unseen groups.
  private static func script(_ options: String) -> String {
    """
    fairpost synth loans -q -n 400 > fit.csv
    fairpost fit -q --score score \(options) -o the.map fit.csv
    awk -F, -v OFS=, 'NR == 1 { print "id,sex,region,score"; next } {
      n++; print "a" n, $2, $3, $10; print "b" n, $2, $3, $10 + 1e-9; print "c" n, $2, $3, $10 - 0.37
      if (n % 7 == 0) print "d" n, $2, $3, ""
      if (n % 11 == 0) print "e" n, "", $3, $10
      if (n % 13 == 0) print "f" n, "X", $3, $10
      if (n % 17 == 0) print "g" n, $2, "islands", $10 * 3
      if (n % 19 == 0) print "h" n, $2, $3, (n % 2 ? "-0" : "5e-324") } ' fit.csv > rows.csv
    fairpost apply -q -m the.map --on-bad-row skip rows.csv > applied.csv
    """
  }

  private static let maps = [
    "--group sex", "--group sex --outside shift --missing-group pass --unseen pass",
    "--group sex --outside error --missing-group drop",
    "--group sex --group region --small-cell pool --missing-group pool --unseen pool --epsilon 0.3",
    "--group sex,region --small-cell pool --range 0,1 --outside shift",
    "--group sex --estimator equipy --missing-group own", "--group sex --epsilon 1",
  ]

  /// Every row that apply answers, by id; those it refuses are not there.
  private func answers(_ text: String, in column: String) throws -> [String: String] {
    let lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    let id = try #require(header.firstIndex(of: "id"))
    let place = try #require(header.firstIndex(of: column))
    let status = header.firstIndex(of: column + ".status")
    var found: [String: String] = [:]
    for line in lines.dropFirst() {
      if let status, line[status].hasPrefix("refused") { continue }
      found[line[id]] = line[place]
    }
    return found
  }

  private func expectSame(_ one: [String: String], _ other: [String: String], zeros: Bool = true) {
    #expect(one.count > 400)
    #expect(Set(one.keys) == Set(other.keys))
    var different: [String] = []
    for (id, value) in one {
      let (a, b) = (Double(value), Double(other[id] ?? ""))
      // SQLite knows one zero only.
      if a == 0, b == 0, !zeros { continue }
      if a?.bitPattern != b?.bitPattern { different.append("\(id): \(value) | \(other[id] ?? "")") }
    }
    #expect(different.isEmpty, "\(different.prefix(5))")
  }

  private static func has(_ command: String) -> Bool {
    do { return try Program.shell(command).status == 0 } catch { return false }
  }

  @Test(.enabled(if: has("python3 --version"), "no Python"), arguments: maps)
  func pythonGivesWhatApplyGives(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      "\(Self.script(options))\nfairpost export --to python the.map > the_map.py; python3 the_map.py < rows.csv > coded.csv; cat coded.csv; echo ----; cat applied.csv",
      directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let parts = run.outputText.components(separatedBy: "----\n")
    try #require(parts.count == 2)
    expectSame(
      try answers(parts[1], in: "score.fair"), try answers(parts[0], in: "score.fair"))
  }

  @Test(.enabled(if: has("sqlite3 --version"), "no sqlite3"), arguments: maps)
  func sqliteGivesWhatApplyGives(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    // Scores go in as quotients of whole numbers, since SQLite reads decimals a last bit off now and then; results
    // come out with 17 digits.
    let run = try Program.shell(
      """
      \(Self.script(options))
      { echo 'CREATE TABLE preds (id TEXT, sex TEXT, region TEXT, score REAL);'
        python3 -c '
      import csv
      for r in csv.DictReader(open("rows.csv")):
          x = r["score"]
          n = "NULL" if x == "" else "%d.0 / %d.0" % float(x).as_integer_ratio() if abs(float(x)) > 1e-300 or float(x) == 0 else x
          print("INSERT INTO preds VALUES (%r, %r, %r, %s);" % (r["id"], r["sex"], r["region"], n))'
        fairpost export --to sql the.map | sed '$s/;$//; s/^SELECT q\\.\\*/CREATE TABLE done AS SELECT q.*/' | awk '/^WITH /{ sub(/^WITH /, "CREATE TABLE done AS WITH ") } /^CREATE TABLE done AS SELECT/{ sub(/^CREATE TABLE done AS /, "") } { print }'
        echo ';'
        echo '.mode csv'; echo '.headers on'
        echo 'SELECT id, printf("%!.17g", "score.fair") AS "score.fair", "score.fair.status" FROM done WHERE "score.fair" IS NOT NULL UNION ALL SELECT id, NULL, "score.fair.status" FROM done WHERE "score.fair" IS NULL;'
      } > script.sql
      sqlite3 :memory: < script.sql | sed 's/"//g'; echo ----; cat applied.csv
      """, directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let parts = run.outputText.components(separatedBy: "----\n")
    try #require(parts.count == 2)
    expectSame(
      try answers(parts[1], in: "score.fair"), try answers(parts[0], in: "score.fair"),
      zeros: false)
  }

  @Test(.enabled(if: has("Rscript --version"), "no R"), arguments: maps)
  func rGivesWhatApplyGives(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      \(Self.script(options))
      fairpost export --to r the.map > the_map.R
      python3 -c '
      import csv
      for r in csv.DictReader(open("rows.csv")):
          print("%s,%s,%s,%s" % (r["id"], r["sex"], r["region"], float(r["score"]).hex() if r["score"] else ""))' > hex.csv
      cat > run.R <<'END'
      source("the_map.R")
      rows <- strsplit(paste0(readLines("hex.csv"), ","), ",", fixed = TRUE)
      cell <- function(i) vapply(rows, function(r) r[i], "")
      groups <- list(sex = cell(2), region = cell(3))
      text <- cell(4)
      result <- fair(suppressWarnings(as.numeric(text)), groups)
      cat("id,score.fair,score.fair.status\\n")
      kept <- result$status != "dropped"
      cat(sprintf("%s,%s,%s\\n", cell(1), ifelse(is.na(result$value), "", sprintf("%.17g", result$value)), result$status)[kept], sep = "")
      END
      Rscript run.R; echo ----; cat applied.csv
      """, directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    let parts = run.outputText.components(separatedBy: "----\n")
    try #require(parts.count == 2)
    expectSame(
      try answers(parts[1], in: "score.fair"), try answers(parts[0], in: "score.fair"))
  }

  // MARK: Models

  private static let models = [
    "train linear --task repaid", "train linear --task amount:regression",
    "train mlp --task repaid --hidden 5 --epochs 3",
    "train mlp --task repaid --task amount:regression --hidden 6,4 --activation tanh --epochs 2",
    "train mlp --task education:multiclass --hidden 4 --epochs 2",
    "train yoto --task repaid --task amount:regression --hidden 5 --epochs 2",
  ]

  /// Trains a model on records some of which lack values, and makes records with other categories.
  private static func modelScript(_ train: String) -> String {
    """
    fairpost synth loans -q -n 600 --seed 3 | cut -d, -f1-9 | awk -F, -v OFS=, '
      NR > 1 && NR % 9 == 0 { $4 = "" } NR > 1 && NR % 8 == 0 { $3 = "" } { print }' > fit.csv
    fairpost \(train) --exclude id -q -o the.model fit.csv || exit 1
    awk -F, -v OFS=, 'NR > 1 && NR % 5 == 0 { $3 = "islands" } NR > 1 && NR % 6 == 0 { $2 = "X" }
      NR > 1 && NR % 7 == 0 { $6 = "" } NR > 1 && NR % 11 == 0 { $4 = $4 * 40 } { print }' fit.csv > rows.csv
    fairpost predict -q -m the.model rows.csv > predicted.csv || exit 1
    """
  }

  /// Compares every score of two files at 12 digits; `fairpost` wrote the first.
  private static let comparison = """
    python3 - <<'END'
    import csv
    one, two = (list(csv.DictReader(open(name))) for name in ("predicted.csv", "coded.csv"))
    names = [name for name in one[0] if ".score" in name]
    worst = max(abs(float(a[n]) - float(b[n])) / max(1, abs(float(a[n]))) for a, b in zip(one, two) for n in names)
    print(len(one) == len(two) == 600 and len(names) > 0 and worst < 1e-12 and "the same" or worst)
    END
    """

  @Test(.enabled(if: has("python3 --version"), "no Python"), arguments: models)
  func pythonGivesWhatPredictGives(_ train: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      \(Self.modelScript(train))
      fairpost export --to python the.model > the_model.py
      python3 the_model.py < rows.csv > coded.csv
      \(Self.comparison)
      """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(train): \(run.errorText)")
  }

  @Test(
    .enabled(if: has("sqlite3 --version && python3 --version"), "no sqlite3"), arguments: models)
  func sqliteGivesWhatPredictGives(_ train: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      \(Self.modelScript(train))
      python3 -c '
      import csv
      print("CREATE TABLE preds (id TEXT, sex TEXT, region TEXT, age REAL, employed REAL, debt REAL, education TEXT, amount REAL, repaid INTEGER);")
      for row in csv.DictReader(open("rows.csv")):
          print("INSERT INTO preds VALUES (%s);" % ", ".join("NULL" if v == "" else v if k in "age employed debt amount repaid".split() else repr(v) for k, v in row.items()))' > script.sql
      fairpost export --to sql the.model > the_model.sql
      { cat script.sql; echo '.mode csv'; echo '.headers on'; cat the_model.sql; } | sqlite3 :memory: > coded.csv
      \(Self.comparison)
      """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(train): \(run.errorText)")
  }

  @Test(.enabled(if: has("Rscript --version && python3 --version"), "no R"), arguments: models)
  func rGivesWhatPredictGives(_ train: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      \(Self.modelScript(train))
      fairpost export --to r the.model > the_model.R
      cat > run.R <<'END'
      source("the_model.R")
      rows <- read.csv("rows.csv", colClasses = "character", na.strings = character(0))
      own <- scores(rows)
      for (name in names(own)) own[[name]] <- sprintf("%.17g", own[[name]])
      write.csv(own, "coded.csv", row.names = FALSE, quote = FALSE)
      END
      Rscript run.R
      \(Self.comparison)
      """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(train): \(run.errorText)")
  }

  @Test func aModelTooWideForSQLIsRefused() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 60 > fit.csv
      fairpost train mlp --task repaid --hidden 401 --epochs 1 -q -o the.model fit.csv
      fairpost export --to sql the.model
      """, directory: scratch.url)
    #expect(run.status == 64 && run.outputText.isEmpty)
    #expect(run.errorText.contains("a layer of 401 is too wide for SQL"), "\(run.errorText)")
  }

  // MARK: What is refused

  @Test(
    arguments: [
      ("--ties random --id id", "cannot be exported"),
      ("--jitter 0.01 --id id", "cannot be exported"),
    ]) func whatDependsOnTheIDIsRefused(_ options: String, _ words: String) throws
  {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      "fairpost synth loans -q -n 400 > fit.csv; fairpost fit -q --score score --group sex \(options) -o the.map fit.csv; fairpost export --to python the.map",
      directory: scratch.url)
    #expect(run.status == 64 && run.errorText.contains(words), "\(run.errorText)")
  }

  /// The published maps and rows, in Python.
  @Test(
    .enabled(
      if: Shared.isPresent && has("python3 --version"),
      "the reference files or Python are not there"),
    arguments: ["clamp", "policies", "step", "refuse", "drop", "threshold"])
  func publishedMaps(_ name: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost export --to python "$FILES/$NAME.map" > the_map.py
      python3 the_map.py < "$FILES/$NAME.csv" > coded.csv
      python3 - "$FILES/$NAME.expected.csv" <<'END'
      import csv, sys
      coded = {r["id"]: r for r in csv.DictReader(open("coded.csv"))}
      count = wrong = 0
      for row in csv.DictReader(open(sys.argv[1])):
          for column, text in row.items():
              if column in ("id", "done"):
                  continue
              count += 1
              own = coded.get(row["id"])
              if row["done"] == "dropped":
                  wrong += own is not None
              elif "refused" in row["done"]:
                  wrong += not own[column + ".status"].startswith("refused")
              else:
                  wrong += (own[column] == "") != (text == "") or (text != "" and float(text) != float(own[column]))
      print(count, wrong)
      END
      """, environment: ["FILES": Shared.path("reference/audit/export"), "NAME": name],
      directory: scratch.url)
    #expect(run.status == 0, "\(run.errorText)")
    #expect(run.outputText.hasSuffix(" 0\n") && run.outputText.count > 4, "\(run.outputText)")
  }
}
