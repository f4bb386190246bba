import FairpostTestSupport
import Foundation
import Testing

/// `fit --summary` and `merge`: the fit of the parts is the fit of the whole, byte for byte.
@Suite(.enabled(if: Program.isBuilt)) struct MergeLawTests {
  private static let fits = [
    "--group sex", "--group sex --exact", "--group sex --group region --small-cell pool",
    "--group sex,region --small-cell marginal --allow-singletons --exact",
    "--group sex --estimator equipy --epsilon 0.2", "--group sex --estimator hazen --exact",
    "--group region --estimator split --id id", "--group sex --ties random --id id --seed 5",
    "--group sex --jitter 0.01 --id id --exact", "--group sex --weight age",
    "--group sex --frequency age", "--group sex --missing-group own", "--group sex --sketch 8",
    "--group sex --group region --small-cell pool --sketch 6 --exact --task repaid",
    "--group sex --target-w2 0.05 --group-weights equal",
  ]

  /// Shares rows out at random, one part empty, and merges in a random order and nesting.
  private static func script(_ options: String, seed: Int) -> String {
    let scores = options.contains("--task") ? "" : "--score score --score debt"
    return """
      fairpost synth loans -q -n 700 --seed \(seed) | awk -F, -v OFS=, -v seed=\(seed) '
        BEGIN { srand(seed) }
        NR == 1 { print $0, "repaid.score"; next }
        { if (rand() < 0.05) $10 = ""; if (\(options.contains("own") ? 1 : 0) && rand() < 0.1) $2 = ""
          print $0, int(rand() * 20) / 20 }' > all.csv
      for part in 1 2 3 4 5 6 7; do head -1 all.csv > part$part.csv; done
      awk -v seed=\(seed) 'BEGIN { srand(seed + 1) }
        NR > 1 { print > ("rest" 1 + int(rand() * rand() * 6) ".csv") }' all.csv
      for part in 1 2 3 4 5 6; do
        [ -f rest$part.csv ] && cat rest$part.csv >> part$part.csv; done
      fairpost fit -q \(scores) \(options) -o whole.map all.csv || exit 1
      for part in 1 2 3 4 5 6 7; do
        fairpost fit -q \(scores) \(options) --summary -o part$part.sum part$part.csv || exit 1; done
      fairpost merge -q part4.sum part7.sum part1.sum part6.sum part2.sum part5.sum part3.sum \\
        -o flat.map && cmp whole.map flat.map || exit 1
      fairpost merge -q --summary part2.sum part3.sum -o a.sum
      fairpost merge -q --summary a.sum part7.sum -o b.sum && cmp a.sum b.sum || exit 1
      fairpost merge -q --summary part3.sum part2.sum -o c.sum && cmp a.sum c.sum || exit 1
      fairpost merge -q --summary part5.sum part1.sum part6.sum -o d.sum
      cat d.sum | fairpost merge -q a.sum part4.sum - > nested.map && cmp whole.map nested.map || exit 1
      fairpost fit -q \(scores) \(options) --summary all.csv -o all.sum
      fairpost merge -q --summary part*.sum -o every.sum && cmp all.sum every.sum || exit 1
      fairpost merge -q --threads 1 every.sum | cmp - whole.map && echo the same
      """
  }

  @Test(arguments: fits) func partsMakeTheWhole(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    for seed in [1, 2] {
      let result = try Program.shell(Self.script(options, seed: seed), directory: scratch.url)
      #expect(result.outputText == "the same\n", "\(options), seed \(seed): \(result.errorText)")
    }
  }

  /// Figures of counted, rounded scores are off by no more than is said, whatever the scores.
  @Test(
    arguments: [
      "NR", "16000 - NR", "int(rand() * 5) / 5", "0.5", "exp(12 * rand() * rand())", "rand() - 0.5",
      "NR % 2 ? 0.5 + rand() / 1000 : rand()",
    ], [4, 7, 12])
  func roundedCountsSayHowFarFiguresAreOff(_ score: String, digits: Int) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      { echo y,g,p; seq 4000 | awk -v OFS=, 'BEGIN { srand(\(digits)) }
          { p = \(score); print (rand() < 0.4) + 0, int(rand() * 3), p }'; } > all.csv
      fairpost evaluate -q --task y --score p --group g --metrics auc,ks all.csv > exact
      fairpost evaluate -q --task y --score p --group g --summary --sketch \(digits) all.csv > counts
      fairpost evaluate --task y --score p --group g --metrics auc,ks --frequency n \
        --sketch \(digits) counts > rounded 2> words
      off() { sed -n "s/.*$1 by more than \\([-0-9.e]*\\).*/\\1/p" words; }
      paste -d, exact rounded | awk -F, -v auc="$(off auc)" -v ks="$(off 'ks of g')" '
        NR > 1 { d = $7 - $25; d = d < 0 ? -d : d
          if (d > ($3 == "auc" ? auc : ks) + 1e-12) { print $0 " " auc " " ks; bad = 1 } n++ }
        END { if (!bad && n == 10 && auc != "" && ks != "") print "as said" }'
      """, directory: scratch.url)
    #expect(result.outputText == "as said\n", "\(result.outputText)\(result.errorText)")
  }

  /// Maps that keep their records merge like summaries, also with them.
  @Test func exactMapsMerge() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 300 > all.csv
      awk 'NR == 1 || NR % 2' all.csv > odd.csv
      awk 'NR == 1 || NR % 2 == 0' all.csv > even.csv
      for name in all odd even; do
        fairpost fit -q --score score --group sex --exact -o $name.map $name.csv; done
      fairpost fit -q --score score --group sex --exact --summary -o odd.sum odd.csv
      fairpost merge -q even.map odd.map | cmp - all.map &&
        fairpost merge -q odd.sum even.map | cmp - all.map && echo the same
      """, directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(result.errorText)")
  }

  /// How a file's bytes are read is no part of a map: parts may lack the header, or be of other dialects.
  @Test func partsMayBeReadInOtherWays() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 300 > all.csv
      head -101 all.csv > first.csv
      sed 1,101d all.csv | head -100 > second.csv
      { head -1 all.csv; sed 1,201d all.csv; } | tr ,. ';,' > third.csv
      fit() { fairpost fit -q --score score --group sex "$@"; }
      fit -o whole.map all.csv
      fit --summary -o 1 first.csv
      fit --summary -o 2 --no-header --columns "$(head -1 all.csv)" second.csv
      fit --summary -o 3 --delimiter ';' --decimal comma third.csv
      fairpost merge -q 1 2 3 | cmp - whole.map || exit 1
      # Several may come in one stream; half a summary is found.
      cat 1 3 | fairpost merge 2 - 2> words | cmp - whole.map || exit 1
      grep -q 'records of 2 files, in 3 summaries' words || exit 1
      { cat 1 2; head -c 900 3; } | fairpost merge - 2> words && exit 1
      grep -q 'not a summary or a map' words || { cat words; exit 1; }
      echo the same
      """, directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(result.errorText)")
  }

  /// What does not fit together is refused with the first difference; damage is found.
  @Test(arguments: [
    ("--group sex", "--group region", 65, "they were made with --group sex and --group region"),
    ("--group sex", "--group sex --epsilon 0.5", 65, "no --epsilon and --epsilon 0.5"),
    ("--group sex", "--group sex --seed 3", 65, "no --seed and --seed 3"),
    ("--group sex", "--group sex --weight age", 65, "no --weight and --weight age"),
  ])
  func differencesAreNamed(
    _ one: String, _ two: String, _ status: Int, _ words: String
  ) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 300 > all.csv
      fairpost fit -q --score score \(one) --summary -o one.sum all.csv
      fairpost fit -q --score score \(two) --summary -o two.sum all.csv
      fairpost merge one.sum two.sum
      """, directory: scratch.url)
    #expect(Int(result.status) == status)
    #expect(
      result.errorText.contains("one.sum and two.sum do not fit together"), "\(result.errorText)")
    #expect(result.errorText.contains(words), "\(result.errorText)")
  }

  @Test func badFilesAreRefused() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 300 > all.csv
      fairpost fit -q --score score --group sex --summary -o a.sum all.csv
      head -c 500 a.sum > cut.sum; : > empty.sum
      sed 's/"missing groups": 0/"missing groups": 7/' a.sum > forged.sum
      fairpost fit -q --score score --group sex -o small.map all.csv
      for file in cut.sum empty.sum forged.sum small.map none.sum all.csv; do
        fairpost merge a.sum $file > out 2> /dev/null; echo $file $? $(wc -c < out); done
      fairpost fit --group sex --score score --min-cell 5 all.csv > /dev/null 2>&1; echo $?
      fairpost fit threshold --score score --task repaid --group sex --summary all.csv \\
        > /dev/null 2>&1; echo $?
      """, directory: scratch.url)
    #expect(
      result.outputText == """
        cut.sum 78 0
        empty.sum 78 0
        forged.sum 78 0
        small.map 78 0
        none.sum 66 0
        all.csv 78 0
        64
        64

        """, "\(result.errorText)")
  }

  /// A summary for rows that may not leave holds no score of a record, no end of a range, and no group
  /// that is too small.
  @Test func rowsStayWhereTheyAre() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    _ = try Program.shell(
      """
      fairpost synth loans -q -n 900 > all.csv
      fairpost fit -q --score score --group region --summary --min-cell 40 -o a.sum all.csv
      fairpost merge -q a.sum -o a.map; fairpost fit -q --score score --group region -o b.map all.csv
      """, directory: scratch.url)
    let rows = try String(
      contentsOf: scratch.url.appendingPathComponent("all.csv"), encoding: .utf8
    )
    .split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let text = try String(contentsOf: scratch.url.appendingPathComponent("a.sum"), encoding: .utf8)
    let sizes = Dictionary(grouping: rows, by: { $0[2] }).mapValues(\.count)
    #expect(sizes.values.contains { $0 < 40 })
    for (group, size) in sizes {
      #expect(text.contains("\"\(group)\"") == (size >= 40), "\(group)")
    }
    let numbers = Set(
      text.split(whereSeparator: { !"0123456789.e-".contains($0) }).map(String.init))
    let leaked = rows.map { $0[9] }.filter { $0.count > 6 && numbers.contains($0) }
    #expect(leaked.isEmpty, "\(leaked.prefix(3))")
    let scores = rows.compactMap { Double($0[9]) }
    let kept = numbers.filter { $0.contains(".") && $0 != "0.001" }.compactMap(Double.init)
    let (least, greatest) = (try #require(scores.min()), try #require(scores.max()))
    #expect(kept.allSatisfy { $0 > least && $0 < greatest })
  }

  /// Counted records give the figures of the records, and counts of parts are the counts of the whole.
  @Test(arguments: [
    "--task repaid --score score --group sex",
    "--task repaid --score score --group sex --group region --intersections --protected sex=F",
    "--task repaid --score score --group sex --bin age=30,50 --group age --threshold 0.3",
    "--task repaid --score score --group sex --frequency age --within region",
    "--task debt:regression --score score --group sex --missing north --group region",
    "--task repaid --score score --group sex --continuous age --features debt",
  ])
  func countedRowsGiveTheFigures(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    // What is binned or missing is so in the counts already.
    let later = options.replacingOccurrences(of: "--bin age=30,50", with: "")
      .replacingOccurrences(of: "--frequency age", with: "")
      .replacingOccurrences(of: "--missing north", with: "")
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 900 --seed 4 | awk -F, -v OFS=, '
        NR == 1 { print; next }
        { $10 = int($10 * 50) / 50; $4 = int($4 / 5); $6 = int($6 * 3); print }' > all.csv
      { head -1 all.csv; sed -n '2,300p' all.csv; } > one.csv
      { head -1 all.csv; sed -n '301,$p' all.csv; } > two.csv
      for name in all one two; do
        fairpost evaluate -q \(options) --summary -o $name.counts $name.csv || exit 1; done
      { cat two.counts; sed 1d one.counts; } |
        fairpost evaluate -q \(later) --frequency n --summary | cmp - all.counts || exit 1
      fairpost evaluate -q \(options) all.csv > want.csv || exit 1
      fairpost evaluate -q \(later) --frequency n all.counts | cmp - want.csv && echo the same
      """, directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(options): \(result.errorText)")
  }

  /// Rounded scores leave decisions as they are, and move figures of ranks by little.
  @Test func roundedScoresKeepDecisions() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 2000 --seed 4 > all.csv
      set -- --task repaid --score score --group sex
      for limit in 0.5 0.3; do
        fairpost evaluate -q "$@" --threshold $limit --summary --sketch 5 all.csv -o few.counts
        [ $(wc -l < few.counts) -lt 700 ] || exit 1
        rates=selection_rate,accuracy,demographic_parity_difference,equalized_odds_difference
        fairpost evaluate -q "$@" --threshold $limit --metrics $rates all.csv > want.csv
        fairpost evaluate -q "$@" --threshold $limit --metrics $rates --frequency n few.counts |
          cmp - want.csv || exit 1
        for file in all.csv few.counts; do
          f=; [ $file = few.counts ] && f='--frequency n'
          fairpost evaluate -q "$@" --metrics mean_score,auc $f $file | cut -d, -f7 | sed 1d > $file.figures
        done
        paste all.csv.figures few.counts.figures | awk '
          { d = $1 - $2; if (d < 0) d = -d; if (d > 0.016) exit 1 } END { if (NR < 6) exit 1 }' || exit 1
      done
      echo the same
      """, directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(result.errorText)")
  }

  @Test func countedRowsGiveTheAudit() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 900 --seed 4 > all.csv
      for how in '--decision repaid=1' '--score score' '--decision repaid --position region'; do
        set -- ll144 -q --group sex --group region $how
        [ "$how" = '--decision repaid --position region' ] && set -- ll144 -q --group sex $how
        fairpost audit "$@" --summary all.csv -o all.counts || exit 1
        fairpost audit "$@" all.csv > want.csv
        fairpost audit "$@" --frequency n all.counts | cmp - want.csv || exit 1
      done
      echo the same
      """, directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(result.errorText)")
  }

  /// What counts cannot hold is refused in words.
  @Test(arguments: [
    ("--metrics auc --summary", "--summary writes counts, no figures"),
    ("--sketch 8", "--sketch belongs to --summary"),
    ("--summary --weight age", "--summary counts records"),
    ("--summary --group n", "column n"),
  ])
  func countsRefuse(_ options: String, _ words: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 50 | sed '1s/region/n/' > all.csv
      fairpost evaluate --task repaid --score score --group sex \(options) all.csv
      """, directory: scratch.url)
    #expect(result.status == 64 && result.outputText.isEmpty)
    #expect(result.errorText.contains(words), "\(result.errorText)")
  }
}
