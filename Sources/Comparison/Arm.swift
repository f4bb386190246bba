/// A value for an option of a method, as `--set` and `--sweep` give it.
package struct Setting: Hashable {
  /// The method, pre-processing or adjustment whose option it is.
  package let owner: String
  package let option: String
  package let value: String
  /// Whether it tells arms apart.
  package let isSwept: Bool

  package var text: String { "\(owner).\(option)=\(value)" }
}

/// How a predictor is learned: pre-processing, method, options.
package struct Recipe: Hashable {
  package let preprocessing: [String]
  package let method: String
  package let settings: [Setting]
  /// Whether sensitive columns are kept from the features whatever `--include-group` says.
  package var isBlind = false

  /// What names it in tables: `reweigh+mlp`.
  package var fullMethod: String { (preprocessing + [method]).joined(separator: "+") }

  /// What tells it apart from every other one, in a journal and a digest.
  package var identity: String {
    "\(fullMethod)\(isBlind ? " blind" : "") \(settings.map(\.text).sorted().joined(separator: ";"))"
  }
}

/// What is done to a predictor's scores afterwards.
package struct Afterwards: Hashable {
  package let adjustment: String
  package let settings: [Setting]

  package var identity: String {
    "\(adjustment) \(settings.map(\.text).sorted().joined(separator: ";"))"
  }
}

/// One line of a comparison: where predictions come from, and what is done to them.
package struct Arm {
  /// Where predictions come from.
  package enum Source: Hashable {
    /// The best constant.
    case constant
    /// A trained model.
    case model(Recipe)
    /// A file of predictions, by its place among `--arm`.
    case external(Int)
  }

  package let source: Source
  package let afterwards: Afterwards?
  /// What tables call it.
  package let name: String
  /// The columns of the result that say what it is.
  package let method: String
  package let adjustment: String
  package let settings: String
  /// Why it cannot be tried on these data; nil where it can.
  package var notApplicable: String?
  /// What a reader should know of it.
  package var note = ""

  /// Whether somebody might choose it; the constant and the blind model are there to compare with.
  package var isChoice: Bool {
    switch source {
    case .constant: false
    case .model(let recipe): !recipe.isBlind
    case .external: true
    }
  }

  /// What tells it apart from every other arm.
  package var identity: String {
    let own =
      switch source {
      case .constant: "constant"
      case .model(let recipe): "model \(recipe.identity)"
      case .external: "external \(name)"
      }
    return own + (afterwards.map { " then \($0.identity)" } ?? "")
  }
}

extension Arm {
  /// The constant predictor.
  package static let constant = Arm(
    source: .constant, afterwards: nil, name: "constant", method: "constant", adjustment: "none",
    settings: "")

  /// Another tool's predictions.
  package static func external(_ place: Int, name: String) -> Arm {
    Arm(
      source: .external(place), afterwards: nil, name: name, method: "external",
      adjustment: "none", settings: "",
      note: "it is not known which rows it learned from")
  }

  /// A trained model.
  package static func model(_ recipe: Recipe, _ afterwards: Afterwards?) -> Arm {
    func name(_ base: String, _ settings: [Setting]) -> String {
      let swept = settings.filter(\.isSwept).map { "\($0.option)=\($0.value)" }
      return swept.isEmpty ? base : "\(base)(\(swept.joined(separator: ",")))"
    }
    let first = name(recipe.fullMethod, recipe.settings)
    let second = afterwards.map { "/" + name($0.adjustment, $0.settings) } ?? ""
    let all = recipe.settings + (afterwards?.settings ?? [])
    return Arm(
      source: .model(recipe), afterwards: afterwards,
      name: recipe.isBlind ? "blind" : first + second,
      method: recipe.isBlind ? "blind" : recipe.fullMethod,
      adjustment: afterwards?.adjustment ?? "none",
      settings: all.map(\.text).joined(separator: ";"))
  }
}
