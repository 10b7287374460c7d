import Foundations
package import PrimitiveKit
package import SSH

/// Reaches hosts over SSH with one client for the whole process.
package struct SSHTransport: Transport {
  private let client: SSHClient

  package init(client: SSHClient) { self.client = client }

  package func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    let lines = request.onLine.map { LineSplitter(sink: $0) }
    var command = SSHCommand(
      LoginLine.line(request.lineThere),
      stdin: request.input,
      timeout: request.timeout,
      outputLimit: request.outputLimit
    )
    if let mark = request.mark {
      let end = "opsh-end-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
      command.endMark = end
      command.line = LoginLine.watched(request.lineThere, end: end, mark: mark)
    }
    if let lines {
      command.onOutput = { stream, bytes in
        if stream == .stdout { lines.feed(bytes) }
      }
    }
    do throws(SSHError) {
      let result = try await client.execute(command, on: host.endpoint)
      lines?.finish()
      return CommandResult(result)
    } catch {
      if case .commandTooLong(_, let sent, let limit) = error {
        throw .tooLong(host: host.name, bytes: request.line.utf8.count, limit: limit, sent: sent)
      }
      throw TransportError(error, on: host)
    }
  }

  package func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    do throws(SSHError) {
      let upload = SSHUpload(
        path: file.path,
        content: file.content,
        mode: UInt32(file.mode),
        timeout: .seconds(120)
      )
      try await client.put(upload, on: host.endpoint)
    } catch {
      throw TransportError(error, on: host, path: file.path.plain)
    }
  }
}

extension HostAddress {
  fileprivate var endpoint: SSHEndpoint {
    SSHEndpoint(address: address, port: UInt16(clamping: port), user: user, name: name)
  }
}

extension CommandResult {
  fileprivate init(_ result: SSHResult) {
    self.init(
      status: result.status.map(Int.init),
      signal: result.flooded ? "too much output" : result.signal,
      output: result.stdout.bytes,
      errorOutput: result.stderr.bytes,
      dropped: result.stdout.dropped + result.stderr.dropped,
      duration: result.duration
    )
    leftRunning = result.leftRunning
  }
}

extension TransportError {
  fileprivate init(_ error: SSHError, on host: HostAddress, path: String? = nil) {
    switch error {
    case .cancelled(_, let effectPossible):
      self = .cancelled(host: host.name, effectPossible: effectPossible)
    case .timedOut(_, let after, true, let got):
      let result = got.map { CommandResult($0) }
      let hasOutput = result?.output.isEmpty == false || result?.errorOutput.isEmpty == false
      self = .timedOut(host: host.name, after: after, got: hasOutput ? result : nil)
    case .diskFull(_, let path):
      self = .rejected(host: host.name, path: path, reason: "the disk is full")
    case .uploadFailed(_, let path, let reason):
      self = .rejected(host: host.name, path: path, reason: reason)
    case .commandTooLong(_, let bytes, let limit):
      self = .tooLong(host: host.name, bytes: bytes, limit: limit)
    case .local(_, let fault):
      self = .local(host: host.name, reason: fault.reason, hint: fault.hint)
    case .knownHostsUnreadable(_, let file, let reason, let hint):
      self = .local(host: host.name, reason: "\(file) cannot be read: \(reason)", hint: hint)
    case .keyFile, .noCredentials, .agent:
      self = .local(host: host.name, reason: error.message, hint: error.hint)
    case _ where error.effectPossible:
      self = .lost(host: host.name, reason: error.message)
    default:
      self = .unreachable(host: host.name, reason: error.message, hint: error.hint)
    }
  }
}
