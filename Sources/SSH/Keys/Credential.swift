import Cryptography

/// One key to log in with.
struct Credential: Sendable {
  /// What messages call it: the path of the file, or the agent's comment.
  let name: String
  /// The public key as it is offered; an RSA key goes under the name of its signature, which SHA-1 no longer is.
  let publicKey: [UInt8]
  let signer: Signer

  enum Signer: Sendable {
    case key(SigningKey, KeyType)
    case agent(SSHAgent, key: [UInt8], KeyType)
  }

  init(name: String, publicKey: [UInt8], type: KeyType, signer: Signer) {
    self.name = name
    self.publicKey = type.offered(publicKey)
    self.signer = signer
  }
}

/// The kinds of user key that work.
enum KeyType: String, Sendable, CaseIterable {
  case ed25519 = "ssh-ed25519"
  case p256 = "ecdsa-sha2-nistp256"
  case p384 = "ecdsa-sha2-nistp384"
  case p521 = "ecdsa-sha2-nistp521"
  case rsa = "ssh-rsa"

  /// The type of a public key in SSH's encoding.
  init?(publicKey: [UInt8]) {
    var reader = SSHReader(publicKey)
    guard let name = reader.text() else { return nil }
    self.init(rawValue: name)
  }

  var hash: SigningKey.Hash? {
    switch self {
    case .ed25519: nil
    case .p256: .sha256
    case .p384: .sha384
    case .p521, .rsa: .sha512
    }
  }

  var curve: SigningKey.Curve? {
    switch self {
    case .p256: .p256
    case .p384: .p384
    case .p521: .p521
    case .ed25519, .rsa: nil
    }
  }

  // libssh2 names the signature after the key; sshd takes the key under either name.
  func offered(_ publicKey: [UInt8]) -> [UInt8] {
    guard self == .rsa else { return publicKey }
    var writer = SSHWriter()
    writer.text("rsa-sha2-512")
    return writer.bytes + publicKey.dropFirst(4 + rawValue.utf8.count)
  }
}
