import HostScript
package import PrimitiveKit

import struct Foundation.Data

/// Puts one file on one host, whole or not at all.
package struct PutFile: Operation {
  package typealias Outcome = PutOutcome
  package static let kind = "host.put"

  package let host: HostAddress
  package let path: String
  /// Permission bits.
  package let mode: Int
  /// In base64, for a file need not be text.
  private let encoded: InternedText

  package init(host: HostAddress, path: String, content: [UInt8], mode: Int) {
    self.host = host
    self.path = path
    self.mode = mode
    encoded = InternedText(Data(content).base64EncodedString())
  }

  package var content: [UInt8] { Data(base64Encoded: encoded.text).map(Array.init) ?? [] }
  package var target: OperationTarget { .file(path, host: host.name) }
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

  // SFTP knows nothing of epochs. The host is asked before, to send nothing in vain, and takes the file to its place
  // itself: whoever is stopped in between and goes on when somebody else has taken over replaces nothing.
  private func put(in world: World) async throws {
    guard let ticket = world.ticket, let epoch = ticket.epoch else {
      return try await world.service(Hosts.self).put(FileUpload(path: path, content: content, mode: mode), on: host)
    }
    try await tell(HostScript.epochCheck(epoch), .reads, in: world)
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    // In the same directory, for the rename; the same again when it is sent again. A long name is cut to fit (NAME_MAX).
    let staged =
      "\(path[..<slash]).\(path[slash...].prefix(50)).opsh-\(SHA256(hashing: ticket.token.utf8).hex.prefix(12))"
    try await world.service(Hosts.self).put(FileUpload(path: staged, content: content, mode: mode), on: host)
    try await tell(HostScript.placement(of: staged, at: path, epoch: epoch), .changes, in: world)
  }

  private func tell(_ words: [String], _ effect: Effect, in world: World) async throws {
    let request = CommandRequest(line: ShellQuote.line(words), timeout: .seconds(30), effect: effect)
    let result = try await world.service(Hosts.self).execute(request, on: host)
    if result.status == Int(HostScript.staleStatus) { throw FleetError.staleEpoch(host: host.name) }
    if effect == .changes, result.status != 0 {
      let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self).split(separator: "\n").last.map(
        String.init
      )
      throw rejected(said ?? "status \(result.status ?? -1)")
    }
  }

  private func rejected(_ reason: String) -> CallFailure {
    CallFailure(TransportError.rejected(host: host.name, path: path, reason: reason))
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<PutOutcome> {
    try await found(in: world) == digest ? .done(PutOutcome(digest: digest)) : .notDone
  }

  /// The SHA-256 of what lies there; nil when nothing does.
  private func found(in world: World) async throws(CallFailure) -> String? {
    let request = CommandRequest(
      line: "sha256sum < \(ShellQuote.word(path)) 2>/dev/null",
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
