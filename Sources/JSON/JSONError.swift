/// What can be wrong with a JSON text or with what is in it.
package enum JSONError: Error, Equatable {
  /// The text is longer than the caller allows.
  case tooLarge(bytes: Int, limit: Int)
  /// Something else stands where the grammar wants this; columns count characters from 1.
  case unexpected(line: Int, column: Int, found: String, expected: String)
  /// The text ends too early.
  case cutShort(line: Int, column: Int, expected: String)
  /// Lists and objects are nested too deeply.
  case tooDeep(line: Int, column: Int, limit: Int)
  /// An object has two members of one name.
  case duplicateKey(line: Int, column: Int, key: String)
  /// The bytes are not UTF-8.
  case notUTF8(line: Int, column: Int)
  /// A number is too large for a Double.
  case outOfRange(line: Int, column: Int)
  /// A value is of another kind than its reader needs.
  case wrongKind(path: String, expected: String, found: String)
  /// An object lacks a member.
  case missing(path: String)
  /// JSON has no way to write this number.
  case notFinite(path: String)
}

extension JSONError: CustomStringConvertible {
  /// The message for people, without the file's name.
  package var description: String {
    switch self {
    case .tooLarge(let bytes, let limit):
      "the file has \(bytes) bytes, more than the \(limit) allowed"
    case .unexpected(let line, let column, let found, let expected):
      "line \(line), column \(column): expected \(expected), found \(found)"
    case .cutShort(1, 1, _): "the file is empty"
    case .cutShort(let line, let column, let expected):
      "line \(line), column \(column): the file ends where \(expected) was expected; "
        + "it may have been cut short"
    case .tooDeep(let line, let column, let limit):
      "line \(line), column \(column): nested more than \(limit) deep"
    case .duplicateKey(let line, let column, let key):
      "line \(line), column \(column): \"\(key)\" appears twice"
    case .notUTF8(let line, let column): "line \(line), column \(column): not UTF-8"
    case .outOfRange(let line, let column):
      "line \(line), column \(column): the number is out of range"
    case .wrongKind(let path, let expected, let found):
      "\(path): expected \(expected), found \(found)"
    case .missing(let path): "\(path): is missing"
    case .notFinite(let path): "\(path): not a finite number"
    }
  }
}
