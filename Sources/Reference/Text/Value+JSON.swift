import Foundations
package import PrimitiveKit

import struct Foundation.Data

extension Value {
  /// The value as one line of strict JSON (RFC 8259), keys in alphabetical order.
  ///
  /// What JSON lacks: bytes that are not UTF-8 become `{"base64": …}`, NaN and the infinities become null.
  package var json: String { jsonText.text(.unprintable) }

  /// An object whose fields keep the given order.
  package static func json(_ fields: [(String, Value)]) -> String {
    JSONText.fields(fields.map { ($0, $1.jsonText) }).text(.unprintable)
  }

  private var jsonText: JSONText {
    switch self {
    case .null, .jsonNull: .null
    case .bool(let bool): .bool(bool)
    case .int(let int): .int(Int64(int))
    case .number(let number): .number(number)
    case .string(let string): .string(string)
    case .bytes(let bytes): .object(["base64": .string(Data(bytes).base64EncodedString())])
    case .unknown(let unknown):
      .object(["$unknown": .fields([("why", .string(unknown.why)), ("origin", .string(unknown.origin))])])
    case .set(let text): .string(text)
    case .handle(let handle): .string(handle.name)
    case .secret(let secret): .object(["$secret": .string(secret.name)])
    case .array(let values): .list(values.map(\.jsonText))
    case .table(let fields): .object(fields.mapValues(\.jsonText))
    }
  }
}
