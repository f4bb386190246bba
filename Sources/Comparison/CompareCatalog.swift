package import FairpostMethods
internal import FairpostSettings
package import FairpostText

/// How a predictor is learned, under its settings.
package struct Learner: Sendable {
  package let method: any TrainingMethod
  package let preprocessing: [any PreprocessingMethod]
  /// The task weights a conditioned network is to predict for; nil where the rows choose them.
  package let taskWeights: [Double]?

  /// What the data must have.
  package var needs: Set<TrainingNeed> {
    preprocessing.reduce(into: method.needs) { $0.formUnion($1.needs) }
  }
}

/// Looks methods up and fills their settings from `--set` and `--sweep`.
package struct CompareCatalog {
  /// The tasks' names.
  package let tasks: [String]
  /// How many sensitive attributes there are.
  package let attributes: Int
  package let hasTaskColumn: Bool
  package let hasProtected: Bool
  package let hasID: Bool

  /// A training method under its settings, with what comes before it and what prediction is told.
  package func learner(_ recipe: Recipe) throws(UsageError) -> Learner {
    guard let type = trainingMethods.first(where: { $0.info.name == recipe.method }) else {
      throw UsageError("there is no method \"\(recipe.method)\"")
    }
    let preprocessing = try recipe.preprocessing.map { (name) throws(UsageError) in
      try self.preprocessing(name, recipe.settings)
    }
    var own = given(recipe.settings, of: recipe.method)
    var prediction = PredictionSettings()
    do {
      // What prediction can be told is set beside what the method is told.
      let told = PredictionSettings.schema.specs.map(\.name)
      if type.isConditioned {
        prediction = try PredictionSettings.schema.settings(
          from: own.filter { told.contains($0.name) })
        own.removeAll { told.contains($0.name) }
      }
      let context = MethodContext(attributes: attributes, tasks: tasks)
      try prediction.check(in: context)
      let method = try type.init(given: own)
      try method.check(in: context)
      return Learner(
        method: method, preprocessing: preprocessing,
        taskWeights: prediction.taskWeights.isEmpty ? nil : prediction.taskWeights)
    } catch { throw error.usage(.comparison(of: recipe.method)) }
  }

  /// A pre-processing method under its settings.
  private func preprocessing(
    _ name: String, _ settings: [Setting]
  ) throws(UsageError) -> any PreprocessingMethod {
    guard let type = preprocessingMethods.first(where: { $0.info.name == name }) else {
      throw UsageError("there is no pre-processing \"\(name)\"")
    }
    do { return try type.init(given: given(settings, of: name)) } catch {
      throw error.usage(.comparison(of: name))
    }
  }

  private func given(
    _ settings: [Setting], of owner: String
  ) -> [(name: String, value: String)] {
    settings.filter { $0.owner == owner }.map { ($0.option, $0.value) }
  }

  /// An adjustment under its settings.
  package func adjustment(_ afterwards: Afterwards) throws(UsageError) -> any AdjustmentMethod {
    guard let type = adjustmentMethods.first(where: { $0.info.name == afterwards.adjustment })
    else { throw UsageError("there is no adjustment \"\(afterwards.adjustment)\"") }
    do {
      let method = try type.init(given: afterwards.settings.map { ($0.option, $0.value) })
      try method.check(in: MethodContext(attributes: attributes))
      return method
    } catch { throw error.usage(.comparison(of: afterwards.adjustment)) }
  }

  /// Why a recipe cannot be learned from these data; nil where it can.
  package func obstacle(_ learner: Learner) -> String? {
    let needs = learner.needs
    if needs.contains(.taskColumn), !hasTaskColumn {
      return
        "learns from many tasks: --task-column COL names the column that says which task a row belongs to"
    }
    if needs.contains(.protectedGroup), !hasProtected {
      return "needs the protected value: --protected COL=VALUE"
    }
    if !learner.preprocessing.isEmpty, tasks.count > 1 {
      return "pre-processing balances one binary task"
    }
    return nil
  }

  /// Why an adjustment cannot be fitted on these data; nil where it can.
  package func obstacle(_ method: any AdjustmentMethod) -> String? {
    if method.needsID, !hasID {
      return "draws at random by the record's id: name its column with --id COL"
    }
    if let most = method.attributeLimit?.most, attributes > most {
      let limit = most == 1 ? "one attribute" : "\(most) attributes"
      return "takes \(limit), not \(attributes): combine the columns, as in --group a,b"
    }
    return nil
  }
}
