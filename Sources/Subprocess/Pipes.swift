import Glibc

/// The three pipes of a child.
struct Pipes {
  typealias Ends = (read: Int32, write: Int32)
  let input: Ends
  let output: Ends
  let errorOutput: Ends

  init?() {
    guard let input = Pipes.open() else { return nil }
    guard let output = Pipes.open() else {
      Pipes.close(input)
      return nil
    }
    guard let errorOutput = Pipes.open() else {
      Pipes.close(input)
      Pipes.close(output)
      return nil
    }
    (self.input, self.output, self.errorOutput) = (input, output, errorOutput)
  }

  static func open() -> Ends? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  func closeTheChildsEnds() {
    for descriptor in [input.read, output.write, errorOutput.write] { Glibc.close(descriptor) }
  }

  func closeOurEnds() {
    for descriptor in [input.write, output.read, errorOutput.read] { Glibc.close(descriptor) }
  }

  private static func close(_ ends: Ends) {
    Glibc.close(ends.read)
    Glibc.close(ends.write)
  }
}

/// The first and the last half of a stream.
struct Collected {
  private let limit: Int
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private(set) var total = 0

  init(limit: Int) { self.limit = limit }

  var bytes: [UInt8] { head + tail.suffix(limit - limit / 2) }
  var dropped: Int { total - bytes.count }

  mutating func append(_ piece: [UInt8]) {
    total += piece.count
    let room = max(0, limit / 2 - head.count)
    head += piece.prefix(room)
    tail += piece.dropFirst(room)
    if tail.count > 2 * limit { tail.removeFirst(tail.count - limit) }
  }
}

/// Null-terminated strings for `posix_spawn`.
final class CStrings {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ strings: [String]) {
    count = strings.count
    pointers = .allocate(capacity: strings.count + 1)
    for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
    (pointers + count).initialize(to: nil)
  }

  deinit {
    for index in 0..<count { free(pointers[index]) }
    pointers.deallocate()
  }
}
