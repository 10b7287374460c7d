import Cryptography

/// What known_hosts says about one server, and the verdict on the key it offers.
struct HostTrust: Sendable {
  let entries: [KnownHosts.Entry]
  let files: [String]

  /// The key types to ask for, best first: those that are known, then the rest.
  ///
  /// libssh2 would take ECDSA before Ed25519, so that a known host looked changed.
  var preference: [String] {
    let supported = [
      "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "rsa-sha2-512",
      "rsa-sha2-256",
      "ssh-rsa",
    ]
    // An RSA key goes under three names, by its signature; known_hosts has the first of them.
    let types = trusted.map(\.type)
    let known = Set(types + (types.contains("ssh-rsa") ? ["rsa-sha2-512", "rsa-sha2-256"] : []))
    return supported.filter(known.contains) + supported.filter { !known.contains($0) }
  }

  /// Throws unless exactly this key is trusted.
  ///
  /// `server` and `verifiable` are the types of key that the server has and this build can verify, for the message.
  func check(
    _ key: [UInt8],
    of endpoint: SSHEndpoint,
    server: [String] = [],
    verifiable: [String] = []
  ) throws(SSHError) {
    var reader = SSHReader(key)
    let type = reader.text() ?? "unknown"
    var offered = HostKeyOffer(type: type, fingerprint: Self.fingerprint(key))
    offered.key = Base64.encode(key)
    if let revoked = entries.first(where: { $0.isRevoked && $0.key == key }) {
      throw .hostKeyRevoked(endpoint, offered: offered, known: revoked.place)
    }
    if trusted.contains(where: { $0.key == key }) { return }
    if let known = trusted.first(where: { $0.type == type }) {
      throw .hostKeyChanged(endpoint, offered: offered, known: known.place)
    }
    // The known types were asked for first, so the server has none of them, or none in a form that can be verified. A key of
    // a type that is not listed is no better than an unknown one.
    if !trusted.isEmpty {
      throw .hostKeyTypeUnknown(
        endpoint,
        offered: offered,
        known: trusted.map { KnownKey(type: $0.type, place: $0.place) },
        server: server,
        verifiable: verifiable
      )
    }
    let authority = entries.first { $0.isAuthority && !$0.isRevoked }
    throw .hostKeyUnknown(endpoint, offered: offered, files: files, authority: authority?.place)
  }

  /// The keys that are the server's own.
  private var trusted: [KnownHosts.Entry] { entries.filter { !$0.isRevoked && !$0.isAuthority } }

  private static func fingerprint(_ key: [UInt8]) -> String {
    "SHA256:" + Base64.encode(Digest.sha256(key), padded: false)
  }
}
