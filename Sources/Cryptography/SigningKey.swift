import CCrypto

/// A private key that signs.
///
/// `@unchecked Sendable`: the key is never changed after `init`, and libcrypto lets any number of threads sign with one
/// unchanging `EVP_PKEY`, each with a context of its own (`man 7 openssl-threads`).
package final class SigningKey: @unchecked Sendable {
  /// The digest that goes before an ECDSA or RSA signature.
  package enum Hash: Sendable {
    case sha256, sha384, sha512
  }

  /// The curves of OpenSSH's ECDSA keys.
  package enum Curve: String, Sendable {
    case p256 = "prime256v1"
    case p384 = "secp384r1"
    case p521 = "secp521r1"
  }

  /// The numbers of an RSA key, each big-endian.
  package struct RSANumbers: Sendable {
    package var modulus, publicExponent, privateExponent, firstPrime, secondPrime: [UInt8]

    package init(
      modulus: [UInt8],
      publicExponent: [UInt8],
      privateExponent: [UInt8],
      firstPrime: [UInt8],
      secondPrime: [UInt8]
    ) {
      self.modulus = modulus
      self.publicExponent = publicExponent
      self.privateExponent = privateExponent
      self.firstPrime = firstPrime
      self.secondPrime = secondPrime
    }
  }

  private let key: OpaquePointer

  private init?(_ key: OpaquePointer?) {
    guard let key else { return nil }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// An Ed25519 key from its seed of 32 bytes.
  package convenience init?(ed25519Seed seed: [UInt8]) {
    self.init(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count))
  }

  /// An ECDSA key from its curve, its public point (uncompressed) and its secret number (big-endian).
  package convenience init?(curve: Curve, point: [UInt8], scalar: [UInt8]) {
    self.init(
      KeyNumbers.makeKey("EC") { numbers in
        numbers.add(OSSL_PKEY_PARAM_GROUP_NAME, text: curve.rawValue)
        numbers.add(OSSL_PKEY_PARAM_PUB_KEY, bytes: point)
        numbers.add(OSSL_PKEY_PARAM_PRIV_KEY, number: scalar)
      }
    )
  }

  /// An RSA key from its numbers.
  package convenience init?(rsa: RSANumbers) {
    self.init(
      KeyNumbers.makeKey("RSA") { numbers in
        numbers.add(OSSL_PKEY_PARAM_RSA_N, number: rsa.modulus)
        numbers.add(OSSL_PKEY_PARAM_RSA_E, number: rsa.publicExponent)
        numbers.add(OSSL_PKEY_PARAM_RSA_D, number: rsa.privateExponent)
        numbers.add(String(cString: opsh_rsa_factor1), number: rsa.firstPrime)
        numbers.add(String(cString: opsh_rsa_factor2), number: rsa.secondPrime)
      }
    )
  }

  /// Signs a message; nil when libcrypto refuses.
  ///
  /// Ed25519 takes no hash. An ECDSA signature is DER (see `ECDSASignature`), an RSA one PKCS #1 v1.5.
  package func sign(_ message: UnsafeRawBufferPointer, hash: Hash?) -> [UInt8]? {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestSignInit(context, nil, hash.map(\.method), nil, key) == 1 else { return nil }
    let bytes = message.bindMemory(to: UInt8.self).baseAddress
    var length = 0
    guard EVP_DigestSign(context, nil, &length, bytes, message.count) == 1 else { return nil }
    var signature = [UInt8](repeating: 0, count: length)
    guard EVP_DigestSign(context, &signature, &length, bytes, message.count) == 1 else { return nil }
    return Array(signature[..<length])
  }
}

extension SigningKey.Hash {
  fileprivate var method: OpaquePointer {
    switch self {
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    case .sha512: EVP_sha512()
    }
  }
}
