import LuaRuntime
import PrimitiveKit
import Testing

/// A name may be both a primitive and the beginning of others, such as `check` and `check.watch`.
struct NamespaceTests {
  private static let none: [Example] = []

  private func engine() throws -> LuaEngine {
    let whole = Primitive(
      "pair",
      "Waits and answers.",
      effect: .reads,
      Parameter<Value>("value", default: .null, "Anything"),
      returns: "It",
      examples: Self.none
    ) { value async throws(CallFailure) in
      await Task.yield()
      return value
    }
    let part = Primitive(
      immediate: "pair.part",
      "Answers.",
      Parameter<Value>("value", default: .null, "Anything"),
      returns: "It",
      examples: Self.none
    ) { value throws(CallFailure) in value }
    return try LuaEngine(catalog: try Catalog([part, whole]))
  }

  @Test(arguments: [
    "return pair(7)", "return pair{ value = 7 }", "return pair<value=7>", "return pair.part(7)",
    "return select(2, pcall(pair, 7))", "return select(2, pcall(pair.part, 7))",
    "return coroutine.wrap(function() return pair(7) end)()", "local p <const> = pair return p(p.part(7))",
    "local sum = 0 for _, v in ipairs { 3, 4 } do sum = sum + pair(v) end return sum",
  ])
  func `both can be called from everywhere`(source: String) async throws {
    #expect(try await engine().script(source) == [.int(7)])
  }

  @Test(
    arguments: [
      ("pair.prt(1)", "lua.undefined", "pair has no 'prt'"),
      ("pair.part = 1", "lua.readonly", "'pair' is part of opsh"),
      ("pair = 1 pair(1)", nil, ""),
      ("table.sort({ 2, 1 }, function() return pair(true) end)", "call.cannot_wait", "'pair'"),
      ("pair(1, 2, 3)", "call.argument", "pair"),
    ] as [(String, String?, String)]
  )
  func `mistakes are told as ever`(source: String, code: String?, words: String) async throws {
    let engine = try engine()
    do {
      _ = try await engine.script(source)
      Issue.record("\(source) succeeded")
    } catch {
      let failure = CallFailure(anyError: error)
      if let code { #expect(failure.code == code) }
      #expect(failure.message.contains(words), "\(failure)")
    }
  }

  @Test func `a plugin calls it with its own authority, and is kept from it without`() async throws {
    let engine = try engine()
    func plugin(_ name: String, may allowed: Set<String>) async throws -> LuaFunctionReference {
      let authority = try await engine.authority(
        named: name,
        permit: { info, _ throws(CallFailure) in
          guard !allowed.contains(info.name) else { return }
          throw CallFailure(.refused, code: "test.capability", message: "\(name) may not call \(info.name)")
        },
        modules: []
      )
      let source = "return { ask = function() return pair(7) end, part = function() return pair.part(8) end }"
      let module = try await engine.load(module: source, name: "@init.lua", authority: authority)
      #expect(module["part"]?.function != nil)
      return try #require(module["ask"]?.function)
    }
    let rich = try await plugin("rich", may: ["pair", "pair.part"])
    #expect(try await engine.call(rich, []) == [.int(7)])
    let mute = try await plugin("mute", may: ["pair.part"])
    let failure = await #expect(throws: CallFailure.self) { try await engine.call(mute, []) }
    #expect(failure?.message.contains("mute may not call pair") == true, "\(String(describing: failure))")
    // The operator's own stays the operator's.
    #expect(try await engine.script("return pair(9)") == [.int(9)])
  }

  @Test func `it crosses as its name, so that help finds it`() async throws {
    #expect(try await engine().script("return pair.part(pair)") == [.string("pair")])
    #expect(try await engine().names(under: ["pair"]) == ["part"])
  }
}
