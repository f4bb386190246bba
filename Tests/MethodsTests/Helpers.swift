import Foundation
import FairpostNumerics

func ByteTextOf(_ text: String) -> ByteText { ByteText(text) }

/// A simple table whose header may quote names with commas.
struct PlainCSVQuoted {
  let header: [String]
  let rows: [[String]]

  init(path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    var lines = text.split(separator: "\n").map { line -> [String] in
      var fields = [""]
      var quoted = false
      for character in line {
        if character == "\"" {
          quoted.toggle()
        } else if character == ",", !quoted {
          fields.append("")
        } else {
          fields[fields.count - 1].append(character)
        }
      }
      return fields
    }
    header = lines.removeFirst()
    rows = lines
  }

  func texts(_ name: String) -> [String] {
    guard let index = header.firstIndex(of: name) else { return [] }
    return rows.map { $0[index] }
  }

  func numbers(_ name: String) -> [Double] { texts(name).map { Double($0) ?? .nan } }
}
