/// The text under edit and where the cursor stands in it.
///
/// Positions count Unicode scalars, as libedit does.
struct Entry: Equatable {
  var scalars: [Unicode.Scalar]
  var cursor: Int

  init(_ text: String, cursor: Int? = nil) {
    scalars = Array(text.unicodeScalars)
    self.cursor = cursor ?? scalars.count
  }

  init(scalars: [Unicode.Scalar], cursor: Int) {
    self.scalars = scalars
    self.cursor = cursor
  }

  var text: String { String(String.UnicodeScalarView(scalars)) }
  var textBeforeCursor: String { String(String.UnicodeScalarView(scalars[..<cursor])) }
  var spansLines: Bool { scalars.contains("\n") }

  /// Where the cursor's line begins.
  var lineStart: Int { (scalars[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
  /// Where the cursor's line ends, before its newline.
  var lineEnd: Int { scalars[cursor...].firstIndex(of: "\n") ?? scalars.count }

  /// The cursor one line higher in the same column, or nil on the first line.
  func up() -> Int? {
    let start = lineStart
    guard start > 0 else { return nil }
    let aboveStart = (scalars[..<(start - 1)].lastIndex(of: "\n") ?? -1) + 1
    return min(aboveStart + cursor - start, start - 1)
  }

  /// The cursor one line lower in the same column, or nil on the last line.
  func down() -> Int? {
    let end = lineEnd
    guard end < scalars.count else { return nil }
    let belowEnd = scalars[(end + 1)...].firstIndex(of: "\n") ?? scalars.count
    return min(end + 1 + cursor - lineStart, belowEnd)
  }

  mutating func replace(_ range: Range<Int>, with text: String) {
    let inserted = Array(text.unicodeScalars)
    scalars.replaceSubrange(range, with: inserted)
    cursor = range.lowerBound + inserted.count
  }

  mutating func insert(_ text: String) { replace(cursor..<cursor, with: text) }

  /// The scalar position of an offset into the UTF-8 text, clamped into the text.
  func position(ofUTF8 offset: Int) -> Int {
    var bytes = 0
    for (index, scalar) in scalars.enumerated() {
      if bytes >= offset { return index }
      bytes += UTF8.width(scalar)
    }
    return scalars.count
  }
}
