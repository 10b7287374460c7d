extension LuaLexer {
  /// The number of a numeral: a decimal that is too large for an integer is a float, a hexadecimal one wraps.
  func numeral(_ range: Range<Int>) throws(LuaSyntaxError) -> LuaToken.Kind {
    let text = text(range)
    let isHex = text.hasPrefix("0x") || text.hasPrefix("0X")
    guard let kind = isHex ? LuaLexer.hexadecimal(text.dropFirst(2)) : LuaLexer.decimal(text) else {
      throw failure("malformed number", range)
    }
    return kind
  }

  private static func decimal(_ text: String) -> LuaToken.Kind? {
    let digits: Set<Character> = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
    if text.allSatisfy(digits.contains), let integer = Int64(text) { return .integer(integer) }
    guard isFloat(Substring(text), digits: digits, exponents: ["e", "E"]) else { return nil }
    return Double(text).map(LuaToken.Kind.number)
  }

  private static func hexadecimal(_ text: Substring) -> LuaToken.Kind? {
    let digits = Set("0123456789abcdefABCDEF")
    if !text.isEmpty, text.allSatisfy(digits.contains) {
      var value: UInt64 = 0
      for digit in text { value = value &* 16 &+ UInt64(digit.hexDigitValue ?? 0) }
      return .integer(Int64(bitPattern: value))
    }
    guard isFloat(text, digits: digits, exponents: ["p", "P"]) else { return nil }
    let exponent = text.contains { $0 == "p" || $0 == "P" } ? "" : "p0"
    return Double("0x\(text)\(exponent)").map(LuaToken.Kind.number)
  }

  // Digits with at most one point, then an exponent whose digits are decimal.
  private static func isFloat(_ text: Substring, digits: Set<Character>, exponents: Set<Character>) -> Bool {
    let mantissa = text.prefix { !exponents.contains($0) }
    let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, mantissa.count > parts.count - 1, parts.allSatisfy({ $0.allSatisfy(digits.contains) })
    else { return false }
    guard mantissa.count < text.count else { return true }
    var exponent = text.dropFirst(mantissa.count + 1)
    if let sign = exponent.first, sign == "+" || sign == "-" { exponent = exponent.dropFirst() }
    return !exponent.isEmpty && exponent.allSatisfy { ("0"..."9").contains($0) }
  }
}
