#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// Threads for work whose result does not depend on how it was divided.
package enum Parallel {
  /// The processors this process may use.
  package static var cores: Int {
    max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// Runs `body(worker)` for workers 0..<threads, each on a thread of its own, and waits for all.
  ///
  /// With one worker, or where the system refuses a thread, the work runs on the calling thread.
  package static func run(threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var handles: [Handle] = []
    for worker in 1..<max(threads, 1) {
      if let handle = start({ body(worker) }) { handles.append(handle) } else { body(worker) }
    }
    body(0)
    for handle in handles { handle.join() }
  }

  /// The bytes of a thread's stack.
  private static let stackSize = 8 << 20

  /// A thread that was started.
  struct Handle {
    let thread: pthread_t

    /// Waits until the thread has ended.
    func join() { pthread_join(thread, nil) }
  }

  /// Runs `body` on a thread of its own that nobody waits for; false where the system refuses one.
  package static func detach(_ body: @escaping @Sendable () -> Void) -> Bool {
    guard let handle = start(body) else { return false }
    pthread_detach(handle.thread)
    return true
  }

  /// Starts a thread; nil where the system refuses one.
  static func start(_ body: @escaping @Sendable () -> Void) -> Handle? {
    let box = unsafe Unmanaged.passRetained(ThreadBody(body))
    var thread = pthread_t()
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    pthread_attr_init(attributes)
    defer {
      pthread_attr_destroy(attributes)
      attributes.deallocate()
    }
    // The system's own choice follows `ulimit -s`, which may leave a thread too little.
    pthread_attr_setstacksize(attributes, stackSize)
    let status = unsafe pthread_create(
      &thread, attributes,
      { argument in
        // `passRetained` above is balanced here, on the new thread.
        if let argument {
          unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
        }
        return nil
      }, box.toOpaque())
    guard status != 0 else { return Handle(thread: thread) }
    unsafe box.release()
    return nil
  }

  /// Runs `body(index)` for every index in 0..<count; workers take the next index as they get free.
  package static func forEach(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Void
  ) {
    let workers = min(threads, count)
    guard workers > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Guarded(0)
    run(threads: workers) { _ in
      while true {
        let index = next.withLock { value -> Int in
          defer { value += 1 }
          return value
        }
        if index >= count { return }
        body(index)
      }
    }
  }

  /// The results of `body(index)` in order of index, computed on several threads.
  package static func map<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Guarded([Result?](repeating: nil, count: count))
    forEach(count, threads: threads) { index in
      let result = body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}

/// What a thread runs.
private final class ThreadBody {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}
