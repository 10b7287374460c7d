package import PrimitiveKit

extension Value {
  /// The value as one line of strict JSON (RFC 8259), keys in alphabetical order.
  ///
  /// What JSON lacks: bytes that are not UTF-8 become `{"base64": …}`, NaN and the infinities become null.
  package var json: String {
    var text = ""
    JSONText.write(self, to: &text)
    return text
  }
}

/// Writes JSON without Foundation, whose encoder costs more at start than a whole `opsh -e ''`.
package enum JSONText {
  /// An object whose fields keep the given order.
  package static func object(_ fields: [(String, Value)]) -> String {
    var text = "{"
    for (index, field) in fields.enumerated() {
      if index > 0 { text += "," }
      write(string: field.0, to: &text)
      text += ":"
      write(field.1, to: &text)
    }
    return text + "}"
  }

  static func write(_ value: Value, to text: inout String) {
    switch value {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .int(let int): text += String(int)
    case .number(let number): text += number.isFinite ? "\(number)" : "null"
    case .string(let string): write(string: string, to: &text)
    case .bytes(let bytes): text += "{\"base64\":\"\(base64(bytes))\"}"
    case .unknown(let unknown):
      text += "{\"$unknown\":"
      text += object([("why", .string(unknown.why)), ("origin", .string(unknown.origin))])
      text += "}"
    case .array(let values):
      text += "["
      for (index, element) in values.enumerated() {
        if index > 0 { text += "," }
        write(element, to: &text)
      }
      text += "]"
    case .table(let fields): text += object(fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }
  }

  private static func write(string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      // U+2028 and U+2029 end a line in JavaScript, DEL and C1 disturb terminals.
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for digit in 0..<4 {
        text.append(digit <= group.count ? alphabet[bits >> (18 - 6 * digit) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
