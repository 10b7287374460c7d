/// Reads the secrets of the site from where they live.
package protocol SecretReader: Sendable {
  /// The digests of a secret; its value is read and not handed out.
  ///
  /// Throws `secret.*`, which says where the secret lives and what is wrong there.
  func seal(_ secret: Secret) async throws(CallFailure) -> SealedSecret
  /// The value; only a change may ask, when nothing is left but to use it.
  ///
  /// Throws `secret.*`.
  func open(_ secret: Secret) async throws(CallFailure) -> OpenSecret
  /// Where each secret lives, in the order of their names; no program is run for it.
  func list() async throws(CallFailure) -> [SecretReport]
  /// The names of the secrets, in order; nil where nobody can tell.
  var names: [String]? { get }
  /// The key of all digests; throws `secret.key`.
  func key() async throws(CallFailure) -> DigestKey
}

extension SecretReader {
  /// The value that was sealed; throws `secret.changed` when it is another by now, and `secret.*`.
  package func open(_ sealed: SealedSecret) async throws(CallFailure) -> OpenSecret {
    let open = try await open(sealed.secret)
    let now = SealedSecret(open, key: try await key())
    guard now == sealed else {
      throw CallFailure(
        .refused,
        code: "secret.changed",
        message: "\(sealed.secret) is not what it was when this was planned; nothing was done with it",
        hint: "plan again: the new value is used then"
      )
    }
    return open
  }
}

/// The secrets of the site, of whose values a recording holds keyed digests and nothing else.
package enum Secrets: Service {
  package typealias Form = any SecretReader

  package static let name = "secrets"

  package static func reading(_ live: any SecretReader) -> any SecretReader { ReadingSecrets(base: live) }
  package static func recording(_ live: any SecretReader, in log: RecordingLog) -> any SecretReader {
    RecordingSecrets(base: live, log: log)
  }
  package static func replaying(_ log: ReplayLog) -> any SecretReader { ReplaySecrets(log: log) }
  package static var absent: any SecretReader { NoSecrets() }

  fileprivate static func question(_ secret: Secret) -> ReadQuestion {
    ReadQuestion(of: "local", summary: "digest of \(secret)", parts: ["name": Array(secret.name.utf8)])
  }

  fileprivate static func closed(_ secret: Secret) -> CallFailure {
    CallFailure(.refused, code: "secret.read_only", message: "a dry run does not open \(secret)")
  }
}

private struct ReadingSecrets: SecretReader {
  let base: any SecretReader

  func seal(_ secret: Secret) async throws(CallFailure) -> SealedSecret { try await base.seal(secret) }
  func open(_ secret: Secret) async throws(CallFailure) -> OpenSecret { throw Secrets.closed(secret) }
  func list() async throws(CallFailure) -> [SecretReport] { try await base.list() }
  var names: [String]? { base.names }
  func key() async throws(CallFailure) -> DigestKey { try await base.key() }
}

/// The digests of a secret, or why there are none.
private struct SecretAnswer: RecordedAnswer {
  var sealed: SealedSecret?
  var failure: CallFailure?

  func masked(by masks: Masks) -> SecretAnswer { self }
}

private struct RecordingSecrets: SecretReader {
  let base: any SecretReader
  let log: RecordingLog

  func seal(_ secret: Secret) async throws(CallFailure) -> SealedSecret {
    let place = log.ask(Secrets.question(secret), of: Secrets.self)
    do throws(CallFailure) {
      let sealed = try await base.seal(secret)
      log.answer(place, SecretAnswer(sealed: sealed))
      return sealed
    } catch {
      if !error.isGivenUp { log.answer(place, SecretAnswer(failure: error)) }
      throw error
    }
  }

  func open(_ secret: Secret) async throws(CallFailure) -> OpenSecret { try await base.open(secret) }
  // What lies where on this machine is nobody's business who replays a plan.
  func list() async throws(CallFailure) -> [SecretReport] { try await base.list() }
  var names: [String]? { base.names }
  func key() async throws(CallFailure) -> DigestKey { try await base.key() }
}

private struct ReplaySecrets: SecretReader {
  let log: ReplayLog

  func seal(_ secret: Secret) async throws(CallFailure) -> SealedSecret {
    let answer: SecretAnswer
    do throws(MissingRead) {
      answer = try log.answer(to: Secrets.question(secret), of: Secrets.self)
    } catch {
      throw CallFailure(error)
    }
    if let failure = answer.failure { throw failure }
    guard let sealed = answer.sealed else {
      throw CallFailure(.invalid, code: "recording.missing", message: "the recording has no digest of \(secret)")
    }
    return sealed
  }

  func open(_ secret: Secret) async throws(CallFailure) -> OpenSecret { throw Secrets.closed(secret) }
  func list() async throws(CallFailure) -> [SecretReport] { [] }
  var names: [String]? { nil }
  // Nobody keeps a digest of a replay.
  func key() async throws(CallFailure) -> DigestKey { DigestKey(Array(log.masks.salt.utf8)) }
}

/// A world without secrets, in which other texts are sealed all the same.
private struct NoSecrets: SecretReader {
  private func absent(_ secret: Secret) -> CallFailure {
    CallFailure(.unavailable, code: "secret.absent", message: "\(secret) cannot be read: this world has no secrets")
  }

  func seal(_ secret: Secret) async throws(CallFailure) -> SealedSecret { throw absent(secret) }
  func open(_ secret: Secret) async throws(CallFailure) -> OpenSecret { throw absent(secret) }
  func list() async throws(CallFailure) -> [SecretReport] { [] }
  var names: [String]? { [] }
  func key() async throws(CallFailure) -> DigestKey { DigestKey([]) }
}

extension Run {
  /// Lets a run that holds keyed digests continue only under the key that made them: under another one a change that was
  /// done would look like a new one.
  ///
  /// Throws `secret.key` and `journal.*`.
  package func keepDigestKey() async throws(CallFailure) {
    let own = try await world.service(Secrets.self).key().id
    let first = try await fact("key of digests") { () throws(CallFailure) in own }
    guard first == own else {
      throw CallFailure(
        .refused,
        code: "secret.key",
        message: "this run began with the digest key of another machine, so what it has done cannot be told here",
        hint: "resume it where it began, or copy opsh/digest.key from the state directory there"
      )
    }
  }
}
