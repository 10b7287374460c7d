/// One term of a set, as scanned: names by pattern and numbers, or a tag.
struct SetTerm {
  enum Content {
    case names(NamePattern, IndexBoxes.Box)
    case tag(key: String, value: String)
  }

  let operation: SetOperator
  /// Where the term stands in the text.
  let range: Range<Int>
  let content: Content
  /// A single word without brackets, which may be the bare name of a group.
  let isWord: Bool
}

/// The operators between the terms of a set, applied from left to right.
enum SetOperator: UInt8 {
  case union = 0x2C  // ,
  case difference = 0x21  // !
  case intersection = 0x26  // &
  case symmetricDifference = 0x5E  // ^

  var symbol: String { String(UnicodeScalar(rawValue)) }
}
