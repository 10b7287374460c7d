import Foundation
import LuaRuntime
import PrimitiveKit
import Synchronization
import Testing

/// What scripts do with values that a dry run cannot know.
struct UnknownTests {
  static let unknown = Value.unknown(Unknown(why: "it did not run", origin: "exec"))

  final class Points: Sendable {
    private let points = Mutex<[InexactPoint]>([])
    var all: [InexactPoint] { points.withLock { $0 } }
    func add(_ point: InexactPoint) { points.withLock { $0.append(point) } }
  }

  static func run(_ source: String, _ points: Points = Points(), tracing: Bool = true) async throws(CallFailure)
    -> [Value]
  {
    let engine = try TestPrimitives().engine(LuaConfiguration(inexact: points.add))
    return try await engine.run(
      source,
      name: "@dry.lua",
      kind: .script,
      globals: ["u": unknown, "t": .table(["u": unknown, "known": .int(1)]), "list": .array([.int(1), unknown])],
      tracing: tracing
    )
  }

  @Test(arguments: [
    ("u", "exec"), ("u.code", "exec.code"), ("u.lines[2].x", "exec.lines[2].x"), ("u['a b']", "exec[?]"),
    ("u[u]", "exec[?]"), ("t.u", "exec"), ("t[u]", "exec as a key"), ("t[u.name].x", "exec.name as a key.x"),
    ("u + 1", "exec"), ("1 - u", "exec"), ("u * u", "exec"), ("'3' / u", "exec"), ("u // 2", "exec"), ("u % 2", "exec"),
    ("2 ^ u", "exec"), ("u & 1", "exec"), ("u | 1", "exec"), ("u ~ 1", "exec"), ("~u", "exec"), ("u << 1", "exec"),
    ("1 >> u", "exec"), ("-u", "exec"), ("#u", "exec"), ("u .. 'x'", "exec"), ("1 .. u", "exec"),
    ("'a' .. 'b' .. u.x", "exec.x"), ("u()", "exec()"), ("u.f(1)", "exec.f()"), ("u:f(1)", "exec.f()"),
    ("u == 1", "exec"), ("1 ~= u", "exec"), ("u == u", "exec"), ("u == nil", "exec"), ("t == u", "exec"),
    ("u < 1", "exec"), ("'a' <= u", "exec"), ("u > u", "exec"), ("{} >= u", "exec"), ("not u", "exec"),
    ("not not u.ok", "exec.ok"), ("tostring(u)", "exec"), ("('%s'):format(u.x)", "exec.x"), ("type(u)", "exec"),
    ("string.format('%d %d', 1, u)", "exec"), ("tonumber(u)", "exec"), ("math.max(1, u)", "exec"),
    ("('x'):rep(u)", "exec"), ("u:upper()", "exec.upper()"), ("string.upper(u)", "exec"),
    ("table.concat({ 1, u })", "exec"), ("table.concat(u)", "exec"), ("rawget(u, 1)", "exec"),
    ("rawequal(u, u)", "exec"),
    ("rawlen(u)", "exec"), ("getmetatable(u)", "exec"), ("os.date('%F', u)", "exec"), ("utf8.char(u)", "exec"),
    ("true and u", "exec"), ("nil or u", "exec"), ("(u)", "exec"), ("select(2, 1, u)", "exec"),
    ("(function(...) return (...) end)(u)", "exec"), ("load('return ' .. 'u == 1', '=x', 't', { u = u })()", "exec"),
    ("set(u)", "exec"),
    ("test.echo(u)", "exec"), ("test.wait(u.x)", "exec.x"), ("select(2, pcall(u))", "exec()"),
    ("a\n.b == u", "exec"), ("t\n[u]", "exec as a key"), ("u\n<\n1", "exec"),
  ])
  func `what is computed of an unknown value is unknown`(expression: String, origin: String) async throws {
    let points = Points()
    let a = expression.hasPrefix("a\n") ? "local a = {} " : ""
    let result = try await UnknownTests.run("\(a)return \(expression)", points)
    #expect(result == [.unknown(Unknown(why: "it did not run", origin: origin))])
    #expect(points.all.isEmpty)
  }

