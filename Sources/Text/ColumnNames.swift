/// The names in a comma-separated list, where a name that holds a comma stands in double quotes,
/// as in CSV: `a,"b,c"` is `a` and `b,c`.
package func columnNames(_ list: String) -> [String] {
  var names: [String] = []
  var name = ""
  var quoted = false
  var atStart = true
  var closed = false
  for character in list {
    switch character {
    case "\"" where atStart:
      quoted = true
    case "\"" where quoted && !closed:
      closed = true
    case "\"" where closed:
      // Two quotes stand for one.
      name.append(character)
      closed = false
    case "," where !quoted || closed:
      names.append(name)
      name = ""
      quoted = false
      closed = false
      atStart = true
      continue
    default:
      if closed {
        // Text after the closing quote: the quotes belonged to the name.
        name = "\"\(name)\""
        quoted = false
        closed = false
      }
      name.append(character)
    }
    atStart = false
  }
  if quoted && !closed { name = "\"" + name }
  names.append(name)
  return names
}
