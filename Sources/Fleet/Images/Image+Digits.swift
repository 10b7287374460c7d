extension Image {
  /// The hexadecimal digits of a digest that somebody gave instead of a name, all 64 or at least the first twelve.
  ///
  /// Nil when the text is no digest.
  static func digits(_ text: String) -> String? {
    let digits = (text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text).lowercased()
    let isHex = digits.utf8.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
    return isHex && (12...64).contains(digits.utf8.count) ? digits : nil
  }
}
