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
