/// A text inside an operation that a journal keeps only once, however many operations hold it.
///
/// With a `TextStore` in `userInfo[.textStore]`, a text of more than 128 bytes is written as `#` and its SHA-256; without
/// one, and when it is short, as `=` and the text.
package struct InternedText: Sendable, Equatable, Codable {
  package let text: String

  package init(_ text: String) { self.text = text }

  package init(from decoder: any Decoder) throws {
    let word = try decoder.singleValueContainer().decode(String.self)
    let rest = String(word.dropFirst())
    switch word.first {
    case "=": text = rest
    case "#":
      guard let found = (decoder.userInfo[.textStore] as? TextStore)?.text(rest) else {
        throw InternedText.missing(rest, decoder)
      }
      text = found
    default:
      let context = DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "neither a text nor a hash")
      throw DecodingError.dataCorrupted(context)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let store = encoder.userInfo[.textStore] as? TextStore, text.utf8.count > InternedText.limit {
      try container.encode("#" + store.intern(text))
    } else {
      try container.encode("=" + text)
    }
  }

  /// The failure to find a text that a coder's store should have.
  package static func missing(_ hash: String, _ decoder: any Decoder) -> DecodingError {
    let words = "the journal has no text with the SHA-256 \(hash)"
    return .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: words))
  }

  /// Bytes; a hash is half as long.
  private static var limit: Int { 128 }
}
