#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// What a fault of the machine or of the program ends with: a line in words and status 70.
///
/// A stack or an allocation that the system refuses arrives as a signal. Its handler may call next to
/// nothing, and where the stack is used up it needs one of its own.
package enum FaultWords {
  private static let stackSize = 64 << 10

  /// Installs the handler; called once, before anything else runs.
  package static func install() {
    let stack = UnsafeMutableRawPointer.allocate(byteCount: stackSize, alignment: 16)
    var own = stack_t()
    own.ss_sp = stack
    own.ss_size = stackSize
    own.ss_flags = 0
    sigaltstack(&own, nil)
    for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE] {
      var action = sigaction()
      #if canImport(Glibc)
        action.__sigaction_handler.sa_handler = { FaultWords.end($0) }
      #else
        action.__sigaction_u.__sa_handler = { FaultWords.end($0) }
      #endif
      action.sa_flags = Int32(SA_ONSTACK)
      sigaction(number, &action, nil)
    }
  }

  private static func end(_ number: Int32) {
    Signals.removeUnfinished()
    let memory: StaticString =
      "fairpost: the system refused memory or stack: a larger limit may help (ulimit -v, ulimit -s), or --threads 1; if not, this is a fault of fairpost\n"
    let fault: StaticString =
      "fairpost: internal fault, or memory was refused (ulimit -v); if memory is plenty, this is a fault of fairpost\n"
    let text = number == SIGSEGV || number == SIGBUS ? memory : fault
    write(2, text.utf8Start, text.utf8CodeUnitCount)
    _exit(70)
  }
}
