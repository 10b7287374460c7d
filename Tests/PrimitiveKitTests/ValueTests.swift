import PrimitiveKit
import Testing

struct ValueTests {
  @Test(arguments: [
    (Value.string("a\"b\\c\n\u{1}"), #""a\"b\\c\n\001""#),
    (.table(["b": .int(1), "a b": .null]), #"{ ["a b"] = nil, b = 1 }"#),
    (.array([.bool(true), .number(1.5)]), "{ true, 1.5 }"),
    (.table([:]), "{}"),
  ])
  func `a literal is Lua source`(value: Value, literal: String) {
    #expect(value.literal == literal)
  }

  @Test func `a missing field is null`() {
    #expect(Value.table(["a": .int(1)])["b"] == .null)
    #expect(Value.int(1)["b"] == .null)
  }
}
