import FairpostTestSupport
import Foundation
import Testing

/// Several files read as one, compressed files, and decimal commas: the answer is that of the plain file.
@Suite(.enabled(if: Program.isBuilt)) struct PartsLawTests {
  private static let commands = [
    "fit --score score --group sex",
    "evaluate --task repaid --score score --group sex --at-rate 0.3",
    "evaluate --task repaid --score score --group sex", "groups --group sex,region", "columns",
    "adjust --score score --group sex", "split --stratify sex --column",
    "split --column --id id", "apply -m the.map", "reweigh --task repaid --group sex",
    "evaluate --score score --group sex --summary", "drift -m the.map",
  ]

  /// One file in three parts: the second lacks its last line ending, the third has other line endings in
  /// its header.
  private static let parts = """
    fairpost synth loans -q -n 900 --seed 2 > all.csv
    fairpost fit -q --score score --group sex -o the.map all.csv
    { head -1 all.csv; sed -n 2,300p all.csv; } > a.csv
    { head -1 all.csv; sed -n 301,700p all.csv; } | head -c -1 > b.csv
    { head -1 all.csv | sed 's/$/\\r/'; sed -n '701,$p' all.csv; } > c.csv

    """

  @Test(arguments: commands) func partsReadAsOneAreTheWhole(_ command: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      Self.parts + """
        fairpost \(command) -q all.csv > want; status=$?
        for threads in 1 3; do
          fairpost \(command) -q --threads $threads a.csv b.csv c.csv > got
          [ $? = $status ] && cmp want got || exit 1
        done
        echo the same
        """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(command): \(run.errorText)")
  }

  /// Trained on parts, a model is the same bytes.
  @Test func trainingReadsParts() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      Self.parts + """
        fairpost train linear -q --task repaid --exclude id -o want.model all.csv
        fairpost train linear -q --task repaid --exclude id -o got.model a.csv b.csv c.csv
        cmp want.model got.model || exit 1
        # What a command reads besides its records is a file of its own, even one that is read with them.
        fairpost predict -q -m want.model a.csv > want
        fairpost train linear -q --task repaid --exclude id --predict a.csv -o again.model a.csv b.csv c.csv > got
        cmp want got || exit 1
        fairpost adjust -q --score score --group sex --calibrate all.csv all.csv > want
        fairpost adjust -q --score score --group sex --calibrate all.csv a.csv b.csv c.csv | cmp - want &&
          echo the same
        """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(run.errorText)")
  }

  /// Errors name the file and its own line.
  @Test(arguments: [
    (
      "sed '5s/,F,\\|,M,/,X,/' b.csv > x.csv; fairpost apply -m the.map a.csv x.csv c.csv", 65,
      "x.csv:5: column \"sex\": the group \"X\""
    ),
    (
      "sed '7s/,/,,/' b.csv > x.csv; fairpost groups --group sex a.csv x.csv", 65,
      "x.csv:7: the record has 11 fields"
    ),
    (
      "sed '1s/region/Region/' b.csv > x.csv; fairpost groups --group sex a.csv x.csv", 65,
      "its column 3 is \"Region\", there \"region\""
    ),
    (
      "cut -d, -f1-9 b.csv > x.csv; fairpost groups --group sex a.csv x.csv", 65,
      "it has 9 columns, there are 10"
    ),
    ("fairpost groups --group sex a.csv none.csv", 66, "none.csv: No such file"),
    (
      "fairpost groups --group sex a.csv - < b.csv", 64,
      "standard input cannot be one of several files"
    ),
    ("fairpost apply -m the.map a.csv b.csv -o a.csv", 64, "the result would destroy it"),
    (": > x.csv; fairpost groups --group sex a.csv x.csv", 65, "x.csv: the input is empty"),
  ])
  func whatDoesNotFitIsNamed(_ script: String, _ status: Int, _ words: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(Self.parts + script, directory: scratch.url)
    #expect(Int(run.status) == status && run.errorText.contains(words), "\(run.errorText)")
  }

  // MARK: Shards

  /// A file with quoted newlines and delimiters, quotes in the middle of fields, and long and short records.
  private static let quoted = #"""
    fairpost synth loans -q -n 400 --seed 8 | awk -F, -v OFS=, '
      NR == 1 { print $0, "note"; next }
      NR % 3 == 0 { print $0, "\"two\nlines, \"\"x\"\"\""; next }
      NR % 5 == 0 { print $0, "6\" pipe"; next } NR % 7 == 0 { print $0, ""; next } { print $0, NR }' > all.csv

    """#

  @Test(arguments: [1, 2, 3, 7, 50, 1000]) func shardsAreTheWhole(_ count: Int) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      Self.quoted + """
        fairpost fit -q --score score --group sex --exact -o want.map all.csv
        fairpost apply -q -m want.map all.csv > want.csv
        fairpost apply -q -m want.map all.csv | sed 1d > want.rows
        sed 1d all.csv > plain.csv
        part=1
        while [ $part -le \(count) ]; do
          fairpost apply -q -m want.map --shard $part/\(count) all.csv | sed 1d >> got.rows
          fairpost apply -q -m want.map --no-header --columns $(head -1 all.csv) --shard $part/\(count) plain.csv >> bare.rows
          [ \(count) -gt 7 ] || fairpost fit -q --score score --group sex --exact --summary --shard $part/\(count) -o $part.sum all.csv
          part=$((part + 1))
        done
        cmp want.rows got.rows && cmp want.rows bare.rows || exit 1
        [ \(count) -gt 7 ] || fairpost merge -q *.sum | cmp - want.map && echo the same
        """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(run.errorText)")
  }

  @Test(arguments: [
    ("--shard 3/2 all.csv", 64, "expected I/N"), ("--shard 0/2 all.csv", 64, "expected I/N"),
    ("--shard 1/2 all.csv all.csv", 64, "not of several"),
    ("--shard 2/2 bad.csv", 65, "bad.csv:401: column \"score\": \"x\" is not a number"),
  ])
  func shardsNameTheirLines(_ options: String, _ status: Int, _ words: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      """
      fairpost synth loans -q -n 400 > all.csv
      awk -F, -v OFS=, 'NR == 401 { $10 = "x" } { print }' all.csv > bad.csv
      fairpost fit -q --score score --group sex -o the.map all.csv
      fairpost apply -q -m the.map \(options)
      """, directory: scratch.url)
    #expect(Int(run.status) == status && run.errorText.contains(words), "\(run.errorText)")
  }

  @Test func aPipeCannotBeDivided() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      "fairpost synth loans -q | fairpost groups --group sex --shard 1/2", directory: scratch.url)
    #expect(run.status == 64 && run.errorText.contains("cannot be divided"), "\(run.errorText)")
  }

  // MARK: Compressed files

  private static func has(_ program: String) -> Bool {
    do { return try Program.shell("command -v \(program)").status == 0 } catch { return false }
  }

  @Test(
    .enabled(
      if: has("gzip") && has("zstd") && has("xz") && has("bzip2"), "a decompressor is missing"),
    arguments: [("gzip", "gz"), ("zstd", "zst"), ("xz", "xz"), ("bzip2", "bz2")])
  func compressedFilesAreWhatTheyHold(_ program: String, _ ending: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      Self.parts + """
        \(program) -kq all.csv b.csv
        for command in "fit --score score --group sex" "adjust --score score --group sex" \\
            "split --stratify sex --column" "evaluate --task repaid --score score --group sex"; do
          fairpost $command -q all.csv > want
          fairpost $command -q all.csv.\(ending) | cmp - want || exit 1
          fairpost $command -q < all.csv.\(ending) | cmp - want || exit 1
          fairpost $command -q a.csv b.csv.\(ending) c.csv | cmp - want || exit 1
        done
        tr , '\\t' < all.csv > all.tsv; \(program) -kq all.tsv
        fairpost groups -q --group sex all.tsv.\(ending) > got; fairpost groups -q --group sex all.csv | cmp - got || exit 1
        # Whoever stops early leaves nothing behind.
        fairpost apply -q -m the.map all.csv.\(ending) | head -2 > /dev/null
        size=$(wc -c < all.csv.\(ending)); head -c $((size / 2)) all.csv.\(ending) > half.csv.\(ending)
        fairpost apply -q -m the.map -o half.out half.csv.\(ending); echo $?
        [ ! -e half.out ] && echo nothing is there
        """, directory: scratch.url)
    #expect(run.outputText == "65\nnothing is there\n", "\(run.outputText) \(run.errorText)")
    #expect(
      run.errorText.contains("half.csv.\(ending): \(program) cannot unpack it: "),
      "\(run.errorText)")
  }

  @Test(.enabled(if: has("gzip"), "no gzip")) func aMissingDecompressorIsNamed() throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      Self.parts + """
        gzip a.csv; mkdir none; fairpost=$(command -v fairpost)
        PATH=$PWD/none "$fairpost" groups --group sex a.csv.gz
        """, directory: scratch.url)
    #expect(run.status == 66)
    #expect(
      run.errorText.contains("the program that unpacks it, gzip, is not installed"),
      "\(run.errorText)")
  }

  // MARK: Decimal commas

  /// The same numbers whichever sign stands before the fraction, in columns that come and columns that are
  /// added.
  @Test(arguments: [";", ","]) func decimalCommasAreRead(_ delimiter: String) throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let run = try Program.shell(
      Self.parts + """
        cut -d, -f1,2,6,9,10 all.csv > points.csv
        awk -F, 'NR == 1 { gsub(/,/, "\(delimiter)"); print; next }
          { sub(/\\./, ",", $3); sub(/\\./, ",", $5)
            q = "\(delimiter)" == "," ? "\\"" : ""
            print $1 "\(delimiter)" $2 "\(delimiter)" q $3 q "\(delimiter)" $4 "\(delimiter)" q $5 q }' points.csv > commas.csv
        fairpost evaluate -q --task repaid --score score --group sex points.csv > want
        fairpost evaluate -q --task repaid --score score --group sex -d '\(delimiter)' --decimal comma commas.csv |
          cmp - want || exit 1
        fairpost fit -q --score score --group sex -o one.map points.csv
        fairpost fit -q --score score --group sex -d '\(delimiter)' --decimal comma -o two.map commas.csv
        fairpost apply -q -m one.map points.csv | cut -d, -f6 > want
        fairpost apply -q -m two.map -d '\(delimiter)' --decimal comma commas.csv > out.csv
        sed -E '\(delimiter == "," ? "1s/,[^,]*$//; s/,(\"[^\"]*\"|[^,\"]*)$//" : "s/;[^;]*$//")' out.csv > came.csv
        [ '\(delimiter)' = , ] && sed -i '1s/.*/id,sex,debt,repaid,score/' came.csv
        cmp came.csv commas.csv || exit 1
        sed 's/"//g; s/.*\(delimiter == "," ? "," : ";")\\(-*[0-9]*,[0-9e-]*\\)$/\\1/; s/,/./' out.csv | sed 1d > got
        sed 1d want | cmp - got && echo the same
        """, directory: scratch.url)
    #expect(run.outputText == "the same\n", "\(run.errorText)")
  }
}
