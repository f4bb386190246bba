import FairpostTestSupport
import Foundation
import Testing

/// `--memory`: records that are gathered in pieces make the map, the summary and the words of all at once.
@Suite(.enabled(if: Program.isBuilt)) struct MemoryLawTests {
  /// Fits records in one piece and in the smallest pieces there are, and compares all they give.
  private static func script(_ options: String) -> String {
    """
    fairpost synth loans -q -n 13000 | awk -F, -v OFS=, '
      NR == 1 { print; next }
      { if (NR % 17 == 0) $10 = ""; if (\(options.contains("own") ? 1 : 0) && NR % 13 == 0) $2 = ""
        if (NR > 9000) $3 = "far"
        print }' > all.csv
    for memory in 0 1024; do
      fairpost fit --score score --score debt \(options) --memory $memory -o $memory.map all.csv \\
        2> $memory.words || { cat $memory.words; exit 1; }
      fairpost fit --score score \(options) --memory $memory --summary -o $memory.sum all.csv \\
        2>> $memory.words || { cat $memory.words; exit 1; }
      fairpost adjust --score score \(options) --memory $memory all.csv > $memory.csv 2>> $memory.words
      cat all.csv | fairpost adjust -q --score score \(options) --memory $memory > $memory.piped
    done
    for kind in map sum words csv piped; do cmp 0.$kind 1024.$kind || exit 1; done
    cmp 0.csv 0.piped && echo the same
    """
  }

  @Test(arguments: [
    "--group sex", "--group sex --exact", "--group sex --group region --small-cell pool",
    "--group sex,region --threads 1", "--group sex --weight age", "--group sex --frequency age",
    "--group sex --missing-group own", "--group sex --sketch 8",
    "--group sex --ties random --id id",
    "--group sex --estimator equipy --epsilon 0.2",
  ]) func piecesMakeTheWhole(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(Self.script(options), directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(options): \(result.errorText)")
  }

  /// Figures of ranks are the same whether scores are held as they stand or counted, few of them different,
  /// many, or all.
  @Test(arguments: [
    "--task repaid --score score --group sex --all",
    "--task repaid --score coarse --group sex --all",
    "--task repaid --score unlike --group sex --all",
    "--task repaid --score score --group sex --group region --intersections",
    "--task repaid --score score --group sex --frequency age",
    "--task repaid --score score --group sex --weight age",
    "--task amount:regression --score debt --group sex --metrics ks,w1,mae,r2",
  ]) func countedScoresGiveTheFigures(_ options: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      fairpost synth loans -q -n 30000 | awk -F, -v OFS=, '
        NR == 1 { print $0, "coarse", "unlike"; next }
        { print $0, substr($10, 1, 4), (NR < 20000 ? 1 / NR : 0.25) }' > all.csv
      for memory in 0 1024; do
        fairpost evaluate -q --memory $memory \(options) all.csv > $memory.figures || exit 1
      done
      cmp 0.figures 1024.figures && echo the same
      """, directory: scratch.url)
    #expect(result.outputText == "the same\n", "\(options): \(result.errorText)")
  }

  /// What is refused of a whole is refused of its pieces, in the same words.
  @Test(arguments: [
    // Each piece has few groups, and all of them together are a column of numbers.
    (#"{ print 1, int(NR / 300) }"#, "--group g", "groups, all of them numbers"),
    (#"{ print 1 / NR, "a", 1000000000000 }"#, "--group g --frequency w", "add up to more than"),
    (#"{ print NR == 11000 ? "x" : 1 / NR, NR % 2 }"#, "--group g", "all.csv:11001: column \"p\""),
    (
      #"{ print NR < 9000 ? 1 / NR : "", (NR > 8999) }"#, "--group g --allow-singletons",
      "no usable record of 1"
    ),
  ])
  func piecesAreRefusedAlike(_ rows: String, _ options: String, _ words: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let result = try Program.shell(
      """
      { echo p,g,w; seq 16000 | awk -v OFS=, '\(rows)' | awk -F, -v OFS=, '{ $3 = $3; print }'; } \
        > all.csv
      for memory in 0 1024; do
        fairpost fit --score p \(options) --memory $memory all.csv > $memory.map 2> $memory.words
        echo $? >> $memory.words
      done
      cat 0.words
      cmp 0.words 1024.words && cmp 0.map 1024.map && echo the same
      """, directory: scratch.url)
    #expect(result.outputText.hasSuffix("the same\n"), "\(result.outputText)\(result.errorText)")
    #expect(result.outputText.contains(words), "\(result.outputText)")
  }
}
