// The one matrix product everything dense is made of, on pointers.
//
// C (rows x columns) = or += A (rows x inner) B (inner x columns). A is read one number at a time
// with any strides, so that a transposed A costs nothing; rows of B and C are contiguous. Six rows
// by four columns are kept in registers: that fills the sixteen registers of plain x86-64 and the
// accumulators of AVX2 alike. Every number is one sum over `inner` in ascending order with a
// rounding after each product (no fused multiply-add), so the result is the same bits however the
// work is cut into blocks, threads or vector widths. `addingProduct` must not be used here: without
// the FMA instruction it calls a library function.

/// A matrix read one number at a time.
struct StridedMatrix {
  var base: UnsafePointer<Double>
  var row: Int
  var column: Int
}

/// C = or += A B; see the note at the top of this file.
func blockedProduct(
  rows: Int, columns: Int, inner: Int, a: StridedMatrix, b: UnsafePointer<Double>, bRow: Int,
  c: UnsafeMutablePointer<Double>, cRow: Int, adding: Bool
) {
  let wide = columns & ~3
  var row = 0
  while row < rows {
    var column = 0
    while column < wide {
      panel(
        SIMD4<Double>.self, row, rows, inner, a, b + column, bRow, c + column, cRow, adding)
      column += 4
    }
    if columns - column >= 2 {
      panel(
        SIMD2<Double>.self, row, rows, inner, a, b + column, bRow, c + column, cRow, adding)
      column += 2
    }
    if column < columns {
      scalarPanel(row, rows, inner, a, b + column, bRow, c + column, cRow, adding)
    }
    row += 6
  }
}

/// Six rows by one vector.
///
/// Rows past the end repeat the last one: all loads come before all stores,
/// so a repeated row is computed and stored twice with the same value.
@inline(__always)
private func panel<V: SIMD & BitwiseCopyable>(
  _: V.Type, _ row: Int, _ rows: Int, _ inner: Int, _ a: StridedMatrix,
  _ b: UnsafePointer<Double>, _ bRow: Int, _ c: UnsafeMutablePointer<Double>, _ cRow: Int,
  _ adding: Bool
) where V.Scalar == Double {
  let last = rows - 1
  let r1 = min(row + 1, last)
  let r2 = min(row + 2, last)
  let r3 = min(row + 3, last)
  let r4 = min(row + 4, last)
  let r5 = min(row + 5, last)
  var a0 = a.base + row * a.row
  var a1 = a.base + r1 * a.row
  var a2 = a.base + r2 * a.row
  var a3 = a.base + r3 * a.row
  var a4 = a.base + r4 * a.row
  var a5 = a.base + r5 * a.row
  var s0 = V.zero
  var s1 = V.zero
  var s2 = V.zero
  var s3 = V.zero
  var s4 = V.zero
  var s5 = V.zero
  if adding {
    s0 = load(c + row * cRow)
    s1 = load(c + r1 * cRow)
    s2 = load(c + r2 * cRow)
    s3 = load(c + r3 * cRow)
    s4 = load(c + r4 * cRow)
    s5 = load(c + r5 * cRow)
  }
  var bk = b
  for _ in 0..<inner {
    let v: V = load(bk)
    s0 = s0 + v * a0.pointee
    s1 = s1 + v * a1.pointee
    s2 = s2 + v * a2.pointee
    s3 = s3 + v * a3.pointee
    s4 = s4 + v * a4.pointee
    s5 = s5 + v * a5.pointee
    a0 += a.column
    a1 += a.column
    a2 += a.column
    a3 += a.column
    a4 += a.column
    a5 += a.column
    bk += bRow
  }
  store(s0, c + row * cRow)
  store(s1, c + r1 * cRow)
  store(s2, c + r2 * cRow)
  store(s3, c + r3 * cRow)
  store(s4, c + r4 * cRow)
  store(s5, c + r5 * cRow)
}

/// Six rows by one column.
@inline(__always)
private func scalarPanel(
  _ row: Int, _ rows: Int, _ inner: Int, _ a: StridedMatrix, _ b: UnsafePointer<Double>,
  _ bRow: Int, _ c: UnsafeMutablePointer<Double>, _ cRow: Int, _ adding: Bool
) {
  let last = rows - 1
  let r1 = min(row + 1, last)
  let r2 = min(row + 2, last)
  let r3 = min(row + 3, last)
  let r4 = min(row + 4, last)
  let r5 = min(row + 5, last)
  let a0 = a.base + row * a.row
  let a1 = a.base + r1 * a.row
  let a2 = a.base + r2 * a.row
  let a3 = a.base + r3 * a.row
  let a4 = a.base + r4 * a.row
  let a5 = a.base + r5 * a.row
  var s0 = adding ? c[row * cRow] : 0
  var s1 = adding ? c[r1 * cRow] : 0
  var s2 = adding ? c[r2 * cRow] : 0
  var s3 = adding ? c[r3 * cRow] : 0
  var s4 = adding ? c[r4 * cRow] : 0
  var s5 = adding ? c[r5 * cRow] : 0
  for k in 0..<inner {
    let v = b[k * bRow]
    let at = k * a.column
    s0 = s0 + a0[at] * v
    s1 = s1 + a1[at] * v
    s2 = s2 + a2[at] * v
    s3 = s3 + a3[at] * v
    s4 = s4 + a4[at] * v
    s5 = s5 + a5[at] * v
  }
  c[row * cRow] = s0
  c[r1 * cRow] = s1
  c[r2 * cRow] = s2
  c[r3 * cRow] = s3
  c[r4 * cRow] = s4
  c[r5 * cRow] = s5
}

@inline(__always)
func load<V: SIMD & BitwiseCopyable>(_ at: UnsafePointer<Double>) -> V {
  UnsafeRawPointer(at).loadUnaligned(as: V.self)
}

@inline(__always)
func load<V: SIMD & BitwiseCopyable>(_ at: UnsafeMutablePointer<Double>) -> V {
  UnsafeRawPointer(at).loadUnaligned(as: V.self)
}

@inline(__always)
func store<V: SIMD & BitwiseCopyable>(_ value: V, _ at: UnsafeMutablePointer<Double>) {
  UnsafeMutableRawPointer(at).storeBytes(of: value, as: V.self)
}
