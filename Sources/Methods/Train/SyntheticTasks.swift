internal import Numerics

/// Data of Zafar and others (2017): two Gaussians and a sensitive attribute that depends on a rotation, and the
/// tasks Fair-MAML made of them.
///
/// N1 = N((2, 2), ((5, 1), (1, 5))), N2 = N((-2, -2), ((10, 1), (1, 3))). The attribute is drawn with
/// P(not protected) = N1(x') / (N1(x') + N2(x')) at the rotated point x' = R' x (row vector times
/// rotation, as in the authors' code), angle pi / phi.
public enum SyntheticTasks {
  /// Columns of a data set; group 1 is protected.
  public struct Columns: Sendable {
    /// The first coordinate.
    public var x1: [Double] = []
    /// The second coordinate.
    public var x2: [Double] = []
    /// 0 or 1.
    public var label: [Int] = []
    /// 1 where protected.
    public var isProtected: [Int] = []
    /// The number of the task, from 0.
    public var task: [Int] = []
    /// For the held-out task: "adapt" for the rows to fine-tune with, "test" for the others, and
    /// "train" elsewhere.
    public var part: [String] = []
  }

  /// `perClass` points of each class; the class is the component.
  public static func zafar(perClass: Int, phi: Double, seed: UInt64) -> Columns {
    var stream = RandomStream(seed: seed, purpose: "synth.zafar", index: 0)
    var columns = Columns()
    for label in [1, 0] {
      for _ in 0..<perClass {
        columns.append(
          point(label == 1, &stream), label: label, angle: .pi / phi, task: 0, part: "train",
          &stream)
      }
    }
    return columns
  }

  /// Training tasks separated by lines through the origin (slope uniform in -5...5, 1 above), and
  /// one held-out task labelled by component with `shots` rows to adapt with that are all
  /// positive and protected. The held-out task has the last number.
  public static func fairMAML(
    tasks: Int = 100, rowsPerTask: Int = 200, shots: Int = 5, phi: Double = 4, seed: UInt64
  ) -> Columns {
    var columns = Columns()
    for task in 0..<tasks {
      var stream = RandomStream(seed: seed, purpose: "synth.fair-maml", index: UInt64(task))
      let slope = -5 + 10 * stream.uniform()
      for row in 0..<rowsPerTask {
        let x = point(row % 2 == 0, &stream)
        columns.append(
          x, label: x.1 > slope * x.0 ? 1 : 0, angle: .pi / phi, task: task, part: "train",
          &stream)
      }
    }
    var stream = RandomStream(seed: seed, purpose: "synth.fair-maml.held-out", index: 0)
    var found = 0
    while found < shots {
      let x = point(true, &stream)
      guard isProtected(x, .pi / phi, &stream) else { continue }
      columns.append(x, label: 1, isProtected: 1, task: tasks, part: "adapt")
      found += 1
    }
    for row in 0..<rowsPerTask {
      columns.append(
        point(row % 2 == 0, &stream), label: row % 2 == 0 ? 1 : 0, angle: .pi / phi, task: tasks,
        part: "test", &stream)
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

  fileprivate static func isProtected(
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
  fileprivate mutating func append(
    _ x: (Double, Double), label: Int, angle: Double, task: Int, part: String,
    _ stream: inout RandomStream
  ) {
    let isProtected = SyntheticTasks.isProtected(x, angle, &stream)
    append(x, label: label, isProtected: isProtected ? 1 : 0, task: task, part: part)
  }

  fileprivate mutating func append(
    _ x: (Double, Double), label: Int, isProtected: Int, task: Int, part: String
  ) {
    x1.append(x.0)
    x2.append(x.1)
    self.label.append(label)
    self.isProtected.append(isProtected)
    self.task.append(task)
    self.part.append(part)
  }
}
