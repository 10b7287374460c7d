extension Int {
  /// The number with its noun, in the plural where it is not 1: `1 host`, `3 hosts`.
  func counted(_ noun: String) -> String { "\(self) \(self == 1 ? noun : noun + "s")" }
}

extension String {
  /// The text, cut with an ellipsis when it is longer than `limit`; a list is cut between its elements.
  func clipped(to limit: Int) -> String {
    guard count > limit else { return self }
    let kept = prefix(limit - 2)
    let end = kept.lastIndex(of: ",") ?? kept.endIndex
    return kept[..<end] + (end == kept.endIndex ? "…" : ",…")
  }
}
