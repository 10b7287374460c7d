import Cryptography

/// What known_hosts says about one server, and the verdict on the key it offers.
struct HostTrust: Sendable {
  let entries: [KnownHosts.Entry]
  let files: [String]

  /// The key types to ask for, best first: those that are known, then the rest.
  ///
  /// libssh2 would take ECDSA before Ed25519, so that a known host looked changed.
  var preference: [String] {
    let supported = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"]
    let known = Set(entries.filter { !$0.isRevoked }.map(\.type))
    return supported.filter(known.contains) + supported.filter { !known.contains($0) }
  }

  /// Throws unless exactly this key is trusted.
  func check(_ key: [UInt8], of endpoint: SSHEndpoint) throws(SSHError) {
    var reader = SSHReader(key)
    let type = reader.text() ?? "unknown"
    let offered = HostKeyOffer(type: type, fingerprint: Self.fingerprint(key))
    if let revoked = entries.first(where: { $0.isRevoked && $0.key == key }) {
      throw .hostKeyRevoked(endpoint, offered: offered, known: revoked.place)
    }
    let trusted = entries.filter { !$0.isRevoked }
    if trusted.contains(where: { $0.key == key }) { return }
    // A key of a type nobody has listed is no better than a changed one: the known type was asked for first.
    if let known = trusted.first(where: { $0.type == type }) ?? trusted.first {
      throw .hostKeyChanged(endpoint, offered: offered, known: known.place)
    }
    throw .hostKeyUnknown(endpoint, offered: offered, files: files)
  }

  private static func fingerprint(_ key: [UInt8]) -> String {
    "SHA256:" + Base64.encode(Digest.sha256(key), padded: false)
  }
}
