/// Files that are not CSV but often taken for it.
enum ForeignFormat {
  /// By their first bytes, with what makes CSV of them.
  static let all: [(magic: String, kind: String, remedy: String)] = [
    ("PAR1", "a Parquet file", "make CSV of it with: duckdb -csv -c \"from 'FILE.parquet'\""),
    ("ARRO", "an Arrow file", "make CSV of it with: duckdb, or pyarrow.feather and pyarrow.csv"),
    ("FEA1", "a Feather file", "make CSV of it with: pyarrow.feather and pyarrow.csv"),
    (
      "PK\u{3}\u{4}", "a workbook (xlsx) or a zip archive",
      "make CSV of it with: in2csv FILE.xlsx, or unzip -p FILE.zip"
    ),
    (
      "SQLi", "an SQLite database",
      "make CSV of it with: sqlite3 -csv -header FILE 'SELECT * FROM ...'"
    ),
    (
      "{\"", "JSON lines",
      "make CSV of it with: mlr --ijsonl --ocsv cat (apply and predict read it as it is with --lines json)"
    ),
    ("[{", "a JSON array", "make CSV of it with: mlr --ijson --ocsv cat"),
  ]
}
