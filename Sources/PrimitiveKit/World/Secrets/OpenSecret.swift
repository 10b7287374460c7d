import Glibc

/// The value of a secret, as long as somebody needs it: in memory that is never swapped out, left out of core dumps, and
/// cleared when it is let go.
package final class OpenSecret: Sendable {
  package let secret: Secret
  private let memory: LockedBytes

  /// Takes the bytes and clears the caller's.
  package init(_ secret: Secret, taking bytes: inout [UInt8]) {
    self.secret = secret
    memory = LockedBytes(bytes)
    bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
    bytes = []
  }

  package var count: Int { memory.count }

  /// Lends the value; it must not outlive the call.
  package func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) throws -> Answer) rethrows -> Answer {
    try memory.withBytes(body)
  }

  /// A copy, for whoever can only take an array.
  package var bytes: [UInt8] { withBytes { Array($0) } }
}

/// Bytes in pages of their own.
final class LockedBytes: @unchecked Sendable {
  // Written in `init` alone.
  private let start: UnsafeMutableRawPointer?
  private let size: Int
  let count: Int

  init(_ bytes: some Collection<UInt8>) {
    count = bytes.count
    let page = Int(getpagesize())
    size = max(1, (bytes.count + page - 1) / page) * page
    let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapped, mapped != MAP_FAILED else {
      // No memory is left, not even for a page.
      start = nil
      return
    }
    // Where the limit on locked memory is reached the value may be swapped out, and is used all the same.
    mlock(mapped, size)
    madvise(mapped, size, MADV_DONTDUMP)
    UnsafeMutableRawBufferPointer(start: mapped, count: size).copyBytes(from: bytes)
    start = mapped
  }

  deinit {
    guard let start else { return }
    explicit_bzero(start, size)
    munmap(start, size)
  }

  func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) throws -> Answer) rethrows -> Answer {
    try body(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
  }
}
