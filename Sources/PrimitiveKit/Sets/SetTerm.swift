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
