/// The difference of two texts as unified lines, with three lines around each change.
///
/// Bytes that do not show are written as escapes, so that `\r` or a missing last newline is seen.
package func unifiedDiff(expected: [UInt8], actual: [UInt8], limit: Int = 200) -> String {
  let old = visibleLines(expected)
  let new = visibleLines(actual)
  let edits = script(from: old, to: new)
  var shown = Set<Int>()
  for (index, edit) in edits.enumerated() where edit.mark != " " {
    shown.formUnion(max(0, index - 3)...min(edits.count - 1, index + 3))
  }
  var lines: [String] = []
  var last = -1
  for index in shown.sorted() {
    if index != last + 1 || index == 0 {
      lines.append("@@ line \(edits[index].oldLine) of the expected text @@")
    }
    lines.append("\(edits[index].mark)\(edits[index].text)")
    last = index
  }
  if lines.count > limit {
    lines = lines.prefix(limit) + ["... and \(lines.count - limit) more lines"]
  }
  return lines.joined(separator: "\n")
}

private struct Edit {
  let mark: Character
  let text: String
  let oldLine: Int
}

private func script(from old: [String], to new: [String]) -> [Edit] {
  var removed = Set<Int>()
  var inserted = Set<Int>()
  // Beyond this the quadratic worst case would cost minutes; then all lines count as changed.
  if old.count + new.count <= 4000 {
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
  } else {
    let same = zip(old, new).prefix { $0 == $1 }.count
    removed.formUnion(same..<old.count)
    inserted.formUnion(same..<new.count)
  }
  var edits: [Edit] = []
  var (i, j) = (0, 0)
  while i < old.count || j < new.count {
    if i < old.count, removed.contains(i) {
      edits.append(Edit(mark: "-", text: old[i], oldLine: i + 1))
      i += 1
    } else if j < new.count, inserted.contains(j) {
      edits.append(Edit(mark: "+", text: new[j], oldLine: i + 1))
      j += 1
    } else {
      edits.append(Edit(mark: " ", text: new[j], oldLine: i + 1))
      i += 1
      j += 1
    }
  }
  return edits
}

/// Lines as text in which every byte shows; a last line without a newline says so.
private func visibleLines(_ bytes: [UInt8]) -> [String] {
  guard !bytes.isEmpty else { return [] }
  let ended = bytes.last == 0x0A
  var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(visible)
  if ended { lines.removeLast() } else { lines.append("\\ no newline at the end") }
  return lines
}

private func visible(_ line: ArraySlice<UInt8>) -> String {
  let isText = String(validating: line, as: UTF8.self) != nil
  var text: [UInt8] = []
  for byte in line {
    if byte < 0x20 && byte != 0x09 || byte == 0x7F || byte >= 0x80 && !isText {
      let hex = String(byte, radix: 16)
      text += Array((byte == 0x0D ? "\\r" : "\\x\(byte < 16 ? "0" : "")\(hex)").utf8)
    } else {
      text.append(byte)
    }
  }
  return String(decoding: text, as: UTF8.self)
}
