import Foundation
import PrimitiveKit
import Testing

struct UnknownTests {
  private let unknown = Unknown(why: "it did not run", origin: "exec")

  @Test func `an unknown value survives JSON`() throws {
    let value = Value.table(["a": .array([.unknown(unknown), .int(1)]), "b": .table(["$unknown": .int(1)])])
    let text = try JSONEncoder().encode(value)
    #expect(try JSONDecoder().decode(Value.self, from: text) == value)
    #expect(
      String(decoding: try JSONEncoder().encode(["a": Value.unknown(unknown)]), as: UTF8.self).contains(
        #"{"$unknown":{"#
      )
    )
  }

  @Test func `it says that it is unknown, and why`() {
    #expect(Value.unknown(unknown).typeName == "unknown")
    #expect(Value.array([.unknown(unknown)]).literal == "{ unknown (it did not run) }")
    #expect(Value.table(["x": .array([.null, .unknown(unknown)])]).firstUnknown == unknown)
    #expect(Value.table(["x": .array([.null])]).firstUnknown == nil)
  }
}
