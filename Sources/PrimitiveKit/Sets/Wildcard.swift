/// A pattern in which `*` stands for any text and `?` for one character.
package struct Wildcard: Sendable {
  private let mask: [Unicode.Scalar]

  package init(_ mask: String) {
    self.mask = Array(mask.unicodeScalars)
  }

  /// Whether the whole name fits the pattern.
  package func matches(_ name: String) -> Bool {
    let name = Array(name.unicodeScalars)
    var position = 0
    var at = 0
    var retry: (mask: Int, name: Int)?
    while at < name.count {
      if position < mask.count, mask[position] == "*" {
        retry = (position + 1, at)
        position += 1
      } else if position < mask.count, mask[position] == "?" || mask[position] == name[at] {
        position += 1
        at += 1
      } else if let (mask, start) = retry {
        // Give the last star one more character.
        retry = (mask, start + 1)
        position = mask
        at = start + 1
      } else {
        return false
      }
    }
    return mask[position...].allSatisfy { $0 == "*" }
  }
}
