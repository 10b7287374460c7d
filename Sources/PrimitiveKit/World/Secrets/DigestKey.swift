/// Makes digests that tell nothing to whoever lacks the key: a short value cannot be found by trying all of them.
package struct DigestKey: Sendable {
  private let inner: [UInt8]
  private let outer: [UInt8]

  /// `bytes` are secret and random, 32 of them.
  package init(_ bytes: [UInt8]) {
    // RFC 2104; 64 is the size of a block of SHA-256.
    let key = bytes.count > 64 ? SHA256(hashing: bytes).bytes : bytes
    let block = key + [UInt8](repeating: 0, count: 64 - key.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5c }
  }

  /// HMAC-SHA-256 of a message, all 32 bytes.
  package func code(of message: some Sequence<UInt8>) -> [UInt8] {
    SHA256(hashing: outer + SHA256(hashing: inner + message).bytes).bytes
  }

  /// The keyed digest of a content, from the hexadecimal digits of its SHA-256; what is keyed already stays as it is.
  package func keyed(_ sha256: String) -> String {
    sha256.hasPrefix(DigestKey.prefix) ? sha256 : text(of: "content\0\(sha256)".utf8)
  }

  /// The keyed digest of the value of a secret.
  package func digest(of value: some Sequence<UInt8>, named name: String) -> String {
    text(of: Array("secret\0\(name)\0".utf8) + value)
  }

  /// Tells two keys apart and reveals neither.
  package var id: String { text(of: "id".utf8) }

  private func text(of message: some Sequence<UInt8>) -> String {
    let digits = code(of: message).prefix(8).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }
    return DigestKey.prefix + digits.joined()
  }

  /// What keyed digests begin with, so that nobody takes one for a SHA-256.
  package static let prefix = "hmac:"
}
