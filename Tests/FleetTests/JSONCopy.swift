import Foundation

/// What comes back when a value is written as JSON and read again.
enum JSONCopy {
  static func of<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }
}

/// Something was not as the test expected.
struct Unexpected: Error {
  let what: String
  init(_ what: String) { self.what = what }
}
