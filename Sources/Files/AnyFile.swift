/// A file that fairpost wrote: a model or a map.
package enum AnyFile {
  /// What `train` writes.
  case model(ModelFile)
  /// What `fit` writes.
  case map(MapFile)

  /// Reads a model or a map, whichever it says it is.
  package init(path: String) throws {
    let json = try StoredFile.value(path, expected: "a model or a map")
    self =
      StoredFile.format(json) == MapFile.format
      ? .map(try MapFile(json, path: path)) : .model(try ModelFile(json, path: path))
  }
}
