import Foundation
import LuaRuntime
import PrimitiveKit
import Testing

final class ModuleTests {
  // Lua cuts the name of a chunk at 59 characters.
  private let root = FileManager.default.temporaryDirectory
    .appendingPathComponent("opsh-\(UUID().uuidString.prefix(8))")

  init() throws { try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: root) }

  private func engine(_ files: [String: String]) throws -> LuaEngine {
    for (name, text) in files {
      let file = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    return try TestPrimitives().engine(LuaConfiguration(moduleRoots: [root.path]))
  }

  @Test func `a module runs once, may wait, and may be in the command form`() async throws {
    let engine = try engine([
      "shop/basket.lua": "#!/usr/bin/env opsh\ncount = 1\nreturn { sum = test.add<a=1, b=test.wait(2)>, id = {} }"
    ])
    let values = try await engine.script(
      "local a, b = require 'shop.basket', require('shop.basket') return a.sum, a.id == b.id, rawget(_G, 'count')"
    )
    #expect(values == [.int(3), .bool(true), .null])
  }

  @Test func `an edited module is seen by the next script, and by the modules that use it`() async throws {
    let engine = try engine(["a.lua": "return { b = require 'b'.value }", "b.lua": "return { value = 1 }"])
    let script = "return require('a').b, require('a') == require('a')"
    #expect(try await engine.script(script) == [.int(1), .bool(true)])
    try "return { value = 2 }".write(to: root.appendingPathComponent("b.lua"), atomically: true, encoding: .utf8)
    #expect(try await engine.script(script) == [.int(2), .bool(true)])
    #expect(try await engine.run("require 'a'.b", name: "=prompt", kind: .prompt) == [.int(2)])
    try "return { value = 30 }".write(to: root.appendingPathComponent("b.lua"), atomically: false, encoding: .utf8)
    #expect(try await engine.run("require 'a'.b", name: "=prompt", kind: .prompt) == [.int(30)])
  }

  @Test func `a module that comes to lie before another takes its place`() async throws {
    let engine = try engine(["a/init.lua": "return 1"])
    #expect(try await engine.script("return require 'a'") == [.int(1)])
    try "return 2".write(to: root.appendingPathComponent("a.lua"), atomically: true, encoding: .utf8)
    #expect(try await engine.script("return require 'a'") == [.int(2)])
    try FileManager.default.removeItem(at: root.appendingPathComponent("a.lua"))
    #expect(try await engine.script("return require 'a'") == [.int(1)])
  }

  @Test func `a module stays the same while nothing is edited, and while a run goes on`() async throws {
    let engine = try engine(["a.lua": "return { id = {} }"])
    _ = try await engine.run("first = require 'a'", name: "=prompt", kind: .prompt)
    #expect(try await engine.run("first == require 'a'", name: "=prompt", kind: .prompt) == [.bool(true)])
    let file = root.appendingPathComponent("a.lua")
    let edit = Primitive(immediate: "late.edit", "Edits.", returns: "1", examples: []) { () throws(CallFailure) in
      try? "return { id = 2 }".write(to: file, atomically: true, encoding: .utf8)
      return 1
    }
    try await engine.register([edit])
    let source = "local one = require 'a' late.edit() return one == require 'a'"
    #expect(try await engine.script(source) == [.bool(true)])
    #expect(try await engine.script("return require('a').id") == [.int(2)])
  }

  @Test func `a thousand runs of one script and its module hold no more memory than fifty`() async throws {
    let words = String(repeating: "local x = 'some words that take room' ", count: 100)
    let engine = try engine(["a.lua": "\(words) return { f = function() return 1 end }"])
    let script = "\(words) local a = require 'a' return a.f()"
    // The collector works in turns, so the least that was held is what is left.
    func memory(after runs: Int) async throws -> Int {
      var least = Int.max
      for _ in 0..<runs {
        try await engine.script(script)
        least = min(least, await engine.memory)
      }
      return least
    }
    let few = try await memory(after: 50)
    _ = try await memory(after: 1000)
    let many = try await memory(after: 50)
    #expect(many < few + 20_000, "\(few) bytes after fifty runs, \(many) after a thousand more")
  }

  @Test func `modules that require each other are refused`() async throws {
    let engine = try engine(["a.lua": "return require 'b'", "b.lua": "return require 'a'"])
    #expect(await engine.failure("require 'a'")?.code == "module.cycle")
  }

  @Test func `an error in a module names its file and line`() async throws {
    let engine = try engine(["bad.lua": "\nlocal x = nil + 1", "worse.lua": "\n\nx = = 1"])
    let failure = await engine.failure("require 'bad'")
    #expect(failure?.message == "\(root.path)/bad.lua:2: attempt to perform arithmetic on a nil value")
    #expect(await engine.failure("require 'worse'")?.code == "lua.syntax")
  }

  @Test func `a module that is missing names where it was looked for`() async throws {
    let failure = try await engine([:]).failure("require 'nothing.here'")
    #expect(failure?.message == "no module named 'nothing.here'")
    #expect(failure?.hint?.contains("\(root.path)/nothing/here.lua") == true)
  }

  @Test func `functions of a module are callable from Swift`() async throws {
    let engine = try engine([:])
    let field = try await engine.load(
      module: """
        local calls = 0
        return { name = "process", drivers = { start = function(bot) calls = calls + 1 return test.wait(bot), calls end } }
        """,
      name: "@plugins/process/init.lua"
    )
    let start = try #require(field["drivers"]?["start"]?.function)
    #expect(field["name"]?.data == .string("process"))
    #expect(try await engine.call(start, [.string("bot1")]) == [.string("bot1"), .int(1)])
    #expect(try await engine.call(start, [.string("bot2")]) == [.string("bot2"), .int(2)])
  }

  @Test func `a function of another engine is refused`() async throws {
    let first = try engine([:])
    let second = try engine([:])
    let function = try #require(
      try await first.load(module: "return { f = function() end }", name: "=m")["f"]?.function
    )
    let error = await #expect(throws: CallFailure.self) { try await second.call(function, []) }
    #expect(error?.code == "lua.reference")
  }

  @Test func `primitives may be added later`() async throws {
    let engine = try engine([:])
    let late = Primitive(immediate: "late.one", "One.", returns: "1", examples: []) { () throws(CallFailure) in 1 }
    try await engine.register([late])
    #expect(try await engine.script("return late.one()") == [.int(1)])
    let error = await #expect(throws: CallFailure.self) { try await engine.register([late]) }
    #expect(error?.code == "catalog.duplicate")
  }

  @Test func `a data file answers its table`() async throws {
    let engine = try engine([:])
    let value = try await engine.evaluateData(
      "local t = {} for i = 1, 3 do t[i] = ('web%d'):format(i) end return { hosts = t }",
      name: "@site.lua",
      instructionBudget: 100_000
    )
    #expect(value == .table(["hosts": .array([.string("web1"), .string("web2"), .string("web3")])]))
  }

  @Test(arguments: [
    ("return test.add(1, 2)", "lua.undefined", "no variable named 'test'"),
    ("return require('x')", "lua.undefined", "no variable named 'require'"),
    ("while true do end", "lua.instructions", "more instructions"),
    ("return (('a'):rep(1000):find(('.-'):rep(12) .. 'b'))", "lua.instructions", "more instructions"),
    ("while true do pcall(1) end", "lua.undefined", "'pcall'"),
    ("return { hosts = { { port = print } } }", "lua.undefined", "'print'"),
    ("return { hosts = { { port = tostring } } }", "value.type", "the result.hosts[1].port is a function"),
    ("\nreturn { hosts = = 1 }", "lua.syntax", "site.lua:2:"),
    ("\nerror('no')", "lua.undefined", "'error'"),
    ("\nreturn 1 + nil", "lua.error", "site.lua:2: attempt to perform arithmetic on a nil value"),
  ])
  func `a data file can only describe`(source: String, code: String, message: String) async throws {
    let engine = try engine([:])
    let error = await #expect(throws: CallFailure.self) {
      try await engine.evaluateData(source, name: "@site.lua", instructionBudget: 100_000)
    }
    #expect(error?.code == code)
    #expect(error?.message.contains(message) == true, "\(error as Any)")
  }

  @Test func `a list of a module may carry named fields`() async throws {
    let source = "return { params = { { 'target', type = 'hosts', check = function() end }, { 'x', 'y' } } }"
    let params = try await engine([:]).load(module: source, name: "@deploy.lua")["params"]
    guard case .array(let entries) = params else { throw CallFailure(.failed, code: "test", message: "no list") }
    #expect(entries[0]["1"]?.data == .string("target"))
    #expect(entries[0]["type"]?.data == .string("hosts"))
    #expect(entries[0]["check"]?.function != nil)
    #expect(entries[1].data == .array([.string("x"), .string("y")]))
  }

  @Test func `a module may have an instruction budget of its own`() async throws {
    let engine = try engine([:])
    let failure = await #expect(throws: CallFailure.self) {
      try await engine.load(module: "while true do end", name: "@deploy.lua", instructionBudget: 10_000)
    }
    #expect(failure?.code == "lua.instructions")
  }
}
