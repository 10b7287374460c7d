import PrimitiveKit

extension JSONReader {
  /// The string whose quote comes next.
  mutating func string() throws(JSONProblem) -> String {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let string = String(validating: text, as: UTF8.self) else {
          throw problem("a string that is not UTF-8", hint: "convert the text with `iconv`", at: start)
        }
        return string
      case UInt8(ascii: "\\"): try escape(into: &text)
      case 0..<32:
        throw problem(
          byte == 10 || byte == 13 ? "a string that does not end on its line" : "a control character in a string",
          hint: #"JSON writes it as an escape such as \n"#,
          at: byte == 10 || byte == 13 ? start : position
        )
      default:
        text.append(byte)
        position += 1
      }
    }
    throw problem("a string that does not end", at: start)
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONProblem) {
    let start = position
    position += 1
    let byte = next
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte ?? 0)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"): text += try unicode(from: start)
    default:
      position = min(position, bytes.count)
      throw problem("an escape that JSON does not have", hint: #"it has \" \\ \/ \b \f \n \r \t \uXXXX"#, at: start)
    }
  }

  private mutating func unicode(from start: Int) throws(JSONProblem) -> [UInt8] {
    var code = try hexadecimal(from: start)
    if (0xD800...0xDBFF).contains(code) {
      guard take("\\u") else { throw problem("half of a surrogate pair", at: start) }
      let low = try hexadecimal(from: start)
      guard (0xDC00...0xDFFF).contains(low) else { throw problem("half of a surrogate pair", at: start) }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw problem("half of a surrogate pair", at: start) }
    return Array(String(Character(scalar)).utf8)
  }

  private mutating func hexadecimal(from start: Int) throws(JSONProblem) -> UInt32 {
    let digits = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, digits.utf8.allSatisfy(JSONReader.isHexadecimal), let code = UInt32(digits, radix: 16)
    else { throw problem(#"\u without four hexadecimal digits"#, at: start) }
    position += 4
    return code
  }

  // UInt32(_:radix:) takes a sign, too.
  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...70).contains(byte) || (97...102).contains(byte)
  }
}
