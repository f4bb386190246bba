#if canImport(Glibc)
  internal import Glibc
#endif
public enum NumberReading { case number(Double), missing, notFinite, invalid }
public enum NumberText {
  public static let capacity = 32
  public static func parse(_ b: UnsafePointer<UInt8>, count: Int) -> NumberReading {
    if count == 0 { return .missing }
    let s = String(decoding: UnsafeBufferPointer(start: b, count: count), as: UTF8.self)
    if ["NA", "NaN", "nan", "null"].contains(s) { return .missing }
    guard let x = Double(s) else { return .invalid }
    return x.isFinite ? .number(x) : .notFinite
  }
  public static func write(_ x: Double, to: UnsafeMutablePointer<UInt8>) -> Int {
    var n = 0
    for c in x.description.utf8 { to[n] = c; n += 1 }
    return n
  }
  public static func text(_ x: Double) -> String { x.description }
}
extension NumberText { public static func parse(_ b: [UInt8]) -> NumberReading { b.withUnsafeBufferPointer { p in p.baseAddress.map { parse($0, count: b.count) } ?? .missing } } }
