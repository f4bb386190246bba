// The fuzzing engine's program: the first byte of an input selects the target, the rest is its data.

/// One thing that must hold up under any bytes; it traps where it does not.
typealias FuzzTarget = @Sendable ([UInt8]) -> Void

/// The targets; a new one is one line at the end, so that saved inputs keep their meaning.
let fuzzTargets: [FuzzTarget] = [
  fuzzJSON,
  fuzzNumber,
  fuzzCSV,
]

/// What the engine calls.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let start, count > 0 else { return 0 }
  let data = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  fuzzTargets[Int(start[0]) % fuzzTargets.count](data)
  return 0
}
