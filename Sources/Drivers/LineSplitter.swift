import Synchronization

/// Cuts a stream of bytes into lines, each looked at once.
///
/// A line of more than `limit` bytes is passed on without its end, and with how much of it is missing.
final class LineSplitter: Sendable {
  private let state = Mutex(State())
  private let limit: Int
  private let sink: @Sendable (String) -> Void

  fileprivate struct State {
    /// The beginning of a line whose end has not come.
    var rest: [UInt8] = []
    /// Bytes of that line that were left out.
    var dropped = 0
  }

  /// The longest line that is passed on whole, in bytes.
  static let limit = 64 << 10

  init(limit: Int = LineSplitter.limit, sink: @escaping @Sendable (String) -> Void) {
    self.limit = limit
    self.sink = sink
  }

  func feed(_ bytes: [UInt8]) {
    let lines = state.withLock { state in
      var lines: [String] = []
      var start = bytes.startIndex
      while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
        state.take(bytes[start..<end], limit)
        lines.append(state.end())
        start = end + 1
      }
      state.take(bytes[start...], limit)
      return lines
    }
    for line in lines { sink(line) }
  }

  /// Passes on a last line without its newline.
  func finish() {
    let last = state.withLock { $0.rest.isEmpty ? nil : $0.end() }
    if let last { sink(last) }
  }
}

extension LineSplitter.State {
  fileprivate mutating func take(_ bytes: ArraySlice<UInt8>, _ limit: Int) {
    let room = max(0, limit - rest.count)
    rest += bytes.prefix(room)
    dropped += bytes.count - min(bytes.count, room)
  }

  /// The line so far; a new one begins.
  fileprivate mutating func end() -> String {
    defer { self = Self() }
    if dropped == 0 { return String(decoding: rest, as: UTF8.self) }
    // A character that the limit went through.
    let cut = rest.lastIndex { $0 & 0xC0 != 0x80 }.map { rest[$0] >= 0x80 ? $0 : rest.endIndex } ?? rest.endIndex
    let whole = String(decoding: rest[..<cut], as: UTF8.self)
    return "\(whole) … (line cut: \(dropped + rest.count - cut) more bytes)"
  }
}
