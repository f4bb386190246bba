package import Foundation

/// What a finished process left behind.
package struct ProgramRun: Sendable {
  /// The exit status; 128 + the signal's number where a signal ended the process, as in a shell.
  package let status: Int32
  /// The bytes of standard output.
  package let output: [UInt8]
  /// The bytes of standard error.
  package let errors: [UInt8]
  /// Whether the process was killed since it took too long.
  package let timedOut: Bool

  /// Standard output as text.
  package var outputText: String { String(decoding: output, as: UTF8.self) }
  /// Standard error as text.
  package var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// Runs the built program, or a shell that finds it, with output sent to files: a pipe could fill.
package enum Program {
  /// The built program: `FAIRPOST_BIN`, else the release build, else the debug build; nil without.
  package static let path: String? = {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["FAIRPOST_BIN"], !path.isEmpty {
      return URL(fileURLWithPath: path).path
    }
    let build = Shared.repository.appendingPathComponent(".build")
    return ["release/fairpost", "debug/fairpost"].map { build.appendingPathComponent($0).path }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  /// Whether there is a built program.
  package static var isBuilt: Bool { path != nil }

  /// Runs the program with arguments.
  ///
  /// - Parameters:
  ///   - input: the bytes of standard input.
  ///   - inputFile: a file as standard input, in place of bytes.
  ///   - environment: variables beside the plain ones of `plainEnvironment`.
  ///   - directory: the working folder; nil is a fresh temporary one.
  ///   - memoryLimit: the largest address space in KiB (`ulimit -v`), where the system has one.
  ///   - timeout: seconds after which the process and what it started are killed.
  package static func run(
    _ arguments: [String], input: [UInt8] = [], inputFile: String? = nil,
    environment: [String: String] = [:], directory: URL? = nil, memoryLimit: Int? = nil,
    timeout: Double = 120
  ) throws -> ProgramRun {
    guard let path else { throw NotBuilt() }
    return try run(
      executable: path, arguments, input: input, inputFile: inputFile, environment: environment,
      directory: directory, memoryLimit: memoryLimit, timeout: timeout)
  }

  /// Runs a shell script with `sh`, in which `fairpost` is the built program.
  package static func shell(
    _ script: String, input: [UInt8] = [], environment: [String: String] = [:],
    directory: URL? = nil, memoryLimit: Int? = nil, timeout: Double = 120
  ) throws -> ProgramRun {
    try run(
      executable: "/bin/sh", ["-c", script], input: input, environment: environment,
      directory: directory, memoryLimit: memoryLimit, timeout: timeout)
  }

  /// Runs any executable in the same way.
  package static func run(
    executable: String, _ arguments: [String], input: [UInt8] = [], inputFile: String? = nil,
    environment: [String: String] = [:], directory: URL? = nil, memoryLimit: Int? = nil,
    timeout: Double = 120
  ) throws -> ProgramRun {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let work = try directory ?? scratch.folder("work")
    let source: FileHandle
    if let inputFile {
      source = try FileHandle(forReadingFrom: URL(fileURLWithPath: inputFile))
    } else if input.isEmpty {
      source = FileHandle.nullDevice
    } else {
      source = try FileHandle(forReadingFrom: scratch.file("stdin", input))
    }
    let output = try scratch.file("stdout", [])
    let errors = try scratch.file("stderr", [])
    let process = Process()
    if let memoryLimit {
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      let script = "ulimit -v \(memoryLimit) && exec \"$0\" \"$@\""
      process.arguments = ["-c", script, executable] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
    }
    process.environment = plainEnvironment.merging(environment) { $1 }
    process.currentDirectoryURL = work
    process.standardInput = source
    let written = try [output, errors].map { try FileHandle(forWritingTo: $0) }
    process.standardOutput = written[0]
    process.standardError = written[1]
    // Foundation holds on to them, and with some thousand open files it cannot start a process.
    // What they hold was written by another process: a close that fails loses nothing.
    defer {
      for handle in written { try? handle.close() }
      if source !== FileHandle.nullDevice { try? source.close() }
    }
    let ended = DispatchSemaphore(value: 0)
    process.terminationHandler = { _ in ended.signal() }
    try process.run()
    var timedOut = false
    if ended.wait(timeout: .now() + timeout) == .timedOut {
      timedOut = true
      // The process leads a group of its own: what it started goes with it.
      kill(-process.processIdentifier, SIGKILL)
      kill(process.processIdentifier, SIGKILL)
      ended.wait()
    }
    let signalled = process.terminationReason == .uncaughtSignal
    return ProgramRun(
      status: (signalled ? 128 : 0) + process.terminationStatus,
      output: [UInt8](try Data(contentsOf: output)),
      errors: [UInt8](try Data(contentsOf: errors)), timedOut: timedOut)
  }

  /// The environment of every run: the same bytes are expected on every machine.
  package static let plainEnvironment: [String: String] = {
    let inherited = ProcessInfo.processInfo.environment
    var plain = [
      "LC_ALL": "C", "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "80", "TZ": "UTC",
      "FAIRPOST_FIXTURES": Shared.repository.appendingPathComponent("Fixtures").path,
    ]
    let passed = [
      "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "ASAN_OPTIONS", "TSAN_OPTIONS",
    ]
    for name in passed {
      plain[name] = inherited[name]
    }
    let rest = inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
    plain["PATH"] = links.map { "\($0.path):\(rest)" } ?? rest
    return plain
  }()

  /// A folder in which `fairpost` names the built program, whatever its file is called.
  private static let links: URL? = {
    guard let path else { return nil }
    let name = "fairpost-tests-\(ProcessInfo.processInfo.processIdentifier)"
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    let link = folder.appendingPathComponent("fairpost")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      // An earlier run of this process number may have left its link.
      if FileManager.default.fileExists(atPath: link.path) {
        try FileManager.default.removeItem(at: link)
      }
      try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: path)
    } catch {
      // Scripts would run another `fairpost`, or none: no test after this one would mean anything.
      fatalError("cannot make \(link.path): \(error)")
    }
    atexit { Program.removeLinks() }
    return folder
  }()

  /// The process ends here: a folder that stays in the temporary folder harms no test.
  private static func removeLinks() {
    if let links { try? FileManager.default.removeItem(at: links) }
  }

  /// The program has not been built.
  package struct NotBuilt: Error, CustomStringConvertible {
    /// What to do.
    package let description = "there is no built program: swift build -c release, or FAIRPOST_BIN"
  }
}

/// A temporary folder.
package struct Scratch: Sendable {
  /// The folder.
  package let url: URL

  /// Makes a new, empty folder.
  package init() throws {
    let base = FileManager.default.temporaryDirectory
    url = base.appendingPathComponent("fairpost-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  /// Makes a folder in it.
  package func folder(_ name: String) throws -> URL {
    let folder = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// Makes a file in it.
  package func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
    let file = url.appendingPathComponent(name)
    try Data(bytes).write(to: file)
    return file
  }

  /// Makes a text file in it.
  package func file(_ name: String, _ text: String) throws -> URL {
    try file(name, Array(text.utf8))
  }

  /// Removes the folder and all in it; called by `defer`, where nothing can be thrown, and a folder that
  /// stays decides no test, since each makes its own.
  package func remove() { try? FileManager.default.removeItem(at: url) }
}

/// Where a command is found on `PATH`, or nil.
package func installed(_ command: String) -> String? {
  let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
  return path.split(separator: ":").map { "\($0)/\(command)" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }
}
