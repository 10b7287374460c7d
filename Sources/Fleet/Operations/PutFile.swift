import HostScript
package import PrimitiveKit

import struct Foundation.Data

/// Puts one file on one host, whole or not at all, and keeps what else the file it replaces has: mode, owner, ACL.
///
/// A link is followed. What has several names (hard links) is not replaced, nor what is no regular file.
package struct PutFile: Operation {
  package typealias Outcome = PutOutcome
  package static let kind = "host.put"

  package let host: HostAddress
  package let path: HostPath
  /// Permission bits; nil keeps those of the file that is there, and gives a new one 0644.
  package let mode: Int?
  /// The content, which a journal does not hold; nil in what earlier versions wrote down.
  package let content: SealedText?
  // The content as earlier versions wrote it down, in base64.
  private let encoded: InternedText?

  package init(host: HostAddress, path: HostPath, content: SealedText, mode: Int?) {
    self.host = host
    self.path = path
    self.mode = mode
    self.content = content
    encoded = nil
  }

  private var earlier: [UInt8] { encoded.flatMap { Data(base64Encoded: $0.text).map(Array.init) } ?? [] }
  package var target: OperationTarget { .file(path.plain, host: host.name) }
  package var effect: Effect { .changes }
  package var summary: String {
    let bits = mode.map { " (mode \(String($0, radix: 8)))" } ?? ""
    return "put \(content?.words ?? earlier.count.counted("byte")) at \(path)\(bits) on \(host.name)"
  }

  package func comment(on predicted: PutOutcome) -> String? { predicted.change }

  /// The SHA-256 of the content, in hex; a keyed digest where not everybody may know it.
  package var digest: String { content?.contentDigest ?? SHA256(hashing: earlier).hex }

  private var isSecret: Bool { content?.secret != nil }

  /// What lies there now is part of the plan: one that is applied after somebody changed it is refused.
  package func predict(in world: World) async throws(CallFailure) -> Prediction<PutOutcome> {
    if let left = world.predicted?.fact(PutOutcome.self, of: file) {
      let before = PutOutcome.Before(digest: left.digest, mode: left.mode, owner: left.before?.owner)
      let mode = self.mode.map { FileMode($0).text } ?? left.mode
      return .exact(PutOutcome(digest: digest, mode: mode, before: before))
    }
    let found = try replaceable(try await look(in: world))
    let mode = FileMode(self.mode ?? found.mode ?? newMode).text
    guard found.kind == .file else { return .exact(PutOutcome(digest: digest, mode: mode)) }
    let before = PutOutcome.Before(
      digest: try await kept(found, in: world),
      mode: found.mode.map { FileMode($0).text },
      owner: found.owner,
      bytes: found.bytes,
      link: HostPath(found.path).argument == path.argument ? nil : found.path
    )
    return .exact(PutOutcome(digest: digest, mode: mode, before: before))
  }

  private var file: PredictedWorld.Thing { .host(host.name, part: "file \(path.plain)") }

  /// What lies there decides whether it is replaced at all, and whose mode is kept.
  package var restsOn: [PredictedWorld.Thing] { [file] }

  package func leave(_ outcome: PutOutcome?, in world: PredictedWorld, why: String) {
    if let outcome { world.set(outcome, of: file) } else { world.lose(file, why: why) }
  }

  package static func agree(_ predicted: PutOutcome, _ actual: PutOutcome) -> Bool {
    predicted.digest == actual.digest
      && (predicted.mode == actual.mode || predicted.mode == nil || actual.mode == nil)
  }

  package func perform(in world: World) async throws(CallFailure) -> PutOutcome {
    do {
      try await put(in: world)
    } catch {
      throw CallFailure(anyError: error)
    }
    let seen: Probe<PutOutcome>
    do throws(CallFailure) {
      seen = try await probe(in: world)
    } catch {
      throw error.afterChange
    }
    guard case .done(let outcome) = seen else { throw rejected("reading it back returned something else") }
    return outcome
  }

  // SFTP knows nothing of locks and makes a new file. The host is asked before, to send nothing in vain, and takes the file
  // to its place itself, alone with its epoch: whoever was stopped in between replaces nothing once another has taken over.
  private func put(in world: World) async throws {
    let calls = HostCalls(runtime: try Runtime.core(), world: world, host: host)
    let found = try replaceable(try await look(in: world))
    if let ticket = world.ticket, ticket.epoch != nil { _ = try await calls.read(["epoch"] + ticket.lease) }
    // The same again when it is sent again.
    let token = world.ticket?.token ?? "put-\(digest.prefix(16))"
    let staged = HostPath(found.path).beside(String(SHA256(hashing: token.utf8).hex.prefix(12)))
    let bytes = try await content?.open(in: world, for: summary) ?? earlier
    do throws(TransportError) {
      try await world.service(Hosts.self).put(FileUpload(path: staged, content: bytes, mode: 0o600), on: host)
    } catch {
      guard case .rejected(_, _, let reason) = error else { throw error }
      throw rejected(PutFile.plain(reason, without: staged))
    }
    var place = [
      "place", "--from", staged.argument, "--to", path.argument, "--wait", "\(HostCalls.patience)",
    ]
    let bits = mode ?? (isSecret && found.kind == .none ? newMode : nil)
    if let bits { place += ["--bits", String(bits, radix: 8)] }
    do throws(CallFailure) {
      _ = try await calls.tell(
        place + (world.ticket?.arguments ?? ["--run", token]),
        timeout: .seconds(30 + HostCalls.patience)
      )
    } catch {
      guard HostFault(error.code).isOfPlacement else { throw error }
      throw rejected(error.reason(on: host.name))
    }
  }

  /// A reason in which nobody reads of the file that the content was to be written to first.
  private static func plain(_ reason: String, without staged: HostPath) -> String {
    guard let name = staged.plain.split(separator: "/").last, reason.contains(name) else { return reason }
    let last = reason.split(separator: "\n").first?.components(separatedBy: ": ").last ?? reason
    return last.contains(name) ? "it could not be written" : last
  }

  private func rejected(_ reason: String) -> CallFailure {
    CallFailure(TransportError.rejected(host: host.name, path: path.plain, reason: reason))
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<PutOutcome> {
    let found = try await look(in: world)
    guard try await isSame(found, in: world), mode == nil || found.mode == mode else { return .notDone }
    return .done(PutOutcome(digest: digest, mode: found.mode.map { FileMode($0).text }))
  }

  /// What lies there now, as the host says it.
  private func look(in world: World) async throws(CallFailure) -> HostFile {
    let calls = HostCalls(runtime: try Runtime.core(), world: world, host: host)
    let lines: [HostLine]
    do throws(CallFailure) {
      let recorded = PutFile.concealing(with: try? await world.service(Secrets.self).key(), always: isPrivate)
      lines = try await calls.read(["look", "--to", path.argument], timeout: .seconds(60), recorded: recorded)
    } catch {
      guard HostFault(error.code).isOfPlacement else { throw error }
      throw rejected(error.reason(on: host.name))
    }
    guard let line = lines.first(where: { $0.kind == .host }) else {
      throw CallFailure(FleetError.badHostAnswer(host: host.name, text: "nothing about \(path)"))
    }
    do {
      return try HostFile(line)
    } catch {
      throw CallFailure(error)
    }
  }

  /// Throws why what lies there is not replaced; the host says the same of what came there since.
  private func replaceable(_ found: HostFile) throws(CallFailure) -> HostFile {
    switch found.kind {
    case .none: return found
    case .directory: throw rejected("a directory is there")
    case .other: throw rejected("it is not a regular file")
    case .file where found.links > 1:
      throw rejected("the file has \(found.links) names (hard links); the others would keep the old content")
    case .file:
      // A mode that was given is the operator's word.
      guard isSecret, mode == nil, let bits = found.mode, bits & 0o077 != 0 else { return found }
      throw rejected(
        "others may open the file that is there (mode \(FileMode(bits).text)), and a secret goes there only with a `mode`"
      )
    }
  }

  /// Permission bits of a file that was not there.
  private var newMode: Int { isSecret ? 0o600 : 0o644 }

  /// The content that was there before is not kept.
  package func inverse(of outcome: PutOutcome) -> (any Operation)? { nil }
}
