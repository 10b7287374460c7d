import LuaRuntime
import LuaSyntax
import PrimitiveKit
import Testing

struct CommandFormTests {
  @Test(arguments: [
    (#"fleet.deploy<target="all", speed="routine">"#, #"fleet.deploy{target="all", speed="routine"}"#),
    ("fleet.hosts<>", "fleet.hosts{}"),
    ("hosts< >", "hosts{ }"),
    ("a.b.c<x=1>", "a.b.c{x=1}"),
    ("f <\n  x = 1,\n  y = 2,\n>", "f {\n  x = 1,\n  y = 2,\n}"),
    ("f<x=g<y=1>>", "f{x=g{y=1}}"),
    ("f<x=g<>>", "f{x=g{}}"),
    ("f<x=g<y=h<z=1>>>", "f{x=g{y=h{z=1}}}"),
    ("f<x=g<y=1>, z=h<>>", "f{x=g{y=1}, z=h{}}"),
    ("f<x=(a > b)>", "f{x=(a > b)}"),
    ("f<x={a > b, [c>d]=1}>", "f{x={a > b, [c>d]=1}}"),
    ("f<x=a >= b>", "f{x=a >= b}"),
    ("f<x=1>>2>", "f{x=1>>2}"),
    ("f<x=1<<2>", "f{x=1<<2}"),
    ("f<x=a<b>", "f{x=a<b}"),
    ("if f<x=1>==y then end", "if f{x=1}==y then end"),
    ("return #f<x=1>", "return #f{x=1}"),
    (#"f<x="a>b", y='c>d', z=[[e>]]>"#, #"f{x="a>b", y='c>d', z=[[e>]]}"#),
    (#"f<x="\">">"#, #"f{x="\">"}"#),
    ("f<x=1 --[[ > ]], y=2 -- >\n>", "f{x=1 --[[ > ]], y=2 -- >\n}"),
    ("f<by = function(a, b) return a > b end>", "f{by = function(a, b) return a > b end}"),
    (
      "f<by = function(a) if a > 1 then return a end end, x=1>",
      "f{by = function(a) if a > 1 then return a end end, x=1}"
    ),
    ("print(f<x=1>, g<>)", "print(f{x=1}, g{})"),
    ("local é = f<x=\"ü>\">", "local é = f{x=\"ü>\"}"),
    ("#!/usr/bin/env opsh\nf<>", "                   \nf{}"),
    ("local t <close> = f<x=1>", "local t <close> = f{x=1}"),
  ])
  func `a command form becomes a call`(source: String, rewritten: String) throws {
    let text = try CommandForm.rewrite(source, name: "=t")
    #expect(text == rewritten)
    #expect(text.utf8.count == source.utf8.count)
  }

  @Test(arguments: [
    "if a<b then end", "f(a<b, c)", "f(a<b, c>d)", "f(a<b, c=>d)", "local x <const> = 1",
    "local f <close>, y <const> = 1, 2",
    "while i<n do i = i + 1 end", "x = a<b and c>d", "t = { a<b, c=1 }", "x = a<b == c", "x = a<b\ny = 3",
    "s = 'f<x=1>'", "s = [[f<x=1>]]", "s = [==[ ]] f<x=1> ]==]", "-- f<x=1>", "--[[ f<x=1> ]]", "--[==[ f<x=1> ]==]",
    "x = 1 <y", "x = a<=b", "x = a<<b", "x = a>>b", "x = f(1)<y", "return a<nil", "goto done ::done::", "x = 0x1p-3 <y",
    "x = a ~= b<c", "s = \"f<\\\"x=1>\"",
  ])
  func `Lua's own meaning stays`(source: String) throws {
    #expect(try CommandForm.rewrite(source, name: "=t") == source)
  }

  @Test(arguments: [
    ("f<x=1", "t:1: 'f<' at column 2 has no closing '>'"),
    ("x = 1\nfleet.deploy<target=\"all>", "t:2: 'fleet.deploy<' at column 13 has no closing '>'"),
    ("print(f<x=1)", "t:1: 'f<' at column 8 has no closing '>'"),
    ("f<x=g<y=1>", "t:1: 'f<' at column 2 has no closing '>'"),
    ("if true then f<x=1 end", "t:1: 'f<' at column 15 has no closing '>'"),
  ])
  func `a form without its end is a clear error`(source: String, message: String) {
    let error = #expect(throws: CallFailure.self) { try CommandForm.rewrite(source, name: "=t") }
    #expect(error?.message == message)
    #expect(error?.hint != nil)
  }

  @Test(arguments: [
    (#"lock.break{scope="fleet"}"#, #"lock["break"]{scope="fleet"}"#),
    (#"lock.break<scope="fleet">"#, #"lock["break"]{scope="fleet"}"#),
    (#"lock.break("fleet", "stuck")"#, #"lock["break"]("fleet", "stuck")"#),
    ("help(lock.break)", #"help(lock["break"])"#),
    ("x = lock.break y = a .. break", #"x = lock["break"] y = a .. break"#),
    ("a.lock.break<>", #"a.lock["break"]{}"#),
    ("lock . -- the dot\n  break {}", "lock [ -- the dot\n  \"break\"] {}"),
    ("f<x=lock.break<y=1>, z=lock.break{}>", #"f{x=lock["break"]{y=1}, z=lock["break"]{}}"#),
    ("while true do lock.break{} break end", #"while true do lock["break"]{} break end"#),
  ])
  func `a field named break can be named and called`(source: String, rewritten: String) throws {
    let text = try CommandForm.rewrite(source, name: "=t")
    #expect(text == rewritten)
    #expect(text.filter(\.isNewline).count == source.filter(\.isNewline).count)
  }

  @Test(arguments: [
    "while true do break end", "if a then break (f)() end", "x = a..b f() while 1 do break end",
    "s = 'lock.break{}'", "-- lock.break{}", "x = lock.breaks{}", "x = lock.break_{}", "while 1 do x = 1. break {} end",
    "f(...) break (g)()",
  ])
  func `every other break stays`(source: String) throws {
    #expect(try CommandForm.rewrite(source, name: "=t") == source)
  }

  @Test func `a field named break runs, with the lines of the text`() async throws {
    let engine = try TestPrimitives().engine()
    let source =
      "local t = { [\"break\"] = function(a) return a.x end }\nreturn t.break<x=7>, t.break{x=8}, t.break({x=9})"
    #expect(try await engine.run(source, name: "=t", kind: .script) == [.int(7), .int(8), .int(9)])
    let failure = await engine.failure("local t = {}\n\nt.break<x=1>", name: "=t")
    #expect(failure?.message.hasPrefix("t:3: ") == true)
  }

  @Test func `columns are those of the text after a break`() {
    let error = #expect(throws: CallFailure.self) {
      try CommandForm.rewrite("lock.break{} lock.break<scope=1", name: "=t")
    }
    #expect(error?.message == "t:1: 'lock.break<' at column 24 has no closing '>'")
  }

  @Test(arguments: [LuaEngine.Kind.prompt, .script])
  func `it runs at the prompt and in files`(kind: LuaEngine.Kind) async throws {
    let engine = try TestPrimitives().engine()
    #expect(try await engine.run("return test.add<a=1, b=test.add<a=2, b=3>>", name: "=t", kind: kind) == [.int(6)])
    // Where a call takes anything, nothing between the brackets is an empty table.
    #expect(try await engine.run("return test.wait<>", name: "=t", kind: kind) == [.table([:])])
  }

  @Test(arguments: [
    ("\nlocal x = test.add<a=1, b=>", "t:2: unexpected symbol near '>'"),
    ("\n\nx = test.add<a=1 b=2>", "t:3: '>' expected near 'b'"),
    ("local a = test.echo<value=1>\nlocal b = nil + 1", "t:2: attempt to perform arithmetic on a nil value"),
  ])
  func `errors speak of what was typed, at its line`(source: String, message: String) async throws {
    let failure = try await TestPrimitives().engine().failure(source, name: "=t")
    #expect(failure?.message == message)
  }
}
