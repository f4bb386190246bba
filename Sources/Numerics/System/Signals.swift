internal import FairpostCGSL

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// How many unfinished files can be there at once.
private let doomedCapacity = 4096
/// The files to remove when the process is interrupted, a word each that all threads share.
///
/// It is 0 where the slot is free, else the address of a C string, with bit 0 set while the file is
/// being made. A handler may not allocate, so the strings are leaked on purpose: it may read one.
nonisolated(unsafe) private let doomedWords = {
  let words = UnsafeMutablePointer<UInt64>.allocate(capacity: doomedCapacity)
  words.initialize(repeating: 0, count: doomedCapacity)
  return words
}()
/// 1 once a handler removes the files: from then on nobody may make another.
nonisolated(unsafe) private let isEnding = {
  let word = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)
  word.initialize(to: 0)
  return word
}()

/// A file under a passing name that goes when the process is interrupted, until it is forgotten.
package struct DoomedFile: Sendable {
  /// The file, readable and writable.
  package let file: SystemFile
  /// The slot that belongs to it, and to nothing else until it is given back.
  private let slot: Int

  fileprivate init(_ file: SystemFile, slot: Int) {
    self.file = file
    self.slot = slot
  }

  /// The file is finished, or already gone.
  package func forget() { cgsl_shared_write(doomedWords + slot, 0) }
}

/// What signals do: whatever ends the process, an unfinished file does not stay behind.
package enum Signals {
  /// Signals from outside that end the process; `FaultWords` has those of the program's own faults.
  private static let ending = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGUSR2,
  ]

  /// Takes charge of the signals; called once, before any file is made.
  ///
  /// A closed pipe and a file that grows past its limit (SIGXFSZ) become errors of the call that
  /// writes: they cost what is written there, not the run.
  package static func start() {
    _ = doomedWords[0] &+ isEnding[0]
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for number in ending {
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

  /// Makes a file that must not exist yet and goes when the process is interrupted.
  ///
  /// No signal finds the file there and its slot empty: this thread takes none meanwhile, and a
  /// handler on another thread waits until the file is made.
  package static func creating(
    _ path: String, mode: UInt32
  ) throws(SystemError) -> DoomedFile {
    guard let copy = strdup(path) else { throw .last }
    var every = sigset_t()
    var before = sigset_t()
    sigfillset(&every)
    pthread_sigmask(SIG_BLOCK, &every, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let word = UInt64(UInt(bitPattern: copy))
    guard let slot = claim(word | 1) else {
      free(copy)
      throw SystemError(code: EMFILE)
    }
    cgsl_shared_fence()
    // The process is ending; the signal's own end comes any moment.
    while cgsl_shared_read(isEnding) != 0 { pause() }
    do {
      let file = try SystemFile.creating(path, mode: mode)
      cgsl_shared_write(doomedWords + slot, word)
      return DoomedFile(file, slot: slot)
    } catch {
      cgsl_shared_write(doomedWords + slot, 0)
      throw error
    }
  }

  private static func claim(_ word: UInt64) -> Int? {
    (0..<doomedCapacity).first { cgsl_shared_replace(doomedWords + $0, 0, word) != 0 }
  }

  /// Removes every unfinished file; nothing here allocates or locks.
  static func removeUnfinished() {
    cgsl_shared_write(isEnding, 1)
    cgsl_shared_fence()
    for slot in 0..<doomedCapacity {
      var word = cgsl_shared_read(doomedWords + slot)
      var turns = 0
      // Another thread makes this file just now.
      while word & 1 != 0, turns < 10_000_000 {
        cgsl_breathe()
        turns += 1
        word = cgsl_shared_read(doomedWords + slot)
      }
      if let path = UnsafePointer<CChar>(bitPattern: UInt(word & ~1)) { unlink(path) }
    }
  }
}
