#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs the cases of a suite in turn, A B C A B C.
///
/// So a slow minute of the machine falls on all of them. A first round is not counted. Raw runs go
/// to `bench-results/SUITE.csv`. A peak is never below this program's own (some 10 MiB), since a
/// child begins as its copy.
struct Runner {
  let suite: Suite

  struct Measure {
    let wall, user, system: Double
    let peakKiB: Int
    let status: Int32
  }

  func run() throws {
    // Where disks are slow, a folder in memory tells more: BENCH_WORK=/dev/shm/bench.
    let folder = getenv("BENCH_WORK").map { String(cString: $0) } ?? ".bench"
    mkdir(folder, 0o755)
    mkdir("bench-results", 0o755)
    let work = "\(folder)/\(suite.name)"
    mkdir(work, 0o755)
    setenv("WORK", work, 1)
    setenv("OUT", "\(work)/out", 1)
    if suite.rows > 0 {
      let data = "\(folder)/predictions-\(suite.rows).csv"
      if access(data, R_OK) != 0 { try generate(rows: suite.rows, path: data) }
      setenv("IN", data, 1)
      setenv("ROWS_MADE", String(suite.rows), 1)
    }
    for command in suite.prepare where try measure(command).status != 0 {
      throw BenchError("\(suite.name): \"\(command)\" failed")
    }
    let measured = try suite.cases.filter { present in
      guard let needs = present.needs else { return true }
      let check = needs.contains(" ") ? needs : "command -v \(needs)"
      return try measure("{ \(check); } > \"$OUT\" 2>&1").status == 0
    }
    var runs: [String: [Measure]] = [:]
    var raw = "suite,case,rows,round,wall_s,user_s,system_s,peak_kib,status\n"
    for round in 0...suite.rounds {
      for item in measured {
        let result = try measure(item.command)
        raw += "\(suite.name),\(item.name),\(suite.rows),\(round),\(result.wall),\(result.user),"
        raw += "\(result.system),\(result.peakKiB),\(result.status)\n"
        if round > 0 { runs[item.name, default: []].append(result) }
      }
    }
    try write(raw, to: "bench-results/\(suite.name).csv")
    try report(runs)
  }

  /// Runs a command with the shell and waits for it.
  private func measure(_ command: String) throws -> Measure {
    var words: [UnsafeMutablePointer<CChar>?] = []
    for word in ["sh", "-c", command] { words.append(strdup(word)) }
    words.append(nil)
    defer { words.forEach { free($0) } }
    var child = pid_t()
    let start = now()
    guard posix_spawn(&child, "/bin/sh", nil, nil, &words, environ) == 0 else {
      throw BenchError("cannot start a shell")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(child, &status, 0, &usage) < 0 && errno == EINTR {}
    let wall = now() - start
    let exited = status & 0x7F == 0
    return Measure(
      wall: wall, user: seconds(usage.ru_utime), system: seconds(usage.ru_stime),
      peakKiB: usage.ru_maxrss, status: exited ? (status >> 8) & 0xFF : 128 + (status & 0x7F))
  }

  private func report(_ runs: [String: [Measure]]) throws {
    print("\(suite.name): \(suite.title)")
    if suite.rows > 0 { print("  \(suite.rows) rows, medians of \(suite.rounds) rounds") }
    let base = runs[suite.baseline].map { median($0.map(\.wall)) }
    print(
      "  " + padded("case", 20) + columns(["wall s", "user s", "sys s", "peak MiB", "x baseline"]))
    var failed = false
    for item in suite.cases {
      guard let measures = runs[item.name] else {
        print("  " + padded(item.name, 20) + "not measured: \(item.needs ?? "") is not installed")
        continue
      }
      if let fault = measures.first(where: { $0.status != 0 }) {
        print("  " + padded(item.name, 20) + "failed with status \(fault.status)")
        failed = true
        continue
      }
      let wall = median(measures.map(\.wall))
      let cells = [
        fixed(wall, 3), fixed(median(measures.map(\.user)), 3),
        fixed(median(measures.map(\.system)), 3),
        fixed(median(measures.map { Double($0.peakKiB) }) / 1024, 1),
        base.map { fixed(wall / $0, 2) } ?? "-",
      ]
      print("  " + padded(item.name, 20) + columns(cells))
    }
    if failed { throw BenchError("\(suite.name): a command failed") }
  }
}

// MARK: Numbers and text

private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

private func seconds(_ time: timeval) -> Double {
  Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
}

private func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

private func fixed(_ value: Double, _ digits: Int) -> String {
  let scale = pow(10, Double(digits))
  let scaled = Int((value * scale).rounded())
  let fraction = String(scaled % Int(scale))
  let zeros = String(repeating: "0", count: digits - fraction.count)
  return "\(scaled / Int(scale)).\(zeros)\(fraction)"
}

private func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(1, width - text.count))
}

private func columns(_ cells: [String]) -> String {
  cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
}

func write(_ text: String, to path: String) throws {
  guard let file = fopen(path, "w") else { throw BenchError("\(path): cannot be written") }
  let bytes = Array(text.utf8)
  let written = fwrite(bytes, 1, bytes.count, file)
  guard fclose(file) == 0, written == bytes.count else {
    throw BenchError("\(path): cannot be written")
  }
}
