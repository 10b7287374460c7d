/// A version of a bot: its digest and where it is pulled from.
package struct Image: Hashable, Sendable {
  package let name: String
  package let digest: Digest
  /// A path or a URL.
  package let source: String

  package init(name: String, digest: Digest, source: String) {
    self.name = name
    self.digest = digest
    self.source = source
  }

  /// A SHA-256, written `sha256:` and 64 hexadecimal digits.
  package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 64 digits, in lower case.
    package let hex: String

    /// Reads `sha256:…`; nil for any other form.
    package init?(_ text: String) {
      guard text.hasPrefix("sha256:") else { return nil }
      let hex = text.dropFirst("sha256:".count)
      guard hex.utf8.count == 64, hex.utf8.allSatisfy(Digest.isHex) else { return nil }
      self.hex = hex.lowercased()
    }

    package var description: String { "sha256:\(hex)" }

    private static func isHex(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
        UInt8(ascii: "A")...UInt8(ascii: "F"):
        true
      default: false
      }
    }
  }
}

extension Image {
  /// The hexadecimal digits of a digest that somebody gave instead of a name, all 64 or at least the first twelve.
  ///
  /// Nil when the text is no digest.
  static func digits(_ text: String) -> String? {
    let digits = (text.hasPrefix("sha256:") ? String(text.dropFirst("sha256:".count)) : text).lowercased()
    let isHex = digits.utf8.allSatisfy { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
    return isHex && (12...64).contains(digits.utf8.count) ? digits : nil
  }
}

/// An image as operations carry it.
package struct ImageReference: Codable, Sendable, Equatable {
  package let name: String
  /// `sha256:` and 64 hex digits.
  package let digest: String
  /// A path on the host or a URL; empty when the host must have it already.
  package let source: String

  /// The first twelve digits, as people compare them.
  package var shortDigest: String { String(digest.dropFirst("sha256:".count).prefix(12)) }
}

extension Image {
  /// The image as operations carry it.
  package var reference: ImageReference { ImageReference(name: name, digest: "\(digest)", source: source) }
}
