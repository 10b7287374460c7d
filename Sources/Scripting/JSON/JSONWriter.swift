import Foundations
package import PrimitiveKit

/// Writes values as JSON, exactly or not at all: what JSON lacks is refused, with the field that it is in.
package enum JSONWriter {
  /// The text, names in alphabetical order; throws `json.value`, and `call.cancelled` when it is stopped.
  package static func text(_ value: Value, isPretty: Bool = false) throws(CallFailure) -> String {
    let json = try convert(value, at: [], until: CallStop.current.isAsked)
    return isPretty ? json.indented : json.text
  }

  private static func convert(_ value: Value, at path: [String], until isOver: () -> Bool) throws(CallFailure)
    -> JSONText
  {
    if isOver() { throw .cancelled }
    switch value {
    case .null, .jsonNull: return .null
    case .bool(let bool): return .bool(bool)
    case .int(let int): return .int(Int64(int))
    case .number(let number):
      guard number.isFinite else { throw refusal(path, "is \(number), and JSON has no such number") }
      return .number(number)
    case .string(let string), .set(let string): return .string(string)
    case .handle(let handle): return .string(handle.name)
    case .bytes: throw refusal(path, "is not UTF-8 text", hint: "JSON is text; encode bytes as base64 or hex first")
    case .secret(let secret):
      throw refusal(path, "is \(secret)", hint: "a secret is opened only by the change that uses it")
    case .unknown(let unknown): throw unknown.failure("json.encode")
    case .array(let values):
      var items: [JSONText] = []
      for (index, value) in values.enumerated() {
        items.append(try convert(value, at: path + ["[\(index + 1)]"], until: isOver))
      }
      return .list(items)
    case .table(let fields):
      var items: [String: JSONText] = [:]
      for (name, value) in fields { items[name] = try convert(value, at: path + [".\(name)"], until: isOver) }
      return .object(items)
    }
  }

  private static func refusal(_ path: [String], _ what: String, hint: String? = nil) -> CallFailure {
    let place = path.joined()
    return CallFailure(.invalid, code: "json.value", message: "json.encode: value\(place) \(what)", hint: hint)
  }
}
