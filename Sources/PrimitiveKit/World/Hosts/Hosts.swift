package import struct Foundation.Date

/// The hosts of the site: commands there, and files put there.
package enum Hosts: Service {
  package typealias Form = any Transport

  package static let name = "hosts"

  package static func reading(_ live: any Transport) -> any Transport { ReadingTransport(base: live) }
  package static func recording(_ live: any Transport, in log: RecordingLog) -> any Transport {
    RecordingTransport(base: live, log: log)
  }
  package static func replaying(_ log: ReplayLog) -> any Transport { ReplayTransport(log: log) }
  package static var absent: any Transport { NoTransport() }

  package static func missing(_ nearest: NearestRead) -> String {
    switch nearest {
    case .noSubject: "no read of this host was recorded"
    case .changed(let parts) where parts == ["input"]:
      "the command was recorded with another input: the host script or the text sent with it has changed"
    case .noQuestion, .changed: "this command was not recorded"
    }
  }

  /// What tells one read of a host from another: the command line, and its input, which for most is the host script.
  static func question(_ request: CommandRequest, _ host: HostAddress) -> ReadQuestion {
    ReadQuestion(
      of: host.name,
      summary: request.line,
      parts: ["command": Array(request.line.utf8), "input": request.input]
    )
  }
}

/// Lets reads through and refuses everything else.
///
/// The second lock on the door of a dry run: operations predict, and what slips past them stops here.
private struct ReadingTransport: Transport {
  let base: any Transport

  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    guard request.effect == .reads else { throw .readOnly(host: host.name, command: request.line) }
    return try await base.execute(request, on: host)
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .readOnly(host: host.name, command: "write \(file.path)")
  }
}

/// Passes everything on and keeps what hosts answered to reads.
private struct RecordingTransport: Transport {
  let base: any Transport
  let log: RecordingLog

  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    guard request.effect == .reads else { return try await base.execute(request, on: host) }
    let place = log.ask(Hosts.question(request, host), of: Hosts.self)
    do throws(TransportError) {
      let result = try await base.execute(request, on: host)
      var kept = result
      if let recorded = request.recorded { kept.output = recorded(kept.output) }
      log.answer(place, HostAnswer(kept))
      return result
    } catch {
      log.answer(place, HostAnswer(error))
      throw error
    }
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) { try await base.put(file, on: host) }
}

/// Answers reads from a recording and refuses everything else: no host is reached.
private struct ReplayTransport: Transport {
  let log: ReplayLog

  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    guard request.effect == .reads else { throw .readOnly(host: host.name, command: request.line) }
    let answer: HostAnswer
    do throws(MissingRead) {
      answer = try log.answer(to: Hosts.question(request, host), of: Hosts.self)
    } catch {
      throw .notRecorded(host: host.name, command: error.summary, why: error.why, hint: error.advice)
    }
    let result = try answer.replay(host: host.name)
    if let onLine = request.onLine {
      for line in result.output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast(
        result.output.last == UInt8(ascii: "\n") || result.output.isEmpty ? 1 : 0
      ) { onLine(String(decoding: line, as: UTF8.self)) }
    }
    return result
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .readOnly(host: host.name, command: "write \(file.path)")
  }
}

/// A world without hosts.
private struct NoTransport: Transport {
  func execute(_ request: CommandRequest, on host: HostAddress) async throws(TransportError) -> CommandResult {
    throw .unreachable(host: host.name, reason: "this world has no hosts", hint: nil)
  }

  func put(_ file: FileUpload, on host: HostAddress) async throws(TransportError) {
    throw .unreachable(host: host.name, reason: "this world has no hosts", hint: nil)
  }
}

extension World {
  /// A world whose only service is hosts.
  package init(
    mode: Mode,
    clock: any Clock<Duration>,
    now: @escaping @Sendable () -> Date,
    drawSeed: @escaping @Sendable () -> UInt64,
    transport: any Transport
  ) {
    let services = Services().with(Hosts.self, transport)
    self.init(mode: mode, clock: clock, now: now, drawSeed: drawSeed, services: services)
  }
}
