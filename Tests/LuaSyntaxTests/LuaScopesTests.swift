import LuaSyntax
import Testing

struct LuaScopesTests {
  @Test(arguments: [
    ("local a = a; a = 1; b = a", "a:global a=:local b=:global a:local"),
    ("local x; function f(y) return x + y + z end", "f=:global x:upvalue y:local z:global"),
    ("local function f() return f end", "f:upvalue"),
    ("local f = function() return f end", "f:global"),
    ("for i = i, 2 do print(i) end print(i)", "i:global print:global i:local print:global i:global"),
    ("for k, v in pairs(t) do t[k] = v end", "pairs:global t:global t:global k:local v:local"),
    ("repeat local done = g() until done", "g:global done:local"),
    ("do local a end return a", "a:global"),
    ("local t = {} function t.a:m() return self, t end", "t:local self:local t:upvalue"),
    ("local t = { a = a, [b] = 1 }", "a:global b:global"),
  ])
  func `every name is resolved`(source: String, expected: String) throws {
    let scopes = LuaScopes(try LuaParser.parse(source))
    let words = scopes.uses.map { use in
      let kind = if case .global = use.kind { "global" } else if case .local = use.kind { "local" } else { "upvalue" }
      return "\(use.name.text)\(use.isAssigned ? "=" : ""):\(kind)"
    }
    #expect(words.joined(separator: " ") == expected)
  }

  @Test func `a visitor sees every node between its begin and its end`() throws {
    struct Counter: LuaVisitor {
      var statements = 0
      var expressions = 0
      var functions = 0
      var open = 0
      mutating func enter(_ statement: LuaStatement) {
        statements += 1
        open += 1
      }
      mutating func leave(_ statement: LuaStatement) { open -= 1 }
      mutating func enter(_ expression: LuaExpression) {
        expressions += 1
        open += 1
      }
      mutating func leave(_ expression: LuaExpression) { open -= 1 }
      mutating func enter(_ function: LuaFunctionBody) { functions += 1 }
    }
    var counter = Counter()
    let text = "local function f(a) if a then return g{a, b = function() end} elseif x then y = 1 else z() end end"
    try LuaParser.parse(text).walk(&counter)
    #expect(counter.statements == 5)
    #expect(counter.expressions == 11)
    #expect(counter.functions == 2)
    #expect(counter.open == 0)
  }
}
