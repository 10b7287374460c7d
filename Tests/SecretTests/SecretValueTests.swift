import PrimitiveKit
import Scripting
import SecretPrimitives
import Testing

/// What a script can do with a secret: name it, and nothing else.
@Suite(.timeLimit(.minutes(1)))
struct SecretValueTests {
  private let safe: Safe

  init() throws {
    safe = try Safe(["pager": .table(["env": "PAGER".value]), "other": .table(["env": "OTHER".value])])
  }

  @Test(arguments: [
    #"return tostring(secret "pager")"#, #"return string.format("%s", secret "pager")"#,
    #"local s <const> = secret("pager") return tostring(s)"#,
  ])
  func `it prints as its name`(code: String) async throws {
    #expect(try await safe.run(code) == [.string("‹secret pager›")])
  }

  @Test(arguments: [
    #"return secret "pager" .. """#, #"return "" .. secret "pager""#, #"return #secret "pager""#,
    #"return secret "pager" < secret "other""#, #"return secret "pager" <= secret "pager""#,
    #"return secret "pager" < "x""#, #"return (secret "pager").value"#, #"return (secret "pager")[1]"#,
    #"local s = secret "pager" s.x = 1"#, #"return -secret "pager""#, #"return secret "pager" + 1"#,
    #"return secret "pager" & 1"#, #"return (secret "pager")()"#, #"for _ in pairs(secret "pager") do end"#,
    #"return rawlen(secret "pager")"#, #"return rawget(secret "pager", 1)"#, #"return next(secret "pager")"#,
    #"return table.concat({ secret "pager" })"#, #"return string.len(secret "pager")"#,
    #"return string.byte(secret "pager")"#, #"return (secret "pager"):sub(1)"#,
    #"return string.rep(secret "pager", 2)"#,
    #"return tonumber(secret "pager") + 0"#, #"return table.unpack(secret "pager")"#,
    #"return setmetatable(secret "pager", {})"#, #"return json.encode(secret "pager")"#,
    #"return json.encode({ a = { secret "pager" } })"#, #"return load(secret "pager")"#,
    #"return string.pack("z", secret "pager")"#, #"return utf8.len(secret "pager")"#,
    #"return select(secret "pager", 1)"#,
  ])
  func `nothing orders, joins, measures, indexes, calls or writes it`(code: String) async throws {
    await #expect(throws: CallFailure.self, "\(code)") { try await safe.run(code, with: JSONPrimitives.all) }
  }

  @Test func `it equals itself alone`() async throws {
    let code = #"""
      local a, b = secret "pager", secret "pager"
      local keys = { [a] = 1 }
      return a == b, rawequal(a, b), keys[b], a == secret "other", a == "pager", a == "‹secret pager›", a ~= nil
      """#
    #expect(
      try await safe.run(code)
        == [.bool(true), .bool(true), .int(1), .bool(false), .bool(false), .bool(false), .bool(true)]
    )
  }

  @Test func `it crosses as itself, in tables too, and its metatable stays hidden`() async throws {
    let code = #"return secret "pager", { a = { secret "other" } }, getmetatable(secret "pager")"#
    #expect(
      try await safe.run(code)
        == [
          .secret(Secret("pager")), .table(["a": .array([.secret(Secret("other"))])]), .string("opsh.secret"),
        ]
    )
  }

  @Test func `a name that the site does not have is refused with the nearest`() async throws {
    let failure = await #expect(throws: CallFailure.self) { try await safe.run(#"return secret "pagr""#) }
    #expect(failure?.code == "secret.unknown" && failure?.message == "no secret is called 'pagr'")
    #expect(failure?.hint == "did you mean 'pager'?")
  }

  @Test func `a parameter that wants a text refuses it`() async throws {
    let take = Primitive(
      "take",
      "Takes a text.",
      effect: .reads,
      Parameter<String>("text", "A text"),
      returns: "The text",
      examples: []
    ) { (text: String) async throws(CallFailure) in text }
    let failure = await #expect(throws: CallFailure.self) {
      try await safe.run(#"return take(secret "pager")"#, with: [take])
    }
    #expect(failure?.message == "take: 'text' should be a string, got secret")
  }

  @Test func `a journal and JSON for programs hold its name`() throws {
    let value = Value.table(["a": .secret(Secret("pager"))])
    #expect(try Value(encoding: value).decoded(as: Value.self) == value)
    #expect(try OperationCoding().encode(value) == #"{"a":{"$secret":"pager"}}"#)
    #expect(value.literal == "{ a = ‹secret pager› }")
  }
}
