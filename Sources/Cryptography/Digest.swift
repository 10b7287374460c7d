import CCrypto

/// One-way digests of byte strings, computed by libcrypto.
package enum Digest {
  /// The SHA-256 digest: 32 bytes.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    CCrypto.SHA256(bytes, bytes.count, &digest)
    return digest
  }

  /// The keyed SHA-1 digest of RFC 2104: 20 bytes, as hashed known_hosts names use it.
  package static func hmacSHA1(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
    var length = UInt32(digest.count)
    HMAC(EVP_sha1(), key, Int32(key.count), bytes, bytes.count, &digest, &length)
    return digest
  }

  /// The bytes as lower-case hexadecimal digits.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// The library behind this module.
package enum Library {
  /// Readies libcrypto for a program with threads; true unless there is no memory.
  ///
  /// It must not clean up at exit: event loops may still be decrypting then (`man 3 OPENSSL_init_crypto`).
  package static let isReady = OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) == 1
}
