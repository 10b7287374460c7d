import Glibc
import Synchronization

/// Where text goes: a file descriptor, or a buffer in tests.
package protocol Output: Sendable {
  /// Writes the text whole, or drops it when nobody reads any more or it cannot be written.
  func write(_ text: String)

  /// Writes bytes that are no text as they are, where that can be.
  func write(_ bytes: [UInt8])
}

extension Output {
  package func write(_ bytes: [UInt8]) { write(String(decoding: bytes, as: UTF8.self)) }
}

/// Writes to a file descriptor, unbuffered.
package final class FileOutput: Output {
  private struct State {
    var isBroken = false
    /// Why it could not be written; nil where the reader has gone.
    var problem: String?
    /// Whether somebody was told of the problem.
    var isTold = false
    var onBroken: (@Sendable (_ problem: String?) -> Void)?
    var watch: ReaderWatch?
  }

  private let descriptor: Int32
  private let state = Mutex(State())

  package init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Why some text was lost, other than to a reader that has gone, and whether `onBroken` told so; nil where none was.
  package var loss: (problem: String, isTold: Bool)? {
    state.withLock { state in state.problem.map { ($0, state.isTold) } }
  }

  /// Closes a file, which is when some file systems tell what they could not keep; what is written later is dropped.
  package func closeFile() {
    state.withLock { state in
      var status = stat()
      guard !state.isBroken, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
      state.isBroken = true
      if close(descriptor) != 0 { state.problem = String(cString: strerror(errno)) }
    }
  }

  /// Calls `body` once when the reader has gone (`opsh … | head`), at the latest when something is written, or when that
  /// cannot be done, with the reason of the system, such as a full disk; SIGPIPE must be ignored.
  package func onBroken(_ body: @escaping @Sendable (_ problem: String?) -> Void) {
    let (isBroken, problem) = state.withLock { state in
      state.onBroken = body
      if state.isBroken { state.isTold = true }
      if !state.isBroken, state.watch == nil { state.watch = ReaderWatch(descriptor) { [weak self] in self?.lose() } }
      return (state.isBroken, state.problem)
    }
    if isBroken { body(problem) }
  }

  /// Watches no longer: what is written from now on goes nowhere when the reader has gone.
  package func ignoreBroken() {
    state.withLock { state in
      state.onBroken = nil
      state.watch?.stop()
      state.watch = nil
    }
  }

  private func lose() {
    let justBroken = state.withLock { state -> (@Sendable (String?) -> Void)? in
      guard !state.isBroken else { return nil }
      state.isBroken = true
      return state.onBroken
    }
    justBroken?(nil)
  }

  package func write(_ text: String) {
    var text = text
    text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
  }

  package func write(_ bytes: [UInt8]) { bytes.withUnsafeBytes(write) }

  private func write(_ bytes: UnsafeRawBufferPointer) {
    // The lock also keeps the lines of two tasks apart.
    let (justBroken, problem) = state.withLock { state -> ((@Sendable (String?) -> Void)?, String?) in
      guard !state.isBroken, let number = writeAll(bytes) else { return (nil, nil) }
      state.isBroken = true
      let isLeft = [EPIPE, ECONNRESET].contains(number) || isatty(descriptor) == 1
      state.problem = isLeft ? nil : String(cString: strerror(number))
      state.isTold = state.onBroken != nil
      return (state.onBroken, state.problem)
    }
    justBroken?(problem)
  }

  /// Answers the errno of what could not be written; nil when all was.
  private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      } else if errno == EAGAIN {
        // A terminal shared with a program that made it non-blocking: wait until it takes more.
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        poll(&request, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}
