/// A secret as plans and journals hold it: its name, and keyed digests that show when its value has changed.
package struct SealedSecret: Sendable, Codable, Hashable {
  package let name: String
  /// The keyed digest of name and value.
  package let digest: String
  /// The keyed digest of the value as the content of a file.
  package let content: String

  package init(name: String, digest: String, content: String) {
    (self.name, self.digest, self.content) = (name, digest, content)
  }

  package init(_ open: OpenSecret, key: DigestKey) {
    name = open.secret.name
    let bytes = open.bytes
    digest = key.digest(of: bytes, named: name)
    content = key.keyed(SHA256(hashing: bytes).hex)
  }

  package var secret: Secret { Secret(name) }
}

/// A text that a change is given and a journal never holds: what it holds is a size and a keyed digest, or a secret's name.
package struct SealedText: Sendable, Codable, Equatable {
  /// The keyed digest of the content, or its SHA-256 where everybody may read it; nil for a secret.
  private let digest: String?
  /// Nil for a secret, whose length is nobody's business.
  package let bytes: Int?
  package let secret: SealedSecret?
  /// Nil for a secret, and for what was read from a journal.
  private var given: [UInt8]?

  private enum CodingKeys: String, CodingKey { case digest, bytes, secret }

  /// Without a key the digest is the SHA-256: of what is no secret to anybody.
  package init(_ given: [UInt8], key: DigestKey?) {
    let sha256 = SHA256(hashing: given).hex
    digest = key?.keyed(sha256) ?? sha256
    bytes = given.count
    secret = nil
    self.given = given
  }

  package init(_ secret: SealedSecret) {
    (digest, bytes, given) = (nil, nil, nil)
    self.secret = secret
  }

  /// Two that hold the same, whether or not one of them was read from a journal.
  package static func == (one: SealedText, other: SealedText) -> Bool {
    one.digest == other.digest && one.bytes == other.bytes && one.secret == other.secret
  }

  /// What people read of it: the secret, or how much it is.
  package var words: String { secret?.secret.description ?? (bytes ?? 0).counted("byte") }

  /// The digest of the content, keyed unless everybody may read it.
  package var contentDigest: String { secret?.content ?? digest ?? "" }

  /// The content, a secret's opened; only a change may ask.
  ///
  /// Throws `secret.*`, `secret.changed` when the value is not the one that was planned, and `journal.content` for a text
  /// that was read from a journal.
  package func open(in world: World, for what: String) async throws(CallFailure) -> [UInt8] {
    if let secret { return try await world.service(Secrets.self).open(secret).bytes }
    if let given { return given }
    throw CallFailure(
      .failed,
      code: "journal.content",
      message: "\(what) cannot be repeated: the journal does not hold what it was given",
      hint: "run the script again"
    )
  }
}

extension PrivateText {
  /// The text as a change holds it; of a secret the value is looked at and not kept.
  ///
  /// What `isOpen` to everybody gets a digest without a key, if it is no secret. Throws `secret.*`.
  package func sealed(in world: World, isOpen: Bool = false) async throws(CallFailure) -> SealedText {
    let secrets = world.service(Secrets.self)
    switch self {
    case .bytes(let bytes): return SealedText(bytes, key: isOpen ? nil : try await secrets.key())
    case .secret(let secret): return SealedText(try await secrets.seal(secret))
    }
  }
}
