package import FairpostFiles
internal import FairpostLearning
internal import FairpostPipeline
internal import FairpostText

/// A model as code for a system that cannot call a program: the scores of `predict`, to 12 digits and more.
package enum ModelExport {
  /// SQL is written up to this many features, and units of a layer: engines limit columns and terms.
  private static let mostUnits = 400

  /// The code of a model.
  ///
  /// - Parameter table: the table that SQL reads.
  package static func code(
    of file: ModelFile, path: String, as language: MapExport.Language, table: String
  ) throws -> String {
    let model = ExportedModel(file.model)
    let about = [
      "A model of the method \(file.model.method), made by \(file.writtenBy) and exported by fairpost \(Version.number).",
      "Digest of the records it learned from: \(file.digest).",
      "Its scores are those of fairpost predict, but for the last digits: exp and tanh are the language's own.",
      "Texts that mean missing (--missing) are not part of a model: give empty values for missing ones.",
    ].map { Shown.line($0) }
    switch language {
    case .python: return PythonModelExport.code(model, about)
    case .r: return RModelExport.code(model, about)
    case .sql:
      let widest =
        model.layers.map { max($0.biases.count, $0.weights.first?.count ?? 0) }.max() ?? 0
      guard widest <= mostUnits else {
        throw Failure(
          .usage,
          "\(path): a layer of \(Console.grouped(widest)) is too wide for SQL, which can take \(mostUnits)",
          hint: "export it to Python or R")
      }
      return SQLModelExport.code(model, about, table: table)
    }
  }
}
