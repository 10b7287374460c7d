/// Keeps the first and the last bytes of a stream and counts those between.
struct OutputWindow {
  private let headLimit: Int
  private let tailLimit: Int
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var dropped = 0

  init(limit: Int) {
    headLimit = limit - limit / 2
    tailLimit = limit / 2
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    let room = min(bytes.count, headLimit - head.count)
    head.append(contentsOf: bytes[..<room])
    guard room < bytes.count else { return }
    tail.append(contentsOf: bytes[room...])
    // Trimmed only when it has doubled, so that a byte is moved once at most.
    if tail.count > 2 * tailLimit { trim() }
  }

  private mutating func trim() {
    let excess = tail.count - tailLimit
    guard excess > 0 else { return }
    dropped += excess
    tail.removeFirst(excess)
  }

  var output: SSHOutput {
    var window = self
    window.trim()
    return SSHOutput(bytes: window.head + window.tail, dropped: window.dropped, gap: window.head.count)
  }
}
