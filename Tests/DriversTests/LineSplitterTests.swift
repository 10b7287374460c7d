import Synchronization
import Testing

@testable import Drivers

struct LineSplitterTests {
  private final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
  }

  private func split(_ pieces: [String], limit: Int = LineSplitter.limit) -> [String] {
    let lines = Lines()
    let splitter = LineSplitter(limit: limit) { lines.add($0) }
    for piece in pieces { splitter.feed(Array(piece.utf8)) }
    splitter.finish()
    return lines.all
  }

  @Test func `lines come whole however they are cut into pieces`() {
    let text = "one\n\ntwo and three\nfour"
    let expected = ["one", "", "two and three", "four"]
    #expect(split([text]) == expected)
    #expect(split(text.map { String($0) }) == expected)
    #expect(split(["a\n", "b\n"]) == ["a", "b"])
    #expect(split([]) == [])
  }

  @Test func `a very long line is cut and says how much is missing`() {
    #expect(split(["0123456789abc\nnext\n"], limit: 10) == ["0123456789 … (line cut: 3 more bytes)", "next"])
    #expect(split(["01234", "56789", "a", "bc"], limit: 10) == ["0123456789 … (line cut: 3 more bytes)"])
    #expect(split(["0123456789\n"], limit: 10) == ["0123456789"])
    // A character of two bytes that the limit would go through is missing whole.
    #expect(split(["012345678ü\n"], limit: 10) == ["012345678 … (line cut: 2 more bytes)"])
  }

  @Test func `a line without an end holds no more than the limit`() {
    let lines = Lines()
    let splitter = LineSplitter { lines.add($0) }
    let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 16)
    // Looking at every byte again for every piece would look at 32 GB.
    for _ in 0..<1024 { splitter.feed(piece) }
    splitter.finish()
    let line = lines.all.first ?? ""
    #expect(lines.all.count == 1)
    #expect(line.utf8.count < LineSplitter.limit + 100)
    #expect(line.hasSuffix("(line cut: \((1 << 26) - LineSplitter.limit) more bytes)"))
  }

  @Test(.timeLimit(.minutes(1)))
  func `many short lines in one piece are cut in one pass`() {
    // Moving the rest down for every line would move 60 GB.
    let count = 50_000
    #expect(
      split([String(repeating: "0123456789012345678901234567890123456789012345678\n", count: count)]).count == count
    )
  }
}
