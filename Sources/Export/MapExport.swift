package import FairpostFiles
internal import FairpostMethods
internal import FairpostNumerics
internal import FairpostPipeline
internal import FairpostText

/// A map as code for a system that cannot call a program: the same numbers to the last bit.
package enum MapExport {
  /// The languages, by the word that names them.
  package enum Language: String, CaseIterable, Sendable { case python, r, sql }

  /// The code of a map.
  ///
  /// - Parameter table: the table that SQL reads.
  package static func code(
    of file: MapFile, path: String, as language: Language, table: String
  ) throws -> String {
    guard let map = file.adjustment.exported else {
      throw Failure(
        .usage, "\(path): this map cannot be exported",
        hint: "maps of wasserstein (without random ties and jitter) and threshold can be exported")
    }
    let about = [
      "A map of the method \(file.method), made by \(file.provenance.writtenBy) and exported by fairpost \(Version.number).",
      "Fitted with: \(file.provenance.options.map { "--\($0.name) \($0.value)" }.joined(separator: " ")).",
      "Digest of the records it was fitted to: \(file.provenance.digest).",
      "Its results are those of fairpost apply, to the last bit. Texts that mean missing (--missing) and cuts of",
      "numbers (--bin) are not part of a map: give empty groups for missing ones, and groups as they were named in the fit.",
    ].map { Shown.line($0) }
    switch language {
    case .python: return PythonExport.code(map, about)
    case .r: return RExport.code(map, about)
    case .sql: return try SQLExport.code(map, about, table: table, path)
    }
  }
}

/// How a language writes what every export holds.
enum ExportText {
  /// The beginning of a Python module's text about itself.
  static func docstring(_ about: [String]) -> String {
    let lines = about.map { $0.replacing("\\", with: "\\\\").replacing("\"", with: "'") }
    return "\"\"\"" + lines.joined(separator: "\n") + "\n\n"
  }

  /// Lines behind a sign that makes comments of them.
  static func comments(_ sign: String, _ lines: [String]) -> String {
    lines.map { "\(sign) \($0)\n" }.joined()
  }

  /// A text between double quotes, everything but plain signs as its number.
  static func quoted(_ text: [UInt8]) -> String {
    var result = "\""
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C: result += "\\\(scalar)"
      case 0x20...0x7E: result.unicodeScalars.append(scalar)
      case 0...0xFFFF:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default:
        let digits = String(scalar.value, radix: 16)
        result += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
      }
    }
    return result + "\""
  }

  /// Lists in lines that are not too long.
  static func wrapped(_ items: [String], indent: String) -> String {
    var lines: [String] = []
    var line = ""
    for item in items {
      if !line.isEmpty, line.utf8.count + item.utf8.count > 100 {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + item + ","
    }
    if !line.isEmpty { lines.append(String(line.dropLast())) }
    return lines.joined(separator: "\n" + indent)
  }
}
