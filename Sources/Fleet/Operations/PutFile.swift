package import PrimitiveKit

import struct Foundation.Data

/// Puts one file on one host, whole or not at all.
package struct PutFile: Operation {
  package typealias Outcome = String
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

  package func predict(in world: World) async throws(CallFailure) -> Prediction<String> { .exact(digest) }

  package func perform(in world: World) async throws(CallFailure) -> String {
    do {
      try await checkEpoch(in: world)
      try await world.transport.put(FileUpload(path: path, content: content, mode: mode), on: host)
    } catch {
      throw CallFailure(anyError: error)
    }
    guard case .done(let digest) = try await probe(in: world) else {
      throw CallFailure(
        TransportError.rejected(host: host.name, path: path, reason: "reading it back gives something else")
      )
    }
    return digest
  }

  // SFTP knows nothing of epochs, so the host is asked right before.
  private func checkEpoch(in world: World) async throws {
    guard let epoch = world.ticket?.epoch else { return }
    let line = ShellQuote.line(HostScript.epochCheck(epoch))
    let request = CommandRequest(line: line, timeout: .seconds(30), effect: .reads)
    let result = try await world.transport.execute(request, on: host)
    if result.status == Int(HostScript.staleStatus) { throw FleetError.staleEpoch(host: host.name) }
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<String> {
    let request = CommandRequest(
      line: "sha256sum < \(ShellQuote.word(path)) 2>/dev/null",
      timeout: .seconds(60),
      effect: .reads
    )
    do {
      let result = try await world.transport.execute(request, on: host)
      let found = String(decoding: result.output, as: UTF8.self).split(separator: " ").first.map(String.init)
      return found == digest ? .done(digest) : .notDone
    } catch {
      throw CallFailure(error)
    }
  }

  /// The content that was there before is not kept.
  package func inverse(of outcome: String) -> (any Operation)? { nil }
}
