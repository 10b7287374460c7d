import Cryptography

/// A private key in OpenSSH's format (`PROTOCOL.key` in its sources).
struct PrivateKeyFile: Sendable {
  let path: String
  let publicKey: [UInt8]
  let type: KeyType
  /// Nil when the file is encrypted: then only an agent can sign with it.
  let key: SigningKey?

  /// Reads, checks and parses a file.
  ///
  /// Others than the owner must not be able to read it, which is also what `ssh` demands.
  init(path: String) throws(KeyFileError) {
    let file = try FileContent(keyFile: path)
    try self.init(path: path, text: file.bytes)
  }

  init(path: String, text: [UInt8]) throws(KeyFileError) {
    self.path = path
    guard let body = Self.body(of: text), body.starts(with: Self.magic) else {
      throw .unsupported(path: path, reason: "it is not a private key in OpenSSH's format")
    }
    var reader = SSHReader(Array(body.dropFirst(Self.magic.count)))
    guard let cipher = reader.text(), reader.string() != nil, reader.string() != nil, reader.uint32() == 1,
      let publicKey = reader.string(), let secrets = reader.string()
    else { throw .unsupported(path: path, reason: "it is damaged") }
    guard let type = KeyType(publicKey: publicKey) else {
      throw .unsupported(path: path, reason: "its type is not Ed25519, ECDSA or RSA")
    }
    self.publicKey = publicKey
    self.type = type
    if cipher != "none" {
      key = nil
    } else if let key = Self.key(type, secrets) {
      self.key = key
    } else {
      throw .unsupported(path: path, reason: "it is damaged")
    }
  }

  private static let magic = Array("openssh-key-v1\0".utf8)

  private static func body(of text: [UInt8]) -> [UInt8]? {
    let lines = text.split { $0 == 0x0A || $0 == 0x0D }
    guard let first = lines.firstIndex(where: { $0.elementsEqual("-----BEGIN OPENSSH PRIVATE KEY-----".utf8) }),
      let last = lines[first...].firstIndex(where: { $0.elementsEqual("-----END OPENSSH PRIVATE KEY-----".utf8) })
    else { return nil }
    return Base64.decode(lines[(first + 1)..<last].joined())
  }

  private static func key(_ type: KeyType, _ secrets: [UInt8]) -> SigningKey? {
    var reader = SSHReader(secrets)
    guard let check = reader.uint32(), check == reader.uint32(), reader.text() == type.rawValue else { return nil }
    switch type {
    case .ed25519:
      guard reader.string() != nil, let pair = reader.string(), pair.count == 64 else { return nil }
      return SigningKey(ed25519Seed: Array(pair.prefix(32)))
    case .p256, .p384, .p521:
      guard let curve = type.curve, reader.string() != nil, let point = reader.string(), let scalar = reader.string()
      else { return nil }
      return SigningKey(curve: curve, point: point, scalar: scalar)
    case .rsa:
      guard let modulus = reader.string(), let publicExponent = reader.string(),
        let privateExponent = reader.string(), reader.string() != nil,
        let firstPrime = reader.string(), let secondPrime = reader.string()
      else { return nil }
      return SigningKey(
        rsa: .init(
          modulus: modulus,
          publicExponent: publicExponent,
          privateExponent: privateExponent,
          firstPrime: firstPrime,
          secondPrime: secondPrime
        )
      )
    }
  }
}
