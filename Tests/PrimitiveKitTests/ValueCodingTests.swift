import Foundation
import PrimitiveKit
import Testing

struct ValueCodingTests {
  private static let values: [Value] = [
    .null, .bool(false), .int(0), .int(.max), .int(.min), .number(0.1), .number(2), .number(-0.0), .number(.infinity),
    .number(1e300), .string(""), .string("a\0ü\u{1F600}\n/\\\""), .bytes([0, 255]), .array([]), .table([:]),
    .jsonNull, .table(["$null": .bool(true)]), .array([.jsonNull, .array([]), .table([:]), .null]),
    .table(["a": .table(["b": .array([.int(1)])])]),
    .table(["$number": .string("5")]), .table(["$table": .table(["$bytes": .null])]),
    .table(["$x": .int(1), "y": .int(2)]),
    .unknown(Unknown(why: "not done", origin: "fleet.exec.code")),
  ]

  @Test(arguments: values)
  func `a value comes back as it was`(_ value: Value) throws {
    let coding = OperationCoding()
    let text = try coding.encode(value)
    let back = try coding.decode(Value.self, from: text)
    #expect(back == value)
    #expect(try coding.encode(back) == text)
  }

  @Test func `not a number comes back as that`() throws {
    let coding = OperationCoding()
    guard case .number(let number) = try coding.decode(Value.self, from: try coding.encode(Value.number(.nan))) else {
      Issue.record("no number")
      return
    }
    #expect(number.isNaN)
  }

  @Test func `random values come back as they were`() throws {
    var dice = SplitMix64(seed: 11)
    let coding = OperationCoding()
    for _ in 0..<500 {
      let value = ValueCodingTests.random(&dice, depth: 3)
      #expect(try coding.decode(Value.self, from: try coding.encode(value)) == value)
    }
  }

  private static func random(_ dice: inout SplitMix64, depth: Int) -> Value {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &dice) {
    case 0: return .null
    case 1: return .bool(.random(using: &dice))
    case 2: return .int(.random(in: .min ... .max, using: &dice))
    case 3: return .number(.random(in: -1e9...1e9, using: &dice))
    case 4: return .string(["$", "$number", "a b", "\u{7}", "é"].randomElement(using: &dice) ?? "")
    case 5: return .bytes([.random(in: 0...255, using: &dice), 254])
    case 6: return .array((0..<Int.random(in: 0...3, using: &dice)).map { _ in random(&dice, depth: depth - 1) })
    default:
      var fields: [String: Value] = [:]
      for _ in 0..<Int.random(in: 0...3, using: &dice) {
        fields[["$bytes", "$table", "a", "$unknown"].randomElement(using: &dice) ?? "b"] = random(
          &dice,
          depth: depth - 1
        )
      }
      return .table(fields)
    }
  }
}
