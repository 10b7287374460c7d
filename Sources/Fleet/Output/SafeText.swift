/// Bytes of a host as text that cannot command the terminal: control bytes and broken UTF-8 are shown as escapes.
package enum SafeText {
  /// The lines of an output, safe to print.
  package static func lines(_ bytes: [UInt8]) -> [String] { rawLines(bytes).map(line) }

  /// The lines of an output as bytes.
  ///
  /// A carriage return before a line end is dropped; a line end at the very end opens no further line.
  static func rawLines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    var parts = bytes.split(separator: 10, omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    return parts.map { $0.last == 13 ? $0.dropLast() : $0 }
  }

  /// One line; a tab stays, any other control character becomes `\x1b` or `\u{202e}`.
  package static func line(_ bytes: ArraySlice<UInt8>) -> String {
    var result = ""
    var rest = bytes
    while let first = rest.first {
      let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
      if let text = String(validating: rest.prefix(length), as: UTF8.self), let scalar = text.unicodeScalars.first {
        result += shown(scalar)
        rest = rest.dropFirst(length)
      } else {
        result += hex(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  private static func shown(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control where scalar == "\t": "\t"
    case .control where scalar.value < 0x80: hex(UInt8(scalar.value))
    // Format characters can turn the direction of the text around or hide some of it.
    case .control, .format, .lineSeparator, .paragraphSeparator: "\\u{\(String(scalar.value, radix: 16))}"
    default: String(scalar)
    }
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return "\\x\(digits.count == 1 ? "0" : "")\(digits)"
  }
}
