import PrimitiveKit

extension JSONReader {
  mutating func number() throws(JSONProblem) -> Value {
    let start = position
    if next == UInt8(ascii: "-") { position += 1 }
    let whole = try digits("a digit")
    guard whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      throw problem("a number with a leading zero", hint: "JSON writes it without, or as a string", at: start)
    }
    var isWhole = true
    if take(".") {
      isWhole = false
      _ = try digits("a digit after the point")
    }
    if take("e") || take("E") {
      isWhole = false
      if !take("+") { _ = take("-") }
      _ = try digits("a digit of the exponent")
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    switch numbers {
    case .text: return .string(text)
    case .exact:
      // Minus zero is a double's.
      if isWhole, text != "-0" {
        guard let int = Int(text) else {
          throw problem(
            "\(text.prefix(40)) does not fit into a 64-bit integer",
            hint: #"decode with numbers = "text", which keeps each number as its text"#,
            at: start
          )
        }
        return .int(int)
      }
      guard let number = Double(text), number.isFinite else {
        throw problem("\(text.prefix(40)) is too large for a number", at: start)
      }
      return .number(number)
    }
  }

  private mutating func digits(_ expected: String) throws(JSONProblem) -> Int {
    let start = position
    while let byte = next, (48...57).contains(byte) { position += 1 }
    guard position > start else { throw problem("expected \(expected), found \(found)") }
    return position - start
  }
}
