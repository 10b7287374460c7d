import PrimitiveKit

/// The address of a request, as a script gives it.
struct WebAddress: ValueConvertible {
  let address: HTTPAddress

  static var luaType: String { "string" }

  init(_ value: Value) throws(ConversionError) {
    // What is wrong with it is said without it: it may hold a secret.
    guard case .string(let text) = value else {
      throw ConversionError(expected: "an address such as \"https://desk.example/health\"", found: value)
    }
    address = try HTTPAddress(text)
  }

  var value: Value { .string(address.shown) }
}

/// Headers of a request, by name.
struct WebHeaders: ValueConvertible {
  let headers: [HTTPHeader]

  static var luaType: String { "table<string, string>" }

  init() { headers = [] }

  init(_ value: Value) throws(ConversionError) {
    var headers: [HTTPHeader] = []
    switch value {
    case .table(let fields):
      for (name, field) in fields.sorted(by: { $0.key < $1.key }) {
        headers.append(try HTTPHeader(name, try WebHeaders.value(field, of: name)))
      }
    case .array(let items) where items.isEmpty: break
    default:
      throw ConversionError(expected: #"a table of texts such as { Accept = "text/plain" }"#, found: value)
    }
    self.headers = headers
  }

  /// A value without what it is: an error must not repeat it.
  private static func value(_ field: Value, of name: String) throws(ConversionError) -> HTTPHeaderValue {
    switch field {
    case .string(let text): return .text(text)
    case .int(let number): return .text("\(number)")
    default:
      var error = ConversionError(expected: "a table of texts", found: .null)
      error.found = "a \(field.typeName) for '\(name)'"
      throw error
    }
  }

  var value: Value { .table(Dictionary(headers.map { ($0.name, .string("…")) }, uniquingKeysWith: { $1 })) }
}

/// Where a look-up asks after a change: an address with `{key}` in it.
struct LookUpAddress: ValueConvertible {
  let text: String

  static var luaType: String { "string" }

  init(_ value: Value) throws(ConversionError) {
    guard case .string(let text) = value else {
      throw ConversionError(expected: "an address such as \"https://desk.example/deposits/{key}\"", found: value)
    }
    _ = try HTTPAddress(text)
    self.text = text
  }

  /// Where this change is looked up.
  func address(of key: String) throws(ConversionError) -> HTTPAddress {
    try HTTPAddress(text.replacing("{key}", with: key))
  }

  var value: Value { .string((try? HTTPAddress(text))?.shown ?? "") }
}

/// A whole number within bounds.
enum Bounds {
  static func check(_ number: Int, _ name: String, _ range: ClosedRange<Int>, of call: String) throws(CallFailure) {
    guard !range.contains(number) else { return }
    throw CallFailure(
      .invalid,
      code: "call.argument",
      message: "\(call): '\(name)' should be \(range.lowerBound) to \(range.upperBound), got \(number)"
    )
  }
}
