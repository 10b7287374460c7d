/// Finds the hashes that rows name texts by: whatever looks like a SHA-256 in hexadecimal digits.
///
/// Some of them name other things, which the table of texts then does not have.
enum TextReferences {
  /// The words of exactly 64 hexadecimal digits in a text.
  static func hashes(in text: String) -> Set<String> {
    var found: Set<String> = []
    collect(text, &found)
    return found
  }

  /// Adds the hashes in the texts among these values.
  static func collect(_ row: [DatabaseValue], _ found: inout Set<String>) {
    for case .text(let text) in row { collect(text, &found) }
  }

  private static func collect(_ text: String, _ found: inout Set<String>) {
    eachHash(in: text) { bytes, hash in found.insert(String(decoding: bytes[hash], as: UTF8.self)) }
  }

  /// Calls the body with all bytes and the place of each hash.
  private static func eachHash(in text: String, _ body: (UnsafeBufferPointer<UInt8>, Range<Int>) -> Void) {
    var text = text
    text.withUTF8 { bytes in
      var start = 0
      for index in 0...bytes.count where index == bytes.count || !isDigit(bytes[index]) {
        if index - start == 64 { body(bytes, start..<index) }
        start = index + 1
      }
    }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}

extension TextReferences {
  /// The hashes that certainly name texts: those of interned texts, `"#…"`.
  static func interned(in json: String) -> Set<String> {
    var found: Set<String> = []
    let quote = UInt8(ascii: "\"")
    eachHash(in: json) { bytes, hash in
      guard hash.lowerBound >= 2, hash.upperBound < bytes.count, bytes[hash.upperBound] == quote,
        bytes[hash.lowerBound - 1] == UInt8(ascii: "#"), bytes[hash.lowerBound - 2] == quote
      else { return }
      found.insert(String(decoding: bytes[hash], as: UTF8.self))
    }
    return found
  }
}
