internal import FairpostCSV
internal import FairpostNumerics
internal import FairpostText

/// A second file whose columns are looked up row by row through a key column: `--join FILE --on id`.
///
/// It is held in memory: a code of four bytes for each of its rows and columns, and each distinct
/// text once.
final class JoinTable: @unchecked Sendable {
  /// The columns it adds, by name; those the stream has itself are left out.
  let names: [String]
  private let keys: KeyTable
  private let codes: [[Int32]]
  private let texts: [KeyTable]
  private let keyField: Int

  init(
    _ path: String, key: String, into header: Header, _ streamName: String,
    _ settings: InputSettings
  ) throws {
    var plain = InputSettings()
    plain.delimiter = settings.delimiter
    plain.threads = 1
    let file = try Input(path, plain)
    guard let keyColumn = try file.column(key).field else {
      throw Failure(.internalFault, "\(path): a joined file cannot be joined to another one")
    }
    let keyReference = try Lookup(header: header, join: nil, name: streamName).reference(key)
    guard let keyField = keyReference.field else {
      throw Failure(
        .internalFault, "\(streamName): the key of a join must be a column of the input")
    }
    self.keyField = keyField
    let added = file.header.names.indices.filter {
      $0 != keyColumn && !header.contains(file.header.names[$0])
    }
    names = added.map { file.header.names[$0] }

    struct Content {
      var keys = KeyTable()
      var codes: [[Int32]]
      var texts: [KeyTable]
      var line: Int
    }
    let content = Guarded(
      Content(
        codes: Array(repeating: [], count: added.count),
        texts: Array(repeating: KeyTable(), count: added.count), line: file.headerLines))
    try file.run(
      makeState: {},
      transform: { (batch: inout Batch, _: inout Void) -> Void in
        // One thread and in order: the tables are filled where they are read.
        content.withLock { content in
          for row in 0..<batch.count {
            let id = batch.block.text(row, keyColumn)
            let before = content.keys.texts.count
            if Int(content.keys.insert(id)) != before {
              batch.note(
                row, key, "the id \"\(ByteText(id))\" appears twice in the joined file")
              continue
            }
            for (place, field) in added.enumerated() {
              let text = batch.block.text(row, field)
              content.codes[place].append(content.texts[place].insert(text))
            }
          }
        }
      }, consume: { _, _ in })
    (keys, codes, texts) = content.withLock { ($0.keys, $0.codes, $0.texts) }
  }

  /// The joined value of a row; nil where the file does not have its key.
  func text(_ block: Block, _ row: Int, _ column: Int) -> ByteText? {
    let place = keys.number(of: ByteText(block.text(row, keyField)))
    guard place >= 0 else { return nil }
    return texts[column].texts[Int(codes[column][Int(place)])]
  }
}
