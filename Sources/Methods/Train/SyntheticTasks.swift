internal import FairpostNumerics

/// Data of Zafar and others (2017): two Gaussians and a sensitive attribute that depends on a
/// rotation, and the tasks Fair-MAML made of them.
///
/// N1 = N((2, 2), ((5, 1), (1, 5))), N2 = N((-2, -2), ((10, 1), (1, 3))). The attribute is drawn
/// with P(not protected) = N1(x') / (N1(x') + N2(x')) at the rotated point x' = R' x (row vector
/// times rotation, as in the authors' code), angle pi / phi.
package enum SyntheticTasks {
  /// Columns of a data set; group 1 is protected.
  package struct Columns: Sendable {
    /// The first coordinate.
    package var x1: [Double] = []
    /// The second coordinate.
    package var x2: [Double] = []
    /// 0 or 1.
    package var label: [Int] = []
    /// 1 where protected.
    package var isProtected: [Int] = []
    /// The number of the task, from 0.
    package var task: [Int] = []
    /// For the held-out task: "adapt" for the rows to fine-tune with, "test" for the others, and
    /// "train" elsewhere.
    package var part: [String] = []
  }

  /// One row of a data set.
  package struct Row: Sendable, Hashable {
    /// The first coordinate.
    package var x1: Double
    /// The second coordinate.
    package var x2: Double
    /// 0 or 1.
    package var label: Int
    /// Whether the row is protected.
    package var isProtected: Bool
  }

  /// One of Zafar's points: components take turns, and the component is the label.
  ///
  /// Each row depends on the seed and its number alone.
  package static func zafarRow(_ row: Int, phi: Double, seed: UInt64) -> Row {
    var stream = RandomStream(seed: seed, purpose: "synth.zafar", index: UInt64(row))
    let isFirst = row % 2 == 0
    let x = point(isFirst, &stream)
    return Row(
      x1: x.0, x2: x.1, label: isFirst ? 1 : 0, isProtected: isProtected(x, .pi / phi, &stream))
  }

  /// One row of a training task: 1 above a line through the origin, its slope uniform in -5...5.
  package static func lineRow(task: Int, row: Int, phi: Double, seed: UInt64) -> Row {
    var own = RandomStream(seed: seed, purpose: "synth.fair-maml.slope", index: UInt64(task))
    let slope = -5 + 10 * own.uniform()
    var stream = RandomStream(
      key: StableHash(seed: seed, purpose: "synth.fair-maml")(UInt64(task) << 32 | UInt64(row)))
    let x = point(row % 2 == 0, &stream)
    return Row(
      x1: x.0, x2: x.1, label: x.1 > slope * x.0 ? 1 : 0,
      isProtected: isProtected(x, .pi / phi, &stream))
  }

  /// One row of a held-out task, labelled by its component; with `oneSided` a positive and
  /// protected one, to adapt with.
  package static func heldOutRow(
    task: Int, row: Int, oneSided: Bool, phi: Double, seed: UInt64
  ) -> Row {
    var stream = RandomStream(
      key: StableHash(seed: seed, purpose: "synth.fair-maml.held-out")(
        UInt64(task) << 32 | UInt64(row) << 1 | (oneSided ? 1 : 0)))
    while true {
      let isFirst = oneSided || row % 2 == 0
      let x = point(isFirst, &stream)
      let isProtected = isProtected(x, .pi / phi, &stream)
      if oneSided, !isProtected { continue }
      return Row(x1: x.0, x2: x.1, label: isFirst ? 1 : 0, isProtected: isProtected)
    }
  }

  /// `perClass` points of each class; the class is the component.
  package static func zafar(perClass: Int, phi: Double, seed: UInt64) -> Columns {
    var columns = Columns()
    for row in 0..<2 * perClass {
      columns.append(zafarRow(row, phi: phi, seed: seed), task: 0, part: "train")
    }
    return columns
  }

  /// Training tasks and one held-out task.
  ///
  /// Training tasks are separated by lines through the origin (slope uniform in -5...5, 1 above); the
  /// one held-out task is labelled by component and has `shots` rows to adapt with that are all
  /// positive and protected. The held-out task has the last number.
  package static func fairMAML(
    tasks: Int = 100, rowsPerTask: Int = 200, shots: Int = 5, phi: Double = 4, seed: UInt64
  ) -> Columns {
    var columns = Columns()
    for task in 0..<tasks {
      for row in 0..<rowsPerTask {
        columns.append(
          lineRow(task: task, row: row, phi: phi, seed: seed), task: task, part: "train")
      }
    }
    for row in 0..<shots + rowsPerTask {
      let isShot = row < shots
      columns.append(
        heldOutRow(
          task: 0, row: isShot ? row : row - shots, oneSided: isShot, phi: phi, seed: seed),
        task: tasks, part: isShot ? "adapt" : "test")
    }
    return columns
  }

  private static func point(_ first: Bool, _ stream: inout RandomStream) -> (Double, Double) {
    let u = stream.normal()
    let v = stream.normal()
    // Cholesky factors: ((5, 1), (1, 5)) and ((10, 1), (1, 3)).
    if first {
      let a = 5.0.squareRoot()
      return (2 + a * u, 2 + u / a + (5 - 1 / 5.0).squareRoot() * v)
    }
    let a = 10.0.squareRoot()
    return (-2 + a * u, -2 + u / a + (3 - 1 / 10.0).squareRoot() * v)
  }

  private static func isProtected(
    _ x: (Double, Double), _ angle: Double, _ stream: inout RandomStream
  ) -> Bool {
    let c = Elementwise.cosine(angle)
    let s = Elementwise.sine(angle)
    // Row vector times ((c, -s), (s, c)).
    let turned = (x.0 * c + x.1 * s, -x.0 * s + x.1 * c)
    let first = density(turned, (2, 2), 5, 5)
    let second = density(turned, (-2, -2), 10, 3)
    return stream.uniform() >= first / (first + second)
  }

  /// The density with covariance ((p, 1), (1, q)), up to 1/(2 pi).
  private static func density(
    _ x: (Double, Double), _ mean: (Double, Double), _ p: Double, _ q: Double
  ) -> Double {
    let determinant = p * q - 1
    let a = x.0 - mean.0
    let b = x.1 - mean.1
    let form = (q * a * a - 2 * a * b + p * b * b) / determinant
    return Elementwise.exponential(-form / 2) / determinant.squareRoot()
  }
}

extension SyntheticTasks.Columns {
  fileprivate mutating func append(_ row: SyntheticTasks.Row, task: Int, part: String) {
    x1.append(row.x1)
    x2.append(row.x2)
    label.append(row.label)
    isProtected.append(row.isProtected ? 1 : 0)
    self.task.append(task)
    self.part.append(part)
  }
}
