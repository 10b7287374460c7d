import CPostgres
import EventLoop

/// What it takes to cancel the statement of one connection, from any thread.
final class CancelKey: @unchecked Sendable {
  // Proof: a PGcancel is a copy that libpq never writes to again, and PQcancel may be called from any thread (manual, 34.7).
  private let raw: OpaquePointer

  /// nil when the connection does not stand.
  init?(_ connection: OpaquePointer) {
    guard let raw = PQgetCancel(connection) else { return nil }
    self.raw = raw
  }

  deinit { PQfreeCancel(raw) }

  /// Tells the server on a thread of its own, since PQcancel connects and waits; calls `done` there with what failed.
  func send(_ done: @escaping @Sendable (String?) -> Void) {
    let thread = EventLoop(name: "opsh-pg-cancel", watches: false)
    thread.schedule(after: .zero) { [self] in
      var text = [CChar](repeating: 0, count: 256)
      let sent = PQcancel(raw, &text, Int32(text.count)) == 1
      let problem = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      done(sent ? nil : String(decoding: problem, as: UTF8.self))
      thread.stop()
    }
  }
}
