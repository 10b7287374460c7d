package import PrimitiveKit

/// Appends each head to a file of a host, which is best one that only takes lines (`chattr +a`).
package struct HostFileSink: HeadSink {
  private let transport: any Transport
  private let host: HostAddress
  private let path: HostPath

  /// `transport` reaches the host.
  package init(host: HostAddress, path: HostPath, transport: any Transport) {
    self.host = host
    self.path = path
    self.transport = transport
  }

  package var name: String { "\(host.name):\(path)" }

  package func send(_ line: String) async throws(CallFailure) {
    // One short write to the end: lines of two machines do not mix.
    let request = CommandRequest(
      line: "umask 077; cat >> \(path.word) && { sync \(path.word) 2>/dev/null || sync; }",
      input: Array("\(line)\n".utf8),
      timeout: .seconds(10),
      effect: .changes
    )
    let result: CommandResult
    do throws(TransportError) {
      result = try await transport.execute(request, on: host)
    } catch {
      throw CallFailure.auditSink(name, CallFailure(error).message)
    }
    guard result.status == 0 else {
      let said = String(decoding: result.errorOutput, as: UTF8.self).split(separator: "\n").last
      throw CallFailure.auditSink(name, said.map { String($0.prefix(200)) } ?? "it could not be written")
    }
  }
}
