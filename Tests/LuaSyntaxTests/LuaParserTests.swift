import LuaSyntax
import Testing

struct LuaParserTests {
  @Test func `an empty chunk has no statements`() throws {
    #expect(try LuaParser.parse(" -- nothing\n--[[ at\nall ]] ;;").statements.isEmpty)
  }

  @Test(arguments: [
    ("1 + 2 * 3", "(1 + (2 * 3))"),
    ("a or b and c == d", "(a or (b and (c == d)))"),
    ("a .. b .. c", "(a .. (b .. c))"),
    ("2 ^ 3 ^ 2", "(2 ^ (3 ^ 2))"),
    ("-x ^ 2", "(- (x ^ 2))"),
    ("not a == b", "((not a) == b)"),
    ("1 << 2 + 3 & 4 | 5 ~ 6", "(((1 << (2 + 3)) & 4) | (5 ~ 6))"),
    ("7 // 2 % 3", "((7 // 2) % 3)"),
    ("~1 ~ ~2", "((~ 1) ~ (~ 2))"),
    ("#t - -1", "((# t) - (- 1))"),
    ("f{x = 1, [y] = 2, 3; 4,}", "f({x=1, [y]=2, 3, 4})"),
    ("a.b:c'd'[e]", "a.b:c('d')[e]"),
    ("f [[x]] {y} (z, ...)", "f('x')({y})(z, ...)"),
    ("(f)(function(a, ...) return a end)", "<f>(function/1+/1)"),
  ])
  func `operators bind as in Lua`(source: String, expected: String) throws {
    #expect(outline(try expression(source)) == expected)
  }

  @Test(arguments: [
    ("3", "3"), ("0xff", "255"), ("0xffffffffffffffff", "-1"), ("9223372036854775808", "9.223372036854776e+18"),
    ("3.", "3.0"), (".5", "0.5"), ("1e2", "100.0"), ("0x.8p1", "1.0"), ("0xA.8", "10.5"), ("1E-2", "0.01"),
    (#"'a\65\x42\u{43}\z   D\n'"#, "'aABCD\n'"), ("[==[\r\nx]]\r\ny]==]", "'x]]\ny'"), ("'\\\ny'", "'\ny'"),
  ])
  func `literals have their values`(source: String, expected: String) throws {
    #expect(outline(try expression(source)) == expected)
  }

  @Test func `bytes and lines are those of the source`() throws {
    let text = "local a <const> = 1\nif a == [[x\ny]] then\n  return a end"
    let block = try LuaParser.parse(text)
    let statement = try #require(block.statements.last)
    #expect(statement.span.line == 2)
    #expect(statement.span.lastLine == 4)
    let condition = try #require(statement.expressions.first)
    #expect(Array(text.utf8)[condition.span.bytes].elementsEqual("a == [[x\ny]]".utf8))
    #expect(condition.span.line == 2)
    #expect(condition.span.lastLine == 3)
    #expect(statement.blocks.first?.statements.first?.span.line == 4)
  }

  @Test(arguments: [
    ("x =", 1, "unexpected symbol near <eof>"),
    ("if a then\n\nreturn 1", 3, "'end' expected (to close 'if' at line 1) near <eof>"),
    ("local x <fast> = 1", 1, "unknown attribute 'fast'"),
    ("\nlocal x <const> = 1; x = 2", 2, "attempt to assign to const variable 'x'"),
    ("break", 1, "break outside a loop at line 1"),
    ("goto done", 1, "no visible label 'done' for goto at line 1"),
    ("goto f; local x; ::f:: print(x)", 1, "<goto f> at line 1 jumps into the scope of local 'x'"),
    ("::a:: do ::a:: end", 1, "label 'a' already defined on line 1"),
    ("return 1 2", 1, "'<eof>' expected near '2'"),
    ("f() = 1", 1, "syntax error near '='"),
    ("a.b", 1, "syntax error near <eof>"),
    ("x = 'a\n'", 1, "unfinished string near ''a'"),
    ("--[[\n\n", 3, "unfinished long comment (starting at line 1) near <eof>"),
    ("x = 3x", 1, "malformed number near '3x'"),
    ("x = \"\\q\"", 1, "invalid escape sequence near '\"\\q'"),
    ("function f() return ... end", 1, "cannot use '...' outside a vararg function near '...'"),
    ("x = @", 1, "unexpected symbol near '@'"),
  ])
  func `what is not Lua is refused with its line`(source: String, line: Int, message: String) throws {
    let error = #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(source) }
    #expect(error?.message == message)
    #expect(error?.line == line)
  }

  @Test func `nesting is bounded, and so is every tree`() throws {
    for (open, close) in [
      ("(", ")"), ("{", "}"), ("- ", ""), ("not ", ""), ("function() return ", " end"), ("f(", ")"),
    ] {
      let deep = repeating(open, 190, "1", close)
      // Each function is two levels, its statement and its value.
      if open != "function() return " { #expect(throws: Never.self) { try LuaParser.parse("return \(deep)") } }
      #expect(throws: LuaSyntaxError.self) { try LuaParser.parse("return \(repeating(open, 100_000, "1", close))") }
    }
    for chain in [" + a", ".b", "()", " or a", ":m()", "[1]", "{}"] {
      #expect(throws: LuaSyntaxError.self) {
        try LuaParser.parse("return a" + String(repeating: chain, count: 100_000))
      }
    }
    #expect(throws: LuaSyntaxError.self) { try LuaParser.parse(String(repeating: "do ", count: 100_000)) }
    #expect(throws: Never.self) { try LuaParser.parse(String(repeating: "f() ", count: 20_000)) }
  }

  private func repeating(_ open: String, _ count: Int, _ middle: String, _ close: String) -> String {
    String(repeating: open, count: count) + middle + String(repeating: close, count: count)
  }

  private func expression(_ source: String) throws -> LuaExpression {
    try #require(try LuaParser.parse("return \(source)").statements.first?.expressions.first)
  }
}
