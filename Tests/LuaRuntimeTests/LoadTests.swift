import LuaRuntime
import PrimitiveKit
import Testing

struct LoadTests {
  private static let readers: [(String, [Value])] = [
    ("local d return load(function() if d then return nil end d = true return 'return 1' end)()", [.int(1)]),
    ("local d return load(function() if d then return '' end d = true return 'return 1' end)()", [.int(1)]),
    ("local n = 0 return load(function() n = n + 1 return ({ 'return ', 1, '+', 2 })[n] end)()", [.int(3)]),
    ("return select('#', load(function() return nil end)())", [.int(0)]),
    (
      "local f, e = load(function() return {} end) return f, tostring(e)",
      [.null, .string("test.lua:1: reader function must return a string")]
    ),
    ("local t = {} local f, e = load(function() error(t) end) return f, e == t", [.null, .bool(true)]),
    ("return load(\"return '\\xe9'\")()", [.bytes([0xe9])]),
    (
      "local x = '\\xff\\xc3\\xa4' return load('local u = ' .. ('%q'):format(x) .. ' if u then return u end')() == x",
      [.bool(true)]
    ),
  ]

  @Test(arguments: readers.indices)
  func `a live run and a dry one load the same`(index: Int) async throws {
    let (source, expected) = LoadTests.readers[index]
    for isTracing in [false, true] {
      let engine = try TestPrimitives().engine()
      let attempt = try await engine.run(source, name: "@test.lua", kind: .script, tracing: isTracing)
      #expect(attempt == expected, "tracing: \(isTracing)")
    }
  }

  @Test(arguments: [
    "x = 1 coroutine.wrap(function() load('x = 2')() end)() return x",
    "x = 1 local load = load coroutine.wrap(function() load('x = 2')() end)() return x",
    "x = 1 coroutine.wrap(load)('x = 2')() return x",
    "x = 1 local f = coroutine.wrap(load)('x = 2') coroutine.wrap(coroutine.wrap(f))() return x",
  ])
  func `a chunk that a coroutine loads has the globals of the script`(source: String) async throws {
    #expect(try await TestPrimitives().engine().script(source) == [.int(2)])
  }

  @Test func `print hands out the bytes it was given`() async throws {
    let primitives = TestPrimitives()
    try await primitives.engine().script("print '\\xe9' print '\u{e4}'")
    #expect(primitives.printedTexts == [.bytes([0xe9]), .text("\u{e4}")])
  }
}
