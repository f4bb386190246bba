import Fairpost
import Numerics

func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }

// A model elsewhere has scored 400 people; men score higher, whatever they deserve.
let places = (1...400).map { Double($0) }
let sexes = places.map { $0.truncatingRemainder(dividingBy: 2) == 0 ? "F" : "M" }
let scores = zip(places, sexes).map { place, sex in
  0.6 * (place * 0.618034).truncatingRemainder(dividingBy: 1) + (sex == "M" ? 0.4 : 0.2)
}
let labels = zip(places, scores).map { place, score in
  (place * 0.414214).truncatingRemainder(dividingBy: 1) < score ? 1.0 : 0.0
}
let people = try Table([
  "repaid": .numbers(labels), "p": .numbers(scores), "sex": .texts(sexes),
])
let columns = Columns(scores: ["p"], groups: ["sex"])

// Fit a map, keep it, and use it on one person as on all.
let map = try FairMap.fit(.table(people), columns, settings: ["epsilon": 0])
try map.save(to: "sex.map")
let fair = try map.apply(to: .table(people))
let one = try Table(["p": .numbers([0.5]), "sex": .texts(["F"])])
let alone = try FairMap(contentsOf: "sex.map").apply(to: .table(one)).numbers("p.fair")[0]
print("a woman with a score of 0.5 gets \(hundredths(alone))")
print("everything is what the map gives: \(try map.verify(.table(fair)).agrees)")

// Measure before and after.
func gap(_ score: String) throws -> Double {
  let roles = Columns(tasks: ["repaid"], scores: [score], groups: ["sex"])
  let evaluation = try Evaluation.of(.table(fair), roles, metrics: ["ks"])
  return evaluation.value(of: "ks", score: score) ?? .nan
}
print(
  "distance between the groups: \(hundredths(try gap("p"))), then \(hundredths(try gap("p.fair")))")

// Train instead, and compare the two ways.
let roles = LearningRoles(Columns(tasks: ["repaid"], groups: ["sex"]))
let model = try Predictor.train(.table(people), roles, method: "linear")
let predicted = try model.predict(.table(people)).numbers("repaid.score")
print("a linear model predicts \(hundredths(mean(predicted))) on average")
let comparison = try Comparison.of(
  .table(people), roles, methods: ["linear"], adjustments: ["none", "wasserstein"], seeds: 2)
print("arms: \(Set(comparison.figures.map(\.arm)).sorted().joined(separator: ", "))")

// What is wrong comes as a value.
do {
  _ = try FairMap.fit(.table(people), columns, settings: ["epsilom": 1])
} catch {
  print("refused: \(error.message) (\(error.hint ?? ""))")
}
