import FairpostJSON

/// What the reader accepts is written, and reads back as the same value.
@Sendable
func fuzzJSON(_ data: [UInt8]) {
  do throws(JSONError) {
    let value = try JSONValue(reading: data, limit: 1 << 20)
    for layout in [JSONValue.Layout.lines, .compact] {
      do throws(JSONError) {
        let written = try value.written(layout)
        let back = try JSONValue(reading: written, limit: 1 << 26)
        precondition(back == value, "the value changed")
        let again = try back.written(layout)
        precondition(again == written, "the text changed")
      } catch {
        preconditionFailure("what was read cannot be written: \(error)")
      }
    }
  } catch {
    precondition(!error.description.isEmpty)
  }
}
