/// Bytes that are added at the end and taken from the front.
struct ByteQueue {
  private var storage: [UInt8] = []
  private var head = 0

  var count: Int { storage.count - head }
  var isEmpty: Bool { head == storage.count }

  mutating func append(_ bytes: UnsafeRawBufferPointer) { storage.append(contentsOf: bytes) }

  /// Copies at most `destination.count` bytes out and removes them.
  mutating func take(into destination: UnsafeMutableRawBufferPointer) -> Int {
    let length = min(count, destination.count)
    storage.withUnsafeBytes { bytes in
      destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[head..<head + length]))
    }
    removeFirst(length)
    return length
  }

  /// The first bytes, which stay.
  func prefix(_ length: Int) -> [UInt8] { Array(storage[head..<min(head + length, storage.count)]) }

  mutating func removeFirst(_ length: Int) {
    head += length
    if head == storage.count {
      // A large burst gives its memory back.
      storage.removeAll(keepingCapacity: storage.capacity <= 1 << 16)
      head = 0
    } else if head > 1 << 18, head > storage.count / 2 {
      storage.removeFirst(head)
      head = 0
    }
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    storage.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[head...])) }
  }
}
