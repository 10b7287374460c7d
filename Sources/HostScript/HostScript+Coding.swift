import PrimitiveKit

extension HostScript {
  private enum CodingKeys: String, CodingKey { case sha256, text }

  /// Reads a script, whose text the coder's `TextStore` holds where the coding does not.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let hash = try container.decode(String.self, forKey: .sha256)
    let store = decoder.userInfo[.textStore] as? TextStore
    guard let text = try container.decodeIfPresent(String.self, forKey: .text) ?? store?.text(hash) else {
      throw InternedText.missing(hash, decoder)
    }
    self.init(text: text, sha256: hash)
  }

  /// Writes the hash; the text goes to the coder's `TextStore`, or along without one.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let store = encoder.userInfo[.textStore] as? TextStore {
      try container.encode(store.intern(text), forKey: .sha256)
    } else {
      try container.encode(sha256, forKey: .sha256)
      try container.encode(text, forKey: .text)
    }
  }
}
