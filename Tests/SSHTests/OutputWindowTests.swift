import Testing

@testable import SSH

struct OutputWindowTests {
  @Test(arguments: [0, 1, 2, 7, 10, 11, 64])
  func `head, tail and dropped bytes add up to the stream`(limit: Int) {
    let stream = (0..<50).map { UInt8($0) }
    for pieceSize in [1, 3, 50] {
      var window = OutputWindow(limit: limit)
      for start in stride(from: 0, to: stream.count, by: pieceSize) {
        stream[start..<min(start + pieceSize, stream.count)].withUnsafeBytes { window.append($0) }
      }
      let output = window.output
      let tail = output.bytes.count - output.gap
      #expect(output.bytes.count == min(limit, stream.count))
      #expect(output.bytes.count + output.dropped == stream.count)
      #expect(Array(output.bytes[..<output.gap]) == Array(stream.prefix(output.gap)))
      #expect(Array(output.bytes[output.gap...]) == Array(stream.suffix(tail)))
    }
  }
}
