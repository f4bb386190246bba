package import Foundation

/// One end of a Unix socket, as any program would use it.
package final class UnixClient: @unchecked Sendable {
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var isOpen = true

  /// No connection could be made.
  package struct Refused: Error {}

  /// Connects to a path.
  package init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Refused() }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      close(descriptor)
      isOpen = false
      throw Refused()
    }
  }

  deinit { hangUp() }

  /// Sends all of a text; false where nobody takes it any more.
  @discardableResult
  package func send(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    var at = 0
    while at < bytes.count {
      let sent = bytes[at...].withUnsafeBytes {
        Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if sent <= 0 { return false }
      at += sent
    }
    return true
  }

  /// The next line, without its ending; nil where the other end has closed.
  package func line() -> String? {
    while true {
      if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let text = String(decoding: pending[..<end], as: UTF8.self)
        pending.removeFirst(end + 1)
        return text
      }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let got = recv(descriptor, &buffer, buffer.count, 0)
      if got <= 0 { return nil }
      pending += buffer[..<got]
    }
  }

  /// Says that nothing more will be sent.
  package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Goes away.
  package func hangUp() {
    if isOpen { close(descriptor) }
    isOpen = false
  }
}
