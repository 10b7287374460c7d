import LuaRuntime
import PrimitiveKit
import Testing

/// The set type of the prelude over a small language of its own: names separated by commas, folded in sorted order.
struct SetTests {
  private static func names(_ text: String) -> Set<String> { Set(text.split(separator: ",").map(String.init)) }

  private static func fold(_ names: Set<String>) -> String { names.sorted().joined(separator: ",") }

  private func engine() throws -> LuaEngine {
    let text = Parameter<String>("text", "A set")
    let primitives = [
      Primitive(immediate: "opsh_set_fold", "Folds.", text, returns: "Text", examples: []) { text throws(CallFailure) in
        Self.fold(Self.names(text))
      },
      Primitive(immediate: "opsh_set_expand", "Expands.", text, returns: "Names", examples: []) {
        text throws(CallFailure) in
        Self.names(text).sorted()
      },
      Primitive(
        immediate: "opsh_set_combine",
        "Combines.",
        Parameter<String>("op", "Operator"),
        Parameter<String>("a", "Left"),
        Parameter<String>("b", "Right"),
        returns: "Text",
        examples: []
      ) { op, a, b throws(CallFailure) in
        let (a, b) = (Self.names(a), Self.names(b))
        return switch op {
        case "|": Self.fold(a.union(b))
        case "-": Self.fold(a.subtracting(b))
        case "&": Self.fold(a.intersection(b))
        default: Self.fold(a.symmetricDifference(b))
        }
      },
      Primitive(immediate: "echo", "Echoes.", Parameter<Value>("v", "Any"), returns: "It", examples: []) {
        v throws(CallFailure) in v
      },
    ]
    return try LuaEngine(catalog: Catalog(primitives))
  }

  @Test(arguments: [
    (#"tostring(set "b,a")"#, Value.string("a,b")),
    (#"set "b,a""#, .string("a,b")),
    (#"#set "b,a,c""#, .int(3)),
    (#"tostring(set "a,b" | set "c")"#, .string("a,b,c")),
    (#"tostring(set "a,b" | "c")"#, .string("a,b,c")),
    (#"tostring("a,b" - set "b")"#, .string("a")),
    (#"tostring(set "a,b" & set "b,c")"#, .string("b")),
    (#"tostring(set "a,b" ~ set "b,c")"#, .string("a,c")),
    (#"(set "a,b"):contains("a")"#, .bool(true)),
    (#"(set "a,b"):contains("c")"#, .bool(false)),
    (#"set "a,b" == set "b,a""#, .bool(true)),
    (#"set "a,b" == set "b""#, .bool(false)),
    (#""on " .. set "b,a""#, .string("on a,b")),
    (#"echo(set "b,a")"#, .string("a,b")),
    (#"echo({ on = set "b,a" })"#, .table(["on": .string("a,b")])),
    (#"set(set "b,a")"#, .string("a,b")),
    (#"set { "b", "a" }"#, .string("a,b")),
    ("#set {}", .int(0)),
    (#"getmetatable(set "a")"#, .string("opsh.set")),
    (#"rawget(set "a", "x")"#, .null),
  ])
  func `a set is a value`(expression: String, value: Value) async throws {
    #expect(try await engine().run(expression, name: "=t", kind: .prompt) == [value])
  }

  @Test func `for walks a set in order, also nested`() async throws {
    let values = try await engine().script(
      #"""
      local s, seen = set "c,a,b", {}
      for name in s do
        for other in s do seen[#seen + 1] = name .. other end
      end
      return table.concat(seen, " ")
      """#
    )
    #expect(values == [.string("aa ab ac ba bb bc ca cb cc")])
  }

  @Test func `a set is walked by position like a list of its names`() async throws {
    let values = try await engine().script(
      #"""
      local s, seen = set "c,a,b", {}
      for position, name in ipairs(s) do seen[#seen + 1] = position .. name end
      for position, name in pairs(s) do seen[#seen + 1] = position .. name end
      return table.concat(seen, " "), s[2], s[4]
      """#
    )
    #expect(values == [.string("1a 2b 3c 1a 2b 3c"), .string("b"), .null])
  }

  @Test func `what is given beside the text of a set is no part of it, and said`() async throws {
    let failure = try await engine().failure(#"set("a", "b")"#)
    #expect(failure?.code == "set.type")
    #expect(failure?.message == "set takes one text or one list, and 2 values were given")
    #expect(failure?.hint == #"join them: set "a,b", or set { "a", "b" }"#)
  }

  @Test func `keys that read the same keep their values apart`() async throws {
    let text = #"{ [1] = "a", ["1"] = "b", ["1#2"] = "c", ["\xff"] = 1, ["\xfe"] = 2, x = 5 }"#
    let values = try await engine().run(text, name: "=t", kind: .prompt)
    guard case .table(let fields)? = values.first else {
      Issue.record("\(values)")
      return
    }
    #expect(fields.count == 6 && Set(fields.values.map(\.literal)) == ["\"a\"", "\"b\"", "\"c\"", "1", "2", "5"])
    #expect(fields["1"] != nil && fields["x"] == .int(5))
  }

  @Test(arguments: [
    (#"local s = set "a" s.x = 1"#, "lua.readonly"), (#"rawset(set "a", 1, "b")"#, "lua.readonly"),
    (#"set { names = "a" }"#, "set.type"), (#"set { "a", 7 }"#, "set.type"), (#"set { "a", b = "c" }"#, "set.type"),
    ("set(7)", "set.type"), (#"return set "a" | 7"#, "set.type"), (#"return opsh_set_fold("a")"#, "lua.undefined"),
  ])
  func `a set cannot be misused`(source: String, code: String) async throws {
    #expect(try await engine().failure(source)?.code == code)
  }
}