  @Test(arguments: [
    ("if u then end", "if"), ("if u == 1 then end", "if"), ("if false then elseif u.x then end", "if"),
    ("while u do end", "while"), ("repeat local x = u until x", "until"), ("local x = u and 1", "and"),
    ("local x = u or 1", "or"), ("local x = 1 and u or 2", "or"), ("if not u then end", "if"),
    ("if tostring(u) == 'x' then end", "if"), ("if ('%s'):format(u) then end", "if"), ("if #u > 0 then end", "if"),
    ("for i = 1, u do end", "for"), ("for i = u, 2 do end", "for"), ("for i = 1, 2, u do end", "for"),
    ("for x in u do end", "for"), ("for x in ipairs(u) do end", "ipairs"), ("for k, v in pairs(u) do end", "pairs"),
    ("for k, v in next, u do end", "for"), ("next(u)", "next"), ("t[u] = 1", "a key of a table"),
    ("local x = setmetatable({}, { __index = function() end })[u]", "a key of a table that computes its fields"),
    ("t.x, t[u] = 1, 2", "a key of a table"), ("local x = { [u] = 1 }", "a key of a table"),
    ("u.x = 1", "an assignment to a field"), ("table.unpack(u)", "table.unpack"), ("table.sort(u)", "table.sort"),
    ("table.sort({ u, 1 })", "a comparison"), ("table.insert(u, 1)", "table.insert"),
    ("table.insert({ 1 }, u, 2)", "table.insert"), ("table.remove({ 1 }, u)", "table.remove"),
    ("table.move(u, 1, 2, 3)", "table.move"), ("assert(u)", "assert"), ("assert(u == 1, 'no')", "assert"),
    ("error(u)", "error"), ("select(u, 1)", "select"), ("setmetatable({}, u)", "setmetatable"),
    ("rawset(t, u, 1)", "rawset"), ("load(u)", "load"), ("require(u)", "require"), ("unwrap(u)", "unwrap"),
    ("pcall(function() if u then end end)", "if"), ("coroutine.wrap(function() if u then end end)()", "if"),
    ("load('if ... then end', '@dry.lua')(u)", "if"), ("table.sort({ 1, 2 }, function() return u and 1 end)", "and"),
    ("local x <close> = setmetatable({}, { __close = function() error('x') end }) if u then end", "if"),
    ("xpcall(function() if u then end end, function(e) return e end)", "if"),
  ])
  func `a decision that depends on one ends the run there`(source: String, use: String) async throws {
    let points = Points()
    let inner = source.hasPrefix("load('")
    let error = await #expect(throws: CallFailure.self) {
      try await UnknownTests.run("local a = 1\n\(source)\nerror('went on')", points)
    }
    let line = inner ? 1 : 2
    #expect(error?.code == "plan.inexact")
    #expect(error?.message.hasPrefix("dry.lua:\(line): the next step depends on exec") == true, "\(error as Any)")
    #expect(error?.message.hasSuffix("it did not run (\(use))") == true, "\(error as Any)")
    #expect(error?.trace == ["dry.lua:\(line)"])
    #expect(error?.hint != nil)
    #expect(points.all.count == 1)
    #expect(points.all.first?.place == "dry.lua:\(line)")
    #expect(points.all.first?.what.hasPrefix("\(use) depends on exec") == true)
    #expect(points.all.first?.assumed == nil)
  }

  @Test func `a declared default decides, and the plan says so`() async throws {
    let points = Points()
    let source = """
      local ok = unwrap(u.code == 0, true)
      if ok then log = "went on" end
      local n = unwrap(7, 8)
      return log, n, unwrap(t.u, nil), is_unknown(u), is_unknown(1), is_unknown(nil), #unwrap(u, {})
      """
    let results = try await UnknownTests.run(source, points)
    #expect(results == [.string("went on"), .int(7), .null, .bool(true), .bool(false), .bool(false), .int(0)])
    #expect(
      points.all == [
        InexactPoint(place: "dry.lua:1", what: "exec.code: it did not run", assumed: .bool(true)),
        InexactPoint(place: "dry.lua:4", what: "exec: it did not run", assumed: .null),
        InexactPoint(place: "dry.lua:4", what: "exec: it did not run", assumed: .table([:])),
      ]
    )
  }

  @Test func `a default that is no data is noted as text`() async throws {
    let points = Points()
    let results = try await UnknownTests.run("return unwrap(u, function() return 3 end)()", points)
    #expect(results == [.int(3)])
    guard case .string(let text)? = points.all.first?.assumed else {
      throw CallFailure(.failed, code: "t", message: "no text")
    }
    #expect(text.hasPrefix("function"))
  }

  @Test func `unwrap and is_unknown cost a live run nothing`() async throws {
    let results = try await TestPrimitives().engine().script(
      "return unwrap(1), unwrap(2, 3), unwrap(nil, 4), unwrap(false), is_unknown(1)"
    )
    #expect(results == [.int(1), .int(2), .null, .bool(false), .bool(false)])
  }

  @Test(arguments: [
    ("test.add(u, 1)", "test.add: 'a'"), ("test.add(1, u.x)", "test.add: 'b'"),
    ("test.add{ a = u, b = 1 }", "test.add: 'a'"),
    ("pcall(test.add, 1, u)", "test.add: 'b'"),
  ])
  func `a primitive that needs the value ends the run`(source: String, subject: String) async throws {
    let points = Points()
    let error = await #expect(throws: CallFailure.self) { try await UnknownTests.run("\n\(source)", points) }
    #expect(error?.code == "plan.inexact")
    #expect(error?.message.hasPrefix("dry.lua:2: \(subject) depends on exec") == true, "\(error as Any)")
    #expect(error?.trace == ["dry.lua:2"])
    #expect(points.all.map(\.place) == ["dry.lua:2"])
  }

  @Test(arguments: [
    "rawset(u, 1, 2)", "u.x = 1", "setmetatable(u, {})", "getmetatable(u).__index = nil", "for k in pairs(u) do end",
    "local x = u < 1",
  ])
  func `an unknown value cannot be changed or looked into without tracing either`(source: String) async throws {
    await #expect(throws: CallFailure.self) { try await UnknownTests.run(source, tracing: false) }
  }

  @Test func `a loop over fields does not let an origin grow for ever`() async throws {
    let results = try await UnknownTests.run("local x = u for i = 1, 1000 do x = x.field end return x")
    guard case .unknown(let unknown)? = results.first else { throw CallFailure(.failed, code: "t", message: "known") }
    #expect(unknown.origin.utf8.count <= 160)
  }

  @Test func `an error about one says so`() async throws {
    let source = "local ok, e = pcall(assert, false, u) return e.message, u.message"
    let origin = Value.unknown(Unknown(why: "it did not run", origin: "exec.message"))
    #expect(try await UnknownTests.run(source) == [.string("unknown (it did not run)"), origin])
    let error = await #expect(throws: CallFailure.self) {
      try await UnknownTests.run("error{ code = 'mine.own', message = 'it said ' .. u }")
    }
    #expect(error?.code == "mine.own")
    #expect(error?.message == "unknown (it did not run)")
  }

  @Test func `print shows why`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let globals = ["u": UnknownTests.unknown]
    try await engine.run("print(u, 1) print(u.x)", name: "@dry.lua", kind: .script, globals: globals, tracing: true)
    #expect(primitives.output == ["unknown (it did not run)\t1", "unknown (it did not run)"])
  }

  @Test func `a cancel ends what runs after such a stop`() async throws {
    let started = Signal()
    let engine = try TestPrimitives().engine(started: started)
    let source = """
      local x <close> = setmetatable({}, { __close = function() print() while true do pcall(error) end end })
      if u then end
      """
    let run = Task {
      try await engine.run(
        source,
        name: "@dry.lua",
        kind: .script,
        globals: ["u": UnknownTests.unknown],
        tracing: true
      )
    }
    await started.wait()
    engine.cancel()
    let error = await #expect(throws: CallFailure.self) { try await run.value }
    #expect(error?.code == "plan.inexact")
    #expect(try await engine.script("return test.wait(7)") == [.int(7)])
  }

  @Test func `nothing is called after such a stop`() async throws {
    let primitives = TestPrimitives()
    let engine = try primitives.engine()
    let source = """
      local x <close> = setmetatable({}, { __close = function() test.change() end })
      local ok = pcall(function() if u then end end)
      test.change()
      """
    let globals = ["u": UnknownTests.unknown]
    let error = await #expect(throws: CallFailure.self) {
      try await engine.run(source, name: "@dry.lua", kind: .script, globals: globals, tracing: true)
    }
    #expect(error?.code == "plan.inexact")
    #expect(primitives.called.isEmpty)
  }

  @Test func `a failure of a plan inside a call ends the script around it`() async throws {
    let failing = Primitive("job.step", "Fails as a step does.", effect: .reads, returns: "Nothing", examples: []) {
      () async throws(CallFailure) -> Value in
      var failure = Unknown(why: "it did not run", origin: "exec").failure("a.lua:7: the next step")
      failure.trace = ["a.lua:7"]
      throw failure
    }
    let points = Points()
    let engine = try LuaEngine(catalog: Catalog([failing]), configuration: LuaConfiguration(inexact: points.add))
    let source = "local ok, e = pcall(job.step)\nreturn ok or e.code"
    let error = await #expect(throws: CallFailure.self) {
      try await engine.run(source, name: "@dry.lua", kind: .script, tracing: true)
    }
    #expect(error?.code == "plan.inexact")
    #expect(error?.message.hasPrefix("a.lua:7: the next step depends on exec") == true)
    #expect(points.all.isEmpty)
    #expect(try await engine.run(source, name: "@live.lua", kind: .script) == [.string("plan.inexact")])
  }

  @Test func `modules are traced in a dry run, and are others in a live one`() async throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("opsh-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: root) }
    try "#!/usr/bin/env opsh\nreturn { is_ok = function(v)\nif v == 0 then return true end return false end, id = {} }"
      .write(to: root.appendingPathComponent("checks.lua"), atomically: true, encoding: .utf8)
    let points = Points()
    let engine = try LuaEngine(
      catalog: Catalog(),
      configuration: LuaConfiguration(moduleRoots: [root.path], inexact: points.add)
    )
    let source = "local checks = require 'checks' return checks.is_ok(u), checks.id == require('checks').id"
    #expect(
      try await engine.run(source, name: "@a.lua", kind: .script, globals: ["u": .int(0)]) == [
        .bool(true), .bool(true),
      ]
    )
    let error = await #expect(throws: CallFailure.self) {
      try await engine.run(source, name: "@a.lua", kind: .script, globals: ["u": UnknownTests.unknown], tracing: true)
    }
    #expect(error?.trace == ["\(root.path)/checks.lua:3"])
    let known = ["u": Value.int(1)]
    #expect(
      try await engine.run(source, name: "@a.lua", kind: .script, globals: known, tracing: true)
        == [.bool(false), .bool(true)]
    )
  }

  @Test func `an entry at the prompt may trace too, and its locals live on`() async throws {
    let engine = try TestPrimitives().engine()
    let globals = ["u": UnknownTests.unknown]
    try await engine.run(
      "local x = u == 1\nlocal y = 1 == 1",
      name: "=p",
      kind: .prompt,
      globals: globals,
      tracing: true
    )
    let values = try await engine.run("not x, y == true", name: "=p", kind: .prompt, tracing: true)
    #expect(values == [UnknownTests.unknown, .bool(true)])
    #expect(!(await engine.names(under: []).contains("_opsh")))
  }

  @Test func `functions that a traced module keeps trace whoever calls them`() async throws {
    let points = Points()
    let engine = try TestPrimitives().engine(LuaConfiguration(inexact: points.add))
    let field = try await engine.load(
      module: "return function(v) return unwrap(v == 1, true) and #tostring(v) end",
      name: "@m.lua",
      tracing: true
    )
    let function = try #require(field.function)
    #expect(try await engine.call(function, [UnknownTests.unknown], tracing: true) == [UnknownTests.unknown])
    #expect(try await engine.call(function, [.int(1)]) == [.int(1)])
    #expect(points.all.map(\.place) == ["m.lua:1"])
  }
}
