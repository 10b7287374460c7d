import CEditLine
import Glibc
import Synchronization

/// What other threads want of the thread that reads: notices, and the end of the read.
final class Mailbox: Sendable {
  private struct State {
    var notices = ""
    var isReading = false
    var isCancelled = false
    var isClosed = false
  }

  /// An event descriptor that wakes the read.
  let descriptor: Int32
  private let output: Int32
  private let state = Mutex(State())

  /// Makes a mailbox that prints to `output` while nobody reads; -1 as `descriptor` means there was none to be had.
  init(output: Int32) {
    self.output = output
    descriptor = opsh_wake_create()
  }

  deinit { Glibc.close(descriptor) }

  var isClosed: Bool { state.withLock { $0.isClosed } }
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Hands whole lines to the reader, or prints them without a reader.
  func notify(_ text: String) {
    guard !text.isEmpty else { return }
    let lines = text.hasSuffix("\n") ? text : text + "\n"
    state.withLock { state in
      if state.isReading {
        state.notices += lines
        opsh_wake(descriptor)
      } else {
        // Printed under the lock, so that two notices never mix.
        Self.write(lines, to: output)
      }
    }
  }

  func cancel() {
    state.withLock { $0.isCancelled = true }
    opsh_wake(descriptor)
  }

  func close() {
    state.withLock { $0.isClosed = true }
    opsh_wake(descriptor)
  }

  /// Notices go through the reader from here on; a former cancellation is forgotten.
  func beginReading() {
    state.withLock { state in
      state.isReading = true
      state.isCancelled = false
    }
  }

  func forgetCancellation() { state.withLock { $0.isCancelled = false } }

  /// Takes the wake-ups so far off the descriptor.
  func drainWake() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  func endReading() {
    state.withLock { state in
      state.isReading = false
      Self.write(state.notices, to: output)
      state.notices = ""
    }
  }

  /// The notices so far, and whether the read continues.
  func take() -> (notices: String, goesOn: Bool) {
    state.withLock { state in
      defer { state.notices = "" }
      return (state.notices, !state.isCancelled && !state.isClosed)
    }
  }

  private static func write(_ text: String, to output: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      // A terminal that is gone reads no notices.
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
