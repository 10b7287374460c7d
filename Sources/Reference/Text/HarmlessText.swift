extension String {
  /// The text without what could command a terminal: control characters but line ends and tabs are shown as escapes.
  package var harmless: String {
    if utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }) { return self }
    return unicodeScalars.reduce(into: "") { $0 += String.shown($1) }
  }

  private static func shown(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    switch scalar.properties.generalCategory {
    case .control where scalar == "\n" || scalar == "\t": return String(scalar)
    case .control where scalar.value < 0x80: return "\\x\(digits.count == 1 ? "0" : "")\(digits)"
    // Format characters can turn the direction of the text around; a joiner only makes one sign of several.
    case .format where scalar.value == 0x200D: return String(scalar)
    case .control, .format, .lineSeparator, .paragraphSeparator: return "\\u{\(digits)}"
    default: return String(scalar)
    }
  }
}
