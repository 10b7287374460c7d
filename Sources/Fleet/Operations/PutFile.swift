import HostScript
package import PrimitiveKit

import struct Foundation.Data

/// Puts one file on one host, whole or not at all.
package struct PutFile: Operation {
  package typealias Outcome = PutOutcome
  package static let kind = "host.put"

  package let host: HostAddress
  package let path: HostPath
  /// Permission bits.
  package let mode: Int
  /// In base64, for a file need not be text.
  private let encoded: InternedText

  package init(host: HostAddress, path: HostPath, content: [UInt8], mode: Int) {
    self.host = host
    self.path = path
    self.mode = mode
    encoded = InternedText(Data(content).base64EncodedString())
  }

  package var content: [UInt8] { Data(base64Encoded: encoded.text).map(Array.init) ?? [] }
  package var target: OperationTarget { .file(path.plain, host: host.name) }
  package var effect: Effect { .changes }
  package var summary: String {
    "put \(content.count) bytes at \(path) (mode \(String(mode, radix: 8))) on \(host.name)"
  }

  /// The SHA-256 of the content, in hex.
  package var digest: String { SHA256(hashing: content).hex }

  /// What lies there now is part of the plan: one that is applied after somebody changed it is refused.
  package func predict(in world: World) async throws(CallFailure) -> Prediction<PutOutcome> {
    .exact(PutOutcome(digest: digest, before: try await found(in: world)))
  }

  package static func agree(_ predicted: PutOutcome, _ actual: PutOutcome) -> Bool {
    predicted.digest == actual.digest
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
    guard case .done(let outcome) = seen else { throw rejected("reading it back gives something else") }
    return outcome
  }

  // SFTP knows nothing of locks. The host is asked before, to send nothing in vain, and takes the file to its place itself,
  // alone with its epoch: whoever was stopped in between replaces nothing once another has taken over.
  private func put(in world: World) async throws {
    guard let ticket = world.ticket, ticket.epoch != nil else {
      return try await world.service(Hosts.self).put(FileUpload(path: path, content: content, mode: mode), on: host)
    }
    let calls = HostCalls(runtime: try Runtime.core(), world: world, host: host)
    _ = try await calls.read(["epoch"] + ticket.lease)
    // The same again when it is sent again.
    let staged = path.beside(String(SHA256(hashing: ticket.token.utf8).hex.prefix(12)))
    try await world.service(Hosts.self).put(FileUpload(path: staged, content: content, mode: mode), on: host)
    let place = [
      "place", "--from", staged.argument, "--to", path.argument,
      "--wait", "\(HostCalls.patience)",
    ]
    do throws(CallFailure) {
      _ = try await calls.tell(place + ticket.arguments, timeout: .seconds(30 + HostCalls.patience))
    } catch {
      guard HostFault(error.code).isOfPlacement else { throw error }
      throw rejected(error.reason(on: host.name))
    }
  }

  private func rejected(_ reason: String) -> CallFailure {
    CallFailure(TransportError.rejected(host: host.name, path: path.plain, reason: reason))
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<PutOutcome> {
    try await found(in: world) == digest ? .done(PutOutcome(digest: digest)) : .notDone
  }

  /// The SHA-256 of what lies there; nil when nothing does.
  private func found(in world: World) async throws(CallFailure) -> String? {
    let request = CommandRequest(
      line: "sha256sum < \(path.word) 2>/dev/null",
      timeout: .seconds(60),
      effect: .reads
    )
    do {
      let result = try await world.service(Hosts.self).execute(request, on: host)
      return String(decoding: result.output, as: UTF8.self).split(separator: " ").first.map(String.init)
    } catch {
      throw CallFailure(error)
    }
  }

  /// The content that was there before is not kept.
  package func inverse(of outcome: PutOutcome) -> (any Operation)? { nil }
}
