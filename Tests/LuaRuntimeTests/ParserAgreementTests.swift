import LuaSyntax
import PrimitiveKit
import Testing

@testable import LuaRuntime

struct ParserAgreementTests {
  private static let pieces = [
    "local x = 1 ", "local x <const> = 1 ", "local x <close> = nil ", "x = 2 ", "x, y = 1 ", "f() ", "f{1} ", "f'a' ",
    "function f(a, ...) ", "local function g(b) ", "end ", "if x then ", "elseif y then ", "else ", "while x do ",
    "for i = 1, 2 do ", "for k, v in f do ", "repeat ", "until x ", "break ", "goto a ", "goto b ", "::a:: ", "::b:: ",
    "return ", "return x ", "return ... ", "do ", "; ", "x.y = not x ", "(f)() ", "(x) = 1 ", "x.y ", "x[1] = #x ",
    "x = 1 + 2 .. 3 ", "x = {a = 1, [2] = 3; 4} ", "x = [[\n]] ", "x = 'a\\z  b\\x41' ", "x = 'a\\q' ", "x = 0x1p4 ",
    "x = 1..2 ", "--[[ c ]] ", "-- c\n", "x = function() ", ") ", "} ", "x = 1 < 2 ", "x = a == b ~= c ", "\n",
  ]

  @Test(arguments: 0..<6) func `the parser accepts what Lua compiles, and nothing else`(seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    var accepted = 0
    for _ in 0..<3_000 {
      let count = Int.random(in: 1..<8, using: &random)
      let text = ";" + (0..<count).map { _ in ParserAgreementTests.pieces.randomElement(using: &random) ?? "" }.joined()
      guard let rewritten = try? CommandForm.rewrite(text, name: "=t") else { continue }
      let compiles = LuaState.complaint("", rewritten + "\n", "=t") == nil
      var error: LuaSyntaxError?
      do throws(LuaSyntaxError) { _ = try LuaParser.parse(rewritten + "\n") } catch let failure { error = failure }
      accepted += compiles ? 1 : 0
      #expect(compiles == (error == nil), "\(rewritten): \(String(describing: error))")
    }
    #expect(accepted > 100)
  }
}
