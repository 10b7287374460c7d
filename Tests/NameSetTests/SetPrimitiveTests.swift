import PrimitiveKit
import Testing

struct SetPrimitiveTests {
  private func call(_ name: String, _ arguments: Value...) async throws(CallFailure) -> Value {
    let catalog = try Catalog(SetPrimitives.all { LabResolver() })
    guard let primitive = catalog[name] else { throw CallFailure(.failed, code: "test.missing", message: name) }
    return try await primitive.call(arguments)
  }

  @Test func `a set is folded, listed, counted and asked`() async throws {
    #expect(try await call("opsh_set_fold", .string("web2,web1,@rack1")) == .string("rack1node[1-2],web[1-2]"))
    #expect(try await call("opsh_set_expand", .string("bot[9-10]")) == .array([.string("bot9"), .string("bot10")]))
    #expect(try await call("opsh_set_count", .string("bot[1-534]")) == .int(534))
    #expect(try await call("opsh_set_contains", .string("bot[1-9]"), .string("bot3")) == .bool(true))
    #expect(try await call("opsh_set_contains", .string("bot[1-9]"), .string("bot10")) == .bool(false))
  }

  @Test(arguments: [("|", "a[1-4]"), ("-", "a1"), ("&", "a[2-3]"), ("~", "a[1,4]")])
  func `two sets combine`(symbol: String, folded: String) async throws {
    let result = try await call("opsh_set_combine", .string(symbol), .string("a[1-3]"), .string("a[2-4]"))
    #expect(result == .string(folded))
  }

  @Test(arguments: [("a[", "set.syntax"), ("@x", "set.unknown_group"), ("a[1-2000000]", "set.too_large")])
  func `a wrong set keeps its code`(text: String, code: String) async {
    let failure = await #expect(throws: CallFailure.self) { try await call("opsh_set_fold", .string(text)) }
    #expect(failure?.code == code)
  }

  @Test func `an argument that is a set is text or a list`() throws {
    #expect(try NameSet(.array([.string("a1"), .string("a[2-3]")])).value == .string("a[1-3]"))
    #expect(throws: ConversionError.self) { try NameSet(.int(5)) }
    #expect(throws: ConversionError.self) { try NameSet(.string("a[")) }
  }
}
