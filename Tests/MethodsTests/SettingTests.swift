import FairpostLearning
import FairpostMethods
import FairpostOptions
import Testing
import FairpostTransport

/// Settings from words and back, and the errors of wrong ones.
struct SettingTests {
  private static let methods: [any FairpostMethods.Method.Type] =
    trainingMethods.map { $0 as any FairpostMethods.Method.Type }
    + preprocessingMethods.map { $0 as any FairpostMethods.Method.Type }
    + adjustmentMethods.map { $0 as any FairpostMethods.Method.Type }

  private func roundTrip<M: FairpostMethods.Method>(_ type: M.Type, _ settings: M.Settings) throws
    -> Bool
  {
    let schema = M.Settings.schema
    return try schema.settings(from: schema.texts(of: settings).map { ($0.name, $0.text) })
      == settings
  }

  @Test func defaultsAreThoseThatHelpShows() throws {
    func isDefault<M: FairpostMethods.Method>(_ type: M.Type) throws -> Bool {
      try type.init(given: []).settings == M.Settings()
    }
    for method in Self.methods {
      #expect(try isDefault(method), "\(method.info.name)")
      // What help shows as defaults says the same, where its settings may stand beside each other.
      let shown = method.settingSpecs.compactMap { spec in
        spec.defaultText.map { (name: spec.name, value: $0) }
      }
      let told = try method.init(given: shown).settingTexts
      let silent = try method.init(given: []).settingTexts
      #expect(told.elementsEqual(silent, by: ==), "\(method.info.name)")
    }
  }

