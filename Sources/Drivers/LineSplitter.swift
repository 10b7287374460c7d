import Synchronization

/// Cuts a stream of bytes into lines.
final class LineSplitter: Sendable {
  private let rest = Mutex<[UInt8]>([])
  private let sink: @Sendable (String) -> Void

  init(sink: @escaping @Sendable (String) -> Void) { self.sink = sink }

  func feed(_ bytes: [UInt8]) {
    let lines = rest.withLock { rest in
      rest += bytes
      var lines: [String] = []
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        lines.append(String(decoding: rest[..<end], as: UTF8.self))
        rest.removeSubrange(...end)
      }
      return lines
    }
    for line in lines { sink(line) }
  }

  /// Passes on a last line without its newline.
  func finish() {
    let last = rest.withLock { rest in
      defer { rest = [] }
      return rest
    }
    if !last.isEmpty { sink(String(decoding: last, as: UTF8.self)) }
  }
}
