/// The options that many commands share, each declared once.
package enum CommonOptions {
  /// How CSV is read.
  package static let reading: [OptionSpec] = [
    OptionSpec(
      "delimiter", "d", .text("CHAR"),
      help:
        "the byte between fields; \\t or tab for tabs (.tsv files need no option), \\xA7 for the byte of that code",
      defaultNote: "a comma", section: "Reading"),
    OptionSpec(
      "decimal", nil, .choice("point", "comma"),
      help:
        "what stands before the fraction of a number, in the input and in the columns that are added",
      default: "point", section: "Reading"),
    OptionSpec(
      "no-header", help: "the first line is data, not names; --columns names the columns",
      section: "Reading"),
    OptionSpec(
      "columns", nil, .columns("a,b,c"), help: "the columns' names for --no-header",
      section: "Reading"),
    OptionSpec(
      "missing", nil, .text("TEXT"),
      help:
        "a text that means missing. The empty field always does; in numeric columns, NA, NaN, nan and null do too",
      repeated: true, section: "Reading"),
    OptionSpec(
      "rows", nil, .columnText("COL=VALUE[,VALUE...]"),
      help: "read only rows with one of these values",
      repeated: true, section: "Reading"),
    OptionSpec(
      "shard", nil, .text("I/N"),
      help:
        "read only part I of N of a file, cut between records at about equal sizes; the parts before are scanned for quotes, and not more",
      section: "Reading"),
    OptionSpec(
      "join", nil, .file(), help: "add the columns of this file, matched by the column --on",
      section: "Reading"),
    OptionSpec(
      "on", nil, .column(), help: "for --join: the key column that both files have",
      section: "Reading"),
    OptionSpec(
      "bin", nil, .columnText("COL=CUT[,CUT...]"),
      help: "divide the numbers of a column into groups, at these cuts",
      repeated: true, section: "Reading"),
    OptionSpec(
      "max-bad", nil, .integer("N", in: 0...Int.max),
      help: "fail after N bad rows", section: "Reading"),
    OptionSpec(
      "rejects", nil, .output(), help: "write skipped rows to this file", section: "Reading"),
  ]

  /// How a pipe that is read twice is kept.
  package static let memory = memory(
    "the most of a pipe to keep in memory; more goes into a temporary file")

  /// The same of a command that also gathers records.
  package static func memory(_ help: String) -> OptionSpec {
    OptionSpec(
      "memory", nil, .integer("MIB", in: 0...1_000_000), help: help, default: "1024",
      section: "General")
  }

  /// What happens to bad rows in a command that may skip them.
  package static let badRows = OptionSpec(
    "on-bad-row", nil, .choice("fail", "skip"),
    help: "what happens to a row with a bad value or a wrong number of fields", default: "fail",
    section: "Reading")

  /// What happens to bad rows in a filter, which may also pass them.
  package static let badRowsInFilter = OptionSpec(
    "on-bad-row", nil, .choice("fail", "skip", "pass"),
    help:
      "what happens to a row with a bad value or a wrong number of fields; pass treats a bad value as missing, but not a wrong number of fields",
    default: "fail", section: "Reading")

  /// What happens to bad rows in a filter that others wait for, and how it answers them.
  package static let answering: [OptionSpec] = [
    OptionSpec(
      "on-bad-row", nil, .choice("fail", "skip", "pass", "report"),
      help:
        "what happens to a row with a bad value or a wrong number of fields; pass treats a bad value as missing, but not a wrong number of fields, report answers in the row's place with what is wrong",
      default: "fail", section: "Reading"),
    OptionSpec(
      "error-column", nil, .name(),
      help: "with --on-bad-row report: the column that says what is wrong; empty in good rows",
      defaultNote: "error", section: "Output"),
    OptionSpec(
      "unbuffered",
      help:
        "answer each line at once, so that another program can send a line and wait for its answer (one thread)",
      section: "Output"),
  ]

  /// What lines are.
  package static let lines = OptionSpec(
    "lines", nil, .choice("csv", "json"),
    help:
      "what is read and written: CSV, or a JSON object a line, to which the results are added as members (null where there is none)",
    default: "csv", section: "Reading")

  /// Serving many clients.
  package static let socket: [OptionSpec] = [
    OptionSpec(
      "socket", nil, .text("PATH"),
      help:
        "serve many clients over a Unix socket at this path, each as --unbuffered does; SIGHUP reads the file again, SIGTERM answers what has arrived and ends. A socket handed over by systemd (LISTEN_FDS) is taken instead",
      section: "Service"),
    OptionSpec(
      "clients", nil, .integer("N", in: 1...10_000),
      help: "with --socket: how many clients are served at once; more wait", default: "128",
      section: "Service"),
    OptionSpec(
      "grace", nil, .number("SECONDS", in: 0...3600),
      help: "with --socket: how long clients may take their last answers after SIGTERM",
      default: "5", section: "Service"),
  ]

  /// Where the result goes, and what is said meanwhile.
  package static let general: [OptionSpec] = [
    OptionSpec(
      "output", "o", .output(),
      help: "write to this file instead of standard output; it is written whole or not at all",
      section: "General"),
    OptionSpec(
      "threads", nil, .integer("N", in: 1...1024),
      help: "how many threads; results never depend on it",
      defaultNote: "the cores", section: "General"),
    OptionSpec(
      "quiet", "q", help: "print nothing but errors", section: "General"),
    OptionSpec(
      "progress", nil, .choice("auto", "always", "never"),
      help: "show progress on standard error; auto shows it on a terminal after a second",
      default: "auto", section: "General"),
  ]

  /// How wide a table is.
  package static let width = OptionSpec(
    "width", nil, .integer("N", in: 40...1000),
    help: "for tables: how many characters fit on a line",
    defaultNote: "the terminal's, else COLUMNS, else 80", section: "Output")

  /// The seed of what is random.
  package static let seed = OptionSpec(
    "seed", nil, .integer("N", in: 0...Int.max), help: "the seed of every random choice",
    default: "20260101", section: "General")

  /// Replacing columns.
  package static let overwrite = OptionSpec(
    "overwrite", help: "replace a column that already exists", section: "Output")

  /// The record's key.
  package static let id = OptionSpec(
    "id", nil, .column(), help: "the column that names the record; random choices follow it",
    section: "Columns")

  /// Sensitive attributes.
  package static let group = OptionSpec(
    "group", "g", .columns("COL[,COL...]"),
    help:
      "the column of a sensitive attribute; several columns make one attribute of their combinations; repeat the option for several attributes",
    repeated: true, section: "Columns")

  /// Row weights.
  package static let weights: [OptionSpec] = [
    OptionSpec(
      "weight", nil, .column(), help: "a column with a survey weight for each row",
      section: "Columns"),
    OptionSpec(
      "frequency", nil, .column(),
      help: "a column that says how often each row counts (whole numbers)",
      section: "Columns"),
  ]

  /// Everything a command that reads one stream into memory shares.
  package static let reader: [OptionSpec] = reading + [badRows] + general

  /// Everything a filter shares.
  package static let filter: [OptionSpec] = reading + [badRowsInFilter, overwrite] + general

  /// Everything a filter shares that others wait for.
  package static let service: [OptionSpec] =
    [lines] + reading + answering + [overwrite] + socket + general
}
