/// Writes pseudonyms where a recording must not hold what it read: the same text gets the same one in one recording.
///
/// They hide values from whoever looks at a recording, and no more: with the salt beside it, a short id can be found by
/// trying all of them.
package struct Masks: Sendable, Equatable {
  /// Whether values are kept as they are.
  package let keepsValues: Bool
  /// Kept with the recording, so that a replay finds what was asked about an id.
  package let salt: String

  package init(salt: String, keepsValues: Bool = false) {
    self.salt = salt
    self.keepsValues = keepsValues
  }

  /// The pseudonym of an id; that of a pseudonym is itself, so questions built from a replay's answers are found.
  package func id(_ text: String) -> String {
    if keepsValues || Masks.isPseudonym(text) { return text }
    return "id-" + digest("id", text).prefix(10)
  }

  /// The pseudonym of an amount: as many digits before and behind the point, the same sign, zero stays zero.
  ///
  /// What is no plain decimal stays as it is.
  package func amount(_ text: String) -> String {
    let digits = text.utf8.filter { (48...57).contains($0) }
    let isPlain = text.utf8.allSatisfy { (48...57).contains($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    guard !keepsValues, isPlain, digits.contains(where: { $0 != UInt8(ascii: "0") }) else { return text }
    var random = SplitMix64(seed: UInt64(digest("amount", text).prefix(15), radix: 16) ?? 0)
    var isFirst = true
    return String(
      text.map { character in
        guard character.isNumber else { return character }
        // The first digit is none: an amount keeps its length.
        defer { isFirst = false }
        return Character(String(UInt64.random(in: (isFirst ? 1 : 0)...9, using: &random)))
      }
    )
  }

  private static func isPseudonym(_ text: String) -> Bool {
    text.hasPrefix("id-") && text.count == 13 && text.dropFirst(3).allSatisfy(\.isHexDigit)
  }

  private func digest(_ kind: String, _ text: String) -> String {
    SHA256(hashing: "\(salt) \(kind) \(text)".utf8).hex
  }
}
