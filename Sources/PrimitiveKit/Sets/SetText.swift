/// The text of a set while it is read: bytes to scan, places for errors.
struct SetText {
  let text: String
  let bytes: [UInt8]

  init(_ text: String) {
    self.text = text
    bytes = Array(text.utf8)
  }

  func place(_ offset: Int) -> NameSetError.Place {
    NameSetError.Place(
      text: text,
      column: String(decoding: bytes[..<min(offset, bytes.count)], as: UTF8.self).count + 1
    )
  }

  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var from = range.lowerBound
    var to = range.upperBound
    while from < to, SetText.isSpace(bytes[from]) { from += 1 }
    while from < to, SetText.isSpace(bytes[to - 1]) { to -= 1 }
    return from..<to
  }

  func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }
}
