internal import FairpostNumerics

/// A network at work: activations, their derivatives and the room for both, reused over batches.
///
/// Call order: `forward`, then `backward` for a gradient; for a Hessian-vector product `forward`,
/// `tangent` (Pearlmutter's R-operator going forward) and `backwardTangent`. Forward and backward
/// stand side by side below, in `Workspace+Gradient.swift` and `Workspace+Tangent.swift`.
///
/// Notation: z_l = h_{l-1} W_l' + b_l, a_l = f(z_l), u_l = a_l mask_l (dropout),
/// h_l = u_l sigma_l + mu_l (conditioning); the last layer is linear and z_L are the outputs.
package struct Workspace: Sendable {
  /// The network's shape.
  package let shape: NetworkShape
  /// What the last `forward` gave, row by row.
  package internal(set) var outputs: [Double] = []
  /// What the last `tangent` gave: the directional derivative of every output.
  package internal(set) var outputTangents: [Double] = []

  var rows = 0
  var capacity = 0
  /// a_l, u_l (only with dropout) and h_l (only with conditioning).
  var active: [[Double]] = []
  var dropped: [[Double]] = []
  var hidden: [[Double]] = []
  var masks: [[Double]] = []
  /// dL/dz_l and room for dL/dh_l.
  var deltas: [[Double]] = []
  /// R z_l, then R a_l; R u_l; R h_l; R dL/dz_l.
  var activeTangents: [[Double]] = []
  var hiddenTangents: [[Double]] = []
  var deltaTangents: [[Double]] = []
  var transposed: [[Double]] = []
  var directionTransposed: [[Double]] = []
  /// Room for some of the rows, for `addGradient(of:)`.
  var chosenDelta: [Double] = []
  var chosenInput: [Double] = []
  var scale: SideNet
  var shift: SideNet

  /// Room for batches of any size; it grows as needed.
  package init(shape: NetworkShape) {
    self.shape = shape
    transposed = shape.layers.map { [Double](repeating: 0, count: $0.inputs * $0.outputs) }
    directionTransposed = transposed
    scale = SideNet(layers: shape.scaleLayers)
    shift = SideNet(layers: shape.shiftLayers)
  }

  var isConditioned: Bool { shape.conditions > 0 }
  var hasDropout: Bool { !masks.isEmpty }

  /// What layer l + 1 reads.
  func layerInput(_ l: Int, _ batch: Batch) -> [Double] {
    if l == 0 { return batch.inputs }
    if isConditioned { return hidden[l - 1] }
    return beforeConditioning(l - 1)
  }

  /// u_l.
  func beforeConditioning(_ l: Int) -> [Double] {
    hasDropout ? dropped[l] : active[l]
  }

  mutating func reserve(_ rows: Int) {
    self.rows = rows
    guard rows > capacity else { return }
    capacity = rows
    func room(_ widths: [Int]) -> [[Double]] {
      widths.map { [Double](repeating: 0, count: rows * $0) }
    }
    active = room(shape.hidden)
    dropped = []
    if isConditioned { hidden = room(shape.hidden) }
    deltas = room(shape.hidden)
    activeTangents = []
    outputs = [Double](repeating: 0, count: rows * shape.outputs)
  }

  mutating func reserveTangents() {
    guard activeTangents.first.map({ $0.count < rows * shape.hidden[0] }) ?? true else { return }
    func room(_ widths: [Int]) -> [[Double]] {
      widths.map { [Double](repeating: 0, count: capacity * $0) }
    }
    activeTangents = room(shape.hidden)
    if isConditioned { hiddenTangents = room(shape.hidden) }
    deltaTangents = room(shape.hidden)
    outputTangents = [Double](repeating: 0, count: capacity * shape.outputs)
  }
}
