#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

import FairpostNumerics

/// Solves the bargaining problems of a file, a Gram matrix a line, so many times over.
///
/// Writes the processor's microseconds a problem on standard error, and the first problem's weights.
func bargain(path: String, times: Int) throws {
  let problems = try readText(path).split(separator: "\n").map { line in
    line.split(separator: ",").compactMap { Double($0) }
  }
  var agreed = 0
  let start = clock()
  for _ in 0..<max(times, 1) {
    for gram in problems {
      let players = Int(Double(gram.count).squareRoot())
      if case .agreement = NashBargaining.solve(gram: gram, players: players) { agreed += 1 }
    }
  }
  let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  let solved = problems.count * max(times, 1)
  let said =
    "fairpost: \(seconds / Double(solved) * 1e6) microseconds a problem, \(agreed) of \(solved) agreed\n"
  guard write(STDERR_FILENO, said, said.utf8.count) > 0 else {
    throw BenchError("standard error cannot be written")
  }
  guard let first = problems.first else { return }
  let outcome = NashBargaining.solve(
    gram: first, players: Int(Double(first.count).squareRoot()))
  if case .agreement(let weights, _) = outcome {
    print(weights.map { "\($0)" }.joined(separator: ","))
  }
}
