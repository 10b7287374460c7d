import LuaSyntax
import Testing

struct LuaTracingTests {
  @Test(arguments: [
    ("if a then b() end", #"if _opsh.decide(a, "if") then b() end"#),
    ("while a and b do end", #"while _opsh.decide(a, "and") and _opsh.decide(b, "while") do end"#),
    ("x = a and b or c", #"x = _opsh.decide(a, "and") and _opsh.decide(b, "or") or c"#),
    ("x = a == 1", #"x = (_opsh["=="](a ,  1))"#),
    ("return not a", #"return (_opsh["not"]( a))"#),
    ("return a[b].c", #"return (_opsh["[]"](a, b, "global 'a'")).c"#),
    ("local t t[a].b = 1", #"local t _opsh["[]"](t, a, "local 't'").b = 1"#),
    ("a[b] = c", "a[_opsh.key(b)] = c"),
    ("for k in p do end", "for k in _opsh.each(p) do end"),
    ("for i = 1, n do end", #"for i = 1, _opsh.decide(n, "for") do end"#),
    ("f\n(a[b])\n(c)", "f\n((_opsh[\"[]\"](a, b, \"global 'a'\")))\n(c)"),
    ("a = b\nt\n[k].x = 1", "a = b\n;(_opsh.later(\"[]\", t\n, k, \"global 't'\") % 0).x = 1"),
  ])
  func `decisions go to the operators`(source: String, traced: String) {
    #expect(LuaTracing.instrument(source) == #"local _opsh <const> = ("")["\0opsh"]; "# + traced)
  }

  @Test(arguments: [
    "local a = b + c", "f(a, b.c, d[1], e['x'])", "while true do f() end", "return function(...) return ... end",
    "x = = 1", "", "for i = 1, 10 do print(i) end",
  ])
  func `text that decides nothing stays as it is`(source: String) {
    #expect(LuaTracing.instrument(source) == source)
  }

  @Test func `the name of the operators is nowhere in the script`() {
    let traced = LuaTracing.instrument("local _opsh, _opsh_ = 1 if _opsh then end")
    #expect(traced.hasPrefix("local _opsh__ <const>"))
  }

  @Test func `every line stays where it was, and the result is Lua`() throws {
    let source = """
      #!/usr/bin/env opsh
      local t = f{ a = x == 1, [y] = not
        z, -- a comment with not == and
        "s" .. (p or q),
      }
      --[==[ if then ]==] if t
        [k] then return t[k] < 3 else
        goto done end
      ::done:: repeat local d = g() until d ~= nil
      """
    let text = try CommandForm.rewrite(source, name: "=t")
    let traced = LuaTracing.instrument(text)
    #expect(traced != text)
    #expect(traced.split(separator: "\n", omittingEmptySubsequences: false).count == 9)
    _ = try LuaParser.parse(traced)
  }
}
