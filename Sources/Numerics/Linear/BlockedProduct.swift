internal import FairpostCGSL

// The one matrix product everything dense is made of, on pointers; what it does and in which order
// it adds stands in CGSL/product.h. `c + a * b` there must not become a fused operation, and without
// vectors of four numbers the same body runs on vectors of two: the same bits either way.

/// A matrix read one number at a time.
struct StridedMatrix {
  var base: UnsafePointer<Double>
  var row: Int
  var column: Int
}

/// Whether the processor this runs on has vectors of four numbers.
private let hasWideVectors = cgsl_has_wide_vectors() != 0

/// Products of one shape that lie one after another: how many, and how far apart.
struct ProductSteps {
  var count = 1
  var a = 0
  var b = 0
  var c = 0
}

/// C = or += A B.
@inline(__always)
func blockedProduct(
  rows: Int, columns: Int, inner: Int, a: StridedMatrix, b: UnsafePointer<Double>, bRow: Int,
  c: UnsafeMutablePointer<Double>, cRow: Int, adding: Bool, steps: ProductSteps = ProductSteps()
) {
  guard rows > 0 else { return }
  var shape = cgsl_product_shape(
    rows: rows, columns: columns, inner: inner, a: a.base, a_row: a.row, a_column: a.column, b: b,
    b_row: bRow, c: c, c_row: cRow, adding: adding ? 1 : 0)
  let steps = cgsl_steps(count: steps.count, a: steps.a, b: steps.b, c: steps.c)
  if hasWideVectors {
    cgsl_products_wide(&shape, steps)
  } else {
    cgsl_products_plain(&shape, steps)
  }
}

/// Inner products of the rows of two lists of small matrices, pair by pair, plus a constant.
@inline(__always)
func pairProducts(
  count: Int, rows: Int, others: Int, width: Int, a: UnsafePointer<Double>,
  b: UnsafePointer<Double>, plus: Double, into g: UnsafeMutablePointer<Double>
) {
  if hasWideVectors {
    cgsl_pairs_wide(count, rows, others, width, a, b, plus, g)
  } else {
    cgsl_pairs_plain(count, rows, others, width, a, b, plus, g)
  }
}

@inline(__always)
func load<V: SIMD & BitwiseCopyable>(_ at: UnsafePointer<Double>) -> V {
  UnsafeRawPointer(at).loadUnaligned(as: V.self)
}

@inline(__always)
func store<V: SIMD & BitwiseCopyable>(_ value: V, _ at: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(at).storeBytes(of: value, as: V.self)
}
