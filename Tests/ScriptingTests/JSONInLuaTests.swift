import LuaRuntime
import PrimitiveKit
import Scripting
import Testing

struct JSONInLuaTests {
  private func run(_ code: String, tracing: Bool = false, with more: [Primitive] = []) async throws -> [Value] {
    let engine = try LuaEngine(catalog: try Catalog(JSONPrimitives.all + more))
    return try await engine.run(code, name: "=test", kind: .script, tracing: tracing)
  }

  @Test(arguments: [
    (
      #"return json.encode(json.decode('{"a":[],"b":{},"c":null,"d":[null,1.0,2]}'))"#,
      #"{"a":[],"b":{},"c":null,"d":[null,1.0,2]}"#
    ),
    ("return json.encode {}", "{}"), ("return json.encode(json.array {})", "[]"),
    ("return json.encode(json.array())", "[]"),
    ("return json.encode { value = 1, pretty = true }", #"{"pretty":true,"value":1}"#),
    ("return json.encode({ 1 }, { pretty = true })", "[\n  1\n]"), ("return json.encode(json.array { 1, 2 })", "[1,2]"),
    ("return json.encode()", "null"), ("return json.encode { a = json.null }", #"{"a":null}"#),
    ("return tostring(json.null)", "json.null"),
    ("return json.encode(json.decode '9223372036854775807' - 1)", "9223372036854775806"),
    ("local list = json.decode '[]' list[1] = 5 return json.encode(list)", "[5]"),
    ("local list = json.decode '[]' list.a = 5 return json.encode(list)", #"{"a":5}"#),
    ("local list = json.decode '[]' return json.encode(setmetatable(list, {}))", "{}"),
    ("return tostring(getmetatable(json.decode '[]'))", "nil"), ("return tostring(#json.decode '[]')", "0"),
    ("return math.type(json.decode '1'), math.type(json.decode '1.0')", "integer"),
    ("return json.decode('0.10', 'text')", "0.10"), ("return json.decode{ text = '1.50', numbers = 'text' }", "1.50"),
    (#"return json.decode('"\\u0000\\u00e9"')"#, "\0é"),
  ])
  func `values survive the way through Lua`(code: String, text: String) async throws {
    #expect(try await run(code).first == .string(text))
  }

  @Test func `json null is itself everywhere and no false`() async throws {
    let code = "local a = json.decode '[null]'[1] return a == json.null, a and 1, type(a), a ~= nil"
    #expect(try await run(code) == [.bool(true), .int(1), .string("userdata"), .bool(true)])
    #expect(try await run("return { a = json.null }") == [.table(["a": .jsonNull])])
  }

  @Test(arguments: [
    ("json.encode { f = print }", "json.encode: argument 1.f is a function, which is not data"),
    ("json.encode { 1, a = 2 }", "json.encode: argument 1 mixes a list with named fields"),
    ("json.encode { 0/0 }", "json.encode: value[1] is"),
    ("json.decode(5)", "json.decode: 'text' should be a string, got 5"),
    ("json.decode('1', 'exakt')", #"json.decode: 'numbers' should be "exact" or "text", got "exakt""#),
    ("json.decode(('['):rep(100000))", "not JSON: line 1, column 65: nested more than 64 levels deep"),
    ("json.decode '{\"a\":1,\"a\":2}'", #"not JSON: line 1, column 8: the name "a" is twice in one object"#),
    ("local t = {} for _ = 1, 70 do t = { t } end json.encode(t)", "is nested more than 64 levels deep"),
    ("json.null.x = 1", "attempt to index a userdata value (field 'null')"), ("json.nul()", "json has no 'nul'"),
    ("json.null = 1", "'json' is part of opsh and cannot be changed"),
  ])
  func `a mistake says what is wrong`(code: String, message: String) async throws {
    let failure = try await #require(throws: CallFailure.self) { try await run(code) }
    #expect(failure.message.contains(message), "\(failure.message)")
  }

  @Test func `an empty list of a primitive is a list, in JSON and when it comes back`() async throws {
    let hosts = Primitive(immediate: "hosts", "None.", returns: "none", examples: []) { () -> [String] in [] }
    #expect(try await run("return json.encode { hosts = hosts() }", with: [hosts]) == [.string(#"{"hosts":[]}"#)])
    #expect(try await run("return hosts()", with: [hosts]) == [.array([])])
  }

  @Test func `what a dry run does not know stays unknown`() async throws {
    let query = Primitive("query", "Asks.", effect: .reads, returns: "", examples: []) {
      () async -> Value in .unknown(Unknown(why: "it has not run", origin: "query"))
    }
    let values = try await run("return json.decode(query()), json.encode { a = query() }", tracing: true, with: [query])
    #expect(
      values == [
        .unknown(Unknown(why: "it has not run", origin: "json.decode(query)")),
        .unknown(Unknown(why: "it has not run", origin: "json.encode(query)")),
      ]
    )
  }
}
