import Foundations
import PrimitiveKit
import Site

import struct Foundation.Date

/// A number that hosts are asked for with one command each.
struct HostProbe: Sendable {
  /// POSIX sh that only looks.
  let command: String
  /// An answer that takes longer is asked for again, and the quickest counts: the first one may wait for a connection.
  var patience: Duration?
  /// Reads what it printed; `asked` are the moments of our clock between which it ran, in seconds since 1970.
  let read: @Sendable (_ output: String, _ asked: ClosedRange<Double>) -> Measured

  /// Hosts that are asked at once by one check.
  static let limit = 64
  /// What a host may answer, in bytes; more is no answer.
  static let outputLimit = 64 << 10

  /// One measurement for each host; a host that does not answer is UNKNOWN.
  func measure(_ hosts: [Host], _ call: CheckCall) async -> [Measured] {
    // A host that is late must not take the others, which were in time, past the deadline.
    let (surroundings, timeout) = (call.surroundings, call.deadline * 0.8)
    let addresses = hosts.map { $0.hostAddress(defaultUser: LoginName.current) }
    return await addresses.concurrentMap(limit: HostProbe.limit) { host in
      var measured = await surroundings.hostTurns.taking(host.name) { await ask(host, surroundings.world, timeout) }
      measured.subject = host.name
      return measured
    }
  }

  private func ask(_ host: HostAddress, _ world: World, _ timeout: Duration) async -> Measured {
    let elapsed = world.clock.stopwatch()
    var best = await once(host, world, timeout)
    guard let patience else { return best.measured }
    for _ in 1...2 {
      // What is asked again must end in time, too.
      let (gone, length) = (elapsed(), Duration.seconds(best.seconds))
      guard best.isAnswer, length > patience, gone + length < timeout else { break }
      let next = await once(host, world, timeout - gone)
      if next.isAnswer, next.seconds < best.seconds { best = next }
    }
    return best.measured
  }

  /// What a host said, and how long that took by our clock.
  private struct Answer {
    var measured: Measured
    var seconds = 0.0
    var isAnswer = false
  }

  private func once(_ host: HostAddress, _ world: World, _ timeout: Duration) async -> Answer {
    let start = world.now().timeIntervalSince1970
    var request = CommandRequest(
      line: command,
      timeout: timeout,
      effect: .reads,
      outputLimit: HostProbe.outputLimit
    )
    request.endsThere = true
    let result: CommandResult
    do throws(TransportError) {
      result = try await world.service(Hosts.self).execute(request, on: host)
    } catch {
      return Answer(measured: Measured(nil, note: error.message))
    }
    guard result.status == 0 else {
      let said = String(decoding: result.errorOutput.prefix(200), as: UTF8.self).split(whereSeparator: \.isNewline)
      let ending = result.status.map { "exited with status \($0)" } ?? "was ended by signal \(result.signal ?? "?")"
      return Answer(measured: Measured(nil, note: "the command \(ending)" + (said.first.map { ": \($0)" } ?? "")))
    }
    guard result.dropped == 0 else {
      return Answer(measured: Measured(nil, note: "the answer is too long to be read whole"))
    }
    let end = max(start, world.now().timeIntervalSince1970)
    let measured = read(String(decoding: result.output, as: UTF8.self), start...end)
    return Answer(measured: measured, seconds: end - start, isAnswer: true)
  }
}

extension Surroundings {
  /// Every host of the site; throws `site.missing` without a site.
  func allHosts() throws(CallFailure) -> [Host] {
    guard let site else {
      throw CallFailure(
        .invalid,
        code: "site.missing",
        message: "opsh runs without a site, so there are no hosts to check",
        hint: "name one with `--site FILE` or $OPSH_SITE"
      )
    }
    return site.hosts
  }
}
