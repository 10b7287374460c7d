import Cryptography

/// The SHA-256 digest of RFC 6234, for targets that know nothing but this one.
package struct SHA256: Sendable, Equatable {
  /// The 32 bytes of the digest.
  package let bytes: [UInt8]

  /// Hashes a message.
  package init(hashing message: some Sequence<UInt8>) { bytes = Digest.sha256(Array(message)) }

  /// The digest in 64 lower-case hexadecimal digits.
  package var hex: String { Digest.hexadecimal(bytes) }
}
