import LuaSyntax
import Testing

struct FuzzTests {
  private static let words = [
    "local ", "function ", "f", "x", "end ", "if ", "then ", "else ", "elseif ", "return ", "(", ")", "{", "}", "[",
    "]",
    "=", "==", "~", "~=", "<", "<=", ">>", "//", "..", "...", ".", ",", ";", ":", "::", "goto ", "a ", "break ",
    "while ",
    "do ", "for ", "in ", "repeat ", "until ", "not ", "and ", "or ", "nil ", "1", "0x", "1e", "'", "\"", "[[", "]]",
    "--", "--[[", "[=[", "]=]", "\n", "\r", "\\", "\\z", "\\u{", "\\x", "é", "\0", "<const> ", "<close> ", "#", "-",
    "@",
  ]

  @Test(arguments: 0..<8) func `no text traps the parser`(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    for _ in 0..<4_000 {
      let count = Int.random(in: 0..<40, using: &random)
      let text = (0..<count).map { _ in FuzzTests.words.randomElement(using: &random) ?? "" }.joined()
      guard let block = try? LuaParser.parse(text) else { continue }
      var spans = Spans(limit: text.utf8.count)
      block.walk(&spans)
      #expect(spans.areInside)
    }
  }

  @Test func `no cut of a program traps the parser`() {
    let text = """
      local a <const>, b <close> = 0x1p4, setmetatable({}, { __close = function(...) return ... end })
      for i = 1, #a do if i // 2 == 1 then goto next else print([==[x]==], 'y\\u{48}') end ::next:: end
      repeat local z = f{ a = 1, [b] = 2; 3 } until z or not z and b.c:d"e"
      """
    let bytes = Array(text.utf8)
    var (parsed, refused) = (0, 0)
    for start in stride(from: 0, to: bytes.count, by: 7) {
      for end in start...bytes.count {
        do throws(LuaSyntaxError) {
          _ = try LuaParser.parse(String(decoding: bytes[start..<end], as: UTF8.self))
          parsed += 1
        } catch {
          #expect((1...3).contains(error.line), "\(start) \(end): \(error)")
          #expect((0...end - start).contains(error.offset), "\(start) \(end): \(error)")
          refused += 1
        }
      }
    }
    #expect(parsed > 0 && refused > parsed, "\(parsed) parsed, \(refused) refused")
  }

  private struct Spans: LuaVisitor {
    let limit: Int
    var areInside = true

    init(limit: Int) { self.limit = limit }

    mutating func enter(_ expression: LuaExpression) {
      areInside = areInside && expression.span.bytes.upperBound <= limit && !expression.span.bytes.isEmpty
    }
  }
}

private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
