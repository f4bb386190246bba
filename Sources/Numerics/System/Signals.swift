#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// How many unfinished files can be open at once.
private let doomedCapacity = 4096
/// The files to remove when the process is interrupted: C strings, since a handler may not allocate.
nonisolated(unsafe) private let doomedPaths = {
  let paths = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: doomedCapacity)
  paths.initialize(repeating: nil, count: doomedCapacity)
  return paths
}()

/// What SIGINT, SIGTERM and SIGHUP do: an unfinished file does not stay behind.
public enum Signals {
  /// Removes `path` when the process is interrupted, until it is forgotten.
  public static func removeOnInterrupt(_ path: String) {
    for slot in 0..<doomedCapacity where doomedPaths[slot] == nil {
      doomedPaths[slot] = strdup(path)
      break
    }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let previous = signal(number) { caught in
        Signals.removeUnfinished()
        // Die of the same signal, as the shell expects.
        signal(caught, SIG_DFL)
        kill(getpid(), caught)
      }
      // What was ignored, as under nohup, stays ignored.
      if unsafeBitCast(previous, to: Int.self) == 1 { signal(number, SIG_IGN) }
    }
  }

  /// Removes the unfinished files; may be called by a handler of signals.
  static func removeUnfinished() {
    for slot in 0..<doomedCapacity {
      if let path = doomedPaths[slot] { unlink(path) }
    }
  }

  /// The file is finished, or already gone.
  public static func forget(_ path: String) {
    for slot in 0..<doomedCapacity {
      if let doomed = doomedPaths[slot], String(cString: doomed) == path {
        // The string is leaked on purpose: a handler may be reading it.
        doomedPaths[slot] = nil
      }
    }
  }
}