  @Test func whatIsWrittenReadsBackTheSame() throws {
    var wasserstein = WassersteinSettings()
    wasserstein.epsilons = [0.1, 1.0 / 3, 1]
    wasserstein.estimator = .hazen
    wasserstein.jitter = 1e-7
    wasserstein.range = -0.25...1e21
    wasserstein.missingGroup = .own
    wasserstein.minimumGroup = 7
    wasserstein.allowsSingletons = true
    #expect(try roundTrip(WassersteinMethod.self, wasserstein))
    wasserstein.knots = nil
    wasserstein.groupWeightsFile = "a file, with commas.csv"
    // The word of the weights stands for shares, which a file replaces; exact maps leave no knot out.
    let texts = WassersteinSettings.schema.texts(of: wasserstein).filter {
      !["group-weights", "value-error"].contains($0.name)
    }
    #expect(
      try WassersteinSettings.schema.settings(from: texts.map { ($0.name, $0.text) })
        == wasserstein)
    var mlp = MLPMethod.Settings()
    mlp.network.hidden = [3, 2, 1]
    mlp.network.activation = .tanh
    mlp.training.rule = .adamw
    mlp.training.clip = 0.125
    mlp.training.isFullBatch = true
    mlp.taskWeights = [.init("a=b", 0.5)]
    #expect(try roundTrip(MLPMethod.self, mlp))
    var maml = FairMAMLMethod.Settings()
    maml.episodes.gamma = .learned
    maml.tolerance = 0.25
    maml.isOnline = true
    maml.order = .first
    #expect(try roundTrip(FairMAMLMethod.self, maml))
    for support in [FaAlGrad.Support.config1, .config2, .share(0.25), .swap(1e-3)] {
      var faalgrad = FaAlGradMethod.Settings()
      faalgrad.support = support
      faalgrad.batch = 12
      faalgrad.favourable = 0
      faalgrad.align = 2
      #expect(try roundTrip(FaAlGradMethod.self, faalgrad))
    }
    var threshold = ThresholdSettings()
    threshold.fixed = [.init("a,b=c", 0.25)]
    threshold.otherwise = -1e300
    #expect(try roundTrip(ThresholdMethod.self, threshold))
  }

  @Test func wrongOnesAreNamedWithTheirValues() {
    func fault(_ type: any FairpostMethods.Method.Type, _ given: [(name: String, value: String)])
      -> SettingFault?
    {
      do {
        _ = try type.init(given: given)
        return nil
      } catch { return error }
    }
    #expect(
      fault(MLPMethod.self, [("rate", "x")])
        == SettingFault("rate", "x", .wrongKind(.number(0...1e6))))
    #expect(
      fault(MLPMethod.self, [("hidden", "3,1.5")])
        == SettingFault("hidden", "3,1.5", .wrongKind(.integers(1...100_000))))
    #expect(
      fault(MLPMethod.self, [("rate", "1"), ("rate", "2")])
        == SettingFault("rate", "2", .givenTwice))
    #expect(
      fault(MLPMethod.self, [("task-weight", "a=1"), ("task-weight", "b")])
        == SettingFault("task-weight", "b", .wrongForm("expected TASK=X with X of at least 0")))
    #expect(
      fault(WassersteinMethod.self, [("target-w2", "1"), ("epsilon", "0")])
        == SettingFault("epsilon", nil, .excludes("target-w2")))
    #expect(
      fault(WassersteinMethod.self, [("exact", "no")])
        == SettingFault("exact", "no", .wrongKind(.flag)))
    #expect(
      fault(FairMAMLMethod.self, [("gamma", "auto")])?.problem
        == .needs(
          setting: "tolerance", placeholder: "X",
          why: "the limit below which the regulariser is to stay"))
    #expect(fault(ReweighPreprocessing.self, [("a", "b")])?.problem == .unknown(known: []))
  }

  @Test func settingsMustGoWithTheData() throws {
    func fault(_ method: any FairpostMethods.Method, _ attributes: Int, _ tasks: [String])
      -> SettingFault?
    {
      do {
        try method.check(in: MethodContext(attributes: attributes, tasks: tasks))
        return nil
      } catch { return error }
    }
    let two = try WassersteinMethod(given: [("epsilon", "0.2,0.5")])
    #expect(fault(two, 2, []) == nil)
    for count in [0, 1, 3] {
      #expect(
        fault(two, count, [])
          == SettingFault("epsilon", nil, .wrongCount(found: 2, of: .attributes, expected: count)))
    }
    let weighted = try MLPMethod(given: [("task-weight", "b=2")])
    #expect(fault(weighted, 1, ["a", "b"]) == nil)
    #expect(
      fault(weighted, 1, ["a"])
        == SettingFault("task-weight", "b=2", .noSuchName("b", of: .task, known: ["a"])))
    let yoto = try YOTOMethod(given: [("weight-to", "7,8")])
    #expect(fault(yoto, 1, ["a", "b"]) == nil && fault(yoto, 1, ["a", "b", "c"]) != nil)
  }

  /// The parser of command lines and the schema must take the same values.
  @Test func commandLinesAndSettingsTakeTheSameValues() {
    let texts = [
      "", "0", "1", "-1", "+1", "1.5", "1e3", "1E3", ".5", "5.", "0x10", "nan", "inf", "NA", " 1",
      "1 ", "1,2", "1,,2", "1,", "1e400", "1e-400", "99999999999999999999", "adam", "yes", "-0",
    ]
    for method in Self.methods {
      for spec in method.settingSpecs {
        let value: ValueSpec
        switch spec.kind {
        case .number(let range): value = .number("X", in: range)
        case .numbers(let range): value = .numbers("X", in: range)
        case .integer(let range): value = .integer("N", in: range)
        case .integers(let range): value = .integers("N", in: range)
        case .choice(let words): value = .choice(words, placeholder: "W")
        case .file: value = .file("FILE")
        case .flag, .text: continue
        }
        let parser = Parser(
          CommandSpec("c", summary: "", options: [OptionSpec(spec.name, nil, value, help: "")]))
        for text in texts {
          // Whether it parses is what is asked; why not is of no matter here.
          let isParsed = (try? parser.parse(["--\(spec.name)=\(text)"])) != nil
          var isKind = true
          do { _ = try method.init(given: [(spec.name, text)]) } catch {
            if case .wrongKind = error.problem { isKind = false }
          }
          #expect(isParsed == isKind, "\(method.info.name).\(spec.name)=\(text)")
        }
      }
    }
  }
}
